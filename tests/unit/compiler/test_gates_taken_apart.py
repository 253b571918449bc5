"""Gates are taken apart into gates that a teleported copy can serve, and stay what they were."""

import numpy as np
import pytest

from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler.decompose import decompose, with_teleportable_gates
from weft.compiler.forms import has_diagonal_form

TWO_QUBIT = [gate for gate in GATES if gate.qubits == 2]
APART = {"swap", "iswap", "dcx", "ecr"}
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


def schmidt_rank(matrix: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(matrix.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4), tol=1e-9))


@pytest.mark.parametrize("gate", TWO_QUBIT, ids=lambda gate: gate.name)
def test_the_steps_of_a_gate_are_the_gate(gate) -> None:
    rng = np.random.default_rng(3)
    for angles in [*rng.uniform(-7, 7, (20, gate.angles)).tolist(), [0.0] * gate.angles, [np.pi] * gate.angles]:
        steps = decompose(gate.name, tuple(angles))
        overlap = np.vdot(matrix_of(CODES[gate.name], angles), matrix_of_steps(steps))
        assert abs(abs(overlap) - 4) < 1e-12


@pytest.mark.parametrize("gate", TWO_QUBIT, ids=lambda gate: gate.name)
def test_a_gate_takes_the_fewest_steps_that_a_copy_can_serve(gate) -> None:
    """A gate with a diagonal form has operator Schmidt rank 2; rank 4 takes two of them, and SWAP is known to take three."""
    angles = (0.3, 0.7, -0.2)[: gate.angles]
    remote = [step for step in decompose(gate.name, angles) if len(step[1]) == 2]
    assert len(remote) == REMOTE_STEPS.get(gate.name, 1)
    assert (len(remote) == 1) == (schmidt_rank(matrix_of(CODES[gate.name], angles)) == 2)
    for name, _, step_angles in remote:
        assert has_diagonal_form(CODES[name])
        assert schmidt_rank(matrix_of(CODES[name], step_angles)) == 2


def test_only_what_has_no_diagonal_form_is_taken_apart() -> None:
    """ECR has one, but only with turns that are not written as such; the other three have none."""
    assert {gate.name for gate in TWO_QUBIT if not has_diagonal_form(CODES[gate.name])} == APART
    builder = CircuitBuilder(2)
    for gate in TWO_QUBIT:
        if gate.name not in APART:
            builder.gate(gate.name, 0, 1, angles=(0.3, 0.7, -0.2)[: gate.angles])
    circuit = builder.build()
    assert with_teleportable_gates(circuit) == (circuit, {})


def test_conditions_bits_and_registers_stay_with_their_gates() -> None:
    builder = CircuitBuilder(3, name="mixed")
    builder.add_register("c", 1)
    builder.gate("cz", 0, 1, condition=[(0, 1)])
    builder.gate("swap", 1, 2, condition=[(0, 1)])
    builder.measure(1, 0, condition=[(0, 0)])
    builder.reset(2)
    builder.gate("crx", 2, 0, angles=[0.5])
    circuit, _ = with_teleportable_gates(builder.build())
    cz, cx = CODES["cz"], CODES["cx"]
    assert circuit.opcodes.tolist()[:4] == [cz, cx, cx, cx]
    assert circuit.qubits.tolist()[:4] == [[0, 1], [1, 2], [2, 1], [1, 2]]
    assert [circuit.condition(row) for row in range(7)] == [((0, 1),)] * 4 + [((0, 0),), (), ()]
    assert circuit.clbits.tolist() == [-1, -1, -1, -1, 0, -1, -1]
    assert circuit.angles[6, 0] == 0.5
    assert circuit.registers == builder.build().registers
    assert circuit.name == "mixed"
