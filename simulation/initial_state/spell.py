"""Spells without a home in the steady state: of what kind those in progress are, and who is listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, expm1, inf, log1p
from typing import NamedTuple

from scipy.optimize import brentq

from simulation.county.person import Spell
from simulation.inputs.parameters import Parameters


class _Kind(NamedTuple):
    """Spells of one kind: their share of those begun, and how many end per day without an offer."""

    spell: Spell
    begun: float
    per_day: float


@dataclass(frozen=True)
class Spells:
    """Spells of each kind; a listed one ends with the offer of a home once it has lasted ``wait`` days.

    A list served in order of referral makes everyone wait as long, so that those in long spells are a larger
    share of the people offered a home than of the people listed.
    """

    kinds: tuple[_Kind, ...]
    wait: float = inf

    @classmethod
    def begun(cls, p: Parameters) -> Spells:
        """The kinds of spells that begin, with no home to offer."""
        chronic, listed = p.people.chronic_share.value, p.housing.coordinated_entry.value
        lengths = ((1 - chronic, p.people.homeless_spell), (chronic, p.people.chronic_spell))
        return cls(
            tuple(
                _Kind(
                    Spell(bool(number), on_list), share * (listed if on_list else 1 - listed), 1 / spell.mean
                )
                for number, (share, spell) in enumerate(lengths)
                for on_list in (False, True)
            )
        )

    def offering(self, offers: float) -> Spells:
        """The same with so many offers per day and homeless person, or as many as the list takes."""
        if not offers:
            return self

        def missing(wait: float) -> float:
            return replace(self, wait=wait).offers - offers

        if missing(0.0) <= 0:
            return replace(self, wait=0.0)
        longest = 1.0
        while missing(longest) > 0:
            longest *= 2
        return replace(self, wait=float(brentq(missing, 0.0, longest, xtol=1e-9)))

    def days(self, kind: _Kind) -> float:
        """How long spells of a kind last on average."""
        listed = kind.spell.listed
        return (-expm1(-kind.per_day * self.wait) if listed else 1.0) / kind.per_day

    @property
    def mean(self) -> float:
        """How long spells last on average."""
        return sum(kind.begun * self.days(kind) for kind in self.kinds)

    @property
    def offers(self) -> float:
        """Offers of a home per day and homeless person."""
        offered = sum(kind.begun * exp(-kind.per_day * self.wait) for kind in self.kinds if kind.spell.listed)
        mean = self.mean
        return offered / mean if mean else inf

    @property
    def found(self) -> float:
        """Homes found without help per day and homeless person."""
        return 1 / self.mean - self.offers if self.mean else 0.0

    def ends(self, chronic: bool) -> float:
        """Spells that end per day, with an offer or without, for each one of a kind in progress."""
        kinds = [kind for kind in self.kinds if kind.spell.chronic is chronic]
        days = sum(kind.begun * self.days(kind) for kind in kinds)
        return sum(kind.begun for kind in kinds) / days if days else 0.0

    def in_progress(self, begun: float = 0.0) -> dict[Spell, float]:
        """The share of each kind among spells in progress, with ``begun`` new ones for each of them."""
        mean = self.mean
        return {
            kind.spell: (kind.begun * self.days(kind) / mean + begun * kind.begun) / (1 + begun)
            for kind in self.kinds
        }

    def behind(self, spell: Spell, uniform: float) -> float:
        """How long a listed spell found in progress has lasted: exponential, and shorter than the wait."""
        rate = next(kind.per_day for kind in self.kinds if kind.spell == spell)
        return -log1p(-uniform * -expm1(-rate * self.wait)) / rate
