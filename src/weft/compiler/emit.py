"""Writes the program: walks the circuit in its own order and makes, uses and drops copies as the plan says.

A copy is made just before the first gate that needs it and dropped just after the last, so it occupies a communication qubit no
longer than it must. One-qubit gates wait until the next two-qubit gate of their qubit. A two-qubit gate is written as it stands
in the circuit, unless a qubit on which it is not diagonal is shared: then it is written in its diagonal form, and the changes
of basis join the waiting gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import CODES, GATES, MEASURE, RESET, Matrix, matrix_of
from weft.compiler.decompose import Whole
from weft.compiler.forms import DiagonalForm, diagonal_form
from weft.compiler.holders import Holders
from weft.compiler.plan import Plan
from weft.compiler.routes import Routes
from weft.compiler.segments import Segments
from weft.compiler.turns import P, X, turns_for
from weft.program import Program, ProgramBuilder, Role

_NEVER = 1 << 60
_CX = CODES["cx"]

Condition = list[tuple[int, int]]


def emit(
    circuit: Circuit, routes: Routes, segments: Segments, plan: Plan, whole: Mapping[int, Whole] | None = None
) -> Program:
    """The program that computes a circuit as planned.

    Args:
        circuit: all of whose two-qubit gates have a diagonal form.
        routes: between QPUs.
        segments: of the circuit.
        plan: for the segments.
        whole: gates that rows of the circuit stand for, by the first of these rows.

    Raises:
        DoesNotFitError: if a QPU has too few communication qubits for the plan.
    """
    return _Emitter(circuit, routes, segments, plan, whole or {}).run()


class _Emitter:
    def __init__(
        self, circuit: Circuit, routes: Routes, segments: Segments, plan: Plan, whole: Mapping[int, Whole]
    ) -> None:
        network = routes.network
        self.circuit, self.plan, self.whole = circuit, plan, whole
        self.offsets = segments.offsets.tolist()
        self.segment_of = segments.of.tolist()
        self.qpus = len(network.qpus)
        self.routes = routes
        self.builder = ProgramBuilder(
            network, circuit_name=circuit.name, registers=circuit.registers, num_clbits=circuit.num_clbits
        )
        homes = [plan.homes[first] for first in self.offsets[:-1]]
        self.holders = Holders(self.builder, routes, homes, self.next_use)
        self.azimuth = segments.azimuth
        self.current = [-1] * circuit.num_qubits  # the segment that each qubit is in
        self.waiting: list[list[int]] = [[] for _ in range(circuit.num_qubits)]  # rows of one-qubit gates
        self.prefix: list[Matrix | None] = [None] * circuit.num_qubits  # the way back to the basis of the circuit
        self.done: dict[int, int] = {}  # uses of a copy that are over
        self.bridges: dict[int, frozenset[int]] = {}
        self.gate = -1  # the two-qubit gate at hand

    @cached_property
    def codes(self) -> list[int]:
        return self.circuit.opcodes.tolist()

    @cached_property
    def angles(self) -> list[list[float]]:
        return self.circuit.angles.tolist()

    def run(self) -> Program:
        circuit = self.circuit
        clbits = circuit.clbits.tolist()
        conditional = (np.diff(circuit.condition_offsets) > 0).tolist()
        resume = 0
        for row, (code, (first, second)) in enumerate(zip(self.codes, circuit.qubits.tolist(), strict=True)):
            if row < resume:
                continue
            condition = self.condition(row) if conditional[row] else []
            if row in self.whole and self.put_together(row, self.whole[row], condition):
                resume = self.whole[row].stop
                continue
            if second >= 0:
                self.gate += 1
                self.two_qubit_gate(row, (first, second), condition)
            elif code < MEASURE and not condition:
                self.waiting[first].append(row)
            else:
                self.event(row, code, first, clbits[row], condition)
        for qubit in range(circuit.num_qubits):
            self.make_whole(qubit)
        return self.builder.build()

    def condition(self, row: int) -> Condition:
        return [(bit, Role.IF_ONE if value else Role.IF_ZERO) for bit, value in self.circuit.condition(row)]

    # What a copy is still good for.

    def left(self, qubit: int, qpu: int) -> list[int]:
        """The gates of a qubit on a QPU in its current segment, and how many of them are over, as one slice."""
        key = self.current[qubit] * self.qpus + qpu
        return self.plan.uses.get(key, [])[self.done.get(key, 0) :]

    def next_use(self, qubit: int, qpu: int) -> int:
        gates = self.left(qubit, qpu)
        return gates[0] if gates else _NEVER

    def count_use(self, qubit: int, qpu: int) -> None:
        key = self.current[qubit] * self.qpus + qpu
        self.done[key] = self.done.get(key, 0) + 1

    def release(self, qubit: int) -> None:
        """Drops the copies that nothing needs any more."""
        holders, segment = self.holders, self.current[qubit]
        places = holders.at[qubit]
        if len(places) == 1 or segment in self.plan.through:
            return
        keep = self.plan.exits[segment] or self.bridge(qubit)
        for qpu in [place for place in places if place != holders.resident[qubit] and place not in keep]:
            if len(places) > 1 and not self.left(qubit, qpu) and not self.is_root(qubit, qpu):
                holders.drop(qubit, qpu)

    def bridge(self, qubit: int) -> frozenset[int]:
        """Where a copy must wait if the next segment is elsewhere: as near to it as the qubit ever is."""
        segment = self.current[qubit]
        if segment + 1 == self.offsets[qubit + 1] or self.routes.is_complete:
            return frozenset()
        if segment not in self.bridges:
            length, used = self.routes.length, self.plan.used
            _, _, nearest = min(
                (length(a, b), a != self.plan.homes[segment], a) for a in used[segment] for b in used[segment + 1]
            )
            self.bridges[segment] = frozenset((nearest,))
        return self.bridges[segment]

    def is_root(self, qubit: int, qpu: int) -> bool:
        """Whether a copy that is still to be made will come from this one."""
        tree = self.routes.tree(frozenset(self.plan.used[self.current[qubit]]))
        if tree is None:
            return False
        places, seen, frontier = self.holders.at[qubit], {qpu}, [qpu]
        while frontier:
            for there in tree[frontier.pop()]:
                if there not in seen and there not in places:
                    if self.left(qubit, there):
                        return True
                    seen.add(there)
                    frontier.append(there)
        return False

    # Moving and copying.

    def grow(self, qubit: int, qpu: int) -> None:
        """Makes sure that a qubit is present on a QPU, along the tree of its segment."""
        places = self.holders.at[qubit]
        if qpu in places:
            return
        used = self.plan.used[self.current[qubit]]
        tree = self.routes.tree(frozenset(used))
        if tree is None or qpu not in tree:
            source = min(
                places, key=lambda place: (self.routes.length(place, qpu), place != self.holders.resident[qubit], place)
            )
            self.holders.copy(qubit, self.routes.between(source, qpu))
            return
        route = self.way_in_tree(tree, places, qpu)
        if route is None:
            source = min(places, key=lambda place: (self.routes.length(place, qpu), place))
            self.holders.copy(qubit, self.routes.between(source, qpu))
            return
        stops = [place for place in route[1:-1] if self.left(qubit, place) or len(tree[place]) > 2]
        self.holders.copy(qubit, route, stops)

    @staticmethod
    def way_in_tree(tree: dict[int, list[int]], places: dict[int, int], qpu: int) -> list[int] | None:
        """The way within a tree from the nearest holder to a QPU; None if no holder is in it."""
        came_from, frontier = {qpu: qpu}, [qpu]
        for here in frontier:
            if here in places:
                route = [here]
                while route[-1] != qpu:
                    route.append(came_from[route[-1]])
                return route
            for there in tree[here]:
                if there not in came_from:
                    came_from[there] = here
                    frontier.append(there)
        return None

    def enter(self, qubit: int, segment: int) -> None:
        """Ends the segment that a qubit was in: of its copies, only those stay that the next one goes on with."""
        before = self.current[qubit]
        if before in {segment, -1}:
            self.current[qubit] = segment
            return
        plan, places = self.plan, self.holders.at[qubit]
        keep = plan.exits[before]
        if keep:
            for qpu in sorted(keep):
                self.grow(qubit, qpu)
            if before not in plan.through:
                self.keep_only(qubit, keep)
        else:
            lengths = self.routes.length
            _, source, target = min((lengths(a, b), a, b) for a in places for b in plan.used[segment])
            if source != target:
                self.holders.copy(qubit, self.routes.between(source, target))
            self.keep_only(qubit, {target})
        self.current[qubit] = segment

    def keep_only(self, qubit: int, keep: frozenset[int] | set[int]) -> None:
        for qpu in [place for place in self.holders.at[qubit] if place not in keep]:
            self.holders.drop(qubit, qpu)

    def arrive(self, qubit: int) -> None:
        """Brings a qubit home for its segment, once it is in the basis of the segment."""
        segment = self.current[qubit]
        home = self.plan.homes[segment]
        if self.holders.resident[qubit] != home:
            self.grow(qubit, home)
            self.holders.resident[qubit] = home
            self.holders.settle(qubit)

    # Turns.

    def turn(self, qubit: int, before: Matrix | None) -> None:
        """Writes the one-qubit gates that wait, with what leads back from the last gate's basis and on to the next one's."""
        rows, prefix = self.waiting[qubit], self.prefix[qubit]
        places = self.holders.at[qubit]
        if prefix is None and before is None and (len(places) == 1 or not rows):
            for row in rows:
                self.builder.gate_code(self.codes[row], (self.holders.one(qubit),), self.angles[row])
            rows.clear()
            return
        product = prefix if prefix is not None else np.eye(2, dtype=np.complex128)
        for row in rows:
            product = matrix_of(self.codes[row], tuple(self.angles[row])) @ product
        if before is not None:
            product = before @ product
        for code, angles in turns_for(np.ascontiguousarray(product)):
            for place in list(places.values()) if code == X else (self.holders.one(qubit),):
                self.builder.gate_code(code, (place,), angles)
        rows.clear()
        self.prefix[qubit] = None

    def make_whole(self, qubit: int) -> None:
        """Leaves one holder, in the basis of the circuit."""
        holders = self.holders
        resident = holders.resident[qubit]
        self.keep_only(qubit, {resident if resident in holders.at[qubit] else min(holders.at[qubit])})
        self.turn(qubit, None)

    def event(self, row: int, code: int, qubit: int, clbit: int, condition: Condition) -> None:
        """A measurement, a reset, or a one-qubit gate that depends on measured bits."""
        self.make_whole(qubit)
        if code >= MEASURE:
            self.holders.house(qubit)
        place = self.holders.one(qubit)
        if code == MEASURE:
            self.builder.measure(place, clbit, condition=condition)
        elif code == RESET:
            self.builder.reset(place, condition=condition)
        else:
            self.builder.gate_code(code, (place,), self.angles[row], condition)

    # Two-qubit gates.

    def two_qubit_gate(self, row: int, qubits: tuple[int, int], condition: Condition) -> None:
        code, segments = self.codes[row], self.segment_of[row]
        form = diagonal_form(code, tuple(self.angles[row][: GATES[code].angles]))
        self.holders.protected = set()
        for qubit, segment in zip(qubits, segments, strict=True):
            self.enter(qubit, segment)
        for operand in (0, 1):
            if segments[operand] in self.plan.through:
                self.gate_on_all(form, qubits, operand)
                return
        self.gate_at(row, self.plan.places[self.gate], form, qubits, condition)

    def put_together(self, row: int, whole: Whole, condition: Condition) -> bool:
        """Writes a gate that was taken apart as it stands in the circuit, if neither of its qubits is shared meanwhile."""
        rows = [part for part in range(row, whole.stop) if self.segment_of[part][0] >= 0]
        qubits = self.circuit.qubits[rows[0]].tolist()  # in the order of the gate, which begins with cx(0, 1)
        place, *others = {self.plan.places[self.gate + 1 + number] for number in range(len(rows))}
        visited = {segment for part in rows for segment in self.segment_of[part]}
        alone = all(self.plan.used[segment] == {place} for segment in visited)
        if others or not alone or any(set(self.holders.at[qubit]) != {place} for qubit in qubits):
            return False
        for qubit in qubits:
            self.turn(qubit, None)
        self.builder.gate_code(whole.code, [self.holders.at[qubit][place] for qubit in qubits], (), condition)
        for part in rows:
            self.gate += 1
            for qubit, segment in zip(self.circuit.qubits[part].tolist(), self.segment_of[part], strict=True):
                self.current[qubit] = segment
                self.count_use(qubit, place)
        return True

    def gate_at(self, row: int, qpu: int, form: DiagonalForm, qubits: tuple[int, int], condition: Condition) -> None:
        """A gate on one QPU."""
        shared = [len(self.plan.used[self.current[qubit]]) > 1 for qubit in qubits]
        changed = any(basis is not None and is_shared for basis, is_shared in zip(form.before, shared, strict=True))
        self.holders.protected = {(qubit, qpu) for qubit in qubits}
        for qubit, basis in zip(qubits, form.before, strict=True):
            self.turn(qubit, basis if changed else None)
            self.arrive(qubit)
            self.grow(qubit, qpu)
        places = [self.holders.at[qubit][qpu] for qubit in qubits]
        if not changed:
            self.builder.gate_code(self.codes[row], places, self.angles[row], condition)
        else:
            self.builder.gate_code(form.code, places, form.angles, condition)
            if form.phase:
                self.builder.gate_code(P, places[:1], (form.phase,), condition)
            for qubit, basis in zip(qubits, form.before, strict=True):
                self.prefix[qubit] = None if basis is None else basis.conj().T
        for qubit in qubits:
            self.count_use(qubit, qpu)
            self.release(qubit)

    def gate_on_all(self, form: DiagonalForm, qubits: tuple[int, int], operand: int) -> None:
        """A controlled Pauli on a qubit whose copies are kept through its segment: done on every copy.

        What waits for that qubit goes on waiting, because its copies stay in the basis of the segment before.
        """
        qubit, partner = qubits[operand], qubits[1 - operand]
        basis = form.before[1 - operand]
        self.arrive(qubit)
        self.turn(partner, basis)
        self.arrive(partner)
        places = self.holders.at[qubit]
        self.holders.protected = {(either, qpu) for either in qubits for qpu in places}
        for qpu in sorted(places):
            self.grow(partner, qpu)
        azimuth = float(self.azimuth[self.current[qubit]])
        if azimuth:
            self.builder.gate_code(P, (self.holders.one(qubit),), (-azimuth,))
        for qpu in sorted(places):
            self.builder.gate_code(_CX, (self.holders.at[partner][qpu], places[qpu]), ())
            self.count_use(partner, qpu)
        if azimuth:
            self.builder.gate_code(P, (self.holders.one(qubit),), (azimuth,))
        self.prefix[partner] = None if basis is None else basis.conj().T
        self.release(partner)
