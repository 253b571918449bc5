"""Names for things by pseudo-random 64-bit numbers, so that kernels compare sets of them as numbers."""

from __future__ import annotations

import numpy as np

from weft.program.jit import jit


@jit
def label_of(number):
    """A pseudo-random 64-bit number for a natural one. Source: SplitMix64, Steele, Lea, Flood, OOPSLA 2014."""
    value = (np.uint64(number) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
