"""Kernels that follow which communication qubits hold something."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from weft.program.instructions import Op
from weft.program.jit import jit


class Misuse(IntEnum):
    """A rule of communication qubits that an instruction breaks."""

    NONE = 0
    NOT_AT_THE_ENDS = 1
    NOT_EMPTY = 2
    NOT_ENTANGLED = 3
    RESET = 4


@jit
def follow(opcodes, qubits, links, ends, owners, communication, full):
    """Walks the life of every communication qubit: empty, entangled or put into |0⟩, used, measured, empty.

    Returns a `Misuse` and its row; leaves in `full` which qubits hold something at the end.
    """
    for row in range(len(opcodes)):
        first, second = qubits[row, 0], qubits[row, 1]
        opcode = opcodes[row]
        if opcode == Op.ENTANGLE:
            link = links[row]
            both = second >= 0 and communication[first] and communication[second]
            if not both or link < 0 or link >= len(ends):
                return Misuse.NOT_AT_THE_ENDS, row
            if owners[first] != ends[link, 0] or owners[second] != ends[link, 1]:
                return Misuse.NOT_AT_THE_ENDS, row
            if full[first] or full[second]:
                return Misuse.NOT_EMPTY, row
            full[first] = full[second] = True
            continue
        if opcode == Op.RETRY:
            continue
        if opcode == Op.RESET and communication[first]:
            if full[first]:
                return Misuse.RESET, row
            full[first] = True
            continue
        if (communication[first] and not full[first]) or (second >= 0 and communication[second] and not full[second]):
            return Misuse.NOT_ENTANGLED, row
        if communication[first] and opcode == Op.MEASURE:
            full[first] = False
    return Misuse.NONE, -1


@jit
def full_at(opcodes, qubits, communication):
    """Whether the first qubit of each row holds something when the row begins, shape (n,); data qubits always do."""
    full, found = ~communication, np.ones(len(opcodes), dtype=np.bool_)
    for row in range(len(opcodes)):
        first, second = qubits[row, 0], qubits[row, 1]
        found[row] = full[first]
        if opcodes[row] == Op.ENTANGLE:
            full[first] = full[second] = True
        elif opcodes[row] == Op.RESET:
            full[first] = True
        elif opcodes[row] == Op.MEASURE and communication[first]:
            full[first] = False
    return found


@jit
def peaks(opcodes, qubits, owners, communication, count):
    """The most communication qubits of each of `count` QPUs that hold something at once."""
    now, peak = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for row in range(len(opcodes)):
        first = qubits[row, 0]
        if opcodes[row] == Op.ENTANGLE:
            for operand in range(2):
                owner = owners[qubits[row, operand]]
                now[owner] += 1
                peak[owner] = max(peak[owner], now[owner])
        elif opcodes[row] == Op.RESET and communication[first]:
            now[owners[first]] += 1
            peak[owners[first]] = max(peak[owners[first]], now[owners[first]])
        elif opcodes[row] == Op.MEASURE and communication[first]:
            now[owners[first]] -= 1
    return peak
