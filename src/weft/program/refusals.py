"""Why a replay refuses an instruction: codes for the kernel, and what each says to people."""

from __future__ import annotations

from enum import IntEnum


class Refusal(IntEnum):
    """A rule that an instruction breaks."""

    NONE = 0
    NOT_LOGICAL = 1
    SAME_LOGICAL = 2
    SHARED = 3
    BYPRODUCT = 4
    COPIED_BEHIND_X = 5
    JOINT_GATE_OPEN = 6
    JOINT_GATE_TWICE = 7
    CONTROLS_JOINT_GATE = 8
    NOT_CORRECTABLE = 9
    CORRECTED_TOO_LATE = 10
    NOT_ALONE = 11
    LAST_HOLDER = 12
    BASIS_OR_BIT = 13
    TELEPORTATION_BIT = 14
    NOT_MEASURABLE = 15
    FAR_HALF_TOUCHED = 16
    FAR_HALVES_TOUCHED = 17
    JOIN_OPEN = 18
    CONDITION = 19
    RESET = 20
    END_JOINT_GATE = 21
    END_HOLDERS = 22
    END_BYPRODUCT = 23
    END_NOT_EMPTY = 24
    RETRY = 25


REASONS = {
    Refusal.RETRY: "a block that runs again must do so only where a swap failed, but this one depends on what it measured",
    Refusal.NOT_LOGICAL: "a gate must act on logical qubits, but acts on an empty qubit or on half of a pair",
    Refusal.SAME_LOGICAL: "a gate must act on different logical qubits, but both operands hold the same one",
    Refusal.SHARED: "a gate on a qubit that has copies must be diagonal there, but is not",
    Refusal.BYPRODUCT: "a gate must not act behind a byproduct, but one has not been corrected",
    Refusal.COPIED_BEHIND_X: "a qubit must be copied without an X in front of it, but one has not been corrected",
    Refusal.JOINT_GATE_OPEN: "an X or CX on one copy of a qubit must be done to every copy before anything else, but is not",
    Refusal.JOINT_GATE_TWICE: "an X or CX must be done once to every copy of a qubit, but is done to one of them again",
    Refusal.CONTROLS_JOINT_GATE: (
        "a qubit must keep its value while it controls a CX on copies of another, but something else than a diagonal gate acts"
    ),
    Refusal.NOT_CORRECTABLE: "a correction must act on what a qubit holds, but the qubit is empty",
    Refusal.CORRECTED_TOO_LATE: "a half that is about to be measured must not be corrected, but is",
    Refusal.NOT_ALONE: "a qubit must be free of byproducts and copies here, but is not",
    Refusal.LAST_HOLDER: "a qubit measured in X must have a copy elsewhere, but has none",
    Refusal.BASIS_OR_BIT: (
        "a logical qubit must be measured in Z into a bit of the circuit, "
        "or a copy always in X into a bit that is not the circuit's, but is not"
    ),
    Refusal.TELEPORTATION_BIT: "half of a pair must be measured always, into a bit that is not the circuit's, but is not",
    Refusal.NOT_MEASURABLE: "a measurement must complete a teleportation, but what the qubit holds is not ready for this one",
    Refusal.FAR_HALF_TOUCHED: "the far half of a pair must be untouched until the near one is measured, but is not",
    Refusal.FAR_HALVES_TOUCHED: "the far halves of two joined pairs must be untouched until both measurements, but are not",
    Refusal.JOIN_OPEN: "both halves of a relay must be measured before one is used again, but one has not been",
    Refusal.CONDITION: "a condition must read bits of the circuit, but reads one of a teleportation",
    Refusal.RESET: "a reset must act on a logical qubit, or always on an empty data qubit, but does not",
    Refusal.END_JOINT_GATE: "an X or CX must be done to every copy of a qubit, but the program ends before",
    Refusal.END_HOLDERS: "every logical qubit must end in one place, but one has copies left",
    Refusal.END_BYPRODUCT: "every qubit must end free of byproducts, but one does not",
    Refusal.END_NOT_EMPTY: "every qubit that holds no logical one must end empty, but one does not",
}
"""What to say about each; every reason names a rule and how it is broken."""
