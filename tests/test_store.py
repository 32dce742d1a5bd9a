"""A finished run is kept once, whole, under everything it depends on."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulation.engine.eventlog import EventLog
from simulation.experiment import store as stores
from simulation.experiment.ensemble import Job, Report, Result, gather, jobs, simulate
from simulation.experiment.events import EVENT_TABLES, write_events
from simulation.experiment.store import Store
from tests.conftest import Build

QUICK = {"months": 2, "jail.bookings": 40}


@pytest.fixture(scope="module")
def job(build: Build) -> Job:
    return Job(build(QUICK), draw=0, replication=3, seed=1)


@pytest.fixture(scope="module")
def result(job: Job) -> Result:
    return simulate(job)


def same(a: Result | None, b: Result) -> bool:
    return (
        a is not None
        and (a.key, a.names) == (b.key, b.names)
        and a.monthly.tobytes() == b.monthly.tobytes()
        and a.periods.tobytes() == b.periods.tobytes()
    )


def test_a_kept_run_comes_back_to_the_last_bit(job: Job, result: Result, tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.load(job) is None
    store.save(job, result)
    assert same(store.load(job), result)
    assert np.isnan(result.monthly).any(), "also where a measure has no value"


def test_a_run_is_kept_under_everything_it_depends_on(
    job: Job, result: Result, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.save(job, result)
    others = [
        Job(job.scenario, 0, 4, 1),
        Job(job.scenario, 0, 3, 2),
        Job(build({**QUICK, "crisis.call_takers": 2}), 0, 3, 1),
        Job(build(QUICK, {"arrest.felony": 0.1}), 0, 3, 1),
        Job(build(QUICK, levers=[{"lever": "stop_referrals", "date": "2027-02-01"}]), 0, 3, 1),
    ]
    assert [store.load(other) for other in others] == [None] * len(others)
    monkeypatch.setattr(stores, "code_version", lambda: "other code")
    assert Store(tmp_path).load(job) is None


def test_a_file_that_is_not_as_it_was_written_is_run_again(job: Job, result: Result, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(job, result)
    path = next(tmp_path.rglob("*.run"))
    whole = path.read_bytes()
    for at in (0, 20, 60, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert store.load(job) is None
        path.write_bytes(whole[:at])
        assert store.load(job) is None
    assert same(gather([job], store=store)[0], result)
    assert same(store.load(job), result), "and kept again"


def test_what_is_kept_is_not_run_again(job: Job, build: Build, tmp_path: Path) -> None:
    store = Store(tmp_path)
    work = jobs([build(QUICK)], replications=3, draws=0, seed=1)
    first = gather(work, store=store)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.run")}
    again = gather(work, store=store)
    assert all(same(a, b) for a, b in zip(again, first, strict=True))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.run")} == before
    assert len(before) == 3


def test_a_kept_run_is_made_again_for_its_log(job: Job, result: Result, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.save(job, result)
    place = tmp_path / "logs" / "one.parquet"
    asked = Job(job.scenario, job.draw, job.replication, job.seed, str(place))
    assert same(gather([asked], store=store)[0], result)
    written = {path.relative_to(place.parent).as_posix() for path in place.parent.rglob("*.parquet")}
    assert written == {f"{table}/one.parquet" for table in EVENT_TABLES}


def test_a_log_that_cannot_be_finished_leaves_nothing(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_events(EventLog().read(), job.key, str(tmp_path / "one.parquet"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_full_disk_costs_what_is_kept_and_nothing_else(
    job: Job, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    told: list[str] = []
    found = gather([job, Job(job.scenario, 0, 4, 1)], 1, Report(warn=told.append), Store(tmp_path))
    assert same(found[0], result) and len(found) == 2
    assert len(told) == 1 and "No space left on device" in told[0] and str(tmp_path) in told[0]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_vanishes_is_made_again(job: Job, result: Result, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.save(job, result)
    shutil.rmtree(tmp_path / "store")
    assert store.load(job) is None
    store.save(job, result)
    assert same(store.load(job), result)


def test_clean_forgets_what_other_code_made(
    job: Job, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.save(job, result)
    with monkeypatch.context() as patch:
        patch.setattr(stores, "code_version", lambda: "0123456789abcdef")
        Store(tmp_path).save(job, result)
    assert {kept.about.code for kept in store.kept()} == {stores.code_version(), "0123456789abcdef"}
    assert store.clean(only_other_code=True) > 0
    assert [kept.about.code for kept in store.kept()] == [stores.code_version()]
    assert same(next(next(store.kept()).results()), result)
    assert store.clean() > 0
    assert not list(store.kept())


def test_foreign_files_in_the_store_are_passed_over(job: Job, result: Result, tmp_path: Path) -> None:
    from hashlib import blake2b

    store = Store(tmp_path)
    store.save(job, result)
    folder = next(tmp_path.rglob("*.run")).parent
    bodies = {0: b"{}\n", 1: b"\x80\x04\n", 2: b'{"scenario": 1}\nPK', 4: b""}
    for number, body in bodies.items():
        content = b"offramp run 2\n" + blake2b(body, digest_size=32).digest() + body
        (folder / f"{number:06d}.run").write_bytes(content)
        (tmp_path / "x" / str(number)).mkdir(parents=True)
        (tmp_path / "x" / str(number) / "000000.run").write_bytes(content)
    assert store.load(Job(job.scenario, 0, 0, 1)) is None
    assert same(store.load(job), result)
    kept = list(store.kept())
    assert [one.about.scenario for one in kept] == ["test"]
    assert [one.key for one in kept[0].results()] == [("test", 0, 3)]


def test_a_run_under_the_name_of_another_is_not_taken_for_it(
    job: Job, result: Result, tmp_path: Path, build: Build
) -> None:
    store = Store(tmp_path)
    store.save(job, result)
    path = next(tmp_path.rglob("*.run"))
    shutil.copy(path, path.with_name("000004.run"))
    other = Job(build({**QUICK, "crisis.call_takers": 2}), 0, 3, 1)
    store.save(other, result)
    moved = next(one for one in tmp_path.rglob("000003.run") if one.parent != path.parent)
    shutil.copy(path, moved)
    assert [store.load(one) for one in (replace(job, replication=4), other)] == [None, None]
    assert same(store.load(job), result)
    assert [one.key for kept in store.kept() for one in kept.results()] == [job.key]


def test_clean_removes_runs_and_nothing_else(job: Job, result: Result, tmp_path: Path) -> None:
    """As when --store names a folder of the user's own, such as the home folder."""
    store = Store(tmp_path)
    store.save(job, result)
    folder = next(tmp_path.rglob("*.run")).parent
    mine = [tmp_path / "letters" / "a.txt", folder.parent / "b.txt", folder / "c.txt"]
    mine += [tmp_path / "letters" / "000001.run", tmp_path / "0123456789abcdef" / "thesis" / "d.txt"]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine", encoding="utf-8")
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    shutil.copytree(folder, elsewhere)
    (folder.parent / f"{'0' * 24}-1").symlink_to(elsewhere)
    (folder / ".000009.run-0123456789abcdef0123456789abcdef").touch()
    (folder / "000005.run").symlink_to(elsewhere / "000003.run")
    assert store.clean() > 0
    assert all(path.read_text(encoding="utf-8") == "mine" for path in mine)
    assert len(list(elsewhere.iterdir())) == 2
    assert [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()] == [
        folder / "c.txt"
    ]
