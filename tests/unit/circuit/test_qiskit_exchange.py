"""Qiskit circuits come in as they are, whatever they are made of."""

import warnings

import numpy as np
import pytest

from weft.circuit import from_qiskit, load_circuit, loads, to_qiskit
from weft.errors import InvalidCircuitError

qiskit = pytest.importorskip("qiskit")

from qiskit.circuit import (  # noqa: E402
    AnnotatedOperation,
    ClassicalRegister,
    Clbit,
    ControlModifier,
    Gate,
    InverseModifier,
    Parameter,
    PowerModifier,
    QuantumCircuit,
    QuantumRegister,
    Qubit,
    library,
)
from qiskit.circuit.classical import expr, types  # noqa: E402


def _standard_gates():
    from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping

    skipped = {"measure", "reset", "delay", "barrier"}
    return [gate for name, gate in get_standard_gate_name_mapping().items() if name not in skipped]


@pytest.mark.parametrize("gate", _standard_gates(), ids=lambda gate: gate.name)
def test_each_standard_gate_keeps_its_operator(gate, same_operator) -> None:
    bound = gate.base_class(*np.linspace(0.3, 2.1, len(gate.params)).tolist()) if gate.params else gate
    circuit = QuantumCircuit(max(1, gate.num_qubits))
    circuit.append(bound, list(reversed(range(gate.num_qubits))))
    assert same_operator(from_qiskit(circuit), circuit)


def _large_gates():
    inner = QuantumCircuit(2, global_phase=0.7)
    inner.h(0)
    inner.cx(0, 1)
    inner.rz(0.3, 1)
    unitary = np.linalg.qr(np.random.default_rng(1).standard_normal((8, 8)))[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "open control": library.XGate().control(2, ctrl_state=1, annotated=False),
            "open control of a known gate": library.CXGate(ctrl_state=0),
            "open control with an angle": library.RZGate(0.4).control(1, ctrl_state=0, annotated=False),
            "controlled block with a phase": inner.to_gate().control(1, annotated=False),
            "block of one known gate": library.CXGate().definition or _single(),
            "inverse block": inner.to_gate().inverse(),
            "power": inner.to_gate().power(3),
            "annotated": AnnotatedOperation(
                inner.to_gate(), [InverseModifier(), ControlModifier(2, ctrl_state=2), PowerModifier(2)]
            ),
            "unitary": library.UnitaryGate(unitary),
            "two-qubit unitary": library.UnitaryGate(np.linalg.qr(unitary[:4, :4])[0]),
            "multi-controlled phase": library.MCPhaseGate(0.3, 3),
            "permutation": library.PermutationGate([2, 0, 3, 1]),
            "diagonal": library.DiagonalGate([1, -1, 1j, -1j]),
            "pauli": library.PauliGate("XYZ"),
            "evolution": library.PauliEvolutionGate(qiskit.quantum_info.SparsePauliOp(["XX", "ZI"]), time=0.3),
            "clifford": qiskit.quantum_info.random_clifford(3, seed=1),
            "qft": library.QFTGate(3),
        }


def _single():
    circuit = QuantumCircuit(2)
    circuit.cx(1, 0)
    return circuit.to_gate()


@pytest.mark.parametrize(("name", "gate"), _large_gates().items(), ids=list(_large_gates()))
def test_other_gates_are_taken_apart(name, gate, same_operator) -> None:
    circuit = QuantumCircuit(gate.num_qubits + 1)
    circuit.append(gate, list(range(1, gate.num_qubits + 1)))
    ours = from_qiskit(circuit)
    assert same_operator(ours, circuit.decompose() if name in {"annotated", "clifford", "evolution"} else circuit)
    assert ours.qubits.shape == (len(ours), 2)


def test_a_subclass_of_quantum_circuit_is_one() -> None:
    class Mine(QuantumCircuit):
        pass

    circuit = Mine(1)
    circuit.h(0)
    assert len(load_circuit(circuit)) == 1
    with pytest.raises(InvalidCircuitError, match="must be a path, a generator's name or a Qiskit QuantumCircuit"):
        load_circuit(library.XGate())


