"""Chance is uniform, independent, and a function of seed, person, decision and occasion alone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulation.engine import stream as chance
from simulation.engine.decision import KEYS
from simulation.engine.stream import Stream, StreamArray

PEOPLE = 20_000


def of_many_people(decision: str, seed: int = 1) -> NDArray[np.float64]:
    """One number from each of many people."""
    return np.array([Stream(seed, person).uniform(decision) for person in range(PEOPLE)])


def of_one_person(decision: str, times: int = PEOPLE) -> NDArray[np.float64]:
    """Many occasions of one person's decision."""
    stream = Stream(1, 7)
    return np.array([stream.uniform(decision) for _ in range(times)])


@pytest.mark.parametrize("decision", ["jail.hold", "arrest", "a"])
def test_numbers_are_uniform_over_people(decision: str) -> None:
    assert stats.kstest(of_many_people(decision), "uniform").pvalue > 0.001


def test_numbers_are_uniform_over_ordinals() -> None:
    assert stats.kstest(of_one_person("arrest"), "uniform").pvalue > 0.001


def test_numbers_are_uniform_over_seeds() -> None:
    sample = [Stream(seed, 3).uniform("arrest") for seed in range(PEOPLE)]
    assert stats.kstest(sample, "uniform").pvalue > 0.001


def pairs() -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Numbers that might be related if chance were badly made."""
    people, occasions = of_many_people("arrest"), of_one_person("arrest")
    return {
        "two decisions of a person": (people, of_many_people("crisis")),
        "two seeds": (people, of_many_people("arrest", seed=2)),
        "neighbouring people": (people[:-1], people[1:]),
        "neighbouring occasions": (occasions[:-1], occasions[1:]),
    }


@pytest.mark.parametrize("which", pairs())
def test_numbers_are_independent_between(which: str) -> None:
    one, other = pairs()[which]
    table, *_ = np.histogram2d(one, other, bins=10, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > 0.001


def test_a_childs_numbers_are_independent_of_its_parents() -> None:
    parent = of_many_people("arrest")
    child = np.array([Stream(1, person).child("post", 0).uniform("arrest") for person in range(PEOPLE)])
    table, *_ = np.histogram2d(parent, child, bins=10, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > 0.001


def test_other_decisions_taken_in_between_change_nothing() -> None:
    alone, busy = Stream(1, 2), Stream(1, 2)
    expected = [alone.uniform("arrest") for _ in range(3)]
    found = []
    for _ in range(3):
        busy.uniform("crisis")
        found.append(busy.uniform("arrest"))
    assert found == expected


def test_each_occasion_brings_a_new_number() -> None:
    assert len(set(of_one_person("arrest"))) == PEOPLE


def test_children_differ_by_name_and_number() -> None:
    parent = Stream(1, 1)
    children = [parent.child("post", 0), parent.child("post", 1), parent.child("person", 0)]
    assert len({child.uniform("arrest") for child in children}) == 3


def test_making_a_child_advances_nothing() -> None:
    stream = Stream(1, 1)
    stream.child("post")
    assert stream.uniform("arrest") == Stream(1, 1).uniform("arrest")


def test_a_share_happens_that_often() -> None:
    share = np.mean([Stream(1, person).bernoulli("consent", 0.3) for person in range(PEOPLE)])
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / PEOPLE)


def test_a_share_of_one_always_happens_and_of_zero_never() -> None:
    streams = [Stream(1, person) for person in range(1000)]
    assert all(s.bernoulli("consent", 1.0) for s in streams)
    assert not any(s.bernoulli("consent", 0.0) for s in streams)


def test_exponential_draws_have_the_exponential_distribution() -> None:
    sample = [Stream(1, person).exponential("death") for person in range(PEOPLE)]
    assert stats.kstest(sample, "expon").pvalue > 0.001


def test_numbers_lie_strictly_between_zero_and_one_even_at_the_ends() -> None:
    lowest = Stream(1, 1)
    lowest._key = KEYS["arrest"]  # the word that is folded is 0
    assert 0 < lowest.uniform("arrest") < 1e-15
    assert (chance._LOW + 0.5) * chance._TO_UNIT < 1


def test_no_two_of_many_decisions_and_occasions_are_related() -> None:
    """All pairs of 24, over 400,000 owners: with so many tests the smallest p is about 1 in 276."""
    keys = StreamArray(3, range(400_000))
    names = [f"decision.{number}" for number in range(24)]
    digits = [(keys.uniform(name) * 16).astype(int) for name in names]
    found = [
        stats.chisquare(np.bincount(one * 16 + other, minlength=256)).pvalue
        for one, other in combinations(digits, 2)
    ]
    assert min(found) > 1e-5
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_three_occasions_on_end_are_unrelated_for_an_owner_who_has_thousands() -> None:
    """As for the arrivals of a county, which are one owner's: twenty owners, three dimensions."""
    found = []
    for owner in range(20):
        stream = Stream(5, owner)
        digits = (np.array([stream.uniform("arrival") for _ in range(20_000)]) * 8).astype(int)
        cells = digits[2:] * 64 + digits[1:-1] * 8 + digits[:-2]
        found.append(stats.chisquare(np.bincount(cells, minlength=512)).pvalue)
    assert min(found) > 1e-4
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_a_stream_array_draws_what_each_of_its_streams_would() -> None:
    parent, numbers = Stream(7, 3), [0, 1, 2, 10_000_000, 2**40]
    crowd = parent.children("person", numbers)
    together = [crowd.uniform("age").tolist(), crowd.uniform("sex").tolist()]
    alone = [parent.child("person", number) for number in numbers]
    assert together == [[one.uniform("age") for one in alone], [one.uniform("sex") for one in alone]]


