"""Every measure of the NCSC guide against a few people worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.measures.ncsc import COLUMNS, NCSC, Cohort, compute
from simulation.measures.ncsc.spell import Spells
from simulation.measures.ncsc.survey import every_nth
from simulation.record import Records

Row = dict[str, Any]


def made(until: str = "2030-01-01", source: Any = "records", **tables: list[Row]) -> Records:
    return Records.of({t: pd.DataFrame(r) for t, r in tables.items()}, date.fromisoformat(until), source)


def out(person: str, exit_date: str, exit_type: str | None = "success", **more: Any) -> Row:
    """Someone admitted on 1 January 2024."""
    stay = {"person": person, "admission_date": "2024-01-01", "exit_date": exit_date, "exit_type": exit_type}
    return {**stay, **more}


def measured(records: Records, number: str, cohort: str = "2025H1", by: Any = ()) -> pd.DataFrame:
    return compute(records, cohort=cohort, by=by, measures=[number])


def cell(table: pd.DataFrame, item: str, by: str = "all", group: str = "all", **more: str) -> Any:
    found = table[(table["item"] == item) & (table["by"] == by) & (table["group"] == group)]
    for column, word in more.items():
        found = found[found[column] == word]
    assert len(found) == 1, f"{len(found)} rows of {item} by {by} {group}, among {set(table['item'])}"
    return found.iloc[0]


def fraction(row: Any) -> tuple[float, int]:
    return float(row["numerator"]), int(row["denominator"])


# --- Cohorts (guide, "Cohort Selection" and "Time Frame") ---


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2025H1", "2025-01-01", "2025-07-01"),
        ("2025H2", "2025-07-01", "2026-01-01"),
        ("2025Q3", "2025-07-01", "2025-10-01"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
    ],
)
def test_a_label_says_which_days_a_cohort_holds(label: str, start: str, end: str) -> None:
    cohort = Cohort.parse(label)
    assert (cohort.label, cohort.start.isoformat(), cohort.end.isoformat()) == (label, start, end)


@pytest.mark.parametrize("label", ["", "2025H3", "2025Q0", "25H1", "2025-13", "H1 2025"])
def test_a_label_that_is_none_is_refused_with_those_that_are_allowed(label: str) -> None:
    with pytest.raises(ValueError, match="write 2025, 2025H1, 2025Q3 or 2025-07"):
        Cohort.parse(label)


def test_the_guides_six_months_run_from_1_january_to_30_june() -> None:
    people = [out("last day", "2025-06-30"), out("next", "2025-07-01"), out("before", "2024-12-31")]
    people.append(out("first day", "2025-01-01"))
    row = cell(measured(made(participants=people, arrests=[NOBODY]), "1"), "reoffended")
    assert int(row["denominator"]) == 2


def test_the_same_exits_are_counted_by_three_six_or_twelve_months() -> None:
    days = ["2025-01-15", "2025-02-15", "2025-05-15", "2025-08-15", "2025-12-31"]
    people = [out(str(i), day) for i, day in enumerate(days)]
    records = made(participants=people, arrests=[NOBODY])
    counts = {
        label: int(cell(measured(records, "1", label), "reoffended")["denominator"])
        for label in ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2025H1", "2025H2", "2025")
    }
    assert list(counts.values()) == [2, 1, 1, 1, 3, 2, 5]


def test_without_a_label_every_half_year_in_which_something_happened_is_shown() -> None:
    records = made(participants=[out("a", "2025-02-01"), out("b", "2026-08-01")], arrests=[NOBODY])
    assert list(compute(records, measures=["A10", "1"])["cohort"].unique()) == ["2024H1", "2025H1", "2026H2"]
    yearly = compute(records, measures=["1"], months=12)
    assert list(yearly["cohort"].unique()) == ["2024", "2025", "2026"]


NOBODY: Row = {"person": "nobody", "arrested": "2020-01-01"}


def test_a_cohort_of_ten_is_said_to_be_small_and_one_of_eleven_is_not() -> None:
    """The guide's example of a cohort that hangs on individual values has 10 participants ("Time Frame")."""
    for number, small in ((10, True), (11, False)):
        people = [out(str(i), "2025-03-01") for i in range(number)]
        row = cell(measured(made(participants=people, arrests=[NOBODY]), "1"), "reoffended")
        assert ("a longer cohort says more" in row["note"]) is small


# --- 1 In-program reoffending (page 10) ---


def arrest(person: str, day: str, charge: str | None = "misdemeanor", **more: Any) -> Row:
    return {"person": person, "arrested": day, "charge_level": charge, "charge_date": day, **more}


def reoffenders() -> Records:
    """Nine exits in 2025H1, one of them an administrative closure: EXIT is 8.

    a: felony and misdemeanor, charged: reoffended, most serious a felony. b: charged after the exit:
    counts. c: never charged: does not count. d: traffic: does not count. e: DUI: counts. f: arrested the
    day after the exit: no. g: arrested before admission: no. h: violation of probation on the day of the
    exit: counts. z: closed administratively, felony: not in the cohort. OFFEND is 4 (a, b, e, h).
    """
    people = [out(p, "2025-03-01") for p in "abcd"]
    people += [out(p, "2025-03-01", "failure") for p in "efgh"]
    people.append(out("z", "2025-03-01", "administrative_closure"))
    arrests = [
        arrest("a", "2024-02-01", "misdemeanor"),
        arrest("a", "2024-12-01", "felony"),
        arrest("b", "2025-02-20", "ordinance", charge_date="2025-05-01"),
        arrest("c", "2024-06-01", "felony", charge_date=None),
        arrest("d", "2024-06-01", "traffic"),
        arrest("e", "2024-06-01", "dui"),
        arrest("f", "2025-03-02", "felony"),
        arrest("g", "2023-12-31", "felony"),
        arrest("h", "2025-03-01 14:30", "violation", charge_date="2025-03-02"),
        arrest("z", "2024-06-01", "felony"),
    ]
    return made(participants=people, arrests=arrests)


def test_reoffending_is_an_arrest_in_the_program_that_was_charged() -> None:
    row = cell(measured(reoffenders(), "1"), "reoffended")
    assert fraction(row) == (4, 8)
    assert row["value"] == 0.5
    assert row["reasons"] == "administrative closure: 1" and row["excluded"] == 1


def test_reoffending_is_told_by_type_of_exit_and_closures_are_still_tracked() -> None:
    table = measured(reoffenders(), "1")
    assert fraction(cell(table, "reoffended", "exit_type", "success")) == (2, 4)
    assert fraction(cell(table, "reoffended", "exit_type", "failure")) == (2, 4)
    closed = cell(table, "reoffended", "exit_type", "administrative_closure")
    assert fraction(closed) == (0, 0) and closed["excluded"] == 1 and pd.isna(closed["value"])


def test_only_the_most_serious_charge_of_a_participant_is_told() -> None:
    table = measured(reoffenders(), "1")
    kinds = ("felony", "misdemeanor", "dui", "ordinance", "violation")
    counts = [fraction(cell(table, f"most serious charge: {kind}")) for kind in kinds]
    assert counts == [(1, 8), (0, 8), (1, 8), (1, 8), (1, 8)]
    assert fraction(cell(table, "most serious charge: felony", "exit_type", "success")) == (1, 4)


