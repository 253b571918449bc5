"""An approximated circuit is as near to its original as it says, and has fewer two-qubit gates."""

import math
from dataclasses import replace

import numpy as np
import pytest

from unit.compiler.operators import applied, branches_of, distance, unitary_distance, unitary_of
from unit.program.interpreters import agrees
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit
from weft.circuit import Circuit, CircuitBuilder, load_circuit
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler import compile_circuit
from weft.compiler.approximate import Approximation, approximate
from weft.compiler.rotations import ANY_AXIS, NO_AXIS, PAULIS, axes_of, find_rotations
from weft.errors import InvalidValueError

ROUNDING = 1e-12
TINY = 1e-9
ONE_ANGLE = ["cp", "crx", "cry", "crz", "rxx", "ryy", "rzz", "rzx"]


def circuit_of(qubits: int, *gates: tuple) -> Circuit:
    """Gates as (name, qubits, angles)."""
    builder = CircuitBuilder(qubits)
    for name, operands, *angles in gates:
        builder.gate(name, *operands, angles=angles)
    return builder.build()


def accounts(approximation: Approximation, circuit: Circuit) -> bool:
    """Every two-qubit gate is there, or merged, or dropped."""
    gone = approximation.dropped_gates + approximation.merged_gates
    return approximation.circuit.two_qubit_gates + gone == circuit.two_qubit_gates


def small_rotations(rng: np.random.Generator, qubits: int, gates: int, scale: float) -> Circuit:
    """Rotations of all kinds with angles near multiples of π, between local gates."""
    names = [*ONE_ANGLE, "cu3", "cz", "cs", "csdg"]
    builder = CircuitBuilder(qubits)
    for _ in range(gates):
        name = names[int(rng.integers(len(names)))]
        count = GATES[CODES[name]].angles
        near = (
            rng.integers(-4, 5, count) * np.pi
            if count < 3
            else np.array([1, 0, 0]) * rng.integers(-4, 5, count) * np.pi
        )
        builder.gate(
            name,
            *rng.choice(qubits, 2, replace=False).tolist(),
            angles=(near + scale * rng.normal(size=count)).tolist(),
        )
        local = str(rng.choice(["h", "t", "x", "sx", "ry", "id"]))
        angles = [0.7] if local == "ry" else []
        builder.gate(local, int(rng.integers(qubits)), angles=angles)
    return builder.build()


@pytest.mark.parametrize("seed", range(120))
def test_the_distance_is_within_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits, gates = int(rng.integers(2, 7)), int(rng.integers(1, 40))
    if seed % 2:
        circuit = small_rotations(rng, qubits, gates, 10.0 ** -rng.integers(1, 6))
    else:
        circuit = random_circuit(rng, qubits, gates)
        circuit = replace(circuit, angles=circuit.angles * 10.0 ** -rng.integers(0, 4))
    epsilon = float(10 ** rng.uniform(-5, 0.3))
    approximation = approximate(circuit, epsilon)
    assert accounts(approximation, circuit)
    assert approximation.error_bound <= epsilon
    found = unitary_distance(unitary_of(circuit), unitary_of(approximation.circuit))
    assert found <= approximation.error_bound + ROUNDING


@pytest.mark.parametrize("epsilon", [1e-3, 0.1, 1.5])
@pytest.mark.parametrize("name", ["qft:7", "wstate:6", "qaoa:6x2", "qv:6", "grover:5"])
def test_the_distance_is_within_the_bound_for_known_circuits(name: str, epsilon: float) -> None:
    check_distance(name, epsilon)


def test_the_distance_is_within_the_bound_on_eight_qubits() -> None:
    check_distance("qft:8", 0.1)


