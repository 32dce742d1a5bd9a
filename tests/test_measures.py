"""Every measure gives the number that a pencil gives on a log of a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.engine.eventlog import OTHER_RESIDENTS_FROM, Arrest, EventLog, Events, Post, Tenure
from simulation.measures import MEASURES, History
from simulation.measures.history import average, counts, means, person_days

Numbers = NDArray[np.float64]
Row = tuple[float, int, str, str, str]
NAN = float("nan")


def log_of(rows: Sequence[Row], **tables: Any) -> Events:
    """A log with these rows; the tables are arrests, posts, tenures, capacity and attendance."""
    log = EventLog()
    for number in range(10):
        sex, race = ("female", "White") if number % 2 else ("male", "Black")
        log.enrol((number, sex, "26-40", race, False, False, False, "west"))
    for row in rows:
        log.write(*row)
    log.arrests.extend(tables.get("arrests", ()))
    log.posts.extend(tables.get("posts", ()))
    log.tenures.extend(tables.get("tenures", ()))
    for level in tables.get("capacity", ()):
        log.capacity(*level)
    for session in tables.get("attendance", ()):
        log.attended(*session)
    return log.read()


JAIL = log_of(
    [
        (-5, 1, "jail", "admitted", "felony"),
        (2, 1, "jail", "sentenced", "felony"),
        (3, 2, "jail", "admitted", "misdemeanor"),
        (4, 2, "court", "referred", "misdemeanor"),
        (5, 2, "court", "admitted", "in_custody"),
        (5, 2, "fact.west", "referred", "diverted"),
        (6, 1, "jail", "discharged", "sentence_served"),
        (7, 1, "fact.west", "referred", "diverted"),
        (8, 1, "jail", "admitted", "sanction"),
        (9, 2, "fact.west", "admitted", "diverted"),
        (9, 2, "jail", "discharged", "diverted"),
        (12, 1, "jail", "discharged", "released"),
        (15, 2, "jail", "admitted", "commitment"),
    ],
    capacity=[(0, "jail", "background_population", 100), (0, "jail", "background_bookings", 2)],
)
HOMES = log_of(
    [
        *((0, person, "county", "admitted", "present") for person in range(7)),
        (0, 1, "home", "moved", "none"),
        (0, 1, "master_leased", "referred", "first_choice"),
        (0, 1, "shared", "referred", "also"),
        (5, 2, "home", "moved", "none"),
        (5, 2, "supportive", "referred", "first_choice"),
        (10, 1, "master_leased", "admitted", "first_choice"),
        (10, 1, "shared", "left_waiting", "other_home"),
        (20, 1, "home", "moved", "master_leased"),
        (30, 2, "supportive", "admitted", "first_choice"),
        (40, 4, "home", "moved", "none"),
        (40, 4, "shared", "referred", "first_choice"),
        (40, 4, "shared", "admitted", "first_choice"),
        (50, 4, "home", "moved", "shared"),
        (60, 2, "home", "moved", "supportive"),
        (100, 4, "shared", "discharged", "moving_away"),
        (100, 4, "county", "discharged", "moving_away"),
        (100, 1, "longer_term", "referred", "master_leased"),
        (120, 1, "longer_term", "admitted", "master_leased"),
        (150, 1, "home", "moved", "longer_term"),
        (150, 1, "master_leased", "discharged", "moved_on"),
        (200, 2, "supportive", "discharged", "lost"),
        (200, 2, "home", "moved", "none"),
        (500, 5, "home", "moved", "none"),
        (500, 5, "master_leased", "referred", "first_choice"),
        (590, 6, "home", "moved", "none"),
        (590, 6, "shared", "referred", "first_choice"),
        (590, 6, "shared", "admitted", "first_choice"),
        (600, 6, "home", "moved", "shared"),
        (700, 6, "shared", "discharged", "landlord"),
        (700, 6, "home", "moved", "none"),
    ]
)
"""1 climbs from the street to a lasting home; 2 loses a supportive one; 4 leaves the county with a home;
5 waits to the end; 6 loses a home to its landlord."""
STEPS = log_of(
    [
        *((-300, person, "fact.west", "admitted", "diverted") for person in range(1, 7)),
        (20, 2, "fact.west", "discharged", "success"),
        (30, 3, "fact.west", "discharged", "success"),
        (40, 2, "outpatient", "admitted", "step_down"),
        (50, 1, "readiness", "not_ready", ""),
        (50, 3, "outpatient", "admitted", "step_down"),
        (50, 7, "substance_use", "admitted", "step_down"),
        (60, 4, "fact.west", "discharged", "success"),
        (100, 1, "readiness", "ready", ""),
        (100, 3, "outpatient", "discharged", "new_program"),
        (110, 1, "lower_intensity", "admitted", "step_down"),
        (110, 1, "fact.west", "discharged", "stepped_down"),
        (150, 2, "outpatient", "discharged", "completed"),
        (150, 7, "substance_use", "discharged", "completed"),
        (160, 1, "fact.west", "admitted", "return"),
        (160, 1, "lower_intensity", "discharged", "return_to_fact"),
        (210, 5, "fact.west", "discharged", "success"),
        (215, 5, "outpatient", "admitted", "step_down"),
        (230, 5, "outpatient", "discharged", "completed"),
        (300, 6, "fact.west", "discharged", "success"),
        (310, 6, "outpatient", "admitted", "step_down"),
    ],
    capacity=[(0, "substance_use", "slots", 3)],
)
"""1 steps down in the program and comes back; 2 and 5 are kept by aftercare, 3 and 4 are not, of 6 it is
not known yet. Nobody has a co-occurring disorder on record."""
PROGRAM = log_of(
    [
        (-10, 3, "court", "admitted", "in_community"),
        (-10, 3, "fact.west", "admitted", "diverted"),
        (-10, 6, "court", "admitted", "in_community"),
        (0, 6, "homeless", "admitted", ""),
        (0, 1, "court", "referred", "felony"),
        (2, 2, "court", "referred", "felony"),
        (3, 1, "crisis", "admitted", ""),
        (3.5, 1, "crisis", "discharged", "resolved_by_phone"),
        (4, 1, "court", "admitted", "in_community"),
        (4, 1, "fact.west", "referred", "diverted"),
        (6, 2, "court", "declined", "not_eligible"),
        (7, 1, "emergency_department", "admitted", ""),
        (7.5, 1, "inpatient", "referred", "boarding"),
        (8, 1, "inpatient", "admitted", "boarding"),
        (8, 1, "emergency_department", "discharged", "inpatient"),
        (8, 4, "court", "referred", "felony"),
        (10, 1, "fact.west", "admitted", "diverted"),
        (10, 8, "master_leased", "referred", "fact"),
        (14, 4, "court", "admitted", "in_custody"),
        (14, 4, "fact.west", "referred", "diverted"),
        (14, 5, "fact.east", "referred", "return"),
        (14, 5, "fact.east", "admitted", "return"),
        (16, 8, "master_leased", "admitted", "fact"),
        (20, 3, "court", "discharged", "administrative_closure"),
        (20, 3, "fact.west", "discharged", "administrative_closure"),
        (20, 9, "master_leased", "referred", "fact"),
        (20, 2, "crisis", "admitted", ""),
        (20.02, 2, "mobile_crisis", "referred", ""),
        (20.04, 2, "mobile_crisis", "left_waiting", "waited_too_long"),
        (20.05, 2, "police", "dispatched", "officer"),
        (20.1, 2, "crisis", "arrested", "officer"),
        (20.1, 2, "crisis", "discharged", "arrest"),
        (24, 4, "fact.west", "left_waiting", "waited_too_long"),
        (30, 1, "inpatient", "discharged", ""),
        (30, 6, "homeless", "discharged", "own"),
        (30, 1, "homeless", "admitted", ""),
        (30, 3, "crisis", "admitted", ""),
        (30, 3, "mobile_crisis", "referred", ""),
        (30.25, 3, "mobile_crisis", "admitted", "west"),
        (30.5, 3, "mobile_crisis", "arrived", ""),
        (31, 3, "mobile_crisis", "discharged", ""),
        (31, 3, "stabilization", "referred", ""),
        (31, 3, "stabilization", "admitted", ""),
        (32, 3, "stabilization", "discharged", ""),
        (32, 3, "short_term_bed", "referred", ""),
        (32, 3, "short_term_bed", "declined", "full"),
        (35, 2, "stabilization", "referred", "police"),
        (35, 2, "stabilization", "declined", "drop_off_rule"),
        (30, 8, "longer_term", "referred", "master_leased"),
        (40, 8, "longer_term", "admitted", "master_leased"),
        (40, 8, "master_leased", "discharged", "moved_on"),
        (40, 1, "fact.west", "discharged", "success"),
        (40, 1, "court", "discharged", "success"),
        (40, 1, "outpatient", "referred", "step_down"),
        (41, 1, "outpatient", "admitted", "step_down"),
        (45, 6, "court", "discharged", "failure"),
    ],
    arrests=[
        Arrest(1, -6, "felony", True, charged=1, referred=0, admitted=4),
        Arrest(2, -1, "felony", True, referred=2),
        Arrest(4, 1, "felony", True, charged=5, referred=8, admitted=14),
        Arrest(5, 3, "felony", True, charged=20),
    ],
    capacity=[
        (0, "fact.west", "posts", 2),
        (0, "fact.east", "posts", 1),
        (0, "fact.west", "clinicians", 2),
        (0, "fact.east", "clinicians", 1),
        (25, "fact.west", "clinicians", 1),
        (0, "calendar", "first_weekday", 4),
    ],
    attendance=[
        ((5.0, 5.0), 1, "hearing", (1, 1)),
        ((6.0, 6.0), 3, "hearing", (1, 1)),
        ((7.0, 7.0), 1, "hearing", (1, 0)),
        ((25.0, 25.0), 1, "hearing", (1, 1)),
        ((0.0, 20.0), 1, "therapy", (10, 8)),
        ((0.0, 10.0), 3, "therapy", (5, 1)),
        ((20.0, 30.0), 1, "therapy", (4, 1)),
    ],
)
COURT = log_of(
    [
        (0, 1, "court", "refused", "no_consent"),
        (1, 2, "court", "referred", "felony"),
        (1, 2, "evaluation", "referred", ""),
        (1, 2, "evaluation", "admitted", ""),
        (2, 3, "docket", "referred", "motion"),
        (3, 4, "docket", "referred", "status"),
        (4, 5, "docket", "referred", "status"),
        (6, 3, "docket", "admitted", "motion"),
        (6, 3, "docket", "discharged", "heard"),
        (6, 4, "docket", "admitted", "status"),
        (6, 4, "docket", "discharged", "heard"),
        (6, 4, "court", "sanctioned", "jail"),
        (7, 6, "jail", "admitted", "felony"),
        (7, 6, "competency", "admitted", "felony"),
        (8, 2, "evaluation", "discharged", "done"),
        (8, 2, "evaluation", "late", ""),
        (8, 2, "court", "declined", "no_nexus"),
        (9, 6, "restoration", "referred", ""),
        (9, 7, "warrant", "issued", ""),
        (10, 8, "warrant", "issued", ""),
        (11, 7, "reporting", "filed", "on_time"),
        (12, 8, "reporting", "filed", "late"),
        (12, 7, "warrant", "returned", ""),
        (13, 6, "restoration", "admitted", ""),
        (13, 6, "jail", "discharged", "restoration"),
        (13, 9, "court", "rewarded", ""),
        (14, 8, "warrant", "terminated", ""),
        (14, 9, "court", "sanctioned", "without_jail"),
        (14, 5, "docket", "left_waiting", "waited_too_long"),
        (15, 9, "assessment", "discharged", "done"),
        (17, 6, "restoration", "discharged", "restored"),
        (17, 6, "jail", "admitted", "restoration"),
        (17, 6, "competency", "discharged", "restored"),
    ],
    capacity=[(6, "docket", "held", 4), (13, "docket", "held", 0)],
)
YEARS = log_of(
    [
        *[(0, p, "jail", "admitted", "felony") for p in (1, 2, 3, 4)],
        *[(day, p, "jail", "discharged", "released") for day, p in ((10, 3), (20, 4), (50, 2), (100, 1))],
        (150, 1, "jail", "admitted", "felony"),
        (200, 1, "jail", "discharged", "released"),
        *[(0, p, "court", "admitted", "in_community") for p in (5, 6, 7, 8)],
        (100, 5, "court", "discharged", "failure"),
        (120, 6, "court", "discharged", "success"),
        (130, 7, "court", "discharged", "administrative_closure"),
        (300, 8, "court", "discharged", "success"),
    ],
    arrests=[
        Arrest(8, 150, "felony", True, disposed=160, disposition="convicted"),
        Arrest(1, 150, "felony", True, disposed=160, disposition="convicted"),
        Arrest(2, 50 + 365.25, "misdemeanor", True, disposed=500, disposition="dismissed"),
        Arrest(3, 410, "ordinance", True, disposed=500, disposition="convicted"),
        Arrest(5, 300, "felony", True, disposed=350, disposition="convicted"),
        Arrest(6, 620, "misdemeanor", True, disposed=650, disposition="convicted"),
        Arrest(7, 140, "felony", True, disposed=150, disposition="convicted"),
    ],
)

BEDS = log_of(
    [
        (1, 1, "stabilization", "referred", ""),
        (1, 1, "stabilization", "admitted", ""),
        (2, 2, "stabilization", "referred", ""),
        (2, 2, "stabilization", "declined", "full"),
        (3, 3, "stabilization", "referred", ""),
        (4, 3, "stabilization", "admitted", ""),
        (9, 4, "stabilization", "referred", ""),
        (12, 5, "stabilization", "referred", ""),
        (12, 6, "court", "referred", "felony"),
        (15, 6, "court", "admitted", "in_community"),
        (19, 5, "stabilization", "left_waiting", "waited_too_long"),
    ],
    capacity=[(0, "stabilization", "slots", 1), (0, "court", "slots", np.inf), (0, "beds", "slots", 3)],
)

IN_JAIL = log_of(
    [
        (0, 3, "fact.west", "admitted", "diverted"),
        (1, 1, "jail", "admitted", "felony"),
        (1.2, 1, "screening", "discharged", "identified"),
        (2, 2, "jail", "admitted", "misdemeanor"),
        (2.1, 2, "screening", "discharged", "missed"),
        (3, 3, "jail", "admitted", "felony"),
        (4, 1, "medication", "continued", ""),
        (4.5, 3, "notice", "given", "to_care"),
        (4.5, 3, "jail", "identified", "care"),
        (4.5, 3, "in_reach", "visited", "fact.west"),
        (5, 1, "jail", "discharged", "released"),
        (5, 1, "reentry", "planned", "linked"),
        (5, 2, "medication", "interrupted", ""),
        (6, 2, "jail", "identified", "noticed"),
        (6, 5, "jail", "admitted", "felony"),
        (7, 5, "jail", "discharged", "released"),
        (7, 5, "reentry", "unplanned", "linked"),
        (8, 2, "jail", "discharged", "released"),
        (8, 2, "reentry", "unplanned", "not_linked"),
        (12, 4, "jail", "admitted", "felony"),
        (15, 4, "jail", "identified", "records"),
    ],
    capacity=[
        (0, "jail", "background_population", 1),
        (0, "jail", "background_bookings", 2),
        (0, "jail", "rated_beds", 3),
        (0, "screening", "specificity", 0.9),
        (15, "screening", "specificity", 0.95),
    ],
)

TEAM = log_of(
    [
        (-5, 1, "fact.west", "admitted", "diverted"),
        (4, 2, "lower_intensity", "admitted", "diverted"),
        (18, 1, "fact.west", "discharged", "success"),
    ],
    capacity=[
        (0, "fact.west", "minutes_per_contact", 40),
        (0, "fact.west", "fidelity", 0.5),
        (15, "fact.west", "fidelity", 0.7),
        (0, "fact.west", "dacts", 3),
        (0, "fact.west", "facts", 4),
        (5, "fact.west", "facts", 3),
        (0, "fact.west", "engagement", 1),
    ],
    attendance=[
        ((0.0, 7.0), 1, "therapy", (4, 3)),
        ((7.0, 14.0), 1, "therapy", (4, 1)),
        ((4.0, 11.0), 2, "therapy", (3, 3)),
    ],
    posts=[
        Post(0, "fact.west", "nurse", 0.5, True, 0.0),
        Post(1, "fact.west", "peer", 1.0, True, 0.0, 15.0, "cut"),
    ],
    tenures=[
        Tenure(0, "fact.west", "nurse", -30.0, 4.0, "left"),
        Tenure(0, "fact.west", "nurse", 14.0),
        Tenure(1, "fact.west", "peer", 0.0, 15.0, "cut"),
    ],
)

GROUPS = log_of(
    [
        (-30, 1, "fact.west", "admitted", "diverted"),
        (-14, 1, "group.cbsst", "admitted", "active_phase"),
        (2, 2, "fact.west", "admitted", "diverted"),
        (2, 2, "group.cbsst", "referred", "active_phase"),
        (3, 1, "crisis", "admitted", ""),
        (3, 1, "fact.west", "answered", ""),
        (3.1, 1, "crisis", "discharged", "resolved_by_phone"),
        (4, 2, "crisis", "admitted", ""),
        (4.1, 2, "crisis", "discharged", "resolved_by_police"),
        (5, 3, "crisis", "admitted", ""),
        (6, 1, "group.cbsst", "discharged", "completed"),
        (6, 2, "group.cbsst", "admitted", "active_phase"),
        (12, 1, "fact.west", "discharged", "success"),
        (13, 1, "crisis", "admitted", ""),
        (15, 2, "crisis", "admitted", ""),
        (15, 2, "fact.west", "answered", ""),
        (16, 2, "group.cbsst", "discharged", "voluntary_withdrawal"),
    ],
    attendance=[((0.0, 6.0), 1, "group", (1, 1)), ((6.0, 16.0), 2, "group", (2, 1))],
)
"""1 completes a group that 2 waited for and leaves; each member has a crisis that the team answers."""

OTHER = OTHER_RESIDENTS_FROM
RESIDENTS = log_of(
    [
        (-2, OTHER, "emergency_department", "admitted", ""),
        (1, 1, "emergency_department", "referred", ""),
        (1, 1, "emergency_department", "admitted", ""),
        (2, OTHER + 1, "emergency_department", "referred", ""),
        (2, OTHER + 1, "emergency_department", "admitted", ""),
        (3, 1, "emergency_department", "discharged", "home"),
        (4, OTHER, "emergency_department", "discharged", ""),
        (5, 2, "emergency_department", "referred", ""),
        (6, OTHER + 1, "emergency_department", "discharged", ""),
        (6, 2, "emergency_department", "admitted", ""),
        (7, OTHER + 2, "crisis_line", "referred", ""),
        (7, OTHER + 2, "crisis_line", "admitted", ""),
        (8, OTHER + 2, "crisis_line", "discharged", ""),
        (11, OTHER + 3, "emergency_department", "referred", ""),
        (11.5, OTHER + 3, "emergency_department", "left_waiting", "waited_too_long"),
        (12, 2, "emergency_department", "discharged", "home"),
        (13, 3, "inpatient", "referred", ""),
        (13, 3, "inpatient", "admitted", ""),
        (15, 3, "inpatient", "discharged", ""),
    ],
    capacity=[
        (0, "emergency_department", "slots", 2),
        (0, "emergency_department", "other_residents", 0.5),
        (0, "crisis_line", "slots", 3),
        (0, "crisis_line", "other_residents", 0.2),
        (0, "inpatient", "slots", 5),
        (0, "stabilization", "slots", np.inf),
        (15, "emergency_department", "slots", 4),
    ],
)
"""Other residents use the emergency department and the line; no total is known of inpatient beds."""
HOSPITAL = log_of(
    [
        (0, 1, "county", "admitted", "present"),
        (0, 2, "county", "admitted", "present"),
        (4, 1, "crisis", "admitted", "walk_in"),
        (5, 1, "inpatient", "admitted", "boarding"),
        (10, 1, "inpatient", "discharged", ""),
        (10, 1, "crisis", "discharged", "inpatient"),
        (25, 1, "inpatient", "admitted", ""),
        (35, 1, "inpatient", "discharged", ""),
        (50, 1, "fact.west", "admitted", "diverted"),
        (80, 1, "inpatient", "admitted", "transfer"),
        (100, 1, "inpatient", "discharged", ""),
        (100, 1, "fact.west", "discharged", "success"),
        (150, 2, "inpatient", "admitted", ""),
        (190, 2, "inpatient", "discharged", ""),
        (195, 2, "inpatient", "admitted", ""),
        (199, 2, "inpatient", "discharged", ""),
    ]
)
"""Discharged on day 10 and back after 15 days, on day 35 and back after 45; the last two are not followed."""
LOGS = {
    "hospital": (HOSPITAL, [0, 100, 200]),
    "residents": (RESIDENTS, [0, 10, 20]),
    "groups": (GROUPS, [0, 10, 20]),
    "team": (TEAM, [0, 10, 20]),
    "in jail": (IN_JAIL, [0, 10, 20]),
    "beds": (BEDS, [0, 10, 20]),
    "homes": (HOMES, [0, 400, 800]),
    "jail": (JAIL, [0, 10, 20]),
    "program": (PROGRAM, [0, 25, 50]),
    "court": (COURT, [0, 10, 20]),
    "steps": (STEPS, [0, 200, 400]),
    "years": (YEARS, [0, 365, 730, 1500]),
    "longer": (YEARS, [0, 365, 730, 2000]),
}
BY_HAND: dict[str, tuple[str, dict[str, list[float]]]] = {
    "service_visits": (
        "residents",
        {"all": [2, 1], "service=emergency_department": [2, 0], "service=inpatient": [0, 1]},
    ),
    "all_residents_visits": (
        "residents",
        {"all": [4, 0], "service=emergency_department": [3, 0], "service=crisis_line": [1, 0]},
    ),
    "all_residents_occupied": (
        "residents",
        {"all": [1.5, 0.2], "service=emergency_department": [1.4, 0.2], "service=crisis_line": [0.1, 0]},
    ),
    "all_residents_found_no_place": (
        "residents",
        {"all": [1 / 4, 1], "service=emergency_department": [1 / 3, 1], "service=crisis_line": [0, NAN]},
    ),
    "places_in_use": (
        "residents",
        {
            "all": [15 / 100, 4 / 110],
            "service=crisis_line": [1 / 30, 0],
            "service=emergency_department": [14 / 20, 2 / 30],
            "service=inpatient": [0, 2 / 50],
        },
    ),
    "group_census": ("groups", {"all": [1, 0.6], "group=cbsst": [1, 0.6]}),
    "group_waiting": ("groups", {"all": [0.4, 0], "group=cbsst": [0.4, 0]}),
    "group_completions": ("groups", {"all": [1, 0], "group=cbsst": [1, 0]}),
    "group_attendance": ("groups", {"all": [1, 0.5]}),
    "own_team_crises": ("groups", {"all": [0.5, 1], "team=west": [0.5, 1]}),
    "posts_vacant": ("team", {"all": [3 / 15, 2 / 10], "role=nurse": [0.6, 0.4], "role=peer": [0, 0]}),
    "staff_departures": ("team", {"all": [1, 1], "role=nurse": [1, 0], "role=peer": [0, 1]}),
    "tenure_days": ("team", {"all": [34, 15]}),
    "fact_contacts": ("team", {"all": [3, 1], "team=west": [3, 1]}),
    "fact_minutes": ("team", {"all": [120, 40]}),
    "fact_fidelity": ("team", {"all": [0.5, 0.6], "team=west": [0.5, 0.6]}),
    "fact_dacts": ("team", {"all": [3, 3]}),
    "fact_facts": ("team", {"all": [3.5, 3]}),
    "fact_engagement": ("team", {"all": [1, 1]}),
    "identified": (
        "in jail",
        {
            "all": [0.75, 1],
            "by=screen": [0.25, 0],
            "by=noticed": [0.25, 0],
            "by=care": [0.25, 0],
            "by=records": [0, 1],
        },
    ),
    "screen_positives": ("in jail", {"all": [3, 1.5], "right": [1, 0], "wrong": [2, 1.5]}),
    "screen_positives_right": ("in jail", {"all": [1 / 3, 0]}),
    "team_notified": ("in jail", {"all": [1, NAN], "within=24h": [0, NAN]}),
    "in_reach_visits": ("in jail", {"all": [1, 0]}),
    "medication_continued": ("in jail", {"all": [0.5, NAN]}),
    "reentry_planned": ("in jail", {"all": [1 / 3, NAN]}),
    "linked_after_release": (
        "in jail",
        {"all": [2 / 3, NAN], "plan=planned": [1, NAN], "plan=unplanned": [0.5, NAN]},
    ),
    "jail_stay_median": ("in jail", {"all": [4, NAN]}),
    "days_above_rated_beds": ("in jail", {"all": [3, 0]}),
    "jail_days_top_5pct": ("in jail", {"all": [NAN, NAN]}),
    "bookings": (
        "jail",
        {
            "all": [2, 1],
            "total": [22, 21],
            "booked_for=sanction": [1, 0],
            "booked_for=misdemeanor": [1, 0],
            "booked_for=commitment": [0, 1],
            "sex=female": [1, 0],
            "race_ethnicity=Black": [1, 1],
        },
    ),
    "arrests": ("years", {"all": [4, 3, 0], "sex=male": [1, 2, 0], "sex=female": [3, 1, 0]}),
    "jail_days": (
        "jail",
        {
            "all": [14, 7],
            "for=awaiting_court": [4, 0],
            "for=waiting_for_slot": [4, 0],
            "for=serving": [4, 5],
            "for=sanction": [2, 2],
            "sex=female": [8, 2],
            "sex=male": [6, 5],
        },
    ),
    "jail_days_waiting_for_slot": ("jail", {"all": [4, 0]}),
    "jail_adp": ("jail", {"all": [1.4, 0.7], "total": [101.4, 100.7], "for=serving": [0.4, 0.5]}),
    "jail_stay": ("jail", {"all": [7, 7]}),
    "crisis_contacts": (
        "program",
        {
            "all": [2, 1],
            "ended=resolved_by_phone": [1, 0],
            "ended=arrest": [1, 0],
            "ended=unfinished": [0, 1],
        },
    ),
    "crisis_profile": (
        "program",
        {
            "all": [2, 1],
            "hour=00": [2, 1],
            "hour=12": [0, 0],
            "weekday=Monday": [1, 0],
            "weekday=Thursday": [1, 0],
            "weekday=Sunday": [0, 1],
        },
    ),
    "police_responses": ("program", {"all": [1, 0], "by=officer": [1, 0]}),
    "mobile_responses": ("program", {"all": [0, 1], "from=west": [0, 1]}),
    "mobile_share": ("program", {"all": [0, 1]}),
    "mobile_response_hours": ("program", {"all": [NAN, 12]}),
    "crisis_arrests": ("program", {"all": [1, 0], "by=officer": [1, 0]}),
    "crisis_refusals": ("program", {"all": [0, 2], "why=full": [0, 1], "why=drop_off_rule": [0, 1]}),
    "ed_boarding_hours": ("program", {"all": [12, 0]}),
    "crisis_beds_occupied": (
        "program",
        {
            "all": [18 / 25, 6 / 25],
            "in=stabilization": [0, 1 / 25],
            "in=short_term_bed": [0, 0],
            "in=emergency_department": [1 / 25, 0],
            "in=inpatient": [17 / 25, 5 / 25],
        },
    ),
    "hospital_days": ("program", {"all": [17, 5]}),
    "psychiatric_readmission_30d": ("hospital", {"all": [0.5, 0]}),
    "hospital_days_per_person_year": (
        "hospital",
        {"all": [365.25 * 35 / 200, 365.25 * 44 / 200], "care=fact": [365.25 * 20 / 50, NAN]},
    ),
    "crises_top_5pct": ("hospital", {"all": [NAN, NAN]}),
    "emergency_visits": ("program", {"all": [1, 0]}),
    "fact_census": ("program", {"all": [1.84, 1.6], "team=west": [1.4, 0.6], "team=east": [0.44, 1]}),
    "fact_waiting": ("program", {"all": [0.64, 0], "team=west": [0.64, 0], "team=east": [0, 0]}),
    "fact_wait_days": ("program", {"all": [3, NAN]}),
    "court_census": ("program", {"all": [77 / 25, 60 / 25]}),
    "caseload_per_clinician": ("program", {"all": [1.84 / 3, 0.8], "team=west": [0.7, 0.6]}),
    "fact_vacancy": ("program", {"all": [0, 1 / 3]}),
    "diversion_referrals": ("program", {"all": [3, 0]}),
    "referral_share": ("program", {"all": [2 / 3, NAN]}),
    "diversion_admissions": (
        "program",
        {"all": [2, 0], "from=in_community": [1, 0], "from=in_custody": [1, 0]},
    ),
    "days_arrest_to_referral": ("program", {"all": [16 / 3, NAN]}),
    "days_referral_to_admission": ("program", {"all": [5, NAN]}),
    "days_in_program": (
        "program",
        {"all": [NAN, 45.5], "exit=success": [NAN, 36], "exit=failure": [NAN, 55]},
    ),
    "program_exits": (
        "program",
        {
            "all": [1, 2],
            "exit=administrative_closure": [1, 0],
            "exit=success": [0, 1],
            "exit=failure": [0, 1],
        },
    ),
    "hearings_held": ("court", {"all": [2, 0], "kind=motion": [1, 0], "kind=status": [1, 0]}),
    "docket_wait_days": ("court", {"all": [3.5, NAN]}),
    "docket_waiting": ("court", {"all": [(4 + 3 + 6) / 10, 0.4]}),
    "hearings_dropped": ("court", {"all": [0, 1]}),
    "docket_load": ("court", {"all": [0.5, NAN]}),
    "docket_days_lost": ("court", {"all": [0, 1]}),
    "reports_filed": ("court", {"all": [0, 2], "when=on_time": [0, 1], "when=late": [0, 1]}),
    "reports_on_time": ("court", {"all": [NAN, 0.5]}),
    "evaluations_late": (
        "court",
        {"all": [1, 0], "report=evaluation": [1, NAN], "report=assessment": [NAN, 0]},
    ),
    "diversion_refusals": (
        "court",
        {"all": [2, 0], "reason=no_consent": [1, 0], "reason=no_nexus": [1, 0]},
    ),
    "bench_warrants": (
        "court",
        {"all": [1, 1], "then=returned": [0, 1], "then=terminated": [0, 1]},
    ),
    "sanctions": ("court", {"all": [1, 1], "kind=jail": [1, 0], "kind=without_jail": [0, 1]}),
    "incentives": ("court", {"all": [0, 1]}),
    "competency_census": (
        "court",
        {
            "all": [0.3, 0.7],
            "state=in_evaluation": [0.2, 0],
            "state=waiting": [0.1, 0.3],
            "state=in_restoration": [0, 0.4],
        },
    ),
    "restoration_wait_days": ("court", {"all": [NAN, 4]}),
    "step_downs": ("program", {"all": [0, 1]}),
    "hearing_attendance": ("program", {"all": [2 / 3, 1]}),
    "therapy_attendance": ("program", {"all": [0.6, 0.25]}),
    "housing_occupied": (
        "program",
        {"all": [0.36, 1], "home=master_leased": [0.36, 0.6], "home=longer_term": [0, 0.4]},
    ),
    "housing_waiting": (
        "program",
        {"all": [0.44, 1.4], "home=master_leased": [0.44, 1], "home=longer_term": [0, 0.4]},
    ),
    "housing_units_needed": (
        "program",
        {"all": [0.8, 2], "home=master_leased": [0.8, 1.6], "home=longer_term": [0, 0.4]},
    ),
    "found_no_place": (
        "beds",
        {"all": [0.75, 1], "service=stabilization": [0.75, 1], "service=beds": [NAN, NAN]},
    ),
    "housing_wait_days": ("program", {"all": [6, NAN], "home=longer_term": [NAN, 10]}),
    "housing_need_peak": ("homes", {"all": [3, 3], "home=master_leased": [1, 1], "home=supportive": [1, 0]}),
    "housing_need_90": ("homes", {"all": [3, 3], "home=longer_term": [1, 1], "home=shared": [1, 1]}),
    "readiness": ("steps", {"all": [0.5, NAN]}),
    "fact_step_downs": (
        "steps",
        {"all": [3, 2], "to=lower_intensity": [1, 0], "to=outpatient": [2, 2]},
    ),
    "successful_transitions": ("steps", {"all": [1 / 3, 1]}),
    "returns_to_fact": ("steps", {"all": [1, 0]}),
    "substance_use_treatment": ("steps", {"all": [0.5, 0]}),
    "homes_lost": ("homes", {"all": [1, 1], "why=lost": [1, 0], "why=landlord": [0, 1]}),
    "housing_moves_up": (
        "homes",
        {"all": [4, 1], "step=off_the_street": [3, 1], "step=to_a_lasting_home": [1, 0]},
    ),
    "tenancies_kept_1y": ("homes", {"all": [0.5, NAN]}),
    "homeless": ("program", {"all": [1, 1], "where=shelter": [0, 0]}),
    "homelessness_begun": ("program", {"all": [0, 1], "after=jail": [0, 0]}),
    "homeless_at_exit": ("program", {"all": [NAN, 0.5], "at=entry": [NAN, 0.5]}),
    "rearrest_1y": ("years", {"all": [0.5, NAN, NAN], "sex=female": [0.5, NAN, NAN]}),
    "rearrest_2y": ("years", {"all": [0.75, NAN, NAN], "sex=female": [1, NAN, NAN]}),
    "reconviction_1y": (
        "years",
        {
            "all": [1 / 3, NAN, NAN],
            "exit=success": [0, NAN, NAN],
            "exit=failure": [1, NAN, NAN],
            "completed=no": [1, NAN, NAN],
        },
    ),
    "reconviction_2y": ("years", {"all": [2 / 3, NAN, NAN], "exit=success": [0.5, NAN, NAN]}),
    "reconviction_3y": ("longer", {"all": [0.25, NAN, NAN], "sex=male": [0, NAN, NAN]}),
}


def measured(name: str, events: Events, edges: Sequence[float]) -> dict[str, Numbers]:
    """A measure of a log that ends with the last period."""
    history = History(events, edges[-1])
    return dict(MEASURES[name].values(history, np.array(edges, dtype=np.float64), subgroups=True))


def test_every_measure_has_a_number_worked_out_by_hand() -> None:
    assert set(BY_HAND) == set(MEASURES)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_measure_is_what_a_pencil_says(name: str) -> None:
    log, expected = BY_HAND[name]
    found = measured(name, *LOGS[log])
    assert next(iter(found)) == "all"
    for subgroup, values in expected.items():
        assert found[subgroup] == pytest.approx(values, nan_ok=True), subgroup


def test_nobody_counts_as_spared_before_the_cases_of_the_window_are_settled() -> None:
    # Three years and one more to settle before day 1500: only those released on days 10 and 20 are known.
    found = measured("reconviction_3y", YEARS, [0, 365, 730, 1500])
    assert found["all"] == pytest.approx([0, NAN, NAN], nan_ok=True)


@pytest.mark.parametrize("log", LOGS)
def test_a_measure_is_the_same_whatever_was_measured_before(log: str) -> None:
    events, edges = LOGS[log]
    history, bins = History(events, edges[-1]), np.array(edges, dtype=np.float64)
    for _ in range(2):
        for name in [n for n, (which, _) in BY_HAND.items() if which == log]:
            together, alone = (
                MEASURES[name].function(history, bins)["all"],
                measured(name, events, edges)["all"],
            )
            assert together == pytest.approx(alone, nan_ok=True), name


@pytest.mark.parametrize("name", [n for n, m in MEASURES.items() if m.kind == "flow"])
def test_flows_of_parts_of_a_period_sum_to_the_flow_of_the_whole(name: str) -> None:
    events, edges = LOGS[BY_HAND[name][0]]
    parts, whole = measured(name, events, edges), measured(name, events, [edges[0], edges[-1]])
    for subgroup, values in whole.items():
        assert parts[subgroup].sum() == pytest.approx(values[0]), subgroup


EDGE_DAYS = (3.0, 6.0, 7.0, 14.0, 20.0, 25.0, 30.0, 40.0, 41.0, 45.0)


@pytest.mark.parametrize("name", [n for n, (log, _) in BY_HAND.items() if log == "program"])
def test_what_happens_on_the_last_edge_belongs_to_the_next_period(name: str) -> None:
    history = History(PROGRAM, 50.0)
    for edge in EDGE_DAYS:
        alone = MEASURES[name].function(history, np.array([0.0, edge]))["all"][0]
        followed = MEASURES[name].function(history, np.array([0.0, edge, 50.0]))["all"][0]
        assert alone == pytest.approx(followed, nan_ok=True), edge


UNKNOWN_WITHOUT_TOTALS = {"all_residents_visits", "all_residents_occupied"}
"""Measures of all residents, of whom a county that gives no total says nothing."""


def test_all_residents_are_unknown_and_not_none_where_the_county_gives_no_total() -> None:
    for name in UNKNOWN_WITHOUT_TOTALS:
        assert list(measured(name, BEDS, [0, 10])) == ["all"]
        assert np.isnan(measured(name, BEDS, [0, 10])["all"]).all()


def test_no_measure_of_people_counts_other_residents() -> None:
    """Every measure but those of all residents is the same on a log without the others' rows."""
    alone = replace(RESIDENTS, other_residents=None)
    of_all = {*UNKNOWN_WITHOUT_TOTALS, "all_residents_found_no_place", "places_in_use"}
    assert RESIDENTS.other_residents is not None
    for name in set(MEASURES) - of_all:
        together, apart = measured(name, RESIDENTS, [0, 10, 20]), measured(name, alone, [0, 10, 20])
        assert set(together) == set(apart), name
        for subgroup, values in together.items():
            assert np.array_equal(values, apart[subgroup], equal_nan=True), (name, subgroup)
    for name in of_all:
        assert not np.array_equal(
            measured(name, RESIDENTS, [0, 10])["all"], measured(name, alone, [0, 10])["all"]
        )


