"""The people of the model, present on day 0 or new later, with their traits, rates and risks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulation.county import age
from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.engine.fading import Beside
from simulation.engine.hazard import RISKS, Hazards
from simulation.engine.stream import Stream
from simulation.initial_state import custody, population


def people_of(
    county: County,
    makeup: population.Makeup,
    size: population.SteadyState,
    numbers: Sequence[int],
    present: bool = False,
) -> Iterator[Person]:
    """People new to the model, or present on day 0, with traits and risks drawn from their own streams."""
    streams, drawn = (county.stream.children("person", numbers) for _ in range(2))
    people = population.traits(county.parameters, makeup, drawn, newcomers=not present)
    risks = -np.log(np.stack([streams.uniform(risk) for risk in RISKS], axis=1))
    own, growing = zip(*people, strict=True) if numbers else ((), ())
    expected = expected_arrest_rates(county, own, size.beside)
    rows = zip(numbers, streams.streams(), own, growing, expected, risks.tolist(), strict=True)
    for number, stream, traits, days, means, remaining in rows:
        person = enter(county, size, number, stream, traits, means)
        person.hazards = Hazards(stream, county.crisis_demand, county.fading, remaining)
        person.older = days
        yield person


def expected_arrest_rates(
    county: County, traits: Sequence[Traits], beside: Beside
) -> Iterator[tuple[float, float]]:
    """Arrests per day of each in the long run: at their present age, and their mean over all ages."""
    p = county.parameters
    bands = np.array([age.BANDS.index(person.age_band) for person in traits], dtype=np.int64)
    rates = np.array([county.arrest_rate(person) for person in traits])
    ratios = np.array([county.age_ratios[band] for band in age.BANDS])
    by_age = np.stack(
        [
            custody.mean_arrest_rate(p, rates * ratio / ratios[bands], sum(county.exits[band]), beside)
            for band, ratio in zip(age.BANDS, ratios, strict=True)
        ]
    )
    lifelong = np.array([band.share for band in age.age_bands(p)]) @ by_age
    return zip(by_age[bands, np.arange(len(bands))].tolist(), lifelong.tolist(), strict=True)


def enter(
    county: County,
    size: population.SteadyState,
    number: int,
    stream: Stream,
    traits: Traits,
    means: tuple[float, float],
) -> Person:
    """Someone new to the model, entered in the log; ``means``: arrests per day, at this age and over all."""
    rates = (county.arrest_rate(traits), size.homes.rate(means[1]))
    person = Person(county.env, number, stream, traits, rates)
    person.mean_arrest_rate, person.lifelong_arrest_rate = means
    person.crisis_ratio = county.crisis_ratio(traits)
    county.log.enrol(
        (
            number,
            traits.sex,
            traits.age_band,
            traits.race_ethnicity,
            traits.substance_use,
            traits.high_risk,
            traits.high_impairment,
            traits.region,
        )
    )
    return person
