"""The kernel that undoes teleportations: what every physical qubit holds, instruction by instruction.

Every physical qubit is in one of the states of `holdings.py`. A logical qubit has one or more *holders*, which all carry its value
in the Z basis: Σ α_q |q⟩|q ⊕ x⟩…, where x is the X byproduct of that holder. The Z byproduct belongs to the logical qubit, because
a Z on one holder is a Z on any. On Φ+ a Pauli may stand on either half, so the byproduct of a pair is the sum of what its halves
carry.

A byproduct is a set of measurements whose parity decides it. The kernel holds the XOR of 64-bit labels of the rows that measured,
so a set that is not empty looks empty with probability 2^-64. Bits may be written again: a bit stands for its last writer.
"""

from __future__ import annotations

import numpy as np

from weft.circuit.gates import CODES, MEASURE, RESET
from weft.program.diagonal import is_diagonal
from weft.program.holdings import EMPTY, FANNED, HALF, HOLDER, JOINED_AND_MEASURED, JOINED_FOR_X, JOINED_FOR_Z
from weft.program.instructions import Op, Pauli
from weft.program.jit import jit
from weft.program.labels import label_of
from weft.program.refusals import Refusal

_CX, _X, _SWAP = CODES["cx"], CODES["x"], CODES["swap"]


@jit
def replay_rows(
    opcodes, kinds, qubits, angles, bits, offsets, read_bits, is_communication, num_clbits,
    rules, writers, places, logicals, word,
):  # fmt: skip
    """Replays all rows; returns a `Refusal` and the row that it is about."""
    for row in range(len(opcodes)):
        first, second, kind = qubits[row, 0], qubits[row, 1], kinds[row]
        reads = read_bits[offsets[row] : offsets[row + 1]]
        opcode = opcodes[row]
        if opcode == Op.CORRECT:
            refusal = correct(places, logicals, first, kind, reads, writers)
        elif opcode == Op.ENTANGLE:
            refusal = entangle(places, first, second)
        elif opcode == Op.RETRY:
            refusal = Refusal.RETRY if len(reads) else Refusal.NONE
        elif len(reads) and reads.max() >= num_clbits:
            refusal = Refusal.CONDITION
        elif (
            opcode == Op.GATE
            and kind == _SWAP
            and not (len(reads) or is_communication[first] or is_communication[second])
        ):
            refusal = exchange(places, first, second)
        elif opcode == Op.GATE:
            refusal = gate(places, logicals, word, row, kind, first, second, angles[row, 0], len(reads) > 0, rules)
        elif opcode == Op.RESET:
            refusal = reset(places, logicals, word, row, first, len(reads) > 0, is_communication[first])
        else:
            own = bits[row] < num_clbits
            always_elsewhere = not own and len(reads) == 0
            refusal = measure(places, logicals, word, row, first, kind, own, always_elsewhere, is_communication[first])
            writers[bits[row]] = label_of(row)
        if refusal != Refusal.NONE:
            return refusal, row
    return Refusal.NONE, -1


@jit
def record(word, row, code, first, second):
    """Appends a logical instruction."""
    place = word.size[0]
    word.rows[place] = row
    word.codes[place] = code
    word.qubits[place, 0] = first
    word.qubits[place, 1] = second
    word.size[0] = place + 1
    return Refusal.NONE


@jit
def become_empty(places, qubit):
    """What is left after a measurement is not known to be zero."""
    places.kind[qubit] = EMPTY
    places.zero[qubit] = False
    places.x[qubit] = 0
    places.z[qubit] = 0


@jit
def become_holder(places, logicals, qubit, logical, x):
    """A qubit carries the value of a logical qubit, up to an X byproduct."""
    places.kind[qubit] = HOLDER
    places.zero[qubit] = False
    places.logical[qubit] = logical
    places.x[qubit] = x
    places.z[qubit] = 0
    places.ticked[qubit] = -1
    logicals.holders[logical] += 1


@jit
def entangle(places, first, second):
    """Two empty communication qubits become a pair."""
    for qubit, partner in ((first, second), (second, first)):
        if places.kind[qubit] != EMPTY:
            return Refusal.JOIN_OPEN  # the rules of the instruction set exclude everything else
        places.kind[qubit] = HALF
        places.partner[qubit] = partner
        places.x[qubit] = 0
        places.z[qubit] = 0
    return Refusal.NONE


@jit
def correct(places, logicals, qubit, pauli, reads, writers):
    """Toggles the byproducts of what a qubit holds."""
    kind = places.kind[qubit]
    if kind == EMPTY:
        return Refusal.NOT_CORRECTABLE
    if kind != HOLDER and kind != HALF:  # noqa: PLR1714  # a set would be made anew each time
        return Refusal.CORRECTED_TOO_LATE
    if kind == HOLDER and logicals.waiting[places.logical[qubit]]:
        return Refusal.JOINT_GATE_OPEN
    parity = np.uint64(0)
    for bit in reads:
        parity ^= writers[bit]
    if pauli != Pauli.Z:
        places.x[qubit] ^= parity
    if pauli != Pauli.X:
        if kind == HOLDER:
            logicals.z[places.logical[qubit]] ^= parity
        else:
            places.z[qubit] ^= parity
    return Refusal.NONE


