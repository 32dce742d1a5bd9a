"""A county may be only a part of the pathway: what its file leaves out is switched off, without any code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import stats

from calibration.document import BadDocument
from offramp.cli import main
from offramp.report.headline import headlines
from offramp.scenarios import load_one
from simulation import model
from simulation.county import age
from simulation.engine.eventlog import Events
from simulation.inputs.countyfile import SECTIONS, CountyFile
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario
from tests.conftest import Build, _with_evidence
from tests.test_service import agrees

Numbers = NDArray[np.float64]

TRACES = {
    "jail": ("jail", "screening"),
    "crisis": ("crisis", "mobile_crisis", "inpatient", "police"),
    "court": ("court", "evaluation", "docket", "lower_intensity"),
    "fact": ("fact.west", "fact.east"),
    "housing": ("supportive", "master_leased", "longer_term", "shelter"),
    "stepdown": ("outpatient",),
}
"""What the log holds of a section, and holds nothing of if it is left out."""


def figure(value: float, unit: str) -> dict[str, Any]:
    """A figure as a file has it."""
    return {"value": value, "unit": unit, "source": "Assumption: a test.", "grade": "D"}


def changed(scenario: Scenario, evidence: Mapping[str, float] = {}, **figures: Any) -> Scenario:
    """A scenario with other parameters, and other figures at the top of its county's file; None drops."""
    content = scenario.county.model_dump(exclude_unset=True)
    content = {key: value for key, value in {**content, **figures}.items() if value is not None}
    return scenario.model_copy(
        update={
            "county": CountyFile.model_validate(content),
            "parameters": _with_evidence(scenario.parameters, evidence),
        }
    )


def without(build: Build, *sections: str) -> Scenario:
    """A small county without some sections."""
    whole = build({"months": 6, "jail.bookings": 130})
    gone: dict[str, Any] = dict.fromkeys(sections)
    if "jail" in sections:
        gone["people"] = {"number": figure(1200, "persons")}
    if "fact" in sections:
        gone["staffing"] = None
        if "crisis" not in sections:
            gone["crisis"] = {**whole.county.crisis.model_dump(exclude_unset=True), "mobile_shifts": ()}
    return changed(whole, {"court.referral_if_identified": 0.9, "court.referral_if_missed": 0.6}, **gone)


def services(events: Events) -> set[str]:
    """Every service with an event in the log from day 0 on."""
    return {events.words[code] for code in np.unique(events.service[events.day >= 0]).tolist()}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_left_out_leaves_no_trace_and_the_others_go_on(build: Build, section: str) -> None:
    off = {section, "fact"} if section == "court" else {section}
    scenario = without(build, *off)
    assert scenario.county.off == off
    events = model.run(scenario, 1, 0)
    there = services(events)
    for other, traces in TRACES.items():
        assert bool(there & set(traces)) is (other not in off), other
    history = History(events, scenario.county.horizon)
    for name, measure in MEASURES.items():
        assert len(measure.function(history, np.array([0.0, 90.0, history.horizon]))["all"]) == 2, name


@pytest.mark.parametrize("section", [section for section in SECTIONS if section != "fact"])
def test_a_section_alone_is_the_only_one_that_leaves_a_trace(build: Build, section: str) -> None:
    scenario = without(build, *(other for other in SECTIONS if other != section))
    events = model.run(scenario, 1, 0)
    there = services(events)
    assert not there & {name for other in SECTIONS if other != section for name in TRACES[other]}
    assert there & set(TRACES[section])
    came, went = (events.person[events.where("county", what)] for what in ("admitted", "discharged"))
    assert len(set(came.tolist())) == len(events.people) >= 1200
    assert set(went.tolist()) <= set(came.tolist())


def test_without_a_jail_the_file_has_to_say_how_many_people_there_are(build: Build) -> None:
    content = build().county.model_dump(exclude_unset=True)
    del content["jail"]
    with pytest.raises(ValidationError, match=r"people\.number has to say how many"):
        CountyFile.model_validate(content)


def test_fact_without_a_court_is_refused(build: Build) -> None:
    with pytest.raises(ValidationError, match="fact needs the section court"):
        without(build, "court")


def test_a_county_without_any_section_is_refused(build: Build) -> None:
    content = build().county.model_dump(exclude_unset=True)
    for section in SECTIONS:
        content.pop(section)
    content["people"] = {"number": figure(10, "persons")}
    with pytest.raises(ValidationError, match="at least one is needed"):
        CountyFile.model_validate(content)


def test_a_lever_without_anything_to_act_on_is_refused_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "what.yaml").write_text(
        "kind: scenario\nname: Docket\nquestion: What would it do?\ncounty: housing_only\n"
        "levers:\n  - lever: add_docket_day\n    date: 2027-07-01\n    weekday: Monday\n    slots: 5\n"
        "  - lever: add_slots\n    date: 2027-07-01\n    service: inpatient\n    slots: 5\n"
        "  - lever: add_homes\n    date: 2027-07-01\n    kind: supportive\n    homes: 5\n",
        encoding="utf-8",
    )
    with pytest.raises(BadDocument) as told:
        load_one(str(tmp_path / "what.yaml"))
    where = [(problem.line, problem.field) for problem in told.value.problems]
    assert where == [(6, "levers[0].lever"), (10, "levers[1].lever")]
    assert "has no section court" in told.value.problems[0].message


