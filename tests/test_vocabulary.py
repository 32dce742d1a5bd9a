"""Help, messages, docstrings and documents use the field's terms: docs/glossary.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulation", "calibration", "offramp")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "scenarios/README.md", "docs/*.md")

COINED = {
    "luck": "random stream, random numbers",
    "lucky": "random stream, random numbers",
    "bell": "signal",
    "bells": "signals",
    "rung": "fired; a higher housing type",
    "homeloss": "homelessness equilibrium",
    "estranged": "engagement loss",
    "bereave": "engagement loss",
    "bereaved": "engagement loss",
    "how-manieth": "ordinal",
    "envelope": "analytic approximation, steady state",
    "balance": "steady state",
    "ladder": "housing types",
    "roster": "shift schedule",
    "rosters": "shift schedules",
    "curriculum": "group program",
    "scribe": "writer",
    "desk": "staff, service",
    "crowd": "stream array",
    "heat": "inverse temperature",
    "picks": "resampling indices",
    "misfit": "discrepancy, residual",
    "look back": "posterior predictive runs",
    "told from chance": "distinguishable from chance",
    "bare step": "SimPy step",
}
"""Words of our own that were once in use, and the field's term for each."""

PHRASES = {
    r"\blaws? of (?:a|the|its|stays?|durations?|lengths?)\b": "distribution",
    r"\b(?:exponential|lognormal|biased|piecewise|fitted|normal) laws?\b": "distribution",
    r"\bis told (?:at once|of|when)\b": "is notified, is reported",
    r"\bthe clerk\b": "the service",
    r"\bback of the envelope\b": "analytic approximation",
}
PATTERNS = {
    **{rf"\b{re.escape(word).replace(' ', '[ -]')}\b": term for word, term in COINED.items()},
    **PHRASES,
}


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Docstrings and other strings of more than one word, with their line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def coined(text: str) -> list[str]:
    """What is wrong with a text, and the term to use."""
    found = [(re.search(pattern, text, re.IGNORECASE), term) for pattern, term in PATTERNS.items()]
    return [f"'{match[0]}' (take: {term})" for match, term in found if match]


@pytest.mark.parametrize("package", (*PACKAGES, "tests"))
def test_no_coined_word_stands_in_a_docstring_or_message(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {one}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path != Path(__file__)
        for line, text in prose(path)
        for one in coined(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_coined_word_stands_in_a_document() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {one}"
        for pattern in DOCUMENTS
        for path in sorted(ROOT.glob(pattern))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not line.startswith("| `") and path.name != "glossary.md"
        for one in coined(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_coined_word_is_found_where_it_stands() -> None:
    assert coined("Ring the bell") == ["'bell' (take: signal)"]
    assert coined("the exponential law fails") == ["'exponential law' (take: distribution)"]
    assert coined("Little's law holds, and labels are balanced by law") == []


def test_every_term_of_the_glossary_stands_once() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    terms = [row.strip() for row in rows if row.strip() not in ("term", "---")]
    assert len(terms) == len(set(terms)) > 60
