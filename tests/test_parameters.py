"""What parameters mean: distributions of durations, length bias, units, and moving inside a range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import integrate, stats

from simulation.inputs.parameter import Duration, Rate, Share
from simulation.inputs.parameters import Parameters
from tests import conftest

UNIFORMS = np.array([1e-9, 1e-4, 0.01, 0.2, 0.5, 0.8, 0.89999, 0.9, 0.99, 0.9999, 1 - 1e-9])
FACTS: dict[str, Any] = {
    "meaning": "as tested",
    "population": "nobody",
    "source": "Assumption: a test.",
    "grade": "D",
}


def duration(distribution: str, value: float = 10, unit: str = "days", sigma: float = 0.0) -> Duration:
    """A duration with a wide range."""
    fields: dict[str, Any] = {"value": value, "unit": unit, "low": 0, "high": 1e6, **FACTS}
    return conftest.duration(**fields, distribution=distribution, sigma=sigma)


LAWS = {
    "exponential": (duration("exponential"), stats.expon(scale=10)),
    "lognormal": (duration("lognormal", sigma=0.9), stats.lognorm(0.9, scale=10)),
}


def mixture(value: float = 50, short_share: float = 0.4) -> Duration:
    """Two stays in five of about two days, the others of about fifty."""
    fields: dict[str, Any] = {"value": value, "unit": "days", "low": 0, "high": 1e6}
    short = {"short_share": short_share, "short_value": 2, "short_sigma": 0.8}
    return conftest.duration(**fields, distribution="mixture", sigma=1.1, **short, **FACTS)


SHORT, LONG = stats.lognorm(0.8, scale=2), stats.lognorm(1.1, scale=50)


def mixed_cdf(x: Any) -> Any:
    """Share of stays of the mixture that are shorter, by its definition."""
    return 0.4 * SHORT.cdf(x) + 0.6 * LONG.cdf(x)


@pytest.mark.parametrize("law", LAWS)
def test_a_sample_is_the_quantile_of_its_law(law: str) -> None:
    length, theory = LAWS[law]
    assert np.allclose([length.sample(u) for u in UNIFORMS], theory.ppf(UNIFORMS), rtol=1e-6)


@pytest.mark.parametrize("law", LAWS)
def test_the_mean_is_the_mean_of_the_law(law: str) -> None:
    length, theory = LAWS[law]
    assert np.isclose(length.mean, theory.mean())


@pytest.mark.parametrize("law", LAWS)
def test_a_stay_found_in_progress_has_the_length_biased_law(law: str) -> None:
    length, theory = LAWS[law]
    for uniform in (0.05, 0.3, 0.5, 0.9, 0.99):
        biased, _ = integrate.quad(
            lambda x: x * theory.pdf(x), 0, length.sample_in_progress(uniform), limit=200
        )
        assert np.isclose(biased / theory.mean(), uniform, atol=1e-6)


def test_the_quantile_of_a_mixture_undoes_its_distribution_into_both_tails() -> None:
    found = [mixture().sample(u) for u in UNIFORMS]
    assert found == sorted(found)
    assert np.allclose(mixed_cdf(found), UNIFORMS, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("share", [1e-6, 0.3, 0.999999])
def test_a_mixture_has_quantiles_however_unequal_its_parts(share: float) -> None:
    found = np.array([mixture(short_share=share).sample(u) for u in UNIFORMS])
    assert np.allclose(
        share * SHORT.cdf(found) + (1 - share) * LONG.cdf(found), UNIFORMS, rtol=1e-7, atol=1e-11
    )


def test_the_mean_of_a_mixture_is_that_of_its_parts() -> None:
    assert mixture().mean == pytest.approx(0.4 * SHORT.mean() + 0.6 * LONG.mean())


def test_moving_a_mixture_inside_its_range_moves_its_longer_part() -> None:
    longer = mixture().model_copy(update={"value": 100.0})
    assert mixture().mean == pytest.approx(0.4 * SHORT.mean() + 0.6 * LONG.mean())
    assert longer.mean == pytest.approx(0.4 * SHORT.mean() + 1.2 * LONG.mean())


def test_a_mixture_found_in_progress_is_found_in_proportion_to_its_days() -> None:
    """Share of stays in progress up to x: the integral of the stay's length over its law (length bias)."""

    def biased(x: float) -> float:
        parts = ((0.4, SHORT), (0.6, LONG))
        return sum(w * integrate.quad(lambda t, p=p: t * p.pdf(t), 0, x, limit=200)[0] for w, p in parts)

    for uniform in (0.02, 0.1, 0.5, 0.9, 0.99):
        found = biased(mixture().sample_in_progress(uniform)) / mixture().mean
        assert found == pytest.approx(uniform, abs=1e-6)


def test_stays_drawn_from_a_mixture_and_those_caught_on_a_day_have_its_two_laws() -> None:
    """Direct simulation: lay stays end to end, look in at random, and compare what is found."""
    random = np.random.default_rng(1)
    begun = np.array([mixture().sample(u) for u in random.random(4000)])
    assert stats.kstest(begun, mixed_cdf).pvalue > 0.01
    either = np.where(random.random(200_000) < 0.4, SHORT.rvs(200_000, random_state=1), 0)
    lengths = np.where(either > 0, either, LONG.rvs(200_000, random_state=2))
    ends = np.cumsum(lengths)
    caught = lengths[np.searchsorted(ends, random.random(4000) * ends[-1])]
    drawn = [mixture().sample_in_progress(u) for u in random.random(4000)]
    assert stats.ks_2samp(caught, drawn).pvalue > 0.01


