"""Cuts, ready to be knitted: what may happen at each end, and the matrix that joins the two ends.

Where one end waits for what the other measured, the sum over messages is written out: an entry of the left end is then an operation
together with what it measured, and the right end has an operation for each message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import Matrix
from weft.protocols.cutting.decomposition import Decomposition
from weft.protocols.cutting.gate_cuts import parallel_gate_cut
from weft.protocols.cutting.operations import Operation
from weft.protocols.cutting.runs import Run, unitary_of
from weft.protocols.cutting.shares import process_shares
from weft.protocols.cutting.wire_cuts import wire_cut

Message = tuple[int, ...]
"""What the left end measured, bit by bit; empty where nothing is sent."""


@dataclass(frozen=True, eq=False)
class Cut:
    """One cut, of a gate or of a wire, or of a few of them jointly.

    Attributes:
        rows: of the circuit: the gates, with those on one qubit within a run, or those after which the wires are cut.
        qubits: of the circuit: those at the left end of the cut, or those whose wires are cut.
        partners: those at the right end; empty for wires.
        is_wire: whether wires are cut.
        pieces: where the two ends are.
        left: operations at the first end.
        right: operations at the second end; they read no messages.
        entries: of the first end: the number of an operation, and what it must have measured.
        coefficients (float array, shape (entries, right operations)): what each pair counts.
        overhead: γ; the cut needs γ² times the shots.
    """

    rows: tuple[int, ...]
    qubits: tuple[int, ...]
    partners: tuple[int, ...]
    is_wire: bool
    pieces: tuple[int, int]
    left: tuple[Operation, ...]
    right: tuple[Operation, ...]
    entries: tuple[tuple[int, Message], ...]
    coefficients: NDArray[np.float64]
    overhead: float

    @property
    def size(self) -> int:
        """How many gates, runs of gates, or wires it cuts."""
        return len(self.qubits)

    def operations(self, end: int) -> tuple[Operation, ...]:
        """What may happen at an end: 0 is the left one."""
        return (self.left, self.right)[end]

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """How much of the process each pair is, shape as `coefficients`; see `process_shares`."""
        left = [(self.left[number], seen) for number, seen in self.entries]
        return process_shares(left, self.right, self.coefficients, is_wire=self.is_wire)


def gate_cut_at(
    circuit: Circuit, runs: Sequence[Run], qubits: tuple[int, ...], pieces: tuple[int, int], *, ancillas: bool = True
) -> Cut:
    """The cut of some gates that could be made at one moment, jointly.

    Args:
        circuit: that has the gates.
        runs: rows of gates that follow each other on one pair of qubits; most are of one gate.
        qubits: of each, the one at the left end.
        pieces: where the two ends are.
        ancillas: whether they may be used where that makes the cut cheaper.
    """
    unitaries = [_unitary(circuit, run, qubit) for run, qubit in zip(runs, qubits, strict=True)]
    partners = tuple(
        int(circuit.qubits[run[0]].sum()) - qubit for run, qubit in zip(runs, qubits, strict=True)
    )  # the other one of two
    rows = tuple(row for run in runs for row in run)
    return _make(rows, qubits, partners, pieces, parallel_gate_cut(unitaries, ancillas=ancillas), is_wire=False)


def wire_cut_at(places: Sequence[tuple[int, int]], pieces: tuple[int, int], *, communication: bool) -> Cut:
    """The cut of some wires that could be made at one moment, jointly.

    Args:
        places: a qubit and the row after which it goes on in another piece, for each.
        pieces: from which, and to which.
        communication: whether the second piece learns in time what the first measured.
    """
    qubits, rows = zip(*places, strict=True)
    return _make(rows, qubits, (), pieces, wire_cut(len(places), communication), is_wire=True)


def _unitary(circuit: Circuit, run: Run, first: int) -> Matrix:
    """Of gates; the identity if it has to wait for a bit to be 1: what is cut can read only bits that nothing has written."""
    if any(value for _, value in circuit.condition(run[0])):
        return np.eye(4, dtype=np.complex128)
    return unitary_of(circuit, run, first)


def _make(
    rows: tuple[int, ...],
    qubits: tuple[int, ...],
    partners: tuple[int, ...],
    pieces: tuple[int, int],
    by: Decomposition,
    *,
    is_wire: bool,
) -> Cut:
    left, right, entries, coefficients = _written_out(by)
    return Cut(rows, qubits, partners, is_wire, pieces, left, right, entries, coefficients, by.overhead)


def _written_out(
    by: Decomposition,
) -> tuple[tuple[Operation, ...], tuple[Operation, ...], tuple[tuple[int, Message], ...], NDArray[np.float64]]:
    """The operations of both ends without messages, the entries of the left end, and the coefficients."""
    entries: list[tuple[int, Message]] = []
    columns: dict[Operation, int] = {}
    cells: list[tuple[int, int, float]] = []
    for number in range(len(by.left)):
        partners = np.flatnonzero(by.coefficients[number])
        told = max((by.right[partner].messages for partner in partners), default=0)
        for message in product((0, 1), repeat=told):
            for partner in partners:
                answer = _answering(by.right[partner], message)
                column = columns.setdefault(answer, len(columns))
                cells.append((len(entries), column, float(by.coefficients[number, partner])))
            entries.append((number, message))
    coefficients = np.zeros((len(entries), len(columns)))
    for entry, column, coefficient in cells:
        coefficients[entry, column] += coefficient
    return by.left, tuple(columns), tuple(entries), coefficients


def _answering(operation: Operation, message: Message) -> Operation:
    """What an operation does once it has been told something."""
    steps = tuple(
        replace(step, condition=())
        for step in operation.steps
        if all(message[place] == value for place, value in step.condition)
    )
    return replace(operation, steps=steps, messages=0)
