"""Clifford gates for Pauli frames, and the one ideal run that frames are relative to. All of Stim is in this file.

A Clifford gate turns Paulis into Paulis. Signs aside, that is a matrix over GF(2) that acts on the bits (x, z) of each operand, so
that a frame passes any gate by a few ANDs and XORs (Aaronson and Gottesman, Phys. Rev. A 70, 052328 (2004)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit.clifford import clifford_tableau
from weft.circuit.gates import CODES, GATES
from weft.errors import SimulationError
from weft.program import Op, Pauli, Program, Retry, Role

CONDITIONAL = {CODES["x"]: Pauli.X, CODES["y"]: Pauli.Y, CODES["z"]: Pauli.Z}
"""The gates that may carry a condition: a frame takes these up as it takes up a correction."""

_MOST_RUNS = 100

_MEASURE: dict[int, str] = {Pauli.X: "MX", Pauli.Y: "MY", Pauli.Z: "M"}
_FEEDBACK = {Pauli.X: "CX", Pauli.Y: "CY", Pauli.Z: "CZ"}


@dataclass(frozen=True)
class CliffordGate:
    """A Clifford gate.

    Attributes:
        action (uint8 array, shape (4, 4)): of the bits x, z of the first operand and x, z of the second; rows are what comes out.
        steps: the gate, up to a phase, as Stim's gates on operands 0 and 1: (name, operands).
    """

    action: NDArray[np.uint8]
    steps: tuple[tuple[str, tuple[int, ...]], ...]


@lru_cache(maxsize=4096)
def clifford_gate(code: int, angles: tuple[float, ...]) -> CliffordGate | None:
    """The gate of that opcode and those angles; None if it is not Clifford."""
    tableau = clifford_tableau(code, angles)
    if tableau is None:
        return None
    action = np.zeros((4, 4), dtype=np.uint8)
    for operand in range(len(tableau)):
        for column, image in enumerate((tableau.x_output(operand), tableau.z_output(operand))):
            xs, zs = image.to_numpy()
            action[: 2 * len(tableau), 2 * operand + column] = np.stack((xs, zs), axis=1).reshape(-1)
    steps = tuple(
        (part.name, tuple(target.value for target in group))
        for part in tableau.to_circuit(method="elimination")
        for group in part.target_groups()
    )
    return CliffordGate(action, steps)


def gate_kinds(program: Program) -> tuple[list[tuple[int, tuple[float, ...]]], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct gates of a program as (opcode, angles); its rows that are gates; and which of the gates each of these is."""
    rows = np.flatnonzero(program.opcodes == Op.GATE)
    columns = np.column_stack((program.kinds[rows], program.angles[rows]))
    if not np.any(program.angles[rows]):
        columns = columns[:, :1]
    kinds, which = np.unique(columns, axis=0, return_inverse=True)
    gates = [(int(code), tuple(angles[: GATES[int(code)].angles])) for code, *angles in kinds.tolist()]
    gates = [(code, (*angles, 0.0, 0.0, 0.0)[: GATES[code].angles]) for code, angles in gates]
    return gates, rows, which.reshape(-1).astype(np.int64)


@dataclass(frozen=True)
class Reference:
    """One ideal run of a program.

    Attributes:
        read_values (uint8 array, shape (n,)): what a row's first bit was when it was read; 0 if nothing had been written.
        bits (uint8 array, shape (num_clbits,)): the circuit's bits at the end.
        wrong (bool array, shape (n,)): `retry` rows whose block did not succeed, as often as it was run.
        generators (int64 array): numbers of the stabilizers before the final measurements, one entry for each data qubit that one
            acts on, in ascending order.
        qubits (int32 array): which qubit that is.
        paulis (uint8 array): with which Pauli: 1 X, 2 Y, 3 Z.
    """

    read_values: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    wrong: NDArray[np.bool_]
    generators: NDArray[np.int64]
    qubits: NDArray[np.int32]
    paulis: NDArray[np.uint8]


def reference_run(
    program: Program, final: NDArray[np.bool_] | None, only: NDArray[np.bool_] | None = None
) -> Reference:
    """Runs a Clifford program without noise; blocks run again until the parity of their bits is right.

    Args:
        program: to run.
        final (bool array, shape (n,)): measurements to put off to the end, after the stabilizers are taken; None if the program
            measures or branches on its way, so that there are no stabilizers to speak of.
        only (bool array, shape (n,)): rows to run; all by default.

    Raises:
        SimulationError: if there is an ideal state to speak of, but a block never has the parity that it wants.
    """
    last = np.zeros(len(program), dtype=np.bool_) if final is None else final
    included = np.ones(len(program), dtype=np.bool_) if only is None else only
    text = _Text(program)
    simulator = stim.TableauSimulator(seed=0)
    simulator.set_num_qubits(program.num_qubits)
    run = _ReferenceRun(text, simulator, included & ~last)
    run.play(0, len(program))
    generators = [] if final is None else simulator.canonical_stabilizers()
    text.add_all(last, 0)
    text.run(simulator)
    if final is not None and np.any(run.wrong):
        raise SimulationError(
            f"instruction {np.argmax(run.wrong)} (retry): its block must succeed without noise, so that there is an ideal state, "
            f"but does not in {_MOST_RUNS:,} runs"
        )
    record = np.array([*simulator.current_measurement_record(), False], dtype=np.uint8)  # number −1 is never written
    bits = np.array([text.held.get(bit, -1) for bit in range(program.num_clbits)], dtype=np.int64)
    return Reference(
        record[text.first_read], record[bits], run.wrong, *_stabilizers(generators, ~program.qubit_is_communication)
    )


