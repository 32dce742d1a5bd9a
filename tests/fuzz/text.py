"""Damaged texts: what happens in editors, in transit and on purpose."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

TOKENS = (
    *("", "~", "null", "true", "no", "[]", "{}", "[1, 2", "{a: ", '"', "'", ":", "- - -", "?", "!", "|"),
    *(">", "%", "nan", ".inf", "-.inf", "1e999", "-1", "0", "1e300", "99999999999999999999", "0x1F"),
    *("1_000", "1,5", "٣", "2027-13-45", "0000-00-00", "2027-07-01T25:00", "12:30:45", "=2+2", "+1"),
    *("@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "!!python/object/apply:os.system ['touch pwned']"),
    *("!!python/name:os.system", "!include /etc/passwd", "!!binary aGVsbG8=", "!!set {a}", "!!omap [a: 1]"),
    *("!!timestamp 2020", "<<: *a", "&a [*a]", "*a", "%TAG ! x:", "\u202e", "\ufeff", "\x00", "\x07"),
    *("\ud7ff", "é" * 50, "😀", "a" * 5000, "[" * 200, "{a: " * 100, "- " * 200, "../../etc/passwd"),
    *('"\\e[31mred"', '"\\a"', "[/bold]", "[link=file:///etc/passwd]x[/link]", '"[/x]"'),
    *("C:\\con", "/dev/zero", "\\\\host\\share", "felony\nfelony", "\t", "\r", "---", "...", "# "),
)


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
