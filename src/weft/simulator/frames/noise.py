"""Pauli noise as hazards, for one exponential clock per shot.

A shot holds a budget drawn from Exp(1), and every place where noise may strike subtracts its hazard. When the budget goes negative
something struck: which Pauli is drawn, and so is a new budget. Because the exponential has no memory this is exact.

* A channel that applies one Pauli out of a table with total probability w has the hazard −ln(1 − w): a budget outlasts it with
  probability 1 − w. Gates, pairs, resets and wrong readings are of this kind. What is left of the hazard after it struck is void.
* Waiting is a Poisson process each of X, of Y and of Z, for which hazards add up over time. Hazards hx, hy, hz multiply the
  coherences of a qubit by e^{−2(hy + hz)} and e^{−2(hx + hz)}, and its population by e^{−2(hx + hy)}. So hx = hy = t/(4 T1) and
  hz = t/(2 T2) − t/(4 T1) give e^{−t/T2} and e^{−t/T1}, the twirl of T1 and T2 (Sarvepalli, Klappenecker, Rötteler, Proc. R. Soc. A
  465, 1645 (2009)). A dephasing by e^{−(t/Tφ)²} is the hazard hz = (t/Tφ)²/2.
* Attempts to make a pair that flip phases nearby with probability p each are Poisson too: −½ ln(1 − 2p) per attempt and qubit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Pauli, Program
from weft.simulator.backend import STAGES
from weft.simulator.noise import Cause, Noise

ATTEMPTS = 4
"""In `FrameNoise.waits`: it matters how long the attempts of the row took."""

_FASTEST_HZ = 1e100  # any faster decay is no different, and it may be infinite
_CERTAIN = 50.0  # the hazard of what always happens: it fails to with probability e^-50


class FrameNoise(NamedTuple):
    """What the frame kernel must know of a program's noise.

    Attributes:
        waits (uint8 array, shape (n,)): bit k is set if operand k waits for the row and is spoilt by it; `ATTEMPTS` for an
            `entangle` whose attempts spoil other qubits.
        laws (float array, shape (qubits, 6)): the hazards of waiting for a time t. Up to [3] seconds, that of X, and of Y, is
            [0] t and that of Z is [1] t + [2] t²; from there on they are [4] t and [5] t.
        nearby_offsets (int64 array, shape (n + 1,)): attempts of row i spoil entries [i] to [i + 1] of the next two.
        nearby (int32 array): qubits.
        rates (float array): hazard of Z on each of them, per second of attempts.
        hazard (float array, shape (n,)): of the strike that comes with the row.
        strike_of_row (int32 array, shape (n,)): its table.
        strikes (float array, shape (tables, 16)): cumulative probabilities of the Paulis on the two operands, given a strike; entry
            a + 4b is Pauli a on the first and b on the second, in the numbering of `Pauli`.
        plane_of_row (uint8 array, shape (n,)): the first plane that the strike shows in.
        plane_of_waiting: the first plane that waiting shows in.
        planes: how many planes of frames there are: one without noise, and one more for each cause that adds any.
    """

    waits: NDArray[np.uint8]
    laws: NDArray[np.float64]
    nearby_offsets: NDArray[np.int64]
    nearby: NDArray[np.int32]
    rates: NDArray[np.float64]
    hazard: NDArray[np.float64]
    strike_of_row: NDArray[np.int32]
    strikes: NDArray[np.float64]
    plane_of_row: NDArray[np.uint8]
    plane_of_waiting: int
    planes: int


def planes_of_stages(noise: Noise) -> NDArray[np.int64]:
    """The plane that holds each stage of the error budget, shape (STAGES,): causes that add nothing share the one before."""
    adds = [noise.adds(cause) for cause in Cause]
    return np.concatenate(([0], np.cumsum(adds))).astype(np.int64)


@lru_cache(maxsize=4)
def frame_noise(program: Program, noise: Noise) -> FrameNoise:
    """The hazards of a program's noise; the same for every batch of a run."""
    laws = np.minimum(noise.idling.laws(relaxation=True), _FASTEST_HZ)
    laws[:, 3] = noise.idling.interval_s
    is_spoilt = np.any(np.delete(laws, 3, axis=1) > 0, axis=1)
    spoilt = noise.waits & (program.qubits >= 0) & is_spoilt[program.qubits]
    weight, table, cause = _strikes(program, noise)
    planes = planes_of_stages(noise)
    offsets, nearby, rates = _nearby(program, noise)
    return FrameNoise(
        waits=(spoilt[:, 0] + 2 * spoilt[:, 1] + ATTEMPTS * (np.diff(offsets) > 0)).astype(np.uint8),
        laws=laws,
        nearby_offsets=offsets.astype(np.int64),
        nearby=nearby,
        rates=rates,
        hazard=hazard_of(weight),
        strike_of_row=table.astype(np.int32),
        strikes=_tables(noise),
        plane_of_row=planes[cause + 1].astype(np.uint8),
        plane_of_waiting=int(planes[Cause.WAITING + 1]),
        planes=int(planes[STAGES - 1]) + 1,
    )


def hazard_of(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """−ln(1 − probability), large for what is certain."""
    with np.errstate(divide="ignore"):
        return np.minimum(-np.log1p(-probability), _CERTAIN)


def _strikes(program: Program, noise: Noise) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Total probability, table and cause of what strikes with each row."""
    entangles, gates = program.opcodes == Op.ENTANGLE, program.opcodes == Op.GATE
    infidelity = np.array([1 - pair.fidelity for pair in noise.pairs] + [0.0])
    flip = len(noise.gates.twirled)
    weight = np.where(entangles, infidelity[program.links], noise.gate_weight + noise.flip_probability)
    table = np.where(gates, noise.gates.table_of_row, flip)
    table = np.where(entangles, flip + 1 + program.links, table)
    cause = np.where(gates, Cause.LOCAL_GATES, Cause.MEASUREMENT_AND_FEED_FORWARD)
    return weight, table, np.where(entangles, Cause.BELL_PAIRS, cause).astype(np.int64)


def _tables(noise: Noise) -> NDArray[np.float64]:
    """Of gates; a flip; and each link's pair: Φ−, Ψ+, Ψ− are Φ+ after Z, X, Y on its second half."""
    pairs = np.zeros((len(noise.pairs), 16))
    for link in noise.used_links:
        pairs[link, [4 * Pauli.Z, 4 * Pauli.X, 4 * Pauli.Y]] = noise.pairs[link].bell_weights[1:]
    flip = np.zeros((1, 16))
    flip[0, Pauli.X] = 1
    tables = np.concatenate((noise.gates.twirled, flip, pairs))
    tables[:, 0] = 0  # given that something strikes
    totals = tables.sum(axis=1, keepdims=True)
    cumulative = np.cumsum(tables, axis=1) / np.where(totals > 0, totals, 1.0)
    cumulative[:, -1] = 1.0
    return cumulative


def _nearby(program: Program, noise: Noise) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Whom the attempts of each row strike, as `FrameNoise` has it; none that would strike at a rate of 0."""
    crosstalk = noise.crosstalk
    order = np.argsort(crosstalk.rows, kind="stable")
    counts = np.bincount(crosstalk.rows, minlength=len(program))
    rates = (crosstalk.flips_per_attempt / crosstalk.attempt_s)[order]
    return np.concatenate(([0], np.cumsum(counts))), crosstalk.qubits[order].astype(np.int32), rates
