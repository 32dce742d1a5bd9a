"""Homes: losing one, finding one, and units for people in FACT without a fixed address."""

from __future__ import annotations

from simulation.bell import Bell, Wait
from simulation.county import County
from simulation.pathway.community import beside
from simulation.person import Home, Person, Tenancy


def change(county: County, person: Person) -> None:
    """A home is lost, or found without help."""
    if person.tenancy is not None:
        end(county, person, "lost")
    elif person.home == "none":
        move(county, person, "own")
        county.master_leased.withdraw(person, "found_own_home")
    else:
        move(county, person, "none")
        beside(county, search(county, person))


def move(county: County, person: Person, home: Home) -> None:
    """Live somewhere else from now on."""
    if person.home == "none":
        county.homelessness.leave(person, home)
    person.home = home
    if home == "none":
        county.homelessness.admit(person)
    person.changed()


def search(county: County, person: Person) -> Wait:
    """Someone in FACT without fixed address waits for a unit, lives in it, and may need another."""
    units = county.master_leased
    if person.seeking:
        return
    person.seeking = True
    while person.home == "none" and person.program == "fact":
        if not (yield from units.enter(person, why="fact")):
            break
        lease_up = county.parameters.housing.lease_up
        yield from person.pause(lease_up.sample(person.luck.luck("housing.lease_up")))
        if person.home == "none" and person.program == "fact":
            yield from master_leased(county, person)
        else:
            units.leave(person, "no_longer_needed")
    person.seeking = False


def master_leased(county: County, person: Person) -> Wait:
    """A tenancy in a master-leased unit, kept until one in a longer-term unit can follow."""
    move(county, person, "master_leased")
    ready_in = person.luck.exponential("housing.move_on") / county.parameters.housing.move_on.per_day
    tenancy = person.tenancy = Tenancy(Bell(county.env, ready_in))
    why = yield from person.listen(tenancy.bell)
    if why is None:
        moved = yield from county.longer_term.enter(person, why="master_leased")
        why = "moved_on" if moved else tenancy.ended
    county.master_leased.leave(person, why)
    if why == "moved_on":
        yield from longer_term(county, person)
    else:
        person.tenancy = None
        move(county, person, "none")


def longer_term(county: County, person: Person) -> Wait:
    """A tenancy in a longer-term unit, which outlasts the program."""
    move(county, person, "longer_term")
    person.tenancy = Tenancy(Bell(county.env))
    why = yield from person.listen(person.tenancy.bell)
    person.tenancy = None
    county.longer_term.leave(person, why)
    move(county, person, "none")


def end(county: County, person: Person, why: str) -> None:
    """End a tenancy, also one kept while waiting for a longer-term unit."""
    if person.tenancy is not None:
        person.tenancy.ended = why
        if not person.tenancy.bell.ring(why):
            county.longer_term.withdraw(person, why)


def after_program(county: County, person: Person) -> Wait:
    """The program is over: off the waiting list at once, out of a master-leased unit after a grace."""
    county.master_leased.withdraw(person, "program_ended")
    yield from person.pause(county.parameters.housing.grace.days)
    if person.home == "master_leased" and person.program is None:
        end(county, person, "grace_over")


def on_day_0(county: County, person: Person) -> Wait:
    """Someone in FACT without fixed address on day 0: the first ones live in the units, others wait."""
    units = county.master_leased
    if units.busy < units.slots:
        units.admit(person, "present")
        person.seeking = True
        yield from master_leased(county, person)
        person.seeking = False
    yield from search(county, person)
