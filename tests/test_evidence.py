"""The evidence register: nothing in it without value, unit, range, population, source and grade."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from calibration.document import BadDocument
from calibration.register import FOLDER, register
from offramp.cli import main

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


def test_every_parameter_is_used_somewhere_in_the_model() -> None:
    root = Path(__file__).parent.parent / "simulation"
    code = "\n".join(path.read_text() for path in root.rglob("*.py") if path.name != "parameters.py")
    unused = [path for path, _ in register() if not re.search(rf"\.{path.split('.')[1]}\b", code)]
    assert unused == []


def test_the_register_lists_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "court.evaluation"]) == 0
    told = capsys.readouterr().out
    assert "court.evaluation = 2.5 days (1 to 5), grade D" in told and "Source:" in told
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
