"""The state of a Bell pair as a link delivers it.

Whatever Bell state a device makes, a local Pauli turns it into Φ+; Weft keeps the pair in that frame, so that a perfect pair
is always Φ+ = (|00⟩ + |11⟩)/√2. The weights of a Bell-diagonal state are in the order Φ+, Φ−, Ψ+, Ψ−.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weft.errors import InvalidValueError

_R = math.sqrt(0.5)
BELL_STATES: NDArray[np.complex128] = np.array(
    [[_R, 0, 0, _R], [_R, 0, 0, -_R], [0, _R, _R, 0], [0, _R, -_R, 0]], dtype=np.complex128
)
"""Rows are Φ+, Φ−, Ψ+, Ψ− in the basis 00, 01, 10, 11."""

BELL_NAMES = ("Φ+", "Φ-", "Ψ+", "Ψ-")

_X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
_Z = np.diag([1, -1]).astype(np.complex128)
# Row k's Pauli on the second qubit turns Bell state k into Φ+.
_TO_PHI_PLUS = tuple(np.kron(np.eye(2), pauli) for pauli in (np.eye(2), _Z, _X, _X @ _Z))

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class BellPair:
    """A two-qubit state, in the frame in which the ideal is Φ+.

    Attributes:
        entries: the 4×4 density matrix, rows of complex numbers, basis 00, 01, 10, 11.
    """

    entries: tuple[tuple[complex, ...], ...]

    @classmethod
    def werner(cls, fidelity: float) -> BellPair:
        """The Werner state of a fidelity with Φ+ in [1/4, 1]: the other three Bell states are equally likely."""
        if not 0.25 <= fidelity <= 1:
            raise InvalidValueError(f"the fidelity of a Bell pair must lie in [0.25, 1], but is {fidelity}")
        rest = (1 - fidelity) / 3
        return cls.bell_diagonal((fidelity, rest, rest, rest))

    @classmethod
    def bell_diagonal(cls, weights: Sequence[float]) -> BellPair:
        """A mixture of Bell states.

        Args:
            weights: of Φ+, Φ−, Ψ+, Ψ−; none negative, summing to 1. If another state than Φ+ weighs most, the pair is
                turned into the frame where that state is Φ+.
        """
        values = np.asarray(weights, dtype=np.float64)
        if values.shape != (4,) or not np.all(np.isfinite(values)) or np.any(values < 0):
            raise InvalidValueError(f"Bell weights must be four numbers ≥ 0 for Φ+, Φ-, Ψ+, Ψ-, but are {weights}")
        if abs(values.sum() - 1) > _TOLERANCE:
            raise InvalidValueError(f"Bell weights must sum to 1, but sum to {values.sum():.6g}")
        return cls.from_density_matrix((BELL_STATES.T * values) @ BELL_STATES.conj())

    @classmethod
    def from_density_matrix(cls, matrix: ArrayLike) -> BellPair:
        """Any two-qubit state; the Bell state that it is closest to becomes Φ+ by a Pauli on the second qubit.

        Args:
            matrix (complex array, shape (4, 4)): Hermitian, positive to 10⁻³, of trace 1 to 10⁻²; it is renormalised, because
                published tomography is rounded. Negative eigenvalues from rounding are set to zero.
        """
        rho = np.asarray(matrix, dtype=np.complex128)
        if rho.shape != (4, 4) or not np.all(np.isfinite(rho)):
            raise InvalidValueError(f"a density matrix must be 4×4 and finite, but has shape {rho.shape}")
        if np.max(np.abs(rho - rho.conj().T)) > 1e-3:
            raise InvalidValueError("a density matrix must be Hermitian, but is not")
        trace = float(np.trace(rho).real)
        if abs(trace - 1) > 1e-2:
            raise InvalidValueError(f"a density matrix must have trace 1, but has {trace:.4g}")
        values, vectors = np.linalg.eigh((rho + rho.conj().T) / 2)
        if values[0] < -2e-2:
            raise InvalidValueError(f"a density matrix must be positive, but has the eigenvalue {values[0]:.4g}")
        values = np.clip(values, 0, None)
        rho = (vectors * (values / values.sum())) @ vectors.conj().T
        overlaps = np.einsum("ki,ij,kj->k", BELL_STATES.conj(), rho, BELL_STATES).real
        turn = _TO_PHI_PLUS[int(np.argmax(np.round(overlaps, 9)))]
        rho = turn @ rho @ turn.conj().T
        return cls(tuple(tuple(complex(entry) for entry in row) for row in rho))

    @cached_property
    def matrix(self) -> NDArray[np.complex128]:
        """The density matrix as a read-only array, shape (4, 4)."""
        matrix = np.array(self.entries, dtype=np.complex128)
        matrix.setflags(write=False)
        return matrix

    @cached_property
    def bell_weights(self) -> tuple[float, float, float, float]:
        """Overlaps with Φ+, Φ−, Ψ+, Ψ−: what is left of the state after twirling."""
        weights = np.einsum("ki,ij,kj->k", BELL_STATES.conj(), self.matrix, BELL_STATES).real
        weights = np.clip(weights, 0, None)
        first, second, third, fourth = (float(weight) for weight in weights / weights.sum())
        return first, second, third, fourth

    @property
    def fidelity(self) -> float:
        """⟨Φ+|ρ|Φ+⟩."""
        return self.bell_weights[0]

    @cached_property
    def is_bell_diagonal(self) -> bool:
        """Whether the state is a mixture of Bell states, so that twirling changes nothing."""
        mixed = (BELL_STATES.T * np.array(self.bell_weights)) @ BELL_STATES.conj()
        return bool(np.max(np.abs(mixed - self.matrix)) < 1e-9)
