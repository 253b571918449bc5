"""Error cancellation on Bell pairs: pairs of known noise that act, on average, as perfect ones.

A pair that is a mixture of Bell states is Φ+ with a random Pauli on one end, and a gate or a state teleported with it
suffers that Pauli turned into another. The Paulis up to phase are the group Z₂ × Z₂, on which a mixture acts by convolution,
so its inverse is found by a Walsh-Hadamard transform: if the mixture q has the transform λ, dressings by Paulis with the
coefficients η whose transform is 1/λ undo it. γ = Σ|η|, which for a Werner pair is (3/λ − 1)/2 with λ = (4F − 1)/3, and for a
dephased one 1/(2F − 1). Any other pair is first turned, so that the maximally entangled state closest to it is Φ+, and then
twirled into such a mixture by the same random Pauli on both ends.

All terms take a delivered pair. `pairs.assisted_pair` also prepares products instead, which costs no more shots.

Sources: Temme, Bravyi, Gambetta, Phys. Rev. Lett. 119, 180509 (2017), for cancellation by quasi-probabilities; Bennett,
DiVincenzo, Smolin, Wootters, Phys. Rev. A 54, 3824 (1996), for twirls into mixtures of Bell states.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import PAULIS, Matrix
from weft.errors import InvalidValueError
from weft.network.bell_pair import BELL_STATES, BellPair
from weft.protocols.cutting.operations import unitary_steps
from weft.protocols.cutting.pairs import BELL_TURNS, EXACT, PairDecomposition, PairTerm, alignment, dressed, twirled

_WALSH_HADAMARD = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]], dtype=np.float64)
"""Its own inverse but for a factor of 4; rows and columns in the order 1, Z, X, Y, or Φ+, Φ−, Ψ+, Ψ−."""


def cancellation_overhead(pair: BellPair) -> float:
    """γ of cancelling the noise of a pair.

    Raises:
        InvalidValueError: as for `cancelled_pair`.
    """
    return float(np.abs(_inverse(_turned(pair, alignment(pair)[1]))).sum())


def cancelled_pair(pair: BellPair) -> PairDecomposition:
    """Φ+ from dressed copies of an imperfect pair alone.

    Args:
        pair: what is delivered; what counts of its state is its overlaps with the Bell states once it is turned.

    Raises:
        InvalidValueError: the noise flips some Pauli's sign as often as not or more, so that nothing of it is left to recover.
    """
    back = alignment(pair)[1]
    state = _turned(pair, back)
    turns = BELL_TURNS if np.abs(twirled(state, BELL_TURNS) - state).max() > EXACT else BELL_TURNS[:1]
    terms = tuple(
        PairTerm(weight / len(turns), True, unitary_steps(turn, 0), unitary_steps(pauli @ turn.conj() @ back, 0))
        for (weight, pauli), turn in product(zip(_inverse(state).tolist(), BELL_TURNS, strict=True), turns)
        if abs(weight) > EXACT
    )
    return PairDecomposition(terms)


def _turned(pair: BellPair, back: Matrix) -> Matrix:
    return dressed(pair.matrix, PAULIS[0], back)


def _inverse(state: Matrix) -> NDArray[np.float64]:
    """η, in the order 1, Z, X, Y."""
    weights = np.einsum("bi,ij,bj->b", BELL_STATES.conj(), state, BELL_STATES).real
    shrinking = _WALSH_HADAMARD @ weights
    if shrinking.min() <= EXACT:
        raise InvalidValueError(
            "the noise of a pair must leave a part of every Pauli for it to be cancelled, "
            f"but the pair's weights {_listed(weights)} leave {_listed(shrinking)}; use a virtual pair instead"
        )
    return _WALSH_HADAMARD @ (1 / shrinking) / 4


def _listed(values: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)
