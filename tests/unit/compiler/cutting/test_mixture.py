"""Mixed programs are the best of all that there are."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.compiler.cutting.mixture import Mixture, Option, choose_mixture
from weft.errors import DoesNotFitError, InvalidValueError

CUT, TELEPORTED = Option(math.log(3)), Option(0.0, 1, 1e-3)
OPTIONS = st.builds(
    Option,
    st.floats(0, 2).map(lambda x: round(x, 2)),
    st.integers(0, 3),
    st.floats(0, 1).map(lambda x: round(x, 1)),
)
GATES = st.lists(st.lists(OPTIONS, min_size=1, max_size=3), max_size=6)


def everything(options: list[list[Option]], precision: float, shot_s: float) -> list[Mixture]:
    """Every way to do all gates."""
    found = []
    for choices in itertools.product(*(range(len(ways)) for ways in options)):
        chosen = [ways[choice] for ways, choice in zip(options, choices, strict=True)]
        overhead = math.fsum(option.log_overhead for option in chosen)
        shots = math.exp(2 * overhead) / precision**2
        seconds = shots * (shot_s + math.fsum(option.seconds for option in chosen))
        found.append(Mixture(choices, overhead, sum(option.ebits for option in chosen), shots, seconds))
    return found


@given(GATES, st.sampled_from(["ebits", "shots", "seconds"]), st.floats(0, 1), st.sampled_from([0.0, 0.3]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_nothing_is_better_within_the_budget(
    options: list[list[Option]], budget: str, share: float, shot_s: float
) -> None:
    ways = everything(options, 0.1, shot_s)
    spent = np.array([getattr(way, budget) for way in ways], dtype=float)
    limit = spent.min() + share * (spent.max() - spent.min())
    if budget == "ebits":
        limit = int(limit)
    wish = {"ebits": "shots", "shots": "ebits", "seconds": "seconds"}[budget]
    chosen = choose_mixture(options, **{f"most_{budget}": limit}, precision=0.1, shot_s=shot_s)
    assert getattr(chosen, budget) <= limit * (1 + 1e-9)
    best = min(getattr(way, wish) for way, cost in zip(ways, spent, strict=True) if cost <= limit)
    assert getattr(chosen, wish) == pytest.approx(best, rel=1e-9)
    same = next(way for way in ways if way.choices == chosen.choices)
    assert (chosen.ebits, chosen.log_overhead) == (same.ebits, pytest.approx(same.log_overhead))
    assert chosen.seconds == pytest.approx(same.seconds)


def test_as_many_gates_are_teleported_as_there_are_pairs() -> None:
    for pairs in range(6):
        chosen = choose_mixture([[CUT, TELEPORTED]] * 5, most_ebits=pairs)
        assert chosen.ebits == pairs
        assert chosen.log_overhead == pytest.approx((5 - pairs) * math.log(3))
        assert chosen.shots == pytest.approx(9 ** (5 - pairs) * 1e4)


def test_cheap_gates_are_cut_first() -> None:
    cheap = Option(math.log(1.2))
    chosen = choose_mixture([[CUT, TELEPORTED], [cheap, TELEPORTED], [CUT, TELEPORTED]], most_ebits=2)
    assert chosen.choices == (1, 0, 1)


def test_waiting_for_a_pair_pays_only_if_it_is_short() -> None:
    for wait, expected in ((7.9, 1), (8.1, 0)):
        chosen = choose_mixture([[CUT, Option(0.0, 1, wait)]], most_seconds=1e9, shot_s=1.0)
        assert chosen.choices == (expected,)


def test_what_would_be_needed_is_said() -> None:
    with pytest.raises(DoesNotFitError, match="`most_shots` must be at least 90000, but is 50000"):
        choose_mixture([[CUT]], most_shots=50_000)
    with pytest.raises(DoesNotFitError, match="`most_ebits` must be at least 1, but is 0"):
        choose_mixture([[TELEPORTED]], most_ebits=0)
    with pytest.raises(DoesNotFitError, match="`most_seconds` must be at least 10, but is 3"):
        choose_mixture([[TELEPORTED]], most_seconds=3)


def test_no_gates_take_nothing_but_shots() -> None:
    assert choose_mixture([], most_ebits=0) == Mixture((), 0.0, 0, pytest.approx(1e4), 0.0)


def test_more_shots_than_a_number_can_say_are_infinite() -> None:
    never = [[Option(math.log(3), ebits=0, seconds=1e-3)]] * 500
    found = choose_mixture(never, most_ebits=0)
    assert found.log_overhead == pytest.approx(500 * math.log(3))
    assert (found.shots, found.seconds) == (math.inf, math.inf)
    assert choose_mixture([[Option(math.log(3))]] * 500, most_ebits=0).seconds == 0.0


def test_two_hundred_different_gates() -> None:
    rng = np.random.default_rng(0)
    gates = [
        [Option(cost), Option(0.0, 1, wait), Option(cost / 2, 1, wait / 3)]
        for cost, wait in rng.uniform(0.01, 1.1, (200, 2)).tolist()
    ]
    chosen = choose_mixture(gates, most_ebits=100)
    expected = sum(sorted(ways[0].log_overhead for ways in gates)[:100])
    assert chosen.log_overhead == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ([[CUT]], {}, "exactly one"),
        ([[CUT]], {"most_ebits": 1, "most_shots": 1}, "exactly one"),
        ([[CUT]], {"most_ebits": -1}, "budget"),
        ([[CUT]], {"most_ebits": 1, "precision": 0}, "precision"),
        ([[CUT]], {"most_ebits": 1, "shot_s": -1}, "shot_s"),
        ([[]], {"most_ebits": 1}, "gate 0 has none"),
        ([[Option(-0.1)]], {"most_ebits": 1}, "at least 0"),
        ([[Option(0.1, 0.5)]], {"most_ebits": 1}, "whole"),
        ([[Option(math.inf)]], {"most_ebits": 1}, "finite"),
    ],
)
def test_arguments_are_checked(options: list, arguments: dict, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        choose_mixture(options, **arguments)
