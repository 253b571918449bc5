"""What a decomposition comes to, as one dense matrix: the check that it is the channel that was cut.

The Choi matrix of a channel with Kraus operators K is Σ vec(K) vec(K)†, where vec(K) lists K's entries row by row. So
that of a unitary U is `np.outer(vec, vec.conj())` with `vec = U.ravel()`. Everything is exact, and exponential in wires.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, Matrix, matrix_of
from weft.protocols.cutting.decomposition import Decomposition
from weft.protocols.cutting.operations import Operation, Step

Branches = list[tuple[int, NDArray[np.complex128]]]
"""Outcome bits, the first the least significant, and a Kraus operator (out qubits…, in) that they came with."""


def gate_choi(decomposition: Decomposition) -> Matrix:
    """The Choi matrix of what a gate cut stands for.

    Returns:
        An array, shape (4^w, 4^w) with w the wires of both ends together; the left wires are the more significant.
    """
    joint = np.tensordot(*_factors(decomposition), axes=(0, 0))
    a, b = (2 ** end[0].wires for end in (decomposition.left, decomposition.right))
    axes = joint.reshape(a, a, a, a, b, b, b, b).transpose(0, 4, 1, 5, 2, 6, 3, 7)
    return axes.reshape((a * b) ** 2, (a * b) ** 2)


def wire_choi(decomposition: Decomposition) -> Matrix:
    """The Choi matrix of what a wire cut stands for: from the left wires into the right wires, which begin in |0⟩.

    Returns:
        An array, shape (4^k, 4^k) with k the wires of one end.
    """
    left, right = _factors(decomposition)
    a, b = (2 ** end[0].wires for end in (decomposition.left, decomposition.right))
    ended = np.einsum("toioj->tij", left.reshape(-1, a, a, a, a))
    begun = right.reshape(-1, b, b, b, b)[:, :, 0, :, 0]
    return np.einsum("tij,tpq->piqj", ended, begun).reshape(a * b, a * b)


def operation_choi(operation: Operation, messages: tuple[int, ...] = ()) -> NDArray[np.complex128]:
    """The Choi matrices of an operation's outcomes, without its sign.

    Args:
        operation: of either end.
        messages: the values of the other end's bits; none if it reads none.

    Returns:
        An array, shape (2^bits, 4^wires, 4^wires); outcome bit k is bit k of the first index.
    """
    size = 4**operation.wires
    choi = np.zeros((2**operation.bits, size, size), dtype=np.complex128)
    for outcome, kraus in _kraus_operators(operation, messages):
        vector = kraus.reshape(size)
        choi[outcome] += np.outer(vector, vector.conj())
    return choi


def signed_choi(operation: Operation, seen: tuple[int, ...] = ()) -> NDArray[np.complex128]:
    """The Choi matrix of an operation with its sign: of all its outcomes, or of those that begin with some bits.

    Args:
        operation: of either end; it reads no messages.
        seen: the values of its first outcome bits.

    Returns:
        An array, shape (4^wires, 4^wires).
    """
    outcomes = np.arange(2**operation.bits)
    kept = np.all([outcomes >> bit & 1 == value for bit, value in enumerate(seen)], axis=0)
    summed: NDArray[np.complex128] = np.tensordot(_signs(operation) * kept, operation_choi(operation), axes=1)
    return summed


def _factors(decomposition: Decomposition) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Matrices of the two ends, term by term, such that the sum of their tensor products is the channel."""
    if not decomposition.communication:
        left, right = (np.array([_signed(op, ()) for op in end]) for end in (decomposition.left, decomposition.right))
        return left, np.tensordot(decomposition.coefficients, right, axes=1)
    terms = [
        (part, sum(row[j] * _signed(decomposition.right[j], messages) for j in np.flatnonzero(row)))
        for left, row in zip(decomposition.left, decomposition.coefficients, strict=True)
        for messages, part in _signed_outcomes(left)
    ]
    return np.array([left for left, _ in terms]), np.array([right for _, right in terms])


def _signed_outcomes(operation: Operation) -> list[tuple[tuple[int, ...], NDArray[np.complex128]]]:
    parts = _signs(operation)[:, None, None] * operation_choi(operation)
    return [(tuple(outcome >> bit & 1 for bit in range(operation.bits)), part) for outcome, part in enumerate(parts)]


def _signed(operation: Operation, messages: tuple[int, ...]) -> NDArray[np.complex128]:
    return np.tensordot(_signs(operation), operation_choi(operation, messages[: operation.messages]), axes=1)


def _signs(operation: Operation) -> NDArray[np.float64]:
    signs = np.ones(2**operation.bits)
    for bit in operation.sign:
        signs *= 1 - 2.0 * (np.arange(len(signs)) >> bit & 1)
    return signs


def _kraus_operators(operation: Operation, messages: tuple[int, ...]) -> Branches:
    """Kraus operators, shape (2^wires, 2^wires), with the ancillas in |0⟩ before and traced out after."""
    wires, qubits = operation.wires, operation.wires + operation.ancillas
    start = np.zeros((2**wires, 2**operation.ancillas, 2**wires), dtype=np.complex128)
    start[:, 0] = np.eye(2**wires)
    branches: Branches = [(0, start.reshape(*[2] * qubits, 2**wires))]
    for step in operation.steps:
        if all(messages[message] == value for message, value in step.condition):
            branches = [after for branch in branches for after in _after(step, *branch)]
    columns = [(outcome, kraus.reshape(start.shape)) for outcome, kraus in branches]
    return [(outcome, kraus[:, k]) for (outcome, kraus), k in product(columns, range(2**operation.ancillas))]


def _after(step: Step, outcome: int, kraus: NDArray[np.complex128]) -> Branches:
    if step.name == "measure":
        cleared = outcome & ~(1 << step.bit)
        return [(cleared | k << step.bit, _applied(_PROJECTORS[k], step.qubits, kraus)) for k in (0, 1)]
    if step.name == "reset":
        return [(outcome, _applied(lowering, step.qubits, kraus)) for lowering in _RESETS]
    return [(outcome, _applied(matrix_of(CODES[step.name], step.angles), step.qubits, kraus))]


def _applied(matrix: Matrix, qubits: tuple[int, ...], kraus: NDArray[np.complex128]) -> NDArray[np.complex128]:
    count = len(qubits)
    tensor = np.tensordot(matrix.reshape([2] * (2 * count)), kraus, axes=(range(count, 2 * count), qubits))
    return np.moveaxis(tensor, range(count), qubits)


_PROJECTORS = (np.diag([1.0 + 0j, 0]), np.diag([0j, 1.0]))
_RESETS = (np.array([[1, 0], [0, 0]], dtype=np.complex128), np.array([[0, 1], [0, 0]], dtype=np.complex128))
