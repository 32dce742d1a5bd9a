"""Sections that a county's file leaves out: nothing is there, and that part of the pathway is off."""

from __future__ import annotations

from typing import Any

from simulation.inputs.sections.court import CourtInputs
from simulation.inputs.sections.crisis import CrisisInputs
from simulation.inputs.sections.fact import FactInputs
from simulation.inputs.sections.housing import HousingInputs
from simulation.inputs.sections.jail import JailInputs
from simulation.inputs.sections.stepdown import StepDownInputs

WHY = "Switched off: the county's file has no such section."


def figure(unit: str, value: float = 0.0) -> dict[str, Any]:
    """A figure that says why there is nothing."""
    return {"value": value, "unit": unit, "source": WHY, "grade": "A"}


def jail() -> JailInputs:
    """No jail: whoever is arrested is cited, and the people are sized by the section ``people``."""
    people = {name: figure("persons") for name in ("average_daily_population", "mental_health_cases")}
    return JailInputs.model_validate(
        {
            **people,
            "bookings": figure("bookings/month"),
            "smi_share_of_bookings": figure("share"),
            "screeners": figure("slots"),
        }
    )


def crisis() -> CrisisInputs:
    """No crises."""
    units = {
        "call_takers": "slots",
        "mobile_teams": "teams",
        "stabilization_chairs": "chairs",
        "short_term_beds": "beds",
        "ed_places": "beds",
        "inpatient_beds": "beds",
    }
    return CrisisInputs.model_validate({name: figure(unit) for name, unit in units.items()})


def court() -> CourtInputs:
    """No diversion court: cases run their ordinary course."""
    slots = ("evaluators", "assessors", "lower_intensity_slots", "lower_intensity_enrolled")
    return CourtInputs.model_validate(
        {
            **{name: figure("slots") for name in slots},
            "docket": (),
            "hearing_interval": figure("days", 30),
            "program_limit": figure("months", 24),
        }
    )


def fact() -> FactInputs:
    """No FACT team: everyone diverted gets lower-intensity care."""
    return FactInputs.model_validate(
        {
            "teams": (),
            "caseload_ratio": figure("persons per clinician", 10),
            "intake": figure("admissions/month"),
            "contacts": figure("contacts per person-week", 3),
            "forensic_supervisor": figure("FTE"),
            "source": WHY,
            "grade": "A",
        }
    )


def housing() -> HousingInputs:
    """No homes and no waiting lists for them; people lose homes and find others by themselves."""
    return HousingInputs()


def stepdown() -> StepDownInputs:
    """Nothing after the program."""
    return StepDownInputs.model_validate(
        {"outpatient_slots": figure("slots"), "outpatient_occupied": figure("persons")}
    )
