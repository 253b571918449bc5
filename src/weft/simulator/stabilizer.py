"""Clifford programs of any size, on Stim's Pauli frames.

Stim samples the ideal outcomes once and carries a Pauli frame per shot. Because every shot waited for times of its own, faults
are not part of a Stim circuit: they are drawn in advance and multiplied onto the frames. Noise that is no mixture of Paulis is
twirled into one, and the result says so.

The fidelity of a shot with the ideal stabilizer state is 1 if its frame commutes with every stabilizer and 0 if not; the mean over
shots is the fidelity of the mixture.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit.gates import CODES, GATES, matrix_of
from weft.program import Op, Pauli, Program, Role
from weft.scheduler import Timelines
from weft.simulator.backend import MOST_SHOTS, STAGES, Batch, is_static, terminal_measurements
from weft.simulator.classical_fidelity import sampled_batch
from weft.simulator.faults import AFTER, BEFORE, READOUT, Faults, draw_faults
from weft.simulator.noise import Noise

_MEASURE = {Pauli.X: "MX", Pauli.Y: "MY", Pauli.Z: "M"}
_FEEDBACK = {Pauli.X: "CX", Pauli.Y: "CY", Pauli.Z: "CZ"}
_CONDITIONAL = {CODES["x"]: Pauli.X, CODES["y"]: Pauli.Y, CODES["z"]: Pauli.Z}
# A wrong reading is a Pauli before the measurement that flips it, and the same Pauli after it.
_FLIPS = {Pauli.X: Pauli.Z, Pauli.Y: Pauli.X, Pauli.Z: Pauli.X}


@lru_cache(maxsize=4096)
def _clifford(code: int, angles: tuple[float, ...]) -> stim.Circuit | None:
    """A gate on qubits 0 and 1 as Stim's gates; None if it is not Clifford."""
    try:
        tableau = stim.Tableau.from_unitary_matrix(matrix_of(code, angles).astype(np.complex64), endian="big")
    except ValueError:
        return None
    return tableau.to_circuit(method="elimination")


def _gate(program: Program, row: int) -> stim.Circuit | None:
    code = int(program.kinds[row])
    return _clifford(code, tuple(program.angles[row, : GATES[code].angles].tolist()))


@dataclass(frozen=True)
class _Step:
    """One row for Stim.

    Attributes:
        circuit: what the row does always.
        feedback: what it does if a measurement gave 1: (gate, number of the measurement, qubit).
        condition: (number of a measurement, value) if the row's own noise strikes only then.
    """

    circuit: stim.Circuit
    feedback: tuple[tuple[str, int, int], ...] = ()
    condition: tuple[int, int] | None = None

    def resolved(self, places: list[int], records: int) -> stim.Circuit:
        """The whole row, given the place of each measurement in the record and the record's length."""
        if not self.feedback:
            return self.circuit
        lines = [f"{name} rec[{places[number] - records}] {qubit}" for name, number, qubit in self.feedback]
        return self.circuit + stim.Circuit("\n".join(lines))


@dataclass
class _Translation:
    """A program for Stim.

    Attributes:
        steps: one per row; None where a row does nothing or waits for the end.
        skipped (bool array, shape (n,)): final measurements, which wait for the end.
        measurement_of_bit: the number of the measurement that each bit holds at the end of the walk.
        measurements: how many there are.
    """

    skipped: NDArray[np.bool_]
    steps: list[_Step | None] = field(default_factory=list)
    measurement_of_bit: dict[int, int] = field(default_factory=dict)
    measurements: int = 0


@lru_cache(maxsize=4)
def _translate(program: Program) -> _Translation:
    """The same for every batch of a run."""
    skipped = terminal_measurements(program) if is_static(program) else np.zeros(len(program), dtype=np.bool_)
    result = _Translation(skipped)
    held = result.measurement_of_bit
    for row, opcode in enumerate(program.opcodes.tolist()):
        first, second = program.qubits[row].tolist()
        kind = int(program.kinds[row])
        step: _Step | None = None
        if skipped[row]:
            pass
        elif opcode == Op.GATE:
            step = _translate_gate(program, row, held)
        elif opcode == Op.RESET:
            step = _Step(stim.Circuit(f"R {first}"))
        elif opcode == Op.ENTANGLE:
            step = _Step(stim.Circuit(f"R {first} {second}\nH {first}\nCX {first} {second}"))
        elif opcode == Op.MEASURE:
            step = _Step(stim.Circuit(f"{_MEASURE[Pauli(kind)]} {first}"))
            held[int(program.bits[row])] = result.measurements
            result.measurements += 1
        else:
            name = _FEEDBACK[Pauli(kind)]
            feedback = tuple((name, held[bit], first) for bit, _ in program.reads(row) if bit in held)
            step = _Step(stim.Circuit(), feedback)
        result.steps.append(step)
    return result


