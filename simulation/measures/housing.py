"""Homes occupied, waited for and needed, moves between them, and homelessness at exit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Ids, Mask, Spans, counts, means, person_days
from simulation.measures.program import census, summed, wait_days
from simulation.measures.registry import Values, measure

KINDS = ["supervised", "shared", "master_leased", "longer_term", "supportive"]
FIRST = KINDS[:3]
LASTING = KINDS[3:]
LOST = ("lost", "landlord", "long_jail_stay", "grace_over")
YEAR = 365.25
AFTER_JAIL = 90.0
"""Days after leaving jail in which losing a home counts as after it."""


def lived(history: History) -> Spans:
    """From moving into each home to leaving it, the street being one; why_in is the home's kind."""
    return history.once("homes lived in", _lived)


def _lived(history: History) -> Spans:
    person, day, home = history.days("home", "moved")
    same = np.append(person[1:] == person[:-1], False)[: len(person)]
    stays = history.spans("county")
    latest = history.latest(stays.person, stays.start, person, day)
    left = np.append(stays.end, np.inf)[latest]
    end = np.where(same, np.append(day[1:], np.inf)[: len(person)], left)
    then = np.where(same, np.append(home[1:], -1)[: len(person)], -1)
    return Spans(person, day, end, home, then.astype(np.int16))


def _lists(history: History, kinds: list[str]) -> dict[str, Spans]:
    """Waits for each kind; of several lists on which someone stands at once, the home preferred counts."""
    also = history.events.code("also")
    lists = {}
    for kind in kinds:
        waits = history.waits(kind)
        lists[kind] = waits.only(waits.why_in != also)
    return lists


def _kinds(history: History) -> list[str]:
    """The kinds of homes that the county has, or that someone waits for."""
    return [kind for kind in KINDS if len(history.waits(kind)) or history.level(kind, "slots")[1].any()]


@measure("Homes occupied", "homes", "stock")
def housing_occupied(history: History, edges: Days) -> Values:
    """Mean number of units held, lease-up included, by kind."""
    return summed(census(history, _kinds(history), edges), edges, "home")


@measure("People waiting for a home", "persons", "stock")
def housing_waiting(history: History, edges: Days) -> Values:
    """Mean number of people on the waiting lists, by the kind of home preferred."""
    length = np.diff(edges)
    waits = _lists(history, _kinds(history))
    return summed({k: person_days(w.start, w.end, edges) / length for k, w in waits.items()}, edges, "home")


@measure("Homes needed", "homes", "stock")
def housing_units_needed(history: History, edges: Days) -> Values:
    """Units occupied plus people waiting, by the kind of home preferred.

    People who wait for a longer-term unit while living in one of the program's count once, for the unit
    they hold.
    """
    occupied, queue = census(history, _kinds(history), edges), _lists(history, _kinds(history))
    needed = {}
    for kind, held in occupied.items():
        waits = queue[kind]
        waiting = person_days(waits.start, waits.end, edges) / np.diff(edges)
        needed[kind] = held if kind == "longer_term" else held + waiting
    return summed(needed, edges, "home")


def _need_by_day(history: History, kinds: list[str], edges: Days) -> list[Days]:
    """Homes needed at noon of every day of each period, by kinds together."""
    spans = [history.spans(kind) for kind in kinds]
    spans += [w for kind, w in _lists(history, kinds).items() if kind != "longer_term"]
    start = np.sort(np.concatenate([s.start for s in spans] or [np.empty(0)]))
    end = np.sort(np.concatenate([s.end for s in spans] or [np.empty(0)]))
    noons = []
    for first, last in pairwise(edges):
        noon = np.arange(np.floor(first), last) + 0.5
        noons.append(
            (np.searchsorted(start, noon, "right") - np.searchsorted(end, noon, "right")).astype(np.float64)
        )
    return noons


def _quantile_of_need(history: History, edges: Days, quantile: float) -> Values:
    kinds = _kinds(history)
    wanted = {"all": kinds, **{f"home={kind}": [kind] for kind in kinds}}
    return {
        label: np.array([np.quantile(days, quantile) for days in _need_by_day(history, some, edges)])
        for label, some in wanted.items()
    }


@measure("Peak of homes needed", "homes", "mean")
def housing_need_peak(history: History, edges: Days) -> Values:
    """The most homes needed on any day of the period (occupied plus waiting, at noon), by kind."""
    return _quantile_of_need(history, edges, 1.0)


@measure("Homes needed on nine days in ten", "homes", "mean")
def housing_need_90(history: History, edges: Days) -> Values:
    """Homes that would have been enough on 90 % of the days of the period (occupied plus waiting)."""
    return _quantile_of_need(history, edges, 0.9)


@measure("Wait for a home", "days", "mean")
def housing_wait_days(history: History, edges: Days) -> Values:
    """Mean days from referral to a home to its offer, of those offered one: of the program's homes; by kind.

    Where there are none of the program, of all homes.
    """
    kinds = _kinds(history)
    by_kind = {f"home={kind}": wait_days(history, [kind], edges)["all"] for kind in kinds}
    first = [kind for kind in kinds if kind in FIRST] or kinds
    return {**wait_days(history, first, edges), **by_kind}


