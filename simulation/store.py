"""Finished runs, kept on disk, so that what was stopped goes on and nothing is run twice.

A run is a file under a key of everything it depends on: code, scenario with parameters, seed and
replication. A file is there whole or not at all, and says itself whether it is as it was written; no
clock, no lock and no list of contents can be wrong, because there is none.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np

from simulation.run import REMOTE, Job, Result, monthly_edges
from simulation.scenario import Scenario

_FORMAT = b"offramp run 1\n"
_DIGEST = 32
_MADE_OF = ("numpy", "simpy")
_REMEMBERED = 512
_NOT_OURS = (BadZipFile, EOFError, KeyError, TypeError, ValueError)  # what odd content makes readers raise


@lru_cache(maxsize=1)
def code_version() -> str:
    """A hash of the model's source and of what it is computed with."""
    found = blake2b(digest_size=8)
    found.update(" ".join([platform.python_version(), *map(version, _MADE_OF)]).encode())
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        found.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


@dataclass(frozen=True)
class About:
    """What kept runs are of; month_starts: first day of each month."""

    scenario: str
    county: str
    month_starts: tuple[str, ...]
    draw: int
    seed: int
    code: str

    @classmethod
    def job(cls, job: Job) -> About:
        """What the run of a job will be of."""
        file = job.scenario.county
        months = tuple(monthly_edges(file)[1])
        return cls(job.scenario.key, file.name, months, job.draw, job.seed, code_version())


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
        for path in self.files:
            about = self.about
            result = _result(path.read_bytes(), (about.scenario, about.draw, int(path.stem)))
            if result is not None:
                yield result


class Store:
    """A folder of finished runs; several commands may read and write it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._fingerprints: dict[int, tuple[Scenario, str]] = {}

    def load(self, job: Job) -> Result | None:
        """The run, if it was made before and the file is as it was written."""
        try:
            content = self._path(job).read_bytes()
        except OSError:
            return None
        return _result(content, job.key)

    def save(self, job: Job, result: Result) -> None:
        """Keep a run; raises OSError if it cannot be kept, and leaves nothing half written then."""
        write_whole(self._path(job), _content(job, result))

    def events(self, job: Job, folder: str | None = None) -> str:
        """Where the run's log belongs: in the store, or under its own name in another folder."""
        if folder is None:
            return str(self._path(job).with_suffix(".parquet"))
        scenario, _, replication = job.key
        name = f"{scenario}-{replication:06d}-{self._identity(job)[:8]}.parquet"
        return f"{folder.rstrip('/')}/{name}" if REMOTE in folder else str(Path(folder) / name)

    def kept(self) -> Iterator[Kept]:
        """What is kept, folder by folder."""
        for folder in sorted(self.folder.glob("*/*/")):
            files = [path for path in folder.iterdir() if not path.name.startswith(".")]
            runs = sorted(path for path in files if path.suffix == ".run")
            about = next(filter(None, (_about(path.read_bytes()) for path in runs)), None)
            if about is not None:
                yield Kept(about, tuple(runs), sum(path.stat().st_size for path in files))

    def clean(self, only_other_code: bool = False) -> int:
        """Forget what is kept, or what other versions of the code have made; bytes made free."""
        freed = 0
        for folder in self.folder.glob("*/"):
            if not (only_other_code and folder.name == code_version()):
                freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _path(self, job: Job) -> Path:
        return self.folder / code_version() / self._identity(job) / f"{job.replication:06d}.run"

    def _identity(self, job: Job) -> str:
        """A hash of scenario, parameters and seed, worked out once for all replications."""
        scenario = job.scenario
        same, known = self._fingerprints.get(id(scenario), (None, ""))
        if same is not scenario:
            known = scenario.fingerprint()
            if len(self._fingerprints) >= _REMEMBERED:
                self._fingerprints.clear()
            self._fingerprints[id(scenario)] = scenario, known
        return f"{known}-{job.seed}"

    def __getstate__(self) -> dict[str, object]:
        return {"folder": self.folder, "_fingerprints": {}}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole, and on the disk, or not there at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _content(job: Job, result: Result) -> bytes:
    table = BytesIO()
    names = np.array(result.names, dtype=str)
    np.savez_compressed(table, names=names, monthly=result.monthly, periods=result.periods)
    body = json.dumps(asdict(About.job(job))).encode() + b"\n" + table.getvalue()
    return _FORMAT + blake2b(body, digest_size=_DIGEST).digest() + body


def _body(content: bytes) -> bytes | None:
    """What a file holds besides its format and digest, or None if it is not what was written."""
    head = len(_FORMAT) + _DIGEST
    body = content[head:]
    digest = blake2b(body, digest_size=_DIGEST).digest()
    return body if content[:head] == _FORMAT + digest else None


def _about(content: bytes) -> About | None:
    body = _body(content)
    try:
        told = json.loads(body.partition(b"\n")[0]) if body is not None else {}
        return About(**{**told, "month_starts": tuple(map(str, told["month_starts"]))})
    except _NOT_OURS:
        return None


def _result(content: bytes, key: tuple[str, int, int]) -> Result | None:
    body = _body(content)
    if body is None:
        return None
    try:
        with np.load(BytesIO(body.partition(b"\n")[2]), allow_pickle=False) as table:
            names = tuple((str(name), str(part)) for name, part in table["names"])
            found = Result(key, names, table["monthly"], table["periods"])
    except _NOT_OURS:
        return None
    return found if len(found.monthly) == len(found.periods) == len(names) else None
