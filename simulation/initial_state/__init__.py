"""Who is where on day 0, with the time already served drawn from the length-biased distribution.

Someone found in jail on a given day is not a typical booking: long stays are found more often, in
proportion to their length, and the time already served is a uniform part of the whole.
"""

from simulation.initial_state.care import (
    place_in_outpatient_care,
    place_in_program,
    place_in_substance_use_treatment,
    place_on_waiting_list,
    program_in_progress,
)
from simulation.initial_state.home import (
    add_newcomer,
    place_in_homes,
    place_in_longer_term_homes,
    place_in_supportive_homes,
)
from simulation.initial_state.jail import open_pending_cases, place_in_jail_or_community, start_stay
from simulation.initial_state.other_residents import start_visits
from simulation.initial_state.people import people_of
from simulation.initial_state.raised import raise_risks
from simulation.initial_state.selection import entry_substream, stay_in_progress

__all__ = [
    "add_newcomer",
    "entry_substream",
    "open_pending_cases",
    "people_of",
    "place_in_homes",
    "place_in_jail_or_community",
    "place_in_longer_term_homes",
    "place_in_outpatient_care",
    "place_in_program",
    "place_in_substance_use_treatment",
    "place_in_supportive_homes",
    "place_on_waiting_list",
    "program_in_progress",
    "raise_risks",
    "start_stay",
    "start_visits",
    "stay_in_progress",
]
