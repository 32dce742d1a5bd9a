"""How many other residents use the crisis and hospital services: all residents less the simulated people."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.county.county import County
from simulation.initial_state.population import SteadyState
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameters import Parameters
from simulation.pathway import visits
from simulation.pathway.crisis_expectation import expected_episode


@dataclass(frozen=True)
class Volume:
    """Visits a day to one service: of all residents, and those expected of the simulated people.

    served: share of the requests that come when the service is open.
    """

    everyone: float
    simulated: float
    served: float = 1.0

    @property
    def others(self) -> float:
        """Visits a day of other residents: what the simulated people leave, and none if they make more."""
        return max(0.0, self.everyone - self.simulated)

    @property
    def requests(self) -> float:
        """Requests a day of other residents, of which so many become visits if a place is always free."""
        return self.others / self.served if self.served > 0 else 0.0


def volumes(file: CountyFile, p: Parameters, size: SteadyState) -> dict[str, Volume]:
    """The volume of each service for which the county's file gives the visits of all residents."""
    if not file.visits:
        return {}
    no_team, crises = without_team(file, p), crises_per_day(p, size)
    expected = expected_episode(p, file.rules, no_team).visits
    served = {"mobile_crisis": 1 - no_team}
    return {
        name: Volume(everyone, crises * expected.get(name, 0.0), served.get(name, 1.0))
        for name, everyone in file.visits.items()
    }


def without_team(file: CountyFile, p: Parameters) -> float:
    """The share of requests at whose hour no mobile team is on duty, nor will be in time."""
    rules = file.rules
    return rules.shift_schedule.unserved(p.crisis.mobile_wait.days, rules.crisis_demand)


def start_visits(county: County, file: CountyFile, size: SteadyState, regions: visits.Regions) -> None:
    """Let other residents use the services, from those in a place on day 0 on."""
    known = volumes(file, county.parameters, size)
    visits.begin(county, regions, {name: volume.requests for name, volume in known.items()})


def crises_per_day(p: Parameters, size: SteadyState) -> float:
    """Crises a day expected of the simulated people outside jail, in the mean of homes and raised risks."""
    return p.crisis.rate.per_day * (size.people - size.jail)
