"""Crisis and hospital use by people: the fit of need and raised risk, and what it says of outputs held out.

Run it as ``python -m benchmarks.crisis_use`` (half a minute); it writes ``benchmarks/crisis_use.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from calibration.fits.crisis_process import YEAR, CrisisProcess, Groups, Values
from calibration.register import register
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.pathway.admission import admitted
from simulation.pathway.crisis_expectation import expected_episode

PAGE = Path(__file__).with_suffix(".md")
UNSERVED = 0.3
"""Share of crises at whose hour no mobile team is on duty: between Contra Costa's and Napa's."""
LEAVING = 0.065
"""Deaths and departures per person-year, in the register when the fit was made."""
INDEX_YEARS = 6.0
"""Years in which the people of the Massachusetts cohort had the stay they were followed from."""
FITTED = {"stays readmitted in 30 days": 0.16, "people in a month": 0.134, "people in a year": 0.389}


def groups(p: Parameters, unserved: float = UNSERVED) -> Groups:
    """People by diagnosis, impairment, substance use and home, with the pathway's own shares of admission."""
    c, people = p.crisis, p.people
    traits = (
        (people.psychotic.value, c.psychotic_ratio.value),
        (people.high_impairment.value, c.impairment_ratio.value),
        (people.substance_use.value, c.substance_use_ratio.value),
        (people.homeless.value, c.homeless_ratio.value),
    )
    rows = []
    for having in product((False, True), repeat=len(traits)):
        pairs = list(zip(having, traits, strict=True))
        share = np.prod([has * of_all + (1 - has) * (1 - of_all) for has, (of_all, _) in pairs])
        factor = np.prod([ratio if has else 1.0 for has, (_, ratio) in pairs])
        ends = [share_admitted(p, having[0], having[1], soon, unserved) for soon in (False, True)]
        rows.append((share, factor, *ends, having[0]))
    return Groups(*(np.array(column) for column in zip(*rows, strict=True)))


def share_admitted(p: Parameters, psychotic: bool, impaired: bool, soon: bool, unserved: float) -> float:
    """The share of episodes of such people that end in an inpatient bed, if nothing is full."""
    share = admitted(p, psychotic, impaired, soon)
    own = p.hospital.ed_admission.model_copy(update={"value": share})
    return expected_episode(p.replacing({"hospital.ed_admission": own}), Rules(), unserved).inpatient


def as_registered(p: Parameters) -> CrisisProcess:
    """The process of the register's values."""
    c = p.crisis
    excess = c.excess_after_crisis.value, c.excess_after_discharge.value
    return CrisisProcess(groups(p), c.rate.value, c.frailty_shape.value, excess, c.fading.days)


def outputs(process: CrisisProcess) -> dict[str, float]:
    """The outputs that are fitted, in their order."""
    stays = process.readmitted(30, 2, process.by_stays(), LEAVING)
    month = process.readmitted(30, 2, process.by_people(INDEX_YEARS), LEAVING)
    year = process.readmitted(365, 5, process.by_people(INDEX_YEARS), LEAVING)
    return dict(zip(FITTED, (float(stays[-1]), float(month[-1]), float(year[-1])), strict=True))


def fitted(kinds: Groups, rate: float, ratio: float) -> CrisisProcess:
    """The process with the shape, the excess after a discharge and its fading that give the fitted outputs.

    ratio: the excess after other endings over that after a discharge. A stay counts half: its source mixes
    diagnoses.
    """
    wanted, weights = np.array(list(FITTED.values())), np.array([0.5, 1.0, 1.0])

    def process(logs: Values) -> CrisisProcess:
        shape, excess, fading = np.exp(logs).tolist()
        return CrisisProcess(kinds, rate, shape, (ratio * excess, excess), fading)

    found = least_squares(
        lambda logs: weights * (np.array(list(outputs(process(logs)).values())) - wanted),
        np.log([2.5, 15.0, 80.0]),
        bounds=(np.log([0.2, 1.0, 15.0]), np.log([8.0, 60.0, 400.0])),
        xtol=1e-4,
    )
    return process(found.x)


# --- Counts of visits, by simulation of the process


VISITED = 0.33
"""Share of the episodes without an admission that reach the emergency department."""


@dataclass(frozen=True)
class Counts:
    """What people did in a window of so many years, one element a person.

    visits: emergency visits and admissions; first, second: days of the first two; before: whether admitted in
    the year before the window; admitted: day of the first admission, infinite for none; there: days followed.
    """

    visits: NDArray[np.int64]
    first: Values
    second: Values
    before: NDArray[np.bool_]
    admitted: Values
    there: Values


