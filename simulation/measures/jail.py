"""Bookings, jail days and average daily population."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Mask, Spans, counts, person_days
from simulation.measures.registry import Values, measure
from simulation.measures.timeline import Moments, next_row

BY_ORDER = ("sanction", "warrant")


def by_reason(history: History, spans: Spans) -> dict[str, Mask]:
    """Masks that split stays by what the person was booked for."""
    words = history.events.words
    return {f"booked_for={words[code]}": spans.why_in == code for code in np.unique(spans.why_in)}


@measure("Arrests of people with serious mental illness", "arrests", "flow", groups="always")
def arrests(history: History, edges: Days) -> Values:
    """Arrests in the period, cited or booked; warrants, sanctions and commitments are none."""
    return {"all": counts(history.arrests["arrested"], edges)}


@measure(
    "Bookings of people with serious mental illness",
    "bookings",
    "flow",
    "BSCC Jail Profile Survey",
    groups="always",
)
def bookings(history: History, edges: Days) -> Values:
    """Admissions to jail that begin in the period, commitments, warrants and sanctions included.

    ``total`` adds the county's bookings of other people, who are a background series.
    """
    stays = history.spans("jail")
    booked = {"all": counts(stays.start, edges)}
    _, background = history.level("jail", "background_bookings")
    booked["total"] = booked["all"] + background[-1] * np.diff(edges)
    for name, mask in by_reason(history, stays).items():
        booked[name] = counts(stays.start[mask], edges)
    return booked


@measure("Jail days of people with serious mental illness", "person-days", "flow", groups="always")
def jail_days(history: History, edges: Days) -> Values:
    """Person-days in jail in the period, split by what the person is there for.

    Serving begins with the sentence or commitment; waiting for a slot (blocking) with the grant of
    diversion, awaiting restoration with the finding of incompetence; sanction covers sanctions and bench
    warrants; awaiting court is what comes before.
    """
    stays = history.spans("jail")
    totals = {"all": person_days(stays.start, stays.end, edges)}
    for name, (start, end) in history.once("what jail is for", purposes).items():
        totals[f"for={name}"] = person_days(start, end, edges)
    return totals


def purposes(history: History) -> dict[str, tuple[Days, Days]]:
    """Spans in jail by what for; each moment of each stay belongs to one of them."""
    stays = history.spans("jail")
    codes = {word: history.events.code(word) for word in (*BY_ORDER, "commitment")}
    on_order = np.isin(stays.why_in, [codes[word] for word in BY_ORDER])
    committed = stays.why_in == codes["commitment"]
    on_charge = ~on_order & ~committed
    sentenced = within_stays(history, stays, "jail", "sentenced")
    waiting, place = history.once("in jail, waiting for a slot", _in_jail_waiting)
    granted = within_stays(history, stays, "court", "admitted", "in_custody")
    unfit = within_stays(history, stays, "restoration", "referred")
    heard = np.minimum.reduce([stays.end, sentenced, granted, unfit])
    restoration = history.waits("restoration")
    served = on_charge & np.isfinite(sentenced)
    return {
        "awaiting_court": (stays.start[on_charge], heard[on_charge]),
        "waiting_for_slot": (waiting, place),
        "awaiting_restoration": (restoration.start, restoration.end),
        "serving": (
            np.concatenate([sentenced[served], stays.start[committed]]),
            np.concatenate([stays.end[served], stays.end[committed]]),
        ),
        "sanction": (stays.start[on_order], stays.end[on_order]),
    }


def within_stays(history: History, stays: Spans, service: str, what: str, why: str = "") -> Days:
    """The day within each stay on which this was written of the person; infinite if it was not."""
    persons, days, reasons = history.days(service, what)
    if why:
        of_it = reasons == history.events.code(why)
        persons, days = persons[of_it], days[of_it]
    first = np.full(len(stays), np.inf)
    at = history.latest(stays.person, stays.start, persons, days)
    inside = (at >= 0) & (days <= stays.end[at])
    first[at[inside]] = days[inside]
    return first


@measure("Jail days spent waiting for a place in diversion", "person-days", "flow")
def jail_days_waiting_for_slot(history: History, edges: Days) -> Values:
    """Person-days in jail between the grant of diversion and the place in care it waits for."""
    start, end = history.once("in jail, waiting for a slot", _in_jail_waiting)
    return {"all": person_days(start, end, edges)}


A_MOMENT = 1e-4
"""Days: whoever is diverted and committed on another case at once is in a new stay from then on."""


def _in_jail_waiting(history: History) -> tuple[Days, Days]:
    """From a grant of diversion in custody to the release, or to the sentence if no place opened."""
    persons, granted, why = history.days("court", "admitted")
    in_custody = why == history.events.code("in_custody")
    persons, granted = persons[in_custody], granted[in_custody]
    stays = history.spans("jail")
    at = history.latest(stays.person, stays.start, persons, granted - A_MOMENT)
    sentenced, day, _ = history.days("jail", "sentenced")
    row = next_row(Moments(sentenced, day), Moments(persons, granted), same_day=True)
    return granted, np.minimum(stays.end[at], np.append(day, np.inf)[row])


@measure(
    "Average daily jail population with serious mental illness",
    "persons",
    "stock",
    "BSCC Jail Profile Survey",
    groups="always",
)
def jail_adp(history: History, edges: Days) -> Values:
    """Person-days in jail over the days of the period: people with serious mental illness.

    ``total`` adds the county's other people in jail, a background series.
    """
    length = np.diff(edges)
    census = {name: days / length for name, days in jail_days(history, edges).items()}
    _, background = history.level("jail", "background_population")
    everyone = census["all"] + background[-1]
    return {"all": census.pop("all"), "total": everyone, **census}


@measure(
    "Mean jail stay of people with serious mental illness", "days", "mean", "Bureau of Justice Statistics"
)
def jail_stay(history: History, edges: Days) -> Values:
    """Average daily population over bookings a day (Little's law), sanctions and warrants included."""
    with np.errstate(invalid="ignore", divide="ignore"):
        days, admitted = jail_days(history, edges)["all"], bookings(history, edges)["all"]
        return {"all": days / admitted}


@measure("Median jail stay of people with serious mental illness", "days", "mean")
def jail_stay_median(history: History, edges: Days) -> Values:
    """The middle one of the stays that end in the period; the few long ones make the mean."""
    stays = history.spans("jail")
    return {"all": period_medians(stays.end, stays.end - stays.start, edges)}


def period_medians(days: Days, values: Days, edges: Days) -> Days:
    """The median of the values whose day falls into each period; nan where there is none."""
    inside = [(days >= start) & (days < end) for start, end in pairwise(edges)]
    return np.array([np.median(values[mask]) if mask.any() else np.nan for mask in inside])


@measure("Jail days of the 5 % of people with the most", "share", "share")
def jail_days_top_5pct(history: History, edges: Days) -> Values:
    """Of the jail days in the period, those of the twentieth of people in jail who have most of them.

    It depends on how long the period is: compare periods of the same length only.
    """
    stays = history.spans("jail")
    shares = np.full(len(edges) - 1, np.nan)
    for i, (start, end) in enumerate(pairwise(edges)):
        days = np.clip(np.minimum(stays.end, end) - np.maximum(stays.start, start), 0, None)
        _, who = np.unique(stays.person, return_inverse=True)
        days_of_person = np.sort(np.bincount(who, days)) if len(days) else days
        days_of_person = days_of_person[days_of_person > 0]
        if len(days_of_person) >= 20:
            shares[i] = days_of_person[-(len(days_of_person) // 20) :].sum() / days_of_person.sum()
    return {"all": shares}


@measure("Days on which the jail holds more people than it is rated for", "days", "flow", groups="never")
def days_above_rated_beds(history: History, edges: Days) -> Values:
    """Days on which more people are in jail at noon than it has rated beds, everybody counted.

    Beds are a reported limit: nobody is turned away. Nought where the county gives no rating.
    """
    _, beds = history.level("jail", "rated_beds")
    _, others = history.level("jail", "background_population")
    stays = history.spans("jail")
    noons = np.arange(0.5, history.horizon)
    there = np.searchsorted(np.sort(stays.start), noons, side="right")
    there = there - np.searchsorted(np.sort(stays.end), noons, side="right")
    above = noons[(there + others[-1] > beds[-1]) & (beds[-1] > 0)]
    return {"all": counts(above, edges)}
