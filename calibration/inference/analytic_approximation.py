"""The steady state as an analytic approximation of some outputs, and a posterior that uses it.

The steady state that sizes a county's population (``simulation.initial_state.population``) leaves out
diversion and random variation, and costs a hundredth of a run. A run's difference from it is small and
smooth, so that an emulator of the difference has a several times smaller variance than one of the output;
but the steady state is too slow for every step of a sampler. So three times the draws wanted are taken with
the plain emulator and resampled with weights that are the ratio of the two likelihoods (importance
resampling: Rubin, Bayesian Statistics 3, 1988; two fidelities: Kennedy and O'Hagan, Biometrika 87, 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.inference.emulator import Emulator
from calibration.inference.prior import Prior
from calibration.inference.sampler import Likelihood, effective_sample_size, resampled, sample
from calibration.targets.output import Output, scaled
from simulation import model
from simulation.initial_state import population
from simulation.initial_state.population import SteadyState
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

KNOWN: dict[tuple[str, str], Callable[[SteadyState], float]] = {("jail_adp", "all"): lambda size: size.jail}
"""Measures (and subgroups) that the steady state approximates."""

OVERSAMPLING = 3
"""Draws taken with the plain emulator for each draw wanted."""


@dataclass(frozen=True)
class AnalyticApproximation:
    """The steady state of one county as a function of the parameters' scores."""

    scenario: Scenario
    prior: Prior
    outputs: tuple[Output, ...]

    @property
    def known(self) -> list[int]:
        """Indices of the outputs that it approximates."""
        return [j for j, output in enumerate(self.outputs) if (output.measure, output.subgroup) in KNOWN]

    def of(self, z: Floats) -> Floats:
        """Approximations on the scale of comparison (points x outputs); 0 for other outputs.

        nan at parameters without a steady state.
        """
        approximations = np.zeros((len(z), len(self.outputs)))
        for row, scores in enumerate(z if self.known else ()):
            try:
                size = model.sized(self._at(scores))
            except population.NoBookings:
                approximations[row, self.known] = np.nan
                continue
            for j in self.known:
                output = self.outputs[j]
                figure = np.array(KNOWN[output.measure, output.subgroup](size) * output.times)
                approximations[row, j] = float(scaled(output.measure, figure))
        return approximations

    def _at(self, scores: Floats) -> Scenario:
        return self.scenario.model_copy(update={"parameters": self.prior.at(scores.tolist())})


@dataclass(frozen=True)
class DifferenceEmulator:
    """An emulator of the runs minus the approximation; at: which outputs of the plain emulator it has."""

    approximation: AnalyticApproximation
    emulator: Emulator
    at: tuple[int, ...]

    @classmethod
    def of(
        cls, approximation: AnalyticApproximation, likelihood: Likelihood, z: Floats, values: Floats
    ) -> DifferenceEmulator:
        """For the outputs in use, from a design and its values on the scale of comparison.

        The plain emulator if none of them is approximated. approximation: of those outputs alone; values:
        points x replications x all outputs of the likelihood.
        """
        at = tuple(likelihood.observed.used.tolist())
        if not approximation.known:
            return cls(approximation, likelihood.emulator, at)
        difference = values[:, :, at] - approximation.of(z)[:, None, :]
        return cls(approximation, Emulator.of(z, difference, likelihood.emulator.free, check=len(at)), at)

    def draws(self, likelihood: Likelihood, count: int, seed: int) -> tuple[Floats, float]:
        """``count`` draws of all parameters, and their effective sample size.

        Draws with the plain emulator if no output in use is approximated.
        """
        observed = likelihood.observed.only(self.at)
        if not set(self.approximation.known) & set(observed.used.tolist()):
            return sample(likelihood, count, seed), float(count)
        z = sample(likelihood, OVERSAMPLING * count, seed)
        known = self.approximation.of(z)
        possible = np.isfinite(known).all(axis=1)
        z, known = z[possible], known[possible]
        gain = Likelihood(self.emulator, observed).joint(z, known) - likelihood.joint(z)
        draws = resampled(z, gain, count, np.random.default_rng(seed))
        return draws, min(effective_sample_size(gain), float(count))