def test_an_empty_log_measures_nothing_rather_than_failing() -> None:
    for name, measure in MEASURES.items():
        values = measured(name, log_of([]), [0, 10])["all"]
        assert np.isnan(values[0]) or values[0] == 0, name
        unknown = name in UNKNOWN_WITHOUT_TOTALS
        assert unknown or measure.kind not in ("stock", "flow") or values[0] == 0, name


def test_days_in_jail_for_another_reason_are_not_days_waiting_for_a_slot() -> None:
    events = log_of(
        [
            (1, 1, "court", "referred", "felony"),
            (2, 1, "court", "admitted", "in_community"),
            (2, 1, "fact.west", "referred", "diverted"),
            (4, 1, "jail", "admitted", "commitment"),
            (7, 1, "jail", "discharged", "released"),
            (8, 1, "jail", "admitted", "misdemeanor"),
            (9, 1, "jail", "discharged", "released"),
            (10, 1, "fact.west", "admitted", "diverted"),
        ]
    )
    found = {name: values[0] for name, values in measured("jail_days", events, [0, 20]).items()}
    parts = {name.removeprefix("for="): value for name, value in found.items() if name.startswith("for=")}
    assert parts == pytest.approx(
        {"awaiting_court": 1, "waiting_for_slot": 0, "serving": 3, "sanction": 0, "awaiting_restoration": 0}
    )


