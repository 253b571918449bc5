"""Amplitudes of a state as a matrix between the two sides of a cut, block by block of its columns, as a Numba kernel."""

from __future__ import annotations

import numba


@numba.njit(cache=True, nogil=True)
def gather(state, rows, columns, block):
    """Fills a block, real parts on its left and imaginary parts on its right.

    Args:
        state (float32 array, shape (2, amplitudes)): real and imaginary parts.
        rows (int64 array): of each row, the bits of its side in the index of an amplitude.
        columns (int64 array): of some columns, those of the other side.
        block (float array, shape (rows, 2 columns)): filled in the precision that it has.
    """
    width = len(columns)
    for row in range(len(rows)):
        for column in range(width):
            place = rows[row] | columns[column]
            block[row, column] = state[0, place]
            block[row, width + column] = state[1, place]
