"""How likely nothing goes wrong in a program, how long it lasts, and how busy its qubits are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET
from weft.program import Op, Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, schedule
from weft.simulator import simulate
from weft.simulator.estimate import Estimate
from weft.simulator.exact_outcomes import final_measurements
from weft.simulator.noise import noise_of
from weft.simulator.strengths import final_readings
from weft.study.comparison.means import Mean, Point, mean_of

TIMELINES = Estimate.most_shots
"""That one estimate averages over."""


def played(program: Program, *, repetitions: int, seed: int, final_bits: int | None = None) -> Point:
    """A program under its network, from as many times 64 timelines; the same seed gives the same random numbers on all hardware.

    The fidelity is that of the backend `estimate`; that nothing goes wrong at all is as likely times reading the final bits right.

    Args:
        program: to play.
        repetitions: of 64 timelines each.
        seed: of the timelines.
        final_bits: how many bits, from the first on, are the circuit's final readings; by default, as the program has it.
    """
    if not program.network.links:
        repetitions = 1  # what waits for no link is the same in every shot, unless it branches
    found = [
        simulate(program, shots=TIMELINES, seed=seed + number, backend=Estimate(final_bits), workers=1)
        for number in range(repetitions)
    ]
    losses = np.array([result.fidelity.value for result in found])
    makespans = np.concatenate([result.makespans_s for result in found])
    spreads = np.array([result.fidelity.stderr or 0.0 for result in found])
    fidelity = Mean(float(losses.mean()), float(np.sqrt((spreads**2).sum())) / repetitions)
    readings = right_readings(program, final_bits)
    return Point(fidelity, Mean(fidelity.value * readings, fidelity.stderr * readings), mean_of(makespans))


def right_readings(program: Program, final_bits: int | None = None) -> float:
    """The probability that all final readings are right, which a fidelity leaves out.

    Args:
        program: that is played.
        final_bits: how many bits, from the first on, they are; by default, as the program has it.
    """
    return float(np.prod(1 - _flips(program, final_readings(program, final_bits))))


def right_signs(program: Program, sign_bits: Sequence[int]) -> float:
    """What wrong signs leave of a term of a sum, next to what is left if a wrong reading leaves nothing.

    A wrong sign takes away what a right one adds. If it is wrong with probability m, it leaves 1 − 2m instead of 1 − m; nothing, if
    it is wrong more often than right.

    Args:
        program: of the term.
        sign_bits: whose parity is the sign; a bit that occurs twice in it says nothing.

    Returns:
        The product of (1 − 2m)/(1 − m) over the readings that give the sign, between 0 and 1.
    """
    bits, times = np.unique(np.array(sign_bits, dtype=np.int64), return_counts=True)
    rows = (program.opcodes == Op.MEASURE) & np.isin(program.bits, bits[times % 2 == 1])
    wrong = np.minimum(_flips(program, rows), 0.5)
    return float(np.prod((1 - 2 * wrong) / (1 - wrong)))


def _flips(program: Program, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The probability that each of some rows reads wrong."""
    return noise_of(program, AS_SOON_AS_POSSIBLE).flip_probability[rows]


def has_one_state(circuit: Circuit) -> bool:
    """Whether a circuit is a unitary followed by measurements; else its fidelity is of its outcomes, and counts all readings.

    It says of a measured circuit what `is_static` says of its program, and so holds for the terms of a sum as well.
    """
    tells = np.isin(circuit.opcodes, (MEASURE, RESET))
    return not (len(circuit.condition_bits) or np.any(tells & ~final_measurements(circuit)))


def busy_times(program: Program, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How long instructions act on each data qubit that is used, shape (qubits,), and all last, shape (timelines,)."""
    timelines = schedule(program, TIMELINES, seed)
    mean_s = (timelines.end_s - timelines.start_s).mean(axis=1)
    busy = np.zeros(program.num_qubits)
    for operand in range(2):
        there = program.qubits[:, operand] >= 0
        np.add.at(busy, program.qubits[there, operand], mean_s[there])
    used = np.zeros(program.num_qubits, dtype=np.bool_)
    used[program.qubits[program.qubits >= 0]] = True
    return busy[used & ~program.qubit_is_communication], timelines.makespan_s
