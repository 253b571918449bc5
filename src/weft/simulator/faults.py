"""Errors drawn in advance: which Pauli strikes which qubit where, in which shot, and why.

Faults are rare, so they are not drawn place by place. A fault of probability p is what a Poisson number of events with mean
−ln(1 − p) causes if there are any; so the number of events of all places together is drawn, and then where they are. Faults of
waiting are products of Poisson numbers of Paulis; see `Idling.laws`.

All Pauli noise is independent of the state, so it can be drawn before anything is simulated. The backends that sample then
share one list of faults per batch; and because each fault carries its cause, switching causes on one after another is a matter
of leaving faults out: the stages of an error budget share all their random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

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


Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

_CELLS_AT_ONCE = 2**17  # waits times shots, a few megabytes
_OFTEN = 0.25  # mean numbers of events above which each place is asked on its own
_BELL_PAULIS = np.array([0, Pauli.Z, Pauli.X, Pauli.Y])  # Φ−, Ψ+ and Ψ− are Φ+ after one of these on one half


class _Collector:
    """Faults as they are drawn; blocks of (shot, row, when, qubit, Pauli, cause)."""

    def __init__(self) -> None:
        self.blocks: list[Integers] = [np.zeros((6, 0), dtype=np.int64)]

    def add(
        self,
        shots: Integers,
        rows: Integers,
        when: int | Integers,
        qubits: Integers,
        paulis: int | Integers,
        cause: int,
    ) -> None:
        """Adds a block; entries that are one number are the same for all faults of it."""
        self.blocks.append(np.array(np.broadcast_arrays(shots, rows, when, qubits, paulis, cause), dtype=np.int64))

    def faults(self, shots: int) -> Faults:
        """All of them, sorted."""
        struck, row, when, qubit, pauli, cause = np.concatenate(self.blocks, axis=1)
        order = np.lexsort((when, row, struck))
        offsets = np.concatenate(([0], np.cumsum(np.bincount(struck, minlength=shots))))
        small = (column[order].astype(np.uint8) for column in (when, pauli, cause))
        when, pauli, cause = small
        return Faults(offsets.astype(np.int64), row[order], when, qubit[order], pauli, cause)


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
            left out: whoever asks treats them itself. Damping and over-rotation of gates are always twirled.
    """
    collector = _Collector()
    _draw_pairs(collector, program, noise, timelines.shots, generator, twirl=twirl)
    _draw_gates(collector, program, noise, timelines.shots, generator)
    _draw_waits(collector, program, noise, timelines, generator, twirl=twirl)
    _draw_crosstalk(collector, noise, timelines, generator)
    _draw_flips(collector, program, noise, timelines.shots, generator)
    return collector.faults(timelines.shots)


def _draw_pairs(
    collector: _Collector, program: Program, noise: Noise, shots: int, generator: np.random.Generator, *, twirl: bool
) -> None:
    weights = np.tile([1.0, 0.0, 0.0, 0.0], (len(noise.pairs), 1))
    for link in noise.used_links:
        if twirl or noise.pairs[link].is_bell_diagonal:
            weights[link] = noise.pairs[link].bell_weights
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    links = program.links[rows].astype(np.int64)
    place, shot = _strike(generator, weights[links, 1:].sum(axis=1), shots)
    pauli = _BELL_PAULIS[_choose(generator, weights, links[place])]
    collector.add(shot, rows[place], AFTER, program.qubits[rows[place], 1], pauli, Cause.BELL_PAIRS)


def _draw_gates(
    collector: _Collector, program: Program, noise: Noise, shots: int, generator: np.random.Generator
) -> None:
    row, shot = _strike(generator, noise.gate_weight, shots)
    which = _choose(generator, noise.gates.twirled, noise.gates.table_of_row[row])
    for operand in (0, 1):
        pauli = (which >> (2 * operand)) & 3
        hit = pauli > 0
        collector.add(shot[hit], row[hit], AFTER, program.qubits[row[hit], operand], pauli[hit], Cause.LOCAL_GATES)


def _draw_flips(
    collector: _Collector, program: Program, noise: Noise, shots: int, generator: np.random.Generator
) -> None:
    row, shot = _strike(generator, noise.flip_probability, shots)
    reads = program.opcodes[row] == Op.MEASURE
    when, pauli = np.where(reads, READOUT, AFTER), np.where(reads, 0, Pauli.X)
    collector.add(shot, row, when, program.qubits[row, 0], pauli, Cause.MEASUREMENT_AND_FEED_FORWARD)


