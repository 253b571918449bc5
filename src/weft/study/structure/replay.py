"""A timeline played once more, to see what every instruction waited for.

The scheduler says when instructions start and end, but not what held them up. Here they are played again with the same durations
and the same rules, those of the policy `as_soon_as_possible`, and each remembers the last of the things that it waited for. If a
QPU may be made to do its two-qubit gates one at a time, in the order of the program, that is one more thing to wait for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler import Player, schedule
from weft.scheduler.score import Score

Times = NDArray[np.float64]
_CELLS = 2**23  # rows times timelines
_MOST_TIMELINES = 64
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Replay:
    """Timelines with what every instruction waited for.

    Attributes:
        program: that was played.
        start_s (float64 array, shape (n, timelines)).
        end_s (float64 array, shape (n, timelines)).
        waited_for (int32 array, shape (n, timelines)): the row after whose end the instruction started, at once or as soon as a bit
            had travelled; −1 if it waited for nothing.
    """

    program: Program
    start_s: Times
    end_s: Times
    waited_for: NDArray[np.int32]

    @property
    def makespan_s(self) -> Times:
        """When the last instruction ends, shape (timelines,)."""
        return np.asarray(self.end_s.max(axis=0, initial=0.0))


def replay(program: Program, seed: int, *, one_at_a_time: bool = False) -> Replay:
    """Samples up to 64 timelines and plays them once more.

    Args:
        program: without blocks that run again, which have no one duration.
        seed: of the timelines.
        one_at_a_time: whether each QPU does its two-qubit gates one after the other; otherwise all at once that can be.
    """
    shots = int(np.clip(_CELLS // max(len(program), 1), 1, _MOST_TIMELINES))
    if not program.ebits:
        shots = min(shots, 2)  # nothing is left to chance
    timelines = schedule(program, shots, seed)
    play = _Play(program, shots, one_at_a_time=one_at_a_time)
    durations_s = timelines.end_s - timelines.start_s
    for row in range(len(program)):
        play.row(row, durations_s[row])
    return Replay(program, play.start_s, play.end_s, play.waited_for)


def standard_error(times_s: Times) -> float | None:
    """Of the mean over timelines; 0 if they are all the same but for rounding, None if there is one only that could be another."""
    if times_s.max() - times_s.min() <= _ROUNDING * times_s.max():
        return 0.0 if len(times_s) > 1 else None
    return float(times_s.std(ddof=1) / np.sqrt(len(times_s)))


class _Play:
    def __init__(self, program: Program, shots: int, *, one_at_a_time: bool) -> None:
        self.score: Score = Player(program).score
        self.qubits, self.qpus = program.qubits.tolist(), program.qpus.tolist()
        self.start_s, self.end_s = np.zeros((len(program), shots)), np.zeros((len(program), shots))
        self.waited_for = np.full((len(program), shots), -1, dtype=np.int32)
        self.previous, self.links = self.score.previous.tolist(), self.score.links.tolist()
        self.offsets = self.score.read_offsets.tolist()
        channels = int(self.score.rooms[:, 1].max(initial=0))
        self.channel_free, self.channel_row = (
            np.zeros((channels, shots)),
            np.full((channels, shots), -1, dtype=np.int32),
        )
        self.shots = np.arange(shots)
        busy = (program.opcodes == Op.GATE) & (program.qubits[:, 1] >= 0) & one_at_a_time
        self.keeps_busy = busy.tolist()
        self.last_of_qpu = [-1] * len(program.network.qpus)

    def row(self, row: int, duration_s: Times) -> None:
        """Plays one instruction, all timelines side by side."""
        start, blame = self.start_s[row], self.waited_for[row]
        for before in self.previous[row]:
            self._wait(start, blame, before, 0.0)
        for entry in range(self.offsets[row], self.offsets[row + 1]):
            self._wait(start, blame, int(self.score.read_writers[entry]), float(self.score.read_latency_s[entry]))
        if self.keeps_busy[row]:
            self._wait(start, blame, self.last_of_qpu[self.qpus[row]], 0.0)
            self.last_of_qpu[self.qpus[row]] = row
        if self.links[row] >= 0:
            self._take_channel(row, start, blame, duration_s)
        self.end_s[row] = start + duration_s

    def _wait(self, start: Times, blame: NDArray[np.int32], before: int, latency_s: float) -> None:
        if before < 0:
            return
        arrival = self.end_s[before] + latency_s
        later = arrival > start
        start[later], blame[later] = arrival[later], before

    def _take_channel(self, row: int, start: Times, blame: NDArray[np.int32], duration_s: Times) -> None:
        """The channel of the link that is free first."""
        low, high = self.score.rooms[self.links[row], :2].tolist()
        channel = low + np.argmin(self.channel_free[low:high], axis=0)
        free = self.channel_free[channel, self.shots]
        later = free > start
        start[later] = free[later]
        blame[later] = self.channel_row[channel, self.shots][later]
        self.channel_free[channel, self.shots] = start + duration_s
        self.channel_row[channel, self.shots] = row
