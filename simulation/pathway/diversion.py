"""Diversion: referral, evaluation, assessment and grant, all before the disposition of the case."""

from __future__ import annotations

from collections.abc import Callable

from simulation.county.county import County
from simulation.county.outcome import Charge, Refusal
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.engine.clock import LeftCounty, Process
from simulation.inputs.parameters import Court
from simulation.pathway import housing
from simulation.pathway.arrest import Case
from simulation.pathway.docket import hearing

Step = Callable[[County, Person, Case], Process[Refusal | None]]

DIVERTIBLE = (Charge.FELONY, Charge.MISDEMEANOR)

MONTH = 365.25 / 12

PIPELINE = 21.0
"""Days from referral to decision: a referral due longer than this before day 0 has been decided."""


def admitted(county: County, person: Person, case: Case) -> Process[bool]:
    """Whether the court admits the person to diversion before the case is over."""
    if not county.has("court") or not (yield from referred(county, person, case)):
        return False
    return (yield from answered(county, person, case, (allowed, evaluated, assessed, granted)))


def ordered(county: County, person: Person, case: Case) -> Process[bool]:
    """Whether the court diverts, on its own motion, someone incompetent to stand trial."""
    if (
        not county.has("court")
        or person.program is not None
        or case.excluded
        or case.charge not in county.policy.divertible
    ):
        return False
    refer(county, person, case)
    return (yield from answered(county, person, case, (granted,)))


def refer(county: County, person: Person, case: Case) -> None:
    """Refer the person to the diversion court."""
    person.program = "referred"
    case.record.referred = county.day
    county.court.refer(person, case.charge)


def answered(county: County, person: Person, case: Case, steps: tuple[Step, ...]) -> Process[bool]:
    """Take the steps between referral and admission until one refuses; True if the person is admitted."""
    refusal: Refusal | None = None
    try:
        for step in steps:
            refusal = refusal or (yield from step(county, person, case))
    except LeftCounty as departure:
        county.court.left_waiting(person, str(departure))
        raise
    if refusal:
        answer = county.court.left_waiting if refusal is Refusal.CASE_DISPOSED else county.court.decline
        answer(person, refusal)
        housing.without_program(county, person)
        return False
    case.record.admitted = county.day
    person.program = "admitted"
    county.court.admit(person, "in_custody" if case.release else "in_community")
    return True


def referred(county: County, person: Person, case: Case) -> Process[bool]:
    """Whether the defense refers the person, with their consent, before the case is over."""
    p, policy, stream = county.parameters.court, county.policy, case.stream
    chance = stream.uniform("court.referral")
    if case.charge not in DIVERTIBLE or chance >= policy.best_referral_share(person.traits):
        return False
    delay = p.referral_delay.sample(stream.uniform("court.referral_delay")) * policy.referral_delay_ratio
    wait = case.record.arrested + case.suspended + delay - county.day
    if wait < -PIPELINE or wait >= case.time_left(county.day):
        return False
    yield person.pause(max(0.0, wait))
    if person.program is not None or chance >= policy.referral_share(case.identified, person.traits):
        return False
    if not stream.bernoulli("court.consent", policy.consent):
        county.note(person, "court", "refused", "no_consent")
        return False
    refer(county, person, case)
    return True


def allowed(county: County, person: Person, case: Case) -> Process[Refusal | None]:
    """Whether the charge is divertible and the month's limit not reached; returns the reason of a refusal."""
    yield from ()
    if case.excluded or case.charge not in county.policy.divertible:
        return Refusal.CHARGE_EXCLUDED
    if county.policy.referrals_left < 1:
        return Refusal.MONTHLY_LIMIT
    county.policy.referrals_left -= 1
    return None


def renew_limit_each_month(county: County) -> Process[None]:
    """Renew the monthly limit on referrals."""
    while True:
        county.policy.referrals_left = county.policy.referral_limit
        yield county.env.timeout(MONTH)


def evaluated(county: County, person: Person, case: Case) -> Process[Refusal | None]:
    """The independent evaluation of the criteria for eligibility; returns the reason of a refusal."""
    p, stream = county.parameters.court, person.stream
    work = p.evaluation.sample(stream.uniform("court.evaluation"))
    deadline = county.policy.rules.evaluation_deadline
    if not (yield from reported(county, county.evaluation, person, case, (work, deadline))):
        return Refusal.CASE_DISPOSED
    suitable = stream.bernoulli("court.eligible", p.eligible.value)
    criterion = unmet(p, stream.uniform("court.criterion"))
    return None if suitable or criterion in county.policy.waived else criterion


def unmet(p: Court, uniform: float) -> Refusal:
    """The criterion that someone who is not suitable does not meet."""
    shares = (
        (Refusal.NO_DIAGNOSIS, p.lacks_diagnosis),
        (Refusal.NO_NEXUS, p.lacks_nexus),
        (Refusal.RISK, p.unreasonable_risk),
    )
    for criterion, share in shares:
        uniform -= share.value
        if uniform < 0:
            return criterion
    return Refusal.NO_BENEFIT


def assessed(county: County, person: Person, case: Case) -> Process[Refusal | None]:
    """Clinical assessment (HCR-20 and LS) and treatment plan; returns the reason of a refusal."""
    work = county.parameters.court.assessment.sample(person.stream.uniform("court.assessment"))
    deadline = county.policy.rules.assessment_deadline
    done = yield from reported(county, county.assessment, person, case, (work, deadline))
    return None if done else Refusal.CASE_DISPOSED


def granted(county: County, person: Person, case: Case) -> Process[Refusal | None]:
    """The hearing on the motion; returns the reason of a refusal."""
    held = yield from hearing(county, person, "motion", patience=case.time_left(county.day))
    if not held:
        return Refusal.CASE_DISPOSED
    granted = person.stream.bernoulli("court.granted", county.parameters.court.granted.value)
    return None if granted else Refusal.NOT_GRANTED


def reported(
    county: County, assessor: Service, person: Person, case: Case, days: tuple[float, float]
) -> Process[bool]:
    """Wait for an evaluator or assessor and the report; False if the case was disposed first.

    ``days``: how long the work takes, and the deadline, after which the report is logged as late.
    """
    ordered, (work, deadline) = county.day, days
    if not (yield from assessor.enter(person, patience=case.time_left(county.day))):
        return False
    yield from assessor.visit(person, work, "done")
    if county.day > ordered + deadline:
        county.note(person, assessor.name, "late")
    return case.time_left(county.day) > 0
