"""The items that records or a simulated log show, as raw values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from simulation.measures.stay import Codes, Days, Mask, People, day, days
from simulation.record import Records

YEAR = 365.0
TO_AFTERCARE = 30.0

GRADUATED = ("success", "graduated", "completed", "step_down")
DROPPED_OUT = ("voluntary_withdrawal", "failure", "discharge", "lost", "dropped_out")
AFTERCARE = ("outpatient", "substance_use", "lower_intensity")
ROLES = {
    "H7": ("psychiatrist", "prescriber"),
    "H8": ("nurse",),
    "H9": ("substance", "addiction"),
    "H10": ("vocational", "employment"),
}


@dataclass(frozen=True)
class Seen:
    """A raw value that records show, and what a reader has to know of it."""

    raw: float
    note: str = ""


class Team:
    """One team's clients and staff up to a day, or those of all teams together."""

    def __init__(self, records: Records, team: str | None, until: float, authorized: float | None) -> None:
        self.records, self.until, self.authorized = records, until, authorized
        self.last_day = until - 1
        self.people = People(records, "episodes", "participants", "arrests", "custody", "contacts")
        self._team = team
        fact = self._mine("episodes") & (records["episodes"]["service"] == "fact").to_numpy(
            bool, na_value=False
        )
        rows = records["episodes"][fact]
        begun = days(rows["start"]) < until
        self.person: Codes = self.people.of("episodes")[fact][begun]
        self.start: Days = days(rows["start"])[begun]
        end = days(rows["end"])[begun]
        self.end: Days = np.where(end < until, end, np.inf)
        self.way_out: pd.Series[Any] = rows["way_out"][begun].where(np.isfinite(self.end))

    def _mine(self, name: str) -> Mask:
        rows = self.records[name]
        if self._team is None:
            return np.ones(len(rows), dtype=bool)
        return np.asarray((rows["team"] == self._team).to_numpy(dtype=bool, na_value=False))

    @property
    def clients(self) -> int:
        """People enrolled on the last day."""
        return len(np.unique(self.person[self.end > self.last_day]))

    @property
    def served(self) -> Mask:
        """Enrollments that were open on some day of the last year."""
        return np.asarray(self.end > self.until - YEAR)

    def left_by(self, ways: tuple[str, ...]) -> Mask:
        """Enrollments that ended in the last year, in one of these ways."""
        ended = (self.end >= self.until - YEAR) & np.isfinite(self.end)
        return np.asarray(ended & self.way_out.isin(ways).to_numpy(dtype=bool, na_value=False))

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Posts begun by the last day, with start and end in days; end is infinite while held."""
        rows = self.records["posts"][self._mine("posts")]
        posts = rows.assign(begin=days(rows["start"]), finish=days(rows["end"]))
        posts["finish"] = posts["finish"].where(posts["finish"] < self.until, np.inf)
        return posts[posts["begin"] < self.until].reset_index(drop=True)

    @property
    def held(self) -> pd.DataFrame:
        """Posts held on the last day."""
        return self.posts[self.posts["finish"] > self.last_day]

    def peak(self, weights: Days, since: float) -> float:
        """The most held at once since a day, by these weights of the posts."""
        begin = np.maximum(self.posts["begin"].to_numpy(float), since)
        finish = self.posts["finish"].to_numpy(float)
        points = begin[finish > begin]
        inside = (begin[None] <= points[:, None]) & (finish[None] > points[:, None])
        return float((inside * weights).sum(axis=1).max(initial=0.0))


def observe(
    records: Records, team: str | None, until: float | None, authorized: float | None
) -> dict[str, Seen]:
    """Every item that these records show of a team by a day, by key.

    until: first day that is not looked at, the end of the records if not given. authorized: FTE of all
    posts; without it the most FTE held at once in two years.
    """
    until = min(until or np.inf, day(records.observed_until))
    seen = Team(records, team, until, authorized)
    found = {key: look(seen) for key, look in LOOKS.items()}
    found |= {key: _specialist(seen, words) for key, words in ROLES.items()}
    return {key: one for key, one in found.items() if one is not None}


def _caseload(team: Team) -> Seen | None:
    fte = float(team.held.loc[team.held["clinician"].fillna(True).astype(bool), "fte"].sum())
    if not len(team.posts) or not len(team.person):
        return None
    return Seen(team.clients / fte if fte else np.inf)


def _turnover(team: Team) -> Seen | None:
    """Staff who left in two years over the posts, times 24 months over those the records cover."""
    posts = team.posts
    if not len(posts):
        return None
    since = max(team.until - 2 * YEAR, float(posts["begin"].min()))
    ended = posts[(posts["finish"] >= since) & np.isfinite(posts["finish"])]
    gone = sum(not _goes_on(posts, row.member, row.finish) for row in ended.itertuples())
    positions = team.peak(np.ones(len(posts)), since)
    covered = (team.until - since) / (2 * YEAR)
    note = "" if covered >= 1 else f"From {covered * 24:.0f} months of posts, scaled to 24."
    return Seen(100 * gone / positions / covered, note)


def _goes_on(posts: pd.DataFrame, member: Any, finish: float) -> bool:
    """Whether a member holds another post within a month of the end of one."""
    if pd.isna(member):
        return False
    same = (posts["member"] == member).to_numpy(bool, na_value=False)
    return bool((same & (posts["begin"] <= finish + 31) & (posts["finish"] > finish)).any())


def _capacity(team: Team) -> Seen | None:
    posts = team.posts
    if not len(posts):
        return None
    fte, since = posts["fte"].to_numpy(float), team.until - YEAR
    since = max(since, float(posts["begin"].min()))
    inside = np.minimum(posts["finish"].to_numpy(float), team.until) - np.maximum(
        posts["begin"].to_numpy(float), since
    )
    full = team.authorized or team.peak(fte, team.until - 2 * YEAR)
    note = "" if team.authorized else f"Full staffing taken as the most ever held at once, {full:g} FTE."
    return Seen(100 * float((np.maximum(inside, 0) * fte).sum()) / (full * (team.until - since)), note)


def _specialist(team: Team, words: tuple[str, ...]) -> Seen | None:
    """FTE per 100 clients in roles with these words; silent if no role names any specialty."""
    role = team.posts["role"].str.lower()
    named = role.str.contains("|".join(w for some in ROLES.values() for w in some)).any()
    if not len(team.posts) or not named or not team.clients:
        return None
    mine = team.held["role"].str.lower().str.contains("|".join(words)).to_numpy(bool, na_value=False)
    return Seen(100 * float(team.held["fte"][mine].sum()) / team.clients)


def _size(team: Team) -> Seen | None:
    return Seen(float(team.held["fte"].sum())) if len(team.posts) else None


def _intake(team: Team) -> Seen | None:
    """Most intakes in one of the six calendar months that ended by the last day."""
    if not len(team.person):
        return None
    this = np.datetime64(int(team.until), "D").astype("datetime64[M]").astype(np.int64)
    month = team.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return Seen(
        float(np.bincount((month - this + 6)[(month >= this - 6) & (month < this)], minlength=6).max())
    )


def _graduation(team: Team) -> Seen | None:
    if not team.served.any():
        return None
    return Seen(100 * int(team.left_by(GRADUATED).sum()) / int(team.served.sum()))


def _retention(team: Team) -> Seen | None:
    if not team.served.any():
        return None
    served = int(team.served.sum())
    return Seen(100 * (served - int(team.left_by(DROPPED_OUT).sum())) / served)


def _contacts(team: Team) -> tuple[pd.DataFrame, float]:
    """The last year's contacts of clients, and the client-weeks of the months they cover."""
    rows = team.records["contacts"]
    month = days(rows["month"])
    kept = (
        (month >= team.until - YEAR) & (month < team.until) & np.isin(team.people.of("contacts"), team.person)
    )
    rows = rows[kept]
    if not len(rows):
        return rows, 0.0
    first = days(rows["month"]).min()
    after = pd.Timestamp(rows["month"].max()) + pd.offsets.MonthBegin(1)
    last = min(day(after), team.until)
    enrolled = np.maximum(np.minimum(team.end, last) - np.maximum(team.start, first), 0).sum()
    return rows, float(enrolled) / 7


