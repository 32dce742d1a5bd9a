"""Where results go, and how their tables are written."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula."""


class BadOutput(Exception):
    """The results cannot be written where they should go."""


def output_folder(out: Path | None, name: str) -> Path:
    """Where the results go: never where others are already."""
    if out is None:
        base = Path("results") / name
        numbered = (base.with_name(f"{name}-{i}") for i in count(2))
        return next(path for path in chain((base,), numbered) if not path.exists())
    try:
        is_folder = out.is_dir()
        is_other = not is_folder and os.path.lexists(out)
        is_taken = is_folder and any(out.iterdir())
    except (OSError, ValueError) as error:
        raise BadOutput(f"--out {out}: cannot be used: {getattr(error, 'strerror', error)}") from None
    if is_other:
        reason = "is a file" if out.is_file() else "is no folder"
        raise BadOutput(f"--out {out}: {reason}; name a folder that does not exist yet")
    if is_taken:
        raise BadOutput(
            f"--out {out}: is not empty and is left as it is; name a folder that does not exist yet"
        )
    return out


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV, in which no spreadsheet takes a text for a formula; numbers are not rounded."""
    texts = table.select_dtypes(exclude="number").columns
    safe = table.assign(**{name: table[name].map(_as_text) for name in texts})
    safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def read_csv(path: Path) -> pd.DataFrame:
    """A table that ``write_csv`` wrote."""
    import pandas as pd

    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    texts = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(_as_cell).astype(table[name].dtype) for name in texts})


def _as_cell(text: object) -> object:
    """A text without the apostrophe that keeps a spreadsheet from computing it."""
    return text[1:] if isinstance(text, str) and text.startswith("'") and text[1:2] in FORMULA else text


def _as_text(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