def check_distance(name: str, epsilon: float) -> None:
    circuit = load_circuit(name)
    approximation = approximate(circuit, epsilon)
    assert accounts(approximation, circuit)
    found = unitary_distance(unitary_of(circuit), unitary_of(approximation.circuit))
    assert found <= approximation.error_bound + ROUNDING <= epsilon + ROUNDING


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_holds_in_every_branch(seed: int) -> None:
    """With measurements, resets and conditions, which stay where they are."""
    rng = np.random.default_rng(seed)
    circuit = dynamic_circuit(rng, int(rng.integers(2, 5)), 18)
    circuit = replace(circuit, angles=circuit.angles * 10.0 ** -rng.integers(0, 3))
    epsilon = float(10 ** rng.uniform(-3, 0.2))
    approximation = approximate(circuit, epsilon)
    assert accounts(approximation, circuit)
    assert approximation.circuit.registers == circuit.registers
    branches, others = branches_of(circuit), branches_of(approximation.circuit)
    assert branches.keys() == others.keys()
    for outcomes, operator in branches.items():
        assert distance(operator, others[outcomes]) <= approximation.error_bound + 1e-8  # of the search for the phase


@pytest.mark.parametrize("name", [*ONE_ANGLE, "cu3"])
@pytest.mark.parametrize("turns", [-3, -1, 0, 1, 2, 4])
def test_a_lone_rotation_costs_exactly_its_bound(name: str, turns: int) -> None:
    """Near each angle at which it is local: cp and controlled ones by an eighth, the others by a quarter of what is missing."""
    controlled = name.startswith("c")
    away = 1e-3
    period = 2 * np.pi if controlled else np.pi
    angles = [turns * period + away, *([0.4, -0.4] if name == "cu3" else [])]
    circuit = circuit_of(2, (name, (0, 1), *angles))
    approximation = approximate(circuit, 0.01)
    assert approximation.circuit.two_qubit_gates == 0
    expected = 2 * math.sin(away / (8 if controlled else 4))
    assert approximation.error_bound == pytest.approx(expected, rel=1e-9)
    found = unitary_distance(unitary_of(circuit), unitary_of(approximation.circuit))
    assert found == pytest.approx(expected, rel=1e-6)
    assert approximate(circuit, expected * 0.99).circuit == circuit


@pytest.mark.parametrize("name", [*ONE_ANGLE, "cu3", "cz", "cs", "csdg"])
def test_a_rotation_is_what_its_parts_are(name: str) -> None:
    rng = np.random.default_rng(1)
    size = GATES[CODES[name]].angles
    paulis = [matrix_of(CODES[axis]) for axis in PAULIS]
    for angles in [
        *rng.uniform(-20, 20, (30, size)).tolist(),
        [0.0] * size,
        [np.pi] * size,
        [2 * np.pi] * size,
        [1e9] * size,
    ]:
        circuit = circuit_of(2, (name, (0, 1), *angles))
        rotations = find_rotations(circuit)
        first, second = (
            sum(part * pauli for part, pauli in zip(axis, paulis, strict=True)) for axis in rotations.axes[0]
        )
        one = np.eye(2)
        turned = [np.kron(first, one), np.kron(one, second), np.kron(first, second)]
        product = np.eye(4)
        for axis, angle in zip(turned, [*rotations.turns[0], rotations.theta[0]], strict=True):
            product = product @ (np.cos(angle / 2) * np.eye(4) - 1j * np.sin(angle / 2) * axis)
        assert abs(np.vdot(product, unitary_of(circuit))) == pytest.approx(
            4, abs=1e-6 if angles and angles[0] == 1e9 else 1e-12
        )


def test_tiny_angles_are_all_accounted_for() -> None:
    """They are far below the rounding of the matrices, and their errors add up all the same."""
    phi = 2 * math.pi / 2**60
    circuit = circuit_of(4, *[gate for k in range(50) for gate in (("cp", (k % 3, 3), phi), ("h", (3,)))])
    one = 2 * math.sin(phi / 8)
    approximation = approximate(circuit, 0.1)
    assert approximation.dropped_gates == 50
    assert approximation.error_bound >= 50 * one
    assert approximation.error_bound == pytest.approx(50 * one, rel=1e-9)
    some = approximate(circuit, 20.5 * one)
    assert (some.dropped_gates, some.circuit.two_qubit_gates) == (20, 30)
    tilted = circuit_of(2, ("cu3", (0, 1), phi, 0.0, 0.0), ("cu3", (0, 1), 0.0, 0.3, -0.3 + phi))
    assert approximate(tilted, 0.1).error_bound >= 0.9 * one


