"""The circuit on data qubits equals sparse trajectories of the whole program, without faults and for every single fault.

A sparse trajectory draws the outcomes of teleportations, so that these comparisons also show that outcomes do not matter.
"""

from dataclasses import replace

import numpy as np
import pytest
from dense_reference import struck_state

from unit.simulator.noisy_cases import (
    CLIFFORD,
    GENERAL,
    PAULI_NOISE,
    compiled,
    make_network,
    pair_of_qpus,
    static_circuit,
)
from weft.circuit import CircuitBuilder
from weft.program import Op, Pauli, ProgramBuilder, Role
from weft.simulator import simulate
from weft.simulator.backend import terminal_measurements
from weft.simulator.dense.tracing_out import trace_out
from weft.simulator.faults import AFTER, BEFORE, READOUT, Faults
from weft.simulator.noise import noise_of
from weft.simulator.statevector import _Shots, _tables

NETWORKS = {
    "two": pair_of_qpus((2, 2), hardware=PAULI_NOISE),
    "one channel": pair_of_qpus((2, 2), communication=1, hardware=PAULI_NOISE),
    "relay": make_network([(0, 1), (1, 2)], (2, 1, 2), communication=2, hardware=PAULI_NOISE),
    "roomy": make_network([(0, 1), (1, 2), (0, 2)], (3, 3, 3), communication=2, hardware=PAULI_NOISE),
}


def one_shot(faults):
    """Faults of one shot from (row, when, qubit, pauli)."""
    columns = np.array(sorted(faults), dtype=np.int64).reshape(-1, 4).T
    row, when, qubit, pauli = columns
    count = len(faults)
    codes = [column.astype(np.uint8) for column in (when, pauli, np.zeros(count))]
    return Faults(np.array([0, count]), row.copy(), codes[0], qubit.copy(), codes[1], codes[2])


def sparse_state(program, faults, key):
    """The state of a sparse trajectory as {values of the measured qubits: amplitude}."""
    tables = replace(_tables(program, noise_of(program)), skipped=terminal_measurements(program))
    shots = _Shots(program, tables, one_shot(faults), np.zeros((0, 0, 2)), key, static=True)
    keys, amplitudes, _ = shots.trajectory(0, 4)
    data = program.qubits[terminal_measurements(program), 0]
    values = (keys[:, data >> 6] >> (data & 63).astype(np.uint64)) & np.uint64(1)
    return {tuple(row.tolist()): amplitude for row, amplitude in zip(values, amplitudes, strict=True)}


def assert_same(program, circuit, faults, key):
    """Equal up to a phase."""
    expected = sparse_state(program, faults, key)
    variables = set()
    for fault in faults:
        variables ^= set(circuit.slots.of_fault(*fault))
    found = struck_state(circuit, variables)
    overlap = sum(np.conj(amplitude) * found.get(values, 0) for values, amplitude in expected.items())
    assert abs(overlap) == pytest.approx(1, abs=1e-9), faults


def all_faults(program):
    """Every X and Z next to every instruction, and every wrong reading of a teleportation."""
    opcodes, rows = program.opcodes, range(len(program))
    for row in rows:
        operands = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        for qubit in operands:
            for pauli in (Pauli.X, Pauli.Z):
                if opcodes[row] != Op.ENTANGLE:
                    yield row, BEFORE, qubit, int(pauli)
                if opcodes[row] != Op.MEASURE:
                    yield row, AFTER, qubit, int(pauli)
        if opcodes[row] == Op.MEASURE and program.qubit_is_communication[operands[0]]:
            yield row, READOUT, operands[0], 0


