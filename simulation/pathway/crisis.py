"""A crisis episode, intercepts 0 and 1: line, mobile team, police, stabilization, hospital."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulation.county.county import County
from simulation.county.outcome import CrisisEnding
from simulation.county.person import Person
from simulation.county.team import Team
from simulation.engine.clock import Process, Signal
from simulation.inputs.parameters import Crisis
from simulation.pathway import admission


def episode(county: County, person: Person) -> Process[CrisisEnding]:
    """One episode from its beginning, a call or not, to its end."""
    person.crisis = person.stream.next_substream("crises")
    route = beginning(county.parameters.crisis, person.crisis.uniform("crisis.route"))
    county.crisis.admit(person, route)
    ending = yield from BEGINNINGS[route](county, person)
    county.crisis.leave(person, ending)
    return ending


def beginning(p: Crisis, uniform: float) -> str:
    """How an episode begins: ``walk_in``, ``transfer``, ``police_contact`` or ``call``."""
    for route, share in (
        ("walk_in", p.walk_in_share),
        ("transfer", p.transfer_share),
        ("police_contact", p.police_contact_share),
    ):
        uniform -= share.value
        if uniform < 0:
            return route
    return "call"


def respond(county: County, person: Person) -> Process[CrisisEnding]:
    """Who answers a call: the person's FACT team, the line, the emergency department, a team or police."""
    p, stream = county.parameters.crisis, person.crisis
    if answered_by_own_team(county, person):
        return (yield from own_team(county, person, person.team))
    calls_the_line = stream.bernoulli("crisis.line", p.line_share.value)
    if calls_the_line and (yield from by_phone(county, person)):
        return CrisisEnding.RESOLVED_BY_PHONE
    if stream.bernoulli("crisis.ed", p.ed_share.value):
        return (yield from emergency_department(county, person))
    if (yield from county.mobile_crisis.enter(person, patience=p.mobile_wait.days)):
        return (yield from mobile_team(county, person))
    return (yield from police(county, person))


def answered_by_own_team(county: County, person: Person) -> bool:
    """Whether the person's FACT team is on call now and a clinician is free."""
    hours, team = county.policy.on_call, person.team
    return hours is not None and isinstance(team, Team) and hours.cover(county.day) and team.can_answer


def own_team(county: County, person: Person, team: Team) -> Process[CrisisEnding]:
    """A clinician of the FACT team responds, with the outcomes of the line and of a mobile team."""
    p, stream = county.parameters.crisis, person.crisis
    county.note(person, team.name, "answered")
    team.answering += 1
    if stream.bernoulli("crisis.line", p.line_share.value):
        yield person.pause(p.call.sample(stream.uniform("crisis.call")))
        if stream.bernoulli("crisis.phone_resolution", p.phone_resolution.value):
            team.answering -= 1
            return CrisisEnding.RESOLVED_BY_PHONE
    goes = not stream.bernoulli("crisis.ed", p.ed_share.value)
    if goes:
        yield person.pause(p.travel.sample(stream.uniform("crisis.travel")))
        yield person.pause(p.on_scene.sample(stream.uniform("crisis.on_scene")))
    team.answering -= 1
    if goes:
        return (yield from after_visit(county, person, "fact_team"))
    return (yield from emergency_department(county, person))


def by_phone(county: County, person: Person) -> Process[bool]:
    """A call to the line; True if a call taker answers in time and resolves the crisis."""
    p, stream = county.parameters.crisis, person.crisis
    if not (yield from county.crisis_line.enter(person, patience=p.line_wait.days)):
        return False
    yield from county.crisis_line.visit(person, p.call.sample(stream.uniform("crisis.call")))
    return stream.bernoulli("crisis.phone_resolution", p.phone_resolution.value)


def shifts(county: County) -> Process[None]:
    """Put mobile teams on and off duty by the shift schedule, which a lever may change."""
    pairs = county.staff.get("mobile_crisis")
    needed = pairs.authorized if pairs else 0.0
    if pairs:
        pairs.on_change = lambda: county.shift_change.fire("staff changed")
    while True:
        on_duty = county.policy.shift_schedule.on_duty(county.day)
        if pairs and needed:
            on_duty = staffed_units(county, on_duty, pairs.in_the_field / needed)
        if county.mobile_crisis.teams != on_duty:
            county.mobile_crisis.set_on_duty(on_duty)
        county.shift_change = Signal(county.env, county.policy.shift_schedule.until_change(county.day))
        yield county.shift_change


