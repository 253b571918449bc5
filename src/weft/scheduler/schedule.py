"""As soon as possible: each instruction starts when its qubits, its bits and its Bell pair are there.

The rows of a program are played in order, all shots side by side. A row starts when every operand is free, every bit it reads
has been measured and has travelled, and, for an `entangle`, when one of the link's channels is free. The number of attempts of
each heralded entanglement is sampled from its geometric distribution. Cost: a few nanoseconds per instruction and shot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import GATES
from weft.errors import InvalidValueError
from weft.program import Op, Program
from weft.scheduler.play import play
from weft.scheduler.timelines import Timelines


def schedule(program: Program, shots: int, seed: int | np.random.SeedSequence = 0) -> Timelines:
    """Samples timelines.

    Args:
        program: to play.
        shots: how many timelines, at least 1.
        seed: at least 0; the same seed gives the same timelines.

    Raises:
        InvalidValueError: for shots or a seed that cannot be.
    """
    if shots < 1:
        raise InvalidValueError(f"`shots` must be at least 1, but is {shots}")
    if isinstance(seed, int) and seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    generator = np.random.default_rng(seed)
    plan = _plan(program)
    waits = _sample_waits(program, plan.entangle_rows, shots, generator)
    start, end = np.empty((len(program), shots)), np.empty((len(program), shots))
    play(
        program.qubits,
        program.bits,
        plan.duration_s,
        plan.wait_rows,
        waits,
        plan.link_channels,
        program.links,
        program.read_offsets,
        program.read_bits,
        plan.read_latency_s,
        np.zeros((program.num_qubits, shots)),
        np.zeros((max(program.num_bits, 1), shots)),
        np.zeros((max(int(plan.link_channels[-1]), 1), shots)),
        start,
        end,
    )
    return Timelines(program, start, end)


@dataclass(frozen=True)
class _Plan:
    """What playing needs to know of a program beside its columns.

    Attributes:
        duration_s (float64 array, shape (n,)): of everything but `entangle`.
        entangle_rows (int64 array): the rows that take a pair.
        wait_rows (int64 array, shape (n,)): a row's place among them; −1 for other rows.
        link_channels (int64 array, shape (links + 1,)): channels of link l are numbered from [l] to [l + 1].
        read_latency_s (float64 array, shape (reads,)): how long each bit travels to its reader.
    """

    duration_s: NDArray[np.float64]
    entangle_rows: NDArray[np.int64]
    wait_rows: NDArray[np.int64]
    link_channels: NDArray[np.int64]
    read_latency_s: NDArray[np.float64]


def _plan(program: Program) -> _Plan:
    entangle_rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    wait_rows = np.full(len(program), -1, dtype=np.int64)
    wait_rows[entangle_rows] = np.arange(len(entangle_rows))
    channels = np.concatenate(([0], np.cumsum([link.channels for link in program.network.links], dtype=np.int64)))
    return _Plan(_durations(program), entangle_rows, wait_rows, channels.astype(np.int64), _read_latencies(program))


def _durations(program: Program) -> NDArray[np.float64]:
    """Of each row but `entangle`. A correction is an update of the Pauli frame and takes no time of its own."""
    qpus = program.network.qpus
    by_qpu = np.array([[q.one_qubit_gate_s, q.two_qubit_gate_s, q.measurement_s, q.reset_s, 0.0] for q in qpus])
    gate_qubits = np.array([gate.qubits for gate in GATES])
    column = np.full(len(program), 4)
    gates = program.opcodes == Op.GATE
    column[gates] = gate_qubits[program.kinds[gates]] - 1
    column[program.opcodes == Op.MEASURE] = 2
    column[program.opcodes == Op.RESET] = 3
    return by_qpu[program.qpus, column]


def _read_latencies(program: Program) -> NDArray[np.float64]:
    """Who wrote a bit last is known from the program, so its travel time to each reader is too."""
    latency = np.zeros(len(program.read_bits))
    if len(latency) == 0:
        return latency
    between = program.network.classical_latency_s
    writers = [-1] * program.num_bits
    offsets, reads = program.read_offsets.tolist(), program.read_bits.tolist()
    for row, (qpu, bit) in enumerate(zip(program.qpus.tolist(), program.bits.tolist(), strict=True)):
        for entry in range(offsets[row], offsets[row + 1]):
            writer = writers[reads[entry]]
            if writer >= 0:
                latency[entry] = between[writer, qpu]
        if bit >= 0:
            writers[bit] = qpu
    return latency


def _sample_waits(
    program: Program, rows: NDArray[np.int64], shots: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Time from the first attempt to the pair, shape (pairs, shots): attempts, geometric, times their duration."""
    links = program.links[rows]
    probability = np.array([link.success_probability for link in program.network.links])
    attempt_s = np.array([link.attempt_s for link in program.network.links])
    if len(rows) == 0:
        return np.zeros((0, shots))
    attempts = generator.geometric(probability[links][:, None], size=(len(rows), shots))
    return attempts * attempt_s[links][:, None]
