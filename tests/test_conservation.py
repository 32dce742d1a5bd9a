"""Nobody vanishes and nobody is in two places, whatever the county and whatever it decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from simulation import model
from simulation.engine.eventlog import Events
from simulation.measures import MEASURES, History
from tests.conftest import Build, group

Spell = tuple[float, float]
Draw = tuple[dict[str, Any], dict[str, float], list[dict[str, Any]]]

ADMITTED, DISCHARGED = "admitted", "discharged"
EXCLUSIVE = ("jail", "restoration", "inpatient", "emergency_department", "stabilization", "short_term_bed")
START = date(2027, 1, 1)
ABOUT = {"source": "A test.", "grade": "D"}
MONTHS = 9


def few(highest: int) -> st.SearchStrategy[int]:
    """A small capacity; none at all is a third of the cases."""
    return st.one_of(st.just(0), st.integers(0, highest), st.integers(1, highest))


SLOTS = {
    "crisis.call_takers": st.integers(1, 3),
    "crisis.mobile_teams": few(2),
    "crisis.stabilization_chairs": few(2),
    "crisis.short_term_beds": few(2),
    "crisis.ed_places": st.integers(1, 3),
    "crisis.inpatient_beds": few(3),
    "jail.screeners": few(2),
    "court.evaluators": few(3),
    "court.assessors": few(3),
    "court.case_managers": few(1),
    "court.place_held": st.booleans(),
    "court.sanctions": st.sampled_from(["jail", "graduated", "no_jail"]),
    "competency.restoration_places": few(2),
    "court.lower_intensity_slots": few(8),
    "court.lower_intensity_enrolled": few(6),
    "housing.shelter_beds": few(3),
    "housing.supervised": few(2),
    "housing.shared": few(2),
    "housing.supportive": st.integers(3, 5),
    "housing.supportive_occupied": few(3),
    "housing.master_leased": few(3),
    "housing.longer_term": st.integers(2, 3),
    "housing.longer_term_occupied": few(2),
    "stepdown.substance_use_slots": few(2),
    "stepdown.substance_use_occupied": few(2),
    "stepdown.outpatient_slots": few(4),
    "stepdown.outpatient_occupied": few(3),
}
FIGURES = st.fixed_dictionaries(
    {
        **SLOTS,
        "months": st.just(MONTHS),
        "court.program_limit": st.sampled_from([2.0, 24.0]),
        "jail.bookings": st.integers(50, 300),
        "court.docket": st.integers(1, 12).map(lambda n: [{"weekday": "Wednesday", "slots": n}]),
        "fact.intake": st.sampled_from([1.0, 6.0, 30.0]),
        "fact.priority": st.sampled_from(["longest_waiting", "in_custody", "highest_need"]),
        "fact.groups": few(3).map(lambda n: [group("cbsst", n, 4)]),
        "fact.on_call": st.sampled_from([None, {"opens": 20, "closes": 8, **ABOUT}]),
        "fact.teams": st.tuples(few(2), few(6)).map(
            lambda t: [{"name": "west", "posts": t[0], "enrolled": t[1], "share": 1.0}]
        ),
    }
)
EVIDENCE = st.fixed_dictionaries(
    {
        "people.moving_away": st.sampled_from([0.05, 2.0]),
        "people.homeless": st.sampled_from([0.06, 0.4]),
        "people.homeless_spell": st.sampled_from([20.0, 220.0]),
        "people.chronic_share": st.sampled_from([0.15, 0.9]),
        "people.jail_loss_ratio": st.sampled_from([2.0, 20.0]),
        "people.high_risk": st.sampled_from([0.46, 0.9]),
        "people.high_impairment": st.sampled_from([0.65, 1.0]),
        "arrest.rate": st.sampled_from([0.3, 1.0]),
        "crisis.rate": st.sampled_from([0.25, 6.0]),
        "crisis.ed_share": st.sampled_from([0.14, 0.8]),
        "court.referral_if_identified": st.sampled_from([0.3, 1.0]),
        "court.eligible": st.sampled_from([0.61, 1.0]),
        "court.program_length": st.sampled_from([0.7, 3.0, 15.0]),
        "court.warrant": st.sampled_from([0.4, 1.0]),
        "court.hearing_attendance": st.sampled_from([0.3, 0.9]),
        "court.judge_absence": st.sampled_from([0.0, 0.5]),
        "competency.doubt": st.sampled_from([0.06, 0.9]),
        "competency.diverted": st.sampled_from([0.15, 0.9]),
        "competency.restoration": st.sampled_from([5.0, 75.0]),
        "competency.patience": st.sampled_from([20.0, 365.0]),
        "court.sanction": st.sampled_from([0.12, 0.9]),
        "fact.patience": st.sampled_from([5.0, 120.0]),
        "fact.engagement_phase": st.sampled_from([3.0, 90.0]),
        "housing.lease_up": st.sampled_from([2.0, 30.0]),
        "housing.move_on": st.sampled_from([0.5, 10.0]),
        "housing.tenancy_loss": st.sampled_from([0.18, 6.0]),
        "housing.landlord_loss": st.sampled_from([0.05, 4.0]),
        "housing.search": st.sampled_from([10.0, 200.0]),
        "housing.landlord_accepts": st.sampled_from([0.3, 1.0]),
        "housing.replacement": st.sampled_from([5.0, 90.0]),
        "housing.shelter_use": st.sampled_from([0.4, 1.0]),
        "housing.shelter_stay": st.sampled_from([3.0, 60.0]),
        "housing.left_for_own_home": st.sampled_from([0.0, 0.65]),
        "housing.unit_held": st.sampled_from([3.0, 90.0]),
        "stepdown.earliest": st.sampled_from([0.5, 12.0]),
        "stepdown.review_interval": st.sampled_from([15.0, 180.0]),
        "stepdown.ready": st.sampled_from([0.14, 1.0]),
        "stepdown.until_return": st.sampled_from([3.0, 180.0]),
        "stepdown.stay": st.sampled_from([5.0, 365.0]),
        "stepdown.return_to_fact": st.sampled_from([0.057, 1.0]),
    }
)
DATES = st.integers(0, 200).map(lambda days: START + timedelta(days=days))
LEVERS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "lever": st.just("add_slots"),
                "date": DATES,
                "service": st.sampled_from(
                    [
                        "inpatient",
                        "evaluation",
                        "lower_intensity",
                        "master_leased",
                        "longer_term",
                        "shelter",
                        "supportive",
                        "outpatient",
                    ]
                ),
                "slots": st.integers(-5, 5),
            }
        ),
        st.fixed_dictionaries(
            {
                "lever": st.just("add_clinicians"),
                "date": DATES,
                "team": st.just("west"),
                "posts": st.integers(1, 2),
            }
        ),
        st.fixed_dictionaries(
            {
                "lever": st.just("add_docket_day"),
                "date": DATES,
                "weekday": st.sampled_from(["Monday", "Wednesday"]),
                "slots": st.integers(1, 5),
            }
        ),
        st.fixed_dictionaries(
            {"lever": st.sampled_from(["stop_referrals", "embed_jail_staff", "raise_pay"]), "date": DATES}
        ),
        st.fixed_dictionaries(
            {
                "lever": st.just("run_mobile_crisis"),
                "date": DATES,
                "opens": st.sampled_from([0, 6]),
                "closes": st.sampled_from([12, 24]),
                "teams": st.integers(0, 2),
            }
        ),
    ),
    max_size=3,
)
COUNTIES = st.tuples(FIGURES, EVIDENCE, LEVERS)


STRAINED: Draw = (
    {
        **dict.fromkeys(SLOTS, 1),
        "court.place_held": False,
        "court.sanctions": "graduated",
        "months": MONTHS,
        "jail.bookings": 400,
        "court.evaluators": 6,
        "court.assessors": 6,
        "court.docket": [{"weekday": "Wednesday", "slots": 30}],
        "court.lower_intensity_slots": 10,
        "stepdown.outpatient_slots": 100,
        "fact.intake": 30.0,
        "fact.teams": [{"name": "west", "posts": 1, "enrolled": 6, "share": 1.0}],
        "fact.priority": "in_custody",
        "fact.groups": [group("cbsst", 1, 4)],
        "fact.on_call": {"opens": 0, "closes": 24, **ABOUT},
    },
    {
        "people.moving_away": 2.0,
        "people.homeless": 0.4,
        "people.homeless_spell": 20.0,
        "people.chronic_spell": 200.0,
        "people.jail_loss_ratio": 20.0,
        "people.high_risk": 0.9,
        "people.high_impairment": 1.0,
        "arrest.rate": 1.0,
        "court.referral_if_identified": 1.0,
        "court.eligible": 1.0,
        "court.program_length": 0.7,
        "fact.patience": 120.0,
        "fact.engagement_phase": 3.0,
        "housing.lease_up": 2.0,
        "housing.move_on": 10.0,
        "stepdown.earliest": 0.5,
        "stepdown.review_interval": 15.0,
        "stepdown.ready": 1.0,
        "stepdown.until_return": 3.0,
        "stepdown.stay": 5.0,
        "stepdown.return_to_fact": 1.0,
    },
    [],
)
"""Short programs, everyone returns to FACT, homes come and go: where people are most likely to get lost."""

_logs: dict[str, tuple[Events, float]] = {}


def log_of(build: Build, county: Draw) -> tuple[Events, float]:
    """A county's log and its horizon; each county lives once."""
    key = repr(county)
    if key not in _logs:
        scenario = build(*county)
        _logs[key] = model.run(scenario, 1, 0), scenario.county.horizon
    return _logs[key]