class _ReferenceRun:
    """Plays rows, and blocks of them until their parities are right.

    Attributes:
        wrong (bool array, shape (n,)): `retry` rows whose parity was wrong after as many runs as there may be.
    """

    def __init__(self, text: _Text, simulator: stim.TableauSimulator, included: NDArray[np.bool_]) -> None:
        self.text, self.simulator, self.included = text, simulator, included
        self.wrong = np.zeros(len(included), dtype=np.bool_)

    def play(self, low: int, high: int) -> None:
        """Plays rows [low, high)."""
        for retry in self.text.program.retries:
            if low <= retry.row < high and retry.bits:
                self.add(low, retry.row)
                self.run_again(retry)
                low = retry.row
        self.add(low, high)

    def add(self, low: int, high: int) -> None:
        self.text.add_all(self.included[low:high], low)
        self.text.run(self.simulator)

    def run_again(self, retry: Retry) -> None:
        runs = 1
        while self.is_wrong(retry) and runs < (retry.most_runs or _MOST_RUNS):
            self.play(retry.start, retry.row)
            runs += 1
        self.wrong[retry.row] = self.is_wrong(retry)

    def is_wrong(self, retry: Retry) -> bool:
        return self.text.parity(self.simulator.current_measurement_record(), retry) != retry.wanted


def _stabilizers(
    generators: list[stim.PauliString], is_data: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    """What generators do to data qubits, in columns; see `Reference`."""
    columns = [np.zeros((3, 0), dtype=np.int64)]
    for number, generator in enumerate(generators):
        xs, zs = generator.to_numpy()
        qubits = np.flatnonzero((xs | zs) & is_data)
        paulis = np.where(xs[qubits], np.where(zs[qubits], Pauli.Y, Pauli.X), Pauli.Z)
        columns.append(np.stack((np.full(len(qubits), number), qubits, paulis)))
    numbers, qubits, paulis = np.concatenate(columns, axis=1)
    return numbers, qubits.astype(np.int32), paulis.astype(np.uint8)


class _Text:
    """Rows of a program as Stim's instructions; a bit is the number of the measurement that wrote it last."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.held: dict[int, int] = {}
        self.measurements = 0
        self.first_read = np.full(len(program), -1, dtype=np.int64)
        gates, rows, which = gate_kinds(program)
        self.steps = [gate.steps if (gate := clifford_gate(*kind)) else () for kind in gates]
        kind_of_row = np.full(len(program), -1, dtype=np.int64)
        kind_of_row[rows] = which
        # Python's own lists, because NumPy's single entries are slow.
        self.kind_of_row = kind_of_row.tolist()
        self.conditional = program.is_conditional.tolist()
        self.opcodes, self.kinds = program.opcodes.tolist(), program.kinds.tolist()
        self.qubits, self.bits = program.qubits.tolist(), program.bits.tolist()

    def add_all(self, rows: NDArray[np.bool_], first: int) -> None:
        """Adds the rows that are true, of those from `first` on."""
        for row in (np.flatnonzero(rows) + first).tolist():
            self.add(row)

    def run(self, simulator: stim.TableauSimulator) -> None:
        """Runs what was added since."""
        simulator.do(stim.Circuit("\n".join(self.lines)))
        self.lines = []

    def parity(self, record: list[bool], retry: Retry) -> int:
        """Of the bits that a `retry` reads."""
        return sum(record[self.held[bit]] for bit in retry.bits if bit in self.held) % 2

    def add(self, row: int) -> None:
        opcode = self.opcodes[row]
        first, second = self.qubits[row]
        if opcode == Op.RESET:
            self.lines.append(f"R {first}")
        elif opcode == Op.ENTANGLE:
            self.lines.append(f"R {first} {second}\nH {first}\nCX {first} {second}")
        elif opcode == Op.MEASURE:
            self.lines.append(f"{_MEASURE[self.kinds[row]]} {first}")
            self.held[self.bits[row]] = self.measurements
            self.measurements += 1
        elif opcode == Op.RETRY:
            return
        elif opcode == Op.CORRECT or self.conditional[row]:
            self.add_feedback(row, first)
        else:
            operands = (first, second)
            for name, places in self.steps[self.kind_of_row[row]]:
                self.lines.append(f"{name} {' '.join(str(operands[place]) for place in places)}")

    def add_feedback(self, row: int, qubit: int) -> None:
        kind = self.kinds[row]
        pauli = Pauli(kind) if self.opcodes[row] == Op.CORRECT else CONDITIONAL[kind]
        reads = self.program.reads(row)
        if reads:
            self.first_read[row] = self.held.get(reads[0][0], -1)
        for bit, role in reads:
            if role == Role.IF_ZERO:
                self.lines.append(f"{pauli.name} {qubit}")
            if bit in self.held:
                self.lines.append(f"{_FEEDBACK[pauli]} rec[{self.held[bit] - self.measurements}] {qubit}")
