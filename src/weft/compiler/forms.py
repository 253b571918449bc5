"""Two-qubit gates in diagonal form: a change of basis on each qubit, a diagonal gate, and the way back.

A gate that is diagonal on an operand can be served by a copy of it. Nearly every gate of practice is diagonal on both of its
operands once each is seen in the right basis, so that the target of a `cx` can be copied as well as its control.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from weft.circuit.gates import CODES, GATES, Matrix, matrix_of

_ONE = matrix_of(CODES["id"])
_H = matrix_of(CODES["h"])
_FROM_Y = _H @ matrix_of(CODES["sdg"])
"""Takes the Y axis to the Z axis."""


@dataclass(frozen=True, slots=True, eq=False)
class DiagonalForm:
    """A two-qubit gate as (B₀ ⊗ B₁)† · p(phase) on operand 0 · diagonal gate · (B₀ ⊗ B₁).

    Attributes:
        code: of the diagonal gate.
        angles: of the diagonal gate, in radians.
        before: B₀ and B₁; None where the gate is diagonal as it stands.
        phase: of operand 0, in radians; 0 where B₀ is not None.
        is_pauli: whether the diagonal gate is a controlled Z.
    """

    code: int
    angles: tuple[float, ...]
    before: tuple[Matrix | None, Matrix | None]
    phase: float
    is_pauli: bool


@lru_cache(maxsize=65_536)
def diagonal_form(code: int, angles: tuple[float, ...]) -> DiagonalForm:
    """The diagonal form of a two-qubit gate.

    Args:
        code: of a gate that `decompose` leaves as it is.
        angles: of the gate, in radians.
    """
    match GATES[code].name:
        case "cz" | "cp" | "cs" | "csdg" | "crz" | "rzz":
            return _form(GATES[code].name, angles, None, None)
        case "cx":
            return _form("cz", (), None, _H)
        case "cy":
            return _form("cz", (), None, _FROM_Y)
        case "ch":
            return _form("cz", (), None, matrix_of(CODES["ry"], (-math.pi / 4,)))
        case "csx":
            return _form("cs", (), None, _H)
        case "crx":
            return _form("crz", angles, None, _H)
        case "cry":
            return _form("crz", angles, None, _FROM_Y)
        case "rxx":
            return _form("rzz", angles, _H, _H)
        case "ryy":
            return _form("rzz", angles, _FROM_Y, _FROM_Y)
        case "rzx":
            return _form("rzz", angles, None, _H)
        case "cu3":
            return _controlled(matrix_of(CODES["u"], angles))
    raise AssertionError(f"`{GATES[code].name}` has no diagonal form")


def has_diagonal_form(code: int) -> bool:
    """Whether a two-qubit gate has a diagonal form; the others are taken apart first."""
    return GATES[code].name not in {"swap", "iswap", "dcx", "ecr"}


def _form(
    name: str, angles: tuple[float, ...], first: Matrix | None, second: Matrix | None, phase: float = 0.0
) -> DiagonalForm:
    turns = 1.0 if name == "cz" else (angles[0] / math.pi if name == "cp" else 0.0)
    is_pauli = name in {"cz", "cp"} and abs(turns) % 2 == 1 and not phase
    return DiagonalForm(CODES[name], angles, (first, second), phase, is_pauli)


def _controlled(unitary: Matrix) -> DiagonalForm:
    """A controlled unitary in the basis of its eigenvectors.

    The axis comes from the unitary without its phase, so that it is exact for the smallest rotations too.
    """
    root = cmath.sqrt(unitary[0, 0] * unitary[1, 1] - unitary[0, 1] * unitary[1, 0])
    special = unitary / root  # cos(δ/2) − i sin(δ/2) n·σ
    axis = np.array([-special[1, 0].imag, special[1, 0].real, -special[0, 0].imag])
    sine = float(np.linalg.norm(axis))
    if sine == 0:
        axis, sine = np.array([0.0, 0.0, 1.0]), 0.0
    half = math.atan2(sine, special[0, 0].real)
    tilt, turn = math.atan2(math.hypot(axis[0], axis[1]), axis[2]), math.atan2(axis[1], axis[0])
    straight = axis[0] == 0 and axis[1] == 0
    basis = None if straight and axis[2] >= 0 else matrix_of(CODES["u"], (tilt, turn, -turn)).conj().T
    phase = cmath.phase(root)
    return _form("cp", (2 * half,), None, basis, phase - half)
