"""The county's standing rules, as its file states them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from simulation.inputs.demand_profile import DemandProfile
from simulation.inputs.group_program import GroupProgram
from simulation.inputs.housing_type import HomeRules
from simulation.inputs.sections.court import Sanctions
from simulation.inputs.sections.fact import FactPriority
from simulation.inputs.shift_schedule import Hours, ShiftSchedule


@dataclass(frozen=True)
class Rules:
    """Standing rules, in days unless said otherwise.

    phases: of the program, first to last but one, each its length and the days between its status
    hearings; hearing_interval: between status hearings in the last phase; report_interval: between
    reports to the court; evaluation_deadline, assessment_deadline: from order to report;
    warrant_limit: longest absence on a bench warrant; place_held: whether the place in care is kept
    meanwhile; sanctions: what answers a miss; program_limit: longest time in the program;
    intake_per_month: persons a team may enroll a month; caseload_ratio: persons per clinician;
    sessions_per_week: therapy sessions scheduled a week; fact_priority: who is first on a FACT team's list;
    groups: the FACT teams' treatment groups; on_call: hours in which teams answer their members' crises,
    None if never; crisis_demand: when crises happen, None for evenly;
    shift_schedule: the mobile teams' shifts; coresponder_share: share of police responses to a crisis that a
    clinician joins; no_refusal: whether the crisis facility takes everyone whom police bring; not_white:
    share of the people of other races and ethnicities than White; homes: whom the county's homes take, and
    in what order; off: sections that its file leaves out, switched off.
    """

    phases: tuple[tuple[float, float], ...] = ()
    hearing_interval: float = 30.0
    report_interval: float = inf
    evaluation_deadline: float = inf
    assessment_deadline: float = inf
    warrant_limit: float = inf
    place_held: bool = True
    sanctions: Sanctions = "jail"
    program_limit: float = 730.5
    intake_per_month: float = 6.0
    caseload_ratio: float = 10.0
    sessions_per_week: float = 3.0
    fact_priority: FactPriority = "longest_waiting"
    groups: tuple[GroupProgram, ...] = ()
    on_call: Hours | None = None
    crisis_demand: DemandProfile | None = None
    shift_schedule: ShiftSchedule = field(default_factory=ShiftSchedule)
    coresponder_share: float = 0.0
    no_refusal: bool = True
    not_white: float = 0.0
    homes: HomeRules = field(default_factory=HomeRules)
    off: frozenset[str] = frozenset()


def white(group: str) -> bool:
    """Whether a group of race and ethnicity is the one that others are compared with."""
    return group.strip().casefold() == "white"
