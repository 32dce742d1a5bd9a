"""From names on the command line to scenarios that can be run, or every problem at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from calibration.document import BadDocument, Document, Problem, read
from calibration.register import reach, register
from simulation import levers, model
from simulation.initial_state import population
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.strict_model import choices
from simulation.scenario import Scenario, ScenarioFile

HERE = Path(__file__).resolve().parent
KINDS = ("county", "scenario")
SUFFIXES = (".yaml", ".yml")
MOST_PEOPLE = 500_000
"""Some five gigabytes; the largest county needs half of it, and more is a slip of the pen."""
FOLDERS = (HERE.parent / "scenarios", HERE / "_scenarios")


def shipped() -> dict[str, Path]:
    """The scenario files that come with Offramp, by bare name."""
    folder = next((folder for folder in FOLDERS if folder.is_dir()), None)
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder else {}


def counties() -> list[str]:
    """The bare names of the county files that come with Offramp."""
    return [name for name, path in shipped().items() if "kind: county" in path.read_text(encoding="utf-8")]


def find(name: str, near: Path | None = None) -> Path:
    """The file for a path or a bare name; both are looked for beside the file that mentions them first."""
    path = Path(name)
    is_bare = path.suffix not in SUFFIXES and len(path.parts) < 2
    if near is not None:
        beside = near.parent / (f"{name}.yaml" if is_bare else path)
        if is_file(beside):
            return beside
    if not is_bare or is_file(path):
        return path
    return shipped().get(name, path)


def is_file(path: Path) -> bool:
    """Whether there is such a file and no folder."""
    return there(path) and not path.is_dir()


def there(path: Path) -> bool:
    """Whether there is such a file or folder; nothing can be under a name that is none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def load(names: Sequence[str]) -> list[Scenario]:
    """Read scenarios and the counties they start from.

    Raises ``BadDocument`` with every problem of every file, or with what keeps them from being compared.
    """
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    for name in names:
        try:
            scenarios.append(load_one(name))
        except BadDocument as bad:
            problems.extend(bad.problems)
    if not problems:
        keys = distinct_keys(names)
        pairs = zip(scenarios, keys, strict=True)
        scenarios = [scenario.model_copy(update={"key": key}) for scenario, key in pairs]
        problems.extend(not_comparable(scenarios))
    if problems:
        raise BadDocument(problems)
    return scenarios


def distinct_keys(names: Sequence[str]) -> list[str]:
    """What each file is called in the results: its name, after that of its folder where two have one name.

    Shipped scenarios keep their names; a file that is named twice has one key.
    """
    paths = [Path(os.path.abspath(find(name))) for name in names]  # resolve() would follow links
    known = [path.resolve() for path in shipped().values()]
    folders = [() if path.resolve() in known else path.parent.parts[1:] for path in paths]
    depths = [0] * len(paths)
    while True:
        above = [folder[len(folder) - depth :] for folder, depth in zip(folders, depths, strict=True)]
        keys = ["_".join((*parts, path.stem)) for parts, path in zip(above, paths, strict=True)]
        deeper = [number for number in ambiguous(keys, paths) if depths[number] < len(folders[number])]
        if not deeper:
            return keys
        for number in deeper:
            depths[number] += 1


def key_notes(names: Sequence[str], scenarios: Sequence[Scenario]) -> list[str]:
    """Which of these files the results call otherwise than they are named."""
    stems = [find(name).stem for name in names]
    return [
        f"{name} is called {scenario.key} in the results: another file is named {stem} too"
        for name, stem, scenario in zip(names, stems, scenarios, strict=True)
        if scenario.key != stem
    ]


def ambiguous(keys: Sequence[str], paths: Sequence[Path]) -> list[int]:
    """The numbers of those keys that stand for several files, also where upper and lower case are one."""
    files: dict[str, set[Path]] = {}
    for key, path in zip(keys, paths, strict=True):
        files.setdefault(key.casefold(), set()).add(path.resolve())
    return [number for number, key in enumerate(keys) if len(files[key.casefold()]) > 1]


