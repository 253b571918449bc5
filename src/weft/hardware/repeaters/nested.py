"""Waiting times and states of nested chains, step by step.

A segment is described by four sequences over the attempt t at which it is there: the probability P(t), and P(t) times the mean of
each correlation. What a step makes of two segments is bilinear in these and in how long the first one waited, so means over all
that may have happened are exact.

Source: Brand, Coopmans, Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), for swaps; Li, Coopmans, Elkouss, IEEE Trans. Quantum
Eng. 2, 4103015 (2021), for distillation and cutoffs. Both follow the Werner weight; here each of the three correlations of a
Bell-diagonal pair takes its place.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import correlations_of, joining
from weft.hardware.repeaters.rounds import NEVER, Joining, Rounds, Segment, first_success

Cutoffs = tuple[int | None, ...]
# What rounding may make of equal Bell weights.
_SAME = 1e-14
_MOST_MISSING = 1e-10
_LONGEST = 1 << 21


def nested_sequences(chain: RepeaterChain, length: int) -> NDArray[np.float64]:
    """P(t) and P(t) times mean correlations of the end-to-end pair, exactly.

    Args:
        chain: of order `nested`.
        length: attempts 0 … length − 1; what is computed does not depend on it.

    Returns:
        Float array, shape (4, length).

    Time: O(length · log length) for each step, times the number of different segments.
    """
    nesting = _Nesting(chain, length, to_the_end=False)
    return nesting.segment(0, chain.links, chain.all_cutoffs).sequences[nesting.unfolded]


class NestedMeans:
    """Means of a chain under cutoffs, however seldom its links succeed; what was computed for one choice of cutoffs helps the next.

    Each segment has cells of its own, wide enough for all of its arrivals. Where one is wider than an attempt, the mean time is off
    by less than 25/length of it, for the arrivals may begin anywhere in the first cell, and the fidelity by less than a fiftieth of
    that, whatever cutoffs and coherence are (as measured on random chains; the tests have the worst of them).

    Args:
        chain: of order `nested`, with a step; cutoffs that it has are ignored.
        length: how many cells a segment's arrivals have.
    """

    def __init__(self, chain: RepeaterChain, length: int) -> None:
        self._nesting = _Nesting(chain, length, to_the_end=True)
        self._links = chain.links

    def __call__(self, cutoffs: Cutoffs) -> tuple[float, NDArray[np.float64]]:
        """The mean number of attempts, and the mean of (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) as a float array of shape (4,).

        Args:
            cutoffs: one for each step.
        """
        rounds = self._nesting.rounds(0, self._links, cutoffs)
        return rounds.mean_attempts, rounds.mean_correlations[self._nesting.unfolded]

    def longest_wait(self, cutoffs: Cutoffs) -> int:
        """A number of attempts after which a cutoff of the last step is none, given those of the others."""
        segments = self._nesting.halves(0, self._links, (*cutoffs, None))
        return max(segment.cell * segment.sequences.shape[1] for segment in segments)


class _Nesting:
    """The segments of a chain, of which equal ones are made once.

    Where all three correlations are the same all the way, as they are for Werner pairs that are but swapped, one of them is
    followed: `rows` are those of the four sequences that are, and `unfolded` says which of them stands for each of the four.
    """

    def __init__(self, chain: RepeaterChain, length: int, *, to_the_end: bool) -> None:
        self.chain, self.length, self.to_the_end = chain, length, to_the_end
        self.pairs = chain.pairs * (chain.links // len(chain.pairs))
        is_werner = chain.dephasing_attempts == math.inf and set(chain.all_steps) <= {"swap"}
        for pair in set(chain.pairs):
            is_werner = is_werner and np.ptp(pair.bell_weights[1:]) < _SAME
        self.rows = [0, 1] if is_werner else [0, 1, 2, 3]
        self.unfolded = [0, 1, 1, 1] if is_werner else [0, 1, 2, 3]
        self.decay = np.array(chain.decay)[self.rows]
        self.made: dict[object, Segment] = {}

    def segment(self, first: int, last: int, cutoffs: Cutoffs) -> Segment:
        """Links `first` … `last` − 1 after as many steps as there are cutoffs."""
        key = (self.chain.success_probability[first:last], self.pairs[first:last], cutoffs)
        if key not in self.made:
            self.made[key] = self._make(first, last, cutoffs)
        return self.made[key]

    def halves(self, first: int, last: int, cutoffs: Cutoffs) -> tuple[Segment, Segment]:
        """What the last of these steps joins, in cells as wide."""
        before = cutoffs[:-1]
        if self.chain.all_steps[len(before)] != "swap":
            both = self.segment(first, last, before)
            return both, both
        middle = (first + last) // 2
        return _alike(self.segment(first, middle, before), self.segment(middle, last, before))

    def rounds(self, first: int, last: int, cutoffs: Cutoffs) -> Rounds:
        """When a round of the last of these steps ends, and how."""
        spread = np.eye(len(self.rows))[self.unfolded]
        joined = joining(self.chain.all_steps[len(cutoffs) - 1], self.chain.swap_success)[self.rows]
        one, other = self.halves(first, last, cutoffs)
        return Joining(one, other, self.decay, cutoffs[-1]).rounds(np.einsum("kij,ia,jb->kab", joined, spread, spread))

    def _make(self, first: int, last: int, cutoffs: Cutoffs) -> Segment:
        if cutoffs:
            rounds = self.rounds(first, last, cutoffs)
            return rounds.repeated_to_the_end(_MOST_MISSING, self.length) if self.to_the_end else rounds.repeated()
        p = self.chain.success_probability[first]
        if p * NEVER < 1:
            raise InvalidValueError(
                f"each link of a chain must succeed some day, but one does so with probability {p:.2g}"
            )
        cell = math.ceil(-math.log(_MOST_MISSING) / p / (self.length - 1)) if self.to_the_end else 1
        start = correlations_of(self.pairs[first])[self.rows]
        return Segment(cell, start[:, None] * first_success(p, cell, self.length))


def _alike(one: Segment, other: Segment) -> tuple[Segment, Segment]:
    """In cells as narrow as those of the faster one."""
    if one.cell == other.cell:
        return one, other
    cell = min(one.cell, other.cell)
    length = max(segment.cell * (segment.sequences.shape[1] - 1) for segment in (one, other)) // cell + 1
    if length > _LONGEST:
        raise InvalidValueError(
            "what a nested chain joins must not differ so much in speed to be computed, but one takes "
            f"{max(one.cell, other.cell) / cell:.3g} times longer than the other"
        )
    return _in_cells(one, cell, length), _in_cells(other, cell, length)


def _in_cells(segment: Segment, cell: int, length: int) -> Segment:
    old = np.arange(segment.sequences.shape[1]) * float(segment.cell)
    so_far = [np.interp(np.arange(length) * float(cell), old, row) for row in np.cumsum(segment.sequences, axis=1)]
    return Segment(cell, np.diff(np.array(so_far), axis=1, prepend=0.0))
