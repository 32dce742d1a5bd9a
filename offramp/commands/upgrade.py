"""``offramp upgrade``: county and scenario files in an older format, rewritten in place in that of today."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from calibration.document import BadDocument, Problem
from calibration.document.upgrade import upgraded
from calibration.inference import posterior
from simulation.atomic import write_atomic
from simulation.inputs.format import FILE_FORMAT, POSTERIOR_FORMAT, RESULTS_FORMAT

DONE, BAD_INPUT = 0, 1


def upgrade_command(names: Sequence[str]) -> int:
    """Check every file, then rewrite those that are in an older format; nothing is written if one is bad."""
    texts: dict[Path, str | None] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            texts[Path(name)] = upgrade_of(Path(name))
        except BadDocument as bad:
            problems.extend(bad.problems)
    if problems:
        print(BadDocument(problems), "Nothing was written.", sep="\n", file=sys.stderr)
        return BAD_INPUT
    for path, text in texts.items():
        try:
            report(path, text)
        except OSError as error:
            print(f"{path}: cannot be written: {error.strerror}. It is as it was.", file=sys.stderr)
            return BAD_INPUT
    return DONE


def upgrade_of(path: Path) -> str | None:
    """The new text of a file, None if it is in today's format already; raises BadDocument if it cannot be."""
    if path.is_dir():
        check_results(path)
        return None
    if path.suffix == ".parquet":
        version = posterior.about(path).format
        if version != POSTERIOR_FORMAT:
            why = f"is of format {version}; this version reads {POSTERIOR_FORMAT}. Calibrate again"
            raise cannot(path, why)
        return None
    return upgraded(path)


def check_results(folder: Path) -> None:
    """Refuse a folder that holds no results, or those of another format (BadDocument)."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise cannot(folder, "holds no results: there is no manifest.json that can be read") from None
    version = manifest.get("format", 1) if isinstance(manifest, dict) else None
    if version != RESULTS_FORMAT:
        why = f"holds results of format {version}; this version reads {RESULTS_FORMAT}. Run again"
        raise cannot(folder, why)


def cannot(path: Path, why: str) -> BadDocument:
    """What cannot be upgraded, and why."""
    return BadDocument([Problem(str(path), 1, 1, "format", why)])


def report(path: Path, text: str | None) -> None:
    """Write one file, and say what was done."""
    if text is None:
        print(f"{path}: nothing to do")
        return
    file = path.resolve()
    mode, mark = file.stat().st_mode, file.read_bytes()[:3]
    content = text.encode()
    write_atomic(file, b"\xef\xbb\xbf" + content if mark == b"\xef\xbb\xbf" else content)
    file.chmod(mode)
    print(f"{path}: now in format {FILE_FORMAT}")
