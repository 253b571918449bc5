"""Kernels that find in one walk what playing needs to know of a program: who comes before whom, and who waits for which pair."""

import numpy as np

from weft.program.instructions import Op
from weft.program.jit import jit


@jit
def previous_rows(qubits, count):
    """For each operand of each row, the row that used the same of `count` qubits before, shape (n, 2); −1 if none did."""
    last = np.full(count, -1, dtype=np.int64)
    previous = np.full(qubits.shape, -1, dtype=np.int64)
    for row in range(len(qubits)):
        for operand in range(2):
            qubit = qubits[row, operand]
            if qubit >= 0:
                previous[row, operand] = last[qubit]
                last[qubit] = row
    return previous


@jit
def first_consumers(opcodes, previous):
    """The row that first acts on either half of each pair, shape (n,), −1 for rows that are no `entangle`; and which pairs.

    The second result, shape (n, 2), holds for each row the pairs that it is the first to act on, the earlier `entangle` first.
    """
    consumers = np.full(len(opcodes), -1, dtype=np.int64)
    awaited = np.full(previous.shape, -1, dtype=np.int64)
    for row in range(len(opcodes)):
        for operand in range(2):
            before = previous[row, operand]
            if before >= 0 and opcodes[before] == Op.ENTANGLE and consumers[before] < 0:
                consumers[before] = row
                place = 0 if awaited[row, 0] < 0 else 1
                awaited[row, place] = before
        if awaited[row, 1] >= 0 and awaited[row, 1] < awaited[row, 0]:
            awaited[row, 0], awaited[row, 1] = awaited[row, 1], awaited[row, 0]
    return consumers, awaited


@jit
def play_order(opcodes, awaited, deferred):
    """The order of playing, and how much of it comes before each row.

    Deferred, each `entangle` comes just before the first row that acts on its pair, when all else that row waits for is known;
    the rows between touch none of its qubits. The second result, shape (n + 1,), holds for each row the place in the order
    before which all rows before it, and the pairs that these act on, have been played.
    """
    rows = len(opcodes)
    order, before = np.empty(rows, dtype=np.int64), np.empty(rows + 1, dtype=np.int64)
    place = 0
    for row in range(rows):
        before[row] = place
        if not deferred or opcodes[row] != Op.ENTANGLE:
            if deferred:
                for pair in awaited[row]:
                    if pair >= 0:
                        order[place] = pair
                        place += 1
            order[place] = row
            place += 1
    before[rows] = place
    return order, before


@jit
def find_writers(bits, read_offsets, read_bits, num_bits):
    """The row that wrote each bit that is read, shape (reads,), −1 if none did; and who reads each row's bit last, shape (n,)."""
    last_writer = np.full(num_bits, -1, dtype=np.int64)
    writers = np.empty(len(read_bits), dtype=np.int64)
    last_readers = np.full(len(bits), -1, dtype=np.int64)
    for row in range(len(bits)):
        for entry in range(read_offsets[row], read_offsets[row + 1]):
            writer = last_writer[read_bits[entry]]
            writers[entry] = writer
            if writer >= 0:
                last_readers[writer] = row
        if bits[row] >= 0:
            last_writer[bits[row]] = row
    return writers, last_readers


@jit
def assign_slots(bits, read_offsets, writers, last_readers):
    """Where the time of each bit is kept from its measurement to its last reader, so that few slots serve many bits.

    Returns the slot that each row writes, shape (n,), the slot that each entry reads, shape (reads,), −1 for none, and how many
    there are.
    """
    written = np.full(len(bits), -1, dtype=np.int64)
    read = np.full(len(writers), -1, dtype=np.int64)
    unused, spare = np.empty(len(bits), dtype=np.int64), 0
    count = 0
    for row in range(len(bits)):
        for entry in range(read_offsets[row], read_offsets[row + 1]):
            writer = writers[entry]
            if writer >= 0:
                read[entry] = written[writer]
                if last_readers[writer] == row:
                    unused[spare] = written[writer]
                    spare += 1
                    last_readers[writer] = -1
        if bits[row] >= 0 and last_readers[row] >= 0:
            if spare > 0:
                spare -= 1
                written[row] = unused[spare]
            else:
                written[row] = count
                count += 1
    return written, read, count
