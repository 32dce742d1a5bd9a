"""People enter, grow older and leave, and the composition by age stays the register's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simulation import model
from simulation.county import age
from simulation.engine.eventlog import PEOPLE_COLUMNS
from simulation.initial_state.custody import Offending
from simulation.inputs.parameters import Parameters
from simulation.measures.history import History
from simulation.measures.registry import MEASURES
from tests.conftest import Build


def test_newcomers_balance_exits_and_every_band_gives_the_next_what_grows_out_of_it(
    register: Parameters,
) -> None:
    bands = age.age_bands(register)
    assert sum(band.share for band in bands) == pytest.approx(1)
    for band, older in pairwise(bands):
        assert older.coming == pytest.approx(band.growing_out)
        assert older.coming >= 0
        assert band.entering >= 0
    assert bands[-1].growing_out == pytest.approx(0)
    assert sum(band.entering for band in bands) == pytest.approx(sum(b.share * b.leaving for b in bands))


@pytest.mark.parametrize(
    "shares", [(0.18, 0.42, 0.27), (0.5, 0.3, 0.1), (0.05, 0.15, 0.3), (0.28, 0.55, 0.36)]
)
def test_a_population_of_ages_in_years_keeps_its_bands_for_forty_years(
    build: Build, shares: tuple[float, float, float]
) -> None:
    """Step by hundredths of a year through an ages table, entering and leaving as the bands say."""
    paths = ("people.age_18_25", "people.age_26_40", "people.age_41_55")
    p = build(evidence=dict(zip(paths, shares, strict=True))).parameters
    bands, step = age.age_bands(p), 0.01
    widths = [int(age.YEARS[band.name] / step) for band in bands[:-1]]
    uniform = (np.arange(200_000) + 0.5) / 200_000
    stock = []
    for band, width in zip(bands[:-1], widths, strict=True):
        behind = band.years_behind(uniform)
        stock.append(band.share * np.histogram(behind, width, (0, age.YEARS[band.name]))[0] / len(uniform))
    oldest = bands[-1].share
    for _ in range(int(40 / step)):
        grown = 0.0
        for place, (band, width) in enumerate(zip(bands[:-1], widths, strict=True)):
            stock[place] = stock[place] * np.exp(-band.leaving * step) + band.entering * step / width
            leaving_band = stock[place][-1]
            stock[place] = np.concatenate([[grown], stock[place][:-1]])
            grown = leaving_band
        oldest = oldest * np.exp(-bands[-1].leaving * step) + grown + bands[-1].entering * step
    now = [*(float(part.sum()) for part in stock), oldest]
    assert now == pytest.approx([band.share for band in bands], abs=0.003)


def test_draws_of_the_younger_bands_that_add_up_to_more_than_one_are_scaled(build: Build) -> None:
    paths = ("people.age_18_25", "people.age_26_40", "people.age_41_55")
    p = build(evidence=dict(zip(paths, (0.28, 0.55, 0.36), strict=True))).parameters
    assert sum(age.shares(p)) == pytest.approx(1)
    assert Offending.of(p).weights.sum() == pytest.approx(1)


def test_where_nobody_leaves_nobody_grows_older(build: Build) -> None:
    p = build(evidence={"people.death": 0.0, "people.moving_away": 0.0}).parameters
    uniforms = np.array([0.1, 0.5, 0.99])
    bands, days = age.drawn(p, (uniforms, uniforms), newcomers=False)
    assert bands == ["18-25", "26-40", "56+"]
    assert days == [np.inf] * 3


def test_people_drawn_are_of_the_bands_and_the_days_left_in_them_of_the_steady_state(
    register: Parameters,
) -> None:
    uniform = np.random.default_rng(1).random((2, 100_000))
    bands, days = age.drawn(register, (uniform[0], uniform[1]), newcomers=False)
    for band in age.age_bands(register)[:-1]:
        here = np.array([name == band.name for name in bands])
        assert here.mean() == pytest.approx(band.share, abs=0.01)
        left = np.array(days)[here]
        growing = np.mean(left < 365.25) * here.mean()
        assert growing == pytest.approx(band.growing_out, rel=0.1)


@pytest.mark.slow
def test_after_twenty_years_the_stock_is_who_it_was_and_offends_as_much(without_programs: Build) -> None:
    """While people left from the community alone, bookings rose by 6 to 9 % in twenty years."""
    scenario = without_programs({"jail.bookings": 490, "months": 240, "crisis.demand_profile": None})
    horizon = scenario.county.horizon
    histories = [History(model.run(scenario, 1, replication), horizon) for replication in range(6)]
    edges = np.array([0.0, 730.0, horizon - 730.0, horizon])
    bookings = np.array([MEASURES["bookings"].function(history, edges)["all"] for history in histories])
    change = bookings[:, 2] / bookings[:, 0] - 1
    assert abs(change.mean()) < 0.03
    for trait in ("criminogenic_risk", "substance_use"):
        shares = np.array(
            [[share(history, trait, day) for day in (0.0, horizon - 1)] for history in histories]
        )
        assert shares[:, 1].mean() == pytest.approx(shares[:, 0].mean(), abs=0.015)


def share(history: History, trait: str, day: float) -> float:
    """The share with a trait among the people in the county on a day."""
    number, has = PEOPLE_COLUMNS.index("person"), PEOPLE_COLUMNS.index(trait)
    with_trait = {row[number]: row[has] for row in history.events.people}
    spans = history.spans("county")
    present = spans.person[(spans.start <= day) & (spans.end > day)]
    return float(np.mean([with_trait[person] for person in present.tolist()]))
