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
from simulation.measures.fidelity.stated import Answer, Stated
from simulation.measures.fidelity.team_records import team_window
from simulation.measures.fidelity.window import Authorized, ObservedItem
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
            name: _mean(scored for scored in self.items if scored.subscale == name)
            for name, _ in self.scale.subscales
        }

    def keys(self, origin: Origin) -> list[str]:
        """Which items are observed, input or missing."""
        return [scored.item.key for scored in self.items if scored.origin == origin]


def _mean(items: Iterable[Scored]) -> float:
    scores = [scored.score for scored in items if not np.isnan(scored.score)]
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
    authorized = Authorized(stated.authorized_fte, stated.authorized_posts)
    window = team_window(records, team, day(on) if on else None, authorized)
    dacts = _scored(DACTS, DACTS.observed(window), stated)
    scored, inputs = len(DACTS.items) - len(dacts.keys("missing")), len(dacts.keys("input"))
    observed = FACTS.observed(window)
    if scored and "F1" not in stated.items:
        note = f"From {scored} of {len(DACTS.items)} items, {inputs} of them inputs."
        if inputs:
            answers = stated.items | {"F1": Answer(raw=dacts.total, source=note)}
            stated = stated.model_copy(update={"items": answers})
        else:
            observed["F1"] = ObservedItem(dacts.total, note)
    return dacts, _scored(FACTS, observed, stated)


def _scored(scale: Scale, observed: dict[str, ObservedItem], stated: Stated) -> Result:
    items = [
        _score(item, subscale, observed.get(item.key), stated)
        for subscale, items in scale.subscales
        for item in items
    ]
    return Result(scale, tuple(items))


def _score(item: Item, subscale: str, observed: ObservedItem | None, stated: Stated) -> Scored:
    nan = float("nan")
    if observed is not None:
        return Scored(item, subscale, item.score(observed.raw), observed.raw, "observed", observed.note)
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
        rows += [_item_row(result, scored) for scored in result.items]
        for name, mean in result.subscales.items():
            if len(result.scale.subscales) > 1:
                items = [scored for scored in result.items if scored.subscale == name]
                rows.append(_mean_row(result, f"{name}, mean", mean, items))
        rows.append(_mean_row(result, "Total, mean", result.total, result.items))
    return pd.DataFrame(rows)


def _item_row(result: Result, scored: Scored) -> dict[str, object]:
    anchor = "" if np.isnan(scored.score) else scored.item.anchors[int(scored.score) - 1]
    return {
        "scale": result.scale.name,
        "item": scored.item.key,
        "name": scored.item.name,
        "subscale": scored.subscale,
        "score": scored.score,
        "raw": scored.raw,
        "unit": scored.item.unit,
        "origin": scored.origin,
        "anchor": anchor,
        "note": scored.note,
    }


def _mean_row(result: Result, name: str, mean: float, items: Iterable[Scored]) -> dict[str, object]:
    origins = [scored.origin for scored in items]
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
