"""What a replay knows while it runs: the states of physical and of logical qubits, and the word found so far."""

from __future__ import annotations

from typing import Any, NamedTuple

EMPTY, HOLDER, HALF, FANNED, JOINED_FOR_X, JOINED_FOR_Z, JOINED_AND_MEASURED = range(7)
"""What a physical qubit is."""


class Places(NamedTuple):
    """What the physical qubits hold, an entry each.

    Attributes:
        kind: one of the states above.
        zero: whether an empty qubit is known to be |0⟩.
        logical: that a holder or a fanned half carries.
        x: X byproduct of a holder or a half, as labels.
        z: Z byproduct of a half.
        partner: the other half of the pair.
        other: the half that this one is joined with.
        ticked: the row of the last joint gate that acted here.
    """

    kind: Any
    zero: Any
    logical: Any
    x: Any
    z: Any
    partner: Any
    other: Any
    ticked: Any


class Logicals(NamedTuple):
    """What is known of the logical qubits, an entry each.

    Attributes:
        holders: how many there are.
        fanned: halves that a CX has reached and no measurement yet.
        z: Z byproduct, as labels.
        waiting: holders that a joint gate has yet to act on.
        joint_row: where that gate began.
        joint_control: the logical qubit that controls it; −1 for an `x`.
        controlled: how many joint gates it controls that are not finished.
    """

    holders: Any
    fanned: Any
    z: Any
    waiting: Any
    joint_row: Any
    joint_control: Any
    controlled: Any


class Word(NamedTuple):
    """The logical instructions found, a row each; `size` holds how many there are.

    Attributes:
        rows: of the program, whose angles, condition and bit it has.
        codes: a gate's opcode, `MEASURE` or `RESET`.
        qubits: logical operands, shape (n, 2); −1 where there is none.
        size: shape (1,).
    """

    rows: Any
    codes: Any
    qubits: Any
    size: Any
