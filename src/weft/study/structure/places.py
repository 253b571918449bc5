"""Where in the circuit the pairs of a program are used: which qubit each copies, and before which moment.

A program does the two-qubit gates of its circuit in the circuit's own order, on whatever holds their qubits. So counting those
that come before a pair says how far the circuit is.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.program.whereabouts import Whereabouts, find_whereabouts
from weft.study.structure.moments import Moments

Integers = NDArray[np.int64]


def places_of_pairs(program: Program, moments: Moments) -> tuple[Integers, Integers]:
    """Where pairs are used.

    Args:
        program: of the circuit, one that verifies.
        moments: of the circuit.

    Returns:
        The qubit that each pair copies, −1 for none, and the moment after which its first gate comes, each of shape (ebits,). Where
        the compiler took gates apart, such as a swap into three, moments are in proportion to the gates that are done.
    """
    circuit = moments.circuit
    found = find_whereabouts(program, circuit.num_qubits)
    done = _logical_gates(found)
    gates = np.flatnonzero(circuit.qubits[:, 1] >= 0)
    place = np.searchsorted(done[:, 0], found.pair_rows)
    if len(gates) == 0 or len(done) == 0:
        return found.pair_logicals, np.zeros(len(place), dtype=np.int64)
    first = np.minimum(_first_uses(done, found.pair_logicals, place), len(done) - 1)
    numbers = _numbered(done[:, 1:].tolist(), circuit.qubits[gates].tolist())
    number = first * len(gates) // len(done) if numbers is None else numbers[first]
    return found.pair_logicals, moments.of_row[gates[number]] - 1


def _numbered(done: list[list[int]], gates: list[list[int]]) -> Integers | None:
    """Which gate of the circuit each of the program's is; None if that cannot be told.

    A CX on a qubit that is held in several places is done in all of them, one after the other.
    """
    wanted = [set(pair) for pair in gates]
    numbers, following = [], 0
    for pair in done:
        if following < len(wanted) and set(pair) == wanted[following]:
            following += 1
        elif not following or set(pair) != wanted[following - 1]:
            return None
        numbers.append(following - 1)
    return np.array(numbers, dtype=np.int64) if following == len(wanted) else None


def _logical_gates(found: Whereabouts) -> Integers:
    """Row and the two logical qubits of each gate between two of them, shape (gates, 3)."""
    program = found.program
    held: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for logical, qubit, start, end, _ in found.holdings.tolist():
        held[qubit].append((start, end, logical))
    rows = np.flatnonzero((program.opcodes == Op.GATE) & (program.qubits[:, 1] >= 0))
    gates = []
    for intervals in held.values():
        intervals.sort()
    at = dict.fromkeys(held, 0)
    for row in rows.tolist():
        logicals = [_logical_at(held.get(qubit, []), at, qubit, row) for qubit in program.qubits[row].tolist()]
        if min(logicals) >= 0 and logicals[0] != logicals[1]:
            gates.append((row, *logicals))
    return np.array(gates, dtype=np.int64).reshape(-1, 3)


def _logical_at(intervals: list[tuple[int, int, int]], at: dict[int, int], qubit: int, row: int) -> int:
    """What a qubit holds before a row, if rows are asked about in order; −1 if nothing."""
    place = at.get(qubit, 0)
    while place < len(intervals) and intervals[place][1] <= row:
        place += 1
    at[qubit] = place
    return intervals[place][2] if place < len(intervals) and intervals[place][0] <= row else -1


def _first_uses(gates: Integers, logicals: Integers, place: Integers) -> Integers:
    """For each pair, the first gate from its place on that its qubit takes part in; its place if there is none."""
    uses: dict[int, list[int]] = defaultdict(list)
    for number, (_, first, second) in enumerate(gates.tolist()):
        uses[first].append(number)
        uses[second].append(number)
    answer = place.copy()
    for pair, (logical, start) in enumerate(zip(logicals.tolist(), place.tolist(), strict=True)):
        mine = uses.get(logical, [])
        following = int(np.searchsorted(mine, start))
        if following < len(mine):
            answer[pair] = mine[following]
    return answer
