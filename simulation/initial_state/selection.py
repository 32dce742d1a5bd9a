"""Who is where on day 0, drawn from their own stream: chosen by weight, or in the middle of a stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np

from simulation.county.person import Person
from simulation.engine.stream import StreamArray, Substream
from simulation.inputs.parameter import Duration

K = TypeVar("K")


def entry_substream(person: Person) -> Substream:
    """The substream of what is decided once about a person, when they enter the model."""
    return person.stream.substream(0)


def stay_in_progress(length: Duration, stream: Substream, decision: str) -> tuple[float, float]:
    """The days behind and the days ahead of a stay found in progress."""
    whole = length.sample_in_progress(stream.uniform(decision))
    behind = whole * stream.uniform(f"{decision}.behind")
    return behind, whole - behind


def weighted(weights: Mapping[K, float], uniform: float) -> K:
    """One key, with a chance in proportion to its weight."""
    point = uniform * sum(weights.values())
    for key, weight in weights.items():
        point -= weight
        if point < 0:
            return key
    return list(weights)[-1]


def choose(
    people: Iterable[Person],
    number: int,
    decision: str,
    weight: Callable[[Person], float] = lambda person: person.mean_arrest_rate,
) -> list[Person]:
    """So many people without replacement, in proportion to how often each is arrested, or to a weight.

    Each person's own exponential draw over their rate, smallest first (Efraimidis and Spirakis 2006), so
    that who is chosen does not depend on the order of the people.
    """
    people = list(people)
    uniforms = StreamArray.of(person.stream for person in people).uniform(decision)
    weights = np.fromiter(map(weight, people), np.float64, len(people))
    ranks = -np.log(uniforms) / np.maximum(weights, 1e-12)
    return [people[place] for place in np.argsort(ranks, kind="stable")[:number].tolist()]
