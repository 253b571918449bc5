"""The state of a Bell pair as a link delivers it.

Whatever Bell state a device makes, a local Pauli turns it into Φ+; Weft keeps the pair in that frame, so that a perfect
pair is always Φ+ = (|00⟩ + |11⟩)/√2. The weights of a Bell-diagonal state are in the order Φ+, Φ−, Ψ+, Ψ−.
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
_Z_FIRST = np.kron(_Z, np.eye(2))
# Row k's Pauli on the second qubit turns Bell state k into Φ+.
_TO_PHI_PLUS = tuple(np.kron(np.eye(2), pauli) for pauli in (np.eye(2), _Z, _X, _X @ _Z))

_TOLERANCE = 1e-6
# What published tomography, rounded to three digits, may be off by.
_ROUNDED_HERMITIAN, _ROUNDED_TRACE, _ROUNDED_EIGENVALUE = 1e-3, 1e-2, 2e-2
# States that no rounding has touched are kept to the last bit, so that writing and reading them changes nothing.
_EXACT = 1e-12


@dataclass(frozen=True)
class BellPair:
    """A two-qubit state, in the frame in which the ideal is Φ+.

    Attributes:
        entries: the 4×4 density matrix, rows of complex numbers, basis 00, 01, 10, 11.

    Raises:
        InvalidValueError: the entries are not a density matrix to 10⁻⁶.
    """

    entries: tuple[tuple[complex, ...], ...]

    def __post_init__(self) -> None:
        rho = _as_matrix(self.entries)
        _check_state(rho, hermitian=_TOLERANCE, trace=_TOLERANCE, eigenvalue=_TOLERANCE)
        # + 0 turns −0.0 into 0.0, so that equal states serialise equally.
        object.__setattr__(self, "entries", tuple(tuple(complex(entry) + 0j for entry in row) for row in rho))

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
        try:
            values = np.asarray(weights, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            values = np.empty(0)
        if values.shape != (4,) or not np.all(np.isfinite(values)) or np.any(values < 0):
            raise InvalidValueError(f"Bell weights must be four numbers ≥ 0 for Φ+, Φ-, Ψ+, Ψ-, but are {weights}")
        if abs(values.sum() - 1) > _TOLERANCE:
            raise InvalidValueError(f"Bell weights must sum to 1, but sum to {values.sum():.9g}")
        return cls.from_density_matrix(_mix(_normalise(values)))

    @classmethod
    def from_density_matrix(cls, matrix: ArrayLike) -> BellPair:
        """Any two-qubit state; the Bell state that it is closest to becomes Φ+ by a Pauli on the second qubit.

        Args:
            matrix (complex array, shape (4, 4)): Hermitian to 10⁻³, of trace 1 to 10⁻², without eigenvalues below
                −0.02. Negative eigenvalues are set to zero and the rest renormalised, because published tomography is
                rounded.

        Raises:
            InvalidValueError: the matrix is none of that.
        """
        rho = _as_matrix(matrix)
        _check_state(rho, hermitian=_ROUNDED_HERMITIAN, trace=_ROUNDED_TRACE, eigenvalue=_ROUNDED_EIGENVALUE)
        turn = _TO_PHI_PLUS[_closest_bell_state(rho)]
        rho = _nearest_state(turn @ rho @ turn.conj().T)
        return cls(tuple(tuple(row) for row in rho.tolist()))

    def dephased(self, visibility: float) -> BellPair:
        """The state after a phase flip of its first qubit with probability (1 − V)/2, which multiplies its coherence by V.

        Args:
            visibility: V, in [0, 1].
        """
        flipped = _Z_FIRST @ self.matrix @ _Z_FIRST
        mixed = (1 + visibility) / 2 * self.matrix + (1 - visibility) / 2 * flipped
        return BellPair(tuple(tuple(row) for row in mixed.tolist()))

    @cached_property
    def matrix(self) -> NDArray[np.complex128]:
        """The density matrix as a read-only array, shape (4, 4)."""
        matrix = np.array(self.entries, dtype=np.complex128)
        matrix.setflags(write=False)
        return matrix

    @cached_property
    def bell_weights(self) -> tuple[float, float, float, float]:
        """Overlaps with Φ+, Φ−, Ψ+, Ψ−: what is left of the state after twirling."""
        weights = _normalise(np.clip(_overlaps(self.matrix), 0, None))
        first, second, third, fourth = (float(weight) for weight in weights)
        return first, second, third, fourth

    @property
    def fidelity(self) -> float:
        """⟨Φ+|ρ|Φ+⟩."""
        return self.bell_weights[0]

    @cached_property
    def is_bell_diagonal(self) -> bool:
        """Whether the state is a mixture of Bell states, so that twirling changes nothing."""
        return bool(np.max(np.abs(_mix(np.array(self.bell_weights)) - self.matrix)) < 1e-9)


def _as_matrix(matrix: ArrayLike) -> NDArray[np.complex128]:
    try:
        rho = np.asarray(matrix, dtype=np.complex128)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValueError("a density matrix must be 4×4 numbers, but is not") from None
    if rho.shape != (4, 4):
        raise InvalidValueError(f"a density matrix must be 4×4, but has shape {rho.shape}")
    if not np.all(np.abs(rho) < 2):  # also refuses what is not finite
        raise InvalidValueError("the entries of a density matrix must be finite and at most 1, but some are not")
    return rho


def _check_state(rho: NDArray[np.complex128], *, hermitian: float, trace: float, eigenvalue: float) -> None:
    if np.max(np.abs(rho - rho.conj().T)) > hermitian:
        raise InvalidValueError("a density matrix must be Hermitian, but is not")
    total = float(np.trace(rho).real)
    if abs(total - 1) > trace:
        raise InvalidValueError(f"a density matrix must have trace 1, but has {total:.6g}")
    lowest = float(np.linalg.eigvalsh((rho + rho.conj().T) / 2)[0])
    if lowest < -eigenvalue:
        raise InvalidValueError(f"a density matrix must be positive, but has the eigenvalue {lowest:.4g}")


def _mix(weights: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The mixture of Bell states, written out so that weights come back as they went in."""
    phi_plus, phi_minus, psi_plus, psi_minus = weights
    rho = np.zeros((4, 4), dtype=np.complex128)
    rho[0, 0] = rho[3, 3] = (phi_plus + phi_minus) / 2
    rho[0, 3] = rho[3, 0] = (phi_plus - phi_minus) / 2
    rho[1, 1] = rho[2, 2] = (psi_plus + psi_minus) / 2
    rho[1, 2] = rho[2, 1] = (psi_plus - psi_minus) / 2
    return rho


