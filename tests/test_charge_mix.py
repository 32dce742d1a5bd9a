"""The busiest are arrested for minor offenses: felonies are fewer the more often someone is arrested."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simulation import model
from simulation.county.outcome import Charge
from simulation.county.person import Person
from simulation.county.pretrial import ANY_RATE, ChargeMix, charge_shares
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.initial_state.custody import CustodyByRate, Offending, custody_per_arrest
from simulation.inputs.parameters import Parameters
from simulation.measures import History
from simulation.pathway import arrest
from tests.conftest import Build
from tests.test_clock import SOMEBODY

YEAR = 365.25


def test_felonies_over_all_arrests_are_the_parameters_share(register: Parameters) -> None:
    weights, rates = Offending.of(register).nodes
    mix = ChargeMix.of(register, weights, rates)
    arrests = weights * rates
    assert arrests @ mix.felony_ratio(rates) / arrests.sum() == pytest.approx(1.0)


def test_at_the_half_rate_it_is_half_that_of_people_hardly_ever_arrested(register: Parameters) -> None:
    mix = ChargeMix.of(register, *Offending.of(register).nodes)
    half = register.arrest.felony_half_rate.per_day
    assert mix.felony_ratio(half) == pytest.approx(mix.felony_ratio(0.0) / 2)
    assert np.all(np.diff(mix.felony_ratio(np.linspace(0, 5, 20) * half)) < 0)


def test_the_shares_of_a_persons_charges_add_up_to_one(register: Parameters) -> None:
    mix = ChargeMix.of(register, *Offending.of(register).nodes)
    for rate in (0.0, 0.001, 0.1):
        shares = charge_shares(register, False, mix.felony_ratio(rate))
        assert sum(shares.values()) == pytest.approx(1.0)
        assert shares[Charge.VIOLATION] == register.arrest.violation.value
    least = dataclasses.replace(mix, of_rare=50.0)
    crowded = charge_shares(register, False, least.felony_ratio(0.0))
    assert crowded[Charge.MISDEMEANOR] == pytest.approx(0.0), "felonies leave the other charges their place"
    assert sum(crowded.values()) == pytest.approx(1.0)


def test_what_an_arrest_means_for_the_jail_is_linear_in_the_share_of_felonies(register: Parameters) -> None:
    mix = ChargeMix.of(register, *Offending.of(register).nodes)
    by_rate = CustodyByRate(custody_per_arrest(register), custody_per_arrest(register, felony_ratio=0.0), mix)
    rate = 3 / YEAR
    direct = custody_per_arrest(register, felony_ratio=mix.felony_ratio(rate))
    whole = by_rate.by_charge(rate)
    assert by_rate.days(rate) == pytest.approx(direct.days) == pytest.approx(whole.days)
    assert by_rate.kept(rate) == pytest.approx(direct.kept)
    assert by_rate.bookings(rate) == pytest.approx(direct.bookings)
    assert by_rate.pending(rate) == pytest.approx(sum(direct.pending.values()))
    assert whole.states == pytest.approx(direct.states)
    assert whole.pending == pytest.approx(direct.pending)


def test_without_a_mix_everybody_has_the_usual_shares() -> None:
    assert ANY_RATE.felony_ratio(0.0) == ANY_RATE.felony_ratio(10.0) == 1.0


@pytest.mark.parametrize("a_year", [0.1, 2.0, 6.0])
def test_an_arrest_is_for_a_felony_as_often_as_the_mix_says(build: Build, a_year: float) -> None:
    county = model.build(build(), 1, 0)
    person = Person(county.env, 10**6, Stream(6, 1), SOMEBODY, (0.0, 0.0))
    person.mean_arrest_rate = a_year / YEAR
    charges = [arrest.make(county, person, in_crisis=False).charge for _ in range(800)]
    expected = county.parameters.arrest.felony.value * county.charge_mix.felony_ratio(a_year / YEAR)
    error = np.sqrt(expected * (1 - expected) / 800)
    assert np.mean([charge is Charge.FELONY for charge in charges]) == pytest.approx(expected, abs=4 * error)


@pytest.mark.slow
def test_the_busiest_have_fewer_felonies_and_shorter_stays_while_all_have_the_usual_share(
    build: Build,
) -> None:
    """Four years of a tenth of a county, arrests at a crisis with the usual share of felonies.

    The busiest are those with most arrests; a stay still under way at the end is not counted. With one mix
    for all, their felonies are as frequent as anyone's.
    """
    usual = build().parameters.arrest.felony.value
    felony, of_busiest, stay_of_busiest, stay_of_others = lived(build, {"arrest.felony_in_crisis": usual})
    assert felony == pytest.approx(usual, abs=0.02)
    assert of_busiest < 0.8 * felony
    assert stay_of_busiest < 0.85 * stay_of_others
    alike = {"arrest.felony_in_crisis": usual, "arrest.felony_half_rate": 1e6}
    felony, of_busiest, *_ = lived(build, alike)
    assert of_busiest == pytest.approx(felony, rel=0.12)


def lived(build: Build, changed: dict[str, float]) -> list[float]:
    """The mean of ``outcome`` over four runs."""
    scenario = build({"months": 48}, changed)
    return np.mean([outcome(model.run(scenario, 1, number)) for number in range(4)], axis=0).tolist()


def outcome(events: Events) -> tuple[float, float, float, float]:
    """Share of felonies of all and of the busiest one in a hundred, and mean stays of these and others."""
    person = np.array([record.person for record in events.arrests if record.arrested >= 0])
    felony = np.array([record.charge == "felony" for record in events.arrests if record.arrested >= 0])
    ids, count = np.unique(person, return_counts=True)
    busiest = ids[np.argsort(-count)][: max(1, len(ids) // 100)]
    spans = History(events, 48 * 30.4375).spans("jail")
    ended = np.isfinite(spans.end) & (spans.start >= 0)
    days, theirs = (spans.end - spans.start)[ended], np.isin(spans.person[ended], busiest)
    return (
        float(felony.mean()),
        float(felony[np.isin(person, busiest)].mean()),
        float(days[theirs].mean()),
        float(days[~theirs].mean()),
    )
