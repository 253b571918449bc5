"""Kernels that simulate a range of shots block by block: play a few rows, let their noise strike, and so on to the end."""

from __future__ import annotations

import numba
import numpy as np

from weft.simulator.frame_kernel import begin_block, frame_state, play_frames
from weft.simulator.frame_readout import read_bits, read_overlaps
from weft.simulator.idle_times import begin_play, last_end, play_idle, play_state, stored_idle

_CHUNK = 16  # rows whose idle times are in cache at once


@numba.njit(cache=True, nogil=True)
def simulate_streamed(
    plan, noise, readout, play_plan, keys, play_key, qubits, channels, width, bits, overlaps, makespans
):
    """Plays and simulates all shots; times are used where they arise, and only the last one of each shot is kept."""
    shots, block = len(makespans), 64 * width
    state = frame_state(qubits, plan.num_bits, noise.planes, width)
    times = play_state(qubits, plan.num_bits, channels, block)
    idle = np.zeros((_CHUNK, 2, block))
    for low_shot in range(0, shots, block):
        begin_block(state, keys, low_shot // block, noise.planes, shots - low_shot)
        begin_play(times, play_key, low_shot // block)
        for low in range(0, len(plan.steps), _CHUNK):
            high = min(low + _CHUNK, len(plan.steps))
            play_idle(play_plan, times, low, high, noise.waits, idle)
            play_frames(plan, noise, state, low, high, idle)
        last_end(times, low_shot, makespans)
        read_bits(readout, state, noise.planes, low_shot, bits)
        read_overlaps(readout, state, noise.planes, low_shot, overlaps)


@numba.njit(cache=True, nogil=True)
def simulate_stored(plan, noise, readout, start_s, end_s, previous, keys, qubits, width, bits, overlaps):
    """Simulates all shots of stored timelines."""
    shots, block = start_s.shape[1], 64 * width
    state = frame_state(qubits, plan.num_bits, noise.planes, width)
    idle = np.zeros((_CHUNK, 2, block))
    for low_shot in range(0, shots, block):
        begin_block(state, keys, low_shot // block, noise.planes, shots - low_shot)
        for low in range(0, len(plan.steps), _CHUNK):
            high = min(low + _CHUNK, len(plan.steps))
            stored_idle(start_s, end_s, previous, noise.waits, low_shot, low, high, idle)
            play_frames(plan, noise, state, low, high, idle)
        read_bits(readout, state, noise.planes, low_shot, bits)
        read_overlaps(readout, state, noise.planes, low_shot, overlaps)
