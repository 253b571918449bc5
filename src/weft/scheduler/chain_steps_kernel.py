"""The kernel that samples nested chains with distillation and cutoffs of their own for each step, a shot at a time.

Segments are a binary heap: segment i is made of 2i and 2i + 1 by a step that depends on its depth, and the leaves are pairs as
links deliver them. A segment's state is four Bell weights, Φ+, Φ−, Ψ+, Ψ−: two bits, of which the higher is the amplitude.
"""

import math

import numpy as np

from weft.program.jit import jit
from weft.scheduler.chain_kernel import MOST_LOST
from weft.scheduler.sampling import attempts, mix, stream, uniform

SWAP, BBPSSW, DEJMPS = 0, 1, 2


@jit
def wait_in_steps(
    keys, steps, cutoffs_s, links, attempt_s, scales, pair, decay_hz, swap_success, until, wait, memory, weights
):
    """Step by step; returns whether every shot came to an end.

    `steps[d]` makes segments at depth d of the heap, `links[k]` is the link of leaf k, or −1 − link if what is kept of that link's
    pairs is another leaf; `until[link]` are the segments by which its left and its right half are measured.
    """
    leaves = 1 << len(steps)
    begun, done, is_there = np.zeros(2 * leaves), np.zeros(2 * leaves), np.zeros(2 * leaves, dtype=np.bool_)
    state, depth = np.zeros((2 * leaves, 4)), np.zeros(2 * leaves, dtype=np.int64)
    for segment in range(2, 2 * leaves):
        depth[segment] = depth[segment >> 1] + 1
    for shot in range(len(wait)):
        shot_key, draw, lost, segment = stream(keys[1], shot), 0, 0, 1
        begun[1], is_there[1] = 0.0, False
        while not is_there[1]:
            while segment < leaves:
                begun[2 * segment] = begun[2 * segment + 1] = begun[segment]
                is_there[2 * segment] = is_there[2 * segment + 1] = False
                segment *= 2
            link = links[segment - leaves]
            link = link if link >= 0 else -1 - link
            count = attempts(mix(stream(keys[0], draw) + shot_key), scales[link])
            done[segment], is_there[segment] = begun[segment] + count * attempt_s[link], True
            state[segment] = pair
            draw += 1
            while segment > 1:
                one, other = segment & -2, segment | 1
                if not (is_there[one] and is_there[other]):
                    segment = other if is_there[one] else one
                    break
                parent = one >> 1
                now, first = max(done[one], done[other]), min(done[one], done[other])
                expiry = first + cutoffs_s[depth[parent]]
                if expiry < now:
                    lost, now, is_made = lost + 1, expiry, False
                else:
                    _wait(state[one], (now - done[one]) * decay_hz)
                    _wait(state[other], (now - done[other]) * decay_hz)
                    success = _join(steps[depth[parent]], swap_success, state[one], state[other], state[parent])
                    is_made = uniform(mix(stream(keys[0], draw) + shot_key)) <= success
                    draw += 1
                if not is_made:
                    begun[one] = begun[other] = now
                    is_there[one] = is_there[other] = False
                    segment = one
                    break
                segment = parent
                done[segment], is_there[segment] = now, True
            if lost > MOST_LOST:
                return False
        wait[shot] = done[1]
        weights[:, shot] = state[1]
        for leaf in range(leaves):
            link = links[leaf]
            if link >= 0:
                for side in range(2):
                    memory[link, side, shot] = done[until[link, side]] - done[leaves + leaf]
    return True


@jit
def _wait(state, lifetimes):
    """Depolarises a pair."""
    if lifetimes > 0:
        kept = math.exp(-lifetimes)
        for bell in range(4):
            state[bell] = kept * state[bell] + (1 - kept) / 4


@jit
def _join(step, swap_success, one, other, made):
    """Writes the state that a step makes of two, and returns how likely it succeeds."""
    made[:] = 0
    if step == SWAP:
        for a in range(4):
            for b in range(4):
                made[a ^ b] += one[a] * other[b]
        return swap_success
    for pair in (one, other):
        if step == DEJMPS:
            pair[1], pair[3] = pair[3], pair[1]
        else:
            pair[1:] = (1 - pair[0]) / 3
    for kept in range(4):
        for measured in range(4):
            # Bilateral CNOTs add the kept amplitude to the measured pair's, and the measured phase to the kept one's.
            if (kept ^ measured) & 2 == 0:
                made[kept ^ (measured & 1)] += one[kept] * other[measured]
    success = made.sum()
    made /= success
    return success
