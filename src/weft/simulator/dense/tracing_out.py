"""Traces communication qubits out of a program, by one walk over its instructions.

CX, X and SWAP, pairs, Z measurements of what depends on a fresh pair, and X measurements of a qubit whose value others know change
the affine form of the state only (`affine_state.py`). What is left are gates on ψ, the parts of the data circuit. Faults, wrong
readings and outcomes are variables. Outcomes are corrected, so they must cancel: then ψ is the same whatever they are.

A measurement of the circuit's own that nothing reads may as well be made at the end: its value is copied to a qubit that nothing
else touches. What a data qubit held before it is reset stays behind on such a qubit, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, matrix_of
from weft.program import Op, Pauli, Program
from weft.simulator.backend import terminal_measurements
from weft.simulator.dense.affine_state import ALWAYS, AffineState, NoDataCircuitError
from weft.simulator.dense.data_circuit import DataCircuit, Output, Part, Slots

_H = matrix_of(CODES["h"])
_TURNS = {Pauli.X: _H, Pauli.Y: _H @ matrix_of(CODES["sdg"])}  # before a reading in Z


def trace_out(program: Program, most_wires: int) -> DataCircuit | None:
    """The circuit on data qubits that a program computes.

    Args:
        program: to walk through.
        most_wires: how many qubits the state may have.

    Returns:
        The circuit; None if the program has conditions, corrects by the circuit's own bits, does anything else that is no
        teleportation, or needs more wires. Then nothing is known about it.
    """
    if np.any(program.is_conditional) or np.any(program.read_bits < program.num_clbits):
        return None
    try:
        return _Walk(program, most_wires).run()
    except NoDataCircuitError:
        return None


def kept_rows(program: Program) -> NDArray[np.bool_]:
    """Which rows may need a qubit that keeps what is measured or reset on the way, shape (n,)."""
    on_data = ~program.qubit_is_communication[program.qubits[:, 0]]
    tells = (program.opcodes == Op.MEASURE) & (program.bits < program.num_clbits) & ~terminal_measurements(program)
    return on_data & (tells | (program.opcodes == Op.RESET))


class _Walk:
    def __init__(self, program: Program, most_wires: int) -> None:
        self.program = program
        self.slots = Slots(program)
        self.terminal = terminal_measurements(program)
        self.spare = program.num_qubits  # the next qubit that keeps what is measured or reset on the way
        self.state = AffineState(program.num_qubits + int(np.count_nonzero(kept_rows(program))), most_wires)
        self.bits: list[set[int]] = [set() for _ in range(program.num_bits)]  # variables whose parity each bit is
        self.outputs: list[tuple[int, int]] = []  # row, qubit

    def run(self) -> DataCircuit:
        program = self.program
        terminal = self.terminal.tolist()
        opcodes, kinds = program.opcodes.tolist(), program.kinds.tolist()
        angles = program.angles.tolist()
        for row, operands in enumerate(program.qubits.tolist()):
            qubits = [qubit for qubit in operands if qubit >= 0]
            for operand, qubit in enumerate(qubits):
                self.strike(qubit, *self.slots.before(row, operand))
            opcode, kind = opcodes[row], kinds[row]
            if opcode == Op.GATE:
                self.state.gate(kind, matrix_of(kind, angles[row]), qubits)
            elif opcode == Op.ENTANGLE:
                self.state.entangle(*qubits)
            elif opcode == Op.CORRECT:
                self.correct(qubits[0], kind, row)
            elif opcode == Op.RESET:
                self.reset(qubits[0])
            elif opcode == Op.RETRY:
                continue
            elif terminal[row]:
                if kind in _TURNS:
                    self.state.apply(_TURNS[Pauli(kind)], qubits)
                self.outputs.append((row, qubits[0]))
            else:
                self.measure(row, qubits[0], kind)
        return self.finish()

    def strike(self, qubit: int, x: int, z: int) -> None:
        """A place for faults."""
        if self.state.rows[qubit] is not None:
            self.state.strike(qubit, {x}, {z})

    def correct(self, qubit: int, pauli: int, row: int) -> None:
        parity: set[int] = set()
        for bit, _ in self.program.reads(row):
            parity ^= self.bits[bit]
        self.state.strike(qubit, *(parity if pauli != differs else set() for differs in (Pauli.Z, Pauli.X)))

    def keep(self) -> int:
        """A qubit for what would be lost."""
        self.spare += 1
        return self.spare - 1

    def reset(self, qubit: int) -> None:
        if self.state.rows[qubit] and not self.program.qubit_is_communication[qubit]:
            self.state.exchange(qubit, self.keep())
        self.state.reset(qubit)

    def tell(self, row: int, qubit: int, basis: int) -> None:
        """A measurement of the circuit's own, on the way."""
        if basis != Pauli.Z or self.program.qubit_is_communication[qubit]:
            raise NoDataCircuitError
        kept = self.keep()
        self.state.cx(qubit, kept)
        self.outputs.append((row, kept))

    def measure(self, row: int, qubit: int, basis: int) -> None:
        bit = int(self.program.bits[row])
        if bit < self.program.num_clbits:
            self.tell(row, qubit, basis)
            return
        outcome = self.slots.outcome(row)
        if basis == Pauli.Z:
            self.bits[bit] = self.state.measure_z(qubit, outcome)
        elif basis == Pauli.X:
            self.bits[bit] = self.state.measure_x(qubit, outcome)
        else:
            raise NoDataCircuitError
        if self.program.qubit_is_communication[qubit]:
            self.state.become_empty(qubit)
        elif basis == Pauli.Z:
            self.state.offsets[qubit] = self.bits[bit].copy()
        self.bits[bit] ^= {self.slots.reading(row)}

    def finish(self) -> DataCircuit:
        for qubit in np.flatnonzero(~self.program.qubit_is_communication).tolist():
            self.strike(qubit, *self.slots.at_the_end(qubit))
        checks = self.settle()
        width = self.state.width
        self.state.parts += [Part((number,), np.eye(2, dtype=np.complex128)) for number in range(width)]
        outputs = tuple(self.output(row, qubit) for row, qubit in self.outputs)
        insertions = self.state.placed()
        random = [variable for variables in checks for variable in variables] + list(insertions)
        random += [variable for output in outputs for variable in output.variables]
        if any(map(self.slots.is_outcome, random)):
            raise NoDataCircuitError
        return DataCircuit(width, tuple(self.state.parts), insertions, outputs, checks, self.slots)

    def settle(self) -> tuple[frozenset[int], ...]:
        """Gives every wire to a data qubit of which it is the value, and returns the offsets of the other qubits."""
        state, communication = self.state, self.program.qubit_is_communication
        if any(state.rows[qubit] for qubit in np.flatnonzero(communication).tolist()):
            raise NoDataCircuitError
        given: set[int] = set()
        others = []
        for qubit in [*np.flatnonzero(~communication).tolist(), *range(self.program.num_qubits, self.spare)]:
            free = [wire for wire in sorted(state.rows[qubit] or ()) if wire not in given]
            if not free:
                others.append(qubit)
                continue
            state.reduce(qubit, free[0])
            state.align(qubit)
            given.add(free[0])
        while any(wires - given for wires, _ in state.relations):
            state.give_back(sorted(state.live - given))
        if given != state.live:
            raise NoDataCircuitError  # a wire whose value no data qubit has
        return tuple(frozenset(state.offsets[qubit] - {ALWAYS}) for qubit in others)

    def output(self, row: int, qubit: int) -> Output:
        wires = frozenset(self.state.number[wire] for wire in self.state.row(qubit))
        offset = self.state.offsets[qubit]
        return Output(row, wires, ALWAYS in offset, frozenset(offset - {ALWAYS} | {self.slots.reading(row)}))