@pytest.mark.parametrize("qubits", [8, 16, 32, 64])
@pytest.mark.parametrize("epsilon", [0.1, 1e-3])
def test_a_fourier_transform_keeps_few_gates(qubits: int, epsilon: float) -> None:
    """At most n turn by π/2^d and cost π/2^d/4, those of all d > m together nπ/2^m/4, so m = log2(n/ε) + 1 is enough."""
    circuit = load_circuit(f"qft:{qubits}")
    approximation = approximate(circuit, epsilon)
    assert approximation.error_bound <= epsilon
    assert approximation.circuit.two_qubit_gates <= qubits * (math.log2(qubits / epsilon) + 1)
    assert approximation.merged_gates == 0
    assert len(approximation.circuit) <= approximation.circuit.two_qubit_gates + 3 * qubits
    if qubits == 64 and epsilon == 0.1:
        assert approximation.circuit.two_qubit_gates < circuit.two_qubit_gates / 3


@pytest.mark.parametrize("name", ONE_ANGLE)
def test_equal_rotations_are_added_up(name: str) -> None:
    circuit = circuit_of(2, (name, (0, 1), 0.3), (name, (0, 1), 0.5))
    approximation = approximate(circuit, TINY)
    assert (approximation.merged_gates, approximation.dropped_gates, approximation.error_bound) == (1, 0, 0)
    assert approximation.circuit == circuit_of(2, (name, (0, 1), 0.8))


def test_rotations_meet_across_what_commutes() -> None:
    gates = [
        ("cp", (0, 1), 0.4),
        ("t", (0,)),
        ("cx", (1, 2)),
        ("crz", (2, 0), 0.3),
        ("rzx", (1, 3), 0.2),
        ("id", (1,)),
        ("cz", (1, 0)),
        ("rzz", (0, 1), 0.9),
    ]
    circuit = circuit_of(4, *gates)
    approximation = approximate(circuit, TINY)
    assert (approximation.merged_gates, approximation.dropped_gates) == (2, 0)
    assert unitary_distance(unitary_of(circuit), unitary_of(approximation.circuit)) < 1e-7
    assert approximation.circuit.opcodes[0] == CODES["cp"]


@pytest.mark.parametrize("between", [("h", (0,)), ("x", (1,)), ("cx", (2, 0)), ("rxx", (1, 2), 0.1), ("swap", (1, 2))])
def test_rotations_do_not_meet_across_what_does_not(between: tuple) -> None:
    circuit = circuit_of(3, ("cp", (0, 1), 0.4), between, ("cp", (0, 1), 0.3))
    assert approximate(circuit, TINY).circuit is circuit


def test_rotations_do_not_meet_across_measurements_and_conditions() -> None:
    for event in ("measure", "reset", "condition"):
        builder = CircuitBuilder(2)
        builder.add_register("c", 1)
        condition = [(0, 0)] if event == "condition" else []
        builder.gate("cz", 0, 1, condition=condition)
        if event == "measure":
            builder.measure(0, 0)
        if event == "reset":
            builder.reset(1)
        builder.gate("cz", 0, 1, condition=condition)
        circuit = builder.build()
        assert approximate(circuit, TINY).circuit is circuit


@pytest.mark.parametrize("seed", range(10))
def test_what_comes_out_compiles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = dynamic_circuit(rng, 4, 25)
    approximation = approximate(replace(circuit, angles=circuit.angles * 0.1), 0.1)
    compilation = compile_circuit(approximation.circuit, network_of("all", [2, 2]), effort="fast")
    assert agrees(compilation.program, compilation.circuit, seed)


