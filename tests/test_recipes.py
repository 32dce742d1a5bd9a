"""CONTRIBUTING's three recipes, applied to a copy of the tree: what they add works, in so many files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.command import tiny

ROOT = Path(__file__).parent.parent
RECIPES = Path(__file__).parent / "recipes"
FILES = {"measure": 2, "lever": 4, "service": 6}
SHOW = {
    "measure": ("tests/test_measures.py",),
    "lever": (
        *("tests/test_pairing.py", "tests/test_direction.py"),
        *("-k", "lift_deadlines or without_deadlines or has_its_direction"),
    ),
    "service": (
        *("tests/test_respite.py", "tests/test_service_spec.py", "tests/test_direction.py"),
        *("tests/test_evidence.py", "-k", "respite or service_spec or read_by_the_model"),
    ),
}
"""The tests that show what a recipe adds: of a measure its value on a log, of a lever that it changes
something after its day and nothing before, of a service its census and waits."""
PAGES = ("tests/test_schema.py", "tests/test_reference.py", "tests/test_upgrade.py")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, under Git, so that a diff can be applied and taken back."""
    folder = tmp_path_factory.mktemp("tree")
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in filter(lambda name: (ROOT / name).is_file(), listed):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "-m", "Copy")
    return folder


@pytest.fixture
def applied(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one recipe in it and its pages made again."""
    git(tree, "apply", "-C1", str(RECIPES / f"{request.param}.patch"))
    for page in re.search(r"PAGES := ((?:.*\\\n)*.*)", (tree / "Makefile").read_text())[1].split():  # type: ignore[index]
        if page != "\\":
            python(tree, "-m", page)
    yield tree
    git(tree, "reset", "--quiet", "--hard")
    git(tree, "clean", "--quiet", "--force", "-d")


def git(folder: Path, *arguments: str) -> str:
    """The output of Git."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def python(folder: Path, *arguments: str) -> None:
    """Run Python with the copy's modules; a failure shows what was printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("name", FILES)
def test_a_recipe_changes_as_many_files_as_it_says(name: str) -> None:
    patch = (RECIPES / f"{name}.patch").read_text(encoding="utf-8")
    assert len(re.findall(r"^diff --git ", patch, re.MULTILINE)) == FILES[name]
    words = {2: "two", 4: "four", 6: "six"}[FILES[name]]
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"### Add a {name}: {words} files" in guide
    assert f"tests/recipes/{name}.patch" in guide


@pytest.mark.slow
@pytest.mark.parametrize("applied", FILES, indirect=True)
def test_what_a_recipe_adds_works(applied: Path, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["applied"]
    python(applied, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *SHOW[name])
    python(applied, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *PAGES)
    python(applied, "-m", "ruff", "check", "simulation", "tests")


@pytest.mark.slow
@pytest.mark.parametrize("applied", ["measure"], indirect=True)
def test_a_new_measure_is_in_the_results_of_a_run(applied: Path, tmp_path: Path) -> None:
    county = tiny(tmp_path, 3)
    where = ("--out", str(tmp_path / "out"), "--store", str(tmp_path / "store"))
    python(applied, "-m", "offramp", "run", str(county), "-n", "2", "--jobs", "1", *where)
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert (summary[summary["measure"] == "inpatient_admissions"]["mean"] > 0).any()
