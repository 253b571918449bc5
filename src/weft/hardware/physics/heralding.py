"""What a Bell measurement of two photons leaves of the two memories that emitted them.

Each memory is entangled with a photon; the photons meet on a balanced beam splitter, and what the detectors behind it say
heralds a pair. Two heralds are known:

* **double click**: the photon is a qubit of its own, in polarisation or in time bins: (|0⟩|h⟩ + |1⟩|v⟩)/√2. One click in an h
  detector and one in a v detector herald a pair (Simon and Irvine, Phys. Rev. Lett. 91, 110405 (2003)). Both photons have to
  arrive, and no phase of any path matters.
* **single click**: the photon is there or not: √(1−α)|0⟩|none⟩ + √α|1⟩|photon⟩. One click heralds a pair (Cabrillo, Cirac,
  García-Fernández, Zoller, Phys. Rev. A 59, 1025 (1999)). One photon has to arrive, but the phase of the whole path matters,
  and both may have been emitted.

Nothing here is an expansion in small quantities. The joint state of memories and photons is a density matrix of at most 36
dimensions, and every accepted pattern of clicks is an operator on its photons, with threshold detectors that also click by
themselves. A click that no photon made, or a photon that was lost, therefore leaves the state that it should: a memory whose
photon nobody saw is mixed.

Detectors are alike, so that their efficiency can be counted as loss before the beam splitter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.network import BellPair

Detector = tuple[int, int]
"""The port of the beam splitter that it looks at, 0 or 1, and the mode that it sees."""

_X_SECOND = np.kron(np.eye(2), [[0, 1], [1, 0]])
_Z_FIRST = np.diag([1.0, 1.0, -1.0, -1.0])


@dataclass(frozen=True, eq=False)
class Heralded:
    """What a herald says.

    Attributes:
        probability: that an attempt is heralded, false heralds included.
        state (complex array, shape (4, 4)): of the memories then, in the frame of Φ+, basis 00, 01, 10, 11.
    """

    probability: float
    state: NDArray[np.complex128]


def double_click(
    efficiency_a: float, efficiency_b: float, *, dark_probability: float = 0.0, visibility: float = 1.0
) -> Heralded:
    """Both photons are detected, in different modes; the two clicks may be at the same port or at different ones.

    Args:
        efficiency_a: probability that A's photon is emitted, arrives, and makes its detector click.
        efficiency_b: the same for B.
        dark_probability: that a detector clicks by itself within its window, for each of the four.
        visibility: V, mean squared overlap of the photons' wave functions.

    Returns:
        Without dark counts p = η_A η_B/2, and a state of fidelity (1 + V)/2.

    Raises:
        InvalidValueError: nothing can make the detectors click.
    """
    emission = np.zeros((2, 3))
    emission[0, 1] = emission[1, 2] = math.sqrt(0.5)
    pair = _two_arms(_lossy(emission, efficiency_a), _lossy(emission, efficiency_b))
    # A's h photon with B's v photon, or the other way round: the amplitudes differ in sign if the clicks are at different ports.
    patterns = [({(p, 0), (q, 1)}, p != q) for p, q in product((0, 1), repeat=2)]
    return _herald(pair, patterns, dark_probability, overlap=math.sqrt(visibility), visibility=visibility)


def double_click_pair(
    efficiency_a: float, efficiency_b: float, dark_probability: float = 0.0, visibility: float = 1.0
) -> tuple[float, BellPair]:
    """How often a double click heralds a pair, and the pair; see `double_click`."""
    found = double_click(efficiency_a, efficiency_b, dark_probability=dark_probability, visibility=visibility)
    return found.probability, BellPair.from_density_matrix(found.state)


def single_click(
    efficiency_a: float,
    efficiency_b: float,
    *,
    bright_population: float,
    dark_probability: float = 0.0,
    overlap: float = 1.0,
    visibility: float = 1.0,
) -> Heralded:
    """Exactly one of two detectors clicks.

    Args:
        efficiency_a: probability that A's photon, if it is emitted, makes a detector click.
        efficiency_b: the same for B.
        bright_population: α, of the state of a memory that emits; the same for both memories.
        dark_probability: that a detector clicks by itself within its window, for each of the two.
        overlap: mean overlap of the photons' wave functions, up to a phase that is known and undone.
        visibility: mean squared overlap of the wave functions.

    Returns:
        Without dark counts and for small η: p = 2αη and a state of fidelity 1 − α.

    Raises:
        InvalidValueError: nothing can make the detectors click.
    """
    emission = np.diag([math.sqrt(1 - bright_population), math.sqrt(bright_population)])
    pair = _two_arms(_lossy(emission, efficiency_a), _lossy(emission, efficiency_b))
    patterns = [({(port, 0)}, port == 1) for port in (0, 1)]
    return _herald(pair, patterns, dark_probability, overlap=overlap, visibility=visibility)


def _lossy(emission: NDArray[np.float64], efficiency: float) -> NDArray[np.float64]:
    """State of one memory and its photon at the beam splitter.

    Args:
        emission: amplitudes, shape (2, 1 + modes); the first column is for no photon.
        efficiency: of everything on the way.

    Returns:
        The density matrix, shape (2, 1 + modes, 2, 1 + modes).
    """
    kept = emission * np.sqrt(np.r_[1.0, np.full(emission.shape[1] - 1, efficiency)])
    state = np.einsum("ai,bj->aibj", kept, kept)
    # Whoever has the lost photon knows its mode.
    lost = (1 - efficiency) * np.einsum("am,bm->ab", emission[:, 1:], emission[:, 1:])
    state[:, 0, :, 0] += lost
    return state


def _two_arms(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Axes: memory A, memory B, photon A, photon B, then the same of the bra."""
    return np.einsum("aick,bjdl->abijcdkl", a, b)


