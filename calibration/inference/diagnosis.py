"""Diagnostics of a calibration: fit, what was learned of each parameter, trade-offs and contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.inference.inference import InferenceResult, unreachable
from calibration.inference.prior import Prior
from calibration.inference.sampler import Likelihood, sample
from calibration.targets.output import unscaled
from calibration.targets.target import Target
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.measures import MEASURES

Floats = NDArray[np.float64]

SILENT = 0.1
"""Share of the prior's variance that must be removed for the data to be informative."""

UNINFORMED = "not informed by the data"
"""Verdict on a parameter that keeps its prior."""

TIED = 0.4
"""Correlation from which two parameters trade off."""

EDGE = 1.645
"""Normal score of the prior beyond which a posterior mean leans on the end of what was thought possible."""


def parameters(prior: Prior, z: Floats) -> pd.DataFrame:
    """A row a parameter: prior and posterior quantiles, the share of the prior's variance gone, a verdict."""
    scores = np.array([[-1.644854], [0.0], [1.644854]]) * np.ones(len(prior.names))
    before = prior.values(scores)
    after = np.asarray(np.quantile(prior.values(z), [0.05, 0.5, 0.95], axis=0), dtype=np.float64)
    gone: Floats = 1 - np.asarray(z.var(axis=0), dtype=np.float64)
    shift: Floats = np.asarray(z.mean(axis=0), dtype=np.float64)
    known = dict(prior.parameters)
    return pd.DataFrame(
        {
            "parameter": prior.names,
            "unit": [known[name].unit for name in prior.names],
            "grade": [known[name].grade for name in prior.names],
            "searched": np.arange(len(prior.names)) < prior.free,
            **{f"prior_{q}": row for q, row in zip(("p05", "p50", "p95"), before, strict=True)},
            **{f"posterior_{q}": row for q, row in zip(("p05", "p50", "p95"), after, strict=True)},
            "mean_shift": shift,
            "variance_removed": gone,
            "verdict": [verdict(g, s) for g, s in zip(gone, shift, strict=True)],
        }
    )


def verdict(gone: float, shift: float) -> str:
    """One parameter in words: the shift is in standard deviations of the prior."""
    if abs(shift) > EDGE:
        return "at the edge of its range"
    if gone < SILENT and abs(shift) < 3 * SILENT:
        return UNINFORMED
    return "moved" if abs(shift) > 0.5 else "narrowed" if gone >= SILENT else "moved a little"


def trade_offs(prior: Prior, z: Floats) -> pd.DataFrame:
    """Pairs of parameters that the records hardly distinguish, with the correlation of their scores."""
    tied = np.atleast_2d(np.corrcoef(z.T))
    rows = [
        (prior.names[i], prior.names[j], tied[i, j])
        for i, j in zip(*np.triu_indices(len(prior.names), 1), strict=True)
        if abs(tied[i, j]) >= TIED
    ]
    table = pd.DataFrame(rows, columns=["first", "second", "correlation"])
    return table.sort_values("correlation", key=np.abs, ascending=False, ignore_index=True)


def fits(result: InferenceResult) -> pd.DataFrame:
    """A row a target: what the records say, and runs at the prior and at the posterior.

    band: 2.5 to 97.5 % of single runs, the error of the records added; off: standard deviations between.
    """
    rows = []
    for j, target in enumerate(result.targets):
        prior = result.values[: result.budget.points, :, j]
        before, after = (_band(target, runs, _error(target)) for runs in (prior, result.checks[:, :, j]))
        rows.append(
            {
                "target": target.name,
                "unit": MEASURES[target.measure].unit,
                "kind": target.kind,
                "from": target.start,
                "to": target.end,
                "used": target.weight > 0,
                "observed": target.value,
                "prior_low": before[0],
                "prior_mean": before[1],
                "prior_high": before[2],
                "posterior_low": after[0],
                "posterior_mean": after[1],
                "posterior_high": after[2],
                "inside": bool(after[0] <= target.value <= after[2]),
            }
        )
    return pd.DataFrame(rows)


def _error(target: Target) -> float:
    return float(np.hypot(target.error / np.sqrt(len(target.points)), target.drift))


def _band(target: Target, values: Floats, error: float) -> tuple[float, float, float]:
    """2.5 %, mean and 97.5 % of single runs, each widened by the error of the records."""
    seen = values[np.isfinite(values)]
    if not len(seen):
        return float("nan"), float("nan"), float("nan")
    noisy = seen + error * np.random.default_rng(1).standard_normal(len(seen))
    low, high = np.quantile(noisy, [0.025, 0.975])
    return float(low), float(seen.mean()), float(high)


