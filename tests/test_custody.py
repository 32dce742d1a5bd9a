"""One table of the states of custody, read by the journey, the expectation and the initial state."""

from __future__ import annotations

import pytest

from simulation.county import custody
from simulation.county.custody import STATES, CustodyState
from simulation.county.outcome import Charge
from simulation.engine.decision import KEYS
from simulation.initial_state.custody import Restoration, custody_per_arrest
from simulation.inputs.parameters import Parameters
from tests.test_participation import set_to


def test_every_state_of_custody_is_in_the_table_and_is_drawn_under_a_declared_name() -> None:
    assert set(STATES) == set(CustodyState)
    assert all(spec.in_progress in KEYS for spec in STATES.values() if spec.length is not None)


def test_the_expectation_counts_every_state_of_every_charge(register: Parameters) -> None:
    per_arrest = custody_per_arrest(register)
    assert set(per_arrest.states) == {(charge, state) for charge in Charge for state in CustodyState}


@pytest.mark.parametrize("state", [state for state, spec in STATES.items() if spec.length is not None])
def test_a_state_that_lasts_twice_as_long_fills_twice_the_days(
    register: Parameters, state: CustodyState
) -> None:
    """Its own length times how often it begins, so the expectation is linear in the table's length."""
    length = custody.length(register, state, Charge.FELONY)
    path = next(path for path, parameter in register if parameter is length)
    longer = set_to(register, {path: 2 * length.days})
    before, after = (
        custody_per_arrest(p, restoration=Restoration(served=0.5)).states[Charge.FELONY, state]
        for p in (register, longer)
    )
    grown = custody.length(longer, state, Charge.FELONY).mean / length.mean
    assert before > 0
    assert after / before == pytest.approx(grown)
    assert grown > 1.5


def test_days_in_a_restoration_place_are_no_jail_days(register: Parameters) -> None:
    per_arrest = custody_per_arrest(register)
    restoring = sum(days for (_, s), days in per_arrest.states.items() if s is CustodyState.RESTORING)
    assert restoring > 0
    assert per_arrest.kept - per_arrest.days == pytest.approx(restoring)


def test_a_wait_for_a_place_has_no_length_of_its_own(register: Parameters) -> None:
    with pytest.raises(KeyError, match="awaiting_restoration"):
        custody.length(register, CustodyState.AWAITING_RESTORATION, Charge.FELONY)
