"""Posts and teams: who is in post, for how long, what they deliver, and what a fidelity review found."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from simulation.engine.eventlog import Post, Tenure
from simulation.measures.history import Days, History, average, counts, means, person_days
from simulation.measures.registry import Values, measure


def by_role(history: History, value: Callable[[str | None], Days]) -> dict[str, Days]:
    """A value of all posts together, then of each role."""
    roles = sorted({post.role for post in history.events.posts})
    return {"all": value(None), **{f"role={role}": value(role) for role in roles}}


def post_days(history: History, spans: Iterable[Post | Tenure], edges: Days) -> Days:
    """FTE-days of posts that existed, or of people in post, inside each period."""
    fte = {(post.service, post.number): post.fte for post in history.events.posts}
    total = np.zeros(len(edges) - 1)
    for span in spans:
        if isinstance(span, Post):
            key, first, last = (span.service, span.number), span.opened, span.closed
        else:
            key, first, last = (span.service, span.post), span.began, span.ended
        end = np.inf if np.isnan(last) else last
        total += fte[key] * person_days(np.array([first]), np.array([end]), edges)
    return total


@measure("Posts vacant", "share", "share", "DACTS item H6", groups="never")
def posts_vacant(history: History, edges: Days) -> Values:
    """Share of the FTE-days of all posts on which nobody was in post, by role."""
    e = history.events

    def vacant(role: str | None) -> Days:
        posts = post_days(history, [p for p in e.posts if role in (None, p.role)], edges)
        held = post_days(history, [t for t in e.tenures if role in (None, t.role)], edges)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(1 - held / posts)

    return by_role(history, vacant)


@measure("Staff departures", "persons", "flow", "DACTS item H5", groups="never")
def staff_departures(history: History, edges: Days) -> Values:
    """People who left a post in the period, posts that ended included, by role."""
    tenures = history.events.tenures
    return by_role(
        history,
        lambda role: counts(np.array([t.ended for t in tenures if role in (None, t.role)], float), edges),
    )


@measure("Time in post of staff who left", "days", "mean", groups="never")
def tenure_days(history: History, edges: Days) -> Values:
    """Mean days in post of those who left in the period."""
    left = [t for t in history.events.tenures if not np.isnan(t.ended)]
    ended = np.array([t.ended for t in left], dtype=np.float64)
    return {"all": means(ended, np.array([t.ended - t.began for t in left], dtype=np.float64), edges)}


def reviewed(history: History) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Day, weeks and contacts kept of every review of someone in FACT, and the number of their team."""
    rows = [(e, (e - s) / 7, k, p) for s, e, p, kind, _, k in history.events.attendance if kind == "therapy"]
    day, weeks, kept, person = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    team_number = np.full(len(day), -1)
    for number, team in enumerate(history.matching("fact.")):
        spans = history.spans(team)
        if len(spans) and len(day):
            row = history.latest(spans.person, spans.start, person.astype(np.int64), day)
            team_number[(row >= 0) & (spans.end[row] >= day)] = number
    return np.array([day, weeks, kept]), team_number


@measure("FACT contacts a week", "contacts per person-week", "mean", "DACTS item S5")
def fact_contacts(history: History, edges: Days) -> Values:
    """Contacts kept over the person-weeks reviewed, by the day of the review and by team."""
    (day, weeks, kept), team_number = history.once("reviewed", reviewed)

    def rate(rows: NDArray[np.bool_]) -> Days:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(means(day[rows], kept[rows], edges) / means(day[rows], weeks[rows], edges))

    teams = enumerate(history.matching("fact."))
    return {
        "all": rate(team_number >= 0),
        **{f"team={t.removeprefix('fact.')}": rate(team_number == n) for n, t in teams},
    }


@measure("FACT minutes a week", "minutes per person-week", "mean", "DACTS item S4")
def fact_minutes(history: History, edges: Days) -> Values:
    """Face-to-face minutes over the person-weeks reviewed, by the day of the review and by team."""
    lengths = [n for _, _, what, n in history.events.capacity if what == "minutes_per_contact"]
    each = lengths[0] if lengths else np.nan
    return {part: rate * each for part, rate in fact_contacts(history, edges).items()}


def team_level(history: History, what: str, edges: Days) -> Values:
    """The time-weighted mean of a level of each team, and of all of them, each team counting once."""
    teams = history.matching("fact.")
    known = {name for _, name, kind, _ in history.events.capacity if kind == what}
    parts = {
        f"team={t.removeprefix('fact.')}": average(*history.level(t, what), edges)
        for t in teams
        if t in known
    }
    whole = np.mean(list(parts.values()), axis=0) if parts else np.full(len(edges) - 1, np.nan)
    return {"all": whole, **parts}


@measure("Fidelity of the FACT teams", "share", "share", "DACTS and FACTS", groups="never")
def fact_fidelity(history: History, edges: Days) -> Values:
    """What the last quarterly review found, 0 to 1: the part of FACT's effect on arrest that a team has."""
    return team_level(history, "fidelity", edges)


@measure("DACTS score of the FACT teams", "score", "mean", "DACTS", groups="never")
def fact_dacts(history: History, edges: Days) -> Values:
    """Mean score of the Dartmouth scale, 1 to 5, by team; items that nobody saw are taken as assumed."""
    return team_level(history, "dacts", edges)


@measure("FACTS score of the FACT teams", "score", "mean", "FACTS", groups="never")
def fact_facts(history: History, edges: Days) -> Values:
    """Mean score of the Forensic ACT scale, 1 to 5, by team; items that nobody saw are taken as assumed."""
    return team_level(history, "facts", edges)


@measure("Engagement in FACT", "share", "share", groups="never")
def fact_engagement(history: History, edges: Days) -> Values:
    """Mean engagement of members at the monthly review, 1 if no departure of a clinician is felt."""
    return team_level(history, "engagement", edges)
