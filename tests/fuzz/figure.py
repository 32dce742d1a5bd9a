"""Damaged targets of a calibration, parameters of a county, and statements on fidelity."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import strategies as st

from calibration.register import register
from tests.fuzz.text import TOKENS, mutated_text

TARGETS = """# Made up.
measure,period,value,kind,unit,subgroup,error,weight,source
bookings,2022,216,flow,bookings,,,,a report
jail_adp,2022-01,22,stock,persons,,2,1,a report
jail_adp,2022-02,23,stock,persons,,2,1,a report
jail_stay,2022,90,mean,days,,,0.5,"a, b"
rearrest_1y,2021-07-01 to 2022-07-01,34,share,percent,,,,
"""
WIDE = "month,jail_adp,jail_adp:total,fact_census\n2022-01,20,70,5\n2022-02,22,71,\n2022-03,n/a,72,6\n"
FIDELITY = "items:\n  H5: {score: 3}\n  S1: {score: 4}\n  H1: {raw: 9}\nauthorized_fte: 8\n"

LEVERS = """kind: scenario
name: Many levers
question: What if nearly every lever were pulled in Napa on the second day?
county: napa
levers:
""" + "".join(
    f"  - lever: {name}\n    date: 2027-01-02\n" + "".join(f"    {line}\n" for line in lines)
    for name, *lines in (
        ("add_slots", "service: master_leased", "slots: 5"),
        ("add_clinicians", "team: napa", "posts: 3"),
        ("add_docket_day", "weekday: Monday", "slots: 20"),
        ("add_docket_slots", "slots: -2"),
        ("set_hearings", "phases: [{days: 60, hearing_every: 7}]", "then_every: 90"),
        ("set_warrants", "limit: 3", "place_held: false"),
        ("set_deadlines", "evaluation: 2", "assessment: 2"),
        ("limit_referrals", "per_month: 1"),
        ("change_screening_tool", "sensitivity: 0.95", "specificity: 0.7"),
        ("release_on_recognizance", "felony: 0.6", "other: 0.8"),
        ("change_caseload_ratio", "ratio: 3"),
        ("add_team", "team: south", "serves: [napa]", "posts: 3"),
        ("run_mobile_crisis", "opens: 0", "closes: 24", "teams: 3"),
        ("add_coresponders", "share: 0.8"),
        ("add_homes", "kind: supportive", "homes: 20", "per_month: 5"),
        ("hold_homes", "days: 3"),
        ("review_readiness", "every: 30"),
    )
)

CELLS = (
    *("jail_apd", "bookings:all", "jail_adp:", "jail_adp:nobody", "bookings/month", "persons", "furlongs"),
    *("2022Q5", "2022-13", "2022-00", "0000", "9999", "9999-12", "0001", "2022-02-30 to 2022-03-01"),
    *("2022-03-01 to 2022-02-01", "0001-01-01 to 9999-12-31", "1900", "<11", "1,000,000", "1e308", "-5"),
    *("1e-320", "infinity", "NaN", "=1+1", "+1", "-1", "@A1", "=HYPERLINK(\"http://x\")", "1;2", "9" * 400),
    *("sex=female", "stock", "mean", "share", "1_000", "٣", "\x1b[31m", "0", "\u202e"),
)  # fmt: skip


@st.composite
def targets(draw: st.DrawFn) -> bytes:
    """A file of targets, one figure a row or a measure a column, with other cells or damaged as a text."""
    text = draw(st.sampled_from([TARGETS, TARGETS, WIDE]))
    if draw(st.integers(0, 3)) == 0:
        return draw(mutated_text(text))
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(CELLS + TOKENS) | st.text(max_size=5))
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode("utf-8", "surrogatepass")


NUMBERS = (0.0, 1e-300, 1e-9, 0.5, 1.0, 2.0, 50.0, 1e4, 1e6, 1e9, 1e15, 1e300)
SIZES = (*NUMBERS, -1.0, 3.0, 7.0, 24.0, 100.0, 365.0)
FIGURE = re.compile(r"(?<=[ \[])-?[0-9]+(?:\.[0-9]+)?(?=[\n,\]}])")


@st.composite
def measured_here(draw: st.DrawFn, county: str) -> bytes:
    """A county with parameters measured in it, of a size that nobody measured; ranges are in order."""
    county = county.partition("local_evidence:")[0]
    known = dict(register())
    lines: dict[str, list[str]] = {}
    for path in draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=3, unique=True)):
        section, name = path.split(".")
        low, value, high = sorted(draw(st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=3)))
        figures = {**known[path].model_dump(), "low": low, "value": value, "high": high}
        fields = [f"{key}: {figure!r}" for key, figure in figures.items()]
        if draw(st.integers(0, 9)) == 0:
            fields[draw(st.integers(0, len(fields) - 1))] = f"value: {draw(st.sampled_from(TOKENS))}"
        lines.setdefault(section, []).append(
            "    " + "\n    ".join([f"{name}:", *(f"  {f}" for f in fields)])
        )
    text = "\n".join(f"  {section}:\n" + "\n".join(some) for section, some in lines.items())
    return f"{county}local_evidence:\n{text}\n".encode("utf-8", "surrogatepass")


@st.composite
def sized(draw: st.DrawFn, county: str) -> bytes:
    """A county some of whose figures are of another size: what is accepted has to run all the same."""
    found = list(FIGURE.finditer(county))
    for one in sorted(
        draw(st.lists(st.sampled_from(found), min_size=1, max_size=3)), key=lambda one: -one.start()
    ):
        county = f"{county[: one.start()]}{draw(st.sampled_from(SIZES)):g}{county[one.end() :]}"
    return county.encode()
