"""Kernels that simulate blocks of shots: play a few rows, let their noise strike, and so on to the end."""

from __future__ import annotations

import numba
import numpy as np

from weft.scheduler.play import play
from weft.simulator.frames.kernel import begin_block, frame_state, play_frames
from weft.simulator.frames.noise import ATTEMPTS
from weft.simulator.frames.readout import read_bits, read_overlaps

_CHUNK = 16  # rows whose idle times are in cache at once


@numba.njit(cache=True, nogil=True)
def simulate_block(plan, noise, readout, score, block, state, keys, index, low_shot, no_times, bits, overlaps):
    """Plays and simulates a new block of shots; times are used where they arise and not stored.

    Args:
        plan: a `FramePlan`.
        noise: a `FrameNoise`.
        readout: a `FrameReadout`.
        score: a `Score`.
        block: a `Block` of it.
        state: a `FrameState` of the same width.
        keys: of the frames' random numbers.
        index: of the block among all.
        low_shot: the place of its first shot in the next two.
        no_times: an empty array in two dimensions.
        bits: written, see `read_bits`.
        overlaps: written, see `read_overlaps`.
    """
    idle = np.zeros((_CHUNK, 2, len(state.budgets)), dtype=np.float32)
    begin_block(state, keys, index, noise.planes, block.shots)
    for low in range(0, len(plan.steps), _CHUNK):
        high = min(low + _CHUNK, len(plan.steps))
        play(score, block, low, high, idle, no_times, no_times, no_times, 0)
        play_frames(plan, noise, state, low, high, idle)
    read_bits(readout, state, noise.planes, low_shot, bits)
    read_overlaps(readout, state, noise.planes, low_shot, overlaps)


@numba.njit(cache=True, nogil=True)
def simulate_stored(plan, noise, readout, start_s, end_s, made_s, pairs, previous, keys, qubits, width, bits, overlaps):
    """Simulates all shots of stored timelines, in blocks of `width` words; `pairs` says which pair each `entangle` makes."""
    shots, block = start_s.shape[1], 64 * width
    state = frame_state(qubits, plan.num_bits, noise.planes, width)
    idle = np.zeros((_CHUNK, 2, block), dtype=np.float32)
    for low_shot in range(0, shots, block):
        begin_block(state, keys, low_shot // block, noise.planes, shots - low_shot)
        for low in range(0, len(plan.steps), _CHUNK):
            high = min(low + _CHUNK, len(plan.steps))
            _stored_idle(start_s, end_s, made_s, pairs, previous, noise.waits, low_shot, low, high, idle)
            play_frames(plan, noise, state, low, high, idle)
        read_bits(readout, state, noise.planes, low_shot, bits)
        read_overlaps(readout, state, noise.planes, low_shot, overlaps)


@numba.njit(cache=True, nogil=True)
def _stored_idle(start_s, end_s, made_s, pairs, previous, waits, first_shot, low, high, idle):
    """How long the operands of some rows waited, and for how long attempts were made where that matters."""
    count = min(idle.shape[2], start_s.shape[1] - first_shot)
    for row in range(low, high):
        if waits[row] == ATTEMPTS:
            made = made_s[pairs[row]]
            for shot in range(count):
                trying = made[first_shot + shot] - start_s[row, first_shot + shot]
                idle[row - low, 0, shot] = max(trying, 0.0)
        for operand in range(2):
            if waits[row] >> operand & 1:
                before = previous[row, operand]
                since = start_s[0] * 0.0 if before < 0 else end_s[before]
                if before >= 0 and pairs[before] >= 0:
                    since = made_s[pairs[before]]
                for shot in range(count):
                    waited = start_s[row, first_shot + shot] - since[first_shot + shot]
                    idle[row - low, operand, shot] = max(waited, 0.0)
