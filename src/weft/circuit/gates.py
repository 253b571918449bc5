"""The gates that a circuit is made of: names, sizes and matrices.

Names and angles are Qiskit's and OpenQASM's. A two-qubit matrix acts on |first, second⟩ with the first operand the more
significant, so `cx` is the textbook matrix. Gates on more qubits are taken apart when a circuit is read.

The matrices are the one definition of what a gate does.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError

Matrix = NDArray[np.complex128]

MEASURE = 100
"""Opcode of a measurement in Z."""
RESET = 101
"""Opcode of a reset to |0⟩."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A named unitary.

    Attributes:
        name: as Qiskit and OpenQASM write it.
        qubits: 1 or 2.
        angles: how many angles it takes, in radians.
        entries: the matrix as rows of complex numbers, from its angles.
    """

    name: str
    qubits: int
    angles: int
    entries: Callable[..., list[list[complex]]]


def _u(theta: float, phi: float, lam: float) -> list[list[complex]]:
    cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
    return [
        [cosine, -cmath.exp(1j * lam) * sine],
        [cmath.exp(1j * phi) * sine, cmath.exp(1j * (phi + lam)) * cosine],
    ]


def _rx(theta: float) -> list[list[complex]]:
    cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
    return [[cosine, -1j * sine], [-1j * sine, cosine]]


def _ry(theta: float) -> list[list[complex]]:
    cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
    return [[cosine, -sine], [sine, cosine]]


def _diagonal(*phases: complex) -> list[list[complex]]:
    return [[phase if row == column else 0 for column in range(len(phases))] for row, phase in enumerate(phases)]


def _controlled(block: list[list[complex]]) -> list[list[complex]]:
    (a, b), (c, d) = block
    return [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, a, b], [0, 0, c, d]]


def _rzz(theta: float) -> list[list[complex]]:
    minus, plus = cmath.exp(-0.5j * theta), cmath.exp(0.5j * theta)
    return _diagonal(minus, plus, plus, minus)


def _rxx(theta: float) -> list[list[complex]]:
    cosine, sine = math.cos(theta / 2), -1j * math.sin(theta / 2)
    return [[cosine, 0, 0, sine], [0, cosine, sine, 0], [0, sine, cosine, 0], [sine, 0, 0, cosine]]


def _ryy(theta: float) -> list[list[complex]]:
    cosine, sine = math.cos(theta / 2), -1j * math.sin(theta / 2)
    return [[cosine, 0, 0, -sine], [0, cosine, sine, 0], [0, sine, cosine, 0], [-sine, 0, 0, cosine]]


def _rzx(theta: float) -> list[list[complex]]:
    (a, b), (c, d) = _rx(theta)
    return [[a, b, 0, 0], [c, d, 0, 0], [0, 0, a, -b], [0, 0, -c, d]]


_ROOT = math.sqrt(0.5)
_H: list[list[complex]] = [[_ROOT, _ROOT], [_ROOT, -_ROOT]]
_X: list[list[complex]] = [[0, 1], [1, 0]]
_Y: list[list[complex]] = [[0, -1j], [1j, 0]]
_SX: list[list[complex]] = [[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]]
_SXDG: list[list[complex]] = [[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]]
_SWAP: list[list[complex]] = [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
_ISWAP: list[list[complex]] = [[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]
_ECR: list[list[complex]] = [
    [0, 0, _ROOT, 1j * _ROOT],
    [0, 0, 1j * _ROOT, _ROOT],
    [_ROOT, -1j * _ROOT, 0, 0],
    [-1j * _ROOT, _ROOT, 0, 0],
]
_DCX: list[list[complex]] = [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]]

GATES: tuple[Gate, ...] = (
    Gate("id", 1, 0, lambda: _diagonal(1, 1)),
    Gate("x", 1, 0, lambda: _X),
    Gate("y", 1, 0, lambda: _Y),
    Gate("z", 1, 0, lambda: _diagonal(1, -1)),
    Gate("h", 1, 0, lambda: _H),
    Gate("s", 1, 0, lambda: _diagonal(1, 1j)),
    Gate("sdg", 1, 0, lambda: _diagonal(1, -1j)),
    Gate("t", 1, 0, lambda: _diagonal(1, cmath.exp(0.25j * math.pi))),
    Gate("tdg", 1, 0, lambda: _diagonal(1, cmath.exp(-0.25j * math.pi))),
    Gate("sx", 1, 0, lambda: _SX),
    Gate("sxdg", 1, 0, lambda: _SXDG),
    Gate("p", 1, 1, lambda theta: _diagonal(1, cmath.exp(1j * theta))),
    Gate("rx", 1, 1, _rx),
    Gate("ry", 1, 1, _ry),
    Gate("rz", 1, 1, lambda theta: _diagonal(cmath.exp(-0.5j * theta), cmath.exp(0.5j * theta))),
    Gate("u", 1, 3, _u),
    Gate("cx", 2, 0, lambda: _controlled(_X)),
    Gate("cy", 2, 0, lambda: _controlled(_Y)),
    Gate("cz", 2, 0, lambda: _diagonal(1, 1, 1, -1)),
    Gate("ch", 2, 0, lambda: _controlled(_H)),
    Gate("cs", 2, 0, lambda: _diagonal(1, 1, 1, 1j)),
    Gate("csdg", 2, 0, lambda: _diagonal(1, 1, 1, -1j)),
    Gate("csx", 2, 0, lambda: _controlled(_SX)),
    Gate("cp", 2, 1, lambda theta: _diagonal(1, 1, 1, cmath.exp(1j * theta))),
    Gate("crx", 2, 1, lambda theta: _controlled(_rx(theta))),
    Gate("cry", 2, 1, lambda theta: _controlled(_ry(theta))),
    Gate("crz", 2, 1, lambda theta: _diagonal(1, 1, cmath.exp(-0.5j * theta), cmath.exp(0.5j * theta))),
    Gate("cu3", 2, 3, lambda theta, phi, lam: _controlled(_u(theta, phi, lam))),
    Gate("swap", 2, 0, lambda: _SWAP),
    Gate("iswap", 2, 0, lambda: _ISWAP),
    Gate("rxx", 2, 1, _rxx),
    Gate("ryy", 2, 1, _ryy),
    Gate("rzz", 2, 1, _rzz),
    Gate("rzx", 2, 1, _rzx),
    Gate("ecr", 2, 0, lambda: _ECR),
    Gate("dcx", 2, 0, lambda: _DCX),
)
"""Every gate; a gate's opcode is its position."""

