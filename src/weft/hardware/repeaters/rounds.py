"""One step of a nested chain: rounds in which two segments are made and joined, until one succeeds.

Times are counted in cells of so many attempts, and what happens in a cell is spread evenly over it. With one attempt to a cell all
is exact. With more, cutoffs and coherence may still be much shorter than a cell, for their effect is averaged attempt by attempt:
only the arrivals have to be slow beside a cell, and the error is of the order of the share of them that falls into one.

Source: Li, Coopmans, Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021), for cutoffs and for repeated rounds as the series
success/(1 − failure), attempt by attempt; cells are Weft's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.repeaters.power_series import multiply, reciprocal

NEVER = 1e60
"""More attempts than that are not made."""
# Less than so many times of what may be missing is not worth wider cells.
_MUCH = 100
# Below this much decay, sums are expanded in it; below this little correlation, nothing is left.
_LITTLE_DECAY, _NOTHING = 1e-3, 1e-300


@dataclass(frozen=True, eq=False)
class Segment:
    """When a segment is there, and with which correlations.

    Attributes:
        cell: so many attempts are one entry; entry i > 0 holds the attempts (i − 1)·cell + 1 … i·cell.
        sequences (float64 array, shape (rows, length)): the probability, and the probability times mean correlations.
    """

    cell: int
    sequences: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rounds:
    """When a round ends.

    Attributes:
        cell: as in `Segment`.
        success (float64 array, shape (rows, length)): with success: the probability, and times correlations.
        failure (float64 array, shape (length,)): the probability, with failure.
    """

    cell: int
    success: NDArray[np.float64]
    failure: NDArray[np.float64]

    @property
    def mean_attempts(self) -> float:
        """Until a round succeeds, by Wald's identity: the mean length of a round over its probability of success.

        Raises:
            InvalidValueError: if that is more than 10⁶⁰ attempts, which is never.
        """
        total = float(self.success[0].sum())
        length = float((self.success[0] + self.failure) @ mean_attempt(self.cell, len(self.failure)))
        if not length < NEVER * total:
            raise InvalidValueError(f"a chain must deliver some day, but needs more than {NEVER:.0e} attempts")
        return length / total

    @property
    def mean_correlations(self) -> NDArray[np.float64]:
        """Of what a success leaves, after a 1; float array, shape (rows,)."""
        total: NDArray[np.float64] = self.success.sum(axis=1)
        return total / total[0]

    def repeated(self) -> Segment:
        """Rounds until one succeeds, as far as the arrays go.

        The times of two rounds add up; spread over their cells, they end in the cell of both indices' sum or in the one before.
        """
        if not self.failure.any():
            return Segment(self.cell, self.success)
        carried = (self.cell - 1) / (2 * self.cell)
        series = -(1 - carried) * self.failure
        series[:-1] -= carried * self.failure[1:]
        series[0] += 1
        return Segment(self.cell, multiply(self.success, reciprocal(series)))

    def repeated_to_the_end(self, most_missing: float, length: int) -> Segment:
        """Rounds until one succeeds, in so many cells, as wide as it takes to miss no more than that.

        Beyond the arrays, arrivals go on exponentially, so that the mean time and the mean correlations are those of all rounds.

        Raises:
            InvalidValueError: if no round ever succeeds.
        """
        mean, near = self.mean_attempts, self.repeated()
        remaining = self.mean_correlations[:, None] - np.cumsum(near.sequences, axis=1)
        end, missing = float(self.cell) * (len(self.failure) - 1), float(remaining[0, -1])
        last, scale = end, float(self.cell)
        if missing > _MUCH * most_missing:
            later = mean - float(near.sequences[0] @ mean_attempt(self.cell, len(self.failure)))
            scale = max(later / missing - end, scale)
            last = end + scale * math.log(missing / most_missing)
        wider = math.ceil(last / self.cell / (length - 1))
        left = _continued(remaining, np.arange(length, dtype=np.float64) * wider, scale / self.cell)
        return Segment(self.cell * wider, -np.diff(left, axis=1, prepend=left[:, :1]))


def _continued(remaining: NDArray[np.float64], at: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Rows read at whole numbers, and as they fall off exponentially beyond their end."""
    last = remaining.shape[1] - 1
    beyond = np.maximum(at - last, 0)
    return remaining[:, np.minimum(at, last).astype(np.int64)] * np.exp(-beyond / scale)


def mean_attempt(cell: int, length: int) -> NDArray[np.float64]:
    """Of what happens in each cell; float array, shape (length,)."""
    return np.asarray((np.arange(length) - 0.5) * float(cell) + 0.5, dtype=np.float64)


