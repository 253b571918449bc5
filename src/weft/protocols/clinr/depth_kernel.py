"""Kernels: layers of gates, and the course of a computation in blocks that are prepared until they are accepted."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def start_in_layers(qubits, durations, stages, free, starts):
    """Starts each operation when its qubits are free and the stages before its own are done.

    Args:
        qubits (int32 array, shape (operations, 2)): operands; −1 where there is none.
        durations (float64 array, shape (operations,)): of each operation.
        stages (int32 array, shape (operations,)): ascending.
        free (float64 array, shape (qubits,)): when each qubit is free; is changed.
        starts (float64 array, shape (operations,)): receives the starts.
    """
    stage, barrier, latest = 0, 0.0, 0.0
    for row in range(len(starts)):
        if stages[row] != stage:
            stage, barrier = stages[row], latest
        first, second = qubits[row]
        start = max(free[first], barrier)
        if second >= 0:
            start = max(start, free[second])
            free[second] = start + durations[row]
        free[first] = starts[row] = start
        free[first] += durations[row]
        latest = max(latest, start + durations[row])


@numba.njit(cache=True, nogil=True)
def _prepare(rng, ends, failing):
    """How long it takes until a block is accepted: failed attempts end with the stage that they fail."""
    time = 0.0
    while True:
        stage = np.searchsorted(failing, rng.random(), side="right")
        if stage >= len(failing):
            return time + ends[-1]
        time += ends[stage]


@numba.njit(cache=True, nogil=True)
def play_one_qpu(rng, ends, failing, injection, ready, starts, finishes):
    """Blocks on one QPU, one after another.

    Args:
        rng: a NumPy generator.
        ends (float64 array, shape (blocks, stages)): when each stage of a block's preparation is done.
        failing (float64 array, shape (blocks, stages)): how likely an attempt fails in a stage or one before it.
        injection: how long it takes.
        ready (float64 array, shape (shots, blocks)): receives when each block is accepted.
        starts (float64 array, shape (shots, blocks)): receives when its injection starts.
        finishes (float64 array, shape (shots, blocks)): receives when its injection is done.
    """
    for shot in range(len(ready)):
        time = 0.0
        for block in range(len(ends)):
            time += _prepare(rng, ends[block], failing[block])
            ready[shot, block] = starts[shot, block] = time
            time += injection
            finishes[shot, block] = time


@numba.njit(cache=True, nogil=True)
def _prepare_split(rng, begin, ends, failing, pairs, pair_time, used, made, count, link):
    """When a block whose stages take pairs of a link is accepted."""
    time = begin
    while True:
        fails = np.searchsorted(failing, rng.random(), side="right")
        for stage in range(min(fails + 1, len(ends))):
            time = _take(time, pairs[stage], 0.0, pair_time, used, made, count, link)
            time += ends[stage] - (ends[stage - 1] if stage else 0.0)
        if fails >= len(failing):
            return time


@numba.njit(cache=True, nogil=True)
def play_ring(
    rng, ends, failing, pairs, split, qubits, serial, any_order, qpus, pair_time, buffer, ready, starts, finishes
):
    """Blocks over a ring of QPUs; block b is on QPU b modulo their number, and its injection takes pairs of the link before it.

    A QPU begins with its next block when what its last one holds has gone on. A link makes one pair at a time and holds as many
    as its buffer has room for. In any order, the injection that can start first goes first.

    Args:
        rng: a NumPy generator.
        ends (float64 array, shape (blocks, stages)): when each stage of a block's preparation is done.
        failing (float64 array, shape (blocks, stages)): how likely an attempt fails in a stage or one before it.
        pairs (int64 array, shape (stages,)): that each stage of a split block takes, from the link before its QPU.
        split: whether A is on the QPU before; then injections take no pairs.
        qubits: n.
        serial: whether a QPU does one two-qubit gate at a time.
        any_order: whether an injection waits for its two blocks only, not for the data to arrive.
        qpus: at least 2.
        pair_time: τ_e, in gate times.
        buffer: pairs that a link holds.
        ready (float64 array, shape (shots, blocks)): receives when each block is accepted.
        starts (float64 array, shape (shots, blocks)): receives when its injection starts.
        finishes (float64 array, shape (shots, blocks)): receives when its injection is done.
    """
    blocks = len(ends)
    used = np.zeros((qpus, buffer))  # when the places of each link's buffer were last emptied
    made = np.zeros(qpus)
    count = np.zeros(qpus, dtype=np.int64)
    free = np.zeros(qpus)
    done = np.zeros(blocks, dtype=np.bool_)
    for shot in range(len(ready)):
        used[:], made[:], count[:], free[:], done[:] = 0, 0, 0, 0, False
        for block in range(min(qpus, blocks)):
            if split and block > 0:
                supply = (pairs, pair_time, used[block], made, count, block)
                ready[shot, block] = _prepare_split(rng, 0.0, ends[block], failing[block], *supply)
            else:
                ready[shot, block] = _prepare(rng, ends[block], failing[block])
        known = min(qpus, blocks)
        for turn in range(blocks):
            block, start = _next_injection(ready[shot], free, done, known, qpus, serial, split, any_order, turn)
            if turn > 0 and not any_order:
                start = max(start, finishes[shot, turn - 1])
            starts[shot, block] = start
            link = block % qpus
            if block == 0 or split:
                finish = start + (qubits if serial else 1)
            else:
                finish = _take(start, qubits, 1.0 if serial else 0.0, pair_time, used[link], made, count, link)
                finish += 0 if serial else 1
            finishes[shot, block] = finish
            done[block] = True
            if serial and (block == 0 or not split):
                free[link] = finish
            if serial and block > 0:
                free[(block - 1) % qpus] = finish
            while known < blocks and done[known - qpus] and done[known - qpus + 1]:
                begin = max(finishes[shot, known - qpus], finishes[shot, known - qpus + 1])
                if split:
                    link = known % qpus
                    supply = (pairs, pair_time, used[link], made, count, link)
                    ready[shot, known] = _prepare_split(rng, begin, ends[known], failing[known], *supply)
                else:
                    ready[shot, known] = begin + _prepare(rng, ends[known], failing[known])
                known += 1


@numba.njit(cache=True, nogil=True)
def _next_injection(ready, free, done, known, qpus, serial, split, any_order, turn):
    """The block whose injection goes next, and when it can start; injection b joins blocks b − 1 and b."""
    best, best_start = -1, np.inf
    for block in range(known):
        if done[block] or (not any_order and block != turn):
            continue
        start = ready[block]
        if block > 0:
            start = max(start, ready[block - 1])
        if serial:
            if block == 0 or not split:
                start = max(start, free[block % qpus])
            if block > 0:
                start = max(start, free[(block - 1) % qpus])
        if start < best_start:
            best, best_start = block, start
    return best, best_start


@numba.njit(cache=True, nogil=True)
def _take(start, pairs, step, pair_time, used, made, count, link):
    """Takes pairs of a link one after another, each as soon as there is one; returns when the last one's step is done.

    `used` says when the places of the link's buffer were last emptied; a pair is not begun before there is a place for it.
    """
    time = start
    for _ in range(pairs):
        place = count[link] % len(used)
        made[link] = max(made[link], used[place]) + pair_time
        time = max(time, made[link])
        used[place] = time
        count[link] += 1
        time += step
    return time
