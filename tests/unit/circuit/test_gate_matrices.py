"""The table of gates means what Qiskit means by the same names."""

import numpy as np
import pytest

from weft.circuit.blocks import toffoli
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.circuit.qiskit_gates import gate_class, lower, multi_controlled_phase, two_qubit_unitary

ANGLES = (0.7, -1.9, 2.6)


def _qiskit_matrix(gate):
    """In our order: Qiskit's first qubit is the least significant."""
    from qiskit.quantum_info import Operator

    return Operator(gate).reverse_qargs().data


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_each_gate_has_the_matrix_of_qiskits_gate_of_that_name(gate) -> None:
    code, angles = CODES[gate.name], ANGLES[: gate.angles]
    assert np.allclose(matrix_of(code, angles), _qiskit_matrix(gate_class(code)(*angles)), atol=1e-12)


def _same_up_to_phase(first, second) -> bool:
    return abs(np.vdot(first, second)) == pytest.approx(len(first), abs=1e-7)


def test_larger_gates_are_qiskits() -> None:
    from qiskit.circuit.library import CCXGate, MCPhaseGate

    assert _same_up_to_phase(toffoli().matrix(), _qiskit_matrix(CCXGate()))
    assert _same_up_to_phase(lower(CCXGate()).matrix(), _qiskit_matrix(CCXGate()))
    assert _same_up_to_phase(multi_controlled_phase(0.7, 3).matrix(), _qiskit_matrix(MCPhaseGate(0.7, 3)))


def test_any_two_qubit_unitary_takes_at_most_three_cx() -> None:
    rng = np.random.default_rng(3)
    unitary, _ = np.linalg.qr(rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4)))
    block = two_qubit_unitary(unitary)
    assert _same_up_to_phase(block.matrix(), unitary)
    assert sum(code == CODES["cx"] for code, _, _ in block.ops((0, 1))) <= 3
