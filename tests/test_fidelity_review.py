"""The quarterly review scores what the log shows by the scales' anchors, and only FACT changes arrests."""

from __future__ import annotations

from dataclasses import replace
from math import floor, inf
from typing import Any

import pytest

from simulation import model
from simulation.county.fidelity_review import QUARTER, LogReader, mean_score
from simulation.engine.eventlog import EventLog, Post, Tenure
from simulation.measures.fidelity import DACTS, FACTS, TeamWindow, team_window
from simulation.measures.fidelity.stated import ITEMS
from simulation.measures.fidelity.window import Authorized, ObservedItem
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


def reader_of(log: EventLog, *teams: str) -> LogReader:
    """A reader of these teams that has read the whole log."""
    reader = LogReader(log)
    reader.follow(teams or (WEST,))
    reader.read()
    return reader


def raw_values(window: TeamWindow) -> dict[str, float]:
    observed = {**DACTS.observed(window), **FACTS.observed(window)}
    return {key: item.raw for key, item in observed.items()}


def look(reader: LogReader, day: float) -> dict[str, float]:
    """The raw values of the west team with contacts of 40 minutes."""
    return raw_values(reader.window(WEST, day, 40.0))


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
    observed = look(reader_of(small_log()), 365.0)
    assert observed == pytest.approx(BY_HAND)
    assert {key: ITEMS[key].score(raw) for key, raw in observed.items()} == SCORES


def test_the_most_intakes_are_those_of_the_fullest_of_the_last_six_months() -> None:
    reader = reader_of(small_log())
    assert look(reader, 241.0)["O2"] == 3
    assert look(reader, 365.0)["O2"] == 1, "the month with three is longer ago"


def test_reading_in_parts_shows_the_same_as_reading_at_once() -> None:
    whole, parts = small_log(), EventLog()
    reader = reader_of(parts)
    parts.posts, parts.tenures = whole.posts, whole.tenures
    events = whole.read()
    for row in zip(events.day, events.person, events.service, events.what, events.why, strict=True):
        words = [events.words[code] for code in row[2:]]
        parts.write(float(row[0]), int(row[1]), *words)
        reader.read()
    for start, end, person, kind, offered, kept in events.attendance:
        parts.attended((start, end), person, kind, (offered, kept))
        reader.read()
    assert look(reader, 365.0) == pytest.approx(BY_HAND)


def test_the_share_of_crises_that_the_team_answered_is_seen_once_it_is_on_call() -> None:
    """Four crises of members, one of someone who has left and one of a stranger; the team answered three."""
    log = small_log()
    for day, person in ((250.0, 3), (260.0, 4), (270.0, 5), (280.0, 6), (285.0, 2), (290.0, 99)):
        log.write(day, person, "crisis", "admitted")
        if person in (3, 5, 6):
            log.write(day, person, WEST, "answered")
    reader = reader_of(log)
    assert "O4" not in look(reader, 365.0)
    log.capacity(100.0, WEST, "on_call", 12.0)
    assert look(reader, 365.0)["O4"] == 75
    assert ITEMS["O4"].score(75) == 4


def test_a_scale_is_the_mean_of_stated_found_and_assumed_items() -> None:
    observed = {"H1": ObservedItem(15.0), "H11": ObservedItem(1.0)}
    assert mean_score(DACTS, {"H11": 5}, observed, 4.0) == pytest.approx((4 + 5 + 26 * 4) / 28)
    observed = {"F1": ObservedItem(2.5)}
    assert mean_score(FACTS, {"F2": 1}, observed, 4.0) == pytest.approx((3 + 1 + 11 * 4) / 13)


def test_a_team_without_anybody_in_post_has_the_worst_caseload() -> None:
    log = small_log()
    log.tenures.clear()
    observed = look(reader_of(log), 365.0)
    assert observed["H1"] == inf and ITEMS["H1"].score(inf) == 1
    assert observed["H6"] == observed["H11"] == 0


def test_a_contact_counts_for_the_enrollment_during_which_it_took_place() -> None:
    """Someone leaves and comes back before the next review: the first enrollment keeps its contacts."""
    log = small_log()
    log.write(340.0, 4, WEST, "discharged", "failure")
    log.write(350.0, 4, WEST, "admitted", "return")
    log.attended((326.0, 340.0), 4, "therapy", (10, 8))
    log.attended((340.0, 349.0), 4, "therapy", (10, 9))  # by someone else, between the two enrollments
    observed = look(reader_of(log), 365.0)
    assert observed["S5"] == pytest.approx((15 + 8) / ((42 + 14) / 7))


def dated(log: EventLog) -> EventLog:
    """The log as records could hold it: every time cut to its day, and every span at least a day long."""
    made, events = EventLog(), log.read()
    for day, *what in log.spelled(log.since(0)[0]):
        made.write(floor(day), *what)
    for start, end, person, kind, offered, kept in events.attendance:
        made.attended((floor(start), max(floor(end), floor(start) + 1)), person, kind, (offered, kept))
    for level in events.capacity:
        made.capacity(*level)
    made.posts = list(log.posts)
    made.tenures = [
        replace(tenure, began=floor(tenure.began), ended=tenure.ended // 1) for tenure in log.tenures
    ]
    return made


ONLY_IN_THE_LOG = {"O4"}  # records do not show who answered a crisis
ONLY_IN_RECORDS = {"S1", "F8", "F11"}  # the model makes neither places of contacts nor team meetings


@pytest.mark.parametrize("months", [8, 24])
def test_every_item_of_a_running_county_equals_that_of_its_records(build: Build, months: int) -> None:
    """What records can hold at all: cut to days, every item is equal to the last digit."""
    teams = [
        {"name": "west", "posts": 3, "enrolled": 25, "share": 0.5},
        {"name": "east", "posts": 2, "enrolled": 15, "share": 0.5},
    ]
    scenario = build({"fact.teams": teams, "months": months}, {"court.referral_if_identified": 0.9})
    county = model.build(scenario, 1, 0)
    until = float(int(scenario.county.horizon))
    county.env.run(until=until)
    reader = reader_of(dated(county.log), *(team.name for team in county.fact.values()))
    records = transcript(county.log.read(), scenario.county.start, until)
    for name, team in county.fact.items():
        running = raw_values(reader.window(team.name, until, team.minutes_per_contact))
        posts = [post.fte for post in county.log.posts if post.service == team.name]
        recorded = raw_values(team_window(records, name, None, Authorized(sum(posts), len(posts))))
        assert set(running) - ONLY_IN_THE_LOG == set(recorded)
        assert recorded == pytest.approx({key: running[key] for key in recorded}, rel=1e-12), name
        assert set(ITEMS) - ONLY_IN_RECORDS >= set(running)


def test_every_item_that_records_or_a_run_show_is_compared(build: Build) -> None:
    """No item that can be observed escapes the comparison above but those that one of the two lacks."""
    computed = {item.key for scale in (DACTS, FACTS) for item in scale.items if item.observe}
    assert computed == set(BY_HAND) | ONLY_IN_THE_LOG | ONLY_IN_RECORDS


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
