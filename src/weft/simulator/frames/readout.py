"""Kernels that read frames at the end: which shots are still in the ideal state, and what the circuit's bits say."""

from __future__ import annotations

import numba
import numpy as np

_ONE, _NONE = np.uint64(1), np.uint64(0)


@numba.njit(cache=True, nogil=True)
def read_bits(readout, state, planes, low, bits):
    """Writes the circuit's bits of a block.

    Args:
        readout: a `FrameReadout`.
        state: a `FrameState` at the end of the program.
        planes: of frames.
        low: the block's first shot.
        bits (uint8 array, shape (planes or 1, shots, num_clbits)): written; if it has room for one plane, that is the last.
    """
    width = state.flips.shape[1] // planes
    count = min(len(state.budgets), bits.shape[1] - low)
    for place in range(len(bits)):
        base = (place + planes - len(bits)) * width
        for bit in range(len(readout.ideal_bits)):
            ideal = readout.ideal_bits[bit]
            for shot in range(count):
                flipped = state.flips[bit, base + (shot >> 6)] >> np.uint64(shot & 63) & _ONE
                bits[place, low + shot, bit] = np.uint8(flipped) ^ ideal


@numba.njit(cache=True, nogil=True)
def read_overlaps(readout, state, planes, low, overlaps):
    """Writes 1 where a shot's frame commutes with all stabilizers of the ideal state, else 0.

    Args:
        readout: a `FrameReadout`.
        state: a `FrameState` at the end of the program.
        planes: of frames.
        low: the block's first shot.
        overlaps (float array, shape (planes, shots)): written; plane 0 has no noise and is left alone.
    """
    words = state.x.shape[1]
    width = words // planes
    parity, lost = np.zeros(words, dtype=np.uint64), np.zeros(words, dtype=np.uint64)
    for generator in range(len(readout.offsets) - 1):
        parity[:] = _NONE
        for entry in range(readout.offsets[generator], readout.offsets[generator + 1]):
            qubit, pauli = readout.qubits[entry], readout.paulis[entry]
            for word in range(width, words):
                if pauli != 3:
                    parity[word] ^= state.z[qubit, word]
                if pauli != 1:
                    parity[word] ^= state.x[qubit, word]
        for word in range(width, words):
            lost[word] |= parity[word]
    count = min(len(state.budgets), overlaps.shape[1] - low)
    for plane in range(1, planes):
        for shot in range(count):
            bit = lost[plane * width + (shot >> 6)] >> np.uint64(shot & 63) & _ONE
            overlaps[plane, low + shot] = np.float64(np.int64(_ONE - bit))
