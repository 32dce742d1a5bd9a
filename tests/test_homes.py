"""Housing types against formulas, exact small chains and a pencil, through the real journeys."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation import model
from simulation.county.county import County
from simulation.county.outcome import Charge, Refusal
from simulation.county.person import Person, Spell, Traits
from simulation.engine.clock import Process
from simulation.engine.eventlog import Arrest, Events
from simulation.engine.stream import Stream
from simulation.initial_state.shelter import in_bed
from simulation.inputs.housing_type import Admits, HomeRules
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.levers.housing import AdmitToHomes
from simulation.measures import MEASURES, History
from simulation.pathway import arrest, diversion, housing, journey, placement
from simulation.pathway.community import spawn
from tests.conftest import AMPLE, Build, _with_evidence, sigma_of
from tests.markov import generator, stationary
from tests.test_service import agrees

Numbers = NDArray[np.float64]

CALM = {
    "people.death": 0.0,
    "people.moving_away": 0.0,
    "people.homeless_spell": 1e9,
    "people.chronic_spell": 1e9,
    "people.chronic_share": 0.0,
    "people.jail_loss_ratio": 0.0,
    "housing.settled_loss_ratio": 1.0,
    "housing.left_for_own_home": 0.0,
    "housing.lease_up": 0.0,
    "housing.search": 0.0,
    "housing.landlord_accepts": 1.0,
    "housing.landlord_loss": 0.0,
    "housing.needs_supervision": 0.0,
    "housing.accepts_sharing": 0.0,
    "housing.coordinated_entry": 1.0,
    "housing.shelter_use": 0.0,
}
"""Nothing happens to anyone but what a test asks for."""


def county_of(
    register: Parameters,
    slots: Mapping[str, float],
    evidence: Mapping[str, float] = {},
    homes: HomeRules | None = None,
) -> County:
    """A county of homes alone, in which nobody is arrested or in a crisis."""
    parameters = _with_evidence(register, {**CALM, **evidence})
    rules = Rules(homes=homes or HomeRules())
    county = County(parameters, rules, {**AMPLE, **slots}, ["west"], Stream(7, 0))
    county.crisis_rate = 0.0
    return county


def somebody(county: County, number: int, loses: float = 0.0, **traits: Any) -> Person:
    """Someone with an own home, who lives on."""
    usual = {"substance_use": False, "high_risk": True, "high_impairment": True, **traits}
    about = Traits("male", "26-40", "White", region="west", frailty=1.0, **usual)
    person = Person(county.env, number, Stream(11, number), about, (0.0, loses))
    county.residence.admit(person)
    county.log.enrol((number, "male", "26-40", "White", False, True, True, "west"))
    county.env.process(journey.life(county, person))
    return person


def participant(county: County, number: int, **traits: Any) -> Person:
    """Someone in FACT without a home."""
    person = somebody(county, number, **traits)
    person.program = "fact"
    housing.homeless(county, person)
    return person


def tenant(county: County, number: int, kind: str) -> Person:
    """Someone who lives in a home of this kind from now on."""
    person = somebody(county, number)
    county.homes[kind].admit(person)
    spawn(county, person, housing.tenancy(county, person, county.homes[kind]))
    return person


def levels(events: Events, service: str, begin: str, finish: tuple[str, ...], days: Numbers) -> Numbers:
    """How many there are on each of these days."""
    came = np.sort(events.day[events.where(service, begin)])
    went = np.sort(np.concatenate([events.day[events.where(service, verb)] for verb in finish]))
    found: Numbers = (np.searchsorted(came, days) - np.searchsorted(went, days)).astype(np.float64)
    return found


def rows(events: Events, service: str, what: str) -> list[tuple[int, str]]:
    """Person and reason of each row of a kind, in order."""
    mask = events.where(service, what)
    return [
        (int(p), events.words[w]) for p, w in zip(events.person[mask], events.why[mask].tolist(), strict=True)
    ]


# --- Staying ---


def test_after_twelve_months_the_share_in_the_same_home_is_between_the_published_ones(
    register: Parameters,
) -> None:
    """75 % in Philadelphia (Wong et al. 2006), 82 % in Los Angeles, 85 % of veterans."""
    people, county = 4000, county_of(register, {"longer_term": 5000})
    for number in range(people):
        tenant(county, number, "longer_term")
    county.env.run(until=365.25)
    kept, law = county.homes["longer_term"].census / people, math.exp(-register.housing.tenancy_loss.value)
    assert kept == pytest.approx(law, abs=4 * math.sqrt(law * (1 - law) / people))
    assert 0.75 <= law <= 0.85
    history = History(county.finish(), 366.0)
    measured = MEASURES["tenancies_kept_1y"].function(history, np.array([0.0, 366.0]))["all"]
    assert measured == pytest.approx([kept])


def test_after_a_year_fewer_leave_and_most_of_them_for_a_home_of_their_own(register: Parameters) -> None:
    people, p = 4000, register.housing
    known = {f"housing.{name}": dict(register)[f"housing.{name}"].value for name in ("settled_loss_ratio",)}
    county = county_of(register, {"longer_term": 5000}, {**known, "housing.left_for_own_home": 0.7})
    for number in range(people):
        tenant(county, number, "longer_term")
    county.env.run(until=3 * 365.25)
    kept = math.exp(-p.tenancy_loss.value * (1 + 2 * p.settled_loss_ratio.value))
    still = county.homes["longer_term"].census
    assert still / people == pytest.approx(kept, abs=4 * math.sqrt(kept * (1 - kept) / people))
    without = county.homelessness.census
    assert without / (people - still) == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / (people - still)))
    reasons = Counter(why for _, why in rows(county.finish(), "longer_term", "discharged"))
    assert reasons == {"lost": without, "own_home": people - still - without}


def test_supervised_homes_keep_people_as_the_boston_trial_says(register: Parameters) -> None:
    """83 % of independent and 92 % of group homes at 18 months: the ratio of hazards, not the level."""
    ratio = register.housing.supervised_loss_ratio.value
    assert 0.83**ratio == pytest.approx(0.92, abs=0.005)
    county = county_of(register, {"supervised": 5000}, {"housing.move_on": 0.0})
    for number in range(3000):
        tenant(county, number, "supervised")
    county.env.run(until=365.25)
    kept = math.exp(-register.housing.tenancy_loss.value * ratio)
    assert county.homes["supervised"].census / 3000 == pytest.approx(
        kept, abs=4 * math.sqrt(kept * (1 - kept) / 3000)
    )


def test_landlords_thin_the_units_out_and_their_tenants_have_to_go(register: Parameters) -> None:
    units, rate = 3000, 0.3
    never = {"housing.tenancy_loss": 0.0, "housing.landlord_loss": rate, "housing.replacement": 1e9}
    county = county_of(register, {"longer_term": units}, never)
    for number in range(units):
        tenant(county, number, "longer_term")
    county.env.run(until=730.5)
    left = math.exp(-rate * 2)
    found = county.homes["longer_term"]
    assert found.slots == found.census
    assert found.slots / units == pytest.approx(left, abs=4 * math.sqrt(left * (1 - left) / units))
    assert county.homelessness.census == units - found.census
    assert {why for _, why in rows(county.finish(), "longer_term", "discharged")} == {"landlord"}


def test_a_unit_lost_to_a_landlord_is_replaced_so_that_the_share_open_is_a_renewal_ratio(
    register: Parameters,
) -> None:
    """Each unit is open for 1 / rate on average and then away for the search: alternating renewal."""
    units, rate, away = 300, 2.0, 91.3125
    evidence = {
        "housing.tenancy_loss": 0.0,
        "housing.landlord_loss": rate,
        "housing.replacement": away / math.exp(sigma_of(register.housing.replacement) ** 2 / 2),
    }
    rules = HomeRules()
    rules.change("master_leased", Admits(who="anyone"))
    county = county_of(register, {"master_leased": units}, {**evidence, "housing.move_on": 0.0}, rules)
    for number in range(units + 150):
        housing.homeless(county, somebody(county, number))
    open_days = []
    for day in range(400, 2400, 5):
        county.env.run(until=day)
        open_days.append(county.homes["master_leased"].slots)
    share = (365.25 / rate) / (365.25 / rate + away)
    assert agrees(np.array(open_days, dtype=np.float64) / units, share, batches=10)


# --- The ladder with blocking, and the queue of a closed county ---


def test_housing_types_that_block_each_other_are_the_exact_chain(register: Parameters) -> None:
    """Ready tenants of the program's homes keep them until one of the longer-term homes is free."""
    people, first, lasting, ready, lost = 8, 3, 2, 3.65, 2.0
    evidence = {"housing.move_on": ready, "housing.tenancy_loss": lost}
    county = county_of(register, {"master_leased": first, "longer_term": lasting}, evidence)
    for number in range(people):
        participant(county, number)
    horizon = 150_000.0
    county.env.run(until=horizon)
    events = county.finish()

    def moves(state: tuple[int, int, int]) -> list[tuple[tuple[int, int, int], float]]:
        living, blocked, beyond = state
        waiting = people - living - blocked - beyond
        room = first - living - blocked
        up = (living - 1 + (waiting > 0), blocked, beyond + 1)
        went_on = up if beyond < lasting else (living - 1, blocked + 1, beyond)
        followed = (living + 1, blocked - 1, beyond)
        out = followed if blocked else (living + (room > 0), 0, beyond - 1)
        return [
            (went_on, living * ready),
            ((living + 1, blocked - 1, beyond), blocked * lost),
            (out, beyond * lost),
        ]

    states = [
        (living, blocked, beyond)
        for living in range(first + 1)
        for blocked in range(first + 1 - living)
        for beyond in range(lasting + 1)
        if (not blocked or beyond == lasting) and (living + blocked == first or beyond + living == people)
    ]
    chances = stationary(generator(states, moves))
    days = np.arange(1000.0, horizon, 7.0)
    in_first, in_lasting = (
        levels(events, kind, "admitted", ("discharged",), days) for kind in ("master_leased", "longer_term")
    )
    blocked = levels(events, "longer_term", "referred", ("admitted", "left_waiting"), days)
    assert (in_first == first).all(), "the program's homes are always full: three in five people wait"
    for found, which in ((in_lasting, 2), (blocked, 1)):
        assert agrees(found, float(sum(p * state[which] for p, state in zip(chances, states, strict=True))))


