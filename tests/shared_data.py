"""Where tests find the real data that is no part of the project, and skip where it is absent.

The folder ``shared`` lies beside the repository; the environment variable OFFRAMP_SHARED names it when
it lies elsewhere (a worktree, another disk).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared"


def shared_data(name: str) -> Path:
    """The path of a file of the shared data; skips the test if the folder is not there."""
    folder = Path(os.environ.get("OFFRAMP_SHARED") or BESIDE)
    if not folder.is_dir():
        pytest.skip("no shared data: put the folder `shared` beside the repository or set OFFRAMP_SHARED")
    return folder / "data" / name
