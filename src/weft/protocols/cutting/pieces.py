"""The pieces of a cut circuit: what each runs, with a slot wherever an end of a cut is.

A piece fits on one island of the network. Its physical qubits are handed out as wires begin and taken back as wires end, so that a
wire which has ended leaves its qubit to one that begins later. Filling the slots with operations makes a circuit of a piece.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import MEASURE, RESET
from weft.errors import InvalidValueError
from weft.protocols.cutting.cuts import Cut
from weft.protocols.cutting.operations import Operation
from weft.protocols.cutting.plan import Wires, bit_flow

BITS = "bits"
"""The register of a piece: first the circuit's bits as they are in the end, then those of them that another piece writes over, then
the outcomes of its slots, in their order, each with room for what any operation measures that may fill it, and one bit at least."""


class Event(NamedTuple):
    """What happens next in a piece.

    Attributes:
        row: of the circuit; −1 for a slot, and for a reset of a qubit before it is used again.
        slot: its number; −1 for anything else.
        qubits: of the piece.
    """

    row: int
    slot: int
    qubits: tuple[int, ...]


class Slot(NamedTuple):
    """An end of a cut.

    Attributes:
        cut: its number.
        end: 0 for the left one.
        bits: room for the outcomes of what fills it.
    """

    cut: int
    end: int
    bits: int


@dataclass(frozen=True, eq=False)
class Piece:
    """What one island runs.

    Attributes:
        circuit: that was cut.
        number: of the piece.
        width: its qubits, without ancillas of operations.
        events: in order.
        slots: in order.
        clbits: of the circuit, those that the piece has the last word on.
        passing: of the circuit, those that it writes and another piece writes again later.
    """

    circuit: Circuit
    number: int
    width: int
    events: tuple[Event, ...]
    slots: tuple[Slot, ...]
    clbits: tuple[int, ...]
    passing: tuple[int, ...]

    @property
    def _own_bits(self) -> int:
        return len(self.clbits) + len(self.passing)

    @cached_property
    def first_bits(self) -> tuple[int, ...]:
        """Where the outcome bits of each slot begin in the filled circuit."""
        return tuple(accumulate((slot.bits for slot in self.slots[:-1]), initial=self._own_bits)) if self.slots else ()

    def filled(self, operations: Sequence[Operation | None]) -> Circuit:
        """The circuit of the piece with an operation in each slot; its bits are as `BITS` says.

        Args:
            operations: in the order of slots; None for a mark, which measures the qubit there into the first bit of the slot.
        """
        ancillas = max((operation.ancillas for operation in operations if operation is not None), default=0)
        builder = CircuitBuilder(max(self.width + ancillas, 1), name=f"{self.circuit.name}: piece {self.number + 1}")
        builder.add_register(BITS, self._own_bits + sum(slot.bits for slot in self.slots))
        bit_of = {bit: place for place, bit in enumerate((*self.clbits, *self.passing))}
        for event in self.events:
            if event.slot >= 0:
                operation, first_bit = operations[event.slot], self.first_bits[event.slot]
                if operation is None:
                    builder.measure(event.qubits[0], first_bit)
                    continue
                used = tuple(range(self.width, self.width + operation.ancillas))
                _perform(builder, operation, event.qubits + used, first_bit)
            elif event.row >= 0:
                self._copy(builder, event, bit_of)
            else:
                builder.reset(event.qubits[0])
        return builder.build()

    def rows(self, operations: Sequence[Operation | None]) -> list[tuple[int, int]]:
        """The rows of the filled circuit that are rows of the circuit, and which these are."""
        found, place = [], 0
        for event in self.events:
            if event.row >= 0:
                found.append((place, event.row))
            operation = operations[event.slot] if event.slot >= 0 else None
            place += 1 if operation is None else len(operation.steps) + operation.ancillas
        return found

    def _copy(self, builder: CircuitBuilder, event: Event, bit_of: dict[int, int]) -> None:
        circuit, row = self.circuit, event.row
        clbit = int(circuit.clbits[row])
        condition = [(bit_of[bit], value) for bit, value in circuit.condition(row)]
        angles = circuit.angles[row].tolist()
        builder.append(int(circuit.opcodes[row]), event.qubits, angles, bit_of[clbit] if clbit >= 0 else -1, condition)

    def sign_bits(self, operations: Sequence[Operation]) -> list[int]:
        """The bits of the filled circuit whose parity is the sign of an outcome."""
        return [
            first + bit for first, operation in zip(self.first_bits, operations, strict=True) for bit in operation.sign
        ]

    def message_bits(self, operations: Sequence[Operation], slot: int) -> range:
        """The outcome bits of one slot in the filled circuit."""
        first = self.first_bits[slot]
        return range(first, first + operations[slot].bits)


class Filling(NamedTuple):
    """A piece, and what is in its slots.

    Attributes:
        piece: to be filled.
        operations: in the order of its slots.
    """

    piece: Piece
    operations: tuple[Operation, ...]

    @property
    def circuit(self) -> Circuit:
        """What runs."""
        return self.piece.filled(self.operations)

    @property
    def marked(self) -> tuple[Operation | None, ...]:
        """The operations, with a mark for each on one wire without ancillas: in a program, these can take the place of a mark."""
        return tuple(None if one.wires == 1 and not one.ancillas else one for one in self.operations)


def _perform(builder: CircuitBuilder, operation: Operation, qubits: tuple[int, ...], first_bit: int) -> None:
    """The steps of an operation; its ancillas are reset afterwards, for the next one."""
    for step in operation.steps:
        operands = [qubits[place] for place in step.qubits]
        if step.name == "measure":
            builder.measure(operands[0], first_bit + step.bit)
        elif step.name == "reset":
            builder.reset(operands[0])
        else:
            builder.gate(step.name, *operands, angles=step.angles)
    for ancilla in qubits[operation.wires :]:
        builder.reset(ancilla)


def divide(circuit: Circuit, wires: Wires, cuts: Sequence[Cut], pieces: int) -> tuple[Piece, ...]:
    """The pieces of a circuit.

    Args:
        circuit: to divide.
        wires: all wires, each in one piece; a gate that is not cut has both of its wires in one.
        cuts: of the gates whose wires are in two pieces, of wires where they go on in another, and of what else is to be cut.
        pieces: how many there are.

    Raises:
        InvalidValueError: if a piece reads a bit that another measures, or cuts that are to be made at one moment cannot be.
    """
    check_bits(circuit, wires)
    nodes = _nodes(circuit, wires, cuts, pieces)
    rows = np.flatnonzero(circuit.opcodes == MEASURE)
    last_writer = dict(zip(circuit.clbits[rows].tolist(), wires.pieces[wires.of[rows, 0]].tolist(), strict=True))
    return tuple(_assemble(circuit, number, nodes[number], last_writer) for number in range(pieces))


@dataclass
class _Node:
    """A row of the circuit or an end of a cut, in one piece.

    Attributes:
        key: its place in the order of rows, where there is a choice.
        row: −1 for an end of a cut.
        slot: which one; None for a row.
        wires: that it acts on, in the order of operands.
        times: when it acts on each, in rows: an end of a wire comes after all else on it, or before.
        clbits: that it reads or writes.
    """

    key: tuple[float, int]
    row: int
    slot: Slot | None
    wires: tuple[int, ...]
    times: tuple[float, ...]
    clbits: tuple[int, ...] = ()


def _nodes(circuit: Circuit, wires: Wires, cuts: Sequence[Cut], pieces: int) -> list[list[_Node]]:
    found: list[list[_Node]] = [[] for _ in range(pieces)]
    cut_rows = {row for cut in cuts if not cut.is_wire for row in cut.rows}
    for row in range(len(circuit)):
        if row not in cut_rows:
            own = tuple(int(wire) for wire in wires.of[row] if wire >= 0)
            bits = tuple(bit for bit, _ in circuit.condition(row))
            if circuit.opcodes[row] == MEASURE:
                bits += (int(circuit.clbits[row]),)
            bits = tuple(dict.fromkeys(bits))
            found[int(wires.pieces[own[0]])].append(_Node((row, 0), row, None, own, (row,) * len(own), bits))
    for number, cut in enumerate(cuts):
        for end, (own, times) in enumerate(_ends(wires, cut)):
            key = float(min(cut.rows))
            if cut.is_wire:
                # Right after the last row of a wire, or right before the first one, so that no qubit is taken for longer.
                key = key + 0.5 if end == 0 else float(min(wires.first[wire] for wire in own)) - 0.5
            slot = Slot(number, end, max(1, *(operation.bits for operation in cut.operations(end))))
            found[cut.pieces[end]].append(_Node((key, end), -1, slot, own, times))
    return found


def _ends(wires: Wires, cut: Cut) -> tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]:
    """For the left and the right end of a cut: the wires there, and when it acts on each."""
    if cut.is_wire:
        last = {(int(wires.qubits[wire]), int(wires.last[wire])): wire for wire in range(len(wires))}
        upstream = tuple(last[place] for place in zip(cut.qubits, cut.rows, strict=True))
        downstream = tuple(wire + 1 for wire in upstream)
        return (upstream, (math.inf,) * cut.size), (downstream, (-1.0,) * cut.size)
    return tuple(_wires_of(wires, cut.rows, qubits) for qubits in (cut.qubits, cut.partners))


def _wires_of(
    wires: Wires, rows: tuple[int, ...], qubits: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The wires of some qubits in some rows, and the first of these rows that is on each."""
    first: dict[int, tuple[int, float]] = {}
    for row in rows:
        for wire in wires.of[row].tolist():
            if wire >= 0:
                first.setdefault(int(wires.qubits[wire]), (wire, float(row)))
    own, times = zip(*(first[qubit] for qubit in qubits), strict=True)
    return own, times


