"""Fused gates and their variants are products of parts and Paulis."""

import numpy as np
import pytest
from dense_reference import played, wire_state

from unit.simulator.noisy_cases import GENERAL, PAULI_NOISE, compiled, make_network, static_circuit
from weft.circuit.gates import CODES, matrix_of
from weft.program import Pauli
from weft.simulator.dense.data_circuit import DataCircuit, Insertion, Part
from weft.simulator.dense.fused_circuit import FusedCircuit
from weft.simulator.dense.tracing_out import trace_out

NETWORK = make_network([(0, 1), (1, 2), (0, 2)], (2, 2, 1), hardware=PAULI_NOISE)
H, T, CX, CP = (matrix_of(CODES[name], (0.7,)) for name in ("h", "t", "cx", "cp"))


def circuit_of(wires, *parts):
    return DataCircuit(wires, tuple(Part(on, matrix) for matrix, on in parts), {}, (), (), None)


@pytest.mark.parametrize("seed", range(6))
def test_fused_gates_are_the_circuit_with_any_faults(seed):
    circuit = trace_out(compiled(static_circuit(seed, 5, 12, GENERAL), NETWORK), 5)
    fused = FusedCircuit(circuit)
    generator = np.random.default_rng(seed)
    known = sorted(circuit.insertions)
    for count in (0, 0, 1, 1, 1, 2, 3, 8):
        variables = set(generator.choice(known, count, replace=False).tolist())
        insertions = set()
        for variable in variables:
            insertions ^= set(circuit.insertions[variable])
        history = fused.history(insertions)
        assert [gate for gate, _ in history] == sorted({gate for gate, _ in history})
        overlap = np.vdot(wire_state(circuit, variables), played(fused, history, circuit.wires))
        assert abs(overlap) == pytest.approx(1, abs=1e-9)


def test_a_run_on_the_same_wires_is_one_gate():
    fused = FusedCircuit(
        circuit_of(3, (H, (0,)), (T, (1,)), (CX, (0, 1)), (CP, (1, 0)), (H, (1,)), (CX, (1, 2)), (T, (0,)))
    )
    assert len(fused) == 2


def test_wires_without_a_two_qubit_gate_have_a_gate_too():
    fused = FusedCircuit(circuit_of(1, (H, (0,)), (T, (0,))))
    assert len(fused) == 1
    state = played(fused, (), 1)
    np.testing.assert_allclose(state, T @ H @ [1, 0], atol=1e-12)
    assert len(FusedCircuit(circuit_of(0))) == 0


def test_small_states_never_shuffle_lanes():
    assert [FusedCircuit(circuit_of(wires)).qubits for wires in (1, 8, 10, 12, 15)] == [5, 12, 12, 12, 15]


def test_faults_that_do_the_same_are_the_same_variant():
    """Z before and after a diagonal gate, and X before a CX or X on both wires after it; Z twice is nothing."""
    fused = FusedCircuit(circuit_of(2, (H, (0,)), (CP, (0, 1)), (T, (0,)), (CX, (0, 1)), (H, (0,))))
    z_before, z_after = Insertion(1, 0, Pauli.Z), Insertion(2, 0, Pauli.Z)
    assert fused.history([z_before]) == fused.history([z_after]) != ()
    assert fused.history([z_before, z_after]) == ()
    x_before, x_after = Insertion(3, 0, Pauli.X), Insertion(4, 0, Pauli.X)
    assert fused.history([x_before]) != fused.history([x_after])
