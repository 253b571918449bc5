"""Weft's `Circuit` into Qiskit's `QuantumCircuit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.circuit.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET
from weft.circuit.qiskit_gates import gate_class


def to_qiskit(circuit: Circuit) -> Any:
    """Converts to a Qiskit `QuantumCircuit`.

    A condition on several bits becomes if-statements inside each other, each on one bit.

    Args:
        circuit: any.

    Returns:
        A `QuantumCircuit` with the same registers; `from_qiskit` gives the circuit back.
    """
    from qiskit.circuit import ClassicalRegister, Clbit, Measure, QuantumCircuit, QuantumRegister, Qubit, Reset

    qubits = [Qubit() for _ in range(circuit.num_qubits)]
    clbits = [Clbit() for _ in range(circuit.num_clbits)]
    result = QuantumCircuit(qubits, clbits, name=circuit.name)
    for register in circuit.qubit_registers:
        result.add_register(QuantumRegister(name=register.name, bits=[qubits[bit] for bit in register.bits]))
    for register in circuit.registers:
        result.add_register(ClassicalRegister(name=register.name, bits=[clbits[bit] for bit in register.bits]))
    classes = {code: gate_class(code) for code in {*circuit.opcodes.tolist()} - {MEASURE, RESET}}
    rows = zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), circuit.angles.tolist(), strict=True)
    for row, (code, operands, angles) in enumerate(rows):
        targets = [qubits[qubit] for qubit in operands if qubit >= 0]
        written: list[Any] = []
        if code == MEASURE:
            operation, written = Measure(), [clbits[circuit.clbits[row]]]
        elif code == RESET:
            operation = Reset()
        else:
            operation = classes[code](*angles[: GATES[code].angles])
        condition = [(clbits[bit], value) for bit, value in circuit.condition(row)]
        _append(result, operation, targets, written, condition)
    return result


def _append(
    circuit: Any, operation: Any, qubits: list[Any], clbits: list[Any], condition: Sequence[tuple[Any, int]]
) -> None:
    if not condition:
        circuit.append(operation, qubits, clbits)
        return
    with circuit.if_test(condition[0]):
        _append(circuit, operation, qubits, clbits, condition[1:])
