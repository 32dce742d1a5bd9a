"""The states a person goes through, read from the journeys themselves and drawn as a Mermaid chart.

A stage is a function of ``simulation.pathway``; an arrow is a ``yield from`` (solid: the life goes there
and comes back) or a ``spawn`` (dotted: a process that runs in parallel). Nothing is drawn by hand, so the
picture cannot be older than the model.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import simulation.pathway
from simulation.inputs.housing_type import KINDS
from simulation.inputs.sections.service_spec import SERVICES

FOLDER = Path(simulation.pathway.__path__[0])


@cache
def service_names() -> frozenset[str]:
    """What journeys call the county's services, teams included; homes they take out of a group."""
    return frozenset({OTHERWISE.get(spec.name, spec.name) for spec in SERVICES} - {*KINDS} | {"fact"})


OTHERWISE = {"county": "residence", "homeless": "homelessness"}


@dataclass
class Stage:
    """One function of the pathway: what it leads to, which processes it starts, which services it uses."""

    name: str
    means: str
    leads_to: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)

    @property
    def module(self) -> str:
        """The module it is told in."""
        return self.name.split(".")[0]


def stages(folder: Path = FOLDER) -> dict[str, Stage]:
    """Every function of the pathway that something leads to or that leads on, by ``module.function``."""
    trees = {p.stem: ast.parse(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("[a-z]*.py"))}
    bodies = {
        f"{module}.{node.name.lstrip('_')}": node
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    found = {name: stage(name, node, set(bodies)) for name, node in bodies.items()}
    reached = {target for one in found.values() for target in (*one.leads_to, *one.processes)}
    return {n: s for n, s in found.items() if n in reached or s.leads_to or s.processes or s.services}


def stage(name: str, node: ast.FunctionDef, known: set[str]) -> Stage:
    """What one function leads to."""
    means = (ast.get_docstring(node) or "").split("\n\n")[0]
    found = Stage(name, " ".join(means.split()))
    for each in ast.walk(node):
        if isinstance(each, ast.YieldFrom):
            add(found.leads_to, [t for t in called(each.value, found.module) if t in known])
        elif isinstance(each, ast.Call) and spelled(each.func).endswith("spawn"):
            targets = (t for argument in each.args for t in called(argument, found.module))
            add(found.processes, [t for t in targets if t in known])
        elif isinstance(each, ast.Attribute) and spelled(each.value) == "county":
            add(found.services, [each.attr] if each.attr in service_names() else [])
        elif isinstance(each, ast.Subscript) and spelled(each.value) == "county.services":
            add(found.services, [str(each.slice.value)] if isinstance(each.slice, ast.Constant) else [])
    return found


def add(found: list[str], more: list[str]) -> None:
    """Keep the order of first mention, each once."""
    found.extend(one for one in more if one not in found)


def called(node: ast.AST, module: str) -> Iterator[str]:
    """The functions called in an expression, as ``module.function``."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            name = spelled(each.func)
            if name:
                yield name if "." in name else f"{module}.{name.lstrip('_')}"


def spelled(node: ast.AST) -> str:
    """A dotted name as it is written, or nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = spelled(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def overview(found: dict[str, Stage]) -> str:
    """How the modules of the pathway lead to each other, as a flowchart."""
    solid = {(a.module, t.split(".")[0]) for a in found.values() for t in a.leads_to}
    dotted = {(a.module, t.split(".")[0]) for a in found.values() for t in a.processes} - solid
    arrows = [f"  {a} --> {b}" for a, b in sorted(solid) if a != b]
    return "\n".join(["flowchart LR", *arrows, *(f"  {a} -.-> {b}" for a, b in sorted(dotted) if a != b)])


def chart(found: dict[str, Stage], module: str) -> str:
    """The stages of one module, what they lead to, and the services they use, as a flowchart."""
    mine = {name: one for name, one in found.items() if one.module == module}
    targets = [t for one in mine.values() for t in (*one.leads_to, *one.processes) if t not in mine]
    lines = ["flowchart LR", *(f'  {key(n)}["{n.split(".")[1]}"]' for n in mine)]
    lines += [f'  {key(n)}[["{n}"]]' for n in dict.fromkeys(targets)]
    lines += [f"  at_{s}([{s}])" for s in dict.fromkeys(s for one in mine.values() for s in one.services)]
    for name, one in mine.items():
        lines += [f"  {key(name)} --> {key(target)}" for target in one.leads_to]
        lines += [f"  {key(name)} -. starts .-> {key(target)}" for target in one.processes]
        lines += [f"  {key(name)} --- at_{service}" for service in one.services]
    return "\n".join(lines)


def key(name: str) -> str:
    """A node's name in the chart."""
    return name.replace(".", "_")
