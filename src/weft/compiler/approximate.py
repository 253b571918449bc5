"""Circuits that are nearly the same and have fewer two-qubit gates, with a proof of how near.

A rotation exp(−iθ/2 P⊗Q) has the eigenvalues exp(±iθ/2), so leaving it out changes an operator by 2|sin(θ/4)| in operator norm,
and no phase makes that less. A rotation by θ + kπ is that times the local (P⊗Q)^k, which stays. So cp(φ) costs 2|sin(φ/8)|: its
local part, a rotation of each qubit by φ/2, stays. Errors of gates add up at most: the norm is invariant under unitaries and
obeys the triangle inequality.

A gate is left out for its size alone. Whether that saves a Bell pair depends on where qubits live and which gates share a copy,
which is decided later, so some of the error may buy nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import CODES
from weft.compiler.rotations import (
    PAULIS,
    Floats,
    Rotations,
    Runs,
    base_of,
    find_rotations,
    find_runs,
    shares_of,
)
from weft.errors import InvalidValueError


@dataclass(frozen=True)
class Approximation:
    """A circuit near another one.

    Every two-qubit gate of the other one is in this one, or was merged, or was dropped.

    Attributes:
        circuit: with the same qubits, bits and registers.
        error_bound: the operators differ by at most so much in operator norm, the phase being the best one. With measurements,
            resets and conditions this holds for the operator of every branch, and for the isometry onto all branches together,
            so no distribution of outcomes moves by more in total variation. Rounding of angles, 1e-16 for each, is not in it.
        dropped_gates: two-qubit gates of which only the local part is left.
        merged_gates: two-qubit gates that became part of an equal one before them, which is exact.
    """

    circuit: Circuit
    error_bound: float
    dropped_gates: int
    merged_gates: int


@dataclass(frozen=True)
class _Turns:
    """Rotations of one qubit: the row at which each stands, whose operand it turns, its angle and its axis."""

    rows: NDArray[np.int64]
    operands: NDArray[np.int64]
    angles: Floats
    axes: Floats


def approximate(circuit: Circuit, epsilon: float) -> Approximation:
    """Merges rotations that may stand side by side, and drops the smallest while their errors add up to at most `epsilon`.

    Deterministic, and linear in the number of instructions but for one sort.

    Args:
        circuit: any; conditions, measurements and resets stay as they are.
        epsilon: the most that operators may differ by, in operator norm. 0 leaves the circuit as it is.

    Raises:
        InvalidValueError: if `epsilon` is not a number from 0 to below 2.
    """
    if not 0 <= epsilon < 2:  # also false for what is not a number
        raise InvalidValueError(f"`epsilon` must be at least 0 and below 2, but is {epsilon}")
    if epsilon == 0:
        return Approximation(circuit, 0.0, 0, 0)
    runs, rotations = find_runs(circuit), find_rotations(circuit)
    sizes, rotations = _merged(circuit, runs, rotations)
    away = _nearest_to_local(rotations.theta)
    dropped, error_bound = _smallest(away, sizes > 0, epsilon)
    merged = int(np.count_nonzero(sizes == 0))
    if not np.any(dropped) and merged == 0:
        return Approximation(circuit, 0.0, 0, 0)
    kept = (sizes > 1) & ~dropped
    codes, angles, left_over = _as_gates(circuit, rotations, kept)
    turns = _together(circuit, runs, _joined(_local_parts(rotations, away, dropped), left_over))
    changed = replace(circuit, opcodes=codes, angles=angles)
    removed = rotations.rows[dropped | (sizes == 0)]
    return Approximation(_rebuilt(changed, removed, turns), error_bound, int(np.count_nonzero(dropped)), merged)


def _merged(circuit: Circuit, runs: Runs, rotations: Rotations) -> tuple[NDArray[np.int64], Rotations]:
    """Adds rotations within the same two runs to the first of them.

    Whatever stands between commutes with P on the one qubit and with Q on the other. Gates with conditions are left alone,
    because bits may change in between.

    Returns:
        For each rotation how many it now stands for, 0 if it is part of another, shape (m,); and the rotations with their sums.
    """
    of = runs.of[rotations.rows]
    conditional = np.diff(circuit.condition_offsets)[rotations.rows] > 0
    alone = conditional | np.any(of < 0, axis=1)
    low, high = of.min(axis=1), of.max(axis=1)
    keys = np.where(alone, -1 - np.arange(len(of)), low * (len(runs.axes) + 1) + high)
    order = np.argsort(keys, kind="stable")
    starts = _starts(keys[order])
    firsts = order[starts]
    sizes = np.zeros(len(of), dtype=np.int64)
    sizes[firsts] = np.diff(starts, append=len(of))
    if len(of) == 0 or sizes.max() == 1:
        return sizes, rotations
    ordered = of[:, 0] <= of[:, 1]
    turns = np.where(ordered[:, None], rotations.turns, rotations.turns[:, ::-1])[order]
    theta, sums = rotations.theta.copy(), rotations.turns.copy()
    theta[firsts] = np.add.reduceat(rotations.theta[order], starts)
    totals = np.add.reduceat(turns, starts, axis=0)
    sums[firsts] = np.where(ordered[firsts, None], totals, totals[:, ::-1])
    return sizes, replace(rotations, theta=theta, turns=sums)


def _starts(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each stretch of equal keys begins."""
    return np.flatnonzero(np.concatenate((np.ones(min(1, len(keys)), dtype=np.bool_), keys[1:] != keys[:-1])))


