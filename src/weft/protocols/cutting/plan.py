"""Where a circuit is cut: in which piece each operand of each instruction is.

A *wire* is a stretch of a qubit's life in one piece: it begins in |0⟩ or where the qubit comes from another piece, and ends where
the qubit is reset, goes to another piece, or has nothing more to do. Pieces run on their own, so that a wire which has ended leaves
its physical qubit to one that begins later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET
from weft.errors import DoesNotFitError, InvalidValueError


@dataclass(frozen=True, eq=False)
class Wires:
    """The wires of all pieces, qubit after qubit and in the order of time.

    Attributes:
        qubits (int32 array, shape (wires,)): of the circuit.
        pieces (int32 array, shape (wires,)): in which they are.
        first (int64 array, shape (wires,)): rows with which they begin.
        last (int64 array, shape (wires,)): rows with which they end.
        of (int64 array, shape (rows, 2)): the wire of each operand; −1 where there is none.
    """

    qubits: NDArray[np.int32]
    pieces: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.qubits)


@dataclass(frozen=True, eq=False)
class CutPlan:
    """In which piece each operand of each instruction of a circuit is.

    A gate with operands in two pieces is a *gate cut*. Two consecutive instructions of a qubit in two pieces are a *wire cut*
    between them, unless the later resets the qubit or the earlier has just done so: then nothing needs to pass.

    Attributes:
        pieces (int32 array, shape (rows, 2)): −1 where there is no operand.
        within (bool array, shape (rows,)): gates that are cut although both operands are in one piece, which saves it pairs if it
            runs on several QPUs; none by default.
    """

    pieces: NDArray[np.int32]
    within: NDArray[np.bool_] = None  # type: ignore[assignment]  # set after

    def __post_init__(self) -> None:
        pieces = np.array(self.pieces, dtype=np.int32)
        if pieces.ndim != 2 or pieces.shape[1] != 2:
            raise InvalidValueError(f"`pieces` must have shape (rows, 2), but has {pieces.shape}")
        within = np.zeros(len(pieces), dtype=np.bool_) if self.within is None else np.array(self.within, dtype=np.bool_)
        if within.shape != (len(pieces),):
            raise InvalidValueError(f"`within` must have shape ({len(pieces)},), but has {within.shape}")
        for name, column in (("pieces", pieces), ("within", within)):
            column.setflags(write=False)
            object.__setattr__(self, name, column)

    @classmethod
    def of_qubits(cls, circuit: Circuit, pieces: NDArray[np.int32]) -> CutPlan:
        """The plan in which every qubit stays in one piece, which has gate cuts only.

        Args:
            circuit: to be cut.
            pieces: of the qubits, shape (num_qubits,).
        """
        return cls(np.where(circuit.qubits >= 0, np.asarray(pieces)[circuit.qubits], -1))

    @property
    def num_pieces(self) -> int:
        """One more than the highest piece; some below it may be empty."""
        return int(self.pieces.max(initial=-1)) + 1

    @cached_property
    def gate_cuts(self) -> NDArray[np.int64]:
        """The rows of gates that are cut, shape (gate cuts,)."""
        return np.flatnonzero((self.pieces[:, 1] >= 0) & ((self.pieces[:, 0] != self.pieces[:, 1]) | self.within))

    def wire_cuts(self, circuit: Circuit) -> NDArray[np.int64]:
        """Where wires are cut, shape (wire cuts, 3): the qubit, the row before and the row after."""
        rows, operands = occurrences(circuit)
        qubits, pieces = circuit.qubits[rows, operands], self.pieces[rows, operands]
        fresh = clean_resets(circuit)[rows]
        cut = (qubits[1:] == qubits[:-1]) & (pieces[1:] != pieces[:-1]) & ~fresh[1:] & ~fresh[:-1]
        return np.column_stack([qubits[1:][cut], rows[:-1][cut], rows[1:][cut]]).astype(np.int64)

    def wires(self, circuit: Circuit) -> Wires:
        """The wires of all pieces."""
        rows, operands = occurrences(circuit)
        qubits, pieces = circuit.qubits[rows, operands], self.pieces[rows, operands]
        begins = np.ones(len(rows), dtype=np.bool_)
        begins[1:] = (qubits[1:] != qubits[:-1]) | (pieces[1:] != pieces[:-1]) | clean_resets(circuit)[rows[1:]]
        starts = np.flatnonzero(begins)
        stops = np.append(starts[1:], len(rows))[: len(starts)] - 1
        of = np.full((len(circuit), 2), -1, dtype=np.int64)
        of[rows, operands] = np.cumsum(begins) - 1
        return Wires(qubits[starts], pieces[starts], rows[starts], rows[stops], of)

    def widths(self, circuit: Circuit) -> NDArray[np.int64]:
        """The most qubits alive at once in each piece, shape (num_pieces,), if the rows of a piece keep their order."""
        wires = self.wires(circuit)
        change = np.zeros((self.num_pieces, len(circuit) + 1), dtype=np.int64)
        np.add.at(change, (wires.pieces, wires.first), 1)
        np.add.at(change, (wires.pieces, wires.last + 1), -1)
        return np.cumsum(change, axis=1).max(axis=1, initial=0)

    def width(self, circuit: Circuit, piece: int) -> int:
        """The most qubits alive at once in a piece, if its rows keep their order; 0 for a piece without rows."""
        return int(self.widths(circuit)[piece]) if 0 <= piece < self.num_pieces else 0

    def check(
        self, circuit: Circuit, capacities: NDArray[np.int64] | list[int] | None = None, *, communication: bool = False
    ) -> None:
        """Checks that the pieces can be run.

        Args:
            circuit: that is cut.
            capacities: qubits for each piece; without it, any number will do.
            communication: whether a piece may read, while it runs, what another has measured.

        Raises:
            InvalidValueError: if the plan is not one for this circuit, or if an instruction reads a bit that another piece
                measured and there is no communication.
            DoesNotFitError: if a piece is wider than its capacity.
        """
        self._check_shape(circuit)
        if not communication:
            self._check_bits(circuit)
        if capacities is not None:
            self._check_widths(circuit, np.asarray(capacities))

    def _check_shape(self, circuit: Circuit) -> None:
        if len(self.pieces) != len(circuit):
            raise InvalidValueError(
                f"`pieces` must have one row per instruction, {len(circuit)}, but has {len(self.pieces)}"
            )
        wrong = np.flatnonzero(
            np.any((circuit.qubits >= 0) != (self.pieces >= 0), axis=1) | np.any(self.pieces < -1, axis=1)
        )
        if len(wrong):
            row = int(wrong[0])
            raise InvalidValueError(
                f"`pieces` must be ≥ 0 for every operand and −1 where there is none, but row {row}, on qubits "
                f"{circuit.qubits[row].tolist()}, has {self.pieces[row].tolist()}"
            )

        conditional = np.diff(circuit.condition_offsets) > 0
        wrong = np.flatnonzero(self.within & ((self.pieces[:, 1] < 0) | conditional))
        if len(wrong):
            raise InvalidValueError(
                f"`within` must be true for gates on two qubits without a condition only, but is for row {int(wrong[0])}"
            )

    def _check_bits(self, circuit: Circuit) -> None:
        for writer, reader in bit_flow(circuit).tolist():
            here, there = self.pieces[writer, 0], self.pieces[reader]
            if np.any((there >= 0) & (there != here)):
                raise InvalidValueError(
                    f"without communication, an instruction must be in the piece that measured the bits it reads, but row "
                    f"{reader} is in {sorted({int(piece) for piece in there if piece >= 0})} and reads what row {writer} "
                    f"measured in {here}"
                )

    def _check_widths(self, circuit: Circuit, capacities: NDArray[np.int64]) -> None:
        widths = self.widths(circuit)
        if len(widths) > len(capacities):
            raise DoesNotFitError(
                f"there must be a capacity for each of {len(widths)} pieces, but {len(capacities)} are given"
            )
        for piece, (width, capacity) in enumerate(zip(widths.tolist(), capacities.tolist(), strict=False)):
            if width > capacity:
                raise DoesNotFitError(f"piece {piece} must fit in {capacity} qubits, but needs {width} at once")


def occurrences(circuit: Circuit) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every operand of every row, as (rows, operands): qubit after qubit, and in the order of time."""
    flat = np.flatnonzero(circuit.qubits.ravel() >= 0)
    flat = flat[np.argsort(circuit.qubits.ravel()[flat], kind="stable")]
    return flat // 2, flat % 2


def clean_resets(circuit: Circuit) -> NDArray[np.bool_]:
    """Which rows reset a qubit whatever happened before, shape (rows,)."""
    return (circuit.opcodes == RESET) & (np.diff(circuit.condition_offsets) == 0)


def bit_flow(circuit: Circuit) -> NDArray[np.int64]:
    """Which measurements which rows rely on, shape (reads, 2): the row that wrote a bit, and one that reads it.

    A measurement under a condition reads its own bit, too: unless it happens, the bit keeps its value.
    """
    flow: list[tuple[int, int]] = []
    written: dict[int, int] = {}
    conditions = np.diff(circuit.condition_offsets) > 0
    measures = circuit.opcodes == MEASURE
    for row in np.flatnonzero(conditions | measures).tolist():
        reads = {bit for bit, _ in circuit.condition(row)}
        if measures[row] and reads:
            reads.add(int(circuit.clbits[row]))
        flow.extend((written[bit], row) for bit in sorted(reads) if bit in written)
        if measures[row]:
            written[int(circuit.clbits[row])] = row
    return np.array(flow, dtype=np.int64).reshape(-1, 2)
