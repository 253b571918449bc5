"""The kernel that plays rows in the order of time, so that links grant pairs in the order in which they are requested.

One shot at a time, events come from a heap. Invariant: when an event is handled, all that happens before it is known, so that a
link sees requests in order. A pair under a cutoff is handed over when its consumer is bound to start; if that has not come to
pass by the time the pair is too old, it is requested again. Cost: about 200 ns per instruction and shot.
"""

from typing import Any, NamedTuple

import numpy as np

from weft.program.jit import jit
from weft.scheduler.heap import pop, push
from weft.scheduler.play import BEGAN, HANDED, PAIR_MADE, REQUEST
from weft.scheduler.supply_kernel import EXPIRED, MOST_EXPIRED, QUEUE, USED, WAIT, obtain


class Dependencies(NamedTuple):
    """Which rows wait for which, in CSR form.

    Attributes:
        offsets (int64 array, shape (n + 1,)): row i holds up entries offsets[i] to offsets[i + 1] of the next two.
        targets (int64 array): the rows that wait.
        latency_s (float64 array): how long after the end.
        counts (int64 array, shape (n,)): for how many entries each row waits; under a cutoff, also for how many pairs.
    """

    offsets: Any
    targets: Any
    latency_s: Any
    counts: Any


@jit
def find_dependencies(score):
    """The columns of `Dependencies`. Under a cutoff, a consumer's wait for its pairs is no entry, but counted."""
    rows, reads = len(score.order), len(score.read_writers)
    sources, targets = np.empty(6 * rows + 3 * reads, dtype=np.int64), np.empty(6 * rows + 3 * reads, dtype=np.int64)
    latency = np.zeros(6 * rows + 3 * reads)
    counts = np.zeros(rows, dtype=np.int64)
    size = 0
    for row in range(rows):
        pairs = score.awaited[row]
        for operand in range(2):
            before = score.previous[row, operand]
            if before < 0:
                continue
            if before == pairs[0] or before == pairs[1]:
                if score.cutoff_s != np.inf:
                    counts[row] += 1
                    continue
                sources[size], targets[size], size = before, row, size + 1
                continue
            sources[size], targets[size], size = before, row, size + 1
            if score.awaits_consumer:
                for pair in pairs:
                    if pair >= 0:
                        sources[size], targets[size], size = before, pair, size + 1
        for entry in range(score.read_offsets[row], score.read_offsets[row + 1]):
            writer = score.read_writers[entry]
            if writer < 0:
                continue
            latency[size] = score.read_latency_s[entry]
            sources[size], targets[size], size = writer, row, size + 1
            if score.awaits_consumer:
                for pair in pairs:
                    if pair >= 0:
                        latency[size] = score.read_latency_s[entry]
                        sources[size], targets[size], size = writer, pair, size + 1
    for entry in range(size):
        counts[targets[entry]] += 1
    order = np.argsort(sources[:size], kind="mergesort")
    offsets = np.searchsorted(sources[:size][order], np.arange(rows + 1))
    return offsets, targets[:size][order], latency[:size][order], counts


@jit
def play_by_request(score, dependencies, block, start, end, made):
    """Plays all rows; writes `start` and `end`, shape (n, width), and `made`, shape (pairs, width)."""
    rows, cutoff_s = len(score.order), score.cutoff_s
    links, qubits, pairs = score.links, score.qubits, score.pairs
    numbers, rooms, odds, channel_free = score.numbers, score.rooms, score.odds, block.channel_free
    buffers, draws, shot_keys, key = block.buffers, block.draws, block.shot_keys, block.key
    tally, trouble, scratch, request = block.tally, block.trouble, block.scratch, block.scratch[REQUEST]
    offsets, targets, latency_s = dependencies.offsets, dependencies.targets, dependencies.latency_s
    times, items = np.empty(4 * rows + 1), np.empty(4 * rows + 1, dtype=np.int64)
    ready, handed, born = np.empty(rows), np.empty(rows), np.empty(rows)
    missing, expired = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
    is_bound = np.empty(rows, dtype=np.bool_)
    for shot in range(block.shots):
        missing[:], ready[:], expired[:], is_bound[:] = dependencies.counts, 0.0, 0, False
        size = 0
        for row in range(rows):
            if missing[row] == 0:
                size = push(times, items, size, 0.0, row if links[row] < 0 else row + 2 * rows)
        while size > 0:
            # At equal times rows start first, then pairs are handed over, requested, and expire; and lower rows come first.
            time, item, size = pop(times, items, size)
            row = item % rows
            link, is_done, consumer = links[row], True, -1
            if item >= 3 * rows:
                consumer = score.consumers[row]
                if is_bound[consumer]:
                    continue
                tally[link, EXPIRED] += 1
                expired[row] += 1
                if expired[row] > MOST_EXPIRED:
                    trouble[0] = link
                    return
                missing[consumer] += 1
                size = push(times, items, size, time, row + 2 * rows)
                continue
            if item >= 2 * rows:
                before = handed[row]
                request[shot] = time
                obtain(
                    link, shot, shot + 1, request, cutoff_s, scratch, key, numbers, rooms, odds, channel_free, buffers, draws,
                    shot_keys, tally, trouble,
                )  # fmt: skip
                began, born[row], handed[row] = scratch[BEGAN, shot], scratch[PAIR_MADE, shot], scratch[HANDED, shot]
                if expired[row] == 0:
                    start[row, shot] = max(began, time)
                    tally[link, USED] += 1
                    tally[link, QUEUE] += max(began, time) - time
                    before = time
                tally[link, WAIT] += handed[row] - before
                if cutoff_s == np.inf:
                    end[row, shot] = handed[row]
                else:
                    is_done = False
                    size = push(times, items, size, born[row] + cutoff_s, row + 3 * rows)
                    consumer = score.consumers[row]
                    missing[consumer] -= 1
            elif item < rows:
                start[row, shot] = time
                end[row, shot] = time + score.duration_s[row]
            if is_done:
                ended = end[row, shot]
                block.free[qubits[row, 0], shot] = ended
                if qubits[row, 1] >= 0:
                    block.free[qubits[row, 1], shot] = ended
                if link >= 0:
                    made[pairs[row], shot] = born[row]
                for entry in range(offsets[row], offsets[row + 1]):
                    target = targets[entry]
                    ready[target] = max(ready[target], ended + latency_s[entry])
                    missing[target] -= 1
                    if missing[target] == 0:
                        size = _bind(score, target, shot, ready, handed, born, is_bound, end, tally, times, items, size)
            elif missing[consumer] == 0:
                size = _bind(score, consumer, shot, ready, handed, born, is_bound, end, tally, times, items, size)


@jit
def _bind(score, row, shot, ready, handed, born, is_bound, end, tally, times, items, size):
    """A row for which nothing is missing starts, unless one of its pairs would be too old; returns the heap's new size."""
    latest, rows = ready[row], len(ready)
    if score.cutoff_s != np.inf and score.links[row] < 0:
        for pair in score.awaited[row]:
            if pair >= 0:
                latest = max(latest, handed[pair])
        for pair in score.awaited[row]:
            if pair >= 0 and latest - born[pair] > score.cutoff_s:
                return size
        for pair in score.awaited[row]:
            if pair >= 0:
                end[pair, shot] = latest
                tally[score.links[pair], WAIT] += latest - handed[pair]
                size = push(times, items, size, latest, pair + rows)
        is_bound[row] = True
    return push(times, items, size, latest, row if score.links[row] < 0 else row + 2 * rows)