def counts(
    process: CrisisProcess,
    people: int,
    years: float,
    seed: int,
    leaving: float = LEAVING,
    visited: float = VISITED,
) -> Counts:
    """Live through five years before the window and through it; newcomers replace those who leave.

    visited: share of the episodes without an admission that count as visits.
    """
    rng = np.random.default_rng(seed)
    number = int(people * (1 + leaving * years))
    kind = rng.choice(len(process.weight), number, p=process.weight / process.weight.sum())
    start = np.where(np.arange(number) < people, 0.0, rng.uniform(0, years, number)) * YEAR
    end = np.minimum(years * YEAR, start + rng.exponential(YEAR / max(leaving, 1e-9), number))
    day, excess = np.where(np.arange(number) < people, -5 * YEAR, start), np.zeros(number)
    visits, before = np.zeros(number, dtype=np.int64), np.zeros(number, dtype=bool)
    first, second, admission = (np.full(number, np.inf) for _ in range(3))
    alive, out = np.arange(number), np.full(number, -np.inf)
    while len(alive):
        day[alive] += gaps(
            rng.exponential(size=len(alive)) / process.rate[kind[alive]], excess[alive], process
        )
        alive = alive[day[alive] < end[alive]]
        soon = day[alive] - out[alive] <= process.soon
        share = np.where(soon, process.admitted_soon[kind[alive]], process.admitted[kind[alive]])
        bed = rng.random(len(alive)) < share
        excess[alive] = np.where(bed, process.excess[1], process.excess[0])
        out[alive[bed]] = day[alive[bed]]
        before[alive[bed & (day[alive] < 0) & (day[alive] > -YEAR)]] = True
        visit = alive[(bed | (rng.random(len(alive)) < visited)) & (day[alive] >= start[alive])]
        second[visit[visits[visit] == 1]] = day[visit[visits[visit] == 1]]
        first[visit[visits[visit] == 0]] = day[visit[visits[visit] == 0]]
        visits[visit] += 1
        inside = alive[bed & (day[alive] >= 0)]
        admission[inside] = np.minimum(admission[inside], day[inside])
    return Counts(visits, first, second, before, admission, end - start)


def gaps(alone: Values, excess: Values, process: CrisisProcess) -> Values:
    """Days in which a raised rate spends what the rate alone would spend in ``alone`` days (Newton)."""
    days = alone / (1 + excess)
    for _ in range(40):
        faded = excess * np.exp(-days / process.fading)
        days += (alone - days - process.fading * (excess - faded)) / (1 + faded)
    return days


def of_the_busiest(visits: NDArray[np.int64], share: float) -> float:
    """The share of visits by this share of those who made any."""
    ordered = np.sort(visits[visits > 0])[::-1]
    return float(ordered[: round(share * len(ordered))].sum() / ordered.sum())


def held_out(process: CrisisProcess) -> list[tuple[str, str, str]]:
    """Each output not fitted: what it is, the published figure, the model's."""
    people = process.readmitted(5 * 365, 5, process.by_people(INDEX_YEARS), LEAVING)
    stays = process.readmitted(365, 1, process.by_stays(), LEAVING)
    quarter = int((stays < 0.25).sum())
    montreal, pittsburgh = counts(process, 60_000, 15.5, 1), counts(process, 60_000, 5, 2)
    visits = montreal.visits[montreal.visits > 0]
    year = counts(process, 150_000, 1, 3, 0.0)
    again = np.isfinite(montreal.second)
    soon = montreal.second[again] - montreal.first[again] < YEAR / 2
    exposed = np.minimum(year.admitted, YEAR)
    rates = [
        (year.admitted[group] < YEAR).sum() / exposed[group].sum() for group in (year.before, ~year.before)
    ]
    return [
        ("people with schizophrenia rehospitalized in 5 years (Massachusetts)", "64.1 %",
         percent(people[-1])),
        ("stays readmitted in 90 days (South London, all diagnoses)", "15 %", percent(stays[90])),
        ("days until 25 % of stays are readmitted (one state's hospitals)", "229", str(quarter)),
        ("hazard ratio of admission by an admission in the past year (CATIE, adjusted)", "3.0 (2.2 to 4.0)",
         f"{rates[0] / rates[1]:.1f}"),
        ("visits of the busiest 5.1 % in five years (Pittsburgh, all diagnoses)", "27.1 %",
         percent(of_the_busiest(pittsburgh.visits, 0.051))),
        ("visits of the busiest 2 % in 15.5 years (Montreal, all diagnoses)", "21 %",
         percent(of_the_busiest(visits, 0.02))),
        ("of those with a second visit, within six months of the first (Montreal)", "50 to 60 %",
         percent(float(soon.mean()))),
        ("people with one visit only in 15.5 years (Montreal)", "71 %", percent(float((visits == 1).mean()))),
    ]  # fmt: skip