def test_who_is_sentenced_while_waiting_for_a_slot_serves_from_then_on() -> None:
    events = log_of(
        [
            (1, 1, "jail", "admitted", "felony"),
            (3, 1, "court", "admitted", "in_custody"),
            (8, 1, "jail", "sentenced", "felony"),
            (12, 1, "jail", "discharged", "sentence_served"),
        ]
    )
    found = {name: values[0] for name, values in measured("jail_days", events, [0, 20]).items()}
    parts = {name.removeprefix("for="): value for name, value in found.items() if name.startswith("for=")}
    assert parts == pytest.approx(
        {"awaiting_court": 2, "waiting_for_slot": 5, "serving": 4, "sanction": 0, "awaiting_restoration": 0}
    )


def test_who_was_not_followed_up_for_the_whole_window_does_not_count_as_spared() -> None:
    rows: list[Row] = []
    for person, day in ((1, 10), (2, 300)):
        rows += [(0, person, "jail", "admitted", "felony"), (day, person, "jail", "discharged", "released")]
    events = log_of(rows, arrests=[Arrest(1, 60, "felony", True)])
    share = measured("rearrest_1y", events, [0, 500])["all"][0]
    assert np.isnan(share) or share == 1


def test_a_move_from_jail_to_a_restoration_place_is_no_release() -> None:
    events = log_of(
        [
            (0, 1, "jail", "admitted", "felony"),
            (10, 1, "jail", "discharged", "restoration"),
            (90, 1, "jail", "admitted", "restoration"),
            (100, 1, "jail", "discharged", "dismissed"),
        ],
        arrests=[Arrest(1, 400, "felony", True)],
    )
    found = MEASURES["rearrest_1y"].function(History(events, 1000.0), np.array([0.0, 365.0]))
    assert found["all"][0] == 1, "390 days after the move, 300 days after the release"


