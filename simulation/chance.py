"""Chance as a pure function: the same person has the same luck in every scenario.

A number drawn here depends on four things only: the seed, the person, the decision and the occasion
(the how-manieth time this person faces this decision). It does not depend on how many other people
exist or in which order events happen, so two scenarios differ only by what the lever did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from math import log

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFFFFFFFFFF
_STEP = 0x9E3779B97F4A7C15
_TO_UNIT = 2.0**-52


def mix(word: int) -> int:
    """Scramble a 64-bit word so that neighbours become unrelated (the splitmix64 finalizer).

    Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
    """
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
    return word ^ (word >> 31)


class _Keys(dict[str, int]):
    """A 64-bit key for every decision, from its name alone."""

    def __missing__(self, decision: str) -> int:
        key = int.from_bytes(blake2b(decision.encode(), digest_size=8).digest(), "little")
        self[decision] = key
        return key


_KEYS = _Keys()


class Stream:
    """The luck of one person (or post, or clerk): a fresh number for each decision and occasion."""

    __slots__ = ("_key", "_occasions")

    def __init__(self, seed: int, owner: int) -> None:
        self._key = mix(mix(seed & _MASK) + (owner * _STEP & _MASK))
        self._occasions: dict[str, int] = {}

    def luck(self, decision: str) -> float:
        """A number in (0, 1) for the next occasion of this decision."""
        # ``mix``, written out: this is the most called line of the model.
        word = self._key ^ _KEYS[decision]
        occasions = self._occasions
        if decision in occasions:
            occasion = occasions[decision]
            occasions[decision] = occasion + 1
            word = word + occasion * _STEP & _MASK
        else:
            occasions[decision] = 1
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _MASK
        return (((word ^ (word >> 31)) >> 12) + 0.5) * _TO_UNIT

    def happens(self, decision: str, share: float) -> bool:
        """Whether something with this probability happens on this occasion: ``luck``, written out."""
        word = self._key ^ _KEYS[decision]
        occasions = self._occasions
        if decision in occasions:
            occasion = occasions[decision]
            occasions[decision] = occasion + 1
            word = word + occasion * _STEP & _MASK
        else:
            occasions[decision] = 1
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _MASK
        return (((word ^ (word >> 31)) >> 12) + 0.5) * _TO_UNIT < share

    def exponential(self, decision: str) -> float:
        """A unit exponential: how much hazard is survived before the risk strikes."""
        return -log(self.luck(decision))

    def child(self, name: str, number: int = 0) -> Stream:
        """The luck of someone or something that belongs to this one."""
        return Stream(mix(self._key ^ _KEYS[name]), number)

    def children(self, name: str, numbers: Sequence[int]) -> Crowd:
        """The luck of many that belong to this one, as ``child`` of each number would give it."""
        return Crowd(mix(self._key ^ _KEYS[name]), numbers)


class Crowd:
    """The luck of many at once: what the stream of each gives on the first occasion of a decision.

    The same numbers as from ``Stream(seed, owner)`` of each owner, at a fiftieth of the price.
    """

    def __init__(self, seed: int, owners: Sequence[int]) -> None:
        steps = np.asarray(owners, dtype=np.uint64) * np.uint64(_STEP)
        words = np.uint64(mix(seed & _MASK)) + steps
        self._keys = _mixed(words, carried=words < steps)
        self._drawn: dict[str, int] = {}

    def luck(self, decision: str) -> NDArray[np.float64]:
        """A number in (0, 1) for each; a decision can be asked for once."""
        if decision in self._drawn:
            raise ValueError(f"'{decision}' was drawn already; later occasions are each stream's own")
        self._drawn[decision] = 1
        words = _mixed(self._keys ^ np.uint64(_KEYS[decision]))
        return np.asarray(((words >> np.uint64(12)).astype(np.float64) + 0.5) * _TO_UNIT)

    def streams(self) -> Iterator[Stream]:
        """The stream of each, with the decisions drawn so far behind it."""
        for key in self._keys.tolist():
            stream = Stream.__new__(Stream)
            stream._key, stream._occasions = key, self._drawn.copy()
            yield stream


def _mixed(words: NDArray[np.uint64], carried: NDArray[np.bool_] | bool = False) -> NDArray[np.uint64]:
    """``mix`` of many words; a carried word has a 65th bit, which ``mix`` of a whole number does not drop."""
    shifted = (words >> np.uint64(30)) ^ (np.asarray(carried, dtype=np.uint64) << np.uint64(34))
    words = (words ^ shifted) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
