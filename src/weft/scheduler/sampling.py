"""Kernels that draw numbers of attempts: a counter is hashed to 64 random bits, and these become a geometric number.

Every draw has a counter of its own, so that what is drawn depends neither on the order of playing nor on the size of blocks.
Counters and keys are scattered by the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014) before they are added, so
that two streams which meet once part again. The logarithm is made of bit operations and a polynomial, which vectorise: 2 to
4 ns per draw.
"""

import math

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True, error_model="numpy")
"""Without the check for division by zero, which would keep loops from being vectorised."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_12, _27, _30, _31, _52 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(52)
_MANTISSA, _ONE = np.uint64(0x000FFFFFFFFFFFFF), np.uint64(0x3FF0000000000000)
_INTEGER, _OFFSET = np.uint64(0x4330000000000000), 2.0**52 + 1023.0
_ROOT, _LN2 = math.sqrt(2.0), math.log(2.0)


@jit
def mix(bits):
    """Scatters 64 bits (splitmix64's finaliser, a bijection)."""
    bits = (bits ^ (bits >> _30)) * _FIRST
    bits = (bits ^ (bits >> _27)) * _SECOND
    return bits ^ (bits >> _31)


@jit
def stream(key, counter):
    """The stream of random bits that belongs to a counter ≥ 0; add a shot's key to it and `mix`."""
    return mix(key + np.uint64(counter + 1) * _STEP)


@jit
def uniform(bits):
    """A number in (0, 1]: one of 2⁵² equal steps, in floating-point numbers that vectorise on any processor."""
    return 2.0 - np.uint64((bits >> _12) | _ONE).view(np.float64)


@jit
def minus_log(value):
    """−ln of a number in (0, 1], to 2·10⁻¹¹; never negative.

    With the mantissa m in [√½, √2) and s = (m − 1)/(m + 1), ln m = 2 artanh s; its series is cut after s¹¹.
    """
    bits = np.float64(value).view(np.uint64)
    exponent = np.uint64((bits >> _52) | _INTEGER).view(np.float64) - _OFFSET
    mantissa = np.uint64((bits & _MANTISSA) | _ONE).view(np.float64)
    is_large = mantissa > _ROOT
    mantissa = mantissa * 0.5 if is_large else mantissa
    exponent = exponent + 1.0 if is_large else exponent
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = 1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11))))
    found = -exponent * _LN2 - 2.0 * s * (1.0 + square * series)
    return max(0.0, found)


@jit
def attempts(bits, scale):
    """How many attempts it takes to succeed, as a float ≥ 1: geometric with 1 − p = exp(−1/scale); `scale` is 0 if p = 1."""
    return np.floor(minus_log(uniform(bits)) * scale) + 1.0


@jit
def fill_keys(key, first_shot, shot_keys):
    """Writes the keys of consecutive shots."""
    for shot in range(len(shot_keys)):
        shot_keys[shot] = stream(key, first_shot + shot)


@jit
def uniform_array(key, counters, shot_keys, drawn):
    """Writes the number in (0, 1] that belongs to each shot's counter ≥ 0."""
    for shot in range(len(drawn)):
        drawn[shot] = uniform(mix(stream(key, counters[shot]) + shot_keys[shot]))


def scale_of(success_probability: float) -> float:
    """The `scale` of `attempts`: −1/ln(1 − p), and 0 for p = 1."""
    return 0.0 if success_probability == 1 else -1 / math.log1p(-success_probability)
