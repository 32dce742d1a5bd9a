"""What may stand in a county or scenario file, generated from the models: for editors and for people.

``python -m offramp.reference.schema`` writes ``scenarios/schema.json``, which an editor with a YAML language
server reads to complete and check keys while a planner types, and ``scenarios/README.md``, which lists them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from offramp.scenarios import FOLDERS
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameter import Parameter
from simulation.inputs.parameters import Parameters
from simulation.inputs.sections.quantity import Quantity
from simulation.levers import AnyLever
from simulation.scenario import ScenarioFile

COMMAND = "python -m offramp.reference.schema"

GRADE = "How good that is: A measured here, B published elsewhere, C derived, D assumption."
SOURCE = "Where the number comes from, so that a reader can look it up."
HOURS = "Hour at which they end, later than they begin; 0 to 24 is around the clock."

MEANINGS = {
    "CountyFile.kind": "Says that this file describes a county.",
    "CountyFile.name": "The county and state, as printed over results.",
    "CountyFile.question": "What a planner wants to know of the county as it stands.",
    "CountyFile.fips": "Five digits in quotes, so that a leading zero is kept.",
    "CountyFile.start": "Day 0 of the run: the first day of a month.",
    "CountyFile.months": "Length of the run.",
    "CountyFile.population": "Residents; quoted in reports, the model is sized by bookings.",
    "RaceEthnicity.groups": "The groups, whose shares sum to 1.",
    "RaceEthnicity.source": "Where the shares come from.",
    "RaceEthnicity.grade": GRADE,
    "Group.name": "Name of the group, used for subgroups in the results.",
    "Group.share": "Share of the people in contact who belong to it.",
    "JailFigures.bookings": "Everybody booked, with serious mental illness or without.",
    "JailFigures.average_daily_population": "Everybody in jail on an average day.",
    "JailFigures.mental_health_cases": "Those with an open mental-health case; the rest are a series.",
    "JailFigures.smi_share_of_bookings": "Share of bookings that are of people with serious mental illness.",
    "JailFigures.screeners": "People who can be screened at one time.",
    "CrisisFigures.call_takers": "Calls that the line can take at one time.",
    "CrisisFigures.mobile_opens": "Hour of the day at which the mobile teams begin.",
    "CrisisFigures.mobile_closes": HOURS,
    "CrisisFigures.stabilization_chairs": "Chairs in crisis stabilization, for stays of less than a day.",
    "CrisisFigures.short_term_beds": "Short-term crisis beds, for stays of some days.",
    "CrisisFigures.ed_places": "Psychiatric places in emergency departments.",
    "CrisisFigures.inpatient_beds": "Inpatient psychiatric beds.",
    "CourtFigures.evaluators": "Independent evaluations that can be under way at one time.",
    "CourtFigures.assessors": "Clinical assessments that can be under way at one time.",
    "CourtFigures.docket": "The days on which the diversion court sits; an empty list, if it does not.",
    "CourtFigures.hearing_interval": "Time between a participant's status hearings.",
    "CourtFigures.program_limit": "The longest time in the program that the law allows.",
    "CourtFigures.lower_intensity_slots": "Places in care for participants who need less than FACT.",
    "CourtFigures.lower_intensity_enrolled": "How many of them are taken on day 0.",
    "DocketDay.weekday": "The day of the week.",
    "DocketDay.slots": "Cases heard on such a day, motions for diversion before status hearings.",
    "FactFigures.teams": "The teams; one is enough, and their shares sum to 1.",
    "FactFigures.caseload_ratio": "How many people one clinician in post can carry.",
    "FactFigures.intake": "The most that one team enrolls in a month.",
    "FactFigures.contacts": "Contacts with each person that are scheduled a week.",
    "FactFigures.forensic_supervisor": "The supervisor with a forensic role; quoted in reports.",
    "FactFigures.source": "Where the teams' figures come from.",
    "FactFigures.grade": GRADE,
    "FactTeam.name": "The team, in small letters and underscores; levers name it.",
    "FactTeam.posts": "Clinicians' posts, filled or vacant.",
    "FactTeam.enrolled": "People enrolled on day 0.",
    "FactTeam.waiting": "People on the team's waiting list on day 0.",
    "FactTeam.share": "Share of the county's people who live in the team's region.",
    "HousingFigures.published_supportive_beds": "Supportive beds; quoted in reports, not simulated.",
    "HousingFigures.master_leased": "Scattered homes master-leased for people in FACT.",
    "HousingFigures.longer_term": "Subsidized or supportive homes that outlast the program.",
    "HousingFigures.longer_term_occupied": "How many of those former participants live in on day 0.",
    "StepDownFigures.outpatient_slots": "Places in outpatient care after the program.",
    "StepDownFigures.outpatient_occupied": "How many of them are taken on day 0.",
    "ScenarioFile.kind": "Says that this file describes a scenario.",
    "ScenarioFile.name": "A short name, as printed over results.",
    "ScenarioFile.question": "What a planner wants to know.",
    "ScenarioFile.county": "The county file it starts from: a name shipped, one beside this file, or a path.",
    "ScenarioFile.levers": "What is changed, and when.",
    "Lever.lever": "Which lever.",
    "Lever.on": "The day on which it is pulled, inside the county's horizon.",
    "AddSlots.service": "Where the places open or close.",
    "AddSlots.slots": "How many places more; below 0 closes as many, each when its holder leaves.",
    "AddClinicians.team": "A FACT team of the county.",
    "AddClinicians.posts": "How many posts are authorized; each is vacant until someone is recruited.",
    "AddDocketDay.weekday": "The day of the week on which the court also sits.",
    "AddDocketDay.slots": "Cases heard on such a day.",
    "RunMobileCrisis.opens": "Hour of the day at which the teams begin.",
    "RunMobileCrisis.closes": HOURS,
    "RunMobileCrisis.teams": "Teams on duty at one time; left out, as many as before.",
    "Figure.value": "The number itself, in its unit.",
    "Figure.unit": "One of the units of its family.",
    "Figure.source": SOURCE,
    "Figure.grade": GRADE,
    "Parameter.value": "The number, in its unit: of a duration the median (lognormal; of a mixture, of its "
    "longer part), mean (exponential) or length (fixed).",
    "Parameter.unit": "One of the units of its family.",
    "Parameter.low": "The least it could be.",
    "Parameter.high": "The most it could be.",
    "Parameter.meaning": "What the number says.",
    "Parameter.population": "In whom it was measured.",
    "Parameter.source": SOURCE,
    "Parameter.grade": GRADE,
    "Duration.law": "How lengths are distributed around the value.",
    "Duration.sigma": "Standard deviation of the logarithm; goes with the lognormal law and with mixtures.",
}
"""What each key means, where its model does not say so itself (``Field(description=...)`` goes first)."""

TOP = f"""<!-- Generated, do not edit; make it with: {COMMAND} -->
# Scenario and county files

