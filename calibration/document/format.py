"""Files in an older format: old keys get their names of today when a file is read, and stay known by name."""

from __future__ import annotations

from typing import Any

from calibration.document.problem import Location, one_line
from calibration.document.source import Source
from simulation.inputs.format import FILE_FORMAT, RENAMED, RenamedKey

KINDS = ("county", "scenario")


def translate(source: Source, forgiving: bool = False) -> None:
    """Rename a county or scenario file's old keys to those of today, in its data and in the places noted.

    ``source.old_keys`` then holds each old key with its place. An old key in a file that states a format
    without it is reported, unless ``forgiving``. Raises BadDocument for a format that this version cannot
    read.
    """
    data = source.data
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        return
    stated = _stated(source)
    for row in RENAMED:
        if row.kind == data["kind"]:
            for location in filter(row.matches, list(source.nodes)):
                _rename(source, location, row, forgiving or stated < row.since)
    data["format"] = FILE_FORMAT


def _stated(source: Source) -> int:
    """The format that the file states; 1 if it states none."""
    stated: int = source.data.get("format", 1)
    message = ""
    if type(stated) is not int or stated < 1:
        found = "a list or group" if isinstance(stated, list | dict) else f"'{one_line(str(stated), 60)}'"
        message = f"Needs the number of a format, but found {found}"
    elif stated > FILE_FORMAT:
        message = f"Format {one_line(str(stated), 60)} is newer than what this version of Offramp reads"
    if message:
        source.refuse(f"{message}. Allowed: 1 to {FILE_FORMAT}.", source.position(("format",)))
    return stated


def _rename(source: Source, location: Location, row: RenamedKey, allowed: bool) -> None:
    """Give one key its new name, unless that stands beside it."""
    group: Any = source.value(location[:-1])
    position = source.position(location, of_key=True)
    if row.name in group:
        message = f"'{row.old}' and '{row.name}' are one key, called '{row.name}' since format {row.since}."
        source.report(position, location, f"{message} Keep one of them.")
        source.refused.add(location)
        del group[row.old]
        return
    if not allowed:
        message = f"'{row.old}' is called '{row.name}' since format {row.since}"
        source.report(position, location, f"{message}: offramp upgrade {source.file} rewrites it.")
    items = [(row.name if key == row.old else key, value) for key, value in group.items()]
    group.clear()
    group.update(items)
    new, length = (*location[:-1], row.name), len(location)
    for place in [place for place in source.nodes if place[:length] == location]:
        source.nodes[(*new, *place[length:])] = source.nodes.pop(place)
    source.old_keys[new] = row
