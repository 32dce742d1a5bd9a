"""Stays, waits and tenures fitted from records: censored, watched late, or sampled by their length.

Likelihoods: Kalbfleisch and Prentice (2002), section 3.2 (censoring and delayed entry); Cox, Renewal Theory
(1962), sections 5.2 and 5.3 (what a cross-section sees of a stay, and of the time it has lasted so far).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize

from calibration.fits.family import PARAMETRIC, Family, Mixture
from calibration.fits.fit import DRAWS, Fit, covariance_of, curvature, folds, sampled
from calibration.fits.piecewise import Piecewise, cuts_of
from simulation.measures.incidence import SurvivalData, aalen_johansen

Values = NDArray[np.float64]
Bias = Literal["none", "length", "elapsed"]
FOLDS = 5
FAR = 14.0  # no log of a duration or shape lies beyond it
MOST = 12_000
PIECES = 24
LEAST = 30  # events a piece of the piecewise rate should have


@dataclass(frozen=True)
class Sample:
    """Durations as observed, one element a spell, or several alike with a weight.

    time: when it ended or was last watched; ended: 1 if it ended, 0 if censored; entry: how long it had
    lasted when it began to be watched. resolution: the unit in which the record counts, so that a spell of
    ``t`` ended in (t - resolution, t]; 0 if times are exact. bias: ``length`` if complete spells were picked
    from those under way on a day, ``elapsed`` if only the time so far of such spells is known.
    """

    time: Values
    ended: NDArray[np.bool_]
    entry: Values
    weight: Values
    resolution: float = 0.0
    bias: Bias = "none"

    @classmethod
    def of(
        cls,
        time: ArrayLike,
        ended: ArrayLike = True,
        entry: ArrayLike = 0.0,
        resolution: float = 0.0,
        bias: Bias = "none",
    ) -> Sample:
        """From anything like arrays; raises ValueError for a time that is not a number above its entry."""
        times = np.asarray(time, dtype=np.float64)
        ends = np.broadcast_to(np.asarray(ended, dtype=bool), times.shape)
        late = np.broadcast_to(np.asarray(entry, dtype=np.float64), times.shape)
        if not len(times):
            raise ValueError("there is no duration to fit")
        if not (np.isfinite(times).all() and (times >= 0).all() and (late < times + (late == 0)).all()):
            raise ValueError("every time must be a number of at least 0, after its entry")
        if bias != "none" and (late > 0).any():
            raise ValueError("a spell is either watched from an entry on or sampled by its length, not both")
        if bias == "length" and not ends.all():
            raise ValueError("spells under way need their entry, not a length-biased sample")
        if bias == "elapsed" and ends.any():
            raise ValueError("a spell of which only the time so far is known has not ended")
        return cls(np.maximum(times, 1e-6), ends, late, np.ones(len(times)), resolution, bias)

    @classmethod
    def of_stays(cls, table: pd.DataFrame, resolution: float = 0.0) -> Sample:
        """From a table of an adapter, with the columns stay, censored and entry."""
        ended = ~table["censored"].fillna(False).to_numpy(dtype=bool)
        return cls.of(table["stay"].to_numpy(), ended, table["entry"].to_numpy(), resolution)

    @property
    def events(self) -> float:
        """How many have ended."""
        return float(self.weight[self.ended].sum())

    def only(self, rows: NDArray[np.bool_]) -> Sample:
        """Some of the spells."""
        parts = (self.time[rows], self.ended[rows], self.entry[rows], self.weight[rows])
        return Sample(*parts, self.resolution, self.bias)

    def grouped(self) -> Sample:
        """The same, identical spells merged into one with their number as its weight."""
        key = np.stack([self.time, self.ended.astype(np.float64), self.entry])
        each, place = np.unique(key, axis=1, return_inverse=True)
        weight = np.bincount(np.ravel(place), weights=self.weight).astype(np.float64)
        return Sample(each[0], each[1] > 0, each[2], weight, self.resolution, self.bias)


@dataclass(frozen=True)
class Duration:
    """A fitted distribution of a duration, with its ``Fit``."""

    family: Family
    theta: Values
    covariance: Values
    fit: Fit

    def survival(self, time: ArrayLike) -> Values:
        """The chance to last longer than each time."""
        return np.exp(self.family.log_survival(np.atleast_1d(np.asarray(time, dtype=np.float64)), self.theta))

    def quantile(self, share: float) -> float:
        """The time by which a share has ended."""
        goal = np.log1p(-share)
        high = 1.0
        while self.family.log_survival(np.array([high]), self.theta)[0] > goal and high < 1e12:
            high *= 2
        return float(brentq(lambda t: self.family.log_survival(np.array([t]), self.theta)[0] - goal, 0, high))

    @property
    def mean(self) -> float:
        """The mean, infinite if it has none."""
        return self.family.mean(self.theta)

    def sample(self, size: int, seed: int) -> Values:
        """Durations drawn from the fitted distribution, by inverting its survival on a fine grid."""
        chance = np.random.default_rng(seed).random(size)
        grid = np.geomspace(1e-4, self.quantile(1 - 1e-6), 4000)
        below = -np.expm1(self.family.log_survival(grid, self.theta))
        return np.interp(chance, below, grid)


def log_likelihoods(sample: Sample, family: Family, theta: Values) -> Values:
    """The log likelihood of each spell, by how it was observed."""
    time = sample.time
    with np.errstate(all="ignore"):
        if sample.bias == "elapsed":
            return np.asarray(family.log_survival(time, theta) - np.log(family.mean(theta)))
        if sample.bias == "length":
            likelihood = family.log_density(time, theta) + np.log(time)
            return np.asarray(likelihood - np.log(family.mean(theta)))
        begun = np.maximum(time - sample.resolution, sample.entry)
        lasted = family.log_survival(begun if sample.resolution else time, theta)
        if sample.resolution:
            gone = family.log_survival(time, theta) - lasted
            ended = lasted + np.log(-np.expm1(np.minimum(gone, -1e-15)))
        else:
            ended = family.log_density(time, theta)
        likelihood = np.where(sample.ended, ended, lasted)
        late = np.where(sample.entry > 0, family.log_survival(sample.entry, theta), 0.0)
        return np.asarray(likelihood - late)


def maximum(sample: Sample, family: Family) -> Values:
    """The parameters that make the sample most likely."""
    sample = sample.grouped()
    if isinstance(family, Piecewise) and sample.bias == "none":
        return _occurrence_over_exposure(sample, family)
    loss = _loss(sample, family)
    best = None
    for start in _starts(sample, family):
        tried = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
        if best is None or tried.fun < best.fun:
            best = tried
    assert best is not None
    return np.asarray(best.x)


def _starts(sample: Sample, family: Family) -> list[Values]:
    start = family.start(sample.time, sample.weight)
    if not isinstance(family, Mixture):
        return [start]
    low, middle, high = (start.copy() for _ in range(3))
    low[0], high[0] = -1.5, 1.5
    return [middle, low, high]


def _loss(sample: Sample, family: Family) -> Callable[[Values], float]:
    """Minus the mean log likelihood, finite everywhere so that a search can step back."""
    total = sample.weight.sum()

    def loss(theta: Values) -> float:
        if np.abs(theta).max() > FAR:
            return 1e10
        value = -float(sample.weight @ log_likelihoods(sample, family, theta)) / total
        return min(value, 1e10) if np.isfinite(value) else 1e10

    return loss


def _occurrence_over_exposure(sample: Sample, family: Piecewise) -> Values:
    """Ends over time watched, piece by piece; half an end where there was none."""
    middle = np.maximum(sample.time - np.where(sample.ended, 0.5, 1.0) * sample.resolution, sample.entry)
    watched = sample.weight @ (family.exposure(middle) - family.exposure(sample.entry))
    piece = family.piece(middle)[sample.ended]
    ends = np.bincount(piece, sample.weight[sample.ended], minlength=len(family.cuts) + 1)
    return np.log(np.maximum(ends, 0.5) / np.maximum(watched, 1e-9))


def held_out(sample: Sample, family: Family, seed: int = 1) -> float:
    """The mean log score of a spell held out while the family was fitted to the others (five folds)."""
    fold = folds(len(sample.time), FOLDS, seed)
    total = 0.0
    for number in range(FOLDS):
        out = fold == number
        if not out.any() or not (sample.ended[~out].any() or sample.bias == "elapsed"):
            return float("nan")
        theta = maximum(sample.only(~out), family)
        total += float(log_likelihoods(sample.only(out), family, theta).sum())
    return total / len(sample.time)


def fitted(sample: Sample, family: Family, name: str = "stay", score: bool = True, seed: int = 1) -> Duration:
    """One family fitted by maximum likelihood, with draws from the estimator's normal distribution.

    goodness: ``km``, the largest distance between the fitted and the Kaplan-Meier curve; ``aic`` a spell.

    >>> from calibration.fits.family import Exponential
    >>> days = np.random.default_rng(1).exponential(30, 200)
    >>> watched = Sample.of(np.minimum(days, 90), days < 90)
    >>> round(fitted(watched, Exponential()).fit.estimate["scale"], 1)
    30.5
    """
    theta = maximum(sample, family)
    grouped = sample.grouped()
    loss, total = _loss(grouped, family), grouped.weight.sum()
    covariance = _covariance(grouped, family, theta)
    fit = Fit(
        name,
        f"{family.name}, maximum likelihood",
        len(sample.time),
        family.natural(theta),
        sampled(theta, covariance, family.natural, DRAWS, seed),
        held_out(sample, family, seed) if score else float("nan"),
        {"aic": float(2 * loss(theta) + 2 * len(theta) / total)},
    )
    duration = Duration(family, theta, covariance, fit)
    if sample.bias == "none":
        fit = replace(fit, goodness={**fit.goodness, "km": distance(duration, sample)})
    return replace(duration, fit=fit)


def _covariance(sample: Sample, family: Family, theta: Values) -> Values:
    """The inverse of the observed information; of a piecewise rate, one over the ends in each piece."""
    if isinstance(family, Piecewise) and sample.bias == "none":
        ends = np.bincount(
            family.piece(sample.time)[sample.ended], sample.weight[sample.ended], len(family.cuts) + 1
        )
        return np.diag(1 / np.maximum(ends, 0.5))
    return covariance_of(sample.weight.sum() * curvature(_loss(sample, family), theta))


def families(sample: Sample) -> tuple[Family, ...]:
    """The parametric families, and a piecewise rate with as many pieces as the ends allow."""
    pieces = int(min(PIECES, sample.events // LEAST))
    if pieces < 2:
        return PARAMETRIC
    time, weight = sample.time[sample.ended], sample.weight[sample.ended]
    shares = [*(np.arange(1, pieces) / pieces), *(1 - LEAST / sample.events / np.array([0.1, 0.3, 1.0]))]
    units = np.arange(1, 8) * sample.resolution
    cuts = {*cuts_of(time, weight, shares), *(units[units > 0] if sample.events > 1e4 else ())}
    return (*PARAMETRIC, Piecewise(tuple(sorted(map(float, cuts)))))


def best(
    sample: Sample, name: str = "stay", among: Iterable[Family] | None = None, seed: int = 1
) -> tuple[Duration, ...]:
    """Every family fitted, the one that predicts held-out spells best first.

    Of more than 12,000 spells, a random 12,000 are used to choose; the fit itself uses all.

    >>> from calibration.fits.family import Exponential, Lognormal
    >>> days = np.random.default_rng(1).lognormal(3, 1, 200)
    >>> best(Sample.of(days, np.ones(200)), among=(Exponential(), Lognormal()))[0].family.name
    'lognormal'
    """
    chance = np.random.default_rng(seed).random(len(sample.time))
    few = sample.only(chance <= MOST / len(sample.time)) if len(sample.time) > MOST else sample
    tried = [
        _scored(fitted(sample, family, name, False, seed), few, seed) for family in among or families(sample)
    ]
    return tuple(sorted(tried, key=lambda found: -np.nan_to_num(found.fit.score, nan=-np.inf)))


def _scored(found: Duration, sample: Sample, seed: int) -> Duration:
    return replace(found, fit=replace(found.fit, score=held_out(sample, found.family, seed)))


def kaplan_meier(sample: Sample) -> tuple[Values, Values]:
    """Times and the share that has ended by each, with late entries taken into account."""
    cause = sample.ended.astype(np.int64)
    curve = aalen_johansen(
        SurvivalData.of(sample.time, cause, np.minimum(sample.entry, sample.time * (1 - 1e-9)))
    )
    return curve.time, curve.incidence


def distance(found: Duration, sample: Sample) -> float:
    """The largest distance between the fitted share and Kaplan-Meier's, where ten or more are at risk."""
    cause = sample.ended.astype(np.int64)
    curve = aalen_johansen(
        SurvivalData.of(sample.time, cause, np.minimum(sample.entry, sample.time * (1 - 1e-9)))
    )
    known = curve.at_risk >= 10
    if not known.any():
        return float("nan")
    return float(np.abs(1 - found.survival(curve.time[known]) - curve.incidence[known]).max())
