"""Random choices of presence, and what they cost, counted slowly from the definition."""

from __future__ import annotations

from functools import cache, partial
from itertools import combinations

import numpy as np

from unit.program.random_cases import _condition, add_random_gates, dynamic_circuit, network_of, random_circuit
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.emit import emit
from weft.compiler.plan import plan_presence
from weft.compiler.presence import Layout, Presence, layout_of
from weft.compiler.routes import Routes
from weft.compiler.search import _copyable
from weft.compiler.segments import Segments, find_segments
from weft.network import Network
from weft.program import Program

PAULI_LIKE = ("cx", "cx", "cx", "cz", "cy", "cp", "crz", "ryy", "rzx", "ch", "cu3")
TURNS = ("h", "h", "h", "t", "s", "x", "y", "sx", "ry", "rz")


class Unchanged:
    """A refiner that leaves everything as it is, so that only packets are at work."""

    def refine(self, _layout: Layout, presence: Presence, _seed: int) -> Presence:
        return presence


def clifford_like(rng: np.random.Generator, qubits: int, gates: int, *, dynamic: bool = False) -> Circuit:
    """A circuit many of whose segments are embeddable, with other gates, conditions and measurements among them."""
    builder = CircuitBuilder(qubits, name="clifford-like")
    if dynamic:
        builder.add_register("c", 2)
    for qubit in range(qubits):
        builder.gate("u", qubit, angles=rng.uniform(-np.pi, np.pi, 3).tolist())
    others = 0.1 * rng.random()
    for _ in range(gates):
        what, condition = rng.random(), _condition(builder, rng, 0.1)
        qubit = int(rng.integers(qubits))
        if dynamic and what < 0.03:
            builder.measure(qubit, int(rng.integers(2)), condition=condition)
        elif dynamic and what < 0.05:
            builder.reset(qubit, condition=condition)
        elif what < 0.05 + others:
            add_random_gates(builder, rng, 1)
        else:
            names = PAULI_LIKE if what < 0.6 and qubits > 1 else TURNS
            name = str(rng.choice(names[: 5 if rng.random() < 0.8 else len(names)]))
            gate = GATES[CODES[name]]
            angles = rng.choice([np.pi, np.pi / 2, 0.3], gate.angles).tolist()
            operands = rng.choice(qubits, gate.qubits, replace=False).tolist()
            builder.gate(name, *operands, angles=angles, condition=condition)
    if dynamic:
        builder.measure(0, 0)
    return builder.build()


def members_of(bits: int) -> list[int]:
    return [qpu for qpu in range(64) if int(bits) >> qpu & 1]


def bits_of(members) -> int:
    return sum(1 << int(qpu) for qpu in members)


def neighbours_of(segments: Segments, v: int) -> tuple[int | None, int | None]:
    """The segments of the same qubit before and after."""
    first, last = segments.offsets[segments.qubits[v]], segments.offsets[segments.qubits[v] + 1]
    return (v - 1 if v > first else None), (v + 1 if v + 1 < last else None)


def partners_of(segments: Segments) -> list[list[int]]:
    """For each segment the other segment of each of its gates."""
    partners: list[list[int]] = [[] for _ in range(len(segments))]
    for v, w in segments.gates.tolist():
        partners[v].append(w)
        partners[w].append(v)
    return partners


def alive(segments: Segments) -> list[tuple[int, int]]:
    """First and last gate at which each segment has its home, both included: from the end of the one before to its own."""
    last_gate = max(len(segments.gates) - 1, 0)
    spans = []
    for v in range(len(segments)):
        before, after = neighbours_of(segments, v)
        first = 0 if before is None else int(segments.first_gate[v])
        spans.append((first, last_gate if after is None else int(segments.first_gate[after]) - 1))
    return spans


def homes_fit(segments: Segments, homes, capacities) -> bool:
    """At no gate are there more homes on a QPU than it has data qubits."""
    load = np.zeros((len(capacities), max(len(segments.gates), 1)), dtype=int)
    for home, (first, last) in zip(homes, alive(segments), strict=True):
        load[home, first : last + 1] += 1
    return bool(np.all(load <= np.array(capacities)[:, None]))


def is_legal(segments: Segments, presence: Presence) -> bool:
    """Homes are in their sets, and what is kept may be kept."""
    partners = partners_of(segments)
    for v, (members, home) in enumerate(zip(presence.sets.tolist(), presence.homes.tolist(), strict=True)):
        if not members >> home & 1:
            return False
        if not presence.kept[v]:
            continue
        before, after = neighbours_of(segments, v)
        if not segments.embeddable[v] or before is None or after is None or presence.kept[before]:
            return False
        if members & ~int(presence.sets[before]) or members & ~int(presence.sets[after]):
            return False
        if any(presence.kept[w] for w in partners[v]):
            return False
    return True


