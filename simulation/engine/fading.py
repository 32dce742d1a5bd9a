"""What a risk that an event raises comes to in the long run: closed forms of the process in ``Hazards``.

After an event the hazard is rate * (1 + excess * exp(-t / mean)), t days later, until the next event; before
the first one it is ``rate``. People leave the county at the rate ``leaving``, and others come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp1f1

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Raise:
    """A kind of event: its ``share``, and the ``excess`` it adds to the rate, as a multiple of it."""

    share: float
    excess: float


def mean_gap(rate: Numbers, excess: float, mean: float, leaving: Numbers | float = 0.0) -> Numbers:
    """Mean days from an event to the next one or to leaving, whichever comes first.

    The integral of exp(-leaving t) times the survival exp(-rate (t + excess mean (1 - exp(-t / mean)))) is
    Kummer's function M(1, 1 + (rate + leaving) mean, -rate excess mean) / (rate + leaving) (Abramowitz and
    Stegun 13.2.1 after t = -mean log y, and 13.1.27). Rates per day.
    """
    total = np.asarray(rate, dtype=np.float64) + leaving
    with np.errstate(divide="ignore"):
        return np.asarray(hyp1f1(1.0, 1 + total * mean, -np.asarray(rate) * excess * mean) / total)


@dataclass(frozen=True)
class Beside:
    """What else raises a risk as its own events do.

    others: events per day, whatever the rate; again: the share of events after which, ``later`` days on, the
    risk is raised once more unless another event came first.
    """

    others: float = 0.0
    again: float = 0.0
    later: float = 0.0


NOTHING_BESIDE = Beside()


def long_run_rate(
    rate: Numbers,
    raises: Sequence[Raise],
    mean: float,
    leaving: Numbers | float = 0.0,
    beside: Beside = NOTHING_BESIDE,
) -> Numbers:
    """Events per day of people whose rate is ``rate`` before any event, over their whole lives here.

    All events that raise the risk are a renewal process: a life has had one for the share total / (total +
    leaving) of its days, in which one comes every mean gap. Those beside the risk's own are taken off.
    """
    rate = np.asarray(rate, dtype=np.float64)
    ends, total = leaving + beside.others, rate + beside.others
    gap = sum(kind.share * _gap(rate, kind.excess, mean, ends, beside) for kind in raises)
    with np.errstate(invalid="ignore"):
        return np.where(rate > 0, total / (total + leaving) / gap - beside.others, 0.0)


def _gap(rate: Numbers, excess: float, mean: float, ends: Numbers | float, beside: Beside) -> Numbers:
    """The mean gap where a share of events raises the risk once more, some days later."""
    gap = mean_gap(rate, excess, mean, ends)
    if not beside.again:
        return gap

    def present(day: float) -> Numbers:
        return np.asarray(np.exp(-ends * day) * survival(np.array(day), rate, excess, mean))

    half = beside.later / 2
    until = sum(weight * present(half * (1 + at)) for at, weight in GAUSS) * half
    return np.asarray((1 - beside.again) * gap + beside.again * (until + present(beside.later) * gap))


GAUSS = tuple(zip(*(column.tolist() for column in np.polynomial.legendre.leggauss(12)), strict=True))
"""Points and weights of Gauss and Legendre's quadrature on (-1, 1)."""


def survival(days: Numbers, rate: Numbers | float, excess: float, mean: float) -> Numbers:
    """The share without another event so many days after one."""
    days = np.asarray(days, dtype=np.float64)
    return np.asarray(np.exp(-rate * (days + excess * mean * (1 - np.exp(-days / mean)))))


def excess_in_progress(
    uniform: Numbers,
    rate: Numbers,
    raises: Sequence[Raise],
    mean: float,
    leaving: Numbers | float,
    others: Numbers | float = 0.0,
) -> Numbers:
    """What is left of the excess on a day picked at random in the community, one uniform number a person.

    Nothing for the share of days before any event; ``others`` per day raise the risk as its events do. With
    y = exp(-t / mean) the days t since the last event have the density y^(a - 1) exp(b y), a =
    (rate + others + leaving) mean, b = rate excess mean; w = y^a is found by Newton's steps from 1, which
    stay above the root because the distribution of w is convex.
    """
    rate = np.asarray(rate, dtype=np.float64)
    gaps = np.stack([kind.share * mean_gap(rate, kind.excess, mean, leaving + others) for kind in raises])
    since = uniform * (1 + leaving / np.maximum(rate + others, 1e-300))  # below 1 for those who had an event
    bounds = np.cumsum(gaps / np.where(gaps.sum(axis=0) > 0, gaps.sum(axis=0), 1.0), axis=0)
    left, lower = np.zeros_like(rate), np.zeros_like(rate)
    for kind, upper in zip(raises, bounds, strict=True):
        here = (since >= lower) & (since < upper) & (rate > 0)
        within = (since[here] - lower[here]) / (upper - lower)[here]
        total = (rate + leaving + others)[here] * mean
        left[here] = kind.excess * _faded(within, total, rate[here] * kind.excess * mean)
        lower = upper
    return left


def _faded(uniform: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The quantile of y on (0, 1) of density proportional to y^(a - 1) exp(b y)."""
    total = hyp1f1(a, a + 1, b)
    w = np.ones_like(a)
    for _ in range(60):
        y = w ** (1 / a)
        step = (w * hyp1f1(a, a + 1, b * y) - uniform * total) / np.exp(b * y)
        w = np.maximum(w - step, 1e-300)
        if np.all(step < 1e-10 * w):
            break
    return np.asarray(w ** (1 / a))
