"""How Clifford gates turn Paulis, against their matrices."""

import itertools

import numpy as np
import pytest

from weft.circuit.gates import CODES, GATES, matrix_of
from weft.network import QPU, Network
from weft.program import ProgramBuilder
from weft.simulator.frames.clifford import clifford_gate, gate_kinds

PAULIS = [np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, -1]]), np.array([[0, -1j], [1j, 0]])]


def operator(bits):
    """The product of Paulis with the bits x, z of each operand."""
    matrix = np.eye(1)
    for x, z in np.reshape(bits, (-1, 2)):
        matrix = np.kron(matrix, PAULIS[x + 2 * z])
    return matrix


def is_clifford(unitary, width):
    """Whether the images of all Paulis are Paulis."""
    everything = [operator(bits) for bits in itertools.product((0, 1), repeat=width)]
    images = [unitary @ pauli @ unitary.conj().T for pauli in everything]
    return all(max(abs(np.trace(pauli @ image)) for pauli in everything) > len(unitary) - 1e-6 for image in images)


@pytest.mark.parametrize("code", range(len(GATES)), ids=[gate.name for gate in GATES])
def test_the_action_is_that_of_the_matrix(code):
    """U P U† is ± the Pauli that the action says, for all P and all multiples of π/2; and None is said where it is no Pauli."""
    width = 2 * GATES[code].qubits
    for angles in itertools.product(np.pi / 2 * np.arange(-1, 4), repeat=GATES[code].angles):
        unitary, gate = matrix_of(code, angles), clifford_gate(code, angles)
        assert (gate is not None) == is_clifford(unitary, width)
        if gate is None:
            continue
        for bits in itertools.product((0, 1), repeat=width):
            image = unitary @ operator(bits) @ unitary.conj().T
            expected = operator(gate.action[:width, :width] @ np.array(bits) % 2)
            assert abs(np.trace(expected @ image).real) == pytest.approx(len(unitary), abs=1e-5)


@pytest.mark.parametrize("angle", [1e-3, 0.05, 0.3, 0.6, np.pi / 2 - 0.3, np.pi + 1e-3])
@pytest.mark.parametrize(
    "code", [code for code, gate in enumerate(GATES) if gate.angles == 1], ids=lambda code: GATES[code].name
)
def test_a_gate_near_a_clifford_gate_is_none(code, angle):
    """Stim alone would round angles that are up to 2/3 away, so that circuits of small rotations would lose them."""
    assert clifford_gate(code, (angle,)) is None


@pytest.mark.parametrize("code", [CODES["rx"], CODES["rzz"], CODES["p"]])
def test_an_angle_that_a_file_has_rounded_is_what_it_was(code):
    assert clifford_gate(code, (round(np.pi, 6),)) is not None


def test_gates_that_differ_in_their_angles_are_told_apart():
    builder = ProgramBuilder(Network("one", (QPU("A", 1),), ()))
    builder.add_qubit("A.d0", 0)
    for name, angles in (("rx", [0.5]), ("h", []), ("rx", [1.5]), ("rx", [0.5])):
        builder.gate(name, 0, angles=angles)
    builder.reset(0)
    kinds, rows, which = gate_kinds(builder.build())
    assert rows.tolist() == [0, 1, 2, 3]
    assert [kinds[k] for k in which] == [
        (CODES["rx"], (0.5,)), (CODES["h"], ()), (CODES["rx"], (1.5,)), (CODES["rx"], (0.5,)),
    ]  # fmt: skip
    assert len(kinds) == 3