def test_a_closed_county_with_few_homes_is_the_exact_chain(register: Parameters) -> None:
    """People lose own homes and find others; some live in one of three supportive ones meanwhile."""
    people, homes, loses, spell, lost = 14, 3, 1 / 300, 200.0, 0.9
    evidence = {"housing.tenancy_loss": lost, "people.homeless_spell": spell}
    county = county_of(register, {"supportive": homes}, evidence)
    for number in range(people):
        somebody(county, number, loses)
    horizon = 150_000.0
    county.env.run(until=horizon)
    events = county.finish()

    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        waiting, housed = state
        own = people - waiting - housed
        came = (waiting, housed + 1) if housed < homes else (waiting + 1, housed)
        return [(came, own * loses), ((waiting - 1, housed), waiting / spell)]

    states = [(w, h) for w in range(people + 1) for h in range(homes + 1) if w + h <= people]
    reached = [state for state in states if not state[0] or state[1] == homes]
    chances = stationary(generator(reached, moves))
    days = np.arange(5000.0, horizon, 20.0)
    waiting = levels(events, "supportive", "referred", ("admitted", "left_waiting"), days)
    assert agrees(waiting, float(sum(p * w for p, (w, _) in zip(chances, reached, strict=True))))


# --- Who and when ---


TAKES = [
    (Admits(), (True, True, True), True),
    (Admits(impairment="high"), (False, False, False), False),
    (Admits(impairment="low"), (False, True, True), True),
    (Admits(substance_use="without"), (True, True, False), False),
    (Admits(substance_use="with"), (True, True, False), True),
    (Admits(felony=False), (True, False, True), False),
    (Admits(felony=False, impairment="high"), (True, False, False), True),
]


