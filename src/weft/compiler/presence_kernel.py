"""The loops that evaluate a choice of presence: what it costs, and whether its homes fit."""

from __future__ import annotations

import numpy as np
from numba import njit

from weft.compiler.presence import Layout
from weft.compiler.qpu_sets import level_between, level_to, lowest, tree_cost

_EMPTY = np.uint64(0)
_ONE = np.uint64(1)


@njit(cache=True, error_model="numpy")
def total_cost(layout: Layout, sets: np.ndarray, kept: np.ndarray) -> float:
    """The cost of a choice of sets, in units of `layout.lengths`."""
    lengths, trees, levels, costs, uniform = layout.lengths, layout.trees, layout.levels, layout.costs, layout.uniform
    offsets, neighbours, chains = layout.neighbour_offsets, layout.neighbours, layout.chains
    cost = 0.0
    for v in range(len(sets)):
        cost += tree_cost(sets[v], lengths, trees, uniform)
        for position in range(offsets[v], offsets[v + 1]):
            w = neighbours[position]
            if kept[v]:
                members = sets[v]
                while members != _EMPTY:
                    cost += costs[level_to(sets[w], lowest(members), levels, uniform)]
                    members &= members - _ONE
            elif v < w and not kept[w]:
                cost += costs[level_between(sets[v], sets[w], levels, uniform)]
    for qubit in range(len(chains) - 1):
        for v in range(chains[qubit], chains[qubit + 1] - 1):
            if kept[v] or kept[v + 1]:
                cost -= tree_cost(sets[v] & sets[v + 1], lengths, trees, uniform)
            else:
                cost += costs[level_between(sets[v], sets[v + 1], levels, uniform)]
    return cost


@njit(cache=True, error_model="numpy")
def load_of(layout: Layout, homes: np.ndarray) -> np.ndarray:
    """How many homes there are on each QPU at each time step."""
    load = np.zeros((len(layout.capacities), layout.steps), dtype=np.int32)
    for v in range(len(homes)):
        for step in range(layout.starts[v], layout.stops[v]):
            load[homes[v], step] += 1
    return load


@njit(cache=True, error_model="numpy")
def fits(layout: Layout, load: np.ndarray) -> bool:
    """Whether no QPU has more homes than data qubits at any time."""
    for qpu in range(len(layout.capacities)):
        for step in range(layout.steps):
            if load[qpu, step] > layout.capacities[qpu]:
                return False
    return True
