"""Any two-qubit unitary as local unitaries around Σ u_k σ_k ⊗ σ_k. Qiskit does the work.

Qiskit gives the canonical form exp(i(aXX + bYY + cZZ)); XX, YY and ZZ commute and multiply to −1, from which the four u_k follow.

Source: Kraus and Cirac, Phys. Rev. A 63, 062309 (2001); Zhang, Vala, Sastry, Whaley, Phys. Rev. A 67, 042313 (2003).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix
from weft.errors import InvalidValueError

_EXACT = 1e-9
"""How far from unitary a matrix may be."""


@dataclass(frozen=True, eq=False)
class WeylForm:
    """U = (after[0] ⊗ after[1]) Σ weights[k] σ_k ⊗ σ_k (before[0] ⊗ before[1]).

    Attributes:
        before: local unitaries on the first and the second operand that happen first.
        weights (complex array, shape (4,)): of 1, XX, YY and ZZ; their squares' moduli add up to 1.
        after: local unitaries that happen last.
    """

    before: tuple[Matrix, Matrix]
    weights: NDArray[np.complex128]
    after: tuple[Matrix, Matrix]


def weyl_form(unitary: Matrix) -> WeylForm:
    """The Weyl form of a unitary.

    Args:
        unitary (complex array, shape (4, 4)): the first operand is the more significant.

    Raises:
        InvalidValueError: the matrix is not a 4×4 unitary to 10⁻⁹.
    """
    from qiskit.synthesis import TwoQubitWeylDecomposition

    matrix = checked_unitary(unitary)
    form = TwoQubitWeylDecomposition(matrix, fidelity=None)  # with a fidelity, gates next to a simple one become it
    phase = cmath.exp(1j * form.global_phase)
    weights = phase * _weights(form.a, form.b, form.c)
    # Qiskit's l and r are the factors of the Kronecker product, so the order of operands does not matter.
    return WeylForm((form.K2l, form.K2r), weights, (form.K1l, form.K1r))


def checked_unitary(unitary: Matrix) -> Matrix:
    """The same as a complex array.

    Raises:
        InvalidValueError: the matrix is not a 4×4 unitary to 10⁻⁹.
    """
    matrix = np.asarray(unitary, dtype=np.complex128)
    if matrix.shape != (4, 4):
        raise InvalidValueError(f"`unitary` must have shape (4, 4), but has {matrix.shape}")
    if not np.all(np.isfinite(matrix)):
        raise InvalidValueError("`unitary` must have finite entries, but has others")
    error = float(np.abs(matrix @ matrix.conj().T - np.eye(4)).max())
    if error > _EXACT:
        raise InvalidValueError(f"`unitary` must be unitary to {_EXACT:g}, but U U† differs from 1 by {error:.3g}")
    return matrix


def _weights(a: float, b: float, c: float) -> NDArray[np.complex128]:
    """What 1, XX, YY and ZZ weigh in exp(iaXX) exp(ibYY) exp(icZZ)."""
    ca, cb, cc = math.cos(a), math.cos(b), math.cos(c)
    sa, sb, sc = 1j * math.sin(a), 1j * math.sin(b), 1j * math.sin(c)
    # XX·YY = −ZZ and so on, and XX·YY·ZZ = −1
    return np.array(
        [
            ca * cb * cc - sa * sb * sc,
            sa * cb * cc - ca * sb * sc,
            ca * sb * cc - sa * cb * sc,
            ca * cb * sc - sa * sb * cc,
        ]
    )