def test_two_gates_of_one_name_are_told_apart(same_operator) -> None:
    first, second = QuantumCircuit(1, name="same"), QuantumCircuit(1, name="same")
    first.x(0)
    second.h(0)
    circuit = QuantumCircuit(2)
    circuit.append(first.to_gate(), [0])
    circuit.append(second.to_gate(), [1])
    assert same_operator(from_qiskit(circuit), circuit)


def test_a_gate_that_only_borrows_a_known_name_is_not_taken_for_it(same_operator) -> None:
    impostor = QuantumCircuit(2, name="cx")
    impostor.h(0)
    circuit = QuantumCircuit(2)
    circuit.append(impostor.to_gate(), [1, 0])
    assert same_operator(from_qiskit(circuit), circuit)


def test_names_and_order_of_registers_are_kept_and_loose_bits_have_none() -> None:
    a, b = QuantumRegister(1, "a"), QuantumRegister(2, "b")
    c = ClassicalRegister(2, "c")
    circuit = QuantumCircuit(a, b, [Qubit()], c, [Clbit()], name="mine")
    circuit.add_register(ClassicalRegister(name="shared", bits=[c[1], circuit.clbits[2]]))
    ours = load_circuit(circuit)
    assert (ours.name, ours.num_qubits, ours.num_clbits) == ("mine", 4, 3)
    assert [(register.name, register.bits) for register in ours.qubit_registers] == [("a", (0,)), ("b", (1, 2))]
    assert [(register.name, register.bits) for register in ours.registers] == [("c", (0, 1)), ("shared", (1, 2))]


def test_an_instruction_that_measures_and_resets_is_written_out() -> None:
    inner = QuantumCircuit(2, 1)
    inner.reset(1)
    inner.measure(0, 0)
    circuit = QuantumCircuit(3, 2)
    circuit.append(inner.to_instruction(), [2, 0], [1])
    ours = from_qiskit(circuit)
    assert ours.qubits[:, 0].tolist() == [0, 2]
    assert ours.clbits.tolist() == [-1, 1]


def _flipped(prepared, bits):
    circuit = QuantumCircuit(QuantumRegister(bits, "q"), QuantumRegister(2, "t"), ClassicalRegister(bits, "c"))
    circuit.add_register(ClassicalRegister(2, "r"))
    for bit in range(bits):
        if prepared >> bit & 1:
            circuit.x(bit)
    circuit.measure(range(bits), range(bits))
    return circuit


EXPRESSIONS = {
    "or": (lambda c: expr.bit_or(c[0], c[2]), lambda v: v & 5),
    "less": (lambda c: expr.less(c, 5), lambda v: v < 5),
    "not": (lambda c: expr.logic_not(expr.equal(c, 3)), lambda v: v != 3),
    "and": (lambda c: expr.logic_and(c[1], expr.not_equal(c, 6)), lambda v: v & 2 and v != 6),
    "xor": (lambda c: expr.equal(expr.bit_xor(c, 5), 1), lambda v: v ^ 5 == 1),
    "invert": (lambda c: expr.greater_equal(expr.bit_not(c), 4), lambda v: (7 - v) >= 4),
    "index": (lambda c: expr.index(c, 1), lambda v: v & 2),
    "shift": (lambda c: expr.equal(expr.shift_right(c, 1), 3), lambda v: v >> 1 == 3),
    "cast": (lambda c: expr.cast(c, types.Bool()), lambda v: v),
    "left": (lambda c: expr.equal(expr.shift_left(c, 1), 4), lambda v: (v << 1) % 8 == 4),
    "bit": (lambda c: (c[1], 0), lambda v: not v & 2),
    "register": (lambda c: (c, 6), lambda v: v == 6),
}


@pytest.mark.parametrize(("condition", "holds"), EXPRESSIONS.values(), ids=EXPRESSIONS)
@pytest.mark.parametrize("prepared", range(8))
def test_a_branch_is_taken_exactly_when_its_condition_holds(condition, holds, prepared, outcomes) -> None:
    circuit = _flipped(prepared, 3)
    with circuit.if_test(condition(circuit.cregs[0])) as else_:
        circuit.x(3)
    with else_:
        circuit.x(4)
    circuit.measure([3, 4], [3, 4])
    ours = from_qiskit(circuit)
    wanted = {f"{'01' if holds(prepared) else '10'}{prepared:03b}": 1.0}
    assert outcomes(ours) == wanted
    assert outcomes(from_qiskit(to_qiskit(ours))) == wanted


