"""Presence: on which QPUs each qubit is there during each of its segments, the one thing that the compiler searches for.

A segment v has a set S_v of QPUs that hold a copy, and a home among them, where its data qubit is. Gates run where both of
their qubits are present. With d the distance between the nearest members of two sets, the pairs that it takes are

    Σ_v tree(S_v)  +  Σ_gates d(S_v, S_w)  +  Σ_consecutive d(S_v, S_next)

where tree is the least tree of links that joins a set: packets, third QPUs, and moves are all in it. A segment that is *kept*
takes the copies of the one before it through to the one after it. That saves a tree on either side, and each of its gates must
then find its partner on every QPU of the set.

So any choice of sets can be carried out; only the homes are limited, by the data qubits of each QPU at every time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.compiler.packets import Packets
from weft.compiler.segments import Segments

_MOST_STEPS = 2048
_MOST_TABLED = 10
_UNREACHABLE = 50.0
"""Stands for the length of a way that does not exist: so long that none is taken where another is there."""


class Layout(NamedTuple):
    """What the search needs to know, in arrays that kernels take.

    Attributes:
        chains: qubit q has segments chains[q] to chains[q + 1].
        starts: the first time step of each segment; a qubit's first segment starts at 0.
        stops: one after the last.
        steps: how many time steps there are.
        neighbour_offsets: segment v shares gates with segments neighbours[neighbour_offsets[v]:neighbour_offsets[v + 1]].
        neighbours: with repetition, once for each gate.
        embeddable: of each segment.
        capacities: data qubits of each QPU.
        lengths: the cost of a pair between each two QPUs, shape (QPUs, QPUs).
        levels: the rank of each length among the different ones, shape (QPUs, QPUs); 0 on the diagonal.
        costs: the length of each rank.
        uniform: whether all QPUs are equally far apart, by 1.
        trees: the cost of joining each set of QPUs; of length 1 if there are too many to list.
    """

    chains: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    steps: int
    neighbour_offsets: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    embeddable: NDArray[np.bool_]
    capacities: NDArray[np.int64]
    lengths: NDArray[np.float64]
    levels: NDArray[np.int64]
    costs: NDArray[np.float64]
    uniform: bool
    trees: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Presence:
    """A choice of sets, homes, and kept segments.

    Attributes:
        sets (uint64 array, shape (segments,)): the QPUs of each as bits.
        homes (int64 array, shape (segments,)): one QPU of each set.
        kept (bool array, shape (segments,)): which segments take copies through.
    """

    sets: NDArray[np.uint64]
    homes: NDArray[np.int64]
    kept: NDArray[np.bool_]

    @staticmethod
    def at(homes: NDArray[np.int64], segments: Segments) -> Presence:
        """Every qubit at its home all the time, without copies; `homes` has shape (qubits,)."""
        everywhere = homes[segments.qubits].astype(np.int64)
        sets = np.left_shift(np.uint64(1), everywhere.astype(np.uint64))
        return Presence(sets, everywhere, np.zeros(len(segments), dtype=np.bool_))

    @staticmethod
    def of_packets(homes: NDArray[np.int64], segments: Segments, packets: Packets) -> Presence:
        """Every qubit at its home all the time, and copies where packets say; `homes` has shape (qubits,)."""
        bare = Presence.at(homes, segments)
        copied = segments.of[packets.rows, packets.operand]
        np.bitwise_or.at(bare.sets, copied, np.left_shift(np.uint64(1), packets.targets[packets.of].astype(np.uint64)))
        return bare


def layout_of(segments: Segments, capacities: NDArray[np.int64], lengths: NDArray[np.float64]) -> Layout:
    """Arrays for the search.

    Args:
        segments: of the circuit.
        capacities: data qubits of each QPU, shape (QPUs,).
        lengths: the cost of a pair between each two QPUs, shape (QPUs, QPUs).
    """
    from weft.compiler.qpu_sets import all_trees

    starts, stops, steps = _time_steps(segments)
    gates = segments.gates
    ends = np.concatenate((gates[:, 0], gates[:, 1]))
    others = np.concatenate((gates[:, 1], gates[:, 0]))
    order = np.argsort(ends, kind="stable")
    counts = np.bincount(ends, minlength=len(segments))
    lengths = np.minimum(lengths.astype(np.float64), _UNREACHABLE)
    costs, levels = np.unique(lengths, return_inverse=True)
    return Layout(
        chains=segments.offsets,
        starts=starts,
        stops=stops,
        steps=steps,
        neighbour_offsets=np.concatenate(([0], np.cumsum(counts))),
        neighbours=others[order],
        embeddable=segments.embeddable,
        capacities=capacities.astype(np.int64),
        lengths=lengths,
        levels=levels.reshape(lengths.shape).astype(np.int64),
        costs=costs,
        uniform=bool(np.all(lengths == 1 - np.eye(len(lengths)))),
        trees=all_trees(lengths) if len(lengths) <= _MOST_TABLED else np.zeros(1),
    )


def _time_steps(segments: Segments) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """A time step is a moment at which some segment begins, or several such where there are very many."""
    first = segments.offsets[:-1]
    begins = segments.first_gate.copy()
    begins[first] = 0
    moments, starts = np.unique(begins, return_inverse=True)
    steps = len(moments)
    if steps > _MOST_STEPS:
        starts, steps = starts * _MOST_STEPS // steps, _MOST_STEPS
    stops = np.empty_like(starts)
    stops[:-1] = starts[1:]
    stops[segments.offsets[1:] - 1] = steps
    return starts, np.maximum(stops, starts + 1), steps
