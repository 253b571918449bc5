"""How many of some intervals cover each stretch of time, on average: the measure behind busy and waiting fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def coverage(
    start_s: NDArray[np.float64], end_s: NDArray[np.float64], edges_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean number of intervals that are open in each bin.

    Args:
        start_s (float array, shape (intervals,)): when each begins.
        end_s (float array, shape (intervals,)): when each ends.
        edges_s (float array, shape (bins + 1,)): of the bins, rising.

    Returns:
        Float array, shape (bins,): exact, not sampled, so that nothing is too short to count.
    """
    open_time = _time_since(start_s, edges_s) - _time_since(end_s, edges_s)
    return np.maximum(np.diff(open_time) / np.diff(edges_s), 0.0)


def _time_since(events_s: NDArray[np.float64], at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over events of the time that has passed since, 0 before them."""
    ordered = np.sort(events_s)
    count = np.searchsorted(ordered, at_s)
    return np.asarray(count * at_s - np.concatenate(([0.0], np.cumsum(ordered)))[count])
