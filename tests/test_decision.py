"""Every random decision has one declared name, and a renamed one its old random numbers."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulation
from simulation.engine.decision import KEYS, OTHERS, RENAMED, SHARED, DecisionKeys, UndeclaredDecision
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters

SOURCES = Path(simulation.__path__[0])
METHODS = {"uniform", "bernoulli", "exponential", "child", "children", "next_substream"}
FUNCTIONS = {"stay_in_progress", "choose", "DailyStream", "CustodySpec"}
"""What is given the name of a decision as one of its arguments."""


def drawn() -> Iterator[tuple[str, str]]:
    """Every name given to a draw in the model's code, and where; parts filled in are written ``x``."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
            if method or (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
                arguments = node.args[:1] if method else node.args
                place = f"{path.relative_to(SOURCES)}:{node.lineno}"
                yield from ((name, place) for argument in arguments if is_name(name := written(argument)))


def written(argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if isinstance(argument, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in argument.values)
    return ""


def is_name(text: str) -> bool:
    return bool(text) and " " not in text


def test_every_name_that_is_drawn_is_declared() -> None:
    names = list(drawn())
    assert len(names) > 100
    for name, place in names:
        if "x.behind" not in name:  # a stay's name and its part that is over
            assert KEYS[name], place


def test_a_name_is_drawn_in_one_place_unless_it_is_declared_as_shared() -> None:
    times = Counter(name for name, _ in drawn())
    assert {name for name, count in times.items() if count > 1} == set(SHARED)


def test_every_declared_name_is_drawn() -> None:
    names = {name for name, _ in drawn()}
    assert set(OTHERS) <= names
    assert set(RENAMED) <= {*names, *(f"{name}.behind" for name in names)}


def test_an_undeclared_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UndeclaredDecision, match=r"'court\.concent'.*did you mean 'court\.consent'"):
        Stream(1, 1).uniform("court.concent")


def test_a_name_or_a_key_is_declared_once() -> None:
    keys = DecisionKeys()
    keys.declare("referral")
    with pytest.raises(ValueError, match="'referral' is declared twice"):
        keys.declare("referral")
    with pytest.raises(ValueError, match="'consent' is declared twice"):
        keys.declare("consent", keys={"consent": "referral"})


def test_a_renamed_decision_keeps_its_random_numbers() -> None:
    before, after = DecisionKeys(), DecisionKeys()
    before.declare("crewed")
    after.declare("staffed", keys={"staffed": "crewed"})
    assert after["staffed"] == before["crewed"] == KEYS["staffed"]


def test_the_random_numbers_are_those_of_the_names_first_drawn() -> None:
    """Values of the version before any decision was renamed."""
    stream = Stream(1, 7)
    assert stream.uniform("court.consent") == 0.002922777045542113
    assert stream.uniform("initial_state.jail") == 0.04201475927464238, "it was present.jail"
    assert stream.uniform("initial_state.waiting.fact.west") == 0.09066880442424774
    assert stream.child("mobile_crisis.west.0", 3).uniform("staffed") == 0.32496572778490906, "it was crewed"


def test_every_parameter_is_a_decision_of_its_own_name(register: Parameters) -> None:
    assert list(Parameters.paths()) == [path for path, _ in register]
    assert all(path in KEYS for path in Parameters.paths())
