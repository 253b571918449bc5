"""From what pieces gave to what the whole circuit would have given: the contraction of one tensor per piece and one matrix per cut.

The tensor of a piece has an axis for each of its slots, over the entries of that end of the cut, and a last axis over what is asked
for: the terms of an observable, or the outcomes of the piece's own bits. With cuts between them, pieces form a tensor network.

Errors follow from the same network. The result is linear in the tensor of each piece; taking that piece out leaves its environment,
which says how much each of its entries counts. What is sampled at once is a subexperiment, one circuit; the variance
of the result is the sum over subexperiments of the variance that one shot of theirs adds, over their shots. With estimates
in place of true values that is on average a little above the true variance, because squares of estimates are.

Source: Tang, Tomesh, Suchara, Larson, Martonosi, ASPLOS 2021, for knitting as a contraction; the variance is the delta method's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.protocols.cutting.cuts import Cut
from weft.protocols.cutting.pieces import Piece

Floats = NDArray[np.float64]
MOST_AXES = 52
"""What einsum has names for."""


@dataclass(frozen=True, eq=False)
class Readings:
    """What one circuit of a piece gave: every different outcome once.

    A circuit may be read in several ways, which differ in the entry that an outcome counts in, or in its sign.

    Attributes:
        entries (int64 array, shape (outcomes, ways)): of the piece's tensor, among all but the last axis.
        signs (float64 array, shape (outcomes, ways)): 1 or −1.
        weights (float64 array, shape (outcomes,)): how often each came, as a share.
        bits (uint8 array, shape (outcomes, bits)): the circuit's bits that the piece writes.
        shots: how many there were; infinite if the weights are exact.
    """

    entries: NDArray[np.int64]
    signs: Floats
    weights: Floats
    bits: NDArray[np.uint8]
    shots: float


@dataclass(frozen=True, eq=False)
class Network:
    """How pieces and cuts hang together, by names of axes.

    Attributes:
        pieces: for each piece, the axis of each slot.
        cuts: for each cut, the axes of its left and of its right end.
        matrices: of the cuts.
        shared: whether the last axes of all pieces are one and the same, as they are for terms; for outcomes each is its own.
    """

    pieces: tuple[tuple[int, ...], ...]
    cuts: tuple[tuple[int, int], ...]
    matrices: tuple[Floats, ...]
    shared: bool

    @classmethod
    def of(cls, pieces: Sequence[Piece], cuts: Sequence[Cut], *, shared: bool) -> Network:
        """The network of pieces and cuts."""
        axes = tuple(tuple(2 * slot.cut + slot.end for slot in piece.slots) for piece in pieces)
        ends = tuple((2 * number, 2 * number + 1) for number in range(len(cuts)))
        return cls(axes, ends, tuple(cut.coefficients for cut in cuts), shared)

    def _last(self, piece: int) -> int:
        return 2 * len(self.cuts) + (0 if self.shared else piece)

    def _lasts(self) -> list[int]:
        return list(dict.fromkeys(self._last(piece) for piece in range(len(self.pieces))))

    def knit(self, tensors: Sequence[Floats]) -> Floats:
        """The result: of each term, shape (terms,); or of all outcomes, an axis for each piece."""
        operands = self._operands(tensors, without=None)
        return _contracted(operands, self._lasts())

    def environment(self, tensors: Sequence[Floats], piece: int) -> Floats:
        """How much each entry of a piece counts: an axis for each of its slots, then those of the result but for its own."""
        own = [] if self.shared else [self._last(piece)]
        rest = [axis for axis in self._lasts() if axis not in own]
        return _contracted(self._operands(tensors, without=piece), [*self.pieces[piece], *rest])

    def _operands(self, tensors: Sequence[Floats], without: int | None) -> list[tuple[Floats, list[int]]]:
        operands = [
            (tensor, [*axes, self._last(piece)])
            for piece, (tensor, axes) in enumerate(zip(tensors, self.pieces, strict=True))
            if piece != without
        ]
        return operands + [(matrix, list(ends)) for matrix, ends in zip(self.matrices, self.cuts, strict=True)]


def spread_of(mean: Floats, square: Floats, shots: float) -> Floats:
    """The variance of one shot, without bias; a single shot says nothing of it, and leaves the mean square, which is no smaller.

    Args:
        mean: over shots, of any shape.
        square: the mean of squares, in the same shape.
        shots: how many there were, at least one.
    """
    return np.asarray(np.maximum(square - (shots > 1) * mean**2, 0.0) * (shots / max(shots - 1, 1)))


def _contracted(operands: list[tuple[Floats, list[int]]], output: list[int]) -> Floats:
    """The contraction, axes numbered anew because einsum takes only so many names."""
    if not operands:
        return np.ones((1,) * len(output))
    names: dict[int, int] = {}
    arguments: list[Any] = []
    for array, axes in operands:
        arguments += [array, [names.setdefault(axis, len(names)) for axis in axes]]
    if len(names) > MOST_AXES:
        raise SimulationError(
            f"pieces can be knitted across at most {MOST_AXES // 2 - 1} cuts, but here are {len(names) // 2}; drawing terms needs "
            "no such knitting"
        )
    missing = [axis for axis in output if axis not in names]
    found = np.einsum(*arguments, [names[axis] for axis in output if axis in names], optimize="greedy")
    return np.asarray(np.expand_dims(found, [output.index(axis) for axis in missing]))
