"""What every backend is: something that runs a batch of shots and says what came out at each stage of the error budget.

Stage k has the first k causes of `Cause` switched on, so stage 0 is ideal and the last stage is everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Pauli, Program
from weft.scheduler import Player, Supply, Timelines
from weft.scheduler.timelines import previous_rows
from weft.simulator.noise import Cause, Noise

STAGES = len(Cause) + 1
MOST_SHOTS = 10**9


@dataclass(frozen=True)
class Batch:
    """What a backend found for a batch of shots.

    Attributes:
        bits (uint8 array, shape (shots, num_clbits)): the circuit's classical bits with all causes on; None if there are none.
        overlaps (float array, shape (STAGES, samples)): the fidelity of each sampled state with the ideal state. If the circuit
            measures or branches on its way, so that there is no one ideal state, then instead numbers whose mean is the root of
            the classical fidelity of `distributions` and whose spread is its error; see `classical_fidelity`.
        distributions: per stage, the weight of each outcome (its bits as bytes), adding up to the number of samples; None if
            there is one ideal state.
        definition: what the fidelity is, if it is not what `weft.simulator.result` says of all backends.
    """

    bits: NDArray[np.uint8] | None
    overlaps: NDArray[np.float64]
    distributions: list[dict[bytes, float]] | None
    definition: str | None = None


@dataclass(frozen=True)
class Streamed:
    """What a backend found that played the program itself.

    Attributes:
        batch: of all shots.
        makespans_s (float64 array, shape (shots,)): when the last instruction of each shot ended.
        supply: fates of pairs and times of links, over all shots.
    """

    batch: Batch
    makespans_s: NDArray[np.float64]
    supply: Supply


class Backend(Protocol):
    """A way of executing programs.

    Attributes:
        name: as users call it.
        most_shots: more would not make its answer better, and a run has no more.
        exact: whether errors are followed as probabilities; otherwise they are sampled, and one that came in no shot may come yet.
    """

    name: str
    exact: bool
    most_shots: int

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can."""
        ...

    def batch_shots(self, program: Program) -> int:
        """How many shots it runs best at once."""
        ...

    def notes(self, noise: Noise) -> tuple[str, ...]:
        """What a reader of the result must know about approximations."""
        ...

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline."""
        ...


@runtime_checkable
class StreamingBackend(Backend, Protocol):
    """A backend that can play a program as it goes, so that the times of large programs need not be stored."""

    def run_streamed(
        self,
        player: Player,
        noise: Noise,
        shots: int,
        timeline_seed: np.random.SeedSequence,
        run_seed: np.random.SeedSequence,
    ) -> Streamed | None:
        """Plays and runs a number of shots; None if this program needs stored timelines."""
        ...


def last_uses(program: Program) -> NDArray[np.int64]:
    """The last row that uses each qubit, shape (qubits,); −1 if none does."""
    last_use = np.full(program.num_qubits, -1)
    for column in (0, 1):
        rows = np.flatnonzero(program.qubits[:, column] >= 0)
        np.maximum.at(last_use, program.qubits[rows, column], rows)
    return last_use


def terminal_measurements(program: Program) -> NDArray[np.bool_]:
    """Which rows measure a data qubit for the last time it is used, into a bit of the circuit's that no instruction reads.

    Shape (n,).
    """
    last_use = last_uses(program)
    first = program.qubits[:, 0]
    candidate = (program.opcodes == Op.MEASURE) & ~program.qubit_is_communication[first] & ~program.is_conditional
    candidate &= program.bits < program.num_clbits
    candidate &= last_use[first] == np.arange(len(program))
    read = np.zeros(program.num_bits + 1, dtype=np.bool_)
    read[program.read_bits] = True
    written = np.bincount(program.bits[program.bits >= 0], minlength=program.num_bits + 1)
    return candidate & ~read[program.bits] & (written[program.bits] == 1)


@lru_cache(maxsize=8)  # every batch of a run asks
def is_static(program: Program) -> bool:
    """Whether the circuit is a unitary followed by measurements, so that there is one ideal state before them.

    A data qubit that was copied elsewhere and is given up is measured in X into a bit that is not the circuit's but decides a Z
    elsewhere, and is then reset: that is no part of the circuit, and leaves nothing undecided.
    """
    measures, resets = program.opcodes == Op.MEASURE, program.opcodes == Op.RESET
    on_data = ~program.qubit_is_communication[program.qubits[:, 0]]
    corrects = np.zeros(program.num_bits + 1, dtype=np.bool_)
    signs = (program.opcodes == Op.CORRECT) & (program.kinds == Pauli.Z)
    corrects[program.read_bits[np.repeat(signs, np.diff(program.read_offsets))]] = True
    corrects[: program.num_clbits] = False
    before = previous_rows(program)[:, 0]
    empties = (
        resets & (before >= 0) & (measures & on_data & (program.kinds == Pauli.X) & corrects[program.bits])[before]
    )
    emptied = np.zeros(len(program), dtype=np.bool_)
    emptied[before[empties]] = True
    tells = measures & ((on_data & ~emptied) | (program.bits < program.num_clbits))
    leaves = tells | (resets & ~empties)
    return not (np.any(program.is_conditional) or np.any(leaves & ~terminal_measurements(program)))
