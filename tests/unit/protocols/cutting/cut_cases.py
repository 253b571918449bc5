"""Random circuits and plans for tests of cutting."""

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import MEASURE, RESET, matrix_of
from weft.protocols.cutting.plan import CutPlan


def random_circuit(
    rng: np.random.Generator, qubits: int, rows: int, *, local: float = 0.3, classical: float = 0.0, swaps: float = 0.0
) -> Circuit:
    """Random gates; a share of rows on one qubit, and of rows that measure, reset or read bits."""
    builder = CircuitBuilder(qubits)
    builder.add_register("c", 3)
    for _ in range(rows):
        first, second = rng.permutation(qubits)[:2].tolist()
        if rng.random() < classical:
            bit = int(rng.integers(3))
            condition = [(int(rng.integers(3)), 1)] if rng.random() < 0.4 else []
            kind = rng.integers(4)
            if kind == 0:
                builder.measure(first, bit, condition=condition)
            elif kind == 1:
                builder.reset(first, condition=condition)
            elif kind == 2:
                builder.gate("x", first, condition=condition)
            else:
                builder.gate("cx", first, second, condition=condition)
        elif rng.random() < local:
            builder.gate("ry", first, angles=(float(rng.uniform(0, 3)),))
        elif rng.random() < swaps:
            builder.gate("swap", first, second)
        elif rng.random() < 0.5:
            builder.gate("cp", first, second, angles=(float(rng.uniform(0.1, 3)),))
        else:
            builder.gate("cx", first, second)
    return builder.build()


def random_plan(rng: np.random.Generator, circuit: Circuit, pieces: int, *, change: float = 0.2) -> CutPlan:
    """Qubits go to another piece now and then."""
    where = rng.integers(pieces, size=circuit.num_qubits)
    result = np.full((len(circuit), 2), -1, dtype=np.int32)
    for row, qubits in enumerate(circuit.qubits.tolist()):
        for operand, qubit in enumerate(qubits):
            if qubit >= 0:
                if rng.random() < change:
                    where[qubit] = rng.integers(pieces)
                result[row, operand] = where[qubit]
    return CutPlan(result)


def slow_widths(circuit: Circuit, plan: CutPlan) -> list[int]:
    """Row after row: who is alive in which piece, looked up in the future of every qubit."""
    most = [0] * plan.num_pieces
    alive: dict[int, int] = {}
    for row, qubits in enumerate(circuit.qubits.tolist()):
        here = [(qubit, int(plan.pieces[row, k])) for k, qubit in enumerate(qubits) if qubit >= 0]
        alive.update(here)
        for piece in range(plan.num_pieces):
            most[piece] = max(most[piece], sum(1 for other in alive.values() if other == piece))
        for qubit, piece in here:
            if _next_piece(circuit, plan, row, qubit) != piece:
                del alive[qubit]
    return most


def _next_piece(circuit: Circuit, plan: CutPlan, row: int, qubit: int) -> int:
    """The piece in which a qubit goes on; −1 if it does not, or only after a reset."""
    for later in range(row + 1, len(circuit)):
        qubits = circuit.qubits[later].tolist()
        if qubit in qubits:
            if circuit.opcodes[later] == RESET and not circuit.condition(later):
                return -1
            return int(plan.pieces[later, qubits.index(qubit)])
    return -1


def final_state(circuit: Circuit) -> np.ndarray:
    """The state that a circuit of gates, and of measurements at the end, which are left out, makes of |0…0⟩; axis q is qubit q."""
    state = np.zeros((2,) * circuit.num_qubits, dtype=complex)
    state[(0,) * circuit.num_qubits] = 1
    for row, code in enumerate(circuit.opcodes.tolist()):
        if code == MEASURE:
            continue
        axes = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        matrix = matrix_of(code, tuple(circuit.angles[row])).reshape((2,) * (2 * len(axes)))
        inputs = list(range(len(axes), 2 * len(axes)))
        state = np.moveaxis(np.tensordot(matrix, state, axes=(inputs, axes)), range(len(axes)), axes)
    return state
