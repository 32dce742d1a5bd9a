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


def nothing(unit: str, value: float = 0.0) -> dict[str, Any]:
    """A quantity of 0, or one without effect, that says why it is there."""
    return {"value": value, "unit": unit, "source": WHY, "grade": "A"}


def places(section: str) -> dict[str, Any]:
    """No capacity in any of a section's services."""
    return {
        spec.input: nothing(spec.unit) for spec in SIZED if spec.section == section and spec.default is None
    }


def jail() -> JailInputs:
    """No jail: whoever is arrested is cited, and the people are sized by the section ``people``."""
    return JailInputs.model_validate(
        {
            **places("jail"),
            "bookings": nothing("bookings/month"),
            "average_daily_population": nothing("persons"),
            "mental_health_cases": nothing("persons"),
            "smi_share_of_bookings": nothing("share"),
        }
    )


def crisis() -> CrisisInputs:
    """No crises."""
    return CrisisInputs.model_validate({**places("crisis"), "mobile_teams": nothing("teams")})


def court() -> CourtInputs:
    """No diversion court: cases run their ordinary course."""
    return CourtInputs.model_validate(
        {
            **places("court"),
            "lower_intensity_enrolled": nothing("persons"),
            "docket": (),
            "hearing_interval": nothing("days", 30),
            "program_limit": nothing("months", 24),
        }
    )


def fact() -> FactInputs:
    """No FACT team: everyone diverted gets lower-intensity care."""
    return FactInputs.model_validate(
        {
            "teams": (),
            "caseload_ratio": nothing("persons per clinician", 10),
            "intake": nothing("admissions/month"),
            "contacts": nothing("contacts per person-week", 3),
            "forensic_supervisor": nothing("FTE"),
            "source": WHY,
            "grade": "A",
        }
    )


def housing() -> HousingInputs:
    """No homes and no waiting lists for them; people lose homes and find others by themselves."""
    return HousingInputs()


def stepdown() -> StepDownInputs:
    """Nothing after the program."""
    return StepDownInputs.model_validate({**places("stepdown"), "outpatient_occupied": nothing("persons")})
