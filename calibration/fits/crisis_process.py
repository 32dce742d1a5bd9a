"""Crises and admissions of people who differ: the exact process behind the parameters of crisis care.

A person of rate r is in crisis at the rate r (1 + excess exp(-t / fading)), t days after the end of their
last episode, where the excess is one of two: after an inpatient stay, and after any other ending. r is a
base rate times a gamma variable of mean 1 times the factor of the group the person is in; a share of
episodes, which depends on the group, ends in an inpatient bed, a larger one soon after a discharge.
Episodes take no time here. Given r this is a semi-Markov process with two states, so that everything below
is a sum over rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammainc, gammaincinv

from simulation.engine.fading import mean_gap, survival

Values = NDArray[np.float64]
YEAR = 365.25
SLICES = 1 - np.concatenate([np.linspace(1, 0.05, 21), np.geomspace(0.05, 1e-4, 16)[1:], [0.0]])
"""Quantiles between which the gamma distribution is replaced by its mean."""


@dataclass(frozen=True)
class Groups:
    """People by traits.

    share: of all people; factor: what the traits multiply the rate by; admitted, admitted_soon: share of
    episodes that end in an inpatient bed, at any time and within ``soon`` days of a discharge; psychotic:
    whether the group has a psychotic disorder.
    """

    share: Values
    factor: Values
    admitted: Values
    admitted_soon: Values
    psychotic: NDArray[np.bool_]
    soon: float = 30.0


class CrisisProcess:
    """Everybody's crises; ``rate``: episodes per person-year in the community, the mean over people.

    shape: of the gamma distribution; after_crisis, after_discharge: the two excesses; fading: days.
    """

    def __init__(
        self, groups: Groups, rate: float, shape: float, excess: tuple[float, float], fading: float
    ) -> None:
        levels, shares = slices(shape)
        self.soon, self.excess, self.fading, self.shape = groups.soon, excess, fading, shape
        self.weight = np.outer(groups.share, shares).ravel()
        factors = np.outer(groups.factor, levels).ravel()
        repeated = (np.repeat(row, len(levels)) for row in (groups.admitted, groups.admitted_soon))
        self.admitted, self.admitted_soon = repeated
        self.psychotic = np.repeat(groups.psychotic, len(levels))

        def surplus(base: float) -> float:
            self.rate = base * factors
            return self.mean(self.crises) - rate / YEAR

        usual = rate / YEAR / float(self.weight @ factors)
        self.base = float(brentq(surplus, usual / (2 + max(excess)), usual * 1.01))
        self.rate = self.base * factors

    def mean(self, of_each: Values) -> float:
        """The mean over people."""
        return float(self.weight @ of_each)

    @property
    def admitted_next(self) -> Values:
        """Of each rate, the share of episodes that end in a bed after a discharge."""
        later = survival(np.array(self.soon), self.rate, self.excess[1], self.fading)
        return self.admitted_soon * (1 - later) + self.admitted * later

    @property
    def discharges(self) -> Values:
        """Of each rate, the share of episodes that follow a discharge, in the long run."""
        return self.admitted / (1 - self.admitted_next + self.admitted)

    @property
    def crises(self) -> Values:
        """Of each rate, episodes per day."""
        after_crisis, after_discharge = (mean_gap(self.rate, each, self.fading) for each in self.excess)
        return 1 / ((1 - self.discharges) * after_crisis + self.discharges * after_discharge)

    @property
    def admissions(self) -> Values:
        """Of each rate, admissions per day."""
        return self.crises * self.discharges

    def by_stays(self) -> Values:
        """Weights in proportion to stays, as in counts of all discharges."""
        return np.asarray(self.weight * self.admissions)

    def by_people(self, years: float) -> Values:
        """Weights in proportion to people of a psychotic disorder with a stay in so many years."""
        return np.asarray(self.weight * self.psychotic * -np.expm1(-self.admissions * years * YEAR))

    def readmitted(self, days: float, step: float, weight: Values, leaving: float = 0.0) -> Values:
        """The share admitted again by each multiple of ``step`` up to ``days`` days after a discharge.

        Renewal equations: an admission ends it, any other episode starts the time since the last one anew.
        ``leaving``: deaths and departures per person-year, after which nobody comes back.
        """
        grid = np.arange(0, days + step / 2, step)[:, None]
        kept = np.exp(-leaving / YEAR * (grid[1:] - step / 2))
        other, first = (
            -np.diff(survival(grid, self.rate, each, self.fading), axis=0) * kept for each in self.excess
        )
        admitted = np.where(grid[1:] <= self.soon, self.admitted_soon, self.admitted)
        at_once = np.cumsum(admitted * first, axis=0)
        known = np.cumsum(self.admitted * other, axis=0)
        later = np.zeros((len(grid), len(self.rate)))
        curve = np.zeros(len(grid))
        for n in range(1, len(grid)):
            since = later[:n][::-1]
            passing = np.einsum("ij,ij->j", (1 - admitted[:n]) * first[:n], since)
            curve[n] = weight @ (at_once[n - 1] + passing)
            later[n] = known[n - 1] + (1 - self.admitted) * np.einsum("ij,ij->j", other[:n], since)
        return np.asarray(curve / weight.sum())


def slices(shape: float) -> tuple[Values, Values]:
    """Means and shares of the slices of a gamma distribution of mean 1, finer towards its tail."""
    edges = np.append(gammaincinv(shape, SLICES[:-1]), np.inf)
    shares = np.diff(SLICES)
    return np.diff(gammainc(shape + 1, edges)) / shares, shares
