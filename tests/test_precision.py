"""Runs are added until what was asked for is known, and then no more."""

from __future__ import annotations

from collections.abc import Callable
from math import nan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from offramp.cli import main
from simulation.experiment.precision import FEWEST, Estimate, Precision, estimates, until_known
from simulation.experiment.run import Result
from tests.command import digest, tiny


def result(value: float, run: int, scenario: str = "a", draw: int = 0) -> Result:
    return Result((scenario, draw, run), (("m", "all"),), np.zeros((1, 1)), np.array([[value]]))


def normal(mean: float, sd: float, seed: int = 1) -> Callable[[range], list[Result]]:
    """Runs of a measure that is normal, each from its own seed."""

    def block(runs: range) -> list[Result]:
        return [result(np.random.default_rng([seed, run]).normal(mean, sd), run) for run in runs]

    return block


def test_the_half_width_is_that_of_student_s_interval() -> None:
    values = [3.0, 5.0, 4.0, 8.0]
    found = estimates([result(value, run) for run, value in enumerate(values)], ["a"], ["m"])[0]
    assert found.mean == 5.0
    low, high = stats.t.interval(0.95, 3, loc=5.0, scale=np.std(values, ddof=1) / sqrt(4))
    assert (found.mean - found.half_width, found.mean + found.half_width) == pytest.approx((low, high))


def test_differences_are_taken_run_by_run() -> None:
    runs = [result(run * 10.0, run) for run in range(4)]
    runs += [result(run * 10.0 + 2, run, "b") for run in range(4)]
    change = next(e for e in estimates(runs, ["a", "b"], ["m"]) if e.of == "change in m by b")
    assert (change.mean, change.half_width) == (2.0, 0.0)


def test_draws_and_not_replications_are_what_is_independent() -> None:
    runs = [result(10.0 + draw, draw * 2 + i, draw=draw) for draw in range(3) for i in range(2)]
    by_hand = stats.t.ppf(0.975, 2) * np.std([10, 11, 12], ddof=1) / sqrt(3)
    assert estimates(runs, ["a"], ["m"])[0].half_width == pytest.approx(by_hand)


def test_it_stops_with_the_first_block_that_is_precise_enough() -> None:
    precision = Precision(0.05, ("m",), at_most=1000)
    runs, unknown = until_known(normal(100, 20), 10, precision, ["a"])
    assert not unknown
    assert estimates(runs, ["a"], ["m"])[0].half_width <= 5.0
    assert len(runs) % 10 == 0
    earlier = estimates(runs[:-10], ["a"], ["m"])[0]
    assert earlier.half_width > 5.0, "one block fewer would not have done"
    # (t * 20 / 5)^2 runs are needed: 64 in expectation, Student's t taken at 60 degrees of freedom.
    assert 40 <= len(runs) <= 90


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    precision = Precision(0.02, ("m",), at_most=5000)
    held = []
    for seed in range(300):
        runs, _ = until_known(normal(100, 10, seed), 10, precision, ["a"])
        found = estimates(runs, ["a"], ["m"])[0]
        held.append(abs(found.mean - 100) <= found.half_width)
    # Stopping when it looks precise costs a little coverage (Law 9.4): not below 91 of 100 here.
    assert np.mean(held) > 0.91


def test_what_cannot_be_known_in_time_is_told() -> None:
    runs, unknown = until_known(normal(1, 50), 10, Precision(0.01, ("m",), at_most=35), ["a"])
    assert len(runs) == 35 and [one.of for one in unknown] == ["m of a"]


def test_a_measure_without_any_value_ends_after_one_block() -> None:
    runs, unknown = until_known(
        lambda numbers: [result(nan, run) for run in numbers], 10, Precision(0.01, ("m",)), ["a"]
    )
    assert len(runs) == FEWEST and len(unknown) == 1


@pytest.mark.parametrize(
    ("mean", "half_width", "known"),
    [(100.0, 5.0, True), (100.0, 5.1, False), (1.0, 3.0, True), (1.0, 4.1, False), (-100.0, 5.0, True)],
)
def test_a_difference_too_small_to_matter_is_known(mean: float, half_width: float, known: bool) -> None:
    assert Estimate("change", mean, half_width, level=100.0).known(0.05) is known


@pytest.mark.slow
def test_precision_asks_for_the_same_runs_on_any_number_of_processors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", str(tiny(tmp_path, months=3)), "--precision", "9%", "--measure", "bookings"]
    command += ["--at-most", "25", "--store"]
    assert main([*command, str(tmp_path / "s1"), "--jobs", "1", "--out", str(tmp_path / "a")]) == 0
    assert main([*command, str(tmp_path / "s2"), "--jobs", "2", "--out", str(tmp_path / "b")]) == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    row = pd.read_csv(tmp_path / "a" / "summary.csv").query(
        "measure == 'bookings' and subgroup == 'all' and period == 'all'"
    )
    assert row["replications"].item() in (10, 20, 25)
    reached = (row["mean_high"] - row["mean"]).item() <= 0.09 * row["mean"].item()
    assert reached == ("Not as precise as asked" not in capsys.readouterr().out)


@pytest.mark.parametrize("share", ["0", "100%", "-5%", "much", "nan", "5 %%"])
def test_a_precision_that_is_none_is_refused(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "napa", f"--precision={share}"]) == 2
    assert "5%" in capsys.readouterr().err


def test_a_measure_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "napa", "--precision", "5%", "--measure", "jail_apd"]) == 2
    assert "Did you mean 'jail_adp'?" in capsys.readouterr().err
