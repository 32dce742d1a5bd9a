"""Shares at a branch, by conjugate posteriors: what of ten referrals is granted, where a crisis ends.

Gelman and others, Bayesian Data Analysis (2013), sections 2.4 and 3.4; prior weights of a half: Jeffreys.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import gammaln

from calibration.fits.fit import DRAWS, Fit

JEFFREYS = 0.5


def branch(
    counts: Mapping[str, float],
    name: str = "branch",
    prior: float | Mapping[str, float] = JEFFREYS,
    seed: int = 1,
) -> Fit:
    """The share of each way out of a branch: a Dirichlet posterior, of two ways a Beta.

    prior: how many observations each way counts as beforehand. goodness: the log of the marginal likelihood.
    score: mean log chance of each observation given all the others. Raises ValueError for a negative count or
    fewer than two ways.

    >>> fit = branch({"housed": 30, "street": 10})
    >>> round(fit.estimate["housed"], 3)
    0.744
    """
    ways = list(counts)
    seen = np.array([counts[way] for way in ways], dtype=np.float64)
    if len(ways) < 2 or (seen < 0).any():
        raise ValueError("a branch needs at least two ways, each taken 0 times or more")
    before = np.array([prior[way] if isinstance(prior, Mapping) else prior for way in ways], dtype=np.float64)
    after = seen + before
    total = seen.sum()
    others = np.log(np.maximum(after - 1, 1e-12) / (after.sum() - 1)) if total else np.zeros(len(ways))
    marginal = gammaln(before.sum()) - gammaln(after.sum()) + (gammaln(after) - gammaln(before)).sum()
    return Fit(
        name,
        "Dirichlet posterior" if len(ways) > 2 else "Beta posterior",
        int(total),
        dict(zip(ways, (after / after.sum()).tolist(), strict=True)),
        np.random.default_rng(seed).dirichlet(after, DRAWS),
        float((seen * others).sum() / total) if total else float("nan"),
        {"log marginal likelihood": float(marginal)},
    )


def of_these(yes: float, of: float, name: str = "share", seed: int = 1) -> Fit:
    """The share of ``of`` that are ``yes``, as the quantity ``share``; ValueError if yes exceeds of.

    >>> round(of_these(9, 20).estimate["share"], 3)
    0.452
    """
    if not 0 <= yes <= of:
        raise ValueError(f"{yes:g} of {of:g} is no share")
    return branch({"share": yes, "others": of - yes}, name, seed=seed)


def annual_rate(events: float, years: float, name: str = "rate", seed: int = 1) -> Fit:
    """A constant rate by a gamma posterior (Jeffreys): events over time at risk, as the quantity ``rate``.

    years: person-years, post-years or unit-years that were watched; they must be above 0.

    >>> round(annual_rate(events=12, years=24).estimate["rate"], 3)
    0.521
    """
    if events < 0 or not years > 0:
        raise ValueError("a rate needs time at risk above 0 and no negative count")
    after = events + JEFFREYS
    draws = np.random.default_rng(seed).gamma(after, 1 / years, (DRAWS, 1))
    return Fit(name, "gamma posterior of a Poisson rate", int(events), {"rate": after / years}, draws)
