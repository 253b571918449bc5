"""What is measured of a form of CliNR, with confidence intervals of 95 %."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.protocols.clinr.depth import Convention

_DEVIATIONS = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number from samples.

    Attributes:
        value: the estimate.
        low: lower end of the confidence interval.
        high: upper end.
    """

    value: float
    low: float
    high: float


def proportion(successes: int, trials: int) -> Estimate:
    """The probability of what happened so often, with Wilson's interval; 0 to 1 without trials.

    Source:
        Wilson, J. Am. Stat. Assoc. 22, 209 (1927).
    """
    if trials == 0:
        return Estimate(math.nan, 0.0, 1.0)
    share, z2 = successes / trials, _DEVIATIONS**2 / trials
    middle = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(share * (1 - share) * z2 + z2**2 / 4) / (1 + z2)
    return Estimate(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def mean(values: NDArray[np.float64]) -> Estimate:
    """The mean of many samples, with the interval of a normal distribution."""
    value = float(np.mean(values))
    half = _DEVIATIONS * float(np.std(values)) / math.sqrt(len(values))
    return Estimate(value, value - half, value + half)


@dataclass(frozen=True, eq=False)
class Measures:
    """What one form achieves.

    Attributes:
        form: `direct`, `one QPU` or `distributed`.
        checks: r, stabilizers measured per block.
        logical_error: how likely the Pauli that is left on the output is not the identity, over inputs that are halves of Bell
            pairs.
        residual_weights (int64 array, shape (n + 1,)): in how many shots that Pauli acts on so many qubits.
        acceptance: of one attempt at each block.
        expected_gates: two-qubit gates on the average, restarts and injections included, over the circuit's size s.
        qubits_per_qpu: at most, with the halves of pairs in the buffers of two links.
        bell_pairs: taken from links, on the average.
        depth: in gate times, by convention; the mean over restarts.
    """

    form: str
    checks: int
    logical_error: Estimate
    residual_weights: NDArray[np.int64]
    acceptance: tuple[Estimate, ...]
    expected_gates: float
    qubits_per_qpu: int
    bell_pairs: float
    depth: Mapping[Convention, Estimate]


def beats(first: Measures, second: Measures, convention: Convention) -> bool:
    """Whether one form has at once a lower logical error and a lower depth than another, with intervals that do not meet."""
    shallower = first.depth[convention].high < second.depth[convention].low
    return shallower and first.logical_error.high < second.logical_error.low


def residual_weights(residuals: NDArray[np.uint64], num_qubits: int) -> NDArray[np.int64]:
    """How many residuals act on 0, 1, … n qubits.

    Args:
        residuals (uint64 array, shape (shots, words)): bits 2 j and 2 j + 1 say X and Z on qubit j.
        num_qubits: n.
    """
    wrong = residuals[np.any(residuals, axis=1)]
    bits = np.unpackbits(np.ascontiguousarray(wrong).view(np.uint8), axis=1, bitorder="little", count=2 * num_qubits)
    weights = bits.reshape(len(wrong), num_qubits, 2).any(axis=2).sum(axis=1)
    counts = np.bincount(weights, minlength=num_qubits + 1)
    counts[0] += len(residuals) - len(wrong)
    return counts.astype(np.int64)
