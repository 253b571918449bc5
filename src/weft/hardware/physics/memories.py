"""What happens to the two halves of a pair in the memories that hold them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import PAULIS
from weft.network import BellPair

_PAULI_OF = dict(zip("IXYZ", PAULIS, strict=True))
_BOTH = (0, 1)


def flip_bits(state: NDArray[np.complex128], probability: float) -> NDArray[np.complex128]:
    """Each half suffers a bit flip of unknown phase with this probability: an X or a Y, equally likely."""
    return _each_half(state, {"X": probability / 2, "Y": probability / 2})


def flip_phases(state: NDArray[np.complex128], probability: float) -> NDArray[np.complex128]:
    """Each half suffers a phase flip, a Z, with this probability."""
    return _each_half(state, {"Z": probability})


def depolarise(state: NDArray[np.complex128], error: float) -> NDArray[np.complex128]:
    """Each half goes through a depolarising channel.

    Args:
        state (complex array, shape (4, 4)): of the pair.
        error: average infidelity ε of the channel, in [0, 1/2]; each Pauli strikes with probability ε/2, since a one-qubit
            channel's process infidelity is 3/2 of its average infidelity (Nielsen, Phys. Lett. A 303, 249 (2002)).
    """
    return _each_half(state, dict.fromkeys("XYZ", error / 2))


def depolarised(pair: BellPair, *fidelities: float) -> BellPair:
    """A pair whose preparation, memories or gates would each have made a perfect one a Werner pair of a fidelity.

    Args:
        pair: that is there otherwise.
        fidelities: in [1/4, 1]; each depolarises with the weight w = (4F − 1)/3.
    """
    kept = math.prod((4 * fidelity - 1) / 3 for fidelity in fidelities)
    return BellPair.bell_diagonal([kept * weight + (1 - kept) / 4 for weight in pair.bell_weights])


def dephase_relative(state: NDArray[np.complex128], coherence: float) -> NDArray[np.complex128]:
    """The phase between the halves becomes uncertain, so that what depends on it keeps only this factor."""
    return _strike(state, 0, {"Z": (1 - coherence) / 2})


def _each_half(state: NDArray[np.complex128], probabilities: dict[str, float]) -> NDArray[np.complex128]:
    for half in _BOTH:
        state = _strike(state, half, probabilities)
    return state


def _strike(state: NDArray[np.complex128], half: int, probabilities: dict[str, float]) -> NDArray[np.complex128]:
    struck = (1 - sum(probabilities.values())) * state
    for name, probability in probabilities.items():
        pauli = np.kron(_PAULI_OF[name], np.eye(2)) if half == 0 else np.kron(np.eye(2), _PAULI_OF[name])
        struck = struck + probability * (pauli @ state @ pauli.conj().T)
    return np.asarray(struck, dtype=np.complex128)
