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

    def spreads(self, coefficients: Floats) -> list[Floats]:
        """For each piece, the variance that one shot of each of its subexperiments adds, shape (subexperiments,)."""
        answer = []
        for piece, (some, values) in enumerate(zip(self._readings, self._values, strict=True)):
            environment = self._network.environment(self._tensors, piece)
            # With one piece, nothing is left around it, and every entry counts as it is.
            weights = environment.reshape(-1, environment.shape[-1]) * coefficients
            answer.append(np.array([_spread(one, value, weights) for one, value in zip(some, values, strict=True)]))
        return answer

    def variance(self, coefficients: Floats) -> float:
        """Of the value of an observable; 0 if everything is exact."""
        return sum(
            float(np.sum(spreads / [one.shots for one in some]))
            for spreads, some in zip(self.spreads(coefficients), self._readings, strict=True)
        )


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


def _spread(one: Readings, values: Floats, weights: Floats) -> float:
    """The variance of one shot; weights have shape (entries, terms)."""
    per_shot = np.einsum("kt,kmt,km->k", values, weights[one.entries], one.signs)
    return float(max(one.weights @ per_shot**2 - (one.weights @ per_shot) ** 2, 0.0))
