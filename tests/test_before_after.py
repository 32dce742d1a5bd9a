"""What happened to people before and after enrollment in FACT is told per 180 days that could be seen."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simulation.measures.before_after import OUTCOMES, Change, as_table, before_after
from simulation.measures.paired import compare, effect_interval
from simulation.record import Records

# Records from 2020-01-01 to 2023-12-31: 1,461 days; enrolled on 2022-01-01, 731 days after the start.
BEGIN, UNTIL = date(2020, 1, 1), date(2024, 1, 1)


def frame(rows: list[tuple[object, ...]], *columns: str) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(columns))
    for name in set(columns) - {"person", "service", "kind", "place", "care"}:
        made[name] = pd.to_datetime(made[name])
    return made


def records(
    episodes: list[tuple[object, ...]] | None = None,
    custody: list[tuple[object, ...]] | None = None,
    arrests: list[tuple[object, ...]] | None = None,
    homes: list[tuple[object, ...]] | None = None,
    participants: list[tuple[object, ...]] | None = None,
    until: date = UNTIL,
) -> Records:
    tables = {
        "episodes": frame(episodes or [], "person", "service", "start", "end"),
        "custody": frame(custody or [], "person", "booked", "released"),
        "arrests": frame(arrests or [], "person", "arrested", "conviction_date"),
        "homes": frame(homes or [], "person", "kind", "start", "end"),
        "participants": frame(participants or [], "person", "care", "admission_date", "died"),
    }
    return Records.of(tables, until)


def enrolled(*persons: str, on: str = "2022-01-01") -> list[tuple[object, ...]]:
    return [(person, "fact", on, None) for person in persons]


def change(of: str, kept: Records, **how: object) -> Change:
    found = before_after(kept, **{"observed_from": BEGIN, **how})  # type: ignore[arg-type]
    return next(one for one in found if one.outcome.name == of)


def test_days_are_divided_by_the_days_observed_on_each_side_and_told_per_180() -> None:
    # 20 of 731 days before, 3 of 730 after.
    kept = records(
        enrolled("a"),
        custody=[("a", "2020-03-01", "2020-03-21"), ("a", "2023-05-01", "2023-05-04")],
    )
    found = change("jail_days", kept)
    assert found.before == pytest.approx([20 / 731 * 180])
    assert found.after == pytest.approx([3 / 730 * 180])
    assert found.shortest == 730


def test_a_stay_across_enrollment_is_split_and_booked_before() -> None:
    # 10 days up to enrollment, 5 days from it on.
    kept = records(enrolled("a"), custody=[("a", "2021-12-22", "2022-01-06")])
    days, bookings = change("jail_days", kept), change("bookings", kept)
    assert (days.before[0], days.after[0]) == pytest.approx((10 / 731 * 180, 5 / 730 * 180))
    assert (bookings.before[0], bookings.after[0]) == pytest.approx((1 / 731 * 180, 0))


def test_the_day_of_enrollment_belongs_to_after() -> None:
    kept = records(enrolled("a"), arrests=[("a", "2022-01-01", None), ("a", "2021-12-31", None)])
    found = change("arrests", kept)
    assert (found.before[0], found.after[0]) == pytest.approx((180 / 731, 180 / 730))


def test_nothing_counts_beyond_three_years_on_either_side() -> None:
    # Records 2010 to 2030: 1,095 days each side; hospital before 2019-01-02 and from 2024-12-31 on is out.
    episodes = [
        *enrolled("a"),
        ("a", "hospital", "2018-12-30", "2019-01-05"),  # 3 of the 6 days are within 1,095 days
        ("a", "hospital", "2024-12-29", "2025-02-01"),  # 2 days (29 and 30 December)
        ("a", "hospital", "2026-01-01", "2026-02-01"),
    ]
    kept = records(episodes, until=date(2030, 1, 1))
    found = change("hospital_days", kept, observed_from=date(2010, 1, 1))
    assert (found.before[0], found.after[0]) == pytest.approx((3 / 1095 * 180, 2 / 1095 * 180))
    times = change("hospital_episodes", kept, observed_from=date(2010, 1, 1))
    assert (times.before[0], times.after[0]) == pytest.approx((0, 180 / 1095))


def test_each_outcome_counts_its_own_records() -> None:
    episodes = [
        *enrolled("a"),
        ("a", "psychiatric_emergency", "2021-01-01", "2021-01-02"),
        ("a", "psychiatric_emergency", "2021-02-01", "2021-02-02"),
        ("a", "crisis", "2021-03-01", "2021-03-01"),
        ("a", "stabilization", "2021-04-01", "2021-04-02"),
        ("a", "short_term_bed", "2022-04-01", "2022-04-12"),
        ("a", "outpatient", "2022-05-01", None),
    ]
    arrests = [("a", "2021-05-01", "2022-06-01"), ("a", "2021-07-01", None)]
    homes = [
        ("a", "homeless", "2021-12-02", "2021-12-22"),
        ("a", "shelter", "2021-12-22", "2022-01-11"),
        ("a", "own", "2022-01-11", None),
    ]
    kept = records(episodes, arrests=arrests, homes=homes)
    per = {name: change(name, kept) for name in ("psychiatric_emergency", "crisis_episodes", "arrests")}
    per |= {name: change(name, kept) for name in ("convictions", "homeless_days")}
    counted = {name: (c.before[0] * 731 / 180, c.after[0] * 730 / 180) for name, c in per.items()}
    assert {name: (round(b, 6), round(a, 6)) for name, (b, a) in counted.items()} == {
        "psychiatric_emergency": (2, 0),
        "crisis_episodes": (2, 1),
        "arrests": (2, 0),
        "convictions": (0, 1),  # by the day of the conviction
        "homeless_days": (30, 10),
    }


def test_overlapping_spans_give_each_day_once() -> None:
    homes = [("a", "homeless", "2021-03-01", "2021-03-11"), ("a", "shelter", "2021-03-05", "2021-03-16")]
    homes += [("a", "homeless", "2021-03-06", "2021-03-07")]
    found = change("homeless_days", records(enrolled("a"), homes=homes))
    assert found.before[0] == pytest.approx(15 / 731 * 180)


def test_the_dead_are_observed_until_they_die() -> None:
    kept = records(
        enrolled("a"),
        custody=[("a", "2022-02-01", "2022-02-10")],
        participants=[("a", None, None, "2022-04-11")],  # 100 days after enrollment
    )
    assert change("jail_days", kept).after == pytest.approx([9 / 100 * 180])


def test_people_seen_on_one_side_only_and_second_enrollments_are_left_out_and_counted() -> None:
    episodes = [
        *enrolled("both"),
        *enrolled("both", on="2023-01-01"),
        *enrolled("from the first day", on="2020-01-01"),
        *enrolled("died at once"),
        ("both", "hospital", "2022-05-01", "2022-05-04"),
        ("not enrolled", "hospital", "2022-05-01", "2022-05-04"),
    ]
    kept = records(episodes, participants=[("died at once", None, None, "2022-01-01")])
    found = change("hospital_days", kept)
    assert found.paired.pairs == 1
    assert found.left_out == {
        "no observed time before": 1,
        "no observed time after": 1,
        "later enrollment of the same person": 1,
    }
    row = as_table([found]).iloc[0]
    assert (row["excluded"], row["denominator"]) == (3, 1)


def test_what_the_records_never_hold_is_not_measured_rather_than_none() -> None:
    found = change("homeless_days", records(enrolled("a", "b")))
    assert found.paired.pairs == 0
    assert found.note == "The records hold none at all, of anyone: not measured."


def test_days_inside_can_be_left_out_of_the_time_in_which_one_may_be_arrested() -> None:
    # 31 of the 731 days before were spent in jail, none after.
    kept = records(
        enrolled("a"),
        custody=[("a", "2021-01-01", "2021-02-01")],
        arrests=[("a", "2021-01-01", "2021-06-01")],
    )
    assert change("arrests", kept, at_risk="community").before == pytest.approx([180 / 700])
    assert change("arrests", kept).before == pytest.approx([180 / 731])
    assert change("jail_days", kept, at_risk="community").before == pytest.approx([31 / 731 * 180])


def test_without_episodes_the_admissions_to_fact_tell_who_enrolled() -> None:
    participants = [("a", "fact", "2022-01-01", None), ("b", "lower_intensity", "2022-01-01", None)]
    kept = records(custody=[("b", "2021-01-01", "2021-02-01")], participants=participants)
    assert change("jail_days", kept).before.tolist() == [0]


def test_records_begin_where_their_first_day_is_unless_told() -> None:
    kept = records(
        enrolled("a"), custody=[("b", "2021-12-22", "2021-12-23"), ("a", "2021-12-27", "2021-12-28")]
    )
    found = before_after(kept)
    days = next(one for one in found if one.outcome.name == "jail_days")
    assert days.before == pytest.approx([1 / 10 * 180])


def test_three_pairs_are_compared_as_worked_out_by_hand() -> None:
    # Changes -1, -2, -3: mean -2, deviation 1, error 0.57735; t = -3.4641 with 2 degrees of freedom:
    # p = 1 - 3.4641 / sqrt(3.4641^2 + 2) = 0.07418; +-4.30265 x 0.57735 = 2.48414. All ranks on one
    # side: 2 of the 8 sign patterns, p = 0.25.
    found = compare(np.array([1.0, 3, 5]), np.array([0.0, 1, 2]))
    assert (found.pairs, found.difference, found.df) == (3, -2, 2)
    assert (found.low, found.high) == pytest.approx((-4.48414, 0.48414), abs=1e-5)
    assert (found.t, found.p_t) == pytest.approx((-3.4641, 0.07418), abs=1e-5)
    assert (found.w, found.p_w) == pytest.approx((0, 0.25))
    assert found.dz == -2


def test_ranks_of_five_changes_are_summed_by_hand() -> None:
    # Changes 1, -2, 3, 4, 5: ranks against: 2. Of the 32 patterns, sums of 0, 1 and 2: one each, and
    # twice for both ends: p = 6 / 32.
    found = compare(np.zeros(5), np.array([1.0, -2, 3, 4, 5]))
    assert (found.w, found.p_w) == pytest.approx((2, 6 / 32))


def test_people_who_did_not_change_have_no_rank_and_do_count_in_the_mean() -> None:
    found = compare(np.zeros(4), np.array([0.0, 0, 1, 2]))
    assert found.difference == 0.75
    assert found.p_w == pytest.approx(2 / 4)  # two moved, both up: 2 of 4 patterns


def test_the_effect_size_has_the_interval_of_the_noncentral_t() -> None:
    # At t = 0 the chance to be below is that of a normal variable: +-1.95996 / sqrt(n).
    assert effect_interval(0, 16) == pytest.approx((-0.48999, 0.48999), abs=1e-5)
    # A t of 1.5811 from 10 pairs: dz 0.5, -0.17 to 1.15 (Cumming's ESCI).
    assert effect_interval(1.5811, 10) == pytest.approx((-0.17, 1.15), abs=0.005)


@pytest.mark.parametrize("t", [-40.0, 40.0, 120.0])
def test_a_huge_effect_has_an_interval_around_it(t: float) -> None:
    low, high = effect_interval(t, 3)
    assert low < t / 3**0.5 < high


def test_one_pair_and_equal_changes_have_no_test_and_say_why() -> None:
    assert compare(np.array([1.0]), np.array([3.0])).note == "Fewer than two pairs: no test."
    same = compare(np.array([1.0, 2]), np.array([2.0, 3]))
    assert (same.difference, same.low, same.note) == (1, 1, "Everyone changed by the same amount: no t test.")
    assert np.isnan(compare(np.array([1.0, 2]), np.array([1.0, 2])).p_w)
    assert np.isnan(compare(np.zeros(0), np.zeros(0)).difference)


def test_the_table_has_both_sides_both_tests_and_the_effect() -> None:
    custody = [("a", "2020-03-01", "2020-03-21"), ("b", "2020-03-01", "2020-03-11")]
    found = as_table([change("jail_days", records(enrolled("a", "b"), custody=custody))], cohort="FY 2022")
    assert found["item"].tolist() == [
        "before",
        "after",
        "difference, after minus before",
        "effect size dz",
        "paired t test",
        "Wilcoxon signed-rank test",
    ]
    assert found["cohort"].unique().tolist() == ["FY 2022"]
    assert found["value"].iloc[:3].tolist() == pytest.approx([15 / 731 * 180, 0, -15 / 731 * 180])
    assert found["median"].iloc[0] == pytest.approx(15 / 731 * 180)


def test_nobody_enrolled_is_no_crash() -> None:
    found = before_after(records(custody=[("a", "2020-03-01", "2020-03-21")]))
    assert [one.paired.pairs for one in found] == [0] * len(OUTCOMES)
