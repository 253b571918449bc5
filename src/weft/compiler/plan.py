"""What a choice of presence means for each gate and each segment: where gates run, and which copies outlive what.

The plan is all that the emitter needs; it can be made from a search over presence or from packets alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weft.compiler.packets import Packets
from weft.compiler.presence import Presence
from weft.compiler.segments import Segments


@dataclass(frozen=True, eq=False)
class Plan:
    """Where everything happens.

    Attributes:
        homes: the QPU where each segment's qubit has its data qubit.
        places: for each two-qubit gate, the QPU where it runs; −1 if it runs wherever its kept segment is.
        through: for each kept segment, the QPUs that keep a copy through it.
        used: for each segment, the QPUs where it is ever present.
        exits: for each segment, the QPUs whose copies must outlive it: one, or those that the next segment keeps; empty if
            the qubit must be moved between the two.
        uses: for each segment and QPU (segment · QPUs + QPU), the gates there, ascending.
    """

    homes: list[int]
    places: list[int]
    through: dict[int, frozenset[int]]
    used: list[set[int]]
    exits: list[frozenset[int]]
    uses: dict[int, list[int]] = field(repr=False)


def plan_presence(segments: Segments, presence: Presence, qpus: int, copyable: NDArray[np.bool_]) -> Plan:
    """The plan of a choice of presence.

    Args:
        segments: of the circuit.
        presence: a choice for them.
        qpus: how many there are.
        copyable (bool array, shape (gates, 2)): the operand of a gate that can be copied without a change of basis; it is
            preferred where a gate has no common QPU and either could be copied.
    """
    homes = presence.homes.tolist()
    kept = np.flatnonzero(presence.kept).tolist()
    through = {v: frozenset(_members(int(presence.sets[v]))) for v in kept}
    gates = segments.gates
    places = _places(gates, presence, copyable)
    _spare_bases(gates, places, presence, copyable, segments, qpus)
    for v, members in _thinned(through, gates, places, homes).items():
        if len(members) > 1:
            through[v] = members
        else:
            del through[v]
            for gate in np.flatnonzero((gates == v).any(axis=1)).tolist():
                places[gate] = homes[v]
    if through:
        places[np.isin(gates, list(through)).any(axis=1)] = -1
    return _plan(segments, homes, places.tolist(), through, qpus, presence.sets.tolist())


def plan_packets(segments: Segments, homes: NDArray[np.int64], packets: Packets, rows: NDArray[np.int64]) -> Plan:
    """The plan in which every qubit stays at home and packets serve the gates across QPUs.

    Args:
        segments: of the circuit.
        homes: of each qubit.
        packets: chosen for these homes.
        rows: the rows of the two-qubit gates.
    """
    places = homes[segments.qubits[segments.gates[:, 0]]] if len(segments.gates) else np.zeros(0, dtype=np.int64)
    gates = np.searchsorted(rows, packets.rows)
    places[gates] = packets.targets[packets.of]
    return _plan(segments, homes[segments.qubits].tolist(), places.tolist(), {}, int(homes.max()) + 1)


def _members(bits: int) -> list[int]:
    return [position for position in range(bits.bit_length()) if bits >> position & 1]


def _places(gates: NDArray[np.int64], presence: Presence, copyable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where each gate runs: at a home if it can, else on any common QPU; if there is none, at the partner's home."""
    first, second = presence.sets[gates[:, 0]], presence.sets[gates[:, 1]]
    home_first, home_second = presence.homes[gates[:, 0]], presence.homes[gates[:, 1]]
    common = first & second
    one = np.uint64(1)

    def there(home: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray(common >> home.astype(np.uint64) & one, dtype=np.bool_)

    lowest = np.bitwise_count((common & (~common + one)) - one).astype(np.int64)
    places = np.where(there(home_first), home_first, np.where(there(home_second), home_second, lowest))
    apart = common == 0
    return np.where(apart, np.where(copyable[:, 0], home_second, home_first), places)


def _spare_bases(
    gates: NDArray[np.int64],
    places: NDArray[np.int64],
    presence: Presence,
    copyable: NDArray[np.bool_],
    segments: Segments,
    qpus: int,
) -> None:
    """Where a copy serves one gate only and its partner could be copied the other way, takes the one that needs no new basis."""
    if not len(gates):
        return
    homes = presence.homes[gates]
    keys = gates * qpus + places[:, None]
    uses = np.bincount(keys.ravel(), minlength=len(segments) * qpus)
    # A copy that a segment before or after has as well may be how the qubit gets there.
    around = np.zeros(len(segments) + 2, dtype=np.uint64)
    around[1:-1] = presence.sets
    same = np.concatenate(([False], segments.qubits[1:] == segments.qubits[:-1], [False]))
    nearby = np.where(same[:-1], around[:-2], np.uint64(0)) | np.where(same[1:], around[2:], np.uint64(0))
    bits = np.left_shift(np.uint64(1), places.astype(np.uint64))
    for copied in (0, 1):
        other = 1 - copied
        better = (homes[:, other] == places) & (homes[:, copied] != places) & (uses[keys[:, copied]] == 1)
        better &= copyable[:, other] & ~copyable[:, copied] & (nearby[gates[:, copied]] & bits == 0)
        places[better] = homes[better, copied]


def _thinned(
    through: dict[int, frozenset[int]],
    gates: NDArray[np.int64],
    places: NDArray[np.int64],
    homes: list[int],
) -> dict[int, frozenset[int]]:
    """Of the copies kept through segments, those that are of use both before and after."""
    wanted: dict[int, set[int]] = {}
    for v in through:
        for w in (v - 1, v + 1):
            wanted.setdefault(w, {homes[w]})
    if wanted:
        plain = ~np.isin(gates, list(through)).any(axis=1)
        for operand in (0, 1):
            rows = np.flatnonzero(plain & np.isin(gates[:, operand], list(wanted)))
            for v, place in zip(gates[rows, operand].tolist(), places[rows].tolist(), strict=True):
                wanted[v].add(place)
        # A neighbour may be the partner of another kept segment, and then is wanted wherever that is.
        for v, members in through.items():
            for gate in np.flatnonzero((gates == v).any(axis=1)).tolist():
                partner = int(gates[gate].sum()) - v
                if partner in wanted:
                    wanted[partner] |= members
    # The home stays in any case: capacities are counted with it.
    return {v: frozenset((members & wanted[v - 1] & wanted[v + 1]) | {homes[v]}) for v, members in through.items()}


def _plan(
    segments: Segments,
    homes: list[int],
    places: list[int],
    through: dict[int, frozenset[int]],
    qpus: int,
    sets: list[int] | None = None,
) -> Plan:
    used = [{home} for home in homes]
    uses: dict[int, list[int]] = defaultdict(list)
    for gate, (pair, place) in enumerate(zip(segments.gates.tolist(), places, strict=True)):
        here: tuple[int, ...] = (place,)
        if place < 0:
            here = tuple(sorted(through[pair[0]] if pair[0] in through else through[pair[1]]))
        for v in pair:
            used[v].update(here)
            for qpu in here:
                uses[v * qpus + qpu].append(gate)
    for v, members in through.items():
        used[v] = set(members)
        used[v - 1] |= members
        used[v + 1] |= members
    exits: list[frozenset[int]] = [frozenset()] * len(homes)
    ends = set((segments.offsets[1:] - 1).tolist())
    for v in range(1, len(homes) - 1):
        # A copy may be there only to wait between two segments that need it.
        if sets and not {v - 1, v} & ends and not used[v - 1] & used[v] and v not in through:
            used[v] |= {qpu for qpu in used[v - 1] & used[v + 1] if sets[v] >> qpu & 1 and not used[v + 1] & used[v]}
    for v in range(len(homes)):
        if v not in ends:
            exits[v] = _exit(v, homes, used, through)
    return Plan(homes, places, through, used, exits, uses)


def _exit(v: int, homes: list[int], used: list[set[int]], through: dict[int, frozenset[int]]) -> frozenset[int]:
    """The copies of segment v that the next segment goes on with."""
    if v + 1 in through:
        return through[v + 1]
    if v in through:
        return through[v]
    for qpu in (homes[v], homes[v + 1]):
        if qpu in used[v] and qpu in used[v + 1]:
            return frozenset((qpu,))
    common = used[v] & used[v + 1]
    return frozenset((min(common),)) if common else frozenset()