@pytest.mark.parametrize(("rule", "about", "taken"), TAKES)
def test_a_home_takes_whom_its_rule_says(rule: Admits, about: tuple[bool, bool, bool], taken: bool) -> None:
    assert rule.takes(*about) is taken


def test_someone_refused_by_every_rule_waits_for_nothing(register: Parameters) -> None:
    rules = HomeRules()
    for kind in ("supervised", "shared", "master_leased", "supportive"):
        rules.change(kind, Admits(felony=False))
    county = county_of(register, {"master_leased": 1, "supportive": 1}, homes=rules)
    person = somebody(county, 1)
    person.charge, person.program = Charge.FELONY, "fact"
    housing.homeless(county, person)
    county.env.run(until=100)
    assert placement.lists(county, person, "fact") == placement.lists(county, person, "anyone") == []
    assert person.home == "none"
    assert not person.seeking


def test_the_first_home_to_come_free_is_taken_and_the_other_lists_are_left(register: Parameters) -> None:
    county = county_of(register, {"shared": 0, "master_leased": 0}, {"housing.accepts_sharing": 1.0})
    person = participant(county, 1)
    county.env.run(until=10)
    assert [county.homes[kind].waiting for kind in ("shared", "master_leased")] == [1, 1]
    county.homes["master_leased"].resize(1)
    county.env.run(until=11)
    assert person.home == "master_leased"
    assert [county.homes[kind].waiting for kind in ("shared", "master_leased")] == [0, 0]
    county.homes["shared"].resize(1)
    county.env.run(until=12)
    assert county.homes["shared"].census == 0
    assert rows(county.finish(), "shared", "left_waiting") == [(1, "other_home")]


