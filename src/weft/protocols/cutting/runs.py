"""Runs: gates on one pair of qubits with nothing but one-qubit gates between them, which are one unitary, and are cut as one.

A channel in a row with another costs at most the product of what both cost, and mostly far less: the three CX of an arbitrary
two-qubit unitary cost 27 one by one, and at most 7 as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET, Matrix, matrix_of
from weft.protocols.cutting.gate_cuts import gate_overhead, gate_overheads

Run = tuple[int, ...]
"""Rows in their order; the first and the last are two-qubit gates."""
_GAIN = 1e-9


@dataclass
class _Open:
    """A run that may go on, and the one-qubit gates since its last row."""

    pair: frozenset[int]
    rows: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)


def runs_of(circuit: Circuit) -> list[Run]:
    """All runs of two or more two-qubit gates, as long as can be; which they are does not depend on angles.

    Args:
        circuit: any; what has a condition is in no run.
    """
    found: list[_Open] = []
    current: dict[int, _Open] = {}
    always = np.diff(circuit.condition_offsets) == 0
    for row, (first, second) in enumerate(circuit.qubits.tolist()):
        pair = frozenset((first, second)) - {-1}
        runs = [current.pop(qubit, None) for qubit in pair]
        if not always[row] or circuit.opcodes[row] in (MEASURE, RESET):
            continue
        run = runs[0]
        if second < 0:
            if run is not None:
                run.pending.append(row)
                current[first] = run
            continue
        if run is None or run is not runs[1]:
            run = _Open(pair)
            found.append(run)
        run.rows += [*sorted(run.pending), row]
        run.pending.clear()
        current |= dict.fromkeys(pair, run)
    return [tuple(run.rows) for run in found if len(run.rows) > 1]


def unitary_of(circuit: Circuit, rows: Run, first: int) -> Matrix:
    """What gates on one pair of qubits do together.

    Args:
        circuit: that has the gates.
        rows: of gates without conditions, in their order.
        first: the qubit that is the more significant one.
    """
    whole: Matrix = np.eye(4, dtype=np.complex128)
    for row in rows:
        gate = matrix_of(int(circuit.opcodes[row]), circuit.angles[row])
        whole = np.asarray(_on_both(gate, is_first=int(circuit.qubits[row, 0]) == first) @ whole, dtype=np.complex128)
    return whole


def _on_both(gate: Matrix, *, is_first: bool) -> Matrix:
    """A gate on one qubit or two as one on both of a pair, its first operand being the pair's first qubit or the second."""
    if len(gate) == 2:
        factors = (gate, np.eye(2)) if is_first else (np.eye(2), gate)
        return np.asarray(np.kron(*factors), dtype=np.complex128)
    return gate if is_first else gate.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


@lru_cache(maxsize=16)  # every plan for a circuit asks again
def cheaper_runs(circuit: Circuit) -> Mapping[Run, float]:
    """The runs that cost less than their gates one by one, and γ of each."""
    overheads = gate_overheads(circuit)
    found = {}
    for run in runs_of(circuit):
        together = gate_overhead(unitary_of(circuit, run, int(circuit.qubits[run[0], 0])))
        if together < float(np.prod(overheads[list(run)])) - _GAIN:
            found[run] = together
    return found


def contiguous_runs(circuit: Circuit) -> NDArray[np.int64]:
    """An order of rows that computes the same, in which the rows of each run follow each other, where its last one is."""
    keys = np.arange(len(circuit))
    for run in runs_of(circuit):
        keys[list(run)] = run[-1]
    return np.argsort(keys, kind="stable")
