"""The unitary of a small circuit.

Written as sums of slices and not as products of matrices, because a library's threads that wait for a busy machine would take many
times longer than such small work does.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, Matrix, matrix_of


def operator_of(circuit: Circuit) -> Matrix:
    """The unitary of a circuit, shape (2^n, 2^n), qubit 0 the most significant.

    Args:
        circuit: without conditions and resets; measurements are passed over.
    """
    count = circuit.num_qubits
    tensor = np.eye(2**count, dtype=np.complex128)
    rows = zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), circuit.angles.tolist(), strict=True)
    for code, operands, angles in rows:
        if code != MEASURE:
            wires = [qubit for qubit in operands if qubit >= 0]
            tensor = applied(matrix_of(code, tuple(angles)), tensor, wires, count)
    return tensor


def applied(matrix: Matrix, tensor: Matrix, wires: list[int], count: int) -> Matrix:
    """A matrix on one or two wires after a tensor.

    Args:
        matrix: shape (2, 2) or (4, 4), the first of `wires` the more significant.
        tensor: what it acts on; its first 2^count entries, or rows, are indexed by the wires, wire 0 the most significant.
        wires: to act on.
        count: of all wires.
    """
    before = tensor.reshape((2,) * count + (-1,))
    after = np.zeros_like(before)
    bits = list(product((0, 1), repeat=len(wires)))
    places = []
    for values in bits:
        place: list[int | slice] = [slice(None)] * (count + 1)
        for wire, value in zip(wires, values, strict=True):
            place[wire] = value
        places.append(tuple(place))
    for row, column in zip(*np.nonzero(matrix), strict=True):
        after[places[row]] += matrix[row, column] * before[places[column]]
    return after.reshape(tensor.shape)