def test_newcomers_with_large_numbers_are_told_apart_to_the_minute() -> None:
    minute = 1 / 1440
    rows: list[Row] = [(0, 1, "homeless", "admitted", ""), (5, 1, "homeless", "discharged", "own")]
    log = EventLog()
    for number in (1, 10_000_001, 10_000_002):
        log.enrol((number, "female", "26-40", "White", False, False, False, "west"))
    for row in [
        *rows,
        (7.0, 10_000_001, "jail", "admitted", "felony"),
        (7.0 + 2 * minute, 10_000_001, "jail", "discharged", "released"),
        (300.0, 10_000_002, "jail", "admitted", "felony"),
        (301.0, 10_000_002, "jail", "discharged", "released"),
    ]:
        log.write(*row)
    log.arrests += [
        Arrest(10_000_001, 7.0 + minute, "felony", True),
        Arrest(10_000_002, 301.0, "felony", True),
    ]
    history = History(log.read(), 1000.0)
    assert MEASURES["rearrest_1y"].function(history, np.array([0.0, 365.0]))["all"][0] == 0


SPELLS = log_of(
    [
        (0, 1, "desk", "referred", ""),
        (0, 2, "desk", "referred", ""),
        (0, 3, "desk", "referred", ""),
        (0, 4, "desk", "declined", "full"),
        (2, 1, "desk", "admitted", "first"),
        (3, 2, "desk", "left_waiting", "death"),
        (5, 1, "desk", "discharged", "done"),
        (6, 1, "desk", "referred", ""),
        (6, 1, "desk", "admitted", "again"),
        (-3, 5, "desk", "admitted", "present"),
    ]
)


