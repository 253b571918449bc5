"""Which packets to open, given where the qubits live: a minimum vertex cover, exact for gates teleported one pair a packet.

A gate across QPUs can be served by a packet of either operand that it is diagonal on. Packets that could serve a common gate
are joined by an edge, so choosing packets means covering every edge. Packets from A to B only meet packets from B to A, so the
graph is bipartite and König's theorem gives the least cover from a maximum matching.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.compiler.segments import Segments


@dataclass(frozen=True)
class Packets:
    """The packets chosen for an assignment of qubits to QPUs.

    Attributes:
        rows (int64 array, shape (m,)): the gates across QPUs, ascending.
        of (int64 array, shape (m,)): the packet that serves each of them.
        operand (int64 array, shape (m,)): which operand the packet copies.
        sources (int64 array, shape (packets,)): the QPU where each packet's qubit lives.
        targets (int64 array, shape (packets,)): the QPU where its copy serves.
    """

    rows: NDArray[np.int64]
    of: NDArray[np.int64]
    operand: NDArray[np.int64]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sources)


def choose_packets(qubits: NDArray[np.int32], segments: Segments, homes: NDArray[np.int64]) -> Packets:
    """The fewest packets that serve every gate across QPUs.

    Args:
        qubits (int32 array, shape (n, 2)): the operands of each instruction.
        segments: of the same circuit.
        homes (int64 array, shape (qubits,)): the QPU of each qubit.
    """
    two_qubit = qubits[:, 1] >= 0
    apart = two_qubit & (homes[qubits[:, 0]] != homes[qubits[:, 1]])
    rows = np.flatnonzero(apart)
    owners = homes[qubits[rows]]
    width = int(homes.max()) + 1
    serving = segments.of[rows]
    # A packet is a segment and the QPU of the partner.
    keys = np.where(serving >= 0, serving * width + owners[:, ::-1], -1)
    names, compact = np.unique(keys, return_inverse=True)
    compact = compact.reshape(keys.shape)
    first = int(len(names) > 0 and names[0] == -1)
    packets = compact - first
    count = len(names) - first
    sources, targets = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for operand in (0, 1):
        there = packets[:, operand] >= 0
        sources[packets[there, operand]] = owners[there, operand]
        targets[packets[there, operand]] = owners[there, 1 - operand]
    chosen = _cover(packets, sources < targets)
    served_by = np.where((packets[:, 0] >= 0) & chosen[packets[:, 0]], 0, 1)
    used, of = np.unique(packets[np.arange(len(rows)), served_by], return_inverse=True)
    return Packets(rows, of.astype(np.int64), served_by, sources[used], targets[used])


def _cover(packets: NDArray[np.int64], is_left: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks packets so that each row of `packets`, shape (m, 2), has a marked entry; the fewest possible."""
    chosen = np.zeros(len(is_left), dtype=np.bool_)
    single = (packets < 0).any(axis=1)
    chosen[packets[single].max(axis=1)] = True
    open_edges = packets[~single]
    open_edges = open_edges[~chosen[open_edges].any(axis=1)]
    if len(open_edges) == 0:
        return chosen
    swap = ~is_left[open_edges[:, 0]]
    open_edges = np.where(swap[:, None], open_edges[:, ::-1], open_edges)
    edges = np.unique(open_edges, axis=0)
    left_names, left = np.unique(edges[:, 0], return_inverse=True)
    right_names, right = np.unique(edges[:, 1], return_inverse=True)
    left_cover, right_cover = _koenig(left, right, len(left_names), len(right_names))
    chosen[left_names[left_cover]] = True
    chosen[right_names[right_cover]] = True
    return chosen


def _koenig(
    left: NDArray[np.int64], right: NDArray[np.int64], lefts: int, rights: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A minimum vertex cover of a bipartite graph, from a maximum matching (König 1931)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    graph = csr_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(lefts, rights))
    partner_of_left = maximum_bipartite_matching(graph, perm_type="column")
    partner_of_right = np.full(rights, -1)
    matched = np.flatnonzero(partner_of_left >= 0)
    partner_of_right[partner_of_left[matched]] = matched
    neighbours: dict[int, list[int]] = defaultdict(list)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        neighbours[a].append(b)
    # Everything that alternating paths reach from unmatched left vertices.
    seen_left, seen_right = partner_of_left < 0, np.zeros(rights, dtype=np.bool_)
    frontier = np.flatnonzero(seen_left).tolist()
    while frontier:
        for b in neighbours[frontier.pop()]:
            if not seen_right[b]:
                seen_right[b] = True
                a = int(partner_of_right[b])
                if not seen_left[a]:
                    seen_left[a] = True
                    frontier.append(a)
    return ~seen_left, seen_right
