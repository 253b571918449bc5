"""How large a network may be: refused early, before memory is."""

from __future__ import annotations

from weft.errors import InvalidNetworkError

MAX_QPUS = 20_000
MAX_DATA_QUBITS = 1_000_000
MAX_LINKS = 2_000_000


def check_size(qpus: int, data_qubits: int, links: int) -> None:
    """Refuse a network that is too large to build.

    Args:
        qpus: how many there would be.
        data_qubits: of all QPUs together.
        links: how many there would be.

    Raises:
        InvalidNetworkError: one of them is above its limit.
    """
    limits = (("QPUs", qpus, MAX_QPUS), ("data qubits", data_qubits, MAX_DATA_QUBITS), ("links", links, MAX_LINKS))
    for what, found, limit in limits:
        if found > limit:
            raise InvalidNetworkError(
                f"a network must have at most {limit:,} {what}, but this one would have {found:,}"
            )
