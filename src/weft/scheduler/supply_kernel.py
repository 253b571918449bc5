"""Kernels that make pairs: attempts, distillation, buffers and expiry of one link, in shots [low, high) of a block.

A production occupies one channel from its first attempt until its pair is ready; whenever a channel is chosen, it is the first to
be free. What a production will yield is drawn when it begins, and counted once its pair has met its fate. A buffer is a set of
slots; each holds a pair or has one under production, which begins the moment the slot becomes empty and a channel is free.
Buffers are brought up to date only when somebody looks at them, so that a link costs nothing while nobody does; a long look-back
costs one draw per expired pair.

Shots are always the inner loop: handing an array to a function costs about as much as drawing a pair.
"""

import numpy as np

from weft.program.jit import jit
from weft.scheduler.sampling import attempts, mix, stream, uniform

ATTEMPTS, GENERATED, USED, EXPIRED, DISCARDED, HELD, BUSY, QUEUE, WAIT = range(9)
"""Columns of a tally, shape (links, 9)."""
MADE, BEGAN, TRIED, RAW = range(4)
"""Rows of a production or a slot: when its pair is ready, when it began, its attempts and its raw pairs."""
ATTEMPT_S, SCALE, ROUND_S = range(3)
"""Columns of the numbers of a link."""

MOST_EXPIRED = 1_000_000
"""Pairs that may expire one after another before playing gives up, because the cutoff leaves no hope."""


@jit
def produce(link, low, high, earliest, found, key, numbers, rooms, odds, channel_free, draws, shot_keys):
    """Makes a pair on the first channel to be free, not before `earliest`; writes the production into `found`, shape (4, width)."""
    if odds.shape[1] > 0:
        for shot in range(low, high):
            _distil(link, shot, found, key, numbers, odds, draws, shot_keys)
    else:
        links, scale, attempt_s = numbers.shape[0], numbers[link, SCALE], numbers[link, ATTEMPT_S]
        for shot in range(low, high):
            bits = stream(key, draws[link, shot] * links + link)
            found[TRIED, shot] = attempts(mix(bits + shot_keys[shot]), scale)
        for shot in range(low, high):
            draws[link, shot] += 1
        for shot in range(low, high):
            found[MADE, shot] = found[TRIED, shot] * attempt_s
            found[RAW, shot] = 1.0
    first, last = rooms[link, 0], rooms[link, 1]
    for shot in range(low, high):
        channel = first
        for other in range(first + 1, last):
            if channel_free[other, shot] < channel_free[channel, shot]:
                channel = other
        until, wanted = channel_free[channel, shot], earliest[shot]
        began = max(wanted, until)
        found[BEGAN, shot] = began
        found[MADE, shot] += began
        channel_free[channel, shot] = found[MADE, shot]


@jit
def _distil(link, shot, found, key, numbers, odds, draws, shot_keys):
    """Writes how long distilling a pair takes, how many attempts and how many raw pairs.

    It works like a binary counter: a new pair is joined with the one that waits at its level, the survivor with the one at the
    next level, and a failure loses both.
    """
    rounds, links = odds.shape[1], numbers.shape[0]
    time, tried, raw, waiting, draw = 0.0, 0.0, 0.0, 0, draws[link, shot]
    level = 0
    while level < rounds:
        count = attempts(mix(stream(key, draw * links + link) + shot_keys[shot]), numbers[link, SCALE])
        draw += 1
        tried += count
        raw += 1
        time += count * numbers[link, ATTEMPT_S]
        level = 0
        while 0 <= level < rounds and waiting & (1 << level):
            waiting ^= 1 << level
            time += numbers[link, ROUND_S]
            succeeds = uniform(mix(stream(key, draw * links + link) + shot_keys[shot])) <= odds[link, level]
            draw += 1
            level = level + 1 if succeeds else -1
        if 0 <= level < rounds:
            waiting |= 1 << level
    draws[link, shot] = draw
    found[MADE, shot], found[TRIED, shot], found[RAW, shot] = time, tried, raw


@jit
def count_productions(link, low, high, found, tally):
    """Counts finished productions: all raw pairs but one are gone."""
    tried, raw, busy = 0.0, 0.0, 0.0
    for shot in range(low, high):
        tried += found[TRIED, shot]
        raw += found[RAW, shot]
        busy += found[MADE, shot] - found[BEGAN, shot]
    tally[link, ATTEMPTS] += tried
    tally[link, GENERATED] += raw
    tally[link, DISCARDED] += raw - (high - low)
    tally[link, BUSY] += busy


