"""Who is referred less, what closing that gap does and does not do, and every measure by group of people."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from simulation import model
from simulation.county.equity import ReferralGap, Trait
from simulation.county.person import Traits
from simulation.engine.eventlog import Events
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES, History
from simulation.measures.group import Group, groups
from simulation.scenario import Scenario
from tests.conftest import Build
from tests.test_pairing import ENDLESS, lever, told

NOT_WHITE = 0.6
RATIOS = {"race_ethnicity": 0.5, "sex": 0.8, "age_band": 0.6}
CONCERNED = {"race_ethnicity": "Black", "sex": "male", "age_band": "18-25"}


def person(race: str = "White", sex: str = "female", age: str = "26-40") -> Traits:
    """Someone with these traits; the others do not matter here."""
    return Traits(sex, age, race, False, False, False, "west", 1.0)


def gap(register: Parameters, **closed: float) -> ReferralGap:
    """The gap with odds ratios that can be told apart, parts of it closed."""
    made = ReferralGap.start(register, NOT_WHITE)
    made.odds = dict(RATIOS)  # type: ignore[arg-type]
    made.closed.update(closed)  # type: ignore[arg-type]
    return made


def odds(share: float) -> float:
    """The odds of a share."""
    return share / (1 - share)


@pytest.mark.parametrize("mean", [0.02, 0.3, 0.9])
def test_a_gap_moves_referrals_between_people_and_leaves_their_mean(
    register: Parameters, mean: float
) -> None:
    female, young = register.people.female.value, register.people.age_18_25.value
    whole = sum(
        race_share * sex_share * age_share * gap(register).share(mean, person(race, sex, age))
        for (race, race_share), (sex, sex_share), (age, age_share) in product(
            [("White", 1 - NOT_WHITE), ("Hispanic", NOT_WHITE)],
            [("female", female), ("male", 1 - female)],
            [("18-25", young), ("56+", 1 - young)],
        )
    )
    assert whole == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize("trait", RATIOS)
def test_all_else_equal_the_odds_of_a_referral_differ_by_the_odds_ratio(
    register: Parameters, trait: Trait
) -> None:
    other = {"race_ethnicity": person("Black"), "sex": person(sex="male"), "age_band": person(age="18-25")}
    found = gap(register)
    ratio = odds(found.share(0.3, other[trait])) / odds(found.share(0.3, person()))
    assert ratio == pytest.approx(RATIOS[trait])


def test_half_of_a_gap_is_half_of_the_logarithm_of_its_odds_and_nobody_loses(register: Parameters) -> None:
    before, half, whole = (gap(register, race_ethnicity=share) for share in (0.0, 0.5, 1.0))
    assert odds(half.share(0.3, person("Black"))) == pytest.approx(
        odds(before.share(0.3, person("Black"))) / np.sqrt(0.5)
    )
    assert whole.share(0.3, person("Black")) == whole.share(0.3, person("White"))
    for found in (half, whole):
        assert found.share(0.3, person("White")) == before.share(0.3, person("White"))


def test_where_nobody_or_everybody_is_referred_there_is_no_gap(register: Parameters) -> None:
    for mean in (0.0, 1.0):
        assert {gap(register).share(mean, person(race)) for race in ("White", "Black")} == {mean}


# --- In a county ---

MANY = {"jail.bookings": 600, "months": 24}
OFTEN = {
    "court.referral_if_identified": 0.4,
    "court.referral_if_missed": 0.4,
    "equity.referral_odds_men": 1.0,
    "equity.referral_odds_young": 1.0,
    "equity.referral_odds_not_white": 0.3,
}


def referred(scenario: Scenario) -> dict[bool, tuple[int, int]]:
    """Of White people and of others: charged arrests open to diversion, and those referred."""
    events = model.run(scenario, 1, 0)
    race = {row[0]: row[3] for row in events.people}
    found = {True: [0, 0], False: [0, 0]}
    for arrest in events.arrests:
        if arrest.arrested > 60 and arrest.charge in ("felony", "misdemeanor") and arrest.charged > 0:
            counts = found[race[arrest.person] == "White"]
            counts[0] += 1
            counts[1] += arrest.referred > 0
    return {group: (all_, some) for group, (all_, some) in found.items()}


def test_with_the_gap_closed_all_groups_are_referred_alike_and_without_the_lever_they_are_not(
    build: Build,
) -> None:
    closed = [lever("close_referral_gap", {"share": 1.0}, "2027-01-02")]
    chances = []
    for levers in ([], closed):
        found = referred(build(MANY, OFTEN, levers))
        table = [[some, n - some] for n, some in found.values()]
        assert min(min(row) for row in table) > 100
        chances.append(stats.chi2_contingency(table).pvalue)
    assert chances[0] < 1e-6
    assert chances[1] > 0.001


def test_closing_the_gap_changes_only_those_whom_it_concerns(build: Build) -> None:
    """Where places are endless, and a team's fidelity, which all its members share, has no effect."""
    evidence = {**OFTEN, "fact.arrest_ratio": 1.0}
    scenario = build(ENDLESS, evidence)
    closed = build(ENDLESS, evidence, [lever("close_referral_gap", {"share": 1.0}, "2027-02-01")])
    before, after = (model.run(one, 1, 0) for one in (scenario, closed))
    white = {row[0] for row in before.people if row[3] == "White"}
    rows = [[to_the_second(row) for row in told(run) if row[1] in white] for run in (before, after)]
    assert rows[0] == rows[1]
    assert told(before) != told(after)


