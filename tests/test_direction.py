"""Each lever moves what it should, the way a county would expect, and extremes do what they must.

Differences are paired: the same people with the same random numbers, with the lever and without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from ruamel.yaml import YAML

from calibration.document import load
from offramp.scenarios import shipped
from simulation import model
from simulation.inputs.sections.service_spec import SIZED, ServiceSpec
from simulation.levers import Lever
from simulation.measures import MEASURES, History
from simulation.measures.group import groups
from simulation.scenario import Scenario, ScenarioFile
from tests.conftest import Build, group

Figures = Mapping[str, Any]
Numbers = NDArray[np.float64]

RUNS = 4
NOTHING: Figures = {}
TEAMS = [
    {"name": "west", "posts": 1, "enrolled": 8, "share": 0.5},
    {"name": "central", "posts": 1, "enrolled": 8, "share": 0.5},
]
SMALL: Figures = {"months": 24, "jail.bookings": 130, "fact.teams": TEAMS}

ROOMY: Figures = {
    **SMALL,
    "jail.screeners": 1000,
    "crisis.call_takers": 1000,
    "crisis.mobile_teams": 1000,
    "crisis.mobile_opens": 0,
    "crisis.mobile_closes": 24,
    "crisis.stabilization_chairs": 1000,
    "crisis.short_term_beds": 1000,
    "crisis.ed_places": 1000,
    "crisis.inpatient_beds": 1000,
    "court.evaluators": 1000,
    "court.assessors": 1000,
    "court.docket": [
        {"weekday": day, "slots": 1000} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    ],
    "court.case_managers": 1000,
    "competency.restoration_places": 1000,
    "court.lower_intensity_slots": 1000,
    "fact.teams": [
        {"name": "west", "posts": 100, "enrolled": 8, "share": 0.5},
        {"name": "central", "posts": 100, "enrolled": 8, "share": 0.5},
    ],
    "fact.intake": 1000,
    "housing.shelter_beds": 1000,
    "housing.supervised": 1000,
    "housing.shared": 1000,
    "housing.master_leased": 1000,
    "housing.longer_term": 1000,
    "housing.supportive": 1000,
    "stepdown.outpatient_slots": 1000,
    "stepdown.substance_use_slots": 1000,
}
"""A county in which nobody waits for anything but a docket day."""

BUSY = {"court.referral_if_identified": 0.9, "court.eligible": 0.9, "court.granted": 0.95}
"""So many referrals that what comes after them fills up."""

EVERYBODY_DIVERTED = {
    "court.referral_if_identified": 1.0,
    "court.referral_if_missed": 1.0,
    "court.consent": 1.0,
    "court.eligible": 1.0,
    "court.granted": 1.0,
    "court.charge_excluded": 0.0,
}


def shipped_levers(name: str) -> list[dict[str, Any]]:
    """The levers of a scenario file that comes with Offramp."""
    scenario = load(shipped()[name], ScenarioFile)
    return [lever.model_dump() for lever in scenario.levers]


@lru_cache(maxsize=12 * RUNS)
def lived(scenario: Scenario, replication: int) -> History:
    """One run of a scenario."""
    return History(model.run(scenario, 1, replication), scenario.county.horizon)


def measured(
    scenario: Scenario,
    name: str,
    subgroup: str = "all",
    since: float = 0.0,
    runs: int = RUNS,
    people: str = "",
) -> Numbers:
    """A measure from a day on, of all or of a group of people, one value a run."""
    edges = np.array([since, scenario.county.horizon])
    histories = [lived(scenario, run) for run in range(runs)]
    histories = [groups(history)[people] if people else history for history in histories]
    found = [MEASURES[name].function(history, edges) for history in histories]
    return np.array([values.get(subgroup, np.zeros(1))[0] for values in found])


class Effect:
    """What levers do to a county, measured from the first one's day on."""

    def __init__(self, without: Scenario, with_levers: Scenario, runs: int, asked: set[str]) -> None:
        self.without, self.with_levers, self.runs = without, with_levers, runs
        self.names, self.asked = {lever.lever for lever in with_levers.levers}, asked
        self.since = min(without.county.day(lever.date) for lever in with_levers.levers)

    def on(self, name: str, subgroup: str = "all", people: str = "") -> Numbers:
        """The difference the levers make to a measure, run by run."""
        pair = (self.with_levers, self.without)
        after, before = (measured(one, name, subgroup, self.since, self.runs, people) for one in pair)
        return after - before

    def raises(self, name: str, subgroup: str = "all", people: str = "") -> bool:
        """Whether a measure is higher with the levers, beyond two standard errors."""
        self.asked |= self.names
        return standard_errors(self.on(name, subgroup, people)) > 2

    def lowers(self, name: str, subgroup: str = "all", people: str = "") -> bool:
        """Whether a measure is lower with the levers, beyond two standard errors."""
        self.asked |= self.names
        return standard_errors(self.on(name, subgroup, people)) < -2

    def leaves_alone(self, name: str, subgroup: str = "all") -> bool:
        """Whether a measure is the same to the last digit in every run."""
        return not self.on(name, subgroup).any()