def staffed_units(county: County, on_duty: Mapping[str, float], share: float) -> dict[str, float]:
    """The units on duty that are staffed today, if this share of the pairs they need is in post.

    Drawn for each unit and day from a stream of its own, so that one pair more or less changes no other
    unit's days.
    """
    today = int(county.day)
    return {
        district: sum(county.unit_stream(f"{district}.{team}")[today] < share for team in range(int(teams)))
        for district, teams in on_duty.items()
    }


def mobile_team(county: County, person: Person) -> Process[CrisisEnding]:
    """A mobile team travels and visits."""
    p, stream, teams = county.parameters.crisis, person.crisis, county.mobile_crisis
    travel = p.travel.sample(stream.uniform("crisis.travel"))
    yield person.pause(travel * (p.neighbor_travel_ratio.value if teams.from_afar(person) else 1))
    county.note(person, "mobile_crisis", "arrived")
    if not stream.bernoulli("crisis.mobile_contact", p.mobile_contact.value):
        yield from teams.visit(person, p.search.sample(stream.uniform("crisis.search")))
        return CrisisEnding.NO_CONTACT
    yield from teams.visit(person, p.on_scene.sample(stream.uniform("crisis.on_scene")))
    return (yield from after_visit(county, person, "mobile_team"))


def after_visit(county: County, person: Person, responder: str) -> Process[CrisisEnding]:
    """How a visit by clinicians ends: arrest, resolved in the field, or the stabilization facility."""
    p, stream = county.parameters.crisis, person.crisis
    if stream.bernoulli("crisis.mobile_arrest", p.mobile_arrest.value):
        return arrest(county, person, responder)
    if stream.bernoulli("crisis.mobile_resolution", p.mobile_resolution.value):
        return CrisisEnding.RESOLVED_IN_FIELD
    return (yield from facility(county, person))


def police(county: County, person: Person) -> Process[CrisisEnding]:
    """Police respond, perhaps trained (CIT) or joined by a clinician: arrest, transport or neither."""
    p, policy, stream = county.parameters.crisis, county.policy, person.crisis
    trained = stream.bernoulli("crisis.cit", policy.cit_share)
    joined = stream.bernoulli("crisis.coresponder", policy.coresponder_share)
    responder = "coresponder" if joined else "cit_officer" if trained else "officer"
    county.note(person, "police", "dispatched", responder)
    if stream.bernoulli("crisis.arrest", arrest_share(p, trained, joined)):
        return arrest(county, person, responder)
    if stream.bernoulli("crisis.police_transport", p.police_transport.value):
        return (yield from drop_off(county, person, responder))
    return CrisisEnding.RESOLVED_BY_POLICE


def drop_off(county: County, person: Person, responder: str) -> Process[CrisisEnding]:
    """Police bring someone to the facility, which may refuse them: then the hospital, or arrest."""
    p, stream = county.parameters.crisis, person.crisis
    refused = stream.bernoulli("crisis.drop_off_refused", p.drop_off_refused.value)
    if county.policy.no_refusal or not refused:
        return (yield from facility(county, person))
    county.stabilization.refer(person, "police")
    county.stabilization.decline(person, "drop_off_rule")
    if stream.bernoulli("crisis.arrest_if_refused", p.arrest_if_refused.value):
        return arrest(county, person, responder)
    return (yield from emergency_department(county, person))


def arrest(county: County, person: Person, responder: str) -> CrisisEnding:
    """Log who arrested the person in the crisis."""
    county.note(person, "crisis", "arrested", responder)
    return CrisisEnding.ARREST


def arrest_share(p: Crisis, trained: bool, joined: bool) -> float:
    """The share arrested at the scene by an officer, trained or not, joined by a clinician or not."""
    odds = p.cit_arrest_odds.value if trained else 1.0
    if joined:
        odds *= p.coresponder_arrest_odds.value
    return share_after_odds(p.arrest_untrained.value, odds)


