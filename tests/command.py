"""The command line as a process of its own, which a test can kill; and what its results add up to."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLOCKED = ("finished", "seconds")


def tiny(folder: Path, months: int = 9) -> Path:
    """A county file of a few hundred people over some months."""
    napa = (ROOT / "scenarios" / "napa.yaml").read_text(encoding="utf-8")
    assert "months: 60" in napa
    path = folder / "tiny.yaml"
    path.write_text(napa.replace("months: 60", f"months: {months}"), encoding="utf-8")
    return path


def digest(folder: Path) -> dict[str, str]:
    """A hash of every file, the manifest's times aside."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "manifest.json":
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = json.dumps({k: v for k, v in manifest.items() if k not in CLOCKED})
        elif path.is_file():
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def started(*arguments: object, store: Path) -> subprocess.Popen[str]:
    """``offramp`` with these arguments, begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "offramp", *map(str, arguments)],
        env={**os.environ, "OFFRAMP_STORE": str(store), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Also where the tests run behind a shell's ``&``, which has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finished(*arguments: object, store: Path) -> tuple[int, str]:
    """The exit code of ``offramp`` with these arguments, and what it writes to standard error."""
    process = started(*arguments, store=store)
    _, said = process.communicate(timeout=300)
    return process.returncode, without_progress(said)


def without_progress(said: str) -> str:
    """The same without the line a minute that a slow machine makes the command write."""
    return re.sub(r"(?m)^[0-9,]+ (of [0-9,]+ )?runs finished.*\n", "", said)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Go on as soon as something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def kept(store: Path) -> int:
    """How many runs are kept."""
    return len(list(store.rglob("*.run")))
