"""Two-qubit rotations: gates that are local rotations times exp(−iθ/2 P⊗Q), and the runs within which they may move.

R_P(α) ⊗ R_Q(β) · exp(−iθ/2 P⊗Q), where P and Q are directions of spin and R_P(α) = exp(−iα/2 P), is what cp, crx, cry, crz, cu3,
rzz and their like are, up to a phase. All three factors commute. At θ = kπ the last one is local as well: (P⊗Q)^k, up to a phase.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import CODES, GATES, MEASURE, RESET, matrix_of

Floats = NDArray[np.float64]

PAULIS = ("x", "y", "z")
"""The axes of runs, by position."""
NO_AXIS, ANY_AXIS = -1, -2

# For a gate with one angle a: its name, then θ, α and β as multiples of a.
_SHARES = {
    "cp": (-0.5, 0.5, 0.5),
    "crx": (-0.5, 0.0, 0.5),
    "cry": (-0.5, 0.0, 0.5),
    "crz": (-0.5, 0.0, 0.5),
    "rxx": (1.0, 0.0, 0.0),
    "ryy": (1.0, 0.0, 0.0),
    "rzz": (1.0, 0.0, 0.0),
    "rzx": (1.0, 0.0, 0.0),
}
_FIXED = {"cz": math.pi, "cs": math.pi / 2, "csdg": -math.pi / 2}
"""Gates that are a cp of one angle."""
_GENERIC = (0.1, 0.2, 0.3)
"""Angles at which a gate commutes with no Pauli that it does not commute with at all angles."""

_CU3 = CODES["cu3"]


@dataclass(frozen=True)
class Rotations:
    """The two-qubit rotations of a circuit.

    Attributes:
        rows (int64 array, shape (m,)): where they stand in the circuit, ascending.
        theta (float64 array, shape (m,)): θ in radians, between −π and π.
        turns (float64 array, shape (m, 2)): α and β, the rotations of either operand about its own axis, between −π and π.
        axes (float64 array, shape (m, 2, 3)): P and Q as unit vectors.
    """

    rows: NDArray[np.int64]
    theta: Floats
    turns: Floats
    axes: Floats


@dataclass(frozen=True)
class Runs:
    """Stretches of a qubit's life in which everything that acts on it commutes with one Pauli there.

    Attributes:
        of (int64 array, shape (n, 2)): the run that each operand belongs to; −1 where there is none.
        axes (int64 array, shape (runs,)): the Pauli of each run, as a position in `PAULIS`.
    """

    of: NDArray[np.int64]
    axes: NDArray[np.int64]


def find_rotations(circuit: Circuit) -> Rotations:
    """The rotations of a circuit: everything on two qubits but cx, cy, ch, csx, ecr, dcx, swap and iswap."""
    codes = circuit.opcodes
    kinds = {CODES[name] for name in (*_SHARES, *_FIXED)} | {_CU3}
    rows = np.flatnonzero(np.isin(codes, list(kinds)))
    codes = codes[rows]
    angles = circuit.angles[rows]
    theta, turns, axes = np.zeros(len(rows)), np.zeros((len(rows), 2)), np.zeros((len(rows), 2, 3))
    for code in kinds - {_CU3}:
        where = np.flatnonzero(codes == code)
        angle = np.full(len(where), _FIXED[GATES[code].name]) if GATES[code].name in _FIXED else angles[where, 0]
        share = _SHARES[base_of(code)]
        theta[where] = share[0] * angle
        turns[where] = angle[:, None] * np.array(share[1:])
        for operand, axis in enumerate(axes_of(code)):
            axes[where, operand, axis] = 1
    where = np.flatnonzero(codes == _CU3)
    theta[where], turns[where], axes[where] = _controlled_u(angles[where])
    return Rotations(rows, wrapped(theta), wrapped(turns), axes)


def _controlled_u(angles: Floats) -> tuple[Floats, Floats, Floats]:
    """θ, turns and axes of cu3.

    u(ϑ, φ, λ) is exp(i(φ + λ)/2) (w − i(x, y, z)·σ), which is a rotation by 2ω with tan ω = |(x, y, z)|/w. Controlled, the
    phase is a rotation of the control, and of the other factor half acts always and half with the sign of the control's Z.
    """
    tilt, (phi, lam) = angles[:, 0] / 2, wrapped(angles[:, 1:]).T
    total, difference = (phi + lam) / 2, (phi - lam) / 2
    vector = np.column_stack(
        (-np.sin(tilt) * np.sin(difference), np.sin(tilt) * np.cos(difference), np.cos(tilt) * np.sin(total))
    )
    length = np.linalg.norm(vector, axis=1)
    omega = np.arctan2(length, np.cos(tilt) * np.cos(total))  # keeps its relative precision where it is small
    axes = np.zeros((len(angles), 2, 3))
    axes[:, :, 2] = 1
    turning = length > 0
    axes[turning, 1] = vector[turning] / length[turning, None]
    return -omega, np.column_stack((total, omega)), axes


def base_of(code: int) -> str:
    """The gate with one angle, by name, that a rotation other than cu3 is an instance of."""
    name = GATES[code].name
    return "cp" if name in _FIXED else name


def shares_of(name: str) -> tuple[float, float, float]:
    """θ, α and β of a gate with one angle, as multiples of that angle."""
    return _SHARES[name]


def wrapped(angles: Floats) -> Floats:
    """The same angles modulo 2π, between −π and π; those that lie there stay as they are.

    The reduction is by π itself and not by the nearest float, so that it is right for angles of any size.
    """
    return np.where(np.abs(angles) > math.pi, np.arctan2(np.sin(angles), np.cos(angles)), angles)


@cache
def axes_of(code: int) -> tuple[int, ...]:
    """For each operand of a gate the Pauli that it commutes with there, as a position in `PAULIS`, or `NO_AXIS`, or `ANY_AXIS`."""
    qubits, matrix = GATES[code].qubits, matrix_of(code, _GENERIC[: GATES[code].angles])
    answer = []
    for operand in range(qubits):
        fitting = []
        for axis, name in enumerate(PAULIS):
            pauli = np.kron(np.kron(np.eye(2**operand), matrix_of(CODES[name])), np.eye(2 ** (qubits - 1 - operand)))
            if np.allclose(pauli @ matrix, matrix @ pauli):
                fitting.append(axis)
        answer.append(ANY_AXIS if len(fitting) == len(PAULIS) else fitting[0] if fitting else NO_AXIS)
    return tuple(answer)


def find_runs(circuit: Circuit) -> Runs:
    """The runs of a circuit, in one pass over its instructions; a measurement and a reset end them."""
    kinds = {code: (NO_AXIS,) if code in {MEASURE, RESET} else axes_of(code) for code in set(circuit.opcodes.tolist())}
    run_axes: list[int] = []
    of = [-1] * (2 * len(circuit))
    current, current_axis = [-1] * circuit.num_qubits, [NO_AXIS] * circuit.num_qubits
    for row, (code, operands) in enumerate(zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), strict=True)):
        for position, axis in enumerate(kinds[code]):
            qubit = operands[position]
            if axis == ANY_AXIS:
                continue
            if axis == NO_AXIS:
                current_axis[qubit] = NO_AXIS
                continue
            if current_axis[qubit] != axis:
                current[qubit], current_axis[qubit] = len(run_axes), axis
                run_axes.append(axis)
            of[2 * row + position] = current[qubit]
    return Runs(np.array(of, dtype=np.int64).reshape(-1, 2), np.array(run_axes, dtype=np.int64))
