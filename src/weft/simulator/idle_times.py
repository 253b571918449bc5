"""How long each operand of each row waited, chunk by chunk for a block of shots: played on the spot, or from stored timelines.

Playing is as soon as possible, as `weft.scheduler` has it, but nothing is stored: a block of shots is small enough for its state,
and the idle times of a few rows, to stay in cache until the noise has used them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler.schedule import _plan
from weft.simulator.frame_noise import ATTEMPTS
from weft.simulator.frame_random import begin_stream, fill_exponential, random_word


class PlayPlan(NamedTuple):
    """A program for the kernel that plays it; the columns are those of `Program` and of the scheduler."""

    entangles: NDArray[np.bool_]
    qubits: NDArray[np.int32]
    bits: NDArray[np.int32]
    links: NDArray[np.int32]
    duration_s: NDArray[np.float64]
    attempt_s: NDArray[np.float64]
    attempts_scale: NDArray[np.float64]
    link_channels: NDArray[np.int64]
    read_offsets: NDArray[np.int64]
    read_bits: NDArray[np.int32]
    read_latency_s: NDArray[np.float64]


class PlayState(NamedTuple):
    """When qubits are free, bits are there and channels are free, shape (…, shots) each; and a stream of random numbers."""

    qubit_free: NDArray[np.float64]
    bit_ready: NDArray[np.float64]
    channel_free: NDArray[np.float64]
    start: NDArray[np.float64]
    drawn: NDArray[np.float64]
    stream: NDArray[np.uint64]


@lru_cache(maxsize=4)
def plan_play(program: Program) -> PlayPlan:
    """The plan of a program; the same for every batch of a run."""
    plan, links = _plan(program), program.network.links
    probability = np.array([link.success_probability for link in links], dtype=np.float64)
    with np.errstate(divide="ignore"):
        scale = -1 / np.log1p(-probability)  # 1 + ⌊scale · Exp(1)⌋ is geometric
    return PlayPlan(
        program.opcodes == Op.ENTANGLE, program.qubits, program.bits, program.links, plan.duration_s,
        np.array([link.attempt_s for link in links], dtype=np.float64), scale, plan.link_channels,
        program.read_offsets, program.read_bits, plan.read_latency_s,
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def play_state(qubits, bits, channels, shots):
    """A state for blocks of that many shots."""
    return PlayState(
        np.zeros((qubits, shots)), np.zeros((bits, shots)), np.zeros((channels, shots)),
        np.zeros(shots), np.zeros(shots), np.zeros(4, dtype=np.uint64),
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def begin_play(state, key, block):
    """Time 0."""
    begin_stream(state.stream, key, block)
    state.qubit_free[:] = 0
    state.bit_ready[:] = 0
    state.channel_free[:] = 0


@numba.njit(cache=True, nogil=True)
def play_idle(plan, state, low, high, waits, idle):
    """Plays rows `low` up to `high` and writes how long their operands waited.

    Args:
        plan: a `PlayPlan`.
        state: a `PlayState`, which changes.
        low: the first row.
        high: one past the last.
        waits (uint8 array, shape (n,)): bit k is set if it matters how long operand k waits; 4 if it matters how long the
            attempts of an `entangle` took, which is then written in the place of its first operand.
        idle (float array, shape (≥ high − low, 2, shots)): written where it matters, in seconds.
    """
    shots, free, start = len(state.start), state.qubit_free, state.start
    for row in range(low, high):
        first, second = plan.qubits[row, 0], plan.qubits[row, 1]
        if second < 0:
            second = first
        for shot in range(shots):
            a, b = free[first, shot], free[second, shot]
            start[shot] = max(b, a)
        for entry in range(plan.read_offsets[row], plan.read_offsets[row + 1]):
            bit, latency = plan.read_bits[entry], plan.read_latency_s[entry]
            for shot in range(shots):
                ready = state.bit_ready[bit, shot] + latency
                start[shot] = max(start[shot], ready)
        if waits[row] & 1:
            for shot in range(shots):
                idle[row - low, 0, shot] = start[shot] - free[first, shot]
        if waits[row] & 2:
            for shot in range(shots):
                idle[row - low, 1, shot] = start[shot] - free[second, shot]
        if plan.entangles[row]:
            _take_pair(plan, state, plan.links[row], waits[row], idle[row - low, 0])
        else:
            for shot in range(shots):
                start[shot] += plan.duration_s[row]
        for shot in range(shots):
            free[first, shot] = start[shot]
            free[second, shot] = start[shot]
        if plan.bits[row] >= 0:
            for shot in range(shots):
                state.bit_ready[plan.bits[row], shot] = start[shot]


@numba.njit(cache=True, nogil=True)
def _take_pair(plan, state, link, waits, trying):
    """Moves every shot's time on to when its pair is there; writes how long that took if it matters."""
    low, high = plan.link_channels[link], plan.link_channels[link + 1]
    scale, attempt = plan.attempts_scale[link], plan.attempt_s[link]
    fill_exponential(state.drawn, random_word(state.stream))
    for shot in range(len(state.start)):
        channel = low
        for other in range(low + 1, high):
            if state.channel_free[other, shot] < state.channel_free[channel, shot]:
                channel = other
        free = state.channel_free[channel, shot]
        begin = max(free, state.start[shot])
        attempts = 1 + math.floor(state.drawn[shot] * scale)
        state.start[shot] = state.channel_free[channel, shot] = begin + attempts * attempt
        if waits == ATTEMPTS:
            trying[shot] = attempts * attempt


@numba.njit(cache=True, nogil=True)
def last_end(state, low, makespans):
    """Writes when the last instruction of each shot of a block ended."""
    count = min(len(state.start), len(makespans) - low)
    for qubit in range(len(state.qubit_free)):
        for shot in range(count):
            end = state.qubit_free[qubit, shot]
            if qubit == 0 or end > makespans[low + shot]:
                makespans[low + shot] = end


@numba.njit(cache=True, nogil=True)
def stored_idle(start_s, end_s, previous, waits, first_shot, low, high, idle):
    """The same as `play_idle` from stored timelines, for as many shots as there are."""
    shots = idle.shape[2]
    count = min(shots, start_s.shape[1] - first_shot)
    for row in range(low, high):
        if waits[row] == ATTEMPTS:
            for shot in range(count):
                idle[row - low, 0, shot] = end_s[row, first_shot + shot] - start_s[row, first_shot + shot]
        for operand in range(2):
            if waits[row] >> operand & 1:
                before = previous[row, operand]
                for shot in range(count):
                    since = end_s[before, first_shot + shot] if before >= 0 else 0.0
                    waited = start_s[row, first_shot + shot] - since
                    idle[row - low, operand, shot] = waited if waited > 0 else 0.0