def test_someone_about_to_move_in_is_not_given_a_second_home_of_that_kind_when_its_rule_changes(
    register: Parameters,
) -> None:
    """They sought as a participant, then as anyone; the run broke off when they lost the second home."""
    county = county_of(register, {"master_leased": 5, "supportive": 0}, {"housing.lease_up": 60.0})
    person = participant(county, 1)
    county.env.run(until=1)
    assert person.seeking == {"fact", "anyone"}
    admit = {
        "lever": "admit_to_homes",
        "date": "2027-01-05",
        "kind": "master_leased",
        "admits": {"who": "anyone"},
    }
    AdmitToHomes.model_validate(admit).apply(county)
    county.env.run(until=1000)
    assert person.home == "master_leased"
    assert rows(county.finish(), "master_leased", "admitted") == [(1, "first_choice")]


@pytest.mark.parametrize(
    ("rule", "order"),
    [("longest_waiting", [1, 2, 3, 4]), ("leaving_jail", [3, 1, 2, 4]), ("highest_need", [4, 2, 1, 3])],
)
def test_who_is_first_follows_the_countys_rule(register: Parameters, rule: Any, order: list[int]) -> None:
    county = county_of(register, {"master_leased": 0}, homes=HomeRules(priority=rule))
    needs = {1: (True, False), 2: (True, True), 3: (False, False), 4: (True, True)}
    if rule == "highest_need":
        needs[2], needs[4] = (True, False), (True, True)
        needs[1] = (False, True)
        order = [4, 1, 2, 3]
    for number, (impaired, uses) in needs.items():
        person = participant(county, number, high_impairment=impaired, substance_use=uses)
        person.freed = -5.0 if number == 3 else -100.0
    county.env.run(until=1)
    for homes in range(1, 5):
        county.homes["master_leased"].resize(homes)
        county.env.run(until=1 + homes)
    assert [person for person, _ in rows(county.finish(), "master_leased", "admitted")] == order


def test_a_list_put_in_a_new_order_keeps_equal_ones_as_they_came(register: Parameters) -> None:
    county = county_of(register, {"master_leased": 0})
    for number in (1, 2, 3, 4):
        participant(county, number, substance_use=number in (3, 4))
    county.env.run(until=1)
    county.policy.homes.priority = "highest_need"
    county.homes["master_leased"].reorder(lambda person: placement.priority(county, person))
    county.homes["master_leased"].resize(4)
    county.env.run(until=2)
    assert [person for person, _ in rows(county.finish(), "master_leased", "admitted")] == [3, 4, 1, 2]


