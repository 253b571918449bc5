"""Ways along which pairs can be joined by swapping, given how many communication qubits there are on the way.

A QPU that relays holds a half of two pairs at once, so it needs two communication qubits; an end needs one.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from weft.errors import DoesNotFitError
from weft.network import Network

NO_WAY = 1_000_000
"""Stands for the length of a route that does not exist; longer than any that does."""


class Routes:
    """The shortest routes of a network that its communication qubits allow.

    Args:
        network: whose links are used.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._limits = [qpu.communication_qubits for qpu in network.qpus]
        self._neighbours: list[list[int]] = [[] for _ in network.qpus]
        for a, b in sorted(network.link_index):
            self._neighbours[a].append(b)
        self._ways: dict[tuple[int, int], list[int]] = {}
        self._trees: dict[frozenset[int], dict[int, list[int]] | None] = {}

    def between(self, source: int, target: int) -> list[int]:
        """The QPUs on a shortest route, both ends included.

        Raises:
            DoesNotFitError: if there is none.
        """
        if (source, target) not in self._ways:
            came_from = self._search(source)
            if target not in came_from:
                raise DoesNotFitError(self._why_not(source, target))
            way = [target]
            while way[-1] != source:
                way.append(came_from[way[-1]])
            self._ways[source, target] = way[::-1]
        return self._ways[source, target]

    def length(self, source: int, target: int) -> int:
        """Links on the route between two QPUs."""
        return int(self.lengths[source, target])

    def tree(self, members: frozenset[int]) -> dict[int, list[int]] | None:
        """A tree of links that joins QPUs, as neighbours by QPU; None where any two of them are linked.

        Each member in turn is the root to which the nearest of the rest is joined along a shortest route, and the smallest tree
        is taken: Takahashi and Matsuyama, Math. Japonica 24, 573 (1980).

        Raises:
            DoesNotFitError: if they cannot be joined.
        """
        if members not in self._trees:
            self._trees[members] = None if self._all_linked(members) else self._join(members)
        return self._trees[members]

    def _all_linked(self, members: frozenset[int]) -> bool:
        return all(self.length(a, b) <= 1 for a in members for b in members)

    def _join(self, members: frozenset[int]) -> dict[int, list[int]]:
        best: set[tuple[int, int]] | None = None
        for root in sorted(members):
            joined, edges = {root}, set()
            rest = set(members) - joined
            while rest:
                _, source, target = min((self.length(a, b), a, b) for a in joined for b in rest)
                way = self.between(source, target)
                edges |= {(min(pair), max(pair)) for pair in pairwise(way)}
                joined.update(way)
                rest -= joined
            if best is None or len(edges) < len(best):
                best = edges
        neighbours: dict[int, list[int]] = {member: [] for member in members}
        for a, b in sorted(best or ()):
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
        return neighbours

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Links on a route, which is the ebits it costs, shape (QPUs, QPUs); `NO_WAY` where there is none."""
        if all(limit is None or limit >= 2 for limit in self._limits):
            return self._network.hops.astype(np.int64)
        count = len(self._limits)
        lengths = np.full((count, count), NO_WAY, dtype=np.int64)
        for source in range(count):
            lengths[source, source] = 0
            for target, previous in self._search(source).items():
                if target != source:  # the search reaches nearer QPUs first
                    lengths[source, target] = lengths[source, previous] + 1
        return lengths

    def _search(self, source: int) -> dict[int, int]:
        """Breadth first: for each QPU that can be reached, the one before it."""
        came_from = {source: source}
        if self._limits[source] == 0:
            return came_from
        frontier = deque([source])
        while frontier:
            here = frontier.popleft()
            limit = self._limits[here]
            if here != source and limit is not None and limit < 2:
                continue  # it can be an end, but it cannot relay
            for there in self._neighbours[here]:
                if there not in came_from and self._limits[there] != 0:
                    came_from[there] = here
                    frontier.append(there)
        return came_from

    def _why_not(self, source: int, target: int) -> str:
        names = [qpu.name for qpu in self._network.qpus]
        for end in (source, target):
            if self._limits[end] == 0:
                return f"QPU `{names[end]}` must have a communication qubit to take part in a remote gate, but has none"
        return (
            f"a QPU between `{names[source]}` and `{names[target]}` must have at least 2 communication qubits to relay, "
            "but on every route one has fewer"
        )
