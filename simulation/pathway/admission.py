"""Who is admitted to inpatient psychiatry from the emergency department."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from scipy.optimize import brentq

from simulation.county.person import Person
from simulation.inputs.parameters import Parameters

SOON = 30.0
"""Days after a discharge in which its odds ratio counts, those of the usual readmission measure."""
RETURNING = 0.1
"""Share of visits made in those days, with the register's values (``benchmarks/crisis_use.py``)."""


def share(p: Parameters, person: Person, day: float) -> float:
    """The probability that this person's visit to the emergency department ends in an admission."""
    traits = person.traits
    return admitted(p, traits.psychotic, traits.high_impairment, day - person.discharged <= SOON)


def admitted(p: Parameters, psychotic: bool, impaired: bool, soon: bool) -> float:
    """The same by what counts.

    psychotic, impaired: what the person has; soon: whether they were discharged in the last ``SOON`` days.
    """
    h, mean = p.hospital, p.hospital.ed_admission.value
    if not 0 < mean < 1:
        return mean
    odds = usual_odds(p)
    for counts, ratio in (
        (psychotic, h.psychotic_odds),
        (impaired, h.impairment_odds),
        (soon, h.readmission_odds),
    ):
        odds *= ratio.value if counts else 1.0
    return odds / (1 + odds)


def usual_odds(p: Parameters) -> float:
    """Odds of admission of someone without psychotic disorder and high impairment, not just discharged.

    Such that all visits have ``hospital.ed_admission`` as their mean.
    """
    c, h, people = p.crisis, p.hospital, p.people
    return _odds_without(
        h.ed_admission.value,
        (people.psychotic.value, c.psychotic_ratio.value, h.psychotic_odds.value),
        (people.high_impairment.value, c.impairment_ratio.value, h.impairment_odds.value),
        (RETURNING, 1.0, h.readmission_odds.value),
    )


@lru_cache(maxsize=64)
def _odds_without(mean: float, *traits: tuple[float, float, float]) -> float:
    """The odds of people without any trait that give visits of all a mean share.

    Of each trait: its share of people, how many times as often they come, and their odds ratio.
    """
    kinds = []
    for having in product((False, True), repeat=len(traits)):
        weight, ratio = 1.0, 1.0
        for has, (share, visits, odds) in zip(having, traits, strict=True):
            weight *= share * visits if has else 1 - share
            ratio *= odds if has else 1.0
        kinds.append((weight, ratio))
    whole = sum(weight for weight, _ in kinds)

    def surplus(odds: float) -> float:
        return sum(weight * odds * ratio / (1 + odds * ratio) for weight, ratio in kinds) / whole - mean

    ratios = [ratio for _, ratio in kinds]
    usual = mean / (1 - mean)
    return float(brentq(surplus, 0.99 * usual / max(ratios), 1.01 * usual / min(ratios)))
