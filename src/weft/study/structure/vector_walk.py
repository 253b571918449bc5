"""Entanglement of state vectors, exactly but for rounding: one shot of the circuit, on the simulator's kernels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import CODES, MEASURE, RESET, Matrix, matrix_of
from weft.simulator.dense.lanes import LANE_BITS
from weft.simulator.dense.state import apply_gates, coefficients_of, zero_state
from weft.study.structure.cuts import Cut
from weft.study.structure.schmidt import entropy_across, entropy_seconds

MOST_QUBITS = 24
"""Of a state vector: 128 MB, and the entropy of its half takes about half a minute."""

_EYE = np.eye(2, dtype=np.complex128)
_X = matrix_of(CODES["x"])


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
        return [entropy_across(self._state, cut, bound) for cut, bound in zip(cuts, bounds, strict=True)]

    @staticmethod
    def cost(cuts: list[Cut]) -> float:
        """About how many seconds `entropies` takes."""
        return sum(entropy_seconds(cut) for cut in cuts)

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
