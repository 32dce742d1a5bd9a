"""Runs are kept as they finish, and never made twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
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


def test_what_is_kept_is_not_run_again_and_a_damaged_file_is(
    cache: RunCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    z = cache.prior.design(3, 1)
    counts: list[int] = []
    first = cache.values(z, 0, counts.append)
    assert first.shape == (3, 2, 2)
    assert np.isfinite(first).all()
    assert counts == [0, 1, 1, 1]
    kept = sorted(cache.folder.iterdir())
    kept[0].write_bytes(kept[0].read_bytes()[:50])  # as a kill in the middle of a copy would leave it
    ran: list[object] = []
    once = module.run
    monkeypatch.setattr(module, "run", lambda point: ran.append(point) or once(point))
    again = cache.values(z, 0, counts.append)
    assert len(ran) == 1
    assert np.array_equal(first, again)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"offramp design point 1\n" + bytes(200)])
def test_a_foreign_file_under_a_points_name_is_replaced(cache: RunCache, content: bytes) -> None:
    z = cache.prior.design(1, 1)
    first = cache.values(z, 0, lambda _: None)
    assert cache.folder is not None
    (kept,) = cache.folder.iterdir()
    kept.write_bytes(content)
    assert np.array_equal(cache.values(z, 0, lambda _: None), first)


def test_without_a_folder_nothing_is_kept(cache: RunCache) -> None:
    z = cache.prior.design(1, 1)
    first = cache.values(z, 0, lambda _: None)
    assert np.array_equal(replace(cache, folder=None).values(z, 0, lambda _: None), first)


def test_design_points_are_named_by_all_they_depend_on(cache: RunCache) -> None:
    z = cache.prior.sample(2, 1)
    keys = {cache.point(scores, number).key for scores in z for number in (0, 1)}
    assert len(keys) == 4
    assert replace(cache, seed=2).point(z[0], 0).key not in keys
    assert replace(cache, outputs=cache.outputs[:1]).point(z[0], 0).key not in keys


def test_no_two_design_points_share_random_streams(cache: RunCache) -> None:
    z = cache.prior.design(4, 1)
    replications = [i for number, row in enumerate(z) for i in cache.point(row, number).replications]
    assert len(set(replications)) == 8


def test_a_run_that_breaks_off_costs_only_itself_and_is_reported(
    cache: RunCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = module.model.run

    def sometimes(scenario: object, seed: int, replication: int) -> object:
        if replication == 1:
            raise KeyError("a fault of the model")
        return good(scenario, seed, replication)  # type: ignore[arg-type]

    monkeypatch.setattr(module.model, "run", sometimes)
    messages: list[str] = []
    values = replace(cache, warn=messages.append).values(cache.prior.design(1, 1), 0, lambda _: None)
    assert np.isfinite(values[0, 0]).all()
    assert np.isnan(values[0, 1]).all()
    kept = (cache.folder / module.BROKEN).read_text(encoding="utf-8")
    assert kept.count("\n") == len(messages) == 1
    assert "replication 1: KeyError: 'a fault of the model'" in kept
    assert "KeyError: 'a fault of the model'" in messages[0]
    monkeypatch.setattr(module.model, "run", good)
    again = cache.values(cache.prior.design(1, 1), 0, lambda _: None)
    assert np.isfinite(again).all(), "what a full memory spoilt is made by the next try"
