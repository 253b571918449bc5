"""Gates on one pair of qubits that follow each other are one unitary, and cost what that costs."""

import math

import numpy as np
import pytest

import weft
from unit.protocols.cutting.cut_cases import random_circuit
from weft.circuit import CircuitBuilder, load_circuit
from weft.protocols.cutting.gate_cuts import gate_overhead, gate_overheads
from weft.protocols.cutting.plan import CutPlan
from weft.protocols.cutting.runs import cheaper_runs, contiguous_runs, runs_of, unitary_of


def circuit_of(*gates, qubits=3):
    builder = CircuitBuilder(qubits)
    builder.add_register("c", 1)
    for name, *operands in gates:
        if name == "measure":
            builder.measure(operands[0], 0)
        elif name == "reset":
            builder.reset(operands[0])
        else:
            builder.gate(name, *operands)
    return builder.build()


def test_runs_begin_and_end_with_two_qubit_gates():
    circuit = circuit_of(("h", 0), ("cx", 0, 1), ("h", 2), ("t", 1), ("cx", 1, 0), ("h", 0), ("cx", 1, 2), ("cx", 0, 1))
    assert runs_of(circuit) == [(1, 3, 4)]


@pytest.mark.parametrize("between", [("measure", 0), ("reset", 1), ("cx", 1, 2)])
def test_what_is_no_gate_of_the_pair_ends_a_run(between):
    assert runs_of(circuit_of(("cx", 0, 1), between, ("cx", 0, 1))) == []


def test_what_has_a_condition_is_in_no_run():
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.gate("cx", 0, 1)
    builder.gate("x", 0, condition=[(0, 0)])
    builder.gate("cx", 0, 1)
    assert runs_of(builder.build()) == []


def test_runs_cost_at_most_the_product_of_their_gates():
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(60):
        circuit = random_circuit(rng, 3, 20)
        for run in runs_of(circuit):
            together = gate_overhead(unitary_of(circuit, run, int(circuit.qubits[run[0], 0])))
            assert together <= np.prod(gate_overheads(circuit)[list(run)]) + 1e-9
            seen += 1
    assert seen > 100


def test_putting_runs_together_changes_no_order_along_a_qubit():
    rng = np.random.default_rng(2)
    for _ in range(40):
        circuit = random_circuit(rng, 4, 25, classical=0.2)
        order = contiguous_runs(circuit)
        for qubit in range(4):
            own = np.flatnonzero((circuit.qubits == qubit).any(axis=1))
            assert [row for row in order.tolist() if row in own] == own.tolist()
        place = np.argsort(order)
        for run in runs_of(circuit):
            assert np.diff(place[list(run)]).tolist() == [1] * (len(run) - 1)


@pytest.mark.parametrize("seed", range(8))
def test_any_two_qubit_unitary_of_qiskit_is_cut_as_one(seed):
    """Its γ is that of the operator's Schmidt coefficients, which are singular values of the realigned matrix."""
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import Operator, SparsePauliOp, Statevector, random_unitary

    circuit = QuantumCircuit(3)
    circuit.h([0, 1, 2])
    unitary = random_unitary(4, seed=seed)
    circuit.unitary(unitary, [0, 1])
    circuit.cx(1, 2)
    circuit.unitary(random_unitary(2, seed=seed), [1])
    realigned = Operator(unitary).data.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    gamma = np.linalg.svd(realigned, compute_uv=False).sum() ** 2 / 2 - 1
    labels = ["ZZZ", "IXY", "YIX"]
    plan = CutPlan.of_qubits(load_circuit(circuit), np.array([0, 1, 1], dtype=np.int32))
    for how in ({"plan": plan}, {}):
        found = weft.cut(circuit, "apart:2x3" if how else "apart:2x2", observables=labels, exact=True, **how)
        exact = [Statevector(circuit).expectation_value(SparsePauliOp(label)).real for label in labels]
        assert [one.value for one in found.expectations] == pytest.approx(exact, abs=1e-9)
        if how:
            assert found.cutting.overhead == pytest.approx(gamma)
    assert weft.where_to_cut(circuit, "apart:2x2", measured=False).overhead <= 3 + 1e-9  # of the CX


def test_a_run_and_another_gate_are_cut_together():
    """2 Π (γ + 1)/2 − 1 for γ of a run and of a CX beside it."""
    circuit = circuit_of(("cx", 0, 1), ("h", 0), ("t", 1), ("cx", 0, 1), ("cx", 2, 3), ("h", 2), qubits=4)
    plan = CutPlan.of_qubits(circuit, np.array([0, 1, 0, 1], dtype=np.int32))
    [(_, cost)] = cheaper_runs(circuit).items()
    found = weft.cut(circuit, "apart:2x3", observables=["ZZZZ", "XIYX"], exact=True, plan=plan)
    assert found.cutting.overhead == pytest.approx((cost + 1) * 2 - 1)
    whole = weft.cut(circuit, "all:1x4", observables=["ZZZZ", "XIYX"], exact=True)
    assert [one.value for one in found.expectations] == pytest.approx(
        [one.value for one in whole.expectations], abs=1e-9
    )
    apart = weft.cut(circuit, "apart:2x3", observables="ZZZZ", exact=True, plan=plan, joint=False)
    assert apart.cutting.overhead == pytest.approx(27)


def test_the_same_cuts_with_other_angles():
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    angle = Parameter("t")
    circuit = QuantumCircuit(2)
    circuit.rxx(angle, 0, 1)
    circuit.h(0)
    circuit.rzz(2 * angle, 0, 1)
    circuit.rx(angle, 1)
    cutting = weft.where_to_cut(circuit, "apart:2x1", measured=False)
    for value in (0.0, 0.3, math.pi / 2, 4.0):
        bound = circuit.assign_parameters({angle: value})
        found = weft.cut(bound, "apart:2x1", observables="ZZ", exact=True, cutting=cutting)
        whole = weft.cut(bound, "all:1x2", observables="ZZ", exact=True)
        assert found.expectations[0].value == pytest.approx(whole.expectations[0].value, abs=1e-9)
