"""A simulated log written down as a county's records would be: calendar dates in the same tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from simulation.engine.eventlog import Events
from simulation.measures.dating import Dating, only_where
from simulation.measures.history import Days, History, Mask, Spans
from simulation.measures.housing import KINDS, lived
from simulation.measures.transcript_participants import Participants
from simulation.record import Records

PLACES = {
    "inpatient": "hospital",
    "emergency_department": "psychiatric_emergency",
    "crisis": "crisis",
    "stabilization": "stabilization",
    "short_term_bed": "short_term_bed",
    "lower_intensity": "lower_intensity",
    "outpatient": "outpatient",
    "substance_use": "substance_use",
}
"""Services of the log by the place they are in the records; teams are ``fact``."""

ROOFLESS = ("homeless", "shelter")
NOTES = (
    "Of who was in the program on day 0, homeless at entry is the state on that day.",
    "Of who was in the program on day 0, hearings, sessions and earlier jail days are not on record.",
)


def transcript(events: Events, start: date, days: float) -> Records:
    """Records of a log that began on a calendar day and ran for some days.

    A time within a day is cut to its date, except of arrests. What nothing in the model produces stays
    empty: meetings, surveys, ratings, drug tests, scales and prescriptions.
    """
    history = History(events, days)
    writer = RecordWriter(history, start)
    tables = {
        "participants": Participants(history, start).table(),
        "arrests": writer.arrests(),
        "custody": writer.custody(),
        "attendance": writer.attendance(),
        "contacts": writer.contacts(),
        "episodes": writer.episodes(),
        "homes": writer.homes(),
        "posts": writer.posts(),
        "responses": writer.responses(),
    }
    until = start + timedelta(days=int(days))
    records = Records.of(tables, until, "simulation", NOTES)
    return replace(records, observed_from=pd.Timestamp(start))


class RecordWriter(Dating):
    """Writes the other tables of records from one history."""

    def arrests(self) -> pd.DataFrame:
        """Every arrest; when the jail gets prescriptions is not simulated."""
        a = self.history.arrests
        if not len(a["person"]):
            return pd.DataFrame()
        convicted = np.where(a["disposition"] == "convicted", a["disposed"], np.nan)
        return pd.DataFrame(
            {
                "person": a["person"].astype(str),
                "arrested": self.timed(a["arrested"]),
                "charge_level": a["charge"],
                "charge_date": self.dated(a["charged"]),
                "conviction_date": self.dated(convicted),
                "booked": a["booked"],
                "notified": self.timed(self._notified()),
                "time_known": True,
            }
        )

    def custody(self) -> pd.DataFrame:
        """Every jail stay; whoever left for diversion or was in treatment afterwards is connected to it."""
        stays = self.history.spans("jail")
        spans = self._spans(stays, ("booked", "released")).assign(reason=self.spelled(stays.why_in))
        diverted = self.words[stays.why_out] == "diverted"
        connected = only_where(np.isfinite(stays.end), diverted | self._linked(stays))
        return spans.assign(serious_mental_illness=True, connected_to_treatment=connected)

    def _linked(self, stays: Spans) -> Mask:
        """Which stays ended in a release that treatment followed."""
        rows = [self.history.days("reentry", what) for what in ("planned", "unplanned")]
        who, day, why = (np.concatenate(column) for column in zip(*rows, strict=True))
        linked = why == self.history.events.code("linked")
        at = self.history.latest(who[linked], day[linked], stays.person, stays.end)
        return np.asarray((at >= 0) & (np.append(day[linked], np.nan)[at] == stays.end))

    def _notified(self) -> Days:
        """For each arrest, the day on which the court's team was notified of it; nan if it was not."""
        a = self.history.arrests
        notified = np.full(len(a["person"]), np.nan)
        who, day, _ = self.history.days("notice", "given")
        notified[self.history.latest(a["person"], a["arrested"], who, day)] = day
        return notified

    def attendance(self) -> pd.DataFrame:
        """Hearings and therapy sessions, a row a review; excuses and groups are left out."""
        names = ("start", "end", "person", "kind", "scheduled", "attended")
        rows = [row for row in self.history.events.attendance if row[3] != "group"]
        table = pd.DataFrame(rows, columns=list(names))
        start = self.dated(table["start"].to_numpy(dtype=np.float64))
        end = self.dated(table["end"].to_numpy(dtype=np.float64))
        a_day = np.timedelta64(1, "D")
        return table.assign(
            person=table["person"].astype(str), start=start, end=np.maximum(end, start + a_day)
        )

    def contacts(self) -> pd.DataFrame:
        """Therapy sessions as service and hearings as supervision, by the month in which a review ended."""
        table = self.attendance()
        last = pd.Series(table["end"]) - pd.Timedelta(days=1)
        therapy = table["kind"] == "therapy"
        table["month"] = last.dt.to_period("M").dt.to_timestamp()
        table["services"] = table["attended"].where(therapy, 0)
        table["supervisions"] = table["attended"].where(~therapy, 0)
        names = ["services", "supervisions"]
        minutes = {
            self.history.level(team, "minutes_per_contact")[1][-1] for team in self.history.matching("fact.")
        }
        if minutes and max(minutes):
            table["minutes"] = np.round(table["services"] * max(minutes)).astype(np.int64)
            names.append("minutes")
        return table.groupby(["person", "month"], as_index=False)[names].sum()

    def episodes(self) -> pd.DataFrame:
        """Spans in care, crisis services and hospital."""
        places = PLACES | dict.fromkeys(self.history.matching("fact."), "fact")
        frames = []
        for name, place in places.items():
            spans = self.history.spans(name)
            frame = self._spans(spans, ("start", "end"))
            team = name.removeprefix("fact.") if place == "fact" else None
            frames.append(frame.assign(service=place, team=team, way_out=self.spelled(spans.why_out)))
        return pd.concat([frame for frame in frames if len(frame)] or [pd.DataFrame()], ignore_index=True)

    def homes(self) -> pd.DataFrame:
        """Spans without a fixed address, shelter beds among them, and in the county's units."""
        spans = {kind: self.history.spans(kind) for kind in ROOFLESS}
        units = lived(self.history)
        for kind in KINDS:
            spans[kind] = units.only(units.why_in == self.history.events.code(kind))
        frames = [self._spans(part, ("start", "end")).assign(kind=kind) for kind, part in spans.items()]
        return pd.concat([frame for frame in frames if len(frame)] or [pd.DataFrame()], ignore_index=True)

    def posts(self) -> pd.DataFrame:
        """Who held which post of a team from when to when; each person has a code."""
        posts = {(post.service, post.number): post for post in self.history.events.posts}
        rows = [
            {
                "team": tenure.service.removeprefix("fact."),
                "role": tenure.role.replace("_", " "),
                "member": f"staff-{number}",
                "fte": posts[tenure.service, tenure.post].fte,
                "start": tenure.began,
                "end": tenure.ended,
                "clinician": posts[tenure.service, tenure.post].carries,
            }
            for number, tenure in enumerate(self.history.events.tenures)
            if tenure.service.startswith("fact.")
        ]
        names = ["team", "role", "member", "fte", "start", "end", "clinician"]
        table = pd.DataFrame(rows, columns=names)
        dates = {name: self.dated(table[name].to_numpy(dtype=np.float64)) for name in ("start", "end")}
        return table.assign(**dates)

    def responses(self) -> pd.DataFrame:
        """Sanctions with jail, by the day it began, and without; incentives that brought a phase nearer."""
        code = self.history.events.code
        stays = self.history.spans("jail")
        stays = stays.only(stays.why_in == code("sanction"))
        persons, days, why = self.history.days("court", "sanctioned")
        milder = why == code("without_jail")
        rewarded, on, _ = self.history.days("court", "rewarded")
        parts = (
            (stays.person, stays.start, "sanction", "jail"),
            (persons[milder], days[milder], "sanction", "without jail"),
            (rewarded, on, "incentive", "next phase nearer"),
        )
        frames = [
            pd.DataFrame({"person": p.astype(str), "date": self.dated(d)}).assign(kind=kind, what=what)
            for p, d, kind, what in parts
        ]
        return pd.concat(frames, ignore_index=True)

    def _spans(self, spans: Spans, names: tuple[str, str]) -> pd.DataFrame:
        """Person and the two dates of spans."""
        start, end = names
        dates = {start: self.dated(spans.start), end: self.dated(spans.end)}
        return pd.DataFrame({"person": spans.person.astype(str), **dates})
