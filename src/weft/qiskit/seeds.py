"""Seeds of runs from the one seed that a primitive is given."""

from __future__ import annotations

import operator
import secrets
from dataclasses import dataclass

import numpy as np

from weft.errors import InvalidValueError

Seed = np.random.Generator | int | None


def check_seed(seed: Seed) -> None:
    """Refuses what is no seed.

    Raises:
        InvalidValueError: for anything but None, a `numpy.random.Generator` or a whole number that is not negative.
    """
    if seed is None or isinstance(seed, np.random.Generator):
        return
    try:
        whole = operator.index(seed)
    except TypeError:
        raise InvalidValueError(f"`seed` must be a whole number, a numpy Generator or None, but is {seed!r}") from None
    if whole < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {whole}")


@dataclass(frozen=True)
class Seeds:
    """The seeds of one job.

    Attributes:
        entropy: of them all.
    """

    entropy: int

    @classmethod
    def of(cls, seed: Seed) -> Seeds:
        """Of a job: a number gives the same seeds to every job, a generator and None give others each time."""
        if seed is None:
            return cls(secrets.randbits(63))
        if isinstance(seed, np.random.Generator):
            return cls(int(seed.integers(2**63 - 1)))
        return cls(operator.index(seed))

    def at(self, *place: int) -> int:
        """The seed of one run, by where it is in the job; different for each."""
        state = np.random.SeedSequence(self.entropy, spawn_key=place).generate_state(1, np.uint64)
        return int(state[0] >> np.uint64(1))
