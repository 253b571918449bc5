"""Kernels that sample end-to-end pairs over a chain of links, a shot at a time.

`made[link]` is when a link's present pair was made, `swapped[node]` when the two halves at a node were joined. The age of a
segment is that of the older of its two outer halves; its inner ones have been measured.
"""

import numpy as np

from weft.program.jit import jit
from weft.scheduler.sampling import attempts, mix, stream, uniform

MOST_LOST = 1_000_000
"""Segments that may be lost in one shot before sampling gives up."""


@jit
def wait_for_all(keys, attempt_s, scales, wait, memory):
    """Without failures: the slowest link decides, and each node swaps when both of its pairs are there."""
    links, shots, width = len(scales), len(wait), 1024
    shot_keys, made = np.empty(width, dtype=np.uint64), np.empty((links, width))
    for low in range(0, shots, width):
        count = min(width, shots - low)
        for shot in range(count):
            shot_keys[shot] = stream(keys[1], low + shot)
        for link in range(links):
            bits, scale, duration = stream(keys[0], link), scales[link], attempt_s[link]
            for shot in range(count):
                made[link, shot] = attempts(mix(bits + shot_keys[shot]), scale) * duration
        for shot in range(count):
            wait[low + shot] = made[0, shot]
        for link in range(1, links):
            for shot in range(count):
                wait[low + shot] = max(wait[low + shot], made[link, shot])
        for link in range(links):
            for shot in range(count):
                until = wait[low + shot]
                if link > 0:
                    until = max(made[link, shot], made[link - 1, shot])
                memory[link, 0, low + shot] = until - made[link, shot]
            for shot in range(count):
                until = wait[low + shot]
                if link < links - 1:
                    until = max(made[link, shot], made[link + 1, shot])
                memory[link, 1, low + shot] = until - made[link, shot]


@jit
def wait_nested(keys, attempt_s, scales, swap_success, cutoff_s, wait, memory):
    """Halves of halves; returns whether every shot came to an end.

    Segments are a binary heap: segment i is joined of 2i and 2i + 1, and link k is segment `links` + k. `begun[i]` is when attempts
    for a segment began, `done[i]` when it was there, `left[i]` and `right[i]` are its outer links. A pointer goes down to begin a
    segment, and up as long as segments can be joined.
    """
    links = len(scales)
    made, swapped = np.empty(links), np.zeros(links + 1)
    begun, done, is_there = np.zeros(2 * links), np.zeros(2 * links), np.zeros(2 * links, dtype=np.bool_)
    left, right = np.arange(2 * links) - links, np.arange(2 * links) - links
    for segment in range(links - 1, 0, -1):
        left[segment], right[segment] = left[2 * segment], right[2 * segment + 1]
    for shot in range(len(wait)):
        shot_key, draw, lost, segment = stream(keys[1], shot), 0, 0, 1
        begun[1], is_there[1] = 0.0, False
        while not is_there[1]:
            while segment < links:
                begun[2 * segment] = begun[2 * segment + 1] = begun[segment]
                is_there[2 * segment] = is_there[2 * segment + 1] = False
                segment *= 2
            link = segment - links
            made[link] = (
                begun[segment] + attempts(mix(stream(keys[0], draw) + shot_key), scales[link]) * attempt_s[link]
            )
            done[segment], is_there[segment] = made[link], True
            draw += 1
            while segment > 1:
                one, other = segment & -2, segment | 1
                if not (is_there[one] and is_there[other]):
                    segment = other if is_there[one] else one
                    break
                now = max(done[one], done[other])
                oldest = min(made[left[one]], made[right[one]])
                segment, since = (
                    (one, oldest) if oldest + cutoff_s < now else (other, min(made[left[other]], made[right[other]]))
                )
                if since + cutoff_s < now:
                    begun[segment], is_there[segment] = since + cutoff_s, False
                    lost += 1
                    break
                if swap_success < 1:
                    draw += 1
                    if uniform(mix(stream(keys[0], draw - 1) + shot_key)) > swap_success:
                        begun[one] = begun[other] = now
                        is_there[one] = is_there[other] = False
                        segment = one
                        break
                swapped[left[other]] = now
                segment = one >> 1
                done[segment], is_there[segment] = now, True
            if lost > MOST_LOST:
                return False
        _write(done[1], made, swapped, wait, memory, shot)
    return True


@jit
def wait_swapping_at_once(keys, attempt_s, scales, swap_success, cutoff_s, wait, memory):
    """Swaps wherever two segments meet; returns whether every shot came to an end.

    `last[k]` is the last link of the segment that begins with link k, and `first[k]` the first of the one that ends with it.
    """
    links = len(scales)
    made, swapped, is_there = np.empty(links), np.zeros(links + 1), np.empty(links, dtype=np.bool_)
    first, last = np.zeros(links, dtype=np.int64), np.zeros(links, dtype=np.int64)
    for shot in range(len(wait)):
        shot_key, draw, lost, now = stream(keys[1], shot), 0, 0, 0.0
        low, high, is_lost = 0, links - 1, True
        while True:
            if is_lost:
                for link in range(low, high + 1):
                    count = attempts(mix(stream(keys[0], draw) + shot_key), scales[link])
                    draw += 1
                    made[link], is_there[link] = now + count * attempt_s[link], False
            elif low == 0 and high == links - 1:
                break
            link, now = -1, np.inf
            for other in range(links):
                if not is_there[other] and made[other] < now:
                    link, now = other, made[other]
            is_lost = False
            if cutoff_s < np.inf:
                other = 0
                while other < links:
                    if is_there[other]:
                        expiry = min(made[other], made[last[other]]) + cutoff_s
                        if expiry < now:
                            low, high, now, is_lost = other, last[other], expiry, True
                        other = last[other]
                    other += 1
            if is_lost:
                lost += 1
                if lost > MOST_LOST:
                    return False
                continue
            is_there[link], low, high = True, link, link
            for node in (link, link + 1):
                if node in (0, links) or not (is_there[node - 1] and is_there[node]) or is_lost:
                    continue
                low, high = min(low, first[node - 1] if node == link else low), high if node == link else last[node]
                draw += 1
                is_lost = uniform(mix(stream(keys[0], draw - 1) + shot_key)) > swap_success
                swapped[node] = now
            first[high], last[low] = low, high
        _write(now, made, swapped, wait, memory, shot)
    return True


@jit
def _write(now, made, swapped, wait, memory, shot):
    swapped[0] = swapped[len(made)] = now
    wait[shot] = now
    for link in range(len(made)):
        memory[link, 0, shot] = swapped[link] - made[link]
        memory[link, 1, shot] = swapped[link + 1] - made[link]