@jit
def gate(places, logicals, word, row, code, first, second, angle, conditional, rules):
    """A gate makes a copy, joins pairs, or acts on logical qubits."""
    if code == _CX and not conditional:
        source, target = places.kind[first], places.kind[second]
        if source == HOLDER and (target == HALF or (target == EMPTY and places.zero[second])):
            return copy(places, logicals, first, second)
        if source == HALF and target == HALF and places.partner[first] != second:
            return join(places, first, second)
    if places.kind[first] != HOLDER or (second >= 0 and places.kind[second] != HOLDER):
        return Refusal.NOT_LOGICAL
    one = places.logical[first]
    two = places.logical[second] if second >= 0 else -1
    if one == two:
        return Refusal.SAME_LOGICAL
    if not conditional:
        target = second if code == _CX else first
        several = logicals.holders[places.logical[target]] > 1
        if code == _CX and several:
            return joint_gate(places, logicals, word, row, code, first, second)
        if code == _X and several:
            return joint_gate(places, logicals, word, row, code, -1, first)
    refusal = may_act(places, logicals, first, is_diagonal(rules, code, 0, angle))
    if refusal == Refusal.NONE and second >= 0:
        refusal = may_act(places, logicals, second, is_diagonal(rules, code, 1, angle))
    if refusal != Refusal.NONE:
        return refusal
    return record(word, row, code, one, two)


@jit
def exchange(places, first, second):
    """A swap of two data qubits moves what they hold; a data qubit is never half of a pair, so nothing else refers to its place."""
    places.kind[first], places.kind[second] = places.kind[second], places.kind[first]
    places.zero[first], places.zero[second] = places.zero[second], places.zero[first]
    places.logical[first], places.logical[second] = places.logical[second], places.logical[first]
    places.x[first], places.x[second] = places.x[second], places.x[first]
    places.z[first], places.z[second] = places.z[second], places.z[first]
    places.ticked[first], places.ticked[second] = places.ticked[second], places.ticked[first]
    return Refusal.NONE


@jit
def may_act(places, logicals, holder, diagonal):
    """Whether a gate on one holder alone is a gate on its logical qubit."""
    logical = places.logical[holder]
    if logicals.waiting[logical]:
        return Refusal.JOINT_GATE_OPEN
    if not diagonal:
        if logicals.holders[logical] > 1 or logicals.fanned[logical]:
            return Refusal.SHARED
        if logicals.controlled[logical]:
            return Refusal.CONTROLS_JOINT_GATE
    if places.x[holder] or (logicals.z[logical] and not diagonal):
        return Refusal.BYPRODUCT
    return Refusal.NONE


@jit
def copy(places, logicals, source, target):
    """A CX onto a zero makes a holder at once; a CX onto half of a pair makes one of the far half once it is measured."""
    logical = places.logical[source]
    if logicals.waiting[logical]:
        return Refusal.JOINT_GATE_OPEN
    if places.x[source]:
        return Refusal.COPIED_BEHIND_X
    if places.kind[target] == EMPTY:
        become_holder(places, logicals, target, logical, np.uint64(0))
    else:
        places.kind[target] = FANNED
        places.logical[target] = logical
        logicals.fanned[logical] += 1  # from here on, only diagonal gates may act on it
    return Refusal.NONE


@jit
def join(places, left, right):
    """A CX between halves of two pairs begins to make one pair of them."""
    places.kind[left], places.kind[right] = JOINED_FOR_X, JOINED_FOR_Z
    places.other[left], places.other[right] = right, left
    return Refusal.NONE


@jit
def joint_gate(places, logicals, word, row, code, control, target):
    """An X or CX on one of several holders: the first is the logical gate, and all others must follow."""
    logical = places.logical[target]
    by = places.logical[control] if control >= 0 else -1
    if control >= 0:
        if logicals.waiting[by]:
            return Refusal.JOINT_GATE_OPEN
        if places.x[control]:
            return Refusal.BYPRODUCT
    if places.x[target]:
        return Refusal.BYPRODUCT
    if not logicals.waiting[logical]:
        if logicals.fanned[logical]:
            return Refusal.SHARED
        if logicals.controlled[logical]:
            return Refusal.CONTROLS_JOINT_GATE
        if logicals.z[logical]:
            return Refusal.BYPRODUCT
        begin_joint_gate(logicals, row, by, logical)
        record(word, row, code, by if control >= 0 else logical, logical if control >= 0 else -1)
    elif logicals.joint_control[logical] != by:
        return Refusal.JOINT_GATE_OPEN
    elif places.ticked[target] == logicals.joint_row[logical]:
        return Refusal.JOINT_GATE_TWICE
    places.ticked[target] = logicals.joint_row[logical]
    logicals.waiting[logical] -= 1
    if by >= 0 and not logicals.waiting[logical]:
        logicals.controlled[by] -= 1
    return Refusal.NONE