def test_the_first_arrest_is_placed_by_months_in_the_program() -> None:
    """a after 31 days, b after 416 (13.7 months), e after 152 (5.0), h after 425 (14.0)."""
    table = measured(reoffenders(), "1")
    spans = ("under 3", "3 to 6", "6 to 12", "12 to 18", "18 to 24", "24 or more")
    counts = [cell(table, f"first arrest after {span} months")["numerator"] for span in spans]
    assert counts == [1, 1, 0, 2, 0, 0]


def test_the_first_arrest_is_placed_by_phase_where_the_court_has_phases() -> None:
    """a's arrest of 1 February comes in phase 1, entered on admission; b's of 20 February in phase 2."""
    records = reoffenders()
    phases = [
        {"person": "a", "phase": "1", "start": "2024-01-01"},
        {"person": "a", "phase": "2", "start": "2024-03-01"},
        {"person": "b", "phase": "1", "start": "2024-01-01"},
        {"person": "b", "phase": "2", "start": "2025-02-20"},
    ]
    records = made(
        participants=records["participants"].to_dict("records"),
        arrests=records["arrests"].to_dict("records"),
        phases=phases,
    )
    table = measured(records, "1")
    assert fraction(cell(table, "first arrest in phase 1")) == (1, 8)
    assert fraction(cell(table, "first arrest in phase 2")) == (1, 8)


def test_the_arrest_that_led_to_the_referral_is_no_reoffending() -> None:
    people = [out("a", "2025-03-01", arrest_date="2024-01-01")]
    records = made(participants=people, arrests=[arrest("a", "2024-01-01", "felony")])
    assert fraction(cell(measured(records, "1"), "reoffended")) == (0, 1)


# --- 2 and 3 Attendance (pages 12 and 14) ---


def sessions(person: str, scheduled: int, attended: int, excused: int = 0, kind: str = "hearing") -> Row:
    row: Row = {"person": person, "kind": kind, "start": "2024-05-01", "end": "2024-06-01"}
    return {**row, "scheduled": scheduled, "attended": attended, "excused": excused}


@pytest.mark.parametrize(("number", "kind"), [("2", "hearing"), ("3", "therapy")])
def test_attendance_averages_proportions_over_participants(number: str, kind: str) -> None:
    """a: 5 of 10 = 0.5. b: 2 of 2 = 1. c: 10 scheduled, 2 excused, 6 attended = 6/8 = 0.75.

    Average (0.5 + 1 + 0.75) / 3 = 0.75; all sessions pooled would be 13 of 20 = 0.65. d had only an excused
    session, e none on record, f was closed administratively, g came more often than there were sessions.
    Sorted 0.5, 0.75, 1: median 0.75, quartiles 0.625 and 0.875, standard deviation 0.25.
    """
    people = [out("a", "2025-03-01"), out("b", "2025-03-01"), out("c", "2025-03-01", "failure")]
    people += [out(p, "2025-03-01") for p in "deg"] + [out("f", "2025-03-01", "administrative_closure")]
    other = "therapy" if kind == "hearing" else "hearing"
    counts = [sessions("a", 10, 5), sessions("b", 2, 2), sessions("c", 10, 6, 2), sessions("d", 1, 0, 1)]
    counts += [sessions("f", 10, 0), sessions("g", 2, 3)]
    rows = [{**row, "kind": kind} for row in counts] + [sessions("a", 10, 0, kind=other)]
    table = measured(made(participants=people, attendance=rows), number)
    row = cell(table, "attended")
    assert (row["value"], row["denominator"]) == (0.75, 3)
    assert row["reasons"] == "administrative closure: 1; none scheduled: 1; more attended than scheduled: 1"
    assert row["missing"] == 0.25, "of a, b, c and e, e has nothing on record"
    assert [row[name] for name in ("median", "sd", "q1", "q3")] == [0.75, 0.25, 0.625, 0.875]
    assert cell(table, "attended", "exit_type", "failure")["value"] == 0.75
    assert cell(table, "attended", "exit_type", "success")["value"] == 0.75


def test_sessions_of_several_months_are_summed_before_the_proportion_is_taken() -> None:
    """3 of 4 in January and 1 of 4 in February: 4 of 8; a month before admission does not count."""
    months = [
        ("2023-12-01", "2024-01-01", 4, 0),
        ("2024-01-01", "2024-02-01", 4, 3),
        ("2024-02-01", "2024-03-01", 4, 1),
    ]
    rows = [
        {"person": "a", "kind": "hearing", "start": s, "end": e, "scheduled": n, "attended": k}
        for s, e, n, k in months
    ]
    records = made(participants=[out("a", "2025-03-01")], attendance=rows)
    assert cell(measured(records, "2"), "attended")["value"] == 0.5


# --- 4 Living arrangement (page 16) ---


def test_living_arrangement_is_told_in_the_guides_four_categories() -> None:
    """Entry to exit of ten: 4 homeless to housed, 1 homeless to homeless, 3 housed to housed, 2 housed to
    homeless; one more is not recorded at exit and one was closed administratively. So 5 of 10 were homeless
    at entry and 3 of 10 at exit.
    """
    kinds = ["homeless not_homeless"] * 4 + ["homeless homeless"]
    kinds += ["not_homeless not_homeless"] * 3 + ["not_homeless homeless"] * 2
    people = [
        out(str(i), "2025-03-01", living_at_entry=kind.split()[0], living_at_exit=kind.split()[1])
        for i, kind in enumerate(kinds)
    ]
    people.append(out("unknown", "2025-03-01", living_at_entry="homeless", living_at_exit=None))
    closed = {"living_at_entry": "homeless", "living_at_exit": "homeless"}
    people.append(out("closed", "2025-03-01", "administrative_closure", **closed))
    table = measured(made(participants=people), "4")
    assert fraction(cell(table, "homeless at entry, not homeless at exit")) == (4, 10)
    assert fraction(cell(table, "homeless at entry and exit")) == (1, 10)
    assert fraction(cell(table, "not homeless at entry and exit")) == (3, 10)
    assert fraction(cell(table, "not homeless at entry, homeless at exit")) == (2, 10)
    assert fraction(cell(table, "homeless at entry")) == (5, 10)
    row = cell(table, "homeless at exit")
    assert fraction(row) == (3, 10) and row["missing"] == pytest.approx(1 / 11)


# --- 5 Retention (page 18) ---


def admitted(person: str, day: str, exit_date: str | None = None, exit_type: str | None = None) -> Row:
    return {"person": person, "admission_date": day, "exit_date": exit_date, "exit_type": exit_type}


def retained() -> list[Row]:
    """Eight admitted in 2024H1. By 30 June 2024 one had failed; by 31 December one had completed and one
    was closed administratively; by 30 June 2025 three more had completed, one was transferred and one had
    withdrawn: none is left.
    """
    ways = [
        ("2024-06-30", "failure"),
        ("2024-07-01", "success"),
        ("2024-12-31", "administrative_closure"),
        ("2025-01-01", "success"),
        ("2025-06-30", "success"),
        ("2025-02-01", "success"),
        ("2025-02-01", "transfer"),
        ("2025-02-01", "voluntary_withdrawal"),
    ]
    people = [admitted(str(i), "2024-01-10", *way) for i, way in enumerate(ways)]
    return [*people, admitted("other", "2024-07-01", "2024-08-01", "failure")]