def standard_errors(differences: Numbers) -> float:
    """How many standard errors the mean difference lies from zero; 0 if there is no difference."""
    error = differences.std(ddof=1) / sqrt(len(differences))
    mean = float(differences.mean())
    assert np.isfinite(mean)
    return float(mean / max(error, 1e-12 * abs(mean))) if mean else 0.0


def events(scenario: Scenario, service: str, what: str, why: str = "", runs: int = RUNS) -> int:
    """How often something happened from day 0 on, all runs together."""
    logs = [lived(scenario, run).events for run in range(runs)]
    return sum(int((log.where(service, what, why) & (log.day >= 0)).sum()) for log in logs)


def longest_wait(scenario: Scenario, service: str) -> float:
    """The longest that anyone waited for a service, seen to end or not."""
    horizon = scenario.county.horizon
    waits = [lived(scenario, run).waits(service) for run in range(RUNS)]
    return max(float((np.minimum(w.end, horizon) - w.start).max(initial=0.0)) for w in waits)


@pytest.fixture
def effect(build: Build, request: pytest.FixtureRequest) -> Iterator[Any]:
    """What shipped or other levers do in a small county.

    A test marked ``direction`` has to ask whether each lever named there raises or lowers a measure.
    """
    asked: set[str] = set()

    def of(
        levers: str | Sequence[Mapping[str, Any]],
        figures: Figures = NOTHING,
        evidence: Mapping[str, float] = NOTHING,
        runs: int = RUNS,
        date: str = "",
    ) -> Effect:
        pulled = shipped_levers(levers) if isinstance(levers, str) else levers
        pulled = [{**lever, "date": date} for lever in pulled] if date else pulled
        figures = {**SMALL, **figures}
        without, with_levers = build(figures, evidence), build(figures, evidence, pulled)
        found = Effect(without, with_levers, runs, asked)
        found.names |= {levers} if isinstance(levers, str) else set()
        return found

    yield of
    marked = {name for mark in request.node.iter_markers("direction") for name in mark.args}
    assert marked <= asked, "a lever is marked whose direction the test does not ask for"


# --- The shipped levers ---


@pytest.mark.direction("no_diversion")
def test_without_referrals_nobody_is_diverted_and_more_days_are_spent_in_jail(effect: Any) -> None:
    found = effect("no_diversion", evidence=BUSY)
    assert found.lowers("diversion_referrals")
    assert found.lowers("court_census")
    assert found.lowers("fact_census")
    assert found.raises("jail_days", "for=awaiting_court")
    assert found.raises("jail_days")


def test_three_months_after_referrals_stop_there_is_not_one(build: Build) -> None:
    stopped = build(SMALL, BUSY, shipped_levers("no_diversion"))
    assert not measured(stopped, "diversion_referrals", since=91.0).any()
    assert measured(build(SMALL, BUSY), "diversion_referrals", since=91.0).all()


@pytest.mark.direction("second_docket_day")
def test_a_second_docket_day_shortens_the_way_to_admission_where_the_docket_binds(effect: Any) -> None:
    docket = {
        "court.docket": [{"weekday": "Wednesday", "slots": 1}],
        "court.evaluators": 4,
        "court.assessors": 4,
    }
    found = effect("second_docket_day", docket, BUSY)
    assert found.lowers("days_referral_to_admission")
    assert found.raises("diversion_admissions")


@pytest.mark.direction("two_more_clinicians")
def test_more_clinicians_enroll_more_people_where_some_wait(effect: Any) -> None:
    found = effect("two_more_clinicians", evidence=BUSY, runs=12)
    assert found.raises("fact_census")
    assert found.lowers("fact_waiting")
    assert found.lowers("fact_wait_days")
    assert found.lowers("caseload_per_clinician")
    assert found.lowers("jail_days_waiting_for_slot")
    assert found.lowers("jail_days")


def test_a_post_authorized_today_is_vacant_until_someone_is_recruited(build: Build) -> None:
    scenario = build(SMALL, levers=shipped_levers("two_more_clinicians"))
    day = scenario.county.day(scenario.levers[0].date)
    for run in range(RUNS):
        history = lived(scenario, run)
        for team in ("fact.west", "fact.central"):
            (days, posts), (_, clinicians) = (history.level(team, what) for what in ("posts", "clinicians"))
            at = int(np.flatnonzero(days == day)[0])
            assert posts[at] == posts[at - 1] + 1
            assert clinicians[at] == clinicians[at - 1]


@pytest.mark.direction("twelve_more_homes")
def test_more_homes_shorten_the_wait_for_one(effect: Any) -> None:
    found = effect("twelve_more_homes", {"housing.master_leased": 1}, {**BUSY, "people.homeless": 0.4})
    assert found.lowers("housing_wait_days")
    assert found.lowers("housing_waiting")
    assert found.raises("housing_occupied")
    assert found.lowers("homeless")
    assert found.lowers("homeless_at_exit")


@pytest.mark.direction("embedded_jail_screening")
def test_staff_in_the_jail_find_more_people_and_refer_them_sooner(effect: Any) -> None:
    found = effect("embedded_jail_screening", ROOMY)
    assert found.lowers("days_arrest_to_referral")
    assert found.raises("diversion_referrals")
    assert found.raises("diversion_admissions")


