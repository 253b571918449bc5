"""Two memories, each entangled with a photon, and a Bell measurement of the photons that may be wrong.

Each photon is in one of two modes (polarisations or time bins), told by its memory. Behind a beam splitter each mode has two
detectors that click or do not; one click in each mode heralds Ψ+ or Ψ−. Where noise makes one of the clicks, what is heralded is
mixed.
"""

from __future__ import annotations

import math

from weft.network import BellPair


def two_photon_herald(
    efficiency_a: float, efficiency_b: float, noise_click: float, visibility: float = 1.0
) -> tuple[float, BellPair]:
    """How often a pair is heralded, and its state.

    Args:
        efficiency_a: probability that a detector clicks for A's photon, from its emission on.
        efficiency_b: the same for B's.
        noise_click: probability that a detector clicks for no photon, in the window of one mode.
        visibility: of the interference of the two photons.

    Returns:
        The probability of a herald per attempt, and the Bell-diagonal pair in the frame of Φ+.

    Source: p = η_A η_B/2 without noise, Barrett, Kok, Phys. Rev. A 71, 060310 (2005), for the double click. The rest counts
    patterns of threshold clicks: two photons in different modes herald the pair; two in one mode leave by one port with
    probability (1 + V)/2 (Hong, Ou, Mandel, Phys. Rev. Lett. 59, 2044 (1987)) and need a noise click in the other mode, as does a
    single photon; without any, two noise clicks are needed.
    """
    quiet = (1 - noise_click) ** 2
    both, none = efficiency_a * efficiency_b, (1 - efficiency_a) * (1 - efficiency_b)
    true = both / 2 * quiet
    same_mode = both / 2 * (1 + visibility) / 2 * 2 * noise_click * quiet
    unknown = (1 - both - none) * 2 * noise_click * quiet + none * 4 * noise_click**2 * quiet
    probability = true + same_mode + unknown
    if probability == 0:
        return 0.0, BellPair.werner(1.0)
    phases = visibility * true
    weights = [
        (true + phases) / 2 + unknown / 4,
        (true - phases) / 2 + unknown / 4,
        same_mode / 2 + unknown / 4,
        same_mode / 2 + unknown / 4,
    ]
    return probability, BellPair.bell_diagonal([weight / probability for weight in weights])


def depolarised(pair: BellPair, *fidelities: float) -> BellPair:
    """A pair whose preparation, memories or gates would each have made a perfect one a Werner pair of a fidelity.

    Args:
        pair: that is there otherwise.
        fidelities: in [1/4, 1]; each depolarises with the weight w = (4F − 1)/3.
    """
    kept = math.prod((4 * fidelity - 1) / 3 for fidelity in fidelities)
    return BellPair.bell_diagonal([kept * weight + (1 - kept) / 4 for weight in pair.bell_weights])
