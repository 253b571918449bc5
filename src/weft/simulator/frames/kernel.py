"""The kernel that carries Pauli frames through a program, 64 shots to a word, and lets noise strike them by the clock.

Beside the frames that noise makes, every reset and measurement multiplies the frame by its own stabilizer in a random half of the
shots; that is what makes outcomes random that are (Gidney, Quantum 5, 497 (2021)). The stages of the error budget are planes of
frames that pass the same gates and share all random numbers: what strikes for the k-th cause shows in the planes from k on. So word
w of plane p is word p · width + w of a qubit's frame or a bit's flips.

Cost per row and shot: a subtraction per operand for the clock, and a few word operations per 64 shots and plane.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from weft.simulator.frames.noise import ATTEMPTS
from weft.simulator.frames.plan import (
    ALWAYS,
    ENTANGLE,
    FEEDBACK,
    IF_ONE,
    MEASURE,
    ONE_QUBIT,
    READ,
    RESET,
    TWO_QUBITS,
)
from weft.simulator.frames.random import begin_stream, exponential, fill_exponential, random_word, uniform

_ONE, _LANES, _WORD_BITS = np.uint64(1), np.int64(63), np.int64(6)
_NONE, _ALL = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
_SATURATED = 18.0  # a hazard h leaves e^-2h of a coherence, so more than this is no different


class FrameState(NamedTuple):
    """The frames of a block of shots.

    Attributes:
        x (uint64 array, shape (qubits, planes · width)): where the frame has X or Y.
        z (uint64 array, shape (qubits, planes · width)): where it has Z or Y.
        flips (uint64 array, shape (bits, planes · width)): where a bit differs from the reference run.
        budgets (float array, shape (shots,)): what is left on each shot's clock.
        gauge (uint64 array, shape (4,)): the stream that makes outcomes random.
        clock (uint64 array, shape (4,)): the stream that noise is drawn from.
        struck_shots (int64 array, shape (shots,)): which shots the current row strikes.
        struck_paulis (int64 array, shape (shots,)): and with what.
    """

    x: NDArray[np.uint64]
    z: NDArray[np.uint64]
    flips: NDArray[np.uint64]
    budgets: NDArray[np.float64]
    gauge: NDArray[np.uint64]
    clock: NDArray[np.uint64]
    struck_shots: NDArray[np.int64]
    struck_paulis: NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def frame_state(qubits, bits, planes, width):
    """A state for blocks of 64 · width shots."""
    shots, words = 64 * width, planes * width
    return FrameState(
        np.zeros((qubits, words), dtype=np.uint64),
        np.zeros((qubits, words), dtype=np.uint64),
        np.zeros((bits, words), dtype=np.uint64),
        np.zeros(shots),
        np.zeros(4, dtype=np.uint64),
        np.zeros(4, dtype=np.uint64),
        np.zeros(shots, dtype=np.int64),
        np.zeros(shots, dtype=np.int64),
    )


@numba.njit(cache=True, nogil=True)
def begin_block(state, keys, block, planes, shots):
    """All qubits in |0⟩, all bits as in the reference run, full budgets; nothing ever strikes beyond the last of the shots."""
    begin_stream(state.gauge, keys[0], block)
    begin_stream(state.clock, keys[1], block)
    state.x[:] = _NONE
    state.z[:] = _NONE
    state.flips[:] = _NONE
    for qubit in range(len(state.z)):
        _randomise(state.x, state.z, qubit, _NONE, _ALL, state.gauge, planes)
    fill_exponential(state.budgets, random_word(state.clock))
    state.budgets[shots:] = np.inf


@numba.njit(cache=True, nogil=True)
def play_frames(plan, noise, state, low, high, idle):
    """Plays rows `low` up to, not including, `high`.

    Args:
        plan: a `FramePlan`.
        noise: a `FrameNoise`.
        state: a `FrameState`, which changes.
        low: the first row.
        high: one past the last.
        idle (float array, shape (≥ high − low, 2, shots)): how long each operand of each row waited, in seconds; for `entangle`
            the first is how long its attempts took.
    """
    # Handing tuples of arrays on costs more than most rows do, so that only what is rare gets them.
    x, z, flips, gauge, planes = state.x, state.z, state.flips, state.gauge, noise.planes
    for row in range(low, high):
        struck, negative = 0, _run_clocks(
            noise.hazard, noise.waits, noise.laws, noise.nearby_offsets, noise.rates,
            state.budgets, plan.qubits, row, idle, row - low,
        )  # fmt: skip
        if negative:
            struck = _settle(noise, state, plan.qubits, row, idle, row - low, negative)
        step, first, second = plan.steps[row], plan.qubits[row, 0], plan.qubits[row, 1]
        if step == TWO_QUBITS:
            _two_qubits(x, z, first, second, plan.actions, plan.action_of_row[row])
        elif step == ONE_QUBIT:
            _one_qubit(x, z, first, plan.actions, plan.action_of_row[row])
        elif step == FEEDBACK:
            for entry in range(plan.read_offsets[row], plan.read_offsets[row + 1]):
                _feed_back(x, z, flips, first, plan.read_bits[entry], plan.paulis[row])
        elif step in (MEASURE, READ):
            has_x, has_z = (_NONE if plan.paulis[row] == 3 else _ALL), (_NONE if plan.paulis[row] == 1 else _ALL)
            _measure(x, z, flips, first, plan.bits[row], has_x, has_z)
            if step == MEASURE:
                _randomise(x, z, first, has_x, has_z, gauge, planes)
        elif step == RESET:
            _clear(x, z, first)
            _randomise(x, z, first, _NONE, _ALL, gauge, planes)
        elif step == ENTANGLE:
            _entangle(x, z, first, second, gauge, planes)
        if struck:
            _strike(plan, noise, state, row, struck)


@numba.njit(cache=True, nogil=True, inline="always")  # a call would cost more than 64 shots
def _run_clocks(hazard, waits, laws, nearby_offsets, rates, budgets, qubits, row, idle, place):
    """Subtracts a row's hazards from all budgets; says how many went negative."""
    constant, negative = hazard[row], 0
    if waits[row] == 3:
        first, second = qubits[row, 0], qubits[row, 1]
        rate, growth, change, later = _total(laws, first)
        other_rate, other_growth, other_change, other_later = _total(laws, second)
        for shot in range(len(budgets)):
            t, u = idle[place, 0, shot], idle[place, 1, shot]
            lost = t * (rate + t * growth) if t < change else t * later
            other_lost = u * (other_rate + u * other_growth) if u < other_change else u * other_later
            budgets[shot] -= constant + lost + other_lost
            negative += budgets[shot] < 0
    elif waits[row] == ATTEMPTS:
        rate = rates[nearby_offsets[row] : nearby_offsets[row + 1]].sum()
        for shot in range(len(budgets)):
            budgets[shot] -= constant + idle[place, 0, shot] * rate
            negative += budgets[shot] < 0
    elif waits[row] > 0:
        operand = waits[row] - 1
        rate, growth, change, later = _total(laws, qubits[row, operand])
        for shot in range(len(budgets)):
            t = idle[place, operand, shot]
            budgets[shot] -= constant + (t * (rate + t * growth) if t < change else t * later)
            negative += budgets[shot] < 0
    elif constant > 0:
        for shot in range(len(budgets)):
            budgets[shot] -= constant
            negative += budgets[shot] < 0
    return negative


