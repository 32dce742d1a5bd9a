"""Recurrence after release: a rate by time since release, people who differ, and death in between.

The rate of person i at time t since a release is w_i exp(x_i b) r(t), r constant between cuts and w_i gamma
with mean 1 and variance 1 / shape, shared by all of a person's releases. With d_i events and the cumulative
rate H_i the person contributes gamma(shape + d) / gamma(shape) x shape^shape / (shape + H)^(shape + d) times
the rates at the events (Klein, Biometrics 1992, 48:795-806; Cook and Lawless, The Statistical Analysis of
Recurrent Events, 2007, section 3.5); after them w_i is gamma of shape + d and rate shape + H. Competing ends
(death, moving away) have a piecewise rate of their own, without frailty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from calibration.fits.fit import DRAWS, Fit, covariance_of, folds
from calibration.fits.piecewise import Piecewise
from simulation.measures.incidence import COMPETING, EVENT, SurvivalData, aalen_johansen

Values = NDArray[np.float64]
CUTS = (30.0, 91.0, 183.0, 365.0, 548.0, 731.0)
"""Days since release at which the rate may change."""
TIMES = (183.0, 365.0, 731.0)
WIDE = 3.0  # standard deviation of the weak prior of the log of the frailty's shape, about 1


@dataclass(frozen=True)
class Spells(SurvivalData):
    """Times at risk after releases, one row a release: survival data with the person and traits of each.

    time: days since release until the end of the spell; person: codes from 0, a person's spells in the order
    of time; traits: one column for each of ``names``.
    """

    person: NDArray[np.int64]
    traits: Values
    names: tuple[str, ...]

    @classmethod
    def by_person(
        cls,
        person: ArrayLike,
        time: ArrayLike,
        cause: ArrayLike,
        traits: Mapping[str, ArrayLike] | None = None,
        entry: ArrayLike = 0.0,
    ) -> Spells:
        """From anything like arrays; raises ValueError for times or traits that are no numbers."""
        times = np.asarray(time, dtype=np.float64)
        _, codes = np.unique(np.asarray(person), return_inverse=True)
        columns = [np.asarray(values, dtype=np.float64) for values in (traits or {}).values()]
        known = np.column_stack(columns) if columns else np.zeros((len(times), 0))
        late = np.broadcast_to(np.asarray(entry, dtype=np.float64), times.shape)
        if not (np.isfinite(times).all() and np.isfinite(known).all() and (late <= times).all()):
            raise ValueError("times and traits must be numbers, and a spell must end after its entry")
        longer = np.maximum(times, 0.5)
        late = np.minimum(late, longer * (1 - 1e-9))
        causes = np.asarray(cause, dtype=np.int64)
        return cls(longer, causes, late, np.ravel(codes), known, tuple(traits or ()))

    def only(self, rows: NDArray[np.bool_]) -> Spells:
        """Some of the spells, persons numbered anew."""
        _, codes = np.unique(self.person[rows], return_inverse=True)
        watched = (self.time[rows], self.cause[rows], self.entry[rows])
        return Spells(*watched, np.ravel(codes), self.traits[rows], self.names)


@dataclass(frozen=True)
class Recurrence:
    """A fitted recurrence, with its ``Fit``: the rates a day, ``shape`` of the frailty, trait ratios."""

    cuts: tuple[float, ...]
    theta: Values
    competing: Values
    spells: Spells
    fit: Fit

    def incidence(self, times: Sequence[float], traits: Values | None = None) -> Values:
        """The share struck by each time since a release, averaged over people with these traits.

        Without traits: over the releases fitted, each person's frailty given the releases before (who
        came back often is likelier to come back). Competing ends take people away.
        """
        if traits is None:
            return _incidence(self, times, self.spells.traits, *_history(self.spells, self.cuts, self.theta))
        return _incidence(self, times, traits, np.zeros(len(traits)), np.zeros(len(traits)))


def _history(spells: Spells, cuts: tuple[float, ...], theta: Values) -> tuple[Values, Values]:
    """Events and cumulative rate of each spell's person in the spells before it (which come in order)."""
    distribution, pieces = Piecewise(cuts), len(cuts) + 1
    watched = distribution.exposure(spells.time) - distribution.exposure(spells.entry)
    rate = np.exp(spells.traits @ theta[pieces:-1]) * (watched @ np.exp(theta[:pieces]))
    table = pd.DataFrame({"events": (spells.cause == EVENT) * 1.0, "rate": rate})
    before = table.groupby(spells.person).cumsum() - table
    return before["events"].to_numpy(), before["rate"].to_numpy()


