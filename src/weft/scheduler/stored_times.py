"""Where rows are played whose times are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.errors import SchedulingError
from weft.program import Retry
from weft.scheduler.play import play
from weft.scheduler.retrying import Lanes
from weft.scheduler.score import Score

NO_IDLE: NDArray[np.float32] = np.empty((0, 2, 0), dtype=np.float32)


class StoredTimes:
    """The times of all shots; of a block that runs again, those of its last run.

    Args:
        score: that is played.
        start_s (float64 array, shape (n, all shots)): when rows start; written, unless it has no rows.
        end_s (float64 array, shape (n, all shots)): when they end; the same.
        made_s (float64 array, shape (ebits, all shots)): when pairs were made; the same.
        column: the place of the first shot that is played among all shots.
    """

    def __init__(
        self,
        score: Score,
        start_s: NDArray[np.float64],
        end_s: NDArray[np.float64],
        made_s: NDArray[np.float64],
        column: int,
    ) -> None:
        self.score = score
        self.times = (start_s, end_s, made_s)
        self.column = column

    def play(self, lanes: Lanes, low: int, high: int, idle: NDArray[np.float32] = NO_IDLE) -> None:
        """Plays rows [low, high) in some shots; `idle` is as `Player.play` has it."""
        if lanes.places is None:
            play(self.score, lanes.block, low, high, idle, *self.times, self.column)
            return
        here = [np.empty((len(times), lanes.block.shots)) for times in self.times]
        score = self.score
        play(score, lanes.block, low, high, idle, *here, 0)
        rows = score.order[score.places[low] : score.places[high]]  # pairs that are put off come with their consumers
        pairs = score.pairs[rows]
        for times, played, which in zip(self.times, here, (rows, rows, pairs[pairs >= 0]), strict=True):
            if len(times):
                times[which[:, None], self.column + lanes.places] = played[which]

    def parity(self, lanes: Lanes, retry: Retry) -> NDArray[np.uint8]:  # noqa: ARG002  # as all stages
        """What bits are is not known to who plays a program without executing it."""
        raise SchedulingError(
            f"instruction {retry.row} (retry): whether its block runs again depends on what it measures, so that the program must "
            "be simulated to be played"
        )
