"""How often operations fail, each with a fault that is one of its Paulis, all equally likely."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.clinr.operations import IDLE, MEASURE_X, MEASURE_Z, PAIR, PREPARE_X, PREPARE_Z, Operations


@dataclass(frozen=True, slots=True)
class Noise:
    """Probabilities of faults.

    Attributes:
        two_qubit: p, of a two-qubit gate: one of 15 Paulis follows it.
        one_qubit: of a one-qubit gate: one of 3 Paulis follows it.
        preparation: of the state orthogonal to the one that is prepared.
        measurement: of a wrong bit.
        pair: ε, the infidelity of a link's Bell pair: one of 3 Paulis on one half.
        remote: of a two-qubit gate that uses up half of a link's pair.
        idle: of a qubit that waits for one gate time: one of 3 Paulis.
    """

    two_qubit: float = 0.0
    one_qubit: float = 0.0
    preparation: float = 0.0
    measurement: float = 0.0
    pair: float = 0.0
    remote: float = 0.0
    idle: float = 0.0

    def __post_init__(self) -> None:
        for name in (entry.name for entry in fields(self)):
            limit = 0.75 if name in {"pair", "idle"} else 1.0
            if not 0 <= getattr(self, name) <= limit:
                raise InvalidValueError(f"`{name}` must lie in [0, {limit}], but is {getattr(self, name)}")

    @classmethod
    def uniform(cls, p: float, **others: float) -> Noise:
        """One rate for all but one-qubit gates, which have a tenth of it, and waits, which have none.

        Args:
            p: the physical error rate.
            others: what is different, by the names of the attributes.
        """
        standard = dict.fromkeys(("two_qubit", "preparation", "measurement", "pair", "remote"), p)
        return cls(**(standard | {"one_qubit": p / 10} | others))

    def probabilities(self, operations: Operations) -> NDArray[np.float64]:
        """How likely each operation fails (float64 array, shape (operations,))."""
        rates = np.where(operations.qubits[:, 1] >= 0, self.two_qubit, self.one_qubit)
        rates[operations.remote] = self.remote
        rates[np.isin(operations.kinds, (PREPARE_Z, PREPARE_X))] = self.preparation
        rates[np.isin(operations.kinds, (MEASURE_Z, MEASURE_X))] = self.measurement
        rates[operations.kinds == PAIR] = self.pair
        waits = operations.kinds == IDLE
        rates[waits] = self.after_waiting(operations.waits[waits])
        return rates

    def after_waiting(self, gate_times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely a qubit that waited has a fault: a depolarizing channel repeated, ¾ (1 − (1 − ⁴⁄₃ q)ᵗ)."""
        kept: NDArray[np.float64] = (1 - 4 / 3 * self.idle) ** np.asarray(gate_times, dtype=np.float64)
        return 0.75 * (1 - kept)


def fault_ways(operations: Operations) -> NDArray[np.int64]:
    """How many Paulis each operation's fault may be: 15, 3 or 1 (int64 array, shape (operations,))."""
    ways = np.where(operations.is_two_qubit_gate, 15, 3)
    ways[np.isin(operations.kinds, (PREPARE_Z, PREPARE_X, MEASURE_Z, MEASURE_X))] = 1
    return ways
