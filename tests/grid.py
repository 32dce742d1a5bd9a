"""A Dask cluster of this machine, as processes that a test can kill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.command import ROOT, wait_for


def begun(what: str, *arguments: object, folder: Path) -> subprocess.Popen[bytes]:
    """A scheduler or a worker as a process of its own."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *map(str, arguments), "--no-dashboard"]
    command += ["--scheduler-file", str(folder / "scheduler.json")]
    return subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Grid:
    """A scheduler and two workers of one thread each."""

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        self.scheduler = begun("scheduler", "--host", "127.0.0.1", "--port", 0, folder=folder)
        wait_for(lambda: file.exists() and file.stat().st_size > 0)
        self.address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        options = ("--nthreads", 1, "--no-nanny", "--local-directory", folder)
        self.workers = [begun("worker", *options, folder=folder) for _ in range(2)]

    def stop(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
