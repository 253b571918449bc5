"""A perfect Bell pair from a poor one, or from none, as a sum of what two ends can do apart.

With f the overlap of the pair's state with the maximally entangled state that is closest to it, local unitaries and a twirl
turn the pair into f Φ+ + (1 − f) σ, where σ = (1 − Φ+)/3. The state σ is a mixture of products |v⟩|v⊥*⟩ of eigenstates of the
Paulis, which the ends prepare without any pair. So Φ+ = (1/f) pair − ((1 − f)/f) σ, and γ = 2/f − 1: 1 for a perfect pair,
3 at f = ½. Below that the pair does not help; the mixture of the products |v⟩|v*⟩, which has f = ½, is as good.

For pure states no local operations do better, even with communication. For some mixed states, local operations that
communicate can raise f, so that γ is an upper bound there.

Sources: Bechtold, Barzen, Leymann, Mandl, arXiv 2306.12084 and 2403.09690, for γ with pure states and its optimality; M., P. and
R. Horodecki, Phys. Rev. A 60, 1888 (1999), for twirls and fully entangled fractions; Badziąg and the same, Phys. Rev. A 62,
012311 (2000), for states whose f can be raised; Bennett, DiVincenzo, Smolin, Wootters, Phys. Rev. A 54, 3824 (1996), for f in
the magic basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, PAULIS, Matrix, matrix_of
from weft.network.bell_pair import BELL_STATES, BellPair
from weft.protocols.cutting.operations import PREPARATIONS, Step, preparation_steps, unitary_steps

BELL_TURNS: tuple[Matrix, ...] = tuple(PAULIS[[0, 3, 1, 2]])
"""On either end of Φ+, they make Φ+, Φ−, Ψ+ and Ψ− of it."""
EXACT = 1e-12
"""How far a twirled state may be from what it should be."""


@dataclass(frozen=True, slots=True)
class PairTerm:
    """One way to stand in for a Bell pair.

    Attributes:
        coefficient: how much it counts.
        real: whether it takes a delivered pair, which the steps then dress; else they prepare from |00⟩.
        first: steps on qubit 0 of the first end.
        second: steps on qubit 0 of the second end.
    """

    coefficient: float
    real: bool
    first: tuple[Step, ...]
    second: tuple[Step, ...]


@dataclass(frozen=True)
class PairDecomposition:
    """Φ+ as a sum of pairs that can be had.

    Attributes:
        terms: their coefficients add up to 1.
    """

    terms: tuple[PairTerm, ...]

    @cached_property
    def overhead(self) -> float:
        """γ = Σ |coefficient|; γ² times as many shots are needed as with perfect pairs."""
        return sum(abs(term.coefficient) for term in self.terms)

    @cached_property
    def real_share(self) -> float:
        """How many of the shots take a delivered pair if terms are drawn by the size of their coefficients."""
        return sum(abs(term.coefficient) for term in self.terms if term.real) / self.overhead

    def state(self, pair: BellPair | None = None) -> Matrix:
        """What the terms add up to, which is Φ+.

        Args:
            pair: what is delivered; none is needed if no term is real.

        Returns:
            A complex array, shape (4, 4), basis 00, 01, 10, 11.
        """
        delivered = np.zeros((4, 4), dtype=np.complex128) if pair is None else pair.matrix
        prepared = np.diag([1.0 + 0j, 0, 0, 0])
        parts = [
            term.coefficient * dressed(delivered if term.real else prepared, _matrix(term.first), _matrix(term.second))
            for term in self.terms
        ]
        return np.sum(parts, axis=0)


def entangled_fraction(pair: BellPair) -> float:
    """The overlap f of a pair with the maximally entangled state that is closest to it; in [1/4, 1]."""
    return alignment(pair)[0]


def alignment(pair: BellPair) -> tuple[float, Matrix]:
    """The overlap f, and the unitary of the second qubit that turns the maximally entangled state closest to a pair into Φ+.

    Where Φ+ itself is as close as any, that is the identity.
    """
    values, vectors = np.linalg.eigh((_MAGIC.conj() @ pair.matrix @ _MAGIC.T).real)
    fraction = min(float(values[-1]), 1.0)
    return fraction, PAULIS[0] if fraction - pair.fidelity < EXACT else _to_phi_plus(vectors[:, -1])


def pair_overhead(pair: BellPair) -> float:
    """γ of a perfect pair from imperfect ones: 2/f − 1, but never more than 3, which it takes without any pair."""
    return min(3.0, max(1.0, 2 / entangled_fraction(pair) - 1))


def virtual_pair() -> PairDecomposition:
    """Φ+ from products alone, with γ = 3: ⅓ Σ |v⟩|v*⟩ − ⅙ Σ |v⟩|v⊥*⟩ over the six eigenstates v of the Paulis."""
    return PairDecomposition(_products(1 / 3, _CONJUGATE) + _products(-1 / 6, _CONJUGATE_OF_OPPOSITE))


def assisted_pair(pair: BellPair) -> PairDecomposition:
    """Φ+ from an imperfect pair, with γ = `pair_overhead(pair)`.

    Args:
        pair: what is delivered. At f ≤ ½ it is not used.
    """
    fraction, back = alignment(pair)
    if fraction <= 0.5 + EXACT:
        return virtual_pair()
    aligned = dressed(pair.matrix, PAULIS[0], back)
    twirl = _shortest_twirl(aligned, fraction)
    real = tuple(
        PairTerm(1 / fraction / len(twirl), True, unitary_steps(turn, 0), unitary_steps(turn.conj() @ back, 0))
        for turn in twirl
    )
    excess = (1 - fraction) / fraction
    return PairDecomposition(real + (_products(-excess / 6, _CONJUGATE_OF_OPPOSITE) if excess > EXACT else ()))


def dressed(state: Matrix, first: Matrix, second: Matrix) -> Matrix:
    """What local unitaries make of a state of two qubits."""
    both = np.kron(first, second)
    return both @ state @ both.conj().T


def twirled(state: Matrix, turns: Sequence[Matrix]) -> Matrix:
    """The even mixture of U ⊗ U* on a state over some U."""
    return np.mean([dressed(state, turn, turn.conj()) for turn in turns], axis=0)


_CONJUGATE = {"0": "0", "1": "1", "+": "+", "-": "-", "r": "l", "l": "r"}
_CONJUGATE_OF_OPPOSITE = {"0": "1", "1": "0", "+": "-", "-": "+", "r": "r", "l": "l"}


def _products(coefficient: float, partner: dict[str, str]) -> tuple[PairTerm, ...]:
    return tuple(
        PairTerm(coefficient, False, preparation_steps(state, 0), preparation_steps(partner[state], 0))
        for state in PREPARATIONS
    )


_MAGIC: Matrix = np.array([1, 1j, 1j, 1])[:, None] * BELL_STATES
"""Bell states with phases such that real vectors are the maximally entangled ones."""


def _to_phi_plus(vector: NDArray[np.float64]) -> Matrix:
    """The unitary of the second qubit that turns a maximally entangled state into Φ+."""
    # (1 ⊗ W)|Φ+⟩ has the entries of W, transposed, over √2.
    return (np.sqrt(2) * (vector @ _MAGIC).reshape(2, 2).T).conj().T


_CYCLE: Matrix = matrix_of(CODES["h"]) @ matrix_of(CODES["s"])
"""Turns X into Y, Y into Z and Z into X, but for signs."""
_CYCLES: tuple[Matrix, ...] = (PAULIS[0], _CYCLE, _CYCLE @ _CYCLE)
_TWIRLS = (_CYCLES[:1], _CYCLES, tuple(cycle @ pauli for cycle, pauli in product(_CYCLES, BELL_TURNS)))
"""For Werner states, for mixtures of Bell states, and for all; the last is a unitary 2-design."""


def _shortest_twirl(state: Matrix, fraction: float) -> tuple[Matrix, ...]:
    phi_plus = np.outer(BELL_STATES[0], BELL_STATES[0])
    werner = fraction * phi_plus + (1 - fraction) / 3 * (np.eye(4) - phi_plus)
    return next((turns for turns in _TWIRLS if np.abs(twirled(state, turns) - werner).max() < EXACT), _TWIRLS[-1])


def _matrix(steps: tuple[Step, ...]) -> Matrix:
    return reduce(lambda done, step: matrix_of(CODES[step.name], step.angles) @ done, steps, PAULIS[0])
