"""Posts obey renewal theory, a hire's caseload grows by the table, and nobody is put out when posts end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from itertools import pairwise
from math import exp, isnan, log2, sqrt
from typing import Any

import numpy as np
import pytest

from calibration.register import register as read_register
from simulation import model
from simulation.county.person import Person, Traits
from simulation.county.policy import Policy
from simulation.county.staffing import Post, Terms
from simulation.county.team import Team
from simulation.engine.clock import Clock
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters, Staffing
from simulation.inputs.role import ROLES, Role
from simulation.inputs.rules import Rules
from tests.conftest import Build, duration, sigma_of

NOBODY_SPECIAL = Traits("female", "26-40", "White", False, True, True, "west", 1.0)


class World:
    """A clock, a log and one FACT team with a caseload ratio of 10."""

    def __init__(self, staffing: Staffing) -> None:
        self.env = Clock()
        self.log = EventLog()
        parameters = read_register().model_copy(update={"staffing": staffing})
        self.policy = Policy.start(parameters, Rules())
        self.team = Team(self.env, self.log, "fact.west", parameters, self.policy)
        self.staff = self.team.staff

    def post(self, terms: Terms = Terms(), vacant: float = 0.0, settled: bool = True) -> Post:  # noqa: B008
        """One more post, with a random stream of its own."""
        post = self.staff.authorize(Stream(1, len(self.staff.posts)), terms)
        self.env.process(post.life(vacant_for=vacant, settled=settled))
        return post

    def member(self, number: int) -> Person:
        """One more person enrolled."""
        person = Person(self.env, number, Stream(2, number), NOBODY_SPECIAL, (0.0, 0.0))
        self.team.admit(person)
        return person

    def at(self, day: float, action: Callable[[], Any]) -> None:
        """Do something on a day."""

        def later() -> Generator[Any, Any, None]:
            yield self.env.timeout(day)
            action()

        self.env.process(later())

    def run(self, until: float) -> Events:
        """Live until a day."""
        self.env.run(until=until)
        return self.log.read()


def assumed(register: Parameters, **values: float) -> Staffing:
    """What is assumed of posts, some values replaced; nobody leaves unless ``turnover`` is given."""
    changes = {
        name: getattr(register.staffing, name).model_copy(update={"value": value})
        for name, value in {"turnover": 0.0, **values}.items()
    }
    return register.staffing.model_copy(update=changes)


def slots(events: Events) -> dict[float, float]:
    """The slots that held at the end of each day on which they changed."""
    found: dict[float, float] = {}
    for day, _, what, number in events.capacity:
        if what == "slots":
            found[day] = number
    return found


# --- Renewal theory ---


def test_in_the_long_run_posts_are_vacant_for_recruitment_over_recruitment_and_tenure(
    register: Parameters,
) -> None:
    """A prescriber's post takes longer to fill, and a case manager outside a team leaves more often."""
    posts, days, s = 25, 15_000.0, register.staffing
    off, errors = [], []
    for role in ROLES:
        tenure, vacancy = 1 / s.turnover.per_day, s.recruitment.mean
        tenure /= s.case_manager_turnover_ratio.value if role == "court_case_manager" else 1.0
        vacancy *= s.prescriber_recruitment_ratio.value if role == "psychiatrist" else 1.0
        theory = vacancy / (tenure + vacancy)
        cycles = posts * days / (tenure + vacancy)
        errors.append(theory * (1 - theory) * sqrt((1 + 0.3) / cycles))
        off.append(share_vacant(role, s, posts, days) - theory)
        assert abs(off[-1]) < 4 * errors[-1]
    assert abs(sum(off)) < 4 * sqrt(sum(error**2 for error in errors)) < theory * len(ROLES) / 10


def share_vacant(role: Role, staffing: Staffing, posts: int, days: float) -> float:
    """The share of post-days without anyone in post, for posts of one role that begin as on day 0."""
    world = World(staffing)
    for number in range(posts):
        post = world.staff.authorize(Stream(ROLES.index(role), number), Terms(role))
        world.env.process(post.life(post.vacancy_on_day_0(), settled=True))
    tenures = world.run(days).tenures
    ended = [days if isnan(t.ended) else t.ended for t in tenures]
    held = sum(end - max(t.began, 0.0) for t, end in zip(tenures, ended, strict=True))
    return 1 - held / posts / days


