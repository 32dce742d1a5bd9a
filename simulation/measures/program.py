"""Diversion, the court's program, FACT and what follows it."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, average, counts, means, person_days
from simulation.measures.registry import Values, measure

CARE = ("fact.", "lower_intensity")
"""Beginnings of the names of services that care for participants."""


def census(history: History, services: list[str], edges: Days) -> dict[str, Days]:
    """Mean number of people held by each service over each period."""
    length = np.diff(edges)
    spans = {name: history.spans(name) for name in services}
    return {name: person_days(s.start, s.end, edges) / length for name, s in spans.items()}


def waiting(history: History, services: list[str], edges: Days) -> dict[str, Days]:
    """Mean number of people on each service's waiting list over each period."""
    length = np.diff(edges)
    spans = {name: history.waits(name) for name in services}
    return {name: person_days(w.start, w.end, edges) / length for name, w in spans.items()}


def wait_days(history: History, services: list[str], edges: Days) -> dict[str, Days]:
    """Mean wait of those admitted in each period, those who did not have to wait included."""
    day, wait = [np.empty(0)], [np.empty(0)]
    for name in services:
        waits = history.waits(name)
        admitted = history.ended_by(name, "admitted")
        day.append(waits.end[admitted])
        wait.append((waits.end - waits.start)[admitted])
    return {"all": means(np.concatenate(day), np.concatenate(wait), edges)}


def summed(parts: dict[str, Days], edges: Days, label: str, prefix: str = "") -> Values:
    """All services together, then each under ``label=name``."""
    total = sum(parts.values(), start=np.zeros(len(edges) - 1))
    return {"all": total, **{f"{label}={n.removeprefix(prefix)}": v for n, v in parts.items()}}


@measure("People enrolled in FACT", "persons", "stock", "CoCo FACT evaluation plan", groups="always")
def fact_census(history: History, edges: Days) -> Values:
    """Mean daily number of people enrolled, by team."""
    return summed(census(history, history.matching("fact."), edges), edges, "team", "fact.")


@measure("People waiting for FACT", "persons", "stock")
def fact_waiting(history: History, edges: Days) -> Values:
    """Mean daily number of people granted diversion or returning who wait for a team, by team."""
    return summed(waiting(history, history.matching("fact."), edges), edges, "team", "fact.")


@measure("Wait for FACT", "days", "mean")
def fact_wait_days(history: History, edges: Days) -> Values:
    """Mean days from referral to a team to enrollment, of those enrolled in the period."""
    return wait_days(history, history.matching("fact."), edges)


@measure("Participants of the court's program", "persons", "stock", "NCSC")
def court_census(history: History, edges: Days) -> Values:
    """Mean daily number of people admitted to diversion and not yet out, waiting for care included."""
    return {"all": census(history, ["court"], edges)["court"]}


@measure("Caseload of a FACT clinician", "persons per clinician", "mean", "DACTS item H1", groups="never")
def caseload_per_clinician(history: History, edges: Days) -> Values:
    """Person-days enrolled over clinician-days in post."""
    teams = history.matching("fact.")
    enrolled = census(history, teams, edges)
    posted = {t: average(*history.level(t, "clinicians"), edges) for t in teams}
    with np.errstate(invalid="ignore", divide="ignore"):
        each = {f"team={t.removeprefix('fact.')}": enrolled[t] / posted[t] for t in teams}
        whole = sum(enrolled.values(), np.zeros(len(edges) - 1)) / sum(posted.values())
    return {"all": np.asarray(whole), **each}


@measure("FACT clinician posts vacant", "share", "share", "DACTS item H6", groups="never")
def fact_vacancy(history: History, edges: Days) -> Values:
    """Share of clinician post-days without a clinician."""
    teams = history.matching("fact.")
    none = np.zeros(len(edges) - 1)
    filled = sum((average(*history.level(t, "clinicians"), edges) for t in teams), none)
    posts = sum((average(*history.level(t, "posts"), edges) for t in teams), none)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"all": np.asarray(1 - filled / posts)}


