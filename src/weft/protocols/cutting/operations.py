"""What happens at one end of a cut: gates, measurements and resets in order.

An operation with outcome bits is an instrument: every outcome has a Kraus map of its own, and the operation stands for
the sum of them, each under a sign that is the parity of some of the outcome bits. Only this sign makes an operation more
than an ordinary channel: who runs it multiplies what comes out by the sign.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np

from weft.circuit.gates import CODES, GATES, Matrix, matrix_of
from weft.errors import InvalidValueError


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one end of a cut does.

    Attributes:
        name: of a gate in `weft.circuit.gates`, or "measure" (in Z), or "reset".
        qubits: of this end: 0 … wires − 1 are the cut's own, then come the operation's ancillas.
        angles: of the gate, in radians.
        bit: of a measurement, which outcome bit of the operation it writes; −1 otherwise.
        condition: pairs of a message and a value; the step happens only if all these messages have these values.
    """

    name: str
    qubits: tuple[int, ...]
    angles: tuple[float, ...] = ()
    bit: int = -1
    condition: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What one end of a cut does: Σ over outcomes of (−1)^parity × Kraus map.

    Attributes:
        wires: how many of the circuit's qubits it acts on.
        steps: in order.
        ancillas: how many fresh qubits in |0⟩ it takes besides; it leaves them in any state.
        bits: how many outcome bits it measures.
        sign: the outcome bits whose parity is the sign.
        messages: how many bits of the other end its steps may read.

    Raises:
        InvalidValueError: a step names a gate, a qubit, a bit or a message that there is not.
    """

    wires: int
    steps: tuple[Step, ...]
    ancillas: int = 0
    bits: int = 0
    sign: tuple[int, ...] = ()
    messages: int = 0

    def __post_init__(self) -> None:
        for step in self.steps:
            self._check(step)
        _check_range("the sign", self.sign, self.bits, "bits")

    def _check(self, step: Step) -> None:
        if step.name not in {"measure", "reset"}:
            gate = GATES[CODES[step.name]] if step.name in CODES else None
            if gate is None or (gate.qubits, gate.angles) != (len(step.qubits), len(step.angles)):
                raise InvalidValueError(f"a step must be a gate with its operands, `measure` or `reset`, but is {step}")
        _check_range(f"the qubits of `{step.name}`", step.qubits, self.wires + self.ancillas, "qubits")
        _check_range(f"the condition of `{step.name}`", [m for m, _ in step.condition], self.messages, "messages")
        if step.name == "measure":
            _check_range("the bit of a measurement", (step.bit,), self.bits, "bits")


def _check_range(what: str, values: tuple[int, ...] | list[int], size: int, of: str) -> None:
    if any(not 0 <= value < size for value in values):
        raise InvalidValueError(f"{what} must lie within the {size} {of} of the operation, but is {tuple(values)}")


PREPARATIONS: dict[str, tuple[str, ...]] = {
    "0": (),
    "1": ("x",),
    "+": ("h",),
    "-": ("x", "h"),
    "r": ("h", "s"),
    "l": ("x", "h", "s"),
}
"""Gates that turn |0⟩ into each eigenstate of Z, X and Y."""


def preparation_steps(state: str, qubit: int) -> tuple[Step, ...]:
    """What prepares one of the states in `PREPARATIONS` from |0⟩."""
    return tuple(Step(name, (qubit,)) for name in PREPARATIONS[state])


_NAMES = ("x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "t", "tdg")
_ROUNDING = 1e-12
"""Far below what a decomposition is exact to, and above the noise of linear algebra."""


def unitary_steps(matrix: Matrix, qubit: int) -> tuple[Step, ...]:
    """A unitary of one qubit up to a phase as no step if it is the identity, else as one: a named gate, or `u`.

    Args:
        matrix (complex array, shape (2, 2)): unitary.
        qubit: of this end.
    """
    if _is_same(matrix, matrix_of(CODES["id"])):
        return ()
    for name in _NAMES:
        if _is_same(matrix, matrix_of(CODES[name])):
            return (Step(name, (qubit,)),)
    return (Step("u", (qubit,), tuple(_rounded(angle) for angle in _euler_angles(matrix))),)


def _is_same(first: Matrix, second: Matrix) -> bool:
    """Whether two unitaries are equal up to a phase; entry by entry, because an overlap only sees errors squared."""
    overlap = complex(np.vdot(second, first))
    return abs(overlap) > 1 and bool(np.abs(first - overlap / abs(overlap) * second).max() < _ROUNDING)


def _euler_angles(matrix: Matrix) -> tuple[float, float, float]:
    """θ, φ, λ of the gate `u`.

    The larger entries decide on φ + λ or φ − λ, because rounding spoils the phases of small ones.
    """
    (a, b), (c, d) = matrix.tolist()
    phi = cmath.phase(c) - cmath.phase(a)
    lam = cmath.phase(d / a) - phi if abs(a) > abs(c) else phi - cmath.phase(-c / b)
    return 2 * math.atan2(abs(c), abs(a)), phi, lam


def _rounded(angle: float) -> float:
    """An angle in (−π, π], a multiple of π/4 if it is one but for rounding, so that Clifford gates look like it."""
    eighths = round(angle / (math.pi / 4))
    if abs(angle - eighths * math.pi / 4) < _ROUNDING:
        return ((eighths + 3) % 8 - 3) * math.pi / 4
    return math.remainder(angle, 2 * math.pi)
