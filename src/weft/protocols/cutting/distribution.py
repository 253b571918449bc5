"""Whole distributions from what pieces gave: a probability, and its error, for every outcome of the circuit.

What is knitted may be negative where little was measured, because it is a difference of large numbers: it is a quasi-distribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.protocols.cutting.knitting import Floats, Network, Readings, spread_of

MOST_OUTCOMES = 2**24
"""Of a whole distribution; each takes 16 bytes and more while it is knitted."""


class Distribution:
    """The outcomes of the circuit, knitted; those that no shot of a piece showed have probability 0 and are left out.

    Args:
        network: of pieces and cuts, each with a last axis of its own.
        shapes: of the tensors of the pieces, without the last axis.
        readings: of each piece, all its subexperiments.

    Attributes:
        outcomes: of each piece, the different outcomes of its bits, shape (outcomes, bits).
        quasi: the quasi-probability of each combination, an axis for each piece.

    Raises:
        SimulationError: if there would be too many outcomes.
    """

    def __init__(
        self, network: Network, shapes: Sequence[tuple[int, ...]], readings: Sequence[Sequence[Readings]]
    ) -> None:
        self._network, self._readings = network, readings
        self.outcomes: list[NDArray[np.uint8]] = []
        self._columns: list[list[NDArray[np.int64]]] = []
        for some in readings:
            outcomes, columns = _distinct(some)
            self.outcomes.append(outcomes)
            self._columns.append(columns)
        count = int(np.prod([len(outcomes) for outcomes in self.outcomes], dtype=np.float64))
        if count > MOST_OUTCOMES:
            raise SimulationError(
                f"a whole distribution must have at most {MOST_OUTCOMES:,} outcomes, but this one has {count:,}; "
                "measure fewer qubits, or ask for observables"
            )
        self._tensors = [
            _tensor(some, columns, shape, len(outcomes))
            for some, columns, shape, outcomes in zip(readings, self._columns, shapes, self.outcomes, strict=True)
        ]
        self.quasi = network.knit(self._tensors)

    def variance(self) -> Floats:
        """Of each quasi-probability, in the shape of `quasi`; 0 if everything is exact."""
        total = np.zeros(self.quasi.shape)
        for piece, some in enumerate(self._readings):
            for one, spread in zip(some, self._spreads(piece), strict=True):
                total += spread / one.shots
        return total

    def spreads(self) -> list[Floats]:
        """For each piece, the variance that one shot of each subexperiment adds, summed over outcomes; (subexperiments,)."""
        return [np.array([spread.sum() for spread in self._spreads(piece)]) for piece in range(len(self._readings))]

    def _spreads(self, piece: int) -> Iterator[Floats]:
        """For each subexperiment, the variance that one shot of it adds to each outcome."""
        tensor = self._tensors[piece]
        slots = tensor.ndim - 1
        environment = self._network.environment(self._tensors, piece)
        weights = environment.reshape(-1, *environment.shape[slots:])
        for one, columns in zip(self._readings[piece], self._columns[piece], strict=True):
            # Outcomes that are read alike count alike.
            read = np.concatenate([one.entries, one.signs.astype(np.int64)], axis=1)
            kinds, kind = np.unique(read, axis=0, return_inverse=True)
            entries, signs = np.split(kinds, 2, axis=1)
            counted = np.einsum("km,km...->k...", signs.astype(np.float64), weights[entries])
            shares = np.zeros((len(kinds), tensor.shape[-1]))
            np.add.at(shares, (kind.reshape(-1), columns), one.weights)
            mean = np.tensordot(shares, counted, axes=(0, 0))
            square = np.tensordot(shares, counted**2, axes=(0, 0))
            yield np.moveaxis(spread_of(mean, square, one.shots), 0, piece)


def _distinct(some: Sequence[Readings]) -> tuple[NDArray[np.uint8], list[NDArray[np.int64]]]:
    """The different outcomes of a piece, and which of them each outcome of each subexperiment is."""
    bits = np.concatenate([one.bits for one in some])
    packed = np.packbits(bits, axis=1) if bits.shape[1] else np.zeros((len(bits), 1), dtype=np.uint8)
    _, first, columns = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    edges = np.cumsum([len(one.bits) for one in some])[:-1]
    return bits[first], np.split(columns.reshape(-1), edges)


def _tensor(
    some: Sequence[Readings], columns: Sequence[NDArray[np.int64]], shape: tuple[int, ...], outcomes: int
) -> Floats:
    tensor = np.zeros((int(np.prod(shape, dtype=np.int64)), outcomes))
    for one, column in zip(some, columns, strict=True):
        for entries, signs in zip(one.entries.T, one.signs.T, strict=True):
            np.add.at(tensor, (entries, column), one.weights * signs)
    return tensor.reshape(*shape, outcomes)


def nearest_probabilities(quasi: Floats) -> Floats:
    """The probabilities that are nearest to some quasi-probabilities: none negative, their sum 1.

    Args:
        quasi: of any shape.

    Source:
        Smolin, Gambetta, Smith, Phys. Rev. Lett. 108, 070502 (2012).
    """
    values = np.sort(quasi.reshape(-1))[::-1]
    excess = (np.cumsum(values) - 1) / np.arange(1, len(values) + 1)
    kept = int(np.flatnonzero(values > excess)[-1])
    return np.maximum(quasi - excess[kept], 0.0)
