"""Figures a county gives: read, typed, and refused with a reason where they cannot be meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from calibration.document import BadDocument
from calibration.targets.output import scaled, unscaled
from calibration.targets.target import Point, Target, in_season, observed, window
from calibration.targets.targetfile import period, read_targets
from tests.conftest import Build


def given(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "targets.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_figure_a_row_with_unit_error_and_source(tmp_path: Path) -> None:
    text = "measure,period,value,unit,error,subgroup,weight,source\n"
    text += 'rearrest_1y,2017,34.5,percent,2,,0.5,made up\njail_adp,2017H1,"1,505",persons,,total,,\n'
    share, adp = read_targets(given(tmp_path, text))
    assert (share.value, share.error) == (pytest.approx(0.345), pytest.approx(0.02))
    assert (share.weight, share.source) == (0.5, "made up")
    assert (adp.name, adp.value, adp.end) == ("jail_adp:total", 1505, date(2017, 7, 1))


def test_a_flow_per_month_is_counted_over_its_period(tmp_path: Path) -> None:
    text = "measure,period,value,unit\nbookings,2017,100,bookings/month\n"
    (target,) = read_targets(given(tmp_path, text))
    assert target.value == pytest.approx(100 * 365 / (365.25 / 12))


def test_months_down_and_measures_across_are_series_without_the_empty_cells(tmp_path: Path) -> None:
    text = "month,jail_adp:total,fact_census\n2017-01,10,\n2017-02,12,5\n2017-03,n/a,7\n"
    adp, census = read_targets(given(tmp_path, text))
    assert adp.values.tolist() == [10, 12]
    assert (census.value, census.start, census.end) == (6, date(2017, 2, 1), date(2017, 4, 1))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("jail_apd,2017,3,,", "there is no measure 'jail_apd'. Did you mean 'jail_adp'?"),
        ("jail_adp,2017,3,flow,", "jail_adp is a stock: how many there are at one time"),
        ("jail_adp,2017,3,,persons/month", "unit 'persons/month' is a flow. Give persons"),
        ("bookings,2017,3,,beds", "unit 'beds' is a stock. Give bookings, or bookings/month"),
        ("jail_adp,2017,3,,furlongs", "unit 'furlongs' is unknown"),
        ("jail_adp,2017,<11,,", "'<11' is a count that was hidden"),
        ("jail_adp,2017,many,,", "'many' is no number"),
        ("jail_adp,2017,1e308,,", "'1e308' must be a number of 0 or more, and no more than 1e+12"),
        ("jail_adp,2017,nan1,,", "'nan1' is no number"),
        ("jail_adp,soon,3,,", "'soon' is no period. Allowed: 2017, 2017H1"),
        ("rearrest_1y,2017,34,,", "34 is no share between 0 and 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_stands(tmp_path: Path, row: str, told: str) -> None:
    path = given(tmp_path, f"measure,period,value,kind,unit\n{row}\njail_adp,2017,5,,\n")
    with pytest.raises(BadDocument) as bad:
        read_targets(path)
    assert len(bad.value.problems) == 1
    assert bad.value.problems[0].line == 2
    assert told in str(bad.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs columns measure, period and value"),
        ("measure,period,value\n", "holds no figure"),
        ("measure,periode,value\njail_adp,2017,3\n", "Did you mean 'period'?"),
        ("month,jail_adp\n2017-01,3\n2017-01,4\n", "is given twice"),
        ("measure,month,value,weight\njail_adp,2017-01,3,1\njail_adp,2017-02,4,0\n", "has another weight"),
        ("measure,month,value,weight\njail_adp,2017-01,3,1e-320\n", "is hardly a weight. Allowed: 0"),
    ],
)
def test_a_file_that_holds_nothing_to_use_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadDocument, match=told.replace("?", r"\?")):
        read_targets(given(tmp_path, text))


def test_periods_are_half_open() -> None:
    assert period("2017Q4") == (date(2017, 10, 1), date(2018, 1, 1))
    assert period("2017-12") == (date(2017, 12, 1), date(2018, 1, 1))
    assert period("2016-07-01 to 2017-07-01") == (date(2016, 7, 1), date(2017, 7, 1))


def series(values: list[float], measure: str = "jail_adp") -> Target:
    starts = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(len(values) + 1)]
    points = (Point(a, b, v) for a, b, v in zip(starts, starts[1:], values, strict=False))
    return Target(measure, "all", tuple(points))


def test_a_county_that_moves_from_year_to_year_is_not_known_better_than_that() -> None:
    moving = series([100.0] * 12 + [110.0] * 12 + [120.0] * 12)
    assert moving.variation.between_years == pytest.approx(10)
    assert moving.drift == pytest.approx(10 / 3**0.5)
    assert series([100.0, 120.0] * 6).drift == 0


@pytest.mark.parametrize(
    ("per_year", "periods"),
    [
        (1, [""]),
        (2, ["H1", "H2"]),
        (4, ["Q1", "Q2", "Q3", "Q4"]),
        (12, [f"-{month:02d}" for month in range(1, 13)]),
    ],
)
def test_years_quarters_and_months_of_one_history_show_the_same_moves_between_years(
    tmp_path: Path, per_year: int, periods: list[str]
) -> None:
    """Six years of people in jail: their standard deviation is the root of 1075.5 / 5."""
    history = enumerate([100, 118, 92, 125, 88, 110], start=2017)
    rows = [f"jail_adp,{year}{one},{value}" for year, value in history for one in periods]
    (target,) = read_targets(given(tmp_path, "\n".join(["measure,period,value", *rows]) + "\n"))
    assert target.per_year == per_year
    assert target.variation.between_years == pytest.approx((1075.5 / 5) ** 0.5)
    assert target.drift == pytest.approx((1075.5 / 5 / 6) ** 0.5)
    assert observed([target]).drift[0] > 0


def test_errors_are_carried_over_to_the_scale_of_comparison() -> None:
    target = Target("jail_adp", "all", (Point(date(2017, 1, 1), date(2018, 1, 1), 399.0),), error=4.0)
    seen = observed([target])
    assert seen.value[0] == pytest.approx(np.log(400))
    assert seen.error[0] == pytest.approx(0.01, rel=1e-3)
    for measure, value in (("jail_adp", 17.0), ("rearrest_1y", 0.34)):
        assert unscaled(measure, scaled(measure, np.array(value))) == pytest.approx(value)


def test_the_latest_months_are_used_and_the_moves_of_all_years_remembered() -> None:
    moving = series([100.0] * 12 + [110.0] * 12 + [120.0] * 12)
    assert window([moving], 24) == (date(2011, 1, 1), 24)
    recent = moving.since(date(2011, 1, 1))
    assert recent.value == 115
    assert recent.variation.between_years == pytest.approx(10)
    assert (recent.variation.years, recent.variation.latest) == (3, 2)
    assert (moving.drift > 0, recent.drift) == (True, 0)
    assert moving.since(date(2010, 1, 1)).drift == moving.drift, "nothing was left out: the county may move"
    kept = recent.before(date(2012, 1, 1))
    assert kept is not None and kept.value == 110


def test_a_figure_of_a_longer_time_than_is_run_is_asked_of_the_run(build: Build) -> None:
    county = build({"months": 12}).county.model_copy(update={"start": date(2012, 1, 1)})
    years = (Point(date(2010, 1, 1), date(2013, 1, 1), 90.0),)
    target = Target("bookings", "all", years)
    flow = target.output(county)
    assert (flow.spans, flow.times) == (((0.0, 366.0),), pytest.approx(3, abs=0.01))
    assert target.run_share(flow) == pytest.approx(1 / 3, abs=0.01)
    assert Target("jail_adp", "all", years).output(county).times == 1
    earlier = Target("jail_adp", "all", (Point(date(2009, 4, 1), date(2009, 7, 1), 90.0),)).output(county)
    assert earlier.spans[0] == pytest.approx((91, 182), abs=1.5)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2016, 7, 1), date(2017, 1, 1)), (date(2016, 12, 1), date(2017, 1, 1))]
)
def test_a_figure_that_ends_where_the_run_begins_is_asked_of_the_same_season(
    build: Build, start: date, end: date
) -> None:
    county = build({"months": 12}).county.model_copy(update={"start": date(2017, 1, 1)})
    asked = Target("bookings", "all", (Point(start, end, 90.0),)).output(county)
    ((begun, ended),) = asked.spans
    assert ended == county.horizon
    assert ended - begun == pytest.approx((end - start).days, abs=1)
    assert asked.times == pytest.approx(1, rel=0.02)


def test_a_season_outside_a_short_run_is_asked_of_the_whole_run() -> None:
    assert in_season((-90.0, -60.0), 180.0) == (0.0, 180.0)


def test_a_series_of_earlier_months_is_held_against_as_many_months_of_the_run(build: Build) -> None:
    county = build({"months": 12}).county.model_copy(update={"start": date(2017, 1, 1)})
    old = series([100.0] * 11, "bookings")
    asked = old.output(county)
    assert old.run_share(asked) == pytest.approx(1, abs=0.01)
    assert asked.spans[0] == pytest.approx((0, 334), abs=1)
    assert asked.times == pytest.approx(1 / 11, rel=0.01), "the record tells bookings a month"


def test_the_county_is_run_from_the_first_month_of_the_records_to_the_last() -> None:
    assert window([series([1.0] * 15)]) == (date(2010, 1, 1), 15)
