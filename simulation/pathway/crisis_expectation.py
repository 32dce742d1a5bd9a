"""Where a crisis episode is expected to end, and after how many days, if nothing is ever full.

The pathway of ``crisis`` as an exact small chain: every step is a mixture, by its share, of what may follow.
A person's own FACT team is left out, and so is a call that nobody answers in time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulation.county.outcome import CrisisEnding
from simulation.inputs.parameters import Crisis, Parameters
from simulation.inputs.rules import Rules
from simulation.pathway.crisis import arrest_share


@dataclass(frozen=True)
class Expectation:
    """The probability of each ending, the mean days until it comes, and the mean visits to each service."""

    endings: Mapping[CrisisEnding, float]
    days: float = 0.0
    visits: Mapping[str, float] = field(default_factory=dict)

    @property
    def arrest(self) -> float:
        """The share that end in an arrest."""
        return self.endings.get(CrisisEnding.ARREST, 0.0)

    @property
    def inpatient(self) -> float:
        """The share that end after a stay in an inpatient bed."""
        return self.endings.get(CrisisEnding.INPATIENT, 0.0)

    def after(self, days: float, service: str = "") -> Expectation:
        """The same, so many days later, spent in a visit to a service."""
        visits = {**self.visits, service: self.visits.get(service, 0.0) + 1} if service else self.visits
        return Expectation(self.endings, self.days + days, visits)


def ending(how: CrisisEnding) -> Expectation:
    """The end of an episode."""
    return Expectation({how: 1.0})


def mixed(*parts: tuple[float, Expectation], otherwise: Expectation) -> Expectation:
    """Each part with its probability, and the last for the rest."""
    endings: defaultdict[CrisisEnding, float] = defaultdict(float)
    visits: defaultdict[str, float] = defaultdict(float)
    days = 0.0
    for share, part in (*parts, (1 - sum(share for share, _ in parts), otherwise)):
        days += share * part.days
        for how, probability in part.endings.items():
            endings[how] += share * probability
        for service, number in part.visits.items():
            visits[service] += share * number
    return Expectation(dict(endings), days, dict(visits))


def either(share: float, first: Expectation, otherwise: Expectation) -> Expectation:
    """The first with probability ``share``, the other for the rest."""
    return mixed((share, first), otherwise=otherwise)


def expected_episode(
    p: Parameters, rules: Rules, unserved: float, slots: Mapping[str, float] | None = None
) -> Expectation:
    """An episode of any beginning; ``unserved``: the share for which no team is on duty in time.

    ``slots``: the county's capacities, of which only those that are 0 matter.
    """
    c = p.crisis
    places = Places(p, frozenset(name for name, number in (slots or {}).items() if not number))
    police = by_police(c, rules, places)
    in_person = either(c.ed_share.value, places.room, either(unserved, police, by_team(c, places)))
    call = either(c.line_share.value, by_phone(c, in_person, "crisis_line" in places.closed), in_person)
    return mixed(
        (c.walk_in_share.value, places.room),
        (c.transfer_share.value, places.bed(CrisisEnding.NO_BED)),
        (c.police_contact_share.value, police),
        otherwise=call,
    )


class Places:
    """Where an episode may lead: the stabilization facility, the emergency department, an inpatient bed.

    closed: the services with no place at all.
    """

    def __init__(self, p: Parameters, closed: frozenset[str]) -> None:
        self.closed, self._hospital = closed, p.hospital
        self.room = self._emergency_department()
        self.facility = self._facility(p.crisis)

    def bed(self, without: CrisisEnding) -> Expectation:
        """A stay in an inpatient bed, or ``without`` one after the longest wait."""
        h = self._hospital
        if "inpatient" in self.closed:
            return ending(without).after(h.boarding.days)
        long = h.long_stay_share.value
        stay = long * h.long_stay.mean + (1 - long) * h.inpatient_stay.mean
        return ending(CrisisEnding.INPATIENT).after(stay, "inpatient")

    def _emergency_department(self) -> Expectation:
        h = self._hospital
        if "emergency_department" in self.closed:
            return ending(CrisisEnding.LEFT_UNSEEN).after(h.ed_wait.days)
        home = CrisisEnding.EMERGENCY_DEPARTMENT
        stay = either(h.ed_admission.value, self.bed(home), ending(home))
        return stay.after(h.ed_stay.mean, "emergency_department")

    def _facility(self, c: Crisis) -> Expectation:
        if "stabilization" in self.closed:
            return self.room
        step_up = self.room
        if "short_term_bed" not in self.closed:
            home = CrisisEnding.SHORT_TERM_BED
            step_up = either(c.short_term_to_inpatient.value, self.bed(home), ending(home))
            step_up = step_up.after(c.short_term_stay.mean, "short_term_bed")
        stay = either(c.step_up.value, step_up, ending(CrisisEnding.STABILIZED))
        return stay.after(c.stabilization_stay.mean, "stabilization")


def by_phone(c: Crisis, in_person: Expectation, closed: bool) -> Expectation:
    """A call to the line, which resolves it or sends somebody."""
    if closed:
        return in_person.after(c.line_wait.days)
    resolved = ending(CrisisEnding.RESOLVED_BY_PHONE)
    return either(c.phone_resolution.value, resolved, in_person).after(c.call.mean, "crisis_line")


def by_team(c: Crisis, places: Places) -> Expectation:
    """A mobile team of the person's own district."""
    visit = either(c.mobile_resolution.value, ending(CrisisEnding.RESOLVED_IN_FIELD), places.facility)
    visit = either(c.mobile_arrest.value, ending(CrisisEnding.ARREST), visit).after(c.on_scene.mean)
    nobody = ending(CrisisEnding.NO_CONTACT).after(c.search.mean)
    return either(c.mobile_contact.value, visit, nobody).after(c.travel.mean, "mobile_crisis")


def by_police(c: Crisis, rules: Rules, places: Places) -> Expectation:
    """Police of any training, with a clinician or without."""
    arrested, trained, joined = ending(CrisisEnding.ARREST), c.cit_share.value, rules.coresponder_share
    at_scene = sum(
        (trained if cit else 1 - trained)
        * (joined if clinician else 1 - joined)
        * arrest_share(c, cit, clinician)
        for cit in (True, False)
        for clinician in (True, False)
    )
    refused = 0.0 if rules.no_refusal else c.drop_off_refused.value
    brought = either(refused, either(c.arrest_if_refused.value, arrested, places.room), places.facility)
    left = either(c.police_transport.value, brought, ending(CrisisEnding.RESOLVED_BY_POLICE))
    return either(at_scene, arrested, left)
