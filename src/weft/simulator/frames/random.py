"""Random numbers for kernels: xoshiro256++ streams, each from a key of its own.

Every block of shots has one stream per purpose, so that what comes out depends on the seed and the number of shots only. Sources:
Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); keys are spread by SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
"""

from __future__ import annotations

import numba
import numpy as np

from weft.scheduler.sampling import minus_log, mix

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_U12, _U17, _U19, _U23, _U41, _U45 = (np.uint64(shift) for shift in (12, 17, 19, 23, 41, 45))
_EXPONENT = np.uint64(0x3FF0000000000000)
_BELOW_ONE = 1.0 - 2.0**-53


@numba.njit(cache=True, nogil=True)
def begin_stream(stream, key, block):
    """Sets a stream (uint64 array, shape (4,)) to the beginning of that of a key (uint64) and a block's number."""
    word = mix(key) ^ mix(mix(np.uint64(block) + _GOLDEN) + _GOLDEN)
    for part in range(4):
        word += _GOLDEN
        stream[part] = mix(word)


@numba.njit(cache=True, nogil=True)
def random_word(stream):
    """64 random bits."""
    s0, s1, s2, s3 = stream[0], stream[1], stream[2], stream[3]
    total = s0 + s3
    result = ((total << _U23) | (total >> _U41)) + s0
    shifted = s1 << _U17
    s2 ^= s0
    s3 ^= s1
    stream[1] = s1 ^ s2
    stream[0] = s0 ^ s3
    stream[2] = s2 ^ shifted
    stream[3] = (s3 << _U45) | (s3 >> _U19)
    return result


@numba.njit(cache=True, nogil=True)
def uniform(stream):
    """A number between 0 and 1, never either."""
    return _between(random_word(stream))


@numba.njit(cache=True, nogil=True)
def exponential(stream):
    """A draw from Exp(1)."""
    return minus_log(_between(random_word(stream)))


@numba.njit(cache=True, nogil=True)
def fill_exponential(draws, key):
    """Fills an array with draws from Exp(1), all at once: the k-th is the hash of a key (uint64) and k."""
    for place in range(len(draws)):
        draws[place] = minus_log(_between(mix(key + np.uint64(place) * _GOLDEN)))


@numba.njit(cache=True, nogil=True)
def _between(word):
    """The middle of one of 2⁵² equal steps from 0 to 1, by bit operations that vectorise on any processor."""
    return np.uint64((word >> _U12) | _EXPONENT).view(np.float64) - _BELOW_ONE
