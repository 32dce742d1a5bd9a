"""What follows FACT: readiness, steps down, transitions that last, treatment of substance use, returns."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, Ids, Mask, counts, means
from simulation.measures.program import census
from simulation.measures.registry import Values, measure
from simulation.measures.timeline import Moments, next_row

LINKED = 90.0
KEPT = 90.0
"""Days within which care has to begin after the program, and for which it has to be kept."""


@measure("Found ready for less care", "share", "share", "Donahue and others 2012, Psychiatric Services")
def readiness(history: History, edges: Days) -> Values:
    """Share of the reviews of people at least a year in FACT that find them ready for less care."""
    ready, not_ready = (history.days("readiness", what)[1] for what in ("ready", "not_ready"))
    is_ready = np.concatenate([np.ones(len(ready)), np.zeros(len(not_ready))])
    return {"all": means(np.concatenate([ready, not_ready]), is_ready, edges)}


@measure("Steps down from FACT", "persons", "flow", "CoCo FACT evaluation plan")
def fact_step_downs(history: History, edges: Days) -> Values:
    """People who left a team in the period for less care: during the program, or outpatient after it."""
    parts = {
        "to=lower_intensity": _discharged(history, "stepped_down"),
        "to=outpatient": _begun_after_fact(history),
    }
    by_part = {name: counts(days, edges) for name, days in parts.items()}
    return {"all": sum(by_part.values(), np.zeros(len(edges) - 1)), **by_part}


def _discharged(history: History, why: str) -> Days:
    spans = [history.spans(team) for team in history.matching("fact.")]
    code = history.events.code(why)
    return np.concatenate([np.empty(0), *(s.end[(s.why_out == code) & (code >= 0)] for s in spans)])


def _completed(history: History) -> tuple[Ids, Days]:
    """Who completed the program in FACT, and when."""
    code = history.events.code("success")
    spans = [history.spans(team) for team in history.matching("fact.")]
    masks = [(s.why_out == code) & (code >= 0) for s in spans]
    person = [np.empty(0, dtype=np.int64), *(s.person[m] for s, m in zip(spans, masks, strict=True))]
    day = [np.empty(0), *(s.end[m] for s, m in zip(spans, masks, strict=True))]
    return np.concatenate(person), np.concatenate(day)


def _next(history: History, service: str, person: Ids, day: Days) -> tuple[Days, Days, Mask]:
    """Start and end of each person's next stay in a service from a day on, and whether it was completed."""
    spans = history.spans(service)
    row = next_row(Moments(spans.person, spans.start), Moments(person, day), same_day=True)
    start, end = np.append(spans.start, np.inf)[row], np.append(spans.end, np.inf)[row]
    done = np.append(spans.why_out, -1)[row] == history.events.code("completed")
    return start, end, np.asarray((row >= 0) & done)


def _begun_after_fact(history: History) -> Days:
    person, day = _completed(history)
    start, _, _ = _next(history, "outpatient", person, day)
    return start[start <= day + LINKED]


def _kept(history: History, service: str, person: Ids, day: Days) -> Mask:
    start, end, done = _next(history, service, person, day)
    return np.asarray((start <= day + LINKED) & ((end >= start + KEPT) | done))


@measure("Successful transitions", "share", "share", "FACTS item 13")
def successful_transitions(history: History, edges: Days) -> Values:
    """Share of those who completed the program in FACT whom aftercare keeps.

    Outpatient care has to begin within 90 days and to be kept for 90, or completed; where there is
    substance use treatment, people with a co-occurring disorder have to have that as well. Left out are
    those who completed in the last 180 days of the run.
    """
    person, day = _completed(history)
    kept = _kept(history, "outpatient", person, day)
    if history.level("substance_use", "slots")[1].any():
        needs = history.traits("substance_use", person).astype(bool)
        kept &= ~needs | _kept(history, "substance_use", person, day)
    seen = day + LINKED + KEPT <= history.horizon
    return {"all": means(day[seen], kept[seen].astype(np.float64), edges)}


@measure("Returns to FACT", "persons", "flow", "Donahue and others 2012, Psychiatric Services")
def returns_to_fact(history: History, edges: Days) -> Values:
    """People who returned to a team in the period after a step down or aftercare."""
    code = history.events.code("return")
    spans = [history.spans(team) for team in history.matching("fact.")]
    days = [np.empty(0), *(s.start[(s.why_in == code) & (code >= 0)] for s in spans)]
    return {"all": counts(np.concatenate(days), edges)}


@measure("People in substance use treatment", "persons", "stock", "CoCo FACT evaluation plan")
def substance_use_treatment(history: History, edges: Days) -> Values:
    """Mean daily number of people in substance use treatment after the program."""
    return {"all": census(history, ["substance_use"], edges)["substance_use"]}