def test_retention_follows_an_admission_cohort_until_everyone_is_out() -> None:
    table = measured(made(participants=retained()), "5", "2024H1")
    days = ("2024-06-30", "2024-12-31", "2025-06-30")
    assert list(table["as_of"].unique()) == list(days)
    active = [fraction(cell(table, "still active", as_of=day)) for day in days]
    assert active == [(7, 8), (5, 8), (0, 8)]
    last = {name: cell(table, name, as_of="2025-06-30")["numerator"] for name in table["item"].unique()}
    assert last == {
        "success": 4,
        "administrative_closure": 1,
        "voluntary_withdrawal": 1,
        "discharge": 0,
        "transfer": 1,
        "failure": 1,
        "still active": 0,
    }


def test_retention_keeps_administrative_closures_in_its_denominator() -> None:
    table = measured(made(participants=retained()), "5", "2024H1")
    row = cell(table, "administrative_closure", as_of="2024-12-31")
    assert fraction(row) == (1, 8) and row["excluded"] == 0


def test_each_admission_cohort_is_followed_for_itself() -> None:
    table = measured(made(participants=retained()), "5", "2024")
    assert list(table["as_of"].unique()) == ["2024-12-31", "2025-12-31"]
    halves = compute(made(participants=retained()), ["2024H1", "2024H2"], measures=["5"])
    active = halves[halves["item"] == "still active"]
    rows = zip(active["cohort"], active["as_of"], active["denominator"], strict=True)
    first = [("2024H1", day, 8) for day in ("2024-06-30", "2024-12-31", "2025-06-30")]
    assert list(rows) == [*first, ("2024H2", "2024-12-31", 1)]


def test_retention_stops_where_the_records_stop() -> None:
    table = measured(made("2025-03-15", participants=retained()), "5", "2024H1")
    assert list(table["as_of"].unique()) == ["2024-06-30", "2024-12-31"]
    early = measured(made("2024-05-01", participants=retained()), "5", "2024H1")
    assert list(early["as_of"].unique()) == ["2024-04-30"]
    assert early["note"].str.startswith("The records end before 2024-05-01, the cohort does not.").all()


def test_an_exit_without_a_date_is_left_out_of_the_admission_cohort_and_said() -> None:
    people = [*retained(), admitted("undated", "2024-01-10", None, "success")]
    row = cell(measured(made(participants=people), "5", "2024H1"), "success", as_of="2024-12-31")
    assert fraction(row) == (1, 8) and row["reasons"] == "exit without a date: 1"


# --- 6, 7, 8 Times (pages 20, 22, 24) ---


def times() -> Records:
    """Arrest to referral 10, 20, 60 and 30 days; referral to admission 5, 15, 40 and 20.

    e has no arrest date, f was referred before the arrest, g was closed administratively.
    """
    steps = [("a", 10, 5), ("b", 20, 15), ("c", 60, 40), ("d", 30, 20)]
    admission = pd.Timestamp("2024-01-01")
    people = []
    for person, to_referral, to_admission in steps:
        referral = admission - pd.Timedelta(days=to_admission)
        dates = {"referral_date": referral, "arrest_date": referral - pd.Timedelta(days=to_referral)}
        people.append(out(person, "2025-03-01", "failure" if person == "c" else "success", **dates))
    people.append(out("e", "2025-03-01", referral_date="2023-12-22"))
    people.append(out("f", "2025-03-01", referral_date="2023-12-22", arrest_date="2023-12-23"))
    dates = {"referral_date": pd.Timestamp("2023-01-01"), "arrest_date": pd.Timestamp("2022-01-01")}
    people.append(out("g", "2025-03-01", "administrative_closure", **dates))
    return made(participants=people)


def test_days_from_arrest_to_referral_are_averaged_over_the_exit_cohort() -> None:
    """TOTAL_Arrest = 10 + 20 + 60 + 30 = 120 over 4: 30 days; the median is 25."""
    table = measured(times(), "6")
    row = cell(table, "arrest to referral")
    assert (row["value"], row["numerator"], row["denominator"], row["median"]) == (30, 120, 4, 25)
    assert row["reasons"] == "administrative closure: 1; dates in the wrong order: 1"
    assert row["missing"] == 0.2
    assert cell(table, "arrest to referral", "exit_type", "success")["value"] == 20
    assert cell(table, "arrest to referral", "exit_type", "failure")["value"] == 60


def test_days_from_referral_to_admission_are_averaged_over_the_exit_cohort() -> None:
    """TOTAL_Admit = 5 + 15 + 40 + 20 + 10 (e) + 10 (f) = 100 over 6."""
    row = cell(measured(times(), "7"), "referral to admission")
    assert (row["numerator"], row["denominator"]) == (100, 6)
    assert row["value"] == pytest.approx(100 / 6)


def test_time_in_program_is_of_the_admission_cohort() -> None:
    """Admitted on 10 January 2024, out after 100, 200 and 600 days; closures count here, the active cannot.

    TOTAL_Time = 100 + 200 + 600 = 900 over 3: 300 days. Someone admitted later is in another cohort.
    """
    first = date(2024, 1, 10)
    lengths = {"a": (100, "failure"), "b": (200, "administrative_closure"), "c": (600, "success")}
    people = [
        admitted(p, first.isoformat(), date.fromordinal(first.toordinal() + days).isoformat(), way)
        for p, (days, way) in lengths.items()
    ]
    people += [admitted("d", "2024-02-01"), admitted("e", "2024-07-01", "2024-07-11", "failure")]
    table = measured(made(participants=people), "8", "2024H1")
    row = cell(table, "admission to exit")
    assert (row["value"], row["numerator"], row["denominator"]) == (300, 900, 3)
    assert row["reasons"] == "still active: 1"
    assert cell(table, "admission to exit", "exit_type", "administrative_closure")["value"] == 200


# --- 9 Team collaboration (page 26) ---


def test_missing_information_is_counted_by_meeting_and_not_by_case() -> None:
    """The guide's examples, at four weekly meetings in March.

    AB Treatment tells of all three participants: available. The public defender has information about one
    of two: missing, at the first meeting only. The social worker's people are never on the docket: not
    applicable. Probation brings nothing twice, of three meetings that needed it.
    """
    days = ["2025-03-05", "2025-03-12", "2025-03-19", "2025-03-26"]
    meetings = [{"date": d, "member": "AB Treatment", "required": 3, "missing": 0} for d in days]
    meetings += [
        {"date": d, "member": "public defender", "required": 2, "missing": m}
        for d, m in zip(days, (1, 0, 0, 0), strict=True)
    ]
    meetings += [{"date": d, "member": "social worker", "required": 0, "missing": 0} for d in days]
    meetings += [
        {"date": d, "member": "probation", "required": r, "missing": m}
        for d, r, m in zip(days, (1, 1, 2, 0), (1, 0, 2, 0), strict=True)
    ]
    table = measured(made(meetings=meetings), "9")
    march = table[table["cohort"] == "2025-03"]
    assert len(table["cohort"].unique()) == 6, "one a month of the six"
    by_member = {
        name: fraction(cell(march, "missing", "member", name))
        for name in ("AB Treatment", "public defender", "social worker", "probation")
    }
    assert by_member == {
        "AB Treatment": (0, 4),
        "public defender": (1, 4),
        "social worker": (0, 0),
        "probation": (2, 3),
    }
    assert cell(march, "missing", "member", "social worker")["reasons"] == "not applicable: 4"
    assert fraction(cell(march, "missing")) == (3, 11)
    assert fraction(cell(march, "available")) == (8, 11)


