"""Where logical qubits live and are copied to, laid out for a picture: a lane each, in columns of instructions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.program.whereabouts import Whereabouts
from weft.report.lanes import Band

MOST_COLUMNS = 1600
_MOST_SLOTS = 8
_MOST_MARKS = 100  # for each lane, on average; more would be a line
_FAINTEST = 0.6  # what fills little of a column is still seen


@dataclass(frozen=True, eq=False)
class Cells:
    """Lanes in columns.

    Attributes:
        qpus (int64 array, shape (lanes, columns)): whichever fills most of each cell; −1 where there is none.
        strength (float64 array, shape (lanes, columns)): how much of it is filled, 0 to 1.
    """

    qpus: NDArray[np.int64]
    strength: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PresenceLanes:
    """Logical qubits from top to bottom, grouped by the QPU that they begin on.

    Attributes:
        order: the logical qubits.
        bands: the QPUs that they begin on, in lanes.
        homes: a lane for each logical qubit.
        slots: how many copies of a logical qubit are told apart.
        copies: `slots` lanes for each logical qubit, one after another.
        marks (float64 array, shape (marks, 2)): instruction and lane where a logical qubit takes pairs; none if they are too many.
    """

    order: list[int]
    bands: list[Band]
    homes: Cells
    slots: int
    copies: Cells
    marks: NDArray[np.float64]


def lay_presence(found: Whereabouts) -> PresenceLanes:
    """Gives every logical qubit a lane."""
    length, columns = len(found.program), count_columns(found)
    begins = found.homes[found.homes[:, 2] == 0]
    first_home = np.zeros(found.num_logical, dtype=np.int64)
    first_home[begins[::-1, 0]] = begins[::-1, 1]
    order = np.argsort(first_home, kind="stable")
    lane_of = np.argsort(order)
    homes = paint(found.homes[:, [1, 2, 3]], lane_of[found.homes[:, 0]], found.num_logical, length, columns)
    guests = guest_intervals(found)
    slot_of = _assign_slots(guests)
    slots = max(slot_of, default=0) + 1
    lanes = lane_of[guests[:, 0]] * slots + np.array(slot_of, dtype=np.int64)
    copies = paint(guests[:, 1:], lanes, found.num_logical * slots, length, columns)
    return PresenceLanes(
        order=order.tolist(),
        bands=_bands(found, first_home[order]),
        homes=homes,
        slots=slots,
        copies=copies,
        marks=_marks(found, lane_of, max(length / columns, length / 400)),
    )


def count_columns(found: Whereabouts) -> int:
    """One for each instruction, or fewer if there are many."""
    return max(min(len(found.program), MOST_COLUMNS), 1)


def guest_intervals(found: Whereabouts) -> NDArray[np.int64]:
    """Logical qubit, QPU, start and end of every copy, while the logical qubit is not at home there."""
    holdings = found.holdings[found.holdings[:, 4] > found.holdings[:, 2]]
    owners = found.program.qubit_qpus[holdings[:, 1]].astype(np.int64)
    return np.column_stack((holdings[:, 0], owners, holdings[:, 2], holdings[:, 4]))


def paint(intervals: NDArray[np.int64], lanes: NDArray[np.int64], count: int, length: int, columns: int) -> Cells:
    """Fills cells.

    Args:
        intervals: QPU, start and end of each, shape (intervals, 3).
        lanes: of each interval.
        count: of lanes.
        length: of the program.
        columns: into which it is divided.
    """
    qpus, starts, ends = intervals.T
    width = max(length, 1) / columns
    first = np.minimum((starts / width).astype(np.int64), columns - 1)
    last = np.clip(np.ceil(ends / width).astype(np.int64), first + 1, columns)
    which = np.repeat(np.arange(len(qpus)), last - first)
    place = np.arange(len(which)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    column = first[which] + place
    filled = np.minimum(ends[which], (column + 1) * width) - np.maximum(starts[which], column * width)
    filled = np.clip(filled / width, 0.0, 1.0)
    cell = lanes[which] * columns + column
    strength = np.bincount(cell, weights=filled, minlength=count * columns)
    winner = np.full(count * columns, -1, dtype=np.int64)
    by_filling = np.argsort(filled, kind="stable")
    winner[cell[by_filling]] = qpus[which][by_filling]
    seen: NDArray[np.float64] = np.where(winner >= 0, np.clip(strength, _FAINTEST, 1.0), 0.0)
    return Cells(winner.reshape(count, columns), seen.reshape(count, columns))


def _assign_slots(guests: NDArray[np.int64]) -> list[int]:
    """A slot for each copy that no other copy of its qubit has at the time: that of the last on its QPU, if it is free."""
    slots = [0] * len(guests)
    free_from: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    rows = guests.tolist()
    for row in np.argsort(guests[:, 2], kind="stable").tolist():
        logical, qpu, start, end = rows[row]
        tried = [last[logical, qpu]] if (logical, qpu) in last else []
        tried += range(_MOST_SLOTS)
        slot = next((slot for slot in tried if free_from.get((logical, slot), 0) <= start), _MOST_SLOTS - 1)
        slots[row] = last[logical, qpu] = slot
        free_from[logical, slot] = max(end, free_from.get((logical, slot), 0))
    return slots


def _bands(found: Whereabouts, home_of_lane: NDArray[np.int64]) -> list[Band]:
    names = [qpu.name for qpu in found.program.network.qpus]
    qpus, lows, counts = np.unique(home_of_lane, return_index=True, return_counts=True)
    return [
        Band(names[qpu], float(low), float(low + count))
        for qpu, low, count in zip(qpus.tolist(), lows.tolist(), counts.tolist(), strict=True)
    ]


def _marks(found: Whereabouts, lane_of: NDArray[np.int64], closest: float) -> NDArray[np.float64]:
    """Where pairs are taken, at least about `closest` apart."""
    served = found.pair_logicals >= 0
    lanes, rows = lane_of[found.pair_logicals[served]], found.pair_rows[served] + 0.5
    _, chosen = np.unique(np.column_stack((lanes, np.floor(rows / max(closest, 1.0)))), axis=0, return_index=True)
    if len(chosen) > _MOST_MARKS * len(lane_of):
        chosen = chosen[:0]
    return np.column_stack((rows[chosen], lanes[chosen]))
