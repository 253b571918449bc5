"""The circuit on data qubits that a program computes once its communication qubits are traced out, and where faults strike it.

`tracing_out.py` finds it. Everything that happens by chance in a shot is a *variable*: an X or a Z that strikes a qubit between two
of its instructions, a wrong reading, the outcome of a measurement. What a variable does to the state is a list of Paulis between
the gates, and variables add up: if two do the same, nothing happens.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix
from weft.program import Pauli, Program
from weft.simulator.faults import BEFORE, READOUT

_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Part:
    """A gate on the state of the wires.

    Attributes:
        wires: one or two.
        matrix (complex array, shape (2, 2) or (4, 4)): on |first, second⟩, the first wire the more significant.
    """

    wires: tuple[int, ...]
    matrix: Matrix


@dataclass(frozen=True, order=True)
class Insertion:
    """A Pauli on one wire.

    Attributes:
        part: number of the part that it stands before.
        operand: which of that part's wires it acts on.
        pauli: X or Z; Y is both.
    """

    part: int
    operand: int
    pauli: Pauli


@dataclass(frozen=True)
class Output:
    """A final measurement, as a reading in Z of the state that the parts leave.

    Attributes:
        row: of the program.
        wires: whose parity it is.
        flipped: whether the parity is turned over.
        variables: those that turn it over.
    """

    row: int
    wires: frozenset[int]
    flipped: bool
    variables: frozenset[int]


@dataclass(frozen=True)
class DataCircuit:
    """What a program does to its data qubits.

    Attributes:
        wires: how many qubits the state has, at most one for each data qubit. They begin in |0⟩.
        parts: the gates, in order. The last ones, an identity on each wire, are there for faults to stand before.
        insertions: the Paulis that a variable stands for; a variable that is missing leaves the state as it is.
        outputs: the final measurements.
        checks: sets of variables, one for each qubit that holds nothing of its own at the end. If an odd number of a set is there,
            the state is orthogonal to the ideal one.
        slots: of faults.
    """

    wires: int
    parts: tuple[Part, ...]
    insertions: dict[int, tuple[Insertion, ...]]
    outputs: tuple[Output, ...]
    checks: tuple[frozenset[int], ...]
    slots: Slots


class Slots:
    """Numbers variables.

    All places in time where a qubit waits for the same instruction are one slot, which has a variable for X and one for Z. Wrong
    readings and outcomes have a variable for each row.
    """

    def __init__(self, program: Program) -> None:
        self._rows = len(program)
        self._slots = 2 * self._rows + program.num_qubits
        self._uses: list[list[int]] = [[] for _ in range(program.num_qubits)]  # 2 row + operand
        for place, qubit in enumerate(program.qubits.reshape(-1).tolist()):
            if qubit >= 0:
                self._uses[qubit].append(place)

    def before(self, row: int, operand: int) -> tuple[int, int]:
        """The X and the Z that strike an operand before a row."""
        return self._pair(2 * row + operand)

    def at_the_end(self, qubit: int) -> tuple[int, int]:
        """The X and the Z that strike a qubit after its last instruction."""
        return self._pair(2 * self._rows + qubit)

    def reading(self, row: int) -> int:
        """A wrong reading."""
        return 2 * self._slots + row

    def outcome(self, row: int) -> int:
        """The outcome of a measurement that may give either."""
        return 2 * self._slots + self._rows + row

    def is_outcome(self, variable: int) -> bool:
        """Whether a variable is an outcome, which no fault sets."""
        return variable >= self.outcome(0)

    def of_fault(self, row: int, when: int, qubit: int, pauli: int) -> list[int]:
        """The variables that a fault sets; its columns are those of `faults.Faults`."""
        if when == READOUT:
            return [self.reading(row)]
        uses = self._uses[qubit]
        following = bisect_left(uses, 2 * row if when == BEFORE else 2 * row + 2)
        x, z = self._pair(uses[following]) if following < len(uses) else self.at_the_end(qubit)
        return [variable for variable, differs in ((x, Pauli.Z), (z, Pauli.X)) if pauli != differs]

    @staticmethod
    def _pair(slot: int) -> tuple[int, int]:
        return 2 * slot, 2 * slot + 1


def commutes(matrix: Matrix, operand: int, pauli: NDArray[np.complex128]) -> bool:
    """Whether a one- or two-qubit gate commutes with a Pauli on an operand, up to a phase."""
    return bool(abs(abs(_likeness(matrix, operand, pauli)) - 1) < _TOLERANCE)


def is_diagonal(matrix: Matrix, operand: int) -> bool:
    """Whether a one- or two-qubit gate is diagonal on an operand, so that it may act on any copy of it."""
    return bool(abs(_likeness(matrix, operand, np.diag([1, -1])) - 1) < _TOLERANCE)


def _likeness(matrix: Matrix, operand: int, pauli: NDArray[Any]) -> complex:
    """Tr(U† P U P) / d: 1 if they commute, of modulus 1 if they do up to a phase."""
    return _likeness_of(matrix.tobytes(), operand, pauli.astype(np.complex128).tobytes())


@lru_cache(maxsize=2**16)  # circuits have many gates, but few that differ
def _likeness_of(matrix: bytes, operand: int, pauli: bytes) -> complex:
    unitary = np.frombuffer(matrix, dtype=np.complex128)
    size = math.isqrt(len(unitary))
    unitary = unitary.reshape(size, size)
    flip: NDArray[Any] = np.frombuffer(pauli, dtype=np.complex128).reshape(2, 2)
    if size == 4:
        flip = np.kron(flip, np.eye(2)) if operand == 0 else np.kron(np.eye(2), flip)
    return complex(np.vdot(unitary, flip @ unitary @ flip)) / size
