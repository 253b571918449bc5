"""The state of a block of shots that are played side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.scheduler.play import SCRATCH_ROWS
from weft.scheduler.sampling import fill_keys
from weft.scheduler.score import Score
from weft.scheduler.supply_kernel import fill_buffers


class Block(NamedTuple):
    """What the kernels carry from chunk to chunk of rows; all arrays are `width` shots wide, of which `shots` are played.

    Attributes:
        shots: how many shots are played.
        key: of all draws.
        shot_keys (uint64 array, shape (width,)): of each shot's draws.
        free (float64 array, shape (qubits, width)): when each qubit is free.
        made (float64 array, shape (qubits, width)): when the pair was made that a communication qubit holds half of; without
            qubits if pairs are handed over as they are made.
        ready (float64 array, shape (slots, width)): when each bit was measured.
        channel_free (float64 array, shape (channels, width)): when each channel is free.
        buffers (float64 array, shape (buffered pairs, 4, width)): see `supply_kernel`.
        draws (int64 array, shape (links, width)): how many there were.
        scratch (float64 array, shape (13, width)): see `play`, for the row that is played.
        times (float64 array, shape (2, n, width)): starts and ends of rows that were played in the order of time; else empty.
        pairs_made (float64 array, shape (pairs, width)): when their pairs were made; else empty.
        tally (float64 array, shape (links, 9)): see `supply_kernel`.
        trouble (int64 array, shape (1,)): a link whose pairs expire without end; −1 if none does.
        runs (int64 array, shape (retries, width)): how often each block of rows that may run again has run.
        given_up (int64 array, shape (retries,)): how often it failed as often as it may, and the program went on.
    """

    shots: int
    key: np.uint64
    shot_keys: NDArray[np.uint64]
    free: NDArray[np.float64]
    made: NDArray[np.float64]
    ready: NDArray[np.float64]
    channel_free: NDArray[np.float64]
    buffers: NDArray[np.float64]
    draws: NDArray[np.int64]
    scratch: NDArray[np.float64]
    times: NDArray[np.float64]
    pairs_made: NDArray[np.float64]
    tally: NDArray[np.float64]
    trouble: NDArray[np.int64]
    runs: NDArray[np.int64]
    given_up: NDArray[np.int64]


def room_for(score: Score) -> tuple[int, int]:
    """How many channels and buffered pairs there are, on all links together."""
    channels, buffered = score.rooms[:, [1, 3]].max(axis=0, initial=0).tolist()
    return channels, buffered


def new_block(
    score: Score, qubits: int, seed: np.random.SeedSequence, first_shot: int, shots: int, width: int, retries: int = 0
) -> Block:
    """A block before its first instruction.

    Args:
        score: to be played.
        qubits: of the program.
        seed: of the whole batch; never changed by drawing from it.
        first_shot: the place of the block in the batch.
        shots: how many are played.
        width: of the arrays, at least as many.
        retries: blocks of rows that may run again.
    """
    keys = seed.generate_state(2, np.uint64)
    shot_keys = np.zeros(width, dtype=np.uint64)
    fill_keys(keys[1], first_shot, shot_keys)
    links = len(score.rooms)
    rows, pairs = (len(score.links), int(np.count_nonzero(score.links >= 0))) if score.by_request else (0, 0)
    channels, buffered = room_for(score)
    block = Block(
        shots=shots,
        key=keys[0],
        shot_keys=shot_keys,
        free=np.zeros((qubits, width)),
        made=np.zeros((qubits if score.keeps_pairs else 0, width)),
        ready=np.zeros((score.slots, width)),
        channel_free=np.zeros((channels, width)),
        buffers=np.zeros((buffered, 4, width)),
        draws=np.zeros((links, width), dtype=np.int64),
        scratch=np.zeros((SCRATCH_ROWS, width)),
        times=np.zeros((2, rows, width)),
        pairs_made=np.zeros((pairs, width)),
        tally=np.zeros((links, 9)),
        trouble=np.full(1, -1, dtype=np.int64),
        runs=np.zeros((retries, width), dtype=np.int64),
        given_up=np.zeros(retries, dtype=np.int64),
    )
    if buffered:
        fill_buffers(
            shots, block.scratch, block.key, score.numbers, score.rooms, score.odds, block.channel_free, block.buffers,
            block.draws, shot_keys,
        )  # fmt: skip
    return block
