"""What made a folder of results, as manifest.json holds it: enough to make them again."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulation import __version__
from simulation.inputs.format import RESULTS_FORMAT
from simulation.scenario import Scenario


@dataclass(frozen=True)
class ScenarioEntry:
    """A scenario as a manifest describes it; first_lever: the day of its first lever, if it has one."""

    key: str
    name: str
    question: str
    county: str
    first_lever: date | None
    sections_left_out: tuple[str, ...]

    @classmethod
    def of(cls, key: str, entry: Mapping[str, Any]) -> ScenarioEntry:
        """From the entry of a manifest; raises KeyError or ValueError if it is none."""
        first = entry["first_lever"]
        return cls(
            key,
            entry["name"],
            entry["question"],
            entry["county"],
            None if first is None else date.fromisoformat(first),
            tuple(entry["sections_left_out"]),
        )


def entries(manifest: Mapping[str, Any]) -> list[ScenarioEntry]:
    """The scenarios of a manifest, the one that others are compared with first."""
    return [ScenarioEntry.of(key, entry) for key, entry in manifest["scenarios"].items()]


def describe_run(scenarios: Sequence[Scenario], numbers: Mapping[str, int], seconds: float) -> dict[str, Any]:
    """Versions, the ``numbers`` chosen (seed, replications, draws), scenarios, parameters and times."""
    return {
        "format": RESULTS_FORMAT,
        "offramp": __version__,
        "python": sys.version.split()[0],
        **numbers,
        "scenarios": {scenario.key: describe_scenario(scenario) for scenario in scenarios},
        "parameters": {path: parameter.model_dump() for path, parameter in scenarios[0].parameters},
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 1),
    }


def describe_scenario(scenario: Scenario) -> dict[str, Any]:
    """Name, question, period, levers and the hash of everything the run depends on."""
    county = scenario.county
    first = min((lever.date for lever in scenario.levers), default=None)
    return {
        "name": scenario.name,
        "question": scenario.question,
        "county": county.name,
        "start": county.start.isoformat(),
        "end": county.end.isoformat(),
        "sections_left_out": sorted(county.off),
        "levers": [lever.model_dump(mode="json") for lever in scenario.levers],
        "first_lever": None if first is None else first.isoformat(),
        "hash": scenario.fingerprint(),
    }