@measure("Referrals to diversion", "persons", "flow")
def diversion_referrals(history: History, edges: Days) -> Values:
    """Referrals by the defense, with consent, in the period."""
    _, day, _ = history.days("court", "referred")
    return {"all": counts(day, edges)}


@measure("Charged arrests referred to diversion", "share", "share", groups="always")
def referral_share(history: History, edges: Days) -> Values:
    """Share of the felony and misdemeanor arrests charged in the period that were referred, then or later."""
    a = history.arrests
    open_to = (a["charge"] == "felony") | (a["charge"] == "misdemeanor")
    seen = open_to & ~np.isnan(a["charged"])
    referred = ~np.isnan(a["referred"][seen])
    return {"all": means(a["charged"][seen], referred.astype(np.float64), edges)}


@measure("Admissions to diversion", "persons", "flow", "NCSC", groups="always")
def diversion_admissions(history: History, edges: Days) -> Values:
    """Grants of diversion by the court in the period, by where the person was."""
    _, day, why = history.days("court", "admitted")
    words = history.events.words
    parts = {f"from={words[c]}": counts(day[why == c], edges) for c in np.unique(why)}
    return {"all": counts(day, edges), **parts}


@measure("Days from arrest to referral", "days", "mean", "after NCSC measure 6, by day of referral")
def days_arrest_to_referral(history: History, edges: Days) -> Values:
    """Mean days from arrest to referral, of the referrals in the period."""
    a = history.arrests
    seen = ~np.isnan(a["referred"])
    return {"all": means(a["referred"][seen], (a["referred"] - a["arrested"])[seen], edges)}


@measure("Days from referral to admission", "days", "mean", "after NCSC measure 7, by day of admission")
def days_referral_to_admission(history: History, edges: Days) -> Values:
    """Mean days from referral to admission by the court, of the admissions in the period."""
    a = history.arrests
    seen = ~np.isnan(a["admitted"]) & ~np.isnan(a["referred"])
    return {"all": means(a["admitted"][seen], (a["admitted"] - a["referred"])[seen], edges)}


@measure("Days in the program", "days", "mean", "after NCSC measure 8, by day of exit")
def days_in_program(history: History, edges: Days) -> Values:
    """Mean days from admission to exit of an exit cohort without administrative closures."""
    stays = history.spans("court")
    words = np.array((*history.events.words, ""))
    way = words[stays.why_out]
    out = np.isfinite(stays.end) & (way != "administrative_closure")
    day, length, way = stays.end[out], (stays.end - stays.start)[out], way[out]
    parts = {f"exit={w}": means(day[way == w], length[way == w], edges) for w in np.unique(way)}
    return {"all": means(day, length, edges), **parts}


@measure("Exits from the program", "persons", "flow", "NCSC exit categories")
def program_exits(history: History, edges: Days) -> Values:
    """Exits in the period by the six types of exit."""
    _, day, why = history.days("court", "discharged")
    words = history.events.words
    parts = {f"exit={words[c]}": counts(day[why == c], edges) for c in np.unique(why)}
    return {"all": counts(day, edges), **parts}


@measure("Step-downs to outpatient care", "persons", "flow", "CoCo FACT evaluation plan")
def step_downs(history: History, edges: Days) -> Values:
    """People who completed the program and began outpatient care in the period."""
    _, day, _ = history.days("outpatient", "admitted")
    return {"all": counts(day, edges)}


@measure("Status hearings attended", "share", "share", "after NCSC measure 2, all hearings pooled")
def hearing_attendance(history: History, edges: Days) -> Values:
    """Attended over held status hearings in the period."""
    return attendance(history, edges, "hearing")


@measure("Therapy sessions attended", "share", "share", "after NCSC measure 3, all sessions pooled")
def therapy_attendance(history: History, edges: Days) -> Values:
    """Attended over scheduled sessions, by the day on which the review closed the span."""
    return attendance(history, edges, "therapy")


def attendance(history: History, edges: Days, service: str) -> Values:
    """Attended over scheduled sessions of one kind."""
    table = history.attendance
    ours = table["service"] == service
    day, scheduled, attended = (
        table[name][ours].astype(np.float64) for name in ("end", "scheduled", "attended")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"all": means(day, attended, edges) / means(day, scheduled, edges)}
