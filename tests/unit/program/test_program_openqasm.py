"""The OpenQASM 3 text of a program is a program that Qiskit runs and that computes the circuit."""

import numpy as np
import pytest

from unit.program.interpreters import run_circuit
from unit.program.random_cases import add_random_gates, dynamic_circuit, network_of
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler import compile_circuit
from weft.network import Network
from weft.program import Pauli, Program, ProgramBuilder
from weft.program.export import to_openqasm

qiskit = pytest.importorskip("qiskit")
aer = pytest.importorskip("qiskit_aer")


def counts_of(program: Program, shots: int) -> set[str]:
    """Values of the circuit's bits that Aer finds, bit 0 first."""
    from qiskit.qasm3 import loads

    loaded = qiskit.transpile(loads(to_openqasm(program)), aer.AerSimulator(), optimization_level=0)
    counts = aer.AerSimulator(seed_simulator=1).run(loaded, shots=shots).result().get_counts()
    return {key.split()[-1][::-1] for key in counts}


def there_and_back(circuit: Circuit) -> Circuit:
    """A circuit, then gates that undo it, found from its unitary: every outcome must be 0 with certainty."""
    builder = CircuitBuilder(circuit.num_qubits)
    builder.extend(circuit)
    for row in reversed(range(len(circuit))):
        code, angles = int(circuit.opcodes[row]), circuit.angles[row].tolist()
        qubits = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        for name, inverse_angles in inverse(code, angles):
            builder.gate(name, *qubits, angles=inverse_angles)
    return builder.build()


def inverse(code: int, angles: list[float]) -> list[tuple[str, list[float]]]:
    """Gates that undo a gate: of the same set, checked by their matrices."""
    gate = GATES[code]
    theta, phi, lam = angles
    candidates = [
        [(gate.name, [])],
        [(gate.name + "dg", [])],
        [(gate.name.removesuffix("dg"), [])],
        [(gate.name, [-angle for angle in angles[: gate.angles]])],
        [(gate.name, [-theta, -lam, -phi])],
        [(gate.name, [])] * 2,
        [(gate.name, [])] * 3,
    ]
    for candidate in candidates:
        if any(name not in CODES or GATES[CODES[name]].angles != len(values) for name, values in candidate):
            continue
        product = matrix_of(code, angles)
        for name, values in candidate:
            product = matrix_of(CODES[name], values) @ product
        if abs(abs(np.trace(product)) - len(product)) < 1e-9:
            return candidate
    raise AssertionError(gate.name)


def network(rng: np.random.Generator, qubits: int) -> Network:
    kind = str(rng.choice(["all", "line", "ring"]))
    data = rng.multinomial(qubits, [1 / 3] * 3).tolist()
    return network_of(kind, data, None if kind != "all" else [None, 1, 2, 3][int(rng.integers(4))])


@pytest.mark.parametrize("seed", range(8))
def test_a_program_of_a_circuit_and_its_inverse_gives_zeros(seed: int) -> None:
    """Exact although the outcomes of teleportations are random: one wrong shot fails it."""
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 5))
    builder = CircuitBuilder(qubits)
    add_random_gates(builder, rng, 14)
    compilation = compile_circuit(there_and_back(builder.build()), network(rng, qubits), effort="fast")
    assert counts_of(compilation.program, 8) == {"0" * qubits}


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_is_written_so_that_qiskit_reads_the_same_unitary(gate) -> None:
    from qiskit.qasm3 import loads
    from qiskit.quantum_info import Operator

    builder = ProgramBuilder(network_of("all", [2]))
    qubits = [builder.add_qubit(f"A.d{i}", 0) for i in range(2)]
    angles = [0.3, -1.1, 1e-7][: gate.angles]
    builder.gate(gate.name, *qubits[: gate.qubits], angles=angles)
    found = Operator(loads(to_openqasm(builder.build()))).data
    wanted = matrix_of(CODES[gate.name], angles)
    if gate.qubits == 1:
        wanted = np.kron(wanted, np.eye(2))
    wanted = wanted.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)  # Qiskit's first qubit is the last factor
    assert abs(abs(np.vdot(wanted, found)) - 4) < 1e-9


@pytest.mark.parametrize("basis", list(Pauli))
def test_measurements_in_every_basis(basis: Pauli) -> None:
    """An eigenstate of each Pauli is measured twice without a surprise, then brought back."""
    builder = ProgramBuilder(network_of("all", [1]), num_clbits=3)
    qubit = builder.add_qubit("A.d0", 0)
    prepare = {Pauli.X: ["h"], Pauli.Y: ["h", "s"], Pauli.Z: []}[basis]
    undo = {Pauli.X: ["h"], Pauli.Y: ["sdg", "h"], Pauli.Z: []}[basis]
    for name in prepare:
        builder.gate(name, qubit)
    builder.measure(qubit, 0, basis=basis)
    builder.measure(qubit, 1, basis=basis)
    for name in undo:
        builder.gate(name, qubit)
    builder.measure(qubit, 2)
    assert counts_of(builder.build(), 20) == {"000"}


def test_corrections_follow_parities() -> None:
    """Bits 1, 1 and 0: even parities do nothing, odd ones flip."""
    builder = ProgramBuilder(network_of("all", [4]), num_clbits=5)
    qubits = [builder.add_qubit(f"A.d{i}", 0) for i in range(4)]
    builder.gate("x", qubits[0])
    builder.measure(qubits[0], 0)
    builder.measure(qubits[0], 1)
    builder.correct(Pauli.X, qubits[1], [0, 1])
    builder.correct(Pauli.X, qubits[2], [0, 2])
    builder.correct(Pauli.Y, qubits[3], [0, 1, 2, 0, 0])
    builder.correct(Pauli.X, qubits[0], [])
    for place in range(1, 4):
        builder.measure(qubits[place], 1 + place)
    program = builder.build()
    assert counts_of(program, 5) == {"11010"}


@pytest.mark.parametrize("seed", range(6))
def test_dynamic_circuits_reach_only_outcomes_that_the_circuit_reaches(seed: int) -> None:
    """Conditions, resets and rewritten bits; the circuit's outcomes are found by an independent interpreter.

    The interpreter samples 400 runs; an outcome that Aer finds in one of its 8 shots and that the interpreter misses has a
    probability p with chance (1 − p)^400 p · 8 of failing this, at most 8 / (400 e) per outcome; the seeds are fixed, so it
    fails always or never.
    """
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 4))
    circuit = dynamic_circuit(rng, qubits, 10)
    compilation = compile_circuit(circuit, network(rng, qubits), effort="fast")
    reached = {"".join(map(str, run_circuit(circuit, trial).bits)) for trial in range(400)}
    assert counts_of(compilation.program, 8) <= reached


def test_names_that_are_no_identifiers_stay_apart() -> None:
    builder = ProgramBuilder(network_of("all", [4]))
    for name in ("A.d0", "A_d0", "Ä.d0", ""):
        builder.add_qubit(name, 0)
    text = to_openqasm(builder.build())
    declared = [line for line in text.splitlines() if line.startswith("qubit ")]
    assert len(set(declared)) == 4
    from qiskit.qasm3 import loads

    assert loads(text).num_qubits == 4
