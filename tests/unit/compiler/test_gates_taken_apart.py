"""Gates are taken apart into gates that a teleported copy can serve, and stay what they were."""

import numpy as np
import pytest

from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES, diagonal_operands, matrix_of
from weft.compiler.decompose import decompose, needs_decomposition, with_teleportable_gates

TWO_QUBIT = [gate for gate in GATES if gate.qubits == 2]
REMOTE_STEPS = {"swap": 3, "iswap": 2, "dcx": 2}


def matrix_of_steps(steps) -> np.ndarray:
    product = np.eye(4, dtype=complex)
    for name, places, angles in steps:
        matrix = matrix_of(CODES[name], angles)
        if places == (0,):
            matrix = np.kron(matrix, np.eye(2))
        elif places == (1,):
            matrix = np.kron(np.eye(2), matrix)
        elif places == (1, 0):
            exchange = matrix_of(CODES["swap"])
            matrix = exchange @ matrix @ exchange
        product = matrix @ product
    return product


@pytest.mark.parametrize("gate", TWO_QUBIT, ids=lambda gate: gate.name)
def test_the_steps_of_a_gate_are_the_gate(gate) -> None:
    rng = np.random.default_rng(3)
    for angles in [*rng.uniform(-7, 7, (20, gate.angles)).tolist(), [0.0] * gate.angles, [np.pi] * gate.angles]:
        steps = decompose(gate.name, tuple(angles))
        overlap = np.vdot(matrix_of(CODES[gate.name], angles), matrix_of_steps(steps))
        assert abs(abs(overlap) - 4) < 1e-12


@pytest.mark.parametrize("gate", TWO_QUBIT, ids=lambda gate: gate.name)
def test_a_gate_takes_the_fewest_steps_that_a_copy_can_serve(gate) -> None:
    """The ranks of the operator Schmidt decomposition say that SWAP, iSWAP and DCX cannot do with fewer."""
    angles = (0.3, 0.7, -0.2)[: gate.angles]
    remote = [step for step in decompose(gate.name, angles) if len(step[1]) == 2]
    assert len(remote) == REMOTE_STEPS.get(gate.name, 1)
    for name, _, step_angles in remote:
        assert any(diagonal_operands(CODES[name], step_angles))


def test_what_needs_no_decomposition_is_left_alone() -> None:
    needing = {gate.name for gate in TWO_QUBIT if needs_decomposition(CODES[gate.name], (0.1, 0.2, 0.3))}
    assert needing == {"swap", "iswap", "dcx", "ecr", "rxx", "ryy"}
    assert not any(needs_decomposition(CODES[gate.name], (0.1, 0.2, 0.3)) for gate in GATES if gate.qubits == 1)
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    builder.gate("rxx", 0, 1, angles=[0.0])  # the identity, so it is diagonal
    circuit = builder.build()
    assert with_teleportable_gates(circuit) is circuit


def test_only_gates_between_qpus_are_taken_apart() -> None:
    builder = CircuitBuilder(3)
    builder.add_register("c", 1)
    builder.gate("swap", 0, 1, condition=[(0, 1)])
    builder.gate("swap", 1, 2, condition=[(0, 1)])
    builder.measure(1, 0, condition=[(0, 0)])
    builder.reset(2)
    circuit = with_teleportable_gates(builder.build(), np.array([0, 0, 1]))
    swap, cx = CODES["swap"], CODES["cx"]
    assert circuit.opcodes.tolist()[:4] == [swap, cx, cx, cx]
    assert circuit.qubits.tolist()[:4] == [[0, 1], [1, 2], [2, 1], [1, 2]]
    assert [circuit.condition(row) for row in range(6)] == [((0, 1),)] * 4 + [((0, 0),), ()]
    assert circuit.clbits.tolist() == [-1, -1, -1, -1, 0, -1]
    assert circuit.registers == builder.build().registers
    assert len(with_teleportable_gates(builder.build())) == 8