@pytest.mark.parametrize("day", [30, 100, 300, 1000])
def test_with_exponential_recruitment_availability_is_that_of_a_two_state_chain(
    register: Parameters, day: float
) -> None:
    lognormal = register.staffing.recruitment.model_dump(exclude={"sigma"})
    exponential = duration(**{**lognormal, "distribution": "exponential"})
    staffing = register.staffing.model_copy(update={"recruitment": exponential})
    posts = 3000
    worlds = [crew(staffing, first, settled=False) for first in range(0, posts, 20)]
    for world in worlds:
        world.run(day)
    leaves, begins = staffing.turnover.per_day, 1 / exponential.mean
    share = begins / (leaves + begins)
    theory = share + (1 - share) * exp(-(leaves + begins) * day)
    found = sum(world.staff.in_post for world in worlds) / posts
    assert abs(found - theory) < 4 * sqrt(theory * (1 - theory) / posts)


def test_on_day_0_as_many_posts_are_vacant_as_in_the_long_run(register: Parameters) -> None:
    world, posts = World(register.staffing), 4000
    made = [world.staff.authorize(Stream(1, number), Terms()) for number in range(posts)]
    vacant = np.array([post.vacancy_on_day_0() for post in made])
    mean, rate = register.staffing.recruitment.mean, register.staffing.turnover.per_day
    theory = mean / (mean + 1 / rate)
    assert abs(float((vacant > 0).mean()) - theory) < 4 * sqrt(theory * (1 - theory) / posts)
    sigma = sigma_of(register.staffing.recruitment)
    rest = mean * exp(sigma**2) / 2
    spread = float(vacant[vacant > 0].std(ddof=1)) / sqrt(float((vacant > 0).sum()))
    assert abs(float(vacant[vacant > 0].mean()) - rest) < 4 * spread


@pytest.mark.parametrize(
    ("role", "by_hand"), [("nurse", 0.12), ("psychiatrist", 0.15), ("court_case_manager", 0.16)]
)
def test_vacancies_by_role_are_those_worked_out_by_hand(
    register: Parameters, role: Role, by_hand: float
) -> None:
    """0.30 leave a year and 150 days at the median are 170 on average: 0.30 x 170 / 365 = 0.14.

    A share of 0.14 / 1.14 then; 1.3 times as long gives 0.18 / 1.18, 1.4 times as often 0.196 / 1.196.
    """
    world, posts = World(register.staffing), 4000
    made = [world.staff.authorize(Stream(1, number), Terms(role)) for number in range(posts)]
    vacant = sum(post.vacancy_on_day_0() > 0 for post in made) / posts
    assert vacant == pytest.approx(by_hand, abs=0.005 + 4 * sqrt(by_hand * (1 - by_hand) / posts))


def test_people_found_in_post_on_day_0_have_worked_as_long_as_they_will_on_average(
    register: Parameters,
) -> None:
    posts = 4000
    crews = (crew(register.staffing, first, settled=True) for first in range(0, posts, 20))
    worked = np.array([-tenure.began for world in crews for tenure in world.run(1e-6).tenures])
    mean = 1 / register.staffing.turnover.per_day
    assert abs(worked.mean() - mean) < 4 * mean / sqrt(posts)


def crew(staffing: Staffing, first: int, settled: bool) -> World:
    """Twenty posts, all filled on day 0, with random streams of their own."""
    world = World(staffing)
    for number in range(first, first + 20):
        post = world.staff.authorize(Stream(1, number), Terms())
        world.env.process(post.life(settled=settled))
    return world


# --- The ramp-up ---


def test_a_hire_of_day_10_carries_a_quarter_more_every_thirty_days(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=90))
    world.post(Terms(fte=0.8), vacant=10)
    found = slots(world.run(400))
    by_hand = {0: 0, 10: 2, 40: 4, 70: 6, 100: 8}
    assert found == by_hand


