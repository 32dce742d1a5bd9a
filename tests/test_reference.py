"""The reference pages match the code as it is, and leave nothing out."""

from __future__ import annotations

import re

import pytest

from calibration.register import register
from offramp.reference.diagram import service_names, stages
from offramp.reference.reference import COMMAND, FOLDER, generate
from simulation.measures import MEASURES


@pytest.mark.parametrize("name", sorted(generate()))
def test_a_reference_page_is_made_from_the_code_as_it_stands(name: str) -> None:
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == generate()[name], f"out of date; make it again with: {COMMAND}"


def test_every_parameter_is_listed_with_its_source() -> None:
    page = generate()["parameters.md"]
    for path, parameter in register():
        assert f"**`{path}`**" in page
        assert parameter.source in page


def test_every_measure_is_listed() -> None:
    page = generate()["measures.md"]
    assert all(f"| `{name}` |" in page for name in MEASURES)


def test_the_states_follow_the_life_that_the_journey_tells() -> None:
    found = stages()
    assert "journey.arrested" in found["journey.life"].leads_to
    assert found["journey.arrested"].processes == ["journey.case_in_court"]
    assert "jail.custody" in found["journey.arrested"].leads_to


def test_every_service_with_a_waiting_list_of_its_own_is_in_some_state() -> None:
    drawn = {name for one in stages().values() for name in one.services}
    assert {"fact", "jail", "evaluation", "docket"} <= service_names()
    assert service_names() - drawn <= {"residence"}, "counted in and out by present, not by a stage"


def test_a_chart_names_no_node_that_it_does_not_define() -> None:
    for chart in re.findall(r"```mermaid\n(.*?)```", generate()["states.md"], re.DOTALL)[1:]:
        defined = set(re.findall(r"^  (\w+)[\[(]", chart, re.MULTILINE))
        used = set(re.findall(r"\b(\w+) (?:-->|---|-\. starts \.->) (\w+)", chart))
        assert {name for pair in used for name in pair} <= defined
