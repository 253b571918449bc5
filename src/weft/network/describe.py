"""A network in a few words, as `weft networks` prints it."""

from __future__ import annotations

from weft.network.network import Network


def describe(network: Network) -> dict[str, str | int | float | None]:
    """What a table of networks shows, ready for JSON.

    Returns:
        `name`, `description`, `platform`, `id`, `qpus`, `data_qubits`, `communication_qubits` (of all QPUs together; None if any
        QPU has as many as the program wants), `links`; and of the first link, if there is one, `fidelity`, `rate_hz` (None if a
        pair is there at once) and `length_m`.
    """
    limits = [qpu.communication_qubits for qpu in network.qpus]
    known = [limit for limit in limits if limit is not None]
    return {
        "name": network.name,
        "description": network.description,
        "platform": network.platform,
        "id": network.id,
        "qpus": len(network.qpus),
        "data_qubits": network.data_qubits,
        "communication_qubits": sum(known) if len(known) == len(limits) else None,
        "links": len(network.links),
        **_first_link(network),
    }


def _first_link(network: Network) -> dict[str, float | None]:
    if not network.links:
        return {"fidelity": None, "rate_hz": None, "length_m": None}
    link = network.links[0]
    rate_hz = 1 / link.mean_wait_s if link.mean_wait_s else None
    return {"fidelity": link.delivered_pair.fidelity, "rate_hz": rate_hz, "length_m": link.length_m}


def path_of_link(network: Network, position: int) -> str:
    """The path of keys that a link's sources are under: its own, or that of its bus."""
    bus = network.links[position].bus
    if bus is None or f"links.{position}" in {_head(path) for path in network.sources}:
        return f"links.{position}"
    buses = list(dict.fromkeys(link.bus for link in network.links if link.bus is not None))
    return f"buses.{buses.index(bus)}"


def _head(path: str) -> str:
    return ".".join(path.split(".", 2)[:2])


def find_source(network: Network, path: str) -> str | None:
    """Where a number comes from, as far as the network knows.

    Args:
        network: which holds the number.
        path: of keys, such as `qpus.A.t2_s` or `links.0.attempt_s`. The source of a longer path wins over that of a
            shorter one, such as `qpus.A` or `qpus`; where a QPU or link has none, the source of `defaults.qpu` or
            `defaults.link` counts.
    """
    room, _, rest = path.partition(".")
    default = f"defaults.{'link' if room == 'buses' else room.removesuffix('s')}.{rest.partition('.')[2]}"
    return _longest_prefix(network, path) or _longest_prefix(network, default)


def _longest_prefix(network: Network, path: str) -> str | None:
    while path:
        if path in network.sources:
            return network.sources[path]
        path = path.rpartition(".")[0]
    return None
