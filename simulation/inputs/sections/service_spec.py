"""The services of a county, each declared once: section, key of its capacity, unit and default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Annotated, Any, TypeVar

from pydantic import Field, create_model

from simulation.inputs.sections.quantity import Flow, Stock
from simulation.inputs.strict_model import StrictModel

UNLIMITED = inf

M = TypeVar("M", bound=StrictModel)


@dataclass(frozen=True)
class ServiceSpec:
    """A service that a county has, whether in its file or not.

    name: in the log, in measures and in levers; section: of the county file; input: the key of that section
    that gives the capacity, empty if none does; unit: of the capacity; default: the capacity where the key is
    left out or there is none, None if it has to be given; meaning: what the key says; visits: the key that
    gives how often all residents use it, empty if other residents do not; visits_meaning: what that says.
    """

    name: str
    section: str
    input: str = ""
    unit: str = ""
    default: float | None = None
    meaning: str = ""
    visits: str = ""
    visits_meaning: str = ""

    def capacity(self, slots: Mapping[str, float]) -> float:
        """How many people it holds at one time, from capacities by service; KeyError if it is not given."""
        if self.input or self.default is None:
            return slots[self.name]
        return self.default


SERVICES = (
    ServiceSpec("county", "", default=UNLIMITED),
    ServiceSpec("homeless", "", default=UNLIMITED),
    ServiceSpec("crisis", "crisis", default=UNLIMITED),
    ServiceSpec(
        "crisis_line",
        "crisis",
        "call_takers",
        "slots",
        None,
        "Calls that the line can take at one time.",
        "line_calls",
        "Calls to the crisis line, of all residents.",
    ),
    ServiceSpec(
        "mobile_crisis",
        "crisis",
        default=0.0,  # its teams come and go with the shifts
        visits="mobile_dispatches",
        visits_meaning="Dispatches of mobile crisis teams, to all residents.",
    ),
    ServiceSpec(
        "stabilization",
        "crisis",
        "stabilization_chairs",
        "chairs",
        None,
        "Chairs in crisis stabilization, for stays of less than a day.",
        "stabilization_visits",
        "Visits to crisis stabilization, of all residents.",
    ),
    ServiceSpec(
        "short_term_bed",
        "crisis",
        "short_term_beds",
        "beds",
        None,
        "Short-term crisis beds, for stays of some days.",
        "short_term_admissions",
        "Admissions to short-term crisis beds, of all residents.",
    ),
    ServiceSpec(
        "emergency_department",
        "crisis",
        "ed_places",
        "beds",
        None,
        "Psychiatric places in emergency departments.",
        "ed_visits",
        "Psychiatric visits to emergency departments, of all residents.",
    ),
    ServiceSpec(
        "inpatient",
        "crisis",
        "inpatient_beds",
        "beds",
        None,
        "Inpatient psychiatric beds.",
        "inpatient_admissions",
        "Admissions to inpatient psychiatric beds, of all residents.",
    ),
    ServiceSpec("jail", "jail", default=UNLIMITED),
    ServiceSpec("screening", "jail", "screeners", "slots", None, "People who can be screened at one time."),
    ServiceSpec("court", "court", default=UNLIMITED),
    ServiceSpec(
        "evaluation",
        "court",
        "evaluators",
        "posts",
        None,
        "Independent evaluations that can be under way at one time.",
    ),
    ServiceSpec(
        "assessment",
        "court",
        "assessors",
        "posts",
        None,
        "Clinical assessments that can be under way at one time.",
    ),
    ServiceSpec("docket", "court", default=UNLIMITED),  # takes cases on docket days only
    ServiceSpec(
        "reporting",
        "court",
        "case_managers",
        "posts",
        UNLIMITED,
        "Court case managers, who write the reports; left out, reports never wait.",
    ),
    ServiceSpec("competency", "competency", default=UNLIMITED),
    ServiceSpec(
        "restoration",
        "competency",
        "restoration_places",
        "beds",
        None,
        "Places in a jail program or state hospital open to the county's people.",
    ),
    ServiceSpec(
        "lower_intensity",
        "court",
        "lower_intensity_slots",
        "slots",
        None,
        "Places in care for participants who need less than FACT.",
    ),
    ServiceSpec(
        "shelter",
        "housing",
        "shelter_beds",
        "beds",
        0.0,
        "Beds in shelters; who sleeps in one has no fixed address.",
    ),
    ServiceSpec(
        "supervised", "housing", "supervised", "beds", 0.0, "Places in board and care or recovery residences."
    ),
    ServiceSpec(
        "shared", "housing", "shared", "homes", 0.0, "Rooms in shared homes master-leased for people in FACT."
    ),
    ServiceSpec(
        "master_leased",
        "housing",
        "master_leased",
        "homes",
        0.0,
        "Scattered homes master-leased for people in FACT.",
    ),
    ServiceSpec(
        "longer_term",
        "housing",
        "longer_term",
        "homes",
        0.0,
        "Subsidized or supportive homes that outlast the program.",
    ),
    ServiceSpec(
        "supportive",
        "housing",
        "supportive",
        "homes",
        0.0,
        "Permanent supportive homes, entered by anyone through coordinated entry.",
    ),
    ServiceSpec(
        "outpatient",
        "stepdown",
        "outpatient_slots",
        "slots",
        None,
        "Places in outpatient care after the program.",
    ),
    ServiceSpec(
        "substance_use",
        "stepdown",
        "substance_use_slots",
        "slots",
        0.0,
        "Places in substance use treatment for people with a co-occurring disorder; left out, there is none.",
    ),
)
"""All but the FACT teams and their groups, which a county file names itself."""

SIZED = tuple(spec for spec in SERVICES if spec.input)
"""Those whose capacity a county file gives."""

VISITED = tuple(spec for spec in SERVICES if spec.visits)
"""Those that other residents use too, as often as a county file says."""


def with_capacities(section: str) -> Callable[[type[M]], type[M]]:
    """Give the model of a section the keys of its services: their capacities, and how often all use them."""

    def extended(model: type[M]) -> type[M]:
        fields: dict[str, Any] = {spec.input: _field(spec) for spec in SIZED if spec.section == section}
        fields |= {spec.visits: _visits(spec) for spec in VISITED if spec.section == section}
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields
        )

    return extended


def _field(spec: ServiceSpec) -> tuple[Any, Any]:
    """The key of a service's capacity: what it takes, and what it is if it is left out."""
    if spec.default is None:
        return Annotated[Stock, Field(description=spec.meaning)], ...
    return Annotated[Stock | None, Field(description=spec.meaning)], None


def _visits(spec: ServiceSpec) -> tuple[Any, Any]:
    """The key of how often all residents use a service."""
    meaning = f"{spec.visits_meaning} Left out, the simulated people alone use it."
    return Annotated[Flow | None, Field(description=meaning)], None
