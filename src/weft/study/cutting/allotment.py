"""How many shots each circuit gets, so that the variance of the result is least.

With spread a_s² from one shot of circuit s, Σ a_s²/N_s is least, for a given Σ N_s, where N_s is proportional to a_s: a Lagrange
multiplier gives it (Neyman, J. R. Stat. Soc. 97, 558 (1934), for strata of a sample).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError


def allot(shots: int, spreads: NDArray[np.float64], taken: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Shots of each circuit.

    Args:
        shots: of all circuits together, at least one for each that has none yet.
        spreads (float array, shape (circuits,)): a_s, the standard deviation that one shot of each leaves in the result.
        taken (int array, shape (circuits,)): shots that each has had already, and that count; none by default.

    Returns:
        Shots to take now, shape (circuits,), which add up to `shots`.

    Raises:
        InvalidValueError: if there are too few shots.
    """
    taken = np.zeros(len(spreads), dtype=np.int64) if taken is None else taken
    least = (taken == 0).astype(np.int64)
    if shots < least.sum():
        raise InvalidValueError(f"`shots` must be at least 1 for each of {least.sum():,} circuits, but is {shots:,}")
    weights = spreads if spreads.sum() > 0 else np.ones(len(spreads))
    wanted = np.maximum(_filled(shots + int(taken.sum()), weights, taken + least) - taken, least)
    return _rounded(shots, wanted, least)


def _filled(total: int, weights: NDArray[np.float64], floor: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares of a total in proportion to weights, but none below its floor."""
    free = np.ones(len(weights), dtype=np.bool_)
    shares = floor.astype(np.float64)
    while True:
        scale = (total - floor[~free].sum()) / max(weights[free].sum(), 1e-300)
        shares = np.where(free, weights * scale, floor)
        low = free & (shares < floor)
        if not low.any():
            return shares
        free &= ~low


def _rounded(shots: int, wanted: NDArray[np.float64], least: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers near what is wanted, none below the least, that add up; the largest remainders are rounded up."""
    scaled = least + (wanted - least) * ((shots - least.sum()) / max((wanted - least).sum(), 1e-300))
    down = np.floor(scaled).astype(np.int64)
    missing = shots - int(down.sum())
    down[np.argsort(down - scaled, kind="stable")[:missing]] += 1
    return down


def shots_needed(precision: float, spreads: NDArray[np.float64]) -> int:
    """How many shots bring the standard error down to a precision, if they are allotted well: (Σ a_s)²/precision²."""
    return math.ceil((float(spreads.sum()) / precision) ** 2)