# --- 10 Agency collaboration (page 29) ---


def notices() -> list[Row]:
    """Six arrests with times, after 2, 24, 24.5, 48, 72 hours and never; three with days only, after 0, 1
    and 2 days. Not counted: one without custody, one after the exit, one notified before the arrest.
    """
    day, night = "2025-02-10 20:00", {"time_known": True, "booked": True}
    rows: list[Row] = [
        {"person": "a", "arrested": day, "notified": "2025-02-10 22:00", **night},
        {"person": "b", "arrested": day, "notified": "2025-02-11 20:00", **night},
        {"person": "c", "arrested": day, "notified": "2025-02-11 20:30", **night},
        {"person": "d", "arrested": day, "notified": "2025-02-12 20:00", **night},
        {"person": "e", "arrested": day, "notified": "2025-02-13 20:00", **night},
        {"person": "f", "arrested": day, "notified": None, **night},
    ]
    rows += [
        {"person": p, "arrested": "2025-02-10", "notified": n, "time_known": False, "booked": None}
        for p, n in (("g", "2025-02-10"), ("h", "2025-02-11"), ("i", "2025-02-12"))
    ]
    rows.append({"person": "a", "arrested": day, "notified": day, "time_known": True, "booked": False})
    rows.append({"person": "a", "arrested": "2025-04-02", "notified": "2025-04-02", "booked": True})
    rows.append({"person": "b", "arrested": day, "notified": "2025-02-10 10:00", **night})
    return rows


def test_notice_of_an_arrest_is_counted_within_24_and_48_hours() -> None:
    """Within 24 hours: a, b, g, h: 4 of 9. Within 48: c, d, i as well: 7 of 9."""
    people = [out(p, "2025-04-01") for p in "abcdefghi"]
    table = measured(made(participants=people, arrests=notices()), "10")
    row = cell(table, "within 24 hours")
    assert fraction(row) == (4, 9)
    assert row["reasons"] == "not taken into custody: 1; before the arrest: 1"
    assert fraction(cell(table, "within 48 hours")) == (7, 9)
    assert fraction(cell(table, "no notice on record")) == (1, 9)


def test_elapsed_time_is_in_hours_where_they_are_known_and_in_days_elsewhere() -> None:
    """(2 + 24 + 24.5 + 48 + 72) / 5 = 34.1 hours; (0 + 1 + 2) / 3 = 1 day."""
    people = [out(p, "2025-04-01") for p in "abcdefghi"]
    table = measured(made(participants=people, arrests=notices()), "10")
    assert cell(table, "hours to notice")["value"] == pytest.approx(34.1)
    assert cell(table, "days to notice")["value"] == 1


def test_notice_counts_arrests_that_were_never_charged_and_those_of_people_still_active() -> None:
    arrests = [{"person": "a", "arrested": "2025-02-10", "notified": "2025-02-11", "booked": True}]
    records = made(participants=[admitted("a", "2025-01-01")], arrests=arrests)
    assert fraction(cell(measured(records, "10"), "within 24 hours")) == (1, 1)


def test_an_arrest_just_before_the_records_end_is_too_recent_to_tell() -> None:
    arrests = [
        {"person": "a", "arrested": "2025-02-27", "notified": None, "booked": True},
        {"person": "a", "arrested": "2025-02-10", "notified": "2025-02-10", "booked": True},
    ]
    records = made("2025-03-01", participants=[admitted("a", "2025-01-01")], arrests=arrests)
    row = cell(measured(records, "10"), "within 24 hours")
    assert fraction(row) == (1, 1) and row["reasons"] == "too recent to tell: 1"


# --- 11 Need-based treatment and supervision (page 31) ---


def needy() -> Records:
    """Six enrolled in 2025Q1, with contacts and units in the quarter and a little in the next.

    Supervision 2, 4, 6, 12, 0 and 12: the average is 36 / 6 = 6. Service 10, 20, 20, 40, 0, and 30, the
    average is 120 / 6 = 20. Of quadrant 4, d and f: both have at least 6 contacts and 20 units.
    """
    quadrants = {
        "a": ("low", "low"),
        "b": ("low", "high"),
        "c": ("high", "low"),
        "d": ("high", "high"),
        "e": ("low", "low"),
        "f": ("high", "high"),
    }
    people = [
        {**admitted(p, "2024-01-01"), "criminogenic_risk": risk, "functional_impairment": impairment}
        for p, (risk, impairment) in quadrants.items()
    ]
    people[2] |= {"exit_date": "2025-03-31", "exit_type": "success"}
    people.append({**admitted("gone", "2024-01-01", "2024-12-31", "success"), "criminogenic_risk": "high"})
    people.append(admitted("later", "2025-04-01"))
    amounts = {"a": (2, 10), "b": (4, 20), "c": (6, 20), "d": (12, 40), "f": (12, 30)}
    contacts: list[Row] = []
    for person, (supervisions, services) in amounts.items():
        contacts.append({"person": person, "month": "2025-01-01", "supervisions": 1, "services": 5})
        rest = {"supervisions": supervisions - 1, "services": services - 5, "ancillary": 2}
        contacts.append({"person": person, "month": "2025-03-01", **rest})
    contacts.append({"person": "e", "month": "2025-04-01", "supervisions": 9, "services": 9})
    contacts.append({"person": "gone", "month": "2024-12-01", "supervisions": 90, "services": 90})
    return made(participants=people, contacts=contacts)


def test_supervision_and_service_are_compared_with_the_average_of_all_enrolled() -> None:
    table = measured(needy(), "11", "2025Q1")
    share = {
        (kind, group[0]): fraction(cell(table, f"above-average {kind}", "quadrant", group))
        for kind in ("supervision", "service")
        for group in table.loc[table["by"] == "quadrant", "group"].unique()
    }
    assert share == {
        ("supervision", "1"): (0, 2),
        ("supervision", "2"): (0, 1),
        ("supervision", "3"): (1, 1),
        ("supervision", "4"): (2, 2),
        ("service", "1"): (0, 2),
        ("service", "2"): (1, 1),
        ("service", "3"): (1, 1),
        ("service", "4"): (2, 2),
    }
    assert fraction(cell(table, "above-average supervision")) == (3, 6)
    assert fraction(cell(table, "below-average service")) == (2, 6)


def test_the_average_units_are_told_by_quadrant() -> None:
    table = measured(needy(), "11", "2025Q1")
    fourth = ("quadrant", "4 high risk, high impairment")
    assert cell(table, "contacts of supervision", *fourth)["value"] == 12
    assert cell(table, "units of service", *fourth)["value"] == 35
    assert cell(table, "units of service")["value"] == 20
    first = cell(table, "contacts of supervision", "quadrant", "1 low risk, low impairment")
    assert first["value"] == 1, "a had 2 and e none: an enrolled participant without an entry had none"


def test_one_day_in_the_quarter_is_enough_to_be_enrolled_in_it() -> None:
    days = ("2024-12-31", "2025-01-01")
    people = [{**out(day, day), "criminogenic_risk": "low", "functional_impairment": "low"} for day in days]
    contacts = [{"person": day, "month": "2024-12-01", "services": 4} for day in days]
    row = cell(measured(made(participants=people, contacts=contacts), "11", "2025Q1"), "units of service")
    assert fraction(row) == (0, 1)