def _draw_waits(
    collector: _Collector,
    program: Program,
    noise: Noise,
    timelines: Timelines,
    generator: np.random.Generator,
    *,
    twirl: bool,
) -> None:
    noisy = noise.idling.is_noisy[program.qubits] & noise.waits
    waits = np.argwhere(noisy)
    for block in _blocks(waits, timelines.shots):
        qubits = program.qubits[block[:, 0], block[:, 1]].astype(np.int64)
        idle_s = noise.idle_of(timelines, block)
        flips, phase_flips = noise.idling.hazards(qubits, idle_s, relaxation=twirl)
        place, shot, pauli = _poisson_paulis(generator, flips, phase_flips)
        collector.add(shot, block[place, 0], BEFORE, qubits[place], pauli, Cause.WAITING)


def _draw_crosstalk(collector: _Collector, noise: Noise, timelines: Timelines, generator: np.random.Generator) -> None:
    crosstalk = noise.crosstalk
    for strikes in _blocks(np.arange(len(crosstalk.rows)), timelines.shots):
        phase_flips = crosstalk.mean_flips(timelines, strikes)
        place, shot, pauli = _poisson_paulis(generator, np.zeros_like(phase_flips), phase_flips)
        struck = strikes[place]
        collector.add(shot, crosstalk.rows[struck], BEFORE, crosstalk.qubits[struck], pauli, Cause.WAITING)


def _blocks(places: Integers, shots: int) -> list[Integers]:
    size = max(1, _CELLS_AT_ONCE // shots)
    return [places[low : low + size] for low in range(0, len(places), size)]


def _strike(generator: np.random.Generator, probability: Reals, shots: int) -> tuple[Integers, Integers]:
    """Places and shots that are struck, if each shot is at place k with `probability[k]`, all independently."""
    often = probability > _OFTEN
    dense = np.flatnonzero(often)
    place, shot = np.nonzero(generator.random((len(dense), shots)) < probability[dense, None])
    rare = np.flatnonzero(~often & (probability > 0))
    hazard = np.cumsum(-np.log1p(-probability[rare]) * shots)
    # an event of a place falls into each shot alike; several in one place and shot strike once
    at, within = _poisson_events(generator, hazard)
    cells = np.unique(at * shots + np.minimum((within * shots).astype(np.int64), shots - 1))
    return np.concatenate((dense[place], rare[cells // shots])), np.concatenate((shot, cells % shots))


def _poisson_events(generator: np.random.Generator, cumulative: Reals) -> tuple[Integers, Reals]:
    """Events of Poisson processes side by side: the cell of each, ascending, and how far in its cell it is, in [0, 1]."""
    total = cumulative[-1] if len(cumulative) else 0.0
    points = np.sort(generator.random(generator.poisson(total))) * total
    cells = np.minimum(np.searchsorted(cumulative, points, side="right"), len(cumulative) - 1)
    ends = cumulative[cells]
    starts = np.where(cells > 0, cumulative[cells - 1], 0.0)
    return cells, np.clip((points - starts) / np.maximum(ends - starts, np.finfo(np.float64).tiny), 0.0, 1.0)


def _poisson_paulis(
    generator: np.random.Generator, flips: Reals, phase_flips: Reals
) -> tuple[Integers, Integers, Integers]:
    """Paulis of Poisson processes: places, shots, and the products of the Paulis there, without the identity.

    Args:
        generator: of random numbers.
        flips (float array, shape (places, shots)): mean number of X, and as many of Y.
        phase_flips (float array, shape (places, shots)): mean number of Z.
    """
    shots = flips.shape[1]
    x, z = flips.ravel(), phase_flips.ravel()
    mean = 2 * x + z
    often = np.flatnonzero(mean > _OFTEN)
    dense = np.zeros(len(often), dtype=np.int64)
    for pauli, expected in ((Pauli.X, x), (Pauli.Y, x), (Pauli.Z, z)):
        odd = generator.random(len(often)) < -np.expm1(-2 * expected[often]) / 2
        dense ^= odd * int(pauli)
    mean[often] = 0
    cells, within = _poisson_events(generator, np.cumsum(mean))
    until_x, until_y = x[cells], 2 * x[cells]
    drawn = within * mean[cells]
    kinds = np.where(drawn < until_x, int(Pauli.X), np.where(drawn < until_y, int(Pauli.Y), int(Pauli.Z)))
    distinct, first = np.unique(cells, return_index=True)
    products = np.bitwise_xor.reduceat(kinds, first) if len(first) else kinds
    struck, paulis = np.concatenate((often, distinct)), np.concatenate((dense, products))
    place, shot = np.divmod(struck[paulis > 0], shots)
    return place, shot, paulis[paulis > 0]


def _choose(generator: np.random.Generator, weights: Reals, table: Integers) -> Integers:
    """For each entry of `table` a column of that row of `weights` but the first, in proportion to it."""
    edges = np.cumsum(weights[:, 1:], axis=1)
    drawn = generator.random(len(table)) * edges[table, -1]
    # the last column that weighs anything, should rounding reach beyond it
    most = np.argmax(edges == edges[:, -1:], axis=1)
    return 1 + np.minimum((drawn[:, None] >= edges[table]).sum(axis=1), most[table])