def random_program(network, seed, names, qubits=4, depth=8):
    return compiled(static_circuit(seed, qubits, depth, names), NETWORKS[network])


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("names", [CLIFFORD, GENERAL], ids=["Clifford", "general"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_single_fault(network, names, seed):
    program = random_program(network, seed, names)
    circuit = trace_out(program, 4)
    for key in (1, 2, 3):
        assert_same(program, circuit, [], key)
    for number, fault in enumerate(all_faults(program)):
        assert_same(program, circuit, [fault], number)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("seed", range(4, 8))
def test_many_faults_at_once(network, seed):
    program = random_program(network, seed, GENERAL, qubits=5 if network == "relay" else 4, depth=14)
    circuit = trace_out(program, 5)
    possible = list(all_faults(program))
    generator = np.random.default_rng(seed)
    for key in range(40):
        chosen = generator.choice(len(possible), generator.integers(2, 12), replace=False)
        assert_same(program, circuit, [possible[number] for number in chosen], key)


def test_moves_are_no_measurements_of_the_circuit():
    builder = ProgramBuilder(NETWORKS["roomy"], num_clbits=1)
    here, there = builder.add_qubit("A.d0", 0), builder.add_qubit("B.d0", 1)
    halves = [builder.add_qubit(name, qpu, communication=True) for qpu, name in enumerate(("A.c0", "B.c0"))]
    bits = [builder.new_bit() for _ in range(3)]
    builder.gate("ry", here, angles=[0.4])
    builder.entangle(0, *halves)
    builder.gate("cx", here, halves[0])
    builder.measure(halves[0], bits[0])
    builder.correct(Pauli.X, halves[1], [bits[0]])
    builder.measure(here, bits[1], basis=Pauli.X)
    builder.correct(Pauli.Z, halves[1], [bits[1]])
    builder.reset(here)
    builder.gate("cx", halves[1], there)
    builder.measure(halves[1], bits[2], basis=Pauli.X)
    builder.correct(Pauli.Z, there, [bits[2]])
    builder.gate("ry", there, angles=[0.9])
    builder.measure(there, 0)
    program = builder.build()
    circuit = trace_out(program, 1)
    assert circuit.wires == 1
    for number, fault in enumerate(all_faults(program)):
        assert_same(program, circuit, [fault], number)


def test_equal_values_need_one_wire():
    """A GHZ state over three QPUs; an X on one of its qubits makes it orthogonal to itself."""
    builder = CircuitBuilder(3)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    builder.gate("cx", 1, 2)
    builder.add_register("c", 3)
    for qubit in range(3):
        builder.measure(qubit, qubit)
    program = compiled(builder, make_network([(0, 1), (1, 2)], (1, 1, 1)))
    circuit = trace_out(program, 1)
    assert circuit.wires == 1
    assert len(circuit.checks) == 2
    for number, fault in enumerate(all_faults(program)):
        assert_same(program, circuit, [fault], number)


def teleported_copy(*, corrected=True, basis=Pauli.Z):
    """Half of a teleported gate, and a measurement of the copy."""
    builder = ProgramBuilder(NETWORKS["two"], num_clbits=1)
    data = builder.add_qubit("A.d0", 0), builder.add_qubit("B.d0", 1)
    halves = [builder.add_qubit(name, qpu, communication=True) for qpu, name in enumerate(("A.c0", "B.c0"))]
    bits = [builder.new_bit() for _ in range(2)]
    for qubit in data:
        builder.gate("h", qubit)
    builder.entangle(0, *halves)
    builder.gate("cx", data[0], halves[0])
    builder.measure(halves[0], bits[0], basis=basis)
    if corrected:
        builder.correct(Pauli.X, halves[1], [bits[0]])
    builder.gate("cp", halves[1], data[1], angles=[0.3])
    builder.measure(halves[1], bits[1], basis=Pauli.X)
    builder.correct(Pauli.Z, data[0], [bits[1]])
    return builder


def test_what_is_no_data_circuit():
    """Outcomes that matter, conditions and corrections by the circuit's own bits, too many wires."""
    assert trace_out(teleported_copy().build(), 2) is not None
    assert trace_out(teleported_copy().build(), 1) is None
    assert trace_out(teleported_copy(corrected=False).build(), 2) is None
    assert trace_out(teleported_copy(basis=Pauli.Y).build(), 2) is None
    conditional = teleported_copy()
    conditional.gate("x", 0, condition=[(0, Role.IF_ONE)])
    assert trace_out(conditional.build(), 2) is None


def test_what_is_measured_or_reset_on_the_way_stays_on_a_wire_of_its_own():
    measured = teleported_copy()
    measured.measure(0, 0)
    measured.gate("h", 0)
    assert trace_out(measured.build(), 2) is None
    circuit = trace_out(measured.build(), 3)
    assert [output.row for output in circuit.outputs] == [len(measured.build()) - 2]
    reset = teleported_copy()
    reset.reset(0)
    reset.gate("h", 0)
    assert trace_out(reset.build(), 3) is not None


@pytest.mark.parametrize("seed", range(4))
def test_circuits_that_measure_and_reset_on_their_way_run_as_density_matrices_say(seed):
    """Each of 8 outcomes within 6 standard errors of 4,000 shots: a false alarm in 10⁷ for the four together."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(4)
    bits = builder.add_register("c", 3).bits
    for bit in bits:
        for qubit in range(4):
            builder.gate("u", qubit, angles=rng.uniform(0, 6, 3))
        for _ in range(3):
            builder.gate("cx", *rng.choice(4, 2, replace=False).tolist())
        builder.measure(int(rng.integers(4)), bit)
        builder.reset(int(rng.integers(4)))
    builder.gate("h", 0)  # so that no measurement is the last thing that happens
    program = compiled(builder, NETWORKS["two"])
    assert trace_out(program, 12) is not None
    shots = 4000
    found = simulate(program, shots=shots, seed=seed, backend="statevector").counts
    # The other backend draws from exact probabilities.
    expected = simulate(program, shots=4 * shots, seed=seed, backend="density").counts
    for key in found | expected:
        mean = expected.get(key, 0) / 4
        assert abs(found.get(key, 0) - mean) < 6 * np.sqrt(5 / 4 * max(mean, 1)) + 6


def test_a_fault_stands_before_the_first_gate_that_feels_it():
    """A Z passes a cp, so that shots share the longest way."""
    program = teleported_copy().build()
    circuit = trace_out(program, 2)
    h_before = circuit.slots.of_fault(0, AFTER, 0, Pauli.Z)
    ((insertion,),) = (circuit.insertions[variable] for variable in h_before)
    assert insertion.part == len(circuit.parts) - 2