@pytest.mark.direction("release_on_recognizance")
def test_release_on_recognizance_spares_jail_days_and_sentences(effect: Any) -> None:
    """Whoever is released is convicted less often and sentenced to jail less often, and stays days."""
    found = effect("release_on_recognizance")
    assert found.lowers("jail_days")
    assert found.lowers("jail_days", "for=awaiting_court")
    assert found.lowers("jail_days", "for=serving")
    assert found.lowers("jail_stay")


@pytest.mark.direction("jail_data_sharing")
def test_shared_data_find_whom_the_screen_missed_and_tell_teams_more_often(effect: Any) -> None:
    found = effect("jail_data_sharing", evidence=BUSY)
    assert found.raises("identified", "by=records")
    assert found.raises("identified")
    assert found.raises("team_notified")
    assert found.raises("diversion_referrals")


@lru_cache(maxsize=8)
def jail_lever(name: str, **fields: float) -> tuple[Mapping[str, Any], ...]:
    """One lever on the jail from March 2027."""
    return ({"lever": name, "date": "2027-03-01", **fields},)


@pytest.mark.direction("change_screening_tool")
def test_a_more_sensitive_tool_finds_more_people_and_refers_more(effect: Any) -> None:
    found = effect(jail_lever("change_screening_tool", sensitivity=0.95), evidence=BUSY)
    assert found.raises("identified", "by=screen")
    assert found.lowers("identified", "by=noticed")
    assert found.raises("diversion_referrals")
    assert found.leaves_alone("screen_positives", "wrong")


def test_a_less_specific_tool_raises_false_alarms_and_makes_a_positive_screen_say_less(effect: Any) -> None:
    found = effect(jail_lever("change_screening_tool", sensitivity=0.62, specificity=0.6))
    assert found.raises("screen_positives", "wrong")
    assert found.lowers("screen_positives_right")


def test_false_alarms_make_a_scarce_screener_too_late_for_some(effect: Any) -> None:
    """130 others a month fill the work of a screener who needs 7 hours for a false alarm."""
    slow = {"jail.follow_up": 90.0, "jail.screening": 15.0}
    flooded = jail_lever("change_screening_tool", sensitivity=0.62, specificity=0.05)
    found = effect(flooded, {"jail.screeners": 1, "jail.bookings": 600, "months": 12}, slow, runs=3)
    assert found.lowers("identified", "by=screen")


@pytest.mark.direction("notify_within_24h")
def test_a_rule_of_24_hours_tells_more_teams_within_a_day(effect: Any) -> None:
    many = {"court.lower_intensity_enrolled": 60, "court.lower_intensity_slots": 80}
    found = effect(jail_lever("notify_within_24h"), many)
    assert found.raises("team_notified", "within=24h")
    scenario, since = found.with_levers, found.since
    told, at_once = (measured(scenario, "team_notified", within, since) for within in ("all", "within=24h"))
    assert (told == at_once).all(), "whoever is told is told within a day"


@pytest.mark.direction("continue_medication")
def test_medication_that_is_somebodys_task_is_continued_more_often(effect: Any) -> None:
    assert effect(jail_lever("continue_medication")).raises("medication_continued")


@pytest.mark.direction("plan_reentry")
def test_planned_re_entry_leads_more_people_to_treatment(effect: Any) -> None:
    found = effect(jail_lever("plan_reentry"))
    assert found.raises("reentry_planned")
    assert found.raises("linked_after_release")
    assert found.leaves_alone("jail_days")
    assert found.leaves_alone("arrests")


@pytest.mark.direction("retention_raise")
def test_a_raise_leaves_fewer_posts_vacant(effect: Any) -> None:
    many_posts = [{"name": "west", "posts": 60, "enrolled": 5, "share": 1.0}]
    found = effect("retention_raise", {"jail.bookings": 20, "months": 48, "fact.teams": many_posts})
    assert found.lowers("fact_vacancy")


@pytest.mark.direction("mobile_crisis_24_7")
def test_mobile_teams_around_the_clock_spare_police_responses_and_arrests(effect: Any) -> None:
    found = effect("mobile_crisis_24_7", evidence={"crisis.rate": 2.0}, runs=4)
    assert found.lowers("police_responses")
    assert found.lowers("crisis_contacts", "ended=arrest")
    assert found.raises("crisis_contacts", "ended=resolved_in_field")
    assert found.lowers("bookings")


# --- Levers on the answer to crises ---

STAFFED = {
    **SMALL,
    "fact.teams": [
        {"name": "west", "posts": 2, "enrolled": 16, "share": 0.5},
        {"name": "central", "posts": 2, "enrolled": 16, "share": 0.5},
    ],
    "staffing": {
        "posts": [
            {"service": f"fact.{team}", "role": "vocational_specialist", "fund": "prop47"}
            for team in ("west", "central")
        ],
        "source": "A test.",
        "grade": "D",
    },
}
LEAVING_OFTEN = {**BUSY, "staffing.turnover": 1.0}


@pytest.mark.direction("grant_ends")
def test_when_the_grant_ends_its_posts_go_and_nobody_is_put_out(effect: Any) -> None:
    found = effect("grant_ends", STAFFED, BUSY, date="2027-03-01")
    assert found.raises("caseload_per_clinician")


