"""Which outcomes came, and how often: rows of bits as numbers, so that millions of shots are counted in a moment."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

_DENSE_BITS = 16  # so few that every outcome can have a counter
_COUNTERS = 64  # for each shot; more take longer than to sort shots
_WORD_BITS = 64


def distinct_rows(bits: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct rows of an array of bits.

    Args:
        bits (uint8 array, shape (shots, bits)): zeros and ones.

    Returns:
        The distinct rows in ascending order, shape (rows, bits); which of them each shot is; and how often each came.
    """
    shots, columns = bits.shape
    if columns == 0:
        return bits[: min(shots, 1)], np.zeros(shots, dtype=np.int64), np.full(min(shots, 1), shots)
    words = np.zeros((shots, -(-columns // _WORD_BITS)), dtype=np.uint64)
    _pack(bits, words)
    if columns <= _DENSE_BITS and 2**columns <= _COUNTERS * shots:
        first, index, times = _distinct_few(words[:, 0].astype(np.int64), columns)
    else:
        keys = words[:, 0] if words.shape[1] == 1 else words
        _, first, index, times = np.unique(keys, return_index=True, return_inverse=True, return_counts=True, axis=0)
    return bits[first], index.reshape(-1), times


def _distinct_few(
    keys: NDArray[np.int64], columns: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where each key comes last, which of the keys each is, and how often each comes, for keys below 2^columns."""
    counts = np.bincount(keys, minlength=2**columns)
    place, rank = np.zeros(2**columns, dtype=np.int64), np.cumsum(counts > 0) - 1
    place[keys] = np.arange(len(keys))
    found = np.flatnonzero(counts)
    return place[found], rank[keys], counts[found]


@numba.njit(cache=True, nogil=True)
def _pack(bits, words):
    """Packs rows of bits into words, the first bit the most significant, so that words compare as rows do."""
    for shot in range(len(bits)):
        for column in range(bits.shape[1]):
            place = np.uint64(_WORD_BITS - 1 - column % _WORD_BITS)
            words[shot, column // _WORD_BITS] |= np.uint64(bits[shot, column]) << place
    unused = np.uint64(words.shape[1] * _WORD_BITS - bits.shape[1])
    if words.shape[1] == 1:
        for shot in range(len(bits)):
            words[shot, 0] >>= unused
