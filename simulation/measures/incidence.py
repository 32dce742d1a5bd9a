"""Cumulative incidence: the chance that something has happened by a time, for people followed unequally long.

The Aalen-Johansen estimator, with people who enter late (left truncation), leave early (censoring) or are
have a competing event first. With one cause and nobody late it is one minus the
Kaplan-Meier curve, its variance is Greenwood's and its interval the usual log(-log) one.

Sources: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002), chapter 8; the
variance by the delta method: Marubini and Valsecchi, Analysing Survival Data (1995), section 10.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Times = NDArray[np.float64]
Causes = NDArray[np.int64]

CENSORED, EVENT, COMPETING = 0, 1, 2
POINT = 0.01


@dataclass(frozen=True)
class SurvivalData:
    """People followed from an origin, one element a person, all times in one unit.

    time: from the origin to the end of follow-up; cause: what ended it, 0 censored, 1 the event, 2 and
    more competing events; entry: when follow-up began, after which an event can be observed; 0 from the
    origin on. Raises ValueError for a time that is not a number, below 0 or not after the entry.
    """

    time: Times
    cause: Causes
    entry: Times

    @classmethod
    def of(cls, time: ArrayLike, cause: ArrayLike, entry: ArrayLike = 0.0) -> SurvivalData:
        """From anything like arrays; ``entry`` may be one number for all."""
        times = np.asarray(time, dtype=np.float64)
        return cls(
            times,
            np.asarray(cause, dtype=np.int64),
            np.broadcast_to(np.asarray(entry, dtype=np.float64), times.shape),
        )

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(self.time) & (self.time >= 0)):
            raise ValueError("every time must be a number of at least 0")
        if not np.all((self.entry <= 0) | (self.entry < self.time)):
            raise ValueError("everyone must enter before they leave")

    def __len__(self) -> int:
        return len(self.time)


def follow(
    start: ArrayLike, event: ArrayLike, until: ArrayLike, competing: ArrayLike = np.nan
) -> SurvivalData:
    """People followed from a day to an event, a competing event or the last day of observation.

    All are days on one calendar, nan for what did not happen; the earliest counts, and the event
    counts if it comes on the same day as the rest. Everyone must have started before ``until``.
    """
    begun = np.asarray(start, dtype=np.float64)
    ends = [
        np.broadcast_to(np.asarray(day, dtype=np.float64), begun.shape) for day in (event, competing, until)
    ]
    days = np.stack([np.where(np.isnan(day), np.inf, day) for day in ends])
    first = np.argmin(days, axis=0)
    cause = np.array([EVENT, COMPETING, CENSORED])[first]
    return SurvivalData.of(days.min(axis=0) - begun, cause)


@dataclass(frozen=True)
class Curve:
    """The estimate as steps: from ``time[i]`` on the incidence is ``incidence[i]``.

    survival: chance that nothing at all has happened yet; at_risk: people followed just before the time.
    """

    time: Times
    incidence: Times
    survival: Times
    at_risk: Causes
    events: Causes
    any_events: Causes

    def at(self, time: float) -> float:
        """The incidence at a time, 0 before the first step."""
        step = int(np.searchsorted(self.time, time, side="right"))
        return float(self.incidence[step - 1]) if step else 0.0

    def error(self, time: float) -> float:
        """Standard error at a time, by the delta method; Greenwood's if there is one cause."""
        k = int(np.searchsorted(self.time, time, side="right"))
        n, d, events = (a[:k].astype(np.float64) for a in (self.at_risk, self.any_events, self.events))
        before = np.concatenate(([1.0], self.survival[:k]))[:k]
        ahead = self.at(time) - self.incidence[:k]
        spread = np.divide(d, n * (n - d), out=np.zeros(k), where=n > d)
        terms = (
            ahead**2 * spread + before**2 * (n - events) * events / n**3 - 2 * ahead * before * events / n**2
        )
        return float(np.sqrt(max(terms.sum(), 0.0)))


