"""A crisis episode, intercepts 0 and 1: line, mobile team or police, facility, bed, hospital."""

from __future__ import annotations

from math import inf

from simulation.bell import Bell, Wait
from simulation.county import County
from simulation.person import Person


def episode(county: County, person: Person) -> Wait:
    """From the call to its end; returns how it ended, ``arrest`` among the endings."""
    county.crisis.admit(person)
    ending = yield from respond(county, person)
    county.crisis.leave(person, ending)
    return ending


def respond(county: County, person: Person) -> Wait:
    """Resolved by phone, or somebody goes; 911 calls skip the line."""
    p, luck = county.parameters.crisis, person.luck
    calls_the_line = luck.happens("crisis.line", p.line_share.value)
    if calls_the_line and (yield from by_phone(county, person)):
        return "resolved_by_phone"
    if luck.happens("crisis.ed", p.ed_share.value):
        return (yield from emergency_department(county, person))
    if (yield from county.mobile_crisis.enter(person, patience=p.mobile_wait.days)):
        return (yield from mobile_team(county, person))
    return (yield from police(county, person))


def by_phone(county: County, person: Person) -> Wait:
    """A call taker answers in time and resolves it, or somebody has to go."""
    p, luck = county.parameters.crisis, person.luck
    if not (yield from county.crisis_line.enter(person, patience=p.line_wait.days)):
        return False
    yield from county.crisis_line.visit(person, p.call.sample(luck.luck("crisis.call")))
    return luck.happens("crisis.phone_resolution", p.phone_resolution.value)


def mobile_hours(county: County) -> Wait:
    """Open and close the mobile teams at their hours, every day; day 0 begins at midnight."""
    while True:
        opens, closes = county.policy.mobile_hours
        hour = round(county.day % 1 * 24, 4) % 24
        on_duty = county.policy.mobile_teams if opens <= hour < closes else 0
        if county.mobile_crisis.slots != on_duty:
            county.mobile_crisis.resize(on_duty)
        changes = [change - hour for change in (opens, closes, 24 + opens) if change > hour]
        always = opens == 0 and closes == 24
        county.mobile_roster = Bell(county.env, inf if always else min(changes) / 24)
        yield county.mobile_roster


def mobile_team(county: County, person: Person) -> Wait:
    """A mobile crisis team resolves it in the field or brings the person to the facility."""
    p, luck = county.parameters.crisis, person.luck
    yield from county.mobile_crisis.visit(person, p.mobile_visit.sample(luck.luck("crisis.mobile_visit")))
    if luck.happens("crisis.mobile_resolution", p.mobile_resolution.value):
        return "resolved_in_field"
    return (yield from facility(county, person))


def police(county: County, person: Person) -> Wait:
    """Police come, trained for crises (CIT) or not: arrest, facility, or resolved on the spot."""
    p, luck = county.parameters.crisis, person.luck
    county.note(person, "police", "dispatched")
    arrest = p.arrest_untrained.value
    if luck.happens("crisis.cit", p.cit_share.value):
        arrest = share_after_odds(arrest, p.cit_arrest_odds.value)
    if luck.happens("crisis.arrest", arrest):
        return "arrest"
    if luck.happens("crisis.police_transport", p.police_transport.value):
        return (yield from facility(county, person))
    return "resolved_by_police"


def facility(county: County, person: Person) -> Wait:
    """A stabilization chair for less than a day, then home or a short-term bed; full means the ED."""
    p, luck = county.parameters.crisis, person.luck
    chair = county.stabilization
    if not (yield from chair.enter(person, patience=0)):
        return (yield from emergency_department(county, person))
    yield from chair.visit(person, p.stabilization_stay.sample(luck.luck("crisis.stabilization_stay")))
    if not luck.happens("crisis.step_up", p.step_up.value):
        return "stabilized"
    if not (yield from county.short_term_bed.enter(person, patience=0)):
        return (yield from emergency_department(county, person))
    stay = p.short_term_stay.sample(luck.luck("crisis.short_term_stay"))
    yield from county.short_term_bed.visit(person, stay)
    if luck.happens("crisis.short_term_to_inpatient", p.short_term_to_inpatient.value):
        return (yield from inpatient(county, person))
    return "short_term_bed"


def emergency_department(county: County, person: Person) -> Wait:
    """The emergency department, which keeps (boards) the person until an inpatient bed is free."""
    p, luck = county.parameters.hospital, person.luck
    room = county.emergency_department
    if not (yield from room.enter(person, patience=p.ed_wait.days)):
        return "left_unseen"
    yield from person.pause(p.ed_stay.sample(luck.luck("hospital.ed_stay")))
    if not luck.happens("hospital.ed_admission", p.ed_admission.value):
        room.leave(person, "home")
        return "emergency_department"
    bed = yield from county.inpatient.enter(person, patience=p.boarding.days)
    room.leave(person, "inpatient" if bed else "no_bed")
    return (yield from inpatient_stay(county, person)) if bed else "emergency_department"


def inpatient(county: County, person: Person) -> Wait:
    """An inpatient bed after a short-term one, waited for where the person lives."""
    if (yield from county.inpatient.enter(person, patience=county.parameters.hospital.boarding.days)):
        return (yield from inpatient_stay(county, person))
    return "short_term_bed"


def inpatient_stay(county: County, person: Person) -> Wait:
    """The stay in a bed already given."""
    stay = county.parameters.hospital.inpatient_stay
    yield from county.inpatient.visit(person, stay.sample(person.luck.luck("hospital.inpatient_stay")))
    return "inpatient"


def share_after_odds(share: float, odds_ratio: float) -> float:
    """A probability after its odds are multiplied by an odds ratio."""
    odds = share / (1 - share) * odds_ratio
    return odds / (1 + odds)
