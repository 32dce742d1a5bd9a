"""Crisis, hospital, FACT and homes as publications measure them, where results have no such measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.published.period import ended_as, left_within, over_years, ratio, share, stays_of
from simulation.measures.history import Days, History, Ids, Spans, counts, means, person_days
from simulation.measures.hospital import inside
from simulation.measures.housing import FIRST, LASTING, YEAR, lived
from simulation.measures.jail import period_medians
from simulation.measures.registry import Values, measure

NO_DROPOUT = "success", "stepped_down", "transfer", "administrative_closure"
"""Ways out of a FACT team that are no drop-out; the last is death or moving away."""


@measure("Crises of the busiest 5.1 % in five years", "share", "share")
def crises_top_5y(history: History, edges: Days) -> Values:
    """Share of five years' crises of the 5.1 % of people with a crisis who have most of them."""
    episodes = history.spans("crisis")

    def of_the_busiest(span: Days) -> float:
        begun = (episodes.start >= span[0]) & (episodes.start < span[1])
        _, number = np.unique(episodes.person[begun], return_counts=True)
        busiest = np.sort(number)[::-1][: round(0.051 * len(number))]
        return float(busiest.sum() / number.sum())

    return over_years(5, history, edges, of_the_busiest)


@measure("Emergency visits that end in a bed", "share", "share")
def ed_admitted(history: History, edges: Days) -> Values:
    """Of the emergency visits that end in the period, those that go on to an inpatient bed."""
    visits = history.spans("emergency_department")
    return share(visits.end, ended_as(history, visits, "inpatient"), edges)


@measure("Psychiatric admissions per person-year", "admissions per person-year", "mean")
def admissions_per_person_year(history: History, edges: Days) -> Values:
    """Admissions to an inpatient bed over the years people were in the county."""
    stays, people = history.spans("inpatient"), history.spans("county")
    return {"all": YEAR * ratio(counts(stays.start, edges), inside(people, edges))}


@measure("Mean psychiatric stay", "days", "mean")
def inpatient_stay(history: History, edges: Days) -> Values:
    """Mean length of the inpatient stays that end in the period."""
    stays = history.spans("inpatient")
    return {"all": means(stays.end, stays.end - stays.start, edges)}


@measure("Left FACT within a year", "share", "share")
def fact_left_1y(history: History, edges: Days) -> Values:
    """Of the people enrolled in the period, those who drop out or are terminated within a year."""
    spans = stays_of(history, history.matching("fact."))
    dropped = np.isfinite(spans.end) & ~ended_as(history, spans, *NO_DROPOUT)
    return left_within(spans, YEAR, dropped, history, edges)


@measure("Median time in FACT", "months", "mean")
def fact_stay_median(history: History, edges: Days) -> Values:
    """Median months in a team of those who leave it in the period."""
    spans = stays_of(history, history.matching("fact."))
    return {"all": period_medians(spans.end, (spans.end - spans.start) * 12 / YEAR, edges)}


@measure("Departures of FACT staff a year", "departures per person-year in post", "mean")
def fact_turnover(history: History, edges: Days) -> Values:
    """Staff of FACT teams who leave over the years in post."""
    tenures = [t for t in history.events.tenures if t.service.startswith("fact.")]
    began, ended = (np.array([getattr(t, name) for t in tenures]) for name in ("began", "ended"))
    left = np.array([t.why == "left" for t in tenures], dtype=bool)
    in_post = person_days(began, np.where(np.isnan(ended), np.inf, ended), edges)
    return {"all": YEAR * ratio(counts(ended[left], edges), in_post)}


@measure("Homeless people with a bed in a shelter", "share", "share")
def sheltered(history: History, edges: Days) -> Values:
    """Nights in a shelter over nights without a fixed address."""
    return {"all": ratio(inside(history.spans("shelter"), edges), inside(history.spans("homeless"), edges))}


