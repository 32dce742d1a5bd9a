"""The quarterly review scores what the log shows by the scales' anchors, and only FACT changes arrests."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from simulation import model
from simulation.county.fidelity_review import QUARTER, Reader, mean_score
from simulation.engine.eventlog import EventLog, Post, Tenure
from simulation.measures.fidelity import DACTS, FACTS, observe
from simulation.measures.fidelity.stated import ITEMS
from simulation.measures.transcript import transcript
from simulation.pathway import community
from tests.conftest import Build

WEST = "fact.west"


def small_log() -> EventLog:
    """A year of a team of two case managers, half a nurse and a psychiatrist a day a week, by hand.

    Ten people were there on day 0. One case manager leaves on day 73 (a fifth of the year) and the post
    stays vacant; three people come in month 5; two complete, one of them to outpatient care, one withdraws.
    """
    log = EventLog()
    log.posts += [
        Post(0, WEST, "case_manager", 1.0, True, 0.0),
        Post(1, WEST, "case_manager", 1.0, True, 0.0),
        Post(2, WEST, "nurse", 0.5, True, 0.0),
        Post(3, WEST, "psychiatrist", 0.2, False, 0.0),
        Post(0, "evaluation", "evaluator", 1.0, True, 0.0),
    ]
    log.tenures += [
        Tenure(0, WEST, "case_manager", -400.0),
        Tenure(1, WEST, "case_manager", -100.0, 73.0),
        Tenure(2, WEST, "nurse", -10.0),
        Tenure(3, WEST, "psychiatrist", -10.0),
        Tenure(0, "evaluation", "evaluator", 0.0),
    ]
    for person in range(10):
        log.write(-50.0, person, WEST, "admitted", "diverted")
    for person in (10, 11, 12):
        log.write(150.0, person, WEST, "admitted", "diverted")
    for day, person, service, what, why in (
        (200.0, 0, WEST, "discharged", "success"),
        (210.0, 0, "outpatient", "admitted", "step_down"),
        (220.0, 1, WEST, "discharged", "success"),
        (300.0, 1, "outpatient", "admitted", "step_down"),
        (230.0, 2, WEST, "discharged", "voluntary_withdrawal"),
        (240.0, 1, WEST, "admitted", "return"),
    ):
        log.write(day, person, service, what, why)
    log.attended((300.0, 342.0), 3, "therapy", (20, 15))
    log.attended((342.0, 342.0), 3, "hearing", (1, 1))
    return log


BY_HAND: dict[str, float] = {
    "H1": 11 / 1.5,
    "H5": 100 * 1 / 4 / 0.5,
    "H6": 100 * (2.7 - 0.8) / 2.7,
    "H7": 100 * 0.2 / 11,
    "H8": 100 * 0.5 / 11,
    "H9": 0.0,
    "H10": 0.0,
    "H11": 1.7,
    "O2": 1.0,
    "O7": 100 * 2 / 14,
    "S2": 100 * 13 / 14,
    "S4": 15 / 6 * 40,
    "S5": 15 / 6,
    "F3": 100 * 10 / 11,
    "F13": 50.0,
}
SCORES = {
    "H1": 5, "H5": 3, "H6": 3, "H7": 5, "H8": 5, "H9": 1, "H10": 1, "H11": 1,
    "O2": 5, "O7": 4, "S2": 4, "S4": 4, "S5": 3, "F3": 5, "F13": 1,
}  # fmt: skip


def test_a_year_of_a_small_team_gives_the_raw_values_worked_out_by_hand() -> None:
    reader = Reader(small_log(), [WEST])
    reader.read()
    found = reader.look(WEST, 365.0, 40.0)
    assert found == pytest.approx(BY_HAND)
    assert {key: ITEMS[key].score(raw) for key, raw in found.items()} == SCORES


def test_the_most_intakes_are_those_of_the_fullest_of_the_last_six_months() -> None:
    reader = Reader(small_log(), [WEST])
    reader.read()
    assert reader.look(WEST, 241.0, 40.0)["O2"] == 3
    assert reader.look(WEST, 365.0, 40.0)["O2"] == 1, "the month with three is longer ago"


def test_reading_in_parts_shows_the_same_as_reading_at_once() -> None:
    whole, parts = small_log(), EventLog()
    reader = Reader(parts, [WEST])
    parts.posts, parts.tenures = whole.posts, whole.tenures
    events = whole.read()
    for row in zip(events.day, events.person, events.service, events.what, events.why, strict=True):
        words = [events.words[code] for code in row[2:]]
        parts.write(float(row[0]), int(row[1]), *words)
        reader.read()
    for start, end, person, kind, offered, kept in events.attendance:
        parts.attended((start, end), person, kind, (offered, kept))
        reader.read()
    assert reader.look(WEST, 365.0, 40.0) == pytest.approx(BY_HAND)


def test_the_share_of_crises_that_the_team_answered_is_seen_once_it_is_on_call() -> None:
    """Four crises of members, one of someone who has left and one of a stranger; the team answered three."""
    log = small_log()
    for day, person in ((250.0, 3), (260.0, 4), (270.0, 5), (280.0, 6), (285.0, 2), (290.0, 99)):
        log.write(day, person, "crisis", "admitted")
        if person in (3, 5, 6):
            log.write(day, person, WEST, "answered")
    reader = Reader(log, [WEST])
    reader.read()
    assert "O4" not in reader.look(WEST, 365.0, 40.0)
    log.capacity(100.0, WEST, "on_call", 12.0)
    assert reader.look(WEST, 365.0, 40.0)["O4"] == 75
    assert ITEMS["O4"].score(75) == 4


def test_a_scale_is_the_mean_of_stated_found_and_assumed_items() -> None:
    found = {"H1": 15.0, "H11": 1.0}
    assert mean_score(DACTS, {"H11": 5}, found, 4.0) == pytest.approx((4 + 5 + 26 * 4) / 28)
    assert mean_score(FACTS, {"F2": 1}, {"F1": 2.5}, 4.0) == pytest.approx((3 + 1 + 11 * 4) / 13)


def test_a_team_without_anybody_in_post_has_the_worst_caseload() -> None:
    log = small_log()
    log.tenures.clear()
    reader = Reader(log, [WEST])
    reader.read()
    found = reader.look(WEST, 365.0, 40.0)
    assert found["H1"] == inf and ITEMS["H1"].score(inf) == 1
    assert found["H6"] == found["H11"] == 0


def test_a_review_finds_what_the_records_of_the_same_run_show(build: Build) -> None:
    teams = [{"name": "west", "posts": 3, "enrolled": 25, "share": 1.0}]
    scenario = build({"fact.teams": teams, "months": 24}, {"court.referral_if_identified": 0.9})
    county = model.build(scenario, 1, 0)
    horizon = scenario.county.horizon
    county.env.run(until=horizon)
    reader = Reader(county.log, [WEST])
    reader.read()
    found = reader.look(WEST, horizon, 40.0)
    records = transcript(county.log.read(), scenario.county.start, horizon)
    shown = observe(records, "west", None, None)
    for key in ("H1", "H11", "F3", "O7", "S2"):
        assert found[key] == pytest.approx(shown[key].raw), key
    assert found["H6"] == pytest.approx(shown["H6"].raw, abs=1)
    for key in ("S4", "S5"):  # records divide by all weeks enrolled, those not yet reviewed included
        assert shown[key].raw <= found[key] <= 1.25 * shown[key].raw, key


def test_plain_act_leaves_every_arrest_as_it_was(build: Build) -> None:
    plain: list[dict[str, Any]] = [
        {"name": "west", "posts": 3, "enrolled": 25, "share": 1.0, "forensic": 0.0}
    ]
    with_effect, without = (
        model.run(build({"fact.teams": plain}, {"fact.arrest_ratio": ratio}), 1, 0) for ratio in (0.5, 1.0)
    )
    assert repr(with_effect.arrests) == repr(without.arrests)


def test_fact_lowers_the_arrest_rate_by_its_ratio_to_the_power_of_fidelity(build: Build) -> None:
    scenario = build({"fact.teams": [{"name": "west", "posts": 3, "enrolled": 25, "share": 1.0}]})
    county = model.build(scenario, 1, 0)
    county.env.run(until=QUARTER + 1)
    team = county.fact["west"]
    ratio = scenario.parameters.fact.arrest_ratio.value
    assert 0.5 < team.fidelity < 0.9
    housed = [m.person for m in team.members.values() if m.person.home == "own"]
    assert housed
    for person in housed:
        inside = community.rates(county, person)[1]
        assert inside == pytest.approx(person.arrest_rate * ratio**team.fidelity)


def test_every_quarter_has_a_review_of_every_team(build: Build) -> None:
    events = model.run(build(), 1, 0)
    days = [day for day, name, what, _ in events.capacity if (name, what) == (WEST, "facts")]
    assert days == pytest.approx([0, QUARTER, 2 * QUARTER, 3 * QUARTER])