def test_after_a_crowd_each_stream_goes_on_with_its_second_occasion() -> None:
    parent = Stream(7, 3)
    crowd = parent.children("person", range(3))
    crowd.uniform("arrest")
    for number, stream in enumerate(crowd.streams()):
        alone = parent.child("person", number)
        alone.uniform("arrest")
        assert [stream.uniform("arrest"), stream.uniform("sex")] == [
            alone.uniform("arrest"),
            alone.uniform("sex"),
        ]


def test_a_crowd_gives_a_decision_once() -> None:
    crowd = Stream(7, 3).children("person", range(3))
    crowd.uniform("age")
    with pytest.raises(ValueError, match="'age' was drawn already"):
        crowd.uniform("age")


def test_a_substream_draws_what_its_owner_draws_at_that_ordinal() -> None:
    owner, asked = Stream(7, 3), Stream(7, 3)
    expected = [owner.uniform("court.charged") for _ in range(4)]
    assert [asked.substream(number).uniform("court.charged") for number in range(4)] == expected
    assert asked.uniform("court.charged") == expected[0], "nothing was used up"


def test_the_next_occasions_of_a_name_are_numbered_and_touch_no_other_name() -> None:
    stream = Stream(7, 3)
    arrests = [stream.next_substream("arrests").uniform("court.charged") for _ in range(2)]
    assert stream.next_substream("crises").uniform("court.charged") == arrests[0], (
        "the first occasion of another name"
    )
    assert arrests == [stream.substream(number).uniform("court.charged") for number in range(2)]


def test_an_occasion_keeps_its_answer_whatever_else_is_asked_of_it() -> None:
    alone, busy = Stream(7, 3).substream(2), Stream(7, 3).substream(2)
    busy.uniform("arrest.charge")
    assert busy.uniform("court.charged") == busy.uniform("court.charged") == alone.uniform("court.charged")
    assert busy.bernoulli("court.charged", alone.uniform("court.charged")) is False
    assert busy.bernoulli("court.charged", alone.uniform("court.charged") + 1e-12) is True


def test_a_stream_array_of_streams_draws_the_first_of_each_and_advances_none() -> None:
    streams = [Stream(7, number) for number in range(5)]
    together = StreamArray.of(streams).uniform("initial_state.jail").tolist()
    assert together == [stream.uniform("initial_state.jail") for stream in streams]
