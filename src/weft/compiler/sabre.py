"""Routing among coupled places by Qiskit's SABRE: where states start, and which swaps bring them together.

Source: Li, Ding, Xie, ASPLOS 2019; the implementation is that of Zou, Treinish et al., "LightSABRE", arXiv:2409.08368.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weft.compiler.local_regions import graph_of

_SEED = 2019
_ITERATIONS = 4
# Set here, because by default there are as many as the machine has cores, and then the result would depend on it.
_TRIALS = (4, 20)
_GATES_IN_TRIALS = 100_000
_PERFECT_CALLS = 200_000

Events = Sequence[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Routing:
    """How a region is routed.

    Attributes:
        start: the place where each wire starts.
        steps: gates as (number, place, place) and swaps as (−1, place, place), in an order that respects all events.
    """

    start: list[int]
    steps: list[tuple[int, int, int]]


def routing(size: int, edges: Sequence[tuple[int, int]], wires: int, events: Events) -> Routing:
    """Starts and swaps such that every gate is on coupled places.

    Args:
        size: how many places there are; they must be connected.
        edges: coupled pairs of places.
        wires: how many states there are, at most as many as places.
        events: gates as (number ≥ 0, wire, wire) and barriers as (−1, wires…), in order; gates on different wires may be
            exchanged, but not across a barrier on both.
    """
    start = _perfect_start(size, edges, wires, events)
    if start is None:
        return _sabre(size, edges, wires, events)
    return Routing(start, [(event[0], start[event[1]], start[event[2]]) for event in events if event[0] >= 0])


def _perfect_start(size: int, edges: Sequence[tuple[int, int]], wires: int, events: Events) -> list[int] | None:
    """A start that needs no swaps; None if none is found with reasonable effort."""
    import rustworkx

    pairs = sorted({(min(event[1:]), max(event[1:])) for event in events if event[0] >= 0})
    busy = sorted({wire for pair in pairs for wire in pair})
    index = {wire: node for node, wire in enumerate(busy)}
    wanted = graph_of(len(busy), [(index[a], index[b]) for a, b in pairs])
    mappings = rustworkx.vf2_mapping(
        graph_of(size, list(edges)), wanted, subgraph=True, induced=False, id_order=False, call_limit=_PERFECT_CALLS
    )
    found = next(iter(mappings), None)
    if found is None and pairs:
        return None
    start = {busy[node]: place for place, node in (found or {}).items()}
    free = iter(sorted(set(range(size)).difference(start.values())))
    return [start[wire] if wire in start else next(free) for wire in range(wires)]


def _sabre(size: int, edges: Sequence[tuple[int, int]], wires: int, events: Events) -> Routing:
    """Trials are drawn from one seed and the first of the best wins, so the number of threads does not matter."""
    from qiskit import QuantumCircuit
    from qiskit.transpiler import CouplingMap, PassManager
    from qiskit.transpiler.passes import SabreLayout

    circuit = QuantumCircuit(wires)
    for number, event in enumerate(events):
        if event[0] >= 0:
            circuit.rzz(float(number), event[1], event[2])  # the angle tells which gate it is
        else:
            circuit.barrier(*event[1:])
    coupling = CouplingMap()
    for at in range(size):
        coupling.add_physical_qubit(at)
    coupling.graph.add_edges_from_no_data([pair for a, b in edges for pair in ((a, b), (b, a))])
    trials = min(max(_GATES_IN_TRIALS // max(len(events), 1), _TRIALS[0]), _TRIALS[1])
    layout = SabreLayout(coupling, seed=_SEED, max_iterations=_ITERATIONS, swap_trials=trials, layout_trials=trials)
    routed = PassManager([layout]).run(circuit)
    place = {qubit: at for at, qubit in enumerate(routed.qubits)}
    steps = []
    for instruction in routed.data:
        if instruction.operation.name != "barrier":
            first, second = (place[qubit] for qubit in instruction.qubits)
            is_swap = instruction.operation.name == "swap"
            number = -1 if is_swap else events[round(instruction.operation.params[0])][0]
            steps.append((number, first, second))
    return Routing(routed.layout.initial_index_layout(filter_ancillas=True), steps)