@pytest.mark.slow
@pytest.mark.direction("spread_vacancies")
def test_spread_vacancies_enroll_more_and_give_each_fewer_contacts(effect: Any) -> None:
    found = effect([{"lever": "spread_vacancies", "date": "2027-03-01"}], STAFFED, LEAVING_OFTEN, 24)
    assert found.raises("caseload_per_clinician")
    assert found.lowers("fact_contacts")


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.direction("reduce_administration", "change_leave")
def test_less_paperwork_makes_more_contacts_and_more_leave_makes_fewer(effect: Any) -> None:
    short = {**BUSY, "fact.contact": 60.0}
    less = [{"lever": "reduce_administration", "date": "2027-03-01", "to": 0.2}]
    assert effect(less, STAFFED, short, 10).raises("fact_contacts")
    more = [{"lever": "change_leave", "date": "2027-03-01", "to": 0.5}]
    assert effect(more, STAFFED, short, 4).lowers("fact_contacts")


@pytest.mark.direction("change_caseload_ratio")
def test_a_lower_ratio_enrolls_fewer_with_lighter_caseloads(effect: Any) -> None:
    found = effect([{"lever": "change_caseload_ratio", "date": "2027-03-01", "ratio": 3}], STAFFED, BUSY)
    assert found.lowers("caseload_per_clinician")
    assert found.lowers("fact_census")


@pytest.mark.direction("share_regions")
def test_a_team_with_room_takes_people_of_a_region_whose_team_is_full(effect: Any) -> None:
    full, roomy = {**TEAMS[0], "share": 0.9}, {**TEAMS[1], "posts": 4, "share": 0.1}
    found = effect(on("share_regions"), {"fact.teams": [full, roomy]}, BUSY)
    assert found.raises("fact_census", "team=central")
    assert found.raises("fact_census")
    assert found.lowers("fact_waiting")
    assert found.lowers("fact_wait_days")


@pytest.mark.direction("change_intake_cap")
def test_without_intake_teams_empty(effect: Any) -> None:
    found = effect([{"lever": "change_intake_cap", "date": "2027-03-01", "per_month": 0}], STAFFED, BUSY)
    assert found.lowers("fact_census")


@pytest.mark.direction("hire")
def test_hired_evaluators_let_people_be_admitted_where_nobody_evaluates(effect: Any) -> None:
    hired = {"lever": "hire", "date": "2027-02-01", "service": "evaluation", "role": "evaluator", "posts": 4}
    found = effect([hired], {**STAFFED, "court.evaluators": 0}, BUSY)
    assert found.raises("diversion_admissions")


@pytest.mark.direction("cut_posts", "add_team")
def test_cut_posts_leave_fewer_in_post_and_an_added_team_more_enrolled(effect: Any) -> None:
    cut = {"lever": "cut_posts", "date": "2027-03-01", "service": "fact.west", "role": "case_manager"}
    assert effect([{**cut, "posts": 2}], STAFFED, BUSY, runs=4).lowers("fact_census", "team=west")
    added = {"lever": "add_team", "date": "2027-02-01", "team": "south", "serves": ["west"], "posts": 4}
    closed = {**STAFFED, "fact.teams": [{**TEAMS[0], "posts": 0, "enrolled": 0}, TEAMS[1]]}
    assert effect([added], closed, BUSY, runs=4).raises("fact_census", "team=south")


AT_NIGHT = {"jail.bookings": 100, "months": 12, "crisis.mobile_opens": 8, "crisis.mobile_closes": 20}
MANY_CRISES = {"crisis.rate": 4.0, "crisis.police_contact_share": 0.0, "arrest.rate": 0.02}


@pytest.mark.direction("add_mobile_team")
def test_a_night_shift_in_a_district_spares_police_responses_and_shortens_nobodys_day(effect: Any) -> None:
    night = {"lever": "add_mobile_team", "date": "2027-02-01", "district": "west", "opens": 20, "closes": 8}
    found = effect([night], AT_NIGHT, MANY_CRISES, runs=4)
    assert found.lowers("police_responses")
    assert found.raises("mobile_responses", "from=west")
    assert found.raises("mobile_share")
    assert found.lowers("crisis_arrests")


def test_a_second_team_on_the_same_shift_arrives_sooner_and_leaves_fewer_to_police(effect: Any) -> None:
    second = {"lever": "add_mobile_team", "date": "2027-02-01", "opens": 8, "closes": 20}
    found = effect([second], AT_NIGHT, {**MANY_CRISES, "crisis.mobile_wait": 240.0}, runs=4)
    assert found.lowers("mobile_response_hours")
    assert found.lowers("police_responses")


@pytest.mark.parametrize(
    ("lever", "odds", "by"),
    [
        pytest.param(lever, odds, "by=officer", marks=pytest.mark.direction(lever), id=lever)
        for lever, odds in (
            ("train_police", "crisis.cit_arrest_odds"),
            ("add_coresponders", "crisis.coresponder_arrest_odds"),
        )
    ],
)
def test_police_arrest_fewer_only_so_far_as_the_odds_ratio_says(
    effect: Any, lever: str, odds: str, by: str
) -> None:
    pulled = [{"lever": lever, "date": "2027-02-01", "share": 1.0}]
    helped = effect(pulled, AT_NIGHT, {**MANY_CRISES, odds: 0.47}, runs=4)
    assert helped.lowers("crisis_arrests")
    assert helped.lowers("crisis_arrests", by)
    assert effect(pulled, AT_NIGHT, {**MANY_CRISES, odds: 1.0}, runs=2).leaves_alone("crisis_arrests")


