"""Sets of QPUs as bits of a 64-bit number, and what it costs to reach and to join them; for use inside kernels."""

from __future__ import annotations

import numpy as np
from numba import njit

MOST_QPUS = 64
"""The most QPUs that a set can hold."""
FAR = 1 << 30
"""The rank of a distance to nowhere."""

_EMPTY = np.uint64(0)
_ONE = np.uint64(1)


@njit(cache=True, inline="always")
def bit(qpu: int) -> np.uint64:
    """The set of one QPU."""
    return _ONE << np.uint64(qpu)


@njit(cache=True, inline="always")
def has(members: np.uint64, qpu: int) -> bool:
    """Whether a QPU is in a set."""
    return (members >> np.uint64(qpu)) & _ONE != _EMPTY


@njit(cache=True, inline="always")
def size(members: np.uint64) -> np.int64:
    """How many QPUs are in a set."""
    members = members - ((members >> _ONE) & np.uint64(0x5555555555555555))
    twos = np.uint64(0x3333333333333333)
    members = (members & twos) + ((members >> np.uint64(2)) & twos)
    members = (members + (members >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((members * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, inline="always")
def lowest(members: np.uint64) -> np.int64:
    """The first QPU of a set that is not empty."""
    return size((members & (~members + _ONE)) - _ONE)


@njit(cache=True, error_model="numpy")
def level_to(members: np.uint64, qpu: int, levels: np.ndarray, uniform: bool) -> int:
    """From a QPU to the nearest of a set, given the rank of each distance; `FAR` if it is empty."""
    if has(members, qpu):
        return 0
    if uniform and members != _EMPTY:
        return 1
    best = FAR
    while members != _EMPTY:
        best = min(best, levels[qpu, lowest(members)])
        members &= members - _ONE
    return best


@njit(cache=True, error_model="numpy")
def level_between(first: np.uint64, second: np.uint64, levels: np.ndarray, uniform: bool) -> int:
    """Between the nearest two QPUs of two sets; 0 if they share one, `FAR` if one is empty."""
    if first & second != _EMPTY:
        return 0
    if uniform:
        if first == _EMPTY:
            return FAR
        return FAR if second == _EMPTY else 1
    best = FAR
    while first != _EMPTY:
        best = min(best, level_to(second, lowest(first), levels, False))
        first &= first - _ONE
    return best


@njit(cache=True, error_model="numpy")
def tree_cost(members: np.uint64, lengths: np.ndarray, trees: np.ndarray, uniform: bool) -> float:
    """The cost of joining a set: of its Steiner tree if `trees` lists them all, else of a least spanning tree (Prim)."""
    if members & (members - _ONE) == _EMPTY:
        return 0.0
    if uniform:
        return size(members) - 1.0
    if len(trees) > 1:
        return trees[np.int64(members)]
    total, joined = 0.0, members & (~members + _ONE)
    rest = members & ~joined
    while rest != _EMPTY:
        nearest, best, left = 0, np.inf, rest
        while left != _EMPTY:
            qpu = lowest(left)
            among = joined
            while among != _EMPTY:
                if lengths[qpu, lowest(among)] < best:
                    nearest, best = qpu, lengths[qpu, lowest(among)]
                among &= among - _ONE
            left &= left - _ONE
        total += best
        joined |= bit(nearest)
        rest &= ~bit(nearest)
    return total


@njit(cache=True, error_model="numpy")
def all_trees(lengths: np.ndarray) -> np.ndarray:
    """The cost of the Steiner tree of every set of QPUs, shape (2^QPUs,): Dreyfus and Wagner, Networks 1, 195 (1971)."""
    qpus = len(lengths)
    count = 1 << qpus
    # ending[s, v]: the least tree that joins the set s and reaches QPU v.
    ending = np.full((count, qpus), np.inf)
    trees = np.zeros(count)
    for qpu in range(qpus):
        ending[1 << qpu] = lengths[qpu]
    for members in range(1, count):
        if members & (members - 1) == 0:
            continue
        part = (members - 1) & members
        while part > (members ^ part):
            for v in range(qpus):
                ending[members, v] = min(ending[members, v], ending[part, v] + ending[members ^ part, v])
            part = (part - 1) & members
        joined = ending[members].copy()
        for v in range(qpus):
            for w in range(qpus):
                ending[members, v] = min(ending[members, v], joined[w] + lengths[w, v])
        trees[members] = ending[members, lowest(np.uint64(members))]
    return trees
