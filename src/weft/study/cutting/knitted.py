"""What a cut circuit gave: expectation values or a whole distribution, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Register
from weft.protocols.cutting.distribution import nearest_probabilities
from weft.study.cutting.plan_cuts import Cutting


class Expected(NamedTuple):
    """An expectation value.

    Attributes:
        label: of the observable.
        value: estimated.
        stderr: its standard error; 0 if it is exact.
    """

    label: str
    value: float
    stderr: float


@dataclass(frozen=True, eq=False)
class QuasiDistribution:
    """Outcomes of the circuit's bits; what is not listed has quasi-probability 0.

    Attributes:
        bits (uint8 array, shape (outcomes, num_clbits)): different outcomes; bits that are not printed are 0.
        values (float64 array, shape (outcomes,)): estimates, of which some may be negative; they are unbiased.
        stderrs (float64 array, shape (outcomes,)): standard errors.
        registers: how outcomes are printed.
    """

    bits: NDArray[np.uint8]
    values: NDArray[np.float64]
    stderrs: NDArray[np.float64]
    registers: tuple[Register, ...]

    def nearest_probabilities(self) -> NDArray[np.float64]:
        """The proper distribution that is nearest: biased, none negative, their sum 1; shape (outcomes,)."""
        return nearest_probabilities(self.values)

    def keys(self) -> list[str]:
        """Outcomes as Qiskit prints them: bit 0 rightmost, registers apart by a space."""
        parts = [_text(self.bits[:, list(register.bits)[::-1]]) for register in reversed(self.registers)]
        return [" ".join(words) for words in zip(*parts, strict=True)]


def _text(bits: NDArray[np.uint8]) -> list[str]:
    width = bits.shape[1]
    letters = (bits + ord("0")).tobytes().decode()
    return (
        [letters[start : start + width] for start in range(0, len(bits) * width, width)] if width else [""] * len(bits)
    )


@dataclass(frozen=True, eq=False)
class Knitted:
    """What `weft.cut` returns.

    Attributes:
        cutting: where the circuit was cut, and at what overhead.
        expectations: of the observables, in their order; empty if none were asked for.
        distribution: of the circuit's bits; None if observables were asked for.
        shots: runs of pieces, all together; 0 if the answer is exact.
        seed: of the random numbers.
        circuits: how many different ones ran.
        ways: how many ways to fill slots they stand for.
        seconds: that the machine which was simulated took, islands running side by side and each its circuits one after the other.
        ebits: that islands of several QPUs used within themselves.
        notes: what readers must know: where errors are so large that the answer says nothing.
    """

    cutting: Cutting
    expectations: tuple[Expected, ...]
    distribution: QuasiDistribution | None
    shots: int
    seed: int
    circuits: int
    ways: int
    seconds: float
    ebits: int
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether nothing was sampled."""
        return self.shots == 0

    @property
    def worst_error(self) -> float:
        """The largest standard error of an observable, or of an outcome."""
        if self.distribution is not None:
            return float(self.distribution.stderrs.max(initial=0.0))
        return max((one.stderr for one in self.expectations), default=0.0)