def aalen_johansen(people: SurvivalData, cause: int = EVENT) -> Curve:
    """Cumulative incidence of one cause, with a step at each time at which anything happened.

    People censored at a time are still at risk at it; people who enter at a time are not yet.
    """
    had_event = people.cause != CENSORED
    time = np.unique(people.time[had_event])
    late = people.entry > 0
    left = np.searchsorted(np.sort(people.time), time, side="left")
    to_come = late.sum() - np.searchsorted(np.sort(people.entry[late]), time, side="left")
    at_risk = len(people) - left - to_come
    any_events = _count(people.time[had_event], time)
    events = _count(people.time[people.cause == cause], time)
    survival = np.cumprod(1 - any_events / at_risk)
    before = np.concatenate(([1.0], survival))[:-1]
    incidence = np.cumsum(before * events / at_risk)
    return Curve(time, incidence, survival, at_risk.astype(np.int64), events, any_events)


def _count(days: Times, time: Times) -> Causes:
    return np.bincount(np.searchsorted(time, days), minlength=len(time)).astype(np.int64)


@dataclass(frozen=True)
class Estimate:
    """The cumulative incidence at one time, beside the shares that do without it.

    value, low, high: 0 to 1, nan if nobody was followed so long; error: standard error. naive: those
    those with the event by then over everyone, which counts people not followed long enough as event-free.
    followed_up: those with the event over those with it or followed to the end, which leaves out the others
    and so overstates the incidence. unfollowed: people censored before the time. warning: empty, or a
    sentence if the naive share is more than a point off.
    """

    at: float
    value: float
    low: float
    high: float
    error: float
    naive: float
    followed_up: float
    persons: int
    events: int
    competing: int
    unfollowed: int
    warning: str

    @property
    def note(self) -> str:
        """The plain share, and the warning if there is one."""
        if self.warning or not self.persons:
            return self.warning
        return f"Cumulative incidence; the plain share is {100 * self.naive:.1f} %."


def cumulative_incidence(
    people: SurvivalData, at: float, cause: int = EVENT, level: float = 0.95
) -> Estimate:
    """The probability of the event by a time, with its interval and the naive shares."""
    events = int(((people.cause == cause) & (people.time <= at)).sum())
    others = (people.cause != CENSORED) & (people.cause != cause)
    competing = int((others & (people.time <= at)).sum())
    unfollowed = int(((people.cause == CENSORED) & (people.time < at)).sum())
    curve = aalen_johansen(people, cause)
    value, error = _value(curve, people, at), curve.error(at)
    low, high = interval(value, error, level)
    naive = events / len(people) if len(people) else np.nan
    known = len(people) - unfollowed
    estimate = Estimate(
        at, value, low, high, error, naive, events / known if known else np.nan,
        len(people), events, competing, unfollowed, "",
    )  # fmt: skip
    return replace(estimate, warning=_warning(estimate))


def _value(curve: Curve, people: SurvivalData, at: float) -> float:
    """The estimate, or nan once nobody remains at risk."""
    over = len(curve.survival) > 0 and curve.survival[-1] == 0 and curve.time[-1] <= at
    reached = len(people) > 0 and (people.time.max() >= at or over)
    return curve.at(at) if reached else float("nan")


def interval(value: float, error: float, level: float = 0.95) -> tuple[float, float]:
    """The log(-log) interval of 1 - value, which stays within 0 and 1 (Kalbfleisch and Prentice, 1.4).

    A share of 0 or 1 has no such interval and gives nan.
    """
    if not 0 < value < 1:
        return float("nan"), float("nan")
    none = 1 - value
    width = NormalDist().inv_cdf((1 + level) / 2) * error / (none * abs(np.log(none)))
    width = min(width, 700.0)  # beyond it, exp overflows and the interval is all of 0 to 1
    return float(1 - none ** np.exp(-width)), float(1 - none ** np.exp(width))


def _warning(estimate: Estimate) -> str:
    if not estimate.persons:
        return "Nobody: there is no estimate."
    if np.isnan(estimate.value):
        return "Nobody was followed that long: there is no estimate."
    if abs(estimate.naive - estimate.value) <= POINT:
        return ""
    plain, value = 100 * estimate.naive, 100 * estimate.value
    return (
        f"The plain share is {plain:.1f} %, the cumulative incidence {value:.1f} %: {estimate.unfollowed} "
        f"of {estimate.persons} were not followed to the end. Report the cumulative incidence."
    )