@numba.njit(cache=True, nogil=True)
def _total(laws, qubit):
    """The hazard of X, Y and Z together: per second and per second squared before the law changes, when, and per second after."""
    return 2 * laws[qubit, 0] + laws[qubit, 1], laws[qubit, 2], laws[qubit, 3], 2 * laws[qubit, 4] + laws[qubit, 5]


@numba.njit(cache=True, nogil=True)
def _hazards(laws, qubit, t):
    """Of X, or Y, and of Z while a qubit waited for a time t."""
    if t < laws[qubit, 3]:
        return t * laws[qubit, 0], t * (laws[qubit, 1] + t * laws[qubit, 2])
    return t * laws[qubit, 4], t * laws[qubit, 5]


@numba.njit(cache=True, nogil=True)
def _settle(noise, state, qubits, row, idle, place, negative):
    """Finds what struck the shots whose budgets went negative.

    What struck while a qubit waited is multiplied onto its frame; what comes with the row itself is listed for later.

    Returns:
        How many shots are listed.
    """
    x, z, budgets, clock = state.x, state.z, state.budgets, state.clock
    laws, waits, constant = noise.laws, noise.waits[row], noise.hazard[row]
    strikes, table = noise.strikes, noise.strike_of_row[row]
    nearby, rates, begin, end = noise.nearby, noise.rates, noise.nearby_offsets[row], noise.nearby_offsets[row + 1]
    first_word = noise.plane_of_waiting * (len(budgets) >> _WORD_BITS)
    struck, shot = 0, -1
    for _ in range(negative):
        shot += 1
        while budgets[shot] >= 0:
            shot += 1
        total = constant
        for operand in range(2):
            if waits >> operand & 1:
                flips, phase_flips = _hazards(laws, qubits[row, operand], idle[place, operand, shot])
                total += 2 * flips + phase_flips
        for entry in range(begin, end):
            total += idle[place, 0, shot] * rates[entry]
        # So much that rounding eats the budget? But then any other would have gone negative too.
        left = budgets[shot] + total if total <= 2 * _SATURATED else exponential(clock)
        for operand in range(2):
            if waits >> operand & 1:
                flips, phase_flips = _hazards(laws, qubits[row, operand], idle[place, operand, shot])
                left = _wait(
                    x, z, qubits[row, operand], flips, phase_flips, first_word, shot, len(budgets), left, clock
                )
        for entry in range(begin, end):
            phase_flips = idle[place, 0, shot] * rates[entry]
            left = _wait(x, z, nearby[entry], 0.0, phase_flips, first_word, shot, len(budgets), left, clock)
        left -= constant
        if left < 0:
            left = exponential(clock)
            state.struck_shots[struck], state.struck_paulis[struck] = shot, _draw(strikes, table, clock)
            struck += 1
        budgets[shot] = left
    return struck


