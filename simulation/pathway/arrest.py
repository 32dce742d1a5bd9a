"""An arrest: what for, and whether the person is cited or booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from simulation.county import custody, pretrial
from simulation.county.county import County
from simulation.county.custody import CustodyState
from simulation.county.outcome import Charge
from simulation.county.person import Person
from simulation.engine import eventlog
from simulation.engine.clock import Signal
from simulation.engine.stream import Substream
from simulation.inputs.parameters import Parameters

FELONY = Charge.FELONY
CITABLE = (Charge.MISDEMEANOR, Charge.ORDINANCE)


@dataclass(slots=True, eq=False)
class Case:
    """A case in court: the arrest it stands on, its charge, and the custody it may keep a person in.

    stream: of what is decided once in a case; hold: days until release before disposition, None for those
    held until then; due: the day of disposition if nothing intervenes; charging: days until the
    prosecutor decides, and ``will_be_charged`` what; identified: the jail noticed the illness; excluded:
    the law excludes the charge from diversion; suspended: days of suspended proceedings so far; release:
    the signal that ends custody on this case, None out of jail.
    """

    record: eventlog.Arrest
    charge: Charge
    stream: Substream
    hold: float | None = None
    due: float = inf
    charging: float = 0.0
    will_be_charged: bool = True
    identified: bool = False
    excluded: bool = False
    suspended: float = 0.0
    release: Signal | None = None

    @property
    def booked(self) -> bool:
        """Taken to jail, and not cited and released."""
        return self.record.booked

    @property
    def held(self) -> bool:
        """In jail until the case is disposed."""
        return self.record.booked and self.hold is None

    def time_left(self, day: float) -> float:
        """Days until the disposition is due; diversion races this clock."""
        return max(0.0, self.due - day)


def make(county: County, person: Person, in_crisis: bool) -> Case:
    """Arrest someone: draw the charge, citation or booking, release or custody, and the disposition's day."""
    p, stream = county.parameters, person.stream.next_substream("arrests")
    charge = charge_level(charge_shares(county, person, in_crisis), stream.uniform("arrest.charge"))
    cited = charge in CITABLE and stream.bernoulli("arrest.cite", p.arrest.cite_and_release.value)
    county.note(person, "arrest", "arrested", charge)
    person.charge = charge
    record = eventlog.Arrest(person.id, county.day, str(charge), booked=not cited and county.has("jail"))
    county.log.arrests.append(record)
    case = Case(record, charge, stream, due=county.day)
    case.charging = p.court.charging.sample(stream.uniform("court.charging"))
    case.will_be_charged = stream.bernoulli("court.charged", p.court.charged.value)
    case.excluded = excluded_from_diversion(p, stream, charge)
    release_or_hold(county, case)
    return case


def release_or_hold(county: County, case: Case) -> None:
    """Set the day of the disposition, and whether jail holds the person until then.

    Someone whom the prosecutor will not charge stays in jail until that decision.
    """
    p, stream, charge = county.parameters, case.stream, case.charge
    hearing = stream.uniform("court.disposition")
    if not case.booked:
        case.due += p.court.disposition_released.sample(hearing)
        return
    on_recognizance = county.policy.recognizance[pretrial.kind(charge)]
    way = pretrial.way_out(p, on_recognizance, charge, stream.uniform("jail.release"))
    if way == "held" or not case.will_be_charged:
        awaiting = custody.length(p, CustodyState.AWAITING, charge)
        case.due += case.charging + awaiting.sample(hearing)
    else:
        case.due += p.court.disposition_released.sample(hearing)
        until_release = custody.length(p, CustodyState(way), charge)
        case.hold = until_release.sample(stream.uniform("jail.hold"))


def excluded_from_diversion(p: Parameters, stream: Substream, charge: Charge) -> bool:
    """Whether this is one of the few felonies that the law excludes from diversion."""
    return charge is FELONY and stream.bernoulli("court.charge_excluded", p.court.charge_excluded.value)


def charge_shares(county: County, person: Person, in_crisis: bool) -> dict[Charge, float]:
    """Share of this person's arrests by most serious charge, at a crisis call or otherwise."""
    ratio = 1.0 if in_crisis else county.charge_mix.felony_ratio(person.mean_arrest_rate)
    return pretrial.charge_shares(county.parameters, in_crisis, ratio)


def charge_level(shares: Mapping[Charge, float], uniform: float) -> Charge:
    """The most serious charge of an arrest, felonies at the low end of the uniform."""
    for level, share in shares.items():
        uniform -= share
        if uniform < 0:
            return level
    return Charge.MISDEMEANOR
