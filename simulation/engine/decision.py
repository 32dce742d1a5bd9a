"""Random decisions: every name is declared once, with the key of its random numbers.

A decision that one parameter governs has the parameter's dotted path as its name (``court.consent``); so has
the draw of that parameter's value in a sample of parameters. The tables of this module have all other names.
A key is a hash of the name or, if the decision was renamed, of the name under which it was first drawn:
renaming a decision changes no random number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from hashlib import blake2b

from simulation.inputs.parameters import Parameters


class UndeclaredDecision(LookupError):
    """A random number was asked for by a name that is not declared."""


class DecisionKeys(dict[str, int]):
    """The 64-bit key of every declared decision, by name.

    ``families`` are names with a part that a county's file fills in, such as ``post.{}``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._families: list[tuple[re.Pattern[str], str]] = []

    def declare(self, *names: str, keys: Mapping[str, str] | None = None) -> None:
        """Declare decisions; ``keys`` gives the first name of one that was renamed.

        Raises ``ValueError`` if a name is declared already, or has another decision's key.
        """
        for name in names:
            key = _hashed((keys or {}).get(name, name))
            if name in self or key in self.values():
                raise ValueError(f"the random decision '{name}' is declared twice: it needs another name")
            self[name] = key

    def declare_family(self, pattern: str, key: str) -> None:
        """Declare all decisions whose name fits a pattern; the text in braces is handed on to the key."""
        self._families.append((re.compile(re.escape(pattern).replace(r"\{\}", "(.+)")), key))

    def __missing__(self, name: str) -> int:
        for pattern, key in self._families:
            if match := pattern.fullmatch(name):
                self[name] = _hashed(key.format(*match.groups()))
                return self[name]
        close = get_close_matches(name, self, 1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise UndeclaredDecision(f"the random decision '{name}' is not declared in {__name__}{hint}")


def _hashed(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


OWNERS = ("person", "arrivals", "docket", "parameters", "prior", "visit", "visit_on_day_0")
"""Owners of a stream of their own."""
EVENTS = ("arrests", "crises")
"""Events of a person with a substream each."""
RISKS = ("crisis", "arrest", "housing", "death", "moving_away")
OTHERS = (
    *("arrival", "staffed"),
    *("people.age", "people.years_in_band", "people.race_ethnicity", "people.region"),
    *("crisis.route", "crisis.line", "crisis.ed", "crisis.cit", "crisis.coresponder", "crisis.arrest"),
    *("arrest.charge", "arrest.cite"),
    *("jail.release", "jail.hold", "jail.sentence", "jail.identified", "jail.matched", "jail.medication"),
    *("jail.reentry", "court.referral", "court.criterion", "court.disposition", "court.conviction"),
    *("court.jail", "court.therapy", "court.resumed", "court.voluntary_withdrawal"),
    *("fact.clinician", "housing.landlord", "housing.shares", "stepdown.readmission"),
    *("staffing.vacant", "staffing.vacancy", "staffing.vacancy_left", "staffing.worked"),
    *("other_residents.arrival", "other_residents.region", "other_residents.stay"),
    *("other_residents.part", "other_residents.in_place", "other_residents.length"),
    *("other_residents.kind", "other_residents.behind"),
)
"""Decisions that no single parameter governs."""

FOUND_IN_PROGRESS = (
    *("spell", "recognizance", "bail", "not_charged", "charging", "awaiting", "sentence"),
    *("evaluating", "restoring", "pending_case", "stepdown", "treated"),
)
"""Stays in progress on day 0: the length of each, and the part of it that is over."""
INITIAL_STATE = (
    *("jail", "jail_state", "before_charge", "before_sentence", "later", "waited", "evaluated"),
    *("disposition", "pending", "pending_charge", "pending_cited", "homeless", "tenancy", "shelter"),
    *("supportive", "longer_term", "outpatient", "substance_use", "hearing"),
    *("since_crisis", "since_arrest"),
    *("program_charge", "program_length", "program_exit", "program_kept", "program_behind"),
    *FOUND_IN_PROGRESS,
    *(f"{stay}.behind" for stay in FOUND_IN_PROGRESS),
)
"""Decisions on who is where on day 0."""
RENAMED = {
    "staffed": "crewed",
    **{f"initial_state.{name}": f"present.{name}" for name in INITIAL_STATE},
}
"""The first name of every decision that has another one today."""
FAMILIES = {
    "initial_state.enrolled.{}": "present.{}",
    "initial_state.waiting.{}": "present.waiting.{}",
    "group.{}.session": "group.{}.session",
    "mobile_crisis.{}": "mobile_crisis.{}",
    "post.{}": "post.{}",
    "visits.{}": "visits.{}",
}
"""Decisions and owners that a county's file names, and their keys."""
SHARED = frozenset(
    {
        *("arrests", "jail.identified", "stepdown.return_to_fact"),
        *("crisis.line", "crisis.ed", "crisis.phone_resolution"),
        *("crisis.call", "crisis.travel", "crisis.on_scene"),
        *(
            "initial_state.homeless",
            "initial_state.spell",
            "initial_state.pending",
            "initial_state.before_charge",
        ),
        *("initial_state.later", "initial_state.sentence"),
    }
)
"""One decision drawn in several places of the code. Any other name occurs in one place only."""

KEYS = DecisionKeys()
KEYS.declare(*Parameters.paths(), *OWNERS, *EVENTS, *RISKS, *OTHERS, keys=RENAMED)
KEYS.declare(*(f"initial_state.{name}" for name in INITIAL_STATE), keys=RENAMED)
for _pattern, _key in FAMILIES.items():
    KEYS.declare_family(_pattern, _key)