def random_presence(rng: np.random.Generator, segments: Segments, capacities) -> Presence:
    """Any homes that fit, any sets with them, anything kept that may be kept."""
    capacities = np.array(capacities)
    places = np.repeat(np.arange(len(capacities)), capacities)
    qubits = len(segments.offsets) - 1
    homes = rng.permutation(places)[:qubits][segments.qubits].astype(np.int64)
    spans = alive(segments)
    load = np.zeros((len(capacities), max(len(segments.gates), 1)), dtype=int)
    for home, (first, last) in zip(homes, spans, strict=True):
        load[home, first : last + 1] += 1
    for _ in range(int(rng.choice([0, 1, 3]))):
        for v in rng.permutation(len(segments)):
            first, last = spans[v]
            load[homes[v], first : last + 1] -= 1
            room = [k for k in range(len(capacities)) if np.all(load[k, first : last + 1] < capacities[k])]
            homes[v] = rng.choice(room)
            load[homes[v], first : last + 1] += 1
    density = rng.choice([0.0, 0.1, 0.3, 0.7])
    sets = [bits_of({home, *np.flatnonzero(rng.random(len(capacities)) < density).tolist()}) for home in homes.tolist()]
    kept = np.zeros(len(segments), dtype=np.bool_)
    partners = partners_of(segments)
    chance = rng.choice([0.0, 0.5, 1.0])
    for v in rng.permutation(len(segments)).tolist():
        before, after = neighbours_of(segments, v)
        if not segments.embeddable[v] or before is None or after is None or rng.random() >= chance:
            continue
        if kept[before] or kept[after] or any(kept[w] for w in partners[v]):
            continue
        wanted = bits_of({homes[v], *rng.choice(len(capacities), int(rng.integers(1, len(capacities) + 1)))})
        if wanted.bit_count() < 2:
            continue
        sets[v] = wanted
        sets[before] |= wanted
        sets[after] |= wanted
        kept[v] = True
    return Presence(np.array(sets, dtype=np.uint64), homes, kept)


def joining(lengths: np.ndarray):
    """Σ of lengths of the least tree that joins a set, by brute force over the QPUs at which it may branch (Kruskal)."""
    count = len(lengths)

    def spanning(members: tuple[int, ...]) -> float:
        joined, rest, total = {members[0]}, set(members[1:]), 0.0
        while rest:
            length, nearest = min((lengths[a, b], b) for a in joined for b in rest)
            total += length
            joined.add(nearest)
            rest.remove(nearest)
        return total

    @cache
    def least(members: tuple[int, ...]) -> float:
        if len(members) < 2:
            return 0.0
        others = [qpu for qpu in range(count) if qpu not in members]
        more = max(0, len(members) - 2)
        return min(
            spanning(members + extra)
            for size in range(more + 1)
            for extra in combinations(others, min(size, len(others)))
        )

    return lambda members: least(tuple(sorted(members)))


def slow_cost(segments: Segments, presence: Presence, lengths: np.ndarray) -> float:
    """The formula in the words of `weft.compiler.presence`, in plain Python."""
    tree = joining(lengths)
    sets = [members_of(bits) for bits in presence.sets.tolist()]
    kept = presence.kept.tolist()
    distance = lambda first, second: min(lengths[a, b] for a in first for b in second)
    cost = sum(tree(members) for members in sets)
    for v, w in segments.gates.tolist():
        if kept[v] or kept[w]:
            here, there = (v, w) if kept[v] else (w, v)
            cost += sum(distance([qpu], sets[there]) for qpu in sets[here])
        else:
            cost += distance(sets[v], sets[w])
    for v in range(len(segments)):
        _, after = neighbours_of(segments, v)
        if kept[v]:  # one tree serves the segment before, this one and the one after
            cost -= 2 * tree(sets[v])
        elif after is not None and not kept[after]:
            cost += distance(sets[v], sets[after])
    return cost


def planned(circuit: Circuit, network: Network) -> tuple[Circuit, Segments, Layout]:
    """A circuit as the compiler sees it, its segments, and what the search needs to know."""
    teleportable, _ = with_teleportable_gates(circuit)
    segments = find_segments(teleportable)
    capacities = np.array([qpu.data_qubits for qpu in network.qpus])
    return teleportable, segments, layout_of(segments, capacities, Routes(network).lengths)


def carried_out(circuit: Circuit, segments: Segments, network: Network, presence: Presence) -> Program:
    """The program of a choice of presence for a circuit with teleportable gates."""
    copyable = _copyable(circuit, np.flatnonzero(circuit.qubits[:, 1] >= 0)).reshape(-1, 2)
    return emit(circuit, Routes(network), segments, plan_presence(segments, presence, len(network.qpus), copyable))


def random_case(seed: int, limits=(None, None, None, 2, 3, 4), most_qubits: int = 7, most_gates: int = 30):
    """A circuit, a network with room for it, and a choice of presence: all at random, from one seed."""
    rng = np.random.default_rng(seed)
    qubits, gates = int(rng.integers(1, most_qubits + 1)), int(rng.integers(0, most_gates + 1))
    make = [random_circuit, dynamic_circuit, clifford_like, partial(clifford_like, dynamic=True)][rng.integers(4)]
    circuit = make(rng, qubits, gates)
    circuit = circuit.measured() if rng.random() < 0.3 else circuit
    count = int(rng.integers(1, 6))
    data = rng.multinomial(qubits + int(rng.integers(0, 4)), np.ones(count) / count).tolist()
    kind = str(rng.choice(["all", "line", "ring", "star", "grid"]))
    network = network_of(kind, data, limits[rng.integers(len(limits))])
    teleportable, segments, layout = planned(circuit, network)
    return circuit, network, teleportable, segments, layout, random_presence(rng, segments, data)