def test_units_of_service_are_told_apart_by_type_where_the_records_do() -> None:
    """Ancillary units: 2 each of a, b, c, d and f, the others not separated: e had none in the quarter."""
    table = measured(needy(), "11", "2025Q1")
    row = cell(table, "units of ancillary service")
    assert (row["numerator"], row["denominator"]) == (10, 5)


def test_a_half_year_has_two_quarterly_assessments() -> None:
    table = measured(needy(), "11", "2025H1")
    assert list(table["cohort"].unique()) == ["2025Q1", "2025Q2"]
    assert cell(table, "units of service", cohort="2025Q2")["denominator"] == 5
    assert cell(table, "units of service", cohort="2025Q2")["missing"] == pytest.approx(1 / 6)


# --- 12 and 13 Exit surveys (pages 36 and 39) ---


def survey(person: str, **answers: Any) -> Row:
    return {"person": person, "date": "2025-03-01", **answers}


def test_agreement_is_told_of_those_who_answered_a_statement() -> None:
    """Statement 1 of five respondents: 5, 4, 4, 3, 1: agree 3 of 5 = 60 %, strongly agree 1 of 5 = 20 %.

    Statement 2 was answered by two, 5 and 2: 1 of 2. Per participant agreed of answered: a 2 of 2, b 1 of
    2, c 1 of 1, d 0, e 0: average (1 + 0.5 + 1 + 0 + 0) / 5 = 0.5. f gave no survey, g was closed.
    """
    people = [out(p, "2025-03-01") for p in "abcdef"] + [out("g", "2025-03-01", "administrative_closure")]
    surveys = [survey("a", fair=5, listened=5), survey("b", fair=4, listened=2), survey("c", fair=4)]
    surveys += [
        survey("d", fair=3),
        survey("e", fair=1),
        survey("g", fair=1),
        survey("f", knows_housing=True),
    ]
    table = measured(made(participants=people, surveys=surveys), "12")
    first, second = "1 the way my case was handled was fair", "2 the judge listened to my side of the story"
    row = cell(table, f"{first}: agree or strongly agree")
    assert fraction(row) == (3, 5) and row["reasons"] == "administrative closure: 1; no survey: 1"
    assert fraction(cell(table, f"{first}: strongly agree")) == (1, 5)
    row = cell(table, f"{second}: agree or strongly agree")
    assert fraction(row) == (1, 2) and row["missing"] == 0.6
    assert cell(table, "all statements: agree or strongly agree")["value"] == 0.5


def test_every_fourth_is_interviewed_where_50_of_200_are_feasible() -> None:
    assert every_nth(200, 50) == 4
    assert every_nth(10, 50) == 1
    with pytest.raises(ValueError, match="at least one"):
        every_nth(200, 0)


KNOWS = ("knows_housing", "knows_medication", "knows_symptoms", "knows_substance", "knows_medical")


def test_sources_of_help_are_averaged_over_participants_by_type_of_exit() -> None:
    """With a disorder: a names 4 of 5 = 0.8, b 5 of 5 = 1, c denies the problem and names 3 of 5 = 0.6.

    Without: d names 3 of 4 = 0.75, its answer on substance use not being asked for. Average
    (0.8 + 1 + 0.6 + 0.75) / 4 = 0.7875. e left two open, which are not named, but named 2 of 4 = 0.5 and
    failed: by exit 0.7875 and 0.5, over all (3.15 + 0.5) / 5 = 0.73. f gave no survey.
    """
    answers = {
        "a": (True, True, True, True, False),
        "b": (True,) * 5,
        "c": (True, True, True, False, False),
        "d": (True, True, True, True, False),
        "e": (True, None, True, None, None),
    }
    people = [out(p, "2025-03-01", co_occurring=p in "abc") for p in "abcd"]
    people += [out("e", "2025-03-01", "failure", co_occurring=False), out("f", "2025-03-01")]
    surveys = [survey(p, **dict(zip(KNOWS, a, strict=True))) for p, a in answers.items()]
    table = measured(made(participants=people, surveys=surveys), "13")
    row = cell(table, "sources named correctly")
    assert row["value"] == pytest.approx(0.73) and row["reasons"] == "no survey: 1"
    assert cell(table, "sources named correctly", "exit_type", "success")["value"] == pytest.approx(0.7875)
    assert cell(table, "sources named correctly", "exit_type", "failure")["value"] == 0.5
    substance = cell(table, "4 substance use")
    assert fraction(substance) == (2, 3) and substance["reasons"] == "no survey: 1; does not apply: 2"
    assert fraction(cell(table, "2 medication")) == (4, 5)


def test_a_survey_after_the_exit_belongs_to_the_stay_before_it() -> None:
    people = [out("a", "2025-03-01"), admitted("a", "2025-09-01")]
    surveys = [{"person": "a", "date": "2025-03-20", "fair": 5}]
    table = measured(made(participants=people, surveys=surveys), "12")
    assert fraction(cell(table, "1 the way my case was handled was fair: strongly agree")) == (1, 1)


# --- 14 Post-program recidivism (page 42) ---


def convicted(person: str, day: str, on: str | None, charge: str = "misdemeanor") -> Row:
    return {"person": person, "arrested": day, "charge_level": charge, "conviction_date": on}


def recidivists() -> list[Row]:
    """All out on 1 March 2025. a: arrested on the day a year later: year 1. b: the day after that: year 2.

    c: arrested within, convicted after both years: counts. d: dismissed: no. e: traffic: no. f: arrested
    after two years: no. g: arrested in the program, convicted after the exit: no. h: DUI, failed: year 1.
    i: violation of probation: no new charge. j: felony in year 1 and ordinance before it: by the first.
    """
    return [
        convicted("a", "2026-03-01", "2026-04-01"),
        convicted("b", "2026-03-02", "2026-04-01", "felony"),
        convicted("c", "2025-05-01", "2028-01-01", "felony"),
        convicted("d", "2025-05-01", None, "felony"),
        convicted("e", "2025-05-01", "2025-06-01", "traffic"),
        convicted("f", "2027-03-02", "2027-06-01"),
        convicted("g", "2025-02-28", "2025-06-01"),
        convicted("h", "2025-05-01", "2025-06-01", "dui"),
        convicted("i", "2025-05-01", "2025-06-01", "violation"),
        convicted("j", "2025-05-01", "2025-06-01", "ordinance"),
        convicted("j", "2025-07-01", "2025-08-01", "felony"),
        convicted("z", "2025-05-01", "2025-06-01", "felony"),
    ]


def released(until: str) -> pd.DataFrame:
    people = [out(p, "2025-03-01", "failure" if p == "h" else "success") for p in "abcdefghij"]
    people.append(out("z", "2025-03-01", "administrative_closure"))
    return measured(made(until, participants=people, arrests=recidivists()), "14")


def test_recidivism_is_a_conviction_for_an_arrest_within_one_year_and_two() -> None:
    """Year 1: a, c, h, j: 4 of 10. Year 2, which includes it: b as well: 5 of 10."""
    table = released("2030-01-01")
    assert fraction(cell(table, "within 1 year")) == (4, 10)
    assert fraction(cell(table, "within 2 years")) == (5, 10)
    assert cell(table, "within 2 years")["reasons"] == "administrative closure: 1"
    assert fraction(cell(table, "within 1 year", "exit_type", "failure")) == (1, 1)
    assert fraction(cell(table, "within 1 year", "exit_type", "success")) == (3, 9)