@pytest.mark.direction("accept_every_drop_off")
def test_a_facility_that_takes_everyone_turns_fewer_away_and_leaves_fewer_in_the_emergency_department(
    effect: Any,
) -> None:
    beds = {
        name: ROOMY[f"crisis.{name}"] for name in ("stabilization_chairs", "short_term_beds", "ed_places")
    }
    refusing = {**AT_NIGHT, "crisis.no_refusal": False, **{f"crisis.{name}": n for name, n in beds.items()}}
    pulled = [{"lever": "accept_every_drop_off", "date": "2027-02-01"}]
    strict = {"crisis.drop_off_refused": 0.5, "crisis.arrest_if_refused": 0.5}
    found = effect(pulled, refusing, {**MANY_CRISES, **strict}, runs=4)
    assert found.lowers("crisis_refusals", "why=drop_off_rule")
    assert found.lowers("emergency_visits")
    assert found.lowers("crisis_arrests")
    same = effect(pulled, {**refusing, "crisis.no_refusal": True}, MANY_CRISES, runs=2)
    assert same.leaves_alone("crisis_contacts")


@pytest.mark.direction("closed_referral_gap")
def test_without_the_gap_more_people_are_referred_and_more_of_those_charged(effect: Any) -> None:
    found = effect("closed_referral_gap", evidence={"equity.referral_odds_not_white": 0.4})
    assert found.raises("diversion_referrals")
    assert found.raises("referral_share")
    equal = effect("closed_referral_gap", evidence={"equity.referral_odds_not_white": 1.0}, runs=2)
    assert equal.leaves_alone("diversion_referrals")


def directions() -> Iterator[str]:
    """The levers and scenarios named by the ``direction`` marks of this file's tests and of their rows."""
    for name, function in list(globals().items()):
        for mark in getattr(function, "pytestmark", ()) if name.startswith("test_") else ():
            rows = mark.args[1] if mark.name == "parametrize" else ()
            inner = [one for row in rows for one in getattr(row, "marks", ())]
            yield from (name for one in (mark, *inner) if one.name == "direction" for name in one.args)


