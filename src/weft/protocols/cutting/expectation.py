"""Expectation values from what pieces gave.

A term is a product of ±1 over some bits, so it is a product over pieces; an observable is a sum of terms that the same shots serve,
and the error of the sum has to know how terms move together. So it comes from outcomes, not from the variances of terms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.protocols.cutting.knitting import Floats, Network, Readings


class Expectation:
    """The terms of some observables, knitted.

    Args:
        network: of pieces and cuts, with shared last axes.
        shapes: of the tensors of the pieces, without the last axis.
        readings: of each piece, all its subexperiments.
        supports: of each piece, for each term, which of its bits count, shape (terms, bits).
    """

    def __init__(
        self,
        network: Network,
        shapes: Sequence[tuple[int, ...]],
        readings: Sequence[Sequence[Readings]],
        supports: Sequence[NDArray[np.bool_]],
    ) -> None:
        self._network, self._readings = network, readings
        self._values = [
            [_values(one, support) for one in some] for some, support in zip(readings, supports, strict=True)
        ]
        self._tensors = [
            _tensor(some, values, shape, len(support))
            for some, values, shape, support in zip(readings, self._values, shapes, supports, strict=True)
        ]
        self.terms = network.knit(self._tensors)

    def value(self, coefficients: Floats) -> float:
        """Of an observable, by the coefficients of the terms."""
        return float(coefficients @ self.terms)

    def per_shot(self, coefficients: Floats) -> list[Floats]:
        """How much each outcome of each subexperiment counts in the value, by the value's derivative; piece after piece.

        Other groups of terms may be read from the same shots, so what a shot counts has to be added up before it is squared.
        """
        answer = []
        for piece, (some, values) in enumerate(zip(self._readings, self._values, strict=True)):
            environment = self._network.environment(self._tensors, piece)
            # With one piece, nothing is left around it, and every entry counts as it is.
            weights = environment.reshape(-1, environment.shape[-1]) * coefficients
            answer += [
                np.einsum("kt,kmt,km->k", value, weights[one.entries], one.signs)
                for one, value in zip(some, values, strict=True)
            ]
        return answer


def _values(readings: Readings, support: NDArray[np.bool_]) -> Floats:
    """Of each term in each outcome, apart from signs, shape (outcomes, terms)."""
    parity = readings.bits.astype(np.int64) @ support.T.astype(np.int64) & 1
    return np.asarray(1.0 - 2.0 * parity)


def _tensor(some: Sequence[Readings], values: Sequence[Floats], shape: tuple[int, ...], terms: int) -> Floats:
    tensor = np.zeros((int(np.prod(shape, dtype=np.int64)), terms))
    for one, value in zip(some, values, strict=True):
        for entries, signs in zip(one.entries.T, one.signs.T, strict=True):
            np.add.at(tensor, entries, (one.weights * signs)[:, None] * value)
    return tensor.reshape(*shape, terms)
