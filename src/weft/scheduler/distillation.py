"""Distillation: two pairs become one better pair, if two measurements agree; else both are lost.

A bilateral CNOT joins a pair that is kept with one that is measured. A Bell state is two bits, x (Φ or Ψ) and z (the sign); the
CNOTs send (x₁, z₁), (x₂, z₂) to (x₁, z₁ + z₂), (x₁ + x₂, z₂), and the kept pair survives if the measured one shows x = 0
(Bennett et al., Phys. Rev. Lett. 76, 722 (1996)). So mixtures of Bell states stay such mixtures, and any other state is twirled to
one first, which changes neither its fidelity nor what the protocol does with it. Before each round `bbpssw` twirls further, to a
Werner state; `dejmps` exchanges Φ− and Ψ− instead (Deutsch et al., Phys. Rev. Lett. 77, 2818 (1996)).

Rounds recur: round k joins two pairs that survived round k − 1, so that k rounds take 2^k raw pairs if nothing fails, made one
after another, and hold k + 1 of them at most. The QPUs' gates and measurements spoil the result as their errors say; waiting
between raw pairs does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.network import QPU, BellPair, Link

Protocol = Literal["bbpssw", "dejmps"]
_MOST_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Distillation:
    """A protocol and how often it recurs.

    Attributes:
        protocol: `bbpssw` or `dejmps`.
        rounds: from 1 to 16; 2^rounds raw pairs become one if nothing fails.

    Raises:
        InvalidValueError: for a protocol that there is not, or rounds that cannot be.
    """

    protocol: Protocol = "dejmps"
    rounds: int = 1

    def __post_init__(self) -> None:
        if self.protocol not in get_args(Protocol):
            raise InvalidValueError(f"`protocol` must be bbpssw or dejmps, but is {self.protocol!r}")
        if not isinstance(self.rounds, int) or not 1 <= self.rounds <= _MOST_ROUNDS:
            raise InvalidValueError(f"`rounds` must be a whole number in 1 … {_MOST_ROUNDS}, but is {self.rounds!r}")

    def outcome(self, link: Link, qpus: tuple[QPU, QPU]) -> tuple[tuple[float, ...], BellPair]:
        """The probability that each round succeeds, and the pair that the last one leaves.

        Args:
            link: whose pairs are distilled.
            qpus: at its two ends.

        Raises:
            InvalidValueError: if the pairs are too bad to become better: at a fidelity of 1/2 or less.
        """
        pair = link.delivered_pair
        if pair.fidelity <= 0.5:
            raise InvalidValueError(
                f"a pair must have a fidelity above 1/2 to be distilled, but link `{link.name}` gives {pair.fidelity:g}"
            )
        weights = np.array(pair.bell_weights)
        odds = []
        for _ in range(self.rounds):
            prepared = _spread(self._prepare(weights), [1.5 * qpu.one_qubit_gate_error for qpu in qpus], 4)
            probability, weights = _join(prepared, qpus)
            odds.append(probability)
        return tuple(odds), BellPair.bell_diagonal(weights.tolist())

    def round_s(self, link: Link, qpus: tuple[QPU, QPU]) -> float:
        """Duration of one round: a one- and a two-qubit gate and a measurement at the slower end, and a bit that travels."""
        return max(qpu.one_qubit_gate_s + qpu.two_qubit_gate_s + qpu.measurement_s for qpu in qpus) + (
            link.classical_latency_s
        )

    def _prepare(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.protocol == "bbpssw":
            rest = (1 - weights[0]) / 3
            return np.array([weights[0], rest, rest, rest])
        return weights[[0, 3, 2, 1]]


def _spread(weights: NDArray[np.float64], pauli_weights: list[float], paulis: int) -> NDArray[np.float64]:
    """Depolarising noise: a Pauli on one half exchanges Bell states, so it moves weight evenly to all of them."""
    for weight in pauli_weights:
        share = weight * paulis / (paulis - 1)
        weights = (1 - share) * weights + share * weights.sum() / weights.size
    return weights


def _join(weights: NDArray[np.float64], qpus: tuple[QPU, QPU]) -> tuple[float, NDArray[np.float64]]:
    """One round on two equal pairs: how likely the measurements agree, and the weights of the pair that is kept then.

    Gate errors are charged after the CNOTs, with total Pauli weight 5/4 of the infidelity (see `weft.simulator.noise`).
    """
    joint = np.zeros((4, 4))
    for kept in range(4):
        for measured in range(4):
            joint[kept ^ (measured & 1), measured ^ (kept & 2)] += weights[kept] * weights[measured]
    joint = _spread(joint, [1.25 * qpu.two_qubit_gate_error for qpu in qpus], 16)
    one, other = (qpu.measurement_error for qpu in qpus)
    wrong = one * (1 - other) + other * (1 - one)
    survives = (1 - wrong) * joint[:, :2].sum(axis=1) + wrong * joint[:, 2:].sum(axis=1)
    probability = float(survives.sum())
    return probability, survives / probability
