"""How the raw value of each item is computed; None where the window does not show it."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np

from simulation.measures.fidelity.window import (
    YEAR,
    Contacts,
    Days,
    Mask,
    ObservedItem,
    Staff,
    TeamWindow,
    days_between,
)

Observation = Callable[[TeamWindow], ObservedItem | None]

MONTH = 365.25 / 12
TO_AFTERCARE = 30.0
"""Days from the end of FACT within which aftercare counts as a transition."""
GRADUATED = ("success", "graduated", "completed", "step_down")
DROPPED_OUT = ("voluntary_withdrawal", "failure", "discharge", "lost", "dropped_out")
SPECIALTIES = {
    "psychiatrist": ("psychiatrist", "prescriber"),
    "nurse": ("nurse",),
    "substance use specialist": ("substance", "addiction"),
    "vocational specialist": ("vocational", "employment"),
}
"""Words in the name of a role that make it this specialty."""


def percent(part: float, whole: float) -> ObservedItem | None:
    """A share in percent; None of nothing."""
    return ObservedItem(100 * part / whole) if whole else None


def caseload(window: TeamWindow) -> ObservedItem | None:
    """H1: clients per FTE in posts that carry a caseload; infinite if none is filled."""
    staff, clients = window.staff, window.enrollments.clients
    if staff is None or not clients:
        return None
    fte = float(staff.fte[staff.held & staff.carries].sum())
    return ObservedItem(clients / fte if fte else inf)


def turnover(window: TeamWindow) -> ObservedItem | None:
    """H5: staff who left in two years over authorized posts, scaled to 24 months from what is covered."""
    staff = window.staff
    if staff is None or not staff.positions:
        return None
    since = max(window.day - 2 * YEAR, staff.begin)
    covered = (window.day - since) / (2 * YEAR)
    if not covered:
        return None
    ended = np.flatnonzero((staff.end >= since) & ~staff.held).tolist()
    left = sum(not _continues(staff, row) for row in ended)
    note = "" if covered >= 1 else f"From {covered * 24:.0f} months of posts, scaled to 24."
    return ObservedItem(100 * left / staff.positions / covered, note)


def _continues(staff: Staff, row: int) -> bool:
    """Whether who left a post holds another one within a month."""
    member, end = staff.member[row], staff.end[row]
    same = (staff.member == member) & (member != "")
    return bool((same & (staff.start <= end + 31) & (staff.end > end)).any())


def staffing(window: TeamWindow) -> ObservedItem | None:
    """H6: mean FTE held over mean FTE authorized in the last year; on the first day those of the day."""
    staff = window.staff
    if staff is None or not staff.authorized:
        return None
    since = max(window.day - YEAR, staff.begin)
    held = float(staff.fte[staff.held].sum())
    if window.day > since:
        days = days_between(staff.start, staff.end, since, window.day)
        held = float((days * staff.fte).sum()) / (window.day - since)
    return ObservedItem(100 * held / staff.authorized, staff.note)


def specialist(specialty: str) -> Observation:
    """H7 to H10: FTE of a specialty in post per 100 clients."""

    def observe(window: TeamWindow) -> ObservedItem | None:
        staff, clients = window.staff, window.enrollments.clients
        if staff is None or not clients:
            return None
        if not (staff.roles_recorded or any(of_specialty(staff, kind).any() for kind in SPECIALTIES)):
            return None
        fte = float(staff.fte[staff.held & of_specialty(staff, specialty)].sum())
        return ObservedItem(100 * fte / clients)

    return observe


def of_specialty(staff: Staff, specialty: str) -> Mask:
    """Which posts have a role of this specialty."""
    words = SPECIALTIES[specialty]
    return np.array([any(word in role for word in words) for role in staff.role], dtype=bool)


def team_size(window: TeamWindow) -> ObservedItem | None:
    """H11: FTE in post."""
    staff = window.staff
    return None if staff is None else ObservedItem(float(staff.fte[staff.held].sum()))


def intake(window: TeamWindow) -> ObservedItem | None:
    """O2: enrollments in the fullest of the last six months, counted back from the day."""
    months = int(min(6, round(min(window.day - window.begin, YEAR) / MONTH)))
    if not months or not len(window.enrollments.start):
        return None
    start = window.enrollments.start
    back = ((window.day - start[start >= window.begin]) / MONTH).astype(np.int64)
    return ObservedItem(float(np.bincount(back[back < months], minlength=months).max()))


def crises_answered(window: TeamWindow) -> ObservedItem | None:
    """O4: share of the clients' crises of the last year that the team answered."""
    if window.crises is None:
        return None
    crises, answered = (int((days >= window.since).sum()) for days in window.crises)
    return percent(answered, crises)


