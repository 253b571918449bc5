"""The exact distribution of a circuit's classical bits on a perfect machine: every way that measurements can go is followed.

For small circuits, as something to compare with: a state vector for each way, so that each measurement on the way may double them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET, matrix_of
from weft.errors import SimulationError

MOST_AMPLITUDES = 2**26
_IMPOSSIBLE = 1e-24  # probability; rounding leaves less than this where amplitudes cancel

State = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class ExactOutcomes:
    """What a circuit's bits can be.

    Attributes:
        bits (uint8 array, shape (outcomes, num_clbits)): different outcomes, ascending.
        probabilities (float64 array, shape (outcomes,)): of each.
    """

    bits: NDArray[np.uint8]
    probabilities: NDArray[np.float64]


def exact_outcomes(circuit: Circuit, *, most_amplitudes: int = MOST_AMPLITUDES) -> ExactOutcomes:
    """What the bits of a circuit are, and how likely.

    Args:
        circuit: may measure, reset and branch anywhere; bits that nothing writes are 0.
        most_amplitudes: of the states of all ways together.

    Raises:
        SimulationError: if the states of all ways together would be too large.
    """
    final = final_measurements(circuit)
    ways = [_Way(circuit)]
    for row in range(len(circuit)):
        if len(ways) << circuit.num_qubits > most_amplitudes:
            raise SimulationError(
                f"the states of `{circuit.name}` must have at most {most_amplitudes:,} amplitudes together, but need more"
            )
        if not final[row]:
            ways = [new for way in ways for new in way.after(row)]
    parts = [way.read(np.flatnonzero(final)) for way in ways]
    bits, index = np.unique(np.concatenate([part[0] for part in parts]), axis=0, return_inverse=True)
    weights = np.bincount(index.reshape(-1), np.concatenate([part[1] for part in parts]), minlength=len(bits))
    return ExactOutcomes(bits, weights / weights.sum())


def final_measurements(circuit: Circuit) -> NDArray[np.bool_]:
    """Which rows measure a qubit, unconditionally and for good, into a bit that nothing else touches; shape (n,)."""
    touched = np.bincount(circuit.condition_bits, minlength=max(circuit.num_clbits, 1))
    touched += np.bincount(circuit.clbits[circuit.opcodes == MEASURE], minlength=len(touched))
    final = circuit.measures_last
    final[final] = touched[circuit.clbits[final]] == 1
    return final


class _Way:
    """One way that measurements went: the state they left, not normalised, and the bits."""

    def __init__(self, circuit: Circuit, state: State | None = None, bits: NDArray[np.uint8] | None = None) -> None:
        self._circuit = circuit
        if state is None:
            state = np.zeros((2,) * circuit.num_qubits, dtype=np.complex128)
            state[(0,) * circuit.num_qubits] = 1
        self._state = state
        self._bits = np.zeros(circuit.num_clbits, dtype=np.uint8) if bits is None else bits

    def after(self, row: int) -> list[_Way]:
        """The ways that one instruction makes of this one."""
        circuit = self._circuit
        if any(self._bits[bit] != value for bit, value in circuit.condition(row)):
            return [self]
        code, (first, second) = int(circuit.opcodes[row]), circuit.qubits[row].tolist()
        if code not in {MEASURE, RESET}:
            return [_Way(circuit, _applied(self._state, code, circuit.angles[row], first, second), self._bits)]
        return [way for outcome in (0, 1) if (way := self._found(row, first, outcome, code == RESET)) is not None]

    def _found(self, row: int, qubit: int, outcome: int, empties: bool) -> _Way | None:
        """The way on which a qubit is found in a state, and is then left there or put into |0⟩."""
        left = np.moveaxis(self._state, qubit, 0)[outcome]
        if np.vdot(left, left).real < _IMPOSSIBLE:
            return None
        state = np.zeros_like(self._state)
        np.moveaxis(state, qubit, 0)[0 if empties else outcome] = left
        bits = self._bits
        if not empties:
            bits = bits.copy()
            bits[self._circuit.clbits[row]] = outcome
        return _Way(self._circuit, state, bits)

    def read(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """All outcomes of final measurements that are possible, with their weights."""
        qubits = self._circuit.qubits[rows, 0].tolist()
        weights = np.abs(self._state) ** 2
        others = tuple(qubit for qubit in range(self._circuit.num_qubits) if qubit not in qubits)
        kept = [qubit for qubit in range(self._circuit.num_qubits) if qubit in qubits]
        weights = np.transpose(weights.sum(axis=others), [kept.index(qubit) for qubit in qubits])
        places = np.argwhere(weights > _IMPOSSIBLE).reshape(-1, len(qubits)) if qubits else np.zeros((1, 0), dtype=int)
        bits = np.tile(self._bits, (len(places), 1))
        bits[:, self._circuit.clbits[rows]] = places
        return bits, weights[tuple(places.T)].reshape(-1)


def _applied(state: State, code: int, angles: NDArray[np.float64], first: int, second: int) -> State:
    qubits = [first, second][: GATES[code].qubits]
    matrix = matrix_of(code, angles).reshape((2,) * (2 * len(qubits)))
    moved = np.tensordot(matrix, state, (range(len(qubits), 2 * len(qubits)), qubits))
    return np.asarray(np.moveaxis(moved, range(len(qubits)), qubits))
