"""What the people in posts do: the roles of a FACT team, of the court's staff and of the crisis system."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal[
    "team_leader",
    "psychiatrist",
    "nurse",
    "substance_use_specialist",
    "vocational_specialist",
    "peer",
    "case_manager",
    "forensic_liaison",
    "housing_specialist",
    "program_assistant",
    "evaluator",
    "assessor",
    "court_case_manager",
    "mobile_crisis_pair",
]

ROLES: tuple[Role, ...] = get_args(Role)

PRESCRIBERS: frozenset[Role] = frozenset({"psychiatrist"})
"""Whose posts take longer to fill than others."""

CASE_MANAGERS: frozenset[Role] = frozenset({"court_case_manager"})
"""Case managers outside a team, who leave more often than others."""

WITHOUT_CASELOAD: frozenset[Role] = frozenset({"psychiatrist", "program_assistant"})
"""Whom the Dartmouth scale leaves out of the clinicians that carry a caseload (item H1)."""