def test_an_arrest_on_the_day_of_the_exit_is_in_the_program_and_not_after_it() -> None:
    arrests = [{**convicted("a", "2025-03-01", "2025-06-01"), "charge_date": "2025-03-02"}]
    records = made(participants=[out("a", "2025-03-01")], arrests=arrests)
    assert fraction(cell(measured(records, "1"), "reoffended")) == (1, 1)
    assert fraction(cell(measured(records, "14"), "within 1 year")) == (0, 1)


def test_recidivism_is_told_by_the_charge_of_the_first_arrest_that_counts() -> None:
    table = released("2030-01-01")
    kinds = ("felony", "misdemeanor", "dui", "ordinance")
    counts = [cell(table, f"within 2 years: {kind}")["numerator"] for kind in kinds]
    assert counts == [2, 1, 1, 1]


def test_a_window_the_records_do_not_cover_is_left_out_and_said() -> None:
    """The records reach the anniversary of 1 March 2026, but not that of 2027."""
    table = released("2026-03-02")
    assert fraction(cell(table, "within 1 year")) == (4, 10)
    row = cell(table, "within 2 years")
    assert fraction(row) == (0, 0) and pd.isna(row["value"])
    assert row["reasons"] == "administrative closure: 1; not yet followed for 2 years: 10"
    row = cell(released("2026-03-01"), "within 1 year")
    assert row["reasons"] == "administrative closure: 1; not yet followed for 1 year: 10"


# --- The additional measures (Appendix A, pages 45 and 46) ---


def test_compliance_is_the_share_of_meetings_averaged_over_participants() -> None:
    """a: 3 of 4, b: 1 of 1: (0.75 + 1) / 2 = 0.875; c was never rated; a's rating before admission is not
    of this stay.
    """
    days = ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
    rated = zip(days, (True, True, True, False), strict=True)
    ratings = [{"person": "a", "date": day, "compliant": so} for day, so in rated]
    ratings += [{"person": "b", "date": days[0], "compliant": True}]
    ratings += [{"person": "a", "date": "2023-02-01", "compliant": False}]
    people = [out(p, "2025-03-01") for p in "abc"]
    row = cell(measured(made(participants=people, ratings=ratings), "A1"), "substantial compliance")
    assert row["value"] == 0.875 and row["missing"] == pytest.approx(1 / 3)


def test_contacts_with_the_case_manager_are_averaged_over_participants() -> None:
    """a: 3 + 4 = 7, b: 1: 4 each on average; c's months do not say who was seen."""
    contacts = [
        {"person": "a", "month": "2024-02-01", "case_manager": 3, "supervisions": 5},
        {"person": "a", "month": "2024-03-01", "case_manager": 4, "supervisions": 5},
        {"person": "b", "month": "2024-03-01", "case_manager": 1, "supervisions": 9},
        {"person": "c", "month": "2024-03-01", "case_manager": None, "supervisions": 9},
    ]
    people = [out("a", "2025-03-01"), out("b", "2025-03-01", "failure"), out("c", "2025-03-01")]
    table = measured(made(participants=people, contacts=contacts), "A2")
    row = cell(table, "contacts")
    assert (row["value"], row["denominator"]) == (4, 2)
    assert cell(table, "contacts", "exit_type", "success")["value"] == 7


def stay(person: str, booked: str, freed: str | None, place: str = "jail") -> Row:
    return {"person": person, "booked": booked, "released": freed, "place": place}


def test_jail_days_in_the_program_are_cut_at_admission_and_exit() -> None:
    """a: 20 December to 11 January, of which 10 in the program; 5 days in May, booked twice over; and 25
    February to 10 March, of which 4 before the exit on 1 March: 19. b: none. c, closed, does not count.
    (19 + 0) / 2 = 9.5.
    """
    custody = [
        stay("a", "2023-12-20", "2024-01-11"),
        stay("a", "2024-05-01", "2024-05-06"),
        stay("a", "2024-05-02", "2024-05-04"),
        stay("a", "2025-02-25", "2025-03-10"),
        stay("a", "2024-08-01", "2024-08-11", "prison"),
        stay("c", "2024-05-01", "2024-06-01"),
        stay("stranger", "2024-05-01", "2024-06-01"),
    ]
    people = [out("a", "2025-03-01"), out("b", "2025-03-01", "failure")]
    people.append(out("c", "2025-03-01", "administrative_closure"))
    table = measured(made(participants=people, custody=custody), "A3")
    assert cell(table, "jail days")["value"] == 9.5
    assert cell(table, "jail days", "exit_type", "success")["value"] == 19
    assert cell(table, "jail days", "exit_type", "failure")["value"] == 0


def test_sanctions_and_incentives_are_counted_per_participant() -> None:
    """Sanctions a 2, b 1, c none: 1 each; incentives a 3: 1 each. One after the exit does not count."""
    rows = [("a", "sanction")] * 2 + [("b", "sanction")] + [("a", "incentive")] * 3
    responses = [{"person": p, "date": "2024-06-01", "kind": kind} for p, kind in rows]
    responses.append({"person": "b", "date": "2025-03-02", "kind": "sanction"})
    people = [out(p, "2025-03-01") for p in "abc"]
    records = made(participants=people, responses=responses)
    row = cell(measured(records, "A4"), "sanctions")
    assert (row["value"], row["numerator"], row["denominator"]) == (1, 3, 3)
    row = cell(measured(records, "A5"), "incentives")
    assert (row["value"], row["numerator"], row["median"]) == (1, 3, 0)


def test_drug_tests_are_averaged_over_those_tested() -> None:
    """a: 1 of 4 positive, b: 1 of 2: (0.25 + 0.5) / 2 = 0.375 positive, 0.625 clean; c was not tested."""
    results = [("a", True), ("a", False), ("a", False), ("a", False), ("b", True), ("b", False)]
    tests = [{"person": p, "date": "2024-06-01", "positive": so} for p, so in results]
    people = [out(p, "2025-03-01") for p in "abc"]
    table = measured(made(participants=people, drug_tests=tests), "A6")
    assert cell(table, "positive")["value"] == 0.375
    row = cell(table, "clean")
    assert row["value"] == 0.625 and row["reasons"] == "not tested: 1"


def score(person: str, moment: str, points: float, scale: str, domain: str | None = None) -> Row:
    day = "2023-12-28" if moment == "entry" else "2025-03-02"
    return {
        "person": person,
        "date": day,
        "scale": scale,
        "moment": moment,
        "domain": domain,
        "score": points,
    }


@pytest.mark.parametrize(("number", "scale"), [("A7", "qoli"), ("A8", "csi")])
def test_a_scale_is_told_at_entry_at_exit_and_as_change(number: str, scale: str) -> None:
    """Entry 10, 20 and 30: 20; exit 14 and 30: 22; change of those with both 4 and 10: 7."""
    other = "csi" if scale == "qoli" else "qoli"
    scores = [score("a", "entry", 10, scale), score("a", "exit", 14, scale), score("b", "entry", 20, scale)]
    scores += [score("b", "exit", 30, scale), score("c", "entry", 30, scale), score("a", "entry", 99, other)]
    scores += [score("a", "entry", 1, scale, "work"), score("a", "exit", 3, scale, "work")]
    people = [out("a", "2025-03-01"), out("b", "2025-03-01", "failure"), out("c", "2025-03-01")]
    table = measured(made(participants=people, scales=scores), number)
    assert [cell(table, item)["value"] for item in ("entry", "exit", "change")] == [20, 22, 7]
    assert cell(table, "change")["denominator"] == 2
    assert cell(table, "change", "exit_type", "failure")["value"] == 10
    assert cell(table, "change: work")["value"] == 2


