"""Housing: losing a home, finding one, and the housing types that a county offers people without one.

Someone without a fixed address is on the waiting list of every housing type that admits them and moves into
the first unit that comes free. A participant keeps a unit of the program until a longer-term one is found.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulation.county.county import County
from simulation.county.home import Homes
from simulation.county.outcome import Home
from simulation.county.person import Person, Spell, Tenancy
from simulation.engine.clock import LeftCounty, Process, Signal
from simulation.inputs import housing_type
from simulation.pathway import placement, shelter
from simulation.pathway.community import NO_HOME, OWN_HOME, spawn

RULE_CHANGED = "rule_changed"
SETTLED_AFTER = 365.25
"""Days in a home after which its tenant leaves it less often."""


def reopen_lists(county: County, kind: str) -> None:
    """After a change of a housing type's rule, put people without a home on the lists open to them, in order.

    Someone waiting to move on stays on the longer-term list unless that type admits them no more.
    """
    for homes in county.homes.values():
        for person in homes.queue:
            stays = kind != "longer_term" or placement.may_enter(county, person, kind)
            if homes.name != "longer_term" or not stays:
                homes.withdraw(person, RULE_CHANGED)


def change(county: County, person: Person) -> None:
    """The hazard of housing struck: a home is lost, or found without help."""
    if person.tenancy is not None:
        lose(county, person)
    elif person.home is NO_HOME:
        move(county, person, Home.OWN)
    else:
        homeless(county, person)


def lose(county: County, person: Person) -> None:
    """Leave a unit: for an own home, or with none, or because the landlord takes it off the market."""
    landlord = county.landlord_rates[person.home]
    if landlord and person.stream.bernoulli("housing.landlord", landlord / person.home_rate):
        search = county.parameters.housing.replacement.sample(person.stream.uniform("housing.replacement"))
        county.homes[person.home].lose_one(search * county.policy.homes.search_ratio)
        end(county, person, "landlord")
    elif person.stream.bernoulli(
        "housing.left_for_own_home", county.parameters.housing.left_for_own_home.value
    ):
        end(county, person, "own_home")
    else:
        end(county, person, "lost")


def move(county: County, person: Person, home: Home) -> None:
    """Move to another home, or to none; whoever has a home leaves all waiting lists for one."""
    if person.home is NO_HOME and home is not NO_HOME:
        county.homelessness.leave(person, home)
        shelter.leave(county, person, home)
        for homes in county.homes.values():
            homes.withdraw(person, home)
    elif home is NO_HOME:
        county.homelessness.admit(person, "chronic" if person.chronic else "transitional")
    person.home = home
    set_home_rate(county, person)
    county.note(person, "home", "moved", home)
    person.changed()


def set_home_rate(county: County, person: Person) -> None:
    """Work out how often per day the person leaves the present home."""
    if person.home is NO_HOME:
        person.home_rate = county.spell_rates[person.chronic]
    elif person.tenancy is not None:
        settled = person.tenancy.settled
        person.home_rate = (county.settled_rates if settled else county.home_rates)[person.home]
    else:
        person.home_rate = person.loss_rate


def homeless(county: County, person: Person) -> None:
    """Become homeless: onto the waiting lists for a home, and perhaps to a shelter."""
    without_home(county, person, begun(county, person))
    to_shelter(county, person)


def without_home(county: County, person: Person, spell: Spell) -> None:
    """Have no home from now on, in a spell of this kind, and be on the waiting lists for one."""
    person.chronic = spell.chronic
    move(county, person, Home.NONE)
    if county.policy.homes.open_to("anyone") and spell.listed:
        spawn(county, person, seek(county, person, "anyone"))
    if person.program == "fact":
        spawn(county, person, seek(county, person, "fact"))


def begun(county: County, person: Person) -> Spell:
    """A spell without a home that begins: chronic or not, and on the coordinated-entry list or not."""
    p, stream = county.parameters, person.stream
    return Spell(
        stream.bernoulli("people.chronic_share", p.people.chronic_share.value),
        stream.bernoulli("housing.coordinated_entry", p.housing.coordinated_entry.value),
    )


def to_shelter(county: County, person: Person) -> None:
    """Look for a shelter bed, if this person uses shelters."""
    use = county.parameters.housing.shelter_use.value
    if county.has("housing") and person.stream.bernoulli("housing.shelter_use", use):
        spawn(county, person, shelter.stays(county, person))


def wants(person: Person, who: str) -> bool:
    """Whether the person still looks for a home as a member of this group."""
    return person.home is NO_HOME and (who == "anyone" or person.program == "fact")


def seek(county: County, person: Person, who: str) -> Process[None]:
    """Wait on every list open to this group for the first home that comes free, and live there."""
    if who in person.seeking or not county.has("housing"):
        return
    person.seeking |= {who}
    moving_in = None
    while moving_in is None and wants(person, who):
        offered = yield from first_free(county, person, placement.lists(county, person, who))
        if offered == RULE_CHANGED:
            continue
        if not isinstance(offered, Homes):
            break
        if (yield from leased(county, person, offered, who)):
            moving_in = offered
    person.seeking -= {who}
    if moving_in is not None:
        yield from tenancy(county, person, moving_in)


def first_free(county: County, person: Person, lists: Sequence[Homes]) -> Process[Homes | str]:
    """The first of these homes to come free, waited for on all lists at once, or the reason that none did.

    Nobody is on a list twice: someone who seeks a home as a member of two groups is on each list for one.
    """
    lists = [homes for homes in lists if not homes.holds_or_waits(person)]
    if not lists:
        return "not_eligible"
    free = next((homes for homes in lists if homes.is_open), None)
    if free is not None:
        free.refer(person, "first_choice")
        free.admit(person, "first_choice")
        return free
    ticket, rank = Signal(county.env), placement.priority(county, person)
    for number, homes in enumerate(lists):
        homes.refer(person, "also" if number else "first_choice")
        homes.join(person, ticket, "also" if number else "first_choice", rank)
    try:
        answer: str = yield ticket
    except LeftCounty as departure:
        leave_lists(lists, person, str(departure))
        raise
    given = next((homes for homes in lists if homes in person.holding), None)
    leave_lists(lists, person, "other_home" if answer == "admitted" else answer)
    return given if given is not None and answer == "admitted" else answer


def leave_lists(lists: Sequence[Homes], person: Person, why: str) -> None:
    """Leave every one of these lists that the person is still on."""
    for homes in lists:
        homes.renege(person, why)


def leased(county: County, person: Person, homes: Homes, who: str) -> Process[bool]:
    """Lease-up; False if the home is no longer needed, or the person is in jail, when it ends."""
    lease_up = county.parameters.housing.lease_up.sample(person.stream.uniform("housing.lease_up"))
    if homes.name in housing_type.LEASED:
        lease_up *= county.policy.homes.search_ratio
    yield person.pause(lease_up)
    if wants(person, who) and not person.in_custody:
        return True
    homes.leave(person, "in_jail" if wants(person, who) else "no_longer_needed")
    return False


def tenancy(county: County, person: Person, homes: Homes, age: float = 0.0) -> Process[None]:
    """Live in a unit, for ``age`` days already, until it is lost or left for another home."""
    lived_in = person.tenancy = Tenancy(Signal(county.env), settled=age >= SETTLED_AFTER)
    move(county, person, homes.home)
    if not lived_in.settled:
        spawn(county, person, settle(county, person, lived_in, SETTLED_AFTER - age))
    if homes.name in housing_type.PROGRAM_HOUSING:
        spawn(county, person, move_on(county, person, lived_in))
    why = yield lived_in.signal
    homes.leave(person, why)
    if person.tenancy is lived_in:
        person.tenancy = None
        if why == "own_home":
            move(county, person, Home.OWN)
        else:
            homeless(county, person)


def settle(county: County, person: Person, lived_in: Tenancy, days: float) -> Process[None]:
    """After a year in a home people leave it less often."""
    yield person.pause(days)
    if person.tenancy is lived_in:
        lived_in.settled = True
        set_home_rate(county, person)
        person.changed()


def move_on(county: County, person: Person, first: Tenancy) -> Process[None]:
    """When ready, wait in the first unit for a longer-term one, and move if a landlord accepts."""
    p, stream, units = county.parameters.housing, person.stream, county.homes["longer_term"]
    yield person.pause(stream.exponential("housing.move_on") / max(p.move_on.per_day, 1e-12))
    while (
        person.tenancy is first
        and units not in person.holding
        and placement.may_enter(county, person, "longer_term")
    ):
        if not (yield from units.enter(person, why=person.home)):
            return
        search = p.search.sample(stream.uniform("housing.search")) * county.policy.homes.search_ratio
        yield person.pause(search)
        if person.home in (Home.OWN, *housing_type.PERMANENT_HOUSING):
            units.leave(person, "no_longer_needed")
            return
        if stream.bernoulli("housing.landlord_accepts", p.landlord_accepts.value):
            end(county, person, "moved_on")
            yield from tenancy(county, person, units)
            return
        units.leave(person, "no_landlord")


def end(county: County, person: Person, why: str) -> None:
    """End a tenancy, also one kept while waiting for a longer-term unit."""
    if person.tenancy is not None:
        person.tenancy.signal.fire(why)
        county.homes["longer_term"].withdraw(person, why)


def after_program(county: County, person: Person) -> Process[None]:
    """After the program: leave its waiting lists now, and its homes after a grace period."""
    rules = county.policy.homes
    for kind in rules.open_to("fact"):
        county.homes[kind].withdraw(person, "program_ended")
    yield person.pause(county.parameters.housing.grace.days)
    if person.tenancy is not None and not rules.outlasts_program(person.home) and person.program is None:
        end(county, person, "grace_over")


def without_program(county: County, person: Person) -> None:
    """Not in the program any more; a tenant of its homes has a grace period from now."""
    person.program = None
    if person.tenancy is not None:
        spawn(county, person, after_program(county, person))


def into_jail(county: County, person: Person, release: Signal) -> None:
    """Booked: lose the shelter bed now, and a unit once it has been held for a set time."""
    shelter.leave(county, person, "jail")
    if person.tenancy is not None:
        county.env.process(hold_unit(county, person, person.tenancy, release))


def hold_unit(county: County, person: Person, tenancy: Tenancy, release: Signal) -> Process[None]:
    """Hold the unit of someone in jail for a set time; the tenancy ends if they are not out by then."""
    p, rules = county.parameters.housing, county.policy.homes
    usual = p.supervised_held if person.home is Home.SUPERVISED else p.unit_held
    yield county.env.timeout(usual.days if rules.held is None else rules.held)
    if not release.triggered and person.tenancy is tenancy:
        end(county, person, "long_jail_stay")


def out_of_jail(county: County, person: Person) -> None:
    """Released: someone without a home may go to a shelter again; an own home may have been lost."""
    person.freed = county.day
    if person.home is NO_HOME:
        to_shelter(county, person)
    elif person.home is OWN_HOME:
        lost = (
            (county.day - person.booked) * person.loss_rate * county.parameters.people.jail_loss_ratio.value
        )
        if person.stream.bernoulli("people.jail_loss_ratio", lost):
            homeless(county, person)
