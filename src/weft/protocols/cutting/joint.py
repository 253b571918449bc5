"""Cuts that can be made together, which costs less than one by one.

Gates, or wires, can be cut together if they can happen at the same moment: if nothing that follows from one has to come before
another, on whatever way through whatever pieces. With several groups it must also be possible to put all of them in one order.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE
from weft.errors import InvalidValueError
from weft.protocols.cutting.plan import CutPlan, occurrences
from weft.protocols.cutting.preparation import rebuilt
from weft.protocols.cutting.runs import Run, cheaper_runs

Group = tuple[int, ...]


def joint_gates(
    circuit: Circuit,
    plan: CutPlan,
    *,
    most: int = 2,
    runs: Sequence[Run] = (),
    wires: Sequence[Group] = (),
    scattered: Container[int] = (),
) -> list[Group]:
    """Groups of gate cuts between the same two pieces that can be made at the same moment.

    Args:
        circuit: that is cut.
        plan: where.
        most: gates in a group.
        runs: that are cut as one, as `cut_runs` gives them; the first row of each stands for it, and it counts as one gate.
        wires: groups of wire cuts that are to stay possible, as `joint_wires` gives them.
        scattered: pieces whose qubits are not in one place, so that nothing is done to several of them at once.

    Returns:
        Every gate cut in exactly one group, as rows of the circuit, in the order of time; most groups may well be of one gate.
    """
    order = _Order(circuit, plan.wire_cuts(circuit), wires)
    pieces = {row: tuple(sorted(plan.pieces[row].tolist())) for row in plan.gate_cuts.tolist()}
    pieces |= {row: (*pieces[row], row) for row in np.flatnonzero(plan.within).tolist()}  # within a piece, one by one
    for run in runs:
        order.contract(run)
        for row in run[1:]:
            pieces.pop(row, None)
    return order.gathered(_apart(pieces, scattered), most)


def cut_runs(circuit: Circuit, plan: CutPlan) -> list[Run]:
    """The runs that are cut as one: those that cost less so, and that the plan parts from end to end."""
    return [run for run in cheaper_runs(circuit) if _is_parted(circuit, plan, run)]


def _is_parted(circuit: Circuit, plan: CutPlan, run: Run) -> bool:
    rows = list(run)
    qubits, pieces = circuit.qubits[rows], plan.pieces[rows]
    sides = {tuple(both) for both in zip(qubits[qubits >= 0].tolist(), pieces[qubits >= 0].tolist(), strict=True)}
    return len(sides) == 2 == len({piece for _, piece in sides})  # two qubits, each always in one piece


def joint_wires(
    circuit: Circuit, plan: CutPlan, *, most: int = 3, gates: Sequence[Group] = (), scattered: Container[int] = ()
) -> list[Group]:
    """Groups of wire cuts from one piece to the same other that can be made at the same moment.

    Args:
        circuit: that is cut.
        plan: where.
        most: wires in a group.
        gates: groups of gate cuts that are to stay possible, as `joint_gates` gives them.
        scattered: pieces whose qubits are not in one place.

    Returns:
        Every wire cut in exactly one group, as positions in `plan.wire_cuts(circuit)`.
    """
    cuts = plan.wire_cuts(circuit)
    order = _Order(circuit, cuts, (), gates)
    ways: dict[int, tuple[int, ...]] = {}
    for position, (qubit, before, after) in enumerate(cuts.tolist()):
        sides = (_piece(circuit, plan, before, qubit), _piece(circuit, plan, after, qubit))
        ways[len(circuit) + position] = sides
    return [tuple(node - len(circuit) for node in group) for group in order.gathered(_apart(ways, scattered), most)]


def _apart(kinds: dict[int, tuple[int, ...]], scattered: Container[int]) -> dict[int, tuple[int, ...]]:
    """Kinds of nodes, each node at a scattered piece a kind of its own."""
    return {
        node: (*kind, node) if any(piece in scattered for piece in kind[:2]) else kind for node, kind in kinds.items()
    }


def gathered(
    circuit: Circuit, plan: CutPlan, gates: Sequence[Group] = (), wires: Sequence[Group] = ()
) -> tuple[Circuit, CutPlan, NDArray[np.int64]]:
    """The circuit and its plan in an order of rows in which each group happens at one moment.

    The gates of a group stand one behind the other. All rows before the wires of a group stand before all rows after them. How wide
    pieces are depends on the order, so it should be looked at again.

    Args:
        circuit: that is cut.
        plan: where.
        gates: groups of rows.
        wires: groups of positions in `plan.wire_cuts(circuit)`.

    Returns:
        The circuit, its plan, and for each row of the new circuit its row in the old one.

    Raises:
        InvalidValueError: if the groups cannot all be at one moment each.
    """
    order = _Order(circuit, plan.wire_cuts(circuit), wires, gates)
    sequence = order.sequence()
    if sequence is None:
        raise InvalidValueError(
            "all cuts of a group must be possible at the same moment, but those of some depend on each other"
        )
    rows = np.array([node for node in sequence if node < len(circuit)], dtype=np.int64)
    return rebuilt(circuit, rows, circuit.qubits), CutPlan(plan.pieces[rows], plan.within[rows]), rows


def _piece(circuit: Circuit, plan: CutPlan, row: int, qubit: int) -> int:
    return int(plan.pieces[row, circuit.qubits[row].tolist().index(qubit)])


class _Order:
    """What has to come before what: nodes are rows and, behind them, wire cuts; nodes of one group count as one.

    Attributes:
        after: for each node, those that must come later.
        group: for each node, the node that stands for its group.
        members: for each node that stands for a group, the nodes in it.
        time: for each node that stands for a group, its last member's place in the circuit, the order of what is free to happen.
    """

    def __init__(
        self,
        circuit: Circuit,
        cuts: NDArray[np.int64],
        wires: Iterable[Group],
        gates: Iterable[Group] = (),
    ) -> None:
        count = len(circuit) + len(cuts)
        self.after: list[set[int]] = [set() for _ in range(count)]
        self.members: list[list[int]] = [[node] for node in range(count)]
        self.group = list(range(count))
        self.time = [float(row) for row in range(len(circuit))] + [before + 0.5 for before in cuts[:, 1].tolist()]
        for first, second in (*_along_qubits(circuit, cuts), *_along_bits(circuit)):
            self.after[first].add(second)
        for nodes in (*gates, *(tuple(len(circuit) + position for position in group) for group in wires)):
            for node in nodes[1:]:
                self.join(nodes[0], node)

    def join(self, first: int, second: int) -> None:
        """Makes the groups of two nodes one."""
        first, second = self.group[first], self.group[second]
        if first == second:
            return
        for node in self.members[second]:
            self.group[node] = first
        self.members[first] += self.members[second]
        self.after[first] |= self.after[second]
        self.time[first] = max(self.time[first], self.time[second])

    def contract(self, run: Run) -> None:
        """Makes a run one node; only what is in it comes between its rows."""
        for row in run[1:]:
            self.join(run[0], row)
        self.after[self.group[run[0]]] -= set(run)

    def reaches(self, first: int, second: int, rank: list[int]) -> bool:
        """Whether the group of one node must come before that of another; `rank` is an order in which all groups can happen."""
        target = self.group[second]
        stack, seen = [self.group[first]], {self.group[first]}
        while stack:
            for later in self.after[stack.pop()]:
                group = self.group[later]
                if group == target:
                    return True
                if group not in seen and rank[group] < rank[target]:
                    seen.add(group)
                    stack.append(group)
        return False

    def gathered(self, kinds: dict[int, tuple[int, ...]], most: int) -> list[Group]:
        """Puts nodes of one kind together, in the order of time, each in the first group in which it can be."""
        if most < 1:
            raise InvalidValueError(f"`most` must be at least 1, but is {most}")
        groups: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
        rank = self.ranks()
        for node, kind in kinds.items():
            for group in groups[kind]:
                if len(group) < most and self._may_join(group[0], node, rank):
                    self.join(group[0], node)
                    group.append(node)
                    rank = self.ranks()
                    break
            else:
                groups[kind].append([node])
        return sorted(tuple(group) for found in groups.values() for group in found)

    def _may_join(self, first: int, second: int, rank: list[int]) -> bool:
        return not self.reaches(first, second, rank) and not self.reaches(second, first, rank)

    def ranks(self) -> list[int]:
        """For each group's node, its position in an order in which all groups can happen."""
        sequence = self._groups_in_order()
        if sequence is None:
            raise InvalidValueError(
                "all cuts of a group must be possible at the same moment, but those of some depend on each other"
            )
        rank = [0] * len(self.group)
        for position, group in enumerate(sequence):
            rank[group] = position
        return rank

    def sequence(self) -> list[int] | None:
        """All nodes in such an order, the members of a group one behind the other; None if there is none."""
        groups = self._groups_in_order()
        return None if groups is None else [node for group in groups for node in sorted(self.members[group])]

    def _groups_in_order(self) -> list[int] | None:
        leaders = [node for node, group in enumerate(self.group) if node == group]
        later = {group: {self.group[node] for node in self.after[group]} for group in leaders}
        waits = dict.fromkeys(leaders, 0)
        for others in later.values():
            for other in others:
                waits[other] += 1
        ready = [(self.time[group], group) for group in leaders if waits[group] == 0]
        heapq.heapify(ready)
        sequence = []
        while ready:
            _, group = heapq.heappop(ready)
            sequence.append(group)
            for other in later[group]:
                waits[other] -= 1
                if waits[other] == 0:
                    heapq.heappush(ready, (self.time[other], other))
        return sequence if len(sequence) == len(leaders) else None


def _along_qubits(circuit: Circuit, cuts: NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Consecutive rows of each qubit, with the cut between them where there is one."""
    rows, operands = occurrences(circuit)
    qubits = circuit.qubits[rows, operands]
    same = qubits[1:] == qubits[:-1]
    yield from zip(rows[:-1][same].tolist(), rows[1:][same].tolist(), strict=True)
    for position, (_, before, after) in enumerate(cuts.tolist()):
        yield before, len(circuit) + position
        yield len(circuit) + position, after


def _along_bits(circuit: Circuit) -> Iterable[tuple[int, int]]:
    """Rows that touch the same bit, at least one of which writes it."""
    written: dict[int, int] = {}
    read: dict[int, list[int]] = defaultdict(list)
    touching = (circuit.opcodes == MEASURE) | (np.diff(circuit.condition_offsets) > 0)
    for row in np.flatnonzero(touching).tolist():
        for bit, _ in circuit.condition(row):
            if bit in written:
                yield written[bit], row
            read[bit].append(row)
        if circuit.opcodes[row] == MEASURE:
            bit = int(circuit.clbits[row])
            yield from ((earlier, row) for earlier in read.pop(bit, []) if earlier != row)
            if bit in written:
                yield written[bit], row
            written[bit] = row
