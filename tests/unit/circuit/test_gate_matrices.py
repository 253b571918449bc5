"""The table of gates means what Qiskit means by the same names."""

import numpy as np
import pytest

from weft.circuit.blocks import Block, controlled, inverse, of_gate
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.circuit.qiskit_gates import gate_class, lower, raise_gate, two_qubit_unitary

ANGLES = (0.7, -1.9, 2.6)


def _qiskit_matrix(gate):
    """In our order: Qiskit's first qubit is the least significant."""
    from qiskit.quantum_info import Operator

    return Operator(gate).reverse_qargs().data


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_each_gate_has_the_matrix_of_qiskits_gate_of_that_name(gate) -> None:
    code, angles = CODES[gate.name], ANGLES[: gate.angles]
    assert np.allclose(matrix_of(code, angles), _qiskit_matrix(gate_class(code)(*angles)), atol=1e-12)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_the_inverse_of_each_gate_undoes_it_phase_included(gate) -> None:
    block = of_gate(CODES[gate.name], ANGLES[: gate.angles])
    both = Block(gate.qubits)
    both.call(block, tuple(range(gate.qubits)))
    both.call(inverse(block), tuple(range(gate.qubits)))
    assert np.allclose(both.matrix(), np.eye(2**gate.qubits), atol=1e-12)


@pytest.mark.parametrize("gate", [gate for gate in GATES if gate.qubits == 1], ids=lambda gate: gate.name)
def test_a_control_acts_only_on_the_half_where_it_is_1(gate) -> None:
    block = of_gate(CODES[gate.name], ANGLES[: gate.angles])
    block.phase = 0.4
    under = controlled(block) or pytest.skip("no native control")
    expected = np.eye(4, dtype=complex)
    expected[2:, 2:] = block.matrix()
    assert np.allclose(under.matrix(), expected, atol=1e-12)


def test_a_block_goes_to_qiskit_and_back_with_its_phase() -> None:
    block = Block(2)
    block.named("h", 1)
    block.named("cu3", 1, 0, angles=ANGLES)
    block.phase = 1.1
    assert np.allclose(_qiskit_matrix(raise_gate(block)), block.matrix(), atol=1e-12)
    assert np.allclose(lower(raise_gate(block)).matrix(), block.matrix(), atol=1e-12)


def test_any_two_qubit_unitary_takes_at_most_three_cx() -> None:
    rng = np.random.default_rng(3)
    unitary, _ = np.linalg.qr(rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4)))
    block = two_qubit_unitary(unitary)
    assert np.allclose(block.matrix(), unitary, atol=1e-7)
    assert sum(code == CODES["cx"] for code, _, _ in block.ops((0, 1))) <= 3
