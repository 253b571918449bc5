"""Networks whose links or qubits are better or worse than they are, by a factor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from weft.errors import InvalidValueError
from weft.network import QPU, BellPair, Link, Network

_WORST_PAIR = 0.74
"""Infidelity that pairs are spoilt to at most; at 3/4 nothing is left of them."""
_WORST_GATE = 0.25
_LEAST, _MOST = 1e-2, 1e2


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is scaled.

    Attributes:
        words: what a factor means.
        symbol: of the number that is shown for it.
        unit: of that number.
    """

    words: str
    symbol: str
    unit: str


QUANTITIES = {
    "rate": Quantity("rate of the links", "pairs per second", "Hz"),
    "fidelity": Quantity("infidelity of the pairs", "fidelity of a pair", ""),
    "t2": Quantity("T1 and T2", "T2", "s"),
    "gate-error": Quantity("errors of gates", "two-qubit gate error", ""),
}
"""By the names that `--crossover` has for them; `size`, which is none of hardware, has its own file."""


def scaled(network: Network, quantity: str, factor: float) -> Network:
    """The network with one quantity scaled everywhere; what is not there stays away.

    Args:
        network: as it is.
        quantity: of `QUANTITIES`.
        factor: above 0. Attempts take so many times less time (`rate`), the infidelity of every pair is so many times as great
            (`fidelity`: mixed with Φ+ below 1, with the maximally mixed state above), as are all T1 and T2 (`t2`), and the average
            infidelities of gates on one and two qubits (`gate-error`).
    """
    if quantity in ("rate", "fidelity"):
        change = _faster if quantity == "rate" else _spoilt
        return replace(network, links=tuple(change(link, factor) for link in network.links))
    on_qpu = _longer_lived if quantity == "t2" else _noisier
    return replace(network, qpus=tuple(on_qpu(qpu, factor) for qpu in network.qpus))


def value_of(network: Network, quantity: str) -> float:
    """The number that is shown: of the worst link, or of the worst QPU."""
    if quantity == "t2":
        return min(qpu.coherence(communication=False)[1] for qpu in network.qpus)
    if quantity == "gate-error":
        return max(qpu.two_qubit_gate_error for qpu in network.qpus)
    if quantity == "fidelity":
        return min(link.delivered_pair.fidelity for link in network.links)
    slowest_s = max(link.mean_wait_s for link in network.links)
    return 1 / slowest_s if slowest_s else math.inf


def factors_between(network: Network, quantity: str) -> tuple[float, float]:
    """The least and the greatest factor that make sense.

    Raises:
        InvalidValueError: if there is nothing to scale.
    """
    if quantity in ("rate", "fidelity") and not network.links:
        raise InvalidValueError(
            f"`{network.name}` must have quantum links for a crossover over `{quantity}`, but has none"
        )
    now = value_of(network, quantity)
    if now in (0, math.inf) or (quantity == "fidelity" and now == 1):
        raise InvalidValueError(
            f"the {QUANTITIES[quantity].words} of `{network.name}` must be imperfect for a crossover over `{quantity}`, but "
            f"{QUANTITIES[quantity].symbol} is {now:g}; give a network where there is something to scale"
        )
    if quantity == "rate":
        return _LEAST / 10, _MOST * 10
    worst = (
        _WORST_PAIR / (1 - now) if quantity == "fidelity" else _WORST_GATE / now if quantity == "gate-error" else _MOST
    )
    return _LEAST, min(_MOST, worst)


def _faster(link: Link, factor: float) -> Link:
    return replace(link, attempt_s=link.attempt_s / factor)


def _spoilt(link: Link, factor: float) -> Link:
    infidelity = 1 - link.pair.fidelity
    wanted = min(infidelity * factor, max(_WORST_PAIR, infidelity))
    if wanted <= infidelity:
        kept, ideal = factor, BellPair.werner(1.0)
    else:
        kept, ideal = (0.75 - wanted) / (0.75 - infidelity), BellPair.werner(0.25)
    return replace(link, pair=BellPair.from_density_matrix(kept * link.pair.matrix + (1 - kept) * ideal.matrix))


def _longer_lived(qpu: QPU, factor: float) -> QPU:
    """Echo pulses keep their share of T2."""
    keys = ("t1_s", "t2_s", "communication_t1_s", "communication_t2_s", "decoupling_interval_s")
    given = {key: value * factor for key in keys if (value := getattr(qpu, key)) is not None}
    return replace(qpu, **given)


def _noisier(qpu: QPU, factor: float) -> QPU:
    return replace(
        qpu,
        one_qubit_gate_error=min(qpu.one_qubit_gate_error * factor, 0.5),
        two_qubit_gate_error=min(qpu.two_qubit_gate_error * factor, 0.75),
    )
