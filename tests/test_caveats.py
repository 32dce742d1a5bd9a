"""A lever that cannot matter is reported as such, and one that can is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from offramp.report.caveats import caveats, never_binds, users_of_services
from offramp.report.tables import tabulate
from simulation.experiment.ensemble import jobs, simulate
from simulation.measures import MEASURES
from tests.conftest import Build, figure

MORE_CHAIRS = {"lever": "add_slots", "date": "2027-02-01", "service": "stabilization", "slots": 4}
FEWER_CHAIRS = {**MORE_CHAIRS, "slots": -1}
SHORT: Mapping[str, Any] = {"months": 4}


def told(build: Build, figures: Mapping[str, Any], levers: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is remarked of a scenario with these levers over the county as it stands."""
    pair = [build({**SHORT, **figures}), build({**SHORT, **figures}, levers=levers)]
    scenarios = [
        one.model_copy(update={"key": key}) for one, key in zip(pair, ("as_is", "more"), strict=True)
    ]
    results = [simulate(job) for job in jobs(scenarios, replications=2, draws=0, seed=1)]
    tables = tabulate(scenarios, results)
    return caveats(scenarios, tables.summary, tables.differences)


def test_more_places_where_one_was_always_free_are_said_not_to_matter(build: Build) -> None:
    found = told(build, {"crisis.stabilization_chairs": 500}, [MORE_CHAIRS])
    assert len(found) == 2
    assert "add_slots on 2027-02-01 cannot matter here" in found[0] and "stabilization" in found[0]
    assert "no measure differs from as_is in any run" in found[1]


def test_more_places_where_people_were_turned_away_are_not_remarked_on(build: Build) -> None:
    assert told(build, {"crisis.stabilization_chairs": 1}, [MORE_CHAIRS]) == []


def test_a_lever_without_effect_is_told_even_if_it_widens_nothing(build: Build) -> None:
    found = told(build, {"crisis.stabilization_chairs": 500}, [FEWER_CHAIRS])
    assert found == ["more: no measure differs from as_is in any run. Its levers change nothing here."]


def test_the_gap_between_completers_and_others_is_said_to_be_selection(build: Build) -> None:
    scenario = build(SHORT).model_copy(update={"key": "as_is"})
    rows = [("exit=success", 0.2), ("completed=no", 0.45), ("all", 0.3)]
    columns = ["scenario", "measure", "period", "subgroup", "mean"]
    shown = [("as_is", "reconviction_2y", "all", subgroup, mean) for subgroup, mean in rows]
    found = caveats([scenario], pd.DataFrame(shown, columns=columns), pd.DataFrame())
    assert len(found) == 1
    assert "20% of those who completed" in found[0] and "45% of the others" in found[0]
    assert "not what the program does" in found[0]
    assert caveats([scenario], pd.DataFrame(shown[2:], columns=columns), pd.DataFrame()) == []


def test_the_definition_of_reconviction_by_exit_says_so_too() -> None:
    for name in ("reconviction_1y", "reconviction_2y"):
        assert "no effect of the program" in MEASURES[name].definition


def test_whose_visits_to_crisis_services_are_in_the_model_is_said_service_by_service(build: Build) -> None:
    county = build(
        {"crisis.line_calls": figure(40, "calls/week"), "crisis.ed_visits": figure(0.1, "visits/week")}
    )
    meaning, line, room, others = users_of_services(county)
    assert "of people with serious mental illness" in meaning
    assert line.startswith("crisis line: all residents make 40 visits a week (county file), of which")
    assert room.startswith("emergency department: the county file gives 0.1 visits a week")
    assert "no others are added" in room
    assert others.startswith("mobile crisis, stabilization, short term bed, inpatient: ")


def test_places_that_other_residents_wait_for_are_not_said_not_to_matter(build: Build) -> None:
    lever = {**MORE_CHAIRS, "service": "emergency_department"}
    scenario = build(SHORT, levers=[lever]).model_copy(update={"key": "as_is"})
    columns = ["scenario", "measure", "period", "subgroup", "mean"]
    rows = [("as_is", "found_no_place", "all", "service=emergency_department", 0.0)]
    waited = [("as_is", "all_residents_found_no_place", "all", "service=emergency_department", 0.1)]
    assert never_binds(scenario, scenario.levers[0], pd.DataFrame(rows, columns=columns))
    assert not never_binds(scenario, scenario.levers[0], pd.DataFrame(rows + waited, columns=columns))
