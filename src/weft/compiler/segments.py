"""Segments: the stretches of a qubit's life in which every two-qubit gate on it is diagonal in one and the same basis.

During a segment, copies of the qubit in that basis may stand on several QPUs and serve gates there. A turn between two gates
that is neither diagonal nor antidiagonal in it ends a segment; so do measurements, resets, and one-qubit gates that depend on
measured bits, for which the qubit must be whole.

A segment is *embeddable* if its gates are controlled Paulis along an axis at right angles to that of its two neighbours, which
share theirs. The copies of the neighbours may then live through it, each gate being done on every copy: Wu et al.,
"Entanglement-efficient bipartite-distributed quantum computing", Quantum 7, 1196 (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, matrix_of
from weft.compiler.forms import diagonal_form


@dataclass(frozen=True)
class Segments:
    """The segments of a circuit, those of one qubit side by side in the order of time.

    Attributes:
        of (int64 array, shape (n, 2)): the segment of each operand of each two-qubit gate; −1 for everything else.
        offsets (int64 array, shape (qubits + 1,)): qubit q has segments offsets[q] to offsets[q + 1], at least one.
        first_gate (int64 array, shape (segments,)): the first gate of each, counting two-qubit gates only; −1 if none.
        embeddable (bool array, shape (segments,)).
        azimuth (float64 array, shape (segments,)): of an embeddable one: the angle φ such that its axis is
            cos φ X + sin φ Y, in radians, in the basis of the segment before it.
        severed (bool array, shape (segments,)): whether something stands before it for which the qubit must be whole.
    """

    of: NDArray[np.int64]
    offsets: NDArray[np.int64]
    first_gate: NDArray[np.int64]
    embeddable: NDArray[np.bool_]
    azimuth: NDArray[np.float64]
    severed: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.offsets[-1])

    @cached_property
    def qubits(self) -> NDArray[np.int64]:
        """The qubit of each segment."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def gates(self) -> NDArray[np.int64]:
        """The two segments of each two-qubit gate, shape (gates, 2)."""
        return self.of[self.of[:, 0] >= 0]


def find_segments(circuit: Circuit) -> Segments:
    """The segments of a circuit all of whose two-qubit gates have a diagonal form; one pass over its rows."""
    from weft.compiler.segment_kernel import trace_segments

    rows, owners, first_gate, embeddable, azimuth, severed = trace_segments(
        circuit.num_qubits, circuit.qubits, *_tables(circuit)
    )
    order = np.argsort(owners, kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    counts = np.bincount(owners, minlength=circuit.num_qubits)
    return Segments(
        of=place[rows],
        offsets=np.concatenate(([0], np.cumsum(counts))),
        first_gate=first_gate[order],
        embeddable=embeddable[order],
        azimuth=azimuth[order],
        severed=severed[order],
    )


def _tables(circuit: Circuit) -> tuple[NDArray[np.generic], ...]:
    """What the kernel needs to know of each row, gates that are alike being looked up once."""
    row_bytes = np.column_stack((circuit.opcodes.astype(np.float64), circuit.angles)).view(np.void(32).dtype).ravel()
    _, examples, which = np.unique(row_bytes, return_index=True, return_inverse=True)
    matrices = np.zeros((len(examples), 2, 2), dtype=np.complex128)
    bases = np.zeros((len(examples), 2, 2, 2), dtype=np.complex128)
    bases[:, :] = np.eye(2)
    is_pauli = np.zeros(len(examples), dtype=np.bool_)
    for position, row in enumerate(examples.tolist()):
        code = int(circuit.opcodes[row])
        if code >= MEASURE:
            continue
        angles = tuple(circuit.angles[row, : GATES[code].angles].tolist())
        if GATES[code].qubits == 1:
            matrices[position] = matrix_of(code, angles)
            continue
        form = diagonal_form(code, angles)
        is_pauli[position] = form.is_pauli
        for operand, basis in enumerate(form.before):
            if basis is not None:
                bases[position, operand] = basis
    conditional = np.diff(circuit.condition_offsets) > 0
    severs = (circuit.opcodes >= MEASURE) | (conditional & (circuit.qubits[:, 1] < 0))
    return which.astype(np.int64), severs, matrices, bases, is_pauli[which] & ~conditional