def load_one(name: str) -> Scenario:
    """One county as it stands, or one scenario over a county."""
    path = find(name)
    if not there(path):
        raise BadDocument([unknown(name)])
    document = read(path)
    kind = document.data.get("kind") if isinstance(document.data, dict) else KINDS[0]
    if kind not in KINDS:
        fault = f"'{kind}' is no kind of file" if kind else "is missing"
        problem = document.problem(("kind",), f"{fault}. {choices(str(kind or ''), list(KINDS))}")
        raise BadDocument([*document.problems, problem])
    if kind == "county":
        return as_it_stands(document, path)
    scenario = document.validate(ScenarioFile)
    base = as_it_stands(county_document(document, scenario, path), path)
    problems = list(lever_problems(document, scenario, base.county))
    if problems:
        raise BadDocument(problems)
    return base.model_copy(
        update={"name": scenario.name, "question": scenario.question, "levers": scenario.levers}
    )


def county_document(document: Document, scenario: ScenarioFile, path: Path) -> Document:
    """The file of the county that a scenario starts from; raises BadDocument if there is none."""
    county_path = find(scenario.county, near=path)
    if not there(county_path):
        places = "beside this file, in the working folder or shipped"
        message = (
            f"there is no county file '{scenario.county}' {places}. {choices(scenario.county, counties())}"
        )
        raise BadDocument([document.problem(("county",), message)])
    county = read(county_path)
    if isinstance(county.data, dict) and county.data.get("kind") == "scenario":
        message = f"'{scenario.county}' is a scenario itself. {choices(scenario.county, counties())}"
        raise BadDocument([document.problem(("county",), message)])
    return county


def as_it_stands(document: Document, path: Path) -> Scenario:
    """The county of a document without any lever, named after the file at ``path``."""
    county = document.validate(CountyFile)
    parameters = county.parameters(register())
    scenario = Scenario(
        key=path.stem, name=county.name, question=county.question, county=county, parameters=parameters
    )
    problems = list(far_off(document, county))
    why = None if problems else unrunnable(scenario)
    if why is not None:
        problems.append(document.problem(("jail", "bookings"), why))
    if problems:
        raise BadDocument(problems)
    return scenario


def unrunnable(scenario: Scenario) -> str | None:
    """Why nobody could make the county's bookings with these parameters, or too many would have to."""
    try:
        people = model.sized(scenario).people
    except population.NoBookings as contradiction:
        return str(contradiction)
    if people > MOST_PEOPLE:
        return f"so many bookings take {people:,} people in contact; at most {MOST_PEOPLE:,} can be simulated"
    return None


def far_off(document: Document, county: CountyFile) -> Iterable[Problem]:
    """Parameters measured in the county that are so far from the register's that a unit must be wrong."""
    known = dict(register())
    for section, values in county.local_evidence or ():
        for name, parameter in values or ():
            if parameter is None:
                continue
            registered = known[f"{section}.{name}"]
            least, most = reach(registered)
            factor = units.size(parameter.unit) / units.size(registered.unit)
            if parameter.value and not least <= parameter.value * factor <= most:
                given = f"{parameter.value:g} {parameter.unit} is out of all proportion to what is known"
                elsewhere = f"elsewhere ({registered.value:g} {registered.unit})"
                message = f"{given} {elsewhere}. Allowed: {least / factor:g} to {most / factor:g}"
                yield document.problem(("local_evidence", section, name, "value"), message)


def lever_problems(document: Document, scenario: ScenarioFile, county: CountyFile) -> Iterable[Problem]:
    """What keeps levers from acting on this county."""
    for number, lever in enumerate(scenario.levers):
        for place, message in levers.problems(lever, county, scenario.levers):
            yield document.problem(("levers", number, *place), message)


def not_comparable(scenarios: Sequence[Scenario]) -> list[Problem]:
    """What keeps these scenarios from being reported side by side."""
    first = scenarios[0]
    problems = []
    for scenario in scenarios[1:]:
        if scenario.county != first.county:
            reason = f"starts from {scenario.county.name}, '{first.key}' from another county; run them apart"
            problems.append(Problem(scenario.key, 1, 1, "county", reason))
    keys = [scenario.key for scenario in scenarios]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        problems.append(Problem(key, 1, 1, "(file)", "is named twice; name each scenario once"))
    return problems


def unknown(name: str) -> Problem:
    """A name for which there is no file."""
    return Problem(name, 1, 1, "(file)", str_of_unknown(name))


def str_of_unknown(name: str) -> str:
    """Say that a scenario does not exist, and which ones do."""
    return f"there is no file and no shipped scenario '{name}'. {choices(name, list(shipped()))}"