def _nearest_to_local(theta: Floats) -> Floats:
    """What θ is away from the nearest multiple of π, between −π/2 and π/2; precise where that is small."""
    return np.where(np.abs(theta) <= math.pi / 2, theta, np.arctan2(np.sin(2 * theta), np.cos(2 * theta)) / 2)


def _smallest(away: Floats, present: NDArray[np.bool_], epsilon: float) -> tuple[NDArray[np.bool_], float]:
    """The rotations to drop, shape (m,), and the sum of their errors, which is rounded up."""
    candidates = np.flatnonzero(present)
    slack = 1 + (len(candidates) + 8) * np.finfo(np.float64).eps  # more than rounding can take from a sum of so many
    errors = 2 * np.abs(np.sin(away[candidates] / 4)) * slack
    order = np.argsort(errors, kind="stable")
    sums = np.cumsum(errors[order])
    count = int(np.searchsorted(sums, epsilon, side="right"))
    dropped = np.zeros(len(away), dtype=np.bool_)
    dropped[candidates[order[:count]]] = True
    return dropped, float(sums[count - 1]) if count else 0.0


def _local_parts(rotations: Rotations, away: Floats, dropped: NDArray[np.bool_]) -> _Turns:
    """What is left of dropped rotations."""
    turns = rotations.turns[dropped]
    odd = np.cos(rotations.theta[dropped] - away[dropped]) < 0  # an odd multiple of π: P⊗Q, a turn by π of either sense
    turns = np.where(odd[:, None], turns - np.copysign(math.pi, turns), turns)
    return _turns_of(rotations, dropped, turns)


def _as_gates(
    circuit: Circuit, rotations: Rotations, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], Floats, _Turns]:
    """The circuit's opcodes and angles with sums of rotations as gates of the first one's kind, and the turns that remain."""
    codes, angles = circuit.opcodes.copy(), circuit.angles.copy()
    turns = rotations.turns.copy()
    for code in set(codes[rotations.rows[kept]].tolist()):
        name = base_of(code)
        share = shares_of(name)
        chosen = kept & (circuit.opcodes[rotations.rows] == code)
        rows, angle = rotations.rows[chosen], rotations.theta[chosen] / share[0]
        codes[rows] = CODES[name]
        angles[rows, 0] = angle
        turns[chosen] -= angle[:, None] * np.array(share[1:])
    return codes, angles, _turns_of(rotations, kept, turns[kept])