def test_what_adds_up_to_nothing_vanishes() -> None:
    pairs = [("cz",), ("cs", "csdg"), ("cp", 0.25, -0.25), ("rxx", 0.75, -0.75), ("crx", 3.0, -3.0)]
    for name, *rest in pairs:
        if not rest:
            gates = [(name, (0, 1)), (name, (1, 0))]
        elif isinstance(rest[0], str):
            gates = [(name, (0, 1)), (rest[0], (0, 1))]
        else:
            gates = [(name, (0, 1), angle) for angle in rest]
        approximation = approximate(circuit_of(2, *gates), TINY)
        assert len(approximation.circuit) == 0
        assert approximation.error_bound < 1e-15
    local = approximate(circuit_of(2, ("rzz", (0, 1), 3.0), ("rzz", (0, 1), np.pi - 3.0)), TINY).circuit
    assert local.two_qubit_gates == 0
    assert len(local) == 2


def test_angles_of_any_size_are_right() -> None:
    """Their sum as floats would be far off."""
    circuit = circuit_of(2, ("cp", (0, 1), 1e17), ("cp", (0, 1), 1.0), ("rzz", (1, 0), -1e200))
    approximation = approximate(circuit, TINY)
    assert approximation.merged_gates == 2
    assert unitary_distance(unitary_of(circuit), unitary_of(approximation.circuit)) < 1e-7
    assert np.linalg.norm(phaseless(circuit) - phaseless(approximation.circuit), 2) < ROUNDING


def phaseless(circuit: Circuit) -> np.ndarray:
    operator = unitary_of(circuit)
    return operator / operator[0, 0] * abs(operator[0, 0])


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_allowed_so_nothing_happens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = circuit_of(2, ("cp", (0, 1), 0.0), ("cz", (0, 1)), ("cz", (0, 1)))
    for original in (circuit, dynamic_circuit(rng, 3, 20)):
        assert approximate(original, 0) == Approximation(original, 0.0, 0, 0)
        assert approximate(original, 0.0).circuit is original


@pytest.mark.parametrize("epsilon", [-1e-9, 2, 2.5, math.nan, math.inf, -math.inf])
def test_epsilon_must_make_sense(epsilon: float) -> None:
    with pytest.raises(InvalidValueError, match="`epsilon` must be at least 0 and below 2, but is"):
        approximate(load_circuit("ghz:2"), epsilon)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_again_and_nothing_left_to_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = small_rotations(rng, 4, 60, 0.01)
    first, second = approximate(circuit, 0.02), approximate(circuit, 0.02)
    assert first.circuit == second.circuit
    assert first == Approximation(first.circuit, second.error_bound, second.dropped_gates, second.merged_gates)
    again = approximate(first.circuit, max(0.02 - first.error_bound, 0.0))
    assert again.dropped_gates == 0


def test_a_circuit_without_rotations_stays() -> None:
    for circuit in (load_circuit("ghz:5"), circuit_of(1), circuit_of(2, ("swap", (0, 1)), ("ch", (0, 1)))):
        assert approximate(circuit, 1.9).circuit is circuit


def test_a_dropped_gate_leaves_its_condition_to_its_local_part() -> None:
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.measure(0, 0)
    builder.gate("cp", 0, 1, angles=[0.01], condition=[(0, 1)])
    builder.gate("t", 1)
    circuit = approximate(builder.build(), 0.1).circuit
    assert [GATES[code].name for code in circuit.opcodes[1:]] == ["rz", "rz", "t"]
    assert [circuit.condition(row) for row in range(4)] == [(), ((0, 1),), ((0, 1),), ()]
    assert circuit.qubits[1:3].tolist() == [[0, -1], [1, -1]]
    assert circuit.clbits.tolist() == [0, -1, -1, -1]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_an_axis_holds_at_all_angles(gate) -> None:
    rng = np.random.default_rng(0)
    for operand, axis in enumerate(axes_of(CODES[gate.name])):
        if axis == NO_AXIS:
            continue
        assert (axis == ANY_AXIS) == (gate.name == "id")
        for angles in [*rng.uniform(-7, 7, (20, gate.angles)).tolist(), [np.pi] * gate.angles]:
            matrix = matrix_of(CODES[gate.name], angles)
            pauli = applied(matrix_of(CODES[PAULIS[max(axis, 0)]]), np.eye(len(matrix)), [operand], gate.qubits)
            assert np.allclose(pauli @ matrix, matrix @ pauli)