def thoroughly(test: Callable[..., None]) -> Callable[..., None]:
    """Try a rule on the same random counties as every other rule here, so that each is run only once."""
    limits = settings(
        max_examples=30,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    return seed(2027)(limits(given(county=COUNTIES)(example(county=STRAINED)(test))))


def services(events: Events) -> list[str]:
    """Every service to which someone was ever admitted."""
    return sorted({events.words[code] for code in np.unique(events.service[events.where(what=ADMITTED)])})


def rows_by_person(events: Events, service: str) -> dict[int, list[tuple[float, str, str]]]:
    """Day, verb and reason of each person's rows in a service, in the order written."""
    rows = np.flatnonzero(events.where(service=service))
    found: dict[int, list[tuple[float, str, str]]] = defaultdict(list)
    for row in rows.tolist():
        words = events.words[events.what[row]], events.words[events.why[row]]
        found[int(events.person[row])].append((float(events.day[row]), *words))
    return found


def spells(events: Events, service: str, horizon: float = inf) -> dict[int, list[Spell]]:
    """When each person was held by a service, read row by row; open spells end at the horizon."""
    found: dict[int, list[Spell]] = {}
    for person, rows in rows_by_person(events, service).items():
        since, mine = None, []
        for day, verb, _ in rows:
            if verb == ADMITTED:
                assert since is None, f"{person} admitted twice to {service}"
                since = day
            elif verb == DISCHARGED:
                assert since is not None, f"{person} discharged from {service} without being there"
                mine.append((since, day))
                since = None
        found[person] = mine + ([(since, horizon)] if since is not None else [])
    return found


@thoroughly
def test_people_in_are_people_out_and_people_present(build: Build, county: Draw) -> None:
    events, _ = log_of(build, county)
    came = events.person[events.where("county", ADMITTED)]
    went = events.person[events.where("county", DISCHARGED)]
    assert len(set(came.tolist())) == len(came) == len(events.people)
    assert len(set(went.tolist())) == len(went)
    assert set(went.tolist()) <= set(came.tolist()) >= set(events.person.tolist())


@thoroughly
def test_nobody_is_in_two_exclusive_places_at_once(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    everywhere: dict[int, list[tuple[float, float, str]]] = defaultdict(list)
    for place in EXCLUSIVE:
        for person, mine in spells(events, place, horizon).items():
            everywhere[person] += [(start, end, place) for start, end in mine]
    for mine_too in everywhere.values():
        ordered = sorted(mine_too)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered)), ordered


