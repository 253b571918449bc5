"""What it costs to cut each gate of a circuit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, Matrix, matrix_of

_MAGIC = np.array([[1, 0, 0, 1j], [0, 1j, 1, 0], [0, 1j, -1, 0], [1, 0, 0, -1j]]) / np.sqrt(2)
_PAULIS = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 4


def gate_overheads(circuit: Circuit) -> NDArray[np.float64]:
    """γ of cutting each row on its own, shape (rows,); 1 for rows on one qubit. The sampling overhead is γ²."""
    result = np.ones(len(circuit))
    known: dict[tuple[int, tuple[float, ...]], float] = {}
    for row in np.flatnonzero(circuit.qubits[:, 1] >= 0).tolist():
        code = int(circuit.opcodes[row])
        key = code, tuple(circuit.angles[row, : GATES[code].angles].tolist())
        if key not in known:
            known[key] = _overhead(matrix_of(*key))
        result[row] = known[key]
    return result


def _overhead(unitary: Matrix) -> float:
    """γ = 2(Σ|u_k|)² − 1, with u_k the coefficients of σ_k ⊗ σ_k in the gate without its local factors.

    Source: Schmitt, Piveteau, Sutter, "Cutting circuits with multiple two-qubit unitaries", arXiv 2312.11638. The factors
    are found in the magic basis: Makhlin, Quantum Inf. Process. 1, 243 (2002).
    """
    special = unitary / np.linalg.det(unitary) ** 0.25
    magic = _MAGIC.conj().T @ special @ _MAGIC
    phases = np.sqrt(np.linalg.eigvals(magic.T @ magic).astype(np.complex128))
    phases[0] *= np.sign(np.prod(phases).real)  # their signs are free but for that of their product
    return max(1.0, float(2 * np.abs(_PAULIS @ phases).sum() ** 2 - 1))