@measure("Homes lost", "tenancies", "flow")
def homes_lost(history: History, edges: Days) -> Values:
    """Tenancies that ended with no home to go to, by reason.

    Lost for reasons of the tenancy, to a landlord who takes the unit off the market, to a long stay in
    jail, or when the grace after the program was over.
    """
    by_reason = {}
    for why in LOST:
        code = history.events.code(why)
        spans = [history.spans(kind) for kind in KINDS]
        days = [s.end[(s.why_out == code) & (code >= 0)] for s in spans]
        by_reason[why] = counts(np.concatenate(days), edges)
    return summed(by_reason, edges, "why")


@measure("Moves to a more permanent housing type", "moves", "flow")
def housing_moves_up(history: History, edges: Days) -> Values:
    """Moves in the period out of homelessness, or from the program's units to permanent housing."""
    spans, word = lived(history), history.events.code
    permanence = {word("none"): 0, **{word(k): 1 for k in FIRST}, **{word(k): 2 for k in LASTING}}
    before, after = (
        np.array([permanence.get(code, -1) for code in codes.tolist()], dtype=np.int64)
        for codes in (spans.why_in, spans.why_out)
    )
    up = {
        "off_the_street": (before == 0) & (after > 0),
        "to_a_lasting_home": (before == 1) & (after == 2),
    }
    return summed({name: counts(spans.end[mask], edges) for name, mask in up.items()}, edges, "step")


@measure("Tenancies kept for a year", "share", "share", "RAND 2022, Just in Reach")
def tenancies_kept_1y(history: History, edges: Days) -> Values:
    """Share of tenancies begun in the period whose tenant had a home of some kind with the county a year on.

    Moves to a lasting home keep the tenancy. Left out are those who died or left the county within the
    year and those whose year is not over at the end of the run.
    """
    every = lived(history)
    units = every.only(np.isin(every.why_in, [history.events.code(kind) for kind in KINDS]))
    if not len(units):
        return {"all": np.full(len(edges) - 1, np.nan)}
    after = (units.person[1:] == units.person[:-1]) & (units.start[1:] == units.end[:-1])
    first, last = np.append(True, ~after), np.append(~after, True)
    start, days = units.start[first], units.end[last] - units.start[first]
    kept, lost = days >= YEAR, units.why_out[last] >= 0
    known = (start + YEAR <= history.horizon) & (kept | lost)
    return {"all": means(start[known], kept[known].astype(np.float64), edges)}


@measure("People without fixed address", "persons", "stock", "NCSC measure 4")
def homeless(history: History, edges: Days) -> Values:
    """Mean daily number of people in contact without a fixed address, shelter included; by kind of spell.

    Records do not say of what kind a spell is.
    """
    every = census(history, ["homeless", "shelter"], edges)
    street = np.maximum(every["homeless"] - every["shelter"], 0.0)
    kinds = _by_kind(history, history.spans("homeless"))
    lengths = np.diff(edges)
    by_kind = {kind: person_days(spells.start, spells.end, edges) / lengths for kind, spells in kinds.items()}
    where = {"where=shelter": every["shelter"], "where=street_or_jail": street}
    return {"all": every["homeless"], **where, **by_kind}


def _by_kind(history: History, spells: Spans) -> dict[str, Spans]:
    """Spells without a home of each kind that occurs."""
    codes = {kind: history.events.code(kind) for kind in ("transitional", "chronic")}
    return {f"spell={kind}": spells.only(spells.why_in == code) for kind, code in codes.items() if code >= 0}


@measure("Spells without fixed address begun", "spells", "flow")
def homelessness_begun(history: History, edges: Days) -> Values:
    """Spells without a fixed address that began after day 0, by kind, and within 90 days of leaving jail."""
    spells, jail = history.spans("homeless"), history.spans("jail")
    spells = spells.only(spells.start > 0)
    kinds = {kind: counts(some.start, edges) for kind, some in _by_kind(history, spells).items()}
    release = history.latest(jail.person, jail.end, spells.person, spells.start)
    since = spells.start - np.append(jail.end, -np.inf)[release]
    after = counts(spells.start[since <= AFTER_JAIL], edges)
    return {"all": counts(spells.start, edges), "after=jail": after, **kinds}


@measure("Homeless at exit from the program", "share", "share", "NCSC measure 4")
def homeless_at_exit(history: History, edges: Days) -> Values:
    """Share of an exit cohort without administrative closures that has no fixed address on the day."""
    exits = history.spans("court")
    words = np.array((*history.events.words, ""))
    out = np.isfinite(exits.end) & (words[exits.why_out] != "administrative_closure")
    person, day = exits.person[out], exits.end[out]
    at_exit = without_address(history, person, day).astype(np.float64)
    at_entry = without_address(history, person, exits.start[out]).astype(np.float64)
    return {"all": means(day, at_exit, edges), "at=entry": means(day, at_entry, edges)}


def without_address(history: History, person: Ids, day: Days) -> Mask:
    """Who is homeless on a given day; before day 0 the state on day 0 stands for it."""
    spells = history.spans("homeless")
    by = np.maximum(day, 0.0)
    spell = history.latest(spells.person, spells.start, person, by)
    return np.asarray((spell >= 0) & (np.append(spells.end, -np.inf)[spell] > by))
