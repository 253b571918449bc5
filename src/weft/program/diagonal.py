"""Which gates are diagonal on which operand, found from their matrices.

A gate that is diagonal on an operand commutes with Z there, so it may act on any one holder of a logical qubit. Whether it is may
depend on its angles: an `rx` is at multiples of 2π. In every gate of `GATES` for which it does, the entries off the diagonal are as
large as the sine of half the first angle; that is checked here on samples, and a gate for which it fails counts as never diagonal.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import GATES, matrix_of
from weft.program.jit import jit

NEVER, ALWAYS, BY_ANGLE = range(3)

_TOLERANCE = 1e-12
_SAMPLES = ((0.7, 0.3, -1.1), (-2.3, 1.9, 0.4), (5.1, -0.8, 2.6))


@lru_cache(maxsize=1)
def diagonal_rules() -> NDArray[np.uint8]:
    """For each gate and operand `NEVER`, `ALWAYS` or `BY_ANGLE`, shape (gates, 2)."""
    rules = np.full((len(GATES), 2), NEVER, dtype=np.uint8)
    for code, gate in enumerate(GATES):
        for operand in range(gate.qubits):
            found = [_off_diagonal(code, angles, operand) for angles in _SAMPLES]
            by_angle = [abs(np.sin(angles[0] / 2)) for angles in _SAMPLES]
            if max(found) < _TOLERANCE:
                rules[code, operand] = ALWAYS
            elif gate.angles and np.allclose(found, by_angle, rtol=0, atol=_TOLERANCE):
                rules[code, operand] = BY_ANGLE
    rules.setflags(write=False)
    return rules


def _off_diagonal(code: int, angles: tuple[float, ...], operand: int) -> float:
    """The largest entry of a gate between zero and one of an operand."""
    qubits = GATES[code].qubits
    blocks = np.moveaxis(matrix_of(code, angles).reshape((2,) * (2 * qubits)), (operand, qubits + operand), (0, 1))
    return float(max(np.max(np.abs(blocks[0, 1])), np.max(np.abs(blocks[1, 0]))))


@jit
def is_diagonal(rules, code, operand, first_angle):
    """Whether a gate commutes with Z on an operand."""
    rule = rules[code, operand]
    return rule == ALWAYS or (rule == BY_ANGLE and abs(np.sin(first_angle / 2)) < _TOLERANCE)
