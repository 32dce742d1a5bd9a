"""``offramp runs``: what is kept of finished runs, and how to be rid of it or take it elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from platformdirs import user_cache_path

from calibration.document.problem import one_line
from offramp.output import BadOutput, output_folder
from simulation.atomic import staging_folder
from simulation.experiment.store import Kept, Store, code_version

PLACE = "OFFRAMP_STORE"
"""The environment variable that names another folder for finished runs."""

MEGABYTE = 1e6


def store_folder(asked: Path | None = None) -> Path:
    """Where finished runs are kept: as asked, by the environment, or with the user's caches."""
    if asked is not None:
        return asked
    return Path(os.environ[PLACE]) if os.environ.get(PLACE) else user_cache_path("offramp") / "runs"


def show_runs(folder: Path) -> int:
    """List what is kept, a line a scenario and seed."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"Finished runs in {escape(str(folder))}")
    for name in ("scenario", "county", "months", "seed", "draws", "runs", "MB", "code"):
        table.add_column(name, justify="left" if name in ("scenario", "county", "code") else "right")
    kept = sorted(Store(folder).kept(), key=_of)
    for _, parts in groupby(kept, key=_of):
        table.add_row(*(escape(one_line(cell)) for cell in _line(list(parts))))
    if kept:
        Console().print(table, highlight=False)
    else:
        print(f"No finished runs in {folder}.")
    return 0


def _of(kept: Kept) -> tuple[str, str, str, int, int]:
    """What lies on one line of the list: all draws of a scenario."""
    about = kept.about
    return about.scenario, about.county, about.code, len(about.month_starts), about.seed


def _line(parts: list[Kept]) -> list[str]:
    about = parts[0].about
    runs, size = sum(len(part.files) for part in parts), sum(part.size for part in parts)
    version, _, measures = about.code.partition("-")
    code = "this version" if version == code_version() else f"another ({version[:8]})"
    code += ", own measures" if measures else ""
    numbers = (len(about.month_starts), about.seed, len(parts), runs)
    return [about.scenario, about.county, *map(str, numbers), f"{size / MEGABYTE:.1f}", code]


def clean_runs(folder: Path, everything: bool) -> int:
    """Remove runs of other versions of the model, which are never used again, or all of them."""
    freed = Store(folder).clean(only_other_code=not everything)
    print(f"{freed / MEGABYTE:.1f} MB made free in {folder}.")
    return 0


def export_runs(folder: Path, out: Path) -> int:
    """Write all kept runs into a folder as two tidy tables, by month and by period."""
    try:
        output_folder(out, out.name)
        with staging_folder(out) as staging:
            count = _export(Store(folder).kept(), staging)
            if not count:
                raise BadOutput(f"No finished runs in {folder}. Nothing was written.")
    except BadOutput as bad:
        print(bad, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or out}: cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"{count} runs in {out}: monthly.parquet, periods.parquet")
    return 0


def _export(kept: Iterable[Kept], staging: Path) -> int:
    """Folder by folder, so that memory holds one at a time; the number of runs."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from simulation.experiment.ensemble import long_table
    from simulation.experiment.run import period_labels

    writers: dict[str, pq.ParquetWriter] = {}
    count = 0
    try:
        for part in kept:
            results, about = list(part.results()), part.about
            count += len(results)
            periods = period_labels(len(about.month_starts))
            for kind, labels in (("monthly", about.month_starts), ("periods", periods)):
                frame = long_table(results, labels, kind).assign(seed=about.seed, county=about.county)
                table = pa.Table.from_pandas(frame.assign(hash=part.scenario_hash, code=about.code))
                if kind not in writers:
                    writers[kind] = pq.ParquetWriter(staging / f"{kind}.parquet", table.schema)
                writers[kind].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()
    return count
