"""The county in a run: clock, services, random streams, parameters and log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from simulation.county import age, pretrial
from simulation.county.home import Homes
from simulation.county.mobile import MobileCrisis
from simulation.county.outcome import Home
from simulation.county.person import Person, Traits
from simulation.county.policy import Policy
from simulation.county.service import Service
from simulation.county.staffing import Staff
from simulation.county.team import Team
from simulation.county.treatment import TreatmentGroup
from simulation.engine.clock import Clock, Signal
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import DailyStream, Stream
from simulation.inputs.demand_profile import EVEN_DEMAND
from simulation.inputs.housing_type import HOUSING_TYPES, LEASED
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.sections.service_spec import SERVICES


class County:
    """One county in one run.

    ``services`` holds every service by its name in the log, those of ``SERVICES`` with the capacity that
    ``slots`` gives; ``policy`` holds what levers change.
    """

    def __init__(
        self,
        parameters: Parameters,
        rules: Rules,
        slots: Mapping[str, float],
        regions: Iterable[str],
        stream: Stream,
    ) -> None:
        self.env = Clock()
        self.log = EventLog()
        self.parameters = parameters
        self.rules = rules
        self.stream = stream
        self.policy = Policy.start(parameters, rules)
        self.services: dict[str, Service] = {}
        self._open_declared(slots)
        self._open_programs(slots, regions)
        self.staff: dict[str, Staff] = {team.name: team.staff for team in self.fact.values()}
        self._name_services()
        self._set_rates()

    def _open_declared(self, slots: Mapping[str, float]) -> None:
        """Open every service of the table; raises KeyError if the capacity of one is not given."""
        self.mobile_crisis = MobileCrisis(self.env, self.log, "mobile_crisis")
        self.homes: dict[str, Homes] = {}
        for spec in SERVICES:
            capacity = spec.capacity(slots)
            if spec.name in HOUSING_TYPES:
                self.homes[spec.name] = Homes(self.env, self.log, Home(spec.name), capacity)
                self.services[spec.name] = self.homes[spec.name]
            elif spec.name == self.mobile_crisis.name:
                self.services[spec.name] = self.mobile_crisis
            else:
                self.services[spec.name] = Service(self.env, self.log, spec.name, capacity)

    def _open_programs(self, slots: Mapping[str, float], regions: Iterable[str]) -> None:
        """Open the FACT teams and their groups, which the county names itself."""
        self.fact = {
            name: Team(self.env, self.log, f"fact.{name}", self.parameters, self.policy) for name in regions
        }
        self.groups = {
            group.name: TreatmentGroup(self.env, self.log, slots[f"group.{group.name}"], group, self.fact)
            for group in self.rules.groups
        }
        self.services |= {service.name: service for service in (*self.fact.values(), *self.groups.values())}

    def _name_services(self) -> None:
        """The services that journeys name, and what is particular to some."""
        services = self.services
        self.residence, self.homelessness = services["county"], services["homeless"]
        self.crisis, self.crisis_line = services["crisis"], services["crisis_line"]
        self.stabilization, self.short_term_bed = services["stabilization"], services["short_term_bed"]
        self.emergency_department, self.inpatient = services["emergency_department"], services["inpatient"]
        self.jail, self.screening, self.court = services["jail"], services["screening"], services["court"]
        self.evaluation, self.assessment = services["evaluation"], services["assessment"]
        self.docket, self.reporting = services["docket"], services["reporting"]
        self.competency, self.restoration = services["competency"], services["restoration"]
        self.lower_intensity, self.shelter = services["lower_intensity"], services["shelter"]
        self.outpatient, self.substance_use = services["outpatient"], services["substance_use"]
        self.docket.intake = 0
        self.shift_change = Signal(self.env)
        self.unit_streams: dict[str, DailyStream] = {}
        self.background_bookings = 0.0
        self.usual_arrest_rate = 0.0

    def _set_rates(self) -> None:
        """Work out what stays as it is for the whole run, and how fast people leave each home."""
        p = self.parameters
        self.exits = age.exits(p)
        self.leaving_rate = age.leaving_rate(p)
        self.age_ratios = age.age_ratios(p)
        self.fading = (p.crisis.fading.days, p.arrest.return_fading.days)
        self.crisis_demand = self.rules.crisis_demand or EVEN_DEMAND
        # The register's mean until the county is built, which sets the rate before any episode.
        self.crisis_rate = p.crisis.rate.per_day * self.has("crisis")
        self.charge_mix = pretrial.ANY_RATE
        self.offending = 1.0 if self.has("jail") or self.has("court") else 0.0
        self.spell_rates = (1 / p.people.homeless_spell.mean, 1 / p.people.chronic_spell.mean)
        self.landlord_rates: dict[str, float] = {}
        self.home_rates: dict[str, float] = {}
        self.settled_rates: dict[str, float] = {}
        self.set_home_rates()

    def set_home_rates(self) -> None:
        """Work out how fast people leave each home, landlords' part included."""
        p, rules = self.parameters.housing, self.policy.homes
        landlord = p.landlord_loss.per_day * rules.landlord_loss_ratio
        self.landlord_rates = {kind: landlord * (kind in LEASED) for kind in HOUSING_TYPES}
        loss = dict.fromkeys(HOUSING_TYPES, p.tenancy_loss.per_day)
        loss["supervised"] *= p.supervised_loss_ratio.value
        self.home_rates = {kind: loss[kind] + self.landlord_rates[kind] for kind in HOUSING_TYPES}
        settled = p.settled_loss_ratio.value
        self.settled_rates = {
            kind: loss[kind] * settled + self.landlord_rates[kind] for kind in HOUSING_TYPES
        }

    def has(self, section: str) -> bool:
        """Whether a part of the pathway is in the county's file, and not switched off."""
        return section not in self.rules.off

    day: float = property(attrgetter("env._now"), doc="Days since the start.")  # type: ignore[assignment]

    def arrest_rate(self, traits: Traits) -> float:
        """Arrests per day in the community with a home, before any arrest raised the risk."""
        p = self.parameters.arrest
        rate = p.rate.per_day * traits.frailty
        if traits.high_risk:
            rate *= p.high_risk_ratio.value
        if traits.substance_use:
            rate *= p.substance_use_ratio.value
        return rate * self.age_ratios[traits.age_band]

    def crisis_ratio(self, traits: Traits) -> float:
        """How many times as often as someone of ratio 1 a person with these traits is in crisis."""
        p, ratio = self.parameters.crisis, traits.need
        if traits.high_impairment:
            ratio *= p.impairment_ratio.value
        if traits.psychotic:
            ratio *= p.psychotic_ratio.value
        if traits.substance_use:
            ratio *= p.substance_use_ratio.value
        return ratio

    def add_team(self, name: str, serves: tuple[str, ...]) -> Team:
        """Set up a further FACT team for people of these regions whose own team is full."""
        team = Team(self.env, self.log, f"fact.{name}", self.parameters, self.policy)
        team.serves = serves
        self.fact[name] = self.services[team.name] = team
        self.staff[team.name] = team.staff
        return team

    def staff_of(self, service: str) -> Staff:
        """The staff of a service; one without posts so far gets some beside the slots it has."""
        if service not in self.staff:
            place = self.services[service]
            self.staff[service] = Staff(place, self.parameters.staffing, self.policy, place.places_a_post)
        return self.staff[service]

    def unit_stream(self, unit: str) -> DailyStream:
        """The random numbers by which a mobile team's unit is staffed or not, one a day."""
        if unit not in self.unit_streams:
            self.unit_streams[unit] = DailyStream(self.stream, f"mobile_crisis.{unit}", "staffed")
        return self.unit_streams[unit]

    def finish(self) -> Events:
        """Read the log and let go of everyone who still waits for something."""
        self.env.stop()
        return self.log.read()

    def note(self, person: Person, service: str, what: str, why: str = "") -> None:
        """Write something that happened and that no service holds."""
        self.log.write(self.env._now, person.id, service, what, why)
