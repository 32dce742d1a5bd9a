"""How many other residents use the crisis and hospital services: all residents less the simulated people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulation.county.county import County
from simulation.initial_state.population import SteadyState
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameters import Crisis, Parameters
from simulation.pathway import visits
from simulation.pathway.crisis import arrest_share


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
    expected, crises = visits_per_crisis(file, p), crises_per_day(p, size)
    served = {"mobile_crisis": 1 - without_team(file, p)}
    return {
        name: Volume(everyone, crises * expected[name], served.get(name, 1.0))
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
    """Crises a day expected of the simulated people, who have none in jail."""
    rate = p.crisis.rate.per_day * (1 + p.people.homeless.value * (p.crisis.homeless_ratio.value - 1))
    return rate * (size.people - size.jail)


def visits_per_crisis(file: CountyFile, p: Parameters) -> Mapping[str, float]:
    """Visits to each service expected of one crisis if a place is always free, the FACT teams' own apart."""
    c, rules = p.crisis, file.rules
    in_person = 1 - c.line_share.value * c.phone_resolution.value
    at_home = in_person * (1 - c.ed_share.value)
    no_team = without_team(file, p)
    teams, police = at_home * (1 - no_team), at_home * no_team
    turned_away = 0.0 if rules.no_refusal else c.drop_off_refused.value
    brought = police * (1 - arrested_by_police(c, rules.coresponder_share)) * c.police_transport.value
    kept = (1 - c.mobile_arrest.value) * (1 - c.mobile_resolution.value)
    chairs = teams * kept + brought * (1 - turned_away)
    rooms = in_person * c.ed_share.value + brought * turned_away * (1 - c.arrest_if_refused.value)
    short = chairs * c.step_up.value
    return {
        "crisis_line": c.line_share.value,
        "mobile_crisis": teams,
        "stabilization": chairs,
        "short_term_bed": short,
        "emergency_department": rooms,
        "inpatient": rooms * p.hospital.ed_admission.value + short * c.short_term_to_inpatient.value,
    }


def arrested_by_police(c: Crisis, joined: float) -> float:
    """The share arrested at the scene, over officers trained or not, joined by a clinician or not."""
    trained = c.cit_share.value
    return sum(
        (trained if cit else 1 - trained)
        * (joined if clinician else 1 - joined)
        * arrest_share(c, cit, clinician)
        for cit in (True, False)
        for clinician in (True, False)
    )
