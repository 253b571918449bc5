"""Colourings of segments from which annealing begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler.cutting.segment_graph import SegmentGraph
from weft.compiler.partition import Hypergraph, MtKaHyPar

_UNITS = 1000
"""Of weight for one unit of log γ; Mt-KaHyPar's weights are whole numbers."""


def partitioned(
    circuit: Circuit, overheads: NDArray[np.float64], graph: SegmentGraph, capacities: list[int], seed: int
) -> NDArray[np.int64]:
    """Every qubit in one piece for all its life, with cheap gate cuts."""
    weights: dict[tuple[int, ...], int] = {}
    for row in np.flatnonzero(circuit.qubits[:, 1] >= 0).tolist():
        pair = tuple(sorted(circuit.qubits[row].tolist()))
        weights[pair] = weights.get(pair, 0) + 1 + int(_UNITS * np.log(max(overheads[row], 1.0)))
    hypergraph = Hypergraph(circuit.num_qubits, list(weights), list(weights.values()))
    # Qubits may follow each other on the same physical qubit, so that all of them need not fit at once.
    rooms = capacities[: circuit.num_qubits]
    rooms = [-(-room * max(circuit.num_qubits, sum(rooms)) // sum(rooms)) for room in rooms]
    blocks = MtKaHyPar().partition(hypergraph, rooms, seed)
    return _grouped(graph, np.repeat(blocks, np.diff(graph.chains)))


def sliced(graph: SegmentGraph, pieces: int) -> NDArray[np.int64]:
    """One piece after the other, with wire cuts only."""
    return _grouped(graph, graph.starts * pieces // max(graph.steps, 1))


def _grouped(graph: SegmentGraph, colours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Gives every segment of a group the colour of its first."""
    _, first = np.unique(graph.groups, return_index=True)
    return np.ascontiguousarray(colours[first][graph.groups], dtype=np.int64)
