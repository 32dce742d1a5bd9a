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
from simulation.inputs.housing_type import HOUSING_TYPES
from simulation.inputs.sections.service_spec import SERVICES

FOLDER = Path(simulation.pathway.__path__[0])


@cache
def service_names() -> frozenset[str]:
    """What journeys call the county's services, teams included; homes they take out of a group."""
    return frozenset({OTHERWISE.get(spec.name, spec.name) for spec in SERVICES} - {*HOUSING_TYPES} | {"fact"})


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
        """The module it is defined in."""
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
    known = {name: stage(name, node, set(bodies)) for name, node in bodies.items()}
    reached = {target for stage in known.values() for target in (*stage.leads_to, *stage.processes)}
    return {n: s for n, s in known.items() if n in reached or s.leads_to or s.processes or s.services}


def stage(name: str, node: ast.FunctionDef, known: set[str]) -> Stage:
    """What one function leads to."""
    means = (ast.get_docstring(node) or "").split("\n\n")[0]
    result = Stage(name, " ".join(means.split()))
    for child in ast.walk(node):
        if isinstance(child, ast.YieldFrom):
            add(result.leads_to, [t for t in called(child.value, result.module) if t in known])
        elif isinstance(child, ast.Call) and spelled(child.func).endswith("spawn"):
            targets = (t for argument in child.args for t in called(argument, result.module))
            add(result.processes, [t for t in targets if t in known])
        elif isinstance(child, ast.Attribute) and spelled(child.value) == "county":
            add(result.services, [child.attr] if child.attr in service_names() else [])
        elif isinstance(child, ast.Subscript) and spelled(child.value) == "county.services":
            add(result.services, [str(child.slice.value)] if isinstance(child.slice, ast.Constant) else [])
    return result


def add(names: list[str], further: list[str]) -> None:
    """Append what is not in the list yet."""
    names.extend(name for name in further if name not in names)


def called(node: ast.AST, module: str) -> Iterator[str]:
    """The functions called in an expression, as ``module.function``."""
    for child in ast.walk(node):
        if isinstance(child, ast.Call):
            name = spelled(child.func)
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


def overview(stages: dict[str, Stage]) -> str:
    """How the modules of the pathway lead to each other, as a flowchart."""
    solid = {(a.module, t.split(".")[0]) for a in stages.values() for t in a.leads_to}
    dotted = {(a.module, t.split(".")[0]) for a in stages.values() for t in a.processes} - solid
    arrows = [f"  {a} --> {b}" for a, b in sorted(solid) if a != b]
    return "\n".join(["flowchart LR", *arrows, *(f"  {a} -.-> {b}" for a, b in sorted(dotted) if a != b)])


def chart(stages: dict[str, Stage], module: str) -> str:
    """The stages of stage module, what they lead to, and the services they use, as a flowchart."""
    inside = {name: stage for name, stage in stages.items() if stage.module == module}
    targets = [t for stage in inside.values() for t in (*stage.leads_to, *stage.processes) if t not in inside]
    lines = ["flowchart LR", *(f'  {key(n)}["{n.split(".")[1]}"]' for n in inside)]
    lines += [f'  {key(n)}[["{n}"]]' for n in dict.fromkeys(targets)]
    lines += [
        f"  at_{s}([{s}])" for s in dict.fromkeys(s for stage in inside.values() for s in stage.services)
    ]
    for name, stage in inside.items():
        lines += [f"  {key(name)} --> {key(target)}" for target in stage.leads_to]
        lines += [f"  {key(name)} -. starts .-> {key(target)}" for target in stage.processes]
        lines += [f"  {key(name)} --- at_{service}" for service in stage.services]
    return "\n".join(lines)


def key(name: str) -> str:
    """A node's name in the chart."""
    return name.replace(".", "_")
