"""What became of every pair: a statistic per link that adds up over shots."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError


@dataclass(frozen=True, eq=False)
class Supply:
    """Fates of pairs and times of links, summed over shots; every array has shape (links,) unless said otherwise.

    Each pair has one fate: generated = used + expired + discarded + held. A production that is still under way when the last
    instruction ends is not counted, nor are its attempts.

    Attributes:
        shots: summed over.
        makespan_s: summed over shots.
        channels (int64 array): that each link can use.
        buffered_pairs (int64 array): that each link can keep; not a sum.
        attempts (int64 array): made.
        generated (int64 array): raw pairs.
        used (int64 array): pairs that the program took.
        expired (int64 array): pairs thrown away because of their age.
        discarded (int64 array): pairs that distillation measured, or lost when it failed.
        held (int64 array): pairs in buffers when the last instruction ends.
        busy_s (float64 array): time that channels spent on attempts and distillation.
        queue_s (float64 array): from each request to the first attempt for the pair it got; 0 if that was before.
        wait_s (float64 array): from each request to its pair's handing over.
        block_runs (int64 array, shape (retries,)): how often each block of instructions that may run again has run.
        blocks_given_up (int64 array, shape (retries,)): how often it failed as often as it may, and the program went on.
    """

    shots: int
    makespan_s: float
    channels: NDArray[np.int64]
    buffered_pairs: NDArray[np.int64]
    attempts: NDArray[np.int64]
    generated: NDArray[np.int64]
    used: NDArray[np.int64]
    expired: NDArray[np.int64]
    discarded: NDArray[np.int64]
    held: NDArray[np.int64]
    busy_s: NDArray[np.float64]
    queue_s: NDArray[np.float64]
    wait_s: NDArray[np.float64]
    block_runs: NDArray[np.int64]
    blocks_given_up: NDArray[np.int64]

    def __add__(self, other: Supply) -> Supply:
        """The sum over the shots of both.

        Raises:
            InvalidValueError: if the two are of different links, or of links with different room.
        """
        if not all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("channels", "buffered_pairs")
        ):
            raise InvalidValueError("supplies to be added must be of the same links with the same room, but are not")
        constant = {"channels", "buffered_pairs"}
        sums = {
            item.name: getattr(self, item.name) + (0 if item.name in constant else getattr(other, item.name))
            for item in fields(self)
        }
        return Supply(**sums)

    @property
    def utilisation(self) -> NDArray[np.float64]:
        """Share of the time until the last instruction ends for which the channels of each link are busy."""
        time = self.channels * self.makespan_s
        return np.divide(self.busy_s, time, out=np.zeros(len(self.busy_s)), where=time > 0)

    @property
    def mean_queue_s(self) -> NDArray[np.float64]:
        """Mean time from a request to the first attempt for it; 0 for links that nothing was requested of."""
        return self.queue_s / np.maximum(self.used, 1)

    @property
    def mean_wait_s(self) -> NDArray[np.float64]:
        """Mean time from a request to the pair; 0 for links that nothing was requested of."""
        return self.wait_s / np.maximum(self.used, 1)
