"""Branch and bound over colourings of segments: finds the cheapest below a limit, or proves that there is none.

Groups of segments are coloured in a fixed order. What is coloured costs what it costs; each group that is not will be parted at
least from all its coloured neighbours but those of one colour. A branch ends where this sum reaches the limit, or where a piece has
more qubits alive than it may.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class GroupGraph(NamedTuple):
    """Groups of segments as vertices; edges are cuts between them, of gates and of wires.

    Attributes:
        members (int64 array): segments, group after group.
        member_offsets (int64 array, shape (groups + 1,)): of each group in `members`.
        offsets (int64 array, shape (groups + 1,)): of the entries of each group in the next two.
        neighbours (int64 array): other groups.
        weights (float array): log γ of parting them.
    """

    members: NDArray[np.int64]
    member_offsets: NDArray[np.int64]
    offsets: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    weights: NDArray[np.float64]


class _State(NamedTuple):
    colours: np.ndarray  # [segment] −1 until it has one
    taken: np.ndarray  # [group] its colour, −1 until it has one
    used: np.ndarray  # [piece] groups in it
    attached: np.ndarray  # [group, piece] weight of its edges to coloured groups
    load: np.ndarray  # [piece, step]


@njit(cache=True, nogil=True)
def _least(row):
    """What a group will cost at least: its edges to coloured groups but for those of the best colour."""
    return row.sum() - row.max()


@njit(cache=True, nogil=True)
def _fill(load, piece, start, stop, amount, capacity):
    """Adds to a piece's load; returns whether it still fits."""
    fits = True
    for step in range(start, stop):
        load[piece, step] += amount
        if load[piece, step] > capacity:
            fits = False
    return fits


@njit(cache=True, nogil=True)
def _colour_segments(graph, groups, group, piece, amount, capacity, state):
    """Adds (1) or takes away (−1) the segments of a group, gaps included; returns whether the piece still fits."""
    fits = True
    for position in range(groups.member_offsets[group], groups.member_offsets[group + 1]):
        s = groups.members[position]
        if amount < 0:
            state.colours[s] = -1
        fits &= _fill(state.load, piece, graph.starts[s], graph.stops[s], amount, capacity)
        if s > 0 and graph.joined[s - 1] and state.colours[s - 1] == piece:
            fits &= _fill(state.load, piece, graph.stops[s - 1], graph.starts[s], amount, capacity)
        if graph.joined[s] and state.colours[s + 1] == piece:
            fits &= _fill(state.load, piece, graph.stops[s], graph.starts[s + 1], amount, capacity)
        if amount > 0:
            state.colours[s] = piece
    return fits


@njit(cache=True, nogil=True)
def _attach(groups, group, piece, sign, state):
    """Tells the neighbours that a group has, or no longer has, a colour; returns the change of what they cost at least."""
    change = 0.0
    for entry in range(groups.offsets[group], groups.offsets[group + 1]):
        other = groups.neighbours[entry]
        if state.taken[other] < 0:
            change -= _least(state.attached[other])
            state.attached[other, piece] += sign * groups.weights[entry]
            change += _least(state.attached[other])
    return change


@njit(cache=True, nogil=True)
def _next_piece(row, tried, used, capacities):
    """The untried piece with the strongest pull; of empty pieces of one capacity, only the first; −1 if none is left."""
    best = -1
    for piece in range(len(capacities)):
        if tried[piece] or (best >= 0 and row[piece] <= row[best]):
            continue
        first = True
        if used[piece] == 0:
            for other in range(piece):
                first &= not (used[other] == 0 and capacities[other] == capacities[piece])
        if first:
            best = piece
    return best


@njit(cache=True, nogil=True)
def branch_and_bound(graph, groups, order, capacities, limit, most_nodes):
    """Looks for the cheapest colouring that costs less than a limit.

    Args:
        graph: the segments.
        groups: the same as groups, with all edges.
        order: in which to colour them.
        capacities: of the pieces.
        limit: only what costs less counts.
        most_nodes: after which to give up.

    Returns:
        Whether the search was complete, the least cost found (or the limit), and the colours of segments (−1 if none was found).
    """
    count, pieces = len(order), len(capacities)
    state = _State(
        np.full(len(graph.starts), -1),
        np.full(count, -1),
        np.zeros(pieces, dtype=np.int64),
        np.zeros((count, pieces)),
        np.zeros((pieces, graph.steps), dtype=np.int64),
    )
    best = np.full(len(graph.starts), -1)
    tried = np.zeros((count + 1, pieces), dtype=np.bool_)
    costs, rests = np.zeros(count + 1), np.zeros(count + 1)
    depth, nodes = 0, 0
    while depth >= 0:
        if depth == count:
            if costs[depth] < limit - 1e-9:
                limit = costs[depth]
                best[:] = state.colours
            depth -= 1
            continue
        group = order[depth]
        if state.taken[group] >= 0:  # back from below
            piece = state.taken[group]
            state.taken[group] = -1
            state.used[piece] -= 1
            _colour_segments(graph, groups, group, piece, -1, capacities[piece], state)
            _attach(groups, group, piece, -1.0, state)
        piece = _next_piece(state.attached[group], tried[depth], state.used, capacities)
        row = state.attached[group]
        if piece < 0 or costs[depth] + rests[depth] - _least(row) + row.sum() - row[piece] >= limit - 1e-9:
            tried[depth] = False
            depth -= 1
            continue
        nodes += 1
        if nodes > most_nodes:
            return False, limit, best
        tried[depth, piece] = True
        state.taken[group] = piece
        state.used[piece] += 1
        fits = _colour_segments(graph, groups, group, piece, 1, capacities[piece], state)
        costs[depth + 1] = costs[depth] + row.sum() - row[piece]
        rests[depth + 1] = rests[depth] - _least(row) + _attach(groups, group, piece, 1.0, state)
        if fits and costs[depth + 1] + rests[depth + 1] < limit - 1e-9:
            depth += 1
    return True, limit, best
