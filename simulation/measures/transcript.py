"""A simulated log written down as a county's records would be: calendar dates in the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.engine.eventlog import Events
from simulation.measures.history import Codes, Days, History, Ids, Mask, Spans
from simulation.measures.housing import KINDS, lived, without_address
from simulation.measures.program import CARE
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
        "participants": writer.participants(),
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


def only_where(mask: Mask, values: Any) -> NDArray[Any]:
    """Values, or one value, where the mask holds, and nothing elsewhere."""
    found = np.full(len(mask), None, dtype=object)
    found[mask] = np.broadcast_to(np.asarray(values, dtype=object), mask.shape)[mask]
    return found


class RecordWriter:
    """Writes one history as the tables of records."""

    def __init__(self, history: History, start: date) -> None:
        self.history = history
        self.start = np.datetime64(start, "D")
        self.words = np.array((*history.events.words, ""), dtype=object)

    def dated(self, days: Days) -> NDArray[Any]:
        """Calendar dates of days from the start; none for a day that was not seen."""
        seen = np.isfinite(days)
        dates = self.start + np.floor(np.where(seen, days, 0)).astype("timedelta64[D]")
        return np.asarray(np.where(seen, dates, np.datetime64("NaT")), dtype="datetime64[us]")

    def timed(self, days: Days) -> NDArray[Any]:
        """Calendar dates with the time of day, to the second."""
        seconds = np.round(days * 86_400).astype("timedelta64[s]")
        return np.asarray(self.start.astype("datetime64[s]") + seconds, dtype="datetime64[us]")

    def said(self, codes: Codes) -> NDArray[Any]:
        """The words of codes; none where there is no word."""
        words = self.words[codes]
        return only_where(words != "", words)

    def participants(self) -> pd.DataFrame:
        """Everyone referred to the court or in its program on day 0, a row a referral or stay."""
        stays = pd.concat([self._admitted(), self._refused()], ignore_index=True)
        stays = self._with_arrest(stays).sort_values(["admitted", "referred", "person"], ignore_index=True)
        person = stays["person"].to_numpy(dtype=np.int64)
        if not len(person):
            return pd.DataFrame()
        admitted, left = stays["admitted"].to_numpy(), stays["left"].to_numpy()
        return pd.DataFrame(
            {
                "person": person.astype(str),
                "arrest_date": self.dated(stays["arrested"].to_numpy()),
                "referral_date": self.dated(stays["referred"].to_numpy()),
                "decision_date": self.dated(stays["decided"].to_numpy()),
                "decision": stays["decision"],
                "decision_reason": stays["reason"],
                "admission_date": self.dated(admitted),
                "exit_date": self.dated(left),
                "exit_type": stays["way_out"],
                "living_at_entry": self._living(person, admitted),
                "living_at_exit": self._living(person, left),
                "charge_level": stays["charge"],
                "care": self._care(stays),
                **self._traits(person),
                "died": self._died(person),
            }
        )

    def _admitted(self) -> pd.DataFrame:
        """Stays in the program, with the day of their referral if it was seen."""
        history, stays = self.history, self.history.spans("court")
        waits = history.waits("court").only(history.ended_by("court", "admitted"))
        referred = pd.DataFrame({"person": waits.person, "admitted": waits.end, "referred": waits.start})
        found = pd.DataFrame({"person": stays.person, "admitted": stays.start, "left": stays.end})
        found = found.assign(way_out=self.said(stays.why_out), decision="admitted", reason=None)
        found = found.assign(decided=found["admitted"])
        return found.merge(referred, "left", on=["person", "admitted"])

    def _refused(self) -> pd.DataFrame:
        """Referrals that did not end in admission, or not yet."""
        history, every = self.history, self.history.waits("court")
        not_admitted = ~history.ended_by("court", "admitted")
        waits = every.only(not_admitted)
        declined = history.ended_by("court", "declined")[not_admitted]
        over = np.isfinite(waits.end)
        decision = only_where(over, np.where(declined, "declined", "left_waiting"))
        found = pd.DataFrame({"person": waits.person, "referred": waits.start, "decided": waits.end})
        found = found.assign(reason=self.said(waits.why_out), decision=decision)
        return found.assign(admitted=np.nan, left=np.nan, way_out=None)

    def _with_arrest(self, stays: pd.DataFrame) -> pd.DataFrame:
        """With the arrest that led to each referral; of who was there on day 0, to the admission."""
        arrests = pd.DataFrame(self.history.arrests)[["person", "arrested", "charge", "referred", "admitted"]]
        by_referral = arrests.dropna(subset=["referred"]).drop_duplicates(["person", "referred"])
        present = arrests[arrests["referred"].isna()].assign(admitted=arrests["arrested"])
        by_admission = present.drop_duplicates(["person", "admitted"])
        columns = ["person", "arrested", "charge"]
        first = stays.merge(by_referral[[*columns, "referred"]], "left", on=["person", "referred"])
        second = stays.merge(by_admission[[*columns, "admitted"]], "left", on=["person", "admitted"])
        return stays.assign(
            arrested=first["arrested"].fillna(second["arrested"]),
            charge=first["charge"].where(first["charge"].notna(), second["charge"]),
        )

    def _living(self, person: Ids, day: Days) -> NDArray[Any]:
        """Homeless or not on a day; none where there was no such day."""
        seen = np.isfinite(day)
        homeless = np.zeros(len(person), dtype=bool)
        if len(self.history.spans("homeless")):
            homeless = without_address(self.history, person, np.where(seen, day, 0.0))
        return only_where(seen, np.where(homeless, "homeless", "not_homeless"))

    def _care(self, stays: pd.DataFrame) -> NDArray[Any]:
        """The first care that began during each stay."""
        names = [name for prefix in CARE for name in self.history.matching(prefix)]
        spans = [(name, self.history.spans(name)) for name in names]
        begun = [
            pd.DataFrame({"person": s.person, "at": s.start, "care": name.split(".")[0]}) for name, s in spans
        ]
        asked = pd.DataFrame({"person": stays["person"], "at": stays["admitted"], "left": stays["left"]})
        asked = asked.dropna(subset=["at"]).sort_values("at", kind="stable")
        care = np.full(len(stays), None, dtype=object)
        if begun and len(asked):
            order = pd.concat(begun).assign(since=lambda frame: frame["at"]).sort_values("at", kind="stable")
            found = pd.merge_asof(asked, order, on="at", by="person", direction="forward")
            inside = found["since"].to_numpy() <= asked["left"].to_numpy()
            care[asked.index] = only_where(inside, found["care"])
        return care

    def _traits(self, person: Ids) -> Mapping[str, NDArray[Any]]:
        """What does not change about people."""

        def trait(column: str) -> NDArray[Any]:
            return self.history.traits(column, person)

        return {
            "criminogenic_risk": np.where(trait("criminogenic_risk"), "high", "low"),
            "functional_impairment": np.where(trait("functional_impairment"), "high", "low"),
            "co_occurring": trait("substance_use"),
            "sex": trait("sex"),
            "age_band": trait("age_band"),
            "race_ethnicity": trait("race_ethnicity"),
        }

    def _died(self, person: Ids) -> NDArray[Any]:
        who, day, why = self.history.days("county", "discharged")
        dead = why == self.history.events.code("death")
        days = pd.Series(day[dead], index=who[dead])
        return self.dated(days.reindex(person).to_numpy())

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
        spans = self._spans(stays, ("booked", "released")).assign(reason=self.said(stays.why_in))
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
        found = np.full(len(a["person"]), np.nan)
        who, day, _ = self.history.days("notice", "given")
        found[self.history.latest(a["person"], a["arrested"], who, day)] = day
        return found

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
        found = []
        for name, place in places.items():
            spans = self.history.spans(name)
            frame = self._spans(spans, ("start", "end"))
            team = name.removeprefix("fact.") if place == "fact" else None
            found.append(frame.assign(service=place, team=team, way_out=self.said(spans.why_out)))
        return pd.concat([frame for frame in found if len(frame)] or [pd.DataFrame()], ignore_index=True)

    def homes(self) -> pd.DataFrame:
        """Spans without a fixed address, shelter beds among them, and in the county's units."""
        spans = {kind: self.history.spans(kind) for kind in ROOFLESS}
        units = lived(self.history)
        for kind in KINDS:
            spans[kind] = units.only(units.why_in == self.history.events.code(kind))
        frames = [self._spans(one, ("start", "end")).assign(kind=kind) for kind, one in spans.items()]
        return pd.concat([frame for frame in frames if len(frame)] or [pd.DataFrame()], ignore_index=True)

    def posts(self) -> pd.DataFrame:
        """Who held which post of a team from when to when; each person has a code."""
        posts = {(post.service, post.number): post for post in self.history.events.posts}
        rows = [
            {
                "team": one.service.removeprefix("fact."),
                "role": one.role.replace("_", " "),
                "member": f"staff-{number}",
                "fte": posts[one.service, one.post].fte,
                "start": one.began,
                "end": one.ended,
                "clinician": posts[one.service, one.post].carries,
            }
            for number, one in enumerate(self.history.events.tenures)
            if one.service.startswith("fact.")
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
