"""The prior: the register's ranges as distributions, widened by grade of evidence.

Every parameter is a smooth, rising function of a standard normal ``z`` of its own, so that the prior of
all of them together is the standard normal distribution, and a design, an emulator or a sampler can work
on ``z``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simulation.engine.stream import Stream
from simulation.inputs.parameter import Parameter, Ratio, Share
from simulation.inputs.parameters import Parameters
from simulation.scenario import Scenario

Z = NDArray[np.float64]

WIDER = {"A": 1.0, "B": 1.1, "C": 1.25, "D": 1.5}
"""How much wider than the register's range a parameter of this grade may be, on its own scale.

Assumption: a range that nobody measured is too narrow, as a rule, and the more so the less it stands on.
"""

INFORMED = {
    "arrest.rate": "re-arrest, and how many people make the county's bookings",
    "arrest.frailty_shape": "re-arrest after one and two years",
    "arrest.cite_and_release": "arrests beside bookings",
    "jail.recognizance_felony": "jail population and stay",
    "jail.recognizance_other": "jail population and stay",
    "jail.bail_felony": "jail population and stay",
    "jail.sentence_felony": "jail population and stay",
    "jail.sentence_other": "jail population and stay",
    "jail.screening_sensitivity": "referrals to diversion",
    "court.disposition_detained_felony": "jail population and stay",
    "court.jail_if_detained": "jail population and stay",
    "court.referral_if_identified": "referrals to diversion",
    "court.eligible": "admissions to diversion beside referrals",
    "court.granted": "admissions to diversion beside referrals",
    "court.program_length": "days in the program and its participants",
    "court.failure": "exits from the program by type",
    "crisis.rate": "crisis contacts",
}
"""The parameters searched for unless others are named, and the record that informs each."""

_EDGE = 1.959964
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Marginal:
    """The prior of one parameter: normal on its own scale, one spread below and one above the center.

    The scale is the logit of a share and the logarithm of anything else. The register's range holds 95 %
    at grade A and is widened by ``WIDER`` otherwise. A side that ends where the quantity itself ends (a
    share of 0 or 1, nothing, a ratio's "no effect") is even up to that end and not widened.
    """

    parameter: Parameter
    below: float
    above: float

    @classmethod
    def of(cls, parameter: Parameter) -> Marginal:
        """The prior that the register's range and grade stand for."""
        center, widened = _scaled(parameter, parameter.value), WIDER[parameter.grade] / _EDGE

        def spread(end: float) -> float:
            return abs(_scaled(parameter, end) - center) * widened

        low, high = parameter.low, parameter.high
        return cls(
            parameter,
            math.nan if _is_end(parameter, low) else spread(low),
            math.nan if _is_end(parameter, high) else spread(high),
        )

    @property
    def known(self) -> bool:
        """Whether the range leaves nothing open."""
        return self.parameter.low == self.parameter.high

    def value(self, z: float) -> float:
        """The parameter where its normal score is ``z``; the register's central value at 0."""
        p = self.parameter
        spread, end = (self.below, p.low) if z < 0 else (self.above, p.high)
        if math.isnan(spread):
            return p.value + (end - p.value) * (2 * _NORMAL.cdf(abs(z)) - 1)
        return p.value if spread == 0 else _unscaled(p, _scaled(p, p.value) + spread * z)

    def score(self, value: float) -> float:
        """The normal score of a value: the inverse of ``value``; 0 where the range has no width."""
        p = self.parameter
        spread, end = (self.below, p.low) if value < p.value else (self.above, p.high)
        if value == p.value or end == p.value:
            return 0.0
        if math.isnan(spread):
            share = min((value - p.value) / (end - p.value), 1 - 1e-12)
            return math.copysign(_NORMAL.inv_cdf((1 + share) / 2), value - p.value)
        return (_scaled(p, value) - _scaled(p, p.value)) / spread

    def density(self, value: float) -> float:
        """The prior's probability density at a value of the parameter, for reweighting draws."""
        p = self.parameter
        spread, end = (self.below, p.low) if value < p.value else (self.above, p.high)
        if math.isnan(spread):
            return 0.5 / abs(end - p.value)
        slope = 1 / (value * (1 - value)) if isinstance(p, Share) else 1 / value
        return _NORMAL.pdf(self.score(value)) / spread * slope


def _is_end(parameter: Parameter, end: float) -> bool:
    return end == 0 or (end == 1 and isinstance(parameter, Share | Ratio))


def _scaled(parameter: Parameter, value: float) -> float:
    if value == 0:
        return -math.inf
    if isinstance(parameter, Share):
        return math.inf if value == 1 else math.log(value / (1 - value))
    return math.log(value)


def _unscaled(parameter: Parameter, scaled: float) -> float:
    return 1 / (1 + math.exp(-scaled)) if isinstance(parameter, Share) else math.exp(scaled)


class UnknownParameter(ValueError):
    """A parameter was named that the register does not have, or that it leaves no room for."""


@dataclass(frozen=True)
class Prior:
    """The prior of all parameters that the register leaves open; those searched for come first.

    names: dotted paths; free: how many of the first are searched for with bends and interactions. The
    others are uncertain too: they follow the records as far as the records move with them in a straight line.
    """

    parameters: Parameters
    names: tuple[str, ...]
    free: int

    @classmethod
    def of(cls, parameters: Parameters, free: Sequence[str] = ()) -> Prior:
        """The prior over a register; raises UnknownParameter for a path that cannot be searched for."""
        known = dict(parameters)
        for path in free:
            _check(path, known)
        usual = [path for path in INFORMED if path in known and _open(known[path])]
        first = tuple(dict.fromkeys(free or usual))
        rest = tuple(path for path, parameter in known.items() if path not in first and _open(parameter))
        return cls(parameters, first + rest, len(first))

    @property
    def marginals(self) -> tuple[Marginal, ...]:
        """One prior for each name."""
        known = dict(self.parameters)
        return tuple(Marginal.of(known[name]) for name in self.names)

    def sample(self, count: int, seed: int) -> Z:
        """``count`` x names independent scores; row i depends on the seed, i and each name alone."""
        streams = [Stream(seed, -1).child("prior", number) for number in range(count)]
        drawn = [[_NORMAL.inv_cdf(stream.uniform(name)) for name in self.names] for stream in streams]
        return np.array(drawn).reshape(count, len(self.names))

    def design(self, count: int, seed: int) -> Z:
        """``count`` x names scores that fill the prior evenly (a scrambled Sobol sequence)."""
        from scipy.special import ndtri
        from scipy.stats.qmc import Sobol

        engine = Sobol(len(self.names), rng=np.random.default_rng(seed))
        points = engine.random(1 << max(0, (count - 1).bit_length()))[:count]
        return np.asarray(ndtri(np.clip(points, 1e-6, 1 - 1e-6)), dtype=np.float64)

    def values(self, z: Z) -> NDArray[np.float64]:
        """Scores turned into values of the parameters, of the same shape."""
        values = [
            [m.value(s) for s in column] for m, column in zip(self.marginals, z.T.tolist(), strict=True)
        ]
        return np.array(values).reshape(len(self.names), len(z)).T

    def at(self, scores: Iterable[float]) -> Parameters:
        """The register with its open parameters at these scores."""
        known = dict(self.parameters)
        changed = {
            name: known[name].model_copy(update={"value": marginal.value(score)})
            for name, marginal, score in zip(self.names, self.marginals, scores, strict=True)
        }
        return self.parameters.replacing(changed)


def _open(parameter: Parameter) -> bool:
    return parameter.low < parameter.high


def _check(path: str, known: dict[str, Parameter]) -> None:
    if path not in known:
        close = get_close_matches(path, known, n=1)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        raise UnknownParameter(f"there is no parameter '{path}'.{meant} All of them: offramp evidence")
    if not _open(known[path]):
        raise UnknownParameter(f"parameter '{path}' has no range: there is nothing to search for")


def truth(scenario: Scenario, draw: int | None, seed: int) -> Scenario:
    """The county that will be observed: at the register's values, or at one draw of the prior."""
    if draw is None:
        return scenario
    prior = Prior.of(scenario.parameters)
    scores = prior.sample(draw + 1, seed)[draw]
    return scenario.model_copy(update={"parameters": prior.at(scores.tolist())})