def to_the_second(row: tuple[float, int, str, str, str]) -> tuple[int, int, str, str, str]:
    """A row of the log with its day in whole seconds: hazards spent in other pieces differ by rounding."""
    day, *rest = row
    return (round(day * 86_400), *rest)


def test_closing_the_gap_refers_more_of_the_others(build: Build) -> None:
    closed = [lever("close_referral_gap", {"share": 1.0}, "2027-01-02")]
    before, after = (referred(build(MANY, OFTEN, levers)) for levers in ([], closed))
    assert after[False][1] > 1.3 * before[False][1]


# --- By group ---


@pytest.fixture(scope="module")
def history(build: Build) -> History:
    """A year of a small county."""
    scenario = build()
    return History(model.run(scenario, 1, 0), scenario.county.horizon)


EDGES = np.array([0.0, 100.0, 365.0])
OF_PEOPLE = [name for name, measure in MEASURES.items() if measure.groups != "never"]


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_the_group_of_everybody_is_the_county(history: History, name: str) -> None:
    everybody = Group(history, np.ones(len(history.events.people), dtype=bool))
    whole, same = (MEASURES[name].function(one, EDGES) for one in (history, everybody))
    assert whole.keys() == same.keys()
    for subgroup, values in whole.items():
        np.testing.assert_array_equal(values, same[subgroup])


@pytest.mark.parametrize("name", [n for n in OF_PEOPLE if MEASURES[n].kind in ("flow", "stock")])
def test_a_count_is_the_sum_of_its_groups_for_each_trait(history: History, name: str) -> None:
    found = MEASURES[name].values(history, EDGES, subgroups=True)
    for trait in ("sex", "age_band", "race_ethnicity", "risk_need"):
        parts = [values for group, values in found.items() if group.startswith(f"{trait}=")]
        assert len(parts) >= 2
        assert np.sum(parts, axis=0) == pytest.approx(found["all"])


def test_the_group_of_nobody_has_nothing(history: History) -> None:
    nobody = Group(history, np.zeros(len(history.events.people), dtype=bool))
    found = {name: MEASURES[name].function(nobody, EDGES)["all"] for name in OF_PEOPLE}
    more = [name for name, values in found.items() if not np.all(np.isnan(values) | (values == 0))]
    assert not more, 'a measure of the county and not of its people is registered with groups="never"'


def test_groups_are_told_of_main_measures_always_and_of_the_others_when_asked(history: History) -> None:
    for measure in MEASURES.values():
        plain, asked = (measure.values(history, EDGES, wish) for wish in (False, True))
        assert ("sex=female" in plain) == (measure.groups == "always")
        assert ("risk_need=high_high" in asked) == (measure.groups != "never")
    assert len(groups(history)) == 2 + 4 + 4 + 4


def test_a_log_of_nobody_has_no_groups() -> None:
    empty = np.zeros(0)
    codes = empty.astype(np.int16)
    events = Events(empty, empty.astype(np.int64), codes, codes, codes, ())
    assert groups(History(events, 10.0)) == {}
