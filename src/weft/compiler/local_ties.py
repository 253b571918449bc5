"""Ties between rows that touch no common qubit: whoever verifies a program follows one copy, pair or joint gate after the other.

A CX or X on every copy of a qubit is one gate of the circuit; its rows stand together and stay together. What is done to half of a
pair concerns the other half: a pair is joined, or read, before its far half is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.program import Op, Pauli, Program

_CX, _X, _SWAP = CODES["cx"], CODES["x"], CODES["swap"]


@dataclass(eq=False)
class Ties:
    """What ties the rows of a program.

    Attributes:
        leader (int64 array, shape (rows,)): the first of the rows that stay together with each row; most are alone.
        rows: that concern qubits beside their operands.
        qubits: those qubits, one for each entry of `rows`.
    """

    leader: NDArray[np.int64]
    rows: list[int] = field(default_factory=list)
    qubits: list[int] = field(default_factory=list)

    @staticmethod
    def of(program: Program, num_logical: int) -> Ties:
        """The ties of a program whose first `num_logical` data qubits hold the logical qubits at the start."""
        ties = Ties(np.arange(len(program)))
        if program.ebits:
            _Follower(program, num_logical, ties).run()
        for retry in program.retries:
            ties.leader[retry.start : retry.row + 1] = retry.start  # a block that may run again stays in one piece
        return ties


class _Follower:
    """Walks a program and follows who holds what.

    Attributes:
        owner: the logical qubit that each qubit holds; −1 if none.
        holders: how many hold each logical qubit.
        mates: of half of a pair, the qubits that what happens to it concerns.
        joint: the joint gate at hand: its first row, its code and logical operands, and how many rows are missing.
    """

    def __init__(self, program: Program, num_logical: int, ties: Ties) -> None:
        self.program, self.ties = program, ties
        self.qpus = program.qubit_qpus.tolist()
        self.communication = program.qubit_is_communication.tolist()
        self.owner = [-1] * program.num_qubits
        for logical, qubit in enumerate(np.flatnonzero(~program.qubit_is_communication)[:num_logical].tolist()):
            self.owner[qubit] = logical
        self.holders = [1] * num_logical
        self.mates: dict[int, set[int]] = {}
        self.joint = (-1, (-1, -1, -1), 0)

    def run(self) -> None:
        program = self.program
        codes = np.where((program.opcodes == Op.GATE) & ~program.is_conditional, program.kinds.astype(np.int64), -1)
        gates = np.isin(codes, (_CX, _X, _SWAP))
        rest = (program.opcodes == Op.ENTANGLE) | (program.opcodes == Op.MEASURE) | (program.opcodes == Op.CORRECT)
        rows = np.flatnonzero(gates | rest)
        operands = program.qubits[rows].tolist()
        for row, opcode, code, (first, second) in zip(
            rows.tolist(), program.opcodes[rows].tolist(), codes[rows].tolist(), operands, strict=True
        ):
            self.touch(row, first, second)
            if opcode == Op.ENTANGLE:
                self.mates[first], self.mates[second] = {second}, {first}
            elif opcode == Op.MEASURE:
                self.measure(row, first)
            elif code == _SWAP and not (self.communication[first] or self.communication[second]):
                self.owner[first], self.owner[second] = self.owner[second], self.owner[first]
            elif code == _CX:
                self.cx(row, first, second)
            elif code == _X:
                self.act(row, code, -1, first)

    def touch(self, row: int, *operands: int) -> None:
        for qubit in operands:
            for mate in sorted(self.mates.get(qubit, ())):
                self.ties.rows.append(row)
                self.ties.qubits.append(mate)

    def cx(self, row: int, first: int, second: int) -> None:
        if self.owner[first] >= 0 and second in self.mates:
            self.hold(self.far_half(second), self.owner[first])
            self.mates[second].add(first)  # what it gave its value to must be measured before it is used again
        elif self.owner[first] >= 0 and self.owner[second] < 0:
            self.hold(second, self.owner[first])
        elif first in self.mates and second in self.mates:
            together = {first, second} | self.mates[first] | self.mates[second]
            self.mates |= {qubit: together - {qubit} for qubit in together}
        elif self.owner[first] >= 0:
            self.act(row, _CX, first, second)

    def far_half(self, near: int) -> int:
        """The other end of a pair; the relays between, if any, are measured by now."""
        return next(iter(self.mates[near]))

    def hold(self, qubit: int, logical: int) -> None:
        self.owner[qubit] = logical
        self.holders[logical] += 1

    def measure(self, row: int, qubit: int) -> None:
        for mate in self.mates.pop(qubit, ()):
            self.part(qubit, mate)
        teleports = self.program.kinds[row] == Pauli.X and self.program.bits[row] >= self.program.num_clbits
        if self.owner[qubit] >= 0 and (self.communication[qubit] or teleports):
            self.holders[self.owner[qubit]] -= 1
            self.owner[qubit] = -1

    def part(self, measured: int, mate: int) -> None:
        """A half was measured. The one that it was joined with on its QPU still has it as a mate, so that both are read first."""
        if mate not in self.mates or self.qpus[mate] == self.qpus[measured]:
            return
        self.mates[mate].discard(measured)
        if not self.mates[mate] or self.owner[mate] >= 0:
            del self.mates[mate]

    def act(self, row: int, code: int, control: int, target: int) -> None:
        """A gate that is joint if its target has several holders; rows of one joint gate follow each other."""
        logical = self.owner[target]
        if logical < 0 or self.holders[logical] < 2:
            return
        what = (code, self.owner[control] if control >= 0 else -1, logical)
        first, known, missing = self.joint
        if missing and what == known and self.ties.leader[row - 1] == first:
            self.ties.leader[row] = first
            self.joint = (first, what, missing - 1)
        else:
            self.joint = (row, what, self.holders[logical] - 1)
