"""What is known of a FACT team on a day: the one input from which every item of the scales is computed.

``team_records`` fills it from county records, ``simulation.county.fidelity_review`` from a running log.
Days are numbers on the calendar of the source; spans are half-open, and ``end`` is infinite for what goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Words = NDArray[np.object_]

YEAR = 365.0
AFTERCARE = ("outpatient", "substance_use", "lower_intensity")
"""Services to which graduates of FACT are handed over (item F13)."""


@dataclass(frozen=True)
class ObservedItem:
    """The raw value of an item, and a note on what it rests on."""

    raw: float
    note: str = ""


@dataclass(frozen=True)
class Authorized:
    """The team's authorized posts, as stated: FTE and number; None where not stated."""

    fte: float | None = None
    posts: int | None = None


@dataclass(frozen=True)
class Enrollments:
    """Enrollments with the team begun so far, one element an enrollment.

    way_out: reason of discharge, empty while enrolled; justice: the person's latest known contact with
    criminal justice (arrest, booking, admission by the court), -inf without one.
    """

    person: Codes
    start: Days
    end: Days
    way_out: Words
    justice: Days

    @cached_property
    def open(self) -> Mask:
        """Enrollments that have not ended."""
        return np.isinf(self.end)

    @cached_property
    def clients(self) -> int:
        """People enrolled now."""
        return len(np.unique(self.person[self.open]))


@dataclass(frozen=True)
class Staff:
    """Who held which post of the team, one element a person and post, and the posts there should be.

    role: in lower case; member: code of the person, empty if not recorded; carries: whether the post
    carries a caseload. begin: first day that the source covers. positions: authorized posts now;
    authorized: mean FTE of authorized posts over the last year, on the first day those of the day.
    roles_recorded: whether a role that is not named is a role that is not there.
    """

    role: Words
    member: Words
    fte: Days
    carries: Mask
    start: Days
    end: Days
    begin: float
    positions: float
    authorized: float
    roles_recorded: bool
    note: str = ""

    @cached_property
    def held(self) -> Mask:
        """Posts held now."""
        return np.isinf(self.end)


@dataclass(frozen=True)
class Contacts:
    """Face-to-face contacts of clients in the last year, one element a client and period.

    kept: contacts; minutes and in_community: of them, nan where not recorded; client_days: days of
    enrollment that these records cover.
    """

    kept: Days
    minutes: Days
    in_community: Days
    client_days: float


@dataclass(frozen=True)
class TeamWindow:
    """A team as of ``day``, the first day not looked at; ``begin``: the first day that the source covers.

    None where the source does not record a thing at all. aftercare: persons and days on which one of them
    began care after FACT; crises: days of clients' crises and of those that the team answered; meetings:
    days of combined team meetings; ratings: days of discussions of adherence.
    """

    day: float
    begin: float
    enrollments: Enrollments
    staff: Staff | None
    contacts: Contacts | None
    aftercare: tuple[Codes, Days] | None
    crises: tuple[Days, Days] | None
    meetings: Days
    ratings: Days

    @property
    def since(self) -> float:
        """The first day of the last year, or of what the source covers."""
        return max(self.begin, self.day - YEAR)

    @cached_property
    def served(self) -> Mask:
        """Enrollments that were open at some time of the last year."""
        return np.asarray(self.enrollments.end >= self.since)

    def left_by(self, ways: tuple[str, ...]) -> Mask:
        """Enrollments that ended in the last year in one of these ways."""
        return np.asarray(self.served & ~self.enrollments.open & np.isin(self.enrollments.way_out, ways))


def days_between(start: Days, end: Days, since: float, until: float) -> Days:
    """Days of each span that lie between two days."""
    return np.asarray(np.maximum(np.minimum(end, until) - np.maximum(start, since), 0.0))
