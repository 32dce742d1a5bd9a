"""What may stand in a county or scenario file, generated from the models: for editors and for people.

``python -m offramp.reference.schema`` writes ``scenarios/schema.json``, which an editor with a YAML language
server reads to complete and check keys while a planner types, and ``scenarios/README.md``, which lists them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from offramp.scenarios import FOLDERS
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameter import DISTRIBUTIONS, MixtureDuration, Parameter
from simulation.inputs.parameters import Parameters
from simulation.inputs.sections.quantity import Quantity
from simulation.inputs.sections.service_spec import SERVICES, ServiceSpec
from simulation.levers import AnyLever
from simulation.scenario import ScenarioFile

COMMAND = "python -m offramp.reference.schema"

TOP = f"""<!-- Generated, do not edit; make it with: {COMMAND} -->
# Scenario and county files

A first scenario is six lines, saved as `mine.yaml` anywhere:

```yaml
format: 2
kind: scenario
name: Four more evaluators
question: Would people be admitted sooner if twice as many could be evaluated at a time?
county: contra_costa # the county file it starts from; what follows a # is a comment
levers: [{{lever: add_slots, date: 2027-07-01, service: evaluation, slots: 4}}]
```

`offramp check mine.yaml` reports every mistake with its line; `offramp run contra_costa mine.yaml` compares
it with the county as it stands. The shipped files write one key a line. In an editor that knows YAML schemas,
a first line `# yaml-language-server: $schema=schema.json` (with the path to the file of that name beside this
one) completes keys and marks mistakes while you type.

`format` says in which format the file is; one that does not say it is in format 1, whose older keys are still
read. `offramp upgrade FILE...` rewrites such a file with the keys below, comments and all else as they stand.

For another county, copy `contra_costa.yaml` and replace every number; one you do not have is an
assumption of grade D, and its source says so. Only the unit of a quantity distinguishes a stock (persons)
from a flow (bookings/month), and the wrong one is refused.

A section of the pathway (jail, crisis, court, fact, housing, stepdown) that a county's file leaves out is
switched off: `housing_only.yaml` and `court_only.yaml` are whole files. Without `jail`, `people` says how
many people there are.
"""


@dataclass(frozen=True)
class Key:
    """One key of a file: its path, what it takes, whether it may be left out, and what it means."""

    path: str
    takes: str
    optional: bool
    meaning: str


def meaning(model: type[BaseModel], name: str) -> str:
    """What a key means: the description of its field in its model, or in the nearest model above."""
    above = (base for base in model.__mro__ if issubclass(base, BaseModel))
    fields = (base.model_fields[name] for base in above if name in base.model_fields)
    return next((field.description for field in fields if field.description), "")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a county or scenario file, with units spelled out by family."""
    adapter: TypeAdapter[Any] = TypeAdapter(CountyFile | ScenarioFile)
    adapter.rebuild()  # a section made from a table may not be complete yet
    schema = adapter.json_schema()
    for model in models():
        for name, keyword in schema["$defs"][model.__name__]["properties"].items():
            text = meaning(model, name)
            if text:
                keyword["description"] = text
            if name == "unit":
                keyword["enum"] = list(units.FAMILIES[family(model)])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Generated, do not edit; make it with: {COMMAND}",
        "title": "A county or scenario file of Offramp",
        **schema,
    }


def models() -> list[type[BaseModel]]:
    """Every model that a file is read into, those inside others after them, each once."""
    visited: dict[type[BaseModel], None] = {}

    def visit(model: type[BaseModel]) -> None:
        if model not in visited:
            visited[model] = None
            for field in model.model_fields.values():
                for inner in members(field.annotation):
                    if is_model(inner):
                        visit(inner)

    visit(CountyFile)
    visit(ScenarioFile)
    return list(visited)


def family(model: type[BaseModel]) -> str:
    """The unit family of a quantity or parameter."""
    return str(model.unit_family)  # type: ignore[attr-defined]


