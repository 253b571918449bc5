"""Cuts of gates: any two-qubit unitary as a sum of what its two ends can do apart, with the least overhead.

With the Weyl form Σ u_k σ_k ⊗ σ_k, the channel has the terms |u_k|² (σ_k ⊗ σ_k) and, for every pair k < l, a coherence u_k u_l*.
With R(δ) the instrument of `gate_ends.py`, that coherence is 2 |u_k u_l| [R(0) ⊗ R(δ) − R(π/2) ⊗ R(δ + π/2)], where the whole
phase of u_k u_l* is left to the second end. So γ = Σ|u_k|² + 4 Σ_{k<l} |u_k u_l| = 2 (Σ|u_k|)² − 1. No sum of local
operations does better, even with communication: the channel's Choi state has the Schmidt coefficients |u_k|, and its
robustness of entanglement is (Σ|u_k|)² − 1. Gates cut at once are one operator whose u are products.

Sources: Schmitt, Piveteau, Sutter, arXiv 2312.11638, for the optimal γ and for gates cut at once; Ufrecht et al., arXiv 2312.09679,
for rotations cut at once without ancillas; Mitarai and Fujii, New J. Phys. 23, 023021 (2021), for gates cut by measurements and
rotations; Vidal and Tarrach, Phys. Rev. A 59, 141 (1999), for the robustness of pure states.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weft.circuit.circuit import Circuit
from weft.circuit.gates import Matrix, matrix_of
from weft.errors import InvalidValueError
from weft.protocols.cutting.decomposition import Decomposition, Term
from weft.protocols.cutting.gate_ends import GateEnd, PauliString, pauli_product
from weft.protocols.cutting.operations import Operation
from weft.protocols.cutting.weyl import WeylForm, checked_unitary, weyl_form

MOST_STRINGS = 64
"""How many strings of Paulis gates cut at once may have: 2 for each rotation, 4 for a SWAP, multiplied."""
_NEGLIGIBLE = 1e-12
"""Weights below this are rounding; leaving them out changes the channel by as little."""


def gate_overhead(unitary: Matrix) -> float:
    """γ of cutting one two-qubit unitary: 3 for CX, 7 for SWAP, 1 + 2|sin θ| for RZZ(θ).

    Args:
        unitary (complex array, shape (4, 4)): the first operand is the more significant.

    Raises:
        InvalidValueError: the matrix is not a 4×4 unitary.
    """
    return float(_overheads(checked_unitary(unitary)[None])[0])


def gate_overheads(circuit: Circuit) -> NDArray[np.float64]:
    """γ of cutting each row of a circuit between its two operands.

    Returns:
        A float array, shape (rows,); 1 where there is no second operand.
    """
    overheads = np.ones(len(circuit))
    rows = np.flatnonzero(circuit.qubits[:, 1] >= 0)
    if len(rows):
        kinds = np.column_stack((circuit.opcodes[rows], circuit.angles[rows]))
        distinct, kind_of_row = np.unique(kinds, axis=0, return_inverse=True)
        matrices = np.array([matrix_of(int(code), angles) for code, *angles in distinct.tolist()])
        overheads[rows] = _overheads(matrices)[kind_of_row.ravel()]
    return overheads


def parallel_overhead(overheads: ArrayLike) -> float:
    """γ of cutting gates at once, from theirs: 2 Π (γ + 1)/2 − 1, which is 7 for two CX.

    Args:
        overheads (float array, shape (gates,)): γ of each gate by itself.
    """
    return float(2 * np.prod((np.asarray(overheads, dtype=np.float64) + 1) / 2) - 1)


def gate_cut(unitary: Matrix, *, ancillas: bool = True) -> Decomposition:
    """A two-qubit unitary, taken apart between its operands.

    Args:
        unitary (complex array, shape (4, 4)): the first operand is the more significant; it is the left end's.
        ancillas: whether the right end may use an ancilla. Only unitaries that need all three of XX, YY and ZZ ask for
            one, and not all of those; without it, γ is up to √2 times as large on the terms that do.

    Returns:
        Its overhead is `gate_overhead(unitary)`, unless an ancilla was needed and not allowed. A product of local
        unitaries has a single term.

    Raises:
        InvalidValueError: the matrix is not a 4×4 unitary.
    """
    return parallel_gate_cut((unitary,), ancillas=ancillas)


def parallel_gate_cut(unitaries: Sequence[Matrix], *, ancillas: bool = True) -> Decomposition:
    """Gates at the same moment between the same two pieces, taken apart at once.

    Args:
        unitaries: one or more, as for `gate_cut`; no two share a qubit.
        ancillas: as for `gate_cut`.

    Returns:
        Wire k of each end is that end's operand of unitary k. The overhead is `parallel_overhead` of the unitaries'.

    Raises:
        InvalidValueError: there is no unitary, one is none, or they have more than `MOST_STRINGS` strings together.
    """
    forms = [weyl_form(unitary) for unitary in unitaries]
    strings = _strings(forms)
    left, right = (GateEnd(tuple(f.before[k] for f in forms), tuple(f.after[k] for f in forms)) for k in (0, 1))
    terms: list[Term] = [(abs(weight) ** 2, left.pauli(k), right.pauli(k)) for k, weight in strings]
    for (string, weight), (other, other_weight) in combinations(strings, 2):
        terms += _coherence(left, right, (string, other), weight * other_weight.conjugate(), ancillas=ancillas)
    return Decomposition.of_terms(terms)


def _overheads(unitaries: NDArray[np.complex128]) -> NDArray[np.float64]:
    """γ of each unitary: its operator Schmidt coefficients are 2|u_k|."""
    realigned = unitaries.reshape(-1, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 4)
    weight = np.linalg.svd(realigned, compute_uv=False).sum(axis=1) / 2
    return np.maximum(2 * weight**2 - 1, 1.0)


def _strings(forms: Sequence[WeylForm]) -> list[tuple[PauliString, complex]]:
    """The strings of Paulis that the gates together consist of, and their weights."""
    kept = [[(k, complex(u)) for k, u in enumerate(form.weights) if abs(u) > _NEGLIGIBLE] for form in forms]
    count = math.prod(len(weights) for weights in kept)
    if not forms or count > MOST_STRINGS:
        raise InvalidValueError(
            f"gates cut at once must be one or more with at most {MOST_STRINGS} strings of Paulis together, "
            f"but are {len(forms)} with {count}; cut fewer at once"
        )
    return [(tuple(k for k, _ in choice), math.prod(u for _, u in choice)) for choice in product(*kept)]


def _coherence(
    left: GateEnd, right: GateEnd, strings: tuple[PauliString, PauliString], weight: complex, *, ancillas: bool
) -> list[Term]:
    """u_k u_l* σ_k ρ σ_l and its adjoint, as measurements of the left end and as rotations of it."""
    string, other = strings
    exponent, axis = pauli_product(other, string)
    phase = exponent * math.pi - cmath.phase(weight)
    measured = _instrument(left, string, axis, 0, 1.0, ancillas=ancillas)
    rotated = _instrument(left, string, axis, math.pi / 2, 1.0, ancillas=ancillas)
    size = 2 * abs(weight)
    beside_measured = _instrument(right, string, axis, phase, size, ancillas=ancillas)
    beside_rotated = _instrument(right, string, axis, phase + math.pi / 2, -size, ancillas=ancillas)
    pairs = [*product(measured, beside_measured), *product(rotated, beside_rotated)]
    return [(a * b, first, second) for (a, first), (b, second) in pairs]


def _instrument(
    end: GateEnd, string: PauliString, axis: PauliString, phase: float, size: float, *, ancillas: bool
) -> list[tuple[float, Operation]]:
    """R(phase) times `size`, as the operations that it is a sum of."""
    cosine, sine = size * math.cos(phase), size * math.sin(phase)
    if ancillas and min(abs(cosine), abs(sine)) > _NEGLIGIBLE:
        folded = end.superposed(string, axis, phase % math.pi)  # R(δ + π) = −R(δ)
        return [(math.copysign(size, sine), folded)]
    parts: list[tuple[float, Operation]] = []
    if abs(cosine) > _NEGLIGIBLE:
        sign, measured = end.measured(string, axis)
        parts.append((sign * cosine, measured))
    if abs(sine) > _NEGLIGIBLE:
        parts += [(s * sine / 2, end.rotated(string, axis, s)) for s in (1, -1)]
    return parts