def _translate_gate(program: Program, row: int, held: dict[int, int]) -> _Step | None:
    first, second = program.qubits[row].tolist()
    reads = program.reads(row)
    if not reads:
        circuit = _gate(program, row)
        if circuit is None:
            raise ValueError(f"row {row} is not Clifford")
        return _Step(_on(circuit, [first, second]))
    (bit, role), pauli = reads[0], _CONDITIONAL[int(program.kinds[row])]
    value = int(role == Role.IF_ONE)
    always = stim.Circuit("" if value else f"{pauli.name} {first}")
    if bit not in held:  # never written, so it is 0
        return None if value else _Step(always)
    return _Step(always, ((_FEEDBACK[pauli], held[bit], first),), (held[bit], value))


def _on(circuit: stim.Circuit, qubits: list[int]) -> stim.Circuit:
    moved = stim.Circuit()
    for instruction in circuit:
        moved.append(instruction.name, [qubits[target.value] for target in instruction.targets_copy()])
    return moved


class Stabilizer:
    """The backend; see the module."""

    name = "stabilizer"
    exact = False

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can."""
        gates = np.flatnonzero(program.opcodes == Op.GATE)
        conditional = program.is_conditional
        for row in gates.tolist():
            name = GATES[int(program.kinds[row])].name
            if _gate(program, row) is None:
                return f"the stabilizer backend must have Clifford gates only, but instruction {row} is `{name}`"
            if conditional[row] and (int(program.kinds[row]) not in _CONDITIONAL or len(program.reads(row)) > 1):
                return (
                    "the stabilizer backend must have conditions only on Paulis and of one bit each, "
                    f"but instruction {row} is a conditional `{name}` that reads {len(program.reads(row))} bits"
                )
        others = np.flatnonzero(conditional & (program.opcodes != Op.GATE))
        if len(others):
            kind = Op(program.opcodes[others[0]]).name.lower()
            return f"the stabilizer backend must have conditions only on gates, but instruction {others[0]} is a {kind}"
        return None

    def batch_shots(self, program: Program) -> int:
        """How many shots it runs best at once."""
        return int(np.clip(2**24 // max(len(program), 1), 64, 4096))

    def most_shots(self, program: Program) -> int:  # noqa: ARG002  # the same for all programs
        """All that may be asked for."""
        return MOST_SHOTS

    def notes(self, noise: Noise) -> tuple[str, ...]:
        """Says so if noise was twirled."""
        return noise.twirl_notes()

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline."""
        return _Frames(program, noise, timelines, seed).run()


