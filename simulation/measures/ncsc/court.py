"""The records as the measures read them: stays in the program, and what happened during each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.measures.ncsc.fact import Codes, Cohorted, Days, Exclusions, Mask, Values
from simulation.measures.timeline import Moments, keyed, last_row
from simulation.record import Records

FAR = np.int64(2**18)
"""A day that never comes (the year 2687): the exit of someone still active."""

NEVER = np.iinfo(np.int64).min
"""What an empty date becomes among days since 1970-01-01."""

CHARGES = ("felony", "misdemeanor", "dui", "ordinance", "violation", "unknown")
"""Types of charge from the most serious on; a county that knows the level of a DUI enters that level."""


def day_of(dates: pd.Series[Any]) -> Days:
    """Days since 1970-01-01; ``NEVER`` for an empty date."""
    return dates.to_numpy(dtype="datetime64[D]").astype(np.int64)


def number_of(column: pd.Series[Any]) -> Values:
    """Numbers or yes and no as floats; nan for an empty one."""
    return cast(Values, column.to_numpy(dtype="float64", na_value=np.nan))


def is_in(column: pd.Series[Any], *words: str) -> Mask:
    """Where a column holds one of these words; an empty cell holds none."""
    return cast(Mask, column.isin(words).to_numpy(dtype=bool, na_value=False))


@dataclass(frozen=True)
class Arrests:
    """Arrests in order of person and day; charge is a place in ``CHARGES``; stay: -1 if in none.

    charged and convicted leave out traffic other than DUI; index: led to the referral.
    """

    row: Codes
    person: Codes
    day: Days
    charge: Codes
    charged: Mask
    convicted: Mask
    stay: Codes
    index: Mask


class Court:
    """One county's records with everything worked out that several measures ask for."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.until = int(day_of(pd.Series([records.observed_until]))[0])
        self.groups: dict[str, tuple[Codes, tuple[str, ...]]] = {}

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Admitted participants, a row a stay, by person and day of admission."""
        everyone = self.records["participants"]
        admitted = everyone[everyone["admission_date"].notna()]
        order = np.argsort(
            keyed(self.code(admitted["person"]), day_of(admitted["admission_date"])), kind="stable"
        )
        return admitted.iloc[order].reset_index(drop=True)

    @cached_property
    def _people(self) -> pd.Index[Any]:
        return cast("pd.Index[Any]", pd.Index(self.records["participants"]["person"].unique()))

    def code(self, person: pd.Series[Any]) -> Codes:
        """A number for each person; -1 for one who is no participant."""
        return self._people.get_indexer(pd.Index(person)).astype(np.int64)

    @cached_property
    def person(self) -> Codes:
        """The person of each stay."""
        return self.code(self.stays["person"])

    @cached_property
    def admission(self) -> Days:
        """The day of admission of each stay."""
        return day_of(self.stays["admission_date"])

    @cached_property
    def exit(self) -> Days:
        """The day of exit of each stay; ``FAR`` while active."""
        day = day_of(self.stays["exit_date"])
        return np.where(day == NEVER, FAR, day)

    @cached_property
    def exits(self) -> Cohorted:
        """Stays that ended, by day of exit; administrative closures left out (guide, "Exit Categories")."""
        stay = np.flatnonzero(self.exit < FAR)
        closed = is_in(self.stays["exit_type"], "administrative_closure")[stay]
        backwards = (self.exit < self.admission)[stay]
        rows = Cohorted(self.exit[stay], stay, Exclusions(len(stay)))
        return rows.leave_out(closed, "administrative closure").leave_out(backwards, "exit before admission")

    @cached_property
    def admissions(self) -> Cohorted:
        """All stays, by day of admission; administrative closures are among them."""
        stay = np.arange(len(self.stays))
        undated = (self.stays["exit_type"].notna() & self.stays["exit_date"].isna()).to_numpy(dtype=bool)
        rows = Cohorted(self.admission, stay, Exclusions(len(stay)))
        rows = rows.leave_out(self.exit < self.admission, "exit before admission")
        return rows.leave_out(undated, "exit without a date")

    def stay_at(
        self, person: pd.Series[Any], first: Days, last: Days | None = None, after: bool = False
    ) -> Codes:
        """The stay during which something happened, -1 for none; a span belongs to the last stay it touches.

        after: what comes after an exit still belongs to the stay before it.
        """
        by = Moments(self.code(person), first if last is None else last)
        stay = last_row(Moments(self.person, self.admission), by)
        inside = (stay >= 0) & (after | (np.append(self.exit, 0)[stay] >= first))
        return np.where(inside, stay, -1)

    def nearest_stay(self, person: pd.Series[Any], day: Days, to: Days) -> Codes:
        """The person's stay whose admission or exit, given as ``to``, is nearest to a day; -1 for none."""
        keys, who = keyed(self.person, to), self.code(person)
        order = np.argsort(keys, kind="stable")
        after = np.searchsorted(keys[order], keyed(who, day))
        nearest, distance = np.full(len(who), -1), np.full(len(who), 2**30)
        for at in (after - 1, after):
            inside = (at >= 0) & (at < len(order)) & (who >= 0)
            stay = np.where(inside, order[np.clip(at, 0, len(order) - 1)] if len(order) else -1, -1)
            inside &= self.person[stay] == who if len(order) else False
            away = np.where(inside, np.abs(to[stay] - day) if len(order) else 0, 2**30)
            nearest, distance = np.where(away < distance, stay, nearest), np.minimum(away, distance)
        return nearest

    def total(self, stay: Codes, amount: NDArray[Any] | None = None) -> Values:
        """For each stay the sum of what belongs to it, or the number of rows."""
        known_stay = stay >= 0
        weights = None if amount is None else amount[known_stay]
        return np.bincount(stay[known_stay], weights, minlength=len(self.stays)).astype(np.float64)

    def average(self, stay: Codes, amount: NDArray[Any]) -> Values:
        """For each stay the mean of what belongs to it; nan where there is nothing."""
        known = ~np.isnan(amount)
        with np.errstate(invalid="ignore"):
            return self.total(stay[known], amount[known]) / self.total(stay[known])

    @cached_property
    def arrests(self) -> Arrests:
        """The arrests of participants, by person, day and seriousness."""
        table = self.records["arrests"]
        person, day = self.code(table["person"]), day_of(table["arrested"])
        traffic = is_in(table["charge_level"], "traffic")
        level = pd.Index(CHARGES).get_indexer(pd.Index(table["charge_level"])).astype(np.int64)
        charge = np.where(level < 0, CHARGES.index("unknown"), level)
        row = np.lexsort((charge, keyed(person, day)))
        row = row[person[row] >= 0]
        stay = self.stay_at(table["person"], day)
        led = day_of(self.stays["arrest_date"])
        index = (stay >= 0) & (led[stay] == day if len(led) else False)
        return Arrests(
            row=row,
            person=person[row],
            day=day[row],
            charge=charge[row],
            charged=(table["charge_date"].notna().to_numpy() & ~traffic)[row],
            convicted=(table["conviction_date"].notna().to_numpy() & ~traffic)[row],
            stay=stay[row],
            index=index[row],
        )

    def lacks(self, needs: tuple[str, ...]) -> str:
        """Which of the needed tables and columns is empty, in words; nothing if all are there."""
        for need in needs:
            table, _, column = need.partition(".")
            frame = self.records[table]
            if frame.empty:
                return f"the table {table} is empty"
            if column and frame[column].isna().all():
                return f"the column {column} of the table {table} is empty"
        return ""
