"""Small counts are hidden, and nobody who subtracts can work them out."""

from __future__ import annotations

import itertools
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calibration.records.privacy import (
    COMPLEMENTARY,
    PRIMARY,
    SMALL,
    Range,
    Sum,
    attacker,
    protect,
    suppress_crosstab,
)
from calibration.records.suppression import additions, suppress

COUNTS = st.integers(0, 14) | st.integers(0, 200)


def row(*parts: int) -> tuple[list[int], list[Sum]]:
    """Parts with their total at the end."""
    return [*parts, sum(parts)], [Sum(len(parts), tuple(range(len(parts))))]


def grid(counts: list[list[int]]) -> pd.DataFrame:
    """A table with totals as its last row and column."""
    table = pd.DataFrame(counts)
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table


def known(counts: list[int], marks: list[str], least: int = SMALL) -> list[Range]:
    """What the marks say of each count."""
    says: dict[str, Any] = {PRIMARY: (0, SMALL - 1), COMPLEMENTARY: (least, inf)}
    return [says.get(mark, (count, count)) for count, mark in zip(counts, marks, strict=True)]


def all_hidden(counts: list[int]) -> list[str]:
    return [PRIMARY if count < SMALL else COMPLEMENTARY for count in counts]


def cells_of(table: pd.DataFrame, shown: pd.DataFrame) -> tuple[list[int], list[str], list[Sum]]:
    """Counts, marks and sums of a table with totals, worked out anew."""
    counts = [int(each) for each in table.to_numpy().ravel()]
    marks = [each if each in (PRIMARY, COMPLEMENTARY) else "" for each in shown.to_numpy().ravel()]
    height, width = table.shape
    lines = [[i * width + j for j in range(width)] for i in range(height)]
    lines += [[i * width + j for i in range(height)] for j in range(width)]
    return counts, marks, [Sum(line[-1], tuple(line[:-1])) for line in lines]


def assert_safe(counts: list[int], marks: list[str], sums: list[Sum]) -> None:
    """No small count is pinned to less than 0 to 10, nor any other to one value.

    Who also knows that ``*`` is at least 11 learns no more than the marks alone would tell.
    """
    plain, knowing = known(counts, marks, least=0), known(counts, marks)
    bare = known(counts, all_hidden(counts))
    for cell, mark in enumerate(marks):
        low, high = attacker(plain, sums, cell)
        if mark == PRIMARY:
            assert counts[cell] < SMALL
            assert low <= 1e-6
            assert high >= SMALL - 1 - 1e-6
            assert attacker(knowing, sums, cell) == pytest.approx(attacker(bare, sums, cell))
        elif mark == COMPLEMENTARY:
            assert counts[cell] >= SMALL
            assert high - low > 0.99
        else:
            assert counts[cell] >= SMALL


def test_a_count_under_11_is_hidden() -> None:
    assert protect([10, 11], []) == [PRIMARY, ""]


def test_nothing_small_and_nothing_is_hidden() -> None:
    counts, sums = row(11, 12, 40)
    assert protect(counts, sums) == ["", "", "", ""]


def test_a_single_small_part_takes_another_with_it() -> None:
    counts, sums = row(3, 30, 40)
    assert protect(counts, sums) == [PRIMARY, COMPLEMENTARY, "", ""]


def test_the_companion_is_large_enough_to_leave_0_to_10_open() -> None:
    counts, sums = row(3, 12, 40)  # with 12 alone: 15 in all, at least 11 of them, so at most 4
    assert protect(counts, sums) == [PRIMARY, "", COMPLEMENTARY, ""]


def test_two_small_parts_hide_a_third_if_their_sum_would_tell() -> None:
    counts, sums = row(1, 2, 30)
    assert protect(counts, sums) == [PRIMARY, PRIMARY, COMPLEMENTARY, ""]


def test_a_small_total_hides_all_its_parts_and_nothing_else() -> None:
    counts, sums = row(1, 2)
    assert protect(counts, sums) == [PRIMARY] * 3


def test_a_total_is_hidden_if_no_part_can_be() -> None:
    counts, sums = row(6, 6)
    assert protect(counts, sums) == [PRIMARY, PRIMARY, COMPLEMENTARY]


def test_zero_is_a_small_count_too() -> None:
    counts, sums = row(0, 30, 40)
    assert protect(counts, sums)[0] == PRIMARY


def test_an_unseen_remainder_is_guarded_too() -> None:
    counts = [95, 5, 100]  # 95 of 100: that 5 are not among them stands in no cell
    assert protect(counts, [Sum(2, (0, 1))], unseen=[1]) == [COMPLEMENTARY, "", ""]


