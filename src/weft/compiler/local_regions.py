"""Regions: the connected parts of a QPU's coupling map, and which data qubits of a program may be anywhere in which.

A state never leaves its region by swaps. So the data qubits that gates join must share a region.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from weft.errors import DoesNotFitError
from weft.network import QPU
from weft.program import Op, Program
from weft.program.couplings import uncoupled_rows

if TYPE_CHECKING:
    from rustworkx import PyGraph


@dataclass(frozen=True, slots=True)
class Region:
    """A connected part of a coupling map.

    Attributes:
        qpu: position of the QPU in the network.
        positions: in the coupling map, ascending; *places* are indices into them.
        edges: coupled pairs of places.
        qubits: of the program, that live here; at most as many as positions.
    """

    qpu: int
    positions: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    qubits: tuple[int, ...]


def graph_of(size: int, edges: list[tuple[int, int]]) -> PyGraph[None, None]:
    """A graph on 0 … size − 1."""
    import rustworkx

    graph: PyGraph[None, None] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from([None] * size)
    graph.add_edges_from_no_data(edges)
    return graph


def regions_to_route(program: Program) -> list[Region]:
    """The regions of every QPU on which some gate acts on a pair that is not coupled.

    Raises:
        DoesNotFitError: if the data qubits that gates join cannot share connected parts of the map.
    """
    uncoupled = uncoupled_rows(program)
    if not len(uncoupled):
        return []
    return [region for at in np.unique(program.qpus[uncoupled]).tolist() for region in _regions(program, at)]


def _regions(program: Program, at: int) -> list[Region]:
    qpu = program.network.qpus[at]
    qubits = np.flatnonzero((program.qubit_qpus == at) & ~program.qubit_is_communication).tolist()
    coupling = sorted({(min(pair), max(pair)) for pair in qpu.coupling or ()})
    parts = _connected(qpu.data_qubits, coupling)
    members = _share_out(qpu, qubits, _joined(program, qubits), [len(part) for part in parts])
    answer = []
    for part, held in zip(parts, members, strict=True):
        place = {position: place for place, position in enumerate(part)}
        edges = tuple((place[a], place[b]) for a, b in coupling if a in place)
        answer.append(Region(at, tuple(part), edges, tuple(sorted(held))))
    return [region for region in answer if region.qubits]


def _connected(size: int, edges: list[tuple[int, int]]) -> list[list[int]]:
    import rustworkx

    return sorted(sorted(part) for part in rustworkx.connected_components(graph_of(size, edges)))


def _joined(program: Program, qubits: list[int]) -> list[list[int]]:
    """Groups of data qubits of one QPU that gates join directly or through others; the largest first."""
    index = {qubit: place for place, qubit in enumerate(qubits)}
    pairs = program.qubits[(program.opcodes == Op.GATE) & np.all(np.isin(program.qubits, qubits), axis=1)]
    edges = [(index[a], index[b]) for a, b in np.unique(pairs, axis=0).tolist()]
    groups = [[qubits[place] for place in part] for part in _connected(len(qubits), edges)]
    return sorted(groups, key=lambda group: (-len(group), group))


def _share_out(qpu: QPU, qubits: list[int], groups: list[list[int]], sizes: list[int]) -> list[list[int]]:
    """The data qubits of each part of the map; a group stays together."""
    groups = [group for group in groups if len(group) > 1]
    parts = _packing(tuple(len(group) for group in groups), tuple(sizes))
    if parts is None:
        wanted = ", ".join(str(len(group)) for group in groups)
        there = ", ".join(str(size) for size in sorted(sizes, reverse=True))
        raise DoesNotFitError(
            f"QPU `{qpu.name}`: data qubits that gates join, in groups of {wanted}, must be connected by `coupling`, "
            f"but it connects groups of {there} only"
        )
    members: list[list[int]] = [[] for _ in sizes]
    for group, part in zip(groups, parts, strict=True):
        members[part] += group
    alone = iter(sorted(set(qubits).difference(*groups)))
    for held, size in zip(members, sizes, strict=True):
        held.extend(qubit for _, qubit in zip(range(size - len(held)), alone, strict=False))
    return members


def _packing(groups: tuple[int, ...], sizes: tuple[int, ...]) -> list[int] | None:
    """A part for each group such that none is overfull; None if there is no way. The tightest part is tried first."""

    @cache
    def rest(start: int, room: tuple[int, ...]) -> list[int] | None:
        if start == len(groups):
            return []
        for left in sorted({left for left in room if left >= groups[start]}):
            part = room.index(left)
            found = rest(start + 1, (*room[:part], left - groups[start], *room[part + 1 :]))
            if found is not None:
                return [part, *found]
        return None

    return rest(0, sizes)
