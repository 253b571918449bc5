"""Rank over GF(2), as a Numba kernel."""

import numba
import numpy as np

_jit = numba.njit(cache=True, nogil=True)


@_jit
def rank(rows):
    """The rank over GF(2) of a matrix of bits, which is overwritten.

    Args:
        rows (uint64 array, shape (rows, words)): 64 bits to a word, in any order of columns that all rows share.
    """
    count, words = rows.shape
    found = 0
    for word in range(words):
        for place in range(64):
            bit = np.uint64(1) << np.uint64(place)
            pivot = -1
            for row in range(found, count):
                if rows[row, word] & bit:
                    pivot = row
                    break
            if pivot < 0:
                continue
            for column in range(word, words):
                kept = rows[pivot, column]
                rows[pivot, column] = rows[found, column]
                rows[found, column] = kept
            for row in range(pivot + 1, count):
                if rows[row, word] & bit:
                    for column in range(word, words):
                        rows[row, column] ^= rows[found, column]
            found += 1
            if found == count:
                return found
    return found