class _Frames:
    def __init__(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> None:
        self.program = program
        self.shots = timelines.shots
        self.static = is_static(program)
        self.translation = _translate(program)
        self.faults: Faults = draw_faults(program, noise, timelines, np.random.default_rng(seed), twirl=True)
        self.seed = int(seed.generate_state(1, np.uint64)[0] >> np.uint64(2))
        shots = np.repeat(np.arange(self.shots), np.diff(self.faults.offsets))
        self.by_place: dict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)
        columns = (self.faults.row, self.faults.when, shots, self.faults.qubit, self.faults.pauli, self.faults.cause)
        for row, when, shot, qubit, pauli, cause in zip(*(column.tolist() for column in columns), strict=True):
            self.by_place[row, when].append((shot, qubit, pauli, cause))
        self.terminal = np.flatnonzero(self.translation.skipped).tolist()

    def run(self) -> Batch:
        ideal, stabilizers, outputs = self.reference()
        overlaps = np.ones((STAGES, self.shots))
        outcomes = []
        bits = np.zeros((self.shots, self.program.num_clbits), dtype=np.uint8)
        present = set(self.faults.cause.tolist())
        for stage in range(STAGES):
            last = stage == STAGES - 1
            if self.static and not last and (stage == 0 or stage - 1 not in present):
                overlaps[stage] = overlaps[max(stage - 1, 0)]
                continue
            frames, places = self.play(stage, ideal)
            if self.static:
                overlaps[stage] = self.overlap(frames, stabilizers)
            if last or not self.static:
                bits = self.read(frames, places, ideal, outputs, stage)
                outcomes.append(bits)
        if self.static:
            return Batch(bits, overlaps, None)
        return sampled_batch(outcomes)

    def reference(self) -> tuple[NDArray[np.bool_], Any, NDArray[np.bool_]]:
        """The ideal measurement record, the stabilizers of the data qubits before final measurements, and those outcomes."""
        simulator = stim.TableauSimulator(seed=self.seed)
        simulator.set_num_qubits(self.program.num_qubits)
        places, records = list(range(self.translation.measurements)), 0
        for step in self.translation.steps:
            if step is not None:
                simulator.do(step.resolved(places, records))
                records += step.circuit.num_measurements
        record = np.array(simulator.current_measurement_record(), dtype=np.bool_)
        stabilizers = None
        if self.static:
            data = np.flatnonzero(~self.program.qubit_is_communication)
            xs, zs = zip(*(text.to_numpy() for text in simulator.canonical_stabilizers()), strict=True)
            stabilizers = (data, np.array(xs)[:, data].astype(np.float32), np.array(zs)[:, data].astype(np.float32))
        for row in self.terminal:
            simulator.do(self.measurement(row))
        outputs = np.array(simulator.current_measurement_record()[len(record) :], dtype=np.bool_)
        return record, stabilizers, outputs

    def measurement(self, row: int) -> stim.Circuit:
        basis = Pauli(int(self.program.kinds[row]))
        return stim.Circuit(f"{_MEASURE[basis]} {self.program.qubits[row, 0]}")

    def strike(self, frames: stim.FlipSimulator, row: int, when: int, stage: int, happens: Any = None) -> None:
        """Multiplies faults onto the frames."""
        struck = [fault for fault in self.by_place.get((row, when), ()) if fault[3] < stage]
        if not struck:
            return
        basis = Pauli(int(self.program.kinds[row])) if when == READOUT else None
        masks: dict[tuple[int, int], NDArray[np.bool_]] = {}
        for shot, qubit, pauli, _ in struck:
            key = (int(_FLIPS[basis]) if basis else pauli, qubit)
            if key not in masks:
                masks[key] = np.zeros(self.shots, dtype=np.bool_)
            masks[key][shot] ^= True
        # A Pauli in some of the shots is feedback from a measurement that never happened: the cost is per shot, not per qubit.
        for (kind, qubit), mask in masks.items():
            frames.append_measurement_flips(mask if happens is None else mask & happens)
            frames.do(stim.Circuit(f"{_FEEDBACK[Pauli(kind)]} rec[-1] {qubit}"))

    def play(self, stage: int, ideal: NDArray[np.bool_]) -> tuple[stim.FlipSimulator, list[int]]:
        """The frames of all shots with a stage's causes, before the final measurements, and where measurements are recorded."""
        # the same seed at every stage, so that outcomes differ only where faults do
        frames = stim.FlipSimulator(batch_size=self.shots, num_qubits=self.program.num_qubits, seed=self.seed + 1)
        places: list[int] = []
        for row, step in enumerate(self.translation.steps):
            self.strike(frames, row, BEFORE, stage)
            if step is None:
                continue
            self.strike(frames, row, READOUT, stage)
            happens = None
            if step.condition is not None:
                number, value = step.condition
                happens = (frames.get_measurement_flips(record_index=places[number]) ^ ideal[number]) == bool(value)
            if step.circuit.num_measurements:
                places.append(frames.num_measurements)
            frames.do(step.resolved(places, frames.num_measurements))
            self.strike(frames, row, READOUT, stage)
            self.strike(frames, row, AFTER, stage, happens)
        return frames, places

    def overlap(self, frames: stim.FlipSimulator, stabilizers: Any) -> NDArray[np.float64]:
        data, xs, zs = stabilizers
        frame_xs, frame_zs, *_ = frames.to_numpy(output_xs=True, output_zs=True)
        # Sums are small integers, so that single precision is exact, and BLAS is quick.
        anticommutes = (xs @ frame_zs[data].astype(np.float32) + zs @ frame_xs[data].astype(np.float32)) % 2
        return 1.0 - anticommutes.any(axis=0)

    def read(
        self,
        frames: stim.FlipSimulator,
        places: list[int],
        ideal: NDArray[np.bool_],
        outputs: NDArray[np.bool_],
        stage: int,
    ) -> NDArray[np.uint8]:
        """The circuit's bits in all shots."""
        bits = np.zeros((self.shots, self.program.num_clbits), dtype=np.uint8)
        for bit, number in self.translation.measurement_of_bit.items():
            if bit < self.program.num_clbits:
                bits[:, bit] = frames.get_measurement_flips(record_index=places[number]) ^ ideal[number]
        for row, output in zip(self.terminal, outputs, strict=True):
            self.strike(frames, row, READOUT, stage)
            frames.do(self.measurement(row))
            bits[:, self.program.bits[row]] = frames.get_measurement_flips(record_index=-1) ^ output
        return bits
