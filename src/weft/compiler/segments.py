"""Segments: the stretches of a qubit's life in which everything that acts on it is diagonal there.

During a segment one copy of the qubit, made by one Bell pair, serves every gate with partners on one other QPU. So a segment
and a QPU name a *packet*: a group of gates that share a pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET, diagonal_operands


@dataclass(frozen=True)
class Segments:
    """The segments of a circuit.

    Attributes:
        of (int64 array, shape (n, 2)): the segment that each operand of each two-qubit gate belongs to; −1 where the gate is
            not diagonal on that operand, and for everything that is not a two-qubit gate.
        qubits (int64 array, shape (segments,)): the qubit of each segment.
    """

    of: NDArray[np.int64]
    qubits: NDArray[np.int64]


def find_segments(circuit: Circuit) -> Segments:
    """The segments of a circuit, in one pass over its instructions."""
    current = list(range(circuit.num_qubits))
    owners = list(range(circuit.num_qubits))
    of = [-1] * (2 * len(circuit))
    fixed = {code: diagonal_operands(code, ()) for code in set(circuit.opcodes.tolist()) if _has_fixed_shape(code)}
    angles = circuit.angles.tolist()

    def end_segment(qubit: int) -> None:
        current[qubit] = len(owners)
        owners.append(qubit)

    for row, (code, (first, second)) in enumerate(zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), strict=True)):
        if code in {MEASURE, RESET}:
            end_segment(first)
            continue
        diagonal = fixed.get(code) or diagonal_operands(code, tuple(angles[row][: GATES[code].angles]))
        for position, qubit in enumerate((first, second)[: len(diagonal)]):
            if not diagonal[position]:
                end_segment(qubit)
            elif second >= 0:
                of[2 * row + position] = current[qubit]
    return Segments(np.array(of, dtype=np.int64).reshape(-1, 2), np.array(owners, dtype=np.int64))


def _has_fixed_shape(code: int) -> bool:
    return code not in {MEASURE, RESET} and GATES[code].angles == 0