def test_people_counted_by_hand_stay_as_many_if_newcomers_are_left_out(build: Build) -> None:
    scenario = without(build, "jail", "court", "crisis", "fact", "stepdown")
    size = model.sized(scenario)
    assert size.people == 1200
    assert size.newcomers == pytest.approx(1200 * age.leaving_rate(scenario.parameters))


@pytest.mark.parametrize("name", ["housing_only", "court_only"])
def test_a_part_runs_from_the_command_line_and_shows_only_what_it_has(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parent.parent / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    months = text.replace("months: 60", "months: 6").replace("months: 36", "months: 6")
    (tmp_path / "part.yaml").write_text(months, encoding="utf-8")
    assert main(["run", "part.yaml", "--replications", "2", "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert not re.search(r"\bnan\b", said)
    has = {"housing_only": "Homes needed", "court_only": "Admissions to diversion"}[name]
    lacks = {"housing_only": "court's program", "court_only": "Homes needed"}[name]
    assert has in said
    assert lacks not in said
    assert "daily population" not in said


def test_the_whole_pathway_shows_its_usual_headlines() -> None:
    assert "jail_adp" in headlines(frozenset())
    assert "homeless" not in headlines(frozenset())


# --- Theory: homes alone ---


def test_homes_alone_are_held_and_waited_for_as_a_queue_that_people_leave_at_one_rate() -> None:
    """Everyone comes without a home and leaves the county at one rate, housed or not: M/M/c+M.

    The number of people is then Poisson with mean newcomers x stay, whatever the homes; they fill the
    homes and the others wait.
    """
    homes, per_month = 55, 5.0
    evidence = {
        "people.death": 0.0,
        "people.moving_away": 1.0,
        "people.homeless": 1.0,
        "people.homeless_spell": 1e9,
        "people.chronic_share": 0.0,
        "housing.tenancy_loss": 0.0,
        "housing.coordinated_entry": 1.0,
    }
    alone = changed(
        load_one("housing_only"),
        evidence,
        months=120,
        people={"number": figure(60, "persons"), "newcomers": figure(per_month, "persons/month")},
        housing={"supportive": figure(homes, "homes")},
        local_evidence=None,
    )
    law = stats.poisson(per_month * 12)
    number = np.arange(200)
    held = float(law.pmf(number) @ np.minimum(number, homes))
    waiting = float(law.pmf(number) @ np.maximum(number - homes, 0))
    found = []
    for run in range(40):
        history = History(model.run(alone, 1, run), alone.county.horizon)
        edges = np.array([1000.0, history.horizon])
        found.append(
            [
                MEASURES[name].function(history, edges)["all"][0]
                for name in ("housing_occupied", "housing_waiting")
            ]
        )
    occupied, queue = np.array(found).T
    assert agrees(occupied, held, batches=40)
    assert abs(queue.mean() - waiting) < 4 * queue.std(ddof=1) / np.sqrt(len(queue))


# --- Theory: a court alone ---

EVERYBODY = {
    "court.referral_if_missed": 1.0,
    "court.consent": 1.0,
    "court.eligible": 1.0,
    "court.charge_excluded": 0.0,
    "court.charged": 1.0,
    "court.granted": 1.0,
    "court.judge_absence": 0.0,
    "competency.doubt": 0.0,
}


def court_alone(slots: int, people: int) -> tuple[Scenario, History]:
    """A court with one docket day a week, and more evaluators than it needs."""
    alone = load_one("court_only")
    court = alone.county.court.model_dump(exclude_unset=True)
    court["docket"] = [{"weekday": "Thursday", "slots": figure(slots, "slots")}]
    court["evaluators"] = court["assessors"] = figure(500, "posts")
    court["lower_intensity_slots"] = figure(10_000, "slots")
    numbers = {"number": figure(people, "persons")}
    alone = changed(alone, EVERYBODY, court=court, people=numbers, months=18)
    return alone, History(model.run(alone, 1, 0), alone.county.horizon)


def heard_each_week(history: History) -> Numbers:
    """How many cases are heard on each docket day."""
    _, day, _ = history.days("docket", "discharged")
    return np.bincount((day[day >= 0] // 7).astype(int)).astype(np.float64)


def test_a_court_with_too_few_slots_hears_as_many_cases_a_week_as_it_has_slots() -> None:
    slots = 6
    _, history = court_alone(slots, 2000)
    weeks = heard_each_week(history)
    assert (weeks[8:-1] == slots).all(), "throughput is slots a week, whatever the demand"


def test_a_court_with_slots_to_spare_admits_everyone_referred_within_a_week_of_being_ready() -> None:
    alone, history = court_alone(2000, 2000)
    waits = history.waits("docket")
    motions = waits.end - waits.start
    assert np.nanmax(motions[np.isfinite(motions)]) <= 7.0
    referred = history.days("court", "referred")[1]
    admitted = history.days("court", "admitted")[1]
    early = referred[(referred >= 0) & (referred < alone.county.horizon - 120)]
    assert len(admitted[admitted >= 0]) > 0.9 * len(early) > 100
    assert not history.spans("jail").start.size, "there is no jail"
