"""Simulation-based calibration: whether a posterior means what it says, over counties of known truth.

Run it as ``python benchmarks/calibration_ranks.py [FOLDER]``; it writes benchmarks/calibration_ranks.md.
One bank of runs over the prior serves every county: most points train the emulator, the others are counties
of known truth, each shown to the inference as one run. The truths of each parameter are spread evenly over
its prior, so that the ranks tell of the inference and not of the luck with which truths were drawn (of 260
drawn at random, 58 % lay in the middle half of the prior of ``court.referral_if_identified``, whose ranks
were then found not uniform). The bank lies in FOLDER (results/calibration-bank);
a command that was stopped goes on with it. About twenty minutes of two processors.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small, and the processors are busy

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.inference.analytic_approximation import AnalyticApproximation, DifferenceEmulator
from calibration.inference.coverage import Verdict, calibrated, verdicts
from calibration.inference.emulator import Emulator
from calibration.inference.inference import on_scale
from calibration.inference.prior import Prior
from calibration.inference.run_cache import RunCache, code
from calibration.inference.sampler import Likelihood
from calibration.targets.observed import Observed
from calibration.targets.output import Output
from offramp.scenarios import load_one

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
TRAINING, COUNTIES, REPLICATIONS, DRAWS, SEED = 640, 256, 2, 199, 1
TAKEN = 299
"""Draws of each posterior, of which every so manieth is ranked: few that are worth fewer make wide ends."""

SHOWN = (
    "jail_adp",
    "arrests",
    "rearrest_1y",
    "crisis_contacts",
    "diversion_referrals",
    "diversion_admissions",
    "court_census",
    "program_exits",
    "days_in_program",
    "days_arrest_to_referral",
)
"""What the records of each made-up county show: these measures over the whole time, chance included."""


def main() -> None:
    """Fill the bank, infer every county, write the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("results/calibration-bank")
    scenario = load_one(str(HERE / "small_county.yaml"))
    whole = ((0.0, scenario.county.horizon),)
    outputs = tuple(Output(name, "all", whole) for name in SHOWN)
    prior = Prior.of(scenario.parameters)
    cache = RunCache(scenario, prior, outputs, REPLICATIONS, SEED, folder, os.cpu_count() or 1)
    began = time.time()
    z = prior.design(TRAINING, SEED)
    values = cache.values(z, 0, counter("training", TRAINING))
    truths = prior.design(COUNTIES, SEED + 1)
    single = replace(cache, replications=1)
    shown = single.values(truths, REPLICATIONS * TRAINING, counter("counties", COUNTIES))
    ran = time.time()
    emulator = Emulator.of(z, on_scale(values, outputs), prior.free, check=len(outputs))
    all_shown = Likelihood(emulator, Observed.of(np.zeros(len(outputs))))
    difference = DifferenceEmulator.of(
        AnalyticApproximation(scenario, prior, outputs), all_shown, z, on_scale(values, outputs)
    )
    draw = partial(drawn, difference)
    jobs = os.cpu_count() or 1
    ranks, variances = calibrated(emulator, truths, on_scale(shown, outputs)[:, 0], draw, SEED, jobs)
    found = verdicts(prior.names, ranks, variances)
    text = page(prior, found, emulator)
    print(text)
    print(f"runs {ran - began:.0f} s (those of this time), posteriors {time.time() - ran:.0f} s")
    (HERE / "calibration_ranks.md").write_text(text, encoding="utf-8")


def drawn(difference: DifferenceEmulator, likelihood: Likelihood, seed: int) -> Floats:
    """The draws of one county, as ``offramp calibrate`` would take them."""
    z, _ = difference.draws(likelihood, TAKEN, seed)
    return z[np.random.default_rng(seed).permutation(TAKEN)[:DRAWS]]


def counter(what: str, total: int) -> Callable[[int], None]:
    """Says every fifty how far it is."""
    seen = [0]

    def done(count: int) -> None:
        before, seen[0] = seen[0], seen[0] + count
        if seen[0] // 50 > before // 50:
            print(f"{what}: {seen[0]} of {total}", file=sys.stderr, flush=True)

    return done


def page(prior: Prior, found: dict[str, Verdict], emulator: Emulator) -> str:
    """The result as a table, and whether it is what it should be."""
    own = {name: found[name] for name in prior.names[: prior.free]}
    others = [found[name] for name in prior.names[prior.free :]]
    p, cover = min(one.p for one in own.values()), [one.cover_90 for one in own.values()]
    passed = p > 0.01 and min(cover) >= 0.85 and max(cover) <= 0.95
    strays = sum(one.p < 0.01 for one in others)
    lines = [
        "# Simulation-based calibration",
        "",
        f"{COUNTIES} made-up counties of known truth, each shown as one run of {len(SHOWN)} measures over "
        f"24 months; {DRAWS} draws each; one bank of {TRAINING} points x {REPLICATIONS} runs over the prior. "
        f"Made by `python benchmarks/calibration_ranks.py` (model {code()}).",
        "",
        "The truths of each parameter lie evenly over its prior: where the records say little, ranks would "
        "otherwise tell of the luck of the truths. A wrong posterior is found as often as with truths drawn "
        "at random, and oftener where the records say little (`tests/test_inference.py`).",
        "",
        "Asked: ranks uniform (chi-square, p > 0.01 for each parameter searched for) and 90 % intervals "
        f"that hold 85 to 95 % of the truths. **{'Passed' if passed else 'Not passed'}**: the smallest p is "
        f"{p:.3f}, the intervals hold {min(cover):.0%} to {max(cover):.0%}.",
        "",
        f"The {len(others)} other parameters, which follow in straight lines: p < 0.01 for {strays} "
        f"(one in a hundred is expected), 90 % intervals hold {np.mean([o.cover_90 for o in others]):.1%} on "
        "average.",
        "",
        "| parameter | p | 50 % intervals hold | 90 % intervals hold | prior variance gone |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one.p:.3f} | {one.cover_50:.0%} | {one.cover_90:.0%} | {one.narrowed:.0%} |"
        for name, one in own.items()
    ]
    known = zip(SHOWN, emulator.explained, strict=True)
    told = ", ".join(f"{name} {share:.2f}" for name, share in known)
    lines += [
        "",
        f"Share of the variance between points that the emulator foresees (left out, chance aside): {told}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
