"""Means with their standard errors, and what a way of running a circuit achieves, in terms of two of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-9


class Mean(NamedTuple):
    """A mean and its standard error.

    Attributes:
        value: estimated.
        stderr: its standard error; 0 if nothing is random.
    """

    value: float
    stderr: float

    @property
    def sign(self) -> int:
        """−1 or 1 if that is certain at three standard errors and more than rounding, 0 if not."""
        return 0 if abs(self.value) <= 3 * self.stderr + _ROUNDING else int(math.copysign(1, self.value))


class Point(NamedTuple):
    """What a way to run a circuit achieves on some hardware.

    Attributes:
        fidelity: the probability that nothing goes wrong in a shot, but for the final readings, which count only where the circuit
            has no one state before them: a lower bound on the fidelity of whole circuits if all noise is a mixture of Paulis. Of
            sums over terms it is an average by their shares of the process, in which a wrong sign counts twice.
        no_error: the same, final readings included.
        shot_s: how long a shot lasts.
        overhead: γ; γ² times as many shots are needed as on one machine.
    """

    fidelity: Mean
    no_error: Mean
    shot_s: Mean
    overhead: float = 1.0

    @property
    def sampling_overhead(self) -> float:
        """γ²; infinite where no number can say it."""
        return self.overhead * self.overhead

    def error(self, shots: float) -> Mean:
        """The error of an estimate, as `error_of` has it.

        Args:
            shots: of the circuit, so that there are as many of each piece.
        """
        return error_of(self.no_error, self.sampling_overhead / shots)

    def times(self, share: float) -> Point:
        """With so much left of the probabilities."""
        fidelity, no_error = (Mean(one.value * share, one.stderr * share) for one in (self.fidelity, self.no_error))
        return self._replace(fidelity=fidelity, no_error=no_error)


def error_of(no_error: Mean, variance: float) -> Mean:
    """The root of squared bias and variance of an estimate; see `docs/deciding.md`.

    Args:
        no_error: the probability that nothing goes wrong in a shot, final readings included and wrong signs counted twice.
        variance: of the estimate, above 0.
    """
    bias = 1 - no_error.value
    error = math.sqrt(bias**2 + variance)
    return Mean(error, bias / error * no_error.stderr)


def mean_of(samples: NDArray[np.float64]) -> Mean:
    """The mean of independent samples, shape (n,)."""
    spread = float(np.std(samples, ddof=1)) if len(samples) > 1 else 0.0
    return Mean(float(np.mean(samples)), spread / math.sqrt(len(samples)))
