"""Jail: ways out by charge, the census of a jail that turns nobody away, screening, care, purposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation import initial_state, model
from simulation.county import pretrial
from simulation.county.county import County
from simulation.county.person import CustodyOrder, Person, Traits
from simulation.engine.clock import Process, Signal
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.inputs.parameter import Duration
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES, History
from simulation.measures.jail import purposes
from simulation.pathway import jail, jail_care
from tests.conftest import Build, duration

Numbers = NDArray[np.float64]

SOMEBODY = Traits("male", "26-40", "White", False, False, False, "west", 1.0)
YEAR = np.array([0.0, 365.0])


def close(found: Numbers, theory: float) -> bool:
    """Whether the mean of independent numbers lies within four standard errors of the theory."""
    return bool(abs(found.mean() - theory) < 4 * found.std(ddof=1) / np.sqrt(len(found)))


# --- Ways out ---


@pytest.mark.parametrize("charge", ["felony", "misdemeanor", "ordinance", "violation"])
def test_each_way_out_of_jail_has_its_share(register: Parameters, charge: str) -> None:
    on_recognizance = pretrial.recognizance(register)[pretrial.kind(charge)]
    shares = pretrial.shares(register, on_recognizance, charge)
    assert sum(shares.values()) == pytest.approx(1)
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    ways = [pretrial.way_out(register, on_recognizance, charge, uniform) for uniform in uniforms]
    assert {way: ways.count(way) / 10_000 for way in shares} == pytest.approx(shares, abs=2e-4)


def test_more_release_on_recognizance_makes_nobodys_way_out_slower(register: Parameters) -> None:
    order = ["recognizance", "bail", "held"]
    for uniform in (np.arange(1000) + 0.5) / 1000:
        ways = [pretrial.way_out(register, share, "felony", uniform) for share in (0.0, 0.3, 0.6, 1.0)]
        ranks = [order.index(way) for way in ways]
        assert ranks == sorted(ranks, reverse=True)
        assert ways[-1] == "recognizance"


def test_of_felony_bookings_57_and_of_others_70_in_a_hundred_are_released_before_disposition(
    register: Parameters,
) -> None:
    """By hand: 0.28 + 0.72 x 0.40 = 0.568 and 0.55 + 0.45 x 0.33 = 0.699; published of all felonies 0.62."""
    held = {c: pretrial.shares(register, r, c)["held"] for c, r in pretrial.recognizance(register).items()}
    assert 1 - held["felony"] == pytest.approx(0.568, abs=0.001)
    assert 1 - held["other"] == pytest.approx(0.699, abs=0.001)


# --- A jail nobody is turned away from: M/G/infinity ---

BOOKED_A_DAY = 1.5


def stay_law() -> Duration:
    """Half of the stays about a day, the others about a month with a heavy tail."""
    fields: dict[str, Any] = {"value": 30, "unit": "days", "low": 0, "high": 1e6, "distribution": "mixture"}
    short = {"short_share": 0.5, "short_value": 1, "short_sigma": 0.7}
    facts: dict[str, Any] = {"meaning": "a stay", "population": "nobody", "source": "Assumption: a test."}
    return duration(**fields, sigma=1.0, **short, **facts, grade="D")


def census(build: Build, replication: int, days: list[float]) -> list[int]:
    """Identical people booked at random into an empty county's jail, from a day 0 as after years."""
    county = model.build(build({"jail.bookings": 0, "court.lower_intensity_enrolled": 0}), 1, replication)
    law, stream = stay_law(), Stream(replication, 99)
    found = 0
    left = stream.exponential("in_progress")
    while left < BOOKED_A_DAY * law.mean:
        left += stream.exponential("in_progress")
        found += 1
        behind, ahead = initial_state.stay_in_progress(
            law, initial_state.entry_substream(somebody(county, found, replication)), "initial_state.stay"
        )
        someone = somebody(county, found, replication)
        initial_state.start_stay(county, someone, "commitment", behind, Signal(county.env, ahead))
    county.env.process(bookings(county, law, stream, replication))
    seen = []
    for day in days:
        county.env.run(until=day)
        seen.append(county.jail.census)
    return seen


def somebody(county: County, number: int, replication: int) -> Person:
    """Someone like everybody else, who never comes back on their own."""
    person = Person(county.env, number, Stream(replication, number), SOMEBODY, (0.0, 0.0))
    county.log.enrol((number, "male", "26-40", "White", False, False, False, "west"))
    return person


def bookings(county: County, law: Duration, stream: Stream, replication: int) -> Process[None]:
    """A Poisson stream of people, each booked once."""
    number = 100_000
    while True:
        yield county.env.timeout(stream.exponential("booking") / BOOKED_A_DAY)
        number += 1
        person = somebody(county, number, replication)
        days = law.sample(person.stream.uniform("stay"))
        county.env.process(jail.serve(county, person, CustodyOrder("commitment", days)))


@pytest.fixture(scope="module")
def censuses(build: Build) -> Numbers:
    """One row a replication, a column a day."""
    return np.array([census(build, r, [0.5, 40.0, 400.0]) for r in range(120)], dtype=np.float64)


def test_the_census_of_identical_people_is_bookings_times_stay_from_the_first_day_on(
    censuses: Numbers,
) -> None:
    for column in censuses.T:
        assert close(column, BOOKED_A_DAY * stay_law().mean)


