"""The loop behind `find_segments`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_TOLERANCE = 1e-11


@njit(cache=True)
def _is_diagonal(matrix: np.ndarray) -> bool:
    return abs(matrix[0, 1]) < _TOLERANCE and abs(matrix[1, 0]) < _TOLERANCE


@njit(cache=True)
def _is_antidiagonal(matrix: np.ndarray) -> bool:
    return abs(matrix[0, 0]) < _TOLERANCE and abs(matrix[1, 1]) < _TOLERANCE


@njit(cache=True)
def _product(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """Out = left · right; `out` may be `right`."""
    a, b, c, d = right[0, 0], right[0, 1], right[1, 0], right[1, 1]
    out[0, 0] = left[0, 0] * a + left[0, 1] * c
    out[0, 1] = left[0, 0] * b + left[0, 1] * d
    out[1, 0] = left[1, 0] * a + left[1, 1] * c
    out[1, 1] = left[1, 0] * b + left[1, 1] * d


@njit(cache=True)
def trace_segments(
    num_qubits: int,
    qubits: np.ndarray,
    which: np.ndarray,
    severs: np.ndarray,
    matrices: np.ndarray,
    bases: np.ndarray,
    is_pauli: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Follows, for each qubit, the turn since its last two-qubit gate, in the basis in which that gate is diagonal.

    Segments are numbered in the order in which they begin; returns for each row its operands' segments, and for each segment
    its qubit, first two-qubit gate, whether it is embeddable, the azimuth of its axis, and whether it is severed.
    """
    rows = np.full((len(qubits), 2), -1, dtype=np.int64)
    most = num_qubits
    for row in range(len(qubits)):
        if qubits[row, 1] >= 0:
            most += 2
    owners = np.empty(most, dtype=np.int64)
    first_gate = np.full(most, -1, dtype=np.int64)
    embeddable = np.zeros(most, dtype=np.bool_)
    azimuth = np.zeros(most, dtype=np.float64)
    severed = np.zeros(most, dtype=np.bool_)
    current = np.full(num_qubits, -1, dtype=np.int64)
    # For each qubit: the turn since its last gate, the turns into its segment, whether that could be embedded, and the one before.
    turn = np.zeros((num_qubits, 2, 2), dtype=np.complex128)
    entry = np.zeros((num_qubits, 2, 2), dtype=np.complex128)
    candidate = np.zeros(num_qubits, dtype=np.bool_)
    broken = np.zeros(num_qubits, dtype=np.bool_)
    for qubit in range(num_qubits):
        turn[qubit, 0, 0] = turn[qubit, 1, 1] = 1.0
    total = np.empty((2, 2), dtype=np.complex128)
    count, gates = 0, 0
    for row in range(len(qubits)):
        if severs[row]:
            broken[qubits[row, 0]] = True
            continue
        if qubits[row, 1] < 0:
            _product(matrices[which[row]], turn[qubits[row, 0]], turn[qubits[row, 0]])
            continue
        for operand in range(2):
            qubit = qubits[row, operand]
            basis, turned = bases[which[row], operand], turn[qubit]
            _product(basis, turned, turned)
            segment = current[qubit]
            same = segment >= 0 and not broken[qubit]
            if same and _is_diagonal(turned):
                _product(turned, entry[qubit], entry[qubit])
            elif same and _is_antidiagonal(turned):
                candidate[qubit] = False
            else:
                if same:
                    _product(turned, entry[qubit], total)
                    if candidate[qubit] and (_is_diagonal(total) or _is_antidiagonal(total)):
                        embeddable[segment] = True
                candidate[qubit] = same and abs(abs(turned[0, 0]) ** 2 - 0.5) < _TOLERANCE
                segment = count
                count += 1
                owners[segment], first_gate[segment] = qubit, gates
                severed[segment] = broken[qubit]
                axis = np.conj(turned[0, 0]) * turned[0, 1] - np.conj(turned[1, 0]) * turned[1, 1]
                azimuth[segment] = -math.atan2(axis.imag, axis.real)
                entry[qubit] = turned
                current[qubit], broken[qubit] = segment, False
            candidate[qubit] = candidate[qubit] and is_pauli[row]
            rows[row, operand] = segment
            for i in range(2):
                for j in range(2):
                    turned[i, j] = np.conj(basis[j, i])
        gates += 1
    for qubit in range(num_qubits):
        if current[qubit] < 0:
            owners[count] = qubit
            count += 1
    return rows, owners[:count], first_gate[:count], embeddable[:count], azimuth[:count], severed[:count]
