"""A program played on density matrices: every outcome is followed at once, on all timelines side by side."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import PAULIS, Matrix, matrix_of
from weft.program import Op, Pauli, Program, Role
from weft.scheduler import Timelines
from weft.simulator.backend import is_static, last_uses, terminal_measurements
from weft.simulator.density_state import Array, DensityState, Label, apply_matrix, turn_to_z
from weft.simulator.gate_noise import power
from weft.simulator.noise import Cause, Noise


class DensityRun:
    """One pass over a program at one stage."""

    def __init__(
        self,
        program: Program,
        noise: Noise,
        timelines: Timelines,
        count: int,
        stage: int,
        *,
        hold_outputs: bool,
        initial: DensityState | None = None,
    ) -> None:
        self.program = program
        self.noise = noise
        self.timelines = timelines
        self.count = count
        self.on = {cause for cause in Cause if cause < stage}
        self.state = initial or DensityState(count)
        self.skipped = terminal_measurements(program) if hold_outputs else np.zeros(len(program), dtype=np.bool_)
        self.last_read = _last_reads(program)
        self.last_use = last_uses(program)
        self.keep_data = hold_outputs

    def run(self) -> DensityState:
        """The state after the last row."""
        program = self.program
        for row, opcode in enumerate(program.opcodes.tolist()):
            qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
            if opcode == Op.ENTANGLE:
                self.entangle(row, qubits)
                continue
            if opcode == Op.RETRY and not self.noise.waits[row, 0]:
                self.retry(row)  # its qubit holds nothing
                self.clean_up(row, [])
                continue
            for qubit in qubits:
                if not self.state.has("row", qubit):
                    self.state.add([qubit], np.diag([1.0, 0.0]))
            self.idle(row, qubits)
            if self.skipped[row]:
                continue
            if opcode == Op.GATE:
                self.gate(row, qubits)
            elif opcode == Op.RESET:
                self.reset(row, qubits[0])
            elif opcode == Op.MEASURE:
                self.measure(row, qubits[0])
            elif opcode == Op.RETRY:
                self.retry(row)
            else:
                self.correct(row, qubits[0])
            self.clean_up(row, qubits)
        return self.state

    def clean_up(self, row: int, qubits: list[int]) -> None:
        """Forgets what nothing needs any more."""
        program = self.program
        touched = {bit for bit, _ in program.reads(row)}
        if program.bits[row] >= 0:
            touched.add(int(program.bits[row]))
        for bit in touched:
            if bit >= program.num_clbits and self.last_read[bit] <= row:
                self.state.forget_bit(bit)
        for qubit in qubits:
            if program.qubit_is_communication[qubit]:
                if program.opcodes[row] == Op.MEASURE:
                    self.state.trace_out(qubit)
            elif not self.keep_data and self.last_use[qubit] == row:
                self.state.trace_out(qubit)

    def condition(self, row: int) -> dict[int, int] | None:
        """The bits that must have given values; None if they never can."""
        values: dict[int, int] = {}
        for bit, role in self.program.reads(row):
            value = int(role == Role.IF_ONE)
            if values.setdefault(bit, value) != value:
                return None
        for bit in values:
            self.state.need_bit(bit)
        return values

    def entangle(self, row: int, qubits: list[int]) -> None:
        """Adds the pair that the link delivers."""
        perfect = np.zeros((4, 4))
        perfect[np.ix_([0, 3], [0, 3])] = 0.5
        matrix = self.noise.pairs[self.program.links[row]].matrix if Cause.BELL_PAIRS in self.on else perfect
        self.state.add(qubits, matrix)
        if Cause.WAITING in self.on:
            self.crosstalk(row)

    def crosstalk(self, row: int) -> None:
        """Phase flips of data qubits near the link."""
        crosstalk = self.noise.crosstalk
        strikes = crosstalk.at(row)
        flips = crosstalk.mean_flips(self.timelines, strikes)[:, : self.count]
        for qubit, mean in zip(crosstalk.qubits[strikes].tolist(), flips, strict=True):
            self.dephase(qubit, np.exp(-2 * mean))

    def dephase(self, qubit: int, coherence: Array) -> None:
        """Multiplies what is off the diagonal by a factor per timeline."""
        view = self.state.front(self.state.array, self.state.labels, ("row", qubit), ("column", qubit))
        factor = coherence.reshape((-1,) + (1,) * (view.ndim - 3))
        view[0, 1] *= factor
        view[1, 0] *= factor

    def idle(self, row: int, qubits: list[int]) -> None:
        """What each operand suffered while it waited; see `idling.py`."""
        if Cause.WAITING not in self.on:
            return
        for operand, qubit in enumerate(qubits):
            if self.noise.waits[row, operand] and self.noise.idling.is_noisy[qubit]:
                self.wait(qubit, self.noise.idle_s(self.timelines, row, operand)[: self.count])

    def wait(self, qubit: int, idle_s: Array) -> None:
        """Relaxation, then dephasing, then the noise of echo pulses."""
        idling = self.noise.idling
        dephased, depolarised = idling.exponents(qubit, idle_s)
        if np.isfinite(idling.t1_s[qubit]):
            relaxed = -np.expm1(-idle_s / idling.t1_s[qubit])
            self.damp(self.state.array, self.state.labels, qubit, relaxed)
        self.dephase(qubit, np.exp(-dephased))
        if np.any(depolarised > 0):
            self.depolarise(self.state.array, self.state.labels, [qubit], -0.75 * np.expm1(-depolarised))

    def damp(self, view: Array, labels: list[Label], qubit: int, probability: Array) -> None:
        """Amplitude damping with a probability per timeline. Source: Nielsen and Chuang, section 8.3.5."""
        block = self.state.front(view, labels, ("row", qubit), ("column", qubit))
        fallen = probability.reshape((-1,) + (1,) * (block.ndim - 3))
        block[0, 0] += fallen * block[1, 1]
        block[1, 1] *= 1 - fallen
        block[0, 1] *= np.sqrt(1 - fallen)
        block[1, 0] *= np.sqrt(1 - fallen)

    def unitary(self, view: Array, labels: list[Label], matrix: Matrix, qubits: list[int]) -> Array:
        """UρU†."""
        rows = [1 + labels.index(("row", qubit)) for qubit in qubits]
        columns = [1 + labels.index(("column", qubit)) for qubit in qubits]
        return apply_matrix(apply_matrix(view, matrix, rows), matrix.conj(), columns)

    def gate(self, row: int, qubits: list[int]) -> None:
        """A gate and its noise, where its condition holds."""
        values = self.condition(row)
        if values is None:
            return
        view, labels = self.state.where(values)
        matrix = matrix_of(int(self.program.kinds[row]), self.program.angles[row])
        if Cause.LOCAL_GATES not in self.on:
            view[...] = self.unitary(view, labels, matrix, qubits)
            return
        gates = self.noise.gates
        table = gates.table_of_row[row]
        if gates.over_rotation[table]:
            matrix = matrix @ power(matrix, gates.over_rotation[table])
        view[...] = self.unitary(view, labels, matrix, qubits)
        if gates.damping[table] > 0:
            for qubit in qubits:
                self.damp(view, labels, qubit, np.full(len(view), gates.damping[table]))
        self.strike(view, labels, qubits, gates.pauli[table])

    def strike(self, view: Array, labels: list[Label], qubits: list[int], weights: Array) -> None:
        """Paulis with given weights, numbered as in `gate_noise.py`."""
        errors = weights[1 : 4 ** len(qubits)]
        if np.all(errors == errors[0]):
            if errors[0] > 0:
                self.depolarise(view, labels, qubits, np.full(len(view), errors.sum()))
            return
        before = view.copy()
        view *= weights[0]
        for pauli in np.flatnonzero(errors) + 1:
            operators = [PAULIS[(pauli >> (2 * place)) & 3] for place in range(len(qubits))]
            struck = before
            for qubit, operator in zip(qubits, operators, strict=True):
                struck = self.unitary(struck, labels, operator, [qubit])
            view += weights[pauli] * struck

    def depolarise(self, view: Array, labels: list[Label], qubits: list[int], weight: Array) -> None:
        """All Paulis but the identity, equally likely, of a total weight per timeline; the same as mixing with the identity."""
        dimension = 2 ** len(qubits)
        wanted = [(kind, qubit) for qubit in qubits for kind in ("row", "column")]
        block = self.state.front(view, labels, *wanted)
        mixing = (weight * dimension**2 / (dimension**2 - 1)).reshape((-1,) + (1,) * (block.ndim - len(wanted) - 1))
        diagonal = [tuple(bit for bit in bits for _ in (0, 1)) for bits in product((0, 1), repeat=len(qubits))]
        traced = sum(block[index] for index in diagonal)
        block *= 1 - mixing
        for index in diagonal:
            block[index] += traced * (mixing / dimension)

    def correct(self, row: int, qubit: int) -> None:
        """A Pauli wherever the parity of the bits is 1; a bit without an axis is 0."""
        bits = [bit for bit in self.odd_bits(row) if self.state.has("bit", bit)]
        pauli = self.program.kinds[row]
        for values in product((0, 1), repeat=len(bits)):
            if sum(values) % 2 == 0:
                continue
            view, labels = self.state.where(dict(zip(bits, values, strict=True)))
            block = self.state.front(view, labels, ("row", qubit), ("column", qubit))
            if pauli in {Pauli.X, Pauli.Y}:
                block[...] = block[::-1, ::-1].copy()
            if pauli in {Pauli.Z, Pauli.Y}:
                block[0, 1] *= -1
                block[1, 0] *= -1

    def odd_bits(self, row: int) -> list[int]:
        """The bits that count in the parity that a row reads."""
        counts = Counter(bit for bit, _ in self.program.reads(row))
        return [bit for bit, times in counts.items() if times % 2]

    def retry(self, row: int) -> None:
        """Keeps what has the parity that is wanted; timelines are of runs that had it."""
        bits = self.odd_bits(row)
        if not bits:
            return
        for bit in bits:
            self.state.need_bit(bit)
        for values in product((0, 1), repeat=len(bits)):
            if sum(values) % 2 != self.program.kinds[row]:
                view, _ = self.state.where(dict(zip(bits, values, strict=True)))
                view[...] = 0
        self.state.normalise()

    def reset(self, row: int, qubit: int) -> None:
        """Replaces a qubit by |0⟩, or by |1⟩ if that fails."""
        values = self.condition(row)
        if values is None:
            return
        view, labels = self.state.where(values)
        block = self.state.front(view, labels, ("row", qubit), ("column", qubit))
        wrong = self.noise.flip_probability[row] if Cause.MEASUREMENT_AND_FEED_FORWARD in self.on else 0.0
        total = block[0, 0] + block[1, 1]
        block[...] = 0
        block[0, 0], block[1, 1] = (1 - wrong) * total, wrong * total

    def measure(self, row: int, qubit: int) -> None:
        """Sorts the state by outcome into the two values of the bit, which may be one of the conditions."""
        bit, basis = int(self.program.bits[row]), self.program.kinds[row]
        values = self.condition(row)
        if values is None:
            return
        self.state.need_bit(bit)
        source_value = values.pop(bit, None)
        view, labels = self.state.where(values)
        turn = turn_to_z(basis)
        by_bit = self.state.front(view, labels, ("bit", bit))
        inner = [label for label in labels if label != ("bit", bit)]
        source = by_bit[0] + by_bit[1] if source_value is None else by_bit[source_value].copy()
        if source_value is None:
            by_bit[...] = 0
        else:
            by_bit[source_value] = 0
        if turn is not None:
            source = self.unitary(source, inner, turn, [qubit])
        wrong = self.noise.flip_probability[row] if Cause.MEASUREMENT_AND_FEED_FORWARD in self.on else 0.0
        for outcome in (0, 1):
            projected = np.zeros_like(source)
            block = self.state.front(projected, inner, ("row", qubit), ("column", qubit))
            block[outcome, outcome] = self.state.front(source, inner, ("row", qubit), ("column", qubit))[
                outcome, outcome
            ]
            if turn is not None:
                projected = self.unitary(projected, inner, turn.conj().T, [qubit])
            by_bit[outcome] += (1 - wrong) * projected
            if wrong:
                by_bit[1 - outcome] += wrong * projected


def peak_elements(program: Program) -> float:
    """The most elements that a density matrix of this program has at once: 4 per qubit, 2 per bit."""
    static = is_static(program)
    skipped = (terminal_measurements(program) & static).tolist()
    communication = program.qubit_is_communication.tolist()
    last_use, last_read = last_uses(program).tolist(), _last_reads(program).tolist()
    opcodes, operands, bits = program.opcodes.tolist(), program.qubits.tolist(), program.bits.tolist()
    alive, known = set[int](), set[int]()
    most = 0
    for row, opcode in enumerate(opcodes):
        qubits = [qubit for qubit in operands[row] if qubit >= 0]
        if opcode != Op.RETRY:  # its qubit may be empty by now
            alive.update(qubits)
        touched = {bit for bit, _ in program.reads(row)}
        if opcode == Op.MEASURE:
            touched.add(bits[row])
        if opcode != Op.CORRECT and not skipped[row]:
            known |= touched
        most = max(most, 2 * len(alive) + len(known))
        known -= {bit for bit in touched if bit >= program.num_clbits and last_read[bit] <= row}
        for qubit in qubits:
            if opcode == Op.MEASURE if communication[qubit] else not static and last_use[qubit] == row:
                alive.discard(qubit)
    return float(2**most) if most < 1000 else float("inf")


def _last_reads(program: Program) -> NDArray[np.int64]:
    """The last row that reads each bit, shape (bits,); −1 if none does."""
    last_read = np.full(program.num_bits, -1)
    readers = np.repeat(np.arange(len(program)), np.diff(program.read_offsets))
    np.maximum.at(last_read, program.read_bits, readers)
    return last_read