def test_spans_pair_each_admission_with_its_own_discharge() -> None:
    spans = History(SPELLS, 10).spans("desk")
    assert list(zip(spans.person.tolist(), spans.start.tolist(), spans.end.tolist(), strict=True)) == [
        (1, 2, 5),
        (1, 6, np.inf),
        (5, -3, np.inf),
    ]
    words = [
        (SPELLS.words[a], SPELLS.words[b] if b >= 0 else None)
        for a, b in zip(spans.why_in, spans.why_out, strict=True)
    ]
    assert words == [("first", "done"), ("again", None), ("present", None)]


def test_waits_end_in_admission_refusal_or_giving_up_or_not_at_all() -> None:
    history = History(SPELLS, 10)
    waits = history.waits("desk")
    assert list(zip(waits.person.tolist(), waits.start.tolist(), waits.end.tolist(), strict=True)) == [
        (1, 0, 2),
        (1, 6, 6),
        (2, 0, 3),
        (3, 0, np.inf),
    ]
    history.spans("desk")
    assert history.ended_by("desk", "admitted").tolist() == [True, True, False, False]
    assert history.ended_by("desk", "left_waiting").tolist() == [False, False, True, False]


def test_only_keeps_the_spans_of_a_mask() -> None:
    spans = History(SPELLS, 10).spans("desk")
    assert spans.only(spans.person == 1).start.tolist() == [2, 6]


