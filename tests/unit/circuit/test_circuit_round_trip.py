"""What goes out comes back, through text and through Qiskit."""

import warnings

import numpy as np
import pytest

from weft.circuit import Circuit, CircuitBuilder, Register, from_qiskit, load_circuit, loads, to_openqasm, to_qiskit
from weft.circuit.gates import GATES


def _every_gate() -> Circuit:
    rng = np.random.default_rng(5)
    builder = CircuitBuilder(3, name="every gate")
    for gate in GATES:
        qubits = rng.permutation(3)[: gate.qubits].tolist()
        builder.gate(gate.name, *qubits, angles=rng.uniform(-7, 7, gate.angles).tolist())
    builder.gate("rz", 0, angles=(1e-300,))
    builder.gate("rz", 0, angles=(-3.0,))
    return builder.build()


def _dynamic() -> Circuit:
    registers = (Register("gate", (0,)), Register("Ünicode", (1, 2)), Register("x", (3,)))
    builder = CircuitBuilder(4, name="dynamic", qubit_registers=registers)
    builder.add_register("if", 2)
    builder.add_bits(1)
    builder.add_register("c", 2)
    builder.gate("h", 0)
    builder.measure(0, 1)
    builder.gate("rzz", 1, 3, angles=(0.3,), condition=((0, 1), (1, 0), (4, 1)))
    builder.measure(2, 2, condition=((2, 1),))
    builder.reset(3, condition=((3, 0),))
    builder.reset(1)
    return builder.build()


def _by_qiskit(text):
    from qiskit import qasm3

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return qasm3.loads(text)


def test_every_gate_comes_back_from_text_and_from_qiskit() -> None:
    circuit = _every_gate()
    assert loads(to_openqasm(circuit)) == circuit
    assert from_qiskit(to_qiskit(circuit)) == circuit


def test_qiskit_reads_the_text_as_the_same_operator(same_operator) -> None:
    circuit = _every_gate()
    assert same_operator(circuit, _by_qiskit(to_openqasm(circuit)))


def _columns(circuit):
    columns = (circuit.opcodes, circuit.qubits, circuit.angles, circuit.clbits, circuit.condition_bits)
    return [column.tolist() for column in (*columns, circuit.condition_offsets, circuit.condition_values)]


def test_conditions_registers_and_loose_bits_come_back() -> None:
    circuit = _dynamic()
    assert from_qiskit(to_qiskit(circuit)) == circuit
    back = loads(to_openqasm(circuit))
    assert _columns(back) == _columns(circuit)
    assert [register.bits for register in back.registers] == [register.bits for register in circuit.registers]
    assert [register.name for register in back.registers] == ["if_0", "c"]
    assert [register.name for register in back.qubit_registers] == ["gate_0", "r__nicode", "x_0"]


def test_qiskit_reads_the_text_of_a_dynamic_circuit() -> None:
    text = to_openqasm(_dynamic())
    theirs = from_qiskit(_by_qiskit(text))
    ours = loads(text)
    assert _columns(theirs) == _columns(ours)


def test_registers_that_share_bits_come_back_as_aliases() -> None:
    builder = CircuitBuilder(2)
    first = builder.add_register("c", 3)
    builder.name_bits("part", (first.bits[2], first.bits[0]))
    builder.measure(0, 2)
    circuit = builder.build()
    assert loads(to_openqasm(circuit)) == circuit
    assert from_qiskit(to_qiskit(circuit)) == circuit


@pytest.mark.parametrize("name", ["qft:6", "adder:6", "qaoa:8x2", "clifford:6x40", "qv:4", "grover:4"])
def test_workloads_come_back(name) -> None:
    circuit = load_circuit(name, seed=3).measured()
    assert loads(to_openqasm(circuit)) == circuit
    assert from_qiskit(to_qiskit(circuit)) == circuit
