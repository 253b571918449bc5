"""A density matrix per timeline, in one array.

The array has an axis for the timelines, an axis for each classical bit that is still needed, and a row and a column axis for each
qubit that holds something.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix
from weft.errors import SimulationError
from weft.program import Pauli

Array = NDArray[Any]
Label = tuple[str, int]  # ("bit", b), ("row", q) or ("column", q)

_NOTHING = 1e-12

_H: Matrix = np.array([[1, 1], [1, -1]], dtype=np.complex128) / np.sqrt(2)
_HS: Matrix = np.array([[1, -1j], [1, 1j]], dtype=np.complex128) / np.sqrt(2)


class DensityState:
    """A density matrix per timeline, over the qubits that hold something and the bits that are needed.

    Args:
        timelines: how many.
    """

    def __init__(self, timelines: int) -> None:
        self.array: Array = np.ones(timelines, dtype=np.complex128)
        self.labels: list[Label] = []  # of the axes after the first

    def axis(self, kind: str, which: int) -> int:
        """The position of an axis."""
        return 1 + self.labels.index((kind, which))

    def has(self, kind: str, which: int) -> bool:
        """Whether there is such an axis."""
        return (kind, which) in self.labels

    def add(self, qubits: Iterable[int], matrix: Array) -> None:
        """Adds qubits in the state `matrix`, whose rows and columns are ordered as the qubits are."""
        qubits = list(qubits)
        block = matrix.reshape((2,) * (2 * len(qubits)))
        self.array = np.multiply.outer(self.array, block)
        self.labels += [("row", qubit) for qubit in qubits] + [("column", qubit) for qubit in qubits]

    def trace_out(self, qubit: int) -> None:
        """Forgets a qubit."""
        self.array = np.trace(self.array, axis1=self.axis("row", qubit), axis2=self.axis("column", qubit))
        self.labels = [label for label in self.labels if label not in {("row", qubit), ("column", qubit)}]

    def need_bit(self, bit: int) -> None:
        """Adds an axis for a bit that is 0."""
        if not self.has("bit", bit):
            self.array = np.stack([self.array, np.zeros_like(self.array)], axis=1)
            self.labels.insert(0, ("bit", bit))

    def forget_bit(self, bit: int) -> None:
        """Sums over a bit."""
        if self.has("bit", bit):
            self.array = self.array.sum(axis=self.axis("bit", bit))
            self.labels.remove(("bit", bit))

    def normalise(self) -> None:
        """Brings the trace of every timeline back to 1.

        Raises:
            SimulationError: if one has nothing left.
        """
        view, labels = self.array, list(self.labels)
        for qubit in [which for kind, which in labels if kind == "row"]:
            ends = [("row", qubit), ("column", qubit)]
            view = np.trace(view, axis1=1 + labels.index(ends[0]), axis2=1 + labels.index(ends[1]))
            labels = [label for label in labels if label not in ends]
        total = view.reshape(len(view), -1).sum(axis=1).real
        if np.any(total < _NOTHING):
            raise SimulationError("a block that may run again must have a chance to succeed, but has none")
        self.array /= total.reshape((-1,) + (1,) * (self.array.ndim - 1))

    def where(self, values: dict[int, int]) -> tuple[Array, list[Label]]:
        """A view of the part in which bits have given values, and the labels of its axes after the first."""
        index: list[Any] = [slice(None)] * self.array.ndim
        for bit, value in values.items():
            index[self.axis("bit", bit)] = value
        left = [label for label in self.labels if not (label[0] == "bit" and label[1] in values)]
        return self.array[tuple(index)], left

    def front(self, view: Array, labels: list[Label], *wanted: Label) -> Array:
        """A view with the wanted axes first, then the timelines."""
        axes = [1 + labels.index(label) for label in wanted]
        return np.moveaxis(view, axes, range(len(axes)))


def turn_to_z(basis: int) -> Matrix | None:
    """The unitary that turns the eigenstates of a Pauli into |0⟩ and |1⟩; None for Z."""
    return {Pauli.X: _H, Pauli.Y: _HS}.get(Pauli(basis))


def apply_matrix(view: Array, matrix: Matrix, axes: list[int]) -> Array:
    """Applies a matrix to some axes of size 2."""
    block = matrix.reshape((2,) * (2 * len(axes)))
    contracted = np.tensordot(block, view, axes=(range(len(axes), 2 * len(axes)), axes))
    return np.moveaxis(contracted, range(len(axes)), axes)


def overlap(ideal: DensityState, state: DensityState) -> NDArray[np.float64]:
    """tr(ρ_ideal ρ) per timeline: the fidelity with a pure ideal state."""
    order = [1 + state.labels.index(label) for label in ideal.labels]
    aligned = state.array.transpose([0, *order])
    result: NDArray[np.float64] = np.sum(
        (ideal.array.conj() * aligned).real, axis=tuple(range(1, aligned.ndim)), dtype=np.float64
    )
    return result
