"""What the model's own back of the envelope says of a figure, and a posterior that makes use of it.

The balance that sizes a county's population (``simulation.initial_state.population``) leaves out diversion
and chance, and costs a hundredth of a run. What a run shows beside it is small and smooth, so that
the emulator of the difference is several times surer than one of the figure itself; but the balance is too
dear for every step of a sampler. So the draws come from the plain emulator, many more than are wanted, and
those are kept in proportion to how much likelier the surer one finds them (importance resampling: Rubin,
Bayesian Statistics 3, 1988; two fidelities: Kennedy and O'Hagan, Biometrika 87, 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.inference.emulator import Emulator
from calibration.inference.prior import Prior
from calibration.inference.sampler import Likelihood, resampled, sample
from calibration.targets.output import Output, scaled
from simulation import model
from simulation.initial_state import population
from simulation.initial_state.population import SteadyState
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

KNOWN: dict[tuple[str, str], Callable[[SteadyState], float]] = {("jail_adp", "all"): lambda size: size.jail}
"""Measures (and subgroups) of which the balance has a figure."""

MORE = 3
"""Times as many draws are taken from the plain emulator as are kept."""


@dataclass(frozen=True)
class AnalyticApproximation:
    """The balance of one county as a function of the parameters' scores."""

    scenario: Scenario
    prior: Prior
    outputs: tuple[Output, ...]

    @property
    def known(self) -> list[int]:
        """Which outputs it has a figure of."""
        return [j for j, one in enumerate(self.outputs) if (one.measure, one.subgroup) in KNOWN]

    def of(self, z: Floats) -> Floats:
        """Figures on the scale of comparison (points x outputs); 0 where it has none.

        A point that cannot be has nan.
        """
        found = np.zeros((len(z), len(self.outputs)))
        for row, scores in enumerate(z if self.known else ()):
            try:
                size = model.sized(self._at(scores))
            except population.NoBookings:
                found[row, self.known] = np.nan
                continue
            for j in self.known:
                one = self.outputs[j]
                figure = np.array(KNOWN[one.measure, one.subgroup](size) * one.times)
                found[row, j] = float(scaled(one.measure, figure))
        return found

    def _at(self, scores: Floats) -> Scenario:
        return self.scenario.model_copy(update={"parameters": self.prior.at(scores.tolist())})


@dataclass(frozen=True)
class DifferenceEmulator:
    """What runs show beside the envelope, emulated; at: which outputs of the plain emulator these are."""

    envelope: AnalyticApproximation
    emulator: Emulator
    at: tuple[int, ...]

    @classmethod
    def of(
        cls, envelope: AnalyticApproximation, likelihood: Likelihood, z: Floats, values: Floats
    ) -> DifferenceEmulator:
        """Of the outputs that count, from the points run and their values on the scale of comparison.

        The plain emulator where the envelope has a figure of none of them. envelope: of those outputs
        alone; values: points x replications x all outputs of the likelihood.
        """
        at = tuple(likelihood.observed.used.tolist())
        if not envelope.known:
            return cls(envelope, likelihood.emulator, at)
        rest = values[:, :, at] - envelope.of(z)[:, None, :]
        return cls(envelope, Emulator.of(z, rest, likelihood.emulator.free, check=len(at)), at)

    def draws(self, likelihood: Likelihood, count: int, seed: int) -> tuple[Floats, float]:
        """``count`` draws of all parameters, and how many independent ones they are worth.

        The plain ones of the likelihood where no figure in use is on the envelope.
        """
        seen = likelihood.observed.only(self.at)
        if not set(self.envelope.known) & set(seen.used.tolist()):
            return sample(likelihood, count, seed), float(count)
        z = sample(likelihood, MORE * count, seed)
        known = self.envelope.of(z)
        can_be = np.isfinite(known).all(axis=1)
        z, known = z[can_be], known[can_be]
        gain = Likelihood(self.emulator, seen).joint(z, known) - likelihood.joint(z)
        weights = np.exp(gain - gain.max())
        worth = float(weights.sum() ** 2 / (weights**2).sum())
        return resampled(z, gain, count, np.random.default_rng(seed)), min(worth, float(count))