def _incidence(
    found: Recurrence, times: Sequence[float], traits: Values, events: Values, rate: Values
) -> Values:
    distribution, pieces = Piecewise(found.cuts), len(found.cuts) + 1
    grid = np.unique(np.concatenate([[0.0], np.geomspace(0.5, max(times), 80), times]))
    base = -distribution.log_survival(grid, found.theta[:pieces])
    shape = np.exp(found.theta[-1])
    ratio = np.exp(traits @ found.theta[pieces:-1])
    each, count = np.unique(np.column_stack([ratio, events, rate]), axis=0, return_counts=True)
    left = np.zeros(len(grid))
    for rows, number in zip(np.array_split(each, 50), np.array_split(count, 50), strict=True):
        scaled = rows[:, :1] * base[None, :] / (shape + rows[:, 2:])
        left += number @ (1 + scaled) ** -(shape + rows[:, 1:2])
    alive = np.exp(distribution.log_survival(grid, found.competing))
    share = left / count.sum()
    struck = np.append(0.0, np.cumsum(-np.diff(share) * (alive[1:] + alive[:-1]) / 2))
    return np.asarray(np.interp(times, grid, struck))


class _Likelihood:
    """The log likelihood of spells and its slope, with what does not depend on the parameters settled."""

    def __init__(self, spells: Spells, cuts: tuple[float, ...]) -> None:
        distribution = Piecewise(cuts)
        self.spells, self.pieces = spells, len(cuts) + 1
        self.before = distribution.exposure(spells.entry)
        self.watched = distribution.exposure(spells.time) - self.before
        struck = spells.cause == EVENT
        self.size = int(spells.person.max()) + 1
        self.events = np.bincount(spells.person[struck], minlength=self.size).astype(np.float64)
        self.at = np.bincount(distribution.piece(spells.time)[struck], minlength=self.pieces).astype(
            np.float64
        )
        self.traits = spells.traits[struck].sum(axis=0)
        self.late = bool((spells.entry > 0).any())

    def each(self, theta: Values) -> Values:
        """The log likelihood of each person, without the rates at the events."""
        shape, ratio, rate = self._parts(theta)
        hazard = self._person(ratio * (self.watched @ rate))
        before = self._person(ratio * (self.before @ rate)) if self.late else np.zeros(self.size)
        d = self.events
        whole = gammaln(shape + d) - gammaln(shape) - (shape + d) * np.log(shape + hazard + before)
        return np.asarray(whole + shape * np.log(shape + before))

    def value(self, theta: Values) -> float:
        """The log likelihood and the weak prior of the shape."""
        rates = self.at @ theta[: self.pieces] + self.traits @ theta[self.pieces : -1]
        return float(self.each(theta).sum() + rates - 0.5 * (theta[-1] / WIDE) ** 2)

    def slope(self, theta: Values) -> Values:
        """Its slope."""
        shape, ratio, rate = self._parts(theta)
        spell = ratio * (self.watched @ rate)
        hazard = self._person(spell)
        old = ratio * (self.before @ rate) if self.late else np.zeros(len(spell))
        before = self._person(old)
        d, total = self.events, shape + hazard + before
        per_hazard = -(shape + d) / total
        per_before = per_hazard + shape / (shape + before)
        weight, weight_old = per_hazard[self.spells.person], per_before[self.spells.person]
        of_rate = (weight * ratio) @ self.watched + (weight_old * ratio) @ self.before
        of_trait = (weight * spell + weight_old * old) @ self.spells.traits
        of_shape = digamma(shape + d) - digamma(shape) - np.log(total) - (shape + d) / total
        of_shape += np.log(shape + before) + shape / (shape + before)
        last = shape * of_shape.sum() - theta[-1] / WIDE**2
        return np.concatenate([self.at + rate * of_rate, self.traits + of_trait, [last]])

    def _parts(self, theta: Values) -> tuple[float, Values, Values]:
        rate = np.exp(np.clip(theta[: self.pieces], -50, 20))
        ratio = np.exp(np.clip(self.spells.traits @ theta[self.pieces : -1], -30, 30))
        return float(np.exp(theta[-1])), ratio, rate

    def _person(self, values: Values) -> Values:
        return np.bincount(self.spells.person, values, self.size).astype(np.float64)


