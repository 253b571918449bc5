"""Which gates are Clifford: those that turn Paulis into Paulis. Stim does the work."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import stim

from weft.circuit.gates import Matrix, matrix_of

ROUNDING = 1e-6
"""Angles in files are rounded; a gate so close to a Clifford gate is one."""


@lru_cache(maxsize=4096)
def clifford_tableau(code: int, angles: tuple[float, ...]) -> stim.Tableau | None:
    """The tableau of a gate by opcode and angles; None if the gate is not Clifford."""
    matrix = matrix_of(code, angles)
    try:
        tableau = stim.Tableau.from_unitary_matrix(matrix.astype(np.complex64), endian="big")
    except ValueError:
        return None
    return tableau if _is_action_of(matrix, tableau) else None


def _is_action_of(matrix: Matrix, tableau: stim.Tableau) -> bool:
    """Whether a gate takes Paulis to those that a tableau says; Stim rounds gates that are far from Clifford to one that is."""
    for operand in range(len(tableau)):
        for axis, image in (("X", tableau.x_output(operand)), ("Z", tableau.z_output(operand))):
            pauli = stim.PauliString("I" * operand + axis + "I" * (len(tableau) - operand - 1))
            before, after = (string.to_unitary_matrix(endian="big") for string in (pauli, image))
            if np.abs(matrix @ before @ matrix.conj().T - after).max() > ROUNDING:
                return False
    return True
