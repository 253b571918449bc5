"""What spoilt pairs do to the outcomes of circuits that measure on their way, predicted exactly.

Clifford programs whose outcomes decide no more than Paulis may have any number of qubits (`outcome_frames.py`). Of others, every
way that their measurements can go is followed (`outcome_walk.py`), once as it should be, and from each pair on with X, Y and Z.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.program import Pauli, Program
from weft.simulator.distinct_outcomes import distinct_rows
from weft.study.structure.outcome_frames import has_frames, losses_of_outcome_frames
from weft.study.structure.outcome_loss import OutcomeLoss
from weft.study.structure.outcome_walk import NotFollowedError, OutcomeWalk, Ways

MOST_AMPLITUDES = 2**22
"""Of the states of all ways that measurements can go."""

_MOST_WORK = 2e9  # amplitudes that instructions pass over; about ten seconds
_OVERHEAD = 15_000  # amplitudes that could be passed over while an instruction is looked up
_SAME = 1e-12  # probability

Bits = NDArray[np.uint8]
Distribution = tuple[Bits, NDArray[np.float64]]


def predicted_outcome_losses(program: Program, pair_rows: NDArray[np.int64]) -> dict[int, OutcomeLoss]:
    """What spoilt pairs do to the outcomes.

    Args:
        program: perfect, without blocks that run again.
        pair_rows: its rows that take the pairs asked about.

    Returns:
        The losses by place in `pair_rows`: none if there are too many ways that measurements can go, and of some, evenly spread, if
        all would take too long.
    """
    if has_frames(program):
        return losses_of_outcome_frames(program, pair_rows)
    walk = OutcomeWalk(program, MOST_AMPLITUDES)
    try:
        sizes = _sizes(walk, program)
        chosen = _affordable(sizes, pair_rows)
        ideal, struck = _followed(walk, program, {int(pair_rows[place]): place for place in chosen})
    except NotFollowedError:
        return {}
    return {place: _loss_of(ideal, struck[place]) for place in chosen}


def _sizes(walk: OutcomeWalk, program: Program) -> NDArray[np.float64]:
    """The amplitudes of all ways after each instruction."""
    ways, sizes = walk.start(), np.empty(len(program))
    for row in range(len(program)):
        ways = walk.step(row, ways)
        sizes[row] = ways.state.size
    return sizes


def _affordable(sizes: NDArray[np.float64], pair_rows: NDArray[np.int64]) -> list[int]:
    """The pairs for which there is time, evenly spread, but at least one."""
    remaining = np.cumsum((sizes + _OVERHEAD)[::-1])[::-1]
    work = 3 * float(remaining[pair_rows].sum())
    count = max(1, int(min(_MOST_WORK / max(work, 1.0), 1.0) * len(pair_rows)))
    return [int(place) for place in np.linspace(0, len(pair_rows) - 1, count).round()]


def _followed(
    walk: OutcomeWalk, program: Program, wanted: dict[int, int]
) -> tuple[Distribution, dict[int, list[Distribution]]]:
    """The distribution of outcomes, and by pair those that X, Y and Z on its second half lead to."""
    struck: dict[int, list[Distribution]] = {}
    ways = walk.start()
    for row in range(len(program)):
        ways = walk.step(row, ways)
        if row in wanted:
            half = int(program.qubits[row, 1])
            paulis = (Pauli.X, Pauli.Y, Pauli.Z)
            struck[wanted[row]] = [_finished(walk, program, row + 1, ways.struck(half, pauli)) for pauli in paulis]
    return walk.outcomes(ways), struck


def _finished(walk: OutcomeWalk, program: Program, row: int, ways: Ways) -> Distribution:
    for following in range(row, len(program)):
        ways = walk.step(following, ways)
    return walk.outcomes(ways)


def _loss_of(ideal: Distribution, struck: list[Distribution]) -> OutcomeLoss:
    every = [ideal, *struck]
    outcomes, index, _ = distinct_rows(np.concatenate([bits for bits, _ in every]))
    edges = np.cumsum([len(bits) for bits, _ in every])[:-1]
    places = np.split(index, edges)
    p, *r = (
        np.bincount(place, likely, minlength=len(outcomes)) for place, (_, likely) in zip(places, every, strict=True)
    )
    mean = sum(r) / len(r)
    usual = mean <= p + _SAME
    x, y, z = (float(np.abs(each - p).sum()) / 2 for each in r)
    names = frozenset(row.tobytes() for row in outcomes[usual])
    return OutcomeLoss((x, y, z), float(np.abs(mean - p).sum()) / 2, names.__contains__, float(p[~usual].sum()))
