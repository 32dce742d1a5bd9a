"""What the documentation shows is executed: docstring examples, and pages' code, scenarios and commands."""

from __future__ import annotations

import doctest
import gzip
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from calibration.records.synthetic import Faults, synthesize
from offramp.cli import app, main
from simulation.measures import MEASURES
from tests.conftest import Build
from tests.test_adapter import SURVEY

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulation", "calibration", "offramp")
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def blocks(language: str) -> list[tuple[str, str]]:
    """Each block of a language in the pages: where it begins, and its text."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
            place = f"{page.name}:{text.count(chr(10), 0, match.start()) + 1}"
            found.append((place, re.sub(rf"^{match[1]}", "", match[2], flags=re.MULTILINE)))
    return found


def commands() -> list[str]:
    """Every command line of the pages that begins with ``offramp``."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    lines = re.findall(
        r"^ *(?:\.venv\\Scripts\\)?(offramp [a-z].*)$|`(offramp [a-z][^`]*)`", text, re.MULTILINE
    )
    return sorted({(indented or quoted).split(" #")[0].strip() for indented, quoted in lines})


@pytest.fixture(scope="module")
def desk(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages speak of."""
    folder = tmp_path_factory.mktemp("desk")
    synthesize(build({"jail.bookings": 60}), 1, Faults(), folder)
    (folder / "workbook.xlsx").rename(folder / "county.xlsx")
    row = "Contra Costa Sheriff,2017-01-01,Contra Costa,1500,800,100,500,100,2000,440,100,300,0,0"
    with gzip.open(folder / "survey.csv.gz", "wt", encoding="utf-8") as file:
        file.write(f"{SURVEY}\n{row}\n")
    return folder


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_the_examples_in_docstrings_give_what_they_show(path: Path) -> None:
    found = doctest.testmod(import_module(".".join(path.with_suffix("").parts)), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(("place", "code"), blocks("python"), ids=[place for place, _ in blocks("python")])
def test_the_python_in_the_pages_runs(
    desk: Path, monkeypatch: pytest.MonkeyPatch, place: str, code: str
) -> None:
    monkeypatch.chdir(desk)
    shipped = dict(MEASURES)
    try:
        exec(compile(code, place, "exec"), {"__name__": "page"})
    finally:  # measures that a page registers are its own
        MEASURES.clear()
        MEASURES.update(shipped)


@pytest.mark.parametrize(("place", "text"), blocks("yaml"), ids=[place for place, _ in blocks("yaml")])
def test_the_scenarios_in_the_pages_are_fine(tmp_path: Path, place: str, text: str) -> None:
    if "kind:" not in text:
        pytest.skip("a part of a file")
    path = tmp_path / "my_scenario.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["check", str(path)]) == 0


@pytest.mark.parametrize("line", commands())
def test_the_commands_in_the_pages_have_the_options_they_name(line: str) -> None:
    _, command, *words = shlex.split(line)
    assert command in app
    known = {name for one in app[command].assemble_argument_collection() for name in one.names}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known | {"--help"}
