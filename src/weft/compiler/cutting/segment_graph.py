"""What is to be divided among pieces: segments of qubits' lives, and what it costs to part them.

A segment is a stretch of one qubit's rows around one operand of one two-qubit gate; rows on one qubit belong to the gate that is
nearest in time, or else are segments of their own, but what resets a qubit stays with what follows. Segments of one gate are parted
by a gate cut, consecutive segments of one qubit by a wire cut. So a plan is a colouring of segments, its cost the weight of edges
between colours, and its constraint how many segments, and gaps between segments of one wire, are alive at once in one colour.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.protocols.cutting.plan import CutPlan, bit_flow, clean_resets, occurrences


class SegmentGraph(NamedTuple):
    """Segments, qubit after qubit and in the order of time, as arrays for kernels.

    Attributes:
        chains (int64 array, shape (qubits + 1,)): segments of qubit q are chains[q] to chains[q + 1].
        starts (int64 array, shape (segments,)): the step in which a segment begins.
        stops (int64 array, shape (segments,)): the step after its last.
        joined (bool array, shape (segments,)): whether the qubit's state passes on to the next segment.
        groups (int64 array, shape (segments,)): segments of one group must be in one piece.
        offsets (int64 array, shape (segments + 1,)): of the entries of each segment in the next two.
        neighbours (int64 array): the other segments of its gates.
        weights (float array): log γ of those gates.
        wire (float): log γ of a wire cut.
        steps (int): moments at which it matters how many segments are alive.
    """

    chains: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    joined: NDArray[np.bool_]
    groups: NDArray[np.int64]
    offsets: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    weights: NDArray[np.float64]
    wire: float
    steps: int


class Segmentation(NamedTuple):
    """A circuit's segments, and how to come back from them to its rows.

    Attributes:
        graph: for the search.
        of (int64 array, shape (rows, 2)): the segment of each operand; −1 where there is none.
    """

    graph: SegmentGraph
    of: NDArray[np.int64]

    def plan(self, colours: NDArray[np.int64]) -> CutPlan:
        """The plan in which segment s is in piece colours[s]."""
        return CutPlan(np.where(self.of >= 0, colours[self.of], -1).astype(np.int32))


def segments_of(
    circuit: Circuit, overheads: NDArray[np.float64], *, communication: bool, every_row: bool = False
) -> Segmentation:
    """The segments of a circuit.

    Args:
        circuit: to be cut.
        overheads: γ of cutting each row, shape (rows,); of rows on one qubit it does not matter.
        communication: whether pieces may read each other's measurements; if not, who reads a bit is grouped with who measured it.
        every_row: whether wires may be cut between any two rows, or only at the longest pause between two gates.
    """
    rows, operands = occurrences(circuit)
    qubits = circuit.qubits[rows, operands]
    resets = clean_resets(circuit)[rows]
    begins = np.ones(len(rows), dtype=np.bool_)
    begins[1:] = (qubits[1:] != qubits[:-1]) | ~resets[:-1] | resets[1:]
    if not every_row:
        begins = _begins(rows, qubits, resets, circuit.qubits[rows, 1] >= 0)
    of = np.full((len(circuit), 2), -1, dtype=np.int64)
    of[rows, operands] = np.cumsum(begins) - 1
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:], len(rows))[: len(heads)] - 1
    joined = np.zeros(len(heads), dtype=np.bool_)
    joined[:-1] = (qubits[heads[1:]] == qubits[tails[:-1]]) & ~resets[heads[1:]] & ~resets[tails[:-1]]
    moments = _moments(rows[heads], rows[tails])
    offsets, neighbours, weights = _adjacency(circuit, of, np.log(np.maximum(overheads, 1.0)), len(heads))
    graph = SegmentGraph(
        chains=np.searchsorted(qubits[heads], np.arange(circuit.num_qubits + 1)).astype(np.int64),
        starts=np.searchsorted(moments, rows[heads]).astype(np.int64),
        stops=np.searchsorted(moments, rows[tails], side="right").astype(np.int64),
        joined=joined,
        groups=_groups(circuit, of, len(heads), communication=communication),
        offsets=offsets,
        neighbours=neighbours,
        weights=weights,
        wire=math.log(3 if communication else 4),
        steps=len(moments),
    )
    return Segmentation(graph, of)


def _begins(
    rows: NDArray[np.int64], qubits: NDArray[np.int32], resets: NDArray[np.bool_], is_gate: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which occurrences begin a segment: first ones, clean resets, and between two gates the one after the longest pause."""
    begins = np.zeros(len(rows), dtype=np.bool_)
    gate = -1  # the last one of this qubit since it was reset
    for k in range(len(rows)):
        if k == 0 or qubits[k] != qubits[k - 1] or resets[k]:
            begins[k] = True
            gate = -1
        if is_gate[k]:
            if gate >= 0:
                begins[gate + 1 + int(np.argmax(rows[gate + 1 : k + 1] - rows[gate:k]))] = True
            gate = k
    return begins


def _moments(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows at which most segments may be alive: where one begins and, before the next begins, one ends."""
    beginnings, endings = np.unique(first), np.sort(last)
    ended = np.searchsorted(endings, beginnings)
    return beginnings[np.append(ended[1:] > ended[:-1], True)] if len(beginnings) else beginnings


def _adjacency(
    circuit: Circuit, of: NDArray[np.int64], costs: NDArray[np.float64], segments: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Segments parted by gate cuts, from both ends, in compressed rows."""
    gates = np.flatnonzero((circuit.qubits[:, 1] >= 0) & (costs > 0))
    ends = np.concatenate([of[gates], of[gates, ::-1]])
    order = np.argsort(ends[:, 0], kind="stable")
    offsets = np.searchsorted(ends[order, 0], np.arange(segments + 1)).astype(np.int64)
    return offsets, ends[order, 1], np.concatenate([costs[gates], costs[gates]])[order]


def _groups(circuit: Circuit, of: NDArray[np.int64], segments: int, *, communication: bool) -> NDArray[np.int64]:
    """Groups of segments that must be in one piece, because one reads what another measured."""
    if communication:
        return np.arange(segments)
    import rustworkx

    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(segments))
    for writer, reader in bit_flow(circuit).tolist():
        graph.add_edges_from_no_data([(int(of[writer, 0]), int(end)) for end in of[reader] if end >= 0])
    groups = np.empty(segments, dtype=np.int64)
    for group, members in enumerate(rustworkx.connected_components(graph)):
        groups[list(members)] = group
    return groups


def cost_of(graph: SegmentGraph, colours: NDArray[np.int64]) -> float:
    """The sum of log γ over all cuts of a colouring."""
    owners = np.repeat(np.arange(len(colours)), np.diff(graph.offsets))
    gates = float(graph.weights[colours[owners] != colours[graph.neighbours]].sum()) / 2
    return gates + graph.wire * int(np.count_nonzero(graph.joined[:-1] & (colours[1:] != colours[:-1])))


def loads_of(graph: SegmentGraph, colours: NDArray[np.int64], pieces: int) -> NDArray[np.int64]:
    """How many qubits are alive in each piece at each step, shape (pieces, steps)."""
    change = np.zeros((pieces, graph.steps + 1), dtype=np.int64)
    np.add.at(change, (colours, graph.starts), 1)
    np.add.at(change, (colours, graph.stops), -1)
    kept = np.flatnonzero(graph.joined[:-1] & (colours[1:] == colours[:-1]))
    np.add.at(change, (colours[kept], graph.stops[kept]), 1)
    np.add.at(change, (colours[kept], graph.starts[kept + 1]), -1)
    return np.cumsum(change, axis=1)[:, :-1]
