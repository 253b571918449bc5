"""When each instruction starts and ends in each shot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program


@dataclass(frozen=True, eq=False)
class Timelines:
    """Sampled timelines of a program.

    Attributes:
        program: that was played.
        start_s (float64 array, shape (n, shots)): when each instruction starts; for `entangle`, its first attempt.
        end_s (float64 array, shape (n, shots)): when it ends; for `entangle`, when the pair is there.
    """

    program: Program
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]

    @property
    def shots(self) -> int:
        """How many timelines there are."""
        return self.start_s.shape[1]

    def part(self, low: int, high: int) -> Timelines:
        """The timelines from `low` up to, not including, `high`."""
        return Timelines(self.program, self.start_s[:, low:high], self.end_s[:, low:high])

    @cached_property
    def makespan_s(self) -> NDArray[np.float64]:
        """When the last instruction ends, shape (shots,)."""
        return self.end_s.max(axis=0, initial=0.0)


def previous_rows(program: Program) -> NDArray[np.int64]:
    """For each operand of each row, the row that used the same qubit before, shape (n, 2); −1 if none did."""
    last = [-1] * program.num_qubits
    previous = [-1] * (2 * len(program))
    for row, (first, second) in enumerate(program.qubits.tolist()):
        previous[2 * row] = last[first]
        last[first] = row
        if second >= 0:
            previous[2 * row + 1] = last[second]
            last[second] = row
    return np.array(previous, dtype=np.int64).reshape(-1, 2)


def holds_state(program: Program) -> NDArray[np.bool_]:
    """For each operand of each row, whether the qubit holds something while it waits for that row, shape (n, 2).

    A communication qubit holds nothing while it waits to be entangled.
    """
    exists = program.qubits >= 0
    return exists & (program.opcodes != Op.ENTANGLE)[:, None]
