"""Undoes every teleportation of a program by its identity and returns the logical circuit that is left.

Every qubit is in one of a few states: it is empty, holds a logical qubit, holds half of a Bell pair, or holds a *copy* of a
logical qubit (of its value in the Z basis). Byproducts are sets of measurements, named by their rows, because bits may be
written again; the parity of what they gave says whether an X or a Z stands in front.

* A CX from a holder of logical qubit q onto half of a pair, and a Z measurement of that half giving m, make the other half a
  copy of q, up to X^m.
* A CX between halves of two pairs, then X and Z measurements giving x and z, join the pairs into one, up to X^z Z^x.
* A gate on a copy acts on q, if it is diagonal there; while q has copies, only such gates may act on q.
* An X measurement of a copy giving m removes it and leaves Z^m on q.

A gate may act only where no byproduct stands in its way, and a correction only where a Pauli could stand: not between the CX
and the measurement that it is for. One pass, so linear in the number of instructions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from weft.circuit.gates import CODES, GATES, MEASURE, RESET, matrix_of
from weft.errors import VerificationError
from weft.program.instructions import Op, Pauli, Role
from weft.program.program import Program

_CX = CODES["cx"]

Condition = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class LogicalInstruction:
    """One instruction of the logical circuit that a replay leaves.

    Attributes:
        code: a gate's opcode, `MEASURE` or `RESET`.
        qubits: logical qubits, numbered as the program's data qubits are.
        angles: in radians, as many as the gate takes.
        clbit: that a measurement writes; −1 otherwise.
        condition: (bit, value) pairs that must all hold, sorted.
    """

    code: int
    qubits: tuple[int, ...]
    angles: tuple[float, ...]
    clbit: int
    condition: Condition


@dataclass(slots=True)
class _Byproduct:
    """X^{parity of x} Z^{parity of z} in front of what a qubit holds."""

    x: frozenset[int] = frozenset()
    z: frozenset[int] = frozenset()

    def toggle(self, pauli: int, measurements: Iterable[int]) -> None:
        for row in measurements:  # one by one: a measurement named twice cancels
            if pauli in {Pauli.X, Pauli.Y}:
                self.x ^= {row}
            if pauli in {Pauli.Z, Pauli.Y}:
                self.z ^= {row}


@dataclass(slots=True)
class _Empty:
    byproduct: _Byproduct = field(default_factory=_Byproduct)


@dataclass(slots=True)
class _Data:
    logical: int
    byproduct: _Byproduct = field(default_factory=_Byproduct)


@dataclass(slots=True)
class _Copy:
    logical: int
    byproduct: _Byproduct


@dataclass(slots=True)
class _Half:
    """Half of a pair; the two halves share one byproduct, because on Φ+ a Pauli may stand on either side."""

    partner: int
    byproduct: _Byproduct


@dataclass(slots=True)
class _Fanned:
    """Half of a pair after the CX that copies a logical qubit onto it, before its Z measurement."""

    logical: int
    partner: int
    byproduct: _Byproduct


@dataclass(slots=True)
class _Joined:
    """Half of a pair after the CX that joins it with another, before the measurement in `basis`."""

    other: int
    partner: int
    byproduct: _Byproduct
    basis: Pauli
    measured: int | None = None  # the row that did


_State = _Empty | _Data | _Copy | _Half | _Fanned | _Joined


@lru_cache(maxsize=65_536)
def _is_diagonal(code: int, angles: tuple[float, ...], operand: int) -> bool:
    """Whether a gate commutes with Z on an operand, from its matrix."""
    qubits = GATES[code].qubits
    blocks = np.moveaxis(matrix_of(code, angles).reshape((2,) * (2 * qubits)), (operand, qubits + operand), (0, 1))
    return bool(np.max(np.abs(blocks[0, 1])) < 1e-12 and np.max(np.abs(blocks[1, 0])) < 1e-12)


def replay(program: Program, num_logical: int) -> list[LogicalInstruction]:
    """The logical circuit of a program.

    Args:
        program: to replay; its first `num_logical` data qubits hold the logical qubits at the start and at the end.
        num_logical: how many logical qubits there are.

    Raises:
        VerificationError: if an instruction is not part of a known teleportation, or leaves a byproduct uncorrected.
    """
    return _Replay(program, num_logical).run()


class _Replay:
    def __init__(self, program: Program, num_logical: int) -> None:
        self.program = program
        data = np.flatnonzero(~program.qubit_is_communication).tolist()
        if len(data) < num_logical:
            raise VerificationError(f"the program must hold {num_logical} data qubits, but holds {len(data)}")
        self.state: list[_State] = [_Empty() for _ in range(program.num_qubits)]
        for logical, qubit in enumerate(data):
            self.state[qubit] = _Data(logical)
        self.home = data
        self.copies = [0] * len(data)
        self.offsets = program.read_offsets.tolist()
        self.reads = list(zip(program.read_bits.tolist(), program.read_roles.tolist(), strict=True))
        self.writers: dict[int, int] = {}  # the row that wrote each bit last; a bit that none wrote is 0
        self.row = -1
        self.logical: list[LogicalInstruction] = []

    def fail(self, reason: str) -> VerificationError:
        names = [self.program.qubit_names[qubit] for qubit in self.program.qubits[self.row].tolist() if qubit >= 0]
        kind = Op(self.program.opcodes[self.row]).name.lower()
        return VerificationError(f"instruction {self.row} ({kind} on {', '.join(names)}): {reason}")

    def run(self) -> list[LogicalInstruction]:
        program = self.program
        kinds, bits = program.kinds.tolist(), program.bits.tolist()
        qubits, angles = program.qubits.tolist(), program.angles.tolist()
        conditional = program.is_conditional.tolist()
        for row, opcode in enumerate(program.opcodes.tolist()):
            self.row = row
            first, second = qubits[row]
            condition = self.condition() if conditional[row] else ()
            if opcode == Op.GATE:
                operands = (first,) if second < 0 else (first, second)
                self.gate(kinds[row], operands, tuple(angles[row]), condition)
            elif opcode == Op.ENTANGLE:
                shared = _Byproduct()
                self.state[first], self.state[second] = _Half(second, shared), _Half(first, shared)
            elif opcode == Op.MEASURE:
                self.measure(first, Pauli(kinds[row]), bits[row], condition)
            elif opcode == Op.RESET:
                self.record_on_data(first, RESET, -1, condition)
            else:
                self.correct(first, kinds[row])
        self.check_end()
        return self.logical

    def check_end(self) -> None:
        for name, state in zip(self.program.qubit_names, self.state, strict=True):
            finished = isinstance(state, _Data) and not (state.byproduct.x or state.byproduct.z)
            if not finished and not isinstance(state, _Empty):
                raise VerificationError(f"qubit {name} must end empty or free of byproducts, but does not")

    def condition(self) -> Condition:
        reads = self.reads[self.offsets[self.row] : self.offsets[self.row + 1]]
        if any(bit >= self.program.num_clbits for bit, _ in reads):
            raise self.fail("a condition must read bits of the circuit, but reads one of a teleportation")
        return tuple(sorted((bit, int(role == Role.IF_ONE)) for bit, role in reads))

    def correct(self, qubit: int, pauli: int) -> None:
        state = self.state[qubit]
        if isinstance(state, _Fanned | _Joined):
            raise self.fail("a half that is about to be measured must not be corrected, but is")
        reads = self.reads[self.offsets[self.row] : self.offsets[self.row + 1]]
        state.byproduct.toggle(pauli, [self.writers[bit] for bit, _ in reads if bit in self.writers])

    def gate(self, code: int, operands: tuple[int, ...], angles: tuple[float, ...], condition: Condition) -> None:
        states = [self.state[qubit] for qubit in operands]
        if code == _CX and isinstance(states[1], _Half) and not condition:
            if isinstance(states[0], _Data | _Copy):
                self.fan_out(states[0], operands[1], states[1])
                return
            if isinstance(states[0], _Half) and states[0].partner != operands[1]:
                self.join(operands[0], operands[1], states[0], states[1])
                return
        logical = []
        for position, state in enumerate(states):
            if not isinstance(state, _Data | _Copy):
                raise self.fail("a gate must act on logical qubits or copies of them, but acts on half of a pair")
            diagonal = _is_diagonal(code, angles, position)
            if not diagonal and self.copies[state.logical]:
                raise self.fail("a gate on a qubit that has copies must be diagonal there, but is not")
            if state.byproduct.x or (state.byproduct.z and not diagonal):
                raise self.fail("a gate must not act behind a byproduct, but one has not been corrected")
            logical.append(state.logical)
        if len(set(logical)) < len(logical):
            raise self.fail("a gate must act on different logical qubits, but both operands hold the same one")
        self.logical.append(LogicalInstruction(code, tuple(logical), angles[: GATES[code].angles], -1, condition))

    def fan_out(self, source: _Data | _Copy, half: int, state: _Half) -> None:
        if source.byproduct.x:
            raise self.fail("a qubit must be copied without an X in front of it, but one has not been corrected")
        self.state[half] = _Fanned(source.logical, state.partner, state.byproduct)
        self.copies[source.logical] += 1  # from here on, only diagonal gates may act on it

    def join(self, left: int, right: int, left_state: _Half, right_state: _Half) -> None:
        self.state[left] = _Joined(right, left_state.partner, left_state.byproduct, Pauli.X)
        self.state[right] = _Joined(left, right_state.partner, right_state.byproduct, Pauli.Z)

    def measure(self, qubit: int, basis: Pauli, bit: int, condition: Condition) -> None:
        state = self.state[qubit]
        if isinstance(state, _Data):
            if basis != Pauli.Z or bit >= self.program.num_clbits:
                raise self.fail("a logical qubit must be measured in Z into a bit of the circuit, but is not")
            self.record_on_data(qubit, MEASURE, bit, condition)
            self.writers[bit] = self.row
            return
        if condition or bit < self.program.num_clbits:
            raise self.fail("a communication qubit must be measured always, into a bit that is not the circuit's")
        self.writers[bit] = self.row
        match state:
            case _Fanned(logical, partner, byproduct) if basis == Pauli.Z and self.holds_half(partner, qubit):
                self.state[partner] = _Copy(logical, _Byproduct(byproduct.x ^ {self.row}, byproduct.z))
            case _Joined() if basis == state.basis and state.measured is None:
                state.measured = self.row
                self.finish_join(qubit, state)
                return
            case _Copy(logical, byproduct) if basis == Pauli.X:
                self.copies[logical] -= 1
                self.state[self.home[logical]].byproduct.toggle(Pauli.Z, (self.row, *byproduct.z))
            case _:
                held = type(state).__name__.strip("_").lower()
                raise self.fail(f"a communication qubit that is `{held}` must not be measured in {basis.name} here")
        self.state[qubit] = _Empty()

    def holds_half(self, qubit: int, partner: int) -> bool:
        state = self.state[qubit]
        return isinstance(state, _Half) and state.partner == partner

    def finish_join(self, qubit: int, state: _Joined) -> None:
        """The second of the two measurements makes the two far halves one pair."""
        other = self.state[state.other]
        if not isinstance(other, _Joined) or other.other != qubit or other.measured is None or state.measured is None:
            return
        x, z = (state, other) if state.basis == Pauli.X else (other, state)
        shared = _Byproduct(x.byproduct.x ^ z.byproduct.x, x.byproduct.z ^ z.byproduct.z)
        shared.toggle(Pauli.Z, [x.measured] if x.measured is not None else [])
        shared.toggle(Pauli.X, [z.measured] if z.measured is not None else [])
        if not (self.holds_half(x.partner, z.other) and self.holds_half(z.partner, x.other)):
            raise self.fail("the far halves of two joined pairs must be untouched until both measurements, but are not")
        self.state[x.partner], self.state[z.partner] = _Half(z.partner, shared), _Half(x.partner, shared)
        self.state[qubit], self.state[state.other] = _Empty(), _Empty()

    def record_on_data(self, qubit: int, code: int, clbit: int, condition: Condition) -> None:
        state = self.state[qubit]
        if not isinstance(state, _Data):
            raise self.fail("only a logical qubit may be reset, but this is a communication qubit")
        if state.byproduct.x or state.byproduct.z or self.copies[state.logical]:
            raise self.fail("a qubit must be free of byproducts and copies here, but is not")
        self.logical.append(LogicalInstruction(code, (state.logical,), (), clbit, condition))
