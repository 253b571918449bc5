"""What making pairs does to data qubits nearby.

Each attempt on a link flips the phase of every data qubit on its two QPUs with a probability p, whether or not the qubit is busy.
All attempts for a pair count at its `entangle` row: n of them leave a flip with probability (1 − (1 − 2p)ⁿ)/2, which is that of a
Poisson number of flips with mean −(n/2) ln(1 − 2p). A qubit is struck from its first instruction to its last, in the order of rows:
what it does at the same time counts as before or after the attempts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler import Timelines

_SURELY_RANDOM = 20.0  # e^{−2·20} of the coherence is left


@dataclass(frozen=True, eq=False)
class Crosstalk:
    """Who is struck when.

    Attributes:
        rows (int64 array, shape (strikes,)): `entangle` rows, ascending.
        qubits (int64 array, shape (strikes,)): a data qubit that each strikes.
        attempt_s (float64 array, shape (strikes,)): duration of an attempt.
        flips_per_attempt (float64 array, shape (strikes,)): mean number of phase flips, −½ ln(1 − 2p).
    """

    rows: NDArray[np.int64]
    qubits: NDArray[np.int64]
    attempt_s: NDArray[np.float64]
    flips_per_attempt: NDArray[np.float64]

    def at(self, row: int) -> NDArray[np.int64]:
        """The strikes of a row."""
        low, high = np.searchsorted(self.rows, (row, row + 1))
        return np.arange(low, high)

    def mean_flips(self, timelines: Timelines, strikes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean number of phase flips at some strikes in each timeline, shape (strikes, shots)."""
        rows = self.rows[strikes]
        # A pair that is there already when it is requested has cost its attempts before.
        tried_s = np.maximum(timelines.made_s[timelines.pair_of_row[rows]] - timelines.start_s[rows], 0.0)
        attempts = np.rint(tried_s / self.attempt_s[strikes][:, None])
        return np.minimum(attempts * self.flips_per_attempt[strikes][:, None], _SURELY_RANDOM)


def crosstalk_of(program: Program, *, inputs_wait: bool) -> Crosstalk:
    """The crosstalk of a program.

    Args:
        program: that is executed.
        inputs_wait: whether data qubits hold something before their first instruction.
    """
    first, last = _lives(program)
    if inputs_wait:
        first[:] = -1
    owners, strikes = program.qubit_qpus, []
    for position, link in enumerate(program.network.links):
        if link.crosstalk_flip_probability == 0:
            continue
        rows = np.flatnonzero((program.opcodes == Op.ENTANGLE) & (program.links == position))
        qubits = np.flatnonzero(np.isin(owners, program.network.link_ends[position]) & ~program.qubit_is_communication)
        alive = (first[qubits] < rows[:, None]) & (rows[:, None] < last[qubits])
        which_row, which_qubit = np.nonzero(alive)
        with np.errstate(divide="ignore"):  # p = 1/2 leaves nothing of the phase
            flips = -np.log1p(-2 * link.crosstalk_flip_probability) / 2
        numbers = np.broadcast_to((link.attempt_s, min(flips, _SURELY_RANDOM)), (len(which_row), 2))
        strikes.append((rows[which_row], qubits[which_qubit], *numbers.T))
    row, qubit, attempt_s, flips_each = (
        (np.concatenate(parts) for parts in zip(*strikes, strict=True)) if strikes else np.zeros((4, 0))
    )
    order = np.argsort(row, kind="stable")
    return Crosstalk(row[order].astype(np.int64), qubit[order].astype(np.int64), attempt_s[order], flips_each[order])


def _lives(program: Program) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last row that uses each qubit, each of shape (qubits,)."""
    first, last = np.full(program.num_qubits, len(program)), np.full(program.num_qubits, -1)
    for column in (0, 1):
        rows = np.flatnonzero(program.qubits[:, column] >= 0)
        np.minimum.at(first, program.qubits[rows, column], rows)
        np.maximum.at(last, program.qubits[rows, column], rows)
    return first, last
