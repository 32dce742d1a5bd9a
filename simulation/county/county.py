"""The shared world handed to every journey: clock, services, chance, parameters, log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from operator import attrgetter

from simulation.county import pretrial
from simulation.county.home import Homes
from simulation.county.mobile import MobileCrisis
from simulation.county.outcome import Home, ProgramExit
from simulation.county.person import Person, Traits
from simulation.county.policy import Policy
from simulation.county.service import Service
from simulation.county.staffing import Staff
from simulation.county.team import Team
from simulation.county.treatment import TreatmentGroup
from simulation.engine.clock import Clock, Signal
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import DailyStream, Stream
from simulation.inputs import housing_type as ladder
from simulation.inputs.demand_profile import EVEN_DEMAND
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules


class County:
    """One county in one run.

    Every attribute that is a ``Service`` is a place in the log under its own name; ``policy`` holds what
    levers change.
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
        self._slots = slots
        self.residence = self._service("county")
        self.homelessness = self._service("homeless")
        self._open_crisis_care()
        self._open_jail_and_court()
        self._open_programs(regions)
        self._open_homes_and_aftercare()
        self.services: dict[str, Service] = {
            s.name: s
            for s in (*vars(self).values(), *self.fact.values(), *self.groups.values(), *self.homes.values())
            if isinstance(s, Service)
        }
        self.staff: dict[str, Staff] = {team.name: team.staff for team in self.fact.values()}
        self._set_rates()

    def _service(self, name: str) -> Service:
        return Service(self.env, self.log, name, self._slots.get(name, inf))

    def _open_crisis_care(self) -> None:
        self.crisis = self._service("crisis")
        self.crisis_line = self._service("crisis_line")
        self.mobile_crisis = MobileCrisis(self.env, self.log, "mobile_crisis")
        self.mobile_roster = Signal(self.env)
        self.crews: dict[str, DailyStream] = {}
        self.stabilization = self._service("stabilization")
        self.short_term_bed = self._service("short_term_bed")
        self.emergency_department = self._service("emergency_department")
        self.inpatient = self._service("inpatient")

    def _open_jail_and_court(self) -> None:
        self.jail = self._service("jail")
        self.screening = self._service("screening")
        self.background_bookings = 0.0
        self.usual_arrest_rate = 0.0
        self.court = self._service("court")
        self.court.on_departure = ProgramExit.ADMINISTRATIVE_CLOSURE
        self.evaluation = self._service("evaluation")
        self.assessment = self._service("assessment")
        self.docket = self._service("docket")
        self.docket.intake = 0
        self.reporting = self._service("reporting")
        self.competency = self._service("competency")
        self.restoration = self._service("restoration")

    def _open_programs(self, regions: Iterable[str]) -> None:
        self.fact = {
            name: Team(self.env, self.log, f"fact.{name}", self.parameters, self.policy) for name in regions
        }
        self.groups = {
            group.name: TreatmentGroup(
                self.env, self.log, self._slots[f"group.{group.name}"], group, self.fact
            )
            for group in self.rules.groups
        }
        self.lower_intensity = self._service("lower_intensity")
        self.lower_intensity.on_departure = ProgramExit.ADMINISTRATIVE_CLOSURE

    def _open_homes_and_aftercare(self) -> None:
        self.shelter = self._service("shelter")
        self.homes: dict[str, Homes] = {
            kind: Homes(self.env, self.log, Home(kind), self._slots.get(kind, 0)) for kind in ladder.KINDS
        }
        self.outpatient = self._service("outpatient")
        self.substance_use = self._service("substance_use")

    def _set_rates(self) -> None:
        """Work out what stays as it is for the whole run, and how fast people leave each home."""
        p = self.parameters
        self.leaving_rates = (p.people.death.per_day, p.people.moving_away.per_day)
        self.calls = self.rules.calls or EVEN_DEMAND
        self.crisis_rate = p.crisis.rate.per_day * self.has("crisis")
        self.charges = [pretrial.charge_shares(p, in_crisis) for in_crisis in (False, True)]
        self.offending = 1.0 if self.has("jail") or self.has("court") else 0.0
        self.landlord_rates: dict[str, float] = {}
        self.home_rates: dict[str, float] = {}
        self.set_home_rates()

    def set_home_rates(self) -> None:
        """Work out how fast people leave each home, landlords' part included; found when there is none."""
        p, rules = self.parameters.housing, self.policy.homes
        landlord = p.landlord_loss.per_day * rules.landlord_loss_ratio
        self.landlord_rates = {kind: landlord * (kind in ladder.RENTED) for kind in ladder.KINDS}
        loss = dict.fromkeys(ladder.KINDS, p.tenancy_loss.per_day)
        loss["supervised"] *= p.supervised_loss_ratio.value
        self.home_rates = {kind: loss[kind] + self.landlord_rates[kind] for kind in ladder.KINDS}
        self.home_rates[Home.NONE] = 1 / self.parameters.people.homeless_spell.mean

    def has(self, section: str) -> bool:
        """Whether a part of the pathway is in the county's file, and not switched off."""
        return section not in self.rules.off

    day: float = property(attrgetter("env._now"), doc="Days since the start.")  # type: ignore[assignment]

    def arrest_rate(self, traits: Traits) -> float:
        """Arrests per day in the community of someone with these traits who has a home."""
        p = self.parameters.arrest
        rate = p.rate.per_day * traits.frailty
        if traits.high_risk:
            rate *= p.high_risk_ratio.value
        if traits.substance_use:
            rate *= p.substance_use_ratio.value
        if traits.age_band == "18-25":
            rate *= p.young_ratio.value
        return rate

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

    def crew(self, team: str) -> DailyStream:
        """The random numbers that say whether a mobile team's pair is in post, day by day."""
        if team not in self.crews:
            self.crews[team] = DailyStream(self.stream, f"mobile_crisis.{team}", "crewed")
        return self.crews[team]

    def finish(self) -> Events:
        """Read the log and let go of everyone who still waits for something."""
        self.env.stop()
        return self.log.read()

    def note(self, person: Person, service: str, what: str, why: str = "") -> None:
        """Write something that happened and that no service holds."""
        self.log.write(self.env._now, person.id, service, what, why)
