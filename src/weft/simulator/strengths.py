"""How much each QPU and each link is expected to spoil, to first order: what an error budget by place is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.simulator.noise import Cause, Noise

_CELLS_AT_ONCE = 2**17  # waits times timelines, a few megabytes

Array = NDArray[np.float64]


def strengths(noise: Noise, program: Program, timelines: Timelines) -> dict[Cause, tuple[Array, Array]]:
    """The expected number of errors that each QPU and each link contributes, by cause, averaged over timelines.

    An error of a channel is what its Pauli twirl does instead of nothing: it has the probability 1 − F_process. Where errors are
    few, and each spoils the outcome, their number is the infidelity; an error that does nothing to the state counts all the same,
    and so do wrong readings at the very end.

    Args:
        noise: of the program.
        program: that is executed.
        timelines: to average over; some tens are enough for most uses.

    Returns:
        For each cause, (float64 array of shape (QPUs,), float64 array of shape (links,)): pairs count for their link, gates,
        measurements, resets and waiting for the QPU of their qubit, and crosstalk for the link that attempts were made on.
    """
    qpus, links = len(program.network.qpus), len(program.network.links)
    nothing = np.zeros(qpus), np.zeros(links)
    pairs = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    infidelity = np.array([1 - pair.fidelity for pair in noise.pairs])[program.links[pairs]]
    return {
        Cause.BELL_PAIRS: (nothing[0], _sums(program.links[pairs], infidelity, links)),
        Cause.LOCAL_GATES: (_sums(program.qpus, noise.gate_weight, qpus), nothing[1]),
        Cause.WAITING: (_waiting(noise, program, timelines), _crosstalk(noise, program, timelines)),
        Cause.MEASUREMENT_AND_FEED_FORWARD: (_sums(program.qpus, noise.flip_probability, qpus), nothing[1]),
    }


def _waiting(noise: Noise, program: Program, timelines: Timelines) -> Array:
    waits = np.argwhere(noise.idling.is_noisy[program.qubits] & noise.waits)
    total = np.zeros(len(program.network.qpus))
    size = max(1, _CELLS_AT_ONCE // timelines.shots)
    for low in range(0, len(waits), size):
        block = waits[low : low + size]
        qubits = program.qubits[block[:, 0], block[:, 1]].astype(np.int64)
        idle_s = noise.idle_of(timelines, block)
        flips, phase_flips = noise.idling.hazards(qubits, idle_s, relaxation=True)
        # the identity is left with (1 + e^{−4h_X} + 2 e^{−2(h_X + h_Z)})/4
        struck = -np.expm1(-4 * flips) / 4 - np.expm1(-2 * (flips + phase_flips)) / 2
        total += _sums(program.qubit_qpus[qubits], struck.mean(axis=1), len(total))
    return total


def _crosstalk(noise: Noise, program: Program, timelines: Timelines) -> Array:
    crosstalk, total = noise.crosstalk, np.zeros(len(program.network.links))
    size = max(1, _CELLS_AT_ONCE // timelines.shots)
    for low in range(0, len(crosstalk.rows), size):
        strikes = np.arange(low, min(low + size, len(crosstalk.rows)))
        struck = -np.expm1(-2 * crosstalk.mean_flips(timelines, strikes)) / 2
        total += _sums(program.links[crosstalk.rows[strikes]], struck.mean(axis=1), len(total))
    return total


def _sums(places: NDArray[np.int32], values: Array, count: int) -> Array:
    return np.bincount(places, weights=values, minlength=count).astype(np.float64)  # of no places it is whole numbers
