"""Operations of CliNR as rows of a Program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from weft.circuit.gates import CODES
from weft.errors import InvalidValueError
from weft.program import Pauli, ProgramBuilder
from weft.protocols.clinr.operations import MEASURE_X, MEASURE_Z, PAIR, PREPARE_X, PREPARE_Z, Operations

_BASES = {MEASURE_Z: Pauli.Z, MEASURE_X: Pauli.X}
_H = CODES["h"]

Readings = Mapping[int, Sequence[int]]
"""For each reading, the bits whose parity it is."""


def add_rows(
    builder: ProgramBuilder, operations: Operations, qubits: Sequence[int], *, stage: int | None = None, link: int = -1
) -> Readings:
    """Appends operations; |+⟩ is |0⟩ and `h`, because a Program prepares nothing else.

    Args:
        builder: of the program.
        operations: to append, none of which waits: in a program that comes about by itself.
        qubits: the program's qubit for each of theirs.
        stage: to append this one alone.
        link: from which pairs are taken.

    Raises:
        InvalidValueError: if an operation is none that a program has.
    """
    readings: dict[int, list[int]] = defaultdict(list)
    rows = np.arange(len(operations)) if stage is None else np.flatnonzero(operations.stages == stage)
    columns = (operations.kinds[rows], operations.qubits[rows], operations.readings[rows])
    for kind, (first, second), reading in zip(*(column.tolist() for column in columns), strict=True):
        here = [qubits[place] for place in (first, second) if place >= 0]
        if kind < PREPARE_Z:
            builder.gate_code(kind, here, ())
        elif kind == PAIR:
            builder.entangle(link, *here)
        elif kind in _BASES:
            bit = builder.new_bit()
            builder.measure(here[0], bit, basis=_BASES[kind])
            readings[reading].append(bit)
        elif kind in {PREPARE_Z, PREPARE_X}:
            builder.reset(here[0])
            if kind == PREPARE_X:
                builder.gate_code(_H, here, ())
        else:
            raise InvalidValueError(f"operations of a program must not wait, but one is of kind {kind}")
    return readings
