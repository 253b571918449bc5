"""Which programs run on a dense state, and what comes out whatever the machine."""

import numpy as np
import pytest

from property.test_simulate import assert_samples_agree
from unit.simulator.noisy_cases import (
    GENERAL,
    PAULI_NOISE,
    RELAXATION,
    compiled,
    make_network,
    pair_of_qpus,
    static_circuit,
)
from weft.circuit import CircuitBuilder
from weft.network import BellPair
from weft.program import Op
from weft.simulator import simulate
from weft.simulator.backend import is_static
from weft.simulator.statevector import StateVector, _dense_plan

PAIR = BellPair.bell_diagonal([0.9, 0.06, 0.03, 0.01])


@pytest.fixture
def dense_runs(monkeypatch):
    """Counts batches on a dense state."""
    from weft.simulator import statevector

    run, runs = statevector.run_dense, []
    monkeypatch.setattr(statevector, "run_dense", lambda *given: runs.append(1) or run(*given))
    return runs


@pytest.mark.parametrize(
    ("hardware", "pair", "dense"),
    [
        (PAULI_NOISE, PAIR, 1),
        (RELAXATION, PAIR, 0),
        (PAULI_NOISE, BellPair.from_density_matrix(np.diag([0.0, 0.96, 0.04, 0.0])), 0),
    ],
    ids=["Pauli noise", "relaxation", "no Bell-diagonal pair"],
)
def test_pauli_noise_runs_on_a_dense_state(dense_runs, hardware, pair, dense):
    program = compiled(static_circuit(2, 3, 7, GENERAL), pair_of_qpus((2, 1), pair=pair, hardware=hardware))
    simulate(program, shots=10, seed=1, backend="statevector")
    assert len(dense_runs) == dense
    many = StateVector().batch_shots(program) > 128
    assert many == bool(dense)


def test_dense_states_can_be_done_without(dense_runs):
    program = compiled(static_circuit(2, 3, 7, GENERAL), pair_of_qpus((2, 1), pair=PAIR, hardware=PAULI_NOISE))
    result = simulate(program, shots=10, seed=1, backend=StateVector(dense=False))
    assert result.backend == "statevector"
    assert not dense_runs


def test_a_state_of_few_amplitudes_stays_sparse():
    """Twenty qubits with definite values; and the same qubits in superposition."""
    builder = CircuitBuilder(20)
    for qubit in range(19):
        builder.gate("cx", qubit, qubit + 1)
        builder.gate("cp", qubit, qubit + 1, angles=[0.3])
    network = pair_of_qpus((20, 0))
    assert _dense_plan(compiled(builder, network)) is None
    spread = CircuitBuilder(20)
    for qubit in range(20):
        spread.gate("h", qubit)
        spread.gate("t", qubit)
    assert _dense_plan(compiled(spread, network)).circuit.wires == 20


def test_a_program_with_moves_samples_like_density_matrices():
    """Its emptied data qubits are measured and reset, and still there is one ideal state; false alarms below 1e-7."""
    network = make_network([(0, 1), (1, 2), (0, 2)], (2, 2, 2), communication=1, pair=PAIR, hardware=PAULI_NOISE)
    programs = [compiled(static_circuit(seed, 3, 9, GENERAL), network) for seed in range(60)]
    moving = [program for program in programs if np.any(program.opcodes == Op.RESET)]
    assert moving
    for program in moving[:2]:
        assert _dense_plan(program) is not None
        assert is_static(program)
        assert_samples_agree(StateVector(), program, 5)
        assert_samples_agree(StateVector(dense=False), program, 6)


def test_the_number_of_cores_does_not_matter(monkeypatch):
    program = compiled(static_circuit(5, 4, 9, GENERAL), pair_of_qpus((2, 2), pair=PAIR, hardware=PAULI_NOISE))
    results = []
    for cores in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        results.append(simulate(program, shots=300, seed=4, backend="statevector"))
    one, three = results
    assert one.counts == three.counts
    np.testing.assert_array_equal(one.overlap_sums, three.overlap_sums)
