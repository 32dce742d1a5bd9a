"""A posterior that uses the analytic approximation: exact where the truth is known, sharper elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.inference.analytic_approximation import AnalyticApproximation, DifferenceEmulator
from calibration.inference.coverage import calibrated, verdicts
from calibration.inference.emulator import Emulator
from calibration.inference.prior import Prior
from calibration.inference.sampler import Likelihood, sample
from calibration.targets.observed import Observed
from calibration.targets.output import Output, scaled
from simulation import model
from tests.conftest import Build

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wavy:
    """An approximation that no polynomial of second degree follows: lines with waves on them."""

    known: tuple[int, ...] = (0,)

    def of(self, z: Floats) -> Floats:
        """n x 1."""
        return np.asarray(z[:, :1] + z[:, -1:] + 0.4 * np.sin(3 * z[:, :1]) + 0.4 * np.cos(3 * z[:, -1:]))


def waves(seed: int, number: int, replications: int) -> tuple[Floats, Floats]:
    """Points, and runs that show the approximation, a small line beside it, and chance."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((number, 3))
    shown = Wavy().of(z)[:, None, :] + 0.1 * z[:, None, 1:2]
    return z, shown + 0.1 * rng.standard_normal((number, replications, 1))


def analytic() -> tuple[Emulator, DifferenceEmulator]:
    """The plain emulator of waves, and that of the difference from the approximation."""
    z, runs = waves(1, 200, 2)
    plain, approximation = Emulator.of(z, runs, 2, check=1), cast(AnalyticApproximation, Wavy())
    return plain, DifferenceEmulator.of(approximation, Likelihood(plain, Observed.of([0.0])), z, runs)


def exact(value: float, points: int = 161) -> tuple[Floats, Floats]:
    """Mean and spread of each parameter's posterior after one run of this value, on a grid."""
    axis = np.linspace(-4, 4, points)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    mean = Wavy().of(grid)[:, 0] + 0.1 * grid[:, 1]
    weight = np.exp(-0.5 * (grid**2).sum(axis=1) - 0.5 * ((value - mean) / 0.1) ** 2)
    weight /= weight.sum()
    centre = weight @ grid
    return centre, np.sqrt(weight @ (grid - centre) ** 2)


def test_the_posterior_is_the_exact_one_where_the_plain_emulator_cannot_follow() -> None:
    plain, both = analytic()
    likelihood = Likelihood(plain, Observed.of([1.5]))
    z, effective_sample_size = both.draws(likelihood, 4000, seed=2)
    centre, spread = exact(1.5)
    assert effective_sample_size > 500
    assert z.mean(axis=0) == pytest.approx(centre, abs=5 / effective_sample_size**0.5)
    assert z.std(axis=0) == pytest.approx(spread, rel=5 / effective_sample_size**0.5)
    blunt = sample(likelihood, 4000, seed=2)
    assert np.std(Wavy().of(z)) < 0.5 * np.std(Wavy().of(blunt)), "its draws show what was shown"


def test_over_many_made_up_counties_the_truth_is_anywhere_in_the_sharper_posterior() -> None:
    plain, both = analytic()
    truths, shown = waves(3, 200, 1)

    def draw(likelihood: Likelihood, seed: int) -> Floats:
        return both.draws(likelihood, 199, seed)[0]

    found = verdicts("abc", *calibrated(plain, truths, shown[:, 0], draw, seed=1))
    assert min(each.p for each in found.values()) > 0.01 / 3
    assert all(0.84 <= each.cover_90 <= 0.96 for each in found.values())


def test_without_an_analytic_approximation_the_draws_are_the_plain_ones() -> None:
    plain, both = analytic()
    nothing = Observed.of([1.5])
    unused = Likelihood(
        plain, Observed(nothing.value, nothing.error, np.zeros(1), nothing.drift, nothing.run)
    )
    z, effective_sample_size = both.draws(unused, 50, seed=4)
    assert np.array_equal(z, sample(unused, 50, seed=4))
    assert effective_sample_size == 50


def test_the_approximation_of_a_county_is_its_steady_state_and_runs_lie_near_it(
    build: Build, tmp_path: Path
) -> None:
    scenario = build({"months": 24, "jail.bookings": 400})
    prior = Prior.of(scenario.parameters)
    whole: Any = ((0.0, scenario.county.horizon),)
    approximation = AnalyticApproximation(
        scenario, prior, (Output("arrests", "all", whole), Output("jail_adp", "all", whole))
    )
    z = prior.design(3, 1)
    figures = approximation.of(z)
    assert approximation.known == [1]
    assert not figures[:, 0].any()
    changed = scenario.model_copy(update={"parameters": prior.at(z[2].tolist())})
    assert figures[2, 1] == float(scaled("jail_adp", np.array(model.sized(changed).jail)))