def test_caseloads_are_averaged_over_the_weeks_of_the_period() -> None:
    """K: 20 and 30, L: 10: (20 + 30 + 10) / 3 = 20; K alone 25; a week of July is in another period."""
    rows = [
        ("2025-06-02", "K", 20),
        ("2025-06-09", "K", 30),
        ("2025-06-02", "L", 10),
        ("2025-07-07", "K", 99),
    ]
    caseloads = [{"week": week, "manager": name, "active": n} for week, name, n in rows]
    table = measured(made(caseloads=caseloads), "A9")
    assert cell(table, "active cases a week")["value"] == 20
    assert cell(table, "active cases a week", "manager", "K")["value"] == 25


def test_referrals_admitted_are_admissions_over_referrals_of_the_period() -> None:
    """Referred in 2025H1: a to e. Admitted in 2025H1: a, b, and f, who was referred the year before: 3 over
    5. Of the five referrals a, b and, in July, c were admitted, d was declined, e is not decided.
    """
    people: list[Row] = [
        {"person": "a", "referral_date": "2025-01-10", "admission_date": "2025-02-01"},
        {"person": "b", "referral_date": "2025-01-10", "admission_date": "2025-02-01"},
        {"person": "c", "referral_date": "2025-06-10", "admission_date": "2025-07-01"},
        {"person": "d", "referral_date": "2025-06-10", "decision": "declined", "decision_reason": "charge"},
        {"person": "e", "referral_date": "2025-06-10"},
        {"person": "f", "referral_date": "2024-12-10", "admission_date": "2025-01-01"},
    ]
    table = measured(made(participants=people), "A10")
    row = cell(table, "admissions over referrals")
    assert fraction(row) == (3, 5) and row["value"] == 0.6
    assert fraction(cell(table, "of these referrals, admitted")) == (3, 5)
    assert fraction(cell(table, "of these referrals, declined")) == (1, 5)
    assert fraction(cell(table, "declined: charge")) == (1, 5)
    assert fraction(cell(table, "of these referrals, not decided")) == (1, 5)


def test_prescriptions_in_jail_are_counted_within_24_hours_of_the_arrest() -> None:
    """a after 24 hours, b after 25, c never: 1 of 3; d was cited and not taken into custody."""
    booked = {"arrested": "2025-02-10 08:00", "time_known": True, "booked": True}
    arrests: list[Row] = [
        {"person": "a", "prescription": "2025-02-11 08:00", **booked},
        {"person": "b", "prescription": "2025-02-11 09:00", **booked},
        {"person": "c", "prescription": None, **booked},
        {"person": "d", "prescription": None, **booked, "booked": False},
    ]
    people = [admitted(p, "2025-01-01") for p in "abcd"]
    row = cell(measured(made(participants=people, arrests=arrests), "A11"), "within 24 hours")
    assert fraction(row) == (1, 3) and row["reasons"] == "not taken into custody: 1"


def test_training_is_counted_once_for_each_member_in_post() -> None:
    """In post in 2025H1: j (twice), k, l. Trained in it: j and, twice, k: 2 of 3. m left before, n is no
    member; l went in July.
    """
    posts: list[Row] = [
        {"team": "court", "role": "judge", "member": "j", "start": "2020-01-01", "end": "2025-03-01"},
        {"team": "court", "role": "judge", "member": "j", "start": "2025-03-01", "end": None},
        {"team": "court", "role": "case manager", "member": "k", "start": "2025-06-30", "end": None},
        {"team": "court", "role": "case manager", "member": "l", "start": "2020-01-01", "end": None},
        {"team": "court", "role": "case manager", "member": "m", "start": "2020-01-01", "end": "2025-01-01"},
        {"team": "court", "role": "case manager", "member": "o", "start": "2025-07-01", "end": None},
    ]
    went = [
        ("j", "2025-01-01"),
        ("k", "2025-06-30"),
        ("k", "2025-05-01"),
        ("l", "2025-07-01"),
        ("n", "2025-05-01"),
    ]
    trainings = [{"member": m, "date": day} for m, day in went]
    row = cell(measured(made(posts=posts, trainings=trainings), "A12"), "trained")
    assert fraction(row) == (2, 3)


def test_days_incarcerated_are_counted_in_the_year_and_two_years_after_the_exit() -> None:
    """Out on 1 March 2025. a: in jail from 25 February to 11 March, 10 days after the exit; in prison from
    20 February to 11 March 2026, 9 days in the first year and 10 in the second. b: none. Averages 9.5 and
    14.5. c is still in jail, but the records end before his first year does.
    """
    custody = [stay("a", "2025-02-25", "2025-03-11"), stay("a", "2026-02-20", "2026-03-11", "prison")]
    custody.append(stay("c", "2028-12-01", None))
    people = [out("a", "2025-03-01"), out("b", "2025-03-01", "failure")]
    table = measured(made(participants=people, custody=custody), "A13")
    assert cell(table, "days incarcerated within 1 year")["value"] == 9.5
    assert cell(table, "days incarcerated within 2 years")["value"] == 14.5
    assert cell(table, "days incarcerated within 2 years", "exit_type", "success")["value"] == 29
    late = [*people, out("c", "2028-11-01")]
    table = measured(made("2029-01-01", participants=late, custody=custody), "A13", "2028H2")
    assert cell(table, "days incarcerated within 1 year")["reasons"] == "not yet followed for 1 year: 1"


def test_hospital_days_are_counted_in_the_year_and_two_years_after_the_exit() -> None:
    """a: 7 days in the first year and 3 in the second, a crisis is no hospital: 7 and 10, over two people."""
    spans = [("hospital", "2025-04-01", "2025-04-08"), ("hospital", "2026-04-01", "2026-04-04")]
    spans.append(("crisis", "2025-05-01", "2025-05-31"))
    episodes = [{"person": "a", "service": s, "start": b, "end": e} for s, b, e in spans]
    people = [out("a", "2025-03-01"), out("b", "2025-03-01")]
    table = measured(made(participants=people, episodes=episodes), "A14")
    assert cell(table, "days in hospital within 1 year")["value"] == 3.5
    assert cell(table, "days in hospital within 2 years")["value"] == 5


# --- Disaggregation, missing data, the table ---


def test_a_measure_can_be_told_by_any_trait() -> None:
    """Men 1 of 2, women 0 of 1, sex not recorded 1 of 1; ages 24 and 40 in the bands 18-25 and 26-40."""
    traits = [
        ("a", "male", 24, None),
        ("b", "male", 40, None),
        ("c", "female", None, "56+"),
        ("d", None, None, None),
    ]
    people = [out(p, "2025-03-01", sex=s, age_at_admission=y, age_band=b) for p, s, y, b in traits]
    people[0]["criminogenic_risk"] = people[0]["functional_impairment"] = "high"
    arrests = [arrest("a", "2024-06-01"), arrest("d", "2024-06-01")]
    table = measured(
        made(participants=people, arrests=arrests), "1", by=("sex", "age", "quadrant", "race_ethnicity")
    )
    assert fraction(cell(table, "reoffended", "sex", "male")) == (1, 2)
    assert fraction(cell(table, "reoffended", "sex", "female")) == (0, 1)
    assert fraction(cell(table, "reoffended", "sex", "unknown")) == (1, 1)
    assert fraction(cell(table, "reoffended", "age", "18-25")) == (1, 1)
    assert fraction(cell(table, "reoffended", "age", "26-40")) == (0, 1)
    assert fraction(cell(table, "reoffended", "age", "56+")) == (0, 1)
    assert fraction(cell(table, "reoffended", "quadrant", "4 high risk, high impairment")) == (1, 1)
    assert fraction(cell(table, "reoffended", "race_ethnicity", "unknown")) == (2, 4)


