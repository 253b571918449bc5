"""Fewer cuts than the model of a budget asks for, where the compiler shares pairs so well that the budget is kept without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Plan = TypeVar("_Plan")


def with_fewest_cuts(
    first: _Plan,
    planned: Callable[[int], _Plan],
    measured: Callable[[_Plan], tuple[int, float]],
    most_ebits: int,
    *,
    most_saved: int,
) -> _Plan:
    """The best plan among those that the model thinks to take more pairs than there are, and that do not; found by bisection.

    Args:
        first: the plan of the model as it is.
        planned: the plan of the model if so many pairs are expected to be saved.
        measured: the pairs that a plan takes as it is compiled, and its γ.
        most_ebits: that it may take.
        most_saved: pairs that saving more than makes no difference.
    """
    best, low, high = first, 0, most_saved
    _, least = measured(first)
    while high - low > 1:
        middle = (low + high) // 2
        candidate = planned(middle)
        ebits, overhead = measured(candidate)
        if ebits > most_ebits:
            high = middle
            continue
        low = middle
        if overhead < least:
            best, least = candidate, overhead
    return best
