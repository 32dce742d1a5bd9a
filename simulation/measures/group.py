"""The history of a group of people: every measure by sex, age, race and ethnicity, and need."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.measures.history import Codes, Days, History, Ids, Mask, Spans

TRAITS = ("sex", "age_band", "race_ethnicity")
QUADRANT = ("criminogenic_risk", "functional_impairment")


class Group(History):
    """A history in which only some people occur; capacities and calendar are the whole county's.

    ``members``: a mask over the people of ``whole`` in order of their ids.
    """

    def __init__(self, whole: History, members: Mask) -> None:
        self.whole = whole
        self.members = members
        self.events = whole.events
        self.horizon = whole.horizon
        self._remembered: dict[str, object] = {}
        self._kept: dict[str, Mask] = {}

    def _ours(self, persons: Ids) -> Mask:
        ids, _ = self.whole._people["person"]
        if not len(ids):
            return np.zeros(len(persons), dtype=bool)
        at = np.minimum(np.searchsorted(ids, persons), len(ids) - 1)
        return np.asarray(self.members[at] & (ids[at] == persons))

    def _mask(self, kind: str, persons: Ids) -> Mask:
        if kind not in self._kept:
            self._kept[kind] = self._ours(persons)
        return self._kept[kind]

    def spans(self, service: str) -> Spans:
        """From admission to discharge, for everyone of the group ever admitted to a service."""
        spans = self.whole.spans(service)
        return spans.only(self._mask(f"spans {service}", spans.person))

    def waits(self, service: str) -> Spans:
        """From referral to admission, refusal or giving up."""
        waits = self.whole.waits(service)
        return waits.only(self._mask(f"waits {service}", waits.person))

    def ended_by(self, service: str, verb: str) -> Mask:
        """Which waits of a service ended with this verb."""
        waits = self.whole.waits(service)
        kept = self._mask(f"waits {service}", waits.person)
        return np.asarray(self.whole.ended_by(service, verb)[kept])

    def days(self, service: str, what: str) -> tuple[Ids, Days, Codes]:
        """Person, day and reason of every row of this kind."""
        persons, days, why = self.whole.days(service, what)
        kept = self._mask(f"days {service} {what}", persons)
        return persons[kept], days[kept], why[kept]

    def matching(self, prefix: str) -> list[str]:
        """Services of the log whose name begins like this, in alphabetical order."""
        return self.whole.matching(prefix)

    @cached_property
    def _people(self) -> dict[str, tuple[Ids, NDArray[Any]]]:
        return self.whole._people

    @cached_property
    def arrests(self) -> dict[str, NDArray[Any]]:
        """The arrests table as columns: person, days, charge, disposition."""
        return self._rows_of(self.whole.arrests)

    @cached_property
    def attendance(self) -> dict[str, NDArray[Any]]:
        """The attendance rows as columns: end, person, service, scheduled, attended."""
        return self._rows_of(self.whole.attendance)

    def _rows_of(self, table: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        kept = self._ours(table["person"].astype(np.int64))
        return {name: column[kept] for name, column in table.items()}


def groups(history: History) -> dict[str, Group]:
    """The history of each group that occurs, under names such as ``sex=female``."""
    return history.once("groups", _groups)


def _groups(history: History) -> dict[str, Group]:
    people = history._people
    columns: dict[str, NDArray[Any]] = {trait: people[trait][1] for trait in TRAITS}
    risk, need = (np.where(people[name][1].astype(bool), "high", "low") for name in QUADRANT)
    columns["risk_need"] = np.char.add(np.char.add(risk, "_"), need)
    return {
        f"{trait}={value}": Group(history, values == value)
        for trait, values in columns.items()
        for value in np.unique(values)
    }
