"""Atomic writing: a file or folder is written under another name and renamed, so that it is never partial."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from uuid import uuid4


@contextmanager
def atomic_file(path: Path, replace: bool = True) -> Iterator[Path]:
    """A name beside ``path`` to write to; it takes that name when all is written and on the disk.

    Missing folders are made; nothing is left if writing fails. Raises FileExistsError if the file exists and
    must not be replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        if not replace and path.exists():
            raise FileExistsError(f"{path} exists already and is left as it is")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file that is there whole, and on the disk, or not there at all."""
    with atomic_file(path) as unfinished:
        unfinished.write_bytes(content)


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """A staging folder beside ``folder``; it takes that name when the block ends, and is removed if it fails.

    An empty folder of that name is replaced. Staging folders whose process was killed are removed first.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(folder)
    staging = Path(tempfile.mkdtemp(prefix=f"{_prefix(folder)}{os.getpid()}-", dir=folder.parent))
    try:
        yield staging
        staging.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        staging.rename(folder)
    finally:
        if staging.exists():
            shutil.rmtree(staging, ignore_errors=True)


def clear_abandoned(folder: Path) -> None:
    """Remove staging folders of this folder whose process was killed on this machine."""
    prefix = _prefix(folder)
    for staging in folder.parent.glob(f"{escape(prefix)}*-*"):
        number = staging.name.removeprefix(prefix).partition("-")[0]
        if number.isdigit() and not _is_running(int(number)):
            shutil.rmtree(staging, ignore_errors=True)


def _prefix(folder: Path) -> str:
    """The beginning of the names of this machine's staging folders beside a folder."""
    return f".{folder.name}-{socket.gethostname()}-"


def _is_running(number: int) -> bool:
    """Whether a process of this machine is running."""
    if os.name == "nt":  # a signal of 0 would end it there
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
