"""Entanglement of state vectors, exactly but for rounding: the weights of the Schmidt decomposition across each cut.

Amplitudes are in single precision, on the kernels of the simulator; Schmidt weights are the eigenvalues of the smaller side's
density matrix, in single precision if that has more than 10 qubits. Where few gates have crossed, the rank is known to be small,
and a random sketch finds its range (N. Halko, P. G. Martinsson, J. A. Tropp, SIAM Rev. 53, 217 (2011)), which is exact for
matrices of no greater rank.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import CODES, MEASURE, RESET, Matrix, matrix_of
from weft.simulator.dense.lanes import LANE_BITS
from weft.simulator.dense.state import apply_gates, coefficients_of, zero_state
from weft.study.structure.cuts import Cut

MOST_QUBITS = 24
"""Of a state vector: 128 MB, and the entropy of its half takes about a minute."""

_EYE = np.eye(2, dtype=np.complex128)
_X = matrix_of(CODES["x"])
_SPARE = 8  # columns of a sketch beyond the rank
_NOISE = 1e-6  # bits that rounding makes
_LARGE = 10  # qubits of a side from which on weights are in single precision, too, for the sake of time


class VectorWalk:
    """The state of one shot of a circuit.

    Args:
        circuit: of at most `MOST_QUBITS` qubits.
        seed: of the outcomes of measurements.
    """

    def __init__(self, circuit: Circuit, seed: int) -> None:
        self._circuit = circuit
        self._generator = np.random.default_rng(seed)
        self._width = max(circuit.num_qubits, LANE_BITS + 1)
        self._state = zero_state(self._width)
        self._bits = [0] * circuit.num_clbits
        self._waiting: dict[int, Matrix] = {}  # products of gates on one qubit, until a gate on two takes them along
        self._gates: list[tuple[int, int, Matrix]] = []

    def apply(self, rows: NDArray[np.int64]) -> None:
        """Executes instructions, in order."""
        circuit = self._circuit
        for row in rows.tolist():
            if any(self._bits[bit] != value for bit, value in circuit.condition(row)):
                continue
            code, (first, second) = int(circuit.opcodes[row]), circuit.qubits[row].tolist()
            if code == MEASURE:
                self._bits[int(circuit.clbits[row])] = self._measure(first)
            elif code == RESET:
                if self._measure(first):
                    self._turn(first, _X)
            elif second < 0:
                self._turn(first, matrix_of(code, circuit.angles[row]))
            else:
                self._join(first, second, matrix_of(code, circuit.angles[row]))
        self._flush()

    def entropies(self, cuts: list[Cut], bounds: list[float]) -> list[float]:
        """The entropy across each cut, in bits.

        Args:
            cuts: to look at.
            bounds: the most bits that each may have.
        """
        amplitudes = (self._state[0] + 1j * self._state[1])[: 1 << self._circuit.num_qubits]
        return [_entropy(amplitudes, cut, bound) for cut, bound in zip(cuts, bounds, strict=True)]

    @staticmethod
    def cost(cuts: list[Cut]) -> float:
        """About how many seconds `entropies` takes."""
        return float(sum(2.0 ** (len(cut.side) + cut.size) + 6 * 8.0**cut.size for cut in cuts)) / 2e10

    def _turn(self, qubit: int, matrix: Matrix) -> None:
        self._waiting[qubit] = matrix @ self._waiting.get(qubit, _EYE)

    def _join(self, first: int, second: int, matrix: Matrix) -> None:
        """A gate on |first, second⟩, with what waits on either."""
        matrix = matrix @ np.kron(self._waiting.pop(first, _EYE), self._waiting.pop(second, _EYE))
        if first < second:
            first, second = second, first
            matrix = matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
        self._gates.append((second, first, matrix))

    def _flush(self) -> None:
        """Applies the gates that were collected."""
        if not self._gates:
            return
        lower, higher = np.array([gate[:2] for gate in self._gates], dtype=np.int64).T.copy()
        matrices = np.array([gate[2] for gate in self._gates])
        apply_gates(self._state, lower, higher, coefficients_of(matrices, lower, higher), 0, len(lower))
        self._gates.clear()

    def _measure(self, qubit: int) -> int:
        """Measures in Z and leaves the state that follows, normalised."""
        self._settle(qubit, _EYE)
        by_bit = self._state.reshape(2, -1, 2, 1 << qubit)
        one, zero = (float(np.sum(by_bit[:, :, bit].astype(np.float64) ** 2)) for bit in (1, 0))
        outcome = int(self._generator.random() * (one + zero) < one)
        projector = np.diag([1.0 - outcome, float(outcome)]) / math.sqrt(one if outcome else zero)
        self._settle(qubit, projector.astype(np.complex128))
        return outcome

    def _settle(self, qubit: int, matrix: Matrix) -> None:
        """Applies a matrix on one qubit, and all that waits for it, now."""
        other = 0 if qubit else 1
        self._turn(qubit, matrix)
        self._join(qubit, other, np.eye(4, dtype=np.complex128))
        self._flush()


def _entropy(amplitudes: NDArray[np.complex64], cut: Cut, bound: float) -> float:
    qubits = len(cut.side)
    inside = cut.side if np.count_nonzero(cut.side) == cut.size else ~cut.side
    axes = [qubits - 1 - qubit for qubit in (*np.flatnonzero(inside), *np.flatnonzero(~inside))]
    matrix = amplitudes.reshape((2,) * qubits).transpose(axes).reshape(1 << cut.size, -1)
    most = 2 ** min(math.ceil(bound), cut.size)
    if 2 * (most + _SPARE) < len(matrix):
        matrix = _in_range(matrix, most + _SPARE)
    if cut.size <= _LARGE:
        matrix = matrix.astype(np.complex128)
    weights = np.linalg.eigvalsh(matrix @ matrix.conj().T).astype(np.float64)
    weights = weights[weights > np.finfo(matrix.dtype).eps] / weights.sum()
    bits = float(-np.sum(weights * np.log2(weights)))
    return bits if bits > _NOISE else 0.0


def _in_range(matrix: NDArray[np.complex64], columns: int) -> NDArray[np.complex64]:
    """A matrix in a basis of its range, which has at most so many dimensions."""
    generator = np.random.default_rng(0)
    sketch = matrix @ generator.standard_normal((matrix.shape[1], columns)).astype(np.float32)
    basis, _ = np.linalg.qr(sketch)
    return np.asarray(basis.conj().T @ matrix)
