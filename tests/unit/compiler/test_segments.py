"""Segments against a slow definition: axes on the Bloch sphere, found from the matrices of gates by linear algebra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from unit.compiler.presences import clifford_like
from unit.program.random_cases import dynamic_circuit, random_circuit
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES, MEASURE, matrix_of
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.segments import find_segments

PAULIS = np.array([matrix_of(CODES[name]) for name in "xyz"])
ONE = np.eye(2)


@dataclass
class Piece:
    """A segment by the slow definition: its gates, and its axis at each of them as it was when the qubit's life began."""

    qubit: int
    gates: list[int]
    axes: list[np.ndarray]
    pauli: bool
    severed: bool


def axis_of(matrix: np.ndarray, operand: int) -> np.ndarray:
    """The axis n, up to its sign, such that a gate commutes with n·σ on an operand."""
    on = [np.kron(pauli, ONE) if operand == 0 else np.kron(ONE, pauli) for pauli in PAULIS]
    commutators = np.array([(matrix @ pauli - pauli @ matrix).ravel() for pauli in on]).T
    _, values, vectors = np.linalg.svd(np.concatenate((commutators.real, commutators.imag)))
    assert values[-1] < 1e-9 < values[-2], "the gate must be diagonal along one axis and no other"
    return vectors[-1]


