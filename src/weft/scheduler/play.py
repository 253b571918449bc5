"""The kernel that plays rows in the order of the program: instructions outside, shots inside, in contiguous memory.

Invariant: after a row has been played, `free` holds for each of its qubits when that row ended. Cost: less than a nanosecond
per instruction and shot while the block's state fits into cache; a pair costs 2 to 3 ns more, and 20 to 60 ns if it comes from
a buffer, is distilled, or may expire.
"""

import numpy as np

from weft.program.jit import jit
from weft.scheduler.supply_kernel import EXPIRED, MOST_EXPIRED, QUEUE, USED, WAIT, obtain

NOTHING, FREE, MADE = 0, 1, 2
"""The values of `Since`."""
PAIR_MADE, BEGAN, HANDED, REQUEST, READY, NOW = 0, 1, 4, 10, 11, 12
"""Rows of `scratch`; `obtain` writes the first three and uses all below 10."""
SCRATCH_ROWS = 13


@jit
def play(score, block, low, high, idle, start, end, made, column):
    """Plays rows [low, high), and the pairs that they act on; before it, all rows before them must have been played.

    Whatever of the following has rows is written; pass empty arrays for what is not wanted.

    Args:
        score: a `Score`.
        block: a `Block`.
        low: the first row.
        high: the row after the last.
        idle (float array, shape (high − low or more, 2, width)): how long each operand was idle before its row.
        start (float64 array, shape (n, all shots)): when rows start.
        end (float64 array, shape (n, all shots)): when they end.
        made (float64 array, shape (pairs, all shots)): when pairs were made.
        column: the place of the block's first shot among all shots of the last three.
    """
    if score.by_request:
        _copy_times(score, block, low, high, idle, start, end, made, column)
        return
    shots, now = block.shots, block.scratch[NOW]
    free, ready = block.free, block.ready
    wants_idle, wants_times = len(idle) > 0, len(start) > 0
    for place in range(score.places[low], score.places[high]):
        row = score.order[place]
        first, second = score.qubits[row, 0], score.qubits[row, 1]
        if score.links[row] >= 0:
            consumer = score.consumers[row]
            is_last = row == max(score.awaited[consumer, 0], score.awaited[consumer, 1])
            if score.looks_ahead and row == score.awaited[consumer, 0]:
                _find_ready(score.qubits, score.previous, score.read_offsets, score.read_slots, score.read_latency_s,
                            score.awaited, consumer, shots, free, ready, block.scratch[READY])  # fmt: skip
            _take(score, block, row, start, end, made, column)
            if score.cutoff_s != np.inf and is_last:
                _keep_until(score, block, consumer, end, made, column)
            continue
        for shot in range(shots):
            now[shot] = free[first, shot]
        if second >= 0:
            for shot in range(shots):
                other = free[second, shot]
                now[shot] = max(now[shot], other)
        for entry in range(score.read_offsets[row], score.read_offsets[row + 1]):
            slot, latency = score.read_slots[entry], score.read_latency_s[entry]
            if slot >= 0:
                for shot in range(shots):
                    arrival = ready[slot, shot] + latency
                    now[shot] = max(now[shot], arrival)
        if wants_idle:
            _write_idle(score.since, score.qubits, row, shots, now, free, block.made, idle, row - low)
        duration = score.duration_s[row]
        if wants_times:
            for shot in range(shots):
                start[row, column + shot] = now[shot]
            for shot in range(shots):
                end[row, column + shot] = now[shot] + duration
        for shot in range(shots):
            now[shot] += duration
        for shot in range(shots):
            free[first, shot] = now[shot]
        if second >= 0:
            for shot in range(shots):
                free[second, shot] = now[shot]
        slot = score.written[row]
        if slot >= 0:
            for shot in range(shots):
                ready[slot, shot] = now[shot]
    if wants_idle:
        for row in range(low, high):
            if score.links[row] >= 0:
                idle[row - low, :, :shots] = 0.0


@jit
def _write_idle(since, qubits, row, shots, now, free, made, idle, place):
    for operand in range(2):
        qubit, kind = qubits[row, operand], since[row, operand]
        if kind == FREE:
            for shot in range(shots):
                idle[place, operand, shot] = now[shot] - free[qubit, shot]
        elif kind == MADE:
            for shot in range(shots):
                idle[place, operand, shot] = now[shot] - made[qubit, shot]
        else:
            for shot in range(shots):
                idle[place, operand, shot] = 0.0


@jit
def _copy_times(score, block, low, high, idle, start, end, made, column):
    """What rows that have been played in the order of time leave in the outputs of `play`."""
    shots, starts, ends = block.shots, block.times[0], block.times[1]
    for row in range(low, high):
        if len(start) > 0:
            start[row, column : column + shots] = starts[row, :shots]
            end[row, column : column + shots] = ends[row, :shots]
            if len(made) > 0 and score.links[row] >= 0:
                made[score.pairs[row], column : column + shots] = block.pairs_made[score.pairs[row], :shots]
        if len(idle) > 0:
            for operand in range(2):
                before, kind = score.previous[row, operand], score.since[row, operand]
                for shot in range(shots):
                    since = starts[row, shot] if kind == NOTHING else 0.0
                    if kind == MADE:
                        since = block.pairs_made[score.pairs[before], shot]
                    elif kind == FREE and before >= 0:
                        since = ends[before, shot]
                    idle[row - low, operand, shot] = starts[row, shot] - since


