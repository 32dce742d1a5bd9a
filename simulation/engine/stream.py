"""Chance as a pure function: the same person has the same luck in every scenario.

A number drawn here depends on four things only: the seed, the person, the decision and the occasion
(the how-manieth time this person faces this decision). It does not depend on how many other people
exist or in which order events happen, so two scenarios differ only by what the lever did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from math import log

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFFFFFFFFFF
_STEP = 0x9E3779B97F4A7C15
_ODD = 0xBF58476D1CE4E5B9
_LOW = 2**52 - 1
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
    """The luck of one person (or post, or clerk): a fresh number for each decision and occasion.

    The owner's key meets the word of the decision and occasion in one 64-bit multiplication, whose
    product is folded: its upper half over its lower one. Source: the folded multiply of wyhash and
    foldhash; tests/test_chance.py holds it against uniform and independent luck.
    """

    __slots__ = ("_key", "_occasions")

    def __init__(self, seed: int, owner: int) -> None:
        self._key = mix(mix(seed & _MASK) + (owner * _STEP & _MASK))
        self._occasions: dict[str, int] = {}  # the last occasion of each decision

    def luck(self, decision: str) -> float:
        """A number in (0, 1) for the next occasion of this decision."""
        occasions = self._occasions
        occasion = occasions[decision] = occasions.get(decision, -1) + 1
        word = (self._key ^ _KEYS[decision] + occasion * _STEP) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT

    def happens(self, decision: str, share: float) -> bool:
        """Whether something with this probability happens on this occasion."""
        return self.luck(decision) < share

    def exponential(self, decision: str) -> float:
        """A unit exponential: how much hazard is survived before the risk strikes."""
        return -log(self.luck(decision))

    def occasion(self, number: int) -> Occasion:
        """The luck of every decision on its occasion of this number, the first being 0; none is used up."""
        return Occasion(self._key, number)

    def next(self, name: str) -> Occasion:
        """The luck of the next occasion of this name, on which many decisions are made."""
        number = self._occasions[name] = self._occasions.get(name, -1) + 1
        return Occasion(self._key, number)

    def child(self, name: str, number: int = 0) -> Stream:
        """The luck of someone or something that belongs to this one."""
        return Stream(mix(self._key ^ _KEYS[name]), number)

    def children(self, name: str, numbers: Sequence[int]) -> Crowd:
        """The luck of many that belong to this one, as ``child`` of each number would give it."""
        return Crowd(mix(self._key ^ _KEYS[name]), numbers)


class Occasion:
    """The luck of one occasion, such as one arrest, on which a decision is made once or not at all.

    It gives a decision what the owner's ``Stream`` would give on the occasion of that number, so a
    decision belongs to the one or to the other. Nothing is kept of what was drawn: a decision that need
    not be made need not be drawn, and asked twice it answers the same.
    """

    __slots__ = ("_key", "_step")

    def __init__(self, key: int, number: int) -> None:
        self._key = key
        self._step = number * _STEP

    def luck(self, decision: str) -> float:
        """A number in (0, 1) for this decision."""
        word = (self._key ^ _KEYS[decision] + self._step) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT

    def happens(self, decision: str, share: float) -> bool:
        """Whether something with this probability happens: ``luck``, written out."""
        word = (self._key ^ _KEYS[decision] + self._step) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT < share

    def exponential(self, decision: str) -> float:
        """A unit exponential."""
        return -log(self.luck(decision))


class Daily:
    """The luck of each day of something: what its child of that number has, drawn many days at a time."""

    DRAWN = 256

    def __init__(self, luck: Stream, name: str, decision: str) -> None:
        self._luck, self._name, self._decision = luck, name, decision
        self._drawn: dict[int, list[float]] = {}

    def __getitem__(self, day: int) -> float:
        part, place = divmod(day, self.DRAWN)
        if part not in self._drawn:
            days = range(part * self.DRAWN, (part + 1) * self.DRAWN)
            self._drawn[part] = self._luck.children(self._name, days).luck(self._decision).tolist()
        return self._drawn[part][place]


class Crowd:
    """The luck of many at once: what the stream of each gives on the first occasion of a decision.

    The same numbers as from ``Stream(seed, owner)`` of each owner, at a fiftieth of the price.
    """

    def __init__(self, seed: int, owners: Sequence[int]) -> None:
        steps = np.asarray(owners, dtype=np.uint64) * np.uint64(_STEP)
        words = np.uint64(mix(seed & _MASK)) + steps
        self._keys = _mixed(words, carried=words < steps)
        self._drawn: dict[str, int] = {}

    @classmethod
    def of(cls, streams: Iterable[Stream]) -> Crowd:
        """The luck of these streams on their first occasions, which are not used up."""
        crowd = cls.__new__(cls)
        crowd._keys = np.fromiter((stream._key for stream in streams), dtype=np.uint64)
        crowd._drawn = {}
        return crowd

    def luck(self, decision: str) -> NDArray[np.float64]:
        """A number in (0, 1) for each; a decision can be asked for once."""
        if decision in self._drawn:
            raise ValueError(f"'{decision}' was drawn already; later occasions are each stream's own")
        self._drawn[decision] = 0
        folded = _folded(self._keys ^ np.uint64(_KEYS[decision])) & np.uint64(_LOW)
        return np.asarray((folded.astype(np.float64) + 0.5) * _TO_UNIT)

    def streams(self) -> Iterator[Stream]:
        """The stream of each, with the decisions drawn so far behind it."""
        for key in self._keys.tolist():
            stream = Stream.__new__(Stream)
            stream._key, stream._occasions = key, self._drawn.copy()
            yield stream


def _mixed(words: NDArray[np.uint64], carried: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """``mix`` of many words; a carried word has a 65th bit, which ``mix`` of a whole number does not drop."""
    shifted = (words >> np.uint64(30)) ^ (carried.astype(np.uint64) << np.uint64(34))
    words = (words ^ shifted) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _folded(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The product of each word with ``_ODD``, its upper 64 bits over its lower ones, by halves of 32 bits."""
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    times, over = np.uint64(_ODD & 0xFFFFFFFF), np.uint64(_ODD >> 32)
    first = (words & low) * times
    second = (words >> half) * times + (first >> half)
    third = (words & low) * over + (second & low)
    upper = (words >> half) * over + (second >> half) + (third >> half)
    folded: NDArray[np.uint64] = upper ^ words * np.uint64(_ODD)
    return folded
