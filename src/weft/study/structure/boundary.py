"""How near each block comes to the most that its boundary allows: area law against volume law.

A block of n_A qubits across whose boundary gates of b bits have gone holds at most min(n_A, n − n_A, b) bits of entanglement with
the rest. Near its size, it follows a volume law, and every further ebit is needed; near its boundary, all that crossed is still
there, as in states that obey an area law (J. Eisert, M. Cramer, M. B. Plenio, Rev. Mod. Phys. 82, 277 (2010)); far from both,
there is entanglement that was undone, or gates that made none. How entropy grows with size says which law it is, if there are
enough sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from weft.study.structure.entropies import CutEntropy, Entropies

NEAR = 0.75
"""Of what is allowed: from there on a block is near it."""

_NOTHING = 0.01  # bits
_FEWEST_SIZES = 6
_AREA, _VOLUME = 0.25, 0.75


@dataclass(frozen=True)
class BlockLaw:
    """One block at the moment of its highest entropy.

    Attributes:
        block: its name.
        moment: the first one of highest entropy.
        bits: of entropy.
        size: qubits of the block or of the rest, whichever are fewer.
        crossed_bits: that gates across its boundary may have made until then.
        verdict: `not entangled` below 0.01 bits, else `near its size` from 3/4 of that on, else `near its boundary` from 3/4 of
            that on, else `far from both`.
    """

    block: str
    moment: int
    bits: float
    size: int
    crossed_bits: float
    verdict: str

    @property
    def ratio(self) -> float:
        """Entropy over the most that size and boundary allow; 0 if they allow none."""
        most = min(self.size, self.crossed_bits)
        return self.bits / most if most else 0.0


@dataclass(frozen=True)
class Scaling:
    """How entropy grows with the number of qubits, at the last moment.

    Attributes:
        bits: of entropy of the first 1, 2, … qubits, taken block by block, up to half of all.
        exponent: of size, fitted to the logarithms by least squares from 2 qubits on.
        verdict: `area law` up to 1/4, `volume law` from 3/4 on, else `between`; `not entangled` if there is nothing to fit.
    """

    bits: tuple[float, ...]
    exponent: float | None
    verdict: str


def block_laws(entropies: Entropies) -> tuple[BlockLaw, ...]:
    """One for each block that stands alone, of whose entropy something is known exactly."""
    alone = [found for found in entropies.cuts if found.cut.block is not None]
    return tuple(law for found in alone if (law := _law_of(found)) is not None)


def _law_of(found: CutEntropy) -> BlockLaw | None:
    if found.peak is None or found.cut.block is None:
        return None
    moment, bits = found.peak
    size, crossed = found.cut.size, float(found.crossed_bits[moment])
    if bits < _NOTHING:
        verdict = "not entangled"
    elif bits >= NEAR * size:
        verdict = "near its size"
    else:
        verdict = "near its boundary" if bits >= NEAR * crossed else "far from both"
    return BlockLaw(found.cut.block, moment, bits, size, crossed, verdict)


def scaling_of(entropies: Entropies) -> Scaling | None:
    """A fit, if at least six sizes are known."""
    bits = entropies.prefix_bits
    if len(bits) < _FEWEST_SIZES:
        return None
    sizes = np.arange(1, len(bits) + 1)
    fitted = (bits >= _NOTHING) & (sizes > 1)
    if np.count_nonzero(fitted) < _FEWEST_SIZES - 1:
        return Scaling(tuple(bits.tolist()), None, "not entangled" if bits.max() < _NOTHING else "between")
    exponent = float(np.polyfit(np.log(sizes[fitted]), np.log(bits[fitted]), 1)[0])
    verdict = "area law" if exponent <= _AREA else "volume law" if exponent >= _VOLUME else "between"
    return Scaling(tuple(bits.tolist()), exponent, verdict)
