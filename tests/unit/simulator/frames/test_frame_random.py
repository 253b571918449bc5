"""The random numbers of kernels."""

import math

import numpy as np

from unit.simulator.noisy_cases import bernstein
from weft.simulator.frames.random import begin_stream, exponential, fill_exponential, random_word, uniform


def stream_of(key, block):
    stream = np.zeros(4, dtype=np.uint64)
    begin_stream(stream, np.uint64(key), block)
    return stream


def rotated(word, by):
    return ((word << by) | (word >> (64 - by))) % 2**64


def test_streams_are_xoshiro256plusplus():
    """Blackman and Vigna (2021), with Python's integers."""
    stream = stream_of(7, 3)
    s = stream.tolist()
    for _ in range(100):
        expected = (rotated((s[0] + s[3]) % 2**64, 23) + s[0]) % 2**64
        shifted = (s[1] << 17) % 2**64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotated(s[3], 45)
        assert int(random_word(stream)) == expected


def test_every_key_and_block_has_a_stream_of_its_own():
    first = {int(random_word(stream_of(key, block))) for key in range(50) for block in range(50)}
    assert len(first) == 2500


def test_exponential_draws_are_logarithms_of_uniform_ones():
    for block in range(2000):
        drawn = uniform(stream_of(1, block))
        assert 0 < drawn < 1
        expected = -math.log(drawn)
        assert abs(exponential(stream_of(1, block)) - expected) < 1e-10 * max(expected, 1)


def test_exponential_draws_have_their_distribution():
    """Counts in 64 equally likely bins and in the far tail; false alarms: at most 1e-7."""
    draws = np.empty(2**18)
    fill_exponential(draws, np.uint64(5))
    assert np.all(draws > 0)
    found = np.bincount((64 * np.exp(-draws)).astype(np.int64), minlength=64)
    p = 1 / 64
    assert np.abs(found - len(draws) * p).max() < bernstein(len(draws) * p * (1 - p), 1e-7 / 65)
    p = math.exp(-9)
    assert abs(np.count_nonzero(draws > 9) - len(draws) * p) < bernstein(len(draws) * p, 1e-7 / 65)