def test_a_service_nobody_used_has_no_spans() -> None:
    assert len(History(SPELLS, 10).spans("nowhere")) == len(History(SPELLS, 10).waits("nowhere")) == 0


def test_person_days_are_cut_at_the_edges_and_open_spans_go_on() -> None:
    start, end = np.array([-5.0, 2.0, 12.0, 4.0]), np.array([3.0, 11.0, np.inf, 4.0])
    assert person_days(start, end, np.array([0.0, 10.0, 20.0])).tolist() == [3 + 8, 1 + 8]


def test_counts_and_means_put_an_edge_into_the_later_period() -> None:
    days, edges = np.array([0.0, 9.9, 10.0, 20.0]), np.array([0.0, 10.0, 20.0])
    assert counts(days, edges).tolist() == [2, 1]
    assert means(days, np.array([1.0, 2.0, 5.0, 9.0]), edges).tolist() == [1.5, 5]
    assert np.isnan(means(days[:2], np.array([1.0, 2.0]), edges)[1])


def test_an_average_level_weighs_each_step_by_its_days() -> None:
    found = average(np.array([0.0, 5.0, 12.0]), np.array([2.0, 4.0, 0.0]), np.array([0.0, 10.0, 20.0]))
    assert found.tolist() == [3, 0.8]


def test_one_person_of_twenty_with_fifty_days_has_fifty_of_sixty_nine() -> None:
    log = EventLog()
    for person in range(20):
        log.enrol((person, "male", "26-40", "White", False, False, False, "west"))
        log.write(0, person, "jail", "admitted", "felony")
        log.write(50 if person == 7 else 1, person, "jail", "discharged", "released")
    found = measured("jail_days_top_5pct", log.read(), [0, 100])
    assert found["all"] == pytest.approx([50 / 69])
