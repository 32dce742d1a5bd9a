"""Whatever is wrong with what a planner wrote is told at its line, at once, and nothing is run or written."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration.document import BadDocument
from offramp import __version__
from offramp.cli import app, main
from offramp.scenarios import load, load_one, shipped
from simulation import model

SHIPPED = Path(__file__).parent.parent / "scenarios"
COUNTY = (SHIPPED / "contra_costa.yaml").read_text(encoding="utf-8")
SCENARIO = """\
kind: scenario
name: A test
question: What would happen?
county: contra_costa
levers:
  - lever: add_clinicians
    date: 2027-07-01
    team: west
    posts: 1
"""

Told = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """What is said of bad input: a line a problem, of a run that wrote nothing and ended with code 1."""

    def tell(*arguments: str, **files: str) -> list[str]:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        before = contents(folder)
        code = main(["run", *(arguments or [f"{name}.yaml" for name in files])])
        said = capsys.readouterr()
        assert code == 1
        assert said.out == ""
        assert contents(folder) == before, "nothing is written"
        return said.err.splitlines()

    return tell


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def edited(text: str, old: str, new: str) -> str:
    """A file with its first ``old`` replaced."""
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    """The line on which a part of a file begins."""
    return text[: text.index(part)].count("\n") + 1


# --- What can be wrong in a file ---

COUNTY_FAULTS = {
    "a misspelt key": (
        "  screeners:",
        "  screener:",
        r"3: jail\.screener: This key is not known.* Did you mean 'screeners'\?",
    ),
    "a wrong type": (
        "value: 1505",
        "value: many",
        r"12: jail\.average_daily_population\.value: Needs a number.*'many'",
    ),
    "a number with a comma": (
        "value: 1505",
        "value: 1,505",
        r"12: jail\.average_daily_population\.value: .*digits only",
    ),
    "a truth value for a number": (
        "value: 1505",
        "value: true",
        r"12: jail\.average_daily_population\.value: Needs a number",
    ),
    "a negative capacity": (
        "value: 6\n",
        "value: -6\n",
        r"12: crisis\.stabilization_chairs\.value: -6 is below 0",
    ),
    "a stock given as a flow": (
        "unit: persons\n",
        "unit: persons/year\n",
        r"3: population\.unit: unit 'persons/year' is a flow, not a stock\. Allowed: persons",
    ),
    "a flow given as a stock": (
        "unit: bookings/month",
        "unit: persons",
        r"5: jail\.bookings\.unit: unit 'persons' is a stock, not a flow\. Allowed: .*bookings/month",
    ),
    "an unknown unit": (
        "unit: teams",
        "unit: squads",
        r"5: crisis\.mobile_teams\.unit: unit 'squads' is unknown\. Allowed: ",
    ),
    "an unquoted code": ('fips: "06013"', "fips: 06013", r'7: fips: .*"06013".*leading zero'),
    "a short code": ('fips: "06013"', 'fips: "6013"', r"7: fips: Needs exactly 5 digits"),
    "a key that stands twice": (
        "months: 60",
        "# here\nmonths: 48\nmonths: 60",
        r"1: months: This key stands twice",
    ),
    "a share above 1": (
        "value: 0.183",
        "value: 18.3",
        r"12: jail\.smi_share_of_bookings\.value: 18.3 is above 1",
    ),
    "a grade that is none": ("grade: B", "grade: F", r"10: population\.grade: .*'F'.*Allowed: A, B, C, D"),
    "a day without court": (
        "weekday: Wednesday",
        "weekday: Sunday",
        r"16: court\.docket\[0\]\.weekday: .*Allowed: Monday",
    ),
}


def test_a_county_too_large_for_any_memory_is_refused(told: Told) -> None:
    said = told(mine=edited(COUNTY, "value: 1958", "value: 1958000000"))
    assert len(said) == 1
    assert re.search(r"jail\.bookings: .* take [\d,]+ people in contact; at most 500,000", said[0])


@pytest.mark.parametrize("name", COUNTY_FAULTS)
def test_a_fault_in_a_county_is_told_at_its_line_and_column(told: Told, name: str) -> None:
    old, new, expected = COUNTY_FAULTS[name]
    text = edited(COUNTY, old, new)
    line = line_of(COUNTY, old) + new.rstrip("\n").count("\n")
    said = told(mine=text)
    assert any(re.match(rf"mine\.yaml:{line}:{expected}", each) for each in said), said


SCENARIO_FAULTS = {
    "a date before the horizon": (
        "2027-07-01",
        "2026-12-31",
        r"7:11: levers\[0\]\.date: 2026-12-31 is outside the horizon",
    ),
    "a date after the horizon": (
        "2027-07-01",
        "2032-01-01",
        r"7:11: levers\[0\]\.date: .* Allowed: 2027-01-01 up to",
    ),
    "a date that is none": ("2027-07-01", "2027-13-01", r"7:11: levers\[0\]\.date: Needs a date"),
    "an unknown team": (
        "team: west",
        "team: wset",
        r"8:11: levers\[0\]\.team: .*no FACT team 'wset'.*Did you mean 'west'",
    ),
    "posts of a team before it is there": (
        "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1",
        "hire\n    date: 2027-07-01\n    service: fact.south\n    role: nurse\n  - lever: add_team\n"
        "    date: 2027-07-01\n    team: south\n    serves: [west]\n    posts: 1",
        r"8:14: levers\[0\]\.service: no posts can be in service 'fact.south'",
    ),
    "a group that is not there": (
        "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1",
        "add_group_slots\n    date: 2027-07-01\n    group: cbst\n    slots: 1",
        r"8:12: levers\[0\]\.group: .*no group 'cbst'.*Did you mean 'cbsst'",
    ),
    "a grant that pays nobody": (
        "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1",
        "end_grant\n    date: 2027-07-01\n    fund: prop74",
        r"8:11: levers\[0\]\.fund: no posts are paid by a grant 'prop74'.*Did you mean 'prop47'",
    ),
    "posts in a service without any": (
        "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1",
        "hire\n    date: 2027-07-01\n    service: evaluations\n    role: evaluator",
        r"8:14: levers\[0\]\.service: .*no posts can be in service.*Did you mean 'evaluation'",
    ),
    "posts that end before they begin": (
        "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1",
        "hire\n    date: 2027-07-01\n    service: fact.west\n    role: nurse\n    until: 2027-06-01",
        r"10:12: levers\[0\]\.until: 2027-06-01 does not come after 2027-07-01",
    ),
    "no post at all": ("posts: 1", "posts: 0", r"9:12: levers\[0\]\.posts: 0 is below 1"),
    "half a post": ("posts: 1", "posts: 1.5", r"9:12: levers\[0\]\.posts: Needs a whole number"),
    "an unknown lever": (
        "add_clinicians",
        "add_clinician",
        r"6:12: levers\[0\]\.lever: .*Did you mean 'add_clinicians'",
    ),
    "an unknown county": (
        "county: contra_costa",
        "county: contra_cost",
        r"4:9: county: .*Did you mean 'contra_costa'",
    ),
    "a county file that is not there": (
        "county: contra_costa",
        "county: gone.yaml",
        r"4:9: county: there is no county file",
    ),
    "no lever": (SCENARIO[SCENARIO.index("\n  - lever") :], " []\n", r"5:1: levers: Must not be empty"),
}


@pytest.mark.parametrize("name", SCENARIO_FAULTS)
def test_a_fault_in_a_scenario_is_told_at_its_line_and_column(told: Told, name: str) -> None:
    old, new, expected = SCENARIO_FAULTS[name]
    said = told(mine=edited(SCENARIO, old, new))
    assert any(re.match(rf"mine\.yaml:{expected}", each) for each in said), said


def test_a_team_that_a_lever_added_can_be_named_by_later_ones(folder: Path) -> None:
    later = "\n  - lever: hire\n    date: 2027-08-01\n    service: fact.south\n    role: nurse\n"
    levers = "add_team\n    date: 2027-07-01\n    team: south\n    serves: [west]\n    posts: 1"
    old = "add_clinicians\n    date: 2027-07-01\n    team: west\n    posts: 1\n"
    (folder / "mine.yaml").write_text(edited(SCENARIO, old, levers + later), encoding="utf-8")
    scenario = load_one("mine.yaml")
    county = model.build(scenario, 1, 0)
    county.env.run(until=230)
    posts = [post.role for post in county.log.posts if post.service == "fact.south"]
    assert posts == ["case_manager", "nurse"]


def test_a_kind_that_is_none_is_told_with_the_two_there_are(told: Told) -> None:
    (only,) = told(mine=edited(SCENARIO, "kind: scenario", "kind: senario"))
    assert only.startswith("mine.yaml:1:7: kind: ")
    assert only.endswith("Allowed: county, scenario. Did you mean 'scenario'?")


def test_a_start_inside_a_month_is_refused(told: Told) -> None:
    (only,) = told(mine=edited(COUNTY, "start: 2027-01-01", "start: 2027-01-15"))
    assert "start 2027-01-15 is not the first day of a month" in only


def test_several_faults_are_told_in_one_pass_in_the_order_of_their_lines(told: Told) -> None:
    text = COUNTY
    for name in ("a negative capacity", "an unknown unit", "a stock given as a flow", "an unquoted code"):
        old, new, _ = COUNTY_FAULTS[name]
        text = edited(text, old, new)
    said = [re.match(r"mine\.yaml:(\d+):\d+: ([\w.]+): ", each) for each in told(mine=text)]
    assert [found[2] for found in said if found] == [
        "fips",
        "population.unit",
        "crisis.mobile_teams.unit",
        "crisis.stabilization_chairs.value",
    ]
    lines = [int(found[1]) for found in said if found]
    assert lines == sorted(lines)


def test_faults_of_several_files_are_told_in_one_pass(told: Told) -> None:
    one, two = (edited(SCENARIO, "posts: 1", f"posts: {posts}") for posts in ("0", "many"))
    assert {each.split(":")[0] for each in told(one=one, two=two)} == {"one.yaml", "two.yaml"}


def test_a_fault_in_the_county_of_a_scenario_is_told_in_the_county_file(told: Told) -> None:
    scenario = edited(SCENARIO, "contra_costa", "mine")
    county = edited(COUNTY, "months: 60", "months: 0")
    (only,) = told("what.yaml", what=scenario, mine=county)
    assert re.match(rf"mine\.yaml:{line_of(county, 'months')}:9: months: 0 is below 1", only)


def test_a_bad_lever_is_not_taken_for_no_lever(told: Told) -> None:
    (only,) = told(mine=edited(SCENARIO, "posts: 1", "posts: many"))
    assert only.startswith("mine.yaml:9:12: levers[0].posts: ")


def test_an_empty_file_is_refused(told: Told) -> None:
    assert told(mine="") == ["mine.yaml:1:1: (file): The file is empty."]


def test_fifty_megabytes_of_nonsense_are_refused_in_two_seconds(told: Told, folder: Path) -> None:
    nonsense = random.Random(1).randbytes(1_000_000).hex() * 25
    (folder / "huge.yaml").write_text(nonsense, encoding="ascii")
    begun = time.monotonic()
    (only,) = told("huge.yaml")
    assert time.monotonic() - begun < 2
    assert re.match(r"huge\.yaml:1:1: \(file\): The file has 50,000,000 bytes, more than the 250,000", only)


def test_a_text_without_meaning_is_refused_where_it_stops_being_yaml(told: Told) -> None:
    (only,) = told(mine='kind: scenario\nname: "never closed\n')
    assert only.startswith("mine.yaml:2:7: (file): The quotation mark that opens here is never closed")


def test_a_folder_is_not_a_scenario(told: Told, folder: Path) -> None:
    (folder / "mine.yaml").mkdir()
    assert told("mine.yaml") == ["mine.yaml:1:1: (file): This is a folder, not a file."]


# --- What can be wrong on the command line ---


def test_an_unknown_scenario_is_told_with_the_one_that_was_meant(told: Told) -> None:
    (only,) = told("second_docket_dya")
    assert only.startswith("second_docket_dya:1:1: (file): there is no file and no shipped scenario")
    assert only.endswith("Did you mean 'second_docket_day'?")
    assert "napa" in only


def test_scenarios_of_two_counties_are_not_compared(told: Told) -> None:
    (only,) = told("second_docket_day", "napa")
    assert only.startswith("napa:1:1: county: starts from Napa County")


def test_a_scenario_named_twice_is_refused(told: Told) -> None:
    (only,) = told("napa", "napa")
    assert only.endswith("is named twice; name each scenario once")


def test_a_folder_that_holds_something_is_left_as_it_is(told: Told, folder: Path) -> None:
    (folder / "kept").mkdir()
    (folder / "kept" / "work.csv").write_text("a year's work\n", encoding="utf-8")
    (only,) = told("contra_costa", "--out", "kept")
    assert "kept" in only
    assert "is left as it is" in only


def test_a_file_is_not_taken_for_a_folder(told: Told, folder: Path) -> None:
    (folder / "kept").write_text("a year's work\n", encoding="utf-8")
    (only,) = told("contra_costa", "--out", "kept")
    assert "is a file" in only


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["check"],
        ["run", "contra_costa", "--replications", "1"],
        ["run", "contra_costa", "--replications", "many"],
        ["run", "contra_costa", "--seed", "-1"],
        ["run", "contra_costa", "--jobs", "0"],
        ["run", "contra_costa", "--no-such-option"],
        ["walk"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_ends_with_code_2_and_says_why(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out + said.err
    assert contents(folder) == {}


# --- What is right ---


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_file_is_fine(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["check", name]) == 0
    assert capsys.readouterr().out.startswith(f"{name}: fine: ")
    assert contents(folder) == {}


def test_check_tells_the_good_from_the_bad_and_ends_with_code_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine.yaml").write_text(edited(SCENARIO, "posts: 1", "posts: 0"), encoding="utf-8")
    assert main(["check", "napa", "mine.yaml"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("napa: fine: ")
    assert "mine.yaml:9:12: levers[0].posts: 0 is below 1" in said.err


def test_a_county_beside_a_scenario_comes_before_a_shipped_one(folder: Path) -> None:
    (folder / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "contra_costa.yaml").write_text(edited(COUNTY, "months: 60", "months: 12"), encoding="utf-8")
    assert load_one("mine.yaml").county.months == 12


def test_a_scenario_is_its_county_with_its_levers_and_nothing_else() -> None:
    county, scenario = load(["contra_costa", "second_docket_day"])
    assert scenario.county == county.county
    assert scenario.parameters == county.parameters
    assert (county.levers, len(scenario.levers)) == ((), 1)


def test_local_evidence_replaces_the_register_in_its_county_only() -> None:
    here, elsewhere = (dict(load_one(name).parameters) for name in ("napa", "contra_costa"))
    changed = {path for path in here if here[path] != elsewhere[path]}
    assert changed == {
        "jail.sentence_felony",
        "jail.sentence_other",
        "court.disposition_detained_felony",
        "court.disposition_detained_other",
    }


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


COMMANDS = [name for name in app if not name.startswith("-")]


def explained(printed: str) -> dict[str, str]:
    """The first name in each row of the help, and the sentence after the names, wrapped or not."""
    found: dict[str, str] = {}
    for row in re.findall(r"^│(.*)│$", printed, re.MULTILINE):
        if named := re.match(r"[ *]{1,4}(?:--)?([\w-]+)(?: \S+)*(  +|$)", row):
            name = named[1].lower()
            found[name] = row[named.end() :]
        else:
            found[name] += row
    return {name: " ".join(text.partition("[")[0].split()) for name, text in found.items()}


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen on which each row of the help is one line."""
    monkeypatch.setenv("COLUMNS", "600")


