"""Who is where on day 0, with the time already served drawn from the right, length-biased law.

Someone found in jail on a given day is not a typical booking: long stays are found more often, in
proportion to their length, and the time already served is a uniform part of the whole.
"""

from simulation.initial_state.care import enroll, program_in_progress, step_down, treat, wait
from simulation.initial_state.home import arrive, house, settle, supportive
from simulation.initial_state.jail import live, pending_cases, start_stay
from simulation.initial_state.selection import found, once

__all__ = [
    "arrive",
    "enroll",
    "found",
    "house",
    "live",
    "once",
    "pending_cases",
    "program_in_progress",
    "settle",
    "start_stay",
    "step_down",
    "supportive",
    "treat",
    "wait",
]
