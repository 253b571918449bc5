"""What can be done to a circuit before it is cut: SWAPs relabelled away, and qubits' lives made short.

Both leave what the circuit computes as it is, and make cheaper plans possible.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, MEASURE
from weft.protocols.cutting.plan import clean_resets, occurrences


def without_swaps(circuit: Circuit) -> tuple[Circuit, NDArray[np.int32]]:
    """A circuit whose unconditional SWAPs are renamings of the qubits after them.

    Args:
        circuit: any.

    Returns:
        The circuit without these SWAPs, and for each qubit of the given circuit the qubit of the new one that ends with its state,
        shape (num_qubits,). Measurements follow the names: what is measured into a bit stays the same.
    """
    always = np.diff(circuit.condition_offsets) == 0
    swaps = (circuit.opcodes == CODES["swap"]) & always
    qubits = circuit.qubits.copy()
    names = np.arange(circuit.num_qubits, dtype=np.int32)
    if swaps.any():
        for row, (first, second) in enumerate(circuit.qubits.tolist()):
            if swaps[row]:
                names[[first, second]] = names[[second, first]]
            else:
                qubits[row] = names[first], names[second] if second >= 0 else -1
    return rebuilt(circuit, np.flatnonzero(~swaps), qubits), names


def without_empty_conditions(circuit: Circuit) -> Circuit:
    """A circuit without conditions on bits that nothing has written yet, which are 0, and without the rows that these rule out.

    Args:
        circuit: any.
    """
    builder = _builder_like(circuit)
    written: set[int] = set()
    for row, qubits in enumerate(circuit.qubits.tolist()):
        code, clbit = int(circuit.opcodes[row]), int(circuit.clbits[row])
        open_ones = [(bit, value) for bit, value in circuit.condition(row) if bit in written]
        if all(bit in written or not value for bit, value in circuit.condition(row)):
            operands = [qubit for qubit in qubits if qubit >= 0]
            builder.append(code, operands, circuit.angles[row].tolist(), clbit, open_ones)
        if clbit >= 0:
            written.add(clbit)
    return builder.build()


def with_short_lives(circuit: Circuit) -> Circuit:
    """The same rows in an order in which qubits begin late and end early.

    What is done to a single qubit before its first two-qubit gate, or before its first since it was reset, goes right before that
    gate; what is done after its last, right behind that. Rows whose classical bits others touch, too, stay where they are.

    Args:
        circuit: any; a register measured at the end, for example, keeps all its qubits alive until then.
    """
    rows, operands = occurrences(circuit)
    keys = np.arange(len(circuit), dtype=np.float64)
    movable = (circuit.qubits[:, 1] < 0) & ~_shares_bits(circuit)
    qubits = circuit.qubits[rows, operands]
    for low, high in zip(*_lives(rows, qubits, circuit), strict=True):
        mine = rows[low:high]
        gates = np.flatnonzero(~movable[mine])
        if len(gates):
            keys[mine[: gates[0]]] = mine[gates[0]] - 0.25
            keys[mine[gates[-1] + 1 :]] = mine[gates[-1]] + 0.25
    return rebuilt(circuit, np.argsort(keys, kind="stable"), circuit.qubits)


def _lives(
    rows: NDArray[np.int64], qubits: NDArray[np.int32], circuit: Circuit
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stretches of one qubit that begin with its first row or with an unconditional reset."""
    begins = clean_resets(circuit)[rows]
    begins[:1] = True
    begins[1:] |= qubits[1:] != qubits[:-1]
    starts = np.flatnonzero(begins)
    return starts, np.append(starts[1:], len(rows))[: len(starts)]


def _shares_bits(circuit: Circuit) -> NDArray[np.bool_]:
    """Which rows read a bit, or write one that another row reads or writes."""
    reads = np.diff(circuit.condition_offsets) > 0
    measures = circuit.opcodes == MEASURE
    uses = np.bincount(circuit.clbits[measures], minlength=max(circuit.num_clbits, 1))
    uses += np.bincount(circuit.condition_bits, minlength=len(uses))
    shares = np.zeros(len(circuit), dtype=np.bool_)
    shares[measures] = uses[circuit.clbits[measures]] > 1
    return shares | reads


def rebuilt(circuit: Circuit, rows: NDArray[np.int64], qubits: NDArray[np.int32]) -> Circuit:
    """A circuit of some rows of another, in the order given.

    Args:
        circuit: with the same qubits, bits and registers.
        rows: of it.
        qubits: operands of all rows of `circuit`.
    """
    builder = _builder_like(circuit)
    for row in rows.tolist():
        operands = [qubit for qubit in qubits[row].tolist() if qubit >= 0]
        code, clbit = int(circuit.opcodes[row]), int(circuit.clbits[row])
        builder.append(code, operands, circuit.angles[row].tolist(), clbit, circuit.condition(row))
    return builder.build()


def _builder_like(circuit: Circuit) -> CircuitBuilder:
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_bits(circuit.num_clbits)
    for register in circuit.registers:
        builder.name_bits(register.name, register.bits)
    return builder