def test_the_census_of_identical_people_varies_like_poisson(censuses: Numbers) -> None:
    """M/G/infinity: the variance equals the mean; of 120 runs its estimate is within 4 x sqrt(2/119)."""
    for column in censuses.T:
        assert abs(column.var(ddof=1) / column.mean() - 1) < 4 * np.sqrt(2 / 119)


# --- Screening ---


def test_the_two_by_two_table_of_a_thousand_bookings_is_the_one_worked_out_by_hand(
    register: Parameters,
) -> None:
    """183 of 1,000 with the illness: 89.7 found, 93.3 missed; of 817 others 65.4 false alarms."""
    sensitivity = register.jail.screening_sensitivity.value
    false_alarm = 1 - register.jail.screening_specificity.value
    assert 183 * sensitivity == pytest.approx(89.7, abs=0.1)
    assert 817 * false_alarm == pytest.approx(65.4, abs=0.1)


@pytest.fixture(scope="module")
def year(build: Build) -> tuple[History, float]:
    """A year of a county in which nobody waits for a screener, and its background bookings a day."""
    scenario = build({"jail.screeners": 1000, "jail.bookings": 490})
    events = model.run(scenario, 1, 0)
    background = scenario.county.jail.bookings.per_day * (1 - 0.183)
    return History(events, scenario.county.horizon), background


def measured(history: History, name: str) -> Mapping[str, Numbers]:
    """A measure over the whole year."""
    return MEASURES[name].function(history, np.array([0.0, history.horizon]))


def test_of_people_screened_the_sensitivity_is_found_and_of_others_one_minus_the_specificity_is_alarmed(
    year: tuple[History, float],
) -> None:
    history, background = year
    _, _, why = history.days("screening", "discharged")
    found = measured(history, "screen_positives")
    expected, screened = 0.49 * len(why), len(why)
    assert abs(found["right"][0] - expected) < 4 * np.sqrt(expected * 0.51)
    assert found["wrong"][0] == pytest.approx(0.08 * background * history.horizon)
    right = expected / (expected + found["wrong"][0])
    assert measured(history, "screen_positives_right")["all"][0] == pytest.approx(right, abs=0.03)
    assert screened > 500


def test_false_alarms_take_the_screeners_time(build: Build) -> None:
    """By hand: 1,440 others a day, 5 minutes each and 30 for the 8 % alarmed, are 7.4 screeners' time."""
    county = model.build(build({"jail.screeners": 10}), 1, 0)
    county.background_bookings = 1440.0
    assert jail_care.share_of_screeners(county) == pytest.approx(1 - (5 + 0.08 * 30) / 10)
    county.policy.screening_specificity = 0.5
    assert jail_care.share_of_screeners(county) == pytest.approx(0.05), "never less than a twentieth"


def test_only_the_missed_are_identified_later_and_only_while_in_jail(year: tuple[History, float]) -> None:
    history, _ = year
    person, day, _ = history.days("jail", "identified")
    assert len(day) > 20
    stays = history.spans("jail")
    at = history.latest(stays.person, stays.start, person, day)
    assert (day <= stays.end[at]).all()
    screened, on, why = history.days("screening", "discharged")
    found = why == history.events.code("identified")
    last = history.latest(screened[found], on[found], person, day)
    assert (np.append(on[found], -1.0)[last] < stays.start[at]).all(), "the screen had not found them"


def test_nobody_is_noticed_later_where_nobody_notices(build: Build) -> None:
    history = History(model.run(build(evidence={"jail.noticed": 0.0}), 1, 0), 365.0)
    found = MEASURES["identified"].function(history, YEAR)
    assert not found["by=noticed"].any()
    assert found["all"] == pytest.approx(found["by=screen"] + found["by=care"])


# --- What jail is for ---


def test_the_parts_of_jail_days_sum_to_the_whole_in_every_week_and_on_every_day(build: Build) -> None:
    busy = {"court.referral_if_identified": 0.9, "court.eligible": 0.9, "court.sanction": 0.5}
    scenario = build({"jail.bookings": 490}, busy)
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    edges = np.arange(0.0, 366.0, 7.0)
    found = MEASURES["jail_days"].function(history, edges)
    parts = {name: days for name, days in found.items() if name.startswith("for=")}
    assert all(days.sum() > 0 for days in parts.values()), "every part occurs"
    assert np.allclose(sum(parts.values()), found["all"], atol=1e-6)
    stays = history.spans("jail")
    for day in np.arange(0.25, 365.0, 10.0):
        there = int(((stays.start <= day) & (stays.end > day)).sum())
        each = [int(((start <= day) & (end > day)).sum()) for start, end in purposes(history).values()]
        assert sum(each) == there


# --- What is done there changes nothing it has no evidence for ---

CARE_ROWS = ("medication", "reentry")


def told(events: Events) -> list[tuple[float, int, str, str, str]]:
    """Every row but those on medication and re-entry, spelled out."""
    words = events.words
    columns = (c.tolist() for c in (events.day, events.person, events.service, events.what, events.why))
    rows = [(d, p, words[s], words[w], words[y]) for d, p, s, w, y in zip(*columns, strict=True)]
    return [row for row in rows if row[2] not in CARE_ROWS]


@pytest.mark.parametrize("lever", ["continue_medication", "plan_reentry"])
def test_medication_and_plans_change_no_arrest_no_crisis_and_no_jail_day(build: Build, lever: str) -> None:
    plain = model.run(build(), 1, 0)
    pulled = model.run(build(levers=[{"lever": lever, "date": "2027-02-01"}]), 1, 0)
    assert len(pulled) == len(plain)
    assert told(pulled) == told(plain)
