"""A typed record never keeps what was worked out from values that it has no longer."""

from __future__ import annotations

import pickle

from simulation.inputs.parameter import Duration
from simulation.inputs.parameters import Parameters


def test_a_copy_with_other_values_works_everything_out_again(register: Parameters) -> None:
    known = dict(register)
    for path, parameter in known.items():
        if isinstance(parameter, Duration):
            before = parameter.days, parameter.mean, parameter.sample(0.3)
            doubled = parameter.model_copy(update={"value": 2 * parameter.value})
            assert doubled.days == 2 * before[0], path
            assert doubled.mean > before[1] and doubled.sample(0.3) > before[2], path
            assert (parameter.days, parameter.mean, parameter.sample(0.3)) == before


def test_what_is_worked_out_makes_no_difference_to_equality_and_travels(register: Parameters) -> None:
    stay = next(p for _, p in register if isinstance(p, Duration))
    other = type(stay).model_validate(stay.model_dump())
    stay.sample(0.5)
    assert stay == other and hash(stay) == hash(other)
    assert stay.model_dump_json() == other.model_dump_json()
    assert pickle.loads(pickle.dumps(stay)).sample(0.3) == other.sample(0.3)
