"""The estimate: a product of probabilities, a bound on the fidelity, and the same timelines as everywhere."""

import math

import numpy as np
import pytest
from noisy_cases import PAULI_NOISE, RELAXATION, branching_probe, compiled, make_network, mirrored, unitary_probe

from weft.circuit import CircuitBuilder
from weft.circuit.gates import GATES
from weft.network import BellPair
from weft.program import Op
from weft.scheduler import schedule
from weft.simulator import simulate
from weft.simulator.backend import terminal_measurements
from weft.simulator.estimate import NO_ERROR, NO_ERROR_IN_READINGS, Estimate
from weft.simulator.noise import noise_of

NOISY = make_network([(0, 1), (1, 2)], (2, 1, 1), pair=BellPair.werner(0.93), hardware=PAULI_NOISE)
GATE_NAMES = ("h", "s", "cx", "cz", "rzz", "ry", "cp")


def slow_product(program, timelines, shot):
    """Π (1 − p) over everything that may go wrong before the final measurements, one instruction after another."""
    qpus, survival = program.network.qpus, 1.0
    last = {}
    entangled = 0
    skipped = terminal_measurements(program)
    for row in range(len(program)):
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        qpu, opcode = qpus[program.qubit_qpus[qubits[0]]], program.opcodes[row]
        for qubit in qubits:
            if opcode != Op.ENTANGLE and qubit in last:
                idle = max(0.0, timelines.start_s[row, shot] - last[qubit])
                t1, t2 = qpus[program.qubit_qpus[qubit]].coherence(bool(program.qubit_is_communication[qubit]))
                survival *= (1 + math.exp(-idle / t1) + 2 * math.exp(-idle / t2)) / 4
        if opcode == Op.ENTANGLE:
            survival *= program.network.links[program.links[row]].pair.fidelity
            entangled += 1
        elif opcode == Op.GATE:
            two = GATES[program.kinds[row]].qubits == 2
            survival *= 1 - (1.25 * qpu.two_qubit_gate_error if two else 1.5 * qpu.one_qubit_gate_error)
        elif opcode == Op.MEASURE and not skipped[row]:
            survival *= 1 - qpu.measurement_error
        elif opcode == Op.RESET:
            survival *= 1 - qpu.reset_error
        for qubit in qubits:
            last[qubit] = timelines.end_s[row, shot]
    return survival


@pytest.mark.parametrize("hardware", [PAULI_NOISE, RELAXATION], ids=["pauli", "relaxation"])
def test_it_is_the_product_of_everything_that_may_go_wrong(hardware):
    network = make_network([(0, 1), (1, 2)], (2, 1, 1), pair=BellPair.werner(0.93), hardware=hardware)
    program = compiled(unitary_probe(), network)
    timelines = schedule(program, 5, 3)
    batch = Estimate().run(program, noise_of(program), timelines, np.random.SeedSequence(0))
    slow = [slow_product(program, timelines, shot) for shot in range(5)]
    np.testing.assert_allclose(batch.overlaps[-1], slow, rtol=1e-10)
    assert batch.bits is None


@pytest.mark.parametrize("seed", range(12))
def test_it_bounds_the_fidelity_from_below(seed):
    """Exactly so for Pauli noise on the same timelines; both take timelines from the same seeds, so only their number differs."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(4)
    mirrored(rng, builder, 5, names=GATE_NAMES)
    program = compiled(builder, NOISY)
    estimate = simulate(program, shots=64, seed=1, backend="estimate").fidelity
    exact = simulate(program, shots=64, seed=1, backend="density").fidelity
    assert estimate.definition == NO_ERROR
    # 6 standard errors: a false alarm is rarer than 10⁻⁸ even where the bound is tight
    assert estimate.value <= exact.value + 6 * math.hypot(estimate.stderr, exact.stderr)


def test_it_runs_what_branches_and_has_no_counts():
    result = simulate(compiled(branching_probe(), NOISY), shots=10**6, seed=1, backend="estimate")
    assert result.fidelity.definition == NO_ERROR_IN_READINGS
    assert result.counts == {}
    assert result.shots == 64
    assert 0 < result.fidelity.value < 1
    assert any("no counts" in note for note in result.notes)


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector", "estimate"])
def test_the_budget_by_place_adds_up(backend):
    result = simulate(compiled(unitary_probe(), NOISY), shots=64, seed=1, backend=backend)
    for cause, loss in result.error_budget.items():
        shares = result.error_budget_by_place[cause]
        assert set(shares) <= {"A", "B", "C", "A-B", "B-C"}
        assert sum(shares.values()) == pytest.approx(loss if shares else 0, abs=1e-12)
    assert set(result.error_budget_by_place["bell_pairs"]) <= {"A-B", "B-C"}
    assert sum(result.error_budget.values()) == pytest.approx(1 - result.fidelity.value, abs=1e-12)


def test_a_place_is_charged_for_its_own_errors():
    """Only QPU B has bad gates, and only link B-C bad pairs."""
    network = make_network([(0, 1), (1, 2)], (1, 1, 1))
    qpus = tuple(type(qpu)(qpu.name, 1, two_qubit_gate_error=0.02 if qpu.name == "B" else 0.0) for qpu in network.qpus)
    links = (network.links[0], type(network.links[1])("B", "C", 1e-4, 0.01, pair=BellPair.werner(0.9)))
    builder = CircuitBuilder(3)
    for qubit in range(2):
        builder.gate("h", qubit)
        builder.gate("cx", qubit, qubit + 1)
    result = simulate(compiled(builder, type(network)("test", qpus, links)), shots=64, seed=1, backend="density")
    assert set(result.error_budget_by_place["local_gates"]) == {"B"}
    assert set(result.error_budget_by_place["bell_pairs"]) <= {"B-C"}
