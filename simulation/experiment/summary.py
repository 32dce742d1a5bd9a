"""Summaries over runs: means, spread, and paired differences from the first scenario."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from simulation.measures import MEASURES

CELL = ["scenario", "measure", "period", "subgroup"]
RUN = ["draw", "replication"]
COLUMNS = ["scenario", "measure", "unit", "period", "subgroup", "mean", "sd", "p05", "p50", "p95"]
COUNTED = ("persons", "arrests", "bookings", "contacts", "homes", "beds")
FEW = 11
COLUMNS += ["replications", "mean_low", "mean_high", "draws", "sd_parameters", "sd_chance"]


def summary(table: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Each measure over all runs of a scenario.

    p05, p50, p95 are quantiles over runs: the range of a single future. mean_low and mean_high bound the
    mean with 95 % confidence, given the number of runs (with several draws: of draws). With several draws
    sd_parameters is the standard deviation due to parameter uncertainty, sd_chance that between replications.
    few marks counts whose mean is under 11, too few to characterise a group.
    """
    statistics = _in_order(_describe(_with_absent(table)), scenarios)
    return statistics.assign(few=statistics["unit"].isin(COUNTED) & (statistics["mean"] < FEW))


def differences(table: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Each scenario minus the first one, run by run with the same draw and random streams.

    Columns as in ``summary``.
    """
    first, *others = scenarios
    table = _with_absent(table)
    keys = [*RUN, "period", "measure", "subgroup"]
    base = table[table["scenario"] == first].set_index(keys)["value"]
    other = table[table["scenario"].isin(others)].set_index(["scenario", *keys])["value"]
    paired = other.reset_index().join(base.rename("base"), on=keys)
    paired["value"] -= paired["base"]
    return _in_order(_describe(paired.drop(columns="base")), others)


def _with_absent(table: pd.DataFrame) -> pd.DataFrame:
    """Count a subgroup that did not occur in some run as none there, where it is a count."""
    per_run = ["scenario", *RUN, "period"]
    wide = table.set_index(["measure", "subgroup", *per_run])["value"].unstack(per_run)
    long = pd.DataFrame({"value": wide.stack(per_run, future_stack=True)}).reset_index()
    counted = long["measure"].map(lambda name: MEASURES[name].kind in ("stock", "flow"))
    long.loc[counted, "value"] = long.loc[counted, "value"].fillna(0.0)
    return long


def _describe(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.dropna(subset="value").groupby(CELL, sort=False, observed=True)["value"]
    statistics = groups.agg(["mean", "std", "count"]).rename(columns={"std": "sd", "count": "replications"})
    for name, level in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        statistics[name] = groups.quantile(level)
    statistics = statistics.join(_variance_parts(table))
    by_draw = statistics["draws"] > 1
    spread = _half_width(
        statistics["sd"].where(~by_draw, statistics.pop("sd_of_draws")),
        statistics["replications"].where(~by_draw, statistics["draws"]),
    )
    statistics["mean_low"], statistics["mean_high"] = statistics["mean"] - spread, statistics["mean"] + spread
    return statistics.reset_index()


def _half_width(sd: pd.Series[float], n: pd.Series[int]) -> pd.Series[float]:
    """Half of the 95 % confidence interval of a mean (Student's t)."""
    from scipy.stats import t

    return pd.Series(t.ppf(0.975, np.maximum(n - 1, 1)) * sd / np.sqrt(n), index=sd.index)


def _variance_parts(table: pd.DataFrame) -> pd.DataFrame:
    """Split the variance over runs into what parameters and what chance contribute.

    One-way analysis of variance by draw: the mean square within draws is chance; the mean square
    between draws exceeds it by the number of replications times the parameters' share.
    """
    by_draw = table.dropna(subset="value").groupby([*CELL, "draw"], sort=False, observed=True)["value"]
    draws = by_draw.agg(["mean", "var", "count"]).reset_index()
    cells = draws.groupby(CELL, sort=False, observed=True)
    statistics = pd.DataFrame({"draws": cells["draw"].nunique()})
    within = cells["var"].mean()
    between = cells["mean"].var() * cells["count"].mean()
    share = ((between - within) / cells["count"].mean()).clip(lower=0)
    statistics["sd_parameters"] = np.sqrt(share)
    statistics["sd_chance"] = np.sqrt(within)
    statistics["sd_of_draws"] = cells["mean"].std()
    return statistics


def _in_order(table: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Rows by scenario, measure and period as given, ``all`` before the subgroups."""
    table["unit"] = table["measure"].map(lambda name: MEASURES[name].unit)
    rank = {name: i for i, name in enumerate([*scenarios, *MEASURES])}
    order = pd.DataFrame(
        {
            "scenario": table["scenario"].map(rank),
            "measure": table["measure"].map(rank),
            "part": table["subgroup"] != "all",
            "subgroup": table["subgroup"],
            "whole": table["period"] != "all",
            "period": table["period"],
        }
    )
    return table.loc[order.sort_values(list(order.columns)).index, COLUMNS].reset_index(drop=True)
