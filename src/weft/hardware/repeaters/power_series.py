"""Products and reciprocals of power series: waiting times that add up, and rounds that are repeated until one succeeds.

Row n of an array is a series, entry t its coefficient of z^t. All is exact up to the length of the arrays: later coefficients never
change earlier ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def multiply(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Products of series, cut to their length.

    Args:
        a (float array, shape (..., length)): one series or several.
        b (float array, shape (..., length)): to be broadcast against `a`.
    """
    length = a.shape[-1]
    size = 2 * length
    return np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)[..., :length]


def reciprocal(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """1/series by Newton's iteration, g ← g + g(1 − series·g), which doubles the number of right coefficients each time.

    Args:
        series (float array, shape (length,)): with a constant that is not 0.
    """
    length = len(series)
    found = 1 / series[:1]
    while len(found) < length:
        size = min(2 * len(found), length)
        found = np.concatenate((found, np.zeros(size - len(found))))
        error = -multiply(series[:size], found)
        error[0] += 1
        found = found + multiply(found, error)
    return found
