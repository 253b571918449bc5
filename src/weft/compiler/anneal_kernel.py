"""The loops behind `Annealing`: one qubit's whole life at a time is drawn anew, given everything else.

With all other qubits fixed, the cost of a qubit's sets S₁, S₂, … is a sum over its segments and over neighbours in time, so the
life can be drawn exactly from the Boltzmann distribution: sums over all ways to get to each set are passed forward along the
segments, and sets are drawn backward (forward filtering, backward sampling: Carter and Kohn, Biometrika 81, 541 (1994)). Sets
vary on a few *active* QPUs and stay as they are on the rest. A gate whose partner's set is m costs its distance from S; with
the gates counted by which active QPUs would serve them, the cost of every S follows from one sum over subsets. So with a active
QPUs a draw costs about a 2^a + 4^a steps for each segment and one for each gate.

The limits on data qubits are a penalty, which grows as the temperature falls.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from weft.compiler.presence import Layout
from weft.compiler.presence_kernel import fits, load_of, total_cost
from weft.compiler.qpu_sets import bit, has, level_between, level_to, lowest, size, tree_cost

_EMPTY = np.uint64(0)
_ONE = np.uint64(1)


class _Work(NamedTuple):
    """Room for one draw, for the segments of one qubit (k) and the sets of active QPUs (s)."""

    active: np.ndarray  # QPUs
    pull: np.ndarray  # of each QPU, while choosing the active ones
    base: np.ndarray  # [k] the part of the set that stays
    full: np.ndarray  # [k, s] the whole set
    weights: np.ndarray  # [k, s] the sum over all ways to get there
    kept_weights: np.ndarray  # [k, s] the same if the segment is kept
    counts: np.ndarray  # [s] gates by the active QPUs that serve them; then the cost of gates for the complement of s
    reach: np.ndarray  # [j] how far an active QPU is from the one at hand
    burden: np.ndarray  # [j] the cost of keeping a copy at an active QPU
    trees: np.ndarray  # [k, s]
    excess: np.ndarray  # [j, t] data qubits too many at active QPUs, summed over time
    state: np.ndarray  # of the random numbers
    options: np.ndarray  # [s]
    prices: np.ndarray  # [s] how crowded the least crowded QPU of a set is
    arrivals: np.ndarray  # [s] the weight of coming to s from anywhere
    decays: np.ndarray  # the weight of each length


@njit(cache=True, error_model="numpy")
def _random(state: np.ndarray) -> float:
    """The next of a stream of random numbers in [0, 1): splitmix64, Steele, Lea and Flood, OOPSLA 2014."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    word = state[0]
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((word ^ (word >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@njit(cache=True, error_model="numpy")
def _choose_active(layout: Layout, homes: np.ndarray, first: int, last: int, work: _Work) -> None:
    """Draws the active QPUs of a qubit: its own and its partners' are likelier."""
    qpus, wanted = len(layout.capacities), len(work.active)
    if wanted == qpus:
        for position in range(qpus):
            work.active[position] = position
        return
    work.pull[:] = 0.3
    for v in range(first, last):
        work.pull[homes[v]] += 1.0
        for position in range(layout.neighbour_offsets[v], layout.neighbour_offsets[v + 1]):
            work.pull[homes[layout.neighbours[position]]] += 1.0
    work.pull[:] = np.sqrt(work.pull)
    for position in range(wanted):
        threshold = _random(work.state) * work.pull.sum()
        chosen = -1
        for qpu in range(qpus):
            if work.pull[qpu] > 0.0:
                chosen = qpu
                threshold -= work.pull[qpu]
                if threshold < 0.0:
                    break
        work.active[position] = chosen
        work.pull[chosen] = 0.0


@njit(cache=True, error_model="numpy")
def _count_gate(
    served: np.uint64,
    base: np.uint64,
    active: np.ndarray,
    reach: np.ndarray,
    levels: np.ndarray,
    costs: np.ndarray,
    uniform: bool,
    counts: np.ndarray,
) -> None:
    """Adds a gate whose partner is on the QPUs `served` to the counts, by which active QPUs would serve it at what distance."""
    if base & served != _EMPTY:
        return
    if uniform:
        mask = 0
        for j in range(len(active)):
            if has(served, active[j]):
                mask |= 1 << j
        counts[mask] += 1.0
        return
    for j in range(len(active)):
        reach[j] = level_to(served, active[j], levels, False)
    for level in range(min(level_between(base, served, levels, False), len(costs) - 1)):
        mask = 0
        for j in range(len(active)):
            if reach[j] <= level:
                mask |= 1 << j
        counts[mask] += costs[level + 1] - costs[level]


@njit(cache=True, error_model="numpy")
def _cost_of_gates(
    partners: np.ndarray,
    base: np.uint64,
    embeddable: bool,
    sets: np.ndarray,
    kept: np.ndarray,
    active: np.ndarray,
    reach: np.ndarray,
    levels: np.ndarray,
    costs: np.ndarray,
    uniform: bool,
    counts: np.ndarray,
    burden: np.ndarray,
) -> tuple[bool, float]:
    """Fills `counts`, so that a segment's gates cost counts[complement of s], and `burden`, their cost if it is kept.

    Returns whether it may be kept as far as its partners are concerned, and what keeping `base` costs.
    """
    counts[:] = 0.0
    burden[:] = 0.0
    keepable, base_burden = embeddable, 0.0
    for w in partners:
        served = sets[w]
        if kept[w]:
            keepable = False
            while served != _EMPTY:
                _count_gate(bit(lowest(served)), base, active, reach, levels, costs, uniform, counts)
                served &= served - _ONE
            continue
        _count_gate(served, base, active, reach, levels, costs, uniform, counts)
        if keepable:
            for j in range(len(active)):
                burden[j] += costs[level_to(served, active[j], levels, uniform)]
            rest = base
            while rest != _EMPTY:
                base_burden += costs[level_to(served, lowest(rest), levels, uniform)]
                rest &= rest - _ONE
    _sum_over_subsets(counts, len(active))
    return keepable, base_burden


@njit(cache=True, error_model="numpy")
def _crowding(excess: float, steps: int) -> float:
    """How much a home is in the way: 0 if there is room, at least 1 if there is none."""
    return 1.0 + excess / steps if excess > 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def _excess_at(load: np.ndarray, capacity: int, start: int, stop: int) -> float:
    """Data qubits too many at a QPU, summed over time, if there were one home more; `load` is that of the QPU."""
    total = 0.0
    for step in range(start, stop):
        total += max(0, load[step] + 1 - capacity)
    return total


@njit(cache=True, error_model="numpy")
def _price_of_homes(
    base: np.uint64,
    start: int,
    stop: int,
    excess: np.ndarray,
    load: np.ndarray,
    capacities: np.ndarray,
    prices: np.ndarray,
) -> None:
    """For every set of active QPUs with the base: how crowded its least crowded member is."""
    steps = stop - start
    prices[0] = 1e9
    rest = base
    while rest != _EMPTY:
        qpu = lowest(rest)
        prices[0] = min(prices[0], _crowding(_excess_at(load[qpu], capacities[qpu], start, stop), steps))
        rest &= rest - _ONE
    for j in range(len(excess)):
        price = _crowding(excess[j, stop] - excess[j, start], steps)
        for s in range(1 << j):
            prices[s | (1 << j)] = min(prices[s], price)


@njit(cache=True, error_model="numpy")
def _forward(
    first: int,
    last: int,
    beta: float,
    penalty: float,
    layout: Layout,
    sets: np.ndarray,
    kept: np.ndarray,
    load: np.ndarray,
    work: _Work,
) -> None:
    """Passes sums forward along the segments of a qubit."""
    # Arrays are taken out of the tuples once: handing whole tuples to small functions would cost more than their work.
    lengths, trees, uniform, levels, costs = layout.lengths, layout.trees, layout.uniform, layout.levels, layout.costs
    neighbours, offsets, embeddable = layout.neighbours, layout.neighbour_offsets, layout.embeddable
    active, base, full, weights, kept_weights = work.active, work.base, work.full, work.weights, work.kept_weights
    counts, reach, burden, excess, joins = work.counts, work.reach, work.burden, work.excess, work.trees
    prices, arrivals, options, decays = work.prices, work.arrivals, work.options, work.decays
    states = len(options)
    mask = _EMPTY
    for qpu in active:
        mask |= bit(qpu)
    base[0] = sets[first] & ~mask
    for k in range(last - first):
        v = first + k
        full[k, 0] = base[k]
        for j in range(len(active)):
            for s in range(1 << j):
                full[k, s | (1 << j)] = full[k, s] | bit(active[j])
        if v + 1 < last:
            base[k + 1] = sets[v + 1] & ~mask
        partners = neighbours[offsets[v] : offsets[v + 1]]
        keepable, base_burden = _cost_of_gates(
            partners, base[k], embeddable[v], sets, kept, active, reach, levels, costs, uniform, counts, burden
        )
        _price_of_homes(base[k], layout.starts[v], layout.stops[v], excess, load, layout.capacities, prices)
        least = np.inf
        empty = 1 if base[k] == _EMPTY else 0
        for s in range(empty, states):
            joins[k, s] = tree_cost(full[k, s], lengths, trees, uniform)
            cost = counts[states - 1 - s] + joins[k, s] + penalty * prices[s]
            weights[k, s] = cost
            least = min(least, cost)
        for s in range(states):
            weights[k, s] = math.exp(-beta * (weights[k, s] - least)) if s >= empty else 0.0
            kept_weights[k, s] = 0.0
        if k == 0:
            continue
        if keepable and v + 1 < last and base[k] & ~(base[k - 1] & base[k + 1]) == _EMPTY:
            _forward_kept(k, beta, base_burden - least, penalty, work)
        _arrive(k, weights, full, levels, decays, uniform, base[k - 1] & base[k] != _EMPTY, options, arrivals)
        if embeddable[v - 1] and base[k - 1] & ~base[k] == _EMPTY:
            _arrive_from_kept(kept_weights[k - 1], options, arrivals)
        biggest = 0.0
        for s in range(empty, states):
            weights[k, s] *= arrivals[s]
            biggest = max(biggest, weights[k, s])
        for s in range(states):
            weights[k, s] /= biggest
            kept_weights[k, s] /= biggest


@njit(cache=True, error_model="numpy")
def _forward_kept(k: int, beta: float, offset: float, penalty: float, work: _Work) -> None:
    """The sums for segment k if it takes copies through: its set must be part of the one before."""
    active = len(work.active)
    states = 1 << active
    work.options[:] = work.weights[k - 1]
    for j in range(active):
        for s in range(states):
            if not s >> j & 1:
                work.options[s] += work.options[s | (1 << j)]
    for s in range(states):
        if size(work.full[k, s]) < 2:
            continue
        cost = offset - work.trees[k, s] + penalty * work.prices[s]
        for j in range(active):
            if s >> j & 1:
                cost += work.burden[j]
        work.kept_weights[k, s] = work.options[s] * math.exp(-beta * cost)


@njit(cache=True, error_model="numpy")
def _sum_over_subsets(values: np.ndarray, active: int) -> None:
    """In place: at s, the sum over all subsets of s."""
    for j in range(active):
        for s in range(len(values)):
            if s >> j & 1:
                values[s] += values[s ^ (1 << j)]


@njit(cache=True, error_model="numpy")
def _arrive(
    k: int,
    weights: np.ndarray,
    full: np.ndarray,
    levels: np.ndarray,
    decays: np.ndarray,
    uniform: bool,
    meet: bool,
    options: np.ndarray,
    arrivals: np.ndarray,
) -> None:
    """Fills `arrivals` for segment k; `meet` says whether it shares with the one before a QPU that is not active."""
    states = len(options)
    if uniform:
        # All ways, less what those pay that come from a set apart from s, which is part of the complement of s.
        total = 0.0
        for before in range(states):
            options[before] = weights[k - 1, before]
            total += options[before]
        toll = 0.0 if meet or len(decays) < 2 else 1.0 - decays[1]
        _sum_over_subsets(options, int(np.log2(states) + 0.5))
        for s in range(states):
            arrivals[s] = max(total - toll * options[states - 1 - s], total * 1e-300)
        return
    for s in range(states):
        arrivals[s] = 0.0
        if full[k, s] == _EMPTY:
            continue
        for before in range(states):
            if weights[k - 1, before] > 0.0:
                arrivals[s] += (
                    weights[k - 1, before] * decays[level_between(full[k - 1, before], full[k, s], levels, False)]
                )


@njit(cache=True, error_model="numpy")
def _arrive_from_kept(kept_weights: np.ndarray, options: np.ndarray, arrivals: np.ndarray) -> None:
    """Adds the ways from a kept segment, each of which leads to all sets that contain its own."""
    options[:] = kept_weights
    _sum_over_subsets(options, int(np.log2(len(options)) + 0.5))
    for s in range(len(options)):
        arrivals[s] += options[s]


@njit(cache=True, error_model="numpy")
def _draw(options: np.ndarray, state: np.ndarray) -> int:
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


@njit(cache=True, error_model="numpy")
def _backward(first: int, last: int, layout: Layout, sets: np.ndarray, kept: np.ndarray, work: _Work) -> None:
    """Draws the sets from the last segment to the first."""
    levels, decays, uniform, full = layout.levels, work.decays, layout.uniform, work.full
    weights, kept_weights = work.weights, work.kept_weights
    states = len(work.options)
    chosen, is_kept = _draw(weights[last - first - 1], work.state), False
    ways = np.empty(2 * states)
    for k in range(last - first - 1, -1, -1):
        here = full[k, chosen]
        sets[first + k], kept[first + k] = here, is_kept
        if k == 0:
            return
        for before in range(states):
            ways[before] = weights[k - 1, before]
            ways[states + before] = 0.0
            if is_kept:
                if here & ~full[k - 1, before] != _EMPTY:
                    ways[before] = 0.0
                continue
            if ways[before] > 0.0:
                ways[before] *= decays[level_between(full[k - 1, before], here, levels, uniform)]
            if kept_weights[k - 1, before] > 0.0 and full[k - 1, before] & ~here == _EMPTY:
                ways[states + before] = kept_weights[k - 1, before]
        chosen = _draw(ways, work.state)
        is_kept = chosen >= states
        chosen %= states


@njit(cache=True, error_model="numpy")
def _settle(
    first: int, last: int, layout: Layout, sets: np.ndarray, homes: np.ndarray, load: np.ndarray, work: _Work
) -> None:
    """Chooses homes within the sets: the least crowded, and of those the one before."""
    previous = -1
    for v in range(first, last):
        best, least = -1, np.inf
        rest = sets[v]
        while rest != _EMPTY:
            qpu = lowest(rest)
            rest &= rest - _ONE
            start, stop = layout.starts[v], layout.stops[v]
            price = _crowding(_excess_at(load[qpu], layout.capacities[qpu], start, stop), stop - start)
            price += 1e-4 * _random(work.state) + (0.0 if qpu == previous else 1e-3)
            if price < least:
                best, least = qpu, price
        homes[v] = previous = best
        for step in range(layout.starts[v], layout.stops[v]):
            load[best, step] += 1


@njit(cache=True, error_model="numpy")
def _leave(first: int, last: int, layout: Layout, homes: np.ndarray, load: np.ndarray, work: _Work) -> None:
    """Takes a qubit's homes away, and sums up how crowded the active QPUs are without it."""
    for v in range(first, last):
        for step in range(layout.starts[v], layout.stops[v]):
            load[homes[v], step] -= 1
    for j in range(len(work.active)):
        qpu, total = work.active[j], 0.0
        work.excess[j, 0] = 0.0
        for step in range(layout.steps):
            total += max(0, load[qpu, step] + 1 - layout.capacities[qpu])
            work.excess[j, step + 1] = total


@njit(cache=True, error_model="numpy")
def anneal(
    layout: Layout,
    sets: np.ndarray,
    homes: np.ndarray,
    kept: np.ndarray,
    active: int,
    sweeps: int,
    betas: tuple[float, float],
    penalties: tuple[float, float],
    seed: int,
) -> float:
    """Anneals a choice in place and leaves the cheapest that fits; returns its cost, infinite if none did.

    Args:
        layout: what is to be laid out.
        sets: of the choice to begin with.
        homes: likewise.
        kept: likewise.
        active: how many QPUs are active in a draw.
        sweeps: how often each qubit is drawn, on average.
        betas: inverse temperatures at the beginning and at the end, by units of cost.
        penalties: of a home that has no room, in units of cost, at the beginning and at the end.
        seed: of the draws.
    """
    qubits, qpus = len(layout.chains) - 1, len(layout.capacities)
    longest = 0
    for qubit in range(qubits):
        longest = max(longest, layout.chains[qubit + 1] - layout.chains[qubit])
    states = 1 << active
    work = _Work(
        np.zeros(active, dtype=np.int64),
        np.zeros(qpus),
        np.zeros(longest + 1, dtype=np.uint64),
        np.zeros((longest, states), dtype=np.uint64),
        np.zeros((longest, states)),
        np.zeros((longest, states)),
        np.zeros(states),
        np.zeros(active, dtype=np.int64),
        np.zeros(active),
        np.zeros((longest, states)),
        np.zeros((active, layout.steps + 1)),
        np.array([seed], dtype=np.uint64),
        np.zeros(states),
        np.zeros(states),
        np.zeros(states),
        np.zeros(len(layout.costs)),
    )
    load = load_of(layout, homes)
    best_cost, best_sets, best_homes, best_kept = np.inf, sets.copy(), homes.copy(), kept.copy()
    if fits(layout, load):
        best_cost = total_cost(layout, sets, kept)
    for sweep in range(sweeps):
        done = sweep / max(1, sweeps - 1)
        beta = betas[0] * (betas[1] / betas[0]) ** done
        penalty = penalties[0] * (penalties[1] / penalties[0]) ** done
        work.decays[:] = np.exp(-beta * layout.costs)
        for _ in range(qubits):
            qubit = int(_random(work.state) * qubits)
            first, last = layout.chains[qubit], layout.chains[qubit + 1]
            _choose_active(layout, homes, first, last, work)
            _leave(first, last, layout, homes, load, work)
            _forward(first, last, beta, penalty, layout, sets, kept, load, work)
            _backward(first, last, layout, sets, kept, work)
            _settle(first, last, layout, sets, homes, load, work)
        if sweep == sweeps - 1 or sweep % 16 == 0:
            cost = total_cost(layout, sets, kept)
            if cost < best_cost and fits(layout, load):
                best_cost = cost
                best_sets[:], best_homes[:], best_kept[:] = sets, homes, kept
    sets[:], homes[:], kept[:] = best_sets, best_homes, best_kept
    return best_cost