def test_other_rules_for_a_home_leave_those_who_wait_to_move_on_where_they_stand(
    register: Parameters,
) -> None:
    county = county_of(register, {"master_leased": 3, "longer_term": 0}, {"housing.move_on": 36525.0})
    for number in (1, 2, 3):
        participant(county, number, high_impairment=number != 2)
    county.env.run(until=5)
    units = county.homes["longer_term"]
    before = units.queue
    assert len(before) == 3
    admit = {"lever": "admit_to_homes", "date": "2027-03-01", "admits": {"impairment": "high"}}
    AdmitToHomes.model_validate({**admit, "kind": "supportive"}).apply(county)
    county.env.run(until=6)
    assert units.queue == before
    AdmitToHomes.model_validate({**admit, "kind": "longer_term"}).apply(county)
    county.env.run(until=7)
    assert units.queue == [person for person in before if person.id != 2]
    assert rows(county.finish(), "longer_term", "left_waiting") == [(2, "rule_changed")]


def test_homes_open_on_their_dates_and_no_other_day(build: Build) -> None:
    figure = {"unit": "homes", "source": "Assumption: a test.", "grade": "D"}
    opening = [
        {"kind": "shared", "homes": {**figure, "value": 4}, "opens": "2027-03-01"},
        {"kind": "shared", "homes": {**figure, "value": 3}, "opens": "2027-09-15"},
        {"kind": "supportive", "homes": {**figure, "value": 5}, "opens": "2026-11-01"},
    ]
    evidence = {"housing.landlord_loss": 0.0}
    scenario = build({"housing.opening": opening, "housing.shared": 1, "jail.bookings": 50}, evidence)
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    days, numbers = history.level("shared", "slots")
    assert list(zip(days.tolist(), numbers.tolist(), strict=True)) == [(0, 1), (59, 5), (257, 8)]
    days, numbers = history.level("supportive", "slots")
    assert list(zip(days.tolist(), numbers.tolist(), strict=True)) == [(0, 21), (0, 26)]


@pytest.mark.parametrize(
    ("homes", "per_month", "expected"),
    [(5, 2, [2, 4, 5]), (5, 10, [5]), (-3, 2, [0]), (0, 1, [])],
)
def test_homes_open_so_many_a_month(
    register: Parameters, homes: int, per_month: int, expected: list[float]
) -> None:
    county = county_of(register, {"shared": 0})
    county.env.process(county.homes["shared"].open_homes(homes, per_month, 30.0))
    county.env.run(until=200)
    changes = [(day, n) for day, name, _, n in county.finish().capacity if name == "shared"][1:]
    assert [n for _, n in changes][: len(expected)] == expected
    assert [day for day, _ in changes] == [30.0 * i for i in range(len(changes))]


# --- Losing a home: jail, the end of the program ---


def in_jail(county: County, person: Person, day: float, days: float) -> None:
    """Send someone to jail on a day for some days."""

    def call() -> Any:
        yield county.env.timeout(day)
        person.order_custody("warrant", days)

    county.env.process(call())


@pytest.mark.parametrize(
    ("kind", "days", "held", "kept"),
    [
        ("longer_term", 89.0, None, True),
        ("longer_term", 91.0, None, False),
        ("supervised", 31.0, None, False),
        ("supervised", 29.0, None, True),
        ("longer_term", 5.0, 3.0, False),
        ("supervised", 40.0, 50.0, True),
    ],
)
def test_jail_costs_people_their_home_once_it_is_held_no_longer(
    register: Parameters, kind: str, days: float, held: float | None, kept: bool
) -> None:
    evidence = {"housing.tenancy_loss": 0.0, "housing.move_on": 0.0}
    county = county_of(register, {kind: 1}, evidence, HomeRules(held=held))
    person = tenant(county, 1, kind)
    in_jail(county, person, 10.0, days)
    county.env.run(until=300)
    assert (person.home == kind) is kept
    reasons = [] if kept else [(1, "long_jail_stay")]
    assert rows(county.finish(), kind, "discharged") == reasons


@pytest.mark.parametrize("kept", [True, False])
def test_a_home_of_the_program_outlasts_it_only_where_it_is_kept(register: Parameters, kept: bool) -> None:
    rules = HomeRules(kept=frozenset(["master_leased"] if kept else []))
    evidence = {"housing.tenancy_loss": 0.0, "housing.move_on": 0.0}
    county = county_of(register, {"master_leased": 1}, evidence, rules)
    person = participant(county, 1)
    county.env.run(until=50)
    person.program = None
    spawn(county, person, housing.after_program(county, person))
    county.env.run(until=50 + register.housing.grace.days - 1)
    assert person.home == "master_leased"
    county.env.run(until=50 + register.housing.grace.days + 1)
    assert person.home == ("master_leased" if kept else "none")


