"""Exact density matrices, for small programs.

The state is one array with an axis for the timelines, an axis for each classical bit that is still needed, and a row and a
column axis for each qubit that holds something. Measuring turns a qubit's diagonal into a bit axis, so every outcome is followed
at once and nothing is sampled but the timelines: what comes out is the exact distribution of outcomes for each of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix, matrix_of
from weft.program import Op, Pauli, Program, Role
from weft.scheduler import Timelines
from weft.simulator.backend import STAGES, Batch, is_static, terminal_measurements
from weft.simulator.noise import Cause, Noise

Array = NDArray[Any]
Label = tuple[str, int]  # ("bit", b), ("row", q) or ("column", q)

_MOST_ELEMENTS = 2**20  # of the state of all timelines together
_MOST_QUBITS = 10
_MOST_TIMELINES = 1024
_H: Matrix = np.array([[1, 1], [1, -1]], dtype=np.complex128) / np.sqrt(2)
_HS: Matrix = np.array([[1, -1j], [1, 1j]], dtype=np.complex128) / np.sqrt(2)


class DensityState:
    """A density matrix per timeline, over the qubits that hold something and the bits that are needed.

    Args:
        timelines: how many.
    """

    def __init__(self, timelines: int) -> None:
        self.array: Array = np.ones(timelines, dtype=np.complex128)
        self.labels: list[Label] = []  # of the axes after the first

    def axis(self, kind: str, which: int) -> int:
        """The position of an axis."""
        return 1 + self.labels.index((kind, which))

    def has(self, kind: str, which: int) -> bool:
        """Whether there is such an axis."""
        return (kind, which) in self.labels

    def add(self, qubits: Iterable[int], matrix: Array) -> None:
        """Adds qubits in the state `matrix`, whose rows and columns are ordered as the qubits are."""
        qubits = list(qubits)
        block = matrix.reshape((2,) * (2 * len(qubits)))
        self.array = np.multiply.outer(self.array, block)
        self.labels += [("row", qubit) for qubit in qubits] + [("column", qubit) for qubit in qubits]

    def trace_out(self, qubit: int) -> None:
        """Forgets a qubit."""
        self.array = np.trace(self.array, axis1=self.axis("row", qubit), axis2=self.axis("column", qubit))
        self.labels = [label for label in self.labels if label not in {("row", qubit), ("column", qubit)}]

    def need_bit(self, bit: int) -> None:
        """Adds an axis for a bit that is 0."""
        if not self.has("bit", bit):
            self.array = np.stack([self.array, np.zeros_like(self.array)], axis=1)
            self.labels.insert(0, ("bit", bit))

    def forget_bit(self, bit: int) -> None:
        """Sums over a bit."""
        if self.has("bit", bit):
            self.array = self.array.sum(axis=self.axis("bit", bit))
            self.labels.remove(("bit", bit))

    def where(self, values: dict[int, int]) -> tuple[Array, list[Label]]:
        """A view of the part in which bits have given values, and the labels of its axes after the first."""
        index: list[Any] = [slice(None)] * self.array.ndim
        for bit, value in values.items():
            index[self.axis("bit", bit)] = value
        left = [label for label in self.labels if not (label[0] == "bit" and label[1] in values)]
        return self.array[tuple(index)], left

    def front(self, view: Array, labels: list[Label], *wanted: Label) -> Array:
        """A view with the wanted axes first, then the timelines."""
        axes = [1 + labels.index(label) for label in wanted]
        return np.moveaxis(view, axes, range(len(axes)))


def apply_matrix(view: Array, matrix: Matrix, axes: list[int]) -> Array:
    """Applies a matrix to some axes of size 2."""
    block = matrix.reshape((2,) * (2 * len(axes)))
    contracted = np.tensordot(block, view, axes=(range(len(axes), 2 * len(axes)), axes))
    return np.moveaxis(contracted, range(len(axes)), axes)


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
        self.last_read = np.full(program.num_bits, -1)
        readers = np.repeat(np.arange(len(program)), np.diff(program.read_offsets))
        np.maximum.at(self.last_read, program.read_bits, readers)
        self.last_use = np.full(program.num_qubits, -1)
        for column in (0, 1):
            rows = np.flatnonzero(program.qubits[:, column] >= 0)
            np.maximum.at(self.last_use, program.qubits[rows, column], rows)
        self.keep_data = hold_outputs

    def run(self) -> DensityState:
        program = self.program
        for row, opcode in enumerate(program.opcodes.tolist()):
            qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
            if opcode == Op.ENTANGLE:
                self.entangle(row, qubits)
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
        perfect = np.zeros((4, 4))
        perfect[np.ix_([0, 3], [0, 3])] = 0.5
        matrix = self.noise.pairs[self.program.links[row]].matrix if Cause.BELL_PAIRS in self.on else perfect
        self.state.add(qubits, matrix)

    def idle(self, row: int, qubits: list[int]) -> None:
        """T1 and T2 for as long as each operand waited. Source: Nielsen and Chuang, section 8.3.5."""
        if Cause.WAITING not in self.on:
            return
        for operand, qubit in enumerate(qubits):
            t1, t2 = self.noise.t1_s[qubit], self.noise.t2_s[qubit]
            if not self.noise.waits[row, operand] or (np.isinf(t1) and np.isinf(t2)):
                continue
            idle = self.noise.idle_s(self.timelines, row, operand)[: self.count]
            view = self.state.front(self.state.array, self.state.labels, ("row", qubit), ("column", qubit))
            shape = (-1,) + (1,) * (view.ndim - 3)
            decayed, coherence = -np.expm1(-idle / t1).reshape(shape), np.exp(-idle / t2).reshape(shape)
            view[0, 0] += decayed * view[1, 1]
            view[1, 1] *= 1 - decayed
            view[0, 1] *= coherence
            view[1, 0] *= coherence

    def unitary(self, view: Array, labels: list[Label], matrix: Matrix, qubits: list[int]) -> Array:
        rows = [1 + labels.index(("row", qubit)) for qubit in qubits]
        columns = [1 + labels.index(("column", qubit)) for qubit in qubits]
        return apply_matrix(apply_matrix(view, matrix, rows), matrix.conj(), columns)

    def gate(self, row: int, qubits: list[int]) -> None:
        values = self.condition(row)
        if values is None:
            return
        view, labels = self.state.where(values)
        matrix = matrix_of(int(self.program.kinds[row]), self.program.angles[row])
        view[...] = self.unitary(view, labels, matrix, qubits)
        weight = self.noise.gate_weight[row]
        if weight > 0 and Cause.LOCAL_GATES in self.on:
            self.depolarise(view, labels, qubits, weight)

    def depolarise(self, view: Array, labels: list[Label], qubits: list[int], weight: float) -> None:
        """All Paulis but the identity, equally likely, of total weight `weight`; the same as mixing with the identity."""
        dimension = 2 ** len(qubits)
        mixing = weight * dimension**2 / (dimension**2 - 1)
        wanted = [(kind, qubit) for qubit in qubits for kind in ("row", "column")]
        block = self.state.front(view, labels, *wanted)
        diagonal = [tuple(bit for bit in bits for _ in (0, 1)) for bits in product((0, 1), repeat=len(qubits))]
        traced = sum(block[index] for index in diagonal)
        block *= 1 - mixing
        for index in diagonal:
            block[index] += traced * (mixing / dimension)

    def correct(self, row: int, qubit: int) -> None:
        counts: dict[int, int] = {}
        for bit, _ in self.program.reads(row):
            counts[bit] = counts.get(bit, 0) + 1
        bits = [bit for bit, times in counts.items() if times % 2 and self.state.has("bit", bit)]
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

    def reset(self, row: int, qubit: int) -> None:
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
        bit, basis = int(self.program.bits[row]), self.program.kinds[row]
        values = self.condition(row)
        if values is None:
            return
        self.state.need_bit(bit)
        source_value = values.pop(bit, None)
        view, labels = self.state.where(values)
        turn = {Pauli.X: _H, Pauli.Y: _HS}.get(basis)
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


class Density:
    """The backend; see the module."""

    name = "density"

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can."""
        size = peak_elements(program)
        if size > 4**_MOST_QUBITS:
            return (
                f"exact density matrices must have at most 4^{_MOST_QUBITS} elements, but this program needs {size:.2g}"
            )
        return None

    def batch_shots(self, program: Program) -> int:  # noqa: ARG002  # the same for all programs
        """How many shots it runs best at once."""
        return 8192

    def notes(self, noise: Noise) -> tuple[str, ...]:  # noqa: ARG002  # exact for all noise
        """Nothing: it is exact."""
        return ()

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline; shots share timelines if there are many."""
        room = max(1, _MOST_ELEMENTS // int(peak_elements(program)))
        count = min(timelines.shots, room, _MOST_TIMELINES)
        if np.all(np.isinf(noise.t1_s)) and np.all(np.isinf(noise.t2_s)):
            count = 1
        static = is_static(program)
        overlaps = np.ones((STAGES, count))
        distributions: list[dict[bytes, float]] = []
        ideal: DensityState | None = None
        probabilities: Array = np.ones((1, 1))
        for stage in range(STAGES):
            waiting = stage > Cause.WAITING
            run = DensityRun(program, noise, timelines, count if waiting else 1, stage, hold_outputs=static)
            state = run.run()
            if static:
                ideal = ideal or state
                overlaps[stage] = overlap(ideal, state)
                if stage == STAGES - 1:
                    probabilities = _read_out(program, noise, state)
            else:
                probabilities = _bit_distribution(program, state)
                distributions.append(_as_dictionary(program, probabilities.mean(axis=0)))
        bits = _sample(probabilities, timelines.shots, program.num_clbits, np.random.default_rng(seed))
        return Batch(bits, overlaps if static else None, None if static else distributions)


def peak_elements(program: Program) -> float:
    """The most elements that a density matrix of this program has at once: 4 per qubit, 2 per bit."""
    static = is_static(program)
    last_use = np.full(program.num_qubits, -1)
    for column in (0, 1):
        rows = np.flatnonzero(program.qubits[:, column] >= 0)
        np.maximum.at(last_use, program.qubits[rows, column], rows)
    communication = program.qubit_is_communication.tolist()
    last, alive = last_use.tolist(), set[int]()
    outputs = set[int]()
    most = 0
    for row, (opcode, qubits, bit) in enumerate(
        zip(program.opcodes.tolist(), program.qubits.tolist(), program.bits.tolist(), strict=True)
    ):
        alive.update(qubit for qubit in qubits if qubit >= 0)
        if opcode == Op.MEASURE and bit < program.num_clbits and not static:
            outputs.add(bit)
        # a bit of a teleportation lives shortly; one is counted for it
        most = max(most, 2 * len(alive) + len(outputs) + (opcode == Op.MEASURE))
        for qubit in qubits:
            over = opcode == Op.MEASURE if qubit >= 0 and communication[qubit] else not static and last[qubit] == row
            if qubit >= 0 and over:
                alive.discard(qubit)
    return float(2**most) if most < 1000 else float("inf")


def overlap(ideal: DensityState, state: DensityState) -> NDArray[np.float64]:
    """tr(ρ_ideal ρ) per timeline: the fidelity with a pure ideal state."""
    order = [1 + state.labels.index(label) for label in ideal.labels]
    aligned = state.array.transpose([0, *order])
    result: NDArray[np.float64] = np.sum(
        (ideal.array.conj() * aligned).real, axis=tuple(range(1, aligned.ndim)), dtype=np.float64
    )
    return result


def _read_out(program: Program, noise: Noise, state: DensityState) -> Array:
    """The distribution over the circuit's bits after the final measurements, shape (timelines, 2, …), bit 0 first."""
    probabilities = state.array
    labels = list(state.labels)
    wrong = np.zeros(program.num_clbits)
    held: dict[int, int] = {}
    for row in np.flatnonzero(terminal_measurements(program)).tolist():
        qubit, bit = int(program.qubits[row, 0]), int(program.bits[row])
        turn = {Pauli.X: _H, Pauli.Y: _HS}.get(program.kinds[row])
        if turn is not None:
            rows, columns = 1 + labels.index(("row", qubit)), 1 + labels.index(("column", qubit))
            probabilities = apply_matrix(apply_matrix(probabilities, turn, [rows]), turn.conj(), [columns])
        held[qubit], wrong[bit] = bit, noise.flip_probability[row]
    for qubit in [which for kind, which in labels if kind == "row"]:
        rows, columns = 1 + labels.index(("row", qubit)), 1 + labels.index(("column", qubit))
        probabilities = np.diagonal(probabilities, axis1=rows, axis2=columns)  # the new axis is last
        labels = [label for label in labels if label not in {("row", qubit), ("column", qubit)}]
        if qubit in held:
            labels.append(("bit", held[qubit]))
        else:
            probabilities = probabilities.sum(axis=-1)
    probabilities = _order_bits(probabilities.real, labels, program.num_clbits)
    for bit in range(program.num_clbits):
        by_bit = np.moveaxis(probabilities, 1 + bit, 0)
        if by_bit.shape[0] == 2 and wrong[bit]:
            by_bit[...] = np.stack([by_bit[0] * (1 - wrong[bit]) + by_bit[1] * wrong[bit],
                                    by_bit[1] * (1 - wrong[bit]) + by_bit[0] * wrong[bit]])  # fmt: skip
    return probabilities