@jit
def begin_joint_gate(logicals, row, by, logical):
    """From here until every holder had its gate, nothing else touches the target and nothing changes the control's value."""
    logicals.waiting[logical] = logicals.holders[logical]
    logicals.joint_row[logical] = row
    logicals.joint_control[logical] = by
    if by >= 0:
        logicals.controlled[by] += 1


@jit
def why_not_alone(places, logicals, qubit):
    """Why a holder may not be measured or reset as its logical qubit; `NONE` if it may."""
    logical = places.logical[qubit]
    if logicals.waiting[logical]:
        return Refusal.JOINT_GATE_OPEN
    if logicals.controlled[logical]:
        return Refusal.CONTROLS_JOINT_GATE
    shared = logicals.holders[logical] > 1 or logicals.fanned[logical] > 0
    if shared or places.x[qubit] or logicals.z[logical]:
        return Refusal.NOT_ALONE
    return Refusal.NONE


@jit
def reset(places, logicals, word, row, qubit, conditional, communication):
    """A reset of a logical qubit, or of an empty data qubit, which then is known to be zero."""
    kind = places.kind[qubit]
    if communication or not (kind == HOLDER or (kind == EMPTY and not conditional)):
        return Refusal.RESET
    if kind == EMPTY:
        places.zero[qubit] = True
        return Refusal.NONE
    refusal = why_not_alone(places, logicals, qubit)
    if refusal != Refusal.NONE:
        return refusal
    return record(word, row, RESET, places.logical[qubit], -1)


@jit
def measure(places, logicals, word, row, qubit, basis, own, always_elsewhere, communication):
    """A measurement of the circuit, or one of a teleportation.

    `own` says whether the bit is the circuit's; `always_elsewhere` whether it is not and there is no condition.
    """
    kind = places.kind[qubit]
    if kind == HOLDER and own and basis == Pauli.Z and not communication:
        refusal = why_not_alone(places, logicals, qubit)
        if refusal != Refusal.NONE:
            return refusal
        return record(word, row, MEASURE, places.logical[qubit], -1)
    if kind == HOLDER:
        if not always_elsewhere or basis != Pauli.X:
            return Refusal.BASIS_OR_BIT
        return drop(places, logicals, qubit, label_of(row))
    if not always_elsewhere:
        return Refusal.TELEPORTATION_BIT
    if kind == FANNED and basis == Pauli.Z:
        return finish_copy(places, logicals, qubit, label_of(row))
    if (kind == JOINED_FOR_X and basis == Pauli.X) or (kind == JOINED_FOR_Z and basis == Pauli.Z):
        return finish_join(places, qubit, basis, label_of(row))
    return Refusal.NOT_MEASURABLE


@jit
def drop(places, logicals, qubit, label):
    """A holder measured in X holds nothing any more; what it gave is a Z on the logical qubit."""
    logical = places.logical[qubit]
    if logicals.waiting[logical]:
        return Refusal.JOINT_GATE_OPEN
    if logicals.holders[logical] < 2:
        return Refusal.LAST_HOLDER
    logicals.holders[logical] -= 1
    logicals.z[logical] ^= label
    become_empty(places, qubit)
    return Refusal.NONE


@jit
def holds_half(places, qubit, partner):
    """Whether a qubit is an untouched half of its pair with `partner`."""
    return places.kind[qubit] == HALF and places.partner[qubit] == partner


@jit
def finish_copy(places, logicals, near, label):
    """The near half was measured in Z: the far half holds the logical qubit, up to byproducts."""
    far, logical = places.partner[near], places.logical[near]
    if not holds_half(places, far, near):
        return Refusal.FAR_HALF_TOUCHED
    logicals.z[logical] ^= places.z[near] ^ places.z[far]
    logicals.fanned[logical] -= 1
    become_holder(places, logicals, far, logical, places.x[near] ^ places.x[far] ^ label)
    become_empty(places, near)
    return Refusal.NONE


@jit
def finish_join(places, qubit, basis, label):
    """One of the two measurements of a join; the second makes the far halves one pair."""
    other = places.other[qubit]
    if basis == Pauli.X:
        places.z[qubit] ^= label
    else:
        places.x[qubit] ^= label
    if places.kind[other] != JOINED_AND_MEASURED:
        places.kind[qubit] = JOINED_AND_MEASURED
        return Refusal.NONE
    far, further = places.partner[qubit], places.partner[other]
    if not (holds_half(places, far, qubit) and holds_half(places, further, other)):
        return Refusal.FAR_HALVES_TOUCHED
    places.partner[far], places.partner[further] = further, far
    places.x[far] ^= places.x[qubit] ^ places.x[other]
    places.z[far] ^= places.z[qubit] ^ places.z[other]
    become_empty(places, qubit)
    become_empty(places, other)
    return Refusal.NONE
