"""Exact small Markov chains: the oracle for queues that have no formula worth writing out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

S = TypeVar("S", bound=Hashable)
Moves = Callable[[S], Iterable[tuple[S, float]]]
Numbers = NDArray[np.float64]


def generator(states: list[S], moves: Moves[S]) -> Numbers:
    """The chain's rates as a matrix, moves out of the states listed left out."""
    at = {state: i for i, state in enumerate(states)}
    q = np.zeros((len(states), len(states)))
    for state in states:
        for target, rate in moves(state):
            if target in at and target != state:
                q[at[state], at[target]] += rate
    np.fill_diagonal(q, q.diagonal() - q.sum(axis=1))
    return q


def stationary(q: Numbers) -> Numbers:
    """The share of time in each state in the long run."""
    equations = np.vstack([q.T, np.ones(len(q))])
    solution, *_ = np.linalg.lstsq(equations, np.append(np.zeros(len(q)), 1.0), rcond=None)
    return np.asarray(solution)
