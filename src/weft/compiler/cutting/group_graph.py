"""Segments that must stay together as one vertex, and orders in which branch and bound may colour them."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from weft.compiler.cutting.exact_kernel import GroupGraph
from weft.compiler.cutting.segment_graph import SegmentGraph, loads_of


def group_graph(graph: SegmentGraph) -> GroupGraph:
    """The groups of a segment graph; every edge is there from both ends, parallel ones added up."""
    count = int(graph.groups.max(initial=-1)) + 1
    members = np.argsort(graph.groups, kind="stable")
    member_offsets = np.searchsorted(graph.groups[members], np.arange(count + 1)).astype(np.int64)
    edges = edges_of(graph)
    ends = np.concatenate([edges[:, :2], edges[:, 1::-1]]).astype(np.int64)
    weights = np.concatenate([edges[:, 2], edges[:, 2]])
    keys, inverse = np.unique(ends[:, 0] * count + ends[:, 1], return_inverse=True)
    total = np.zeros(len(keys))
    np.add.at(total, inverse, weights)
    offsets = np.searchsorted(keys // max(count, 1), np.arange(count + 1)).astype(np.int64)
    neighbours = keys % max(count, 1)
    return GroupGraph(members, member_offsets, offsets, neighbours, total)


def edges_of(graph: SegmentGraph) -> NDArray[np.float64]:
    """All cuts that may be made, shape (edges, 3): two groups and log γ of parting them; parallel ones stay apart."""
    owners = np.repeat(np.arange(len(graph.starts)), np.diff(graph.offsets))
    once = owners < graph.neighbours
    gates = np.column_stack([graph.groups[owners[once]], graph.groups[graph.neighbours[once]], graph.weights[once]])
    before = np.flatnonzero(graph.joined)
    wires = np.column_stack([graph.groups[before], graph.groups[before + 1], np.full(len(before), graph.wire)])
    edges = np.concatenate([gates, wires])
    return edges[edges[:, 0] != edges[:, 1]]


def orders_of(graph: SegmentGraph, groups: GroupGraph) -> list[NDArray[np.int64]]:
    """Orders of the groups, none of which is best everywhere: along strong ties, backward in time, and from the busiest step on."""
    first = groups.members[groups.member_offsets[:-1]]
    loads = loads_of(graph, np.zeros(len(graph.starts), dtype=np.int64), 1)[0]
    distance = np.abs(graph.starts[first] + graph.stops[first] - 2 * int(np.argmax(loads)) - 1)
    return [
        _along_ties(groups),
        np.argsort(-graph.starts[first], kind="stable"),
        np.argsort(distance, kind="stable"),
    ]


def _along_ties(groups: GroupGraph) -> NDArray[np.int64]:
    """Each time the group that is attached most strongly to those before it."""
    offsets, neighbours, weights = groups.offsets, groups.neighbours, groups.weights
    count = len(offsets) - 1
    pull = np.zeros(count)
    done = np.zeros(count, dtype=np.bool_)
    order: list[int] = []
    heap = [(0.0, group) for group in range(count)]
    while heap:
        strength, group = heapq.heappop(heap)
        if done[group] or -strength < pull[group]:
            continue
        done[group] = True
        order.append(group)
        for entry in range(offsets[group], offsets[group + 1]):
            other = int(neighbours[entry])
            if not done[other]:
                pull[other] += weights[entry]
                heapq.heappush(heap, (-float(pull[other]), other))
    return np.array(order, dtype=np.int64)
