"""The documentation of the ``measure`` decorator runs."""

from __future__ import annotations

import doctest

from simulation.measures import registry


def test_the_example_of_a_measure_of_ones_own_gives_the_numbers_it_shows() -> None:
    result = doctest.testmod(registry)
    assert result.attempted >= 8
    assert result.failed == 0
