"""A user's own module of levers or measures, imported from its file (``--plugin levers.py``)."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path


class BadPlugin(Exception):
    """A file that cannot be imported as a module."""


def import_plugins(paths: Iterable[Path]) -> None:
    """Import each file, whose levers and measures are then known here and in the processes that run.

    The file's folder is searched for modules after all others, so that processes started from this one find
    the module under its name. Raises BadPlugin.
    """
    for path in paths:
        file = path.resolve()
        if not file.is_file() or file.suffix != ".py" or not file.stem.isidentifier():
            raise BadPlugin(f"--plugin {path}: name a Python file, such as levers.py")
        if str(file.parent) not in sys.path:
            sys.path.append(str(file.parent))
        module = Path(getattr(imported(path, file.stem), "__file__", None) or "")
        if module.resolve() != file:
            raise BadPlugin(
                f"--plugin {path}: there is another module '{file.stem}' ({module}); rename the file"
            )


def imported(path: Path, name: str) -> object:
    """The module of this name; raises BadPlugin with the line at which it fails."""
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a user's module may raise anything
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if name in frame.filename
        ]
        line = getattr(error, "lineno", None) or (lines or [1])[-1]
        raise BadPlugin(f"--plugin {path}:{line}: {type(error).__name__}: {error}") from None
