"""Homes to begin with: tries several sets of QPUs and keeps the assignment that costs the fewest ebits if no qubit moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler.packets import choose_packets
from weft.compiler.partition import Hypergraph, Partitioner
from weft.compiler.routes import Routes
from weft.compiler.segments import Segments
from weft.errors import DoesNotFitError, InvalidValueError
from weft.network import Network

_MOST_STARTS = 64


def place(
    circuit: Circuit,
    segments: Segments,
    hypergraph: Hypergraph,
    routes: Routes,
    partitioner: Partitioner,
    *,
    seed: int,
) -> NDArray[np.int64]:
    """Homes for the qubits of a circuit in which every two-qubit gate can be teleported as it is.

    Args:
        circuit: to place.
        segments: of the circuit.
        hypergraph: of its segments.
        routes: of the network to place it on.
        partitioner: divides qubits into blocks.
        seed: of the partitioner.

    Returns:
        The QPU of each qubit, shape (qubits,).

    Raises:
        DoesNotFitError: if the network has too few data qubits.
        InvalidValueError: if what the partitioner gives is not a division into blocks.
    """
    network = routes.network
    check_room(circuit, network)
    lengths = routes.lengths
    best, least = None, np.inf
    for qpus in _candidate_sets(circuit.num_qubits, network):
        capacities = [min(network.qpus[qpu].data_qubits, circuit.num_qubits) for qpu in qpus]
        blocks = partitioner.partition(hypergraph, capacities, seed)
        _check_blocks(blocks, circuit.num_qubits, capacities)
        homes = np.array(qpus, dtype=np.int64)[blocks]
        traffic = _traffic(circuit, segments, homes, network)
        homes = _relabel(homes, traffic, network, lengths)
        packets = choose_packets(circuit.qubits, segments, homes)
        cost = float(lengths[packets.sources, packets.targets].sum())
        if cost < least:
            best, least = homes, cost
        if least == 0:
            break
    if best is None:
        raise DoesNotFitError("a network must have a QPU with data qubits, but has none")
    return best


def check_room(circuit: Circuit, network: Network) -> None:
    """Refuses a circuit that has more qubits than a network.

    Raises:
        DoesNotFitError: if it has.
    """
    if circuit.num_qubits > network.data_qubits:
        raise DoesNotFitError(
            f"the circuit must fit on the network, but it has {circuit.num_qubits} qubits and network `{network.name}` "
            f"has {network.data_qubits} data qubits"
        )


def _check_blocks(blocks: NDArray[np.int64], qubits: int, capacities: list[int]) -> None:
    """Partitioners come from outside."""
    good = (
        blocks.shape == (qubits,) and blocks.dtype.kind in "iu" and np.all((blocks >= 0) & (blocks < len(capacities)))
    )
    if not good or np.any(np.bincount(blocks, minlength=len(capacities)) > capacities):
        raise InvalidValueError(
            f"a partitioner must give each of the {qubits} qubits one of {len(capacities)} blocks, which hold at most "
            f"{capacities}, but gave {blocks}"
        )


def _candidate_sets(qubits: int, network: Network) -> list[list[int]]:
    """The smallest group of close QPUs that can hold the circuit, and all QPUs."""
    everything = [position for position, qpu in enumerate(network.qpus) if qpu.data_qubits > 0]
    sizes = {position: network.qpus[position].data_qubits for position in everything}
    connected = [position for position in everything if network.qpus[position].communication_qubits != 0]
    if max(sizes.values()) < qubits <= sum(sizes[position] for position in connected):
        everything = connected  # what takes part in no remote gate is of use only to who needs no other
    by_size = sorted(everything, key=lambda position: (-sizes[position], position))
    groups = []
    for start in by_size[:_MOST_STARTS]:
        group, held, spread = [start], sizes[start], 0
        rest = set(everything) - {start}
        while held < qubits:
            nearest = min(rest, key=lambda qpu: (int(network.hops[group, qpu].sum()), -sizes[qpu], qpu))
            spread += int(network.hops[group, nearest].sum())
            group.append(nearest)
            held += sizes[nearest]
            rest.remove(nearest)
        groups.append((len(group), spread, sorted(group)))
    smallest = min(groups)[2]
    return [smallest] if smallest == everything else [smallest, everything]


def _traffic(circuit: Circuit, segments: Segments, homes: NDArray[np.int64], network: Network) -> NDArray[np.int64]:
    """Packets that could be wanted between each two QPUs, shape (QPUs, QPUs), symmetric."""
    count = len(network.qpus)
    traffic = np.zeros((count, count), dtype=np.int64)
    owners = homes[circuit.qubits]
    apart = (circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1])
    for operand in (0, 1):
        wanted = apart & (segments.of[:, operand] >= 0)
        packets = np.unique(np.column_stack((segments.of[wanted, operand], owners[wanted, 1 - operand])), axis=0)
        np.add.at(traffic, (homes[segments.qubits[packets[:, 0]]], packets[:, 1]), 1)
    return traffic + traffic.T


def _relabel(
    homes: NDArray[np.int64], traffic: NDArray[np.int64], network: Network, lengths: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Exchanges blocks between QPUs while that brings blocks with much traffic closer together."""
    count = len(network.qpus)
    load = np.bincount(homes, minlength=count)
    room = np.array([qpu.data_qubits for qpu in network.qpus])
    at = np.arange(count)  # the QPU where each block now lives
    used = lengths[traffic > 0]
    if np.all(used == used[:1]):
        return homes
    improved = True
    while improved:
        improved = False
        for first in range(count):
            for second in range(first + 1, count):
                if load[first] > room[at[second]] or load[second] > room[at[first]]:
                    continue
                trial = at.copy()
                trial[first], trial[second] = at[second], at[first]
                affected = [first, second]
                before = np.sum(traffic[affected] * lengths[at[affected]][:, at])
                after = np.sum(traffic[affected] * lengths[trial[affected]][:, trial])
                if after < before:
                    at, improved = trial, True
    return at[homes]