def _turns_of(rotations: Rotations, chosen: NDArray[np.bool_], turns: Floats) -> _Turns:
    count = int(np.count_nonzero(chosen))
    rows, operands = np.repeat(rotations.rows[chosen], 2), np.tile(np.arange(2), count)
    return _Turns(rows, operands, turns.ravel(), rotations.axes[chosen].reshape(-1, 3))


def _joined(first: _Turns, second: _Turns) -> _Turns:
    return _Turns(
        np.concatenate((first.rows, second.rows)),
        np.concatenate((first.operands, second.operands)),
        np.concatenate((first.angles, second.angles)),
        np.concatenate((first.axes, second.axes)),
    )


def _together(circuit: Circuit, runs: Runs, turns: _Turns) -> _Turns:
    """One turn for all within a run, at the first of them; those with conditions and those outside runs stay single."""
    of = runs.of[turns.rows, turns.operands]
    alone = (np.diff(circuit.condition_offsets)[turns.rows] > 0) | (of < 0)
    keys = np.where(alone, -1 - np.arange(len(of)), of)
    order = np.lexsort((turns.rows, keys))
    starts = _starts(keys[order])
    firsts = order[starts]
    angles = np.add.reduceat(turns.angles[order], starts) if len(starts) else np.zeros(0)
    some = angles != 0
    firsts = firsts[some]
    return _Turns(turns.rows[firsts], turns.operands[firsts], angles[some], turns.axes[firsts])


def _rebuilt(circuit: Circuit, removed: NDArray[np.int64], turns: _Turns) -> Circuit:
    """The circuit without some rows and with turns where they stand, under the condition of that row."""
    codes, angles = _gates_of(turns)
    stays = np.ones(len(circuit), dtype=np.bool_)
    stays[removed] = False
    rows = np.concatenate((np.flatnonzero(stays), turns.rows))
    order = np.lexsort((np.concatenate((np.full(len(rows) - len(turns.rows), -1), turns.operands)), rows))
    targets = np.column_stack((circuit.qubits[turns.rows, turns.operands], np.full(len(turns.rows), -1)))
    sources = rows[order]
    low, lengths = circuit.condition_offsets[sources], np.diff(circuit.condition_offsets)[sources]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    entries = np.repeat(low - offsets[:-1], lengths) + np.arange(offsets[-1])
    columns: dict[str, Any] = {
        "opcodes": np.concatenate((circuit.opcodes[stays], codes))[order],
        "qubits": np.concatenate((circuit.qubits[stays], targets))[order].astype(np.int32),
        "angles": np.concatenate((circuit.angles[stays], angles))[order],
        "clbits": np.concatenate((circuit.clbits[stays], np.full(len(turns.rows), -1)))[order].astype(np.int32),
        "condition_offsets": offsets.astype(np.int64),
        "condition_bits": circuit.condition_bits[entries],
        "condition_values": circuit.condition_values[entries],
    }
    for column in columns.values():
        column.setflags(write=False)
    return replace(circuit, **columns)


def _gates_of(turns: _Turns) -> tuple[NDArray[np.uint8], Floats]:
    """Opcodes and angles, shape (t, 3): rx, ry, rz, or u where the axis is none of these."""
    angles = np.column_stack((turns.angles, np.zeros((len(turns.angles), 2))))
    codes = np.full(len(angles), CODES["u"], dtype=np.uint8)
    along = turns.axes == 1
    for axis, name in enumerate(PAULIS):
        codes[along[:, axis]] = CODES[f"r{name}"]
    slanted = ~along.any(axis=1)
    half = turns.angles[slanted] / 2
    w, (x, y, z) = np.cos(half), (turns.axes[slanted] * np.sin(half)[:, None]).T
    total, difference = np.arctan2(z, w), np.arctan2(-x, y)
    tilt = 2 * np.arctan2(np.hypot(x, y), np.hypot(w, z))
    angles[slanted] = np.column_stack((tilt, total + difference, total - difference))
    return codes, angles
