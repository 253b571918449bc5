"""How likely nothing goes wrong in a program, how long it lasts, and how busy its qubits are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.program import Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, schedule
from weft.simulator import simulate
from weft.simulator.backend import is_static, terminal_measurements
from weft.simulator.estimate import Estimate
from weft.simulator.noise import noise_of
from weft.study.comparison.means import Mean, Point, mean_of

TIMELINES = Estimate.most_shots
"""That one estimate averages over."""


def played(program: Program, *, repetitions: int, seed: int) -> Point:
    """A program under its network, from as many times 64 timelines; the same seed gives the same random numbers on all hardware.

    The probability that nothing goes wrong is that of the backend `estimate`, times that of reading the final bits right.
    """
    if not program.network.links:
        repetitions = 1  # what waits for no link is the same in every shot, unless it branches
    found = [
        simulate(program, shots=TIMELINES, seed=seed + number, backend="estimate", workers=1)
        for number in range(repetitions)
    ]
    losses = np.array([result.fidelity.value for result in found])
    makespans = np.concatenate([result.makespans_s for result in found])
    spreads = np.array([result.fidelity.stderr or 0.0 for result in found])
    readings = final_readings(program)
    error = float(np.sqrt((spreads**2).sum())) / repetitions
    return Point(Mean(float(losses.mean()) * readings, error * readings), mean_of(makespans))


def final_readings(program: Program) -> float:
    """The probability that all final measurements are read right, which `estimate` leaves out where the fidelity does."""
    if not is_static(program):
        return 1.0
    flips = noise_of(program, AS_SOON_AS_POSSIBLE).flip_probability[terminal_measurements(program)]
    return float(np.prod(1 - flips))


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