@pytest.mark.parametrize("short", [{}, {"short_share": 0.3}, {"short_share": 0.3, "short_value": 2}])
def test_a_mixture_needs_all_three_of_its_short_part(short: dict[str, float]) -> None:
    fields = {"value": 9, "unit": "days", "low": 1, "high": 20, "distribution": "mixture", "sigma": 1}
    with pytest.raises(ValidationError, match=r"short_sigma\n *Field required"):
        conftest.duration(**fields, **short, **FACTS)


def test_an_exponential_stay_in_progress_is_a_gamma_of_shape_two_into_its_tails() -> None:
    found = [duration("exponential").sample_in_progress(u) for u in UNIFORMS]
    assert np.allclose(found, stats.gamma(2, scale=10).ppf(UNIFORMS), rtol=1e-5)


def test_a_fixed_length_is_itself_begun_or_in_progress() -> None:
    fixed = duration("fixed")
    assert fixed.sample(0.1) == fixed.sample_in_progress(0.9) == fixed.mean == 10


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [
        (30, "minutes", 1 / 48),
        (12, "hours", 0.5),
        (2, "weeks", 14),
        (12, "months", 365.25),
        (1, "years", 365.25),
    ],
)
def test_lengths_are_in_days_whatever_the_unit(value: float, unit: str, days: float) -> None:
    assert np.isclose(duration("fixed", value, unit).sample(0.5), days)


def test_a_rate_is_per_day() -> None:
    rate = Rate(value=0.5, unit="per person-year", low=0, high=1, **FACTS)
    assert np.isclose(rate.per_day * 365.25, 0.5)
    monthly = Rate(value=0.5, unit="per person-month", low=0, high=1, **FACTS)
    assert np.isclose(monthly.per_day, 12 * rate.per_day)


def test_moving_inside_the_range_keeps_low_central_and_high() -> None:
    share = Share(value=0.3, unit="share", low=0.1, high=0.9, **FACTS)
    assert [share.at(q).value for q in (0, 0.25, 0.5, 0.75, 1)] == pytest.approx([0.1, 0.2, 0.3, 0.6, 0.9])


def test_the_central_value_is_the_median_of_what_is_drawn() -> None:
    share = Share(value=0.3, unit="share", low=0.1, high=0.9, **FACTS)
    drawn = [share.at(float(q)).value for q in (np.arange(999) + 1) / 1000]
    assert np.median(drawn) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"unit": "days"}, "is a duration, not a share"),
        ({"unit": "furlongs"}, "is unknown"),
        ({"value": 0.95}, "outside its own range"),
        ({"high": 1.5}, "less than or equal to 1"),
        ({"low": -0.1}, "greater than or equal to 0"),
        ({"valeu": 0.5}, "Extra inputs"),
        ({"value": float("nan")}, "finite"),
    ],
)
def test_a_share_is_refused_with(fields: dict[str, Any], complaint: str) -> None:
    good: dict[str, Any] = {"value": 0.3, "unit": "share", "low": 0.1, "high": 0.9, **FACTS}
    with pytest.raises(ValidationError, match=complaint):
        Share(**{**good, **fields})


@pytest.mark.parametrize(("law", "sigma"), [("fixed", 0.5), ("exponential", 0.5), ("lognormal", 0.0)])
def test_sigma_goes_with_lognormal_lengths_only(law: str, sigma: float) -> None:
    with pytest.raises(ValidationError, match=r"sigma\n *(Extra inputs are|Field required|.*greater)"):
        duration(law, sigma=sigma)


def test_replacing_changes_what_is_named_and_nothing_else(register: Parameters) -> None:
    share = register.court.consent.at(0.9)
    changed = register.replacing({"court.consent": share})
    before, after = dict(register), dict(changed)
    assert after["court.consent"].value == share.value != before["court.consent"].value
    assert {p for p in before if before[p] != after[p]} == {"court.consent"}


def test_replacing_two_of_one_section_keeps_both(register: Parameters) -> None:
    consent, granted = register.court.consent.at(0.1), register.court.granted.at(0.1)
    changed = register.replacing({"court.consent": consent, "court.granted": granted})
    assert (changed.court.consent, changed.court.granted) == (consent, granted)


def test_a_draw_at_the_middle_is_the_register_itself(register: Parameters) -> None:
    drawn = dict(register.drawn(lambda path: 0.5))
    assert {path: p.value for path, p in drawn.items()} == pytest.approx({p: q.value for p, q in register})


def test_a_draw_moves_each_parameter_by_its_own_uniform(register: Parameters) -> None:
    drawn = register.drawn(lambda path: 1.0 if path.startswith("court.") else 0.0)
    for path, parameter in dict(drawn).items():
        assert parameter.value == pytest.approx(
            parameter.high if path.startswith("court.") else parameter.low
        )


def test_a_draw_stays_inside_every_range(register: Parameters) -> None:
    for path, parameter in dict(register.drawn(lambda path: 0.137)).items():
        assert parameter.low <= parameter.value <= parameter.high, path