def is_model(annotation: Any) -> bool:
    """Whether an annotation is a model and not a plain type."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_group(model: type[BaseModel], name: str) -> bool:
    """Whether a key opens a group whose docstring describes it."""
    (inner, *_) = members(model.model_fields[name].annotation)
    return is_model(inner) and bool(inner.__doc__) and not issubclass(inner, Quantity)


def members(annotation: Any) -> Iterator[Any]:
    """The types an annotation allows, without what wraps them: Annotated, unions, tuples, None."""
    annotation = getattr(annotation, "__value__", annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        registered = [note.alternatives for note in arguments[1:] if hasattr(note, "alternatives")]
        for argument in registered[0] if registered else arguments[:1]:
            yield from members(argument)
    elif origin in (Union, UnionType, tuple):
        for argument in arguments:
            if argument is not Ellipsis:
                yield from members(argument)
    elif annotation is not NoneType:
        yield annotation


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    """Every key under a model, groups opened, quantities and parameters not."""
    for name, field in model.model_fields.items():
        (inner, *_) = members(field.annotation)
        path = f"{prefix}{name}"
        text = meaning(model, name)
        if is_model(inner) and not issubclass(inner, Quantity | Parameter):
            several = get_origin(field.annotation) is tuple
            takes = "a list of groups" if several else "a group"
            yield Key(path, takes, not field.is_required(), text or first_sentence(inner))
            if path not in ("levers", "local_evidence"):
                yield from keys(inner, f"{path}[]." if several else f"{path}.")
        else:
            yield Key(path, takes_of(field, inner), not field.is_required(), text)


def first_sentence(model: type[BaseModel]) -> str:
    """What a model is, from its docstring."""
    return in_markdown((model.__doc__ or "").split("\n\n")[0])


def in_markdown(docstring: str) -> str:
    """A docstring as one paragraph, its code words marked as Markdown does."""
    return " ".join(docstring.split()).replace("``", "`")


def takes_of(field: FieldInfo, inner: Any) -> str:
    """What stands at a key, in words: a quantity with its family, or a plain value with its bounds."""
    if is_model(inner):
        return f"quantity: {family(inner)}"
    if get_origin(field.annotation) is tuple:
        return "a list, of " + takes_of(FieldInfo(annotation=inner), inner)
    if get_origin(inner) is Literal:
        words = [f"`{word}`" for word in get_args(inner)]
        return words[0] if len(words) == 1 else "one of " + ", ".join(words)
    plain = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text",
        date: "a date, such as 2027-07-01",
    }
    return plain[inner] + bounds(field)


def bounds(field: FieldInfo) -> str:
    """The limits of a number, in words."""
    words = (("from", "ge"), ("above", "gt"), ("to", "le"), ("below", "lt"))
    phrases = [
        f"{word} {getattr(limit, bound):g}"
        for limit in limits(field)
        for word, bound in words
        if hasattr(limit, bound)
    ]
    return ", " + " ".join(phrases) if phrases else ""


def limits(field: FieldInfo) -> Iterator[Any]:
    """What constrains a field, on itself or on one of the types it allows."""
    yield from field.metadata
    for argument in get_args(field.annotation):
        if get_origin(argument) is Annotated:
            for note in get_args(argument)[1:]:
                yield from getattr(note, "metadata", [note])


def table(rows: list[Key]) -> str:
    """Keys as a table."""
    lines = ["| key | takes | meaning |", "|---|---|---|"]
    for key in rows:
        takes = f"{key.takes}; may be left out" if key.optional else key.takes
        lines.append(f"| `{key.path}` | {takes} | {key.meaning} |")
    return "\n".join(lines)


def readme() -> str:
    """Every key of county and scenario files, and every lever, for a reader."""
    parts = [TOP, "## Scenario files", table(list(keys(ScenarioFile))), "## Levers", LEVERS]
    parts += [lever_section(lever) for lever in members(AnyLever)]
    parts += ["## County files", table(list(keys(CountyFile))), "## Services", services()]
    parts += ["## Quantities", quantities()]
    parts += ["## Local evidence", local_evidence()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


LEVERS = """A scenario has one or more. Several may act on one day, and one kind several times. Before
the first one's day a scenario and its county are the same to the last event."""


