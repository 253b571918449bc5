"""Bounds from the Schmidt ranks of a small operator for all ways to give its inputs and outputs to a QPU.

Ranks are bounded from below by those of parts of a matrix. Before a part is taken every wire is turned at random, which changes no
rank, so that a part of m rows and columns nearly always has the rank of the whole, or m. What is rounded can only make a bound
smaller: singular values below 1e-8 count as zero, and those of a part differ from the exact ones by far less.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix
from weft.compiler.operators import applied

_TOLERANCE = 1e-8
_MOST_ENTRIES = 2_000_000
"""Of matrices that are decomposed at once."""
_MOST_RANK_WORK = 25_000_000
"""Of singular value decompositions, in rows³: 0.15 s."""
_MOST_STEPS = 12_000_000
"""Of the search over all assignments, in entries that are compared: 0.1 s."""
_STEP_OVERHEAD = 4_000
"""What a comparison of two arrays takes beyond its entries, as entries."""

Logarithms = NDArray[np.int8]
Span = tuple[int, int]


def bound_from_splits(operator: Matrix, capacities: list[int]) -> int | None:
    """The least number of pairs that the ranks of an operator allow; None if there are too many splits.

    A QPU that holds inputs A and outputs B takes part in at least log₂ rank(A, B) pairs, rounded up. The sum over QPUs, at its
    least over all assignments of inputs and of outputs, counts each pair twice. Any cut into two groups of QPUs says no more than
    this sum, because ranks multiply at most when groups are joined.

    Args:
        operator: a unitary, shape (2^n, 2^n).
        capacities: data qubits of the QPUs, descending; together at least n.
    """
    count = operator.shape[0].bit_length() - 1
    used = [min(capacity, count) for capacity in capacities[: 2 * count] if capacity]  # at most 2n hold a wire
    total = sum(used)
    spans = [(max(0, count - (total - capacity)), capacity) for capacity in used]
    sizes = {(a, b) for low, high in set(spans) for a, b in product(range(low, high + 1), repeat=2)}
    logarithms = _Logarithms(operator)
    if not logarithms.affords(sizes):
        return None
    table = logarithms.table(sizes)
    search = _least_sum if _steps(count, spans) <= _MOST_STEPS else _least_sum_by_sizes
    return -(-search(count, spans, table) // 2)


class _Logarithms:
    """⌈log₂ rank⌉ of an operator for inputs A and outputs B against all others, or less where that would take long."""

    def __init__(self, operator: Matrix) -> None:
        self.count = operator.shape[0].bit_length() - 1
        self.rng = np.random.default_rng(0)
        self.entries = self.turned(operator)  # bits of an index: outputs, then inputs
        self.of_size: list[list[int]] = [[] for _ in range(self.count + 1)]
        for mask in range(2**self.count):
            self.of_size[mask.bit_count()].append(mask)

    def turned(self, operator: Matrix) -> Matrix:
        """The entries of the operator with a random unitary on each wire, shape (4^n,)."""
        for wire in range(2 * self.count):
            gauss = self.rng.standard_normal((2, 2)) + 1j * self.rng.standard_normal((2, 2))
            unitary, _ = np.linalg.qr(gauss)
            operator = applied(unitary, operator.reshape(-1), [wire], 2 * self.count)
        return operator

    def rows_of(self, size: tuple[int, int], most: int) -> int:
        return int(min(2 ** sum(size), 2 ** (2 * self.count - sum(size)), most))

    def work(self, sizes: set[tuple[int, int]], most: int) -> int:
        return sum(
            (self.rows_of((a, b), most) ** 3 + 400) * math.comb(self.count, a) * math.comb(self.count, b)
            for a, b in sizes
        )

    def affords(self, sizes: set[tuple[int, int]]) -> bool:
        """Whether there is time for parts of at least 4 rows."""
        return self.work(sizes, 4) <= _MOST_RANK_WORK

    def table(self, sizes: set[tuple[int, int]]) -> Logarithms:
        """By bit masks of inputs and outputs, shape (2^n, 2^n), for the numbers of them in `sizes`; 0 elsewhere."""
        most = max(rows for rows in (2**k for k in range(2, 2 * self.count + 3)) if self.affordable(sizes, rows))
        table = np.zeros((2**self.count, 2**self.count), dtype=np.int8)
        for a, b in sorted(sizes):
            pairs = np.array(list(product(self.of_size[a], self.of_size[b])), dtype=np.int64)
            table[pairs[:, 0], pairs[:, 1]] = self.of_pairs(pairs, (a, b), most)
        return table

    def affordable(self, sizes: set[tuple[int, int]], rows: int) -> bool:
        return rows == 4 or self.work(sizes, rows) <= _MOST_RANK_WORK

    def of_pairs(self, pairs: NDArray[np.int64], size: tuple[int, int], most: int) -> Logarithms:
        rows = self.rows_of(size, most)
        wires = sum(size)
        # The same choice of basis states for all pairs: numbers whose bits are dealt out to the wires of either side.
        inside = self.rng.choice(2**wires, rows, replace=False)
        outside = self.rng.choice(2 ** (2 * self.count - wires), rows, replace=False)
        masks = (pairs[:, 1] << self.count) | pairs[:, 0]
        everything = 4**self.count - 1
        answer = np.zeros(len(pairs), dtype=np.int8)
        step = max(1, _MOST_ENTRIES // rows**2)
        for start in range(0, len(pairs), step):
            chosen = masks[start : start + step]
            places = self.dealt(inside, chosen)[:, :, None] | self.dealt(outside, everything ^ chosen)[:, None, :]
            values = np.linalg.svd(self.entries[places], compute_uv=False)
            ranks = np.maximum(1, np.count_nonzero(values > _TOLERANCE, axis=1))
            answer[start : start + step] = np.ceil(np.log2(ranks))
        return answer

    def dealt(self, numbers: NDArray[np.int64], masks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Each number's bits at the places where a mask has ones, shape (masks, numbers)."""
        answer = np.zeros((len(masks), len(numbers)), dtype=np.int64)
        seen = np.zeros(len(masks), dtype=np.int64)
        for place in range(2 * self.count):
            here = masks >> place & 1
            answer |= ((numbers[None, :] >> seen[:, None]) & here[:, None]) << place
            seen += here
        return answer