@measure("Homeless within the year", "share", "share")
def homeless_in_year(history: History, edges: Days) -> Values:
    """Of the people in the county in the period, those without a fixed address at some time in it."""
    people = [
        len(np.unique(spans.person[(spans.start < end) & (spans.end > start)]))
        for start, end in pairwise(edges)
        for spans in (history.spans("homeless"), history.spans("county"))
    ]
    number = np.array(people, dtype=np.float64).reshape(-1, 2)
    return {"all": ratio(number[:, 0], number[:, 1])}


@measure("Months without a home so far", "months", "mean")
def homeless_so_far(history: History, edges: Days) -> Values:
    """Median length so far, at the end of the period, of the spells in progress then.

    Spells found in progress on day 0 have no beginning before it: nan in the first three years.
    """
    spells = history.spans("homeless")

    def so_far(day: float) -> float:
        begun = spells.start[(spells.start < day) & (spells.end >= day)]
        return float(day - np.median(begun)) if len(begun) and day > 3 * YEAR else np.nan

    return {"all": np.array([so_far(edge - 1) * 12 / YEAR for edge in edges[1:]])}


@measure("Spells without a home that follow jail", "share", "share")
def homeless_after_jail(history: History, edges: Days) -> Values:
    """Of the spells that begin in the period, those within 90 days of leaving jail."""
    spells, jail = history.spans("homeless"), history.spans("jail")
    spells = spells.only(spells.start > 0)
    stay = history.latest(jail.person, jail.end, spells.person, spells.start)
    return share(spells.start, spells.start - np.append(jail.end, -np.inf)[stay] <= 90, edges)


def tenancies(history: History, kinds: Sequence[str]) -> Spans:
    """Homes of these kinds lived in, from moving in to leaving."""
    homes = lived(history)
    return homes.only(np.isin(homes.why_in, [history.events.code(kind) for kind in kinds]))


@measure("Tenancies that end, per tenancy-year", "per person-year", "mean")
def tenancy_ends(history: History, edges: Days) -> Values:
    """Ends of tenancies in lasting homes for whatever reason over the years lived in them."""
    homes = tenancies(history, LASTING)
    return {"all": YEAR * ratio(counts(homes.end, edges), inside(homes, edges))}


@measure("Left supportive housing within a year", "share", "share")
def supportive_left_1y(history: History, edges: Days) -> Values:
    """Of the people who move into supportive housing in the period, those gone within a year."""
    homes = tenancies(history, ["supportive"])
    return left_within(homes, YEAR, np.isfinite(homes.end), history, edges)


@measure("Left supportive housing within three years", "share", "share")
def supportive_left_3y(history: History, edges: Days) -> Values:
    """Of the people who move into supportive housing in the period, those gone within three years."""
    homes = tenancies(history, ["supportive"])
    return left_within(homes, 3 * YEAR, np.isfinite(homes.end), history, edges)


@measure("Days from referral to moving in", "days", "mean")
def days_to_home(history: History, edges: Days) -> Values:
    """Mean days from the referral to a home of the program until living in it, by day of moving in."""
    days, waited = [np.empty(0)], [np.empty(0)]
    for kind in FIRST:
        person, day = moved_in(history, kind)
        waits = history.waits(kind)
        row = history.latest(waits.person, waits.start, person, day)
        known = row >= 0
        days.append(day[known])
        waited.append(day[known] - waits.start[row[known]])
    return {"all": means(np.concatenate(days), np.concatenate(waited), edges)}


def moved_in(history: History, kind: str) -> tuple[Ids, Days]:
    """Who moved into a home of this kind after day 0, and when."""
    person, day, home = history.days("home", "moved")
    rows = (home == history.events.code(kind)) & (day > 0)
    return person[rows], day[rows]


@measure("Subsidies leased up within 180 days", "share", "share")
def leased_180d(history: History, edges: Days) -> Values:
    """Of the longer-term subsidies given in the period, those with a tenancy within 180 days."""
    given = history.spans("longer_term")
    given = given.only((given.start >= 0) & (given.start + 180 < history.horizon))
    person, day = moved_in(history, "longer_term")
    row = history.latest(given.person, given.start, person, day)
    leased = np.zeros(len(given), dtype=bool)
    soon = (row >= 0) & (day - np.append(given.start, -np.inf)[row] <= 180)
    leased[row[soon]] = True
    return share(given.start, leased, edges)