def test_a_hire_without_ramp_up_carries_a_full_caseload_at_once(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post(vacant=10)
    assert slots(world.run(400)) == {0: 0, 10: 10}


def test_whoever_is_away_carries_nobody_and_comes_back_to_a_full_caseload(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post(Terms(away=((20, 50),)))
    world.post()
    assert slots(world.run(400)) == {0: 20, 20: 10, 50: 20}


def test_a_psychiatrist_carries_no_caseload_and_counts_as_staff(register: Parameters) -> None:
    world = World(assumed(register))
    world.post(Terms("psychiatrist"))
    events = world.run(10)
    assert slots(events)[0] == 0
    assert [(t.role, not isnan(t.ended)) for t in events.tenures] == [("psychiatrist", False)]


def test_posts_can_make_places_of_their_own_number(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post(Terms("court_case_manager", fte=0.5, places=30))
    assert slots(world.run(5)) == {0: 15}


# --- What makes people leave ---


def leaving_day(
    staffing: Staffing, change: Callable[[World], None] | None = None, when: float = 0.0, members: int = 0
) -> float:
    """The day on which the only person in post leaves, if something changes on a day."""
    world = World(staffing)
    post = world.post(settled=False)
    for number in range(members):
        world.member(number)
    if change is not None:
        action = change
        world.at(when, lambda: action(world))
    while post.record.why == "" and not any(not isnan(t.ended) for t in world.log.tenures):
        world.env.step()
    return float(world.env.now)


def test_a_raise_in_the_middle_of_a_tenure_stretches_what_is_left_by_exactly_its_ratio(
    register: Parameters,
) -> None:
    staffing = assumed(register, turnover=0.30, usual_pay=0.9, pay_elasticity=2.1)
    owed = leaving_day(staffing)
    found = leaving_day(staffing, lambda world: world.staff.pay_at_least(1.0, None), owed / 2)
    assert found == pytest.approx(owed / 2 + owed / 2 * (1 / 0.9) ** 2.1)


def test_twice_the_caseload_spends_the_hazard_of_leaving_by_exactly_its_ratio(register: Parameters) -> None:
    staffing = assumed(register, turnover=0.30, double_caseload_ratio=1.5)
    owed = leaving_day(staffing, members=10)
    assert owed == pytest.approx(leaving_day(staffing))
    assert leaving_day(staffing, members=20) == pytest.approx(owed / 1.5)
    assert leaving_day(staffing, members=30) == pytest.approx(owed / 1.5 ** log2(3))


def test_a_caseload_that_grows_and_shrinks_again_is_felt_only_while_it_is_heavy(register: Parameters) -> None:
    staffing = assumed(register, turnover=0.30, double_caseload_ratio=1.5)
    owed = leaving_day(staffing)
    people: list[Person] = []

    def busy(world: World) -> None:
        people.extend(world.member(number) for number in range(20))
        world.at(owed / 4, lambda: [world.team.leave(person) for person in people[:10]])

    assert leaving_day(staffing, busy, owed / 4) == pytest.approx(owed - owed / 4 * 0.5)


def test_paperwork_taken_off_staff_slows_departures_by_exactly_its_ratio(register: Parameters) -> None:
    staffing = assumed(register, turnover=0.30, administrative_share=0.4, administrative_ratio=1.2)
    owed = leaving_day(staffing)

    def relieve(world: World) -> None:
        world.policy.administrative_share = 0.2
        world.staff.look_again()

    assert leaving_day(staffing, relieve, owed / 4) == pytest.approx(owed / 4 + owed * 0.75 * 1.2**2)


def test_without_turnover_nobody_ever_leaves(register: Parameters) -> None:
    world = World(assumed(register))
    for _ in range(20):
        world.post()
    events = world.run(10_000)
    assert len(events.tenures) == 20
    assert all(isnan(tenure.ended) for tenure in events.tenures)


# --- Posts that end ---


def test_when_a_grant_ends_its_posts_end_for_good_and_nobody_is_put_out(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post()
    world.post(Terms(until=30))
    for number in range(18):
        world.member(number)
    events = world.run(400)
    assert slots(events) == {0: 20, 30: 10}
    assert world.team.census == 18
    assert [(p.closed, p.why) for p in events.posts if p.why] == [(30, "grant_ended")]
    assert [(t.ended, t.why) for t in events.tenures if t.why] == [(30, "grant_ended")]


def test_a_grant_that_ends_during_recruitment_ends_the_vacancy(register: Parameters) -> None:
    world = World(assumed(register))
    world.post(Terms(until=30), vacant=50)
    events = world.run(400)
    assert events.tenures == ()
    assert [(p.opened, p.closed, p.why) for p in events.posts] == [(0, 30, "grant_ended")]


def test_a_cut_takes_vacant_posts_first_and_then_the_last_authorized(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post()
    world.post(vacant=100)
    world.post()
    world.post(Terms("nurse"))
    world.at(10, lambda: world.staff.cut("case_manager", 2))
    events = world.run(400)
    assert [(p.number, p.closed) for p in events.posts if p.why == "cut"] == [(1, 10), (2, 10)]
    assert slots(events)[10] == 20


def test_a_vacancy_closes_intake_or_spreads_its_people_as_the_policy_says(register: Parameters) -> None:
    world = World(assumed(register, ramp_up=0))
    world.post()
    world.post(vacant=60)
    world.at(20, lambda: (setattr(world.policy, "spread_vacancies", True), world.staff.changed()))
    assert slots(world.run(100)) == {0: 10, 20: 20, 60: 20}


# --- Anywhere ---


def test_posts_make_slots_beside_those_a_service_has_without(build: Build) -> None:
    rows = [{"service": "evaluation", "role": "evaluator", "number": 2, "fte": 0.5}]
    staffing = {"posts": rows, "source": "A test.", "grade": "D"}
    never = {"staffing.turnover": 0.0, "staffing.ramp_up": 0.0}
    plain = build({"staffing": staffing, "court.evaluators": 1, "months": 6}, never)
    more = {"lever": "add_slots", "date": "2027-03-01", "service": "evaluation", "slots": 3}
    fewer = {"lever": "cut_posts", "date": "2027-04-01", "service": "evaluation", "role": "evaluator"}
    found = of_service(
        model.run(plain.model_copy(update={"levers": build(levers=[more, fewer]).levers}), 1, 0), "evaluation"
    )
    assert list(found.values()) == [2, 5, 4.5]


def of_service(events: Events, name: str) -> dict[float, float]:
    """Slots of one service by the day on which they changed."""
    return {
        day: number for day, service, what, number in events.capacity if (service, what) == (name, "slots")
    }


def test_who_is_in_post_is_told_the_same_by_tenures_and_by_capacity(build: Build) -> None:
    events = model.run(build({"fact.teams": TEAM, "months": 60}), 1, 0)
    level = {
        day: n for day, service, what, n in events.capacity if (service, what) == ("fact.west", "clinicians")
    }
    assert len(level) > 10
    for day, number in level.items():
        held = [t for t in events.tenures if t.began <= day and not t.ended <= day]
        assert len(held) == number
    for post in events.posts:
        mine = sorted((t.began, t.ended) for t in events.tenures if t.post == post.number)
        assert all(before[1] < after[0] for before, after in pairwise(mine))


TEAM: list[Mapping[str, Any]] = [{"name": "west", "posts": 6, "enrolled": 30, "share": 1.0}]


def test_two_levers_on_the_same_posts_compose_in_any_order(build: Build) -> None:
    levers = [
        {"lever": "hire", "date": "2027-03-01", "service": "fact.west", "role": "nurse", "posts": 2},
        {"lever": "hire", "date": "2027-03-01", "service": "fact.west", "role": "peer", "posts": 1},
        {"lever": "raise_pay", "date": "2027-05-01", "to": 1.1},
        {"lever": "raise_pay", "date": "2027-05-01", "to": 1.0},
    ]
    one, other = (model.run(build(levers=each), 1, 0) for each in (levers, levers[::-1]))
    key = lambda t: (t.began, t.role, repr(t.ended))  # noqa: E731
    assert sorted(map(key, one.tenures)) == sorted(map(key, other.tenures))
    assert {t.role for t in one.tenures} == {"case_manager", "nurse", "peer"}
