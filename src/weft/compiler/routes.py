"""Ways along which pairs can be joined by swapping, given how many communication qubits there are on the way.

A QPU that relays holds a half of two pairs at once, so it needs two communication qubits; an end needs one.
"""

from __future__ import annotations

import heapq
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from weft.errors import DoesNotFitError
from weft.network import Network

NO_WAY = 1_000_000.0
"""Stands for the length of a route that does not exist; longer than any that does."""


class Routes:
    """The cheapest routes of a network that its communication qubits allow.

    Args:
        network: whose links are used; kept as an attribute.
        prices: of a pair of each link; 1 by default, so that a route's length is the ebits that it costs.
    """

    def __init__(self, network: Network, prices: NDArray[np.float64] | None = None) -> None:
        self.network = network
        self._limits = [qpu.communication_qubits for qpu in network.qpus]
        self._neighbours: list[list[tuple[int, float]]] = [[] for _ in network.qpus]
        for (a, b), link in sorted(network.link_index.items()):
            self._neighbours[a].append((b, 1.0 if prices is None else float(prices[link])))
        self._ways: dict[tuple[int, int], list[int]] = {}
        self._trees: dict[frozenset[int], dict[int, list[int]] | None] = {}

    def between(self, source: int, target: int) -> list[int]:
        """The QPUs on a cheapest route, both ends included.

        Raises:
            DoesNotFitError: if there is none.
        """
        if (source, target) not in self._ways:
            came_from = self._search(source)
            if target not in came_from:
                raise DoesNotFitError(self._why_not(source, target))
            way = [target]
            while way[-1] != source:
                way.append(came_from[way[-1]][0])
            self._ways[source, target] = way[::-1]
        return self._ways[source, target]

    def length(self, source: int, target: int) -> float:
        """What the route between two QPUs costs."""
        return self._lengths[source][target]

    def tree(self, members: frozenset[int]) -> dict[int, list[int]] | None:
        """A tree of links that joins QPUs, as neighbours by QPU; None where the way between any two of them is a single link.

        Each member in turn is the root to which the nearest of the rest is joined along a cheapest route, and the cheapest tree
        is taken: Takahashi and Matsuyama, Math. Japonica 24, 573 (1980).

        Raises:
            DoesNotFitError: if they cannot be joined.
        """
        if self.is_complete:
            return None
        if members not in self._trees:
            single = all(self._is_single[a, b] for a in members for b in members)
            self._trees[members] = None if single else self._join(members)
        return self._trees[members]

    def _join(self, members: frozenset[int]) -> dict[int, list[int]]:
        best, cheapest = set[tuple[int, int]](), NO_WAY
        for root in sorted(members):
            joined, edges, cost = {root}, set[tuple[int, int]](), 0.0
            rest = set(members) - joined
            while rest:
                length, source, target = min((self.length(a, b), a, b) for a in joined for b in rest)
                way = self.between(source, target)
                edges |= {(min(pair), max(pair)) for pair in pairwise(way)}
                cost += length
                joined.update(way)
                rest -= joined
            if cost < cheapest:
                best, cheapest = edges, cost
        neighbours: dict[int, list[int]] = {member: [] for member in members}
        for a, b in sorted(best):
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
        return neighbours

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """What a route costs, shape (QPUs, QPUs); `NO_WAY` where there is none."""
        count = len(self._limits)
        lengths = np.full((count, count), NO_WAY)
        for source in range(count):
            lengths[source, source] = 0
            for target, (_, length) in self._search(source).items():
                lengths[source, target] = length
        return lengths

    @cached_property
    def _lengths(self) -> list[list[float]]:
        return self.lengths.tolist()

    @cached_property
    def _is_single(self) -> NDArray[np.bool_]:
        """Whether the cheapest way between two QPUs is one link, or none because they are the same, shape (QPUs, QPUs)."""
        direct = np.full(self.lengths.shape, -1.0)
        np.fill_diagonal(direct, 0.0)
        for here, neighbours in enumerate(self._neighbours):
            for there, price in neighbours:
                direct[here, there] = price
        return direct == self.lengths

    @cached_property
    def is_complete(self) -> bool:
        """Whether the cheapest way between any two QPUs is a single link."""
        return bool(np.all(self._is_single))

    def _search(self, source: int) -> dict[int, tuple[int, float]]:
        """Dijkstra's: for each QPU that can be reached, the one before it and what the way costs; ties go to fewer links."""
        found: dict[int, tuple[int, float]] = {}
        if self._limits[source] == 0:
            return {source: (source, 0.0)}
        frontier = [(0.0, 0, source, source)]
        while frontier:
            length, links, here, before = heapq.heappop(frontier)
            if here in found:
                continue
            found[here] = (before, length)
            limit = self._limits[here]
            if here != source and limit is not None and limit < 2:
                continue  # it can be an end, but it cannot relay
            for there, price in self._neighbours[here]:
                if there not in found and self._limits[there] != 0:
                    heapq.heappush(frontier, (length + price, links + 1, there, here))
        return found

    def _why_not(self, source: int, target: int) -> str:
        names = [qpu.name for qpu in self.network.qpus]
        for end in (source, target):
            if self._limits[end] == 0:
                return f"QPU `{names[end]}` must have a communication qubit to take part in a remote gate, but has none"
        return (
            f"a QPU between `{names[source]}` and `{names[target]}` must have at least 2 communication qubits to relay, "
            "but on every route one has fewer"
        )
