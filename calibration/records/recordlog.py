"""A county's records written as an event log, so that the measures of a run are the measures of the records.

The inverse of ``simulation.measures.transcript``: tables of dates in, rows of days out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from simulation.engine.eventlog import Arrest, EventLog, Events
from simulation.measures.transcript import PLACES
from simulation.record import Records


def as_events(records: Records, start: date) -> Events:
    """The records as a log whose day 0 is ``start``."""
    log_writer = _Scribe(records, start)
    log = EventLog()
    for service, spans in log_writer.services():
        for person, first, last, why_in, why_out in spans:
            log.write(first, person, service, "admitted", why_in)
            if np.isfinite(last):
                log.write(last, person, service, "discharged", why_out)
    log_writer.court(log)
    log.arrests += log_writer.arrests()
    for row in log_writer.sessions():
        log.attended(*row)
    for traits in log_writer.people():
        log.enrol(traits)
    return log.read()


class _Scribe:
    """Writes one county's tables down as spans of days."""

    def __init__(self, records: Records, start: date) -> None:
        self.records, self.start = records, pd.Timestamp(start)
        names = [table["person"] for table in records.tables.values() if "person" in table.columns]
        every = pd.concat(names).dropna().astype(str)
        self.ids = {name: number for number, name in enumerate(sorted(every.unique()))}

    def days(self, column: pd.Series[Any]) -> list[float]:
        """Dates as days from the start, infinite for none."""
        elapsed = (column - self.start) / pd.Timedelta(days=1)
        return [float(day) for day in elapsed.fillna(np.inf)]

    def services(self) -> Iterator[tuple[str, list[tuple[int, float, float, str, str]]]]:
        """Every service with its spans: person, first and last day, why in, why out."""
        custody = self.records["custody"]
        ours = (custody["place"] == "jail") & custody["serious_mental_illness"].fillna(True).astype(bool)
        yield "jail", self._spans(custody[ours], ("booked", "released"), "reason", None)
        episodes = self.records["episodes"]
        for service, place in PLACES.items():
            some = episodes[episodes["service"] == place]
            yield service, self._spans(some, ("start", "end"), None, "way_out")
        teams = episodes[episodes["service"] == "fact"]
        for team, some in teams.groupby(teams["team"].fillna("all")):
            yield f"fact.{team}", self._spans(some, ("start", "end"), None, "way_out")

    def _spans(
        self, table: pd.DataFrame, ends: tuple[str, str], why_in: str | None, why_out: str | None
    ) -> list[tuple[int, float, float, str, str]]:
        """Rows in the order of person and day, as the log has them."""
        rows = zip(
            (self.ids[name] for name in table["person"].astype(str)),
            self.days(table[ends[0]]),
            self.days(table[ends[1]]),
            _words(table, why_in),
            _words(table, why_out),
            strict=True,
        )
        return sorted(rows)

    def court(self, log: EventLog) -> None:
        """Referrals, decisions, admissions and exits of participants."""
        table = self.records["participants"]
        days = {name: self.days(table[name]) for name in table.columns if name.endswith("_date")}
        rows = []
        for i, name in enumerate(table["person"].astype(str)):
            on = {key: column[i] for key, column in days.items()}
            decision, way_out = str(table["decision"].iloc[i]), str(table["exit_type"].iloc[i])
            rows.append(
                (self.ids[name], min(on["referral_date"], on["admission_date"]), on, decision, way_out)
            )
        for person, _, on, decision, way_out in sorted(rows, key=lambda row: row[:2]):
            steps = [(on["referral_date"], "referred", "")]
            steps.append((on["admission_date"], "admitted", ""))
            if np.isinf(on["admission_date"]) and decision in ("declined", "left_waiting"):
                steps.append((on["decision_date"], decision, ""))
            steps.append((on["exit_date"], "discharged", way_out))
            for day, what, why in steps:
                if np.isfinite(day):
                    log.write(day, person, "court", what, why)

    def arrests(self) -> list[Arrest]:
        """Arrests; to the one that led to a referral belong the days of referral and admission.

        Their time of day is cut, as that of a release is, lest the arrest that began a short stay follow it.
        """
        table, stays = self.records["arrests"], self.records["participants"]
        led = {
            (name, np.floor(day)): (referred, admitted)
            for name, day, referred, admitted in zip(
                stays["person"].astype(str),
                self.days(stays["arrest_date"]),
                self.days(stays["referral_date"]),
                self.days(stays["admission_date"]),
                strict=True,
            )
        }
        arrests = []
        for name, day, charge, booked in zip(
            table["person"].astype(str),
            self.days(table["arrested"]),
            _words(table, "charge_level"),
            table["booked"].fillna(True),
            strict=True,
        ):
            referred, admitted = led.pop((name, np.floor(day)), (np.nan, np.nan))
            arrests.append(
                Arrest(
                    self.ids[name],
                    float(np.floor(day)),
                    charge,
                    bool(booked),
                    referred=_nan(referred),
                    admitted=_nan(admitted),
                )
            )
        for (name, day), (referred, admitted) in led.items():
            if np.isfinite(day) and not len(table):
                arrests.append(
                    Arrest(self.ids[name], day, "", True, referred=_nan(referred), admitted=_nan(admitted))
                )
        return arrests

    def sessions(self) -> Iterator[tuple[tuple[float, float], int, str, tuple[int, int]]]:
        """Hearings and therapy sessions, excused ones left out of the scheduled."""
        table = self.records["attendance"]
        ends = zip(self.days(table["start"]), self.days(table["end"]), strict=True)
        scheduled = table["scheduled"] - table["excused"].fillna(0)
        counts = zip(scheduled.astype(int), table["attended"].astype(int), strict=True)
        for span, name, kind, pair in zip(
            ends, table["person"].astype(str), table["kind"], counts, strict=True
        ):
            yield span, self.ids[name], kind, pair

    def people(self) -> Iterator[tuple[Any, ...]]:
        """Traits of everyone, empty where the records have none."""
        first = self.records["participants"].drop_duplicates("person").set_index("person")
        for name, number in self.ids.items():
            row = first.loc[name] if name in first.index else None
            sex, age, race = ("" if row is None or pd.isna(row[c]) else str(row[c]) for c in TRAITS)
            yield number, sex, age, race, False, False, False, ""


TRAITS = ("sex", "age_band", "race_ethnicity")


def _words(table: pd.DataFrame, column: str | None) -> list[str]:
    return [""] * len(table) if column is None else list(table[column].fillna("").astype(str))


def _nan(day: float) -> float:
    return day if np.isfinite(day) else float("nan")
