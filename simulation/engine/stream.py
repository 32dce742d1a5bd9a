"""Random streams: the same person draws the same random numbers in every scenario.

A random number is a pure function of the seed, the person, the decision and the ordinal of this decision
for this person. It does not depend on how many other people exist or in which order events happen, so two
scenarios differ only by what the lever did (common random numbers).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from simulation.engine.decision import KEYS

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


class Stream:
    """The random stream of one person (or post, or team): a new number for each decision, each time.

    The owner's key and the word of decision and ordinal meet in one 64-bit multiplication, whose product
    is folded: its upper half over its lower one. Source: the folded multiply of wyhash and foldhash;
    tests/test_stream.py tests it for uniformity and independence.

    >>> anna = Stream(seed=1, owner=7)
    >>> anna.uniform("arrest.charge") == Stream(seed=1, owner=7).uniform("arrest.charge")
    True
    """

    __slots__ = ("_key", "_ordinals")

    def __init__(self, seed: int, owner: int) -> None:
        self._key = mix(mix(seed & _MASK) + (owner * _STEP & _MASK))
        self._ordinals: dict[str, int] = {}  # the last ordinal of each decision

    def uniform(self, decision: str) -> float:
        """The next number of this decision, uniform on (0, 1)."""
        ordinals = self._ordinals
        ordinal = ordinals[decision] = ordinals.get(decision, -1) + 1
        word = (self._key ^ KEYS[decision] + ordinal * _STEP) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT

    def bernoulli(self, decision: str, share: float) -> bool:
        """The next draw of this decision: true with probability ``share``."""
        return self.uniform(decision) < share

    def exponential(self, decision: str) -> float:
        """The next draw of this decision, exponential with mean 1: the hazard survived until the event."""
        return -log(self.uniform(decision))

    def substream(self, number: int) -> Substream:
        """Every decision's draw of this ordinal, the first being 0; the stream itself does not advance."""
        return Substream(self._key, number)

    def next_substream(self, name: str) -> Substream:
        """The substream of the next event of this name, such as the next arrest."""
        number = self._ordinals[name] = self._ordinals.get(name, -1) + 1
        return Substream(self._key, number)

    def child(self, name: str, number: int = 0) -> Stream:
        """The stream of someone or something that belongs to this owner."""
        return Stream(mix(self._key ^ KEYS[name]), number)

    def children(self, name: str, numbers: Sequence[int]) -> StreamArray:
        """The streams of many that belong to this owner, as ``child`` of each number would give them."""
        return StreamArray(mix(self._key ^ KEYS[name]), numbers)


class Substream:
    """The random numbers of one event, such as one arrest, in which each decision is made at most once.

    A decision draws what the owner's ``Stream`` would give it at that ordinal, so it must be drawn from
    the one or from the other. Nothing is stored: a decision that is not needed is not drawn, and a second
    draw gives the same number.
    """

    __slots__ = ("_key", "_step")

    def __init__(self, key: int, number: int) -> None:
        self._key = key
        self._step = number * _STEP

    def uniform(self, decision: str) -> float:
        """This decision's number, uniform on (0, 1)."""
        word = (self._key ^ KEYS[decision] + self._step) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT

    def bernoulli(self, decision: str, share: float) -> bool:
        """True with probability ``share``: ``uniform(decision) < share``, written out for speed."""
        word = (self._key ^ KEYS[decision] + self._step) * _ODD
        return (((word ^ word >> 64) & _LOW) + 0.5) * _TO_UNIT < share

    def exponential(self, decision: str) -> float:
        """Exponential with mean 1."""
        return -log(self.uniform(decision))


class DailyStream:
    """One uniform number a day: that of the owner's child of this number, drawn many days at a time."""

    DRAWN = 256

    def __init__(self, stream: Stream, name: str, decision: str) -> None:
        self._luck, self._name, self._decision = stream, name, decision
        self._drawn: dict[int, list[float]] = {}

    def __getitem__(self, day: int) -> float:
        part, place = divmod(day, self.DRAWN)
        if part not in self._drawn:
            days = range(part * self.DRAWN, (part + 1) * self.DRAWN)
            self._drawn[part] = self._luck.children(self._name, days).uniform(self._decision).tolist()
        return self._drawn[part][place]


class StreamArray:
    """The streams of many owners at once: the first number of a decision for each.

    The same numbers as from ``Stream(seed, owner)`` of each owner, at a fiftieth of the cost.
    """

    def __init__(self, seed: int, owners: Sequence[int]) -> None:
        steps = np.asarray(owners, dtype=np.uint64) * np.uint64(_STEP)
        words = np.uint64(mix(seed & _MASK)) + steps
        self._keys = _mixed(words, carried=words < steps)
        self._drawn: dict[str, int] = {}

    @classmethod
    def of(cls, streams: Iterable[Stream]) -> StreamArray:
        """These streams at their first ordinals; they do not advance."""
        array = cls.__new__(cls)
        array._keys = np.fromiter((stream._key for stream in streams), dtype=np.uint64)
        array._drawn = {}
        return array

    def uniform(self, decision: str) -> NDArray[np.float64]:
        """A number for each owner, uniform on (0, 1); each decision can be drawn once."""
        if decision in self._drawn:
            raise ValueError(f"'{decision}' was drawn already; later draws come from each owner's own stream")
        self._drawn[decision] = 0
        folded = _folded(self._keys ^ np.uint64(KEYS[decision])) & np.uint64(_LOW)
        return np.asarray((folded.astype(np.float64) + 0.5) * _TO_UNIT)

    def streams(self) -> Iterator[Stream]:
        """The stream of each owner, after the decisions drawn so far."""
        for key in self._keys.tolist():
            stream = Stream.__new__(Stream)
            stream._key, stream._ordinals = key, self._drawn.copy()
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