HOME_KINDS = ("supervised", "shared", "master_leased", "longer_term", "supportive")


def homes_lived_in(events: Events, horizon: float) -> dict[int, list[tuple[float, float, str]]]:
    """Where each person lived from when to when since they first moved, the street being one place."""
    gone = {person: mine[0][1] for person, mine in spells(events, "county", horizon).items()}
    found: dict[int, list[tuple[float, float, str]]] = {}
    for person, rows in rows_by_person(events, "home").items():
        days = [day for day, _, _ in rows] + [gone[person]]
        found[person] = [(start, end, rows[i][2]) for i, (start, end) in enumerate(pairwise(days))]
    return found


@thoroughly
def test_everyone_lives_in_one_home_which_they_hold_and_never_in_two(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    held = {kind: spells(events, kind, horizon) for kind in (*HOME_KINDS, "homeless", "shelter")}
    homes = homes_lived_in(events, horizon)
    for person, lived in homes.items():
        assert all(before[2] != after[2] for before, after in pairwise(lived)), lived
        for start, end, kind in lived:
            if kind != "own":
                mine = held["homeless" if kind == "none" else kind][person]
                assert any(a <= start and end <= b for a, b in mine), (person, kind, start, end)
    without = {person: [(a, b) for a, b, kind in mine if kind == "none"] for person, mine in homes.items()}
    for person, mine in held["homeless"].items():
        assert [m for m in mine if m[0] < m[1]] == [m for m in without[person] if m[0] < m[1]]
    for person, mine in held["shelter"].items():
        assert all(any(a <= start and end <= b for a, b in held["homeless"][person]) for start, end in mine)


@thoroughly
def test_nobody_sleeps_in_a_shelter_from_jail(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    jail = spells(events, "jail", horizon)
    for person, mine in spells(events, "shelter", horizon).items():
        assert not any(max(a, c) < min(b, d) for a, b in mine for c, d in jail.get(person, []))


@thoroughly
def test_nobody_is_anywhere_before_they_come_or_after_they_leave(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    here = {person: mine[0] for person, mine in spells(events, "county", horizon).items()}
    for service in services(events):
        for person, mine in spells(events, service, horizon).items():
            came, went = here[person]
            assert all(end <= went for _, end in mine), (person, service)
            assert all(start >= came or came == 0 for start, _ in mine), (person, service)


@thoroughly
def test_person_days_over_states_are_persons_times_the_time_they_were_here(
    build: Build, county: Draw
) -> None:
    events, horizon = log_of(build, county)
    jail, crisis = spells(events, "jail", horizon), spells(events, "crisis", horizon)
    by_state: dict[str, float] = defaultdict(float)
    for person, [(came, went)] in spells(events, "county", horizon).items():
        held = [("jail", s, e) for s, e in jail.get(person, [])]
        held += [("crisis", s, e) for s, e in crisis.get(person, [])]
        now = came
        for state, start, end in sorted(held, key=lambda spell: spell[1:]):
            by_state["free"] += max(start, came) - now
            assert max(start, came) >= now
            by_state[state] += end - max(start, came)
            now = end
        by_state["free"] += went - now
        assert went >= now
    came_on, went_on = (events.day[events.where("county", verb)] for verb in (ADMITTED, DISCHARGED))
    present = (horizon - came_on).sum() - (horizon - went_on).sum()
    history = History(events, horizon)
    measured = sum(
        np.minimum(history.spans(s).end, horizon).sum() - np.maximum(history.spans(s).start, 0).sum()
        for s in ("jail", "crisis")
    )
    assert by_state["jail"] + by_state["crisis"] == pytest.approx(measured)
    assert sum(by_state.values()) == pytest.approx(present)


@thoroughly
def test_nobody_is_admitted_to_a_full_service(build: Build, county: Draw) -> None:
    events, _ = log_of(build, county)
    slots: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for day, service, what, number in events.capacity:
        if what == "slots":
            slots[service].append((day, number))
    for service, levels in slots.items():
        held, busiest = 0, 0.0
        for row in np.flatnonzero(events.where(service=service)).tolist():
            day, verb = events.day[row], events.words[events.what[row]]
            held += (verb == ADMITTED) - (verb == DISCHARGED)
            if verb == ADMITTED and day > 0:
                before = [number for since, number in levels if since < day]
                now = [number for since, number in levels if since == day]
                busiest = max([*before[-1:], *now])
                assert held < busiest + 1, f"{service} holds {held} of {busiest} on day {day}"


@thoroughly
def test_every_wait_ends_once_or_is_open_at_the_end_by_someone_still_here(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    gone = set(events.person[events.where("county", DISCHARGED)].tolist())
    for service in sorted({events.words[code] for code in np.unique(events.service)}):
        for person, rows in rows_by_person(events, service).items():
            waiting = False
            for day, verb, _ in rows:
                if verb == "referred":
                    assert not waiting, f"{person} referred to {service} twice at once"
                    waiting = True
                elif verb in ("declined", "left_waiting"):
                    assert waiting, f"{person} {verb} by {service} without a referral"
                    waiting = False
                elif verb == ADMITTED:
                    waiting = False
                assert day < horizon
            assert not (waiting and person in gone), f"{person} left the county and still waits for {service}"


SIX_WAYS = {
    "success",
    "administrative_closure",
    "voluntary_withdrawal",
    "discharge",
    "transfer",
    "failure",
}


@thoroughly
def test_every_participant_leaves_by_one_of_six_ways_within_the_legal_limit(
    build: Build, county: Draw
) -> None:
    events, horizon = log_of(build, county)
    limit = build(*county).county.rules.program_limit
    left = events.where("court", DISCHARGED)
    assert {events.words[code] for code in events.why[left]} <= SIX_WAYS
    for person, mine in spells(events, "court", horizon).items():
        assert all(end - start <= limit + 1e-6 for start, end in mine), person


@thoroughly
def test_littles_law_holds_for_every_service(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    history = History(events, horizon)
    for service in services(events):
        came = events.day[events.where(service, ADMITTED)]
        went = events.day[events.where(service, DISCHARGED)]
        steps = np.concatenate([np.maximum(came, 0), went])
        order = np.argsort(steps, kind="stable")
        level = np.cumsum(np.concatenate([np.ones(len(came)), -np.ones(len(went))])[order])
        census = float(level @ np.diff(np.append(steps[order], horizon))) / horizon
        stays = history.spans(service)
        inside = np.minimum(stays.end, horizon) - np.maximum(stays.start, 0)
        per_day, mean_stay = len(stays) / horizon, inside.mean()
        assert census == pytest.approx(per_day * mean_stay), service
        assert level.min() >= 0


@thoroughly
def test_littles_law_holds_for_every_waiting_list(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    history = History(events, horizon)
    for service in services(events):
        waits = history.waits(service)
        queue = 0.0
        for rows in rows_by_person(events, service).values():
            since = None
            for day, verb, _ in rows:
                if since is not None:
                    queue += day - since
                since = day if verb == "referred" else None
            queue += horizon - since if since is not None else 0.0
        assert queue == pytest.approx((np.minimum(waits.end, horizon) - waits.start).sum(), abs=1e-6), service


@thoroughly
def test_the_log_runs_forward(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    after_the_start = events.day[events.day > 0]
    assert np.all(np.diff(after_the_start) >= 0)
    assert after_the_start.max() < horizon


@thoroughly
def test_jail_days_split_by_reason_are_never_negative_and_sum_to_all(build: Build, county: Draw) -> None:
    events, horizon = log_of(build, county)
    found = MEASURES["jail_days"].function(History(events, horizon), np.linspace(0, horizon, MONTHS + 1))
    parts = np.array([values for name, values in found.items() if name.startswith("for=")])
    assert parts.min() > -1e-6
    assert parts.sum(axis=0) == pytest.approx(found["all"])
