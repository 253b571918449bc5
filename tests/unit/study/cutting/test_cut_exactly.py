"""With exact evaluation, what is knitted equals what the uncut circuit gives, whatever is cut and however."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import Pauli, Statevector

import weft
from unit.protocols.cutting.cut_cases import random_circuit as anything
from unit.protocols.cutting.cut_cases import random_plan
from weft.circuit import CircuitBuilder
from weft.circuit.gates import GATES
from weft.circuit.qiskit_export import to_qiskit
from weft.errors import DoesNotFitError, InvalidValueError
from weft.protocols.cutting.plan import CutPlan
from weft.simulator.exact_outcomes import exact_outcomes

TWO_QUBIT = [(gate.name, gate.angles) for gate in GATES if gate.qubits == 2]


def differences(knitted, circuit):
    """Between the distribution that was knitted and that of the circuit."""
    exact = exact_outcomes(circuit)
    expected = {row.tobytes(): value for row, value in zip(exact.bits, exact.probabilities, strict=True)}
    given = knitted.distribution
    found = {row.tobytes(): value for row, value in zip(given.bits, given.values, strict=True)}
    return max(abs(expected.get(key, 0) - found.get(key, 0)) for key in expected | found)


def random_circuit(seed, *, dynamic):
    """Random gates of every kind on 3 to 5 qubits, at most two of them between the halves."""
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(3, 6))
    builder = CircuitBuilder(qubits)
    middle = builder.add_register("m", 2).bits
    between = 0
    for _ in range(int(rng.integers(6, 12))):
        builder.gate("u", int(rng.integers(qubits)), angles=rng.uniform(0, 6, 3))
        pair = rng.choice(qubits, 2, replace=False).tolist()
        if (pair[0] < qubits // 2) != (pair[1] < qubits // 2):
            between += 1
        if between <= 2 or (pair[0] < qubits // 2) == (pair[1] < qubits // 2):
            name, angles = TWO_QUBIT[rng.integers(len(TWO_QUBIT))]
            builder.gate(name, *pair, angles=rng.uniform(0, 6, angles))
        if dynamic and rng.random() < 0.3:
            qubit = int(rng.integers(qubits))
            builder.measure(qubit, middle[0])
            if rng.random() < 0.5:
                builder.gate("x", qubit, condition=[(middle[0], 1)])
            builder.reset(int(rng.integers(qubits)))
    bits = builder.add_register("c", qubits).bits
    for qubit in range(qubits):
        builder.gate("h", qubit)
        builder.measure(qubit, bits[qubit])
    return builder.build()


@pytest.mark.parametrize("kind", ["apart", "classical"])
@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("block", range(5))
def test_random_circuits(kind, dynamic, block):
    """200 of them, in two or three pieces; those that do not fit are refused, which most are not."""
    cut = 0
    for seed in range(10 * block, 10 * block + 10):
        circuit = random_circuit(seed, dynamic=dynamic)
        size = -(-circuit.num_qubits // 2)
        network = f"{kind}:{2 + seed % 2}x{size}"
        try:
            knitted = weft.cut(circuit, network, exact=True, effort="fast", joint=bool(seed % 3))
        except DoesNotFitError:
            continue
        cut += len(knitted.cutting.cuts) > 0
        assert differences(knitted, circuit) < 1e-9
    assert cut >= 3


@pytest.mark.parametrize("kind", ["apart", "classical"])
@pytest.mark.parametrize("block", range(5))
def test_random_plans(kind, block):
    """Gates and wires cut anywhere, one to three cuts in two or three pieces; 100 and more of them."""
    rng = np.random.default_rng(block)
    done = 0
    while done < 12:
        circuit = anything(rng, int(rng.integers(3, 5)), int(rng.integers(4, 8)), classical=0.15).measured()
        plan = random_plan(rng, circuit, int(rng.integers(2, 4)), change=0.15)
        count = len(plan.gate_cuts) + len(plan.wire_cuts(circuit))
        try:
            plan.check(circuit)
        except InvalidValueError:
            continue  # reads bits across pieces
        if 1 <= count <= 3:
            knitted = weft.cut(circuit, f"{kind}:3x6", exact=True, plan=plan, joint=bool(done % 2))
            assert differences(knitted, circuit) < 1e-9
            done += 1


def with_gates_within(rng, circuit, plan, share):
    """The plan, with some gates cut whose qubits are in one piece."""
    free = (circuit.qubits[:, 1] >= 0) & (np.diff(circuit.condition_offsets) == 0)
    alike = free & (plan.pieces[:, 0] == plan.pieces[:, 1])
    return CutPlan(plan.pieces, alike & (rng.random(len(circuit)) < share))


@pytest.mark.parametrize("kind", ["apart", "classical"])
@pytest.mark.parametrize("read", ["outcomes", "observables"])
def test_gates_within_pieces(kind, read):
    """Cut beside gates and wires between pieces, and without any: 40 circuits."""
    rng = np.random.default_rng(7)
    done = 0
    while done < 10:
        circuit = anything(rng, int(rng.integers(2, 5)), int(rng.integers(4, 8)), classical=0.1 * (read == "outcomes"))
        circuit = circuit.measured() if read == "outcomes" else circuit
        plan = with_gates_within(rng, circuit, random_plan(rng, circuit, int(rng.integers(1, 3)), change=0.1), 0.4)
        try:
            plan.check(circuit)
        except InvalidValueError:
            continue  # reads bits across pieces
        if not (plan.within.any() and len(plan.gate_cuts) + len(plan.wire_cuts(circuit)) <= 3):
            continue
        if read == "outcomes":
            assert differences(weft.cut(circuit, f"{kind}:3x6", exact=True, plan=plan), circuit) < 1e-9
        else:
            label = "".join(rng.choice(list("IXYZ"), circuit.num_qubits))
            knitted = weft.cut(circuit, f"{kind}:3x6", exact=True, plan=plan, observables=label)
            expected = Statevector(to_qiskit(circuit)).expectation_value(Pauli(label)).real
            assert knitted.expectations[0].value == pytest.approx(expected, abs=1e-9)
        done += 1


def relayed(seed, shared):
    """Two blocks one after the other that share some qubits, and a plan that cuts these between the blocks."""
    rng = np.random.default_rng(seed)
    qubits = shared + 2
    builder = CircuitBuilder(qubits)
    for block in (range(shared + 1), range(1, qubits)):
        for qubit in block:
            builder.gate("u", qubit, angles=rng.uniform(0, 6, 3))
        for first, second in pairwise(block):
            builder.gate("rzz", first, second, angles=[rng.uniform(0, 6)])
            builder.gate("cx", first, second)
    circuit = builder.build()
    late = np.arange(len(circuit)) >= len(circuit) // 2
    return circuit, CutPlan(np.where(circuit.qubits >= 0, late[:, None], -1).astype(np.int32))


@pytest.mark.parametrize(
    ("kind", "shared", "joint", "overhead"),
    [("apart", 1, True, 4), ("classical", 1, True, 3), ("classical", 2, True, 7), ("classical", 2, False, 9)],
)
def test_wires_one_by_one_and_together(kind, shared, joint, overhead):
    circuit, plan = relayed(shared, shared)
    knitted = weft.cut(circuit, f"{kind}:2x4", exact=True, plan=plan, joint=joint)
    assert knitted.cutting.overhead == pytest.approx(overhead)
    assert differences(knitted, circuit.measured()) < 1e-9


def test_three_wires_together():
    circuit, plan = relayed(5, 3)
    labels = ["ZZZZZ", "XYZXI", "IIYZX"]
    knitted = weft.cut(circuit, "classical:2x4", exact=True, plan=plan, observables=labels)
    assert knitted.cutting.overhead == pytest.approx(15)
    state = Statevector(to_qiskit(circuit))
    for one in knitted.expectations:
        assert one.value == pytest.approx(state.expectation_value(Pauli(one.label)).real, abs=1e-9)


def test_two_gates_together_cost_less():
    builder = CircuitBuilder(4)
    for qubit in range(4):
        builder.gate("ry", qubit, angles=[0.3 + qubit])
    builder.gate("cx", 0, 2)
    builder.gate("rzz", 3, 1, angles=[0.9])  # the other way round
    for qubit in range(4):
        builder.gate("rx", qubit, angles=[0.7 - qubit])
    circuit = builder.build()
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1], dtype=np.int32))
    together, apart = (weft.cut(circuit, "apart:2x3", exact=True, plan=plan, joint=joint) for joint in (True, False))
    assert together.cutting.overhead < apart.cutting.overhead == pytest.approx(3 * (1 + 2 * np.sin(0.9)))
    for knitted in (together, apart):
        assert differences(knitted, circuit.measured()) < 1e-9


@given(st.integers(0, 10**6), st.lists(st.text("IXYZ", min_size=4, max_size=4), min_size=1, max_size=4))
@settings(max_examples=25)
def test_observables_of_random_circuits(seed, labels):
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(4)
    for _ in range(2):
        for qubit in range(4):
            builder.gate("u", qubit, angles=rng.uniform(0, 6, 3))
        for first in range(3):
            builder.gate("cp", first, first + 1, angles=[rng.uniform(0, 6)])
    circuit = builder.build()
    sums = {label: float(rng.normal()) for label in labels}
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1], dtype=np.int32))
    knitted = weft.cut(circuit, "apart:2x3", exact=True, plan=plan, observables=[*labels, sums])
    state = Statevector(to_qiskit(circuit))
    values = [state.expectation_value(Pauli(label)).real for label in labels]
    values.append(sum(c * state.expectation_value(Pauli(label)).real for label, c in sums.items()))
    assert [one.value for one in knitted.expectations] == pytest.approx(values, abs=1e-9)
    assert all(one.stderr == 0 for one in knitted.expectations)


def test_a_circuit_that_fits_is_not_cut():
    knitted = weft.cut("ghz:4", "apart:2x4", exact=True)
    assert knitted.cutting.overhead == 1
    assert knitted.cutting.is_proven_optimal
    assert dict(zip(knitted.distribution.keys(), knitted.distribution.values, strict=True)) == pytest.approx(
        {"0000": 0.5, "1111": 0.5}
    )


def test_swaps_and_idle_qubits_cost_nothing():
    builder = CircuitBuilder(5)
    builder.gate("x", 0)
    builder.gate("swap", 0, 3)
    circuit = builder.build()
    knitted = weft.cut(circuit, "apart:2x2", exact=True, observables=["IZIII", "IIIIZ", "ZIIII", "IIXII"])
    assert [one.value for one in knitted.expectations] == pytest.approx([-1, 1, 1, 0])
    assert knitted.cutting.overhead == 1


def test_a_bit_that_two_pieces_write_is_what_the_later_one_wrote():
    builder = CircuitBuilder(4)
    [bit] = builder.add_register("c", 1).bits
    builder.gate("x", 0)
    for first, second in ((0, 1), (2, 3)):
        builder.gate("cz", first, second)
    builder.measure(0, bit)
    builder.gate("cz", 1, 2)
    builder.measure(3, bit)
    knitted = weft.cut(builder.build(), "apart:2x2", exact=True)
    assert differences(knitted, builder.build()) < 1e-9


def test_registers_are_printed_as_qiskit_prints_them():
    builder = CircuitBuilder(4)
    a, b = builder.add_register("a", 2).bits, builder.add_register("b", 2).bits
    builder.gate("x", 0)
    builder.gate("x", 3)
    for first, second in ((0, 1), (1, 2), (2, 3), (0, 3)):
        builder.gate("cz", first, second)
    for qubit, bit in enumerate((*a, *b)):
        builder.measure(qubit, bit)
    knitted = weft.cut(builder.build(), "apart:2x2", exact=True)
    kept = [
        key for key, value in zip(knitted.distribution.keys(), knitted.distribution.values, strict=True) if value > 0.5
    ]
    assert kept == ["10 01"]


def test_parameters_stay_symbolic_until_the_run():
    angles = ParameterVector("a", 5)
    template = QuantumCircuit(4)
    for qubit in range(4):
        template.ry(angles[qubit], qubit)
    for first in (0, 1, 2, 0, 1, 2):
        template.rzz(angles[4], first, first + 1)
        template.rx(0.3, first)
    cutting = weft.where_to_cut(template, "apart:2x2", measured=False)
    for seed in range(3):
        values = np.random.default_rng(seed).uniform(0, 3, 5)
        bound = template.assign_parameters(values)
        knitted = weft.cut(bound, "apart:2x2", exact=True, observables=["ZZZZ", "XIIY"], cutting=cutting)
        state = Statevector(bound)
        for one in knitted.expectations:
            assert one.value == pytest.approx(state.expectation_value(Pauli(one.label)).real, abs=1e-9)
        rows = knitted.cutting.plan.gate_cuts
        assert np.all(knitted.cutting.bare.angles[rows, 0] == values[4])
        assert knitted.cutting.overhead > 1
    template.x(0)
    with pytest.raises(InvalidValueError, match="angles only"):
        weft.cut(template.assign_parameters(values), "apart:2x2", observables="ZZZZ", cutting=cutting)
    with pytest.raises(InvalidValueError, match="for outcomes"):
        weft.cut(bound, "apart:2x2", cutting=cutting)
    with pytest.raises(InvalidValueError, match="for another"):
        weft.cut(bound, "apart:2x3", observables="ZZZZ", cutting=cutting)


def test_the_cutting_of_an_answer_serves_the_next_circuit():
    """SWAPs are relabelled away and rows moved before the search, so that the plan is not one of the circuit as it is."""
    answers, cutting = [], None
    for angle in (0.4, 0.9, 1.3):
        builder = CircuitBuilder(5)
        for layer in range(2):
            for qubit in range(5):
                builder.gate("ry", qubit, angles=[angle + qubit + layer])
            builder.gate("swap", 0, 3)
            for first in range(4):
                builder.gate("rzz", first, first + 1, angles=[angle])
        knitted = weft.cut(builder.build(), "apart:2x3", exact=True, cutting=cutting)
        cutting = knitted.cutting
        answers.append(differences(knitted, builder.build().measured()))
        assert len(cutting.cuts) > 0
    assert max(answers) < 1e-9


def test_a_plan_and_a_cutting_exclude_each_other():
    circuit, plan = relayed(1, 1)
    cutting = weft.where_to_cut(circuit, "apart:2x4")
    with pytest.raises(InvalidValueError, match="only one of `plan` and `cutting`"):
        weft.cut(circuit, "apart:2x4", exact=True, plan=plan, cutting=cutting)
    with pytest.raises(InvalidValueError, match="`plan` and `cutting` must not be given"):
        weft.cut(circuit, "line:2x4", exact=True, plan=plan, pairs="cancelled")
