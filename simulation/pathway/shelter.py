"""Shelter: beds for people without a home, who stay homeless while they use them."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Person
from simulation.engine.clock import Process, Signal
from simulation.inputs.parameter import Duration
from simulation.pathway.community import NO_HOME


def stays(county: County, person: Person) -> Process[None]:
    """Stay after stay in a shelter bed, each from the end of the queue, while homeless and out of jail."""
    beds, stream = county.shelter, person.stream
    while person.home is NO_HOME and not person.in_custody:
        if not (yield from beds.enter(person)):
            return
        person.bed = Signal(
            county.env, stay(county, person.chronic).sample(stream.uniform("housing.shelter_stay"))
        )
        why = yield person.bed
        person.bed = None
        beds.leave(person, why or "stay_over")


def stay(county: County, chronic: bool) -> Duration:
    """How long a stay lasts, in a chronic spell without a home or in another."""
    p = county.parameters.housing
    return p.chronic_shelter_stay if chronic else p.shelter_stay


def leave(county: County, person: Person, why: str) -> None:
    """Leave the waiting list or the bed."""
    county.shelter.withdraw(person, why)
    if person.bed is not None:
        person.bed.fire(why)
