"""What is left on day 0 of the risks that earlier crises, discharges and arrests raised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.engine.fading import Raise, excess_in_progress
from simulation.engine.hazard import Risk
from simulation.engine.stream import StreamArray
from simulation.initial_state.need import crisis_raises
from simulation.initial_state.population import SteadyState

Numbers = NDArray[np.float64]


def raise_risks(county: County, people: Sequence[Person], size: SteadyState) -> None:
    """Raise the risks of a crisis and of an arrest by what is left of them on a day in the steady state.

    Programs and jail aside, each excess is that of a day picked at random between two events.
    """
    p, streams = county.parameters, StreamArray.of(person.stream for person in people)
    homeless = np.array([person.home is Home.NONE for person in people], dtype=np.bool_)
    leaving = np.array([sum(county.exits[person.traits.age_band]) for person in people])
    crises = np.array([person.crisis_ratio for person in people]) * county.crisis_rate
    crises[homeless] *= p.crisis.homeless_ratio.value
    after, mean = crisis_raises(p, size.admitted), p.crisis.fading.days
    since = streams.uniform("initial_state.since_crisis")
    _raise(people, Risk.CRISIS, excess_in_progress(since, crises, after, mean, leaving))
    arrests = np.array([person.arrest_rate for person in people]) * county.offending
    arrests[homeless] *= p.arrest.homeless_ratio.value
    release, mean = (Raise(1.0, p.arrest.return_excess.value),), p.arrest.return_fading.days
    since = streams.uniform("initial_state.since_arrest")
    again = np.array([person.mean_arrest_rate for person in people]) * size.beside.again
    others = size.beside.others + again
    _raise(people, Risk.ARREST, excess_in_progress(since, arrests, release, mean, leaving, others))


def _raise(people: Sequence[Person], risk: Risk, left: Numbers) -> None:
    for person, excess in zip(people, left.tolist(), strict=True):
        if excess and person.hazards is not None:
            person.hazards.raised(risk, excess, 0.0)
