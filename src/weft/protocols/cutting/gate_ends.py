"""What one end of a gate cut does: pieces of Paulis between the local unitaries of the gate's Weyl form.

Strings of Paulis are tuples of 0 … 3 for 1, X, Y, Z, one per wire. For two strings K and L with σ_L σ_K = iᵉ σ_P, a coherence
between them, Re(e^{iδ} …), is an instrument with Kraus operators (1 ± e^{iδ} σ_P)/2 σ_K and the sign ±. At δ = 0 that is a
measurement of σ_P; at δ = π/2 the Kraus operators are rotations by ∓π/2 about σ_P, each of weight ½; between, it takes an ancilla.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from weft.circuit.gates import CODES, PAULIS, Matrix, matrix_of
from weft.protocols.cutting.operations import Operation, Step, unitary_steps

PauliString = tuple[int, ...]

_H, _SDG = matrix_of(CODES["h"]), matrix_of(CODES["sdg"])
_TO_Z: tuple[Matrix, ...] = (PAULIS[0], _H, _H @ _SDG, PAULIS[0])
"""Unitaries that turn each Pauli into Z."""


def pauli_product(second: PauliString, first: PauliString) -> tuple[int, PauliString]:
    """The exponent e and the string P with σ_second σ_first = iᵉ σ_P."""
    # With 0 … 3 for 1, X, Y, Z, the product of two is their exclusive or; XY = iZ and so on around, YX = −iZ.
    exponent = sum((b - a + 4) % 3 - 1 if a and b else 0 for a, b in zip(second, first, strict=True))
    return exponent % 4, tuple(a ^ b for a, b in zip(second, first, strict=True))


@dataclass(frozen=True, eq=False)
class GateEnd:
    """One end of one or more gates that are cut at once.

    Attributes:
        before: the Weyl forms' local unitaries that happen first, one per wire.
        after: those that happen last.
    """

    before: tuple[Matrix, ...]
    after: tuple[Matrix, ...]

    def pauli(self, string: PauliString) -> Operation:
        """σ_K: one unitary per wire."""
        return Operation(len(string), self._outside(string, ()))

    def measured(self, string: PauliString, axis: PauliString) -> tuple[int, Operation]:
        """Σ ± (1 ± σ_P)/2 σ_K: a measurement of a string of Paulis, its outcome the sign, and a sign in front."""
        support = _support(axis)
        if len(support) == 1:
            sign, steps = self._measured_wire(string, axis, support[0])
        else:
            core = (*_ladder(support), Step("measure", support[-1:], bit=0), *_ladder(support)[::-1])
            sign, steps = 1, self._around(string, axis, core)
        return sign, Operation(len(string), steps, bits=1, sign=(0,))

    def rotated(self, string: PauliString, axis: PauliString, sign: int) -> Operation:
        """exp(± i π/4 σ_P) σ_K, sign being ±1."""
        support = _support(axis)
        if len(support) == 1:
            turn = math.sqrt(0.5) * (PAULIS[0] + 1j * sign * PAULIS[axis[support[0]]])
            steps = (*self._outside(string, support), *self._on_wire(string, support[0], turn))
        else:
            core = (*_ladder(support), Step("sdg" if sign > 0 else "s", support[-1:]), *_ladder(support)[::-1])
            steps = self._around(string, axis, core)
        return Operation(len(string), steps)

    def superposed(self, string: PauliString, axis: PauliString, phase: float) -> Operation:
        """Σ ± (1 ± e^{iδ} σ_P)/2 σ_K: an ancilla controls σ_P, and its measurement in X is the sign."""
        ancilla = len(string)
        controlled = tuple(Step("cz", (ancilla, wire)) for wire in _support(axis))
        turn = (Step("h", (ancilla,)), Step("p", (ancilla,), (phase,)))
        core = (*turn, *controlled, Step("h", (ancilla,)), Step("measure", (ancilla,), bit=0))
        return Operation(len(string), self._around(string, axis, core), ancillas=1, bits=1, sign=(0,))

    def _measured_wire(self, string: PauliString, axis: PauliString, wire: int) -> tuple[int, tuple[Step, ...]]:
        """Where P is on one wire, what is diagonal next to its measurement does nothing, and a flip turns its sign."""
        turn = _TO_Z[axis[wire]]
        first, last = turn @ PAULIS[string[wire]] @ self.before[wire], self.after[wire] @ turn.conj().T
        sign = _sign_of_axis(first)
        if sign < 0:
            first, last = PAULIS[1] @ first, last @ PAULIS[1]
        before, after = unitary_steps(_without_phases(first), wire), unitary_steps(_without_phases(last.T).T, wire)
        return sign, (*self._outside(string, (wire,)), *before, Step("measure", (wire,), bit=0), *after)

    def _on_wire(self, string: PauliString, wire: int, turn: Matrix) -> tuple[Step, ...]:
        """σ_K and then a unitary on one wire."""
        return unitary_steps(self.after[wire] @ turn @ PAULIS[string[wire]] @ self.before[wire], wire)

    def _outside(self, string: PauliString, support: tuple[int, ...]) -> tuple[Step, ...]:
        """σ_K on the wires where nothing else happens."""
        wires = (wire for wire in range(len(string)) if wire not in support)
        return tuple(step for wire in wires for step in self._on_wire(string, wire, PAULIS[0]))

    def _around(self, string: PauliString, axis: PauliString, core: tuple[Step, ...]) -> tuple[Step, ...]:
        """σ_K, then `core` in the frame in which σ_P is a string of Zs."""
        first: list[Step] = []
        last: list[Step] = []
        for wire in _support(axis):
            turn = _TO_Z[axis[wire]]
            first += unitary_steps(turn @ PAULIS[string[wire]] @ self.before[wire], wire)
            last += unitary_steps(self.after[wire] @ turn.conj().T, wire)
        return (*self._outside(string, _support(axis)), *first, *core, *last)


_ZERO = 1e-12


def _sign_of_axis(first: Matrix) -> int:
    """Whether a measurement in Z after a unitary is one along z, x or y or along its opposite."""
    observable = first.conj().T @ PAULIS[3] @ first
    components = (observable[0, 0].real, observable[0, 1].real, -observable[0, 1].imag)
    return next(-1 if value < 0 else 1 for value in components if abs(value) > _ZERO)


def _without_phases(matrix: Matrix) -> Matrix:
    """A unitary, each row times a phase such that its first entry that is not zero is positive."""
    leading = np.where(np.abs(matrix[:, 0]) < _ZERO, matrix[:, 1], matrix[:, 0])
    return matrix * (leading.conj() / np.abs(leading))[:, None]


def _support(axis: PauliString) -> tuple[int, ...]:
    return tuple(int(wire) for wire in np.flatnonzero(axis))


def _ladder(support: tuple[int, ...]) -> tuple[Step, ...]:
    """Gates that collect the parity of some wires in the last of them."""
    return tuple(Step("cx", (wire, support[-1])) for wire in support[:-1])