@numba.njit(cache=True, nogil=True)
def _draw(tables, table, stream):
    """A place in a table of cumulative probabilities."""
    drawn, place = uniform(stream), 0
    while drawn >= tables[table, place]:
        place += 1
    return place


@numba.njit(cache=True, nogil=True)
def _wait(x, z, qubit, flips, phase_flips, first_word, shot, shots, left, clock):
    """Lets X, Y and Z strike a qubit, given the hazard of X, or Y, and of Z; returns what is left of the shot's budget."""
    width = shots >> _WORD_BITS
    for pauli in range(1, 4):
        left -= min(phase_flips if pauli == 3 else flips, _SATURATED)
        while left < 0:
            for word in range(first_word + (shot >> _WORD_BITS), x.shape[1], width):
                _flip(x, z, qubit, pauli, word, _ONE << np.uint64(shot & _LANES))
            left += exponential(clock)
    return left


@numba.njit(cache=True, nogil=True)
def _strike(plan, noise, state, row, struck):
    """Multiplies what comes with a row onto the shots that are listed, where the row's condition holds."""
    x, z, flips, bit = state.x, state.z, state.flips, plan.bits[row]
    first, second = plan.qubits[row, 0], plan.qubits[row, 1]
    condition, read = plan.conditions[row], plan.read_offsets[row]
    is_reading = plan.steps[row] == MEASURE or plan.steps[row] == READ
    width = len(state.budgets) >> _WORD_BITS
    for entry in range(struck):
        shot, pauli = state.struck_shots[entry], state.struck_paulis[entry]
        lane = _ONE << np.uint64(shot & _LANES)
        for word in range(noise.plane_of_row[row] * width + (shot >> _WORD_BITS), x.shape[1], width):
            if condition != ALWAYS and ((flips[plan.read_bits[read], word] & lane) != _NONE) != (condition == IF_ONE):
                continue
            if is_reading:
                flips[bit, word] ^= lane
            else:
                _flip(x, z, first, pauli & 3, word, lane)
                _flip(x, z, second, pauli >> 2, word, lane)


