"""A person: traits and circumstances that change hazards, and the signal fired when they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, NamedTuple

from simulation.county.outcome import Charge, Home
from simulation.engine.clock import Clock, RunningProcess, Signal
from simulation.engine.hazard import Hazards
from simulation.engine.stream import Stream

ProgramStatus = Literal["referred", "admitted", "fact", "lower_intensity", "absent", "returning"]
CustodyKind = Literal["commitment", "sanction", "warrant"]
NO_GROUP: frozenset[str] = frozenset()
NO_EXITS: Mapping[Any, str] = {}


@dataclass(frozen=True, slots=True)
class Traits:
    """What does not change about a person, but that they grow out of their age band.

    frailty: how often they offend, and need: how often they are in crisis, each as a multiple of others with
    the same traits (mean 1); psychotic: a psychotic disorder.
    """

    sex: str
    age_band: str
    race_ethnicity: str
    substance_use: bool
    high_risk: bool
    high_impairment: bool
    region: str
    frailty: float
    need: float = 1.0
    psychotic: bool = False


@dataclass(slots=True)
class Tenancy:
    """A unit lived in; ``signal`` ends the tenancy with its reason, ``settled`` is it after a year."""

    signal: Signal
    settled: bool = False


class Spell(NamedTuple):
    """A spell without a home: whether it is a chronic one, and on the coordinated-entry list."""

    chronic: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class CustodyOrder:
    """An order that takes the person to jail as soon as they are in the community."""

    kind: CustodyKind
    days: float


class Person:
    """One simulated adult with serious mental illness.

    arrest_rate: arrests per day in the community with a home and no program, before any arrest raises it;
    mean_arrest_rate: the same in the long run, with what arrests add, and lifelong_arrest_rate: its mean
    over all ages; crisis_ratio: how many times as often as a person of ratio 1 they are in crisis; older:
    day on which they reach the next age band; discharged: day they last left an inpatient bed; loss_rate:
    losses of an own home per day; home: where they live; home_rate: how often per day they leave it;
    chronic: whether their present or last spell without a home is a chronic one; charge: what they were
    last arrested for; freed: day they last left jail; program: where they stand with the diversion
    program, None outside it; in_custody: whether they are in jail; booked: day they were last booked;
    charged_arrests: how many arrests led to a charge so far; departure: why they left.
    """

    __slots__ = (
        "aftercare",
        "arrest_rate",
        "bed",
        "booked",
        "charge",
        "charged_arrests",
        "chronic",
        "crisis",
        "crisis_ratio",
        "departure",
        "discharged",
        "env",
        "freed",
        "hazards",
        "holding",
        "home",
        "home_rate",
        "id",
        "in_custody",
        "lifelong_arrest_rate",
        "living",
        "loss_rate",
        "mean_arrest_rate",
        "older",
        "pending_orders",
        "processes",
        "program",
        "seeking",
        "stream",
        "team",
        "tenancy",
        "traits",
    )

    def __init__(
        self, env: Clock, number: int, stream: Stream, traits: Traits, rates: tuple[float, float]
    ) -> None:
        self.env = env
        self.id = number
        self.stream = stream
        self.crisis = stream.substream(0)  # of the crisis they are in, or were in last
        self.traits = traits
        self.arrest_rate, self.loss_rate = rates
        self.mean_arrest_rate = self.lifelong_arrest_rate = self.arrest_rate
        self.crisis_ratio = 1.0
        self.older = inf
        self.discharged = -inf
        self.home = Home.OWN
        self.home_rate = self.loss_rate
        self.chronic = False
        self.program: ProgramStatus | None = None
        self.team: Any = None
        self.in_custody = False
        self.booked = 0.0
        self.charged_arrests = 0
        self.departure: str | None = None
        self.hazards: Hazards | None = None
        self.living: Signal | None = None
        self.tenancy: Tenancy | None = None
        self.seeking = NO_GROUP  # the groups as one of which they seek a home
        self.bed: Signal | None = None
        self.charge: Charge | None = None
        self.freed = -inf
        self.aftercare: Signal | None = None
        self.pending_orders: tuple[CustodyOrder, ...] = ()
        self.holding: list[Any] = []  # the services that hold this person, oldest first
        self.processes: list[RunningProcess] = []  # what runs beside their life, oldest first

    def changed(self) -> None:
        """Let the life in the community look again at its rates and at pending orders."""
        if self.living is not None:
            self.living.fire("changed")

    def order_custody(self, kind: CustodyKind, days: float) -> None:
        """Send the person to jail for ``days``, as soon as they are in the community."""
        self.pending_orders = (*self.pending_orders, CustodyOrder(kind, days))
        self.changed()

    def pause(self, days: float) -> Signal:
        """A wait of some days."""
        return Signal(self.env, days)

    def leave_county(self, why: str, exits: Mapping[Any, str] = NO_EXITS) -> None:
        """Leave the county for good: leave every service, and end every process spawned for the person.

        exits: the reason logged by a service that has one of its own for a departure.
        """
        self.departure = why
        for service in list(self.holding):
            service.leave(self, exits.get(service, why))
        processes, self.processes = self.processes, []
        for process in processes:
            process.leave_county()
