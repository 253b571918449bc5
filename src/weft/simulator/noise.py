"""What spoils a program, as numbers per instruction and per qubit, sorted by cause.

| cause | what it is |
|---|---|
| `bell_pairs` | the state of the pairs that links deliver |
| `local_gates` | depolarising noise after each gate |
| `waiting` | relaxation and dephasing of each qubit for as long as it waited in that very shot |
| `measurement_and_feed_forward` | wrong measurement results, which also spoil corrections, and imperfect resets |

An error of average infidelity 1 − F_avg is a depolarising channel of total Pauli weight (d + 1)/d · (1 − F_avg): 3/2 of it on one
qubit and 5/4 on two (Nielsen, Phys. Lett. A 303, 249 (2002)). A gate's error is taken to contain the decoherence during it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from weft.network import BellPair
from weft.program import Op, Program
from weft.scheduler.timelines import Timelines, holds_state, previous_rows


class Cause(IntEnum):
    """Why fidelity is lost, in the order in which the error budget adds causes."""

    BELL_PAIRS = 0
    LOCAL_GATES = 1
    WAITING = 2
    MEASUREMENT_AND_FEED_FORWARD = 3


CAUSES = tuple(cause.name.lower() for cause in Cause)


@dataclass(frozen=True, eq=False)
class Noise:
    """The noise of a program on its network.

    Attributes:
        gate_weight (float64 array, shape (n,)): total Pauli weight of the depolarising channel after a gate; 0 elsewhere.
        flip_probability (float64 array, shape (n,)): that a measurement records the wrong bit, or a reset leaves |1⟩.
        pairs: the state that each link delivers.
        used_links: positions of the links that the program takes pairs from; the states of the others spoil nothing.
        t1_s (float64 array, shape (qubits,)): relaxation time of each qubit.
        t2_s (float64 array, shape (qubits,)): coherence time of each qubit.
        previous (int64 array, shape (n, 2)): the row that used each operand before; −1 if none did.
        waits (bool array, shape (n, 2)): whether the operand holds something while it waits for the row.
    """

    gate_weight: NDArray[np.float64]
    flip_probability: NDArray[np.float64]
    pairs: tuple[BellPair, ...]
    used_links: tuple[int, ...]
    t1_s: NDArray[np.float64]
    t2_s: NDArray[np.float64]
    previous: NDArray[np.int64]
    waits: NDArray[np.bool_]

    @property
    def is_pauli(self) -> bool:
        """Whether every channel is a mixture of Paulis, so that Pauli frames are exact."""
        return bool(np.all(np.isinf(self.t1_s))) and all(self.pairs[link].is_bell_diagonal for link in self.used_links)

    @property
    def depends_on_time(self) -> bool:
        """Whether any qubit relaxes or dephases, so that timelines matter."""
        return not (np.all(np.isinf(self.t1_s)) and np.all(np.isinf(self.t2_s)))

    def adds(self, cause: Cause) -> bool:
        """Whether a cause can spoil anything at all; if not, switching it on changes nothing."""
        if cause == Cause.BELL_PAIRS:
            return any(self.pairs[link].fidelity < 1 for link in self.used_links)
        if cause == Cause.LOCAL_GATES:
            return bool(np.any(self.gate_weight > 0))
        if cause == Cause.WAITING:
            return self.depends_on_time
        return bool(np.any(self.flip_probability > 0))

    def idle_s(self, timelines: Timelines, row: int, operand: int) -> NDArray[np.float64]:
        """How long an operand waited for a row, shape (shots,). A qubit that was not used before waits since time 0."""
        previous = self.previous[row, operand]
        since = timelines.end_s[previous] if previous >= 0 else 0.0
        return np.maximum(timelines.start_s[row] - since, 0.0)


def noise_of(program: Program, *, inputs_wait: bool = False) -> Noise:
    """The noise of a program on its network.

    Args:
        program: to describe.
        inputs_wait: whether a data qubit waits from time 0 for its first instruction; true if its input is prepared outside
            the program, false if it is prepared just in time.
    """
    qpus = program.network.qpus
    owners = program.qpus
    two = program.qubits[:, 1] >= 0
    gates = program.opcodes == Op.GATE
    one_error = np.array([qpu.one_qubit_gate_error for qpu in qpus])[owners]
    two_error = np.array([qpu.two_qubit_gate_error for qpu in qpus])[owners]
    weight = np.where(gates, np.where(two, 1.25 * two_error, 1.5 * one_error), 0.0)
    flip = np.zeros(len(program))
    for opcode, errors in (
        (Op.MEASURE, [qpu.measurement_error for qpu in qpus]),
        (Op.RESET, [qpu.reset_error for qpu in qpus]),
    ):
        rows = program.opcodes == opcode
        flip[rows] = np.array(errors)[owners[rows]]
    coherence = np.array(
        [
            qpus[qpu].coherence(bool(communication))
            for qpu, communication in zip(program.qubit_qpus, program.qubit_is_communication, strict=True)
        ]
    ).reshape(-1, 2)
    previous = previous_rows(program)
    waits = holds_state(program)
    if not inputs_wait:
        waits &= previous >= 0
    pairs = tuple(link.pair for link in program.network.links)
    used = tuple(np.unique(program.links[program.links >= 0]).tolist())
    return Noise(weight, flip, pairs, used, coherence[:, 0], coherence[:, 1], previous, waits)
