"""How often the parts of a program passed their checks, from how often its blocks ran."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.program import Program, Retry


class PartRuns(NamedTuple):
    """What became of one part of a circuit in all shots together.

    Attributes:
        accepted: how often it passed all of its checks: in every shot, or in every run of the part that it is in.
        prepared: how often it was prepared.
    """

    accepted: int
    prepared: int

    @property
    def acceptance(self) -> float:
        """The share of preparations that pass all checks."""
        return self.accepted / self.prepared


def part_runs(program: Program, block_runs: NDArray[np.int64], shots: int) -> tuple[PartRuns, ...]:
    """What became of each part that is verified.

    Every preparation reaches the first check of its part, so that its block has run as often as the part was prepared.

    Args:
        program: as `clinr_program` makes it.
        block_runs (int array, shape (retries,)): over all shots, such as `result.supply.block_runs`.
        shots: how many.

    Returns:
        In the order in which the parts' preparations begin.
    """
    first: dict[int, int] = {}
    last: dict[int, Retry] = {}
    for number, retry in enumerate(program.retries):
        first.setdefault(retry.start, number)
        last[retry.start] = retry
    prepared = {start: int(block_runs[number]) for start, number in first.items()}
    found = []
    for start in sorted(prepared):
        around = [other for other in prepared if other < start and last[other].row > last[start].row]
        found.append(PartRuns(prepared[max(around)] if around else shots, prepared[start]))
    return tuple(found)
