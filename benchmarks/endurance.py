"""Kill ``offramp run`` with SIGKILL at random moments and see that each resumed run ends the same.

Run it as ``python benchmarks/endurance.py [KILLS]`` (50 if left out, about half an hour); it writes
benchmarks/endurance.md. Each kill strikes a command at a moment drawn anew between its start and the
time an uninterrupted one takes, so that imports, runs, tables and figures are all struck; the same
command is then given again until it ends, and its folder is compared with the uninterrupted one's, file
by file.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.command import digest, finished, kept, started, tiny

RUNS = 8


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        county = tiny(folder, months=6)
        command = ["run", county, "-n", RUNS, "--jobs", 2, "--events", "--out"]
        begun = time.monotonic()
        assert finished(*command, folder / "whole", store=folder / "whole_store") == (0, "")
        whole, seconds = digest(folder / "whole"), time.monotonic() - begun
        done = [one_kill(folder / str(i), command, whole, chance.uniform(0, seconds)) for i in range(kills)]
        stops = [one_interrupt(folder / f"stop{i}", command) for i in range(5)]
    write(done, stops)


def one_kill(folder: Path, command: list[object], whole: dict[str, str], moment: float) -> tuple[int, bool]:
    """Runs kept when the kill struck, and whether the resumed command ended with the same folder."""
    store, out = folder / "store", folder / "results" / "out"
    process = started(*command, out, store=store)
    time.sleep(moment)
    process.kill()
    process.communicate()
    found = kept(store)
    struck = not out.exists()
    code, said = finished(*command, out, store=store) if struck else (0, "")
    alone = [path.name for path in out.parent.iterdir()] == ["out"]
    same = (code, said) == (0, "") and digest(out) == whole and alone
    print(f"killed after {moment:.1f} s with {found} runs kept: {'the same' if same else 'NOT THE SAME'}")
    return found, same


def one_interrupt(folder: Path, command: list[object]) -> float:
    """Seconds from Ctrl-C to the end of a command at work."""
    process = started(*command, folder / "out", store=folder / "store")
    while kept(folder / "store") < 1:
        time.sleep(0.01)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode in (0, 130)
    return time.monotonic() - begun


def write(done: list[tuple[int, bool]], stops: list[float]) -> None:
    """The table for a reader."""
    same = sum(equal for _, equal in done)
    lines = [
        f"{len(done)} kills (SIGKILL) at random moments of `offramp run` with {RUNS} runs on two processes:",
        f"{same} of {len(done)} resumed commands ended with the same folder, byte for byte.",
        "",
        "| runs kept when killed | kills | ended the same |",
        "|---|---|---|",
    ]
    for found in sorted({found for found, _ in done}):
        equal = [is_same for number, is_same in done if number == found]
        lines.append(f"| {found} | {len(equal)} | {sum(equal)} |")
    lines += ["", f"Ctrl-C, five times: ended within {max(stops):.1f} s at the latest.", ""]
    text = "\n".join(lines)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)
    if same < len(done):
        sys.exit(1)


if __name__ == "__main__":
    main()
