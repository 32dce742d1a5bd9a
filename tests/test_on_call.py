"""A FACT team on call answers its members' crises in its hours, as the line and a mobile team would."""

from __future__ import annotations

from collections import Counter

import pytest

from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.county.staffing import Post, Terms
from simulation.engine.clock import Process
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.shift_schedule import Hours
from simulation.pathway import crisis, fact
from tests.conftest import AMPLE
from tests.test_crisis import holding

HOUR = 1 / 24


def county_of(register: Parameters, hours: Hours | None, posts: int, **values: float) -> County:
    """A county without mobile teams, whose one FACT team has so many clinicians who never leave."""
    p = holding(register, staffing__turnover=0, staffing__ramp_up=0, **values)
    county = County(p, Rules(on_call=hours), {**AMPLE, "crisis_line": 0}, ["west"], Stream(1, 0))
    for number in range(posts):
        post = county.fact["west"].staff.authorize(Stream(7, number), Terms())
        county.env.process(post.life())
    county.env.run(until=1e-6)
    return county


def member(county: County, number: int) -> Person:
    """Someone in the team."""
    traits = Traits("female", "26-40", "White", False, True, True, "west", 1.0)
    person = Person(county.env, number, Stream(2, number), traits, (0.0, 0.0))
    county.fact["west"].admit(person, "diverted")
    fact.begin(county, person, county.fact["west"])
    return person


def in_crisis(county: County, person: Person, hour: float) -> Process[None]:
    """A crisis at an hour of the run."""
    yield county.env.timeout(hour * HOUR - county.day)
    yield from crisis.episode(county, person)


def answered(county: County) -> list[tuple[int, int]]:
    """Whose crises the team answered, and the hour of the run."""
    events = county.finish()
    rows = events.where("fact.west", "answered")
    return [
        (int(person), round(day * 24))
        for person, day in zip(events.person[rows], events.day[rows], strict=True)
    ]


@pytest.mark.parametrize(
    ("hours", "inside", "outside", "length"),
    [
        (Hours(8, 20), (8, 12, 19.9, 24 + 8), (7.9, 20, 23, 24 + 3), 12),
        (Hours(20, 8), (20, 23, 24, 31.9), (8, 12, 19.9, 32), 12),
        (Hours(0, 24), (0, 12, 23.9, 24), (), 24),
        (Hours(22, 24), (22, 23.9), (21.9, 24, 1), 2),
    ],
)
def test_cover_begins_and_ends_at_its_hours_every_day(
    hours: Hours, inside: tuple[float, ...], outside: tuple[float, ...], length: float
) -> None:
    assert all(hours.cover(hour * HOUR + 1e-9) for hour in inside)
    assert not any(hours.cover(hour * HOUR + 1e-9) for hour in outside)
    assert hours.length == length


BY_CALL = {"crisis__walk_in_share": 0.0, "crisis__transfer_share": 0.0, "crisis__police_contact_share": 0.0}
FIELD = {
    **BY_CALL,
    "crisis__line_share": 0.0, "crisis__ed_share": 0.0, "crisis__mobile_arrest": 0.0,
    "crisis__mobile_resolution": 1.0,
}  # fmt: skip


def test_one_clinician_answers_one_crisis_at_a_time_in_covered_hours(register: Parameters) -> None:
    """Of 9, 9 while the clinician is out, 18, 21 and 8 the next day: the first, third and last."""
    county = county_of(register, Hours(8, 20), 1, **FIELD)
    people = [member(county, number) for number in range(5)]
    for person, hour in zip(people, (9, 9.01, 18, 21, 32.1), strict=True):
        county.env.process(in_crisis(county, person, hour))
    county.env.run(until=3)
    assert answered(county) == [(0, 9), (2, 18), (4, 32)]


def test_nobody_answers_for_a_team_without_a_clinician_or_for_a_stranger(register: Parameters) -> None:
    county = county_of(register, Hours(0, 24), 1, **FIELD)
    inside, outside = member(county, 1), member(county, 2)
    fact.leave(county, outside, county.fact["west"], "success")
    post: Post = county.fact["west"].staff.posts[0]
    for person, hour in ((inside, 9), (outside, 10), (inside, 50)):
        county.env.process(in_crisis(county, person, hour))
    county.env.run(until=1)
    post.end("cut")
    county.env.run(until=4)
    assert answered(county) == [(1, 9)]


def test_the_answer_has_the_resolution_and_the_arrests_of_line_and_mobile_team(register: Parameters) -> None:
    """Phone l r; then emergency department e; then arrest a or resolution m of those visited."""
    county = county_of(register, Hours(0, 24), 1, crisis__mobile_arrest=0.1, **BY_CALL)
    person, endings, times = member(county, 1), Counter[str](), 20_000

    def life() -> Process[None]:
        for _ in range(times):
            endings[(yield from crisis.episode(county, person))] += 1

    county.env.process(life())
    county.env.run()
    p = county.parameters.crisis
    by_phone = p.line_share.value * p.phone_resolution.value
    visited = (1 - by_phone) * (1 - p.ed_share.value)
    theory = {
        "resolved_by_phone": by_phone,
        "arrest": visited * 0.1,
        "resolved_in_field": visited * 0.9 * p.mobile_resolution.value,
    }
    for ending, share in theory.items():
        assert endings[ending] / times == pytest.approx(share, abs=4 * (share * (1 - share) / times) ** 0.5)
    events = county.finish()
    assert events.where("fact.west", "answered").sum() == times
    assert not events.where("police").any()
