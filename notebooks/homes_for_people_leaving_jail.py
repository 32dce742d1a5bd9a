# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How many homes would people leaving jail through FACT need, and would twelve more be enough?
#
# Contra Costa County places people who enroll in FACT without a fixed address into master-leased units,
# and later into longer-term ones. Homes needed are the units held plus the people waiting. This notebook
# asks how that number moves, and what twelve more master-leased units from July of the first year do to
# the wait. The answer is at the bottom; the model is in the package, not here.

# %%
import pandas as pd

import offramp

scenarios = offramp.load(["contra_costa", "twelve_more_homes"])
results = offramp.run(scenarios, offramp.RunOptions(replications=3), offramp.ExecutionOptions(jobs=2))

# %% [markdown]
# ## Homes needed, by quarter
# Mean over the runs, and the highest month of any run: a county that builds for the mean is short half
# of the time.

# %%
needed = results.monthly.query("measure == 'housing_units_needed' and subgroup == 'all'")
quarter = pd.PeriodIndex(pd.to_datetime(needed["month"]), freq="Q")
by_quarter = needed.groupby([quarter, "scenario"])["value"].agg(["mean", "max"]).unstack().round(1)
by_quarter.iloc[::4]

# %% [markdown]
# ## What twelve more homes change
# Paired differences: the same people with the same random numbers, with and without the homes.

# %%
asked = ["housing_occupied", "housing_waiting", "housing_wait_days", "homeless_at_exit", "jail_adp"]
change = results.differences.query("period == 'all' and subgroup == 'all' and measure in @asked")
change.set_index("measure").loc[asked, ["unit", "mean", "mean_low", "mean_high", "p05", "p95"]].round(3)

# %% [markdown]
# ## Answer


# %%
def mean_of(table: pd.DataFrame, measure: str) -> float:
    """The mean over the whole horizon, all people together."""
    row = table.query("measure == @measure and period == 'all' and subgroup == 'all'")
    return float(row["mean"].iloc[0])


need = needed[needed["scenario"] == "contra_costa"]["value"]
print(
    f"As things stand people in and after FACT need {need.mean():.0f} homes on average and "
    f"{need.quantile(0.9):.0f} in nine months of ten.\n"
    f"Twelve more homes change the waiting list by {mean_of(results.differences, 'housing_waiting'):+.1f} "
    f"people and the wait by {mean_of(results.differences, 'housing_wait_days'):+.0f} days.\n"
    f"They change the jail by {mean_of(results.differences, 'jail_adp'):+.1f} people a day: homes are for "
    "people who are already out, so do not count on them for jail beds."
)
