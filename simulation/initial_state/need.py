"""How often people are in crisis: the rate before any episode that gives the register's mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaincinv, ndtr, ndtri

from simulation.engine.fading import Raise, long_run_rate
from simulation.initial_state.custody import Offending
from simulation.inputs.parameters import Parameters

Numbers = NDArray[np.float64]


def crisis_raises(p: Parameters, admitted: float) -> tuple[Raise, Raise]:
    """What the end of an episode adds to the rate of the next; ``admitted``: the share that end in a bed."""
    after_discharge, after_crisis = p.crisis.excess_after_discharge.value, p.crisis.excess_after_crisis.value
    return Raise(admitted, after_discharge), Raise(1 - admitted, after_crisis)


def need(p: Parameters, offending: Numbers, own: Numbers) -> Numbers:
    """Need (gamma, mean 1), correlated with offending: both arguments are uniform, ``own`` independent.

    The normal scores of need and frailty have the register's correlation (a Gaussian copula).
    """
    rho, shape = p.crisis.offending_correlation.value, p.crisis.frailty_shape.value
    scores = rho * ndtri(offending) + sqrt(1 - rho * rho) * ndtri(own)
    return np.asarray(gammaincinv(shape, ndtr(scores)) / shape)


@dataclass(frozen=True)
class Needs:
    """Crisis ratios over the population, on a grid, with the share of days without a home."""

    weights: Numbers
    ratios: Numbers
    homeless: Numbers

    @classmethod
    def of(cls, p: Parameters, offending: Offending, homeless: Numbers, points: int = 16) -> Needs:
        """The grid: need at midpoint quantiles beside that of offending, of whom a share is ``homeless``."""
        u, v = np.meshgrid(midpoints(QUANTILES), midpoints(points), indexing="ij")
        latent = need(p, u, v)
        shares, ratios = [], []
        for impaired, psychotic in product((False, True), repeat=2):
            share = p.people.high_impairment.value if impaired else 1 - p.people.high_impairment.value
            share *= p.people.psychotic.value if psychotic else 1 - p.people.psychotic.value
            shares.append(share)
            ratios.append(
                (p.crisis.impairment_ratio.value if impaired else 1)
                * (p.crisis.psychotic_ratio.value if psychotic else 1)
            )
        uses = np.array([1.0, p.crisis.substance_use_ratio.value])
        by_use = coarser(offending.weights)
        without = coarser(offending.weights * homeless) / np.maximum(by_use, 1e-300)
        axes = np.s_[:, :, None, None]
        ratio_grid = uses[:, None, None, None] * latent[None, :, :, None] * np.array(ratios)
        weight = by_use[axes] / points * np.array(shares)
        return cls(*np.broadcast_arrays(weight + 0 * ratio_grid, ratio_grid, without[axes]))


QUANTILES = 20
"""Of frailty, beside which need is spread out."""


def coarser(weights: Numbers) -> Numbers:
    """Weights of substance use and ``QUANTILES`` of frailty from those of the grid of offending."""
    return np.asarray(weights.sum(axis=(1, 2)).reshape(2, QUANTILES, -1).sum(axis=2))


def midpoints(points: int) -> Numbers:
    """The midpoints of so many equal parts of (0, 1)."""
    return np.asarray((np.arange(points) + 0.5) / points)


def crisis_rate(p: Parameters, needs: Needs, admitted: float, leaving: float) -> float:
    """Crises per day before any episode, of ratio 1 and with a home, so that the mean is the register's.

    The mean is over people in the community in the long run, homelessness and raised risks included.
    """
    wanted, mean = p.crisis.rate.per_day, p.crisis.fading.days
    if wanted <= 0:
        return 0.0
    raises, homeless_ratio = crisis_raises(p, admitted), p.crisis.homeless_ratio.value

    def average(rate: float) -> float:
        housed = long_run_rate(rate * needs.ratios, raises, mean, leaving)
        without = long_run_rate(rate * needs.ratios * homeless_ratio, raises, mean, leaving)
        return float(np.sum(needs.weights * (housed + needs.homeless * (without - housed))))

    ends = log(wanted * 1e-4), log(wanted * 10)
    return exp(brentq(lambda x: log(average(exp(x)) / wanted), *ends, rtol=1e-9))