def _herald(
    pair: NDArray[np.float64],
    patterns: list[tuple[set[Detector], bool]],
    dark_probability: float,
    *,
    overlap: float,
    visibility: float,
) -> Heralded:
    """Sums over accepted patterns; those that herald Ψ− are turned into Ψ+ by a Z, and all into Φ+ by an X."""
    modes = pair.shape[2] - 1
    total = np.zeros((4, 4))
    for clicks, is_minus in patterns:
        operator = _clicks_exactly(clicks, modes, dark_probability, overlap, visibility)
        state = np.einsum("abijcdkl,klij->abcd", pair, operator).reshape(4, 4)
        total += _Z_FIRST @ state @ _Z_FIRST if is_minus else state
    probability = float(np.trace(total))
    if not probability > 0:
        raise InvalidValueError(
            "efficiencies and `dark_probability` must let the detectors click as a herald needs, but they never do"
        )
    state = _X_SECOND @ total @ _X_SECOND / probability
    return Heralded(probability, (state + state.T).astype(np.complex128) / 2)


def _clicks_exactly(
    clicks: set[Detector], modes: int, dark_probability: float, overlap: float, visibility: float
) -> NDArray[np.float64]:
    """The operator whose mean is the probability that these detectors click and no other.

    Some of the clicks are dark, and the others need a photon. Taking the cases one by one, instead of subtracting probabilities
    near 1, keeps every digit of a herald that almost never comes.
    """
    detectors = set(product((0, 1), range(modes)))
    operator = np.zeros((1 + modes,) * 4)
    for dark in _subsets(clicks):
        chance = dark_probability ** len(dark) * (1 - dark_probability) ** len(detectors - dark)
        # At least one photon at each of the others: inclusion and exclusion.
        for quiet in _subsets(clicks - dark):
            silent = (detectors - clicks) | quiet
            operator += chance * (-1) ** len(quiet) * _no_photon_at(silent, modes, overlap, visibility)
    return operator


def _subsets(detectors: set[Detector]) -> Iterator[set[Detector]]:
    ordered = sorted(detectors)
    return (set(chosen) for size in range(len(ordered) + 1) for chosen in combinations(ordered, size))


def _no_photon_at(silent: set[Detector], modes: int, overlap: float, visibility: float) -> NDArray[np.float64]:
    """The projector on states without a photon at some detectors, between photons that come from A and from B.

    Photons of A go to (port 0 + port 1)/√2, those of B to (port 0 − port 1)/√2. One photon from A meets one from B only in the
    same mode, and as far as their wave functions overlap; two photons are exchanged with their squared overlap.

    Returns:
        Shape (1 + modes,) × 4: photon of A and of B in the ket, then in the bra; 0 is no photon.
    """
    open_ports = np.array([[(port, mode) not in silent for mode in range(modes)] for port in (0, 1)], dtype=np.float64)
    same, cross = open_ports.sum(axis=0) / 2, (open_ports[0] - open_ports[1]) / 2
    operator = np.zeros((1 + modes,) * 4)
    operator[0, 0, 0, 0] = 1
    for m in range(modes):
        operator[m + 1, 0, m + 1, 0] = operator[0, m + 1, 0, m + 1] = same[m]
        operator[m + 1, 0, 0, m + 1] = operator[0, m + 1, m + 1, 0] = cross[m] * overlap
    for m, n in product(range(modes), repeat=2):
        operator[m + 1, n + 1, m + 1, n + 1] += same[m] * same[n]
        operator[m + 1, n + 1, n + 1, m + 1] += cross[m] * cross[n] * visibility
    return operator
