"""Every way that the measurements of a program can go, with the state that each leaves: the exact distribution of its outcomes.

For programs whose circuits measure, reset or branch on their way, on perfect devices. Only the circuit's own measurements, and
resets, have several ways: what the compiler adds to teleport is corrected, so that whichever outcome it has, all that follows is
the same, and the likelier one is taken. That also holds if a Pauli has struck half of a pair: it becomes a Pauli on what was
teleported, and outcomes change no more than its sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, PAULIS, Matrix, matrix_of
from weft.program import Op, Pauli, Program, Role
from weft.scheduler.timelines import previous_rows
from weft.simulator.backend import last_uses, terminal_measurements
from weft.simulator.distinct_outcomes import distinct_rows

_IMPOSSIBLE = 1e-12  # probability, relative; rounding leaves less than this where amplitudes cancel
_EVEN = 1e-6  # by how much outcomes of teleportations may differ from 1/2
_TURNS: dict[Pauli, Matrix] = {
    Pauli.X: matrix_of(CODES["h"]),
    Pauli.Y: matrix_of(CODES["h"]) @ matrix_of(CODES["sdg"]),
    Pauli.Z: np.eye(2, dtype=np.complex128),
}


class NotFollowedError(Exception):
    """There are too many ways, or something is no teleportation; caught where the prediction is made."""


@dataclass(frozen=True, eq=False)
class Ways:
    """All ways that measurements went.

    Attributes:
        held: the qubits that have an axis, in order.
        state (complex128 array, shape (ways, 2, …, 2)): an axis for each of these; its squared norm is how likely the way is.
        bits (uint8 array, shape (ways, bits)): what was measured.
    """

    held: tuple[int, ...]
    state: NDArray[np.complex128]
    bits: NDArray[np.uint8]

    def struck(self, qubit: int, pauli: Pauli) -> Ways:
        """The same with a Pauli on a qubit."""
        return Ways(self.held, applied(self.state, PAULIS[pauli], (1 + self.held.index(qubit),)), self.bits)


class OutcomeWalk:
    """Follows a program.

    Args:
        program: perfect, without blocks that run again.
        most_amplitudes: of all ways together.
    """

    def __init__(self, program: Program, most_amplitudes: int) -> None:
        self._program = program
        self._most = most_amplitudes
        self._final = terminal_measurements(program)
        self._last_use = last_uses(program)
        self._before = previous_rows(program)[:, 0]

    def start(self) -> Ways:
        """Nothing is held yet."""
        return Ways((), np.ones(1, dtype=np.complex128), np.zeros((1, self._program.num_bits), dtype=np.uint8))

    def step(self, row: int, ways: Ways) -> Ways:
        """What one instruction makes of all ways.

        Raises:
            NotFollowedError: if they would be too many, or an outcome of a teleportation is not left to chance.
        """
        program = self._program
        opcode, qubits = program.opcodes[row], [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        if opcode == Op.ENTANGLE:
            pair = np.array([1, 0, 0, 1], dtype=np.complex128) / np.sqrt(2)
            return self._with_new(ways, qubits, pair)
        for qubit in qubits:
            if qubit not in ways.held:
                ways = self._with_new(ways, [qubit], np.array([1, 0], dtype=np.complex128))
        if self._final[row]:
            return ways
        happens = self._happens(row, ways)
        if happens.all():
            return self._done(row, ways)
        if not happens.any():
            return ways
        done = self._done(row, Ways(ways.held, ways.state[happens], ways.bits[happens]))
        return Ways(
            ways.held,
            np.concatenate((done.state, ways.state[~happens])),
            np.concatenate((done.bits, ways.bits[~happens])),
        )

    def outcomes(self, ways: Ways) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """What the circuit's bits are at the end, shape (outcomes, num_clbits), all different; and how likely each is."""
        program, state, held = self._program, ways.state, list(ways.held)
        rows = np.flatnonzero(self._final).tolist()
        read = [int(program.qubits[row, 0]) for row in rows]
        for row, qubit in zip(rows, read, strict=True):
            state = applied(state, _TURNS[Pauli(program.kinds[row])], (1 + held.index(qubit),))
        weights = np.abs(state) ** 2
        weights = weights.sum(axis=tuple(1 + place for place, qubit in enumerate(held) if qubit not in read))
        kept = [qubit for qubit in held if qubit in read]
        weights = weights.transpose(0, *(1 + kept.index(qubit) for qubit in read))
        places = np.argwhere(weights > _IMPOSSIBLE)
        bits = ways.bits[places[:, 0], : program.num_clbits]
        bits[:, program.bits[rows]] = places[:, 1:]
        found, index, _ = distinct_rows(bits)
        likely = np.bincount(index, weights[tuple(places.T)], minlength=len(found))
        return found, likely / likely.sum()

    def _with_new(self, ways: Ways, qubits: list[int], state: NDArray[np.complex128]) -> Ways:
        if ways.state.size * len(state) > self._most:
            raise NotFollowedError
        product = np.multiply.outer(ways.state, state).reshape(*ways.state.shape, *(2,) * len(qubits))
        return Ways((*ways.held, *qubits), product, ways.bits)

    def _happens(self, row: int, ways: Ways) -> NDArray[np.bool_]:
        """In which ways the condition of an instruction holds."""
        conditions = [(bit, role == Role.IF_ONE) for bit, role in self._program.reads(row) if role != Role.PARITY]
        happens = np.ones(len(ways.bits), dtype=np.bool_)
        for bit, value in conditions:
            happens &= ways.bits[:, bit] == value
        return happens

    def _done(self, row: int, ways: Ways) -> Ways:
        program = self._program
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        if opcode == Op.GATE:
            axes = tuple(1 + ways.held.index(qubit) for qubit in qubits)
            return Ways(ways.held, applied(ways.state, matrix_of(kind, program.angles[row]), axes), ways.bits)
        if opcode == Op.MEASURE:
            return self._measured(row, ways)
        if opcode == Op.RESET:
            before = int(self._before[row])
            known = before >= 0 and program.opcodes[before] == Op.MEASURE
            return self._emptied(ways, qubits[0], Pauli(program.kinds[before]) if known else Pauli.Z)
        odd = np.bitwise_xor.reduce(ways.bits[:, [bit for bit, _ in program.reads(row)]], axis=1).astype(np.bool_)
        state = ways.state.copy()
        state[odd] = Ways(ways.held, ways.state[odd], ways.bits).struck(qubits[0], Pauli(kind)).state
        return Ways(ways.held, state, ways.bits)

    def _measured(self, row: int, ways: Ways) -> Ways:
        program = self._program
        qubit, bit, basis = int(program.qubits[row, 0]), int(program.bits[row]), Pauli(program.kinds[row])
        chosen, outcomes, state = self._found(ways, qubit, basis, is_own=bit < program.num_clbits)
        bits = ways.bits[chosen]
        bits[:, bit] = outcomes
        place = ways.held.index(qubit)
        done = program.qubit_is_communication[qubit] or self._last_use[qubit] == row
        if done and not program.is_conditional[row]:
            return Ways((*ways.held[:place], *ways.held[place + 1 :]), state, bits)
        kept = np.zeros((len(bits), 2, *state.shape[1:]), dtype=np.complex128)
        kept[np.arange(len(bits)), outcomes] = state
        kept = applied(np.moveaxis(kept, 1, 1 + place), _TURNS[basis].conj().T, (1 + place,))
        return Ways(ways.held, kept, bits)

    def _emptied(self, ways: Ways, qubit: int, basis: Pauli) -> Ways:
        """After a reset. The basis does not matter; in that of a measurement just before, the qubit is found in one state only."""
        chosen, _, state = self._found(ways, qubit, basis, is_own=True)
        place = ways.held.index(qubit)
        empty = np.zeros((len(chosen), 2, *state.shape[1:]), dtype=np.complex128)
        empty[:, 0] = state
        return Ways(ways.held, np.moveaxis(empty, 1, 1 + place), ways.bits[chosen])

    def _found(
        self, ways: Ways, qubit: int, basis: Pauli, *, is_own: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.complex128]]:
        """From which way, which outcome, and the state of the other qubits, for each way that there is then."""
        axis = 1 + ways.held.index(qubit)
        front = np.moveaxis(applied(ways.state, _TURNS[basis], (axis,)), axis, 1)
        weights = (np.abs(front) ** 2).reshape(*front.shape[:2], -1).sum(axis=2)
        share = weights / weights.sum(axis=1, keepdims=True)
        if is_own:
            chosen, outcomes = np.nonzero(share > _IMPOSSIBLE)
            if len(chosen) * front[0].size > self._most:
                raise NotFollowedError
            return chosen, outcomes, front[chosen, outcomes]
        chosen, outcomes = np.arange(len(front)), np.argmax(share, axis=1)
        likely = share[chosen, outcomes]
        if np.any((np.abs(likely - 0.5) > _EVEN) & (likely < 1 - _EVEN)):
            raise NotFollowedError
        scale = (1 / np.sqrt(likely)).reshape(-1, *(1,) * (front.ndim - 2))
        return chosen, outcomes, front[chosen, outcomes] * scale


def applied(state: NDArray[np.complex128], matrix: Matrix, axes: tuple[int, ...]) -> NDArray[np.complex128]:
    """A gate on some axes of a state, the first of them the more significant."""
    size = len(axes)
    moved = np.tensordot(matrix.reshape((2,) * (2 * size)), state, (range(size, 2 * size), axes))
    return np.asarray(np.moveaxis(moved, range(size), axes))
