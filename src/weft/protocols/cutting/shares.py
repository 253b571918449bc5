"""How much of a process each term of its cut is, and so what errors in that term cost.

Coefficients say how often a term is drawn, not how much it gives: cuts of small angles are nearly the gate's identity term, and
spend most of their coefficients on the rest. If errors leave rᵢ of each term of U = Σ cᵢ Tᵢ, what comes is Σ cᵢ rᵢ Tᵢ, whose
process fidelity with U is Σ wᵢ rᵢ, with the share wᵢ = cᵢ ⟨Tᵢ, U⟩ / ⟨U, U⟩ in the Hilbert–Schmidt product of Choi matrices.

Source: the process fidelity with a unitary is the overlap of Choi states (Nielsen, Phys. Lett. A 303, 249, 2002), which is linear
in the terms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.protocols.cutting.choi import signed_choi
from weft.protocols.cutting.operations import Operation

_DIGITS = 9  # to which coefficients are equal


def process_shares(
    left: Sequence[tuple[Operation, tuple[int, ...]]],
    right: Sequence[Operation],
    coefficients: NDArray[np.float64],
    *,
    is_wire: bool,
) -> NDArray[np.float64]:
    """The share of each term in the process that was cut: at least 0, and 1 together.

    With G the Gram matrices of what the two ends do, c (G_left c G_right), term by term, over its sum. Where gates turn a qubit in
    opposite senses at both ends, the terms that differ in these senses have shares of which some are slightly below 0, but never
    their sum. They go wrong alike, so that each is given their mean.

    Args:
        left: operations of the first end, and what each must have measured.
        right: operations of the second end; they read no messages.
        coefficients (float array, shape (left, right)): of the terms.
        is_wire: whether the left end ends wires, and the right end begins them from |0⟩.

    Returns:
        A float array, shape (left, right).
    """
    first = np.array([signed_choi(operation, seen) for operation, seen in left])
    second = np.array([signed_choi(operation) for operation in right])
    if is_wire:
        first, second = _ended(first), _begun(second)
    shares: NDArray[np.float64] = coefficients * (_gram(first) @ coefficients @ _gram(second))
    shares /= shares.sum()
    return shares if is_wire else _averaged(shares, [operation for operation, _ in left], right, coefficients)


def _gram(matrices: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Products of Hermitian matrices with each other, which are real."""
    rows = matrices.reshape(len(matrices), -1)
    gram: NDArray[np.float64] = (rows @ rows.conj().T).real
    return gram


def _ended(choi: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Effects on what comes in, of operations after which nobody looks at the wires."""
    d = _dimension(choi)
    effects: NDArray[np.complex128] = np.einsum("toioj->tij", choi.reshape(-1, d, d, d, d))
    return effects


def _begun(choi: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The states that operations make of |0⟩."""
    d = _dimension(choi)
    return choi.reshape(-1, d, d, d, d)[:, :, 0, :, 0]


def _dimension(choi: NDArray[np.complex128]) -> int:
    return round(choi.shape[1] ** 0.5)


def _averaged(
    shares: NDArray[np.float64],
    left: Sequence[Operation],
    right: Sequence[Operation],
    coefficients: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The mean share of terms that are of one size and go wrong alike."""
    alike: dict[tuple[object, ...], list[tuple[int, int]]] = defaultdict(list)
    for i, j in np.argwhere(coefficients).tolist():
        size = round(abs(float(coefficients[i, j])), _DIGITS)
        alike[size, _reads_and_joins(left[i]), _reads_and_joins(right[j])].append((i, j))
    result = np.zeros_like(shares)
    for cells in alike.values():
        where = tuple(np.transpose(cells))
        result[where] = shares[where].mean()
    return result


def _reads_and_joins(operation: Operation) -> tuple[object, ...]:
    """All that an operation does but for gates on one qubit."""
    steps = tuple(
        (step.name, step.qubits) for step in operation.steps if step.name == "measure" or len(step.qubits) > 1
    )
    return steps, operation.sign, operation.ancillas
