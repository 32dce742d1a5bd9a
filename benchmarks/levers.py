"""What each lever does to Contra Costa County: measure, direction expected and why, direction and size found.

    python benchmarks/levers.py [--replications 12] [--months 36]

writes ``docs/levers.md``. Differences are paired: the same people with the same random numbers, with the
lever and without. The county is the shipped one, and no capacity is made to bind; a lever that changes
nothing says so.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.stats import t

from offramp.scenarios import load
from simulation import model
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario

PAGE = Path(__file__).resolve().parent.parent / "docs" / "levers.md"
ON = "2027-07-01"


@dataclass(frozen=True)
class Expected:
    """A lever (or a block of them), what it should move and which way, and why."""

    name: str
    levers: tuple[dict[str, Any], ...]
    measure: str
    direction: str
    why: str
    subgroup: str = "all"


def lever(name: str, **fields: Any) -> dict[str, Any]:
    """A lever as a scenario file writes it."""
    return {"lever": name, "date": ON, **fields}


EXPECTED = (
    Expected(
        "more evaluators",
        (lever("add_slots", service="evaluation", slots=2),),
        "days_referral_to_admission",
        "down",
        "an evaluation waits for staff",
    ),
    Expected(
        "more assessors",
        (lever("add_slots", service="assessment", slots=2),),
        "days_referral_to_admission",
        "down",
        "an assessment waits for staff",
    ),
    Expected(
        "second docket day",
        (lever("add_docket_day", weekday="Friday", slots=45),),
        "docket_wait_days",
        "down",
        "the next docket day is nearer",
    ),
    Expected(
        "more slots a docket day",
        (lever("add_docket_slots", slots=15),),
        "docket_waiting",
        "down",
        "more cases are heard a day",
    ),
    Expected(
        "substitute judge",
        (lever("substitute_judge", share=1.0),),
        "docket_days_lost",
        "down",
        "absences are covered",
    ),
    Expected(
        "hearings half as often",
        (lever("set_hearings", then_every=60),),
        "docket_load",
        "down",
        "each participant takes half the slots",
    ),
    Expected(
        "no jail sanctions",
        (lever("set_sanctions", sanctions="no_jail"),),
        "jail_days",
        "down",
        "a miss no longer leads to jail",
        "for=sanction",
    ),
    Expected(
        "warrants end the program after 30 days",
        (lever("set_warrants", limit=30),),
        "program_exits",
        "up",
        "who stays away is terminated sooner",
        "exit=failure",
    ),
    Expected(
        "stop referrals",
        (lever("stop_referrals"),),
        "jail_days",
        "up",
        "nobody leaves jail early for a place in care",
    ),
    Expected(
        "ten referrals a month",
        (lever("limit_referrals", per_month=10),),
        "diversion_admissions",
        "down",
        "later referrals are declined",
    ),
    Expected(
        "interagency team",
        (lever("form_interagency_team"),),
        "diversion_referrals",
        "up",
        "more of the identified are referred (parameter, grade D)",
    ),
    Expected(
        "support for consent",
        (lever("support_consent"),),
        "diversion_referrals",
        "up",
        "fewer refuse (parameter, grade D)",
    ),
    Expected(
        "no nexus required",
        (lever("waive_criterion", criterion="no_nexus"),),
        "diversion_refusals",
        "down",
        "a reason for refusal is gone",
    ),
    Expected(
        "no felonies",
        (lever("exclude_charge", charge="felony"),),
        "diversion_admissions",
        "down",
        "most divertible cases are felonies",
    ),
    Expected(
        "two more clinicians",
        (lever("add_clinicians", team="west", posts=1), lever("add_clinicians", team="central", posts=1)),
        "fact_census",
        "up",
        "posts make slots, once filled and ramped up",
    ),
    Expected(
        "two psychiatrists",
        (lever("hire", service="fact.west", role="psychiatrist", posts=2),),
        "fact_census",
        "none",
        "a prescriber carries no caseload; fidelity rises",
    ),
    Expected(
        "a clinician less in the west",
        (lever("cut_posts", service="fact.west", role="case_manager"),),
        "fact_census",
        "down",
        "slots close as people leave",
    ),
    Expected("pay at the market", (lever("raise_pay", to=1.0),), "fact_vacancy", "down", "fewer leave"),
    Expected(
        "fifteen a clinician",
        (lever("change_caseload_ratio", ratio=15),),
        "fact_census",
        "up",
        "each clinician carries more",
    ),
    Expected(
        "less paperwork",
        (lever("reduce_administration", to=0.1),),
        "fact_minutes",
        "up",
        "more of the time is contact time",
    ),
    Expected(
        "spread vacancies",
        (lever("spread_vacancies"),),
        "caseload_per_clinician",
        "up",
        "the team goes on enrolling while posts are vacant",
    ),
    Expected("embedded jail staff", (lever("embed_jail_staff"),), "identified", "up", "screening finds more"),
    Expected(
        "a better screening tool",
        (lever("change_screening_tool", sensitivity=0.9),),
        "identified",
        "up",
        "screening finds more",
    ),
    Expected(
        "shared data", (lever("share_data"),), "identified", "up", "known clients are matched at booking"
    ),
    Expected(
        "notification within a day",
        (lever("notify_within_24h"),),
        "team_notified",
        "up",
        "the court's team is notified",
    ),
    Expected(
        "release on recognizance",
        (lever("release_on_recognizance", other=0.8),),
        "jail_days",
        "down",
        "fewer are held for bail",
    ),
    Expected(
        "medication continued",
        (lever("continue_medication"),),
        "medication_continued",
        "up",
        "somebody's task (no effect on what follows is in the evidence)",
    ),
    Expected(
        "re-entry planning",
        (lever("plan_reentry"),),
        "reentry_planned",
        "up",
        "those identified leave with a plan",
    ),
    Expected(
        "mobile crisis around the clock",
        (lever("run_mobile_crisis", opens=0, closes=24),),
        "police_responses",
        "down",
        "teams come at night too",
    ),
    Expected(
        "a mobile team more",
        (lever("add_mobile_team", opens=8, closes=24),),
        "mobile_share",
        "up",
        "a team is free more often",
    ),
    Expected(
        "co-responders",
        (lever("add_coresponders", share=0.5),),
        "crisis_arrests",
        "none",
        "no effect is established",
    ),
    Expected(
        "all officers trained",
        (lever("train_police", share=1.0),),
        "crisis_arrests",
        "down",
        "odds ratio of the register; 1.0 is credible too",
    ),
    Expected(
        "every drop-off accepted",
        (lever("accept_every_drop_off"),),
        "crisis_refusals",
        "down",
        "nobody is turned away by rule",
    ),
    Expected(
        "more stabilization chairs",
        (lever("add_slots", service="stabilization", slots=6),),
        "emergency_visits",
        "down",
        "fewer are sent on to the emergency department",
    ),
    Expected(
        "more inpatient beds",
        (lever("add_slots", service="inpatient", slots=6),),
        "ed_boarding_hours",
        "down",
        "a bed is free sooner",
    ),
    Expected(
        "twelve homes",
        (lever("add_homes", kind="master_leased", homes=12),),
        "homeless_at_exit",
        "down",
        "people in FACT get a home",
    ),
    Expected(
        "fifty supportive homes",
        (lever("add_homes", kind="supportive", homes=50, per_month=5),),
        "homeless",
        "down",
        "people without fixed address get a home",
    ),
    Expected(
        "shelter beds",
        (lever("add_slots", service="shelter", slots=50),),
        "homeless",
        "none",
        "who lives in a shelter has no fixed address",
    ),
    Expected(
        "landlord incentive", (lever("pay_landlords"),), "homes_lost", "down", "fewer units are taken away"
    ),
    Expected(
        "homes held half a year",
        (lever("hold_homes", days=180),),
        "homes_lost",
        "down",
        "a jail stay costs fewer people their unit",
    ),
    Expected(
        "homes kept after the program",
        (lever("keep_homes"),),
        "homeless",
        "down",
        "nobody has to leave when the program ends",
    ),
    Expected(
        "outpatient slots",
        (lever("add_slots", service="outpatient", slots=40),),
        "step_downs",
        "up",
        "step-down waits for a slot",
    ),
    Expected(
        "more group seats",
        (lever("add_group_slots", group="cbsst", slots=10),),
        "group_completions",
        "up",
        "all seats are taken and people wait (no effect on arrest is in the evidence)",
    ),
    Expected(
        "people in custody first",
        (lever("rank_fact_list", priority="in_custody"),),
        "jail_days_waiting_for_slot",
        "down",
        "those who wait in jail are placed first",
    ),
    Expected(
        "the grant ends",
        (lever("end_grant", fund="prop47"),),
        "fact_fidelity",
        "down",
        "vocational and housing specialists go",
    ),
    Expected(
        "referral gap closed",
        (lever("close_referral_gap", by="race_ethnicity", share=1.0),),
        "diversion_referrals",
        "up",
        "groups referred less are referred as often as the others",
    ),
)


def scenario_of(base: Scenario, expected: Expected) -> Scenario:
    """The county with these levers pulled."""
    content = base.model_dump() | {"key": expected.name, "levers": expected.levers}
    return Scenario.model_validate(content)


def shortened(base: Scenario, months: int) -> Scenario:
    """The county over a shorter horizon."""
    return base.model_copy(update={"county": base.county.model_copy(update={"months": months})})


def measured(scenario: Scenario, replication: int, since: float) -> dict[tuple[str, str], float]:
    """Everything asked of any lever, from the levers' day to the end of one run."""
    horizon = scenario.county.horizon
    history = History(model.run(scenario, 1, replication), horizon)
    edges = np.array([since, horizon])
    wanted = {(one.measure, one.subgroup) for one in EXPECTED}
    found = {name: MEASURES[name].function(history, edges) for name, _ in wanted}
    return {key: float(found[key[0]].get(key[1], np.zeros(1))[0]) for key in wanted}


