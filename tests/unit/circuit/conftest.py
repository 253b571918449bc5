"""An exact simulator of small circuits, every branch of every measurement followed."""

from collections import defaultdict

import numpy as np
import pytest

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET, matrix_of


def _apply(state, matrix, qubits):
    count = len(qubits)
    gate = matrix.reshape((2,) * (2 * count))
    state = np.tensordot(gate, state, (range(count, 2 * count), qubits))
    return np.moveaxis(state, range(count), qubits)


def _halves(state, qubit):
    for value in (0, 1):
        half = state.copy()
        half[(slice(None),) * qubit + (1 - value,)] = 0
        if np.linalg.norm(half) > 1e-9:
            yield value, half


def _step(circuit, row, bits, state):
    code = circuit.opcodes[row]
    qubits = [int(qubit) for qubit in circuit.qubits[row] if qubit >= 0]
    if any(bits[bit] != value for bit, value in circuit.condition(row)):
        yield bits, state
    elif code == MEASURE:
        for value, half in _halves(state, qubits[0]):
            after = list(bits)
            after[circuit.clbits[row]] = value
            yield tuple(after), half
    elif code == RESET:
        for value, half in _halves(state, qubits[0]):
            yield bits, np.flip(half, qubits[0]) if value else half
    else:
        yield bits, _apply(state, matrix_of(code, circuit.angles[row]), qubits)


@pytest.fixture
def outcomes():
    """A function from a circuit to the probabilities of its classical bits, bit 0 rightmost."""

    def run(circuit: Circuit) -> dict[str, float]:
        start = np.zeros((2,) * circuit.num_qubits, dtype=complex)
        start[(0,) * circuit.num_qubits] = 1
        branches = [((0,) * circuit.num_clbits, start)]
        for row in range(len(circuit)):
            branches = [after for bits, state in branches for after in _step(circuit, row, bits, state)]
        result: dict[str, float] = defaultdict(float)
        for bits, state in branches:
            result["".join(map(str, reversed(bits)))] += float(np.linalg.norm(state) ** 2)
        return {bits: round(probability, 9) for bits, probability in result.items()}

    return run


@pytest.fixture
def same_operator():
    """Whether a circuit of ours and one of Qiskit's, both unitary, agree up to a global phase."""

    def compare(ours: Circuit, theirs) -> bool:
        from qiskit.quantum_info import Operator

        from weft.circuit import to_qiskit

        return Operator(to_qiskit(ours)).equiv(Operator(theirs))

    return compare
