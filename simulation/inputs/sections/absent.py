"""Sections that a county's file leaves out: nothing is there, and that part of the pathway is off."""

from __future__ import annotations

from typing import Any

from simulation.inputs.sections.court import CourtInputs
from simulation.inputs.sections.crisis import CrisisInputs
from simulation.inputs.sections.fact import FactInputs
from simulation.inputs.sections.housing import HousingInputs
from simulation.inputs.sections.jail import JailInputs
from simulation.inputs.sections.service_spec import SIZED
from simulation.inputs.sections.stepdown import StepDownInputs

WHY = "Switched off: the county's file has no such section."


def figure(unit: str, value: float = 0.0) -> dict[str, Any]:
    """A figure that says why there is nothing."""
    return {"value": value, "unit": unit, "source": WHY, "grade": "A"}


def places(section: str) -> dict[str, Any]:
    """No capacity in any of a section's services."""
    return {
        spec.input: figure(spec.unit) for spec in SIZED if spec.section == section and spec.default is None
    }


def jail() -> JailInputs:
    """No jail: whoever is arrested is cited, and the people are sized by the section ``people``."""
    return JailInputs.model_validate(
        {
            **places("jail"),
            "bookings": figure("bookings/month"),
            "average_daily_population": figure("persons"),
            "mental_health_cases": figure("persons"),
            "smi_share_of_bookings": figure("share"),
        }
    )


def crisis() -> CrisisInputs:
    """No crises."""
    return CrisisInputs.model_validate({**places("crisis"), "mobile_teams": figure("teams")})


def court() -> CourtInputs:
    """No diversion court: cases run their ordinary course."""
    return CourtInputs.model_validate(
        {
            **places("court"),
            "lower_intensity_enrolled": figure("persons"),
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
    return StepDownInputs.model_validate({**places("stepdown"), "outpatient_occupied": figure("persons")})
