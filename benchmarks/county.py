"""Contra Costa County as it would be with more or fewer residents, for the other benchmarks."""

from __future__ import annotations

from typing import Any

from offramp.scenarios import load_one
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.scenario import Scenario

COUNTED = ("posts", "enrolled", "waiting")
"""Keys of whole numbers that grow with the population and carry no unit of their own."""


def county(residents: float, months: int) -> Scenario:
    """Contra Costa's figures at this number of residents: every stock and every flow in proportion."""
    base = load_one("contra_costa")
    factor = residents / base.county.population.value
    content = {**_scaled(base.county.model_dump(mode="json"), factor), "months": months}
    file = CountyFile.model_validate(content)
    return base.model_copy(update={"county": file, "key": f"residents_{residents:.0f}"})


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    if not isinstance(value, dict):
        return value
    if "value" in value and "unit" in value:
        grows = units.family(value["unit"]) in ("stock", "flow")
        return {**value, "value": _grown(value, factor)} if grows else value
    return {
        key: round(item * factor) if key in COUNTED and isinstance(item, int) else _scaled(item, factor)
        for key, item in value.items()
    }


def _grown(figure: dict[str, Any], factor: float) -> float:
    """A flow in proportion; a stock as well, rounded up, so that nothing small vanishes."""
    exact = float(figure["value"]) * factor
    return exact if units.family(figure["unit"]) == "flow" else float(-(-exact // 1))
