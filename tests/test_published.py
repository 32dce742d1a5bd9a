"""Published figures beside the model: what a row says, measures worked out by hand, and the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from simulation.engine.eventlog import Arrest, EventLog
from simulation.measures import MEASURES, History

ROOT = Path(__file__).parent.parent
YEARS = np.arange(6) * 365.25


@pytest.fixture
def table() -> Iterator[ModuleType]:
    """The module of the table; the measures that it registers are its own."""
    shipped = dict(MEASURES)
    from benchmarks import face_validity

    yield face_validity
    MEASURES.clear()
    MEASURES.update(shipped)


def history(*rows: tuple[float, int, str, str, str], arrests: tuple[Arrest, ...] = ()) -> History:
    log = EventLog()
    for row in rows:
        log.write(*row)
    log.arrests.extend(arrests)
    return History(log.read(), YEARS[-1])


def test_a_row_misses_by_the_ratio_to_the_nearer_end_of_what_is_published(table: ModuleType) -> None:
    row = table.Row("jail", "stays", "here", published="20 to 40", measure="jail_stay", range=(20, 40))
    assert row.verdict({1: (41.0, 39.0, 43.0)}) == "agrees"
    assert row.verdict({1: (50.0, 45.0, 55.0)}) == "**misses**, 1.25 times"
    assert row.verdict({1: (5.0, 4.0, 6.0)}) == "**misses**, 0.25 times"
    assert row.verdict({1: (19.5, 19.0, 19.9)}) == "near, 0.97 times"
    assert row.verdict({5: (5.0, 4.0, 6.0)}) == "**misses**, 0.25 times", "year 1 is not known"
    assert row.verdict({}) == "nothing to compare"
    assert row.cells({})[2:4] == ("not in the model", "not in the model")


def test_a_figure_that_the_model_was_given_is_said_to_be_so(table: ModuleType) -> None:
    band = {1: (1.0, 1.0, 1.0)}
    said = [
        table.Row("", "", "", range=(1, 1), used=used).verdict(band) for used in ("", "entered", "register")
    ]
    assert said == ["agrees", "agrees, being entered", "agrees, being used"]


def test_the_tally_counts_what_agrees_is_near_and_misses(table: ModuleType) -> None:
    verdicts = [
        "agrees",
        "agrees, being used",
        "near, 1.04 times",
        "**misses**, 2.00 times",
        "nothing to compare",
    ]
    assert table.tally(verdicts) == (
        "Of 4 figures that can be compared, 2 agree (1 of them given to the model), 1 are near and 1 miss."
    )


def test_every_published_figure_has_a_source_and_a_measure_that_exists(table: ModuleType) -> None:
    care, justice = table.benchmarks.published.care, table.benchmarks.published.justice
    for row in table.rows():
        assert row.source and row.used in table.AGREES
        assert row.measure in ("", "smi_share", *MEASURES, *vars(care), *vars(justice)), row.label
        assert row.range is None or (row.published and row.measure and row.range[0] <= row.range[1]), (
            row.label
        )


def test_the_readme_shows_every_published_figure_in_the_table_last_made(table: ModuleType) -> None:
    made = (ROOT / "benchmarks" / "face_validity.md").read_text(encoding="utf-8")
    assert table.MARK + made + table.END in (ROOT / "README.md").read_text(encoding="utf-8")
    labels = [line.split(" | ")[1] for line in made.splitlines()[2:] if line.startswith("| ")]
    assert labels == [row.label for row in table.rows()]


def test_two_of_four_people_released_in_a_year_are_back_in_jail_within_four(table: ModuleType) -> None:
    stays = [(1, 10, 20), (1, 900, 910), (2, 30, 40), (3, 50, 60), (3, 1600, 1700), (4, 70, 80), (4, 90, 95)]
    rows = [
        (float(day), person, "jail", what, "misdemeanor")
        for person, start, end in stays
        for day, what in ((start, "admitted"), (end, "discharged"))
    ]
    back = table.benchmarks.published.justice.back_in_jail_4y(history(*rows), YEARS)["all"]
    assert back[0] == 2 / 4, "person 3 returns after 1,540 days"
    assert np.isnan(back[1:]).all(), "later years are not followed so long"


def test_who_is_in_jail_at_the_disposition_is_detained(table: ModuleType) -> None:
    cases = (
        Arrest(1, 0.0, "felony", True, charged=2.0, disposed=40.0, disposition="convicted"),
        Arrest(2, 0.0, "felony", True, charged=2.0, disposed=100.0, disposition="dismissed"),
        Arrest(3, 0.0, "felony", True, admitted=9.0, disposed=90.0, disposition="convicted"),
        Arrest(4, 0.0, "misdemeanor", True, disposed=30.0, disposition="convicted"),
    )
    rows = [
        (day, person, "jail", what, "felony")
        for person, end in ((1, 60.0), (2, 3.0))
        for day, what in ((0.0, "admitted"), (end, "discharged"))
    ]
    justice = table.benchmarks.published.justice
    days = justice.felony_disposition(history(*rows, arrests=cases), YEARS)
    assert {name: value[0] for name, value in days.items()} == {"all": 70, "detained": 40, "released": 100}
    assert justice.felony_conviction(history(*rows, arrests=cases), YEARS)["all"][0] == 0.5


def test_a_success_is_no_drop_out_of_fact(table: ModuleType) -> None:
    rows = [(float(day), 1 + day, "fact.west", "admitted", "diverted") for day in range(4)]
    rows += [
        (100.0, 1, "fact.west", "discharged", "success"),
        (100.0, 2, "fact.west", "discharged", "failure"),
        (500.0, 3, "fact.west", "discharged", "failure"),
    ]
    care = table.benchmarks.published.care
    assert care.fact_left_1y(history(*rows), YEARS)["all"][0] == 1 / 4
    assert care.fact_stay_median(history(*rows), YEARS)["all"][0] == pytest.approx(99.5 * 12 / 365.25)


def test_the_page_of_validation_names_files_that_exist_and_counts_the_figures(table: ModuleType) -> None:
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    named = re.findall(r"(?:tests|benchmarks|scenarios)/\w+\.\w+", page)
    named += [f"tests/{name}" for name in re.findall(r"(?<!/)\btest_\w+\.py", page)]
    named += [str(Path("docs") / link) for link in re.findall(r"\]\(([^)#]+)", page)]
    assert len(named) > 60
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert f"{sum(bool(row.published) for row in table.rows())} published figures" in page