@pytest.mark.parametrize("prepared", range(8))
def test_a_switch_takes_its_case(prepared, outcomes) -> None:
    circuit = _flipped(prepared, 3)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(1, 6):
            circuit.x(3)
        with case(2):
            circuit.x(4)
        with case(case.DEFAULT):
            circuit.x([3, 4])
    circuit.measure([3, 4], [3, 4])
    wanted = {1: "01", 6: "01", 2: "10"}.get(prepared, "11")
    assert outcomes(from_qiskit(circuit)) == {f"{wanted}{prepared:03b}": 1.0}


def test_nested_branches_conjoin_and_those_that_contradict_vanish() -> None:
    circuit = QuantumCircuit(1, 2)
    with circuit.if_test((circuit.clbits[0], 1)):
        with circuit.if_test((circuit.clbits[1], 0)):
            circuit.x(0)
        with circuit.if_test((circuit.clbits[0], 0)):
            circuit.y(0)
    ours = from_qiskit(circuit)
    assert [ours.condition(row) for row in range(len(ours))] == [((0, 1), (1, 0))]


def test_loops_are_unrolled_with_their_parameter_and_boxes_opened() -> None:
    circuit = QuantumCircuit(2)
    with circuit.for_loop(range(0, 6, 2)) as number:
        circuit.rx(number * 0.5, 0)
    with circuit.box():
        circuit.cx(0, 1)
    ours = from_qiskit(circuit)
    assert ours.angles[:, 0].tolist() == [0, 1, 2, 0]
    assert ours.two_qubit_gates == 1


def _while():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.measure(0, 0)
    return circuit


def _breaking():
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(3)):
        circuit.break_loop()
    return circuit


def _variable():
    circuit = QuantumCircuit(1, 1)
    circuit.add_var("v", expr.lift(circuit.clbits[0]))
    return circuit


def _append(operation):
    circuit = QuantumCircuit(2, 1)
    circuit.append(operation, range(operation.num_qubits))
    return circuit


def _overwriting():
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.measure(0, 0)
        circuit.x(0)
    return circuit


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_while, "must do without loops that end when a measurement says so, but has a `while_loop`"),
        (_breaking, "loops that end when a measurement says so, but has a `break_loop`"),
        (_variable, "run-time variables, but has a `store`"),
        (lambda: _append(Gate("mystery", 2, [])), "a gate must have a definition, but `mystery` has none"),
        (lambda: _append(library.RXGate(Parameter("theta"))), "every parameter must have a value, but `rx` has theta"),
        (QuantumCircuit, "at least 1 qubit, but has 0"),
        (_overwriting, "must not measure into a bit of its own condition"),
    ],
)
def test_what_weft_does_not_have_is_refused_by_name(make, message) -> None:
    with pytest.raises(InvalidCircuitError, match=message):
        from_qiskit(make())


def test_barriers_are_dropped() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.barrier()
    circuit.cx(0, 1)
    assert len(from_qiskit(circuit)) == 2


def test_a_delay_is_refused_and_not_forgotten() -> None:
    circuit = QuantumCircuit(2)
    circuit.delay(10, 0, unit="ns")
    with pytest.raises(InvalidCircuitError, match="must do without delays"):
        from_qiskit(circuit)


def test_the_running_number_that_qiskit_gives_to_circuits_is_no_name() -> None:
    first, second = QuantumCircuit(1), QuantumCircuit(1)
    for circuit in (first, second):
        circuit.x(0)
    assert first.name != second.name
    assert from_qiskit(first).name == from_qiskit(second).name == "circuit"


def test_a_program_of_version_2_can_go_through_qiskit_and_back() -> None:
    ours = loads('OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q; measure q->c; if(c==1) x q[0];')
    assert from_qiskit(to_qiskit(ours)) == ours
