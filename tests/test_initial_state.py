"""Day 0 is a day like any other: who is where, since when, and that nothing drifts afterwards."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from simulation import initial_state, model
from simulation.county import pretrial
from simulation.county.custody import CustodyState
from simulation.county.outcome import Charge
from simulation.county.person import Person, Spell, Traits
from simulation.engine.clock import Clock
from simulation.engine.stream import Stream, StreamArray
from simulation.initial_state import custody, population
from simulation.initial_state.homelessness_equilibrium import (
    HomelessnessEquilibrium,
    homelessness_equilibrium,
)
from simulation.initial_state.spell import Spells
from simulation.initial_state.tenure import Tenure
from simulation.inputs.parameter import Duration, ExponentialDuration, LognormalDuration, MixtureDuration
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario
from tests.conftest import Build, sigma_of
from tests.markov import generator, stationary

Numbers = NDArray[np.float64]

SOMEBODY = Traits("male", "26-40", "White", False, False, False, "west", 1.0)
QUARTER = {"jail.bookings": 490, "months": 24, "crisis.demand_profile": None}
REPLICATIONS = 16


def somebody(number: int) -> Person:
    """A person with a random stream of their own."""
    return Person(Clock(), number, Stream(1, number), SOMEBODY, (0.001, 0.0001))


def close(found: Numbers, theory: float) -> bool:
    """Whether the mean of independent numbers lies within four standard errors of the theory."""
    error = found.std(ddof=1) / np.sqrt(len(found))
    return bool(abs(found.mean() - theory) < 4 * error)


@pytest.mark.parametrize("path", ["jail.sentence_felony", "jail.bail_delay", "court.charging"])
def test_time_served_and_time_to_come_have_the_law_of_a_stay_cut_at_random(
    register: Parameters, path: str
) -> None:
    length = dict(register)[path]
    assert isinstance(length, Duration)
    days = np.array(
        [
            initial_state.stay_in_progress(
                length, initial_state.entry_substream(somebody(n)), "initial_state.x"
            )
            for n in range(4000)
        ]
    )

    def longer(x: float) -> float:
        if isinstance(length, ExponentialDuration):
            return float(stats.expon(scale=length.days).sf(x))
        if isinstance(length, LognormalDuration):
            return float(stats.lognorm(length.sigma, scale=length.days).sf(x))
        assert isinstance(length, MixtureDuration)
        short, share = stats.lognorm(length.short_sigma, scale=length.short_value), length.short_share
        return float(share * short.sf(x) + (1 - share) * stats.lognorm(length.sigma, scale=length.days).sf(x))

    def cut(points: Numbers) -> Numbers:
        return np.array([integrate.quad(longer, 0, x, limit=200)[0] / length.mean for x in points])

    grid = np.quantile(days[:, 0], np.linspace(0.02, 0.98, 25))
    for side in (0, 1):
        found = np.array([(days[:, side] <= x).mean() for x in grid])
        assert np.abs(found - cut(grid)).max() < 1.95 / np.sqrt(len(days))


@pytest.fixture(scope="module")
def runs(without_programs: Build) -> tuple[Scenario, list[History]]:
    """Two years of a county without programs, several times."""
    scenario = without_programs(QUARTER)
    horizon = scenario.county.horizon
    return scenario, [History(model.run(scenario, 1, r), horizon) for r in range(REPLICATIONS)]


def monthly(runs: tuple[Scenario, list[History]], measure: str) -> Numbers:
    """One row a replication, one column a month."""
    scenario, histories = runs
    edges = np.linspace(0, scenario.county.horizon, scenario.county.months + 1)
    return np.array([MEASURES[measure].function(h, edges)["all"] for h in histories])


def on_day_0(history: History, service: str) -> int:
    """How many a service holds on the morning of day 0."""
    spans = history.spans(service)
    return int(np.sum((spans.start <= 0) & (spans.end > 0)))


def test_on_day_0_the_jail_holds_its_steady_state(runs: tuple[Scenario, list[History]]) -> None:
    scenario, histories = runs
    found = np.array([on_day_0(h, "jail") for h in histories], dtype=np.float64)
    assert close(found, model.sized(scenario).jail)


def test_afterwards_the_jail_holds_its_steady_state(runs: tuple[Scenario, list[History]]) -> None:
    assert close(monthly(runs, "jail_adp").mean(axis=1), model.sized(runs[0]).jail)


def test_bookings_are_what_the_county_publishes(runs: tuple[Scenario, list[History]]) -> None:
    scenario, _ = runs
    jail = scenario.county.jail
    wanted = jail.bookings.per_day * jail.smi_share_of_bookings.value * scenario.county.horizon
    assert close(monthly(runs, "bookings").sum(axis=1), wanted)


@pytest.mark.parametrize("measure", ["jail_adp", "bookings", "homeless", "crisis_contacts"])
def test_nothing_drifts_between_the_first_and_the_last_quarter(
    runs: tuple[Scenario, list[History]], measure: str
) -> None:
    by_month = monthly(runs, measure)
    assert close(by_month[:, -3:].mean(axis=1) - by_month[:, :3].mean(axis=1), 0.0)


def test_the_first_weeks_are_like_any_others(runs: tuple[Scenario, list[History]]) -> None:
    scenario, histories = runs
    edges = np.array([0.0, 14.0, scenario.county.horizon])
    adp = np.array([MEASURES["jail_adp"].function(h, edges)["all"] for h in histories])
    out = np.array([np.histogram(h.spans("jail").end, edges)[0] / np.diff(edges) for h in histories])
    assert close(adp[:, 0] - adp[:, 1], 0.0)
    assert close(out[:, 0] - out[:, 1], 0.0)


def test_the_share_without_a_home_is_the_parameter_on_day_0_and_later(
    runs: tuple[Scenario, list[History]],
) -> None:
    scenario, histories = runs
    people = model.sized(scenario).people
    share = scenario.parameters.people.homeless.value
    assert close(np.array([on_day_0(h, "homeless") for h in histories]) / people, share)
    assert close(monthly(runs, "homeless")[:, -1] / people, share)


@pytest.mark.parametrize("day", [0.0, 365.0, 729.0])
def test_of_people_without_a_home_as_many_are_in_a_chronic_spell_on_day_0_as_later(
    runs: tuple[Scenario, list[History]], day: float
) -> None:
    scenario, histories = runs
    kinds = model.sized(scenario).homes.spells.in_progress()
    theory = sum(share for spell, share in kinds.items() if spell.chronic)
    shares = []
    for history in histories:
        spells = history.spans("homeless")
        present = (spells.start <= day) & (spells.end > day)
        shares.append(float(np.mean(spells.why_in[present] == history.events.code("chronic"))))
    assert close(np.array(shares), theory)


@pytest.mark.slow
def test_homelessness_stays_as_it_is_for_years_where_many_homes_are_offered(without_programs: Build) -> None:
    """Four in ten homeless people are listed, and one home for every three of them comes free in turn."""
    homes = {"housing.supportive": 150, "housing.supportive_occupied": 150}
    scenario = without_programs({**QUARTER, **homes, "months": 84})
    size, horizon = model.sized(scenario), scenario.county.horizon
    kinds = size.homes.spells.in_progress()
    histories = [History(model.run(scenario, 1, replication), horizon) for replication in range(8)]
    for day in (0.5, 365.0, 1826.0, 2500.0):
        levels = np.array([homelessness(history, day) for history in histories])
        assert close(levels[:, 0], size.people * scenario.parameters.people.homeless.value), day
        assert close(levels[:, 1], sum(share for spell, share in kinds.items() if spell.chronic)), day
        assert close(levels[:, 2], sum(share for spell, share in kinds.items() if spell.listed)), day


def homelessness(history: History, day: float) -> tuple[float, float, float]:
    """People without a home on a day, and the shares of them in chronic spells and on the list."""
    spells, waits = history.spans("homeless"), history.waits("supportive")
    present = (spells.start <= day) & (spells.end > day)
    chronic = spells.why_in[present] == history.events.code("chronic")
    listed = int(np.sum((waits.start <= day) & (waits.end > day)))
    return float(present.sum()), float(chronic.mean()), listed / float(present.sum())


def test_shelter_beds_hold_as_many_people_in_chronic_spells_on_day_0_as_later(
    runs: tuple[Scenario, list[History]],
) -> None:
    _, histories = runs

    def chronic(history: History, day: float) -> float:
        spells, beds = history.spans("homeless"), history.spans("shelter")
        kind = history.events.code("chronic")
        long = set(
            spells.person[(spells.start <= day) & (spells.end > day) & (spells.why_in == kind)].tolist()
        )
        return len(long & set(beds.person[(beds.start <= day) & (beds.end > day)].tolist()))

    first = np.array([chronic(history, 0.0) for history in histories])
    for day in (180.0, 360.0, 540.0, 720.0):
        assert close(first - np.array([chronic(history, day) for history in histories]), 0.0)
    assert first.mean() > 5

    beds = np.array([on_day_0(history, "shelter") for history in histories])
    assert (beds == 15).all()


def test_people_keep_their_number(runs: tuple[Scenario, list[History]]) -> None:
    scenario, histories = runs
    left = np.array([np.isinf(h.spans("county").end).sum() for h in histories], dtype=np.float64)
    assert close(left, model.sized(scenario).people)


def test_time_served_on_day_0_is_as_long_as_on_any_later_day(runs: tuple[Scenario, list[History]]) -> None:
    _, histories = runs

    def served(day: float) -> Numbers:
        spans = [h.spans("jail") for h in histories]
        return np.array([(day - s.start[(s.start <= day) & (s.end > day)]).mean() for s in spans])

    assert close(served(0.0) - served(600.0), 0.0)


def test_the_reasons_for_being_in_jail_are_those_of_any_later_day(
    runs: tuple[Scenario, list[History]],
) -> None:
    _, histories = runs

    def reasons(day: float) -> Counter[str]:
        found: Counter[str] = Counter()
        for history in histories:
            spans, words = history.spans("jail"), history.events.words
            inside = (spans.start <= day) & (spans.end > day)
            found.update(words[code] for code in spans.why_in[inside].tolist())
        return found

    first, later = reasons(0.0), reasons(600.0)
    assert set(first) == set(later)
    table = [[first[why], later[why]] for why in sorted(first)]
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_the_steady_state_closes_on_contra_costa(register: Parameters) -> None:
    size = population.steady_state(register, population.Local(1958 * 12 / 365.25 * 0.183, 0.05))
    assert size.jail == pytest.approx(1958 * 12 / 365.25 * 0.183 * size.stay, rel=1e-3)
    assert 0.9 < size.jail / 444 < 1.1


def test_a_sample_of_people_is_arrested_as_often_as_the_grid_says(build: Build, register: Parameters) -> None:
    scenario = build()
    county = model.build(scenario, 1, 0)
    makeup = model.local_makeup(scenario.county)
    sample = np.array(
        [
            county.arrest_rate(traits)
            for traits, _ in population.traits(register, makeup, StreamArray(3, range(20_000)))
        ]
    )
    alone = build(evidence={"arrest.return_excess": 0.0}).parameters
    weights, rates = custody.Offending.of(alone).nodes
    assert weights.sum() == pytest.approx(1)
    assert close(sample, float(weights @ rates))
    assert close(sample**2, float(weights @ rates**2))


def held_for(days: float) -> custody.CustodyByRate:
    """So many jail days for each arrest, whoever is arrested."""
    per_arrest = custody.CustodyPerArrest({(Charge.FELONY, CustodyState.AWAITING): days}, 1.0, {}, {})
    return custody.CustodyByRate(per_arrest, per_arrest)


def test_homes_are_lost_so_that_the_parameters_share_is_without(register: Parameters) -> None:
    weights, rates = custody.Offending.of(register).over_life
    homes = homelessness_equilibrium(register, held_for(30.0), crisis_days=0.001, housed=0.01)
    share = weights @ np.array([homes.share_on_a_day(rate) for rate in rates])
    assert share == pytest.approx(register.people.homeless.value)


def test_homes_lost_and_found_and_jail_balance_as_in_an_exact_chain(register: Parameters) -> None:
    """Own home, and none in a spell of either kind, each in the community or in jail, of mean 30 days.

    At a release the home is gone with a chance in proportion to the days in jail: its mean is what counts.
    """
    days, rate = 30.0, 0.004
    homes = homelessness_equilibrium(register, held_for(days))
    p = register.people
    spells = {"transitional": 1 / p.homeless_spell.mean, "chronic": 1 / p.chronic_spell.mean}
    begun = {"transitional": 1 - p.chronic_share.value, "chronic": p.chronic_share.value}
    lost_in_jail = homes.rate(rate) * p.jail_loss_ratio.value * days

    def lost(how_often: float) -> list[tuple[tuple[str, bool], float]]:
        return [((kind, False), how_often * begun[kind]) for kind in begun]

    def moves(state: tuple[str, bool]) -> list[tuple[tuple[str, bool], float]]:
        home, jailed = state
        if home == "own":
            if jailed:
                return [((home, False), (1 - lost_in_jail) / days), *lost(lost_in_jail / days)]
            return [((home, True), rate), *lost(homes.rate(rate))]
        if jailed:
            return [((home, False), 1 / days)]
        return [((home, True), rate * register.arrest.homeless_ratio.value), (("own", False), spells[home])]

    states = [(home, jailed) for home in ("own", *spells) for jailed in (False, True)]
    found = dict(zip(states, stationary(generator(states, moves)), strict=True))
    free = found["transitional", False] + found["chronic", False]
    kept = found["transitional", True] + found["chronic", True]
    assert homes.share(rate) == pytest.approx(free / (free + found["own", False]))
    assert homes.share_on_a_day(rate) == pytest.approx(free + kept)
    chronic = sum(share for spell, share in homes.spells.in_progress().items() if spell.chronic)
    assert chronic == pytest.approx(found["chronic", False] / free)
    jail_days = homes.days_in_jail(rate, homeless=True)
    assert jail_days / (1 + jail_days) == pytest.approx(kept / (free + kept))


def test_a_list_served_in_order_leads_those_in_long_spells_into_homes_as_in_a_chain_of_many_steps(
    register: Parameters,
) -> None:
    """The wait for an offer as 150 exponential steps, which is nearly a fixed time."""
    steps, tenants, rate, losses, for_own = 150, 0.15, 0.001, 0.0007, 0.65
    spells = Spells.begun(register).offering(tenants * losses)
    assert 100 < spells.wait < 3000
    found = spells.found + tenants * losses * for_own
    homes = HomelessnessEquilibrium(0.0005, found, spells, rate, 1.0, housed=tenants)
    State = tuple[Spell | str, int]

    def begun(how_often: float) -> list[tuple[State, float]]:
        return [((kind.spell, 0), how_often * kind.begun) for kind in spells.kinds]

    def moves(state: State) -> list[tuple[State, float]]:
        home, step = state
        if home == "own":
            return begun(0.0005)
        if home == "supportive":
            return [(("own", 0), losses * for_own), *begun(losses * (1 - for_own))]
        ends = next(kind.per_day for kind in spells.kinds if kind.spell == home)
        assert isinstance(home, Spell)
        follows: State = (home, step + 1) if step + 1 < steps else ("supportive", 0)
        return [(("own", 0), ends), *([(follows, steps / spells.wait)] if home.listed else [])]

    states: list[State] = [("own", 0), ("supportive", 0)]
    for kind in spells.kinds:
        states += [(kind.spell, step) for step in range(steps if kind.spell.listed else 1)]
    share: Counter[Spell | str] = Counter()
    for (home, _), part in zip(states, stationary(generator(states, moves)).tolist(), strict=True):
        share[home] += part
    without = 1 - share["own"] - share["supportive"]
    assert without == pytest.approx(homes.share(rate), rel=0.01)
    assert share["supportive"] / without == pytest.approx(tenants, rel=0.02)
    for spell, part in spells.in_progress().items():
        assert share[spell] / without == pytest.approx(part, rel=0.01)


def test_listed_spells_found_in_progress_have_lasted_less_than_the_wait(register: Parameters) -> None:
    spells = Spells.begun(register).offering(1e-4)
    chronic = Spell(chronic=True, listed=True)
    behind = np.array([spells.behind(chronic, (number + 0.5) / 2000) for number in range(2000)])
    assert behind.max() < spells.wait
    length = stats.truncexpon(
        spells.wait / register.people.chronic_spell.mean, scale=register.people.chronic_spell.mean
    )
    assert behind.mean() == pytest.approx(length.mean(), rel=1e-3)


def test_tenancies_found_in_progress_are_cut_at_random_in_proportion_to_their_length() -> None:
    tenure = Tenure(first_year=0.002, later=0.0004)

    def lasts(day: float) -> float:
        return float(np.exp(-0.002 * min(day, 365.25) - 0.0004 * max(0.0, day - 365.25)))

    def share_younger(day: float) -> float:
        return float(integrate.quad(lasts, 0, day, points=[min(day, 365.25)])[0]) / tenure.mean

    assert tenure.mean == pytest.approx(
        integrate.quad(lasts, 0, 60_000, limit=500, points=[365.25])[0], rel=1e-4
    )
    for uniform in (0.05, 0.2, 0.26, 0.5, 0.9):
        assert share_younger(tenure.age(uniform)) == pytest.approx(uniform, rel=1e-6)


def test_a_program_found_in_progress_is_cut_at_random_and_length_biased(build: Build) -> None:
    county = model.build(build(), 1, 0)
    rates = (county.usual_arrest_rate, 0.0)
    people = [Person(county.env, n, Stream(5, n), SOMEBODY, rates) for n in range(6000)]
    behind = np.array([initial_state.program_in_progress(county, person)[0] for person in people])
    court = county.parameters.court
    ways = (court.withdrawal, court.discharge, court.transfer, court.failure)
    other = sum(rate.per_day for rate in ways)
    days = np.linspace(0, county.rules.program_limit, 4000)
    length = stats.lognorm(sigma_of(court.program_length), scale=court.program_length.days)
    still = np.exp(-other * days) * length.sf(days)
    mean = integrate.trapezoid(days * still, days) / integrate.trapezoid(still, days)
    assert close(behind, float(mean))


def test_cases_found_open_are_of_people_who_were_cited_in_the_share_that_the_law_of_arrests_gives(
    build: Build, register: Parameters
) -> None:
    """Of those not held: the cited, over the cited and the booked whom jail does not hold until the end."""
    p = register
    cite, ways = p.arrest.cite_and_release.value, pretrial.recognizance(p)
    held = pretrial.shares(p, ways[pretrial.kind("misdemeanor")], "misdemeanor")["held"]
    share = cite / (cite + (1 - cite) * (1 - held))
    per_arrest = custody.custody_per_arrest(p)
    assert per_arrest.cited["felony"] == 0
    per_arrest = dataclasses.replace(per_arrest, pending={"misdemeanor": 5.0})
    county = model.build(build(), 1, 0)
    before = len(county.log.arrests)
    for number in range(400):
        person = Person(county.env, number, Stream(6, number), SOMEBODY, (0.0, 0.0))
        initial_state.open_pending_cases(county, person, per_arrest, 1.0)
    found = county.log.arrests[before:]
    spread = 4 * np.sqrt(share * (1 - share) / len(found))
    assert np.mean([not record.booked for record in found]) == pytest.approx(share, abs=spread)


def test_day_0_fills_the_places_the_file_says(build: Build) -> None:
    scenario = build()
    county = model.build(scenario, 1, 0)
    wanted = {
        "fact.west": 5,
        "fact.east": 5,
        "lower_intensity": 8,
        "longer_term": 1,
        "supportive": 20,
        "outpatient": 6,
    }
    assert {name: county.services[name].census for name in wanted} == wanted
    assert county.court.census == 18


def test_whoever_is_in_jail_on_day_0_finds_shelter_on_release_as_everybody_later_does(build: Build) -> None:
    beds = {"jail.bookings": 490, "months": 12, "housing.shelter_beds": 10_000}
    scenario = build(beds, {"housing.shelter_use": 1.0, "people.homeless": 0.4})
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    stays, homeless, shelter = (history.spans(name) for name in ("jail", "homeless", "shelter"))
    came = set(zip(shelter.person.tolist(), shelter.start.tolist(), strict=True))
    at_once = {"restoration", *zip(stays.person.tolist(), stays.start.tolist(), strict=True)}
    found: dict[bool, list[bool]] = {True: [], False: []}
    for person, start, end, code in zip(stays.person, stays.start, stays.end, stays.why_out, strict=True):
        without_home = (homeless.person == person) & (homeless.start < end) & (homeless.end > end)
        if without_home.any() and not {history.events.words[code], (person, end)} & at_once:
            found[bool(start <= 0)].append((person, end) in came)
    assert len(found[True]) > 10
    assert np.mean(found[True]) == np.mean(found[False]) == 1.0