def _overlaps(rho: NDArray[np.complex128]) -> NDArray[np.float64]:
    """⟨B|ρ|B⟩ for the four Bell states B."""
    even, odd = (rho[0, 0] + rho[3, 3]).real / 2, (rho[1, 1] + rho[2, 2]).real / 2
    flip, exchange = (rho[0, 3] + rho[3, 0]).real / 2, (rho[1, 2] + rho[2, 1]).real / 2
    return np.array([even + flip, even - flip, odd + exchange, odd - exchange])


def _normalise(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = weights.sum()
    return weights if abs(total - 1) < _EXACT else weights / total


def _closest_bell_state(rho: NDArray[np.complex128]) -> int:
    overlaps = _overlaps(rho)
    # A state equally close to several is left as it is.
    return 0 if overlaps.max() - overlaps[0] < _EXACT else int(np.argmax(overlaps))


def _nearest_state(rho: NDArray[np.complex128]) -> NDArray[np.complex128]:
    values, vectors = np.linalg.eigh((rho + rho.conj().T) / 2)
    exact = values[0] > -_EXACT and abs(values.sum() - 1) < _EXACT and np.array_equal(rho, rho.conj().T)
    if exact:
        return rho
    values = np.clip(values, 0, None)
    rho = (vectors * (values / values.sum())) @ vectors.conj().T
    return np.asarray((rho + rho.conj().T) / 2, dtype=np.complex128)
