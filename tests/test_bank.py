"""Runs are kept as they finish, and never made twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calibration.inference import run_cache as module
from calibration.inference.prior import Prior
from calibration.inference.run_cache import RunCache
from calibration.targets.output import Output
from tests.conftest import Build

TINY = {"months": 3, "jail.bookings": 15}


@pytest.fixture
def cache(build: Build, tmp_path: Path) -> RunCache:
    scenario = build(TINY)
    outputs = (
        Output("bookings", "all", ((0.0, 90.0),)),
        Output("jail_adp", "all", ((0.0, 31.0), (59.0, 90.0))),
    )
    return RunCache(scenario, Prior.of(scenario.parameters), outputs, 2, 1, tmp_path)


def test_what_is_kept_is_not_run_again_and_a_broken_file_is(
    cache: RunCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    z = cache.prior.design(3, 1)
    told: list[int] = []
    first = cache.values(z, 0, told.append)
    assert first.shape == (3, 2, 2)
    assert np.isfinite(first).all()
    assert told == [0, 1, 1, 1]
    kept = sorted(cache.folder.iterdir())
    kept[0].write_bytes(kept[0].read_bytes()[:50])  # as a kill in the middle of a copy would leave it
    ran: list[object] = []
    once = module.run
    monkeypatch.setattr(module, "run", lambda block: ran.append(block) or once(block))
    again = cache.values(z, 0, told.append)
    assert len(ran) == 1
    assert np.array_equal(first, again)


@pytest.mark.parametrize("columns", [{}, {"a": [1.0, 2.0]}, {"a": ["x", "y"], "b": [1.0, 2.0]}])
def test_a_foreign_file_under_a_blocks_name_is_run_over(
    cache: RunCache, columns: dict[str, list[object]]
) -> None:
    z = cache.prior.design(1, 1)
    first = cache.values(z, 0, lambda _: None)
    (kept,) = cache.folder.iterdir()
    pq.write_table(pa.table(columns), kept)
    assert np.array_equal(cache.values(z, 0, lambda _: None), first)


def test_blocks_are_named_by_all_they_depend_on(cache: RunCache) -> None:
    z = cache.prior.sample(2, 1)
    keys = {cache.block(scores, number).key for scores in z for number in (0, 1)}
    assert len(keys) == 4
    assert replace(cache, seed=2).block(z[0], 0).key not in keys
    assert replace(cache, outputs=cache.outputs[:1]).block(z[0], 0).key not in keys


def test_no_two_blocks_share_their_luck(cache: RunCache) -> None:
    z = cache.prior.design(4, 1)
    replications = [i for number, row in enumerate(z) for i in cache.block(row, number).replications]
    assert len(set(replications)) == 8


def test_a_run_that_breaks_off_costs_only_itself_and_says_why(
    cache: RunCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = module.model.run

    def sometimes(scenario: object, seed: int, replication: int) -> object:
        if replication == 1:
            raise KeyError("a fault of the model")
        return good(scenario, seed, replication)  # type: ignore[arg-type]

    monkeypatch.setattr(module.model, "run", sometimes)
    told: list[str] = []
    values = replace(cache, warn=told.append).values(cache.prior.design(1, 1), 0, lambda _: None)
    assert np.isfinite(values[0, 0]).all()
    assert np.isnan(values[0, 1]).all()
    kept = (cache.folder / module.BROKEN).read_text(encoding="utf-8")
    assert kept.count("\n") == len(told) == 1
    assert "replication 1: KeyError: 'a fault of the model'" in kept
    assert "KeyError: 'a fault of the model'" in told[0]
    monkeypatch.setattr(module.model, "run", good)
    again = cache.values(cache.prior.design(1, 1), 0, lambda _: None)
    assert np.isfinite(again).all(), "what a full memory spoilt is made by the next try"
