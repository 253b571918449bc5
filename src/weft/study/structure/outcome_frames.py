"""What spoilt pairs do to the outcomes of Clifford programs of any size, if all that depends on outcomes are Paulis.

Outcomes of such a program are uniform over an affine space. What spans it is known from what stabilizes fresh qubits, fresh pairs
and what has just been measured: such a Pauli changes nothing when it strikes, but the outcomes that it turns over later are as
likely as those that it does not (the Pauli frames of C. Gidney, Quantum 5, 497 (2021)). A fault turns some outcomes over,
too. If what spans the space gives the same, the distribution stays as it is; else no outcome that comes was possible before.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.program import Op, Pauli, Program, Role
from weft.study.structure.outcome_loss import OutcomeLoss
from weft.study.structure.pauli_frames import conjugate, is_clifford_program, tableau_of

_PAULIS = (Pauli.X, Pauli.Y, Pauli.Z)
_GATES = {CODES["x"]: Pauli.X, CODES["y"]: Pauli.Y, CODES["z"]: Pauli.Z}
_MOST_CELLS = 2**28  # of frames, a byte each

Bits = NDArray[np.bool_]
Space = dict[int, int]
"""Vectors of bits as whole numbers that span a space, by their highest bits, which all differ."""


def has_frames(program: Program) -> bool:
    """Whether every gate is Clifford, and all that depends on outcomes are Paulis, each on one bit or on a parity."""
    for row in np.flatnonzero(program.is_conditional).tolist():
        if program.opcodes[row] != Op.GATE or int(program.kinds[row]) not in _GATES or len(program.reads(row)) != 1:
            return False
    columns = 2 * program.ebits + len(program) + program.num_qubits
    return is_clifford_program(program) and columns * (2 * program.num_qubits + program.num_bits) <= _MOST_CELLS


def losses_of_outcome_frames(program: Program, pair_rows: NDArray[np.int64]) -> dict[int, OutcomeLoss]:
    """What spoilt pairs do to the outcomes, by place in `pair_rows`.

    Args:
        program: perfect, one that `has_frames`, without blocks that run again.
        pair_rows: its rows that take the pairs asked about.
    """
    faults, free = _flips(program, pair_rows)
    space: Space = {}
    for vector in free:
        rest = _reduced(vector, space)
        if rest:
            space[rest.bit_length()] = rest
    is_usual = partial(_is_in, _reference(program), space)
    losses = {}
    for place in range(len(pair_rows)):
        x, y, z = (float(_reduced(vector, space) != 0) for vector in faults[3 * place : 3 * place + 3])
        losses[place] = OutcomeLoss((x, y, z), (x + y + z) / 3, is_usual, 0.0)
    return losses


def _reduced(vector: int, space: Space) -> int:
    """What is left of a vector; 0 if it lies in the space."""
    while vector and vector.bit_length() in space:
        vector ^= space[vector.bit_length()]
    return vector


def _is_in(reference: int, space: Space, outcome: bytes) -> bool:
    return _reduced(reference ^ int("".join(map(str, outcome)) or "0", 2), space) == 0


def _flips(program: Program, pair_rows: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """The bits of the circuit that are turned over by X, Y and Z on each pair, and by each Pauli that changes nothing at first."""
    frames = _Frames(program, {row: 3 * place for place, row in enumerate(pair_rows.tolist())})
    for row in range(len(program)):
        frames.step(row)
    vectors = [int("".join(map(str, column)) or "0", 2) for column in frames.flips[: program.num_clbits].T.astype(int)]
    return vectors[: 3 * len(pair_rows)], vectors[3 * len(pair_rows) : frames.used]


class _Frames:
    """Paulis that travel through a program side by side, signs left out.

    Attributes:
        flips (bool array, shape (bits, frames)): the bits that each turns over.
        used: how many frames there are.
    """

    def __init__(self, program: Program, faults: dict[int, int]) -> None:
        fresh = program.num_qubits + 2 * program.ebits
        later = int(np.count_nonzero(np.isin(program.opcodes, (Op.RESET, Op.MEASURE))))
        shape = (program.num_qubits, 3 * len(faults) + fresh + later)
        self._program, self._faults = program, faults
        self._x, self._z = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        self.flips: Bits = np.zeros((program.num_bits, shape[1]), dtype=np.bool_)
        self.used = 3 * len(faults)
        for qubit in range(program.num_qubits):
            self._begin([qubit], Pauli.Z)

    def step(self, row: int) -> None:
        """Takes all frames through one instruction."""
        program, x, z = self._program, self._x, self._z
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        bits = [bit for bit, _ in program.reads(row)]
        if opcode == Op.GATE and bits:
            self._correct(qubits[0], _GATES[kind], bits)
        elif opcode == Op.GATE:
            tableau = tableau_of(kind, tuple(program.angles[row].tolist()))
            assert tableau is not None
            conjugate(x, z, qubits, tableau)
        elif opcode == Op.CORRECT:
            self._correct(qubits[0], Pauli(kind), bits)
        elif opcode == Op.MEASURE:
            self.flips[program.bits[row]] = (x[qubits[0]] & (kind != Pauli.X)) ^ (z[qubits[0]] & (kind != Pauli.Z))
            self._begin(qubits, Pauli(kind))
        else:
            x[qubits] = z[qubits] = False
            self._begin(qubits, Pauli.Z)
            if opcode == Op.ENTANGLE:
                self._begin(qubits, Pauli.X)
                self._strike(row, qubits[1])

    def _begin(self, qubits: list[int], pauli: Pauli) -> None:
        self._x[qubits, self.used] = pauli != Pauli.Z
        self._z[qubits, self.used] = pauli != Pauli.X
        self.used += 1

    def _strike(self, row: int, qubit: int) -> None:
        if row in self._faults:
            columns = slice(self._faults[row], self._faults[row] + 3)
            self._x[qubit, columns] = [pauli != Pauli.Z for pauli in _PAULIS]
            self._z[qubit, columns] = [pauli != Pauli.X for pauli in _PAULIS]

    def _correct(self, qubit: int, pauli: Pauli, bits: list[int]) -> None:
        odd = np.bitwise_xor.reduce(self.flips[bits], axis=0)
        self._x[qubit] ^= odd & (pauli != Pauli.Z)
        self._z[qubit] ^= odd & (pauli != Pauli.X)


def _reference(program: Program) -> int:
    """One outcome of the circuit's bits that is possible."""
    simulator = stim.TableauSimulator(seed=0)
    simulator.set_num_qubits(program.num_qubits)
    bits = np.zeros(program.num_bits, dtype=np.int64)
    for row, operands in enumerate(program.qubits.tolist()):
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        qubits, reads = [qubit for qubit in operands if qubit >= 0], program.reads(row)
        if opcode == Op.GATE:
            if all(bits[bit] == (role == Role.IF_ONE) for bit, role in reads):
                simulator.do_tableau(tableau_of(kind, tuple(program.angles[row].tolist())), qubits)
        elif opcode == Op.CORRECT:
            if bits[[bit for bit, _ in reads]].sum() % 2:
                getattr(simulator, Pauli(kind).name.lower())(qubits[0])
        elif opcode == Op.MEASURE:
            bits[program.bits[row]] = simulator.measure_observable(stim.PauliString(f"{Pauli(kind).name}{qubits[0]}"))
        else:
            simulator.reset(*qubits)
            if opcode == Op.ENTANGLE:
                simulator.h(qubits[0])
                simulator.cx(*qubits)
    return int("".join(map(str, bits[: program.num_clbits])) or "0", 2)
