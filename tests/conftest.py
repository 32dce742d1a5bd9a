"""Small counties that tests share: Contra Costa's figures at a tenth, changed in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from calibration.register import register as read_register
from simulation.engine.decision import KEYS
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.housing_type import HOUSING_TYPES
from simulation.inputs.parameter import AnyDuration, Duration, LognormalDuration
from simulation.inputs.parameters import Parameters
from simulation.inputs.sections.service_spec import SIZED
from simulation.scenario import Scenario
from tests.grid import Grid

ROOT = Path(__file__).parent.parent

AMPLE: dict[str, float] = {spec.name: 0.0 if spec.name in HOUSING_TYPES else inf for spec in SIZED}
"""Capacities of a county in which nobody waits for anything but a home."""

KEYS.declare(
    "a", "accepted", "age", "booking", "consent", "first", "in_progress", "patience", "post", "second"
)
KEYS.declare("initial_state.stay", "initial_state.stay.behind", "initial_state.x", "initial_state.x.behind")
KEYS.declare("sex", "stay", "urgent")
KEYS.declare_family("decision.{}", "decision.{}")

CAPACITY_UNITS = {f"{spec.section}.{spec.input}": spec.unit for spec in SIZED}

TENTH: dict[str, Any] = {
    "months": 12,
    "jail.bookings": 196,
    "crisis.call_takers": 1,
    "crisis.line_calls": None,
    "crisis.mobile_dispatches": None,
    "crisis.ed_visits": None,
    "crisis.mobile_teams": 1,
    "crisis.mobile_opens": 8,
    "crisis.mobile_closes": 24,
    "crisis.mobile_shifts": [],
    "crisis.stabilization_chairs": 1,
    "crisis.short_term_beds": 1,
    "crisis.ed_places": 2,
    "crisis.inpatient_beds": 3,
    "court.evaluators": 1,
    "court.assessors": 1,
    "court.docket": [{"weekday": "Wednesday", "slots": 8}],
    "court.case_managers": 1,
    "court.lower_intensity_slots": 11,
    "court.lower_intensity_enrolled": 8,
    "fact.teams": [
        {"name": "west", "posts": 1, "enrolled": 5, "share": 0.5},
        {"name": "east", "posts": 1, "enrolled": 5, "share": 0.5},
    ],
    "fact.groups": [],
    "fact.on_call": None,
    "competency.restoration_places": 1,
    "housing.shelter_beds": 15,
    "housing.total_shelter_beds": None,
    "housing.supervised": 0,
    "housing.shared": 0,
    "housing.supportive": 21,
    "housing.supportive_occupied": 20,
    "housing.master_leased": 2,
    "housing.longer_term": 2,
    "housing.longer_term_occupied": 1,
    "staffing": None,
    "stepdown.substance_use_slots": 2,
    "stepdown.substance_use_occupied": 1,
    "stepdown.outpatient_slots": 8,
    "stepdown.outpatient_occupied": 6,
}

NO_PROGRAMS: dict[str, Any] = {
    "crisis.call_takers": 50,
    "crisis.mobile_teams": 50,
    "crisis.stabilization_chairs": 50,
    "crisis.short_term_beds": 100,
    "crisis.ed_places": 100,
    "crisis.inpatient_beds": 200,
    "court.lower_intensity_enrolled": 0,
    "fact.teams": [{"name": "west", "posts": 0, "enrolled": 0, "share": 1.0}],
    "housing.longer_term_occupied": 0,
    "stepdown.outpatient_occupied": 0,
    "stepdown.substance_use_occupied": 0,
}

NO_REFERRALS = {"court.referral_if_identified": 0.0, "court.referral_if_missed": 0.0}


def pytest_collection_finish() -> None:
    """Keep the libraries out of the garbage collection after each run: a third of its time."""
    gc.collect()
    gc.freeze()


class Build(Protocol):
    """Make a scenario from figures of the county file, evidence values and levers, by dotted path."""

    def __call__(
        self,
        figures: Mapping[str, Any] = ...,
        evidence: Mapping[str, float] = ...,
        levers: Sequence[Mapping[str, Any]] = ...,
    ) -> Scenario:
        """Build it."""


@cache
def _read(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


@cache
def _register() -> Parameters:
    return read_register()


def figure(value: float, unit: str) -> dict[str, Any]:
    """A figure as a county file writes it."""
    return {"value": value, "unit": unit, "source": "A test.", "grade": "D"}


def duration(**fields: Any) -> Duration:
    """A duration of the distribution that its fields name."""
    made: Duration = TypeAdapter[Any](AnyDuration).validate_python(fields)
    return made


def sigma_of(length: Duration) -> float:
    """The standard deviation of the logarithm of lognormal lengths."""
    assert isinstance(length, LognormalDuration)
    return length.sigma


def group(name: str, slots: int, weeks: int, **more: str) -> dict[str, Any]:
    """A treatment group as a county file writes it, with a session of 90 minutes."""
    return {
        "name": name,
        "slots": figure(slots, "slots"),
        "length": figure(weeks, "weeks"),
        "session": figure(90, "minutes"),
        **more,
    }


def _plain(value: Any) -> Any:
    """A deep copy of a file's content."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def is_number(value: object) -> bool:
    """Whether a figure's value alone is given, and not the whole figure or none."""
    return isinstance(value, int | float)