def _maximum(spells: Spells, cuts: tuple[float, ...]) -> tuple[_Likelihood, Values]:
    likelihood = _Likelihood(spells, cuts)
    watched = likelihood.watched.sum(axis=0)
    rates = np.log(np.maximum(likelihood.at, 0.5) / np.maximum(watched, 1.0))
    start = np.concatenate([rates, np.zeros(spells.traits.shape[1]), [0.0]])
    size = len(spells.time)

    def loss(theta: Values) -> float:
        return -likelihood.value(theta) / size

    def slope(theta: Values) -> Values:
        return -likelihood.slope(theta) / size

    traits = [(-10.0, 10.0)] * spells.traits.shape[1]
    optimum = minimize(
        loss,
        start,
        jac=slope,
        method="L-BFGS-B",
        bounds=[*([(-40.0, 10.0)] * likelihood.pieces), *traits, (-6.0, 6.0)],
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
    )
    return likelihood, np.asarray(optimum.x)


def cuts_within(spells: Spells, cuts: tuple[float, ...] = CUTS) -> tuple[float, ...]:
    """The cuts that have events on either side of them."""
    struck = spells.time[spells.cause == EVENT]
    if not len(struck):
        raise ValueError("nobody was struck: there is no recurrence to fit")
    return tuple(cut for cut in cuts if (struck <= cut).sum() >= 5 and (struck > cut).sum() >= 5)


def fitted(
    spells: Spells,
    name: str = "re-arrest",
    cuts: tuple[float, ...] | None = None,
    score: bool = True,
    seed: int = 1,
) -> Recurrence:
    """The recurrence that makes the spells most likely.

    goodness: ``incidence``, the largest distance from the Aalen-Johansen estimate at 6, 12 and 24 months.

    >>> days = np.random.default_rng(1).exponential(400, 300)
    >>> spells = Spells.by_person(np.arange(300), np.minimum(days, 730), days < 730)
    >>> f"{365 * fitted(spells, cuts=(), score=False).fit.estimate['rate from 0']:.2f} a year"
    '0.97 a year'
    """
    pieces = cuts_within(spells) if cuts is None else cuts
    likelihood, theta = _maximum(spells, pieces)
    covariance = _covariance(likelihood, theta)
    competing = _competing(spells, pieces)
    wide = np.random.default_rng(seed).multivariate_normal(theta, covariance, DRAWS, method="cholesky")
    names = [f"rate from {cut:g}" for cut in (0.0, *pieces)]
    columns = [*names, *spells.names, "shape"]
    fit = Fit(
        name,
        "piecewise rate with gamma frailty, maximum likelihood",
        len(spells.time),
        dict(zip(columns, np.exp(theta).tolist(), strict=True)),
        np.exp(wide),
        held_out(spells, pieces, seed) if score else float("nan"),
    )
    recurrence = Recurrence(pieces, theta, competing, spells, fit)
    return replace(recurrence, fit=replace(fit, goodness={"incidence": _distance(recurrence)}))


def _covariance(likelihood: _Likelihood, theta: Values) -> Values:
    step = 1e-4
    rows = [
        likelihood.slope(theta - move) - likelihood.slope(theta + move) for move in np.eye(len(theta)) * step
    ]
    information = np.array(rows) / (2 * step)
    return covariance_of((information + information.T) / 2)


def _competing(spells: Spells, cuts: tuple[float, ...]) -> Values:
    """Log rates of the competing ends: how many, over the time watched; next to none where there was none."""
    distribution = Piecewise(cuts)
    watched = (distribution.exposure(spells.time) - distribution.exposure(spells.entry)).sum(axis=0)
    ends = np.bincount(distribution.piece(spells.time)[spells.cause == COMPETING], minlength=len(cuts) + 1)
    return np.asarray(np.log(np.maximum(ends, 1e-9) / np.maximum(watched, 1.0)))


def held_out(spells: Spells, cuts: tuple[float, ...], seed: int = 1, count: int = 5) -> float:
    """The mean log score of a person held out while the recurrence was fitted to the others."""
    size = int(spells.person.max()) + 1
    fold = folds(size, count, seed)[spells.person]
    total = 0.0
    for number in range(count):
        out = fold == number
        if not out.any() or not (spells.cause[~out] == EVENT).any():
            return float("nan")
        _, theta = _maximum(spells.only(~out), cuts)
        held = _Likelihood(spells.only(out), cuts)
        total += held.value(theta) + 0.5 * (theta[-1] / WIDE) ** 2
    return total / size


def _distance(found: Recurrence) -> float:
    spells = found.spells
    known = [time for time in TIMES if time <= spells.time.max()]
    if not known:
        return float("nan")
    curve = aalen_johansen(spells)
    seen = np.array([curve.at(time) for time in known])
    return float(np.abs(found.incidence(known) - seen).max())