def test_a_crosstab_guards_rows_columns_and_totals() -> None:
    shown = suppress_crosstab(grid([[5, 50, 60], [70, 80, 90], [40, 30, 20]]))
    hidden = shown.isin([PRIMARY, COMPLEMENTARY])
    assert shown.iloc[0, 0] == PRIMARY
    assert all(count != 1 for count in [*hidden.sum(axis=0), *hidden.sum(axis=1)])


def test_an_attacker_finds_what_a_careless_table_gives_away() -> None:
    counts, sums = row(3, 30, 40)
    assert attacker(known(counts, [PRIMARY, "", "", ""]), sums, 0) == pytest.approx((3, 3))


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        protect([1, 2, 4], [Sum(2, (0, 1))])


@given(parts=st.lists(COUNTS, min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
@example(parts=[6, 6])
@example(parts=[0, 0, 11])
def test_no_row_gives_a_small_count_back(parts: list[int]) -> None:
    counts, sums = row(*parts)
    assert_safe(counts, protect(counts, sums), sums)


@given(data=st.data(), height=st.integers(1, 4), width=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_no_crosstab_gives_a_small_count_back(data: st.DataObject, height: int, width: int) -> None:
    lines = st.lists(COUNTS, min_size=width, max_size=width)
    table = grid(data.draw(st.lists(lines, min_size=height, max_size=height)))
    assert_safe(*cells_of(table, suppress_crosstab(table)))


@given(parts=st.lists(st.integers(0, 30), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None)
def test_whole_numbers_give_the_attacker_no_more_than_the_linear_bounds(parts: list[int]) -> None:
    table = grid([parts[:2], parts[2:]])
    counts, marks, _ = cells_of(table, suppress_crosstab(table))
    ranges = known(counts, marks, least=0)
    inner = [0, 1, 3, 4]
    choices = [range(int(ranges[i][0]), int(min(ranges[i][1], 60)) + 1) for i in inner]
    possible = [[a, b, a + b, c, d, c + d, a + c, b + d, a + b + c + d] for a, b, c, d in itertools.islice(
        itertools.product(*choices), 300_000)]  # fmt: skip
    fitting = [each for each in possible if all(r[0] <= n <= r[1] for n, r in zip(each, ranges, strict=True))]
    if len(possible) == 300_000:
        return
    for cell, mark in enumerate(marks):
        if mark == PRIMARY:
            values = {each[cell] for each in fitting}
            assert values >= set(range(SMALL))


@given(data=st.data(), small=st.lists(st.integers(0, 12), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_hierarchy_of_sums_gives_no_small_count_back(data: st.DataObject, small: list[int]) -> None:
    other = data.draw(st.lists(COUNTS, min_size=1, max_size=4))
    first, second = sum(small), sum(other)
    counts = [*small, first, *other, second, first + second]
    a, b = len(small), len(small) + 1 + len(other)
    sums = [Sum(a, tuple(range(a))), Sum(b, tuple(range(a + 1, b))), Sum(b + 1, (a, b))]
    assert_safe(counts, protect(counts, sums), sums)


# --- Tables of measures -------------------------------------------------------------------------------


def line(group: str, numerator: float, denominator: int, **more: Any) -> dict[str, Any]:
    by = "all" if group == "all" else "sex"
    value = numerator / denominator if denominator else float("nan")
    base = {"measure": "1", "item": "charged", "cohort": "2025H1", "as_of": "", "by": by, "group": group}
    numbers = {"value": value, "numerator": numerator, "denominator": denominator}
    rest = {
        "excluded": 40,
        "missing": 0.5,
        "reasons": "administrative closure: 40",
        "median": float("nan"),
        "note": "",
    }
    return {**base, **numbers, **rest, **more}


def measures(*groups: tuple[int, int]) -> pd.DataFrame:
    """A share for everyone and for each group, as numerators and denominators."""
    everyone = line("all", sum(n for n, _ in groups), sum(d for _, d in groups))
    return pd.DataFrame([everyone, *(line(f"g{i}", n, d) for i, (n, d) in enumerate(groups))])


def test_a_share_of_a_small_numerator_is_hidden_with_it() -> None:
    shown = suppress(measures((5, 50)))
    assert shown.loc[0, ["value", "numerator", "denominator"]].tolist() == [COMPLEMENTARY, PRIMARY, 50]


def test_a_share_that_would_tell_how_few_are_left_is_hidden() -> None:
    shown = suppress(measures((45, 50)))
    assert shown.loc[0, ["value", "numerator"]].tolist() == [COMPLEMENTARY, COMPLEMENTARY]


def test_a_mean_is_hidden_where_few_count_and_in_a_group_that_keeps_it_safe() -> None:
    rows = [line("all", 4000, 95), line("g0", 1000, 5), line("g1", 1000, 30), line("g2", 2000, 60)]
    shown = suppress(pd.DataFrame(rows))
    assert shown["denominator"].tolist() == [95, PRIMARY, COMPLEMENTARY, 60]
    assert [each == COMPLEMENTARY for each in shown["value"]] == [False, True, True, False]
    assert [each == COMPLEMENTARY for each in shown["numerator"]] == [False, True, True, False]


def test_counts_of_people_left_out_are_hidden_in_the_reasons_too() -> None:
    row = line("all", 20, 50, excluded=3, reasons="administrative closure: 2; still active: 1", missing=0.02)
    shown = suppress(pd.DataFrame([row])).loc[0]
    assert (shown["excluded"], shown["missing"]) == (PRIMARY, PRIMARY)
    assert shown["reasons"] == "administrative closure; still active"


def test_items_that_add_up_to_their_denominator_do_not_give_one_another_back() -> None:
    rows = [line("all", n, 100, item=item) for item, n in (("success", 45), ("failure", 3), ("active", 52))]
    assert suppress(pd.DataFrame(rows))["numerator"].isin([PRIMARY, COMPLEMENTARY]).sum() >= 2


def test_equal_denominators_are_hidden_in_every_measure_or_in_none() -> None:
    first = measures((20, 40), (2, 5), (20, 60))
    second = first.assign(measure="2", numerator=[20, 10, 0, 10], value=0.2)
    shown = suppress(pd.concat([first, second]))
    assert shown["denominator"].tolist()[:4] == shown["denominator"].tolist()[4:]


def test_a_note_does_not_tell_that_there_are_few() -> None:
    few = "Ten or fewer: the value hangs on single participants; a longer cohort says more."
    shown = suppress(pd.DataFrame([line("all", 2, 5, note=f"Records end early. {few}")]))
    assert shown.loc[0, "note"] == "Records end early."


def test_what_has_no_denominator_is_left_as_it_is() -> None:
    row = line("all", 0, 0) | dict.fromkeys(["value", "numerator", "denominator", "excluded", "missing"])
    shown = suppress(pd.DataFrame([row | {"note": "not simulated", "reasons": ""}]))
    assert shown.loc[0, "note"] == "not simulated"
    assert shown.loc[0, ["value", "denominator"]].isna().all()


PAIRS = st.tuples(COUNTS, COUNTS).map(lambda pair: (min(pair), max(pair)))


@given(groups=st.lists(PAIRS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
@example(groups=[(3, 4), (39, 40), (50, 70)])
@example(groups=[(5, 5), (8, 40), (30, 80)])
@example(groups=[(0, 0), (1, 10), (10, 12)])
def test_no_table_of_measures_gives_a_small_count_back(groups: list[tuple[int, int]]) -> None:
    """The attacker adds up numerators, denominators and the people who are not in the numerator."""
    table = measures(*groups)
    shown = suppress(table)
    size = len(table)
    counts = [*table["numerator"].astype(int), *table["denominator"].astype(int)]
    cells = [*shown["numerator"], *shown["denominator"]]
    marks = [each if isinstance(each, str) else "" for each in cells]
    counts += [d - n for n, d in zip(counts[:size], counts[size:], strict=True)]
    ranges = [*known(counts[: 2 * size], marks, least=0), *[(0, inf)] * size]
    sums = [Sum(size + i, (i, 2 * size + i)) for i in range(size)]
    sums += [Sum(at, tuple(range(at + 1, at + size))) for at in (0, size, 2 * size)]
    for cell, mark in enumerate(marks):
        if mark == PRIMARY:
            low, high = attacker(ranges, sums, cell)
            assert low <= 1e-6
            assert high >= SMALL - 1 - 1e-6
        elif not mark:
            assert counts[cell] >= SMALL


def test_an_item_that_is_the_sum_of_two_others_does_not_give_one_of_them_back() -> None:
    counts = {"homeless at entry": 45, "homeless at entry and exit": 8, "homeless at entry, not at exit": 37}
    shown = suppress(pd.DataFrame([line("all", n, 109, item=item) for item, n in counts.items()]))
    assert shown["numerator"].isin([PRIMARY, COMPLEMENTARY]).sum() >= 2


def test_items_that_add_up_are_found_with_those_that_are_always_zero() -> None:
    counts = np.array([[5, 2, 3, 0], [9, 1, 8, 0]])
    assert additions(counts, counts[:, 0], 0) == [[1, 2], [1, 2, 3]]
    assert additions(counts, np.array([6, 9]), None) == []
