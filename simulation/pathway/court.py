"""The court: charge, diversion, the docket, the program's hearings, disposition."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import comb

from simulation.bell import Wait
from simulation.county import County
from simulation.pathway.arrest import Case
from simulation.person import Departed, Person
from simulation.service import Service

DIVERTIBLE = ("felony", "misdemeanor")


def docket_days(county: County, slots: int, first: float, every: float = 7.0) -> Wait:
    """Hold a docket day every ``every`` days from day ``first``, each with this many slots."""
    yield county.env.timeout(max(0.0, first - county.day))
    while True:
        county.docket.open_intake(slots)
        county.docket.open_intake(0)
        yield county.env.timeout(every)


def hearing(county: County, person: Person, priority: int, patience: float) -> Wait:
    """Wait for a slot on a docket day; True if the case was heard."""
    heard = yield from county.docket.enter(person, patience=patience, priority=priority)
    if heard:
        county.docket.leave(person, "heard")
    return heard


def charge(county: County, person: Person, case: Case) -> Wait:
    """The prosecutor files a charge, or lets the person go; True if charged."""
    p, luck = county.parameters.court, person.luck
    charged = luck.happens("court.charged", p.charged.value)
    yield from person.pause(p.charging.sample(luck.luck("court.charging")))
    if not charged:
        close(county, person, case, "not_charged")
        return False
    case.record.charged = county.day
    person.charged_arrests += 1
    return True


TOO_LATE = "case_disposed"

PIPELINE = 21.0
"""Days: a referral that fell due longer ago than this, before day 0, has had its answer."""


def diversion(county: County, person: Person, case: Case) -> Wait:
    """Referral, evaluation, eligibility, assessment, hearing, against the clock of the case itself."""
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
    proposed = chance < policy.referral_share(case.identified) and case.record.charge in DIVERTIBLE
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


@dataclass(slots=True)
class Participation:
    """Where a participant stands.

    goal: day of completion as it looks now; limit: last day the law allows; others: the day on which
    each other way out would come; arrests: charged arrests seen so far.
    """

    goal: float
    limit: float
    others: dict[str, float]
    arrests: int

    def next_way_out(self) -> tuple[str, float]:
        """The way out that comes first as things stand, and its day; the limit ends in discharge."""
        complete = ("success", self.goal) if self.goal <= self.limit else ("discharge", self.limit)
        other = min(self.others.items(), key=lambda way: way[1])
        return min(complete, other, key=lambda way: way[1])


def participation(county: County, person: Person, began: float, length: float) -> Participation:
    """A participation that began on a day (today, or before day 0) and takes so long to complete."""
    p, luck = county.parameters.court, person.luck
    rates = {
        "voluntary_withdrawal": p.withdrawal,
        "discharge": p.discharge,
        "transfer": p.transfer,
        "failure": p.failure,
    }
    others = {
        way: county.day + luck.exponential(f"court.{way}") / max(rate.per_day, 1e-12)
        for way, rate in rates.items()
    }
    limit = began + county.rules.program_limit
    return Participation(began + length, limit, others, person.charged_arrests)


def participate(county: County, person: Person, stay: Participation) -> Wait:
    """The program, one review after another, until the first of the six ways out; says which."""
    while True:
        way, last_day = stay.next_way_out()
        begun = county.day
        yield from person.pause(max(0.0, min(last_day - begun, county.rules.hearing_interval)))
        compliant = sessions(county, person, begun)
        if county.day >= last_day:
            return way
        if terminated(county, person, stay):
            return "failure"
        yield from status_hearing(county, person, stay, compliant)


def terminated(county: County, person: Person, stay: Participation) -> bool:
    """Whether a charged arrest since the last review ends the program."""
    share = county.parameters.court.termination_after_arrest.value
    while stay.arrests < person.charged_arrests:
        stay.arrests += 1
        if person.luck.happens("court.termination_after_arrest", share):
            return True
    return False


def sessions(county: County, person: Person, begun: float) -> bool:
    """Therapy since the last review, written down in one row; whether half or more was attended."""
    weeks = (county.day - begun) / 7
    scheduled = 0 if person.in_custody else round(weeks * county.rules.sessions_per_week)
    share = county.parameters.fact.therapy_attendance.value
    attended = binomial_quantile(person.luck.luck("court.therapy"), scheduled, share)
    county.log.attended((begun, county.day), person.id, "therapy", (scheduled, attended))
    return 2 * attended >= scheduled


@lru_cache(maxsize=1024)
def binomial_ladder(trials: int, share: float) -> tuple[float, ...]:
    """Probabilities of at most 0, 1, 2, ... successes in so many trials."""
    chances = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1))
    return tuple(accumulate(chances))


def binomial_quantile(luck: float, trials: int, share: float) -> int:
    """How many of so many sessions are attended, in one draw."""
    return min(bisect_left(binomial_ladder(trials, share), luck), trials)


def status_hearing(county: County, person: Person, stay: Participation, compliant: bool) -> Wait:
    """A status hearing, if the docket reaches it; a miss may bring a warrant or a sanction."""
    p, luck = county.parameters.court, person.luck
    if person.in_custody:
        return
    wait = county.rules.hearing_interval / 2
    if not (yield from hearing(county, person, priority=1, patience=wait)):
        return
    present = person.in_custody or luck.happens("court.hearing_attendance", p.hearing_attendance.value)
    county.log.attended((county.day, county.day), person.id, "hearing", (1, int(present)))
    if not present and luck.happens("court.warrant", p.warrant.value):
        yield from person.pause(p.warrant_return.sample(luck.luck("court.warrant_return")))
        person.call("warrant", p.warrant_stay.sample(luck.luck("court.warrant_stay")))
    elif not (present and compliant) and luck.happens("court.sanction", p.sanction.value):
        days = p.sanction_stay.sample(luck.luck("court.sanction_stay"))
        person.call("sanction", days)
        stay.goal += county.rules.hearing_interval


def discharge(county: County, person: Person, way_out: str) -> None:
    """End the court's supervision by one of the six ways out."""
    person.program = None
    county.court.leave(person, way_out)