def lever_section(lever: type[BaseModel]) -> str:
    """One lever with its keys, its name first."""
    (name,) = get_args(lever.model_fields["lever"].annotation)
    rows = sorted(keys(lever), key=lambda key: key.path != "lever")
    return f"### {name}\n\n{in_markdown(lever.__doc__ or '')}\n\n{table(rows)}"


def services() -> str:
    """Every service, with the key that gives its capacity."""
    keys = {spec.name: f"`{spec.section}.{spec.input}`" if spec.input else "" for spec in SERVICES}
    lines = [f"| `{s.name}` | {keys[s.name]} | {s.unit} | {left_out(s)} |" for s in SERVICES]
    text = """A service is where people are held, under its name in the log and in levers. FACT teams
and their groups, which a county names itself, are services too (`fact.west`, `group.cbsst`)."""
    return "\n".join((text, "", "| service | capacity | unit | if left out |", "|---|---|---|---|", *lines))


def left_out(spec: ServiceSpec) -> str:
    """The capacity of a service whose key is left out, in words."""
    if spec.default is None:
        return "not allowed"
    if not spec.input:
        return "unlimited" if spec.default else "given by shifts"
    return "unlimited" if spec.default else "none"


def quantities() -> str:
    """What a quantity holds, and the units of each family."""
    held = table(list(keys(Quantity)))
    lines = [f"| {name} | {', '.join(allowed)} |" for name, allowed in unit_names().items()]
    text = "Where a table says *quantity*, with the family of its unit, these four keys are given:"
    also = "Rates and ratios occur in local evidence only."
    return "\n".join((text, "", held, "", "| family | units |", "|---|---|", *lines, "", also))


def unit_names() -> dict[str, list[str]]:
    """The units of each family; flows by what they are made of."""
    names = {name: [f"`{unit}`" for unit in allowed] for name, allowed in units.FAMILIES.items()}
    nouns, periods = "`, `".join(units.FLOW_NOUNS), "`, `".join(f"/{period}" for period in units.PERIODS)
    names["flow"] = [f"one of `{nouns}` followed by one of `{periods}`"]
    return names


def local_evidence() -> str:
    """The parameters that a county may replace, by section."""
    text = f"""
A parameter of the evidence register that was measured in the county is given under `local_evidence`, section
and name as below, and replaces the register's. `offramp evidence` lists what each means and what it is
elsewhere. It takes these keys (`distribution` for durations only, `sigma` for lognormal lengths and mixtures,
those that begin with `short_` for mixtures):

{table([*keys(Parameter), *duration_keys()])}

| section | parameters |
|---|---|"""
    lines = [text.strip("\n")]
    for section, field in Parameters.model_fields.items():
        (model,) = members(field.annotation)
        types = ((name, next(members(f.annotation))) for name, f in model.model_fields.items())
        named = (f"{name} ({family(kind)})" for name, kind in types)
        lines.append(f"| `{section}` | {', '.join(named)} |")
    return "\n".join(lines)


def duration_keys() -> Iterator[Key]:
    """The keys that durations have beside those of every parameter; some distributions have all of them."""
    names = "one of " + ", ".join(f"`{name}`" for name in DISTRIBUTIONS)
    for key in keys(MixtureDuration):
        if key.path not in Parameter.model_fields:
            yield replace(key, takes=names) if key.path == "distribution" else key


def generate() -> dict[str, str]:
    """The generated files by name."""
    return {
        "schema.json": json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
        "README.md": readme(),
    }


def write(folder: Path = FOLDERS[0]) -> None:
    """Write the generated files beside the scenarios."""
    for name, text in generate().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
