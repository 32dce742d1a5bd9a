"""A FACT team gets the score that the scales' own anchors give, and every score says where it is from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from simulation.measures.fidelity import DACTS, FACTS, Answer, Result, Scored, Stated, as_table, fidelity
from simulation.measures.fidelity.stated import ITEMS
from simulation.record import Records

# For each item with raw values: values on both sides of every anchor, and the score they get by the text.
ANCHORS: dict[str, dict[float, int]] = {
    "H1": {60: 1, 50: 1, 49: 2, 35: 2, 34: 3, 21: 3, 20: 4, 11: 4, 10.5: 4, 10: 5, 4: 5},
    "H2": {9: 1, 10: 2, 36: 2, 37: 3, 63: 3, 64: 4, 89: 4, 89.9: 4, 90: 5},
    "H3": {12 / 52: 1, 24 / 52: 2, 0.99: 2, 1: 3, 1.9: 3, 2: 4, 3.9: 4, 4: 5},
    "H4": {0: 1, 1: 3, 24: 3, 25: 4, 49: 4, 50: 5},
    "H5": {81: 1, 80: 2, 60: 2, 59: 3, 40: 3, 39: 4, 20: 4, 19.9: 5, 0: 5},
    "H6": {49: 1, 50: 2, 64: 2, 65: 3, 79: 3, 80: 4, 94: 4, 95: 5, 100: 5},
    "H7": {0.09: 1, 0.1: 2, 0.39: 2, 0.4: 3, 0.69: 3, 0.7: 4, 0.99: 4, 1: 5},
    "H8": {0.19: 1, 0.2: 2, 0.79: 2, 0.8: 3, 1.39: 3, 1.4: 4, 1.99: 4, 2: 5},
    "H9": {0.19: 1, 0.2: 2, 0.79: 2, 0.8: 3, 1.39: 3, 1.4: 4, 1.99: 4, 2: 5},
    "H10": {0.19: 1, 0.2: 2, 0.79: 2, 0.8: 3, 1.39: 3, 1.4: 4, 1.99: 4, 2: 5},
    "H11": {2.4: 1, 2.5: 2, 4.9: 2, 5: 3, 7.4: 3, 7.5: 4, 9.9: 4, 10: 5},
    "O2": {16: 1, 15: 2, 13: 2, 12: 3, 10: 3, 9: 4, 7: 4, 6: 5, 0: 5},
    "O3": {0: 1, 1: 2, 2: 3, 3: 4, 4: 4, 5: 5},
    "O4": {4: 1, 5: 2, 34: 2, 35: 3, 64: 3, 65: 4, 94: 4, 95: 5, 100: 5},
    "O5": {4: 1, 5: 2, 34: 2, 35: 3, 64: 3, 65: 4, 94: 4, 95: 5},
    "O6": {4: 1, 5: 2, 34: 2, 35: 3, 64: 3, 65: 4, 94: 4, 95: 5},
    "O7": {91: 1, 90: 2, 38: 2, 37: 3, 18: 3, 17: 4, 5: 4, 4.9: 5, 0: 5},
    "S1": {19: 1, 20: 2, 39: 2, 40: 3, 59: 3, 60: 4, 79: 4, 80: 5},
    "S2": {49: 1, 50: 2, 64: 2, 65: 3, 79: 3, 80: 4, 94: 4, 95: 5},
    "S4": {14: 1, 15: 2, 49: 2, 50: 3, 84: 3, 85: 4, 119: 4, 120: 5},
    "S5": {0.9: 1, 1: 2, 1.99: 2, 2: 3, 2.99: 3, 3: 4, 3.99: 4, 4: 5},
    "S6": {0.4: 1, 0.5: 2, 0.99: 2, 1: 3, 1.99: 3, 2: 4, 3.99: 4, 4: 5},
    "S8": {4: 1, 5: 2, 19: 2, 20: 3, 34: 3, 35: 4, 49: 4, 50: 5},
    "F1": {0.9: 1, 1: 2, 1.9: 2, 2: 3, 2.9: 3, 3: 4, 3.9: 4, 3.99: 4, 4: 5},
    "F2": {3: 1, 4: 2, 5: 3, 6: 4, 7: 5},
    "F3": {60: 1, 61: 2, 70: 2, 71: 3, 80: 3, 81: 4, 90: 4, 90.1: 5},
    "F5": {0.9: 1, 1: 2, 1.9: 2, 2: 3, 2.9: 3, 3: 4, 3.9: 4, 4: 5},
    "F6": {13: 1, 12: 2, 10: 2, 9: 3, 7: 3, 6: 4, 4: 4, 3: 5},
    "F8": {90: 1, 62: 2, 32: 2, 31: 3, 15: 3, 14: 4, 8: 4, 7: 5},
    "F9": {60: 1, 61: 2, 70: 2, 71: 3, 80: 3, 81: 4, 89: 4, 90: 5},
    "F10": {60: 1, 61: 2, 70: 2, 71: 3, 80: 3, 81: 4, 89: 4, 90: 5},
    "F11": {90: 1, 62: 2, 32: 2, 31: 3, 15: 3, 14: 4, 8: 4, 7: 5},
    "F13": {60: 1, 61: 2, 70: 2, 71: 3, 80: 3, 81: 4, 90: 4, 90.1: 5},
}
JUDGED = {"O1", "S3", "S7", "S9", "S10", "F4", "F7", "F12"}


@pytest.mark.parametrize("key", ANCHORS)
def test_every_raw_value_gets_the_score_of_its_anchor(key: str) -> None:
    assert {raw: ITEMS[key].score(raw) for raw in ANCHORS[key]} == ANCHORS[key]


def test_the_scales_have_28_and_13_items_and_each_is_measured_or_judged() -> None:
    sizes = [(name, len(items)) for name, items in DACTS.subscales]
    assert sizes == [("Human resources", 11), ("Organizational boundaries", 7), ("Nature of services", 10)]
    assert len(DACTS.items) == 28
    assert len(FACTS.items) == 13
    assert set(ITEMS) == set(ANCHORS) | JUDGED
    assert {key for key, item in ITEMS.items() if item.cuts is None} == JUDGED


def test_an_item_that_only_people_can_judge_has_no_raw_value() -> None:
    with pytest.raises(ValidationError, match=r"S3 \(Assertive engagement mechanisms\) has no raw value"):
        Stated(items={"S3": Answer(raw=1)})
    with pytest.raises(ValueError, match="cannot be scored"):
        ITEMS["S3"].score(3)


def test_an_answer_is_a_raw_value_or_a_score_and_its_item_exists() -> None:
    for wrong in ({}, {"raw": 3, "score": 3}, {"score": 6}, {"score": 0}, {"raw": float("nan")}):
        with pytest.raises(ValidationError):
            Answer(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match=r"no item 'h1'\. Did you mean 'H1'\?"):
        Stated(items={"h1": Answer(score=3)})


def frame(rows: list[tuple[object, ...]], *columns: str) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(columns))
    for name in {"start", "end", "date", "month", "admission_date", "arrested", "booked"} & set(columns):
        made[name] = pd.to_datetime(made[name])
    return made


FACT = ("person", "service", "start", "end", "way_out", "team")
POST = ("team", "role", "member", "fte", "start", "end", "clinician")
UNTIL = date(2025, 1, 1)


def scored(
    fact: list[tuple[object, ...]] | None = None,
    posts: list[tuple[object, ...]] | None = None,
    stated: Stated | None = None,
    team: str | None = None,
    on: date | None = None,
    **more: pd.DataFrame,
) -> tuple[Result, Result]:
    tables = {"episodes": frame(fact or [], *FACT), "posts": frame(posts or [], *POST), **more}
    return fidelity(Records.of(tables, UNTIL), stated, team, on)


def item(results: tuple[Result, Result], key: str) -> Scored:
    return next(one for result in results for one in result.items if one.item.key == key)


def clients(n: int, start: str = "2022-01-01", team: str = "east") -> list[tuple[object, ...]]:
    return [(f"{team}{i}", "fact", start, None, None, team) for i in range(n)]


def staff(
    n: int, role: str = "clinician", start: str = "2020-01-01", team: str = "east"
) -> list[tuple[object, ...]]:
    return [(team, role, None, 1.0, start, None, True) for _ in range(n)]


def test_the_caseload_is_clients_over_clinicians_on_the_last_day() -> None:
    # 42 clients, one of whom left on the last day; 3 clinicians and a psychiatrist who carries no cases.
    fact = [*clients(42), ("gone", "fact", "2022-01-01", "2024-12-31", "success", "east")]
    posts = [*staff(3), ("east", "psychiatrist", None, 0.5, "2020-01-01", None, False)]
    found = item(scored(fact, posts), "H1")
    assert (found.raw, found.score, found.origin) == (14, 4, "observed")


def test_clients_without_a_clinician_get_the_lowest_score() -> None:
    posts = [("east", "clinician", None, 1.0, "2020-01-01", "2024-06-01", True)]
    assert item(scored(clients(5), posts), "H1").score == 1


def test_turnover_is_who_left_in_two_years_over_the_posts() -> None:
    # Four posts; within two years two people left (and were replaced); one left before; one changed role.
    posts = [
        ("east", "clinician", "m1", 1.0, "2020-01-01", None, True),
        ("east", "clinician", "m2", 1.0, "2020-01-01", "2023-06-01", True),
        ("east", "clinician", "m3", 1.0, "2023-07-01", "2024-03-01", True),
        ("east", "clinician", "m4", 1.0, "2024-04-01", None, True),
        ("east", "clinician", "m5", 1.0, "2020-01-01", "2022-06-01", True),
        ("east", "clinician", "m6", 1.0, "2022-07-01", None, True),
        ("east", "clinician", "m7", 1.0, "2020-01-01", "2024-05-01", True),
        ("east", "team leader", "m7", 1.0, "2024-05-01", None, True),
    ]
    found = item(scored(clients(1), posts), "H5")
    assert (found.raw, found.score, found.note) == (50, 3, "")


def test_turnover_of_a_young_team_is_scaled_to_two_years() -> None:
    # One of two posts left within the team's only year: 50 % in a year, 100 % in two.
    posts = [
        *staff(1, start="2024-01-02"),
        ("east", "clinician", None, 1.0, "2024-01-02", "2024-06-01", True),
    ]
    found = item(scored(clients(1), posts), "H5")
    assert found.raw == pytest.approx(100)
    assert found.note == "From 12 months of posts, scaled to 24."


def test_capacity_is_the_share_of_the_years_posts_that_were_filled() -> None:
    # 4 FTE held at once in 2023; in the last 365 days (from 2024-01-02) two all year, one for 146 days.
    posts = [
        *staff(2),
        ("east", "clinician", None, 1.0, "2020-01-01", "2023-12-01", True),
        ("east", "clinician", None, 1.0, "2020-01-01", "2024-05-27", True),  # 146 days
    ]
    found = item(scored(clients(1), posts), "H6")
    assert found.raw == pytest.approx(100 * (2 * 365 + 146) / (4 * 365))  # 60 %
    assert (found.score, found.note) == (2, "Full staffing taken as the most ever held at once, 4 FTE.")
    told = item(scored(clients(1), posts, Stated(authorized_fte=3)), "H6")
    assert (told.raw, told.score, told.note) == (pytest.approx(80), 4, "")


def test_specialists_are_counted_per_100_clients() -> None:
    # 50 clients: psychiatrist 0.4 FTE = 0.8 per 100; nurse 1 = 2; substance use none; vocational 0.5 = 1.
    posts = [
        *staff(3),
        ("east", "Psychiatrist", None, 0.4, "2020-01-01", None, False),
        ("east", "Registered nurse", None, 1.0, "2020-01-01", None, True),
        ("east", "Vocational specialist", None, 0.5, "2020-01-01", None, True),
    ]
    found = scored(clients(50), posts)
    assert [item(found, key).score for key in ("H7", "H8", "H9", "H10")] == [4, 5, 1, 3]
    assert item(found, "H11").raw == pytest.approx(4.9)
    assert item(found, "H11").score == 2


def test_tenths_of_a_post_add_up() -> None:
    posts = [("east", "nurse", None, 0.1, "2020-01-01", None, True)] * 8  # 0.7999999999999999 in floats
    assert item(scored(clients(100), posts), "H8").score == 3


def test_posts_that_name_no_specialty_do_not_show_that_there_is_none() -> None:
    found = scored(clients(50), staff(5))
    assert [item(found, key).origin for key in ("H7", "H8", "H9", "H10")] == ["missing"] * 4


def test_the_intake_rate_is_that_of_the_busiest_of_six_months() -> None:
    # 7 in August; 20 in June and 9 in January 2025, which lie outside July to December.
    fact = [*clients(20, "2024-06-30", "a"), *clients(7, "2024-08-15", "b"), *clients(3, "2024-12-31", "c")]
    found = item(scored(fact, staff(3)), "O2")
    assert (found.raw, found.score) == (7, 4)
    assert item(scored(fact, staff(3), on=date(2024, 7, 15)), "O2").raw == 20


def test_graduates_and_dropouts_are_counted_among_the_years_clients() -> None:
    # 20 served in the year: 16 stay, 2 graduate, 1 withdraws, 1 dies; one left the year before.
    left = [
        ("g1", "fact", "2022-01-01", "2024-03-01", "success", "east"),
        ("g2", "fact", "2022-01-01", "2024-04-01", "success", "east"),
        ("w", "fact", "2022-01-01", "2024-05-01", "voluntary_withdrawal", "east"),
        ("d", "fact", "2022-01-01", "2024-06-01", "administrative_closure", "east"),
        ("old", "fact", "2022-01-01", "2023-06-01", "failure", "east"),
    ]
    found = scored([*clients(16), *left])
    assert (item(found, "O7").raw, item(found, "O7").score) == (10, 4)
    assert (item(found, "S2").raw, item(found, "S2").score) == (95, 5)


def test_contacts_and_minutes_are_per_week_of_enrollment() -> None:
    # Two clients through November and December 2024: 61 days each = 122 / 7 weeks.
    contacts = frame(
        [
            ("east0", "2024-11-01", 20, 600, 15),
            ("east0", "2024-12-01", 12, 400, 9),
            ("east1", "2024-11-01", 8, 220, None),
            ("not a client", "2024-11-01", 99, 9999, 0),
        ],
        *("person", "month", "services", "minutes", "in_community"),
    )
    found = scored(clients(2), contacts=contacts)
    weeks = 122 / 7
    assert item(found, "S5").raw == pytest.approx(40 / weeks)  # 2.30
    assert item(found, "S5").score == 3
    assert item(found, "S4").raw == pytest.approx(1220 / weeks)  # 70
    assert item(found, "S4").score == 3
    assert item(found, "S1").raw == pytest.approx(100 * 24 / 32)  # months that say where
    assert item(found, "S1").score == 4


def test_minutes_nobody_recorded_are_missing() -> None:
    contacts = frame([("east0", "2024-11-01", 20)], "person", "month", "services")
    found = scored(clients(1), contacts=contacts)
    assert item(found, "S4").origin == "missing"
    assert item(found, "S1").origin == "missing"


def test_justice_involvement_is_a_court_case_arrest_or_stay_since_a_year_before() -> None:
    fact = clients(4, "2024-06-01")
    found = scored(
        fact,
        participants=frame([("east0", "2024-06-01")], "person", "admission_date"),
        arrests=frame([("east1", "2023-06-02"), ("east2", "2023-05-31")], "person", "arrested"),
        custody=frame([("east3", "2024-09-01")], "person", "booked"),
    )
    assert item(found, "F3").raw == 75  # all but east2, arrested 367 days before
    assert item(found, "F3").score == 3


def test_meetings_and_discussions_of_adherence_are_counted_by_the_days_between_them() -> None:
    weekly = pd.date_range("2024-03-04", "2024-12-30", freq="7D").delete([5, 20])  # two holidays
    meetings = pd.DataFrame({"date": weekly, "member": "judge", "required": 3, "missing": 0})
    monthly = pd.DataFrame(
        {"person": "a", "date": pd.date_range("2024-01-15", periods=11, freq="MS"), "compliant": True}
    )
    found = scored(clients(1), meetings=pd.concat([meetings, meetings]), ratings=monthly)
    assert (item(found, "F8").raw, item(found, "F8").score) == (7, 5)
    # February to December: 29 days once, 30 four times, 31 five times.
    assert (item(found, "F11").raw, item(found, "F11").score) == (30.5, 3)


def test_a_completer_is_transitioned_who_begins_aftercare_within_30_days() -> None:
    done = [(p, "fact", "2022-01-01", "2024-06-01", "success", "east") for p in "abc"]
    done += [("d", "fact", "2022-01-01", "2024-12-20", "success", "east")]  # 30 days not seen yet
    care = [
        ("a", "outpatient", "2024-06-15", None, None, None),
        ("b", "substance_use", "2024-05-20", None, None, None),
    ]
    care += [("c", "outpatient", "2024-07-15", None, None, None)]  # day 44
    found = item(scored([*done, *care]), "F13")
    assert (found.raw, found.score) == (pytest.approx(200 / 3), 2)


def test_each_team_can_be_scored_alone() -> None:
    fact = [*clients(30, team="east"), *clients(10, team="west")]
    posts = [*staff(1, team="east"), *staff(1, team="west")]
    raws = [item(scored(fact, posts, team=team), "H1").raw for team in ("east", "west", None)]
    assert raws == [30, 10, 20]


def test_an_input_fills_what_records_do_not_show_and_never_replaces_what_they_do() -> None:
    stated = Stated(
        items={"H1": Answer(raw=8), "H2": Answer(raw=70, source="site visit"), "S3": Answer(score=2)}
    )
    found = scored(clients(30), staff(1), stated)
    assert (item(found, "H1").score, item(found, "H1").origin) == (3, "observed")
    assert (item(found, "H2").score, item(found, "H2").origin, item(found, "H2").note) == (
        4,
        "input",
        "site visit",
    )
    assert (item(found, "S3").score, item(found, "S3").origin) == (2, "input")
    assert np.isnan(item(found, "S3").raw)
    assert item(found, "O1").origin == "missing"
    assert found[0].keys("input") == ["H2", "S3"]


def test_means_are_of_the_items_that_have_a_score() -> None:
    # H 11 items at 4 but H2 at 2 and H3 missing; O all 3; S1 only, at 5.
    answers = {f"H{i}": Answer(score=4) for i in range(1, 12) if i != 3} | {"H2": Answer(score=2)}
    answers |= {f"O{i}": Answer(score=3) for i in range(1, 8)} | {"S1": Answer(score=5)}
    dacts, facts = scored(stated=Stated(items=answers))
    assert dacts.subscales == {
        "Human resources": pytest.approx(38 / 10),
        "Organizational boundaries": 3,
        "Nature of services": 5,
    }
    assert dacts.total == pytest.approx((38 + 21 + 5) / 18)
    # 64 / 18 = 3.56: the ACT component of the FACTS scores 4, and is an input since the items are.
    first = facts.items[0]
    assert (first.raw, first.score, first.origin) == (pytest.approx(64 / 18), 4, "input")
    assert first.note == "From 18 of 28 items, 18 of them inputs."
    assert facts.total == 4


def test_a_stated_act_score_stands_instead_of_one_from_few_items() -> None:
    found = item(scored(clients(30), staff(1), Stated(items={"F1": Answer(raw=4.2)})), "F1")
    assert (found.score, found.origin) == (5, "input")
    assert item(scored(clients(30), staff(1)), "F1").origin == "observed"


def test_empty_records_score_nothing_and_say_so() -> None:
    dacts, facts = scored()
    assert len(dacts.keys("missing")) == 28
    assert np.isnan(dacts.total)
    assert np.isnan(facts.total)


def test_the_table_ends_with_means_and_how_many_items_are_inputs() -> None:
    stated = Stated(items={"H2": Answer(raw=70)})
    table = as_table(*scored(clients(30), staff(1), stated))
    assert len(table) == 28 + 3 + 1 + 13 + 1
    first = table.iloc[0]
    assert (first["item"], first["score"], first["raw"], first["anchor"]) == ("H1", 3, 30, "21-34")
    assert table.iloc[28]["name"] == "Human resources, mean"
    assert table.iloc[28]["note"] == "11 items: 4 observed, 1 input, 6 missing."  # H1, H5, H6, H11
    assert table.iloc[-1]["name"] == "Total, mean"
