"""The hardware that a shorthand such as `ring:4x8` stands for.

A generic module of trapped ions with a photonic link. Every number here is *assumed* and round: near what laboratories
report, measured by none. All noise is Pauli noise, so that every simulator backend can play it out exactly.
"""

from __future__ import annotations

import math

from weft.network.bell_pair import BellPair
from weft.network.classical_link import ClassicalLink
from weft.network.devices import QPU, Link

QPU_DEFAULTS: dict[str, float] = {
    "one_qubit_gate_s": 1e-5,
    "two_qubit_gate_s": 1e-4,
    "measurement_s": 1e-4,
    "reset_s": 1e-5,
    "one_qubit_gate_error": 1e-4,
    "two_qubit_gate_error": 1e-3,
    "measurement_error": 1e-3,
    "reset_error": 1e-4,
    "t1_s": math.inf,
    "t2_s": 10.0,
}
"""Times in seconds, errors as average gate infidelities or probabilities; communication qubits are as data qubits."""

LINK_DEFAULTS: dict[str, float] = {
    "attempt_s": 1e-5,
    "success_probability": 1e-3,  # a mean wait of 10 ms: 100 pairs per second
    "classical_latency_s": 5e-8,  # 10 m of fibre at 2 × 10⁸ m/s
    "length_m": 10.0,
}
"""One channel; times in seconds, length in metres."""

PAIR_FIDELITY = 0.97
"""Of the Werner pair that a default link delivers."""


def default_qpu(name: str, data_qubits: int, communication_qubits: int | None = None) -> QPU:
    """A QPU of the default hardware.

    Args:
        name: unique in its network.
        data_qubits: how many; all can interact with all.
        communication_qubits: how many; None for as many as the program wants.
    """
    return QPU(name, data_qubits, communication_qubits, **QPU_DEFAULTS)  # type: ignore[arg-type]  # keys are literal


def default_link(a: str, b: str, pair: BellPair | None = None) -> Link:
    """A link of the default hardware.

    Args:
        a: name of one QPU.
        b: name of the other.
        pair: the default pair, where a caller makes many links and shares it.
    """
    return Link(a, b, pair=pair or BellPair.werner(PAIR_FIDELITY), **LINK_DEFAULTS)  # type: ignore[arg-type]  # keys are literal


def default_classical_link(a: str, b: str, *, real_time: bool) -> ClassicalLink:
    """A classical link of the default length.

    Args:
        a: name of one QPU.
        b: name of the other.
        real_time: whether bits arrive while qubits still hold.
    """
    return ClassicalLink(a, b, LINK_DEFAULTS["classical_latency_s"], real_time)