def described(expected: Expected, before: NDArray[np.float64], after: NDArray[np.float64]) -> str:
    """One row: what was expected, and what was found with its paired 95 % interval."""
    difference = after - before
    measure = MEASURES[expected.measure]
    label = measure.label + ("" if expected.subgroup == "all" else f", {expected.subgroup}")
    row = f"| {expected.name} | {label} ({measure.unit}) | {expected.direction} | {expected.why} "
    if not difference.any():
        return row + f"| {figure(before.mean())} | none: no run differs | - |"
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    half = float(t.ppf(0.975, len(difference) - 1)) * error
    low, high = difference.mean() - half, difference.mean() + half
    found = "up" if low > 0 else "down" if high < 0 else "not distinguishable from chance"
    interval = f"{figure(difference.mean(), '+')} ({figure(low, '+')} to {figure(high, '+')})"
    return row + f"| {figure(before.mean())} | {found} | {interval} |"


def figure(value: float, sign: str = "") -> str:
    """Three significant digits, no exponent."""
    digits = max(0, 2 - int(np.floor(np.log10(abs(value))))) if value else 0
    return f"{value:{sign},.{min(digits, 5)}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=12)
    parser.add_argument("--months", type=int, default=36)
    asked = parser.parse_args()
    base = shortened(load(["contra_costa"])[0], asked.months)
    scenarios = [base, *(scenario_of(base, one) for one in EXPECTED)]
    since = base.county.day(scenarios[1].levers[0].date)
    work = [(scenario, run) for scenario in scenarios for run in range(asked.replications)]
    values = Parallel(n_jobs=-1, verbose=1)(delayed(measured)(s, run, since) for s, run in work)
    runs = np.array(values).reshape(len(scenarios), asked.replications)
    rows = []
    for one, its_runs in zip(EXPECTED, runs[1:], strict=True):
        key = (one.measure, one.subgroup)
        before, after = (np.array([run[key] for run in some]) for some in (runs[0], its_runs))
        rows.append(described(one, before, after))
    PAGE.write_text(page(rows, asked), encoding="utf-8")