A first scenario is five lines, saved as `mine.yaml` anywhere:

```yaml
kind: scenario
name: Four more evaluators
question: Would people be admitted sooner if twice as many could be evaluated at a time?
county: contra_costa # the county file it starts from; what follows a # is a comment
levers: [{{lever: add_slots, on: 2027-07-01, service: evaluation, slots: 4}}]
```

`offramp check mine.yaml` tells every mistake with its line; `offramp run contra_costa mine.yaml` compares it
with the county as it stands. The shipped files write one key a line. In an editor that knows YAML schemas, a
first line `# yaml-language-server: $schema=schema.json` (with the path to the file of that name beside this
one) completes keys and marks mistakes while you type.

For another county, copy `contra_costa.yaml` and replace every figure; a number you do not have is an
assumption of grade D, and its source says so. Nothing but a figure's unit tells a stock (persons) from a flow
(bookings/month), and the wrong one is refused.

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
    """What a key means: from its field, or from ``MEANINGS`` of its model or the nearest model above."""
    description = model.model_fields[name].description
    above = (f"{each.__name__}.{name}" for each in model.__mro__)
    return description or next((MEANINGS[key] for key in above if key in MEANINGS), "")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a county or scenario file, with units spelled out by family."""
    adapter: TypeAdapter[Any] = TypeAdapter(CountyFile | ScenarioFile)
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
    found: dict[type[BaseModel], None] = {}

    def visit(model: type[BaseModel]) -> None:
        if model not in found:
            found[model] = None
            for field in model.model_fields.values():
                for inner in members(field.annotation):
                    if is_model(inner):
                        visit(inner)

    visit(CountyFile)
    visit(ScenarioFile)
    return list(found)


def family(model: type[BaseModel]) -> str:
    """The unit family of a figure or parameter."""
    return str(model.unit_family)  # type: ignore[attr-defined]


def is_model(annotation: Any) -> bool:
    """Whether an annotation is a model and not a plain type."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_group(model: type[BaseModel], name: str) -> bool:
    """Whether a key opens a group that says itself what it is, in its docstring."""
    (inner, *_) = members(model.model_fields[name].annotation)
    return is_model(inner) and bool(inner.__doc__) and not issubclass(inner, Quantity)


