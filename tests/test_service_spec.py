"""Every service is declared once, with the capacity it has; none is without limit by an oversight."""

from __future__ import annotations

from math import inf
from typing import Any, Protocol

import pytest

from simulation import model
from simulation.county.county import County
from simulation.county.service import Service
from simulation.engine.stream import Stream
from simulation.inputs.countyfile import SECTIONS, CountyFile
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.sections.service_spec import SERVICES, SIZED, ServiceSpec
from simulation.inputs.unit import STOCKS
from simulation.levers import AddSlots
from simulation.scenario import Scenario
from tests.conftest import AMPLE


class Build(Protocol):
    """The fixture that makes a small county."""

    def __call__(self, figures: dict[str, Any] = ..., /) -> Scenario: ...


def test_no_two_services_have_one_name_or_one_key() -> None:
    assert len({spec.name for spec in SERVICES}) == len(SERVICES)
    assert len({(spec.section, spec.input) for spec in SIZED}) == len(SIZED)


@pytest.mark.parametrize("spec", SIZED, ids=lambda spec: spec.name)
def test_the_key_of_a_capacity_is_in_its_section_and_says_what_it_means(spec: ServiceSpec) -> None:
    assert spec.section in {*SECTIONS, "competency"}
    field: Any = CountyFile.model_fields[spec.section].annotation
    section = field if hasattr(field, "model_fields") else field.__args__[0]
    key = section.model_fields[spec.input]
    assert key.description == spec.meaning != ""
    assert key.is_required() == (spec.default is None)
    assert spec.unit in STOCKS


def test_every_service_of_the_table_is_open_in_a_county_and_no_other(build: Build) -> None:
    county = model.build(build(), 1, 0)
    assert [name for name in county.services if "." not in name] == [spec.name for spec in SERVICES]
    held = {service for service in vars(county).values() if isinstance(service, Service)}
    assert held <= set(county.services.values()), "every service is in the table"


def test_the_capacity_is_that_of_the_county_file(build: Build) -> None:
    figures = {f"{spec.section}.{spec.input}": 3 + number for number, spec in enumerate(SIZED)}
    scenario = build({**figures, "housing.longer_term_occupied": 0, "housing.supportive_occupied": 0})
    county = model.build(scenario, 1, 0)
    for number, spec in enumerate(SIZED):
        assert scenario.county.slots[spec.name] == 3 + number
        assert county.services[spec.name].slots >= 3 + number, "posts may add some"


def test_a_capacity_that_is_left_out_is_the_tables_default(build: Build) -> None:
    county = build().county
    for spec in SIZED:
        if spec.default is not None:
            section = getattr(county, spec.section).model_copy(update={spec.input: None})
            assert county.model_copy(update={spec.section: section}).slots[spec.name] == spec.default


@pytest.mark.parametrize("spec", SIZED, ids=lambda spec: spec.name)
def test_a_county_that_is_not_told_a_capacity_does_not_open(register: Parameters, spec: ServiceSpec) -> None:
    slots = {name: capacity for name, capacity in AMPLE.items() if name != spec.name}
    with pytest.raises(KeyError, match=spec.name):
        County(register, Rules(), slots, [], Stream(1, 0))


def test_only_a_service_that_says_so_is_without_limit(register: Parameters) -> None:
    county = County(register, Rules(), dict.fromkeys(AMPLE, 1.0), [], Stream(1, 0))
    endless = {name for name, service in county.services.items() if service.slots == inf}
    assert endless == {spec.name for spec in SERVICES if not spec.input and spec.default == inf}


def test_a_lever_adds_places_to_every_service_of_a_size_and_to_no_other() -> None:
    allowed = AddSlots.model_json_schema()["properties"]["service"]["enum"]
    assert allowed == [spec.name for spec in SIZED]