@jit
def expire_until(
    now,
    link,
    low,
    high,
    cutoff_s,
    spare,
    key,
    numbers,
    rooms,
    odds,
    channel_free,
    slots,
    draws,
    shot_keys,
    tally,
    trouble,
):
    """Lets the pairs of a buffer expire that are older than the cutoff at `now`, each at its time, in order."""
    if cutoff_s == np.inf:
        return
    for shot in range(low, high):
        spare[shot] = slots[rooms[link, 2], MADE, shot]
    for slot in range(rooms[link, 2] + 1, rooms[link, 3]):
        for shot in range(low, high):
            spare[shot] = min(spare[shot], slots[slot, MADE, shot])
    for shot in range(low, high):
        if now[shot] - spare[shot] <= cutoff_s:
            continue
        for expired in range(MOST_EXPIRED):
            oldest = rooms[link, 2]
            for slot in range(rooms[link, 2] + 1, rooms[link, 3]):
                if slots[slot, MADE, shot] < slots[oldest, MADE, shot]:
                    oldest = slot
            if now[shot] - slots[oldest, MADE, shot] <= cutoff_s:
                break
            if expired == MOST_EXPIRED - 1:
                trouble[0] = link
            count_productions(link, shot, shot + 1, slots[oldest], tally)
            tally[link, EXPIRED] += 1
            spare[shot] = slots[oldest, MADE, shot] + cutoff_s
            produce(
                link, shot, shot + 1, spare, slots[oldest], key, numbers, rooms, odds, channel_free, draws, shot_keys
            )


@jit
def _choose_slots(link, low, high, request, chosen, rooms, slots):
    """The newest pair that is there, or else the next to be ready."""
    first, last = rooms[link, 2], rooms[link, 3]
    for shot in range(low, high):
        best, made = first, slots[first, MADE, shot]
        for slot in range(first + 1, last):
            other = slots[slot, MADE, shot]
            is_better = (made < other <= request[shot]) or (made > request[shot] and other < made)
            best, made = (slot, other) if is_better else (best, made)
        chosen[shot] = best


@jit
def obtain(
    link, low, high, request, cutoff_s, scratch, key, numbers, rooms, odds, channel_free, slots, draws, shot_keys, tally,
    trouble,
):  # fmt: skip
    """Gets pairs for requests.

    Writes productions into rows 0 to 3 of `scratch`, and into row 4 when pairs can be handed over; rows 5 to 9 are for itself.
    """
    found, handed, chosen, is_kept = scratch[:4], scratch[4], scratch[5], rooms[link, 2] < rooms[link, 3]
    if is_kept:
        expire_until(
            request, link, low, high, cutoff_s, chosen, key, numbers, rooms, odds, channel_free, slots, draws, shot_keys,
            tally, trouble,
        )  # fmt: skip
        _choose_slots(link, low, high, request, chosen, rooms, slots)
        for shot in range(low, high):
            slot = int(chosen[shot])
            for kind in range(4):
                found[kind, shot] = slots[slot, kind, shot]
            handed[shot] = max(request[shot], found[MADE, shot])
    # A pair on request, or the next one for the slot that has become empty.
    earliest, next_found = (handed, scratch[6:10]) if is_kept else (request, found)
    produce(link, low, high, earliest, next_found, key, numbers, rooms, odds, channel_free, draws, shot_keys)
    count_productions(link, low, high, found, tally)
    for shot in range(low, high):
        if is_kept:
            for kind in range(4):
                slots[int(chosen[shot]), kind, shot] = next_found[kind, shot]
        else:
            handed[shot] = found[MADE, shot]


@jit
def fill_buffers(shots, scratch, key, numbers, rooms, odds, channel_free, slots, draws, shot_keys):
    """Begins the first production of every slot, at time 0; links take turns, because they may share channels."""
    scratch[0] = 0.0
    for turn in range((rooms[:, 3] - rooms[:, 2]).max()):
        for link in range(len(rooms)):
            slot = rooms[link, 2] + turn
            if slot >= rooms[link, 3]:
                continue
            produce(link, 0, shots, scratch[0], slots[slot], key, numbers, rooms, odds, channel_free, draws, shot_keys)


@jit
def close_buffers(
    shots, ends, cutoff_s, scratch, key, numbers, rooms, odds, channel_free, slots, draws, shot_keys, tally, trouble
):
    """Counts what buffers hold when the last instruction ends."""
    for link in range(len(rooms)):
        if rooms[link, 2] == rooms[link, 3]:
            continue
        expire_until(
            ends, link, 0, shots, cutoff_s, scratch[0], key, numbers, rooms, odds, channel_free, slots, draws, shot_keys,
            tally, trouble,
        )  # fmt: skip
        for slot in range(rooms[link, 2], rooms[link, 3]):
            for shot in range(shots):
                if slots[slot, MADE, shot] <= ends[shot]:
                    count_productions(link, shot, shot + 1, slots[slot], tally)
                    tally[link, HELD] += 1
