"""The scales scored: from records where they show an item, from stated inputs otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Item, Scale
from simulation.measures.fidelity.observed import Seen, observe
from simulation.measures.fidelity.stated import Answer, Stated
from simulation.measures.stay import day
from simulation.record import Records

Origin = Literal["observed", "input", "missing"]


@dataclass(frozen=True)
class Scored:
    """One item: score 1 to 5, nan if missing; raw value in the item's unit, nan if there is none."""

    item: Item
    subscale: str
    score: float
    raw: float
    origin: Origin
    note: str = ""


@dataclass(frozen=True)
class Result:
    """A scale with all its items scored."""

    scale: Scale
    items: tuple[Scored, ...]

    @property
    def total(self) -> float:
        """The mean of the items that have a score, as the scale reports it."""
        return _mean(self.items)

    @property
    def subscales(self) -> dict[str, float]:
        """The mean of each subscale."""
        return {
            name: _mean(one for one in self.items if one.subscale == name) for name, _ in self.scale.subscales
        }

    def keys(self, origin: Origin) -> list[str]:
        """Which items are observed, input or missing."""
        return [one.item.key for one in self.items if one.origin == origin]


def _mean(items: Iterable[Scored]) -> float:
    scores = [one.score for one in items if not np.isnan(one.score)]
    return sum(scores) / len(scores) if scores else float("nan")


def fidelity(
    records: Records, stated: Stated | None = None, team: str | None = None, on: date | None = None
) -> tuple[Result, Result]:
    """The DACTS and the FACTS of a team, or of all teams together, as of a day.

    on: first day that is not looked at, the end of the records if not given. What records show is never
    replaced by an input. The first item of the FACTS is the mean score of the DACTS, unless it is stated,
    and an input itself if any item of the DACTS is.
    """
    stated = stated or Stated()
    seen = observe(records, team, day(on) if on else None, stated.authorized_fte)
    dacts = _scored(DACTS, seen, stated)
    scored, inputs = len(DACTS.items) - len(dacts.keys("missing")), len(dacts.keys("input"))
    if scored and "F1" not in stated.items:
        note = f"From {scored} of {len(DACTS.items)} items, {inputs} of them inputs."
        if inputs:
            answers = stated.items | {"F1": Answer(raw=dacts.total, source=note)}
            stated = Stated(items=answers, authorized_fte=stated.authorized_fte)
        else:
            seen["F1"] = Seen(dacts.total, note)
    return dacts, _scored(FACTS, seen, stated)


def _scored(scale: Scale, seen: dict[str, Seen], stated: Stated) -> Result:
    items = [
        _one(item, subscale, seen.get(item.key), stated)
        for subscale, items in scale.subscales
        for item in items
    ]
    return Result(scale, tuple(items))


def _one(item: Item, subscale: str, seen: Seen | None, stated: Stated) -> Scored:
    nan = float("nan")
    if seen is not None:
        return Scored(item, subscale, item.score(seen.raw), seen.raw, "observed", seen.note)
    answer = stated.items.get(item.key)
    if answer is None:
        return Scored(item, subscale, nan, nan, "missing")
    if answer.raw is not None:
        return Scored(item, subscale, item.score(answer.raw), answer.raw, "input", answer.source)
    return Scored(item, subscale, float(answer.score or nan), nan, "input", answer.source)


def as_table(*results: Result) -> pd.DataFrame:
    """A row an item, then a row a subscale and one for the total, with how many items are inputs."""
    rows = []
    for result in results:
        for one in result.items:
            rows.append(_item_row(result, one))
        for name, mean in result.subscales.items():
            if len(result.scale.subscales) > 1:
                rows.append(
                    _mean_row(result, f"{name}, mean", mean, [i for i in result.items if i.subscale == name])
                )
        rows.append(_mean_row(result, "Total, mean", result.total, result.items))
    return pd.DataFrame(rows)


def _item_row(result: Result, one: Scored) -> dict[str, object]:
    anchor = "" if np.isnan(one.score) else one.item.anchors[int(one.score) - 1]
    return {
        "scale": result.scale.name,
        "item": one.item.key,
        "name": one.item.name,
        "subscale": one.subscale,
        "score": one.score,
        "raw": one.raw,
        "unit": one.item.unit,
        "origin": one.origin,
        "anchor": anchor,
        "note": one.note,
    }


def _mean_row(result: Result, name: str, mean: float, items: Iterable[Scored]) -> dict[str, object]:
    origins = [one.origin for one in items]
    counts = ", ".join(f"{origins.count(origin)} {origin}" for origin in ("observed", "input", "missing"))
    return {
        "scale": result.scale.name,
        "item": "",
        "name": name,
        "subscale": "",
        "score": mean,
        "raw": float("nan"),
        "unit": "",
        "origin": "",
        "anchor": "",
        "note": f"{len(origins)} items: {counts}.",
    }