def disposition(county: County, person: Person, case: Case) -> Wait:
    """The case runs its ordinary course: conviction or not, jail or not."""
    p, luck = county.parameters.court, person.luck
    yield from person.pause(case.time_left(county.day))
    conviction, jail = p.conviction_released, p.jail_if_released
    if case.custody is not None:
        conviction, jail = p.conviction_detained, p.jail_if_detained
    convicted = luck.happens("court.conviction", conviction.value)
    to_jail = luck.happens("court.jail", jail.value) and convicted
    sentence = county.parameters.jail.sentence.sample(luck.luck("jail.sentence"))
    if to_jail and case.custody is not None:
        yield from serve_on(county, person, case, sentence)
        return
    close(county, person, case, "convicted" if convicted else "dismissed")
    if to_jail:
        person.call("commitment", sentence)


def serve_on(county: County, person: Person, case: Case, sentence: float) -> Wait:
    """Sentenced while in jail: the days after the sentence are served there."""
    custody, case.custody = case.custody, None
    county.note(person, "jail", "sentenced", case.record.charge)
    close(county, person, case, "convicted")
    yield from person.pause(sentence)
    if custody is not None:
        custody.ring("sentence_served")


def resume(county: County, person: Person, case: Case) -> Wait:
    """The program ended without completion: proceedings go on from where they were suspended."""
    length = county.parameters.court.disposition_released
    case.due = county.day + length.sample(person.luck.luck("court.resumed"))
    yield from disposition(county, person, case)


def close(county: County, person: Person, case: Case, how: str) -> None:
    """Write how a case ended, and open the jail if it held the person."""
    case.record.disposed = county.day
    case.record.disposition = how
    county.note(person, "case", how, case.record.charge)
    if case.custody is not None:
        case.custody.ring(how)
