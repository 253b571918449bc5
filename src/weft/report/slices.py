"""One shot, cut into what there is to show: instructions, gaps between them, pairs on link channels, messages.

The picture and the trace both start from here, so that they never disagree.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.scheduler.timelines import holds_state, previous_rows


@dataclass(frozen=True, eq=False)
class Gaps:
    """Stretches between two instructions on the same qubit while it holds something.

    A data qubit *waits* in its gaps; a communication qubit *holds* its half of a pair, or a copy made with it.
    A data qubit is prepared just in time for its first instruction, so it does not wait before that.

    Attributes:
        qubits (int64 array, shape (gaps,)): whose.
        after (int64 array, shape (gaps,)): the row of the instruction before the gap.
        rows (int64 array, shape (gaps,)): the row of the instruction that ends the gap.
        start_s (float64 array, shape (gaps,)): when the instruction before ended.
        end_s (float64 array, shape (gaps,)): when the instruction in `rows` starts; later than `start_s`.
    """

    qubits: NDArray[np.int64]
    after: NDArray[np.int64]
    rows: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Messages:
    """Classical bits that are read on another QPU than the one that measured them, one per reader.

    Attributes:
        bits (int64 array, shape (messages,)): which bit.
        writers (int64 array, shape (messages,)): the row of the measurement.
        readers (int64 array, shape (messages,)): the row that reads.
    """

    bits: NDArray[np.int64]
    writers: NDArray[np.int64]
    readers: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Slices:
    """Everything that happens in one shot.

    Attributes:
        program: that was played.
        shot: which timeline this is.
        start_s (float64 array, shape (n,)): when each instruction starts.
        end_s (float64 array, shape (n,)): when it ends.
        channels (int64 array, shape (n,)): the channel of its link that an `entangle` uses; −1 otherwise.
        attempts (int64 array, shape (n,)): of an `entangle`; 0 if they cannot be counted, because an attempt takes no time, or
            the pair may have been made before or distilled; −1 for other rows.
        shows_attempts: whether an `entangle` lasts for its attempts and for nothing else.
        gaps: in which qubits wait or hold.
        messages: between QPUs.
    """

    program: Program
    shot: int
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    channels: NDArray[np.int64]
    attempts: NDArray[np.int64]
    shows_attempts: bool
    gaps: Gaps
    messages: Messages

    @property
    def makespan_s(self) -> float:
        """When the last instruction ends."""
        return float(self.end_s.max(initial=0.0))

    @property
    def used_channels(self) -> list[tuple[int, int]]:
        """(link, channel) pairs that give at least one pair, in order."""
        rows = np.flatnonzero(self.channels >= 0)
        return sorted(set(zip(self.program.links[rows].tolist(), self.channels[rows].tolist(), strict=True)))


def slice_shot(timelines: Timelines, shot: int) -> Slices:
    """Cuts one shot of some timelines.

    Raises:
        InvalidValueError: if there is no such shot.
    """
    if not 0 <= shot < timelines.shots:
        raise InvalidValueError(f"`shot` must lie in 0 … {timelines.shots - 1}, but is {shot}")
    program = timelines.program
    start = np.ascontiguousarray(timelines.start_s[:, shot])
    end = np.ascontiguousarray(timelines.end_s[:, shot])
    return Slices(
        program=program,
        shot=shot,
        start_s=start,
        end_s=end,
        channels=_channels(program, end),
        attempts=_attempts(program, end - start if timelines.policy.shows_attempts else np.zeros(len(program))),
        shows_attempts=timelines.policy.shows_attempts,
        gaps=_gaps(program, start, end),
        messages=_messages(program),
    )


def _channels(program: Program, end: NDArray[np.float64]) -> NDArray[np.int64]:
    """Timelines do not store channels, so they follow from the scheduler's rule: the first to be free."""
    free = [[(0.0, channel) for channel in range(link.channels)] for link in program.network.links]
    answer = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    for row, link, until in zip(rows.tolist(), program.links[rows].tolist(), end[rows].tolist(), strict=True):
        channel = free[link][0][1]
        heapq.heapreplace(free[link], (until, channel))
        answer[row] = channel
    return answer


def _attempts(program: Program, duration_s: NDArray[np.float64]) -> NDArray[np.int64]:
    answer = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    attempt_s = np.array([link.attempt_s for link in program.network.links])[program.links[rows]] if len(rows) else 1.0
    ratio = np.divide(duration_s[rows], attempt_s, out=np.zeros(len(rows)), where=np.asarray(attempt_s) > 0)
    answer[rows] = np.rint(ratio).astype(np.int64)
    return answer


def _gaps(program: Program, start: NDArray[np.float64], end: NDArray[np.float64]) -> Gaps:
    previous = previous_rows(program)
    since = np.append(end, 0.0)[previous]
    rows, operands = np.nonzero(holds_state(program) & (previous >= 0) & (since < start[:, None]))
    after = previous[rows, operands]
    return Gaps(program.qubits[rows, operands].astype(np.int64), after, rows, end[after], start[rows])


def _messages(program: Program) -> Messages:
    """Who wrote a bit last is known from the program; a bit that nobody wrote yet is 0 and does not travel."""
    found: list[tuple[int, int, int]] = []
    last: list[int] = [-1] * program.num_bits
    offsets, reads, qpus = program.read_offsets.tolist(), program.read_bits.tolist(), program.qpus.tolist()
    for row, written in enumerate(program.bits.tolist()):
        bits = dict.fromkeys(reads[offsets[row] : offsets[row + 1]])
        found.extend((bit, last[bit], row) for bit in bits if last[bit] >= 0 and qpus[last[bit]] != qpus[row])
        if written >= 0:
            last[written] = row
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Messages(columns[:, 0], columns[:, 1], columns[:, 2])
