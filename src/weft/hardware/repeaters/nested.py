"""Exact waiting times and states of nested chains, step by step.

A segment is described by four sequences over the attempt t at which it is there: the probability P(t), and P(t) times the mean of
each correlation. What a step makes of two segments is bilinear in these and in how long the first one waited, so means over all
that may have happened are exact.

Source: Brand, Coopmans, Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), for swaps; Li, Coopmans, Elkouss, IEEE Trans. Quantum
Eng. 2, 4103015 (2021), for distillation, cutoffs, and repeated rounds as the series success/(1 − failure). Both follow the Werner
weight; here each of the three correlations of a Bell-diagonal pair takes its place.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import correlations_of, joining
from weft.hardware.repeaters.power_series import multiply, reciprocal

# What rounding may make of equal Bell weights.
_SAME = 1e-14


def nested_sequences(chain: RepeaterChain, length: int) -> NDArray[np.float64]:
    """P(t) and P(t) times mean correlations of the end-to-end pair.

    Args:
        chain: of order `nested`.
        length: attempts 0 … length − 1; what is computed does not depend on it.

    Returns:
        Float array, shape (4, length).

    Time: O(length · log length) for each step, times the number of different segments.
    """
    return _Nesting(chain, length).whole()


def nested_means(chain: RepeaterChain, length: int) -> tuple[float, NDArray[np.float64], float]:
    """Means alone, for which only rounds of the last step, not their repetition, have to fit into `length`.

    Args:
        chain: of order `nested`, with a step.
        length: attempts 0 … length − 1 of what the last step joins.

    Returns:
        The mean number of attempts, (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) as a float array of shape (4,), and the probability that what the last
        step joins does not fit; the means are off by about that share.

    Source: Wald's identity: on average 1/Σ success − 1 rounds fail, each of mean length Σ t·failure/Σ failure.
    """
    nesting = _Nesting(chain, length)
    one, other = nesting.halves(0, chain.links, len(chain.all_steps))
    success, failure = nesting.rounds(len(chain.all_steps) - 1, one, other)
    total = float(success[0].sum())
    missing = 1 - min(float(one[0].sum()), float(other[0].sum()))
    if total <= 0:
        return math.inf, np.array([1.0, 0, 0, 0]), missing
    mean = float((success[0] + failure) @ np.arange(length)) / total
    return mean, (success.sum(axis=1) / total)[nesting.unfolded], missing


class _Nesting:
    """The segments of a chain, of which equal ones are made once.

    Where all three correlations are the same all the way, as they are for Werner pairs that are but swapped, one of them is
    followed: `rows` are those of the four sequences that are, and `unfolded` says which of them stands for each of the four.
    """

    def __init__(self, chain: RepeaterChain, length: int) -> None:
        self.chain, self.length = chain, length
        self.pairs = chain.pairs * (chain.links // len(chain.pairs))
        is_werner = chain.dephasing_attempts == math.inf and set(chain.all_steps) <= {"swap"}
        for pair in set(chain.pairs):
            is_werner = is_werner and np.ptp(pair.bell_weights[1:]) < _SAME
        self.rows = [0, 1] if is_werner else [0, 1, 2, 3]
        self.unfolded = [0, 1, 1, 1] if is_werner else [0, 1, 2, 3]
        self.made: dict[object, NDArray[np.float64]] = {}

    def whole(self) -> NDArray[np.float64]:
        """The end-to-end pair."""
        return self.segment(0, self.chain.links, len(self.chain.all_steps))[self.unfolded]

    def segment(self, first: int, last: int, steps: int) -> NDArray[np.float64]:
        """Links `first` … `last` − 1 after so many steps."""
        key = (self.chain.success_probability[first:last], self.pairs[first:last], steps)
        if key not in self.made:
            if steps == 0:
                start = correlations_of(self.pairs[first])[self.rows]
                self.made[key] = start[:, None] * _first_success(self.chain.success_probability[first], self.length)
            else:
                success, failure = self.rounds(steps - 1, *self.halves(first, last, steps))
                self.made[key] = _repeated(success, failure)
        return self.made[key]

    def halves(self, first: int, last: int, steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What the last of so many steps joins."""
        if self.chain.all_steps[steps - 1] != "swap":
            both = self.segment(first, last, steps - 1)
            return both, both
        middle = (first + last) // 2
        return self.segment(first, middle, steps - 1), self.segment(middle, last, steps - 1)

    def rounds(
        self, step: int, one: NDArray[np.float64], other: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """When a round of a step succeeds, with what state, and when it fails."""
        round_ = _Round(one, other, np.array(self.chain.decay)[self.rows], self.chain.all_cutoffs[step])
        spread = np.eye(len(self.rows))[self.unfolded]
        joined = joining(self.chain.all_steps[step], self.chain.swap_success)[self.rows]
        success = round_.outcome(np.einsum("kij,ia,jb->kab", joined, spread, spread))
        return success, round_.in_time() - success[0] + round_.expired()


def _first_success(p: float, length: int) -> NDArray[np.float64]:
    """The geometric distribution."""
    probability = p * (1 - p) ** np.maximum(np.arange(length) - 1.0, 0)
    probability[0] = 0
    return probability


def _repeated(success: NDArray[np.float64], failure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounds until one succeeds."""
    if not failure.any():
        return success
    series = -failure
    series[0] += 1
    return multiply(success, reciprocal(series))


class _Round:
    """Two segments are made side by side, and the first waits for the second, for `cutoff` attempts at most."""

    def __init__(
        self, one: NDArray[np.float64], other: NDArray[np.float64], decay: NDArray[np.float64], cutoff: int | None
    ) -> None:
        self.one, self.other = one, other
        length = one.shape[1]
        self.cutoff = length if cutoff is None else min(cutoff, length)
        waited = np.arange(length)
        kernel = np.where((waited > 0) & (waited <= self.cutoff), decay[:, None] ** waited, 0.0)
        self.one_waited = multiply(one, kernel)
        self.other_waited = self.one_waited if other is one else multiply(other, kernel)

    def product(self, i: int, j: int) -> NDArray[np.float64]:
        """Σ of a_i b_j, the earlier one decayed, over all ways in which the later of the two comes at t."""
        return self.one[i] * self.other_waited[j] + self.one_waited[i] * self.other[j] + self.one[i] * self.other[j]

    def in_time(self) -> NDArray[np.float64]:
        """Probability that the later of the two comes at t, in time."""
        return self.product(0, 0)

    def outcome(self, joined: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(t), and P(t) times correlations, of what one round makes."""
        result = np.zeros_like(self.one)
        for i, j in np.argwhere(joined.any(axis=0)):
            result += joined[:, i, j, None] * self.product(int(i), int(j))
        return result

    def expired(self) -> NDArray[np.float64]:
        """Probability that one waited in vain until t: it came at t − cutoff, and the other not by t."""
        result = np.zeros(self.one.shape[1])
        kept = len(result) - self.cutoff
        if kept > 0:
            for first, second in ((self.one[0], self.other[0]), (self.other[0], self.one[0])):
                result[self.cutoff :] += first[:kept] * (1 - np.cumsum(second))[self.cutoff :]
        return result
