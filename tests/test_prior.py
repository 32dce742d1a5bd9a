"""What the register's ranges mean before any record is looked at."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from calibration.inference.prior import INFORMED, WIDER, Marginal, Prior, UnknownParameter
from simulation.inputs.parameter import Parameter, Rate, Ratio, Share
from simulation.inputs.parameters import Parameters

NORMAL = NormalDist()


def one(kind: type[Parameter], value: float, low: float, high: float, grade: str = "A") -> Parameter:
    unit = {Share: "share", Ratio: "hazard ratio", Rate: "per person-year"}[kind]
    about: dict[str, Any] = {"meaning": "made up", "population": "made up", "source": "made up"}
    return kind.model_validate(
        {"value": value, "unit": unit, "low": low, "high": high, "grade": grade, **about}
    )


@pytest.mark.parametrize("kind", [Share, Ratio, Rate])
def test_the_registers_value_is_the_median_and_its_range_holds_95_percent_at_grade_a(
    kind: type[Parameter],
) -> None:
    marginal = Marginal.of(one(kind, 0.3, 0.1, 0.6))
    assert marginal.value(0) == pytest.approx(0.3)
    assert marginal.value(NORMAL.inv_cdf(0.025)) == pytest.approx(0.1, rel=1e-4)
    assert marginal.value(NORMAL.inv_cdf(0.975)) == pytest.approx(0.6, rel=1e-4)


@pytest.mark.parametrize("grade", WIDER)
def test_a_worse_grade_is_wider_by_its_factor_on_the_scale_of_the_logarithm(grade: str) -> None:
    marginal = Marginal.of(one(Rate, 1.0, 0.5, 2.0, grade))
    spread = math.log(marginal.value(1.959964)) / math.log(2.0)
    assert spread == pytest.approx(WIDER[grade])


def test_a_ratio_that_ends_at_no_effect_never_passes_it_and_a_share_stays_a_share() -> None:
    ratio, share = Marginal.of(one(Ratio, 0.8, 0.6, 1.0, "D")), Marginal.of(one(Share, 0.9, 0.4, 1.0, "D"))
    for z in (-6.0, -2.0, 0.5, 2.0, 6.0):
        assert 0 < ratio.value(z) <= 1
        assert 0 < share.value(z) <= 1


@pytest.mark.parametrize(
    "parameter", [one(Share, 0.3, 0.1, 1.0, "C"), one(Rate, 0.09, 0.05, 0.16, "D"), one(Ratio, 1.3, 1.0, 2.0)]
)
def test_score_is_the_inverse_of_value_and_the_density_its_derivative(parameter: Parameter) -> None:
    marginal = Marginal.of(parameter)
    for z in (-2.0, -0.3, 0.4, 1.7):
        value = marginal.value(z)
        assert marginal.score(value) == pytest.approx(z, abs=1e-6)
        slope = (marginal.value(z + 1e-5) - marginal.value(z - 1e-5)) / 2e-5
        assert marginal.density(value) == pytest.approx(NORMAL.pdf(z) / slope, rel=1e-4)


def test_every_parameter_that_is_open_is_drawn_and_those_searched_for_come_first(
    register: Parameters,
) -> None:
    prior = Prior.of(register)
    known = dict(register)
    assert set(prior.names) == {path for path, each in known.items() if each.low < each.high}
    assert set(prior.names[: prior.free]) == set(INFORMED)
    drawn = dict(prior.at([0.0] * len(prior.names)))
    assert all(drawn[name].value == pytest.approx(known[name].value) for name in prior.names)


def test_a_draw_of_one_parameter_does_not_depend_on_which_others_are_searched_for(
    register: Parameters,
) -> None:
    every, two = Prior.of(register), Prior.of(register, ("jail.sentence_felony", "arrest.rate"))
    first, second = every.sample(3, 1), two.sample(3, 1)
    for name in ("court.granted", "jail.sentence_felony"):
        assert (first[:, every.names.index(name)] == second[:, two.names.index(name)]).all()


def test_a_design_fills_the_prior_evenly(register: Parameters) -> None:
    z = Prior.of(register).design(256, 1)
    assert np.abs(z.mean(axis=0)).max() < 0.05
    assert np.abs(z.std(axis=0) - 1).max() < 0.05


def test_a_parameter_that_does_not_exist_is_told_with_the_one_probably_meant(register: Parameters) -> None:
    with pytest.raises(UnknownParameter, match=r"'arrest.rat'\. Did you mean 'arrest.rate'\?"):
        Prior.of(register, ("arrest.rat",))