# --- The page


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.1f} %"


HEAD = """# Crisis and hospital use: the fit of need and raised risk

Made by `python -m benchmarks.crisis_use`. A person's rate of crises is a base rate x need (gamma) x the
ratios of psychotic disorder, impairment, substance use and homelessness; it is raised at the end of an
episode, more after an inpatient stay, and fades. The process is solved exactly, outside the simulation
(`calibration/fits/crisis_process.py`), with the shares of episodes that end in a bed from the pathway's own
chain (`simulation/pathway/crisis_expectation.py`).

**Fitted**: of people with schizophrenia discharged in Massachusetts 1994-2000 (n = 11,291; Hudson 2018,
Social Psychiatry and Psychiatric Epidemiology, doi 10.1007/s00127-018-1650-7), 13.4 % were rehospitalized
within a month and 38.9 % within a year; of US stays for schizophrenia 18.6 % and for mood disorders 12.6 %
were followed by another for any such diagnosis within 30 days (HCUP Statistical Brief 189, 2012), 16 % for
the mixture here. The level, crisis.rate, and the ratios are not fitted: see the register. The excess after
other endings is half of that after a discharge: with less too few second visits come soon, with more hardly
any need is left to differ between people.
"""


def page() -> str:
    """The page's text."""
    p = register()
    kinds, now = groups(p), as_registered(p)
    factor = float(kinds.share @ kinds.factor)
    lines = [HEAD, f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    for rate, ratio in (
        (0.28, 0.5),
        (0.45, 0.5),
        (0.6, 0.25),
        (0.6, 0.5),
        (0.6, 1.0),
        (0.8, 0.5),
        (1.0, 0.5),
    ):
        lines.append(row(fitted(kinds, rate, ratio), f"{rate:g} | {ratio:g}"))
    lines.append(row(now, f"**register: {p.crisis.rate.value:g}** | {now.excess[0] / now.excess[1]:.2g}"))
    lines += [
        "",
        f"Before any episode the mean rate is {now.base * factor * YEAR:.2f} a person-year.",
        "",
        HELD_OUT_HEAD,
    ]
    lines += ["| held out | published | model |", "|---|---|---|"]
    lines += [f"| {' | '.join(each)} |" for each in held_out(now)]
    return "\n".join([*lines, "", FOOT])


COLUMNS = (
    "crisis.rate", "ratio of excesses", "shape of need", "excess after discharge", "fading, days",
    "stays, 30 days", "people, month", "people, year", "people, 5 years", "admissions a year",
)  # fmt: skip


def row(process: CrisisProcess, name: str) -> str:
    """One line of the table of fits."""
    five = process.readmitted(5 * 365, 5, process.by_people(INDEX_YEARS), LEAVING)[-1]
    values = (f"{process.shape:.1f}", f"{process.excess[1]:.1f}", f"{process.fading:.0f}",
              *map(percent, outputs(process).values()), percent(five),
              f"{process.mean(process.admissions) * YEAR:.3f}")  # fmt: skip
    return f"| {name} | {' | '.join(values)} |"


HELD_OUT_HEAD = "With the register's values, on outputs that were not fitted:"
FOOT = """\
Sources: South London: Tulloch et al. 2015 (PMC6998497). One state: 491,094 discharges 1987-2016,
Psychiatric Quarterly 2019, doi 10.1007/s11126-019-9626-7. CATIE: Psychiatric Services 2011;62:1138.
Pittsburgh: 16,257 people, Psychiatric Services 1993;44:376. Montreal: 14,825 people, Psychiatric Services
2007;58:335. All were read as abstracts or first pages.

What misses: the two cities count everybody who comes, most of them without serious mental illness and once
only, so that one visit is commoner and the busiest have more of the visits than among the people here;
South London's and the one state's stays are longer, and those who come back to another hospital are not
seen there.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
