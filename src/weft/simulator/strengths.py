"""How much each QPU and each link is expected to spoil, to first order: what an error budget by place is made of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.simulator.backend import is_static
from weft.simulator.noise import Cause, Noise

_CELLS_AT_ONCE = 2**17  # waits times timelines, a few megabytes

Array = NDArray[np.float64]


def strengths(noise: Noise, program: Program, timelines: Timelines) -> dict[Cause, tuple[Array, Array]]:
    """The expected number of errors that each QPU and each link contributes, by cause, averaged over timelines.

    An error of a channel is what its Pauli twirl does instead of nothing: it has the probability 1 − F_process. Where errors are
    few, and each spoils the outcome, their number is the infidelity; an error that does nothing to the state counts all the same.
    Wrong readings at the very end of a circuit that has one ideal state before them count for nothing, as in the fidelity.

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
        Cause.WAITING: (
            _mean_by_place(waiting_errors(noise, program, timelines), qpus),
            _mean_by_place(crosstalk_errors(noise, program, timelines), links),
        ),
        Cause.MEASUREMENT_AND_FEED_FORWARD: (_sums(program.qpus, counted_flips(noise, program), qpus), nothing[1]),
    }


def counted_flips(noise: Noise, program: Program, final_bits: int | None = None) -> Array:
    """Probability that a measurement or reset goes wrong in a way that enters the fidelity, shape (n,).

    Args:
        noise: of the program.
        program: that is executed.
        final_bits: as in `final_readings`.
    """
    return np.where(final_readings(program, final_bits), 0.0, noise.flip_probability)


def final_readings(program: Program, final_bits: int | None = None) -> NDArray[np.bool_]:
    """Which rows only read out the state that the fidelity is of, shape (n,).

    Args:
        program: that is executed.
        final_bits: so many bits, from the first on, are readings of that state. By default, all bits of the circuit are if there is
            one ideal state before they are measured, and none are else.
    """
    if final_bits is None:
        final_bits = program.num_clbits if is_static(program) else 0
    return (program.opcodes == Op.MEASURE) & (program.bits < final_bits)


def waiting_errors(noise: Noise, program: Program, timelines: Timelines) -> Iterator[tuple[NDArray[np.int32], Array]]:
    """Probabilities that waiting strikes, some waits at a time: (the QPU of each, shape (waits, timelines))."""
    waits = np.argwhere(noise.idling.is_noisy[program.qubits] & noise.waits)
    size = max(1, _CELLS_AT_ONCE // timelines.shots)
    for low in range(0, len(waits), size):
        block = waits[low : low + size]
        qubits = program.qubits[block[:, 0], block[:, 1]].astype(np.int64)
        idle_s = noise.idle_of(timelines, block)
        flips, phase_flips = noise.idling.hazards(qubits, idle_s, relaxation=True)
        # the identity is left with (1 + e^{−4h_X} + 2 e^{−2(h_X + h_Z)})/4
        yield program.qubit_qpus[qubits], -np.expm1(-4 * flips) / 4 - np.expm1(-2 * (flips + phase_flips)) / 2


def crosstalk_errors(noise: Noise, program: Program, timelines: Timelines) -> Iterator[tuple[NDArray[np.int32], Array]]:
    """The same for crosstalk: (the link whose attempts strike, probabilities)."""
    crosstalk = noise.crosstalk
    size = max(1, _CELLS_AT_ONCE // timelines.shots)
    for low in range(0, len(crosstalk.rows), size):
        strikes = np.arange(low, min(low + size, len(crosstalk.rows)))
        yield program.links[crosstalk.rows[strikes]], -np.expm1(-2 * crosstalk.mean_flips(timelines, strikes)) / 2


def _mean_by_place(errors: Iterator[tuple[NDArray[np.int32], Array]], count: int) -> Array:
    total = np.zeros(count)
    for places, struck in errors:
        total += _sums(places, struck.mean(axis=1), count)
    return total


def _sums(places: NDArray[np.int32], values: Array, count: int) -> Array:
    return np.bincount(places, weights=values, minlength=count).astype(np.float64)  # of no places it is whole numbers
