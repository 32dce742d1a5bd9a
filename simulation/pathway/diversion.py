"""Diversion: referral, evaluation, eligibility, assessment and grant, against the clock of the case."""

from __future__ import annotations

from simulation.bell import Wait
from simulation.county import County
from simulation.pathway.arrest import Case
from simulation.pathway.docket import hearing
from simulation.person import Departed, Person
from simulation.service import Service

DIVERTIBLE = ("felony", "misdemeanor")

TOO_LATE = "case_disposed"

PIPELINE = 21.0
"""Days: a referral that fell due longer ago than this, before day 0, has had its answer."""


def admitted(county: County, person: Person, case: Case) -> Wait:
    """Whether the court admits the person to diversion before the case is over."""
    if not (yield from referred(county, person, case)):
        return False
    try:
        refusal = yield from decided(county, person, case)
    except Departed as departure:
        county.court.give_up(person, str(departure))
        raise
    if refusal:
        answer = county.court.give_up if refusal == TOO_LATE else county.court.decline
        answer(person, refusal)
        person.program = None
        return False
    case.record.admitted = county.day
    person.program = "admitted"
    county.court.admit(person, "in_custody" if case.custody else "in_community")
    return True


def decided(county: County, person: Person, case: Case) -> Wait:
    """The steps between referral and admission; returns the reason of a refusal, or nothing."""
    for step in (evaluated, assessed, granted):
        refusal = yield from step(county, person, case)
        if refusal:
            return refusal
    return ""


def referred(county: County, person: Person, case: Case) -> Wait:
    """Whether the defense refers the person, with their consent, before the case is over."""
    p, policy, luck = county.parameters.court, county.policy, person.luck
    chance = luck.luck("court.referral")
    possible = chance < max(policy.referral_share(True), policy.referral_share(False))
    proposed = possible and case.record.charge in DIVERTIBLE
    consents = luck.happens("court.consent", p.consent.value)
    delay = p.referral_delay.sample(luck.luck("court.referral_delay")) * policy.referral_delay_ratio
    wait = case.record.arrested + delay - county.day
    if not proposed or wait < -PIPELINE or wait >= case.time_left(county.day):
        return False
    yield from person.pause(max(0.0, wait))
    if person.program is not None or chance >= policy.referral_share(case.identified):
        return False
    if not consents:
        county.note(person, "court", "refused", "no_consent")
        return False
    person.program = "referred"
    case.record.referred = county.day
    county.court.refer(person, case.record.charge)
    return True


def evaluated(county: County, person: Person, case: Case) -> Wait:
    """The independent evaluation of the criteria for eligibility; returns the reason of a refusal."""
    p, luck = county.parameters.court, person.luck
    work = p.evaluation.sample(luck.luck("court.evaluation"))
    if not (yield from worked_on(county.evaluation, person, work, case)):
        return TOO_LATE
    excluded = luck.happens("court.charge_excluded", p.charge_excluded.value)
    if excluded and case.record.charge == "felony":
        return "charge_excluded"
    return "" if luck.happens("court.eligible", p.eligible.value) else "not_eligible"


def assessed(county: County, person: Person, case: Case) -> Wait:
    """Clinical assessment, HCR-20 and LS, and the treatment plan."""
    work = county.parameters.court.assessment.sample(person.luck.luck("court.assessment"))
    done = yield from worked_on(county.assessment, person, work, case)
    return "" if done else TOO_LATE


def granted(county: County, person: Person, case: Case) -> Wait:
    """The hearing on the motion."""
    heard = yield from hearing(county, person, priority=0, patience=case.time_left(county.day))
    if not heard:
        return TOO_LATE
    granted = person.luck.happens("court.granted", county.parameters.court.granted.value)
    return "" if granted else "not_granted"


def worked_on(desk: Service, person: Person, work: float, case: Case) -> Wait:
    """Wait for someone's desk and for the work to be done; False if the case was over before."""
    if not (yield from desk.enter(person, patience=case.time_left(desk.env.now))):
        return False
    yield from desk.visit(person, work, "done")
    return case.time_left(desk.env.now) > 0