def levers_of(kind: type[Lever]) -> Iterator[str]:
    """The names of all levers that come with Offramp."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("simulation.levers") and "lever" in one.model_fields:
            yield from get_args(one.model_fields["lever"].annotation)
        yield from levers_of(one)


def test_every_lever_and_every_shipped_scenario_has_its_direction_tested() -> None:
    scenarios = [name for name, path in shipped().items() if is_scenario(path)]
    assert len(scenarios) > 5
    by_scenario = {
        lever["lever"] for name in directions() if name in scenarios for lever in shipped_levers(name)
    }
    assert sorted(set(scenarios) - set(directions())) == []
    assert sorted(set(levers_of(Lever)) - set(directions()) - by_scenario) == []


def is_scenario(path: Path) -> bool:
    """Whether a shipped file is a scenario; the others are counties."""
    return bool(YAML(typ="safe").load(path.read_text(encoding="utf-8"))["kind"] == "scenario")


# --- What the court decides ---

STRICT = {"court.hearing_attendance": 0.5, "court.sanction": 0.9, "court.warrant": 0.4}
NARROW = {"court.docket": [{"weekday": "Wednesday", "slots": 3}]}
COURT_LEVERS: list[tuple[dict[str, Any], Figures, Figures, str]] = [
    ({"lever": "add_docket_slots", "slots": 20}, NARROW, BUSY, "-docket_wait_days -hearings_dropped"),
    ({"lever": "substitute_judge"}, ROOMY, {"court.judge_absence": 0.3}, "-docket_days_lost"),
    ({"lever": "set_hearings", "then_every": 7}, ROOMY, {}, "+hearings_held:kind=status +docket_load"),
    ({"lever": "set_sanctions", "sanctions": "no_jail"}, ROOMY, STRICT, "-sanctions:kind=jail"),
    (
        {"lever": "set_warrants", "limit": 3},
        ROOMY,
        STRICT,
        "+bench_warrants:then=terminated +program_exits:exit=failure -court_census",
    ),
    (
        {"lever": "set_deadlines", "evaluation": 1, "assessment": 1},
        ROOMY,
        BUSY,
        "+evaluations_late =jail_days =diversion_admissions",
    ),
    (
        {"lever": "limit_referrals", "per_month": 1},
        ROOMY,
        BUSY,
        "+diversion_refusals:reason=monthly_limit -diversion_admissions",
    ),
    ({"lever": "form_interagency_team"}, ROOMY, {}, "+diversion_referrals +diversion_admissions"),
    (
        {"lever": "support_consent"},
        ROOMY,
        {**BUSY, "court.consent": 0.3},
        "-diversion_refusals:reason=no_consent +diversion_admissions",
    ),
    (
        {"lever": "waive_criterion", "criterion": "no_diagnosis"},
        ROOMY,
        {"court.referral_if_identified": 0.9},
        "-diversion_refusals:reason=no_diagnosis +diversion_admissions",
    ),
    (
        {"lever": "exclude_charge", "charge": "felony"},
        ROOMY,
        BUSY,
        "+diversion_refusals:reason=charge_excluded -diversion_admissions",
    ),
]
"""Lever, county, evidence, and what goes up (+), down (-) or stays to the last digit (=)."""


@pytest.mark.parametrize(
    ("lever", "figures", "evidence", "moves"),
    [
        pytest.param(*row, marks=pytest.mark.direction(row[0]["lever"]), id=row[0]["lever"])
        for row in COURT_LEVERS
    ],
)
def test_what_the_court_decides_moves_what_it_should(
    effect: Any, lever: dict[str, Any], figures: Figures, evidence: Figures, moves: str
) -> None:
    pulled = {**lever, "date": "2027-02-01"}
    found = effect([pulled], {**figures, "months": 12}, evidence, runs=4)
    rule = {"+": found.raises, "-": found.lowers, "=": found.leaves_alone}
    for move in moves.split():
        measure, _, subgroup = move[1:].partition(":")
        assert rule[move[0]](measure, subgroup or "all"), move


# --- A place opened where there was none ---

OPENED = {
    "crisis_line": ("crisis_contacts", "ended=resolved_by_phone"),
    "stabilization": ("crisis_contacts", "ended=stabilized"),
    "short_term_bed": ("crisis_contacts", "ended=short_term_bed"),
    "emergency_department": ("emergency_visits", "all"),
    "inpatient": ("hospital_days", "all"),
    "screening": ("diversion_referrals", "all"),
    "evaluation": ("diversion_admissions", "all"),
    "assessment": ("diversion_admissions", "all"),
    "reporting": ("reports_filed", "all"),
    "restoration": ("competency_census", "state=in_restoration"),
    "lower_intensity": ("court_census", "all"),
    "shelter": ("homeless", "where=shelter"),
    "supervised": ("housing_occupied", "home=supervised"),
    "shared": ("housing_occupied", "home=shared"),
    "master_leased": ("housing_occupied", "home=master_leased"),
    "longer_term": ("housing_occupied", "home=longer_term"),
    "supportive": ("housing_occupied", "home=supportive"),
    "outpatient": ("step_downs", "all"),
    "substance_use": ("substance_use_treatment", "all"),
}
"""What more places raise, by service."""

NOBODY_THERE = {
    "court.lower_intensity_enrolled": 0,
    "housing.longer_term_occupied": 0,
    "housing.supportive_occupied": 0,
    "stepdown.outpatient_occupied": 0,
    "stepdown.substance_use_occupied": 0,
}


@pytest.mark.parametrize("spec", SIZED, ids=lambda spec: spec.name)
def test_places_opened_where_there_were_none_are_used(effect: Any, spec: ServiceSpec) -> None:
    service, key = spec.name, f"{spec.section}.{spec.input}"
    opening = {"lever": "add_slots", "date": "2027-03-01", "service": service, "slots": 500}
    figures = {**ROOMY, **NOBODY_THERE, key: 0, "months": 12}
    evidence = {
        "people.homeless": 0.3,
        "housing.move_on": 5.0,
        "competency.doubt": 0.5,
        "housing.needs_supervision": 0.9 if service == "supervised" else 0.1,
        "housing.accepts_sharing": 1.0 if service == "shared" else 0.0,
    }
    found = effect([opening], figures, evidence, runs=5 if service == "lower_intensity" else 3)
    assert events(found.without, service, "admitted", runs=found.runs) == 0
    assert events(found.with_levers, service, "admitted", runs=found.runs) > 0
    if service in OPENED:
        assert found.raises(*OPENED[service])


# --- Homes ---

HOMELESS = {**BUSY, "people.homeless": 0.4, "court.program_length": 6.0}
HOUSED = {"housing.master_leased": 40, "housing.longer_term": 20, "housing.supportive": 40}


def on(lever: str, **fields: Any) -> list[dict[str, Any]]:
    """One lever pulled in March."""
    return [{"lever": lever, "date": "2027-03-01", **fields}]


@pytest.mark.direction("add_homes")
def test_supportive_homes_opened_month_by_month_end_homelessness(effect: Any) -> None:
    found = effect(on("add_homes", kind="supportive", homes=60, per_month=10), evidence=HOMELESS)
    assert found.raises("housing_occupied", "home=supportive")
    # Occupied and waiting together may fall: who has waited longest is mostly in a chronic spell, which ends
    # without help as seldom as a tenancy, and not everyone who loses a home is listed again.
    assert found.lowers("housing_waiting", "home=supportive")
    assert found.lowers("homeless")
    assert found.lowers("housing_wait_days", "home=supportive")


@pytest.mark.direction("add_slots")
def test_shelter_beds_take_people_off_the_street_and_leave_them_homeless(effect: Any) -> None:
    found = effect(on("add_slots", service="shelter", slots=30), evidence=HOMELESS)
    assert found.raises("homeless", "where=shelter")
    assert found.lowers("homeless", "where=street_or_jail")
    for measure in ("homeless", "arrests", "jail_days", "housing_occupied"):
        assert found.leaves_alone(measure), "a shelter is no fixed address"


@pytest.mark.direction("pay_landlords")
def test_paying_landlords_keeps_units(effect: Any) -> None:
    evidence = {**HOMELESS, "housing.landlord_loss": 2.0, "lever.landlord_incentive_loss_ratio": 0.1}
    found = effect(on("pay_landlords"), HOUSED, evidence)
    assert found.lowers("homes_lost", "why=landlord")
    assert found.raises("housing_occupied")


@pytest.mark.direction("keep_homes")
def test_a_home_kept_after_the_program_is_not_lost_with_it(effect: Any) -> None:
    found = effect(
        on("keep_homes"), HOUSED, {**HOMELESS, "housing.move_on": 0.0, "court.program_length": 2.0}
    )
    assert found.lowers("homes_lost", "why=grace_over")
    assert found.lowers("homeless")


@pytest.mark.direction("hold_homes")
def test_a_unit_held_for_a_shorter_time_in_jail_is_lost_more_often(effect: Any) -> None:
    found = effect(on("hold_homes", days=3), HOUSED, HOMELESS)
    assert found.raises("homes_lost", "why=long_jail_stay")
    longer = effect(on("hold_homes", days=400), HOUSED, HOMELESS)
    assert longer.lowers("homes_lost", "why=long_jail_stay")


@pytest.mark.direction("admit_to_homes")
def test_homes_of_the_program_opened_to_anyone_fill_and_make_participants_wait(effect: Any) -> None:
    rule = on("admit_to_homes", kind="master_leased", admits={"who": "anyone"})
    found = effect(rule, {"housing.master_leased": 40}, HOMELESS)
    assert found.raises("housing_occupied", "home=master_leased")
    assert found.lowers("homeless")


def test_a_rule_that_takes_nobody_new_empties_the_homes(effect: Any) -> None:
    strict = on("admit_to_homes", kind="supportive", admits={"impairment": "low"})
    everyone_impaired = {**HOMELESS, "people.high_impairment": 1.0}
    found = effect(strict, HOUSED, everyone_impaired)
    assert found.lowers("housing_occupied", "home=supportive")


@pytest.mark.direction("rank_waiting_lists")
def test_homes_by_need_go_to_those_in_need_and_are_as_many_as_before(effect: Any) -> None:
    found = effect(on("rank_waiting_lists", priority="highest_need"), HOUSED, HOMELESS, runs=6)
    assert found.raises("housing_occupied", "home=supportive", "risk_need=high_high")
    assert found.lowers("housing_occupied", "home=supportive", "risk_need=high_low")
    assert abs(found.on("housing_occupied", "home=supportive")).max() < 0.05 * 40


# --- Who is first on a team's list, groups, and members' crises ---


@pytest.mark.direction("rank_fact_list")
def test_people_in_jail_first_spares_days_in_jail_spent_waiting_for_a_place(effect: Any) -> None:
    held = {"jail.bail_felony": 0.0, "jail.recognizance_felony": 0.0}
    found = effect(on("rank_fact_list", priority="in_custody"), evidence={**BUSY, **held}, runs=16)
    assert found.lowers("jail_days_waiting_for_slot")
    assert abs(found.on("fact_census")).max() < 1, "the places are as many as before"


@pytest.mark.direction("add_group_slots")
def test_more_seats_in_a_group_let_more_people_come_and_fewer_wait(effect: Any) -> None:
    figures = {**STAFFED, "fact.groups": [group("cbsst", 3, 26)]}
    found = effect(on("add_group_slots", group="cbsst", slots=20), figures, BUSY, runs=3)
    assert found.raises("group_census")
    assert found.lowers("group_waiting")
    assert found.raises("group_completions")


@pytest.mark.direction("extend_on_call")
def test_a_team_on_call_answers_its_members_crises_and_spares_police_responses(effect: Any) -> None:
    figures = {**STAFFED, "crisis.mobile_teams": 0, "months": 12}
    evidence = {**BUSY, "crisis.rate": 4.0, "crisis.police_contact_share": 0.0}
    found = effect(on("extend_on_call"), figures, evidence, runs=6)
    assert found.raises("own_team_crises")
    assert found.lowers("police_responses")
    assert found.lowers("crisis_arrests")


# --- Step-down ---


@pytest.mark.slow
@pytest.mark.direction("review_readiness")
def test_readiness_reviewed_more_often_frees_places_on_the_teams(effect: Any) -> None:
    evidence = {**BUSY, "stepdown.ready": 0.5, "stepdown.earliest": 3.0, "court.program_length": 20.0}
    found = effect(on("review_readiness", every=30), {"court.lower_intensity_slots": 200}, evidence, 24)
    assert found.raises("fact_step_downs", "to=lower_intensity")
    assert found.lowers("fact_waiting")


def test_outpatient_places_make_transitions_succeed(effect: Any) -> None:
    evidence = {**BUSY, "court.program_length": 4.0, "stepdown.ready": 0.0}
    few = {"stepdown.outpatient_slots": 2, "stepdown.outpatient_occupied": 2}
    found = effect(on("add_slots", service="outpatient", slots=100), few, evidence)
    assert found.raises("step_downs")
    assert found.raises("successful_transitions")


# --- Extremes ---


def test_without_places_in_care_nobody_is_in_it_and_nobody_vanishes(build: Build) -> None:
    nothing = {
        **NOBODY_THERE,
        "court.lower_intensity_slots": 0,
        "housing.master_leased": 0,
        "housing.longer_term": 0,
        "housing.supportive": 0,
        "stepdown.outpatient_slots": 0,
        "fact.teams": [{**team, "posts": 0, "enrolled": 0} for team in TEAMS],
    }
    closed = build({**SMALL, **nothing}, BUSY)
    for measure in ("fact_census", "housing_occupied", "step_downs"):
        assert not measured(closed, measure).any()
    assert events(closed, "court", "admitted") > 0, "the court goes on granting what nobody can provide"
    for run in range(RUNS):
        log = lived(closed, run).events
        came, went = (log.person[log.where("county", what)] for what in ("admitted", "discharged"))
        assert sorted(came) == sorted(person for person, *_ in log.people)
        assert set(went) <= set(came)
        assert len(set(went)) == len(went)


def test_with_unlimited_places_nobody_waits_for_anything_but_a_court_day(build: Build) -> None:
    roomy = build(ROOMY, {"court.judge_absence": 0.0, "crisis.police_contact_share": 0.0})
    services = set(model.build(roomy, 1, 0).services) - {"court", "docket"}
    assert {name: longest_wait(roomy, name) for name in services} == dict.fromkeys(services, 0.0)
    assert events(roomy, "police", "dispatched") == 0
    assert sum(events(roomy, name, "declined", "full") for name in services) == 0
    assert 0 < longest_wait(roomy, "docket") <= 3, "from Friday to Monday"
    assert measured(roomy, "diversion_admissions").all()


STAFF = ("fact_vacancy", "posts_vacant", "staff_departures", "tenure_days")
WITHOUT_PEOPLE = (*STAFF, "fact_fidelity", "fact_dacts", "fact_facts", "docket_days_lost")
"""What has a number in an empty county: staff and judges come and go, and a team is scored by them."""


def test_in_a_county_without_bookings_nothing_happens_and_every_measure_has_an_answer(build: Build) -> None:
    empty = build({**SMALL, **NOBODY_THERE, "jail.bookings": 0})
    history = lived(empty, 0)
    assert len(history.events) == 0
    edges = np.array([0.0, 365.0, empty.county.horizon])
    for name, measure in MEASURES.items():
        values = measure.function(history, edges)["all"]
        assert values.shape == (2,), name
        assert not np.nan_to_num(values).any() or name in WITHOUT_PEOPLE, name


def test_many_more_are_admitted_if_all_are_eligible_referred_consent_and_are_granted(build: Build) -> None:
    usual, everybody = build(ROOMY), build(ROOMY, EVERYBODY_DIVERTED)
    admitted = [measured(one, "diversion_admissions") for one in (usual, everybody)]
    assert (admitted[1] > 3 * admitted[0]).all()
    assert (measured(everybody, "jail_days") < measured(usual, "jail_days")).all()


def test_if_nobody_consents_nobody_is_referred_and_each_refusal_is_written(build: Build) -> None:
    refusing = build({**SMALL, **NOBODY_THERE}, {"court.consent": 0.0, "competency.doubt": 0.0})
    assert events(refusing, "court", "referred") == 0
    assert events(refusing, "court", "refused", "no_consent") > 0
    assert not measured(refusing, "diversion_referrals").any()


def test_if_all_are_turned_down_nobody_new_comes_into_the_program(build: Build) -> None:
    strict = build(SMALL, {"court.granted": 0.0})
    assert events(strict, "court", "admitted") == 0
    assert events(strict, "court", "declined", "not_granted") > 0


def test_without_a_docket_day_nobody_is_admitted_and_no_case_waits_for_ever(build: Build) -> None:
    shut = build({**SMALL, "court.docket": []})
    assert events(shut, "court", "referred") > 0
    assert events(shut, "court", "admitted") == 0
    assert events(shut, "court", "left_waiting", "case_disposed") > 0
    assert events(shut, "case", "convicted") > 0


def test_if_nobody_offends_every_arrest_begins_as_a_crisis(build: Build) -> None:
    calm = build({**SMALL, "jail.bookings": 5}, {"arrest.rate": 0.0})
    arrests = events(calm, "arrest", "arrested")
    assert arrests > 0
    assert arrests == events(calm, "crisis", "discharged", "arrest")


def test_without_mobile_teams_police_answer_and_nothing_is_resolved_in_the_field(build: Build) -> None:
    alone = build({**SMALL, "crisis.mobile_teams": 0})
    assert not measured(alone, "crisis_contacts", "ended=resolved_in_field").any()
    assert (measured(alone, "police_responses") > measured(build(SMALL), "police_responses")).all()


def test_if_nobody_loses_a_home_none_is_needed(build: Build) -> None:
    housed = build({**SMALL, **NOBODY_THERE}, {"people.homeless": 0.0})
    for measure in ("homeless", "housing_units_needed", "homeless_at_exit"):
        assert not measured(housed, measure).any(), measure


def test_closing_homes_puts_nobody_out_and_makes_the_wait_longer(effect: Any) -> None:
    closing = {"lever": "add_slots", "date": "2027-07-01", "service": "master_leased", "slots": -8}
    homes = {"housing.master_leased": 8}
    found = effect([closing], homes, {**BUSY, "people.homeless": 0.4})
    assert found.raises("housing_waiting")
    assert found.lowers("housing_occupied")
    day = found.since
    for run in range(RUNS):
        log = lived(found.with_levers, run).events
        assert not (log.where("master_leased", "discharged") & (log.day == day)).any()
