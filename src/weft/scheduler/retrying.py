"""Playing programs with blocks that may run again: every shot of a block of shots until it has passed each `retry`.

Rows run in their order. At a `retry` it is decided which shots failed; their columns are taken out of the block of shots, play the
rows of the block again, from when the news has reached each qubit, and are put back. So a run costs in proportion to how many
shots failed, and the others never notice. Blocks inside a block run again within it.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.errors import SchedulingError
from weft.interrupts import stop_if_asked
from weft.program import Retry
from weft.scheduler.block import Block
from weft.scheduler.retry_lowering import Retrying
from weft.scheduler.sampling import mix, uniform_array

MOST_RUNS = 100_000
"""How often one block may fail in a row before playing gives up, because there is no hope; times one over its odds."""

_PURPOSE = np.uint64(0x7265747279)  # "retry": a key of its own for its draws
_RUN_BITS = 32


class Lanes(NamedTuple):
    """Some shots of a block of shots.

    Attributes:
        block: what is played: the whole block, or a part that holds nothing else.
        places (int64 array, shape (block.shots,)): their places in the whole; None if it is the whole.
    """

    block: Block
    places: NDArray[np.int64] | None


class Stage(Protocol):
    """Where rows are played, and what is known of their outcomes."""

    def play(self, lanes: Lanes, low: int, high: int) -> None:
        """Plays rows [low, high), of which only the last may be a `retry`."""
        ...

    def parity(self, lanes: Lanes, retry: Retry) -> NDArray[np.uint8]:
        """The parity of the bits of a `retry` in each of some shots, shape (lanes.block.shots,)."""
        ...


def play_with_retries(retryings: tuple[Retrying, ...], block: Block, rows: int, stage: Stage) -> None:
    """Plays all rows of a new block of shots.

    Raises:
        SchedulingError: if a block of rows fails without end.
    """
    _play_range(retryings, Lanes(block, None), 0, rows, stage)


def _play_range(retryings: tuple[Retrying, ...], lanes: Lanes, low: int, high: int, stage: Stage) -> None:
    for retrying in _inside(retryings, low, high):
        row = retrying.retry.row
        stage.play(lanes, low, row + 1)
        _run_again(retryings, retrying, lanes, stage)
        low = row + 1
    stage.play(lanes, low, high)


def _inside(retryings: tuple[Retrying, ...], low: int, high: int) -> tuple[Retrying, ...]:
    begin, end = (bisect_left(retryings, row, key=lambda retrying: retrying.retry.row) for row in (low, high))
    return retryings[begin:end]


def _run_again(retryings: tuple[Retrying, ...], retrying: Retrying, lanes: Lanes, stage: Stage) -> None:
    """Runs a block again in the shots that failed, until none does."""
    retry, runs = retrying.retry, 1
    places = np.arange(lanes.block.shots)
    failing = places[_fails(retrying, lanes, stage)]
    while len(failing):
        stop_if_asked()
        if runs == retry.most_runs:
            lanes.block.given_up[retrying.number] += len(failing)
            return
        if runs * retry.odds >= MOST_RUNS:
            raise SchedulingError(
                f"instruction {retry.row} (retry): its block must have a chance to succeed, but failed {runs:,} times in a row"
            )
        part = take_part(lanes.block, failing)
        within = Lanes(part, failing if lanes.places is None else lanes.places[failing])
        heard_s = part.ready[retrying.slot, : part.shots] + retrying.latency_s[:, None]
        # What a qubit is doing is not broken off.
        part.free[retrying.qubits] = np.maximum(part.free[retrying.qubits], heard_s)
        _play_range(retryings, within, retry.start, retry.row, stage)
        stage.play(within, retry.row, retry.row + 1)
        again = _fails(retrying, within, stage)
        put_back(lanes.block, part, failing)
        failing = failing[again]
        runs += 1


def _fails(retrying: Retrying, lanes: Lanes, stage: Stage) -> NDArray[np.bool_]:
    """Which shots failed; counts their runs."""
    retry, block = retrying.retry, lanes.block
    counts = block.runs[retrying.number, : block.shots]
    fails = np.zeros(block.shots, dtype=np.bool_)
    if retry.odds < 1:
        key = np.uint64(mix(block.key ^ _PURPOSE))
        bits = np.empty(block.shots)
        uniform_array(key, (retrying.number << _RUN_BITS) + counts, block.shot_keys, bits)
        fails |= bits > retry.odds
    if retry.bits:
        fails |= stage.parity(lanes, retry) != retry.wanted
    counts += 1
    return fails


def take_part(block: Block, places: NDArray[np.int64]) -> Block:
    """Some shots of a block as a block of their own; tallies are shared."""
    columns: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(block, name)[..., places]) for name in ("shot_keys", *_COLUMNS)
    }
    return block._replace(shots=len(places), scratch=np.zeros((len(block.scratch), len(places))), **columns)


def put_back(block: Block, part: Block, places: NDArray[np.int64]) -> None:
    """Puts shots back where `take_part` took them."""
    for name in _COLUMNS:
        getattr(block, name)[..., places] = getattr(part, name)


_COLUMNS = ("free", "made", "ready", "channel_free", "buffers", "draws", "runs")