def _community(team: Team) -> Seen | None:
    rows, _ = _contacts(team)
    rows = rows[rows["in_community"].notna()]
    total = int(rows["services"].sum())
    return Seen(100 * int(rows["in_community"].sum()) / total) if total else None


def _minutes(team: Team) -> Seen | None:
    rows, weeks = _contacts(team)
    if not weeks or rows["minutes"].isna().all():
        return None
    blank = int(rows["minutes"].isna().sum())
    note = f"{blank} of {len(rows)} months without minutes count as none." if blank else ""
    return Seen(float(rows["minutes"].sum()) / weeks, note)


def _frequency(team: Team) -> Seen | None:
    rows, weeks = _contacts(team)
    return Seen(float(rows["services"].sum()) / weeks) if weeks else None


def _involved(team: Team) -> Seen | None:
    """Clients of the last day who came by the court or were arrested or in custody since a year before."""
    now = team.end > team.last_day
    sources = {"participants": "admission_date", "arrests": "arrested", "custody": "booked"}
    if not now.any() or all(team.records[name].empty for name in sources):
        return None
    person, start = team.person[now], team.start[now]
    known = np.zeros(len(person), dtype=bool)
    for name, column in sources.items():
        latest = np.full(team.people.size, -np.inf)
        when = days(team.records[name][column])
        given = when < team.until
        np.maximum.at(latest, team.people.of(name)[given], when[given])
        known |= latest[person] >= start - YEAR
    return Seen(100 * int(known.sum()) / len(person))


def _gap(team: Team, table: str) -> Seen | None:
    """Median days between the meetings of the last year."""
    when = np.unique(days(team.records[table]["date"]))
    when = when[(when >= team.until - YEAR) & (when < team.until)]
    return Seen(float(np.median(np.diff(when)))) if len(when) > 1 else None


def _transition(team: Team) -> Seen | None:
    """Completers who began aftercare within 30 days of the end, of those whose 30 days were seen."""
    done = team.left_by(GRADUATED) & (team.end + TO_AFTERCARE <= team.until)
    rows = team.records["episodes"]
    care = rows["service"].isin(AFTERCARE).to_numpy(dtype=bool, na_value=False)
    if not done.any() or not care.any():
        return None
    whose, when = team.people.of("episodes")[care], days(rows["start"])[care]
    linked = [
        bool(((whose == person) & (abs(when - end) <= TO_AFTERCARE)).any())
        for person, end in zip(team.person[done], team.end[done], strict=True)
    ]
    return Seen(100 * sum(linked) / len(linked))


LOOKS: dict[str, Callable[[Team], Seen | None]] = {
    "H1": _caseload,
    "H5": _turnover,
    "H6": _capacity,
    "H11": _size,
    "O2": _intake,
    "O7": _graduation,
    "S1": _community,
    "S2": _retention,
    "S4": _minutes,
    "S5": _frequency,
    "F3": _involved,
    "F8": lambda team: _gap(team, "meetings"),
    "F11": lambda team: _gap(team, "ratings"),
    "F13": _transition,
}