def facility(county: County, person: Person) -> Process[CrisisEnding]:
    """A stabilization chair, then home or a short-term bed; the emergency department if either is full."""
    p, stream = county.parameters.crisis, person.crisis
    chair = county.stabilization
    if not (yield from chair.enter(person, patience=0)):
        return (yield from emergency_department(county, person))
    yield from chair.visit(person, p.stabilization_stay.sample(stream.uniform("crisis.stabilization_stay")))
    if not stream.bernoulli("crisis.step_up", p.step_up.value):
        return CrisisEnding.STABILIZED
    if not (yield from county.short_term_bed.enter(person, patience=0)):
        return (yield from emergency_department(county, person))
    stay = p.short_term_stay.sample(stream.uniform("crisis.short_term_stay"))
    yield from county.short_term_bed.visit(person, stay)
    if stream.bernoulli("crisis.short_term_to_inpatient", p.short_term_to_inpatient.value):
        return (yield from inpatient(county, person))
    return CrisisEnding.SHORT_TERM_BED


def emergency_department(county: County, person: Person) -> Process[CrisisEnding]:
    """The emergency department, which keeps (boards) the person until an inpatient bed is free."""
    p, stream = county.parameters.hospital, person.crisis
    room = county.emergency_department
    if not (yield from room.enter(person, patience=p.ed_wait.days)):
        return CrisisEnding.LEFT_UNSEEN
    yield person.pause(p.ed_stay.sample(stream.uniform("hospital.ed_stay")))
    if not stream.bernoulli("hospital.ed_admission", admission.share(county.parameters, person, county.day)):
        room.leave(person, "home")
        return CrisisEnding.EMERGENCY_DEPARTMENT
    bed = yield from county.inpatient.enter(person, why="boarding", patience=p.boarding.days)
    room.leave(person, "inpatient" if bed else "no_bed")
    return (yield from inpatient_stay(county, person)) if bed else CrisisEnding.EMERGENCY_DEPARTMENT


def transfer(county: County, person: Person) -> Process[CrisisEnding]:
    """Sent to an inpatient bed by a clinic or a general hospital, and waited for there."""
    if (yield from county.inpatient.enter(person, "transfer", county.parameters.hospital.boarding.days)):
        return (yield from inpatient_stay(county, person))
    return CrisisEnding.NO_BED


def inpatient(county: County, person: Person) -> Process[CrisisEnding]:
    """An inpatient bed after a short-term one, waited for at home."""
    if (yield from county.inpatient.enter(person, patience=county.parameters.hospital.boarding.days)):
        return (yield from inpatient_stay(county, person))
    return CrisisEnding.SHORT_TERM_BED


def inpatient_stay(county: County, person: Person) -> Process[CrisisEnding]:
    """The stay in an inpatient bed already assigned, acute or long."""
    p, stream = county.parameters.hospital, person.crisis
    if stream.bernoulli("hospital.long_stay_share", p.long_stay_share.value):
        stay = p.long_stay.sample(stream.uniform("hospital.long_stay"))
    else:
        stay = p.inpatient_stay.sample(stream.uniform("hospital.inpatient_stay"))
    yield from county.inpatient.visit(person, stay)
    person.discharged = county.day
    return CrisisEnding.INPATIENT


BEGINNINGS: Mapping[str, Callable[[County, Person], Process[CrisisEnding]]] = {
    "walk_in": emergency_department,
    "transfer": transfer,
    "police_contact": police,
    "call": respond,
}
"""What happens first in an episode, by how it begins."""


def excess_after(p: Crisis, ending: CrisisEnding) -> float:
    """By how much an episode that ended like this raises the rate of the next one."""
    return (p.excess_after_discharge if ending is CrisisEnding.INPATIENT else p.excess_after_crisis).value


def share_after_odds(share: float, odds_ratio: float) -> float:
    """A probability after its odds are multiplied by an odds ratio."""
    odds = share / (1 - share) * odds_ratio
    return odds / (1 + odds)
