"""Every measure of the registry again, from the exported tables of one run, with pandas alone.

Written apart from the model: nothing here is imported from it, so that a table that lacks something, or a
measure that reads something that is not exported, shows as a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

Values = dict[str, pd.Series]
YEAR = 365.25
HOMES = ["supervised", "shared", "master_leased", "longer_term", "supportive"]
PROGRAM_HOMES, LASTING_HOMES = HOMES[:3], HOMES[3:]
MINUTE = 1e-4
"""Days, rounded: events that follow each other at once on one person are apart by less."""


@dataclass(frozen=True)
class Run:
    """The exported tables of one run, and the days on which its periods begin and end."""

    tables: dict[str, pd.DataFrame]
    horizon: float
    edges: list[float]
    services: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path, key: tuple[str, int, int], ends: tuple[str, str]) -> Run:
        """One run of a folder of results; ``ends`` are the first day and the first day after the last."""
        tables = {}
        for path in folder.glob("*.parquet"):
            table = pd.read_parquet(path)
            if {"draw", "scenario", "replication"} <= set(table) and path.stem != "monthly":
                of_run = (table[["scenario", "draw", "replication"]].astype(object) == list(key)).all(axis=1)
                words = dict.fromkeys(table.select_dtypes("category"), object)
                tables[path.stem] = table[of_run].astype(words).reset_index(drop=True)
        starts = pd.date_range(*ends, freq="MS")
        edges = [float(days) for days in (starts - starts[0]).days]
        named = {*tables["events"]["service"], *tables["capacities"]["service"]}
        return cls(tables, edges[-1], edges, tuple(sorted(named)))

    def with_edges(self, edges: list[float]) -> Run:
        """The same run by other periods."""
        return Run(self.tables, self.horizon, edges, self.services)

    def of_people(self, persons: pd.Series) -> Run:
        """The same run of some people only; capacities and posts are the whole county's."""
        tables = {
            name: table[table["person"].isin(persons)].reset_index(drop=True) if "person" in table else table
            for name, table in self.tables.items()
        }
        return Run(tables, self.horizon, self.edges, self.services)

    @cached_property
    def groups(self) -> dict[str, pd.Series]:
        """The people of each group that results are reported by."""
        people = self.tables["people"]
        level = {True: "high", False: "low"}
        risk, need = people["criminogenic_risk"].map(level), people["functional_impairment"].map(level)
        columns = {name: people[name] for name in ("sex", "age_band", "race_ethnicity")}
        columns["risk_need"] = risk + "_" + need
        return {
            f"{trait}={value}": people["person"][column == value]
            for trait, column in columns.items()
            for value in column.unique()
        }

    # --- Reading the tables

    def rows(self, service: str, *what: str) -> pd.DataFrame:
        """Events of a service of these kinds, in the order written, person by person."""
        events = self.tables["events"]
        kept = events[(events["service"] == service) & events["what"].isin(what)]
        return kept.sort_values("person", kind="stable")

    def spans(
        self, service: str, begin: str = "admitted", ends: tuple[str, ...] = ("discharged",)
    ) -> pd.DataFrame:
        """From an event of each person to the next one if that ends it; ``by`` is the event that did."""
        rows = self.rows(service, begin, *ends)
        following = rows.groupby("person")[["day", "what", "why"]].shift(-1)
        closed = following["what"].isin(ends)
        spans = pd.DataFrame(
            {
                "person": rows["person"],
                "start": rows["day"],
                "end": following["day"].where(closed, np.inf),
                "why_in": rows["why"],
                "why_out": following["why"].where(closed, None),
                "by": following["what"].where(closed, None),
            }
        )
        return spans[rows["what"] == begin].reset_index(drop=True)

    def waits(self, service: str) -> pd.DataFrame:
        """From referral to admission, refusal or giving up."""
        return self.spans(service, "referred", ("admitted", "declined", "left_waiting"))

    def named(self, prefix: str) -> list[str]:
        """Services whose names begin like this."""
        return [name for name in self.services if name.startswith(prefix)]

    def level(self, service: str, what: str) -> pd.DataFrame:
        """Days on which a capacity was set, and to what; 0 from the start if it never was."""
        table = self.tables["capacities"]
        rows = table[(table["service"] == service) & (table["what"] == what)][["day", "number"]]
        return rows if len(rows) else pd.DataFrame({"day": [0.0], "number": [0.0]})

    def last_level(self, service: str, what: str) -> float:
        """What a capacity was set to last."""
        return float(self.level(service, what)["number"].iloc[-1])

    # --- By period

    @property
    def lengths(self) -> pd.Series:
        """Days of each period."""
        return pd.Series(np.diff(self.edges))

    @property
    def nothing(self) -> pd.Series:
        """Nought in each period."""
        return 0.0 * self.lengths

    def period(self, days: pd.Series) -> pd.Series:
        """The number of the period in which each day falls; missing outside all of them."""
        days = days.astype(float).replace([np.inf, -np.inf], np.nan)
        return pd.cut(days, self.edges, right=False, labels=False)

    def count(self, days: pd.Series) -> pd.Series:
        """How many days fall in each period."""
        return self.period(days).value_counts().reindex(self.nothing.index, fill_value=0).astype(float)

    def mean(self, days: pd.Series, values: pd.Series) -> pd.Series:
        """The mean of the values whose day falls in each period."""
        values = pd.Series(values, dtype=float).reset_index(drop=True)
        days = days.reset_index(drop=True)
        return values.groupby(self.period(days)).mean().reindex(self.nothing.index)

    def days_inside(self, spans: pd.DataFrame) -> pd.Series:
        """Person-days of spans in each period."""
        low, high = np.array(self.edges[:-1]), np.array(self.edges[1:])
        start, end = spans["start"].to_numpy()[:, None], spans["end"].to_numpy()[:, None]
        return pd.Series(np.clip(np.minimum(end, high) - np.maximum(start, low), 0, None).sum(axis=0))

    def census(self, service: str) -> pd.Series:
        """Mean number of people in a service."""
        return self.days_inside(self.spans(service)) / self.lengths

    def queue(self, service: str) -> pd.Series:
        """Mean number of people waiting for a service."""
        return self.days_inside(self.waits(service)) / self.lengths

    def average(self, service: str, what: str) -> pd.Series:
        """The time-weighted mean of a capacity."""
        return self.average_of(self.level(service, what))

    def average_of(self, steps: pd.DataFrame) -> pd.Series:
        """The time-weighted mean of a number that changes in steps."""
        total = self.nothing
        until = steps["day"].shift(-1, fill_value=np.inf)
        for day, end, number in zip(steps["day"], until, steps["number"], strict=True):
            if number:
                total = total + number * self.days_inside(pd.DataFrame({"start": [day], "end": [end]}))
        return total / self.lengths

    def by_reason(self, rows: pd.DataFrame, label: str, blank: bool = True) -> Values:
        """Counts of events, all together and by reason; ``blank``: also of those without one."""
        parts = {
            f"{label}={why}": self.count(some["day"]) for why, some in rows.groupby("why") if why or blank
        }
        return {"all": self.count(rows["day"]), **parts}

    def wait_days(self, services: list[str]) -> pd.Series:
        """Mean wait of those admitted in each period."""
        waits = stacked(self.waits(name) for name in services)
        waits = waits[waits["by"] == "admitted"]
        return self.mean(waits["end"], waits["end"] - waits["start"])

    # --- People through time

    def latest(self, rows: pd.DataFrame, persons: pd.Series, days: pd.Series) -> pd.DataFrame:
        """For each person and day the last of ``rows`` (person, start) at or before it; missing if none."""
        asked = pd.DataFrame({"person": persons.to_numpy(), "asked": days.to_numpy(dtype=float)})
        asked = asked.reset_index().sort_values("asked", kind="stable")
        rows = rows.sort_values("start", kind="stable")
        found = pd.merge_asof(asked, rows, left_on="asked", right_on="start", by="person")
        return found.set_index("index").sort_index()

    def next_spans(self, spans: pd.DataFrame, persons: pd.Series, days: pd.Series) -> pd.DataFrame:
        """For each person and day the first of the spans that starts on or after it; missing if none."""
        asked = pd.DataFrame({"person": persons.to_numpy(), "asked": days.to_numpy(dtype=float)})
        asked = asked.reset_index().sort_values("asked", kind="stable")
        spans = spans.sort_values("start", kind="stable")
        found = pd.merge_asof(
            asked, spans, left_on="asked", right_on="start", by="person", direction="forward"
        )
        return found.set_index("index").sort_index()

    def day_within(self, stays: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
        """The day of an event within each stay (of several, the last); infinite if there was none."""
        stays = stays.assign(stay=range(len(stays)))
        at = self.latest(stays[["person", "start", "end", "stay"]], rows["person"], rows["day"])
        inside = at[at["end"] >= at["asked"]]
        days = inside.groupby("stay")["asked"].last()
        return days.reindex(range(len(stays))).fillna(np.inf).set_axis(stays.index)


def stacked(frames: object) -> pd.DataFrame:
    """Frames of the same columns one under another."""
    some = list(frames)  # type: ignore[call-overload]
    columns = ["person", "start", "end", "why_in", "why_out", "by"]
    full = [frame for frame in some if len(frame)]
    return (
        pd.concat(full, ignore_index=True)
        if full
        else pd.DataFrame({c: pd.Series(dtype=float) for c in columns})
    )


def summed(run: Run, parts: Values, label: str, prefix: str = "") -> Values:
    """All parts together, and each under its name."""
    named = {f"{label}={name.removeprefix(prefix)}": part for name, part in parts.items()}
    return {"all": sum(parts.values(), run.nothing), **named}


RECOMPUTED: dict[str, Callable[[Run], Values]] = {}


def recomputed(function: Callable[[Run], Values]) -> Callable[[Run], Values]:
    """Enter a measure under its name."""
    RECOMPUTED[function.__name__] = function
    return function


# --- Capacity


@recomputed
def found_no_place(run: Run) -> Values:
    slots = run.tables["capacities"].query("what == 'slots'")
    limited = sorted(slots["service"][np.isfinite(slots["number"])].unique())
    parts, every = {}, []
    for name in limited:
        waits = run.waits(name)
        full = (waits["end"] > waits["start"]) | ((waits["by"] == "declined") & (waits["why_out"] == "full"))
        every.append(waits.assign(full=full))
        parts[f"service={name}"] = run.mean(waits["start"], full)
    waits = pd.concat(every)
    return {"all": run.mean(waits["start"], waits["full"]), **parts}


VISITED = (
    *("crisis_line", "mobile_crisis", "stabilization"),
    *("short_term_bed", "emergency_department", "inpatient"),
)


def shared(run: Run) -> list[str]:
    """Services that other residents use."""
    noted = run.tables["capacities"].query("what == 'other_residents'")["service"]
    return [name for name in VISITED if name in set(noted)]


def everyone(run: Run, name: str) -> list[Run]:
    """The run of the simulated people, and that of other residents where they use a service."""
    others = Run(
        {**run.tables, "events": run.tables["other_residents"]}, run.horizon, run.edges, run.services
    )
    return [run, others] if name in shared(run) else [run]


def unknown_if_none(run: Run, parts: Values) -> Values:
    return summed(run, parts, "service") if parts else {"all": run.nothing + np.nan}


@recomputed
def service_visits(run: Run) -> Values:
    return summed(run, {name: run.count(run.rows(name, "admitted")["day"]) for name in VISITED}, "service")


@recomputed
def all_residents_visits(run: Run) -> Values:
    return unknown_if_none(
        run,
        {
            name: sum(r.count(r.rows(name, "admitted")["day"]) for r in everyone(run, name))
            for name in shared(run)
        },
    )


@recomputed
def all_residents_occupied(run: Run) -> Values:
    return unknown_if_none(
        run, {name: sum(r.census(name) for r in everyone(run, name)) for name in shared(run)}
    )


@recomputed
def all_residents_found_no_place(run: Run) -> Values:
    parts, every = {}, [pd.DataFrame({"start": [], "none": []})]
    for name in shared(run):
        waits = pd.concat([one.waits(name) for one in everyone(run, name)])
        full = (waits["by"] == "declined") & (waits["why_out"] == "full")
        every.append(waits.assign(none=(waits["end"] > waits["start"]) | full)[["start", "none"]])
        parts[f"service={name}"] = run.mean(every[-1]["start"], every[-1]["none"])
    pooled = pd.concat(every)
    return {"all": run.mean(pooled["start"], pooled["none"]), **parts}


@recomputed
def places_in_use(run: Run) -> Values:
    days, places = {}, {}
    for name in VISITED:
        if np.isfinite(run.level(name, "slots")["number"]).all():
            days[name] = sum(r.census(name) for r in everyone(run, name)) * run.lengths
            places[name] = run.average(name, "slots") * run.lengths
    parts = {f"service={name}": days[name] / places[name] for name in days}
    return {"all": sum(days.values()) / sum(places.values()), **parts}


@recomputed
def fact_census(run: Run) -> Values:
    return summed(run, {name: run.census(name) for name in run.named("fact.")}, "team", "fact.")


@recomputed
def fact_waiting(run: Run) -> Values:
    return summed(run, {name: run.queue(name) for name in run.named("fact.")}, "team", "fact.")


@recomputed
def fact_wait_days(run: Run) -> Values:
    return {"all": run.wait_days(run.named("fact."))}


@recomputed
def court_census(run: Run) -> Values:
    return {"all": run.census("court")}


@recomputed
def caseload_per_clinician(run: Run) -> Values:
    teams = run.named("fact.")
    enrolled = {name: run.census(name) for name in teams}
    posted = {name: run.average(name, "clinicians") for name in teams}
    parts = {f"team={name.removeprefix('fact.')}": enrolled[name] / posted[name] for name in teams}
    return {"all": sum(enrolled.values()) / sum(posted.values()), **parts}


@recomputed
def fact_vacancy(run: Run) -> Values:
    filled = sum(run.average(name, "clinicians") for name in run.named("fact."))
    return {"all": 1 - filled / sum(run.average(name, "posts") for name in run.named("fact."))}


# --- The court's program


@recomputed
def diversion_referrals(run: Run) -> Values:
    return {"all": run.count(run.rows("court", "referred")["day"])}


@recomputed
def referral_share(run: Run) -> Values:
    cases = run.tables["cases"]
    cases = cases[cases["charge"].isin(["felony", "misdemeanor"]) & cases["charged"].notna()]
    return {"all": run.mean(cases["charged"], cases["referred"].notna())}


@recomputed
def diversion_admissions(run: Run) -> Values:
    return run.by_reason(run.rows("court", "admitted"), "from")


@recomputed
def days_arrest_to_referral(run: Run) -> Values:
    cases = run.tables["cases"].dropna(subset="referred")
    return {"all": run.mean(cases["referred"], cases["referred"] - cases["arrested"])}


@recomputed
def days_referral_to_admission(run: Run) -> Values:
    cases = run.tables["cases"].dropna(subset=["referred", "admitted"])
    return {"all": run.mean(cases["admitted"], cases["admitted"] - cases["referred"])}


def exits(run: Run) -> pd.DataFrame:
    """Stays in the program that ended, without administrative closures."""
    stays = run.spans("court")
    return stays[np.isfinite(stays["end"]) & (stays["why_out"] != "administrative_closure")]


@recomputed
def days_in_program(run: Run) -> Values:
    stays = exits(run)
    length = stays["end"] - stays["start"]
    parts = {
        f"exit={way}": run.mean(some["end"], length[some.index]) for way, some in stays.groupby("why_out")
    }
    return {"all": run.mean(stays["end"], length), **parts}


@recomputed
def program_exits(run: Run) -> Values:
    return run.by_reason(run.rows("court", "discharged"), "exit")


@recomputed
def step_downs(run: Run) -> Values:
    return {"all": run.count(run.rows("outpatient", "admitted")["day"])}


def attended(run: Run, kind: str) -> Values:
    """Attended over scheduled sessions of one kind."""
    rows = run.tables["attendance"].query("service == @kind")
    return {"all": run.mean(rows["end"], rows["attended"]) / run.mean(rows["end"], rows["scheduled"])}


@recomputed
def hearing_attendance(run: Run) -> Values:
    return attended(run, "hearing")


@recomputed
def therapy_attendance(run: Run) -> Values:
    return attended(run, "therapy")


@recomputed
def group_attendance(run: Run) -> Values:
    return attended(run, "group")


# --- The docket, reports, sanctions, competence


@recomputed
def hearings_held(run: Run) -> Values:
    return run.by_reason(run.rows("docket", "admitted"), "kind")


@recomputed
def docket_wait_days(run: Run) -> Values:
    return {"all": run.wait_days(["docket"])}


@recomputed
def docket_waiting(run: Run) -> Values:
    return {"all": run.queue("docket")}


@recomputed
def hearings_dropped(run: Run) -> Values:
    return {"all": run.count(run.rows("docket", "left_waiting")["day"])}


def docket_days(run: Run) -> pd.DataFrame:
    """Days and slots on offer."""
    return run.tables["capacities"].query("service == 'docket' and what == 'held'")


@recomputed
def docket_load(run: Run) -> Values:
    days = docket_days(run)
    offered = days["number"].groupby(run.period(days["day"])).sum().reindex(run.nothing.index, fill_value=0)
    return {"all": run.count(run.rows("docket", "admitted")["day"]) / offered}


@recomputed
def docket_days_lost(run: Run) -> Values:
    days = docket_days(run)
    return {"all": run.count(days["day"][days["number"] == 0]) / run.count(days["day"])}


@recomputed
def reports_filed(run: Run) -> Values:
    return run.by_reason(run.rows("reporting", "filed"), "when")


@recomputed
def reports_on_time(run: Run) -> Values:
    rows = run.rows("reporting", "filed")
    return {"all": run.mean(rows["day"], rows["why"] == "on_time")}


@recomputed
def evaluations_late(run: Run) -> Values:
    late, done = (
        {name: run.count(run.rows(name, what)["day"]) for name in ("evaluation", "assessment")}
        for what in ("late", "discharged")
    )
    parts = {f"report={name}": late[name] / done[name] for name in late}
    return {"all": sum(late.values()) / sum(done.values()), **parts}


@recomputed
def diversion_refusals(run: Run) -> Values:
    return run.by_reason(run.rows("court", "refused", "declined", "left_waiting"), "reason")


@recomputed
def bench_warrants(run: Run) -> Values:
    issued, returned, terminated = (
        run.count(run.rows("warrant", what)["day"]) for what in ("issued", "returned", "terminated")
    )
    return {"all": issued, "then=returned": returned, "then=terminated": terminated}


@recomputed
def sanctions(run: Run) -> Values:
    return run.by_reason(run.rows("court", "sanctioned"), "kind")


@recomputed
def incentives(run: Run) -> Values:
    return {"all": run.count(run.rows("court", "rewarded")["day"])}


@recomputed
def competency_census(run: Run) -> Values:
    everyone, restored, waiting = (
        run.census("competency"),
        run.census("restoration"),
        run.queue("restoration"),
    )
    return {
        "all": everyone,
        "state=waiting": waiting,
        "state=in_restoration": restored,
        "state=in_evaluation": everyone - waiting - restored,
    }


@recomputed
def restoration_wait_days(run: Run) -> Values:
    return {"all": run.wait_days(["restoration"])}


# --- Crisis


@recomputed
def crisis_contacts(run: Run) -> Values:
    crises = run.spans("crisis")
    ended = crises["why_out"].fillna("unfinished")
    parts = {f"ended={way}": run.count(some["start"]) for way, some in crises.groupby(ended)}
    return {"all": run.count(crises["start"]), **parts}


@recomputed
def crisis_profile(run: Run) -> Values:
    start = run.spans("crisis")["start"]
    hour = np.floor(start % 1 * 24 + 1e-9)
    weekday = (np.floor(start) + run.last_level("calendar", "first_weekday")) % 7
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return {
        "all": run.count(start),
        **{f"hour={number:02d}": run.count(start[hour == number]) for number in range(24)},
        **{f"weekday={name}": run.count(start[weekday == number]) for number, name in enumerate(names)},
    }


@recomputed
def police_responses(run: Run) -> Values:
    return run.by_reason(run.rows("police", "dispatched"), "by", blank=False)


@recomputed
def mobile_responses(run: Run) -> Values:
    return run.by_reason(run.rows("mobile_crisis", "admitted"), "from", blank=False)


@recomputed
def mobile_share(run: Run) -> Values:
    teams, police = mobile_responses(run)["all"], police_responses(run)["all"]
    return {"all": teams / (teams + police)}


@recomputed
def mobile_response_hours(run: Run) -> Values:
    arrived = run.rows("mobile_crisis", "arrived")
    asked = run.latest(run.waits("mobile_crisis"), arrived["person"], arrived["day"])
    return {"all": run.mean(asked["asked"], (asked["asked"] - asked["start"]) * 24)}


@recomputed
def crisis_arrests(run: Run) -> Values:
    return run.by_reason(run.rows("crisis", "arrested"), "by", blank=False)


@recomputed
def crisis_refusals(run: Run) -> Values:
    rows = pd.concat([run.rows(name, "declined") for name in ("stabilization", "short_term_bed")])
    return run.by_reason(rows, "why", blank=False)


@recomputed
def ed_boarding_hours(run: Run) -> Values:
    return {"all": 24 * run.days_inside(run.waits("inpatient").query("why_in == 'boarding'"))}


@recomputed
def crisis_beds_occupied(run: Run) -> Values:
    places = ("stabilization", "short_term_bed", "emergency_department", "inpatient")
    return summed(run, {name: run.census(name) for name in places}, "in")


@recomputed
def psychiatric_readmission_30d(run: Run) -> Values:
    stays = run.spans("inpatient")
    left = run.spans("county").groupby("person")["end"].max()
    ended = stays[(stays["end"] >= 0) & (stays["end"] < left.reindex(stays["person"]).to_numpy())]
    ended = ended[["person", "end"]].rename(columns={"end": "day"}).reset_index(drop=True)
    again = [
        ((stays["person"] == person) & (stays["start"] > day) & (stays["start"] <= day + 30)).any()
        for person, day in zip(ended["person"], ended["day"], strict=True)
    ]
    ended = ended.assign(struck=np.array(again, dtype=bool), known=ended["day"] + 30 < run.horizon)
    return {"all": share_of_cohort(run, ended)}


@recomputed
def hospital_days_per_person_year(run: Run) -> Values:
    stays, members = run.spans("inpatient"), stacked(run.spans(name) for name in run.named("fact."))
    both = stays.merge(members, on="person", suffixes=("", "_member"))
    both["start"] = both[["start", "start_member"]].max(axis=1)
    both["end"] = both[["end", "end_member"]].min(axis=1)
    return {
        "all": YEAR * run.days_inside(stays) / run.days_inside(run.spans("county")),
        "care=fact": YEAR * run.days_inside(both[both["end"] > both["start"]]) / run.days_inside(members),
    }


@recomputed
def crises_top_5pct(run: Run) -> Values:
    crises, values = run.spans("crisis"), []
    for low, high in zip(run.edges[:-1], run.edges[1:], strict=True):
        begun = crises[(crises["start"] >= low) & (crises["start"] < high)]
        number = begun.groupby("person").size()
        top = number.nlargest(len(number) // 20)
        values.append(top.sum() / number.sum() if len(top) else np.nan)
    return {"all": pd.Series(values)}


@recomputed
def hospital_days(run: Run) -> Values:
    return {"all": run.days_inside(run.spans("inpatient"))}


@recomputed
def emergency_visits(run: Run) -> Values:
    return {"all": run.count(run.rows("emergency_department", "admitted")["day"])}


# --- FACT's groups and crises of members


@recomputed
def group_census(run: Run) -> Values:
    return summed(run, {name: run.census(name) for name in run.named("group.")}, "group", "group.")


@recomputed
def group_waiting(run: Run) -> Values:
    return summed(run, {name: run.queue(name) for name in run.named("group.")}, "group", "group.")


@recomputed
def group_completions(run: Run) -> Values:
    done = {name: run.spans(name).query("why_out == 'completed'")["end"] for name in run.named("group.")}
    return summed(run, {name: run.count(days) for name, days in done.items()}, "group", "group.")


@recomputed
def own_team_crises(run: Run) -> Values:
    crises, parts, every = run.spans("crisis"), {}, []
    for team in run.named("fact."):
        at = run.latest(run.spans(team)[["person", "start", "end"]], crises["person"], crises["start"])
        members = at[at["end"] > at["asked"]]
        answered = run.rows(team, "answered")
        known = set(zip(answered["person"], answered["day"], strict=True))
        pairs = zip(members["person"], members["asked"], strict=True)
        members = members.assign(answered=[float(pair in known) for pair in pairs])
        parts[f"team={team.removeprefix('fact.')}"] = run.mean(members["asked"], members["answered"])
        every.append(members)
    members = pd.concat(every)
    return {"all": run.mean(members["asked"], members["answered"]), **parts}


# --- Homes


def kinds(run: Run) -> list[str]:
    """Kinds of homes that the county has, or that somebody waits for."""
    return [kind for kind in HOMES if len(run.waits(kind)) or run.level(kind, "slots")["number"].any()]


def first_lists(run: Run, kind: str) -> pd.DataFrame:
    """Waits for a kind of home by those who prefer it."""
    return run.waits(kind).query("why_in != 'also'")


@recomputed
def housing_occupied(run: Run) -> Values:
    return summed(run, {kind: run.census(kind) for kind in kinds(run)}, "home")


@recomputed
def housing_waiting(run: Run) -> Values:
    return summed(
        run, {kind: run.days_inside(first_lists(run, kind)) / run.lengths for kind in kinds(run)}, "home"
    )


@recomputed
def housing_units_needed(run: Run) -> Values:
    held, waiting = housing_occupied(run), housing_waiting(run)
    needed = {
        kind: held[f"home={kind}"] + (0 if kind == "longer_term" else waiting[f"home={kind}"])
        for kind in kinds(run)
    }
    return summed(run, needed, "home")


def quantile_of_need(run: Run, quantile: float) -> Values:
    """A quantile of the homes needed at noon of each day, by kinds."""

    def of(some: list[str]) -> pd.Series:
        spans = [run.spans(kind) for kind in some]
        spans += [first_lists(run, kind) for kind in some if kind != "longer_term"]
        every = stacked(spans)
        start, end = np.sort(every["start"].to_numpy(float)), np.sort(every["end"].to_numpy(float))
        values = []
        for low, high in zip(run.edges[:-1], run.edges[1:], strict=True):
            noon = np.arange(low, high) + 0.5
            need = np.searchsorted(start, noon, "right") - np.searchsorted(end, noon, "right")
            values.append(pd.Series(need).quantile(quantile))
        return pd.Series(values, dtype=float)

    return {"all": of(kinds(run)), **{f"home={kind}": of([kind]) for kind in kinds(run)}}


@recomputed
def housing_need_peak(run: Run) -> Values:
    return quantile_of_need(run, 1.0)


@recomputed
def housing_need_90(run: Run) -> Values:
    return quantile_of_need(run, 0.9)


@recomputed
def housing_wait_days(run: Run) -> Values:
    some = kinds(run)
    program = [kind for kind in some if kind in PROGRAM_HOMES] or some
    return {"all": run.wait_days(program), **{f"home={kind}": run.wait_days([kind]) for kind in some}}


@recomputed
def homes_lost(run: Run) -> Values:
    ended = stacked(run.spans(kind) for kind in HOMES)
    reasons = ("lost", "landlord", "long_jail_stay", "grace_over")
    return summed(run, {why: run.count(ended["end"][ended["why_out"] == why]) for why in reasons}, "why")


def lived(run: Run) -> pd.DataFrame:
    """From moving into each home to the next or to leaving the county: person, start, end, home, then."""
    moves = run.rows("home", "moved").reset_index(drop=True)
    by_person = moves.groupby("person")
    there = run.latest(run.spans("county")[["person", "start", "end"]], moves["person"], moves["day"])
    return pd.DataFrame(
        {
            "person": moves["person"],
            "start": moves["day"],
            "end": by_person["day"].shift(-1).fillna(there["end"].reset_index(drop=True)).fillna(np.inf),
            "home": moves["why"],
            "then": by_person["why"].shift(-1),
        }
    )


@recomputed
def housing_moves_up(run: Run) -> Values:
    spells = lived(run)
    to_home, to_lasting = spells["then"].isin(HOMES), spells["then"].isin(LASTING_HOMES)
    up = {
        "off_the_street": (spells["home"] == "none") & to_home,
        "to_a_lasting_home": spells["home"].isin(PROGRAM_HOMES) & to_lasting,
    }
    return summed(run, {name: run.count(spells["end"][mask]) for name, mask in up.items()}, "step")


@recomputed
def tenancies_kept_1y(run: Run) -> Values:
    units = lived(run)
    units = units[units["home"].isin(HOMES)].reset_index(drop=True)
    before = units.groupby("person")["end"].shift()
    tenancy = (before != units["start"]).cumsum()
    by_tenancy = units.groupby(tenancy)
    start, end = by_tenancy["start"].first(), by_tenancy["end"].last()
    then = by_tenancy["then"].nth(-1).set_axis(start.index)
    kept = end - start >= YEAR
    known = (start + YEAR <= run.horizon) & (kept | then.notna())
    return {"all": run.mean(start[known], kept[known])}


@recomputed
def homeless(run: Run) -> Values:
    everyone, shelter = run.census("homeless"), run.census("shelter")
    street = (everyone - shelter).clip(lower=0)
    spells = run.spans("homeless")
    kinds = {
        f"spell={kind}": run.days_inside(spells.query("why_in == @kind")) / run.lengths
        for kind in ("transitional", "chronic")
        if (spells["why_in"] == kind).any()
    }
    return {"all": everyone, "where=shelter": shelter, "where=street_or_jail": street, **kinds}


@recomputed
def homelessness_begun(run: Run) -> Values:
    spells = run.spans("homeless").query("start > 0").reset_index(drop=True)
    releases = run.rows("jail", "discharged").rename(columns={"day": "start"})[["person", "start"]]
    releases = releases.assign(released=releases["start"])
    last = run.latest(releases, spells["person"], spells["start"])
    after = (last["asked"] - last["released"]) <= 90
    values = {
        "all": run.count(spells["start"]),
        "after=jail": run.count(spells["start"][after.to_numpy()]),
    }
    for kind in ("transitional", "chronic"):
        if (run.spans("homeless")["why_in"] == kind).any():
            values[f"spell={kind}"] = run.count(spells["start"][spells["why_in"] == kind])
    return values


@recomputed
def homeless_at_exit(run: Run) -> Values:
    stays = exits(run).reset_index(drop=True)
    spells = run.spans("homeless")[["person", "start", "end"]]

    def without_address(days: pd.Series) -> pd.Series:
        at = run.latest(spells, stays["person"], days.clip(lower=0))
        return at["end"] > at["asked"]

    return {
        "all": run.mean(stays["end"], without_address(stays["end"])),
        "at=entry": run.mean(stays["end"], without_address(stays["start"])),
    }


# --- Jail


@recomputed
def arrests(run: Run) -> Values:
    return {"all": run.count(run.tables["cases"]["arrested"])}


@recomputed
def bookings(run: Run) -> Values:
    stays = run.spans("jail")
    everyone = run.count(stays["start"])
    parts = {f"booked_for={why}": run.count(some["start"]) for why, some in stays.groupby("why_in")}
    background = run.last_level("jail", "background_bookings") * run.lengths
    return {"all": everyone, "total": everyone + background, **parts}


def jail_waits(run: Run) -> pd.DataFrame:
    """From a grant of diversion in custody to the release, or to a sentence that comes first."""
    granted = run.rows("court", "admitted").query("why == 'in_custody'").reset_index(drop=True)
    stays = run.spans("jail")[["person", "start", "end"]]
    there = run.latest(stays, granted["person"], granted["day"] - MINUTE)
    sentenced = run.rows("jail", "sentenced").rename(columns={"day": "start"})[["person", "start"]]
    sentence = run.next_spans(sentenced, granted["person"], granted["day"])["start"]
    end = pd.concat([there["end"], sentence], axis=1).min(axis=1)
    return pd.DataFrame({"person": granted["person"], "start": granted["day"], "end": end})


@recomputed
def jail_days(run: Run) -> Values:
    stays = run.spans("jail")
    on_order, committed = stays["why_in"].isin(["sanction", "warrant"]), stays["why_in"] == "commitment"
    on_charge = ~on_order & ~committed
    sentenced = run.day_within(stays, run.rows("jail", "sentenced"))
    granted = run.day_within(stays, run.rows("court", "admitted").query("why == 'in_custody'"))
    unfit = run.day_within(stays, run.rows("restoration", "referred"))
    heard = pd.concat([stays["end"], sentenced, granted, unfit], axis=1).min(axis=1)
    served = on_charge & np.isfinite(sentenced)
    serving = pd.concat([stays[served].assign(start=sentenced[served]), stays[committed]])
    parts = {
        "awaiting_court": stays[on_charge].assign(end=heard[on_charge]),
        "waiting_for_slot": jail_waits(run),
        "awaiting_restoration": run.waits("restoration"),
        "serving": serving,
        "sanction": stays[on_order],
    }
    return {
        "all": run.days_inside(stays),
        **{f"for={name}": run.days_inside(part) for name, part in parts.items()},
    }


@recomputed
def jail_days_waiting_for_slot(run: Run) -> Values:
    return {"all": run.days_inside(jail_waits(run))}


@recomputed
def jail_adp(run: Run) -> Values:
    people = {name: days / run.lengths for name, days in jail_days(run).items()}
    return {**people, "total": people["all"] + run.last_level("jail", "background_population")}


@recomputed
def jail_stay(run: Run) -> Values:
    return {"all": jail_days(run)["all"] / bookings(run)["all"]}


@recomputed
def jail_stay_median(run: Run) -> Values:
    stays = run.spans("jail")
    length = stays["end"] - stays["start"]
    return {"all": length.groupby(run.period(stays["end"])).median().reindex(run.nothing.index)}


@recomputed
def jail_days_top_5pct(run: Run) -> Values:
    stays, values = run.spans("jail"), []
    for low, high in zip(run.edges[:-1], run.edges[1:], strict=True):
        days = (stays["end"].clip(upper=high) - stays["start"].clip(lower=low)).clip(lower=0)
        by_person = days.groupby(stays["person"]).sum()
        by_person = by_person[by_person > 0]
        top = by_person.nlargest(len(by_person) // 20)
        values.append(top.sum() / by_person.sum() if len(top) else np.nan)
    return {"all": pd.Series(values)}


@recomputed
def days_above_rated_beds(run: Run) -> Values:
    beds, others = run.last_level("jail", "rated_beds"), run.last_level("jail", "background_population")
    stays, noons = run.spans("jail"), pd.Series(np.arange(0.5, run.horizon))
    starts, ends = np.sort(stays["start"]), np.sort(stays["end"])
    there = np.searchsorted(starts, noons, "right") - np.searchsorted(ends, noons, "right")
    return {"all": run.count(noons[(there + others > beds) & (beds > 0)])}


# --- What the jail does


def booked_on_arrest(run: Run) -> pd.DataFrame:
    """Stays that began with an arrest, from day 0 on."""
    stays = run.spans("jail")
    of_order = stays["why_in"].isin(["sanction", "warrant", "commitment"])
    return stays[(stays["start"] >= 0) & ~of_order].reset_index(drop=True)


@recomputed
def identified(run: Run) -> Values:
    stays = booked_on_arrest(run)

    def happened(rows: pd.DataFrame) -> pd.Series:
        return np.isfinite(run.day_within(stays, rows))

    screen = happened(run.rows("screening", "discharged").query("why == 'identified'"))
    parts = {"by=screen": screen}
    for way in ("records", "care", "noticed"):
        rows = run.rows("jail", "identified")
        parts[f"by={way}"] = happened(rows[rows["why"] == way]) & ~screen
    found = pd.concat(parts, axis=1).any(axis=1)
    return {name: run.mean(stays["start"], mask) for name, mask in {"all": found, **parts}.items()}


@recomputed
def screen_positives(run: Run) -> Values:
    right = run.count(run.rows("screening", "discharged").query("why == 'identified'")["day"])
    steps = run.level("screening", "specificity")
    missed = run.average_of(steps.assign(number=1 - steps["number"]))
    wrong = run.last_level("jail", "background_bookings") * run.lengths * missed
    return {"all": right + wrong, "right": right, "wrong": wrong}


@recomputed
def screen_positives_right(run: Run) -> Values:
    values = screen_positives(run)
    return {"all": values["right"] / values["all"]}


@recomputed
def team_notified(run: Run) -> Values:
    stays = booked_on_arrest(run)
    enrolled = pd.Series(False, index=stays.index)
    for name in [*run.named("fact."), *run.named("lower_intensity")]:
        care = run.latest(run.spans(name)[["person", "start", "end"]], stays["person"], stays["start"])
        enrolled |= care["end"] >= care["asked"]
    stays = stays[enrolled].reset_index(drop=True)
    delay = run.day_within(stays, run.rows("notice", "given")) - stays["start"] - 1 / 86400
    return {"all": run.mean(stays["start"], delay <= 2), "within=24h": run.mean(stays["start"], delay <= 1)}


@recomputed
def in_reach_visits(run: Run) -> Values:
    return {"all": run.count(run.rows("in_reach", "visited")["day"])}


@recomputed
def medication_continued(run: Run) -> Values:
    rows = run.rows("medication", "continued", "interrupted")
    return {"all": run.mean(rows["day"], rows["what"] == "continued")}


@recomputed
def reentry_planned(run: Run) -> Values:
    rows = run.rows("reentry", "planned", "unplanned")
    return {"all": run.mean(rows["day"], rows["what"] == "planned")}


@recomputed
def linked_after_release(run: Run) -> Values:
    every = run.rows("reentry", "planned", "unplanned")
    parts = {f"plan={what}": every[every["what"] == what] for what in ("planned", "unplanned")}
    return {
        name: run.mean(rows["day"], rows["why"] == "linked") for name, rows in {"all": every, **parts}.items()
    }


# --- Re-offending


def struck_within(run: Run, cohort: pd.DataFrame, cases: pd.DataFrame, window: float) -> pd.Series:
    """Who is arrested after the day and within the window."""
    first = pd.merge_asof(
        cohort.reset_index().sort_values("day"),
        cases[["person", "arrested"]].sort_values("arrested"),
        left_on="day",
        right_on="arrested",
        by="person",
        direction="forward",
        allow_exact_matches=False,
    ).set_index("index")
    return (first["arrested"] <= first["day"] + window).reindex(cohort.index)


def share_of_cohort(run: Run, cohort: pd.DataFrame) -> pd.Series:
    """The share struck among those followed up; missing if they are at most a tenth of all."""
    values = []
    for low, high in zip(run.edges[:-1], run.edges[1:], strict=True):
        inside = cohort[(cohort["day"] >= low) & (cohort["day"] < high)]
        followed = inside[inside["known"]]
        enough = len(inside) and len(followed) / len(inside) > 0.1
        values.append(followed["struck"].mean() if enough else np.nan)
    return pd.Series(values, dtype=float)


def after_release(run: Run, cases: pd.DataFrame, window: float, settled: float = 0.0) -> Values:
    """The share struck of each person's first release in each year of the run."""
    stays = run.spans("jail")
    out = stays[(stays["end"] >= 0) & (stays["end"] < run.horizon) & (stays["why_out"] != "restoration")]
    out = out.sort_values(["person", "end"]).rename(columns={"end": "day"})
    out = out.assign(year=np.floor(out["day"] / YEAR)).drop_duplicates(["person", "year"])
    out = out[["person", "day"]].reset_index(drop=True)
    known = out["day"] + window + settled <= run.horizon
    return {
        "all": share_of_cohort(run, out.assign(struck=struck_within(run, out, cases, window), known=known))
    }


def after_program(run: Run, window: float) -> Values:
    """The share of an exit cohort convicted of an arrest within the window."""
    cases = run.tables["cases"].query("disposition == 'convicted' and charge != 'violation'")
    out = exits(run).rename(columns={"end": "day"})[["person", "day", "why_out"]].reset_index(drop=True)
    known = out["day"] + window + YEAR <= run.horizon
    out = out.assign(struck=struck_within(run, out, cases, window), known=known)
    parts = {f"exit={way}": some for way, some in out.groupby("why_out")}
    parts["completed=no"] = out[out["why_out"] != "success"]
    return {name: share_of_cohort(run, some) for name, some in {"all": out, **parts}.items()}


@recomputed
def rearrest_1y(run: Run) -> Values:
    return after_release(run, run.tables["cases"], YEAR)


@recomputed
def rearrest_2y(run: Run) -> Values:
    return after_release(run, run.tables["cases"], 2 * YEAR)


@recomputed
def reconviction_1y(run: Run) -> Values:
    return after_program(run, YEAR)


@recomputed
def reconviction_2y(run: Run) -> Values:
    return after_program(run, 2 * YEAR)


@recomputed
def reconviction_3y(run: Run) -> Values:
    cases = run.tables["cases"]
    crimes = cases[cases["charge"].isin(["felony", "misdemeanor"]) & (cases["disposition"] == "convicted")]
    return after_release(run, crimes, 3 * YEAR, YEAR)


# --- Staff and teams


def by_role(run: Run, value: Callable[[pd.DataFrame, pd.DataFrame], pd.Series]) -> Values:
    """A value of posts and tenures, of all roles and of each."""
    posts, tenures = run.tables["posts"], run.tables["tenures"]
    parts = {
        f"role={role}": value(posts[posts["role"] == role], tenures[tenures["role"] == role])
        for role in sorted(posts["role"].unique())
    }
    return {"all": value(posts, tenures), **parts}


def weighted_days(run: Run, spans: pd.DataFrame) -> pd.Series:
    """FTE-days of spans with columns start, end (missing: not ended) and fte."""
    total = run.nothing
    for fte, some in spans.groupby("fte"):
        total = total + float(fte) * run.days_inside(some.fillna({"end": np.inf}))  # type: ignore[arg-type]
    return total


@recomputed
def posts_vacant(run: Run) -> Values:
    fte = run.tables["posts"].rename(columns={"number": "post"})[["service", "post", "fte"]]

    def vacant(posts: pd.DataFrame, tenures: pd.DataFrame) -> pd.Series:
        existed = weighted_days(run, posts.rename(columns={"opened": "start", "closed": "end"}))
        held = tenures.rename(columns={"began": "start", "ended": "end"}).merge(fte, on=["service", "post"])
        return 1 - weighted_days(run, held) / existed

    return by_role(run, vacant)


@recomputed
def staff_departures(run: Run) -> Values:
    return by_role(run, lambda posts, tenures: run.count(tenures["ended"]))


@recomputed
def tenure_days(run: Run) -> Values:
    left = run.tables["tenures"].dropna(subset="ended")
    return {"all": run.mean(left["ended"], left["ended"] - left["began"])}


@recomputed
def fact_contacts(run: Run) -> Values:
    reviews = run.tables["attendance"].query("service == 'therapy'").reset_index(drop=True)
    team = pd.Series(None, index=reviews.index, dtype=object)
    for name in run.named("fact."):
        at = run.latest(run.spans(name)[["person", "start", "end"]], reviews["person"], reviews["end"])
        team[at["end"] >= at["asked"]] = name
    weeks = (reviews["end"] - reviews["start"]) / 7

    def rate(mask: pd.Series) -> pd.Series:
        kept = run.mean(reviews["end"][mask], reviews["attended"][mask])
        return kept / run.mean(reviews["end"][mask], weeks[mask])

    parts = {f"team={name.removeprefix('fact.')}": rate(team == name) for name in run.named("fact.")}
    return {"all": rate(team.notna()), **parts}


@recomputed
def fact_minutes(run: Run) -> Values:
    lengths = run.tables["capacities"].query("what == 'minutes_per_contact'")["number"]
    minutes = lengths.iloc[0] if len(lengths) else np.nan
    return {name: rate * minutes for name, rate in fact_contacts(run).items()}


def team_level(run: Run, what: str) -> Values:
    """The mean of a level of each team, and of all teams alike."""
    known = set(run.tables["capacities"].query("what == @what")["service"])
    teams = [name for name in run.named("fact.") if name in known]
    parts = {f"team={name.removeprefix('fact.')}": run.average(name, what) for name in teams}
    return {"all": pd.concat(parts, axis=1).mean(axis=1) if parts else np.nan * run.nothing, **parts}


@recomputed
def fact_fidelity(run: Run) -> Values:
    return team_level(run, "fidelity")


@recomputed
def fact_dacts(run: Run) -> Values:
    return team_level(run, "dacts")


@recomputed
def fact_facts(run: Run) -> Values:
    return team_level(run, "facts")


@recomputed
def fact_engagement(run: Run) -> Values:
    return team_level(run, "engagement")


# --- After FACT


@recomputed
def readiness(run: Run) -> Values:
    rows = run.rows("readiness", "ready", "not_ready")
    return {"all": run.mean(rows["day"], rows["what"] == "ready")}


def left_fact(run: Run, why: str) -> pd.DataFrame:
    """Who left a team for this reason, and when."""
    spans = stacked(run.spans(team) for team in run.named("fact."))
    return (
        spans[spans["why_out"] == why]
        .rename(columns={"end": "day"})[["person", "day"]]
        .reset_index(drop=True)
    )


def next_care(run: Run, service: str, who: pd.DataFrame) -> pd.DataFrame:
    """The next stay in a service from a day on."""
    spans = run.spans(service)[["person", "start", "end", "why_out"]]
    return run.next_spans(spans, who["person"], who["day"])


@recomputed
def fact_step_downs(run: Run) -> Values:
    care = next_care(run, "outpatient", left_fact(run, "success"))
    begun = care["start"][care["start"] <= care["asked"] + 90]
    parts = {
        "lower_intensity": run.count(left_fact(run, "stepped_down")["day"]),
        "outpatient": run.count(begun),
    }
    return summed(run, parts, "to")


@recomputed
def successful_transitions(run: Run) -> Values:
    who = left_fact(run, "success")

    def kept(service: str) -> pd.Series:
        care = next_care(run, service, who)
        lasted = (care["end"] >= care["start"] + 90) | (care["why_out"] == "completed")
        return (care["start"] <= care["asked"] + 90) & lasted

    good = kept("outpatient")
    if run.level("substance_use", "slots")["number"].any():
        traits = run.tables["people"].set_index("person")["substance_use"]
        good &= ~who["person"].map(traits).astype(bool) | kept("substance_use")
    seen = who["day"] + 180 <= run.horizon
    return {"all": run.mean(who["day"][seen], good[seen])}


@recomputed
def returns_to_fact(run: Run) -> Values:
    spans = stacked(run.spans(team) for team in run.named("fact."))
    return {"all": run.count(spans["start"][spans["why_in"] == "return"])}


@recomputed
def substance_use_treatment(run: Run) -> Values:
    return {"all": run.census("substance_use")}
