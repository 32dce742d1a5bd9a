"""A county calibrated from its records: the function to call, and the draws and diagnostics it returns."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.inference import diagnosis, holdout
from calibration.inference.inference import InferenceResult, infer
from calibration.inference.posterior import About, Posterior
from calibration.inference.setup import CalibrateOptions, CalibrationSetup, prepare
from calibration.targets.target import Target
from simulation import __version__
from simulation.inputs.format import POSTERIOR_FORMAT
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

RANGE = ("low", "value", "high")


def _unheard(finished: int, total: int) -> None:
    """Report no progress."""


def calibrate(
    county: Scenario,
    records: Path | str,
    options: CalibrateOptions | None = None,
    progress: Callable[[int, int], None] = _unheard,
    warn: Callable[[str], None] = warnings.warn,
) -> Calibration:
    """Find the parameters under which a county reproduces its records.

    county: the county as its file describes it, such as ``load("napa")``; its levers are left out.
    records: a CSV of figures (measure, period, value), a workbook of the performance measures, a file of the
    Jail Profile Survey, or a folder of these.
    progress: called with the number of finished and of all design points after each of them.
    warn: called with a sentence when a run breaks off and is left out.

    Raises BadDocument or BadRecords for records that cannot be used, UnknownParameter for a path of
    ``options.free``, NothingToFit if most runs have a value of no figure that is to be fitted.
    """
    setup = prepare(county, Path(records), options or CalibrateOptions(), warn)
    return run(setup, progress)


def run(setup: CalibrationSetup, progress: Callable[[int, int], None] = _unheard) -> Calibration:
    """Run a calibration that is ready to begin; see ``calibrate``."""
    finished = 0

    def done(count: int) -> None:
        nonlocal finished
        finished += count
        progress(finished, setup.budget.design_points)

    result = infer(setup.cache, setup.targets, setup.budget, done, setup.predictive)
    return Calibration(setup, result)


@dataclass(frozen=True)
class Calibration:
    """A calibrated county: draws of its parameters, and tables that say how far to trust them.

    setup: what was read and run; result: the scores of the draws, the runs and the emulator.
    """

    setup: CalibrationSetup
    result: InferenceResult

    @cached_property
    def posterior(self) -> Posterior:
        """The draws with what they were found from: ``sampled`` puts one of them into a scenario."""
        prior = self.setup.cache.prior
        return Posterior(prior.names, prior.values(self.result.z), self._about())

    @property
    def draws(self) -> pd.DataFrame:
        """The posterior draws, all equally likely: a row a draw, a column a parameter in its own unit."""
        return pd.DataFrame(self.posterior.values, columns=list(self.posterior.names))

    @cached_property
    def fit(self) -> pd.DataFrame:
        """A row a target: the record, and 95 % of single runs under the prior and under the posterior."""
        return diagnosis.fits(self.result)

    @cached_property
    def all_parameters(self) -> pd.DataFrame:
        """A row a parameter: quantiles of prior and posterior, the share of the prior's variance removed."""
        return diagnosis.parameters(self.setup.cache.prior, self.result.z)

    @property
    def parameters(self) -> pd.DataFrame:
        """The rows of ``all_parameters`` that were searched for."""
        table = self.all_parameters
        return table[table["searched"]].drop(columns="searched").reset_index(drop=True)

    @cached_property
    def trade_offs(self) -> pd.DataFrame:
        """Pairs of parameters that the records see together and not apart, with their correlation."""
        return diagnosis.trade_offs(self.setup.cache.prior, self.result.z)

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """A row a target: what all other targets predict of it."""
        return diagnosis.left_out(self.result, self.setup.cache.seed)

    @cached_property
    def advice(self) -> pd.DataFrame:
        """Records that were not given, by the share of the remaining variance that each would remove."""
        return diagnosis.advice(self.result, self.setup.cache.prior)

    @property
    def emulator(self) -> pd.DataFrame:
        """A row a target: the share of the variance between design points that the emulator predicts."""
        result = self.result
        names = [result.outputs[j].name for j in result.kept]
        targets = sum(j < len(result.targets) for j in result.kept)
        return pd.DataFrame({"figure": names, "explained": result.emulator.explained})[:targets]

    @property
    def direct(self) -> pd.DataFrame:
        """Parameters estimated from the records directly: ranges before and after, and the caveat."""
        rows = [
            {
                "parameter": update.path,
                **{f"register_{name}": value for name, value in zip(RANGE, update.before, strict=True)},
                **{f"records_{name}": value for name, value in zip(RANGE, update.after, strict=True)},
                "note": update.note,
            }
            for update in self.setup.range_updates
        ]
        return pd.DataFrame(rows)

    @cached_property
    def series(self) -> pd.DataFrame:
        """A row a series: how many values it has and which share lies in the 95 % predictive band."""
        rows = []
        for target, runs in self.series_runs:
            low, _, high = holdout.band(runs, target)
            inside = float(((low <= target.values) & (target.values <= high)).mean())
            rows.append({"series": target.name, "values": len(target.points), "inside the 95 % band": inside})
        return pd.DataFrame(rows)

    @cached_property
    def held_out(self) -> pd.DataFrame:
        """A row a series: how the months held out were forecast; empty if none were."""
        targets = [target for target, _ in self.series_runs]
        runs = [runs for _, runs in self.series_runs]
        return holdout.scores(targets, runs, self.setup.first_unseen)

    @cached_property
    def contradictions(self) -> list[str]:
        """Targets that cannot all be true, or that no parameters come near, in words with numbers."""
        return diagnosis.contradictions(self.result, self.setup.cache.scenario.county)

    @property
    def series_runs(self) -> list[tuple[Target, Floats]]:
        """Every series with its posterior predictive runs (runs x values of the target)."""
        at, pairs = len(self.setup.cache.outputs), []
        for target in self.setup.series:
            after = at + len(target.points)
            pairs.append((target, self.result.checks[:, :, at:after].reshape(-1, len(target.points))))
            at = after
        return pairs

    def tables(self) -> dict[str, pd.DataFrame]:
        """The diagnostic tables that have rows, by name."""
        tables = {
            "fit": self.fit,
            "series": self.series,
            "held_out": self.held_out,
            "direct": self.direct,
            "parameters": self.parameters,
            "trade_offs": self.trade_offs,
            "left_out": self.left_out,
            "advice": self.advice,
            "emulator": self.emulator,
        }
        return {name: table for name, table in tables.items() if len(table)}

    def write(self, path: Path | str) -> None:
        """Write the draws as the parquet file that ``offramp run --posterior`` reads."""
        self.posterior.write(Path(path))

    def save(self, folder: Path | str) -> None:
        """Write the draws (``posterior.parquet``) and each diagnostic table as CSV into a folder."""
        home = Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        self.write(home / "posterior.parquet")
        for name, table in self.tables().items():
            table.to_csv(home / f"{name}.csv", index=False, lineterminator="\n")

    def _about(self) -> About:
        """The origin of the draws, as their file keeps it."""
        setup, cache = self.setup, self.setup.cache
        county, register = cache.scenario.county, dict(cache.scenario.parameters)
        return About(
            format=POSTERIOR_FORMAT,
            offramp=__version__,
            county=county.name,
            fips=county.fips,
            hash=cache.scenario.fingerprint(),
            seed=cache.seed,
            budget=setup.options.budget_name,
            runs=setup.budget.runs,
            free=cache.prior.free,
            targets=[_description(target) for target in setup.targets],
            figures={update.figure: update.after for update in setup.input_updates},
            ranges={
                name: (register[name].low, register[name].value, register[name].high)
                for name in cache.prior.names
            },
        )


def _description(target: Target) -> dict[str, object]:
    return {
        "target": target.name,
        "value": target.value,
        "values": len(target.points),
        "start": target.start.isoformat(),
        "end": target.end.isoformat(),
        "weight": target.weight,
        "source": target.source,
    }
