"""Which stabilizers of a resource state are measured.

The resource state of a block C is C on the second halves B of n Bell pairs AB. Its stabilizers are Pᵀ ⊗ C P C† for the 4ⁿ Paulis P.

Source: Delfosse and Tham, arXiv 2407.06583.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.clinr.clifford_circuit import CliffordCircuit

Strategy = Literal["uniform", "generators"]
STRATEGIES: tuple[Strategy, ...] = ("uniform", "generators")

_X, _Y, _Z = 1, 2, 3


@dataclass(frozen=True, eq=False)
class Checks:
    """Stabilizers to measure, in this order.

    Attributes:
        paulis (uint8 array, shape (checks, 2 n)): 0 I, 1 X, 2 Y, 3 Z on A₀ … Aₙ₋₁, then on B₀ … Bₙ₋₁.
        signs (bool array, shape (checks,)): whether the stabilizer is minus that product: the bit that its measurement should give.
    """

    paulis: NDArray[np.uint8]
    signs: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.signs)

    @property
    def weights(self) -> NDArray[np.int64]:
        """On how many qubits each acts."""
        return np.count_nonzero(self.paulis, axis=1)


def choose_checks(block: CliffordCircuit, count: int, strategy: Strategy = "uniform", seed: int = 0) -> Checks:
    """Chooses stabilizers of a block's resource state at random.

    Args:
        block: C, n qubits.
        count: how many.
        strategy: `uniform` draws from all but the identity (about 1.5 n qubits each, if C scrambles); `generators` takes Xⱼ or
            Zⱼ on the input side and what follows on the output side, then the other way round, in turns (about 0.75 n qubits
            each), no generator twice as long as there are others.
        seed: of the choice.

    Raises:
        InvalidValueError: for an unknown strategy, or a negative number of checks.
    """
    if strategy not in STRATEGIES:
        raise InvalidValueError(f"`strategy` must be one of {', '.join(STRATEGIES)}, but is {strategy!r}")
    if count < 0:
        raise InvalidValueError(f"`count` must be at least 0, but is {count}")
    rng = np.random.default_rng(seed)
    choose = _uniform if strategy == "uniform" else _generators
    chosen = choose(block, count, rng)
    paulis = np.array([pauli for pauli, _ in chosen], dtype=np.uint8).reshape(count, 2 * block.num_qubits)
    return Checks(paulis, np.array([sign for _, sign in chosen], dtype=np.bool_))


def stabilizer_of_input(block: CliffordCircuit, pauli: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
    """Pᵀ ⊗ C P C† for a Pauli P on the input side, and whether its sign is −, with Yᵀ = −Y put into the sign."""
    image, sign = block.conjugation.forward(pauli)
    return np.concatenate((pauli, image)), sign ^ bool(np.count_nonzero(pauli == _Y) % 2)


def stabilizer_of_output(block: CliffordCircuit, pauli: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
    """(C† P C)ᵀ ⊗ P for a Pauli P on the output side, and whether its sign is −."""
    image, sign = block.conjugation.backward(pauli)
    return np.concatenate((image, pauli)), sign ^ bool(np.count_nonzero(image == _Y) % 2)


def _uniform(block: CliffordCircuit, count: int, rng: np.random.Generator) -> list[tuple[NDArray[np.uint8], bool]]:
    chosen: list[tuple[NDArray[np.uint8], bool]] = []
    while len(chosen) < count:
        pauli = rng.integers(4, size=block.num_qubits, dtype=np.uint8)
        if np.any(pauli):
            chosen.append(stabilizer_of_input(block, pauli))
    return chosen


def _generators(block: CliffordCircuit, count: int, rng: np.random.Generator) -> list[tuple[NDArray[np.uint8], bool]]:
    n = block.num_qubits
    orders = [np.concatenate([rng.permutation(2 * n) for _ in range(count // (4 * n) + 1)]) for _ in range(2)]
    chosen = []
    for number in range(count):
        qubit, is_z = divmod(int(orders[number % 2][number // 2]), 2)
        pauli = np.zeros(n, dtype=np.uint8)
        pauli[qubit] = _Z if is_z else _X
        chosen.append((stabilizer_of_output if number % 2 else stabilizer_of_input)(block, pauli))
    return chosen
