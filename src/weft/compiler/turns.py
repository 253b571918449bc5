"""One-qubit unitaries and the gates that carry them out."""

from __future__ import annotations

import cmath
import math
from functools import lru_cache

import numpy as np

from weft.circuit.gates import CODES, Matrix, matrix_of

Turn = tuple[int, tuple[float, ...]]
"""A one-qubit gate: its opcode and its angles."""

_TOLERANCE = 1e-11
_NAMES = ("z", "s", "sdg", "t", "tdg", "h", "sx", "sxdg")
X = CODES["x"]
P = CODES["p"]


def is_diagonal(matrix: Matrix) -> bool:
    """Whether a matrix is diagonal, to within rounding."""
    return abs(matrix[0, 1]) < _TOLERANCE and abs(matrix[1, 0]) < _TOLERANCE


def is_antidiagonal(matrix: Matrix) -> bool:
    """Whether a matrix is antidiagonal, to within rounding."""
    return abs(matrix[0, 0]) < _TOLERANCE and abs(matrix[1, 1]) < _TOLERANCE


def turns_for(matrix: Matrix) -> tuple[Turn, ...]:
    """The fewest gates for a one-qubit unitary, up to its phase: none, one, or an X followed by a diagonal gate."""
    return _turns_for(matrix.tobytes())


@lru_cache(maxsize=65_536)
def _turns_for(data: bytes) -> tuple[Turn, ...]:
    matrix = np.frombuffer(data, dtype=np.complex128).reshape(2, 2)
    if is_antidiagonal(matrix):
        return ((X, ()), *turns_for(np.ascontiguousarray(matrix[:, ::-1])))
    if is_diagonal(matrix) and abs(matrix[0, 0] - matrix[1, 1]) < 1e-15:
        return ()
    for name in _NAMES:
        overlap = np.vdot(matrix_of(CODES[name]), matrix)
        if abs(abs(overlap) - 2) < 1e-15:
            return ((CODES[name], ()),)
    if is_diagonal(matrix):
        return ((P, (cmath.phase(matrix[1, 1] / matrix[0, 0]),)),)
    return ((CODES["u"], _angles_of_u(matrix)),)


def _angles_of_u(matrix: Matrix) -> tuple[float, float, float]:
    """θ, φ, λ of the gate `u`."""
    theta = 2 * math.atan2(abs(matrix[1, 0]), abs(matrix[0, 0]))
    phase = cmath.phase(matrix[0, 0])
    return theta, cmath.phase(matrix[1, 0]) - phase, cmath.phase(-matrix[0, 1]) - phase