def _steps(count: int, spans: list[Span]) -> int:
    """What `_least_sum` takes."""
    steps = 0
    for low, high in spans[1:-1]:
        for a, b in product(range(low, high + 1), repeat=2):
            pairs = math.comb(count, a) * math.comb(count, b)
            steps += pairs * (_STEP_OVERHEAD + 2 ** (2 * count - a - b))
    return steps


def _least_sum(count: int, spans: list[Span], table: Logarithms) -> int:
    """The least sum of a table's entries over QPUs that share out all inputs and all outputs, one QPU after the other."""
    full = 2**count - 1
    masks = np.arange(2**count)
    bits = np.array([int(mask).bit_count() for mask in masks])
    without = [masks[masks & mask == 0] for mask in masks.tolist()]

    def allowed(span: Span) -> list[int]:
        return masks[(bits >= span[0]) & (bits <= span[1])].tolist()

    far = np.int16(10_000)
    first = allowed(spans[0])
    sums = np.full((full + 1, full + 1), far, dtype=np.int16)
    sums[np.ix_(first, first)] = table[np.ix_(first, first)]
    for span in spans[1:-1]:
        after = np.full_like(sums, far)
        for a, b in product(allowed(span), repeat=2):
            old = np.ix_(without[a], without[b])
            new = np.ix_(without[a] | a, without[b] | b)
            after[new] = np.minimum(after[new], sums[old] + table[a, b])
        sums = after
    last = np.array(allowed(spans[-1]))
    return int(np.min(sums[np.ix_(full ^ last, full ^ last)] + table[np.ix_(last, last)]))


def _least_sum_by_sizes(count: int, spans: list[Span], table: Logarithms) -> int:
    """A sum that is no larger: any QPU may take the best inputs and outputs of their number, even if others have them too."""
    bits = np.array([mask.bit_count() for mask in range(2**count)])
    best = {(a, b): int(np.min(table[np.ix_(bits == a, bits == b)])) for a, b in product(range(count + 1), repeat=2)}
    sums = {(0, 0): 0}
    for low, high in spans:
        after: dict[tuple[int, int], int] = {}
        for (inputs, outputs), value in sums.items():
            for a, b in product(range(low, high + 1), repeat=2):
                state = inputs + a, outputs + b
                after[state] = min(value + best[a, b], after.get(state, value + best[a, b]))
        sums = after
    return sums[count, count]
