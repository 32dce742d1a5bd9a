"""Shelter: beds in turn for people without fixed address, who stay homeless in them."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.engine.clock import Process, Signal


def stays(county: County, person: Person) -> Process[None]:
    """A bed for a stay, then the end of the line, for as long as the person has no home and is free."""
    beds, p, stream = county.shelter, county.parameters.housing, person.stream
    while person.home is Home.NONE and not person.in_custody:
        if not (yield from beds.enter(person)):
            return
        person.bed = Signal(county.env, p.shelter_stay.sample(stream.uniform("housing.shelter_stay")))
        why = yield person.bed
        person.bed = None
        beds.leave(person, why or "stay_over")


def leave(county: County, person: Person, why: str) -> None:
    """Off the list, or out of the bed."""
    county.shelter.withdraw(person, why)
    if person.bed is not None:
        person.bed.fire(why)
