"""What has happened to people by a time is told rightly although they were followed unequally long."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.measures.incidence import (
    CENSORED,
    COMPETING,
    EVENT,
    SurvivalData,
    aalen_johansen,
    cumulative_incidence,
    follow,
    interval,
)
from tests.shared_data import shared_data

# Six people: struck at 1, died at 2, lost at 3, struck at 4 and 5, lost at 5.
SIX = SurvivalData.of([1, 2, 3, 4, 5, 5], [EVENT, COMPETING, CENSORED, EVENT, EVENT, CENSORED])


def test_six_people_with_a_death_and_two_lost_give_the_shares_worked_out_by_hand() -> None:
    curve = aalen_johansen(SIX)
    assert curve.time.tolist() == [1, 2, 4, 5]
    assert curve.at_risk.tolist() == [6, 5, 3, 2]
    # nothing yet: 5/6, then 5/6 x 4/5 = 2/3, then 2/3 x 2/3 = 4/9, then 4/9 x 1/2 = 2/9
    assert curve.survival == pytest.approx([5 / 6, 2 / 3, 4 / 9, 2 / 9])
    # struck: 1/6; unchanged by the death; + 2/3 x 1/3 = 7/18; + 4/9 x 1/2 = 11/18
    assert curve.incidence == pytest.approx([float(f) for f in (F(1, 6), F(1, 6), F(7, 18), F(11, 18))])
    assert [curve.at(t) for t in (0.5, 1, 3.9)] == pytest.approx([0, 1 / 6, 1 / 6])


def test_death_is_not_censoring() -> None:
    # With the death taken for a loss: 1 - 5/6 x 2/3 = 4/9, not 7/18: the dead would go on being at risk.
    as_loss = SurvivalData.of(SIX.time, np.where(SIX.cause == COMPETING, CENSORED, SIX.cause))
    assert aalen_johansen(as_loss).at(4) == pytest.approx(4 / 9)
    assert aalen_johansen(SIX).at(4) == pytest.approx(7 / 18)


def test_who_enters_late_is_at_risk_only_afterwards() -> None:
    # A 0-3 struck, B 2-5 struck, C 0-4 lost, D 3-6 struck: at 3 A, B, C are at risk; D enters that day.
    people = SurvivalData.of([3, 5, 4, 6], [EVENT, EVENT, CENSORED, EVENT], [0, 2, 0, 3])
    curve = aalen_johansen(people)
    assert curve.at_risk.tolist() == [3, 2, 1]
    assert curve.incidence == pytest.approx([1 / 3, 1 / 3 + 2 / 3 * 1 / 2, 1])


def test_without_loss_the_error_is_that_of_a_share() -> None:
    # Ten people, three struck and two dead by day 10, five lost on day 10: p = 0.3, sqrt(0.3 x 0.7 / 10).
    people = SurvivalData.of([2, 4, 6, 3, 5] + [10] * 5, [1, 1, 1, 2, 2] + [0] * 5)
    found = cumulative_incidence(people, 9)
    assert (found.value, found.naive) == pytest.approx((0.3, 0.3))
    assert found.error == pytest.approx(0.144914, abs=1e-6)
    # log(-log): 0.7 ** exp(+-1.95996 x 0.144914 / (0.7 x 0.356675)) = 0.7 ** exp(+-1.13760)
    assert (found.low, found.high) == pytest.approx((0.10805, 0.67127), abs=2e-5)


def test_with_one_cause_the_error_is_greenwoods() -> None:
    # Four people: struck at 1, lost at 2, struck at 3, lost at 4. S = 3/4 x 1/2 = 3/8;
    # Greenwood: S^2 (1 / (4 x 3) + 1 / (2 x 1)) = 9/64 x 7/12 = 63/768.
    people = SurvivalData.of([1, 2, 3, 4], [1, 0, 1, 0])
    assert aalen_johansen(people).at(3) == pytest.approx(5 / 8)
    assert aalen_johansen(people).error(3) == pytest.approx((63 / 768) ** 0.5)


def test_days_on_a_calendar_become_times_and_causes() -> None:
    # Released on day 10, 20, 30, 40; records end on 100; struck on 15; died on 60; struck after the
    # records' end; struck and dead on the same day, which counts as struck.
    never = np.nan
    people = follow([10, 20, 30, 40], [15, never, 120, 70], 100, [never, 60, never, 70])
    assert people.time.tolist() == [5, 40, 70, 30]
    assert people.cause.tolist() == [EVENT, COMPETING, CENSORED, EVENT]


def test_the_plain_share_comes_with_a_warning_when_it_is_more_than_a_point_off() -> None:
    # By 5: plain 3/6 = 50 %, incidence 11/18 = 61.1 %; two lost, one of them before 5.
    found = cumulative_incidence(SIX, 5)
    assert found.naive == pytest.approx(0.5)
    assert found.warning == (
        "The plain share is 50.0 %, the cumulative incidence 61.1 %: 1 of 6 were not followed to the end. "
        "Report the cumulative incidence."
    )
    assert cumulative_incidence(SIX, 2).warning == ""
    assert cumulative_incidence(SIX, 2).note == "Cumulative incidence; the plain share is 16.7 %."


def test_leaving_out_the_unfollowed_keeps_too_many_of_the_struck() -> None:
    # Of six, one was lost before 5: 3 of the 5 others were struck.
    assert cumulative_incidence(SIX, 5).followed_up == pytest.approx(3 / 5)


def test_a_time_nobody_was_followed_to_has_no_estimate() -> None:
    found = cumulative_incidence(SIX, 6)
    assert np.isnan(found.value)
    assert found.warning == "Nobody was followed that long: there is no estimate."


def test_once_everyone_is_struck_the_estimate_stands_for_ever() -> None:
    found = cumulative_incidence(SurvivalData.of([1, 2], [1, 1]), 50)
    assert found.value == 1
    assert np.isnan(found.low)


def test_nobody_at_all_is_no_estimate_and_no_crash() -> None:
    found = cumulative_incidence(SurvivalData.of([], []), 5)
    assert np.isnan(found.value)
    assert np.isnan(found.naive)
    assert found.note == "Nobody: there is no estimate."


@pytest.mark.parametrize(
    ("time", "entry", "words"),
    [([-1.0], 0, "at least 0"), ([np.nan], 0, "at least 0"), ([3.0], 3, "before they leave")],
)
def test_impossible_times_are_refused(time: list[float], entry: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SurvivalData.of(time, [1], entry)


lives = st.lists(st.tuples(st.integers(1, 12), st.sampled_from([0, 1, 2])), min_size=1, max_size=40)


@given(lives)
def test_all_causes_and_nothing_yet_add_up_to_one(people: list[tuple[int, int]]) -> None:
    time, cause = zip(*people, strict=True)
    one, two = (aalen_johansen(SurvivalData.of(time, cause), cause=which) for which in (EVENT, COMPETING))
    assert one.incidence + two.incidence + one.survival == pytest.approx(np.ones(len(one.time)))


@given(st.floats(0.001, 0.999), st.floats(0.001, 10))
def test_an_interval_holds_its_estimate_and_stays_a_share(value: float, error: float) -> None:
    low, high = interval(value, error)
    assert 0 <= low < value < high <= 1


@settings(deadline=None)  # the first call imports statsmodels
@given(lives)
def test_shares_and_errors_agree_with_statsmodels(people: list[tuple[int, int]]) -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc", reason="statsmodels is a dev dependency")
    time, cause = (np.array(column, dtype=float) for column in zip(*people, strict=True))
    if not cause.any():
        return
    with np.errstate(all="ignore"):
        theirs = survfunc.CumIncidenceRight(time, np.searchsorted(np.unique(np.append(cause, 0)), cause))
    for place, which in enumerate(sorted({int(c) for c in cause} - {0})):
        ours = aalen_johansen(SurvivalData.of(time, cause), cause=which)
        assert [ours.at(t) for t in theirs.times] == pytest.approx(theirs.cinc[place])
        known = np.isfinite(theirs.cinc_se[place])
        error = np.array([ours.error(t) for t in theirs.times])
        assert error[known] ** 2 == pytest.approx(theirs.cinc_se[place][known] ** 2, abs=1e-12)


@pytest.mark.parametrize(("months", "share"), [(12, 0.127), (24, 0.234), (60, 0.363)])
def test_prison_releases_in_the_textbook_come_back_as_stated(months: int, share: float) -> None:
    recid = pd.read_csv(shared_data("survival_textbook/recid.csv"))
    found = cumulative_incidence(SurvivalData.of(recid["durat"], 1 - recid["cens"]), months)
    assert found.persons == 1445
    assert round(found.value, 3) == share


def test_rossis_releases_are_arrested_within_a_year_as_stated() -> None:
    rossi = pd.read_csv(shared_data("survival_textbook/rossi.csv"))
    found = cumulative_incidence(SurvivalData.of(rossi["week"], rossi["arrest"]), 52)
    assert (found.persons, found.events, round(found.value, 3)) == (432, 114, 0.264)


def screened(name: str) -> pd.DataFrame:
    dates = ["compas_screening_date", "r_offense_date"]
    found = pd.read_csv(shared_data(f"compas_broward/{name}"), parse_dates=dates)
    return found[found["is_recid"] >= 0]  # -1: no case was found in the court's file


def two_years(found: pd.DataFrame) -> SurvivalData:
    day = [
        found[name].to_numpy(dtype="datetime64[D]") for name in ("compas_screening_date", "r_offense_date")
    ]
    start, again = (np.where(np.isnat(d), np.nan, d.astype(int)) for d in day)
    end = np.datetime64("2016-03-29").astype(int)  # last day of the court's file
    return follow(start, np.where(found["is_recid"] == 1, again, np.nan), end)


def test_in_broward_nearly_a_third_are_arrested_again_within_two_years() -> None:
    found = cumulative_incidence(two_years(screened("compas-scores_deid.csv")), 730)
    assert found.persons == 11_038
    assert found.value == pytest.approx(0.32, abs=0.005)
    assert found.warning.startswith("The plain share is 31.0 %")


def test_browards_own_45_percent_keeps_the_unfollowed_only_if_they_were_arrested() -> None:
    file = screened("compas-scores-two-years_deid.csv")
    assert file["two_year_recid"].mean() == pytest.approx(0.451, abs=0.0005)
    # Screened less than two years before the file ends: 1,000 people, and every one of them arrested again.
    late = file[file["compas_screening_date"] > pd.Timestamp("2014-04-01")]
    assert len(late) > 900
    assert late["two_year_recid"].mean() == 1
    # Everybody screened early enough to be followed for two years, whatever happened then: a third.
    everyone = screened("compas-scores_deid.csv")
    early = everyone[everyone["compas_screening_date"] <= pd.Timestamp("2014-03-29")]
    assert cumulative_incidence(two_years(early), 730).naive == pytest.approx(0.328, abs=0.005)
    # The same fault in our own arithmetic: leaving out who was not followed long enough gives 42 %.
    assert cumulative_incidence(two_years(everyone), 730).followed_up == pytest.approx(0.417, abs=0.001)
