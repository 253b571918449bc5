"""When each instruction starts and ends in each shot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.program.occupancy import full_at
from weft.scheduler import lowering_kernel
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
from weft.scheduler.supply import Supply


@dataclass(frozen=True, eq=False)
class Timelines:
    """Sampled timelines of a program.

    Attributes:
        program: that was played.
        start_s (float64 array, shape (n, shots)): when each instruction starts; for `entangle`, its first attempt, or its request
            if an older pair answers it.
        end_s (float64 array, shape (n, shots)): when it ends; for `entangle`, when the pair is handed over.
        kept_since_s (float64 array, shape (ebits, shots)): as `made_s`, if links keep pairs; None if each pair is handed over as it
            is made.
        policy: of the links.
        supply: fates of pairs and times of links, over all shots; None for a part of some timelines.
    """

    program: Program
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    kept_since_s: NDArray[np.float64] | None = None
    policy: Policy = AS_SOON_AS_POSSIBLE
    supply: Supply | None = None

    @property
    def shots(self) -> int:
        """How many timelines there are."""
        return self.start_s.shape[1]

    def part(self, low: int, high: int) -> Timelines:
        """The timelines from `low` up to, not including, `high`."""
        kept = None if self.kept_since_s is None else self.kept_since_s[:, low:high]
        return Timelines(self.program, self.start_s[:, low:high], self.end_s[:, low:high], kept, self.policy)

    @cached_property
    def made_s(self) -> NDArray[np.float64]:
        """When the pair was made that each `entangle`, in the order of rows, hands over, shape (ebits, shots).

        Both of its halves age from then on. It is the row's end, unless the pair was kept in a buffer or under a cutoff.
        """
        if self.kept_since_s is not None:
            return self.kept_since_s
        return self.end_s[self.program.opcodes == Op.ENTANGLE]

    @cached_property
    def pair_of_row(self) -> NDArray[np.int64]:
        """Which pair each `entangle` makes, in the order of rows, shape (n,); −1 for other rows."""
        entangles = self.program.opcodes == Op.ENTANGLE
        return np.where(entangles, np.cumsum(entangles) - 1, -1)

    @cached_property
    def makespan_s(self) -> NDArray[np.float64]:
        """When the last instruction ends, shape (shots,)."""
        return self.end_s.max(axis=0, initial=0.0)


def previous_rows(program: Program) -> NDArray[np.int64]:
    """For each operand of each row, the row that used the same qubit before, shape (n, 2); −1 if none did."""
    return np.asarray(lowering_kernel.previous_rows(program.qubits, program.num_qubits))


def holds_state(program: Program) -> NDArray[np.bool_]:
    """For each operand of each row, whether the qubit holds something while it waits for that row, shape (n, 2).

    A communication qubit holds nothing while it waits to be entangled or reset, nor once it has been measured.
    """
    fills = program.opcodes == Op.ENTANGLE
    fills |= (program.opcodes == Op.RESET) & program.qubit_is_communication[program.qubits[:, 0]]
    holds = (program.qubits >= 0) & ~fills[:, None]
    if program.retries:
        holds[:, 0] &= full_at(program.opcodes, program.qubits, program.qubit_is_communication)
    return holds
