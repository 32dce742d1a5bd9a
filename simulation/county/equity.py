"""Who is referred less than others, all else equal: the one step where the evidence puts a disparity."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Literal

from scipy.optimize import brentq

from simulation.county.person import Traits
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import white

Trait = Literal["race_ethnicity", "sex", "age_band"]


@dataclass
class ReferralGap:
    """By trait: the odds ratio of those who are referred less, and their share of the people.

    Nobody else's chance depends on how far a gap is closed: the lever lifts those below to the others.
    """

    odds: dict[Trait, float]
    shares: dict[Trait, float]
    closed: dict[Trait, float]
    _known: dict[tuple[float, str, str, str], float] = field(default_factory=dict)

    @classmethod
    def start(cls, parameters: Parameters, not_white: float) -> ReferralGap:
        """The gap on day 0, none of it closed."""
        e, people = parameters.equity, parameters.people
        odds: dict[Trait, float] = {
            "race_ethnicity": e.referral_odds_not_white.value,
            "sex": e.referral_odds_men.value,
            "age_band": e.referral_odds_young.value,
        }
        shares: dict[Trait, float] = {
            "race_ethnicity": not_white,
            "sex": 1 - people.female.value,
            "age_band": people.age_18_25.value,
        }
        return cls(odds, shares, dict.fromkeys(odds, 0.0))

    def share(self, mean: float, traits: Traits) -> float:
        """This person's chance where ``mean`` is that of all people before any of the gap was closed."""
        if not 0 < mean < 1:
            return mean
        kind = mean, traits.race_ethnicity, traits.sex, traits.age_band
        if kind not in self._known:
            self._known[kind] = self._share(mean, traits)
        return self._known[kind]

    def close(self, trait: Trait, share: float) -> None:
        """Close this share of the gap from now on."""
        self.closed[trait] = share
        self._known.clear()

    def _share(self, mean: float, traits: Traits) -> float:
        odds = reference_odds(mean, tuple(self.odds.values()), tuple(self.shares.values()))
        for trait, ratio in self.odds.items():
            if concerned(trait, traits):
                odds *= ratio ** (1 - self.closed[trait])
        return odds / (1 + odds)


def concerned(trait: Trait, traits: Traits) -> bool:
    """Whether someone is among those who are referred less by this trait."""
    if trait == "race_ethnicity":
        return not white(traits.race_ethnicity)
    return traits.sex == "male" if trait == "sex" else traits.age_band == "18-25"


@lru_cache(maxsize=256)
def reference_odds(mean: float, ratios: tuple[float, ...], shares: tuple[float, ...]) -> float:
    """The odds of someone of no group referred less, such that the mean over all people is ``mean``.

    ``ratios`` and ``shares`` of the groups, whose traits are independent.
    """
    people = []
    for among in product((False, True), repeat=len(ratios)):
        weight, ratio = 1.0, 1.0
        for inside, factor, share in zip(among, ratios, shares, strict=True):
            weight *= share if inside else 1 - share
            ratio *= factor if inside else 1.0
        people.append((weight, ratio))

    def excess(chance: float) -> float:
        odds = chance / (1 - chance)
        return sum(weight * odds * ratio / (1 + odds * ratio) for weight, ratio in people) - mean

    chance = float(brentq(excess, 1e-12, 1 - 1e-12, xtol=1e-14))
    return chance / (1 - chance)
