"""Networks on which nothing goes wrong, and circuits for them."""

import math

import numpy as np
from qiskit.circuit import ClassicalRegister, Clbit, Parameter, ParameterVector, QuantumCircuit, QuantumRegister, Qubit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import random_unitary

from weft import QPU, Link, Network

SHOTS = 4000


def ideal(qpus: int, data_qubits: int) -> Network:
    """Perfect QPUs, each linked to each by Φ+ at the first attempt."""
    names = [chr(ord("A") + position) for position in range(qpus)]
    links = [Link(a, b, attempt_s=1e-6) for index, a in enumerate(names) for b in names[index + 1 :]]
    return Network("ideal", tuple(QPU(name, data_qubits) for name in names), tuple(links))


NETWORK = ideal(2, 3)


def bell():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def entangler(qubits):
    """A state without symmetry, so that bits in a wrong order are noticed."""
    circuit = QuantumCircuit(qubits)
    for qubit in range(qubits):
        circuit.ry(0.4 + 0.5 * qubit, qubit)
    for qubit in range(qubits):
        circuit.cx(qubit, (qubit + 1) % qubits)
        circuit.rz(0.3 * qubit, qubit)
        circuit.rx(0.7, qubit)
    return circuit


def several_registers():
    circuit = QuantumCircuit(QuantumRegister(5, "q"), ClassicalRegister(2, "low"), ClassicalRegister(11, "wide"))
    circuit.compose(entangler(5), inplace=True)
    circuit.measure([3, 1], [1, 0])
    circuit.measure([0, 2, 4], [12, 2, 9])
    return circuit


def shared_and_loose_bits():
    bits = [Clbit() for _ in range(4)]
    circuit = QuantumCircuit([Qubit() for _ in range(3)], bits)
    circuit.add_register(ClassicalRegister(name="a", bits=[bits[2], bits[0]]))
    circuit.add_register(ClassicalRegister(name="b", bits=[bits[0], bits[3]]))
    circuit.compose(entangler(3), inplace=True)
    circuit.measure([0, 1, 2], [3, 0, 1])
    return circuit


def rotated():
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(4, 4)
    circuit.ry(a, 0)
    circuit.cx(0, 3)
    circuit.crx(a + 2 * b, 3, 1)
    circuit.rzz(b, 1, 2)
    circuit.rx(b - a, 2)
    circuit.measure([0, 1, 2, 3], [0, 1, 2, 3])
    return circuit


def with_a_vector():
    theta = ParameterVector("theta", 3)
    circuit = QuantumCircuit(3)
    for qubit in range(3):
        circuit.ry(theta[qubit], qubit)
    circuit.cz(0, 2)
    circuit.h([0, 2])
    circuit.measure_all()
    return circuit


def gates_that_weft_takes_apart():
    circuit = entangler(4)
    circuit.ccx(0, 3, 1)
    circuit.append(UnitaryGate(random_unitary(4, seed=5)), [1, 3])
    circuit.cswap(2, 0, 3)
    circuit.measure_all()
    return circuit


def one_qubit_twice():
    circuit = QuantumCircuit(2, 3)
    circuit.ry(1.0, 0)
    circuit.cx(0, 1)
    circuit.measure([0, 0, 1], [0, 2, 1])
    return circuit


def overwritten():
    circuit = QuantumCircuit(2, 1)
    circuit.ry(1.0, 0)
    circuit.ry(2.0, 1)
    circuit.measure([0, 1], [0, 0])
    return circuit


def measuring_nothing():
    circuit = QuantumCircuit(2, 3)
    circuit.h([0, 1])
    return circuit


GRID = np.linspace(-2, 3, 12).reshape(2, 3, 2)


def allowed(shots, comparisons):
    """By Hoeffding, two means of `shots` signs are further apart with probability below 10⁻⁷ in any of so many comparisons."""
    return math.sqrt(4 * math.log(2 * comparisons / 1e-7) / shots)
