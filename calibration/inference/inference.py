"""From targets to posterior draws: waves of runs, an emulator, a sampler, posterior predictive runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.inference.analytic_approximation import AnalyticApproximation, DifferenceEmulator
from calibration.inference.emulator import Emulator
from calibration.inference.history import implausibility, next_points, not_ruled_out
from calibration.inference.run_cache import RunCache
from calibration.inference.sampler import Likelihood
from calibration.targets.observed import Observed
from calibration.targets.output import Output, scaled
from calibration.targets.target import Target, observed

Floats = NDArray[np.float64]

OBSERVED_SHARE = 0.5
"""Share of the design points in which an output must have a value to be used."""

VARIED_SHARE = 0.05
"""Share of the values that must differ from the most frequent one for an output to be used."""


@dataclass(frozen=True)
class Budget:
    """How much to run: points a wave, waves, replications a point, predictive draws, posterior draws.

    months: how many of the latest months of the records are used.
    """

    points: int
    waves: int
    replications: int
    checks: int
    months: int
    draws: int = 1000

    @property
    def design_points(self) -> int:
        """Design points in all, those of the posterior predictive runs included."""
        return self.points * self.waves + self.checks

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self.design_points * self.replications


BUDGETS = {
    "small": Budget(points=80, waves=2, replications=2, checks=15, months=12),
    "standard": Budget(points=130, waves=2, replications=2, checks=25, months=24),
    "thorough": Budget(points=400, waves=3, replications=4, checks=100, months=240),
}


@dataclass(frozen=True)
class Wave:
    """The share of the prior that no target rules out, after so many design points."""

    points: int
    not_ruled_out: float


@dataclass(frozen=True)
class InferenceResult:
    """The posterior draws with the runs and the emulator behind them, on the scale of ``Observed``.

    z: draws x parameters, as normal scores of the prior; design, values: the design points and their runs
    (points x replications x outputs, in the measures' own units), targets first; checks: the posterior
    predictive runs, with more outputs; emulator: of all outputs that can be emulated, whose indices in
    ``outputs`` are ``kept``; effective_sample_size: of the draws.
    """

    z: Floats
    design: Floats
    values: Floats
    checks: Floats
    emulator: Emulator
    kept: tuple[int, ...]
    outputs: tuple[Output, ...]
    targets: tuple[Target, ...]
    observed: Observed
    waves: tuple[Wave, ...]
    budget: Budget
    effective_sample_size: float

    @property
    def likelihood(self) -> Likelihood:
        """The likelihood after the last wave; outputs that are no target have weight 0."""
        return Likelihood(self.emulator, self.observed)


class NothingToFit(ValueError):
    """In most runs no target has a value."""


def infer(
    cache: RunCache,
    targets: Sequence[Target],
    budget: Budget,
    done: Callable[[int], None],
    predictive: RunCache | None = None,
) -> InferenceResult:
    """Run a design, emulate, rule parameters out, run again, sample, and run the first draws.

    The cache's first outputs are the targets, in order; others are reported and not fitted. The emulator is
    trained on all design points: selecting on the output biases the regression toward the mean.
    done: called with the number of design points finished. predictive: runs the first draws, with more
    outputs or over a longer time; ``cache`` if left out. Raises NothingToFit.
    """
    targeted = observed(targets, cache.outputs)
    z = cache.prior.design(budget.points, cache.seed)
    values = cache.values(z, 0, done)
    waves: list[Wave] = []
    for wave in range(1, budget.waves + 1):
        kept = emulated(values, cache.outputs)
        check = sum(j < len(targets) for j in kept)
        likelihood = fitted(cache, z, values, targeted, kept, check)
        if not len(likelihood.observed.used):
            raise NothingToFit("most runs have nobody to count in any of the figures that are to be fitted")
        waves.append(Wave(len(z), share_not_ruled_out(likelihood, cache.seed)))
        if wave < budget.waves:
            new = next_points(likelihood, budget.points, cache.seed + wave)
            values = np.concatenate([values, cache.values(new, len(z), done)])
            z = np.concatenate([z, new])
    used = [kept[j] for j in likelihood.observed.used]
    approximation = AnalyticApproximation(cache.scenario, cache.prior, tuple(cache.outputs[j] for j in used))
    emulated_values = on_scale(values, cache.outputs)[:, :, list(kept)]
    difference = DifferenceEmulator.of(approximation, likelihood, z, emulated_values)
    draws, sample_size = difference.draws(likelihood, budget.draws, cache.seed)
    checks = (predictive or cache).values(draws[: budget.checks], len(z), done)
    return InferenceResult(
        z=draws,
        design=z,
        values=values,
        checks=checks,
        emulator=likelihood.emulator,
        kept=kept,
        outputs=cache.outputs,
        targets=tuple(targets),
        observed=likelihood.observed,
        waves=tuple(waves),
        budget=budget,
        effective_sample_size=sample_size,
    )


def on_scale(values: Floats, outputs: Sequence[Output]) -> Floats:
    """Values of runs on the scale of comparison, output by output."""
    return np.stack([scaled(output.measure, values[..., j]) for j, output in enumerate(outputs)], axis=-1)


def emulated(values: Floats, outputs: Sequence[Output]) -> tuple[int, ...]:
    """Indices of the outputs that have a value at enough design points, and not the same at nearly all."""
    share = np.isfinite(values).any(axis=1).mean(axis=0)
    return tuple(
        int(j) for j in np.flatnonzero(share >= OBSERVED_SHARE) if _varied(values[:, :, j]) >= VARIED_SHARE
    )


def _varied(values: Floats) -> float:
    """The share of values other than the most frequent one."""
    known = values[np.isfinite(values)]
    return 1 - float(np.unique(known, return_counts=True)[1].max()) / len(known)


def fitted(
    cache: RunCache, z: Floats, values: Floats, targeted: Observed, kept: Sequence[int], check: int
) -> Likelihood:
    """The likelihood with an emulator of these runs."""
    at = list(kept)
    emulator = Emulator.of(z, on_scale(values, cache.outputs)[:, :, at], cache.prior.free, check)
    return Likelihood(emulator, padded(targeted, len(cache.outputs)).only(at))


def padded(targeted: Observed, outputs: int) -> Observed:
    """The observations of the targets, followed by weights of 0 for outputs that are not fitted."""
    zeros = np.zeros(outputs - len(targeted.value))
    return Observed(*(np.concatenate([column, zeros]) for column in vars(targeted).values()))


def share_not_ruled_out(likelihood: Likelihood, seed: int) -> float:
    """The share of the prior that no single target rules out."""
    z = np.random.default_rng(seed).standard_normal((2000, likelihood.emulator.free))
    return float(not_ruled_out(likelihood, z).mean())


def unreachable(result: InferenceResult) -> dict[str, float]:
    """Targets that no parameters of the prior come near, with their least implausibility."""
    z = np.random.default_rng(1).standard_normal((4000, result.emulator.free))
    observed = result.observed
    unweighted = replace(observed, weight=np.where(observed.weight > 0, 1.0, 0.0))
    least = implausibility(Likelihood(result.emulator, unweighted), z).min(axis=0)
    names = [result.targets[result.kept[j]].name for j in unweighted.used]
    return {name: float(value) for name, value in zip(names, least, strict=True) if value > 3}
