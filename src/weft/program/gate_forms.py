"""Gates as rotations: what the comparison of words knows of each.

Every gate on one qubit is a rotation about an axis. Most on two are of *one axis*: local unitaries after exp(−iθ/2 (m·σ)⊗(n·σ)).
A controlled U = e^{iα} exp(−iβ/2 n·σ) is one with m = Z and θ = −β/2. Angles come from the gate's own, not from its rounded matrix,
so that the smallest rotation of a Fourier transform is not lost. The few others are taken apart into such gates.

`forms` rebuilds the matrix of every gate of `GATES` from its form and compares, so the table cannot say anything wrong.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, GATES, PAULIS, matrix_of
from weft.errors import VerificationError
from weft.program.jit import jit
from weft.program.quaternions import length, rotation

TURN, GENERAL, CONTROLLED, CONTROLLED_GENERAL, INTERACTION, APART = range(6)

_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_XZ = (math.sqrt(0.5), 0.0, math.sqrt(0.5))
_PI = math.pi

_TURNS = {  # axis, angle, multiple of the gate's own angle
    "id": (_Z, 0, 0), "x": (_X, _PI, 0), "y": (_Y, _PI, 0), "z": (_Z, _PI, 0), "h": (_XZ, _PI, 0),
    "s": (_Z, _PI / 2, 0), "sdg": (_Z, -_PI / 2, 0), "t": (_Z, _PI / 4, 0), "tdg": (_Z, -_PI / 4, 0),
    "sx": (_X, _PI / 2, 0), "sxdg": (_X, -_PI / 2, 0),
    "p": (_Z, 0, 1), "rx": (_X, 0, 1), "ry": (_Y, 0, 1), "rz": (_Z, 0, 1),
}  # fmt: skip
_CONTROLLED = {  # the gate that is controlled, and its phase: a constant, and a multiple of the gate's own angle
    "cx": ("x", _PI / 2, 0), "cy": ("y", _PI / 2, 0), "cz": ("z", _PI / 2, 0), "ch": ("h", _PI / 2, 0),
    "cs": ("s", _PI / 4, 0), "csdg": ("sdg", -_PI / 4, 0), "csx": ("sx", _PI / 4, 0),
    "cp": ("p", 0, 0.5), "crx": ("rx", 0, 0), "cry": ("ry", 0, 0), "crz": ("rz", 0, 0),
}  # fmt: skip
_INTERACTIONS = {"rxx": (_X, _X), "ryy": (_Y, _Y), "rzz": (_Z, _Z), "rzx": (_Z, _X)}
_STEPS = {
    "swap": (("cx", 0, 1), ("cx", 1, 0), ("cx", 0, 1)),
    "iswap": (("s", 0, -1), ("s", 1, -1), ("h", 0, -1), ("cx", 0, 1), ("cx", 1, 0), ("h", 1, -1)),
    "dcx": (("cx", 0, 1), ("cx", 1, 0)),
    "ecr": (("s", 0, -1), ("sx", 1, -1), ("cx", 0, 1), ("x", 0, -1)),
}
_MOST_STEPS = max(len(steps) for steps in _STEPS.values())
_SAMPLES = ((0.7, 0.3, -1.1), (-2.3, 1.9, 0.4), (5.1, -0.8, 9.6))
_TOLERANCE = 1e-10


class Forms(NamedTuple):
    """The form of every gate, a row per opcode.

    Attributes:
        kind: one of the kinds above.
        axes: of each operand, shape (gates, 2, 3).
        turn: the angle of the rotation: a constant, and a multiple of the gate's first angle.
        phase: that a control gets, in the same way.
        num_steps: of a gate that is taken apart; 1 otherwise.
        steps: opcode and positions of the operands, −1 where there is none, shape (gates, most steps, 3).
    """

    kind: Any
    axes: Any
    turn: Any
    phase: Any
    num_steps: Any
    steps: Any


@lru_cache(maxsize=1)
def forms() -> Forms:
    """The table, checked against the matrices.

    Raises:
        VerificationError: if a gate has no form, or a wrong one.
    """
    count = len(GATES)
    table = Forms(
        kind=np.zeros(count, dtype=np.uint8),
        axes=np.zeros((count, 2, 3)),
        turn=np.zeros((count, 2)),
        phase=np.zeros((count, 2)),
        num_steps=np.ones(count, dtype=np.int64),
        steps=np.full((count, _MOST_STEPS, 3), -1, dtype=np.int64),
    )
    for code, gate in enumerate(GATES):
        _fill(table, code, gate.name)
    for column in table:
        column.setflags(write=False)
    for code, gate in enumerate(GATES):
        if not all(_is_right(table, code, angles) for angles in _SAMPLES):
            raise VerificationError(f"the form of a gate must be its matrix, but that of `{gate.name}` is not")
    return table


def _fill(table: Forms, code: int, name: str) -> None:
    table.steps[code, 0] = (code, 0, 1 if GATES[code].qubits == 2 else -1)
    if name in _TURNS:
        axis, angle, multiple = _TURNS[name]
        table.kind[code] = TURN
        table.axes[code, 0], table.turn[code] = axis, (angle, multiple)
    elif name in _CONTROLLED:
        target, phase, phase_multiple = _CONTROLLED[name]
        axis, angle, multiple = _TURNS[target]
        table.kind[code] = CONTROLLED
        table.axes[code], table.turn[code], table.phase[code] = (_Z, axis), (angle, multiple), (phase, phase_multiple)
    elif name in _INTERACTIONS:
        table.kind[code] = INTERACTION
        table.axes[code] = _INTERACTIONS[name]
    elif name in _STEPS:
        steps = _STEPS[name]
        table.kind[code], table.num_steps[code] = APART, len(steps)
        table.steps[code, : len(steps)] = [(CODES[step], first, second) for step, first, second in steps]
    elif name in {"u", "cu3"}:
        table.kind[code] = GENERAL if name == "u" else CONTROLLED_GENERAL
    else:
        raise VerificationError(f"every gate must have a form, but `{name}` has none")


@jit
def euler(theta, phi, lam):
    """The gate `u` up to its phase (phi + lam) / 2."""
    cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
    total, difference = (phi + lam) / 2, (phi - lam) / 2
    return (
        cosine * math.cos(total),
        -sine * math.sin(difference),
        sine * math.cos(difference),
        cosine * math.sin(total),
    )


@jit
def axis_of(table, code, operand):
    """The axis of a gate on an operand."""
    axes = table.axes
    return (axes[code, operand, 0], axes[code, operand, 1], axes[code, operand, 2])


@jit
def local_form(table, code, angles):
    """A gate on one qubit as a quaternion."""
    if table.kind[code] == GENERAL:
        return euler(angles[0], angles[1], angles[2])
    return rotation(axis_of(table, code, 0), table.turn[code, 0] + table.turn[code, 1] * angles[0])


@jit
def two_qubit_form(table, code, angles):
    """A gate of one axis: its axis on each operand, θ, and the local unitaries that follow."""
    first, second = axis_of(table, code, 0), axis_of(table, code, 1)
    if table.kind[code] == INTERACTION:
        one = (1.0, 0.0, 0.0, 0.0)
        return first, second, angles[0], one, one
    turn = table.turn[code, 0] + table.turn[code, 1] * angles[0]
    phase = table.phase[code, 0] + table.phase[code, 1] * angles[0]
    if table.kind[code] == CONTROLLED_GENERAL:
        w, x, y, z = euler(angles[0], angles[1], angles[2])
        sine = length((x, y, z))
        first = second = (0.0, 0.0, 1.0)
        if sine > 0:
            second = (x / sine, y / sine, z / sine)
        turn = 2 * math.atan2(sine, w)
        phase = (angles[1] + angles[2]) / 2
    return first, second, -turn / 2, rotation((0.0, 0.0, 1.0), phase), rotation(second, turn / 2)


_SIGMA = PAULIS[1:]


def _matrix(quaternion: tuple[float, ...]) -> NDArray[Any]:
    return quaternion[0] * np.eye(2) - 1j * np.tensordot(quaternion[1:], _SIGMA, axes=1)


def _is_right(table: Forms, code: int, angles: tuple[float, ...]) -> bool:
    """Whether a gate's form is its matrix up to a phase."""
    wanted = matrix_of(code, angles)
    found = np.eye(len(wanted), dtype=np.complex128)
    for step in table.steps[code, : table.num_steps[code]]:
        found = _step_matrix(table, step, np.array(angles), len(wanted)) @ found
    overlap = np.vdot(wanted, found)
    return bool(abs(overlap) > 0.5 and np.max(np.abs(found - wanted * (overlap / abs(overlap)))) < _TOLERANCE)


def _step_matrix(table: Forms, step: NDArray[np.int64], angles: NDArray[np.float64], size: int) -> NDArray[Any]:
    code, first, second = step.tolist()
    if second < 0:
        one = _matrix(local_form(table, code, angles))
        if size == 2:
            return one
        return np.kron(one, np.eye(2)) if first == 0 else np.kron(np.eye(2), one)
    m, n, theta, after_first, after_second = two_qubit_form(table, code, angles)
    both = np.kron(np.tensordot(m, _SIGMA, axes=1), np.tensordot(n, _SIGMA, axes=1))
    rotated = math.cos(theta / 2) * np.eye(4) - 1j * math.sin(theta / 2) * both
    matrix = np.kron(_matrix(after_first), _matrix(after_second)) @ rotated
    if first > second:
        matrix = matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
    return matrix
