"""Who has a home on day 0, and of what kind."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.engine.clock import Process
from simulation.engine.stream import StreamArray
from simulation.initial_state.homelessness_equilibrium import HomelessnessEquilibrium
from simulation.initial_state.population import SteadyState
from simulation.initial_state.selection import choose, entry_substream, weighted
from simulation.initial_state.shelter import place_in_shelter
from simulation.initial_state.tenure import Tenure
from simulation.pathway import fact, housing, placement
from simulation.pathway.community import spawn


def add_newcomer(county: County, person: Person, homes: HomelessnessEquilibrium) -> None:
    """Count a newcomer among the county's people, with a home or without."""
    county.residence.admit(person, "newcomer")
    stream = entry_substream(person)
    if stream.bernoulli("initial_state.homeless", homes.share_of_newcomers(person.lifelong_arrest_rate)):
        kinds = homes.spells.in_progress(begun=homes.housed)
        housing.without_home(county, person, weighted(kinds, stream.uniform("initial_state.spell")))
        housing.to_shelter(county, person)


def place_in_homes(county: County, people: Sequence[Person], homes: HomelessnessEquilibrium) -> None:
    """Count people among the county's on day 0, with a home or without; the longest listed wait first."""
    streams = StreamArray.of(person.stream for person in people)
    uniforms = zip(
        streams.uniform("initial_state.homeless").tolist(),
        streams.uniform("initial_state.spell").tolist(),
        streams.uniform("initial_state.spell.behind").tolist(),
        strict=True,
    )
    kinds, homeless = homes.spells.in_progress(), []
    for person, (uniform, kind, behind) in zip(people, uniforms, strict=True):
        county.residence.admit(person, "present")
        if uniform < homes.share_on_a_day(person.lifelong_arrest_rate):
            spell = weighted(kinds, kind)
            homeless.append((homes.spells.behind(spell, behind), person, spell))
    for _, person, spell in sorted(homeless, key=lambda row: -row[0]):
        housing.without_home(county, person, spell)
    place_in_shelter(county, [person for _, person, _ in homeless], homes)


def place_tenants(county: County, people: list[Person], kind: str, number: int) -> None:
    """Homes that people live in already and keep: they live there from day 0 on."""
    homes = county.homes[kind]
    for person in people[:number]:
        homes.refer(person, "present")
        age = tenancy_age(county, person, kind)
        homes.admit(person, "present", since=-age)
        spawn(county, person, housing.tenancy(county, person, homes, age))


def tenancy_age(county: County, person: Person, kind: str) -> float:
    """Days since a tenancy in progress on day 0 began."""
    return Tenure.of(county, kind).age(person.stream.uniform("initial_state.tenancy"))


def place_in_supportive_homes(county: County, people: list[Person], size: SteadyState, number: int) -> None:
    """Supportive homes hold people who were without a home once: those who lose one most often."""

    def weight(person: Person) -> float:
        return 1 / (size.homes.own(person.lifelong_arrest_rate) + size.homes.housed)

    housed = [person for person in people if person.home is Home.OWN]
    place_tenants(county, choose(housed, number, "initial_state.supportive", weight), "supportive", number)


def place_in_longer_term_homes(county: County, people: list[Person], number: int) -> None:
    """Longer-term units that former participants live in already."""
    free = [p for p in people if not p.in_custody and p.program is None and p.home is Home.NONE]
    former = [person for person in free if fact.needs_fact(person)]
    place_tenants(county, choose(former, number, "initial_state.longer_term"), "longer_term", number)


def house_member(county: County, person: Person, enrolled: float) -> Process[None]:
    """A member of FACT without a home on day 0: in a unit if one is free, else on the waiting lists."""
    for homes in placement.lists(county, person, "fact"):
        if homes.is_open:
            age = min(enrolled, tenancy_age(county, person, homes.name))
            homes.admit(person, "present", since=-age)
            yield from housing.tenancy(county, person, homes, age)
            return
    yield from housing.seek(county, person, "fact")
