"""States of the form Σ_y ψ(y) |A y ⊕ b⟩, in which copies and pairs cost nothing.

y runs over some *wires*, A has a row per qubit that says of which wires its value is the parity, and b an offset. A copy of a
qubit has the same row; a pair has two equal rows of a *fresh* wire, on whose value ψ does not depend but for a sign; a qubit in
|0⟩ has an empty row. ψ itself is not held: what happens to it is written down as *parts*, gates on wires.

Offsets and signs are sets of variables, whose parity counts. An offset takes part in a gate as an X on its wire before the gate;
a Z on a qubit is a Z on every wire of its row. *Relations* say what is known of ψ: the parity of some wires, wherever ψ is not
zero. A wire that they determine can be brought back to |0⟩ and used again.

Source: affine forms of stabilizer states, Dehaene and De Moor, Phys. Rev. A 68, 042318 (2003); here ψ is any state.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from weft.circuit.gates import CODES, PAULIS, Matrix, matrix_of
from weft.program import Pauli
from weft.simulator.dense.data_circuit import Insertion, Part, commutes, is_diagonal

ALWAYS = -1
"""The variable that is set in every shot."""

_CX, _SWAP = CODES["cx"], CODES["swap"]
_CX_MATRIX = matrix_of(_CX)
_PAULI_CODES = {CODES["x"]: (True, False), CODES["y"]: (True, True)}  # whether each has an X and a Z

Row = frozenset[int]
EMPTY: Row = frozenset()


class NoDataCircuitError(Exception):
    """A program does something else to its state than gates on data qubits, or needs too many wires for them."""


class AffineState:
    """The state of all qubits of a program, which begin in |0⟩.

    Attributes:
        rows: of each qubit the wires of whose values it is the parity; None if what it holds is of no use.
        offsets: of each qubit the variables that turn it over.
        signs: of each fresh wire the variables that change the sign of ψ with it.
        live: the wires that ψ depends on.
        parts: what happened to ψ so far.
    """

    def __init__(self, qubits: int, most_wires: int) -> None:
        self.most_wires = most_wires
        self.rows: list[Row | None] = [EMPTY] * qubits
        self.offsets: list[set[int]] = [set() for _ in self.rows]
        self.signs: dict[int, set[int]] = {}
        self.live: set[int] = set()
        self.parts: list[Part] = []
        self.holders: dict[int, set[int]] = {}  # of each wire: the qubits that have it in their row
        self.relations: list[tuple[Row, set[int]]] = []  # wires, and the variables whose parity is theirs
        self.number: dict[int, int] = {}  # of each wire that ψ depends on, or did: where it is in the parts
        self.free: list[int] = []  # numbers of wires that were given back, in |0⟩
        self.struck: list[tuple[int, int, int, Pauli]] = []  # variable, parts before it, wire, X or Z

    @property
    def width(self) -> int:
        """How many wires ψ has had at a time."""
        return len(self.live) + len(self.free)

    def row(self, qubit: int) -> Row:
        """Of a qubit that holds something of use."""
        row = self.rows[qubit]
        if row is None:
            raise NoDataCircuitError
        return row

    def set_row(self, qubit: int, row: Row | None) -> None:
        """Replaces a row."""
        for wire in self.rows[qubit] or ():
            self.holders[wire].discard(qubit)
        for wire in row or ():
            self.holders[wire].add(qubit)
        self.rows[qubit] = row

    def become_empty(self, qubit: int, row: Row | None = EMPTY) -> None:
        """Drops what a qubit held, which must be known or of no more use."""
        self.set_row(qubit, row)
        self.offsets[qubit] = set()

    def strike(self, qubit: int, x: Iterable[int], z: Iterable[int]) -> None:
        """X and Z on a qubit, each if the parity of its variables is odd."""
        row = self.row(qubit)
        self.offsets[qubit] ^= set(x)
        self.turn_sign(row, z)

    def turn_sign(self, row: Row, variables: Iterable[int]) -> None:
        """Z on the wires of a row, of which a part that is known is a phase and left out."""
        for wire in reduced(row, [wires for wires, _ in self.relations]):
            if wire in self.signs:
                self.signs[wire] ^= set(variables)
            else:
                self.insert(wire, Pauli.Z, variables)

    def insert(self, wire: int, pauli: Pauli, variables: Iterable[int]) -> None:
        """X or Z on a wire of ψ, if the parity of some variables is odd."""
        for variable in variables:
            if variable == ALWAYS:
                self.emit(PAULIS[pauli], wire)
            else:
                self.struck.append((variable, len(self.parts), wire, pauli))
            if pauli == Pauli.X:
                for wires, parity in self.relations:
                    if wire in wires:
                        parity ^= {variable}

    # Parts.

    def emit(self, matrix: Matrix, *wires: int) -> None:
        """A gate on wires of ψ."""
        self.parts.append(Part(tuple(self.number[wire] for wire in wires), matrix))

    def new_wire(self, taken: int | None) -> int:
        """A wire of ψ, in |0⟩, made without changing what `taken` is."""
        wire = self.fresh_wire()
        del self.signs[wire]
        used = self.width
        if not self.free:
            self.give_back(wire for wire in sorted(self.live) if not self.holders[wire])
        if not self.free and used == self.most_wires:
            self.give_back(sorted(self.live - {taken}))
        if not self.free and used == self.most_wires:
            raise NoDataCircuitError
        self.number[wire] = self.free.pop() if self.free else used
        self.live.add(wire)
        return wire

    def fresh_wire(self) -> int:
        """A wire on whose value ψ does not depend."""
        wire = len(self.holders)
        self.holders[wire] = set()
        self.signs[wire] = set()
        return wire

    def give_back(self, wires: Iterable[int]) -> None:
        """Frees the first of some wires whose value follows from others: CXs and an X bring it back to |0⟩."""
        for wire in wires:
            relation = next((relation for relation in self.relations if wire in relation[0]), None)
            if relation is not None:
                self.rewrite(self.holders[wire].copy(), *relation)
                self.change_value(wire, relation[0] - {wire})
                self.insert(wire, Pauli.X, relation[1].copy())
                changed = [(others - {wire}, parity) for others, parity in self.relations]
                self.relations = [(others, parity) for others, parity in changed if others]
                self.live.remove(wire)
                self.free.append(self.number[wire])
                return

    def rewrite(self, qubits: Iterable[int], wires: Row, parity: Iterable[int]) -> None:
        """Adds to the rows of qubits what is known of some wires."""
        for qubit in qubits:
            self.set_row(qubit, self.row(qubit) ^ wires)
            self.offsets[qubit] ^= set(parity)

    def is_its_own(self, qubit: int, wire: int) -> bool:
        """Whether a wire of ψ is in the row of one qubit only."""
        return wire in self.live and self.holders[wire] == {qubit}

    def change_value(self, wire: int, others: Row) -> None:
        """Adds the values of other wires to that of a wire, by CXs; what was its value is the parity of all."""
        for other in sorted(others):
            if other not in self.live:
                raise NoDataCircuitError
            self.emit(_CX_MATRIX, other, wire)
        for holder in tuple(self.holders[wire]):
            self.set_row(holder, self.row(holder) ^ others)
        self.relations = [
            (wires ^ others if wire in wires else wires, parity) for wires, parity in self.relations
        ]  # fmt: skip

    def reduce(self, qubit: int, wire: int) -> None:
        """Makes the value of a qubit that of one of its wires."""
        self.change_value(wire, self.row(qubit) - {wire})

    def spread(self, qubit: int, taken: int | None = None) -> None:
        """Gives the value of a qubit a wire of its own."""
        wire = self.new_wire(taken)
        self.set_row(qubit, self.row(qubit) | {wire})
        self.relations.append((frozenset((wire,)), set()))
        self.reduce(qubit, wire)

    def forget(self, wire: int) -> None:
        """A gate mixes the values of a wire: of what is known, only that stays which does not involve it."""
        involved = [relation for relation in self.relations if wire in relation[0]]
        self.relations = [relation for relation in self.relations if wire not in relation[0]]
        for wires, parity in involved[1:]:
            if wires != involved[0][0]:
                self.relations.append((wires ^ involved[0][0], parity ^ involved[0][1]))

    def align(self, qubit: int) -> None:
        """Moves the offset of a qubit, whose row is one wire, into ψ."""
        (wire,) = self.row(qubit)
        variables = self.offsets[qubit].copy()
        for holder in self.holders[wire]:
            self.offsets[holder] ^= variables
        self.insert(wire, Pauli.X, variables)

    def bring_out(self, qubit: int, taken: int | None, *, diagonal: bool) -> int:
        """Makes the row of a qubit one wire, other than `taken`, and its offset zero.

        For a gate that is not diagonal the wire must be in no other row.
        """
        row = self.row(qubit)
        wires = [wire for wire in sorted(row) if wire in self.live and wire != taken]
        own = [wire for wire in wires if self.is_its_own(qubit, wire)]
        if not own and not diagonal:
            own = next(([wire] for wire in wires if self.free_from_others(qubit, wire)), [])
        if diagonal and not own:
            own = wires
        if own:
            self.reduce(qubit, own[0])
        else:
            self.spread(qubit, taken)
        self.align(qubit)
        (wire,) = self.row(qubit)
        return wire

    def free_from_others(self, qubit: int, wire: int) -> bool:
        """Takes a wire out of all rows but that of a qubit, if something is known of it; says whether."""
        for wires, parity in self.relations:
            if wire in wires:
                self.rewrite(self.holders[wire] - {qubit}, wires, parity)
                return True
        return False

    # Gates.

    def gate(self, code: int, matrix: Matrix, qubits: list[int]) -> None:
        """A gate by its code, on |first, second⟩."""
        if code in _PAULI_CODES:
            self.strike(qubits[0], *({ALWAYS} if has else () for has in _PAULI_CODES[code]))
        elif code == _SWAP:
            self.exchange(*qubits)
        elif code == _CX:
            self.cx(*qubits)
        else:
            self.apply(matrix, qubits)

    def apply(self, matrix: Matrix, qubits: list[int]) -> None:
        """A gate on ψ."""
        wires: list[int] = []
        diagonal = [is_diagonal(matrix, operand) for operand in range(len(qubits))]
        # The wire of an operand on which the gate is not diagonal is its own, so the other operand cannot want it.
        for operand, qubit in enumerate(qubits):
            wires.append(self.bring_out(qubit, wires[-1] if wires else None, diagonal=diagonal[operand]))
        for qubit, wire, is_kept in zip(qubits, wires, diagonal, strict=True):
            if self.row(qubit) != {wire} or not (is_kept or self.is_its_own(qubit, wire)):
                raise NoDataCircuitError  # the second operand could be brought out only at the cost of the first
            if not is_kept:
                self.forget(wire)
        self.emit(matrix, *wires)

    def exchange(self, first: int, second: int) -> None:
        """A swap."""
        rows = self.row(second), self.row(first)
        for qubit, row in zip((first, second), rows, strict=True):
            self.set_row(qubit, row)
        self.offsets[first], self.offsets[second] = self.offsets[second], self.offsets[first]

    def cx(self, control: int, target: int) -> None:
        """A CX: a copy onto an empty qubit, a gate on a qubit with a wire of its own."""
        if not self.row(control):
            self.spread(control)  # else nothing would say that a copy of a known value is a copy
        row = self.row(target)
        own = next((wire for wire in sorted(row) if self.is_its_own(target, wire)), None)
        self.set_row(target, row ^ self.row(control))
        self.offsets[target] ^= self.offsets[control]
        if own is not None and all(wire in self.live for wire in self.row(target)):
            self.reduce(target, own)

    # Pairs and measurements.

    def entangle(self, first: int, second: int) -> None:
        """Two empty qubits become a pair."""
        if self.rows[first] or self.rows[second]:
            raise NoDataCircuitError
        wire = self.fresh_wire()
        for qubit in (first, second):
            self.become_empty(qubit)
            self.set_row(qubit, frozenset((wire,)))

    def reset(self, qubit: int) -> None:
        """An empty qubit is put into |0⟩."""
        if self.rows[qubit]:
            raise NoDataCircuitError
        self.become_empty(qubit)

    def measure_z(self, qubit: int, outcome: int) -> set[int]:
        """Reads a known value, or makes one known that was as likely 0 as 1, which rids ψ of a fresh wire.

        Returns:
            The variables whose parity is the value.
        """
        row, value = self.row(qubit), self.offsets[qubit].copy()
        if row:
            fresh = next((wire for wire in sorted(row) if wire in self.signs), None)
            if fresh is None:
                raise NoDataCircuitError
            self.rewrite(self.holders[fresh].copy(), row, value ^ {outcome})
            self.turn_sign(row - {fresh}, self.signs.pop(fresh))
            value = {outcome}
        self.become_empty(qubit)
        return value

    def measure_x(self, qubit: int, outcome: int) -> set[int]:
        """Removes a qubit whose value the others know."""
        row = self.row(qubit)
        self.become_empty(qubit, None)
        if not self.is_known(row):
            raise NoDataCircuitError
        self.turn_sign(row, (outcome,))
        return {outcome}

    def is_known(self, row: Row) -> bool:
        """Whether a row is a sum of rows of qubits."""
        if not row or any(self.rows[qubit] == row for qubit in self.holders[min(row)]):
            return True
        known = [wires for wires, _ in self.relations]
        return not reduced(row, known + [other for other in self.rows if other])

    # The end.

    def placed(self) -> dict[int, tuple[Insertion, ...]]:
        """Each Pauli before the first part from where it stands that it does not commute with; two of the same cancel."""
        stops: dict[tuple[int, Pauli], list[tuple[int, int]]] = defaultdict(list)
        last = len(self.parts) - self.width  # after these nothing follows
        for number, part in enumerate(self.parts):
            for operand, wire in enumerate(part.wires):
                for pauli in (Pauli.X, Pauli.Z):
                    if number >= last or not commutes(part.matrix, operand, PAULIS[pauli]):
                        stops[wire, pauli].append((number, operand))
        found: dict[int, set[Insertion]] = defaultdict(set)
        for variable, before, wire, pauli in self.struck:
            places = stops[self.number[wire], pauli]
            found[variable] ^= {Insertion(*places[bisect_left(places, (before, 0))], pauli)}
        return {variable: tuple(sorted(insertions)) for variable, insertions in found.items() if insertions}


def reduced(row: Row, generators: Iterable[Row]) -> Row:
    """What is left of a row when sums of others are taken out, always the same for rows that differ by such sums."""
    basis: dict[int, Row] = {}  # by the greatest wire, which a remainder never has
    for generator in generators:
        left = _without(generator, basis)
        if left:
            basis[max(left)] = left
    return _without(row, basis)


def _without(row: Row, basis: dict[int, Row]) -> Row:
    for wire in sorted(basis, reverse=True):
        if wire in row:
            row ^= basis[wire]
    return row
