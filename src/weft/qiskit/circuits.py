"""Qiskit's circuits as the primitives run them: all classical bits in one register, and no idle qubits.

One register over all bits makes outcomes rows of bits, from which any of the circuit's registers is read, also where registers
share bits or bits are in none. A transpiler may widen circuits to the whole machine; a qubit that nothing acts on needs no place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from weft.circuit import Circuit, Register, load_circuit

ALL_BITS = "bits"


def circuit_of(source: Any) -> Circuit:
    """A circuit of Qiskit's, its classical bits in one register.

    Raises:
        InvalidCircuitError: for parameters without a value, and what else Weft does not have.
    """
    circuit = load_circuit(source)
    return replace(circuit, registers=(Register(ALL_BITS, tuple(range(circuit.num_clbits))),))


def without_idle_qubits(circuit: Circuit) -> Circuit:
    """The circuit on those qubits that instructions act on, in their order; on one qubit if there are no instructions."""
    used = np.unique(circuit.qubits[circuit.qubits >= 0])
    if len(used) == circuit.num_qubits:
        return circuit
    places = np.full(circuit.num_qubits + 1, -1, dtype=np.int32)  # the last place is that of −1: no operand
    places[used] = np.arange(len(used))
    count = max(len(used), 1)
    qubits = places[circuit.qubits]
    qubits.setflags(write=False)
    return replace(circuit, num_qubits=count, qubits=qubits, qubit_registers=(Register("q", tuple(range(count))),))