@pytest.mark.parametrize("why", ["refused", "no_place"])
def test_a_home_of_the_program_is_not_kept_because_a_referral_was_undecided_when_grace_ended(
    register: Parameters, why: str
) -> None:
    """Grace from day 50 ends while the case is open; the answer on day 200 is no; grace once more."""
    evidence = {"housing.tenancy_loss": 0.0, "housing.move_on": 0.0, "fact.patience": 0.0}
    county = county_of(register, {"master_leased": 1, "lower_intensity": 0}, evidence)
    person, grace = participant(county, 1), register.housing.grace.days
    case = arrest.Case(Arrest(1, 60.0, "felony", True), Charge.FELONY, Stream(1, 1).substream(0), None, 1e9)
    county.env.run(until=50)
    person.program = None
    spawn(county, person, housing.after_program(county, person))

    def refused(*_: object) -> Process[Refusal]:
        yield person.pause(140.0)
        return Refusal.RISK

    def story() -> Process[None]:
        yield person.pause(10.0)
        if why == "refused":
            diversion.refer(county, person, case)
            yield from diversion.answered(county, person, case, (refused,))
        else:
            person.program = "admitted"
            county.court.admit(person)
            yield person.pause(140.0)
            yield from journey.program(county, person, case)

    spawn(county, person, story())
    county.env.run(until=200 + grace - 1)
    assert person.home == "master_leased"
    county.env.run(until=200 + grace + 1)
    assert person.home == "none"
    assert rows(county.finish(), "master_leased", "discharged") == [(1, "grace_over")]


def test_a_search_that_finds_no_landlord_gives_the_subsidy_back_and_begins_again(
    register: Parameters,
) -> None:
    """The number of searches is geometric: 1 / accepted on average."""
    accepted, people = 0.4, 800
    evidence = {
        "housing.landlord_accepts": accepted,
        "housing.tenancy_loss": 0.0,
        "housing.move_on": 50.0,
        "housing.search": 1.0,
    }
    county = county_of(register, {"master_leased": people, "longer_term": people}, evidence)
    for number in range(people):
        participant(county, number)
    county.env.run(until=3000)
    events = county.finish()
    searches = Counter(person for person, _ in rows(events, "longer_term", "admitted"))
    assert len(searches) == people
    counted = np.array(list(searches.values()), dtype=np.float64)
    assert agrees(counted, 1 / accepted)
    assert levels(events, "longer_term", "admitted", ("discharged",), np.array([2999.0])) == people


def test_jail_costs_people_an_own_home_in_proportion_to_their_days_in_it(register: Parameters) -> None:
    people, days, loses, ratio = 4000, 50.0, 0.001, 5.0
    county = county_of(register, {}, {"people.jail_loss_ratio": ratio})
    for number in range(people):
        in_jail(county, somebody(county, number, loses), 0.0, days)
    county.env.run(until=days + 1e-6)
    lost = ratio * loses * days
    assert county.homelessness.census / people == pytest.approx(
        lost, abs=4 * math.sqrt(lost * (1 - lost) / people)
    )


def test_spells_without_a_home_end_as_the_mixture_of_short_and_chronic_ones(register: Parameters) -> None:
    """Half of New York's newly homeless are housed in 190 days, 81 % in 548 (Caton et al. 2005)."""
    people, spell = 4000, register.people
    lengths = {
        "people.homeless_spell": spell.homeless_spell.value,
        "people.chronic_spell": spell.chronic_spell.value,
        "people.chronic_share": spell.chronic_share.value,
    }
    county = county_of(register, {}, lengths)
    for number in range(people):
        housing.homeless(county, somebody(county, number))
    for day, published in ((190.0, 0.5), (548.0, 0.19), (2000.0, None)):
        county.env.run(until=day)
        left = sum(
            share * math.exp(-day / length.mean)
            for share, length in (
                (1 - spell.chronic_share.value, spell.homeless_spell),
                (spell.chronic_share.value, spell.chronic_spell),
            )
        )
        spread = 4 * math.sqrt(left * (1 - left) / people)
        assert county.homelessness.census / people == pytest.approx(left, abs=spread)
        assert published is None or left == pytest.approx(published, abs=0.01)