CODES: dict[str, int] = {gate.name: code for code, gate in enumerate(GATES)}
"""The opcode of each gate by name."""


def code_of(name: str) -> int:
    """The opcode of a gate.

    Raises:
        InvalidValueError: if there is no gate of that name.
    """
    try:
        return CODES[name]
    except KeyError:
        raise InvalidValueError(f"a gate must be one of {', '.join(CODES)}, but is `{name}`") from None


@lru_cache(maxsize=65_536)
def _matrix(code: int, angles: tuple[float, ...]) -> Matrix:
    matrix = np.array(GATES[code].entries(*angles), dtype=np.complex128)
    matrix.setflags(write=False)
    return matrix


def matrix_of(code: int, angles: tuple[float, ...] | NDArray[np.float64] = ()) -> Matrix:
    """The unitary of a gate.

    Args:
        code: the gate's opcode.
        angles: in radians; what the gate does not take is ignored.

    Returns:
        A read-only array, shape (2, 2) or (4, 4), rows and columns in the order |first, second⟩.
    """
    return _matrix(code, tuple(float(angle) for angle in angles[: GATES[code].angles]))


PAULIS: Matrix = np.array([matrix_of(CODES[name]) for name in ("id", "x", "y", "z")])
"""I, X, Y and Z, shape (4, 2, 2), read-only. Paulis are numbered so everywhere."""
PAULIS.setflags(write=False)
