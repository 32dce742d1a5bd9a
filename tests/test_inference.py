"""The machinery of calibration on small models whose posterior is known exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from calibration.inference.coverage import calibrated, inside, uniform, verdicts
from calibration.inference.emulator import Emulator, features, regress
from calibration.inference.history import next_points, not_ruled_out
from calibration.inference.inference import Budget, emulated, infer
from calibration.inference.prior import Prior
from calibration.inference.replication_noise import ReplicationNoise
from calibration.inference.run_cache import RunCache
from calibration.inference.sampler import Likelihood, sample
from calibration.targets.observed import Observed
from calibration.targets.output import Output
from calibration.targets.target import Point, Target
from tests.conftest import Build

Floats = NDArray[np.float64]

RNG = np.random.default_rng


def blocks(rng: np.random.Generator, z: Floats, replications: int = 4) -> Floats:
    """A county that is an M/M/infinity queue: bookings and mean stay on the square-root scale.

    Bookings of a year are Poisson, stays exponential; score 0 moves the rate, score 1 the stay.
    """
    rate, stay = 400 * np.exp(0.3 * z[:, 0]), 30 * np.exp(0.4 * z[:, 1])
    booked = rng.poisson(rate[:, None], (len(z), replications))
    length = rng.gamma(booked, stay[:, None] / booked)
    return np.sqrt(np.stack([booked, length], axis=2).astype(float))


def exact(booked: float, length: float, points: int = 4001) -> tuple[Floats, Floats, Floats]:
    """Grid, and posterior density of either score: they are independent given bookings and mean stay."""
    grid = np.linspace(-5, 5, points)
    prior = -0.5 * grid**2
    rate, stay = 400 * np.exp(0.3 * grid), 30 * np.exp(0.4 * grid)
    first = prior + booked * np.log(rate) - rate
    second = prior - booked * np.log(stay) - booked * length / stay
    return grid, _normed(first), _normed(second)


def _normed(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


@pytest.fixture(scope="module")
def queue() -> Emulator:
    rng = RNG(5)
    z = rng.standard_normal((400, 6))
    return Emulator.of(z, blocks(rng, z), free=3, check=2)


def test_a_known_quadratic_is_emulated_exactly() -> None:
    z = RNG(1).standard_normal((60, 5))

    def truth(z: Floats) -> Floats:
        return np.asarray(3 + z[:, 0] - 2 * z[:, 1] ** 2 + 0.5 * z[:, 0] * z[:, 2] + 0.25 * z[:, 4])

    fit = regress(features(z, 3), truth(z))
    new = RNG(2).standard_normal((100, 5))
    assert fit.mean(features(new, 3)) == pytest.approx(truth(new), abs=1e-3)


def test_a_noisy_line_is_found_within_its_own_standard_error() -> None:
    rng = RNG(3)
    z, noise = rng.standard_normal((500, 2)), rng.standard_normal(500)
    fit = regress(features(z, 2), 1 + 2 * z[:, 0] + noise)
    at = features(np.array([[1.0, 0.0]]), 2)
    assert fit.mean(at)[0] == pytest.approx(3, abs=4 * fit.variance(at)[0] ** 0.5)
    assert fit.variance(at)[0] ** 0.5 == pytest.approx((2 / 500) ** 0.5, rel=0.35)
    assert fit.residual_variance == pytest.approx(noise.var(), rel=0.03)


def test_chance_is_found_where_it_grows_with_a_parameter() -> None:
    rng = RNG(4)
    z = rng.standard_normal((800, 3))
    sd = np.exp(0.5 * z[:, 0])
    values = sd[:, None, None] * rng.standard_normal((800, 4, 2))
    values[:, :, 1] = 0.6 * values[:, :, 0] + 0.8 * values[:, :, 1]
    found = ReplicationNoise.of(z, values, 3)
    assert found.weights[0] == pytest.approx([0, 1, 0, 0], abs=0.12)
    assert found.correlation[0, 1] == pytest.approx(0.6, abs=0.04)


def test_what_is_missed_of_two_figures_alike_leaves_their_difference_known() -> None:
    """A wave that no polynomial follows lies on two figures: neither says much, but both together do."""
    rng = RNG(11)
    z = rng.standard_normal((400, 3))
    wave = 0.6 * np.sin(4 * z[:, 2])
    shown = np.stack([z[:, 0] + wave, z[:, 1] + wave, z[:, 2] + 0.6 * np.cos(5 * z[:, 0])], axis=1)
    chance = 0.1
    emulator = Emulator.of(z, shown[:, None, :] + chance * rng.standard_normal((400, 2, 3)), 3, check=3)
    alike = emulator.discrepancy / np.sqrt(
        np.outer(np.diag(emulator.discrepancy), np.diag(emulator.discrepancy))
    )
    assert alike[0, 1] > 0.85
    assert abs(alike[0, 2]) < 0.15 > abs(alike[1, 2])
    assert emulator.discrepancy[0, 0] == pytest.approx(wave.var(), rel=0.15)
    seen = Observed.of([0.5, -0.5, 0.0])
    draws = sample(Likelihood(emulator, seen), 2000, seed=1)
    gap = draws[:, 0] - draws[:, 1]
    assert gap.mean() == pytest.approx(1.0, abs=0.05)
    apart = sample(
        Likelihood(replace(emulator, discrepancy=np.diag(np.diag(emulator.discrepancy))), seen), 2000, seed=1
    )
    assert gap.std() < 0.25 < 0.45 < (apart[:, 0] - apart[:, 1]).std()


def test_a_figure_is_known_from_the_others_that_share_its_chance() -> None:
    """Two figures of one parameter with errors correlated by 0.9: the normal distribution, by hand."""
    rng = RNG(13)
    z = rng.standard_normal((3000, 1))
    noise = rng.standard_normal((3000, 4, 2))
    noise[:, :, 1] = 0.9 * noise[:, :, 0] + 0.19**0.5 * noise[:, :, 1]
    emulator = Emulator.of(z, z[:, :, None] + noise, 1)
    likelihood = Likelihood(emulator, Observed.of([0.0, 2.0]))
    mean, variance = likelihood.given_others(np.array([[0.5], [-1.0]]), 0)
    assert mean == pytest.approx([0.5 + 0.9 * 1.5, -1.0 + 0.9 * 3.0], abs=0.08)
    assert variance == pytest.approx([0.19, 0.19], abs=0.03)


def test_a_figure_that_nearly_every_run_shows_alike_is_not_used() -> None:
    values = np.zeros((100, 2, 3))
    values[:, :, 0] = RNG(1).standard_normal((100, 2))
    values[:3, 0, 1] = 1.0
    values[:60, :, 2] = np.nan
    assert emulated(values, ()) == (0,)


def test_a_discrepancy_that_does_not_stand_out_from_chance_is_not_correlated() -> None:
    rng = RNG(12)
    z = rng.standard_normal((200, 2))
    noise = rng.standard_normal((200, 2, 2))
    noise[:, :, 1] = 0.8 * noise[:, :, 0] + 0.6 * noise[:, :, 1]
    emulator = Emulator.of(z, z[:, None, :] + noise, 2, check=2)
    assert abs(emulator.discrepancy[0, 1]) < 0.05


def test_a_value_that_some_runs_lack_is_left_out_of_the_block() -> None:
    rng = RNG(4)
    z = rng.standard_normal((300, 2))
    values = 2 + z[:, :1, None] + 0.1 * rng.standard_normal((300, 4, 1))
    values[::7, 1, 0] = np.nan
    values[5, :, 0] = np.nan
    emulator = Emulator.of(z, values, 2)
    assert emulator.mean(np.array([[1.0, 0.0]]))[0, 0] == pytest.approx(3, abs=0.03)


def test_the_posterior_of_a_queue_is_the_exact_one(queue: Emulator) -> None:
    booked, length = 470, 22.0
    draws = sample(Likelihood(queue, Observed.of(np.sqrt([booked, length]))), 4000, seed=1)
    grid, *densities = exact(booked, length)
    for column, density in enumerate(densities):
        mean = float(grid @ density)
        sd = float(((grid - mean) ** 2 @ density) ** 0.5)
        assert draws[:, column].mean() == pytest.approx(mean, abs=0.25 * sd)
        assert draws[:, column].std() == pytest.approx(sd, rel=0.12)
        for level in (0.05, 0.5, 0.95):
            quantile = float(np.interp(level, np.cumsum(density), grid))
            assert np.quantile(draws[:, column], level) == pytest.approx(quantile, abs=0.3 * sd)


def test_500_particles_in_16_dimensions_are_worth_400_and_as_wide_as_the_exact_posterior() -> None:
    rng = RNG(5)
    z, slopes = rng.standard_normal((600, 16)), rng.standard_normal((16, 6))
    runs = (z @ slopes)[:, None, :] + 0.5 * rng.standard_normal((600, 4, 6))
    likelihood = Likelihood(Emulator.of(z, runs, 16), Observed.of(np.zeros(6)))
    exact = np.diag(np.linalg.inv(np.eye(16) + slopes @ slopes.T / 0.25))
    draws = np.array([sample(likelihood, 500, seed) for seed in range(6)])
    assert draws.var(axis=1).mean(axis=0) / exact == pytest.approx(np.ones(16), abs=0.12)
    assert (draws.var(axis=1) / exact).mean() == pytest.approx(1, abs=0.04)
    assert (exact / draws.mean(axis=1).var(axis=0, ddof=1)).mean() > 400


def test_a_parameter_without_influence_keeps_its_prior(queue: Emulator) -> None:
    draws = sample(Likelihood(queue, Observed.of(np.sqrt([470, 22.0]))), 4000, seed=2)
    for column in range(2, 6):
        assert draws[:, column].mean() == pytest.approx(0, abs=0.12)
        assert draws[:, column].std() == pytest.approx(1, abs=0.06)


def test_a_parameter_not_searched_for_follows_the_records_in_a_straight_line() -> None:
    rng = RNG(6)
    z = rng.standard_normal((500, 4))
    values = (z[:, 0] + 2 * z[:, 3])[:, None, None] + 0.5 * rng.standard_normal((500, 4, 1))
    emulator = Emulator.of(z, values, free=2)
    draws = sample(Likelihood(emulator, Observed.of([3.0])), 6000, seed=1)
    total = 1 + 4 + 0.25
    assert draws[:, 0].mean() == pytest.approx(3 / total, abs=0.06)
    assert draws[:, 3].mean() == pytest.approx(6 / total, abs=0.06)
    assert draws[:, 3].std() == pytest.approx((1 - 4 / total) ** 0.5, rel=0.1)
    assert np.corrcoef(draws[:, 0], draws[:, 3])[0, 1] < -0.5


def test_without_weight_a_target_changes_nothing(queue: Emulator) -> None:
    seen = Observed.of(np.sqrt([470, 22.0]))
    draws = sample(Likelihood(queue, seen.without(0)), 4000, seed=3)
    assert draws[:, 0].mean() == pytest.approx(0, abs=0.1)
    assert draws[:, 0].std() == pytest.approx(1, abs=0.06)


def test_an_error_of_the_records_widens_the_posterior_as_it_should(queue: Emulator) -> None:
    error = np.array([5.0, 0.0])
    draws = sample(Likelihood(queue, Observed.of(np.sqrt([470, 22.0]), error)), 4000, seed=3)
    slope = 0.3 / 2 * 20
    information = 1 + slope**2 / (25 + 0.25)
    assert draws[:, 0].std() == pytest.approx(information**-0.5, rel=0.12)


@pytest.mark.slow
def test_over_many_queues_the_truth_is_anywhere_in_the_posterior(queue: Emulator) -> None:
    """Simulation-based calibration on the queue, parameters without influence included."""
    rng = RNG(11)
    truths = rng.standard_normal((200, 6))
    shown = blocks(rng, truths, 1)[:, 0]
    ranks, variances = calibrated(queue, truths, shown, lambda one, seed: sample(one, 400, seed), seed=1)
    found = verdicts("abcdef", ranks, variances)
    assert min(each.p for each in found.values()) > 0.01 / 6
    assert all(0.85 <= each.cover_90 <= 0.95 for each in found.values())
    assert found["a"].narrowed > 0.8
    assert abs(found["f"].narrowed) < 0.05


def test_ranks_of_an_overconfident_posterior_are_not_uniform() -> None:
    rng = RNG(12)
    off, draws = 0.5 * rng.standard_normal((400, 1)), 0.25 * rng.standard_normal((400, 50))
    overconfident = (off + draws < 0).mean(axis=1)
    honest = rng.random(400)
    assert uniform(overconfident) < 1e-6 < uniform(honest)
    assert inside(overconfident, 0.9) < 0.8
    assert inside(honest, 0.9) == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("gone", [0.1, 0.9])
def test_truths_laid_evenly_find_a_wrong_posterior_as_often_as_truths_drawn_at_random(gone: float) -> None:
    """256 counties of one parameter with a normal prior, whose data take away this share of its variance."""
    rng, left = RNG(3), 1 - gone
    noise = left / gone

    def found(even: bool, wide: float = 1.0, off: float = 0.0) -> float:
        """How often ranks of posteriors so wide and so far off are told from uniform ones."""
        lain = (np.argsort(rng.random((300, 256)), axis=1) + rng.random((300, 256))) / 256
        truth = norm.ppf(lain if even else rng.random((300, 256)))
        seen = truth + np.sqrt(noise) * rng.standard_normal(truth.shape)
        ranks = norm.cdf(((truth - seen / (1 + noise)) / np.sqrt(left) - off) / wide)
        return float(np.mean([uniform(each) < 0.01 for each in ranks]))

    assert found(even=True) < 0.03 > found(even=False)
    assert found(even=True, wide=0.75) > 0.85 < found(even=False, wide=0.75)
    assert found(even=True, off=0.3) > found(even=False, off=0.3) - 0.08 > 0.7


def test_points_to_run_next_lie_where_the_records_do_not_rule_them_out(queue: Emulator) -> None:
    likelihood = Likelihood(queue, Observed.of(np.sqrt([700, 22.0])))
    points = next_points(likelihood, 40, seed=1)
    assert points.shape == (40, 6)
    assert not_ruled_out(likelihood, points[:, :3]).mean() > 0.9
    prior = RNG(1).standard_normal((2000, 3))
    assert not_ruled_out(likelihood, prior).mean() < 0.5
    rate = np.log(700 / 400) / 0.3
    assert points[:, 0].mean() == pytest.approx(rate, abs=0.5)


class Line(RunCache):
    """A county whose jail, on the scale of comparison, is a line of the first score, and much chance."""

    def values(self, z: Floats, first: int, done: Callable[[int], None]) -> Floats:
        chance = 0.3 * RNG([self.seed, first]).standard_normal((len(z), self.replications, 1))
        return np.asarray(np.expm1(5 + 0.3 * z[:, :1, None] + chance))


@pytest.mark.slow
def test_rows_are_not_chosen_by_what_chance_made_of_them_so_a_third_wave_keeps_the_slope(
    build: Build,
) -> None:
    """A slope of 0.3 fitted to the blocks nearest to the record comes out at 0.23."""
    scenario = build()
    prior = Prior(scenario.parameters, ("crisis.rate", "arrest.rate", "court.granted"), 3)
    asked = (Output("jail_adp", "all", ((0.0, 30.0),)),)
    shown = Target("jail_adp", "all", (Point(date(2020, 1, 1), date(2020, 2, 1), float(np.expm1(5.3))),))
    budget = Budget(points=128, waves=3, replications=4, checks=1, months=12, draws=200)
    slopes = []
    for seed in range(4):
        cache = Line(scenario, prior, asked, budget.replications, seed, Path())
        emulator = infer(cache, [shown], budget, lambda _: None).emulator
        slopes.append(np.diff(emulator.mean(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))[:, 0])[0])
    assert np.mean(slopes) == pytest.approx(0.3, abs=0.02)
