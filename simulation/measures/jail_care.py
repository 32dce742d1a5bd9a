"""The jail's care of people with serious mental illness: screening, notice, medication, release plans."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, Mask, Spans, average, counts, means
from simulation.measures.jail import within_stays
from simulation.measures.program import CARE
from simulation.measures.registry import Values, measure

A_SECOND = 1 / 86400
NOT_ARRESTS = ("sanction", "warrant", "commitment")


def on_arrest(history: History) -> Spans:
    """Stays that began with a booking on an arrest, from day 0 on."""
    stays = history.spans("jail")
    others = [history.events.code(word) for word in NOT_ARRESTS]
    return stays.only((stays.start >= 0) & ~np.isin(stays.why_in, others))


def share(days: Days, had_event: Mask, edges: Days) -> Days:
    """The share with the event among the rows of each period; nan for a period without rows."""
    return means(days, had_event.astype(np.float64), edges)


@measure("Bookings in which the jail learns of the illness", "share", "share")
def identified(history: History, edges: Days) -> Values:
    """Of bookings on an arrest of people with serious mental illness, those identified before release.

    ``by`` says who finds it: the screen, a match with behavioral health's records, the team of a
    participant, or staff, family or counsel who notice later.
    """
    stays = on_arrest(history)
    by_screen = np.isfinite(within_stays(history, stays, "screening", "discharged", "identified"))
    masks = {"all": by_screen.copy(), "by=screen": by_screen}
    for how in ("records", "care", "noticed"):
        mask = np.isfinite(within_stays(history, stays, "jail", "identified", how)) & ~by_screen
        masks[f"by={how}"] = mask
        masks["all"] |= mask
    return {name: share(stays.start, mask, edges) for name, mask in masks.items()}


@measure("People with a positive booking screen", "persons", "flow", groups="never")
def screen_positives(history: History, edges: Days) -> Values:
    """Positive screens at booking, ``right`` of people with serious mental illness and ``wrong`` of others.

    The others are a background series: their bookings times one minus the screen's specificity.
    """
    _, day, why = history.days("screening", "discharged")
    right = counts(day[why == history.events.code("identified")], edges)
    _, booked = history.level("jail", "background_bookings")
    days, specificity = history.level("screening", "specificity")
    wrong = booked[-1] * np.diff(edges) * average(days, 1 - specificity, edges)
    return {"all": right + wrong, "right": right, "wrong": wrong}


@measure("Positive booking screens that are right", "share", "share", groups="never")
def screen_positives_right(history: History, edges: Days) -> Values:
    """Positive predictive value: of positive screens, those of people with serious mental illness."""
    positives = screen_positives(history, edges)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"all": positives["right"] / positives["all"]}


@measure("Bookings of participants notified to the team in time", "share", "share", "after NCSC measure 10")
def team_notified(history: History, edges: Days) -> Values:
    """Share of the bookings of FACT and lower-intensity participants notified to their team in 48 hours.

    Bookings on an arrest count, by the day of booking; ``within=24h``: in 24 hours. A booking that ended
    before any notice is in the denominator only.
    """
    stays = on_arrest(history)
    enrolled = np.zeros(len(stays), dtype=bool)
    for name in (name for prefix in CARE for name in history.matching(prefix)):
        care = history.spans(name)
        at = history.latest(care.person, care.start, stays.person, stays.start)
        enrolled |= (at >= 0) & (np.append(care.end, -np.inf)[at] >= stays.start)
    stays = stays.only(enrolled)
    delay = within_stays(history, stays, "notice", "given") - stays.start - A_SECOND
    return {"all": share(stays.start, delay <= 2, edges), "within=24h": share(stays.start, delay <= 1, edges)}


@measure("Visits of FACT teams to participants in jail", "contacts", "flow")
def in_reach_visits(history: History, edges: Days) -> Values:
    """Visits of the team to participants in jail in the period, after it was notified of the booking."""
    _, day, _ = history.days("in_reach", "visited")
    return {"all": counts(day, edges)}


@measure("Medication continued in jail", "share", "share")
def medication_continued(history: History, edges: Days) -> Values:
    """Of people booked with a prescription and still there some days later, those who have it by then."""
    rows = [history.days("medication", what)[1] for what in ("continued", "interrupted")]
    days = np.concatenate(rows)
    return {"all": share(days, np.arange(len(days)) < len(rows[0]), edges)}


@measure("Released with a plan for re-entry", "share", "share")
def reentry_planned(history: History, edges: Days) -> Values:
    """Of releases of people booked on an arrest (diversion aside), those with a plan and an appointment."""
    rows = [history.days("reentry", what)[1] for what in ("planned", "unplanned")]
    days = np.concatenate(rows)
    return {"all": share(days, np.arange(len(days)) < len(rows[0]), edges)}


@measure("In treatment after release from jail", "share", "share", "after Stepping Up measure 3")
def linked_after_release(history: History, edges: Days) -> Values:
    """Of releases of people booked on an arrest (diversion aside), those followed by treatment.

    By ``plan``: with and without one; people in a program at release are in treatment already.
    """
    linked, by_plan = history.events.code("linked"), {}
    rows = {what: history.days("reentry", what) for what in ("planned", "unplanned")}
    for what, (_, days, why) in rows.items():
        by_plan[f"plan={what}"] = share(days, why == linked, edges)
    days, why = (np.concatenate([row[i] for row in rows.values()]) for i in (1, 2))
    return {"all": share(days, why == linked, edges), **by_plan}
