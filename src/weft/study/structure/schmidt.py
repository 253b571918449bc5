"""The entropy of a state vector across a cut, from the weights of its Schmidt decomposition.

With M the amplitudes as a matrix between the smaller side and the other, the weights are the eigenvalues of M M†, the smaller
side's density matrix. With M = R + iJ it is R Rᵀ + J Jᵀ + i(J Rᵀ − R Jᵀ): a symmetric product and a real one, half of the work of
the complex product. Blocks of columns are gathered from the state wherever its qubits are, so that it is never stored twice.

Blocks are multiplied in single precision and added up in double. What rounding does to a weight of 0 is as likely to raise as to
lower it, so that terms −w log₂|w|, which is odd in w, cancel where there are many such weights: no threshold has to part weights
from noise, and the entropy is good to about 10⁻⁶ bits.

Where few gates have crossed, the rank is known to be small, and a random sketch finds the range of M (N. Halko, P. G. Martinsson,
J. A. Tropp, SIAM Rev. 53, 217 (2011)), which is exact for matrices of no greater rank.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from weft.study.structure.cuts import Cut
from weft.study.structure.gather_kernel import gather

_SPARE = 8  # columns of a sketch beyond the rank
_SKETCHED = 4  # a sketch passes over the state twice, so that it must be so many times narrower than the matrix
_NOISE = 2e-6  # bits that rounding makes
_BLOCK = 2**20  # entries of a block, which stays in the cache while it is multiplied
_FEWEST_COLUMNS = 512  # of a block, so that sums of large density matrices are not all that is done

Floats = NDArray[np.float32]
Complexes = NDArray[np.complex64]


def entropy_across(state: Floats, cut: Cut, bound: float) -> float:
    """The entropy of a pure state across a cut, in bits.

    Args:
        state (float32 array, shape (2, at least 2^qubits)): real and imaginary parts; qubit k is bit k of the index.
        cut: of its qubits, neither side of which is empty.
        bound: the most bits that it may have.
    """
    matrix = _Matrix(state, cut)
    most = 2 ** min(math.ceil(bound), cut.size) + _SPARE
    basis = matrix.range_basis(most) if _SKETCHED * most < matrix.height else None
    weights = np.linalg.eigvalsh(matrix.density(basis))
    weights = weights[weights != 0] / weights.sum()
    bits = float(-np.sum(weights * np.log2(np.abs(weights))))
    return bits if bits > _NOISE else 0.0


def entropy_seconds(cut: Cut) -> float:
    """About how many seconds `entropy_across` takes if the rank is not known to be small."""
    amplitudes, height = 2.0 ** len(cut.side), 2.0**cut.size
    return float(3e-9 * amplitudes + 4e-11 * amplitudes * height + 3e-10 * height**3 + 1e-4)


class _Matrix:
    """Amplitudes between the smaller side of a cut, in rows, and the other, in columns."""

    def __init__(self, state: Floats, cut: Cut) -> None:
        inside = cut.side if np.count_nonzero(cut.side) == cut.size else ~cut.side
        self._state = state
        self._rows, self._columns = _indices(np.flatnonzero(inside)), _indices(np.flatnonzero(~inside))
        self.height = len(self._rows)

    def range_basis(self, most: int) -> Complexes:
        """An orthonormal basis, in columns, of the range of the matrix, if that has at most so many dimensions."""
        generator = np.random.default_rng(0)
        sketch = np.zeros((self.height, most), dtype=np.complex64)
        for block in self._blocks():
            sketch += _complex(block) @ generator.standard_normal((block.shape[1] // 2, most), dtype=np.float32)
        return np.asarray(np.linalg.qr(sketch)[0])

    def density(self, basis: Complexes | None) -> NDArray[np.complex128]:
        """The density matrix of the smaller side, in a basis of the range of the matrix if one is given."""
        height = self.height if basis is None else basis.shape[1]
        symmetric, skew = np.zeros((height, height)), np.zeros((height, height))
        for block in self._blocks():
            inside = block if basis is None else _side_by_side(basis.conj().T @ _complex(block))
            real, imaginary = np.split(inside, 2, axis=1)
            symmetric += inside @ inside.T
            skew += imaginary @ real.T
        return symmetric + 1j * (skew - skew.T)

    def _blocks(self) -> Iterator[Floats]:
        """Some columns at a time, real parts and beside them imaginary parts, in an array that the next ones overwrite."""
        width = min(max(_BLOCK // self.height, _FEWEST_COLUMNS), len(self._columns))
        block = np.empty((self.height, 2 * width), dtype=np.float32)
        for low in range(0, len(self._columns), width):
            gather(self._state, self._rows, self._columns[low : low + width], block)
            yield block


def _complex(block: Floats) -> Complexes:
    real, imaginary = np.split(block, 2, axis=1)
    return np.asarray(real + 1j * imaginary, dtype=np.complex64)


def _side_by_side(matrix: Complexes) -> Floats:
    return np.concatenate((matrix.real, matrix.imag), axis=1)


def _indices(qubits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The index of every state of some qubits, all others being 0; the first qubit changes fastest."""
    indices = np.zeros(1, dtype=np.int64)
    for qubit in qubits.tolist():
        indices = np.concatenate((indices, indices | 1 << qubit))
    return indices
