"""Crises and psychiatric hospital stays as people's, not as services': who returns, how often, how long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Spans, person_days
from simulation.measures.recidivism import YEAR, cohort_share
from simulation.measures.registry import Values, measure
from simulation.measures.reoffending import Reoffending
from simulation.measures.timeline import Mask, Moments, last_row

READMISSION_DAYS = 30.0


def discharges(history: History) -> Moments:
    """Every end of a stay in an inpatient bed from day 0 on, but those by which someone left the county."""
    stays = history.spans("inpatient")
    seen = (stays.end >= 0) & np.isfinite(stays.end) & ~left_county(history, stays)
    return Moments(stays.person[seen], stays.end[seen])


def left_county(history: History, stays: Spans) -> Mask:
    """Whether the person left the county at the end of each stay."""
    people = history.spans("county")
    return last_row(Moments(people.person, people.end), Moments(stays.person, stays.end)) >= 0


def admissions(history: History) -> Moments:
    """Every admission to an inpatient bed."""
    stays = history.spans("inpatient")
    return Moments(stays.person, stays.start)


@measure("Readmitted within 30 days of a psychiatric discharge", "share", "share", "after HCUP", "always")
def psychiatric_readmission_30d(history: History, edges: Days) -> Values:
    """Of all discharges from an inpatient bed, those followed by another admission within 30 days.

    By day of discharge, whoever cannot be followed for 30 days left out; who dies or moves away meanwhile
    counts as not readmitted.
    """
    definition = Reoffending(discharges, admissions, READMISSION_DAYS)
    people = definition.follow(history, history.horizon)
    return {"all": cohort_share(people.origin.day, people.had_event, people.followed, edges)}


@measure("Psychiatric hospital days per person-year", "days per person-year", "mean", groups="always")
def hospital_days_per_person_year(history: History, edges: Days) -> Values:
    """Days in an inpatient bed over the years people were in the county (``care=fact``: in a FACT team)."""
    stays, people = history.spans("inpatient"), history.spans("county")
    teams = [history.spans(name) for name in history.matching("fact.")]
    parts = [overlap(stays, members) for members in teams]
    with np.errstate(invalid="ignore", divide="ignore"):
        in_care = sum((inside(team, edges) for team in teams), np.zeros(len(edges) - 1))
        days = sum((person_days(*part, edges) for part in parts), np.zeros(len(edges) - 1))
        return {
            "all": YEAR * inside(stays, edges) / inside(people, edges),
            "care=fact": YEAR * days / in_care,
        }


def inside(spans: Spans, edges: Days) -> Days:
    """Person-days of the spans in each period."""
    return person_days(spans.start, spans.end, edges)


def overlap(stays: Spans, others: Spans) -> tuple[Days, Days]:
    """Beginnings and ends of what each stay and another span of the same person have in common."""
    order = np.argsort(others.person, kind="stable")
    persons = others.person[order]
    first, last = (np.searchsorted(persons, stays.person, side) for side in ("left", "right"))
    number = last - first
    stay = np.repeat(np.arange(len(stays)), number)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(number) - number, number)
    other = order[first[stay] + rank]
    start = np.maximum(stays.start[stay], others.start[other])
    end = np.minimum(stays.end[stay], others.end[other])
    common = end > start
    return start[common], end[common]


@measure("Crises of the 5 % of people with the most", "share", "share")
def crises_top_5pct(history: History, edges: Days) -> Values:
    """Of the crises that begin in the period, those of the twentieth of people with a crisis who have most.

    It depends on how long the period is: compare periods of the same length only.
    """
    episodes = history.spans("crisis")
    shares = np.full(len(edges) - 1, np.nan)
    for i, (start, end) in enumerate(pairwise(edges)):
        begun = (episodes.start >= start) & (episodes.start < end)
        _, crises = np.unique(episodes.person[begun], return_counts=True)
        if len(crises) >= 20:
            shares[i] = np.sort(crises)[-(len(crises) // 20) :].sum() / crises.sum()
    return {"all": shares}
