"""Who is first for a place on a FACT team, and what those who come back without a court get."""

from __future__ import annotations

import pytest

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person, Traits
from simulation.county.staffing import Terms
from simulation.engine.clock import Process
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.sections.fact import FactPriority
from simulation.levers.fact import RankFactList
from simulation.pathway import fact, stepdown
from simulation.pathway.community import spawn
from tests.conftest import AMPLE
from tests.test_crisis import holding


def county_of(register: Parameters, priority: FactPriority = "longest_waiting") -> County:
    """A county with one team, which has no place yet."""
    return County(register, Rules(fact_priority=priority), AMPLE, ["west"], Stream(1, 0))


def somebody(county: County, number: int, substance_use: bool = False, home: bool = True) -> Person:
    """Someone whom FACT is for."""
    traits = Traits("female", "26-40", "White", substance_use, True, True, "west", 1.0)
    person = Person(county.env, number, Stream(2, number), traits, (0.0, 0.0))
    person.home = Home.OWN if home else Home.NONE
    return person


def waiting_list(county: County) -> None:
    """1 waits at home with nothing, 2 with substance use and no home, 3 in jail, 4 with substance use."""
    team = county.fact["west"]

    def wait(person: Person) -> Process[None]:
        yield from team.enter(person, priority=fact.priority(county, person))

    people = [
        somebody(county, 1),
        somebody(county, 2, substance_use=True, home=False),
        somebody(county, 3),
        somebody(county, 4, substance_use=True),
    ]
    people[2].in_custody = True
    for person in people:
        county.env.process(wait(person))
    county.env.run(until=1)


ORDERS: list[tuple[FactPriority, list[int]]] = [
    ("longest_waiting", [1, 2, 3, 4]),
    ("in_custody", [3, 1, 2, 4]),
    ("highest_need", [2, 4, 1, 3]),
]


@pytest.mark.parametrize(("priority", "order"), ORDERS)
@pytest.mark.parametrize("by_lever", [False, True])
def test_places_go_to_those_whom_the_rule_puts_first(
    register: Parameters, priority: FactPriority, order: list[int], by_lever: bool
) -> None:
    county = county_of(register) if by_lever else county_of(register, priority)
    waiting_list(county)
    if by_lever:
        RankFactList(lever="rank_fact_list", date="2027-03-01", priority=priority).apply(county)  # type: ignore[arg-type]
    team = county.fact["west"]
    assert [person.id for person in team.queue] == order
    team.open_intake(100)
    for _ in range(4):
        team.resize(team.slots + 1.25)
        county.env.run(until=county.day + 1)
    events = county.finish()
    assert events.person[events.where("fact.west", "admitted")].tolist() == order


def test_whoever_comes_back_without_a_court_has_contacts_every_month_until_they_leave(
    register: Parameters,
) -> None:
    """A clinician with one member gives what each phase asks for: 4 a week at first, then 3, then 2."""
    steady = {"staffing__turnover": 0, "staffing__ramp_up": 0, "fact__therapy_attendance": 1}
    phases = {"fact__engagement_contacts": 4 / 3, "fact__transition_contacts": 2 / 3}
    county = county_of(holding(register, **steady, **phases))
    team, person = county.fact["west"], somebody(county, 1)
    county.env.process(team.staff.authorize(Stream(7, 1), Terms()).life())
    county.env.process(fact.open_intake_each_month(county, team))
    county.env.run(until=1e-6)
    spawn(county, person, stepdown.readmission(county, person))
    county.env.run(until=3000)
    events = county.finish()
    came, left = (
        float(events.day[events.where("fact.west", what)][0]) for what in ("admitted", "discharged")
    )
    rows = [row for row in events.attendance if row[3] == "therapy"]
    assert [row[0] for row in rows] == pytest.approx([came + fact.MONTH * n for n in range(len(rows))])
    assert [row[1] for row in rows] == pytest.approx([row[0] for row in rows[1:]] + [left])
    stay = left - came
    due = (4 * min(stay, 90) + 3 * max(0, min(stay, 360) - 90) + 2 * max(0, stay - 360)) / 7
    in_review = 2 * (4 - 3) * fact.MONTH / 7  # a phase begins with the next monthly review
    assert due - 1 <= sum(row[4] for row in rows) <= due + in_review
