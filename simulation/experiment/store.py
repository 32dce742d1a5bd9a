"""Finished runs, kept on disk, so that what was stopped goes on and nothing is run twice.

A run is a file under a key of everything it depends on: code, scenario with parameters, seed and
replication. A file is there whole or not at all, and says itself whether it is as it was written; no
clock, no lock and no list of contents can be wrong, because there is none.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from simulation.atomic import write_atomic
from simulation.experiment.events import EVENT_TABLES, REMOTE
from simulation.experiment.own_measure import OwnMeasures
from simulation.experiment.run import Job, Result
from simulation.experiment.runfile import About, about_of, content, result_of
from simulation.scenario import Scenario

_MADE_OF = ("numpy", "simpy")
_REMEMBERED = 512
_CODE = re.compile("[0-9a-f]{16}(-[0-9a-f]{16})?")
_IDENTITY = re.compile("[0-9a-f]{24}-[0-9]+")
_FINISHED = re.compile(r"[0-9]{6,9}\.(run|parquet)")
_UNFINISHED = re.compile(r"[0-9]{6,9}\.(run|parquet)|\.[0-9]{6,9}\.(run|parquet)-[0-9a-f]{32}")


@lru_cache(maxsize=1)
def code_version() -> str:
    """A hash of the model's source and of what it is computed with."""
    digest = blake2b(digest_size=8)
    digest.update(" ".join([platform.python_version(), *map(version, _MADE_OF)]).encode())
    here = Path(__file__).parents[1]
    for path in sorted(here.rglob("*.py")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True)
class Kept:
    """The runs of one scenario, draw and seed: what they are of, their files, and the folder's bytes."""

    about: About
    files: tuple[Path, ...]
    size: int

    @property
    def scenario_hash(self) -> str:
        """The hash of scenario and parameters, as in a manifest."""
        return self.files[0].parent.name.partition("-")[0]

    def results(self) -> Iterator[Result]:
        """The runs, those aside whose files are not as they were written."""
        months = len(self.about.month_starts)
        for result in filter(None, map(result_of, self.files)):
            if result.monthly.shape[1] == months:
                yield result


class Store:
    """A folder of finished runs; several commands may read and write it at once."""

    def __init__(self, folder: Path, own: OwnMeasures | None = None) -> None:
        """``own``: the user's measures, which runs are kept under as well."""
        self.folder = folder
        digest = own.digest if own is not None else ""
        self.code = f"{code_version()}-{digest}" if digest else code_version()
        self._fingerprints: dict[int, tuple[Scenario, str]] = {}

    def load(self, job: Job) -> Result | None:
        """The run, if it was made before and the file is as it was written."""
        return result_of(self._path(job), job)

    def save(self, job: Job, result: Result) -> None:
        """Keep a run; raises OSError if it cannot be kept, and leaves nothing half written then."""
        path = self._path(job)
        about = About.job(job, self.code, "/".join(path.parts[-3:]))
        write_atomic(path, content(about, result))

    def events(self, job: Job, folder: str | None = None) -> str:
        """Where the run's events belong: in the store, or under a name of its own in another folder."""
        if folder is None:
            return str(self._path(job).with_suffix(".parquet"))
        scenario, _, replication = job.key
        name = f"{scenario}-{replication:06d}-{self._identity(job)[:8]}.parquet"
        return f"{folder.rstrip('/')}/{name}" if REMOTE in folder else str(Path(folder) / name)

    def kept(self) -> Iterator[Kept]:
        """What is kept, folder by folder; whatever else lies there is passed over."""
        for folder in self._folders():
            files = _files(folder)
            runs = [path for path in files if path.suffix == ".run"]
            about = next(filter(None, map(about_of, runs)), None)
            if about is not None:
                yield Kept(about, tuple(runs), sum(path.stat().st_size for path in files))

    def clean(self, only_other_code: bool = False) -> int:
        """Forget what is kept, or what other versions of the code have made; bytes made free.

        Only files of runs are removed, and folders that are empty then: the folder may hold others.
        """
        freed = 0
        for folder in self._folders():
            if only_other_code and folder.parent.name.partition("-")[0] == code_version():
                continue
            freed += sum(map(_removed, _files(folder, unfinished=True)))
            for empty in (*_table_folders(folder), folder, folder.parent):
                with suppress(OSError):
                    empty.rmdir()
        return freed

    def _folders(self) -> list[Path]:
        """The folders of runs, by the form of their names."""
        return [
            folder
            for parent in _entries(self.folder, _CODE)
            for folder in _entries(parent, _IDENTITY)
            if folder.is_dir() and not folder.is_symlink() and not parent.is_symlink()
        ]

    def _path(self, job: Job) -> Path:
        return self.folder / self.code / self._identity(job) / f"{job.replication:06d}.run"

    def _identity(self, job: Job) -> str:
        """A hash of scenario, parameters and seed, worked out once for all replications."""
        scenario = job.scenario
        same, fingerprint = self._fingerprints.get(id(scenario), (None, ""))
        if same is not scenario:
            fingerprint = scenario.fingerprint()
            if len(self._fingerprints) >= _REMEMBERED:
                self._fingerprints.clear()
            self._fingerprints[id(scenario)] = scenario, fingerprint
        return f"{fingerprint}-{job.seed}"

    def __getstate__(self) -> dict[str, object]:
        return {"folder": self.folder, "code": self.code, "_fingerprints": {}}


def _entries(folder: Path, form: re.Pattern[str]) -> list[Path]:
    """What stands in a folder under names of this form; nothing if it cannot be listed."""
    try:
        return sorted(path for path in folder.iterdir() if form.fullmatch(path.name))
    except OSError:
        return []


def _files(folder: Path, unfinished: bool = False) -> list[Path]:
    """The files of finished runs and of their events, and those that were never finished if asked for."""
    names = _UNFINISHED if unfinished else _FINISHED
    paths = [path for place in (folder, *_table_folders(folder)) for path in _entries(place, names)]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _table_folders(folder: Path) -> list[Path]:
    """The folders in which the events of a folder's runs are kept, one a table."""
    return [path for path in (folder / table for table in EVENT_TABLES) if not path.is_symlink()]


def _removed(path: Path) -> int:
    """Bytes made free by removing a file; none if it stays."""
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return 0
    return size
