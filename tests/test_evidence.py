"""The evidence register: nothing in it without value, unit, range, population, source and grade."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from calibration.document import BadDocument
from calibration.register import FOLDER, counted, register
from offramp.cli import main
from simulation import model
from simulation.inputs.parameters import Parameters, Section
from simulation.inputs.sections.service_spec import SIZED
from tests.conftest import Build, figure, group
from tests.test_pairing import LEVERS, lever

ENTRY = ("value", "unit", "low", "high", "population", "source", "grade", "meaning")


@pytest.mark.parametrize("missing", ENTRY)
def test_a_parameter_without_one_of_its_entries_is_refused(tmp_path: Path, missing: str) -> None:
    text = (FOLDER / "court.yaml").read_text(encoding="utf-8")
    start = text.index("  termination_after_arrest:")
    end = text.index("\n  arrest_ratio:", start)
    entry = re.sub(rf"\n    {missing}:[^\n]*(\n      [^\n]*)*", "", text[start:end])
    assert entry != text[start:end]
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "court.yaml").write_text(text[:start] + entry + text[end:], encoding="utf-8")
    with pytest.raises(BadDocument, match=rf"court\.termination_after_arrest.*{missing}"):
        register(tmp_path)


def test_every_range_has_width_unless_the_number_was_measured_here() -> None:
    assert [path for path, p in register() if p.low == p.high and p.grade != "A"] == []


def test_assumptions_and_only_assumptions_or_recalled_figures_have_grade_d() -> None:
    for path, p in register():
        assumed = p.source.startswith("Assumption")
        recalled = re.search(r"not re-read|recalled", p.source, re.IGNORECASE)
        assert not assumed or p.grade == "D", path
        assert p.grade != "D" or assumed or recalled, path


READ = {"data", "text", "excerpt"}
"""Ways of seeing a source in which its number itself was read or computed."""
SEEN_FOR = {"A": {"data"}, "B": READ, "C": READ | {"secondary"}, "D": {"memory", "none"}}
"""The ways of seeing a source that carry a grade; what was recalled or assumed carries no other than D."""


def test_a_grade_is_no_better_than_how_its_source_was_seen() -> None:
    assert {path: p.seen for path, p in register() if p.seen not in SEEN_FOR[p.grade]} == {}


def test_what_was_recalled_or_found_nowhere_is_seen_as_its_source_says() -> None:
    for path, p in register():
        if p.grade == "D":
            recalled = re.search(r"not re-read|recalled", p.source, re.IGNORECASE)
            assert recalled if p.seen == "memory" else p.source.startswith("Assumption"), path


def test_each_assumption_names_the_county_record_that_would_replace_it() -> None:
    assert [path for path, p in register() if p.grade == "D" and not p.county_record] == []


FROM_THE_START = 193
"""Parameters of the register of November 2026; removing one lowers this, a new one says when it was added."""


def test_parameters_added_later_are_counted_apart() -> None:
    later = [p for _, p in register() if p.added]
    assert len(list(register())) - len(later) == FROM_THE_START
    assert f"{FROM_THE_START} there from the start (" in counted(p for _, p in register())


def test_more_than_half_of_the_first_register_are_assumptions_as_the_documents_say() -> None:
    grades = [p.grade for _, p in register() if not p.added]
    assert 0.5 < grades.count("D") / len(grades) < 0.6
    for page in ("model.md", "stress_des.md"):
        text = (Path(__file__).parent.parent / "docs" / page).read_text(encoding="utf-8")
        assert "More than half of the parameters there from the start are assumptions (grade D)" in text


EVERYTHING: dict[str, Any] = {
    **{f"{spec.section}.{spec.input}": 9 for spec in SIZED if spec.default == 0},
    "months": 24,
    "jail.bookings": 490,
    "crisis.mobile_teams": 0,
    "crisis.mobile_shifts": [
        {"district": name, "opens": 0, "closes": 24, "teams": figure(1, "teams")} for name in ("west", "east")
    ],
    "competency.restoration_places": 9,
    "fact.teams": [{"name": name, "posts": 3, "enrolled": 20, "share": 0.5} for name in ("west", "east")],
    "fact.groups": [group("cbsst", 2, 8)],
    "staffing": {
        "posts": [
            {"service": "fact.west", "role": "psychiatrist"},
            {"service": "reporting", "role": "court_case_manager"},
        ],
        "source": "A test.",
        "grade": "D",
    },
    "housing.supervised": 20,
    "housing.supportive": 60,
    "housing.master_leased": 20,
}
OFTEN = {
    "people.homeless": 0.4,
    "crisis.rate": 3.0,
    "court.referral_if_identified": 0.9,
    "court.eligible": 0.9,
    "court.granted": 0.95,
    "court.program_length": 12.0,
    "staffing.turnover": 1.0,
    "housing.landlord_loss": 2.0,
    "stepdown.earliest": 3.0,
    "stepdown.ready": 0.5,
    "stepdown.return_to_fact": 0.9,
}
"""A county that has every part, and in which what is rare elsewhere happens within two years."""
ENDING = (
    "stop_referrals",
    "limit_referrals",
    "exclude_charge",
    "change_intake_cap",
    "end_grant",
    "keep_homes",
)
"""Levers after which some of it would not happen any more."""


def test_every_parameter_is_read_by_the_model_in_a_run(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path: ``housing.patience`` is read from its section, whatever else is named ``patience``."""
    section_of = {field.annotation: name for name, field in Parameters.model_fields.items()}
    read: set[str] = set()
    plain = Section.__getattribute__

    def recording(self: Section, name: str) -> Any:
        if name in type(self).model_fields:
            read.add(f"{section_of[type(self)]}.{name}")
        return plain(self, name)

    levers = [lever(name, fields, "2027-07-01") for name, fields in LEVERS.items() if name not in ENDING]
    for pulled in ([], levers):
        scenario = build(EVERYTHING, OFTEN, pulled)
        with monkeypatch.context() as patch:
            patch.setattr(Section, "__getattribute__", recording)
            patch.delattr(Parameters, "__iter__")  # reading all of them is no use of any
            model.run(scenario, 1, 0)
    assert sorted(set(Parameters.paths()) - read) == []


def test_the_register_lists_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "court.evaluation"]) == 0
    told = capsys.readouterr().out
    assert "court.evaluation = 2.5 days (1 to 5), grade D" in told and "Source:" in told
    assert "The county's own record: evaluators' invoices" in told
    assert main(["evidence", "--grade", "B"]) == 0
    assert ", grade D" not in capsys.readouterr().out
    assert main(["evidence", "cort"]) == 1
    assert "Did you mean 'court'" in capsys.readouterr().err


def test_county_files_say_where_each_figure_comes_from() -> None:
    folder = Path(__file__).parent.parent / "scenarios"
    for name in ("contra_costa", "napa"):
        data = YAML(typ="safe").load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        figures = list(figures_in(data))
        assert len(figures) > 20
        assert all({"unit", "source", "grade"} <= set(figure) for figure in figures)


def figures_in(node: object) -> list[dict[str, object]]:
    """Every mapping with a value, however deep."""
    if isinstance(node, list):
        return [figure for item in node for figure in figures_in(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if "value" in node else []
    return own + [figure for item in node.values() for figure in figures_in(item)]
