"""The benchmarks measure what they say: the engines serve the same network, and counties scale."""

from __future__ import annotations

import pytest

from benchmarks.bare import bare_simpy as bare_processes
from benchmarks.county import county
from benchmarks.network import (
    AGAIN,
    ARRIVALS,
    STATIONS,
    Engine,
    bare_simpy,
    ciw,
    missing,
    offramp,
)
from simulation import model

CUSTOMERS = 3000
EXPECTED = CUSTOMERS * STATIONS / (1 - AGAIN)
"""Each customer passes every station 1 / (1 - AGAIN) times: a geometric number of rounds."""


@pytest.mark.parametrize("engine", [offramp, bare_simpy, ciw])
def test_every_engine_serves_as_often_as_the_traffic_equations_say(engine: Engine) -> None:
    if engine is ciw and missing("ciw"):
        pytest.skip(missing("ciw"))
    assert engine(CUSTOMERS / ARRIVALS) == pytest.approx(EXPECTED, rel=0.06)


def test_the_yardstick_makes_as_many_steps_as_asked_with_as_many_events_pending() -> None:
    _, steps = bare_processes(pending=200, steps=20_000)
    assert steps == pytest.approx(20_000, rel=0.05)


def test_a_county_of_half_the_size_has_half_the_people_in_contact() -> None:
    whole, half = (model.sized(county(size, 12)).people for size in (400_000, 200_000))
    assert half / whole == pytest.approx(0.5, rel=0.05)