def test_an_age_falls_into_its_band_up_to_the_last_year_of_it() -> None:
    years = (17, 18, 25, 26, 40, 41, 55, 56)
    people = [out(str(y), "2025-03-01", age_at_admission=y) for y in years]
    table = measured(made(participants=people, arrests=[NOBODY]), "1", by="age")
    bands = ("under 18", "18-25", "26-40", "41-55", "56+")
    assert [cell(table, "reoffended", "age", band)["denominator"] for band in bands] == [1, 2, 2, 2, 1]


def test_a_trait_number_or_length_there_is_not_is_refused_with_those_there_are() -> None:
    records = made(participants=[out("a", "2025-03-01")])
    with pytest.raises(ValueError, match="by 'shoes'; allowed: exit_type, charge_level, quadrant"):
        compute(records, by="shoes")
    with pytest.raises(ValueError, match="no measure '15'; allowed: 1, 2, 3"):
        compute(records, measures=["15"])
    with pytest.raises(ValueError, match="3, 6 or 12 months, not 4"):
        compute(records, months=4)


def test_two_stays_of_one_person_are_two_participants_with_their_own_events() -> None:
    people = [out("a", "2025-02-01"), admitted("a", "2025-03-01", "2025-06-01", "failure")]
    arrests = [arrest("a", "2025-04-01")]
    table = measured(made(participants=people, arrests=arrests), "1")
    assert fraction(cell(table, "reoffended", "exit_type", "success")) == (0, 1)
    assert fraction(cell(table, "reoffended", "exit_type", "failure")) == (1, 1)


def test_an_exit_before_the_admission_is_left_out_and_said() -> None:
    records = made(
        participants=[out("a", "2025-03-01"), admitted("b", "2025-05-01", "2025-03-01", "failure")],
        arrests=[NOBODY],
    )
    row = cell(measured(records, "1"), "reoffended")
    assert fraction(row) == (0, 1) and row["reasons"] == "exit before admission: 1"


def test_a_measure_without_its_table_says_so_and_gives_no_number() -> None:
    table = measured(made(participants=[out("a", "2025-03-01")]), "A6")
    assert list(table["note"]) == ["the table drug_tests is empty"] and table["value"].isna().all()


def test_the_table_has_the_documented_columns_and_all_28_measures() -> None:
    table = compute(made(participants=[out("a", "2025-03-01")]), cohort="2025H1")
    assert list(table.columns) == list(COLUMNS)
    assert list(table["measure"].unique()) == [*map(str, range(1, 15)), *(f"A{n}" for n in range(1, 15))]


def test_records_without_anybody_give_no_number_and_no_error() -> None:
    table = compute(made(), cohort="2025H1")
    assert table["value"].isna().all() and (table["denominator"].fillna(0) == 0).all()
    assert compute(made()).empty


def test_every_measure_says_what_it_is_and_where_it_stands() -> None:
    for number, one in NCSC.items():
        assert one.number == number and one.name and one.label and one.unit
        assert one.definition.endswith(".") and len(one.definition) > 40
        assert f"page {one.page}" in one.source


@pytest.mark.parametrize("number", ["9", "12", "13"])
def test_what_nothing_in_the_model_produces_is_not_simulated_and_never_a_number(number: str) -> None:
    tables: dict[str, list[Row]] = {
        "meetings": [{"date": "2025-03-05", "member": "m", "required": 1, "missing": 0}],
        "surveys": [survey("a", fair=5, knows_housing=True)],
    }
    records = made(source="simulation", participants=[out("a", "2025-03-01")], **tables)
    table = measured(records, number)
    assert set(table["note"]) == {"not simulated"} and table["value"].isna().all()


@given(
    spans=st.lists(st.tuples(st.integers(0, 2), st.integers(-20, 40), st.integers(-3, 30)), max_size=12),
    asked=st.tuples(st.integers(0, 2), st.integers(-30, 60), st.integers(0, 60)),
)
def test_days_in_spells_are_the_days_one_could_count_on_a_calendar(
    spans: list[tuple[int, int, int]], asked: tuple[int, int, int]
) -> None:
    columns = [np.array([span[i] for span in spans], dtype=np.int64) for i in range(3)]
    spells = Spells.merged(columns[0], columns[1], columns[1] + columns[2])
    person, start, length = asked
    days = {day for who, since, n in spans if who == person for day in range(since, since + n)}
    one = [np.array([number]) for number in (person, start, start + length)]
    assert spells.days_between(*one)[0] == len(days & set(range(start, start + length)))


@pytest.mark.slow
def test_200_000_participants_take_seconds() -> None:
    from time import process_time  # the machine may have other work

    records = many(200_000)
    begun = process_time()
    table = compute(records, by=("sex", "quadrant"))
    assert process_time() - begun < 10
    assert table.loc[(table["measure"] == "4") & (table["by"] == "all"), "denominator"].sum() > 200_000


def many(number: int) -> Records:
    """So many participants over ten years, with an arrest, two jail stays and a few months each."""
    chance = np.random.default_rng(1)
    person = pd.Series([f"p{i}" for i in range(number)], dtype="string")
    day = pd.Timestamp("2015-01-01") + pd.to_timedelta(chance.integers(0, 3650, number), unit="D")
    later = day + pd.to_timedelta(chance.integers(1, 730, number), unit="D")
    people = pd.DataFrame({"person": person, "admission_date": day, "exit_date": later})
    people["referral_date"] = day - pd.Timedelta(days=20)
    people["arrest_date"] = day - pd.Timedelta(days=50)
    people["exit_type"] = chance.choice(["success", "failure", "administrative_closure", "transfer"], number)
    people["sex"] = chance.choice(["female", "male"], number)
    for column in ("criminogenic_risk", "functional_impairment"):
        people[column] = chance.choice(["high", "low"], number)
    for column in ("living_at_entry", "living_at_exit"):
        people[column] = chance.choice(["homeless", "not_homeless"], number)
    when = day + pd.to_timedelta(chance.integers(-300, 1500, number), unit="D")
    arrests = pd.DataFrame({"person": person, "arrested": when, "charge_date": when, "conviction_date": when})
    arrests["charge_level"] = chance.choice(["felony", "misdemeanor"], number)
    arrests["notified"] = when + pd.Timedelta(days=1)
    custody = pd.DataFrame({"person": person, "booked": when, "released": when + pd.Timedelta(days=9)})
    custody = pd.concat([custody, custody.assign(booked=custody["released"], released=None)])
    attendance = pd.DataFrame({"person": person, "kind": "hearing", "start": day, "end": later})
    attendance = attendance.assign(scheduled=10, attended=7, excused=1)
    contacts = pd.DataFrame({"person": person, "month": day, "services": 5, "supervisions": 2})
    tables = {"participants": people, "arrests": arrests, "custody": custody}
    tables |= {"attendance": attendance, "contacts": contacts}
    return Records.of(tables, date(2027, 1, 1))
