"""Bookings, jail days and average daily population."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, Ids, Mask, Spans, counts, person_days
from simulation.measures.registry import Values, measure

BY_ORDER = ("sanction", "warrant")
GROUPINGS = ("sex", "race_ethnicity")


def by_group(history: History, persons: Ids) -> dict[str, Mask]:
    """Masks that split people by sex and by race and ethnicity."""
    masks: dict[str, Mask] = {}
    for column in GROUPINGS:
        values = history.traits(column, persons)
        for value in np.unique(values):
            masks[f"{column}={value}"] = values == value
    return masks


def by_reason(history: History, spans: Spans) -> dict[str, Mask]:
    """Masks that split stays by what the person was booked for."""
    words = history.events.words
    return {f"booked_for={words[code]}": spans.why_in == code for code in np.unique(spans.why_in)}


@measure("Arrests of people with serious mental illness", "arrests", "flow")
def arrests(history: History, edges: Days) -> Values:
    """Arrests in the period, cited or booked; warrants, sanctions and commitments are none."""
    table = history.arrests
    found = {"all": counts(table["arrested"], edges)}
    for name, mask in by_group(history, table["person"].astype(np.int64)).items():
        found[name] = counts(table["arrested"][mask], edges)
    return found


@measure("Bookings of people with serious mental illness", "bookings", "flow", "BSCC Jail Profile Survey")
def bookings(history: History, edges: Days) -> Values:
    """Admissions to jail that begin in the period, commitments, warrants and sanctions included.

    ``total`` adds the county's bookings of other people, who are a background series.
    """
    stays = history.spans("jail")
    found = {"all": counts(stays.start, edges)}
    _, background = history.level("jail", "background_bookings")
    found["total"] = found["all"] + background[-1] * np.diff(edges)
    for name, mask in {**by_reason(history, stays), **by_group(history, stays.person)}.items():
        found[name] = counts(stays.start[mask], edges)
    return found


@measure("Jail days of people with serious mental illness", "person-days", "flow")
def jail_days(history: History, edges: Days) -> Values:
    """Person-days in jail in the period, split by what the person is there for.

    Serving begins with the sentence or commitment; waiting for a slot with the grant of diversion;
    sanction covers sanctions and bench warrants; the rest is awaiting court.
    """
    stays = history.spans("jail")
    on_order = np.isin(stays.why_in, [history.events.code(word) for word in BY_ORDER])
    everyone = person_days(stays.start, stays.end, edges)
    sanction = person_days(stays.start[on_order], stays.end[on_order], edges)
    waiting = jail_days_waiting_for_slot(history, edges)["all"]
    serving = _serving(history, stays, edges)
    found = {
        "all": everyone,
        "for=awaiting_court": everyone - sanction - waiting - serving,
        "for=waiting_for_slot": waiting,
        "for=serving": serving,
        "for=sanction": sanction,
    }
    for name, mask in by_group(history, stays.person).items():
        found[name] = person_days(stays.start[mask], stays.end[mask], edges)
    return found


def _serving(history: History, stays: Spans, edges: Days) -> Days:
    """Person-days after a sentence, within the stay in which it was given, and of commitments."""
    committed = stays.why_in == history.events.code("commitment")
    persons, days, _ = history.days("jail", "sentenced")
    at = history.latest(stays.person, stays.start, persons, days)
    return person_days(days, stays.end[at], edges) + person_days(
        stays.start[committed], stays.end[committed], edges
    )


@measure("Jail days spent waiting for a place in diversion", "person-days", "flow")
def jail_days_waiting_for_slot(history: History, edges: Days) -> Values:
    """Person-days in jail between the grant of diversion and the place in care it waits for."""
    start, end = history.once("in jail, waiting for a slot", _in_jail_waiting)
    return {"all": person_days(start, end, edges)}


def _in_jail_waiting(history: History) -> tuple[Days, Days]:
    """From a grant of diversion in custody to the release, or to the sentence if no place came."""
    persons, granted, why = history.days("court", "admitted")
    in_custody = why == history.events.code("in_custody")
    persons, granted = persons[in_custody], granted[in_custody]
    stays = history.spans("jail")
    at = history.latest(stays.person, stays.start, persons, granted)
    sentenced, day, _ = history.days("jail", "sentenced")
    keys = np.append(np.sort(history.key(sentenced, day)), np.inf)
    following = keys[np.searchsorted(keys, history.key(persons, granted))]
    return granted, np.minimum(stays.end[at], granted + following - history.key(persons, granted))


@measure(
    "Average daily jail population with serious mental illness",
    "persons",
    "stock",
    "BSCC Jail Profile Survey",
)
def jail_adp(history: History, edges: Days) -> Values:
    """Person-days in jail over the days of the period: people with serious mental illness.

    ``total`` adds the county's other people in jail, a background series.
    """
    length = np.diff(edges)
    found = {name: days / length for name, days in jail_days(history, edges).items()}
    _, background = history.level("jail", "background_population")
    everyone = found["all"] + background[-1]
    return {"all": found.pop("all"), "total": everyone, **found}


@measure(
    "Mean jail stay of people with serious mental illness", "days", "mean", "Bureau of Justice Statistics"
)
def jail_stay(history: History, edges: Days) -> Values:
    """Average daily population over bookings a day (Little's law), sanctions and warrants included."""
    with np.errstate(invalid="ignore", divide="ignore"):
        days, admitted = jail_days(history, edges)["all"], bookings(history, edges)["all"]
        return {"all": days / admitted}
