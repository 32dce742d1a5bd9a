"""Other residents' visits to the crisis line, the mobile teams, the chairs and the beds.

A visitor is no simulated person: they arrive, wait like everybody, hold a place for a time and leave. There
is no process for each, only a signal for each arrival and each departure, at half the cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import lgamma, log

import numpy as np

from simulation.county.county import County
from simulation.county.mobile import MobileCrisis
from simulation.county.person import Person, Traits
from simulation.county.service import Service
from simulation.engine.clock import Signal
from simulation.engine.eventlog import OTHER_RESIDENTS_FROM
from simulation.inputs.parameter import Duration
from simulation.inputs.parameters import Parameters

BLOCK = 256
"""Visits drawn at a time."""
IDS_OF_A_SERVICE = 100_000_000
ARRIVALS_FROM = 10_000_000
"""Numbers of a service's visits that begin after day 0; those in progress on day 0 have lower ones."""

Regions = Sequence[tuple[str, float]]
"""The names of the regions, and the share of the residents who live there."""


@dataclass(frozen=True)
class Use:
    """How other residents use a service.

    per_day: mean arrivals a day; stay: how long a place is held; patience: days for which it is waited for;
    long_share: the part of the visits that last as ``long_stay`` says.
    """

    per_day: float
    stay: Duration
    patience: float
    long_stay: Duration | None = None
    long_share: float = 0.0

    @property
    def load(self) -> float:
        """Places held on average, if there are enough."""
        return self.per_day * (self._long_days + (1 - self.long_share) * self.stay.mean)

    @property
    def _long_days(self) -> float:
        return self.long_share * self.long_stay.mean if self.long_stay else 0.0

    def length(self, draws: tuple[float, float]) -> float:
        """The days of a visit, given two uniform numbers."""
        uniform, kind = draws
        stay = self.long_stay if self.long_stay and kind < self.long_share else self.stay
        return stay.sample(uniform)

    def length_in_progress(self, draws: tuple[float, float]) -> float:
        """The same of a visit found in progress, which is longer, and more often a long one."""
        uniform, kind = draws
        is_long = kind * self.load < self._long_days * self.per_day
        stay = self.long_stay if self.long_stay and is_long else self.stay
        return stay.sample_in_progress(uniform)


class Visitor(Person):
    """Another resident in one visit to one service, who has no life in the model.

    draws: the uniform numbers of the visit's length.
    """

    __slots__ = ("draws",)

    def __init__(self, number: int, traits: Traits, draws: tuple[float, float]) -> None:
        self.id, self.traits, self.draws = number, traits, draws
        self.holding = []


class Visits:
    """Visits to one service: a Poisson stream on the clock of crises, which no scenario changes."""

    def __init__(self, county: County, service: Service, use: Use, regions: Regions) -> None:
        self.county, self.env, self.service, self.use = county, county.env, service, use
        self.stream = county.stream.child(f"visits.{service.name}")
        self.first_id = OTHER_RESIDENTS_FROM + IDS_OF_A_SERVICE * list(county.services).index(service.name)
        self.bounds = np.cumsum([share for _, share in regions])[:-1]
        self.traits = [_living_in(name) for name, _ in regions]
        self._coming = self._arrivals()

    def begin(self) -> None:
        """Fill the places of day 0, and await the first arrival."""
        self._place_on_day_0()
        self._await_next()

    def days(self, visitor: Visitor) -> float:
        """How long this visitor holds the place."""
        return self.use.length(visitor.draws)

    def _place_on_day_0(self) -> None:
        """Let visits be in progress on day 0."""
        taken = places_taken(
            self.use.load, self.service.slots, self.stream.uniform("other_residents.in_place")
        )
        streams = self.stream.children("visit_on_day_0", range(taken))
        lengths = streams.uniform("other_residents.length"), streams.uniform("other_residents.kind")
        parts = streams.uniform("other_residents.behind").tolist()
        draws = zip(*(column.tolist() for column in lengths), strict=True)
        for number, (draw, part) in enumerate(zip(draws, parts, strict=True), self.first_id):
            visitor, length = Visitor(number, self.traits[0], draw), self.use.length_in_progress(draw)
            self.service.admit(visitor, since=-length * part)
            self._leave_after(visitor, length * (1 - part))

    def _arrivals(self) -> Iterator[tuple[float, Visitor]]:
        """The day of each arrival, and who comes."""
        passed, first_id = 0.0, self.first_id + ARRIVALS_FROM
        for first in count(0, BLOCK):
            visits = range(first, first + BLOCK)
            streams = self.stream.children("visit", visits)
            gaps = -np.log(streams.uniform("other_residents.arrival")) / self.use.per_day
            marks = passed + np.cumsum(gaps)
            passed = float(marks[-1])
            regions = np.searchsorted(self.bounds, streams.uniform("other_residents.region"), side="right")
            lengths = streams.uniform("other_residents.stay"), streams.uniform("other_residents.part")
            draws = zip(*(column.tolist() for column in lengths), strict=True)
            traits = map(self.traits.__getitem__, regions.tolist())
            visitors = map(Visitor, map(first_id.__add__, visits), traits, draws)
            yield from zip(self.county.crisis_demand.days(marks).tolist(), visitors, strict=True)

    def _await_next(self) -> None:
        day, visitor = next(self._coming)
        Signal(self.env, max(0.0, day - self.env._now)).callbacks = (partial(self._arrive, visitor),)

    def _arrive(self, visitor: Visitor, _: Signal) -> None:
        service, patience = self.service, self.use.patience
        service.refer(visitor)
        if service.is_open:
            service.admit(visitor)
            self._leave_after(visitor, self.days(visitor))
        elif patience <= 0:
            service.decline(visitor, "full")
        else:
            ticket = Signal(self.env, patience)
            service.join(visitor, ticket)
            ticket.callbacks = (partial(self._answered, visitor),)
        self._await_next()

    def _answered(self, visitor: Visitor, ticket: Signal) -> None:
        if ticket.value == "admitted":
            self._leave_after(visitor, self.days(visitor))
        else:
            self.service.renege(visitor, "waited_too_long")

    def _leave_after(self, visitor: Visitor, days: float) -> None:
        Signal(self.env, days).callbacks = (partial(self._leave, visitor),)

    def _leave(self, visitor: Visitor, _: Signal) -> None:
        self.service.leave(visitor)


