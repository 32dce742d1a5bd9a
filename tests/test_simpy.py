"""Each private name of SimPy that the clock uses is still there, and no other SimPy is allowed."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import simpy
from simpy import events

ROOT = Path(__file__).parent.parent
CLOCK = ROOT / "simulation" / "engine" / "clock.py"
PRIVATE = {
    "Environment": ("_eid", "_now", "_queue"),
    "Event": ("_ok", "_value"),
    "Process": ("_generator", "_resume", "_target"),
}
"""What the clock uses of SimPy that SimPy promises to nobody."""
UNDOCUMENTED = ("NORMAL", "PENDING", "URGENT", "EventPriority")


def instances() -> dict[str, object]:
    """An environment with one process that waits for one event."""
    env = simpy.Environment()

    def process() -> events.ProcessGenerator:
        yield env.timeout(1)

    return {"Environment": env, "Event": env.timeout(2), "Process": env.process(process())}


def missing(what: str) -> str:
    return (
        f"SimPy {version('simpy')} has no {what} any more, which simulation/engine/clock.py uses: "
        "keep SimPy below this version in pyproject.toml until the clock does without"
    )


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner in PRIVATE for name in PRIVATE[owner]])
def test_simpy_has_each_private_name_that_the_clock_uses(owner: str, name: str) -> None:
    assert hasattr(instances()[owner], name), missing(f"{owner}.{name}")


@pytest.mark.parametrize("name", UNDOCUMENTED)
def test_simpy_has_each_undocumented_name_that_the_clock_imports(name: str) -> None:
    assert hasattr(events, name), missing(f"events.{name}")


def test_a_row_of_simpys_heap_is_day_priority_number_and_event() -> None:
    env = simpy.Environment()
    timeout = env.timeout(2.0)
    first, second = env._queue[0], next(env._eid)
    assert first == (2.0, events.NORMAL, second - 1, timeout), missing(
        "heap of (time, priority, number, event)"
    )


def test_the_private_names_listed_here_are_all_that_the_clock_uses() -> None:
    tree = ast.parse(CLOCK.read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    private = {name for name in used if re.match(r"_[a-z]", name)}
    ours = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {"_person"}
    listed = {name for names in PRIVATE.values() for name in names}
    assert private - (ours - {"_resume"}) == listed
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "simpy.events"
        for alias in node.names
    }
    assert imported - {"Process", "ProcessGenerator"} == set(UNDOCUMENTED)


def test_only_the_simpy_that_the_clock_was_written_for_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (bound,) = [line for line in project["dependencies"] if line.startswith("simpy")]
    assert bound == "simpy>=4.1,<4.2"
    (exact,) = re.findall(
        r"^simpy==(.*)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert exact.startswith("4.1.")
