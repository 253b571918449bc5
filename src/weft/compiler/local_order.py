"""In which order the gates of a region may be done, and a program's rows with swaps between them.

Two rows keep their order if they touch the same qubit or bit, are tied (`local_ties.py`), or a chain of such rows leads from one to
the other. A router sees only the data qubits of a region. A chain that leaves the region, through a communication qubit or a bit,
and comes back is told it as a barrier; otherwise it might exchange two gates of which one needs the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.compiler.local_ties import Ties
from weft.program import Op, Program


@dataclass(frozen=True, eq=False)
class Touches:
    """What each row touches: qubits, and bits after them. Rows that stay together are one: the first has the entries of all.

    Attributes:
        leader (int64 array, shape (rows,)): the first of the rows that stay together with each row.
        offsets (int64 array, shape (rows + 1,)): row i has entries offsets[i] to offsets[i + 1] of the next three.
        resources (int64 array): a qubit, or a bit plus the number of qubits.
        previous (int64 array): the row that touched it before; −1 if none.
        is_last (bool array): whether no later row touches it.
        count: of resources.
    """

    leader: NDArray[np.int64]
    offsets: NDArray[np.int64]
    resources: NDArray[np.int64]
    previous: NDArray[np.int64]
    is_last: NDArray[np.bool_]
    count: int

    @staticmethod
    def of(program: Program, ties: Ties) -> Touches:
        """The touches of a program."""
        rows = np.arange(len(program))
        readers = np.repeat(rows, np.diff(program.read_offsets))
        touching = ties.leader[np.concatenate((rows, rows, readers, rows, np.array(ties.rows, dtype=np.int64)))]
        bits = np.concatenate((program.read_bits, program.bits)).astype(np.int64)
        touched = np.concatenate(
            (
                *program.qubits.T,
                np.where(bits >= 0, bits + program.num_qubits, -1),
                np.array(ties.qubits, dtype=np.int64),
            )
        )
        count = program.num_qubits + program.num_bits
        keys = np.unique((touching * count + touched)[touched >= 0])
        touching, touched = keys // max(count, 1), keys % max(count, 1)
        order = np.argsort(touched, kind="stable")
        same = np.flatnonzero(touched[order][1:] == touched[order][:-1])
        previous, is_last = np.full(len(keys), -1, dtype=np.int64), np.ones(len(keys), dtype=np.bool_)
        previous[order[same + 1]] = touching[order[same]]
        is_last[order[same]] = False
        offsets = np.searchsorted(touching, np.arange(len(program) + 1))
        return Touches(ties.leader, offsets, touched, previous, is_last, count)

    def members(self) -> dict[int, list[int]]:
        """By their first row, the rows that stay together where there is more than one."""
        answer: dict[int, list[int]] = {}
        for row in np.flatnonzero(self.leader != np.arange(len(self.leader))).tolist():
            answer.setdefault(int(self.leader[row]), [int(self.leader[row])]).append(row)
        return answer

    def rows_that_end(self) -> NDArray[np.bool_]:
        """Whether no later row touches anything that a row does, shape (rows,)."""
        entries = np.repeat(np.arange(len(self.leader)), np.diff(self.offsets))
        return np.asarray(np.bincount(entries[~self.is_last], minlength=len(self.leader)) == 0)


def gates_and_barriers(program: Program, touches: Touches, qubits: Sequence[int]) -> list[tuple[int, ...]]:
    """What a router must know: gates on two of some qubits as (row, wire, wire), and barriers as (−1, wires…).

    A wire is an index into `qubits`. Every row knows, as a clock, how many gates on each wire it comes after; a second clock for
    each wire says how much of that a router knows.
    """
    wire = {qubit: place for place, qubit in enumerate(qubits)}
    routed = (program.opcodes == Op.GATE) & np.all(np.isin(program.qubits, qubits), axis=1)
    known = np.zeros((len(qubits), len(qubits)), dtype=np.int64)
    clocks: list[NDArray[np.int64] | None] = [None] * touches.count
    events: list[tuple[int, ...]] = []
    members = touches.members()
    resources, is_last, offsets = touches.resources.tolist(), touches.is_last.tolist(), touches.offsets.tolist()
    for row in np.flatnonzero(np.diff(touches.offsets) > 1).tolist():
        span = range(offsets[row], offsets[row + 1])
        clock = _latest([clocks[resources[entry]] for entry in span])
        for gate in members.get(row, [row]):
            if not routed[gate]:
                continue
            pair = [wire[qubit] for qubit in program.qubits[gate].tolist()]
            clock = np.zeros(len(qubits), dtype=np.int64) if clock is None else clock.copy()
            _tell(events, known, clock, pair)
            clock[pair] += 1
            known[pair] = known[pair].max(axis=0)
            known[np.ix_(pair, pair)] = clock[pair]
            events.append((gate, *pair))
        for entry in span:
            clocks[resources[entry]] = None if is_last[entry] else clock
    return events


def _latest(clocks: list[NDArray[np.int64] | None]) -> NDArray[np.int64] | None:
    different = list({id(clock): clock for clock in clocks if clock is not None}.values())
    if len(different) < 2:
        return different[0] if different else None
    return np.asarray(np.maximum.reduce(different))


def _tell(events: list[tuple[int, ...]], known: NDArray[np.int64], clock: NDArray[np.int64], pair: list[int]) -> None:
    """A barrier, if a gate on a pair of wires comes after gates that a router would not put before it."""
    unknown = np.flatnonzero(clock > known[pair].max(axis=0)).tolist()
    if unknown:
        wires = [*pair, *unknown]
        known[wires] = known[wires].max(axis=0)
        events.append((-1, *wires))


def merged(program: Program, touches: Touches, steps: Sequence[tuple[int, int, int]], late: set[int]) -> list[int]:
    """All rows and the swaps of a region in one order: the program's own, except where swaps need gates to come earlier.

    Args:
        program: of the rows.
        touches: of the program.
        steps: of a router, in order: (row or −1 for a swap, place, place).
        late: rows that wait for the end; nothing may come after them.

    Returns:
        Rows, and number of rows + k for the k-th swap among the steps; swaps that no gate needs are left out.
    """
    count = len(program)
    before, members = _steps_before(steps, touches.leader), touches.members()
    done = bytearray(count + len(steps))
    order: list[int] = []
    previous, offsets = touches.previous, touches.offsets

    def needs(node: int) -> list[int]:
        found = before.get(node, [])
        if node < count:
            found = found + [row for row in previous[offsets[node] : offsets[node + 1]].tolist() if row >= 0]
        return [other for other in found if not done[other]]

    for row in range(count):
        if row in late or touches.leader[row] != row:
            continue
        stack = [row]
        while stack:
            node = stack[-1]
            missing = [] if done[node] or (node == row and node not in before) else needs(node)
            if missing:
                stack += missing[::-1]
                continue
            stack.pop()
            if not done[node]:
                done[node] = True
                order += members.get(node, [node])
    return order + sorted(late)


def _steps_before(steps: Sequence[tuple[int, int, int]], leader: NDArray[np.int64]) -> dict[int, list[int]]:
    """For each step of a router, the last steps before it that had the same places."""
    latest: dict[int, int] = {}
    before: dict[int, list[int]] = {}
    swaps = 0
    for row, first, second in steps:
        node = len(leader) + swaps if row < 0 else int(leader[row])
        swaps += row < 0
        earlier = {latest[place] for place in (first, second) if place in latest} - {node}
        before[node] = sorted(earlier.union(before.get(node, ())))
        latest[first] = latest[second] = node
    return before