def test_help_lists_every_command_with_the_sentence_of_its_own_help(
    wide: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--help"]) == 0
    listed = explained(capsys.readouterr().out)
    assert [name for name in COMMANDS if name in listed] == COMMANDS
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        usage, sentence = capsys.readouterr().out.split("\n\n")[:2]
        assert usage.startswith(f"Usage: offramp {name}")
        assert listed[name] == " ".join(sentence.split()) != ""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_explains_each_argument_and_option_that_it_takes(
    wide: None, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, "--help"]) == 0
    listed = explained(capsys.readouterr().out)
    taken = [one.name for one in app[command].assemble_argument_collection() if one.show]
    assert len(taken) == len(set(taken))
    for name in taken:
        assert len(listed[name.strip("-").lower()].split()) >= 3, f"{name} is not explained"


def test_help_does_not_wait_for_heavy_imports() -> None:
    heavy = "{'numpy', 'pandas', 'scipy', 'simpy', 'pydantic', 'matplotlib', 'pyarrow'}"
    code = f"import sys, offramp.cli as c; c.main(['--help']); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


# --- The evidence register on the screen ---


def test_evidence_lists_value_unit_range_grade_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "court.consent"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^court\.consent = [\d.]+ share \([\d.]+ to [\d.]+\), grade [A-D]$", said, re.MULTILINE)
    assert "Measured in: " in said
    assert "Source: " in said
    assert "1 parameters" in said


