"""The same person draws the same random numbers in every scenario: scenarios differ by their levers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import inf
from typing import Any

import numpy as np
import pytest

from simulation import initial_state, model
from simulation.county.county import County
from simulation.engine.eventlog import Events
from simulation.measures import MEASURES, History
from simulation.pathway import journey
from simulation.scenario import Scenario
from tests.conftest import Build, group

Row = tuple[float, int, str, str, str]

FIRST_DAY = "2027-05-12"
UNTIL_THEN = {"months": 5}
LEVERS: dict[str, dict[str, Any]] = {
    "add_slots": {"service": "master_leased", "slots": 5},
    "close_slots": {"lever": "add_slots", "service": "lower_intensity", "slots": -11},
    "add_clinicians": {"team": "west", "posts": 3},
    "add_docket_day": {"weekday": "Monday", "slots": 20},
    "add_docket_slots": {"slots": -6},
    "substitute_judge": {},
    "set_hearings": {"phases": [{"days": 60, "hearing_every": 7}], "then_every": 90},
    "set_sanctions": {"sanctions": "no_jail"},
    "set_warrants": {"limit": 3, "place_held": False},
    "set_deadlines": {"evaluation": 2, "assessment": 2},
    "stop_referrals": {},
    "limit_referrals": {"per_month": 1},
    "form_interagency_team": {},
    "support_consent": {},
    "waive_criterion": {"criterion": "no_diagnosis"},
    "exclude_charge": {"charge": "felony"},
    "embed_jail_staff": {},
    "change_screening_tool": {"sensitivity": 0.95, "specificity": 0.7},
    "share_data": {},
    "notify_within_24h": {},
    "release_on_recognizance": {"felony": 0.6, "other": 0.8},
    "continue_medication": {},
    "plan_reentry": {},
    "raise_pay": {},
    "hire": {"service": "fact.west", "role": "case_manager", "posts": 2},
    "cut_posts": {"service": "fact.west", "role": "case_manager"},
    "end_grant": {"fund": "none"},
    "change_caseload_ratio": {"ratio": 3},
    "reduce_administration": {"to": 0.2},
    "spread_vacancies": {},
    "change_leave": {"to": 0.9},
    "change_intake_cap": {"per_month": 0},
    "share_regions": {},
    "rank_fact_list": {"priority": "in_custody"},
    "add_group_slots": {"group": "cbsst", "slots": -2},
    "extend_on_call": {},
    "add_team": {"team": "south", "serves": ["west", "east"], "posts": 3},
    "run_mobile_crisis": {"opens": 0, "closes": 24, "teams": 3},
    "add_mobile_team": {"district": "west", "opens": 20, "closes": 8},
    "add_coresponders": {"share": 0.8},
    "train_police": {"share": 0.95},
    "accept_every_drop_off": {},
    "close_referral_gap": {"share": 1.0},
    "add_homes": {"kind": "supportive", "homes": 20, "per_month": 5},
    "pay_landlords": {},
    "rank_waiting_lists": {"priority": "highest_need"},
    "admit_to_homes": {"kind": "master_leased", "admits": {"who": "anyone"}},
    "hold_homes": {"days": 3},
    "keep_homes": {},
    "review_readiness": {"every": 30},
}
NO_EFFECT: dict[str, dict[str, Any]] = {
    "add_slots": {"service": "lower_intensity", "slots": 0},
    "embed_jail_staff": {},
    "raise_pay": {},
    "run_mobile_crisis": {"opens": 8, "closes": 24, "teams": 1},
    "train_police": {"share": 0.4},
    "add_coresponders": {"share": 0.0},
    "close_referral_gap": {"share": 0.0},
    "pay_landlords": {},
    "rank_waiting_lists": {"priority": "longest_waiting"},
    "admit_to_homes": {"kind": "master_leased", "admits": {}},
    "hold_homes": {"days": 90},
    "review_readiness": {"every": 180},
    "rank_fact_list": {"priority": "longest_waiting"},
    "add_group_slots": {"group": "cbsst", "slots": 0},
}
INEFFECTIVE = {
    "lever.embedded_delay_ratio": 1.0,
    "staffing.pay_elasticity": 0.0,
    "lever.landlord_incentive_loss_ratio": 1.0,
    "lever.landlord_incentive_search_ratio": 1.0,
}
ENDLESS: dict[str, Any] = {
    "crisis.call_takers": 10_000,
    "crisis.mobile_teams": 10_000,
    "crisis.stabilization_chairs": 10_000,
    "crisis.short_term_beds": 10_000,
    "crisis.ed_places": 10_000,
    "crisis.inpatient_beds": 10_000,
    "jail.screeners": 10_000,
    "court.evaluators": 10_000,
    "court.assessors": 10_000,
    "court.docket": [{"weekday": "Wednesday", "slots": 10_000}],
    "court.case_managers": 10_000,
    "competency.restoration_places": 10_000,
    "court.lower_intensity_slots": 10_000,
    "fact.intake": 1e9,
    "fact.teams": [{"name": "west", "posts": 300, "enrolled": 5, "share": 1.0}],
    "housing.master_leased": 10_000,
    "housing.shelter_beds": 10_000,
    "housing.longer_term": 10_000,
    "housing.supportive": 10_000,
    "stepdown.outpatient_slots": 10_000,
    "stepdown.substance_use_slots": 10_000,
}


def lever(name: str, fields: Mapping[str, Any], on: str = FIRST_DAY) -> dict[str, Any]:
    """A lever as a scenario file writes it."""
    return {"lever": name, "date": on, **fields}


def told(events: Events, before: float = inf) -> list[Row]:
    """The rows before a day, spelled out, in the order written."""
    words, keep = events.words, events.day < before
    columns = (c[keep].tolist() for c in (events.day, events.person, events.service, events.what, events.why))
    return [(d, p, words[s], words[w], words[y]) for d, p, s, w, y in zip(*columns, strict=True)]


NEEDS: dict[str, dict[str, Any]] = {
    "add_group_slots": {"fact.groups": [group("cbsst", 2, 8)]},
    "set_sanctions": {"fact.teams": [{"name": "west", "posts": 8, "enrolled": 60, "share": 1.0}]},
}
"""What a lever acts on, if not every county has it."""


@pytest.fixture(scope="module")
def baseline(build: Build) -> Events:
    """A year without levers."""
    return model.run(build(), 1, 0)


@pytest.fixture(scope="module")
def without(build: Build) -> Callable[[str], Events]:
    """The county in which a lever can be pulled, without it, until some days after it would be."""

    @cache
    def run(name: str) -> Events:
        return model.run(build({**UNTIL_THEN, **NEEDS.get(name, {})}), 1, 0)

    return lambda name: run(name if name in NEEDS else "")


def test_the_same_seed_tells_the_same_story(build: Build, baseline: Events) -> None:
    again = model.run(build(), 1, 0)
    assert told(again) == told(baseline)
    assert (again.people, again.capacity, again.attendance) == (
        baseline.people,
        baseline.capacity,
        baseline.attendance,
    )
    assert repr(again.arrests) == repr(baseline.arrests)


@pytest.mark.parametrize(("seed", "replication"), [(1, 1), (2, 0)])
def test_another_replication_or_seed_tells_another_story(
    build: Build, baseline: Events, seed: int, replication: int
) -> None:
    other = model.run(build(), seed, replication)
    one, another = ({row[:2] for row in told(log) if row[0] > 0} for log in (baseline, other))
    assert all(day % 1 == 0 for day, _ in one & another), "only the court's sittings are on the same days"


@pytest.mark.parametrize("name", NO_EFFECT)
def test_a_lever_that_changes_nothing_leaves_every_row_as_it_was(build: Build, name: str) -> None:
    sensitivity = build().parameters.jail.screening_sensitivity.value
    evidence = {**INEFFECTIVE, "lever.embedded_sensitivity": sensitivity}
    figures = NEEDS.get(name, {})
    plain = model.run(build(figures, evidence), 1, 0)
    pulled = model.run(build(figures, evidence, [lever(name, NO_EFFECT[name])]), 1, 0)
    assert told(pulled) == told(plain)
    assert repr(pulled.arrests) == repr(plain.arrests)
    assert pulled.attendance == plain.attendance


@pytest.mark.parametrize("name", LEVERS)
def test_nothing_differs_before_a_lever_is_pulled(
    build: Build, without: Callable[[str], Events], name: str
) -> None:
    baseline = without(name)
    county = {**UNTIL_THEN, **NEEDS.get(name, {})}
    scenario = build(county, levers=[{"lever": name, "date": FIRST_DAY, **LEVERS[name]}])
    pulled, day = model.run(scenario, 1, 0), scenario.county.day(scenario.levers[0].date)
    assert told(pulled, day) == told(baseline, day)
    assert [row for row in pulled.capacity if row[0] < day] == [
        row for row in baseline.capacity if row[0] < day
    ]
    assert [row for row in pulled.attendance if row[1] < day] == [
        row for row in baseline.attendance if row[1] < day
    ]


def test_the_order_of_levers_in_the_file_does_not_matter(build: Build) -> None:
    levers = [lever("stop_referrals", {}), lever("add_slots", LEVERS["add_slots"], "2027-03-01")]
    assert told(model.run(build(levers=levers), 1, 0)) == told(model.run(build(levers=levers[::-1]), 1, 0))


def with_a_stranger(scenario: Scenario) -> Events:
    """A run to which one more person came, who was not in the plan."""
    county: County = model.build(scenario, 1, 0)
    size = model.sized(scenario)
    (stranger,) = initial_state.people_of(county, model.local_makeup(scenario.county), size, [STRANGER])
    initial_state.add_newcomer(county, stranger, size.homes)
    county.env.process(journey.life(county, stranger))
    county.env.run(until=scenario.county.horizon)
    return county.finish()


STRANGER = 77_777_777


def test_an_unrelated_person_changes_nobody_elses_random_numbers(build: Build) -> None:
    scenario = build(ENDLESS, {"arrest.rate": 1.0})
    alone, joined = told(model.run(scenario, 1, 0)), told(with_a_stranger(scenario))
    others = [row for row in joined if row[1] != STRANGER]
    assert len(others) < len(joined)
    assert sorted(others) == sorted(alone)


def test_a_bigger_county_holds_the_same_people_and_more(build: Build) -> None:
    small, large = model.build(build(), 1, 0), model.build(build({"jail.bookings": 260}), 1, 0)
    people, more = small.log.read().people, large.log.read().people
    assert len(people) < len(more)
    assert more[: len(people)] == people


def jail_days(scenario: Scenario, replication: int) -> float:
    """Person-days in jail over the run."""
    horizon = scenario.county.horizon
    history = History(model.run(scenario, 1, replication), horizon)
    return float(MEASURES["jail_days"].function(history, np.array([0.0, horizon]))["all"][0])


def test_the_paired_difference_in_jail_days_has_under_a_fifth_of_the_unpaired_variance(build: Build) -> None:
    small = [lever("embed_jail_staff", {}, "2027-02-01")]
    before = np.array([jail_days(build(), r) for r in range(12)])
    after = np.array([jail_days(build(levers=small), r) for r in range(12)])
    assert np.all(after != before)
    unpaired = before.var(ddof=1) + after.var(ddof=1)
    assert (after - before).var(ddof=1) < unpaired / 5
