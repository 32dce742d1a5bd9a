"""Who has a home on day 0, and of what kind."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.engine.stream import StreamArray
from simulation.initial_state.homelessness_equilibrium import HomelessnessEquilibrium
from simulation.initial_state.population import SteadyState
from simulation.initial_state.selection import choose, entry_substream
from simulation.pathway import fact, housing
from simulation.pathway.community import spawn


def add_newcomer(county: County, person: Person, homes: HomelessnessEquilibrium) -> None:
    """Count a newcomer among the county's people, with a home or without."""
    county.residence.admit(person, "newcomer")
    if entry_substream(person).bernoulli(
        "initial_state.homeless", homes.share_of_newcomers(person.arrest_rate)
    ):
        housing.homeless(county, person)


def place_in_homes(county: County, people: Sequence[Person], homes: HomelessnessEquilibrium) -> None:
    """Count people among the county's on day 0, with a home or without."""
    listed = listed_share(county, homes)
    uniforms = StreamArray.of(person.stream for person in people).uniform("initial_state.homeless").tolist()
    for person, uniform in zip(people, uniforms, strict=True):
        county.residence.admit(person, "present")
        if uniform < homes.share_on_a_day(person.arrest_rate):
            housing.homeless(county, person, listed)


def listed_share(county: County, homes: HomelessnessEquilibrium) -> float:
    """The share of people without a home on a day who are on the coordinated-entry list.

    Spells on the list end sooner, by the rate at which supportive homes come free; that rate follows
    from the tenants who have to be replaced.
    """
    listed = county.parameters.housing.coordinated_entry.value
    replaced = homes.housed * (county.home_rates["supportive"] + sum(county.leaving_rates))
    slack = homes.found_per_day * listed - replaced * (1 - listed)
    if slack <= 0:
        return listed
    offered = replaced * homes.found_per_day / slack
    on, off = listed / (homes.found_per_day + offered), (1 - listed) / homes.found_per_day
    return on / (on + off)


def place_tenants(county: County, people: list[Person], kind: str, number: int) -> None:
    """Homes that people live in already and keep: they live there from day 0 on."""
    homes = county.homes[kind]
    for person in people[:number]:
        homes.refer(person, "present")
        homes.admit(person, "present", since=-housing.tenancy_age(county, person, kind))
        spawn(county, person, housing.tenancy(county, person, homes))


def place_in_supportive_homes(county: County, people: list[Person], size: SteadyState, number: int) -> None:
    """Supportive homes hold people who were without a home once: those who lose one most often."""

    def weight(person: Person) -> float:
        return 1 / (size.homes.own(person.arrest_rate) + size.homes.housed)

    housed = [person for person in people if person.home is Home.OWN]
    place_tenants(county, choose(housed, number, "initial_state.supportive", weight), "supportive", number)


def place_in_longer_term_homes(county: County, people: list[Person], number: int) -> None:
    """Longer-term units that former participants live in already."""
    free = [p for p in people if not p.in_custody and p.program is None and p.home is Home.NONE]
    former = [person for person in free if fact.needs_fact(person)]
    place_tenants(county, choose(former, number, "initial_state.longer_term"), "longer_term", number)
