"""Powers of gates, twirls and products of Pauli channels, against definitions worked out the slow way."""

import math
from itertools import product as pairs_of

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kraus_interpreter import PAULIS, over_rotated
from noisy_cases import compiled, exact, pair_of_qpus

from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.network import QPU, Network
from weft.program.builder import ProgramBuilder
from weft.scheduler import schedule
from weft.simulator import simulate
from weft.simulator.gate_noise import GateNoise, damping_kraus, gate_noise_of, power, product, twirl
from weft.simulator.gate_tables import gate_tables_of
from weft.simulator.noise import noise_of

LABELS = {1: [[p] for p in range(4)], 2: [[p, q] for q in range(4) for p in range(4)]}  # in the order of weights
quick = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def pauli(places):
    return np.kron(*(PAULIS[place] for place in places)) if len(places) == 2 else PAULIS[places[0]]


def random_unitary(rng, size, degenerate):
    """With phases that may be equal or π, and eigenvectors in general position."""
    phases = rng.choice([0.0, np.pi, 1.1, -1.1], size) if degenerate else rng.uniform(-np.pi, np.pi, size)
    basis, _ = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return (basis * np.exp(1j * phases)) @ basis.conj().T, phases, basis


@quick
@given(seeds, st.sampled_from([2, 4]), st.booleans(), st.floats(-1, 2))
def test_a_power_has_the_same_eigenvectors_and_multiplied_phases(seed, size, degenerate, exponent):
    unitary, phases, basis = random_unitary(np.random.default_rng(seed), size, degenerate)
    expected = (basis * np.exp(1j * exponent * phases)) @ basis.conj().T
    assert np.allclose(power(unitary, exponent), expected, atol=1e-9)


@pytest.mark.parametrize("gate", GATES, ids=[gate.name for gate in GATES])
def test_powers_of_every_gate(gate):
    for angles in ([0.3, -1.2, 2.2], [math.pi, math.pi, -math.pi], [0.0, 0.0, 0.0], [3.0, 1e-9, -3.1]):
        matrix = matrix_of(CODES[gate.name], tuple(angles))
        assert np.allclose(power(matrix, 1.0), matrix, atol=1e-10)
        assert np.allclose(power(matrix, 0.3) @ power(matrix, -0.25), power(matrix, 0.05), atol=1e-10)
        assert np.allclose(matrix @ power(matrix, 0.05), over_rotated(matrix, 0.05), atol=1e-9)


@pytest.mark.parametrize("name", ["rx", "ry", "rz", "p", "rzz", "rxx", "cp", "crz"])
def test_over_rotation_multiplies_an_angle(name):
    angle, excess = 1.3, 0.07
    matrix = matrix_of(CODES[name], (angle,))
    assert np.allclose(matrix @ power(matrix, excess), matrix_of(CODES[name], (angle * (1 + excess),)))


@quick
@given(seeds, st.sampled_from([1, 2]), st.integers(1, 4))
def test_a_twirl_is_the_mean_over_conjugations_by_all_paulis(seed, qubits, count):
    rng, d = np.random.default_rng(seed), 2**qubits
    stacked, _ = np.linalg.qr(rng.normal(size=(count * d, d)) + 1j * rng.normal(size=(count * d, d)))
    kraus = stacked.reshape(count, d, d)
    paulis = [pauli(places) for places in LABELS[qubits]]
    rho = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    twirled = sum(p.conj().T @ k @ p @ rho @ p.conj().T @ k.conj().T @ p for p in paulis for k in kraus) / d**2
    weights = twirl(kraus)
    assert weights.sum() == pytest.approx(1)
    assert not weights[4**qubits :].any()
    mixed = sum(w * p @ rho @ p.conj().T for w, p in zip(weights, paulis, strict=False))
    assert np.allclose(mixed, twirled, atol=1e-12)


def test_products_of_paulis():
    for (i, first), (j, second) in pairs_of(enumerate(LABELS[2]), repeat=2):
        [found] = np.flatnonzero(product(np.eye(16)[i], np.eye(16)[j]))
        multiplied = pauli(first) @ pauli(second)
        assert abs(np.trace(multiplied @ pauli(LABELS[2][found]))) == pytest.approx(4)


def test_names_of_paulis_have_the_first_operand_first():
    noise = GateNoise(2, 0.0, (("XI", 0.1), ("ZY", 0.2)), 0.0, 0.0)
    weights = noise.pauli_weights
    assert weights[LABELS[2].index([1, 0])] == pytest.approx(0.1)
    assert weights[LABELS[2].index([3, 2])] == pytest.approx(0.2)
    assert weights[0] == pytest.approx(0.7)


@pytest.mark.parametrize("qubits", [1, 2])
def test_depolarising_and_stated_paulis_multiply(qubits):
    errors = {1: {"Z": 0.1}, 2: {"ZZ": 0.1, "XI": 0.05}}[qubits]
    key = {1: "one", 2: "two"}[qubits]
    values = {f"{key}_qubit_gate_error": 0.02, f"{key}_qubit_pauli_errors": errors}
    alone = [gate_noise_of(QPU("A", 2, **{k: v}), qubits).pauli_weights for k, v in values.items()]
    both = gate_noise_of(QPU("A", 2, **values), qubits).pauli_weights
    assert np.allclose(both, product(*alone), atol=1e-15)
    assert both.sum() == pytest.approx(1)
    assert alone[0][1 : 4**qubits] == pytest.approx(0.02 * (1 + 2**-qubits) / (4**qubits - 1))


