"""The loops that look for a cheap colouring of segments: one qubit's whole life at a time is drawn anew.

With all other qubits fixed, the cost of a qubit's colours is a sum over its segments and over neighbours in time, so they can be
drawn exactly from the Boltzmann distribution: sums over all ways are passed forward, and colours are drawn backward (Carter and
Kohn, Biometrika 81, 541 (1994)). Qubits without room are a penalty, which grows as the temperature falls. Segments in groups keep
their colours in such draws; groups change as a whole, by Metropolis' rule.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit


class _Work(NamedTuple):
    """Room for one draw."""

    load: np.ndarray  # [piece, step] qubits alive
    full: np.ndarray  # [piece, step] how many steps before this one have no room for one more
    energies: np.ndarray  # [segment, piece]
    weights: np.ndarray  # [segment, piece] the sum over all ways to get there
    options: np.ndarray  # [piece]
    bound: np.ndarray  # [segment] whether it is in a group with others
    members: np.ndarray  # segments, group after group
    group_offsets: np.ndarray
    state: np.ndarray  # of the random numbers


@njit(cache=True, nogil=True)
def _random(state):
    """The next of a stream of random numbers in [0, 1): splitmix64, Steele, Lea and Flood, OOPSLA 2014."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    word = state[0]
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((word ^ (word >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@njit(cache=True, nogil=True)
def _add_life(graph, first, last, colours, load, amount):
    """Adds the wires of segments `first` to `last` − 1, of one qubit, to the loads."""
    for s in range(first, last):
        stop = graph.stops[s]
        if s + 1 < last and graph.joined[s] and colours[s + 1] == colours[s]:
            stop = graph.starts[s + 1]
        for step in range(graph.starts[s], stop):
            load[colours[s], step] += amount


@njit(cache=True, nogil=True)
def _count_full(graph, first, last, capacities, work):
    """For each piece, counts the steps of this qubit's life in which there is no room for it."""
    begin, end = graph.starts[first], graph.stops[last - 1]
    for piece in range(len(capacities)):
        total = 0
        for step in range(begin, end):
            work.full[piece, step] = total
            total += max(0, work.load[piece, step] + 1 - capacities[piece])
        work.full[piece, end] = total


@njit(cache=True, nogil=True)
def _weigh(graph, first, last, colours, penalty, work):
    """The energy of each colour of each segment, but for wire cuts."""
    pieces = work.load.shape[0]
    for s in range(first, last):
        k = s - first
        total = 0.0
        for piece in range(pieces):
            work.energies[k, piece] = penalty * (work.full[piece, graph.stops[s]] - work.full[piece, graph.starts[s]])
        for entry in range(graph.offsets[s], graph.offsets[s + 1]):
            total += graph.weights[entry]
            work.energies[k, colours[graph.neighbours[entry]]] -= graph.weights[entry]
        for piece in range(pieces):
            work.energies[k, piece] += total
            if work.bound[s] and piece != colours[s]:
                work.energies[k, piece] = np.inf


@njit(cache=True, nogil=True)
def _decay(graph, s, piece, beta, penalty, work):
    """The weight of staying in a piece from segment s to the next, while nothing is done."""
    return math.exp(-beta * penalty * (work.full[piece, graph.starts[s + 1]] - work.full[piece, graph.stops[s]]))


@njit(cache=True, nogil=True)
def _forward(graph, first, last, beta, penalty, work):
    pieces = work.load.shape[0]
    cut = math.exp(-beta * graph.wire)
    for k in range(last - first):
        s = first + k
        least = work.energies[k].min()
        total = 0.0 if k == 0 else work.weights[k - 1].sum()
        biggest = 0.0
        for piece in range(pieces):
            arrival = 1.0
            if k > 0:
                arrival = total
                if graph.joined[s - 1]:
                    before = work.weights[k - 1, piece]
                    arrival = cut * (total - before) + before * _decay(graph, s - 1, piece, beta, penalty, work)
            work.weights[k, piece] = math.exp(-beta * (work.energies[k, piece] - least)) * max(arrival, 1e-250)
            biggest = max(biggest, work.weights[k, piece])
        for piece in range(pieces):
            work.weights[k, piece] /= biggest


@njit(cache=True, nogil=True)
def _choose(options, state):
    """A position with probability in proportion to its weight."""
    threshold = _random(state) * options.sum()
    chosen = 0
    for position in range(len(options)):
        if options[position] > 0.0:
            chosen = position
            threshold -= options[position]
            if threshold < 0.0:
                break
    return chosen


@njit(cache=True, nogil=True)
def _backward(graph, first, last, colours, beta, penalty, work):
    pieces = work.load.shape[0]
    cut = math.exp(-beta * graph.wire)
    for s in range(last - 1, first - 1, -1):
        work.options[:] = work.weights[s - first]
        if s + 1 < last and graph.joined[s]:
            after = colours[s + 1]
            for piece in range(pieces):
                work.options[piece] *= cut if piece != after else _decay(graph, s, piece, beta, penalty, work)
        colours[s] = _choose(work.options, work.state)


@njit(cache=True, nogil=True)
def _redraw(graph, qubit, colours, capacities, beta, penalty, work):
    """Draws one qubit's whole life anew."""
    first, last = graph.chains[qubit], graph.chains[qubit + 1]
    if first == last:
        return
    _add_life(graph, first, last, colours, work.load, -1)
    _count_full(graph, first, last, capacities, work)
    _weigh(graph, first, last, colours, penalty, work)
    _forward(graph, first, last, beta, penalty, work)
    _backward(graph, first, last, colours, beta, penalty, work)
    _add_life(graph, first, last, colours, work.load, 1)


@njit(cache=True, nogil=True)
def total_cost(graph, colours):
    """The sum of log γ over all cuts."""
    cost = 0.0
    for s in range(len(colours)):
        for entry in range(graph.offsets[s], graph.offsets[s + 1]):
            if graph.neighbours[entry] > s and colours[graph.neighbours[entry]] != colours[s]:
                cost += graph.weights[entry]
        if graph.joined[s] and colours[s + 1] != colours[s]:
            cost += graph.wire
    return cost


@njit(cache=True, nogil=True)
def excess_of(load, capacities):
    """Qubits without room, summed over pieces and steps."""
    excess = 0
    for piece in range(load.shape[0]):
        for step in range(load.shape[1]):
            excess += max(0, load[piece, step] - capacities[piece])
    return excess


@njit(cache=True, nogil=True)
def _load_all(graph, colours, load):
    load[:] = 0
    for qubit in range(len(graph.chains) - 1):
        _add_life(graph, graph.chains[qubit], graph.chains[qubit + 1], colours, load, 1)


@njit(cache=True, nogil=True)
def _move_groups(graph, colours, capacities, beta, penalty, work):
    """Proposes another piece for every group of several segments."""
    for group in range(len(work.group_offsets) - 1):
        low, high = work.group_offsets[group], work.group_offsets[group + 1]
        if high - low < 2:
            continue
        before = total_cost(graph, colours) + penalty * excess_of(work.load, capacities)
        old = colours[work.members[low]]
        new = int(_random(work.state) * len(capacities))
        for position in range(low, high):
            colours[work.members[position]] = new
        _load_all(graph, colours, work.load)
        after = total_cost(graph, colours) + penalty * excess_of(work.load, capacities)
        if _random(work.state) >= math.exp(min(0.0, -beta * (after - before))):
            for position in range(low, high):
                colours[work.members[position]] = old
            _load_all(graph, colours, work.load)


@njit(cache=True, nogil=True)
def anneal(graph, colours, capacities, members, group_offsets, sweeps, betas, penalties, seed):
    """Anneals a colouring in place and leaves the cheapest that fits, or else the one with least excess.

    Args:
        graph: the segments.
        colours: to begin with; segments of one group have one colour.
        capacities: of the pieces.
        members: segments, group after group.
        group_offsets: of each group in `members`.
        sweeps: how often each qubit is drawn, on average.
        betas: inverse temperatures at the beginning, at the end, and while the result is polished.
        penalties: of one qubit too many for one step, at the beginning and at the end.
        seed: of the draws.

    Returns:
        Its cost and its excess.
    """
    pieces, qubits = len(capacities), len(graph.chains) - 1
    longest = 1
    for qubit in range(qubits):
        longest = max(longest, graph.chains[qubit + 1] - graph.chains[qubit])
    bound = np.zeros(len(colours), dtype=np.bool_)
    for group in range(len(group_offsets) - 1):
        if group_offsets[group + 1] - group_offsets[group] > 1:
            bound[members[group_offsets[group] : group_offsets[group + 1]]] = True
    work = _Work(
        np.zeros((pieces, graph.steps), dtype=np.int64),
        np.zeros((pieces, graph.steps + 1), dtype=np.int64),
        np.zeros((longest, pieces)),
        np.zeros((longest, pieces)),
        np.zeros(pieces),
        bound,
        members,
        group_offsets,
        np.array([seed], dtype=np.uint64),
    )
    _load_all(graph, colours, work.load)
    best, best_cost, best_excess = colours.copy(), total_cost(graph, colours), excess_of(work.load, capacities)
    polish = max(3, sweeps // 10)
    for sweep in range(sweeps + polish):
        done = min(1.0, sweep / sweeps)
        beta = betas[0] * (betas[1] / betas[0]) ** done if sweep < sweeps else betas[2]
        penalty = penalties[0] * (penalties[1] / penalties[0]) ** done
        for _ in range(qubits):
            _redraw(graph, int(_random(work.state) * qubits), colours, capacities, beta, penalty, work)
        _move_groups(graph, colours, capacities, beta, penalty, work)
        excess = excess_of(work.load, capacities)
        if excess <= best_excess:
            cost = total_cost(graph, colours)
            if excess < best_excess or cost < best_cost:
                best[:], best_cost, best_excess = colours, cost, excess
    colours[:] = best
    return best_cost, best_excess