def first_success(p: float, cell: int, length: int) -> NDArray[np.float64]:
    """The geometric distribution, in cells; float array, shape (length,)."""
    stay = cell * math.log1p(-p) if p < 1 else -math.inf
    probability = np.zeros(length)
    probability[1] = -math.expm1(stay)
    probability[2:] = probability[1] * (np.exp(stay * np.arange(1, length - 1)) if p < 1 else 0.0)
    return probability


class Joining:
    """Two segments are made side by side, and the first waits for the second, for `cutoff` attempts at most.

    Args:
        one: of the segments.
        other: in cells as wide.
        decay (float array, shape (rows,)): what an attempt's wait leaves of each correlation.
        cutoff: in attempts; None means that it waits as long as it takes.
    """

    def __init__(self, one: Segment, other: Segment, decay: NDArray[np.float64], cutoff: int | None) -> None:
        self.one, self.other, self.cell = one.sequences, other.sequences, one.cell
        self.length = self.one.shape[1]
        longest = self.cell * self.length
        self.cutoff = longest if cutoff is None else min(cutoff, longest)
        kernel = np.array([_kept(math.log(max(left, _NOTHING)), self.cutoff, self.cell, self.length) for left in decay])
        self.one_waited = multiply(self.one, kernel)
        self.other_waited = self.one_waited if other is one else multiply(self.other, kernel)

    def rounds(self, joined: NDArray[np.float64]) -> Rounds:
        """What comes of joining, out_k = Σ_ij joined[k, i, j] a_i b_j."""
        success = np.zeros_like(self.one)
        for i, j in np.argwhere(joined.any(axis=0)):
            success += joined[:, i, j, None] * self._product(int(i), int(j))
        return Rounds(self.cell, success, self._product(0, 0) - success[0] + self._expired())

    def _product(self, i: int, j: int) -> NDArray[np.float64]:
        """Σ of a_i b_j, the earlier one decayed, over all ways in which the later of the two comes in a cell, in time."""
        at_once = self.one[i] * self.other[j] / self.cell
        return self.one[i] * self.other_waited[j] + self.one_waited[i] * self.other[j] + at_once

    def _expired(self) -> NDArray[np.float64]:
        """Probability that one waited in vain until a cell: it came a cutoff before, and the other not by then."""
        whole, rest = divmod(self.cutoff, self.cell)
        result = np.zeros(self.length)
        if whole >= self.length:
            return result
        square = float(self.cell) ** 2
        late_in_cell = (self.cell - 1 - rest) * (self.cell - rest) / 2 / square
        early_in_next = rest * (rest + 1) / 2 / square
        for first, second in ((self.one[0], self.other[0]), (self.other[0], self.one[0])):
            not_yet = 1 - np.cumsum(second) + late_in_cell * second
            not_yet[:-1] -= early_in_next * second[1:]
            in_vain = first[: self.length - whole] * not_yet[whole:]
            result[whole:] += (1 - rest / self.cell) * in_vain
            result[whole + 1 :] += rest / self.cell * in_vain[:-1]
        return result


def _kept(rate: float, cutoff: int, cell: int, length: int) -> NDArray[np.float64]:
    """Mean of e^(rate·wait) if 0 < wait ≤ cutoff, else of 0, for attempts anywhere in two cells so far apart; shape (length,).

    For n from 1 to cell, the wait is (k − 1)·cell + n in n ways and k·cell + n in cell − n ways, of cell².
    """
    width, longest = float(cell), float(cutoff)
    before = (np.arange(length) - 1) * width
    after = before + width
    rising, falling = np.clip(longest - before, 0, width), np.clip(longest - after, 0, width - 1)
    ways = np.exp(rate * after) * (_sum(rate, falling) / width - _weighted_sum(rate, falling) / width**2)
    ways[1:] += np.exp(rate * before[1:]) * _weighted_sum(rate, rising[1:]) / width**2
    return ways


def _sum(rate: float, n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ e^(rate·d) over d = 1 … n."""
    return n if rate == 0 else math.exp(rate) * np.expm1(rate * n) / math.expm1(rate)


def _weighted_sum(rate: float, n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ d·e^(rate·d) over d = 1 … n; expanded where the closed form would lose its digits."""
    plain = n * (n + 1) / 2
    expanded = plain + rate * plain * (2 * n + 1) / 3 + rate**2 * plain**2 / 2
    if rate == 0:
        return expanded
    closed = (_sum(rate, n) - n * np.exp(rate * (n + 1))) / -math.expm1(rate)
    return np.where(-rate * n < _LITTLE_DECAY, expanded, closed)