def pauli_axes(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A and B with signs if the gate is (1 + A + B − AB)/2 up to a global phase; None if it is not a controlled Pauli."""
    axes = axis_of(matrix, 0), axis_of(matrix, 1)
    for first in (axes[0], -axes[0]):
        for second in (axes[1], -axes[1]):
            a, b = np.kron(np.tensordot(first, PAULIS, 1), ONE), np.kron(ONE, np.tensordot(second, PAULIS, 1))
            if abs(abs(np.vdot(np.eye(4) + a + b - a @ b, matrix)) - 8) < 1e-9:
                return first, second
    return None


def slow_pieces(circuit: Circuit) -> tuple[list[list[Piece]], list[tuple[Piece, Piece]]]:
    """The segments of each qubit, and the two of each two-qubit gate."""
    lives: list[list[Piece]] = [[] for _ in range(circuit.num_qubits)]
    turned = [ONE.astype(complex) for _ in range(circuit.num_qubits)]
    broken = [False] * circuit.num_qubits
    gates: list[tuple[Piece, Piece]] = []
    for row, code in enumerate(circuit.opcodes.tolist()):
        first, second = circuit.qubits[row].tolist()
        conditional = bool(circuit.condition(row))
        if second < 0:
            if code >= MEASURE or conditional:
                broken[first] = True
            else:
                matrix = matrix_of(code, tuple(circuit.angles[row][: GATES[code].angles].tolist()))
                turned[first] = matrix @ turned[first]
            continue
        matrix = matrix_of(code, tuple(circuit.angles[row][: GATES[code].angles].tolist()))
        signed = pauli_axes(matrix)
        both = []
        for operand, qubit in enumerate((first, second)):
            axis = axis_of(matrix, operand) if signed is None else signed[operand]
            back = turned[qubit].conj().T @ np.tensordot(axis, PAULIS, 1) @ turned[qubit]
            axis = np.array([np.trace(back @ pauli).real / 2 for pauli in PAULIS])
            life = lives[qubit]
            if not life or broken[qubit] or abs(abs(life[-1].axes[-1] @ axis) - 1) > 1e-9:
                life.append(Piece(qubit, [], [], True, broken[qubit]))
                broken[qubit] = False
            life[-1].gates.append(len(gates))
            life[-1].axes.append(axis)
            life[-1].pauli &= signed is not None and not conditional
            both.append(life[-1])
        gates.append((both[0], both[1]))
    for qubit, life in enumerate(lives):
        if not life:
            life.append(Piece(qubit, [], [], False, False))
    return lives, gates


def may_be_kept(life: list[Piece], place: int) -> bool:
    """Neighbours share an axis, its own is at right angles, all its gates are the same controlled Pauli, nothing intervenes."""
    if not 0 < place < len(life) - 1:
        return False
    before, here, after = life[place - 1 : place + 2]
    return (
        not here.severed
        and not after.severed
        and here.pauli
        and all(axis @ here.axes[0] > 1 - 1e-9 for axis in here.axes)
        and abs(before.axes[-1] @ here.axes[0]) < 1e-9
        and abs(abs(before.axes[-1] @ after.axes[0]) - 1) < 1e-9
    )


def without_cu3(circuit: Circuit) -> Circuit:
    """A cu3 may be a controlled Pauli with a phase; see `test_diagonal_forms` for that."""
    builder = CircuitBuilder(circuit.num_qubits)
    builder.add_bits(circuit.num_clbits)
    for row, code in enumerate(circuit.opcodes.tolist()):
        if code != CODES["cu3"]:
            builder.append(
                code,
                circuit.qubits[row].tolist(),
                circuit.angles[row].tolist(),
                int(circuit.clbits[row]),
                circuit.condition(row),
            )
    return builder.build()


@pytest.mark.parametrize("seed", range(150))
def test_segments_are_those_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits, gates = int(rng.integers(1, 7)), int(rng.integers(0, 60))
    if seed % 3 == 0:
        circuit = (dynamic_circuit if seed % 2 else random_circuit)(rng, qubits, gates)
    else:
        circuit = without_cu3(clifford_like(rng, qubits, gates, dynamic=seed % 3 == 2))
    circuit, _ = with_teleportable_gates(circuit)
    segments = find_segments(circuit)
    lives, gates_of = slow_pieces(circuit)
    pieces = [piece for life in lives for piece in life]
    assert segments.offsets.tolist() == np.cumsum([0, *map(len, lives)]).tolist()
    assert segments.qubits.tolist() == [piece.qubit for piece in pieces]
    assert segments.first_gate.tolist() == [piece.gates[0] if piece.gates else -1 for piece in pieces]
    assert segments.severed.tolist() == [piece.severed for piece in pieces]
    place = {id(piece): position for position, piece in enumerate(pieces)}
    assert segments.gates.tolist() == [[place[id(first)], place[id(second)]] for first, second in gates_of]
    assert np.array_equal(segments.of[:, 0] >= 0, circuit.qubits[:, 1] >= 0)
    expected = [may_be_kept(life, position) for life in lives for position in range(len(life))]
    assert segments.embeddable.tolist() == expected


def test_random_circuits_have_embeddable_segments() -> None:
    """Otherwise the test above would say nothing about them."""
    found = 0
    for seed in range(20):
        segments = find_segments(with_teleportable_gates(clifford_like(np.random.default_rng(seed), 5, 60))[0])
        found += int(segments.embeddable.sum())
    assert found > 100


def middle_of(*turns: str, gate: str = "cx", angles=(), condition=()) -> tuple[bool, float]:
    """Whether the middle one of three segments of qubit 0 is embeddable, and its azimuth; `turns` are around it."""
    builder = CircuitBuilder(3)
    builder.add_bits(1)
    builder.gate("cz", 0, 1)
    builder.gate("s", 0)
    for _ in range(2):
        builder.gate(gate, 2, 0, angles=angles, condition=condition)
        for name in turns:
            builder.gate(name, 0)
    builder.gate("cz", 0, 1)
    segments = find_segments(builder.build())
    assert len(np.flatnonzero(segments.qubits == 0)) >= 3
    return bool(segments.embeddable[1]), float(segments.azimuth[1])


def test_a_cx_between_two_cz_is_embeddable_and_a_rotation_is_not() -> None:
    """A CX that S has turned: its axis is S† X S = −Y of the basis before."""
    embeddable, azimuth = middle_of()
    assert embeddable
    assert azimuth == pytest.approx(-np.pi / 2)
    assert not middle_of(gate="crx", angles=[np.pi / 2])[0]
    assert not middle_of(gate="cx", condition=[(0, 1)])[0]
    assert not middle_of("z")[0]  # a turn of the axis about; the two CX then differ by a Z on their control
    assert middle_of("x")[0]  # about its own axis


def test_idle_qubits_have_one_segment_without_gates() -> None:
    builder = CircuitBuilder(3)
    builder.gate("h", 1)
    builder.gate("cz", 0, 2)
    segments = find_segments(builder.build())
    assert segments.offsets.tolist() == [0, 1, 2, 3]
    assert segments.first_gate.tolist() == [0, -1, 0]
    assert not find_segments(CircuitBuilder(2).build()).embeddable.any()