@numba.njit(cache=True, nogil=True)
def _flip(x, z, qubit, pauli, word, lane):
    """Multiplies a Pauli, or 0 for none, onto one qubit of one shot."""
    if 0 < pauli < 3:
        x[qubit, word] ^= lane
    if pauli > 1:
        z[qubit, word] ^= lane


@numba.njit(cache=True, nogil=True)
def _one_qubit(x, z, qubit, actions, action):
    xx, xz = actions[action, 0, 0], actions[action, 0, 1]
    zx, zz = actions[action, 1, 0], actions[action, 1, 1]
    for word in range(x.shape[1]):
        old_x, old_z = x[qubit, word], z[qubit, word]
        x[qubit, word] = (xx & old_x) ^ (xz & old_z)
        z[qubit, word] = (zx & old_x) ^ (zz & old_z)


@numba.njit(cache=True, nogil=True)
def _two_qubits(x, z, first, second, actions, action):
    a00, a01, a02, a03 = actions[action, 0, 0], actions[action, 0, 1], actions[action, 0, 2], actions[action, 0, 3]
    a10, a11, a12, a13 = actions[action, 1, 0], actions[action, 1, 1], actions[action, 1, 2], actions[action, 1, 3]
    a20, a21, a22, a23 = actions[action, 2, 0], actions[action, 2, 1], actions[action, 2, 2], actions[action, 2, 3]
    a30, a31, a32, a33 = actions[action, 3, 0], actions[action, 3, 1], actions[action, 3, 2], actions[action, 3, 3]
    for word in range(x.shape[1]):
        x0, z0, x1, z1 = x[first, word], z[first, word], x[second, word], z[second, word]
        x[first, word] = (a00 & x0) ^ (a01 & z0) ^ (a02 & x1) ^ (a03 & z1)
        z[first, word] = (a10 & x0) ^ (a11 & z0) ^ (a12 & x1) ^ (a13 & z1)
        x[second, word] = (a20 & x0) ^ (a21 & z0) ^ (a22 & x1) ^ (a23 & z1)
        z[second, word] = (a30 & x0) ^ (a31 & z0) ^ (a32 & x1) ^ (a33 & z1)


@numba.njit(cache=True, nogil=True)
def _clear(x, z, qubit):
    for word in range(x.shape[1]):
        x[qubit, word] = z[qubit, word] = _NONE


@numba.njit(cache=True, nogil=True)
def _entangle(x, z, first, second, stream, planes):
    """A new pair, times XX and times ZZ at random."""
    _clear(x, z, first)
    _randomise(x, z, first, _ALL, _NONE, stream, planes)
    _randomise(x, z, first, _NONE, _ALL, stream, planes)
    for word in range(x.shape[1]):
        x[second, word], z[second, word] = x[first, word], z[first, word]


@numba.njit(cache=True, nogil=True)
def _feed_back(x, z, flips, qubit, bit, pauli):
    """A Pauli where a bit is flipped."""
    for word in range(x.shape[1]):
        if pauli != 3:
            x[qubit, word] ^= flips[bit, word]
        if pauli != 1:
            z[qubit, word] ^= flips[bit, word]


@numba.njit(cache=True, nogil=True)
def _measure(x, z, flips, qubit, bit, has_x, has_z):
    """A result flips where the frame anticommutes with what is measured."""
    for word in range(x.shape[1]):
        flips[bit, word] = (has_z & x[qubit, word]) ^ (has_x & z[qubit, word])


@numba.njit(cache=True, nogil=True)
def _randomise(x, z, qubit, has_x, has_z, stream, planes):
    """Multiplies a Pauli onto a random half of the shots, the same in all planes."""
    width = x.shape[1] // planes
    for word in range(width):
        drawn = random_word(stream)
        for place in range(word, x.shape[1], width):
            x[qubit, place] ^= drawn & has_x
            z[qubit, place] ^= drawn & has_z