@jit
def _find_ready(
    qubits, previous, read_offsets, read_slots, read_latency_s, awaited, consumer, shots, free, ready, time
):
    """Writes into `time` when all that a consumer needs beside its pairs is ready."""
    for shot in range(shots):
        time[shot] = 0.0
    for operand in range(2):
        qubit, before = qubits[consumer, operand], previous[consumer, operand]
        if qubit >= 0 and (before < 0 or (before != awaited[consumer, 0] and before != awaited[consumer, 1])):
            for shot in range(shots):
                time[shot] = max(time[shot], free[qubit, shot])
    for entry in range(read_offsets[consumer], read_offsets[consumer + 1]):
        slot, latency = read_slots[entry], read_latency_s[entry]
        if slot >= 0:
            for shot in range(shots):
                time[shot] = max(time[shot], ready[slot, shot] + latency)


@jit
def _take(score, block, row, start, end, made, column):
    """Gets a pair for an `entangle`, in every shot; `_keep_until` sees to it that it is young enough."""
    shots, link = block.shots, score.links[row]
    first, second = score.qubits[row, 0], score.qubits[row, 1]
    free, scratch, tally = block.free, block.scratch, block.tally
    request, began, handed, consumer_ready = scratch[REQUEST], scratch[BEGAN], scratch[HANDED], scratch[READY]
    for shot in range(shots):
        one, other = free[first, shot], free[second, shot]
        request[shot] = max(other, one)
    if score.awaits_consumer:
        for shot in range(shots):
            request[shot] = max(request[shot], consumer_ready[shot])
    obtain(
        link, 0, shots, request, score.cutoff_s, scratch, block.key, score.numbers, score.rooms, score.odds,
        block.channel_free, block.buffers, block.draws, block.shot_keys, tally, block.trouble,
    )  # fmt: skip
    queued, waited = 0.0, 0.0
    for shot in range(shots):
        began[shot] = max(request[shot], began[shot])
        queued += began[shot] - request[shot]
        waited += handed[shot] - request[shot]
    tally[link, USED] += shots
    tally[link, QUEUE] += queued
    tally[link, WAIT] += waited
    if len(start) > 0:
        for shot in range(shots):
            start[row, column + shot] = began[shot]
    _hand_over(score, block, row, 0, shots, scratch[PAIR_MADE], handed, end, made, column)


@jit
def _hand_over(score, block, row, low, high, born, handed, end, made, column):
    """Writes the times of a pair that its qubits now hold."""
    first, second, pair = score.qubits[row, 0], score.qubits[row, 1], score.pairs[row]
    for shot in range(low, high):
        block.free[first, shot] = handed[shot]
    for shot in range(low, high):
        block.free[second, shot] = handed[shot]
    if len(block.made) > 0:
        for shot in range(low, high):
            block.made[first, shot] = block.made[second, shot] = born[shot]
    if len(end) > 0:
        for shot in range(low, high):
            end[row, column + shot] = handed[shot]
        if len(made) > 0:
            for shot in range(low, high):
                made[pair, column + shot] = born[shot]


@jit
def _keep_until(score, block, consumer, end, made, column):
    """Keeps the pairs of a consumer until it starts, all at once; those that would be too old then are made again, in order."""
    shots, scratch, cutoff_s = block.shots, block.scratch, score.cutoff_s
    latest, held, free, qubits = scratch[READY], block.made, block.free, score.qubits
    one, other = score.awaited[consumer, 0], score.awaited[consumer, 1]
    first, second = qubits[one, 0], qubits[other if other >= 0 else one, 0]
    for shot in range(shots):
        latest[shot] = max(latest[shot], free[first, shot], free[second, shot])
        if latest[shot] - min(held[first, shot], held[second, shot]) > cutoff_s:
            _take_again(score, block, consumer, shot)
    for row in (one, other):
        if row >= 0:
            for shot in range(shots):
                scratch[PAIR_MADE, shot] = held[qubits[row, 0], shot]
            block.tally[score.links[row], WAIT] += np.sum(latest[:shots] - free[qubits[row, 0], :shots])
            _hand_over(score, block, row, 0, shots, scratch[PAIR_MADE], latest, end, made, column)


@jit
def _take_again(score, block, consumer, shot):
    """Lets too old pairs of one shot expire until all of a consumer's are young enough when it starts."""
    scratch, cutoff_s, expired, place = block.scratch, score.cutoff_s, 0, 0
    while place < 2 and score.awaited[consumer, place] >= 0:
        row = score.awaited[consumer, place]
        link, first = score.links[row], score.qubits[row, 0]
        if scratch[READY, shot] - block.made[first, shot] <= cutoff_s:
            place += 1
            continue
        block.tally[link, EXPIRED] += 1
        expired += 1
        if expired == MOST_EXPIRED:
            block.trouble[0] = link
            return
        scratch[REQUEST, shot] = block.made[first, shot] + cutoff_s
        obtain(
            link, shot, shot + 1, scratch[REQUEST], cutoff_s, scratch, block.key, score.numbers, score.rooms,
            score.odds, block.channel_free, block.buffers, block.draws, block.shot_keys, block.tally, block.trouble,
        )  # fmt: skip
        block.tally[link, WAIT] += scratch[HANDED, shot] - block.free[first, shot]
        block.made[first, shot], block.free[first, shot] = scratch[PAIR_MADE, shot], scratch[HANDED, shot]
        scratch[READY, shot] = max(scratch[READY, shot], scratch[HANDED, shot])
        place = 0