def _docket(days: Sequence[Mapping[str, Any]], figure: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"weekday": d["weekday"], "slots": {**figure, "value": d["slots"]}} for d in days]


def _county_file(figures: Mapping[str, Any]) -> CountyFile:
    content = _plain(_read("scenarios/contra_costa.yaml"))
    for path, value in {**TENTH, **figures}.items():
        *above, last = path.split(".")
        section = content
        for name in above:
            section = section[name]
        if path == "court.docket":
            section[last] = _docket(value, section[last][0]["slots"])
        elif isinstance(section.get(last), dict) and "value" in section[last] and is_number(value):
            section[last]["value"] = value
        elif path in CAPACITY_UNITS and value is not None:
            about = {"source": "A test.", "grade": "D"}
            section[last] = {"value": value, "unit": CAPACITY_UNITS[path], **about}
        else:
            section[last] = value
    return CountyFile.model_validate(content)


def _with_evidence(register: Parameters, evidence: Mapping[str, float]) -> Parameters:
    known = dict(register)
    changes = {
        path: known[path].model_copy(update={"value": value, "low": value, "high": value})
        for path, value in evidence.items()
    }
    return register.replacing(changes)


@pytest.fixture(scope="session")
def register() -> Parameters:
    """The evidence register as shipped."""
    return _register()


@pytest.fixture(scope="session")
def build() -> Build:
    """A maker of scenarios over a county a tenth the size of Contra Costa, for a year."""

    def make(
        figures: Mapping[str, Any] = {},
        evidence: Mapping[str, float] = {},
        levers: Sequence[Mapping[str, Any]] = (),
    ) -> Scenario:
        file = _county_file(figures)
        parameters = _with_evidence(file.parameters(_register()), evidence)
        return Scenario.model_validate(
            {
                "key": "test",
                "name": "A small county",
                "question": "What does this county do?",
                "county": file,
                "levers": tuple(levers),
                "parameters": parameters,
            }
        )

    return make


@pytest.fixture(scope="session")
def without_programs(build: Build) -> Build:
    """The same, but nobody is referred to diversion and nobody starts in a program."""

    def make(
        figures: Mapping[str, Any] = {},
        evidence: Mapping[str, float] = {},
        levers: Sequence[Mapping[str, Any]] = (),
    ) -> Scenario:
        return build({**NO_PROGRAMS, **figures}, {**NO_REFERRALS, **evidence}, levers)

    return make


@pytest.fixture(autouse=True, scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Finished runs are kept apart from those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFRAMP_STORE", str(folder))
        yield folder


@pytest.fixture
def grid(tmp_path: Path) -> Iterator[Grid]:
    """A Dask cluster of two workers on this machine."""
    pytest.importorskip("distributed")
    folder = tmp_path / "grid"
    folder.mkdir()
    made = Grid(folder)
    try:
        yield made
    finally:
        made.stop()