def graduation(window: TeamWindow) -> ObservedItem | None:
    """O7: share of the enrollments of the last year that ended in it by graduation."""
    if window.day <= window.begin:
        return None
    return percent(int(window.left_by(GRADUATED).sum()), int(window.served.sum()))


def retention(window: TeamWindow) -> ObservedItem | None:
    """S2: share of the enrollments of the last year that did not end in it by dropping out."""
    if window.day <= window.begin:
        return None
    served = int(window.served.sum())
    return percent(served - int(window.left_by(DROPPED_OUT).sum()), served)


def in_community(window: TeamWindow) -> ObservedItem | None:
    """S1: share of the contacts that took place outside the office, where the place is recorded."""
    contacts = window.contacts
    if contacts is None:
        return None
    recorded = ~np.isnan(contacts.in_community)
    return percent(float(contacts.in_community[recorded].sum()), float(contacts.kept[recorded].sum()))


def minutes(window: TeamWindow) -> ObservedItem | None:
    """S4: minutes of contact a week of enrollment; periods without minutes count as none."""
    contacts = window.contacts
    if contacts is None or np.isnan(contacts.minutes).all():
        return None
    blank, periods = int(np.isnan(contacts.minutes).sum()), len(contacts.minutes)
    note = f"{blank} of {periods} months without minutes count as none." if blank else ""
    return _per_week(contacts, np.nan_to_num(contacts.minutes), note)


def frequency(window: TeamWindow) -> ObservedItem | None:
    """S5: contacts a week of enrollment."""
    return None if window.contacts is None else _per_week(window.contacts, window.contacts.kept)


def _per_week(contacts: Contacts, amount: Days, note: str = "") -> ObservedItem | None:
    if not contacts.client_days:
        return None
    return ObservedItem(float(amount.sum()) / (contacts.client_days / 7), note)


def justice_involvement(window: TeamWindow) -> ObservedItem | None:
    """F3: share of the clients known to criminal justice since a year before their enrollment."""
    enrolled = window.enrollments
    justice, start = enrolled.justice[enrolled.open], enrolled.start[enrolled.open]
    if np.isnan(justice).any():
        return None
    return percent(int((justice >= start - YEAR).sum()), len(justice))


def meeting_interval(window: TeamWindow) -> ObservedItem | None:
    """F8: median days between the combined team meetings of the last year."""
    return _interval(window, window.meetings)


def adherence_interval(window: TeamWindow) -> ObservedItem | None:
    """F11: median days between the discussions of adherence of the last year."""
    return _interval(window, window.ratings)


def _interval(window: TeamWindow, days: Days) -> ObservedItem | None:
    recent = np.unique(days[(days >= window.since) & (days < window.day)])
    return ObservedItem(float(np.median(np.diff(recent)))) if len(recent) > 1 else None


def transition(window: TeamWindow) -> ObservedItem | None:
    """F13: share of the graduates who began aftercare within 30 days, of those whose 30 days are over."""
    if window.aftercare is None:
        return None
    enrolled, (person, begun) = window.enrollments, window.aftercare
    rows = np.flatnonzero(window.left_by(GRADUATED) & (enrolled.end + TO_AFTERCARE <= window.day))
    linked = [
        ((person == enrolled.person[row]) & (np.abs(begun - enrolled.end[row]) <= TO_AFTERCARE)).any()
        for row in rows
    ]
    return percent(int(sum(linked)), len(linked))
