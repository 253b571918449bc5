"""Operators of small circuits by brute force, from the matrices of their gates; qubit 0 is the most significant."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET, matrix_of


def applied(matrix: np.ndarray, operator: np.ndarray, qubits: list[int], num_qubits: int) -> np.ndarray:
    """A gate after an operator, shape (2^n, anything)."""
    tensor = operator.reshape((2,) * num_qubits + (-1,))
    gate = matrix.reshape((2,) * (2 * len(qubits)))
    tensor = np.tensordot(gate, tensor, (range(len(qubits), 2 * len(qubits)), qubits))
    return np.moveaxis(tensor, range(len(qubits)), qubits).reshape(operator.shape)


def unitary_of(circuit: Circuit) -> np.ndarray:
    """The unitary of a circuit that neither measures nor resets."""
    [operator] = branches_of(circuit).values()
    return operator


def branches_of(circuit: Circuit) -> dict[tuple[int, ...], np.ndarray]:
    """The operator of every branch, by the outcomes of its measurements and resets in the circuit's order."""
    branches = {(): (np.eye(2**circuit.num_qubits, dtype=complex), (0,) * circuit.num_clbits)}
    for row, code in enumerate(circuit.opcodes.tolist()):
        qubits = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        after = {}
        for outcomes, (operator, bits) in branches.items():
            if any(bits[bit] != value for bit, value in circuit.condition(row)):
                after[outcomes] = operator, bits
            elif code in {MEASURE, RESET}:
                for value in (0, 1):
                    matrix = np.zeros((2, 2), dtype=complex)
                    matrix[value if code == MEASURE else 0, value] = 1
                    written = list(bits)
                    if code == MEASURE:
                        written[int(circuit.clbits[row])] = value
                    branch = applied(matrix, operator, qubits, circuit.num_qubits)
                    after[*outcomes, value] = branch, tuple(written)
            else:
                matrix = matrix_of(code, tuple(circuit.angles[row][: GATES[code].angles].tolist()))
                after[outcomes] = applied(matrix, operator, qubits, circuit.num_qubits), bits
        branches = after
    return {outcomes: operator for outcomes, (operator, _) in branches.items()}


def unitary_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The least operator norm of the difference over all phases: from the largest gap between the eigenphases of U†V."""
    phases = np.sort(np.angle(np.linalg.eigvals(first.conj().T @ second)))
    gap = np.max(np.diff(phases, append=phases[0] + 2 * np.pi))
    return float(2 * np.sin((2 * np.pi - gap) / 4))


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """The same for any operators, by search from the phase of their overlap; never too small."""
    start = np.angle(np.vdot(second, first))
    norm = lambda phase: np.linalg.norm(first - np.exp(1j * phase) * second, 2)
    found = minimize_scalar(norm, bounds=(start - 1, start + 1), method="bounded", options={"xatol": 1e-12})
    return float(min(norm(start), found.fun))
