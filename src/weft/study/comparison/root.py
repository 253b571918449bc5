"""Where a noisy function changes its sign.

The function is evaluated with common random numbers: the same seeds at every point. Then it is nearly smooth, and bisection
works, but the whole curve may be off by its standard error. Divided by the slope, that is the standard error of the root (the delta
method: van der Vaart, Asymptotic Statistics, 1998, chapter 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from weft.study.comparison.means import Mean

_STEPS = 14
_NUDGE = 0.05


class Root(NamedTuple):
    """Where a function changes its sign.

    Attributes:
        value: estimated.
        low: three standard errors below.
        high: three standard errors above.
    """

    value: float
    low: float
    high: float


def sign_change(gaps: Sequence[Mean]) -> tuple[int, int] | None:
    """Positions of two points with decided signs that differ, and none decided between them; the first such pair."""
    decided = [place for place, gap in enumerate(gaps) if gap.sign]
    for low, high in pairwise(decided):
        if gaps[low].sign != gaps[high].sign:
            return low, high
    return None


def find_root(gap: Callable[[float], Mean], low: float, high: float) -> Root:
    """The root between two positive points with different signs, by bisection of the logarithm.

    Args:
        gap: to be evaluated with the same random numbers everywhere.
        low: where its sign is decided.
        high: where it is decided, and the other one.
    """
    left, right, sign = math.log(low), math.log(high), gap(low).sign
    for _ in range(_STEPS):
        middle = (left + right) / 2
        if gap(math.exp(middle)).value * sign > 0:
            left = middle
        else:
            right = middle
    middle = (left + right) / 2
    error = min(_error(gap, middle), (math.log(high) - math.log(low)) / 3)
    # a root of the mean cannot be beyond points where its sign is decided
    least, most = max(middle - 3 * error, math.log(low)), min(middle + 3 * error, math.log(high))
    return Root(math.exp(middle), math.exp(least), math.exp(most))


def _error(gap: Callable[[float], Mean], middle: float) -> float:
    """The standard error of the logarithm of the root."""
    here, before, after = (gap(math.exp(middle + step)) for step in (0, -_NUDGE, _NUDGE))
    slope = abs(after.value - before.value) / (2 * _NUDGE)
    return here.stderr / slope if slope else math.inf
