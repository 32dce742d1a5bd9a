"""The schema and the reference of scenario files are those of the models, and the shipped files fit them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from calibration.document import load
from offramp.reference import schema
from offramp.scenarios import load_one, shipped
from simulation.inputs.countyfile import CountyFile
from simulation.scenario import ScenarioFile

FOLDER = Path(__file__).parent.parent / "scenarios"
SHIPPED = sorted(shipped())


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    """The schema in the repository."""
    found: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    return found


def content(name: str) -> Any:
    """A shipped file as plain data."""
    return YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def faults(definitions: dict[str, Any], rule: Any, value: Any, path: str = "") -> Iterator[str]:
    """Where a value breaks a rule, for the few keywords of JSON Schema that the generated one needs."""
    if "$ref" in rule:
        yield from faults(definitions, definitions[rule["$ref"].rpartition("/")[2]], value, path)
    for keyword in ("anyOf", "oneOf"):
        found = [list(faults(definitions, option, value, path)) for option in rule.get(keyword, ())]
        if found and all(found):
            yield min(found, key=len)[0]
    if "enum" in rule and value not in rule["enum"]:
        yield f"{path}: {value} is not one of {rule['enum']}"
    if "const" in rule and value != rule["const"]:
        yield f"{path}: {value} is not {rule['const']}"
    kinds = {
        "object": dict,
        "array": list,
        "string": str | datetime.date,
        "boolean": bool,
        "integer": int,
        "number": int | float,
        "null": type(None),
    }
    if "type" in rule and not isinstance(value, kinds[rule["type"]]):
        yield f"{path}: {value} is not of type {rule['type']}"
    elif isinstance(value, dict) and "properties" in rule:
        for key in value.keys() - rule["properties"].keys():
            yield f"{path}.{key} is unknown"
        for key in set(rule.get("required", ())) - value.keys():
            yield f"{path}.{key} is missing"
        for key in value.keys() & rule["properties"].keys():
            yield from faults(definitions, rule["properties"][key], value[key], f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(definitions, rule.get("items", {}), item, f"{path}[{number}]")


@pytest.mark.parametrize("name", ["schema.json", "README.md"])
def test_the_committed_file_is_what_the_models_say(name: str) -> None:
    committed = (FOLDER / name).read_bytes()
    assert committed == schema.generate()[name].encode(), f"Make it again with: {schema.COMMAND}"


def test_writing_makes_the_same_files_byte_for_byte(tmp_path: Path) -> None:
    schema.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "schema.json"]
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_fits_the_schema_and_the_models(committed: dict[str, Any], name: str) -> None:
    assert list(faults(committed["$defs"], committed, content(name))) == []
    assert load_one(name).key == name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_tells_editors_where_the_schema_is(name: str) -> None:
    first, _ = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").split("\n", 1)
    assert first == "# yaml-language-server: $schema=schema.json"


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        (("jail", "bookings", "unit"), "persons"),
        (("jail", "bookings", "value"), "many"),
        (("jail", "bookings", "grade"), "E"),
        (("court", "docket"), {}),
        (("fact", "teams"), [{"name": "west"}]),
        (("months",), 6.5),
        (("kind",), "state"),
    ],
)
def test_an_editor_marks_what_is_wrong(committed: dict[str, Any], where: tuple[str, ...], wrong: Any) -> None:
    county = content("contra_costa")
    *above, last = where
    section = county
    for name in above:
        section = section[name]
    section[last] = wrong
    assert list(faults(committed["$defs"], committed, county))


def test_an_editor_marks_a_key_that_no_model_knows(committed: dict[str, Any]) -> None:
    scenario = content("second_docket_day")
    scenario["levers"][0]["slotz"] = scenario["levers"][0].pop("slots")
    assert list(faults(committed["$defs"], committed, scenario))


def test_every_key_has_a_meaning() -> None:
    silent = [
        f"{model.__name__}.{name}"
        for model in schema.models()
        for name in model.model_fields
        if not schema.meaning(model, name) and not schema.is_group(model, name)
    ]
    assert silent == [], "say what it means with Field(description=...) in the model"


def test_every_lever_and_every_key_is_in_the_reference() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    keys = [*schema.keys(CountyFile), *schema.keys(ScenarioFile)]
    assert [key.path for key in keys if f"| `{key.path}` |" not in text] == []
    for lever in schema.members(schema.AnyLever):
        name = lever.model_fields["lever"].annotation.__args__[0]
        section = text.split(f"### {name}\n")[1].split("###")[0]
        assert [key for key in lever.model_fields if f"| `{key}` |" not in section] == []


def test_the_first_scenario_in_the_reference_can_be_run(tmp_path: Path) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert text.count("\n") == 6
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "mine.yaml", ScenarioFile).county == "contra_costa"
    assert load_one(str(tmp_path / "mine.yaml")).levers
