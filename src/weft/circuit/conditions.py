"""Conditions on classical bits, as sets of conjunctions that exclude each other.

An instruction's condition is a conjunction: all of some bits have given values. Anything else that a program may ask
for (an else-branch, `c != 3`, `a || b`) is a union of disjoint conjunctions, and the instruction is written once for
each; since at most one of them holds, it happens at most once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidCircuitError

Conjunction = tuple[tuple[int, int], ...]
"""(bit, value) pairs, sorted by bit, that must all hold."""
Guard = tuple[Conjunction, ...]
"""Disjoint conjunctions of which one must hold; `ALWAYS` is the one that is empty."""

ALWAYS: Guard = ((),)
BIT_LIMIT = 12
"""The most bits that a condition may read unless it is a plain equality."""
WIDTH_LIMIT = 1_024
"""The most bits that an equality may read."""
SIZE_LIMIT = 65_536
"""The most pairs of conjunctions that one guard may be put together from."""


def equality(bits: Sequence[int], value: int) -> Guard:
    """The guard for: these bits, the first the least significant, hold this unsigned number."""
    if len(bits) > WIDTH_LIMIT:
        raise InvalidCircuitError(f"a condition must read at most {WIDTH_LIMIT} bits, but reads {len(bits)}")
    if not 0 <= value < 2 ** len(bits):
        return ()
    guard = conjoin([((bit, value >> position & 1),) for position, bit in enumerate(bits)])
    return () if guard is None else (guard,)


def conjoin(conjunctions: Iterable[Conjunction]) -> Conjunction | None:
    """All of some conjunctions at once, or None if they contradict each other."""
    values: dict[int, int] = {}
    for conjunction in conjunctions:
        for bit, value in conjunction:
            if values.setdefault(bit, value) != value:
                return None
    return tuple(sorted(values.items()))


def both(first: Guard, second: Guard) -> Guard:
    """The guard for two guards at once."""
    if len(first) * len(second) > SIZE_LIMIT:
        raise InvalidCircuitError(
            f"a condition must come down to at most {SIZE_LIMIT} cases, but this one has {len(first) * len(second)}"
        )
    pairs = (conjoin((a, b)) for a in first for b in second)
    return tuple(pair for pair in pairs if pair is not None)


def complement(guard: Guard) -> Guard:
    """The guard for the opposite: for each conjunction, the first bit that differs."""
    result = ALWAYS
    for conjunction in guard:
        opposite = tuple((*conjunction[:k], (bit, 1 - value)) for k, (bit, value) in enumerate(conjunction))
        result = both(result, opposite)
    return result


def tabulate(bits: Iterable[int], predicate: Callable[[Mapping[int, int]], bool]) -> Guard:
    """The guard for any predicate over some bits, by its truth table.

    Args:
        bits: that the predicate reads.
        predicate: from the values of the bits.

    Raises:
        InvalidCircuitError: if there are more than `BIT_LIMIT` bits.
    """
    order = sorted(set(bits))
    if len(order) > BIT_LIMIT:
        raise InvalidCircuitError(
            f"a condition other than `register == number` must read at most {BIT_LIMIT} bits, but reads {len(order)}"
        )
    rows = (dict(zip(order, (row >> k & 1 for k in range(len(order))), strict=True)) for row in range(2 ** len(order)))
    table = np.array([bool(predicate(row)) for row in rows])
    return tuple(tuple(sorted(cube)) for cube in _cubes(table, order))


def _cubes(table: NDArray[np.bool_], bits: Sequence[int]) -> list[Conjunction]:
    """Splits on the last bit, the most significant, unless it makes no difference."""
    if table.all():
        return [()]
    if not table.any():
        return []
    low, high = np.split(table, 2)
    if np.array_equal(low, high):
        return _cubes(low, bits[:-1])
    halves = ((0, low), (1, high))
    return [((bits[-1], value), *cube) for value, half in halves for cube in _cubes(half, bits[:-1])]
