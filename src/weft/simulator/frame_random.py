"""Random numbers for kernels: xoshiro256++ streams, each from a key of its own.

Every block of shots has one stream per purpose, so that what comes out depends on the seed and the number of shots only. Sources:
Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); keys are spread by SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
"""

from __future__ import annotations

import math

import numba
import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_U12, _U17, _U23, _U27, _U30, _U31 = (np.uint64(shift) for shift in (12, 17, 23, 27, 30, 31))
_U19, _U41, _U45, _U52 = (np.uint64(shift) for shift in (19, 41, 45, 52))
_EXPONENT, _MANTISSA = np.uint64(0x3FF0000000000000), np.uint64(0x000FFFFFFFFFFFFF)
_INTEGER, _OFFSET = np.uint64(0x4330000000000000), 2.0**52 + 1023.0
_BELOW_ONE = 1.0 - 2.0**-53
_ROOT, _LN2 = math.sqrt(2.0), math.log(2.0)


@numba.njit(cache=True, nogil=True)
def _mixed(word):
    word = (word ^ (word >> _U30)) * _FIRST
    word = (word ^ (word >> _U27)) * _SECOND
    return word ^ (word >> _U31)


@numba.njit(cache=True, nogil=True)
def begin_stream(stream, key, block):
    """Sets a stream (uint64 array, shape (4,)) to the beginning of that of a key (uint64) and a block's number."""
    word = _mixed(key) ^ _mixed(_mixed(np.uint64(block) + _GOLDEN) + _GOLDEN)
    for part in range(4):
        word += _GOLDEN
        stream[part] = _mixed(word)


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
    return _minus_log(_between(random_word(stream)))


@numba.njit(cache=True, nogil=True)
def fill_exponential(draws, key):
    """Fills an array with draws from Exp(1), all at once: the k-th is the hash of a key (uint64) and k."""
    for place in range(len(draws)):
        draws[place] = _minus_log(_between(_mixed(key + np.uint64(place) * _GOLDEN)))


@numba.njit(cache=True, nogil=True)
def _between(word):
    """The middle of one of 2⁵² equal steps from 0 to 1, by bit operations that vectorise on any processor."""
    return np.uint64((word >> _U12) | _EXPONENT).view(np.float64) - _BELOW_ONE


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _minus_log(value):
    """−ln of a number between 0 and 1, to 2·10⁻¹¹ of it or better; positive.

    With the mantissa m in [√½, √2) and s = (m − 1)/(m + 1), ln m = 2 artanh s; its series is cut after s¹¹.
    """
    bits = np.float64(value).view(np.uint64)
    exponent = np.uint64((bits >> _U52) | _INTEGER).view(np.float64) - _OFFSET
    mantissa = np.uint64((bits & _MANTISSA) | _EXPONENT).view(np.float64)
    is_large = mantissa > _ROOT
    mantissa = mantissa * 0.5 if is_large else mantissa
    exponent = exponent + 1.0 if is_large else exponent
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = 1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11))))
    return -exponent * _LN2 - 2.0 * s * (1.0 + square * series)
