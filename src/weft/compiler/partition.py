"""Where the qubits live: partitioners are strategy objects with one method, and this is the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler.segments import Segments
from weft.errors import DoesNotFitError

_MAX_SEED = 2**31 - 1
_MOST_HYPEREDGES = 20_000


@dataclass(frozen=True)
class Hypergraph:
    """Qubits as vertices; each segment with its partners is a hyperedge, because a copy per QPU serves it.

    Attributes:
        num_vertices: how many qubits.
        hyperedges: vertices of each, without repetition.
        weights: how many segments each stands for.
    """

    num_vertices: int
    hyperedges: list[tuple[int, ...]]
    weights: list[int]


class Partitioner(Protocol):
    """Divides qubits into blocks of limited size with few hyperedges between them."""

    def partition(self, hypergraph: Hypergraph, capacities: list[int], seed: int) -> NDArray[np.int64]:
        """The block of each vertex, shape (vertices,); block b holds at most capacities[b]; the same for the same seed."""
        ...


def hypergraph_of(circuit: Circuit, segments: Segments) -> Hypergraph:
    """The hypergraph of a circuit's segments; of a very large circuit, that of a sample of them, always the same."""
    sampled = np.ones(len(segments), dtype=np.bool_)
    if len(segments) > _MOST_HYPEREDGES:
        sampled = np.random.default_rng(0).random(len(segments)) * len(segments) < _MOST_HYPEREDGES
    members: dict[int, set[int]] = {}
    two_qubit = np.flatnonzero(circuit.qubits[:, 1] >= 0)
    for operand in (0, 1):
        mine = segments.of[two_qubit, operand]
        chosen = two_qubit[(mine >= 0) & sampled[mine]]
        found = zip(segments.of[chosen, operand].tolist(), circuit.qubits[chosen].tolist(), strict=True)
        for segment, (first, second) in found:
            members.setdefault(segment, set()).update((first, second))
    counts: dict[tuple[int, ...], int] = {}
    for vertices in members.values():
        key = tuple(sorted(vertices))
        counts[key] = counts.get(key, 0) + 1
    return Hypergraph(circuit.num_qubits, list(counts), list(counts.values()))


@dataclass(frozen=True)
class MtKaHyPar:
    """Multilevel hypergraph partitioning by Mt-KaHyPar, deterministic, metric (λ − 1).

    Source: Gottesbüren, Heuer, Sanders, Schlag, ALENEX 2021.
    """

    def partition(self, hypergraph: Hypergraph, capacities: list[int], seed: int) -> NDArray[np.int64]:
        """The block of each vertex; see `Partitioner`.

        Raises:
            DoesNotFitError: if the blocks together cannot hold the vertices.
        """
        _check_room(hypergraph, capacities)
        if len(capacities) == 1 or not hypergraph.hyperedges:
            blocks = np.repeat(np.arange(len(capacities)), capacities)[: hypergraph.num_vertices]
            return blocks.astype(np.int64)
        return _fill_to_capacity(self._blocks(hypergraph, capacities, seed), hypergraph, capacities)

    @staticmethod
    def _blocks(hypergraph: Hypergraph, capacities: list[int], seed: int) -> NDArray[np.int64]:
        import mtkahypar

        # The library's deterministic preset gives the same blocks for every seed, so the seed decides the order of vertices.
        order = np.random.default_rng(seed).permutation(hypergraph.num_vertices)
        places = order.tolist()
        library = _library()
        mtkahypar.set_seed(seed % _MAX_SEED)
        context = library.context_from_preset(mtkahypar.PresetType.DETERMINISTIC)
        context.logging = False
        context.set_partitioning_parameters(len(capacities), 0.0, mtkahypar.Objective.KM1)
        context.set_individual_target_block_weights(capacities)
        graph = library.create_hypergraph(
            context,
            hypergraph.num_vertices,
            len(hypergraph.hyperedges),
            [tuple(sorted(places[vertex] for vertex in vertices)) for vertices in hypergraph.hyperedges],
            [1] * hypergraph.num_vertices,
            hypergraph.weights,
        )
        partitioned = graph.partition(context)
        return np.array([partitioned.block_id(place) for place in places], dtype=np.int64)


@dataclass(frozen=True)
class InOrder:
    """Fills one block after the other in the order of the qubits: people often number them so that near ones interact."""

    def partition(self, hypergraph: Hypergraph, capacities: list[int], seed: int) -> NDArray[np.int64]:  # noqa: ARG002
        """Blocks as even as their capacities allow; the seed makes no difference.

        Raises:
            DoesNotFitError: if the blocks together cannot hold the vertices.
        """
        _check_room(hypergraph, capacities)
        sizes = np.zeros(len(capacities), dtype=np.int64)
        for _ in range(hypergraph.num_vertices):
            room = np.array(capacities) - sizes
            sizes[int(np.argmin(np.where(room > 0, sizes, np.iinfo(np.int64).max)))] += 1
        return np.repeat(np.arange(len(capacities)), sizes)


@cache
def _library() -> Any:
    """Mt-KaHyPar on one thread; it may be initialised only once in a process."""
    import mtkahypar

    return mtkahypar.initialize(1)


def _check_room(hypergraph: Hypergraph, capacities: list[int]) -> None:
    if sum(capacities) < hypergraph.num_vertices:
        raise DoesNotFitError(f"{hypergraph.num_vertices} qubits must fit into blocks of {capacities}, but do not")


def _fill_to_capacity(blocks: NDArray[np.int64], hypergraph: Hypergraph, capacities: list[int]) -> NDArray[np.int64]:
    """Moves vertices out of overfull blocks, those that lose least first; the library may miss a tight capacity."""
    room = np.array(capacities) - np.bincount(blocks, minlength=len(capacities))
    if np.all(room >= 0):
        return blocks
    blocks = blocks.copy()
    touching: list[list[int]] = [[] for _ in range(hypergraph.num_vertices)]
    for edge, vertices in enumerate(hypergraph.hyperedges):
        for vertex in vertices:
            touching[vertex].append(edge)

    def affinity(vertex: int) -> NDArray[np.int64]:
        weights = np.zeros(len(capacities), dtype=np.int64)
        for edge in touching[vertex]:
            others = {int(blocks[other]) for other in hypergraph.hyperedges[edge] if other != vertex}
            weights[list(others)] += hypergraph.weights[edge]
        return weights

    for block in np.flatnonzero(room < 0).tolist():
        while room[block] < 0:
            open_blocks = np.flatnonzero(room > 0)
            options = []
            for vertex in np.flatnonzero(blocks == block).tolist():
                pull = affinity(vertex)
                best = int(open_blocks[np.argmax(pull[open_blocks])])
                options.append((int(pull[block] - pull[best]), vertex, best))
            _, vertex, target = min(options)
            blocks[vertex] = target
            room[block] += 1
            room[target] -= 1
    return blocks