@quick
@given(st.floats(-0.3, 0.3), st.floats(0, 0.5), st.sampled_from(["h", "rx", "u", "cx", "iswap", "rzz", "cu3"]))
def test_the_twirl_of_a_whole_gate(excess, damping, name):
    """Damping of each operand after the error U^ε, and after that the Paulis."""
    gate = GATES[CODES[name]]
    errors = (("Z" * gate.qubits, 0.03),)
    noise = GateNoise(gate.qubits, 0.04, errors, damping, excess)
    matrix = matrix_of(CODES[name], (0.9, 0.4, -0.2))
    d = 2**gate.qubits
    paulis = [pauli(places) for places in LABELS[gate.qubits]]
    error = over_rotated(matrix, excess) @ matrix.conj().T
    falls = [np.diag([1, np.sqrt(1 - damping)]), np.array([[0, np.sqrt(damping)], [0, 0]])]
    damped = falls if gate.qubits == 1 else [np.kron(a, b) for a in falls for b in falls]
    kraus = [
        np.sqrt(weight) * p @ k @ error
        for weight, p in zip(noise.pauli_weights, paulis, strict=False)
        for k in damped
        if weight
    ]
    expected = [sum(abs(np.trace(p.conj().T @ k)) ** 2 for k in kraus) / d**2 for p in paulis]
    assert noise.twirled_weights(matrix)[: d**2] == pytest.approx(expected, abs=1e-12)
    assert noise.twirled_weights(None) == pytest.approx(product(noise.pauli_weights, twirl(np.array(damped))))


def test_damping_is_a_channel():
    kraus = damping_kraus(0.3)
    assert np.allclose(sum(k.conj().T @ k for k in kraus), np.eye(2))
    assert sum(k @ np.diag([0, 1]) @ k.conj().T for k in kraus)[0, 0] == pytest.approx(0.3)


def test_the_infidelity_of_over_rotation_has_the_closed_form():
    """Of CX by ε: 1 − F_process = 1 − |3 + e^{iπε}|²/16 = (3/4) sin²(πε/2), all of it on Z and X of control and target."""
    excess = 0.1
    weights = GateNoise(2, 0.0, (), 0.0, excess).twirled_weights(matrix_of(CODES["cx"]))
    assert 1 - weights[0] == pytest.approx(0.75 * np.sin(np.pi * excess / 2) ** 2)
    for places in ([3, 0], [0, 1], [3, 1]):
        assert weights[LABELS[2].index(places)] == pytest.approx(np.sin(np.pi * excess / 2) ** 2 / 4)


def test_tables_are_shared_by_gates_that_are_alike():
    builder = CircuitBuilder(4)
    for qubit in range(4):
        builder.gate("h", qubit)
        builder.gate("rx", qubit, angles=[0.1 * (qubit % 2)])
    builder.gate("cz", 0, 1)
    program = compiled(builder, pair_of_qpus((2, 2), hardware={"one_qubit_gate_error": 0.1}))
    gates = gate_tables_of(program)
    assert len(np.unique(gates.table_of_row)) == 3  # nothing, one qubit, two qubits
    program = compiled(builder, pair_of_qpus((2, 2), hardware={"one_qubit_over_rotation": 0.1}))
    gates = gate_tables_of(program)
    matrices = {}
    for row in np.flatnonzero(gates.over_rotation[gates.table_of_row]).tolist():
        key = int(gates.table_of_row[row])
        matrix = matrix_of(int(program.kinds[row]), program.angles[row])
        assert np.array_equal(matrices.setdefault(key, matrix), matrix)
        expected = twirl(over_rotated(matrix, 0.1)[None] @ matrix.conj().T)
        assert gates.twirled[key] == pytest.approx(expected, abs=1e-12)
    assert len(matrices) == 3


def one_qubit_program(gates, **hardware):
    builder = ProgramBuilder(Network("n", (QPU("A", 1, **hardware),), ()), num_clbits=1)
    qubit = builder.add_qubit("A.0", 0)
    for name, *angles in gates:
        builder.gate(name, qubit, angles=angles)
    builder.measure(qubit, 0)
    return builder.build()


def test_over_rotations_add_up_in_amplitude():
    """n rotations by θ that each go too far by εθ: fidelity cos²(nεθ/2) exactly, though the twirl has (1 + cosⁿ εθ)/2."""
    n, angle, excess = 12, 0.9, 0.1
    program = one_qubit_program([("rx", angle)] * n, one_qubit_over_rotation=excess)
    noise, timelines = noise_of(program), schedule(program, 1)
    overlaps, _, _ = exact(program, timelines)
    assert overlaps[-1][0] == pytest.approx(np.cos(n * excess * angle / 2) ** 2)
    weights = noise.gates.twirled[noise.gates.table_of_row[:n], 1]
    assert (1 + np.prod(1 - 2 * weights)) / 2 == pytest.approx((1 + np.cos(excess * angle) ** n) / 2)
    result = simulate(program, shots=100, seed=1, backend="density")
    assert result.error_budget["local_gates"] == pytest.approx(np.sin(n * excess * angle / 2) ** 2)


def test_damping_in_gates_adds_up_in_probability():
    """|1⟩ is left after n gates with (1 − γ)ⁿ."""
    n, damping = 7, 0.05
    program = one_qubit_program([("x",), *[("id",)] * n], one_qubit_gate_damping=damping)
    overlaps, _, _ = exact(program, schedule(program, 1))
    assert overlaps[-1][0] == pytest.approx((1 - damping) ** (n + 1))
