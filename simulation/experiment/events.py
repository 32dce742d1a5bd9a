"""The tables of a run that its measures read, as files: one parquet file a table and run.

Together they are enough to compute every measure again (docs/events.md, tests/test_recomputation.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.atomic import atomic_file
from simulation.engine.eventlog import PEOPLE_COLUMNS, Events

if TYPE_CHECKING:
    import pyarrow as pa

REMOTE = "://"
"""What distinguishes an address that fsspec understands (s3://, gs://, abfs://) from a path."""

RUN_COLUMNS = {"scenario": "word", "draw": "int32", "replication": "int32"}
"""The run that a row belongs to, in every table."""

_OF_EVENTS = {"day": "float64", "person": "int64", "service": "word", "what": "word", "why": "word"}
EVENT_TABLES: Mapping[str, Mapping[str, str]] = {
    "people": dict.fromkeys(PEOPLE_COLUMNS, "word")
    | {"person": "int64"}
    | dict.fromkeys(("substance_use", "criminogenic_risk", "functional_impairment"), "bool"),
    "cases": {
        "person": "int64",
        "arrested": "float64",
        "charge": "word",
        "booked": "bool",
        "charged": "float64",
        "referred": "float64",
        "admitted": "float64",
        "disposed": "float64",
        "disposition": "word",
    },
    "attendance": {
        "start": "float64",
        "end": "float64",
        "person": "int64",
        "service": "word",
        "scheduled": "int32",
        "attended": "int32",
    },
    "posts": {
        "number": "int32",
        "service": "word",
        "role": "word",
        "fte": "float64",
        "carries": "bool",
        "opened": "float64",
        "closed": "float64",
        "why": "word",
    },
    "tenures": {
        "post": "int32",
        "service": "word",
        "role": "word",
        "began": "float64",
        "ended": "float64",
        "why": "word",
    },
    "capacities": {"day": "float64", "service": "word", "what": "word", "number": "float64"},
    "other_residents": dict(_OF_EVENTS),
    "events": dict(_OF_EVENTS),
}
"""Columns of each table after those of the run; a word is text. ``events`` is written last."""


def schema(table: str) -> pa.Schema:
    """Names and types of a table's columns, those of the run first."""
    import pyarrow as pa

    words = pa.dictionary(pa.int32(), pa.string())
    kinds = {**RUN_COLUMNS, **EVENT_TABLES[table]}
    return pa.schema(
        [(name, words if kind == "word" else pa.type_for_alias(kind)) for name, kind in kinds.items()]
    )


def as_tables(events: Events, key: tuple[str, int, int]) -> Iterator[tuple[str, pa.Table]]:
    """Every table of a run, by name; ``key`` is its scenario, draw and replication."""
    import pyarrow as pa

    for name, kinds in EVENT_TABLES.items():
        columns = _columns_of(events, name, kinds)
        run = _columns([key] * len(columns[0]), RUN_COLUMNS)
        table = pa.Table.from_arrays([*run, *columns], names=[*RUN_COLUMNS, *kinds])
        yield name, table.cast(schema(name))


def _columns_of(events: Events, table: str, kinds: Mapping[str, str]) -> list[pa.Array]:
    """The columns of one table."""
    if table == "events":
        return _coded(events)
    if table == "other_residents" and events.other_residents is not None:
        return _coded(events.other_residents)
    return _columns(_rows(events, table), kinds)


def _coded(events: Events) -> list[pa.Array]:
    """The columns of a log, whose words are codes already."""
    import pyarrow as pa

    words = pa.array(events.words, pa.string())
    coded = [
        pa.DictionaryArray.from_arrays(pa.array(codes), words)
        for codes in (events.service, events.what, events.why)
    ]
    return [pa.array(events.day), pa.array(events.person), *coded]


def _rows(events: Events, table: str) -> Sequence[tuple[Any, ...]]:
    """The rows of a table that is no log, cells in the order of its columns."""
    rows = {"people": events.people, "capacities": events.capacity, "attendance": events.attendance}
    rows["other_residents"] = ()
    records = {"cases": events.arrests, "posts": events.posts, "tenures": events.tenures}
    if table in rows:
        return rows[table]
    return [tuple(getattr(record, name) for name in EVENT_TABLES[table]) for record in records[table]]


def _columns(rows: Sequence[tuple[Any, ...]], kinds: Mapping[str, str]) -> list[pa.Array]:
    """Rows as columns of these kinds."""
    import pyarrow as pa

    columns: Any = zip(*rows, strict=True) if rows else [() for _ in kinds]
    return [
        pa.array(list(map(str, cells)), pa.string()).dictionary_encode()
        if kind == "word"
        else pa.array(cells, pa.type_for_alias(kind))
        for cells, kind in zip(columns, kinds.values(), strict=True)
    ]


def table_path(place: str, table: str) -> str:
    """Where a table of a run belongs: a run's place ``FOLDER/NAME`` stands for ``FOLDER/TABLE/NAME``."""
    if REMOTE in place:
        folder, _, name = place.rpartition("/")
        return f"{folder}/{table}/{name}"
    return str(Path(place).parent / table / Path(place).name)


def write_events(events: Events, key: tuple[str, int, int], place: str) -> None:
    """Every table of one run, a file each, which is there whole or not at all."""
    for name, table in as_tables(events, key):
        _write(table, table_path(place, name))


def _write(table: pa.Table, path: str) -> None:
    """Write one file; raises OSError with its path, whatever the library that wrote it raised."""
    try:
        if REMOTE in path:
            _write_remote(table, path)
        else:
            _write_local(table, Path(path))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(error.errno, why, path) from None


def _write_remote(table: pa.Table, path: str) -> None:
    """To an object store, which shows a file when it is closed and not before."""
    import pyarrow.parquet as pq
    from fsspec.core import open as open_remote

    try:
        with open_remote(path, "wb", auto_mkdir=True).open() as file:
            pq.write_table(table, file, write_page_checksum=True)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  every kind of store has errors of its own
        raise OSError(None, f"{type(error).__name__}: {error}") from None


def _write_local(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    with atomic_file(path) as unfinished:
        pq.write_table(table, unfinished, write_page_checksum=True)


def events_written(place: str) -> bool:
    """Whether every table of a run is there and whole."""
    return all(_is_written(table_path(place, table)) for table in EVENT_TABLES)


def _is_written(path: str) -> bool:
    """Whether a file is there, and whole at its end where that can be read at once."""
    if REMOTE in path:
        from fsspec.core import url_to_fs

        system, remote = url_to_fs(path)
        return bool(system.exists(remote))
    import pyarrow as pa
    import pyarrow.parquet as pq

    with suppress(OSError, pa.ArrowException):
        return Path(path).is_file() and pq.read_metadata(path) is not None
    return False
