"""The hazard of a return after release: raised at release, fading with time, for people who differ.

At time t since a release person i has the hazard z_i exp(x b) base (1 + excess exp(-t / mean_days)); z_i is
gamma with mean 1 and variance 1 / shape and shared by all of a person's releases, so that repeated spells
tell people who differ from risk that fades. With d_i returns and the cumulative hazard H_i at z = 1 a person
contributes gamma(shape + d) / gamma(shape) x shape^shape / (shape + H)^(shape + d) times the hazards at the
returns, and before a spell z_i is gamma of shape + d and rate shape + H, d and H over the spells before it
(Cook and Lawless, The Statistical Analysis of Recurrent Events, 2007, section 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize
from scipy.special import gammaln

from calibration.fits.fit import DRAWS, FAR, Fit, covariance_of, curvature
from calibration.fits.recurrence import Spells
from simulation.measures.incidence import EVENT, aalen_johansen

Values = NDArray[np.float64]
TIMES = (30.0, 60.0, 90.0, 180.0, 365.0, 545.0, 730.0, 1095.0)
"""Days since release at which the fitted curve is held against the record's."""
_START = {"base": 1e-3, "excess": 1.0, "mean_days": 100.0, "shape": 1.0}
_BOUNDS = {"base": (1e-8, 1.0), "excess": (1e-3, 50.0), "mean_days": (3.0, 1500.0), "shape": (5e-3, 400.0)}
_HAZARD = ("base", "excess", "mean_days")


@dataclass(frozen=True)
class ReturnHazard:
    """A fitted return hazard with its ``Fit``: base a day, excess, mean_days, a ratio for each trait, shape.

    fixed: the quantities that were given and not fitted; log_likelihood: at the estimate.
    """

    spells: Spells
    fit: Fit
    fixed: Mapping[str, float]
    log_likelihood: float

    def cumulative(self, days: Values) -> Values:
        """The cumulative hazard at frailty 1 without traits, by days since release."""
        base, excess, mean_days = (self.fit.estimate[name] for name in _HAZARD)
        return cumulative(days, base, excess, mean_days)

    def curve(self, times: Sequence[float] = TIMES) -> Values:
        """The share returned by each time that the fit expects of these spells.

        At each time the hazard is the mean over the spells still at risk, each given its person's returns and
        time at risk before, and its own time so far: the compensator of the record's Nelson-Aalen estimate.
        So censoring that goes with frailty (who returns often has short spells) distorts both alike.
        """
        ratio = np.exp(self.spells.traits @ np.log([self.fit.estimate[name] for name in self.spells.names]))
        before = pd.DataFrame(
            {
                "returns": (self.spells.cause == EVENT) * 1.0,
                "hazard": ratio * self.cumulative(self.spells.time),
            }
        )
        before = before.groupby(self.spells.person).cumsum() - before
        shape = self.fit.estimate["shape"]
        order = np.argsort(self.spells.time)
        per_spell = np.column_stack([ratio, shape + before["returns"], shape + before["hazard"]])[order]
        grid = np.unique(np.concatenate([[0.0], np.geomspace(1.0, max(times), 120), times]))
        steps = np.diff(self.cumulative(grid))
        middle = (grid[1:] + grid[:-1]) / 2
        expected = [
            step * _mean_frailty(per_spell[first:], spent)
            for step, spent, first in zip(
                steps,
                self.cumulative(middle),
                np.searchsorted(self.spells.time[order], middle),
                strict=True,
            )
        ]
        hazard = np.concatenate([[0.0], np.cumsum(expected)])
        return np.asarray(1 - np.exp(-np.interp(times, grid, hazard)))


def _mean_frailty(per_spell: Values, spent: float) -> float:
    """Mean of frailty times trait ratio over spells at risk after the cumulative hazard ``spent``."""
    if not len(per_spell):
        return 0.0
    ratio, returns, hazard = per_spell.T
    return float((ratio * returns / (hazard + ratio * spent)).mean())


def cumulative(days: Values, base: float, excess: float, mean_days: float) -> Values:
    """The integral of base (1 + excess exp(-t / mean_days)) from 0 to ``days``."""
    return np.asarray(base * (days - excess * mean_days * np.expm1(-days / mean_days)))


def log_likelihood(spells: Spells, values: Mapping[str, float]) -> float:
    """Of the returns and times at risk, with the frailty integrated out; values by name."""
    base, excess, mean_days = (values[name] for name in _HAZARD)
    log_ratio = spells.traits @ np.log([values[name] for name in spells.names])
    returned = spells.cause == EVENT
    at_return = np.log1p(excess * np.exp(-spells.time[returned] / mean_days)) + np.log(base)
    size, shape = int(spells.person.max()) + 1, values["shape"]
    hazard = np.exp(log_ratio) * cumulative(spells.time, base, excess, mean_days)
    total = np.bincount(spells.person, hazard, size)
    returns = np.bincount(spells.person[returned], minlength=size)
    people = gammaln(shape + returns) - gammaln(shape) + shape * np.log(shape)
    people -= (shape + returns) * np.log(shape + total)
    return float(people.sum() + at_return.sum() + log_ratio[returned].sum())


def fitted(
    spells: Spells, name: str = "return", fixed: Mapping[str, float] | None = None, seed: int = 1
) -> ReturnHazard:
    """The return hazard that makes the spells most likely; ``fixed`` gives quantities that are not fitted.

    goodness: ``curve``, the largest distance between the expected curve and the record's at ``TIMES``.

    >>> days = np.random.default_rng(1).exponential(400, 300)
    >>> spells = Spells.by_person(np.arange(300), np.minimum(days, 730), days < 730)
    >>> hazard = fitted(spells, fixed={"excess": 1e-6, "mean_days": 100.0, "shape": 1e3})
    >>> f"{365 * hazard.fit.estimate['base']:.3f} a year"
    '0.905 a year'
    """
    given = dict(fixed or {})
    start = {**_START, **dict.fromkeys(spells.names, 1.0)}
    free = [quantity for quantity in start if quantity not in given]
    limits = np.log([_BOUNDS.get(quantity, (1e-2, 1e2)) for quantity in free])

    def values(theta: Values) -> dict[str, float]:
        return {**given, **dict(zip(free, np.exp(theta).tolist(), strict=True))}

    def loss(theta: Values) -> float:
        return -log_likelihood(spells, values(theta)) / len(spells)

    first = np.log([start[quantity] for quantity in free])
    optimum = minimize(
        loss, first, method="L-BFGS-B", bounds=Bounds(*limits.T), options={"maxiter": 500, "ftol": 1e-12}
    )
    theta = np.asarray(optimum.x)
    covariance = covariance_of(curvature(loss, theta) * len(spells))
    sample = np.random.default_rng(seed).multivariate_normal(theta, covariance, DRAWS, method="cholesky")
    drawn = dict(zip(free, np.exp(np.clip(sample, -FAR, FAR)).T, strict=True))
    estimate = values(theta)
    columns = np.column_stack(
        [drawn.get(quantity, np.full(DRAWS, estimate[quantity])) for quantity in estimate]
    )
    method = "fading hazard with gamma frailty, maximum likelihood"
    fit = Fit(name, method, len(spells), estimate, columns)
    hazard = ReturnHazard(spells, fit, given, -loss(theta) * len(spells))
    return replace(hazard, fit=replace(fit, goodness={"curve": _distance(hazard)}))


def _distance(hazard: ReturnHazard) -> float:
    known = [time for time in TIMES if time <= hazard.spells.time.max()]
    record = aalen_johansen(hazard.spells)
    return float(np.abs(hazard.curve(known) - [record.at(time) for time in known]).max())
