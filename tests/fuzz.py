"""Files as careless and hostile people make them, given to the command line's own entry point.

What must hold of each that is refused: the exit code is 1, the reason is told in words, nothing runs,
nothing is written, and it takes less than ten seconds. What is accepted must be able to run.
"""

from __future__ import annotations

import contextlib
import io
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from unittest.mock import patch

import xlsxwriter
from hypothesis import strategies as st

from offramp.cli import main
from offramp.scenarios import load_one
from simulation import model
from simulation.clock import live_until

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SECONDS = 10.0

TOKENS = (
    *("", "~", "null", "true", "no", "[]", "{}", "[1, 2", "{a: ", '"', "'", ":", "- - -", "?", "!", "|"),
    *(">", "%", "nan", ".inf", "-.inf", "1e999", "-1", "0", "1e300", "99999999999999999999", "0x1F"),
    *("1_000", "1,5", "٣", "2027-13-45", "0000-00-00", "2027-07-01T25:00", "12:30:45", "=2+2", "+1"),
    *("@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "!!python/object/apply:os.system ['touch pwned']"),
    *("!!python/name:os.system", "!include /etc/passwd", "!!binary aGVsbG8=", "!!set {a}", "!!omap [a: 1]"),
    *("!!timestamp 2020", "<<: *a", "&a [*a]", "*a", "%TAG ! x:", "\u202e", "\ufeff", "\x00", "\x07"),
    *("\ud7ff", "é" * 50, "😀", "a" * 5000, "[" * 200, "{a: " * 100, "- " * 200, "../../etc/passwd"),
    *("C:\\con", "/dev/zero", "\\\\host\\share", "felony\nfelony", "\t", "\r", "---", "...", "# "),
)


@dataclass
class Verdict:
    """How a command ended: its code, what it said, and the seconds it took."""

    code: int
    said: str
    seconds: float


class Ran(Exception):
    """The file is valid: it was about to be run."""


def command(*arguments: str) -> Verdict:
    """Run a command in this process; raises what would have been a traceback, and TimeoutError."""
    told = io.StringIO()
    begun = time.process_time()
    with limit(), contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        code = main(list(arguments))
    return Verdict(code, told.getvalue(), time.process_time() - begun)


@contextlib.contextmanager
def limit() -> Iterator[None]:
    """Raise TimeoutError after ten seconds of work (other work on the machine does not count)."""

    def late(*_: object) -> None:
        raise TimeoutError(f"no answer within {SECONDS:.0f} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refused(folder: Path, *arguments: str) -> bool:
    """Whether a command refuses what it is given, as it should; False if that is valid.

    Raises AssertionError if anything else happens, and whatever else would have been a traceback.
    """
    before = listing(folder)
    try:
        with patch("offramp.making.make", side_effect=Ran):
            verdict = command(*arguments)
    except Ran:
        return False
    assert verdict.code in (0, 1), f"exit code {verdict.code}: {verdict.said}"
    assert listing(folder) == before, "something was written"
    assert verdict.said.strip() or verdict.code == 0, "refused without a word"
    assert "Traceback" not in verdict.said
    return verdict.code == 1


def lives(path: Path) -> None:
    """Let a valid file's county live for five days: whatever is accepted must be able to run."""
    scenario = load_one(str(path))
    with limit():
        county = model.build(scenario, 1, 0)
        live_until(county.env, 5.0)
        county.finish()


def listing(folder: Path) -> list[tuple[str, int]]:
    """Every file with its size."""
    return sorted((str(path), path.stat().st_size) for path in folder.rglob("*") if path.is_file())


# --- Mutations of text ---


@st.composite
def mutated_text(draw: st.DrawFn, text: str) -> bytes:
    """A text with one to four of the changes that happen in editors, in transit and on purpose."""
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(TEXT_CHANGES))(draw, text) or " "
    return draw(st.sampled_from(ENCODINGS))(draw, text)


def _line(draw: st.DrawFn, lines: list[str]) -> int:
    return draw(st.integers(0, len(lines) - 1))


def _edit_line(change: Callable[[st.DrawFn, str], str]) -> Callable[[st.DrawFn, str], str]:
    def edit(draw: st.DrawFn, text: str) -> str:
        lines = text.split("\n")
        at = _line(draw, lines)
        lines[at] = change(draw, lines[at])
        return "\n".join(lines)

    return edit


def _new_value(draw: st.DrawFn, line: str) -> str:
    key, colon, _ = line.partition(":")
    return f"{key}{colon} {draw(st.sampled_from(TOKENS))}"


def _new_key(draw: st.DrawFn, line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}{draw(st.sampled_from(TOKENS))}: {line.partition(':')[2]}"


def _indented(draw: st.DrawFn, line: str) -> str:
    return draw(st.sampled_from([" ", "  ", "\t", "- "])) + line


def _cut(draw: st.DrawFn, line: str) -> str:
    return line[: draw(st.integers(0, len(line)))]


def _inserted(draw: st.DrawFn, line: str) -> str:
    at = draw(st.integers(0, len(line)))
    return line[:at] + draw(st.sampled_from(TOKENS) | st.text(max_size=5)) + line[at:]


def _without_a_line(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    del lines[_line(draw, lines)]
    return "\n".join(lines)


def _twice(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    at, to = _line(draw, lines), _line(draw, lines)
    return "\n".join([*lines[:to], lines[at], *lines[to:]])


def _truncated(draw: st.DrawFn, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _doubled(_: st.DrawFn, text: str) -> str:
    return text + text


def _huge(draw: st.DrawFn, text: str) -> str:
    return text + draw(st.sampled_from(["#" * 300_000, "\n" * 240_000, "[" * 100_000, "a: 1\n" * 60_000]))


TEXT_CHANGES = [
    *map(_edit_line, (_new_value, _new_value, _new_key, _indented, _cut, _inserted)),
    *(_without_a_line, _twice, _truncated, _doubled, _huge),
]


def _plain(_: st.DrawFn, text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _bytes_flipped(draw: st.DrawFn, text: str) -> bytes:
    return flipped(draw, text.encode("utf-8", "surrogatepass"))


ENCODINGS = [
    *(_plain, _plain, _plain, _plain, _bytes_flipped),
    lambda _, text: text.encode("utf-16", "surrogatepass"),
    lambda _, text: text.encode("latin-1", "replace"),
    lambda _, text: text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"),
]


def flipped(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes of which a few are others."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 8))):
        if changed:
            changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    return bytes(changed)


# --- Workbooks ---


@cache
def workbook() -> bytes:
    """A small workbook of a county, in order."""
    people = [
        ("person", "arrest_date", "referral_date", "admission_date", "exit_date", "exit_type", "sex"),
        ("P1", date(2024, 1, 2), date(2024, 1, 9), date(2024, 2, 1), date(2025, 1, 5), "success", "female"),
        ("P2", date(2024, 3, 2), date(2024, 3, 9), date(2024, 4, 1), date(2024, 9, 5), "failure", "male"),
        ("P3", date(2024, 5, 2), date(2024, 5, 9), date(2024, 6, 1), None, None, "male"),
    ]
    arrests = [("person", "arrested", "charge_level"), ("P2", date(2024, 8, 1), "felony")]
    stays = [("person", "booked", "released"), ("P2", date(2024, 8, 1), date(2024, 8, 20))]
    about = [("item", "value"), ("observed_until", date(2025, 7, 1))]
    sheets = {"about": about, "participants": people, "arrests": arrests, "custody": stays}
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(2025, 1, 1)})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if value is not None:
                        sheet.write(i, j, value)
    return made.getvalue()


def csv_folder(folder: Path) -> None:
    """The same as CSV files."""
    folder.mkdir()
    (folder / "about.csv").write_text("item,value\nobserved_until,2025-07-01\n", encoding="utf-8")
    (folder / "participants.csv").write_text(
        "person,arrest_date,referral_date,admission_date,exit_date,exit_type,sex\n"
        "P1,2024-01-02,2024-01-09,2024-02-01,2025-01-05,success,female\n"
        "P2,2024-03-02,2024-03-09,2024-04-01,2024-09-05,failure,male\n",
        encoding="utf-8",
    )
    (folder / "arrests.csv").write_text(
        "person,arrested,charge_level\nP2,2024-08-01,felony\n", encoding="utf-8"
    )


XML_TOKENS = (
    *("<f>1+1</f>", '<f>HYPERLINK("http://x")</f>', "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>", "&a;", "&#0;"),
    *("<![CDATA[", "]]>", "<c/>", "</sheetData>", '<c r="XFD1048576"><v>1</v></c>', '<row r="99999999">'),
    *('t="e"', 't="s"', "<v>-1</v>", "<v>9e99</v>", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
)
SWAPS = (
    *(("person", "persons"), ("arrest_date", "person"), ("success", "=1+1"), ("felony", "x" * 40_000)),
    *(("P2", ""), ("participants", "participant"), ("about", "custody"), ("<v>", "<v>1e"), ("<v>4", "<v>-4")),
    *(('t="s"', 't="n"'), ('t="s"', ""), ("sheet1.xml", "../../sheet1.xml"), ("<row ", "<row x=")),
    *(("</c>", ""), ('r="A', 'r="ZZZ'), ("worksheet", "chartsheet"), ("utf-8", "utf-7"), ("UTF-8", "EBCDIC")),
    *(("P1", "P2"), ("female", "\x0b")),
)
NO_WORKBOOKS = (b"", b"PK", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"<html>")


@st.composite
def mutated_workbook(draw: st.DrawFn) -> bytes:
    """The workbook damaged as a file, in one of its parts, or in its cells."""
    changes = [_part_edited, _part_edited, _part_edited, _part_lost, _file_damaged, _not_one]
    return draw(st.sampled_from(changes))(draw, workbook())


def _parts(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return target.getvalue()


def _part_edited(draw: st.DrawFn, whole: bytes) -> bytes:
    parts = _parts(whole)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(parts)))
        text = parts[name].decode("utf-8", "replace")
        if draw(st.booleans()):
            at, lost = draw(st.integers(0, len(text))), draw(st.integers(0, 30))
            text = text[:at] + draw(st.sampled_from(XML_TOKENS + TOKENS)) + text[at + lost :]
        else:
            text = text.replace(*draw(st.sampled_from(SWAPS)))
        parts[name] = text.encode("utf-8", "surrogatepass")
    return _packed(parts)


def _part_lost(draw: st.DrawFn, whole: bytes) -> bytes:
    parts = _parts(whole)
    del parts[draw(st.sampled_from(sorted(parts)))]
    if draw(st.booleans()):
        name = draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "x"]))
        parts[name] = b"A" * 5_000_000
    return _packed(parts)


def _file_damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    return flipped(draw, whole) if draw(st.booleans()) else whole[: draw(st.integers(0, len(whole)))]


def _not_one(draw: st.DrawFn, _: bytes) -> bytes:
    return draw(st.sampled_from(NO_WORKBOOKS)) + draw(st.binary(max_size=50))
