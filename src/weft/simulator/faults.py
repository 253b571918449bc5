"""Errors drawn in advance: which Pauli strikes which qubit where, in which shot, and why.

All Pauli noise is independent of the state, so it can be drawn before anything is simulated. The backends that sample then
share one list of faults per batch; and because each fault carries its cause, switching causes on one after another is a matter
of leaving faults out: the stages of an error budget share all their random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Pauli, Program
from weft.scheduler import Timelines
from weft.simulator.noise import Cause, Noise

BEFORE, AFTER, READOUT = 0, 1, 2
"""When a fault strikes: before its row, after it, or on the bit that the row records."""


@dataclass(frozen=True)
class Faults:
    """Faults in columns, sorted by shot, then row, then when they strike.

    Attributes:
        offsets (int64 array, shape (shots + 1,)): the faults of shot s are rows offsets[s] to offsets[s + 1].
        row (int64 array): the instruction.
        when (uint8 array): `BEFORE`, `AFTER` or `READOUT`.
        qubit (int64 array): what is struck; for `READOUT` the measured qubit.
        pauli (uint8 array): 1 X, 2 Y, 3 Z; for `READOUT` 0.
        cause (uint8 array): a `Cause`.
    """

    offsets: NDArray[np.int64]
    row: NDArray[np.int64]
    when: NDArray[np.uint8]
    qubit: NDArray[np.int64]
    pauli: NDArray[np.uint8]
    cause: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)


@dataclass
class _Collector:
    shots: list[NDArray[np.int64]] = field(default_factory=list)
    columns: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, shots: NDArray[np.int64], row: int, when: int, qubit: int, pauli: NDArray | int, cause: int) -> None:  # type: ignore[type-arg]
        if len(shots):
            self.shots.append(shots)
            block = np.empty((len(shots), 5), dtype=np.int64)
            block[:] = (row, when, qubit, 0, cause)
            block[:, 3] = pauli
            self.columns.append(block)

    def faults(self, shots: int) -> Faults:
        struck = np.concatenate(self.shots) if self.shots else np.zeros(0, dtype=np.int64)
        columns = np.concatenate(self.columns) if self.columns else np.zeros((0, 5), dtype=np.int64)
        order = np.lexsort((columns[:, 1], columns[:, 0], struck))
        columns = columns[order]
        offsets = np.concatenate(([0], np.cumsum(np.bincount(struck, minlength=shots))))
        return Faults(
            offsets.astype(np.int64),
            columns[:, 0].copy(),
            columns[:, 1].astype(np.uint8),
            columns[:, 2].copy(),
            columns[:, 3].astype(np.uint8),
            columns[:, 4].astype(np.uint8),
        )


def draw_faults(
    program: Program, noise: Noise, timelines: Timelines, generator: np.random.Generator, *, twirl: bool
) -> Faults:
    """Draws the faults of a batch, one shot per timeline.

    Args:
        program: that is executed.
        noise: of the program.
        timelines: which say how long each qubit waited.
        generator: of random numbers.
        twirl: whether to turn relaxation, and pairs that are no mixture of Bell states, into Pauli faults. Otherwise they are
            left out and only the dephasing that T1 does not explain is drawn: whoever asks treats them itself.
    """
    collector = _Collector()
    opcodes = program.opcodes.tolist()
    qubits = program.qubits.tolist()
    for row, opcode in enumerate(opcodes):
        operands = [qubit for qubit in qubits[row] if qubit >= 0]
        if opcode == Op.ENTANGLE:
            _draw_pair(collector, program, noise, row, operands[1], timelines.shots, generator, twirl=twirl)
            continue
        for operand, qubit in enumerate(operands):
            if noise.waits[row, operand]:
                _draw_idle(collector, noise, timelines, row, operand, qubit, generator, twirl=twirl)
        if noise.gate_weight[row] > 0:
            _draw_gate(collector, row, operands, noise.gate_weight[row], timelines.shots, generator)
        wrong = noise.flip_probability[row]
        if wrong > 0:
            struck = np.flatnonzero(generator.random(timelines.shots) < wrong)
            when, pauli = (READOUT, 0) if opcode == Op.MEASURE else (AFTER, int(Pauli.X))
            collector.add(struck, row, when, operands[0], pauli, Cause.MEASUREMENT_AND_FEED_FORWARD)
    return collector.faults(timelines.shots)


def _draw_pair(
    collector: _Collector,
    program: Program,
    noise: Noise,
    row: int,
    qubit: int,
    shots: int,
    generator: np.random.Generator,
    *,
    twirl: bool,
) -> None:
    """Φ−, Ψ+ and Ψ− are Φ+ after a Z, an X and a Y on one half."""
    pair = noise.pairs[program.links[row]]
    if not (twirl or pair.is_bell_diagonal) or pair.fidelity >= 1:
        return
    edges = np.cumsum(pair.bell_weights)
    which = np.searchsorted(edges, generator.random(shots), side="right")
    pauli = np.array([0, Pauli.Z, Pauli.X, Pauli.Y, 0])[which]
    struck = np.flatnonzero(pauli)
    collector.add(struck, row, AFTER, qubit, pauli[struck], Cause.BELL_PAIRS)


def _draw_idle(
    collector: _Collector,
    noise: Noise,
    timelines: Timelines,
    row: int,
    operand: int,
    qubit: int,
    generator: np.random.Generator,
    *,
    twirl: bool,
) -> None:
    """The Pauli twirl of T1 and T2: Source: Sarvepalli, Klappenecker, Rötteler, Proc. R. Soc. A 465, 1645 (2009)."""
    t1, t2 = noise.t1_s[qubit], noise.t2_s[qubit]
    if np.isinf(t1) and np.isinf(t2):
        return
    idle = noise.idle_s(timelines, row, operand)
    if twirl:
        each = -np.expm1(-idle / t1) / 4
        flip_z = -np.expm1(-idle / t2) / 2 - each
    else:
        each = np.zeros_like(idle)
        # what is left of 1/T2 when T1 has its part, 1/(2 T1)
        flip_z = -np.expm1(-idle * max(1 / t2 - 0.5 / t1, 0.0)) / 2
    draw = generator.random(timelines.shots)
    pauli = np.where(draw < flip_z, int(Pauli.Z), 0)
    pauli = np.where((draw >= flip_z) & (draw < flip_z + each), int(Pauli.X), pauli)
    pauli = np.where((draw >= flip_z + each) & (draw < flip_z + 2 * each), int(Pauli.Y), pauli)
    struck = np.flatnonzero(pauli)
    collector.add(struck, row, BEFORE, qubit, pauli[struck], Cause.WAITING)


def _draw_gate(
    collector: _Collector, row: int, operands: list[int], weight: float, shots: int, generator: np.random.Generator
) -> None:
    """One of the 3 or 15 Paulis that are not the identity, equally likely, with total probability `weight`."""
    struck = np.flatnonzero(generator.random(shots) < weight)
    which = generator.integers(1, 4 ** len(operands), size=len(struck))
    for position, qubit in enumerate(operands):
        pauli = (which >> (2 * position)) & 3
        hit = pauli > 0
        collector.add(struck[hit], row, AFTER, qubit, pauli[hit], Cause.LOCAL_GATES)
