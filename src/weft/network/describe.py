"""A network in a few words, as `weft networks` prints it."""

from __future__ import annotations

from weft.network.network import Network


def describe(network: Network) -> dict[str, str | int | None]:
    """What a table of networks shows, ready for JSON.

    Returns:
        `name`, `description`, `id`, `qpus`, `data_qubits`, `communication_qubits` (of all QPUs together; None if any
        QPU has as many as the program wants) and `links`.
    """
    limits = [qpu.communication_qubits for qpu in network.qpus]
    known = [limit for limit in limits if limit is not None]
    return {
        "name": network.name,
        "description": network.description,
        "id": network.id,
        "qpus": len(network.qpus),
        "data_qubits": network.data_qubits,
        "communication_qubits": sum(known) if len(known) == len(limits) else None,
        "links": len(network.links),
    }


def find_source(network: Network, path: str) -> str | None:
    """Where a number comes from, as far as the network knows.

    Args:
        network: which holds the number.
        path: of keys, such as `qpus.A.t2_s` or `links.0.attempt_s`. The source of a longer path wins over that of a
            shorter one, such as `qpus.A` or `qpus`; where a QPU or link has none, the source of `defaults.qpu` or
            `defaults.link` counts.
    """
    room, _, rest = path.partition(".")
    default = f"defaults.{room.removesuffix('s')}.{rest.rpartition('.')[2]}"
    return _longest_prefix(network, path) or _longest_prefix(network, default)


def _longest_prefix(network: Network, path: str) -> str | None:
    while path:
        if path in network.sources:
            return network.sources[path]
        path = path.rpartition(".")[0]
    return None