def test_evidence_can_be_narrowed_to_a_grade(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "staffing", "--grade", "d"]) == 0
    grades = re.findall(r", grade ([A-D])$", capsys.readouterr().out, re.MULTILINE)
    assert grades
    assert set(grades) == {"D"}


@pytest.mark.parametrize(
    ("arguments", "said"), [(["cuort"], "Did you mean 'court'"), (["--grade", "E"], "Allowed: A, B, C, D")]
)
def test_evidence_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["evidence", *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (4_800.0, "hours", ""),
        (1e6, "days", "1e+06 days is out of all proportion to what is known elsewhere"),
        (1e-4, "days", "0.0001 days is out of all proportion"),
    ],
)
def test_a_parameter_measured_here_that_must_be_in_another_unit_is_refused(
    tmp_path: Path, value: float, unit: str, told: str
) -> None:
    from calibration.register import register

    known = register().jail.sentence_felony.model_dump()
    known |= {"value": value, "low": value / 2, "high": value * 2, "unit": unit}
    lines = "".join(f"      {name}: {json.dumps(figure)}\n" for name, figure in known.items())
    napa = shipped()["napa"].read_text(encoding="utf-8").partition("local_evidence:")[0]
    path = tmp_path / "here.yaml"
    path.write_text(f"{napa}local_evidence:\n  jail:\n    sentence_felony:\n{lines}", encoding="utf-8")
    if told:
        with pytest.raises(BadDocument, match=re.escape(told)) as bad:
            load_one(str(path))
        assert "local_evidence.jail.sentence_felony.value" in str(bad.value)
    else:
        assert load_one(str(path)).parameters.jail.sentence_felony.days == 200
