"""Mixtures of Bell states as three correlations, in which swaps, waiting and distillation are simple.

The correlations are ⟨XX⟩, −⟨YY⟩ and ⟨ZZ⟩, all 1 for Φ+. A Bell state is two bits, amplitude a and phase b, and the correlations are
the means of (−1)^b, (−1)^(a+b) and (−1)^a; bits add up under swaps, so correlations multiply. With a 1 in front they make a vector
of four, which every way of joining two pairs treats bilinearly. For a Werner pair all three are its Werner weight w.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.network import BellPair

Step = Literal["swap", "bbpssw", "dejmps"]
_SIGNS = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, -1, -1, 1], [1, 1, -1, -1]], dtype=np.float64)
_TWIRL = np.array([[1, 0, 0, 0], *[[0, 1 / 3, 1 / 3, 1 / 3]] * 3])
_EXCHANGE = np.eye(4)[[0, 1, 3, 2]]


def correlations_of(pair: BellPair) -> NDArray[np.float64]:
    """(1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) of a pair; float array, shape (4,). Whatever is not Bell-diagonal in it is twirled away."""
    return _SIGNS @ np.array(pair.bell_weights)


def pair_of(correlations: NDArray[np.float64]) -> BellPair:
    """The Bell-diagonal pair that has the correlations (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩)."""
    weights = np.clip(_SIGNS.T @ correlations / 4, 0, None)
    return BellPair.bell_diagonal((weights / weights.sum()).tolist())


def joining(step: Step, swap_success: float) -> NDArray[np.float64]:
    """What a step makes of two pairs: out_k = Σ_ij J[k, i, j] a_i b_j, with out_0 the probability of success.

    Args:
        step: `swap`, or a round of distillation that keeps the first pair.
        swap_success: q, for swaps.

    Returns:
        J (float array, shape (4, 4, 4)).

    Source:
        Swap: correlations multiply (Briegel, Dür, Cirac, Zoller, Phys. Rev. Lett. 81, 5932 (1998), for Werner pairs). Distillation:
        Bennett et al., Phys. Rev. Lett. 76, 722 (1996), `bbpssw`, which twirls both pairs first; Deutsch et al., Phys. Rev. Lett.
        77, 2818 (1996), `dejmps`, which exchanges Φ− and Ψ− first. Neither twirls what it leaves. In both, bilateral CNOTs leave
        (a₁, b₁ + b₂) if a₁ + a₂ = 0; the condition is the factor (1 + (−1)^(a₁+a₂))/2.
    """
    result = np.zeros((4, 4, 4))
    if step == "swap":
        for k in range(4):
            result[k, k, k] = swap_success
        return result
    for k, i, j in ((0, 0, 0), (0, 3, 3), (1, 1, 1), (1, 2, 2), (2, 1, 2), (2, 2, 1), (3, 3, 0), (3, 0, 3)):
        result[k, i, j] = 0.5
    before = _TWIRL if step == "bbpssw" else _EXCHANGE
    return np.einsum("kij,ia,jb->kab", result, before, before)


def secret_fraction(correlations: NDArray[np.float64]) -> float:
    """Secret bits that a pair is worth in BB84 with one-way error correction, many pairs: 1 − h(e_X) − h(e_Z), or 0.

    Source: Shor, Preskill, Phys. Rev. Lett. 85, 441 (2000), with different error rates in the two bases.
    """
    _, x, _, z = correlations
    return max(0.0, 1 - _entropy((1 - x) / 2) - _entropy((1 - z) / 2))


def _entropy(probability: float) -> float:
    """Binary entropy, in bits."""
    if not 0 < probability < 1:
        return 0.0
    return -probability * math.log2(probability) - (1 - probability) * math.log2(1 - probability)


def check_steps(steps: Sequence[str]) -> None:
    """Raises InvalidValueError unless every step is one that there is."""
    unknown = [step for step in steps if step not in get_args(Step)]
    if unknown:
        raise InvalidValueError(f"each of `steps` must be swap, bbpssw or dejmps, but one is {unknown[0]!r}")
