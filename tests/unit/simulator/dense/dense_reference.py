"""What a data circuit does, played gate by gate on NumPy arrays."""

import numpy as np

from weft.circuit.gates import CODES, matrix_of
from weft.program import Pauli

PAULIS = {Pauli.X: matrix_of(CODES["x"]), Pauli.Z: matrix_of(CODES["z"])}


def apply_matrix(state, matrix, qubits):
    """A gate on some axes of a state of shape (2, …, 2), the first operand the most significant."""
    count = len(qubits)
    moved = np.moveaxis(state, qubits, range(count))
    return np.moveaxis((matrix @ moved.reshape(2**count, -1)).reshape(moved.shape), range(count), qubits)


def wire_state(circuit, variables):
    """The state of the wires, shape (2, …, 2), wire by wire, after the faults that `variables` stand for."""
    state = np.zeros((2,) * circuit.wires, dtype=np.complex128)
    state[(0,) * circuit.wires] = 1
    insertions = [insertion for variable in variables for insertion in circuit.insertions.get(variable, ())]
    for number, part in enumerate(circuit.parts):
        for insertion in insertions:
            if insertion.part == number:
                state = apply_matrix(state, PAULIS[insertion.pauli], (part.wires[insertion.operand],))
        state = apply_matrix(state, part.matrix, part.wires)
    return state


def struck_state(circuit, variables):
    """The state of the measured qubits as {values, in the order of outputs: amplitude}."""
    found = {}
    for index, amplitude in np.ndenumerate(wire_state(circuit, variables)):
        values = [
            output.flipped + len(output.variables & variables) + sum(index[wire] for wire in output.wires)
            for output in circuit.outputs
        ]
        key = tuple(value % 2 for value in values)
        found[key] = found.get(key, 0) + amplitude  # wires that were given back are in |0⟩
    return found


def played(fused, history, wires):
    """The state of the wires after the fused gates, up to a phase."""
    state = np.zeros((2,) * fused.qubits, dtype=complex)
    state[(0,) * fused.qubits] = 1
    variants = dict(history)
    for gate, (first, second) in enumerate(zip(fused.first.tolist(), fused.second.tolist(), strict=True)):
        axes = (fused.qubits - 1 - second, fused.qubits - 1 - first)
        state = apply_matrix(state, fused.variant(gate, variants.get(gate, 0)), axes)
    axes = [fused.qubits - 1 - fused.qubit(wire) for wire in range(wires)]
    return np.moveaxis(state, axes, range(wires))[(..., *(0,) * (fused.qubits - wires))]