def _assemble(circuit: Circuit, number: int, nodes: list[_Node], last_writer: dict[int, int]) -> Piece:
    order = _ordered(nodes)
    left: dict[int, int] = defaultdict(int)  # nodes to come on each wire
    for node in order:
        for wire in node.wires:
            left[wire] += 1
    qubit_of: dict[int, int] = {}
    free: list[int] = []
    width, events, slots = 0, list[Event](), list[Slot]()
    dirty: set[int] = set()
    for node in order:
        for wire in node.wires:
            if wire not in qubit_of:
                if not free:
                    heapq.heappush(free, width)
                    width += 1
                qubit = qubit_of[wire] = heapq.heappop(free)
                if qubit in dirty and not _resets(circuit, node):
                    events.append(Event(-1, -1, (qubit,)))
                dirty.add(qubit)
        slot = -1
        if node.slot is not None:
            slot = len(slots)
            slots.append(node.slot)
        events.append(Event(node.row, slot, tuple(qubit_of[wire] for wire in node.wires)))
        for wire in node.wires:
            left[wire] -= 1
            if not left[wire]:
                heapq.heappush(free, qubit_of[wire])
    used = sorted({bit for node in order for bit in node.clbits})
    clbits = tuple(bit for bit in used if last_writer.get(bit) == number)
    passing = tuple(bit for bit in used if last_writer.get(bit) != number)
    return Piece(circuit, number, width, tuple(events), tuple(slots), clbits, passing)


