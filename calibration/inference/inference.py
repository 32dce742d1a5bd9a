"""From targets to a sample of the parameters: waves of runs, an emulator, a posterior, and a look back."""

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

SEEN = 0.5
"""Share of the blocks in which an output must have a value to be used."""

VARIED = 0.05
"""Share of the blocks that must show another value than most do: of a constant nothing can be learned."""


@dataclass(frozen=True)
class Budget:
    """How much to run: points a wave, waves, replications a point, draws to look back with, draws kept.

    months: how many of the latest months of the records are used.
    """

    points: int
    waves: int
    replications: int
    checks: int
    months: int
    draws: int = 1000

    @property
    def blocks(self) -> int:
        """Blocks of runs in all."""
        return self.points * self.waves + self.checks

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self.blocks * self.replications


BUDGETS = {
    "small": Budget(points=80, waves=2, replications=2, checks=15, months=12),
    "standard": Budget(points=130, waves=2, replications=2, checks=25, months=24),
    "thorough": Budget(points=400, waves=3, replications=4, checks=100, months=240),
}


@dataclass(frozen=True)
class Wave:
    """After how many points which share of the prior is not ruled out by any figure."""

    points: int
    not_ruled_out: float


@dataclass(frozen=True)
class InferenceResult:
    """What a calibration found, all on the scale of ``Observed`` unless said otherwise.

    z: draws x parameters; design, values: all points run and their blocks (points x replications x
    outputs, in the measures' own units), targets first; checks: the same, and more, at the first draws;
    emulator: of all outputs that can be emulated, whose columns of ``outputs`` are ``kept``; worth: how
    many independent draws those of ``z`` are worth.
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
    worth: float

    @property
    def likelihood(self) -> Likelihood:
        """The likelihood in the end; outputs that are no target have no weight."""
        return Likelihood(self.emulator, self.observed)


class NothingToFit(ValueError):
    """Most runs have a value of no figure that is to be fitted."""


def infer(
    bank: RunCache,
    targets: Sequence[Target],
    budget: Budget,
    done: Callable[[int], None],
    predictive: RunCache | None = None,
) -> InferenceResult:
    """Run, emulate, rule out, run again, sample, and run the sample.

    All blocks train the emulator: those picked by what they showed would flatten its slopes.
    The bank's first outputs are the targets, in order; others are watched and reported, and not fitted.
    ``predictive`` runs the first draws, with more outputs or further on in time; the same bank if left out.
    Raises NothingToFit.
    """
    seen = observed(targets, bank.outputs)
    z = bank.prior.design(budget.points, bank.seed)
    values = bank.values(z, 0, done)
    waves: list[Wave] = []
    for wave in range(1, budget.waves + 1):
        kept = emulated(values, bank.outputs)
        check = sum(j < len(targets) for j in kept)
        likelihood = fitted(bank, z, values, seen, kept, check)
        if not len(likelihood.observed.used):
            raise NothingToFit("most runs have nobody to count in any of the figures that are to be fitted")
        waves.append(Wave(len(z), left_open(likelihood, bank.seed)))
        if wave < budget.waves:
            new = next_points(likelihood, budget.points, bank.seed + wave)
            values = np.concatenate([values, bank.values(new, len(z), done)])
            z = np.concatenate([z, new])
    used = [kept[j] for j in likelihood.observed.used]
    envelope = AnalyticApproximation(bank.scenario, bank.prior, tuple(bank.outputs[j] for j in used))
    emulated_values = on_scale(values, bank.outputs)[:, :, list(kept)]
    difference = DifferenceEmulator.of(envelope, likelihood, z, emulated_values)
    draws, worth = difference.draws(likelihood, budget.draws, bank.seed)
    checks = (predictive or bank).values(draws[: budget.checks], len(z), done)
    return InferenceResult(
        z=draws,
        design=z,
        values=values,
        checks=checks,
        emulator=likelihood.emulator,
        kept=kept,
        outputs=bank.outputs,
        targets=tuple(targets),
        observed=likelihood.observed,
        waves=tuple(waves),
        budget=budget,
        worth=worth,
    )


def on_scale(values: Floats, outputs: Sequence[Output]) -> Floats:
    """Blocks of runs on the scale of comparison, output by output."""
    return np.stack([scaled(one.measure, values[..., j]) for j, one in enumerate(outputs)], axis=-1)


def emulated(values: Floats, outputs: Sequence[Output]) -> tuple[int, ...]:
    """Outputs that have a value in enough blocks to be emulated, and not the same one in nearly all."""
    seen = np.isfinite(values).any(axis=1).mean(axis=0)
    return tuple(int(j) for j in np.flatnonzero(seen >= SEEN) if _varied(values[:, :, j]) >= VARIED)


def _varied(values: Floats) -> float:
    """The share of values other than the commonest one."""
    known = values[np.isfinite(values)]
    return 1 - float(np.unique(known, return_counts=True)[1].max()) / len(known)


def fitted(
    bank: RunCache, z: Floats, values: Floats, seen: Observed, kept: Sequence[int], check: int
) -> Likelihood:
    """The likelihood with an emulator of these blocks."""
    at = list(kept)
    on = on_scale(values, bank.outputs)[:, :, at]
    emulator = Emulator.of(z, on, bank.prior.free, check)
    return Likelihood(emulator, padded(seen, len(bank.outputs)).only(at))


def padded(seen: Observed, outputs: int) -> Observed:
    """The targets' figures, followed by outputs that are only watched."""
    more = np.zeros(outputs - len(seen.value))
    return Observed(*(np.concatenate([column, more]) for column in vars(seen).values()))


def left_open(likelihood: Likelihood, seed: int) -> float:
    """The share of the prior that no single figure rules out."""
    z = np.random.default_rng(seed).standard_normal((2000, likelihood.emulator.free))
    return float(not_ruled_out(likelihood, z).mean())


def out_of_reach(found: InferenceResult) -> dict[str, float]:
    """Targets that nothing in the prior comes near, with the least implausibility found."""
    z = np.random.default_rng(1).standard_normal((4000, found.emulator.free))
    first = replace(found.observed, weight=np.where(found.observed.weight > 0, 1.0, 0.0))
    least = implausibility(Likelihood(found.emulator, first), z).min(axis=0)
    used = first.used
    return {found.targets[found.kept[j]].name: float(v) for j, v in zip(used, least, strict=True) if v > 3}
