"""Average gate fidelity and process fidelity against independent computations, and what is refused."""

import sys

import numpy as np
import pytest
from kraus_interpreter import PAULIS, Interpreter
from noisy_cases import GENERAL, RELAXATION, TOMOGRAPHY, compiled, make_network, mirrored, pair_of_qpus

import weft
from weft.circuit import CircuitBuilder
from weft.errors import InvalidValueError, SimulationError
from weft.scheduler import schedule
from weft.simulator import gate_fidelity
from weft.simulator.backend import STAGES, terminal_measurements
from weft.simulator.noise import CAUSES

NETWORK = pair_of_qpus((2, 1), communication=1, pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.01, success=0.2)
REMOTE = pair_of_qpus(pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.01, success=0.2)


def average_over_pauli_eigenstates(program, timelines, shot, causes):
    """⟨ψ|U†E(ψ)U|ψ⟩ averaged over products of Pauli eigenstates, which as a 2-design for one qubit and by linearity give F_process.

    F_process = Σ_P tr(U P U† E(P)) / d³ over all Paulis P (Nielsen 2002, eq. 17); each P is a signed sum of product states.
    """
    data = np.flatnonzero(~program.qubit_is_communication).tolist()
    count, d = len(data), 2 ** len(data)
    keep = frozenset(np.flatnonzero(terminal_measurements(program)).tolist())

    def channel(operator, causes, *, inputs_wait):
        player = Interpreter(program, timelines, shot, causes, inputs_wait=inputs_wait, keep=keep)
        rest = np.zeros((2 ** (player.count - count),) * 2)
        rest[0, 0] = 1
        assert data == list(range(count))
        player.states = {(0,) * program.num_bits: np.kron(operator, rest)}
        player.run()
        return player.data_state()

    process = 0.0
    for codes in np.ndindex((4,) * count):
        pauli = np.eye(1)
        for code in codes:
            pauli = np.kron(pauli, list(PAULIS.values())[code])
        process += (
            np.trace(channel(pauli, (), inputs_wait=False) @ channel(pauli, causes, inputs_wait=True)).real / d**3
        )
    return (d * process + 1) / (d + 1), process


@pytest.mark.parametrize(("qubits", "data", "gates"), [(1, (2, 1), 3), (2, (1, 1), 3), (3, (2, 1), 2)])
def test_against_the_pauli_formula(qubits, data, gates):
    """One, two and three qubits, all noise on, at every stage: equal to rounding."""
    network = pair_of_qpus(data, communication=1, pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.05, success=1.0)
    builder = CircuitBuilder(qubits)
    names = ("h", "t", "ry", "u") if qubits == 1 else GENERAL
    mirrored(np.random.default_rng(qubits), builder, gates, names=names)
    program = compiled(builder, network)
    timelines = schedule(program, 1, 0)
    found = gate_fidelity(program, shots=1)
    for stage in range(STAGES) if qubits < 3 else (STAGES - 1,):
        average, process = average_over_pauli_eigenstates(program, timelines, 0, CAUSES[:stage])
        assert found.average_by_stage[stage][1] == pytest.approx(average, abs=1e-10)
    assert found.average == pytest.approx(average, abs=1e-10)
    assert found.process == pytest.approx(process, abs=1e-10)
    assert found.average < 0.99
    assert [name for name, _ in found.average_by_stage] == ["ideal", *CAUSES]


def cz():
    builder = CircuitBuilder(2)
    builder.gate("cz", 0, 1)
    return builder


def test_same_seed_same_value_and_more_timelines_less_error():
    program = compiled(cz(), REMOTE)
    assert gate_fidelity(program, shots=50, seed=1) == gate_fidelity(program, shots=50, seed=1)
    assert gate_fidelity(program, shots=50, seed=1).average != gate_fidelity(program, shots=50, seed=2).average
    few, many = gate_fidelity(program, shots=100, seed=1).stderr, gate_fidelity(program, shots=1600, seed=1).stderr
    assert few / many == pytest.approx(4, rel=0.4)
    assert np.isnan(gate_fidelity(program, shots=1).stderr)


def test_the_value_does_not_depend_on_how_timelines_are_grouped(monkeypatch):
    program = compiled(cz(), REMOTE)
    before = gate_fidelity(program, shots=30, seed=1)
    monkeypatch.setattr(sys.modules["weft.simulator.gate_fidelity"], "_ELEMENTS_AT_ONCE", 7 * 4**6)
    assert gate_fidelity(program, shots=30, seed=1).average == pytest.approx(before.average, abs=1e-12)


def test_four_qubits_are_refused():
    with pytest.raises(SimulationError, match="at most 3 qubits, but this program has 4 data qubits"):
        gate_fidelity(weft.compile("ghz:4", "all:2x2"))


def test_a_circuit_that_measures_on_its_way_is_refused():
    builder = CircuitBuilder(2)
    builder.add_register("c", 2)
    builder.measure(0, 0)
    builder.gate("x", 0)
    with pytest.raises(SimulationError, match="measures or branches on its way"):
        gate_fidelity(compiled(builder, NETWORK))


def test_too_large_a_state_is_refused_at_once():
    """Relaying over six links entangles twelve communication qubits."""
    ends = [(k, k + 1) for k in range(6)]
    program = compiled(cz(), make_network(ends, (1, 0, 0, 0, 0, 0, 1), communication=2))
    with pytest.raises(SimulationError, match="must have at most"):
        gate_fidelity(program)


def test_no_shots_are_refused():
    with pytest.raises(InvalidValueError, match="`shots` must be at least 1"):
        gate_fidelity(compiled(cz(), NETWORK), shots=0)
