"""Files of an older format are read as ever, refused by name where they cannot be, and upgraded in place."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from calibration.document import BadDocument, read
from calibration.document.upgrade import upgraded
from offramp.cli import main
from offramp.reference import file_key
from offramp.scenarios import load_one
from simulation.inputs.format import FILE_FORMAT, RENAMED
from tests.fuzz.text import mutated_text

ROOT = Path(__file__).parent.parent
FIRST_FORMAT = Path(__file__).parent / "old_formats" / "format_1"
NAMES = sorted(path.name for path in FIRST_FORMAT.glob("*.yaml"))
OLD = """\
# a comment above
kind: scenario   # and one beside
name: 'In quotes'
question: What would happen?
county: napa
levers:
  - {lever: stop_referrals, "on": 2027-02-01}  # in one line

  - lever: add_slots
    on: 2027-03-01
    service: evaluation
    slots: 1
"""
NEW = OLD.replace("kind:", "format: 2\nkind:").replace('"on":', '"date":').replace("    on:", "    date:")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_the_first_format_is_the_same_model(name: str) -> None:
    old, new = load_one(str(FIRST_FORMAT / name)), load_one(str(ROOT / "scenarios" / name))
    assert old.fingerprint() == new.fingerprint()


@pytest.mark.parametrize("name", NAMES)
def test_an_upgraded_file_is_the_shipped_one_letter_for_letter(name: str, folder: Path) -> None:
    path = written(folder / name, (FIRST_FORMAT / name).read_text(encoding="utf-8"))
    assert main(["upgrade", name]) == 0
    assert path.read_bytes() == (ROOT / "scenarios" / name).read_bytes()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_order_quotes_and_line_ends_stay(folder: Path, newline: str, mark: str) -> None:
    path = written(folder / "mine.yaml", mark + OLD.replace("\n", newline))
    path.chmod(0o640)
    assert main(["upgrade", "mine.yaml"]) == 0
    assert path.read_bytes().decode() == mark + NEW.replace("\n", newline)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in folder.iterdir()] == ["mine.yaml"]


def test_a_second_upgrade_has_nothing_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(folder / "mine.yaml", OLD)
    main(["upgrade", "mine.yaml"])
    capsys.readouterr()
    before = path.stat().st_mtime_ns
    assert main(["upgrade", "mine.yaml"]) == 0
    assert capsys.readouterr().out == "mine.yaml: nothing to do\n"
    assert path.stat().st_mtime_ns == before


def test_nothing_is_written_if_one_of_the_files_is_bad(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = written(folder / "good.yaml", OLD), written(folder / "bad.yaml", OLD + "    slots: 2\n")
    assert main(["upgrade", "good.yaml", "bad.yaml"]) == 1
    assert (good.read_text(), bad.read_text()) == (OLD, OLD + "    slots: 2\n")
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("bad.yaml:13:5: levers[1].slots: This key stands twice")
    assert said[-1] == "Nothing was written."


REFUSED = {
    "a key that cannot be rewritten": (
        OLD.replace('"on"', r'"\x6fn"'),
        r"mine.yaml:7:29: levers[0].date: 'on' cannot be rewritten here",
    ),
    "the old name beside the new one": (
        OLD.replace("    on: 2027-03-01\n", "    on: 2027-03-01\n    date: 2027-03-01\n"),
        "mine.yaml:10:5: levers[1].on: 'on' and 'date' are one key, called 'date' since format 2",
    ),
    "a newer format": ("format: 99\n" + OLD, "mine.yaml:1:9: (file): Format 99 is newer"),
    "a format in words": ("format: two\n" + OLD, "mine.yaml:1:9: (file): Needs the number of a format"),
    "another kind of file": (
        OLD.replace("kind: scenario", "kind: poem"),
        "mine.yaml:2:7: kind: Only files of the kinds county and scenario can be upgraded",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_upgraded_is_named_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    text, told = REFUSED[case]
    path = written(folder / "mine.yaml", text)
    assert main(["upgrade", "mine.yaml"]) == 1
    assert capsys.readouterr().err.startswith(told)
    assert path.read_text() == text


def test_an_old_key_in_a_file_of_the_new_format_is_told_its_new_name(folder: Path) -> None:
    written(folder / "mine.yaml", NEW.replace("    date:", "    on:"))
    with pytest.raises(BadDocument) as bad:
        load_one("mine.yaml")
    assert str(bad.value.problems[0]) == (
        "mine.yaml:11:5: levers[1].on: 'on' is called 'date' since format 2: "
        "offramp upgrade mine.yaml rewrites it."
    )
    assert main(["upgrade", "mine.yaml"]) == 0
    assert (folder / "mine.yaml").read_text() == NEW


def test_a_check_says_that_a_file_is_in_an_older_format(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(folder / "mine.yaml", OLD)
    assert main(["check", "mine.yaml"]) == 0
    assert "offramp upgrade mine.yaml" in capsys.readouterr().out
    assert main(["check", "napa"]) == 0
    assert "upgrade" not in capsys.readouterr().out


def test_a_problem_in_an_old_file_stands_at_its_line(folder: Path) -> None:
    path = written(folder / "mine.yaml", OLD.replace("2027-03-01", "2027-13-01"))
    with pytest.raises(BadDocument, match=r"mine.yaml:10:9: levers\[1\].date: Needs a date"):
        load_one(str(path.name))


def test_results_of_another_format_are_refused_by_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "results").mkdir()
    for manifest, code in ({"format": 2}, 0), ({}, 1), ({"format": 3}, 1):
        written(folder / "results" / "manifest.json", json.dumps(manifest))
        assert main(["upgrade", "results"]) == code
    assert "holds results of format 3; this version reads 2" in capsys.readouterr().err


def name_of_today(key: str) -> str:
    """A line of the list of keys, with every key in it that was renamed called as today."""
    kind, _, path = key.partition(" ")
    steps = path.split(".")
    for row in RENAMED:
        length = row.path.count(".") + 1
        if row.kind == kind and row.matches(steps[:length]):
            steps[length - 1] = row.name
    return f"{kind} {'.'.join(steps)}"


def test_every_key_that_files_ever_had_is_one_today_or_was_renamed() -> None:
    today = set(file_key.keys_of_today())
    lost = [key for key in file_key.keys_so_far() if name_of_today(key) not in today]
    assert lost == [], "raise FILE_FORMAT and add rows to RENAMED, in simulation/inputs/format.py"


def test_the_list_of_keys_has_every_key_of_today() -> None:
    assert file_key.PATH.read_text(encoding="utf-8") == file_key.generate(), "make docs"


def test_no_old_name_is_a_key_again_where_it_was() -> None:
    """A file without a format could then mean either."""
    today = [key.partition(" ")[::2] for key in file_key.keys_of_today()]
    for row in RENAMED:
        assert not [path for kind, path in today if kind == row.kind and row.matches(path.split("."))]
        assert row.since <= FILE_FORMAT


def test_every_shipped_file_states_its_format() -> None:
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        assert read(path).old_keys == {}
        assert f"format: {FILE_FORMAT}\n" in path.read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None)
@given(content=mutated_text(OLD))
def test_a_damaged_file_is_refused_or_says_afterwards_what_it_said_before(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mine.yaml"
        path.write_bytes(content)
        try:
            text = upgraded(path)
        except BadDocument:
            return
        before = read(path, forgiving=True).data
        path.write_bytes(content if text is None else text.encode())
        assert read(path).data == before
        assert read(path).old_keys == {}
        assert upgraded(path) is None