def page(rows: list[str], asked: argparse.Namespace) -> str:
    """The table with what a reader needs to know of it."""
    head = HEAD.format(replications=asked.replications, months=asked.months, on=ON)
    return head + "\n".join(rows) + "\n\n" + NOTES


HEAD = """<!-- Generated, do not edit; make it with: python benchmarks/levers.py -->
# What each lever does to Contra Costa County

{replications} runs of {months} months, each lever pulled alone on {on} in the county as it stands, at
the register's central values. The value without the lever is that from this day to the end. Differences
are paired, run by run, with the same people and the same random numbers; intervals are 95 % confidence
intervals of the mean difference and hold chance alone.

| lever | measure | expected | because | without | found | difference (95 %) |
|---|---|---|---|---|---|---|
"""
NOTES = """Where nothing is found:

- **none: no run differs** means that no run differs in this measure by anything. For more inpatient beds
  and outpatient slots the capacity never binds in this county (the run itself says so); a prescriber
  carries no caseload, and the Dartmouth item of the team's psychiatrist is at its best already; a shelter
  bed is no fixed address; co-responders change no arrest at the register's central value, an odds ratio
  of 1.
- **Not distinguishable from chance**: the interval holds zero; so few runs and months leave it open. A post
  authorized in July takes some four months to fill and as long again to carry a full caseload; landlords
  take few units away in this county; a few admissions more or less move a mean wait by days, and teams
  are free for most calls already.

The direction of each lever where its capacity does bind is tested in `tests/test_direction.py`.
"""


if __name__ == "__main__":
    main()