# --- Shelter ---


@pytest.mark.parametrize(("beds", "users"), [(0, 20), (5, 20), (30, 20)])
def test_a_shelter_is_as_full_as_its_beds_or_its_users_allow(
    register: Parameters, beds: int, users: int
) -> None:
    county = county_of(register, {"shelter": beds}, {"housing.shelter_use": 1.0})
    for number in range(users):
        housing.homeless(county, somebody(county, number))
    for day in range(1, 400, 7):
        county.env.run(until=day)
        assert county.shelter.census == min(beds, users)
        assert county.homelessness.census == users, "a shelter is no fixed address"


def test_beds_go_round_so_that_everyone_sleeps_in_one_as_often(register: Parameters) -> None:
    county = county_of(register, {"shelter": 4}, {"housing.shelter_use": 1.0, "housing.shelter_stay": 10.0})
    for number in range(8):
        housing.homeless(county, somebody(county, number))
    county.env.run(until=20_000)
    history = History(county.finish(), 20_000.0)
    spans = history.spans("shelter")
    nights = np.bincount(spans.person, np.minimum(spans.end, 20_000.0) - spans.start) / 20_000
    assert nights == pytest.approx(np.full(8, 0.5), abs=0.08)


def test_of_the_beds_for_everyone_people_with_serious_mental_illness_use_their_share(build: Build) -> None:
    beds = {"unit": "beds", "source": "Assumption: a test.", "grade": "D", "value": 90}
    share = {"people.smi_share_of_homeless": 0.3}
    scenario = build({"housing.shelter_beds": None, "housing.total_shelter_beds": beds}, share)
    assert model.build(scenario, 1, 0).shelter.slots == 27
    with pytest.raises(ValueError, match="shelter_beds or total_shelter_beds, not both"):
        build({"housing.total_shelter_beds": beds})


def test_people_in_chronic_spells_are_in_beds_for_as_much_longer_as_they_stay(register: Parameters) -> None:
    """Everyone waits as long for each stay: of the time of a stay and a wait, the stay's share is in bed."""
    beds, each, stays = 60, 100, {False: 10.0, True: 100.0}
    names = {False: "housing.shelter_stay", True: "housing.chronic_shelter_stay"}
    evidence = {"housing.shelter_use": 1.0, **{names[chronic]: days for chronic, days in stays.items()}}
    county = county_of(register, {"shelter": beds}, evidence)
    for number in range(2 * each):
        person = somebody(county, number)
        housing.without_home(county, person, Spell(chronic=number < each, listed=False))
        housing.to_shelter(county, person)
    county.env.run(until=20_000)
    spans = History(county.finish(), 20_000.0).spans("shelter")
    nights = np.minimum(spans.end, 20_000.0) - np.maximum(spans.start, 2000.0)
    chronic = float(nights[(spans.person < each) & (nights > 0)].sum()) / 18_000

    def occupied(wait: float) -> dict[bool, float]:
        return {kind: each * in_bed(wait, days, 0.0) for kind, days in stays.items()}

    wait = next(wait for wait in np.arange(1.0, 1000.0, 0.1) if sum(occupied(wait).values()) <= beds)
    assert chronic == pytest.approx(occupied(wait)[True], rel=0.03)
    assert occupied(wait)[True] / each == pytest.approx(100 / (100 + wait))


def test_jail_ends_a_stay_in_a_shelter_and_the_line_begins_again_after_it(register: Parameters) -> None:
    stay = {"housing.shelter_use": 1.0, "housing.shelter_stay": 1e6}
    county = county_of(register, {"shelter": 1}, stay)
    first, second = (somebody(county, number) for number in (1, 2))
    for person in (first, second):
        housing.homeless(county, person)
    in_jail(county, first, 5.0, 20.0)
    county.env.run(until=10)
    assert (first.bed, county.shelter.waiting) == (None, 0)
    assert second.bed is not None
    county.env.run(until=26)
    assert county.shelter.waiting == 1
    assert rows(county.finish(), "shelter", "discharged") == [(1, "jail")]
