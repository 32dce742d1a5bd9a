"""A Dask cluster gives what one machine gives, byte for byte, also when it loses a worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent


def dask(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)


class Workers:
    """A scheduler and two workers of one thread each, as processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        self.processes = [dask("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))]
