"""One participant's calendar by hand, warrants, sanctions and incentives, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulation import model
from simulation.county.county import County
from simulation.county.outcome import Charge
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.county.staffing import Terms
from simulation.engine.eventlog import Arrest, Events
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.pathway import arrest, docket, fact, participation
from simulation.pathway import court as cases
from simulation.pathway.community import spawn
from simulation.pathway.stay import Participation
from tests.conftest import Build, sigma_of
from tests.test_docket import SOMEBODY, court, somebody

NOBODY_LEAVES = {f"court.{way}": 0.0 for way in ("withdrawal", "discharge", "transfer", "failure")}
FAITHFUL = {
    **NOBODY_LEAVES,
    "court.hearing_attendance": 1.0,
    "fact.therapy_attendance": 1.0,
    "court.incentive": 0.0,
}
ABSENT = {**NOBODY_LEAVES, "court.hearing_attendance": 0.0, "court.warrant": 1.0, "court.absconding": 0.0}
PHASES = Rules(phases=((28.0, 14.0), (56.0, 28.0)), hearing_interval=56.0)


def set_to(register: Parameters, values: Mapping[str, float]) -> Parameters:
    """The register with some values set, by dotted path."""
    known = dict(register)
    changed = {path: known[path].model_copy(update={"value": value}) for path, value in values.items()}
    return register.replacing(changed)


class Program:
    """A court with a docket day a week from day 6 on, and people in lower-intensity care."""

    def __init__(self, register: Parameters, values: Mapping[str, float], rules: Rules) -> None:
        self.county: County = court(set_to(register, values), rules=rules)
        self.county.env.process(docket.docket_days(self.county, 1_000_000, first=6.0))
        self.outcomes: dict[int, tuple[str, float]] = {}

    def joins(self, number: int, on: float, length: float, care: Service | None = None) -> None:
        """Somebody is enrolled on a day, in lower-intensity care or elsewhere, for so long at least."""
        care = care or self.county.lower_intensity
        person = Person(self.county.env, number, Stream(3, number), SOMEBODY, (0.0, 0.0))

        def story() -> Any:
            yield person.pause(on)
            self.county.court.admit(person)
            care.admit(person, "diverted")
            fact.begin(self.county, person, care)
            stay = participation.begin(self.county, person, self.county.day, length)
            spawn(self.county, person, participation.reports(self.county, person, stay))
            way_out = yield from participation.follow(self.county, person, stay)
            self.outcomes[number] = way_out, self.county.day
            participation.end(self.county, person, stay, way_out)

        spawn(self.county, person, story())

    def until(self, day: float) -> Events:
        """The log up to a day."""
        self.county.env.run(until=day)
        return self.county.log.read()


def days(events: Events, service: str, what: str, why: str = "") -> list[float]:
    """When this was written."""
    found: list[float] = events.day[events.where(service, what, why)].tolist()
    return found


def test_one_participant_is_heard_on_the_days_that_a_calendar_gives(register: Parameters) -> None:
    """Enrolled on day 6: every 14 days for 28 days, every 28 for 56, then every 56, done on day 206."""
    program = Program(register, FAITHFUL, PHASES)
    program.joins(1, on=6.0, length=200.0)
    events = program.until(400)
    assert days(events, "docket", "admitted") == [20, 34, 62, 90, 146, 202]
    assert program.outcomes == {1: ("success", 206.0)}


def test_incentives_bring_the_next_phase_nearer_and_not_the_end(register: Parameters) -> None:
    """Two weeks at each hearing: the second phase begins on day 20, the last on day 76, the end stays."""
    program = Program(register, {**FAITHFUL, "court.incentive": 1.0, "court.advance": 14.0}, PHASES)
    program.joins(1, on=6.0, length=200.0)
    events = program.until(400)
    assert days(events, "docket", "admitted") == [20, 48, 76, 132, 188]
    assert days(events, "court", "rewarded") == [20, 48, 76, 132, 188]
    assert program.outcomes == {1: ("success", 206.0)}


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        ("jail", ["jail"] * 4),
        ("graduated", ["without_jail", "without_jail", "jail", "jail"]),
        ("no_jail", ["without_jail"] * 4),
    ],
)
def test_the_sanctions_policy_says_which_sanctions_are_jail(
    register: Parameters, policy: Any, kinds: Sequence[str]
) -> None:
    values = {**FAITHFUL, "court.hearing_attendance": 0.0, "court.warrant": 0.0, "court.sanction": 1.0}
    program = Program(register, values, Rules(hearing_interval=14.0, sanctions=policy))
    program.joins(1, on=6.0, length=20.0)
    events = program.until(60)
    rows = events.where("court", "sanctioned")
    assert events.day[rows].tolist() == [20, 34, 48]
    assert [events.words[code] for code in events.why[rows]] == kinds[:3]


def test_each_sanction_puts_completion_off_by_the_setback(register: Parameters) -> None:
    values = {**FAITHFUL, "court.hearing_attendance": 0.0, "court.warrant": 0.0, "court.sanction": 1.0}
    program = Program(register, {**values, "court.setback": 10.0}, Rules(hearing_interval=28.0))
    program.joins(1, on=6.0, length=30.0)
    program.until(200)
    assert program.outcomes == {1: ("success", 46.0)}, "sanctioned on day 34 once, due on 36, then on 46"


def test_the_share_brought_in_on_a_warrant_is_what_the_law_of_return_says(register: Parameters) -> None:
    people, limit, absconding = 3000, 21.0, 0.3
    values = {**ABSENT, "court.absconding": absconding}
    program = Program(register, values, Rules(hearing_interval=7.0, warrant_limit=limit))
    for number in range(people):
        program.joins(number, on=0.0, length=10_000.0)
    events = program.until(50)
    first = sorted(set(days(events, "warrant", "issued")))[0]
    issued = days(events, "warrant", "issued").count(first)
    assert issued == people
    back = program.county.parameters.court.warrant_return
    share = (1 - absconding) * float(stats.lognorm(sigma_of(back), scale=back.days).cdf(limit))
    away = [day for day in days(events, "warrant", "returned") if day <= first + limit]
    by_limit = len({p for p, d in returned(events) if d <= first + limit})
    assert by_limit / people == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / people))
    assert len(away) >= by_limit
    gone = [day for _, day in program.outcomes.values()]
    early = [day for day in gone if day == first + limit]
    assert len(early) == people - by_limit
    assert {way for way, _ in program.outcomes.values()} == {"failure"}


@pytest.mark.parametrize(
    ("by", "published"), [(7.0, 0.14), (30.4, 0.34), (91.3, 0.51), (182.6, 0.59), (365.25, 0.68)]
)
def test_returns_on_a_warrant_come_near_those_of_felony_defendants(
    register: Parameters, by: float, published: float
) -> None:
    """Shares back in court so long after failing to appear, 75 US counties; a week and half a year unused."""
    p = register.court
    back = stats.lognorm(sigma_of(p.warrant_return), scale=p.warrant_return.days)
    assert (1 - p.absconding.value) * float(back.cdf(by)) == pytest.approx(published, abs=0.05)


def test_of_the_terminated_fewer_are_convicted_than_of_others_at_liberty(register: Parameters) -> None:
    """By hand: a case that resumes after the program ends in conviction with its own share, 0.36."""
    people, shares = 4000, {}
    for name, process in (("terminated", cases.resume), ("released", cases.disposition)):
        county = court(register)
        for number in range(people):
            record = Arrest(number, 0.0, "felony", True)
            case = arrest.Case(record, Charge.FELONY, Stream(5, number).substream(0), due=40.0)
            spawn(county, person := somebody(county, number), process(county, person, case))
        county.env.run()
        shares[name] = len(days(county.log.read(), "case", "convicted")) / people
    for name, share in (("terminated", 0.36), ("released", 0.58)):
        assert shares[name] == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / people))


def returned(events: Events) -> list[tuple[int, float]]:
    """Person and day of every return on a warrant."""
    rows = events.where("warrant", "returned")
    return list(zip(events.person[rows].tolist(), events.day[rows].tolist(), strict=True))


def test_days_away_on_a_warrant_do_not_count_toward_completion(register: Parameters) -> None:
    program = Program(register, ABSENT, Rules(hearing_interval=7.0))
    program.joins(1, on=6.0, length=8.0)
    events = program.until(500)
    (issued,), (back,) = days(events, "warrant", "issued"), days(events, "warrant", "returned")
    assert issued == 13.0
    assert program.outcomes[1] == ("success", pytest.approx(6.0 + 8.0 + back - issued))


@pytest.mark.parametrize(("held", "taken_on"), [(True, inf), (False, 13.0)])
def test_a_place_is_held_for_someone_on_a_warrant_or_given_to_the_next(
    register: Parameters, held: bool, taken_on: float
) -> None:
    values = {**ABSENT, "court.warrant_return": 200.0}
    program = Program(register, values, Rules(hearing_interval=7.0, place_held=held))
    program.county.lower_intensity.resize(1)
    program.joins(1, on=6.0, length=8.0)
    person = Person(program.county.env, 2, Stream(3, 2), SOMEBODY, (0.0, 0.0))

    def waiting() -> Any:
        yield person.pause(7.0)
        yield from program.county.lower_intensity.enter(person)

    spawn(program.county, person, waiting())
    events = program.until(30)
    rows = events.where("lower_intensity", "admitted") & (events.person == 2)
    assert events.day[rows].tolist() == [d for d in [taken_on] if d < inf]


@pytest.mark.parametrize("with_team", [True, False])
@pytest.mark.parametrize("held", [True, False])
def test_nobody_attends_therapy_while_away_on_a_warrant(
    register: Parameters, with_team: bool, held: bool
) -> None:
    """One clinician has time for all that one member should get: 3 contacts a week, of days present alone."""
    steady = {"staffing.turnover": 0.0, "staffing.ramp_up": 0.0}
    alike = {"fact.engagement_contacts": 1.0, "fact.transition_contacts": 1.0}
    values = {**ABSENT, **steady, **alike, "fact.therapy_attendance": 1.0}
    program = Program(register, values, Rules(hearing_interval=28.0, warrant_limit=1e9, place_held=held))
    team = program.county.add_team("west", ())
    program.county.env.process(team.staff.authorize(Stream(7, 1), Terms(places=1000.0)).life())
    program.county.env.process(fact.open_intake_each_month(program.county, team))
    program.joins(1, on=6.0, length=60.0, care=team if with_team else None)
    events = program.until(5000)
    issued, back = days(events, "warrant", "issued"), days(events, "warrant", "returned")
    therapy = [row for row in events.attendance if row[3] == "therapy"]
    assert issued
    for away, returned in zip(issued, back, strict=True):
        assert not [row for row in therapy if row[0] < returned and row[1] > away]
    for row in therapy:
        assert row[4] == pytest.approx((row[1] - row[0]) * 3 / 7, abs=1.01)


def test_someone_who_comes_back_to_no_place_is_out_when_patience_ends(register: Parameters) -> None:
    values = {**ABSENT, "fact.patience": 30.0}
    program = Program(register, values, Rules(hearing_interval=7.0, place_held=False))
    program.county.lower_intensity.resize(1)
    program.joins(1, on=6.0, length=8.0)
    program.county.env.process(close_on(program.county, 10.0))
    events = program.until(900)
    (back,) = days(events, "warrant", "returned")
    assert program.outcomes[1] == ("failure", pytest.approx(back + 30.0))
    assert program.county.lower_intensity.census == 0


def close_on(county: County, day: float) -> Any:
    """Close lower-intensity care to newcomers on a day."""
    yield county.env.timeout(day)
    county.lower_intensity.resize(0)


def test_a_report_is_filed_every_ninety_days_and_late_when_the_case_managers_are_too_few(
    register: Parameters,
) -> None:
    def filed(case_managers: float) -> list[tuple[float, str]]:
        program = Program(register, {**FAITHFUL, "court.report": 6.0}, Rules(report_interval=90.0))
        program.county.reporting.resize(case_managers)
        for number in range(4):
            program.joins(number, on=0.0, length=250.0)
        events = program.until(260)
        rows = events.where("reporting", "filed")
        return [(events.day[r], events.words[events.why[r]]) for r in np.flatnonzero(rows)]

    enough = filed(4)
    assert len(enough) == 8
    assert sum(why == "on_time" for _, why in enough) >= 7
    assert all(76 <= day <= 200 for day, _ in enough)
    late = [why for _, why in filed(1)]
    assert late.count("late") > 1


def test_someone_found_in_the_program_on_day_0_is_in_the_phase_their_days_say(register: Parameters) -> None:
    county = court(register, rules=PHASES)
    for behind, interval in ((10.0, 14.0), (28.0, 28.0), (83.9, 28.0), (84.0, 56.0)):
        due = []
        for number in range(400):
            person = Person(county.env, number, Stream(5, number), SOMEBODY, (0.0, 0.0))
            due.append(participation.begin(county, person, -behind, 400.0).hearing)
        assert min(due) > 0
        assert max(due) < interval
        assert np.mean(due) == pytest.approx(interval / 2, abs=4 * interval / np.sqrt(12 * 400))


def test_the_limit_ends_a_program_that_would_take_longer() -> None:
    stay = Participation(began=0.0, goal=900.0, limit=730.5, others={"failure": inf})
    assert stay.next_way_out() == ("discharge", 730.5)
    stay.put_off(100.0)
    assert (stay.goal, stay.limit, stay.credit) == (1000.0, 730.5, -100.0)


@pytest.mark.parametrize("charge", ["felony", "misdemeanor"])
def test_excluded_charges_are_never_admitted(build: Build, charge: str) -> None:
    eager = {"court.referral_if_identified": 0.9, "court.referral_if_missed": 0.9, "competency.doubt": 0.3}
    figures = {"months": 9, "jail.bookings": 300}
    if charge == "felony":
        scenario = build(figures, {**eager, "court.charge_excluded": 1.0})
    else:
        lever = {"lever": "exclude_charge", "date": "2027-01-01", "charge": charge}
        scenario = build(figures, eager, [lever])
    arrests = model.run(scenario, 1, 0).arrests
    admitted = [arrest.charge for arrest in arrests if arrest.admitted > 0 and arrest.arrested > 0]
    assert admitted and charge not in admitted
