"""The docket, hearings, reports, refusals, warrants and sanctions, and competence to stand trial."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, counts
from simulation.measures.program import census, wait_days, waiting
from simulation.measures.registry import Values, measure


def by_reason(history: History, service: str, what: str, edges: Days, label: str) -> Values:
    """Rows of one kind in each period, and under ``label`` each reason that was written."""
    _, day, why = history.days(service, what)
    words = history.events.words
    parts = {f"{label}={words[code]}": counts(day[why == code], edges) for code in np.unique(why)}
    return {"all": counts(day, edges), **parts}


def ratio(part: Days, whole: Days) -> Days:
    """A share a period, nan where there was nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, dtype=np.float64)


def docket_days(history: History) -> tuple[Days, Days]:
    """Day and slots on offer of every docket day, none on a day that was not held."""
    rows = [(d, n) for d, name, what, n in history.events.capacity if (name, what) == ("docket", "held")]
    day, slots = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return day, slots


@measure("Hearings held", "hearings", "flow")
def hearings_held(history: History, edges: Days) -> Values:
    """Motions for diversion and status hearings heard on docket days in the period, by kind."""
    return by_reason(history, "docket", "admitted", edges, "kind")


@measure("Wait for a docket slot", "days", "mean")
def docket_wait_days(history: History, edges: Days) -> Values:
    """Mean days from when a motion or a status hearing is due until it is heard, of those heard."""
    return wait_days(history, ["docket"], edges)


@measure("Hearings waiting for the docket", "hearings", "stock")
def docket_waiting(history: History, edges: Days) -> Values:
    """Mean daily number of motions and status hearings that wait for a docket day."""
    return {"all": waiting(history, ["docket"], edges)["docket"]}


@measure("Hearings the docket never reached", "hearings", "flow")
def hearings_dropped(history: History, edges: Days) -> Values:
    """Motions and status hearings carried so long that they were given up, in the period."""
    _, day, _ = history.days("docket", "left_waiting")
    return {"all": counts(day, edges)}


@measure("Docket slots used", "share", "share", groups="never")
def docket_load(history: History, edges: Days) -> Values:
    """Cases heard over slots on offer on the docket days of the period."""
    day, slots = docket_days(history)
    _, heard, _ = history.days("docket", "admitted")
    offered = np.diff([slots[day < edge].sum() for edge in edges])
    return {"all": ratio(counts(heard, edges), offered)}


@measure("Docket days not held", "share", "share", groups="never")
def docket_days_lost(history: History, edges: Days) -> Values:
    """Share of the docket days of the period on which no case could be heard."""
    day, slots = docket_days(history)
    return {"all": ratio(counts(day[slots == 0], edges), counts(day, edges))}


@measure("Progress reports filed", "contacts", "flow")
def reports_filed(history: History, edges: Days) -> Values:
    """Progress reports that reached the court in the period, on time or late."""
    return by_reason(history, "reporting", "filed", edges, "when")


@measure("Progress reports filed on time", "share", "share")
def reports_on_time(history: History, edges: Days) -> Values:
    """Share of the progress reports filed in the period that were filed by their due day."""
    _, day, why = history.days("reporting", "filed")
    on_time = why == history.events.code("on_time")
    return {"all": ratio(counts(day[on_time], edges), counts(day, edges))}


@measure("Evaluations and assessments late", "share", "share")
def evaluations_late(history: History, edges: Days) -> Values:
    """Share of the reports completed in the period that took longer than the court's deadline, by kind."""
    services = ("evaluation", "assessment")
    late, done = (
        np.array([counts(history.days(service, what)[1], edges) for service in services])
        for what in ("late", "discharged")
    )
    parts = {f"report={service}": share for service, share in zip(services, ratio(late, done), strict=True)}
    return {"all": ratio(late.sum(axis=0), done.sum(axis=0)), **parts}


@measure("Refusals of diversion", "persons", "flow")
def diversion_refusals(history: History, edges: Days) -> Values:
    """People who refused, were declined, or whose case ended before an answer, in the period, by reason."""
    by_group: dict[str, Days] = {"all": np.zeros(len(edges) - 1)}
    for what in ("refused", "declined", "left_waiting"):
        values = by_reason(history, "court", what, edges, "reason")
        for name, value in values.items():
            by_group[name] = by_group.get(name, np.zeros(len(edges) - 1)) + value
    return by_group


@measure("Bench warrants of participants", "warrants", "flow")
def bench_warrants(history: History, edges: Days) -> Values:
    """Bench warrants issued in the period; people brought in, and terminated for their absence."""
    days = {what: history.days("warrant", what)[1] for what in ("issued", "returned", "terminated")}
    by_group = {what: counts(day, edges) for what, day in days.items()}
    return {
        "all": by_group["issued"],
        "then=returned": by_group["returned"],
        "then=terminated": by_group["terminated"],
    }


@measure("Sanctions of participants", "sanctions", "flow")
def sanctions(history: History, edges: Days) -> Values:
    """Sanctions in the period, with jail or without."""
    return by_reason(history, "court", "sanctioned", edges, "kind")


@measure("Incentives for participants", "incentives", "flow")
def incentives(history: History, edges: Days) -> Values:
    """Incentives in the period that brought someone's next phase nearer."""
    return {"all": counts(history.days("court", "rewarded")[1], edges)}


@measure("People whose competence to stand trial is in question", "persons", "stock")
def competency_census(history: History, edges: Days) -> Values:
    """Mean daily number of people from the doubt to its end; in evaluation, waiting, in restoration."""
    restored = census(history, ["restoration"], edges)["restoration"]
    wait = waiting(history, ["restoration"], edges)["restoration"]
    everyone = census(history, ["competency"], edges)["competency"]
    parts = {"waiting": wait, "in_restoration": restored, "in_evaluation": everyone - wait - restored}
    return {"all": everyone, **{f"state={name}": value for name, value in parts.items()}}


@measure("Wait for restoration", "days", "mean")
def restoration_wait_days(history: History, edges: Days) -> Values:
    """Mean days in jail from the finding of incompetence to a restoration place, of those who got one."""
    return wait_days(history, ["restoration"], edges)
