"""What a network is compared with: one big QPU of the same hardware, and the same QPUs with classical links only."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from weft.network import QPU, ClassicalLink, Network


def hardware_of(network: Network) -> QPU:
    """The QPU whose numbers stand for the hardware of a network: the one with the most data qubits, the first of several."""
    return max(network.qpus, key=lambda qpu: qpu.data_qubits)


def one_big_qpu(network: Network, qubits: int) -> Network:
    """One QPU with the numbers of the largest, where every two data qubits can interact; nobody may be able to build it.

    Args:
        network: whose hardware is meant.
        qubits: data qubits that it shall have; one at least.
    """
    alike = replace(hardware_of(network), name="QPU", communication_qubits=0, coupling=None, trusted=False)
    qpu = replace(alike, data_qubits=max(qubits, 1))
    return Network(f"one QPU of {qubits}", (qpu,), (), platform=network.platform)


def classical_links_only(network: Network) -> Network:
    """The QPUs of a network that have data qubits, every two joined by a classical link as fast as the route between them.

    Bits arrive in real time where they do so within the T2 of both QPUs. A network that has no quantum links stays as it is.
    """
    if not network.links:
        return network
    places = [place for place, qpu in enumerate(network.qpus) if qpu.data_qubits]
    return Network(
        name=f"{network.name}, classical links"[:200],
        qpus=tuple(replace(network.qpus[place], communication_qubits=0) for place in places),
        links=(),
        classical_links=tuple(_classical_link(network, a, b) for a, b in combinations(places, 2)),
        platform=network.platform,
    )


def _classical_link(network: Network, a: int, b: int) -> ClassicalLink:
    ends = network.qpus[a], network.qpus[b]
    known = {frozenset((link.a, link.b)): link for link in network.classical_links}
    kept = known.get(frozenset((ends[0].name, ends[1].name)))
    if kept is not None:
        return kept
    latency_s = float(network.classical_latency_s[a, b])
    shortest = min(qpu.coherence(communication=False)[1] for qpu in ends)
    is_joined = any(a in island and b in island for island in network.islands)
    return ClassicalLink(ends[0].name, ends[1].name, latency_s, is_joined and latency_s < shortest)