def _resets(circuit: Circuit, node: _Node) -> bool:
    return node.row >= 0 and circuit.opcodes[node.row] == RESET and not circuit.condition(node.row)


def _ordered(nodes: list[_Node]) -> list[_Node]:
    """In the order of rows, as far as wires and bits allow: what is cut at one moment may stand for several rows.

    Raises:
        InvalidValueError: if they do not.
    """
    before: list[set[int]] = [set() for _ in nodes]
    for line in _lines(nodes):
        for first, second in pairwise(line):
            before[second].add(first)
    after: dict[int, list[int]] = defaultdict(list)
    for place, earlier in enumerate(before):
        for first in earlier:
            after[first].append(place)
    waiting = [len(earlier) for earlier in before]
    ready = [(nodes[place].key, place) for place, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    order: list[_Node] = []
    while ready:
        _, place = heapq.heappop(ready)
        order.append(nodes[place])
        for following in after[place]:
            waiting[following] -= 1
            if not waiting[following]:
                heapq.heappush(ready, (nodes[following].key, following))
    if len(order) < len(nodes):
        raise InvalidValueError("gates that are cut jointly must be possible at one moment, but depend on each other")
    return order


def _lines(nodes: list[_Node]) -> Iterable[list[int]]:
    """What has to keep its order: all that acts on one wire, and all that touches one bit."""
    on_wire: dict[int, list[tuple[float, int]]] = defaultdict(list)
    on_bit: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for place, node in enumerate(nodes):
        for wire, time in zip(node.wires, node.times, strict=True):
            on_wire[wire].append((time, place))
        for bit in node.clbits:
            on_bit[bit].append((node.key[0], place))
    for line in (*on_wire.values(), *on_bit.values()):
        yield [place for _, place in sorted(line)]


def check_bits(circuit: Circuit, wires: Wires) -> None:
    """Checks that no piece reads, while it runs, what another has measured.

    Raises:
        InvalidValueError: naming the first instruction that does.
    """
    for writer, reader in bit_flow(circuit).tolist():
        here, there = wires.of[writer, 0], wires.of[reader, 0]
        if wires.pieces[here] != wires.pieces[there]:
            raise InvalidValueError(
                f"every instruction must be in the piece that measured the bits it reads, but row {reader} reads what row {writer} "
                "measured in another"
            )