def members(annotation: Any) -> Iterator[Any]:
    """The types an annotation allows, without what wraps them: Annotated, unions, tuples, None."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from members(arguments[0])
    elif origin in (Union, UnionType, tuple):
        for argument in arguments:
            if argument is not Ellipsis:
                yield from members(argument)
    elif annotation is not NoneType:
        yield annotation


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    """Every key under a model, groups opened, figures and parameters not."""
    for name, field in model.model_fields.items():
        (inner, *_) = members(field.annotation)
        path = f"{prefix}{name}"
        said = meaning(model, name)
        if is_model(inner) and not issubclass(inner, Quantity | Parameter):
            several = get_origin(field.annotation) is tuple
            takes = "a list of groups" if several else "a group"
            yield Key(path, takes, not field.is_required(), said or first_sentence(inner))
            if path not in ("levers", "local_evidence"):
                yield from keys(inner, f"{path}[]." if several else f"{path}.")
        else:
            yield Key(path, takes_of(field, inner), not field.is_required(), said)


def first_sentence(model: type[BaseModel]) -> str:
    """What a model is, from its docstring."""
    return in_markdown((model.__doc__ or "").split("\n\n")[0])


def in_markdown(docstring: str) -> str:
    """A docstring as one paragraph, its code words marked as Markdown does."""
    return " ".join(docstring.split()).replace("``", "`")


def takes_of(field: FieldInfo, inner: Any) -> str:
    """What stands at a key, in words: a figure with its family, or a plain value with its bounds."""
    if is_model(inner):
        return f"figure: {family(inner)}"
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
    said = [
        f"{word} {getattr(limit, bound):g}"
        for limit in limits(field)
        for word, bound in words
        if hasattr(limit, bound)
    ]
    return ", " + " ".join(said) if said else ""


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
    parts += ["## County files", table(list(keys(CountyFile))), "## Figures", figures()]
    parts += ["## Local evidence", local_evidence()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


LEVERS = """A scenario has one or more. Several may be pulled on one day, and one kind several times. Before
the first one's day a scenario and its county are the same to the last event."""


def lever_section(lever: type[BaseModel]) -> str:
    """One lever with its keys, its name first."""
    (name,) = get_args(lever.model_fields["lever"].annotation)
    rows = sorted(keys(lever), key=lambda key: key.path != "lever")
    return f"### {name}\n\n{in_markdown(lever.__doc__ or '')}\n\n{table(rows)}"


def figures() -> str:
    """What a figure holds, and the units of each family."""
    held = table(list(keys(Quantity)))
    lines = [f"| {name} | {', '.join(allowed)} |" for name, allowed in unit_names().items()]
    text = "Where a table says *figure*, with the family of its unit, these four keys stand:"
    also = "Rates and ratios occur in local evidence only."
    return "\n".join((text, "", held, "", "| family | units |", "|---|---|", *lines, "", also))


def unit_names() -> dict[str, list[str]]:
    """The units of each family; flows are told by what they are made of."""
    names = {name: [f"`{unit}`" for unit in allowed] for name, allowed in units.FAMILIES.items()}
    nouns, periods = "`, `".join(units.FLOW_NOUNS), "`, `".join(f"/{period}" for period in units.PERIODS)
    names["flow"] = [f"one of `{nouns}` followed by one of `{periods}`"]
    return names


def local_evidence() -> str:
    """The parameters that a county may replace, by section."""
    text = f"""
A parameter of the evidence register that was measured in the county is given under `local_evidence`, section
and name as below, and replaces the register's. `offramp evidence` lists what each means and what it is
elsewhere. It takes these keys (`law`, `sigma` and those that begin with `short_` for durations only):

{table([*keys(Parameter), *duration_keys()])}

| section | parameters |
|---|---|"""
    lines = [text.strip("\n")]
    for section, field in Parameters.model_fields.items():
        (model,) = members(field.annotation)
        named = (f"{name} ({family(f.annotation)})" for name, f in model.model_fields.items() if f.annotation)
        lines.append(f"| `{section}` | {', '.join(named)} |")
    return "\n".join(lines)


def duration_keys() -> Iterator[Key]:
    """The keys that durations have beside those of every parameter."""
    duration = next(model for model in models() if model.__name__ == "Duration")
    return (key for key in keys(duration) if key.path not in Parameter.model_fields)


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
