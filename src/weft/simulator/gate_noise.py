"""How gates err, as matrices and as weights of Paulis.

A gate U of `qubits` operands turns out to be U^(1+ε); then each operand may relax; then a Pauli may strike, which is that of a
depolarising channel times one of the Pauli errors that the QPU states. Backends that know nothing but Paulis take the Pauli twirl
of all that. A Pauli on two operands is numbered p₀ + 4 p₁ with 0 I, 1 X, 2 Y, 3 Z, so that products are bitwise exclusive or.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import PAULIS, Matrix
from weft.network import QPU

_TWO_PAULIS = np.array([np.kron(a, b) for b in PAULIS for a in PAULIS])

NO_ERROR: NDArray[np.float64] = np.eye(1, 16)[0]
"""The weights of the channel that does nothing."""

_LETTERS = "IXYZ"
_CLOSE_TO_PI = 1e-9
# Eigenvectors of U are those of cos θ + c sin θ for a c that tells all of its phases apart. Two phases are confused by at most one
# c, and there are six pairs of phases, so that one of seven will do.
_MIXTURES = np.array([0.0, 0.31, 0.77, 1.53, -0.43, -0.91, -2.1])


@dataclass(frozen=True)
class GateNoise:
    """How gates on one or two qubits err on a QPU.

    Attributes:
        qubits: 1 or 2.
        weight: total Pauli weight of the depolarising channel.
        pauli_errors: other Paulis and their probabilities.
        damping: probability that an operand relaxes from |1⟩ to |0⟩.
        over_rotation: ε.
    """

    qubits: int
    weight: float
    pauli_errors: tuple[tuple[str, float], ...]
    damping: float
    over_rotation: float

    @property
    def pauli_weights(self) -> NDArray[np.float64]:
        """Probabilities of the Paulis that strike beside damping and over-rotation, shape (16,)."""
        kinds = 4**self.qubits
        depolarising = np.zeros(16)
        depolarising[1:kinds] = self.weight / (kinds - 1)
        depolarising[0] = 1 - self.weight
        stated = np.zeros(16)
        for name, probability in self.pauli_errors:
            stated[sum(_LETTERS.index(letter) << (2 * place) for place, letter in enumerate(name))] = probability
        stated[0] = max(1 - stated.sum(), 0.0)
        return product(depolarising, stated) if self.pauli_errors else depolarising

    def twirled_weights(self, matrices: Matrix | None) -> NDArray[np.float64]:
        """Probabilities of the Paulis of the twirl of everything that spoils a gate, shape (…, 16).

        Args:
            matrices (complex array, shape (…, d, d)): of gates that over-rotate; None if over-rotation is left out.
        """
        return _twirled_without_rotation(self) if matrices is None else self.twirled(matrices)

    def twirled(self, matrices: Matrix | None) -> NDArray[np.float64]:
        """The same, worked out anew."""
        kraus = damping_kraus(self.damping)
        if self.qubits == 2:
            kraus = np.array([np.kron(first, second) for first in kraus for second in kraus])
        if matrices is not None:
            kraus = kraus @ power(matrices, self.over_rotation)[..., None, :, :]
        return product(twirl(kraus), self.pauli_weights)


@lru_cache(maxsize=1024)  # programs share hardware
def _twirled_without_rotation(noise: GateNoise) -> NDArray[np.float64]:
    weights = noise.twirled(None)
    weights.setflags(write=False)
    return weights


def gate_noise_of(qpu: QPU, qubits: int) -> GateNoise:
    """How a QPU's gates on one or two qubits err.

    Source:
        Nielsen, Phys. Lett. A 303, 249 (2002): a depolarising channel of average infidelity e has the total Pauli weight
        e (d + 1)/d.
    """
    if qubits == 1:
        errors, weight = qpu.one_qubit_pauli_errors, 1.5 * qpu.one_qubit_gate_error
        return GateNoise(
            1, weight, tuple(dict(errors).items()), qpu.one_qubit_gate_damping, qpu.one_qubit_over_rotation
        )
    errors, weight = qpu.two_qubit_pauli_errors, 1.25 * qpu.two_qubit_gate_error
    return GateNoise(2, weight, tuple(dict(errors).items()), qpu.two_qubit_gate_damping, qpu.two_qubit_over_rotation)


def product(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of one Pauli channel after another, shape (…, 16), given those of shapes (…, 16) and (16,)."""
    index = np.arange(16)
    return first @ second[index[:, None] ^ index]


def damping_kraus(probability: float) -> NDArray[np.complex128]:
    """Kraus operators of amplitude damping, shape (2, 2, 2). Source: Nielsen and Chuang, section 8.3.5."""
    kraus = np.zeros((2, 2, 2), dtype=np.complex128)
    kraus[0] = np.diag([1, np.sqrt(1 - probability)])
    kraus[1, 0, 1] = np.sqrt(probability)
    return kraus


def power(matrices: Matrix, exponent: float) -> Matrix:
    """A power of unitaries, shape (…, d, d), by their eigenphases in (−π, π]."""
    adjoint = _adjoint(matrices)
    even, odd = (matrices + adjoint) / 2, (matrices - adjoint) / 2j
    _, bases = np.linalg.eigh(even + _MIXTURES.reshape(-1, *[1] * matrices.ndim) * odd)
    turned = _adjoint(bases) @ matrices @ bases
    diagonals = np.diagonal(turned, axis1=-2, axis2=-1)
    left_over = np.abs(turned).sum(axis=(-2, -1)) - np.abs(diagonals).sum(axis=-1)
    best = np.argmin(left_over, axis=0)[None, ..., None]
    phases = np.angle(np.take_along_axis(diagonals, best, axis=0)[0])
    basis = np.take_along_axis(bases, best[..., None], axis=0)[0]
    phases[phases < _CLOSE_TO_PI - np.pi] += 2 * np.pi  # rounding must not turn π into −π
    return (basis * np.exp(1j * exponent * phases)[..., None, :]) @ _adjoint(basis)


def _adjoint(matrices: Matrix) -> Matrix:
    return np.swapaxes(matrices.conj(), -2, -1)


def twirl(kraus: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Weights of the Paulis of the Pauli twirl of channels, shape (…, 16).

    Args:
        kraus (complex array, shape (…, k, d, d)): their Kraus operators, d = 2 or 4, the first operand the more significant.

    Source:
        The weight of P is Σ |tr(P K)|²/d² over Kraus operators K: Dankert, Cleve, Emerson, Livine, Phys. Rev. A 80, 012304 (2009).
    """
    dimension = kraus.shape[-1]
    paulis = PAULIS if dimension == 2 else _TWO_PAULIS
    traces = np.einsum("pij,...kji->...pk", paulis, kraus)
    weights = np.zeros((*kraus.shape[:-3], 16))
    weights[..., : len(paulis)] = (np.abs(traces) ** 2).sum(axis=-1) / dimension**2
    return weights