def left_out(result: InferenceResult, seed: int, draws: int = 1000) -> pd.DataFrame:
    """Each target forecast from all the others: observed, 5, 50 and 95 %, and the share of draws below it."""
    rows = []
    for j in result.observed.used:
        target = result.targets[result.kept[j]]
        z = sample(Likelihood(result.emulator, result.observed.without(int(j))), draws, seed)
        mean, variance = result.likelihood.given_others(z, int(j))
        values = mean + np.sqrt(variance) * np.random.default_rng(seed).standard_normal(draws)
        low, middle, high = unscaled(target.measure, np.quantile(values, [0.05, 0.5, 0.95]))
        rows.append(
            {
                "target": target.name,
                "observed": target.value,
                "p05": low,
                "p50": middle,
                "p95": high,
                "share_of_draws_below": float((values < result.observed.value[j]).mean()),
                "inside": bool(low <= target.value <= high),
            }
        )
    return pd.DataFrame(rows)


def contradictions(result: InferenceResult, county: CountyFile) -> list[str]:
    """Targets that cannot all be true, or that the model cannot reach, in words with numbers."""
    messages = list(littles_law(result.targets, county))
    for name, least in unreachable(result).items():
        messages.append(
            f"{name}: no parameters within their ranges come nearer than {least:.1f} standard deviations. "
            "Either the record counts something else, or a range in the register is too narrow."
        )
    return messages


def littles_law(targets: Sequence[Target], county: CountyFile) -> Iterator[str]:
    """Little's law: people in jail are bookings a day times the mean stay, whatever the distributions."""
    known = {target.name: target for target in targets}
    adp, stay = known.get("jail_adp"), known.get("jail_stay")
    bookings = _per_day(known.get("bookings"))
    if bookings is None:
        jail = county.jail
        bookings = jail.bookings.per_day * jail.smi_share_of_bookings.value
    if adp is None or stay is None or not bookings:
        return
    implied = adp.value / bookings
    error = implied * np.hypot(_share_off(adp), _share_off(known.get("bookings")))
    if abs(stay.value - implied) > max(0.1 * implied, 2 * np.hypot(error, _error(stay))):
        yield (
            f"jail_adp, bookings and jail_stay contradict each other: {adp.value:,.0f} people in jail over "
            f"{bookings * units.DAYS['months']:,.0f} bookings a month are a mean stay of {implied:,.1f} days "
            f"(Little's law), and the records say {stay.value:,.1f}. Give two of the three."
        )


def _per_day(target: Target | None) -> float | None:
    if target is None:
        return None
    days = sum((point.end - point.start).days for point in target.points)
    return float(target.values.sum() / days)


def _share_off(target: Target | None) -> float:
    return _error(target) / target.value if target is not None and target.value else 0.0


def advice(result: InferenceResult, prior: Prior) -> pd.DataFrame:
    """Which record not given would narrow the parameters most, if the county had it for the same time.

    variance_removed: expected share of the remaining variance of the parameters searched for that one such
    figure removes (Bayes linear: squared correlation of parameter and emulated figure, noise included), on
    average; parameter, of_parameter: the parameter it informs most, and the share of its variance.
    """
    given = {target.name for target in result.targets}
    mean = result.emulator.mean(result.z)
    variance = result.emulator.noise_variance(result.z) + result.emulator.variance(result.z)
    free = result.z[:, : prior.free]
    rows = []
    for j, at in enumerate(result.kept):
        output = result.outputs[at]
        if output.name in given:
            continue
        total = float(mean[:, j].var() + variance[:, j].mean())
        shared = (free - free.mean(axis=0)).T @ (mean[:, j] - mean[:, j].mean()) / len(free)
        removed = shared**2 / np.maximum(total, 1e-12) / np.maximum(free.var(axis=0), 1e-12)
        best = int(np.argmax(removed))
        rows.append((output.name, float(removed.mean()), prior.names[best], float(removed[best])))
    table = pd.DataFrame(rows, columns=["record", "variance_removed", "parameter", "of_parameter"])
    return table.sort_values("variance_removed", ascending=False, ignore_index=True)


def unused(result: InferenceResult) -> list[str]:
    """Targets without a value in most runs, or with the same one: nothing can be learned from them."""
    kept = set(result.kept)
    return [
        f"{target.name}: most runs have nobody to count in that time, or all show the same; it was not used"
        for j, target in enumerate(result.targets)
        if j not in kept
    ]


def broken(result: InferenceResult) -> int:
    """How many runs broke off or could not be."""
    return int(sum(np.isnan(part).all(axis=2).sum() for part in (result.values, result.checks)))
