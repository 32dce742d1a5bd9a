"""All adapters by name, and which of them a file is for."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from calibration.records.adapter.charge import PINELLAS
from calibration.records.adapter.crisis import LANE
from calibration.records.adapter.declaration import Adapter, Reading, read_by
from calibration.records.adapter.file import refused
from calibration.records.adapter.housing import HIC, HMIS
from calibration.records.adapter.jail import BROWARD, NEW_YORK, OKALOOSA
from calibration.records.adapter.measures import WORKBOOK
from calibration.records.adapter.survey import DAILY, MONTHLY, QUARTERLY

ADAPTERS: Mapping[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        MONTHLY, QUARTERLY, NEW_YORK, DAILY, OKALOOSA, BROWARD, LANE, PINELLAS, HIC, HMIS, WORKBOOK,
    )
}  # fmt: skip


def read(name: str | None, path: Path | str) -> Reading:
    """The records of a file, read by the adapter of that name; None: by the one its columns match.

    Raises BadRecords, with what was found and what is needed, if there is no such adapter or file, or the
    file is not of that kind.
    """
    path = Path(path)
    if name is not None and name not in ADAPTERS:
        near = difflib.get_close_matches(name, ADAPTERS, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise refused(path, f"no adapter named {name!r}", ", ".join(ADAPTERS) + meant)
    if not path.exists():
        raise refused(path, "no such file", "a file or folder of records")
    adapter = detect(path) if name is None else ADAPTERS[name]
    if name is not None:
        header = adapter.header(path)
        lacking = adapter.lacking(header or {})
        if header is None or lacking:
            raise _other_kind(path, adapter, header, lacking)
    return read_by(adapter, path)


def detect(path: Path) -> Adapter:
    """The adapter whose required columns a file has; of several, the one that asks for most.

    Raises BadRecords naming the nearest adapter and what the file lacks for it.
    """
    headers = {name: adapter.header(path) for name, adapter in ADAPTERS.items()}
    opened = {name: header for name, header in headers.items() if header is not None}
    fits = [ADAPTERS[name] for name, header in opened.items() if not ADAPTERS[name].lacking(header)]
    if fits:
        return max(fits, key=_asked)
    if not opened:
        raise refused(
            path, "a file of no known format", "; ".join(sorted({a.format for a in ADAPTERS.values()}))
        )
    nearest = min(opened, key=lambda name: len(ADAPTERS[name].lacking(opened[name])) / _asked(ADAPTERS[name]))
    lacking = ADAPTERS[nearest].lacking(opened[nearest])
    raise _other_kind(path, ADAPTERS[nearest], opened[nearest], lacking, "nearest adapter: ")


def _asked(adapter: Adapter) -> int:
    return sum(column.required for source in adapter.sources for column in source.columns) or 1


def _other_kind(
    path: Path, adapter: Adapter, header: Mapping[str, list[str]] | None, lacking: list[str], lead: str = ""
) -> Exception:
    """The error of a file that is not what an adapter reads, with the columns that were probably meant."""
    if header is None:
        return refused(path, "a file of another format", f"{adapter.name}: {adapter.format}")
    columns = [column for names in header.values() for column in names]
    shown = ", ".join(columns[:8]) + (f" and {len(columns) - 8} more" if len(columns) > 8 else "")
    wanted = []
    for name in lacking[:6]:
        near = difflib.get_close_matches(name.split(": ")[-1], columns, n=1, cutoff=0.75)
        wanted.append(f"{name} (is it {near[0]!r}?)" if near else name)
    more = f" and {len(lacking) - 6} more" if len(lacking) > 6 else ""
    return refused(
        path, f"the columns {shown}", f"{lead}{adapter.name}, which needs {', '.join(wanted)}{more} as well"
    )
