"""The plan of the folders: few entries at one level, no circle between modules, no import upward."""

from __future__ import annotations

import ast
import graphlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulation", "calibration", "offramp")
LISTS = ("simulation/measures", "simulation/pathway", "simulation/levers")
"""Folders that are lists of their kind: as many entries as there are measures, stages and levers."""
MOST = 15


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the project that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                if whole in known:
                    yield whole
                elif node.module in known:
                    yield node.module


def test_at_most_fifteen_entries_stand_at_one_level() -> None:
    folders = {path.parent for path in modules().values()}
    crowded = {}
    for folder in folders:
        name = folder.relative_to(ROOT).as_posix()
        entries = [one for one in folder.iterdir() if one.suffix == ".py" or (one / "__init__.py").exists()]
        count = len([one for one in entries if one.name != "__init__.py"])
        if name not in LISTS and count > MOST:
            crowded[name] = count
    assert crowded == {}


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = modules()
    graph = {name: set(imported(path, known)) - {name} for name, path in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def layers(package: str) -> list[str]:
    """The layers of a package, highest first, as import-linter is told them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(one["layers"] for one in contracts if one.get("containers") == [package])


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_goes_up(package: str) -> None:
    floor = {
        f"{package}.{room.strip()}": number
        for number, row in enumerate(reversed(layers(package)))
        for room in row.split("|")
    }
    known = modules()
    upward = []
    for name, path in known.items():
        room = ".".join(name.split(".")[:2])
        if room not in floor:
            continue
        for other in imported(path, known):
            above = ".".join(other.split(".")[:2])
            if above != room and floor.get(above, -1) >= floor[room]:
                upward.append(f"{name} -> {other}")
    assert upward == []


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    """How many arguments a function takes, ``self`` and ``cls`` aside."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return len([one for one in named if one is not None and one.arg not in ("self", "cls")])


def test_no_function_takes_more_than_six_arguments() -> None:
    folders = (*PACKAGES, "tests", "benchmarks", "notebooks")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    assert {
        f"{path.relative_to(ROOT)}:{node.lineno}": arguments(node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds) and arguments(node) > 6
    } == {}