class TeamVisits(Visits):
    """Visits by mobile teams, which are held on their way and at the scene; none is out on day 0."""

    def days(self, visitor: Visitor) -> float:
        """Travel, longer for a neighbouring district's team, and time on scene."""
        p, (travel, on_scene) = self.county.parameters.crisis, visitor.draws
        teams = self.service
        from_afar = isinstance(teams, MobileCrisis) and teams.from_afar(visitor)
        ratio = p.neighbor_travel_ratio.value if from_afar else 1.0
        return p.travel.sample(travel) * ratio + p.on_scene.sample(on_scene)

    def _place_on_day_0(self) -> None:
        """Nobody: teams come on duty when the run begins."""


def _living_in(region: str) -> Traits:
    """The traits of a resident of whom only the region is known."""
    return Traits("", "", "", False, False, False, region, 1.0)


def places_taken(load: float, slots: float, uniform: float) -> int:
    """How many of so many slots are taken at a time: Poisson with mean ``load``, given that no more are.

    Without a waiting room that is the distribution of the loss system for any stays (Sevastyanov 1957).
    """
    if load <= 0:
        return 0
    numbers = np.arange(int(min(slots, load + 12 * load**0.5 + 20)) + 1)
    logs = numbers * log(load) - np.array([lgamma(number + 1) for number in numbers])
    shares = np.cumsum(np.exp(logs - logs.max()))
    return int(min(np.searchsorted(shares, uniform * shares[-1]), numbers[-1]))


def uses(p: Parameters, per_day: Mapping[str, float]) -> dict[str, Use]:
    """How other residents use each service to which so many of them come a day."""
    c, h = p.crisis, p.hospital
    uses = {
        "crisis_line": Use(0.0, c.call, c.line_wait.days),
        "mobile_crisis": Use(0.0, c.on_scene, c.mobile_wait.days),
        "stabilization": Use(0.0, c.stabilization_stay, 0.0),
        "short_term_bed": Use(0.0, c.short_term_stay, 0.0),
        "emergency_department": Use(0.0, h.ed_stay, h.ed_wait.days),
        "inpatient": Use(0.0, h.inpatient_stay, h.boarding.days, h.long_stay, h.long_stay_share.value),
    }
    return {name: replace(uses[name], per_day=arrivals) for name, arrivals in per_day.items()}


def begin(county: County, regions: Regions, per_day: Mapping[str, float]) -> None:
    """Let so many other residents a day come to each of these services."""
    for name, use in uses(county.parameters, per_day).items():
        county.log.capacity(0.0, name, "other_residents", use.per_day)
        service = county.services[name]
        kind = TeamVisits if isinstance(service, MobileCrisis) else Visits
        if use.per_day > 0:
            kind(county, service, use, regions).begin()