def _bit_distribution(program: Program, state: DensityState) -> Array:
    """The distribution over the circuit's bits when all qubits are forgotten, as `_read_out` returns it."""
    for qubit in [which for kind, which in state.labels if kind == "row"]:
        state.trace_out(qubit)
    for bit in [which for kind, which in state.labels if kind == "bit" and which >= program.num_clbits]:
        state.forget_bit(bit)
    return _order_bits(state.array.real, state.labels, program.num_clbits)


def _order_bits(probabilities: Array, labels: list[Label], num_clbits: int) -> Array:
    """Axes in the order of the bits; a bit that was never written has an axis of size 1."""
    present = [bit for bit in range(num_clbits) if ("bit", bit) in labels]
    ordered = probabilities.transpose([0, *(1 + labels.index(("bit", bit)) for bit in present)])
    shape = [2 if bit in present else 1 for bit in range(num_clbits)]
    return ordered.reshape(ordered.shape[0], *shape).copy()


def _outcome_bits(indices: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if not shape:
        return np.zeros((len(indices), 0), dtype=np.uint8)
    return np.stack(np.unravel_index(indices, shape), axis=1).astype(np.uint8)


def _as_dictionary(program: Program, probabilities: Array) -> dict[bytes, float]:
    flat = probabilities.reshape(-1)
    likely = np.flatnonzero(flat > 1e-15)
    bits = _outcome_bits(likely, probabilities.shape[: program.num_clbits])
    return {row.tobytes(): float(flat[index]) for row, index in zip(bits, likely, strict=True)}


def _sample(probabilities: Array, shots: int, num_clbits: int, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draws one outcome per shot; shot s uses timeline s modulo their number."""
    count = probabilities.shape[0]
    flat = np.clip(probabilities.reshape(count, -1), 0, None)
    cumulative = np.cumsum(flat, axis=1)
    draws = generator.random(shots)
    indices = np.empty(shots, dtype=np.int64)
    for timeline in range(min(count, shots)):
        mine = slice(timeline, None, count)
        edges = cumulative[timeline]
        indices[mine] = np.searchsorted(edges, draws[mine] * edges[-1], side="right")
    indices = np.minimum(indices, flat.shape[1] - 1)
    return _outcome_bits(indices, probabilities.shape[1 : 1 + num_clbits])
