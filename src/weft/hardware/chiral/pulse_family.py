"""Pulses described by a few numbers in [−1, 1], as optimisers and learners turn them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weft.errors import InvalidValueError
from weft.hardware.chiral.passage import Passage


@dataclass(frozen=True, slots=True)
class Pulses:
    """One choice of controls.

    Attributes:
        sender: coupling g₁ at equally spaced times, in radians per second.
        receiver: coupling g₂ at the same times.
        step_s: between them.
        shift_per_s: by which the receiver's emitters are tuned, in radians per second.
    """

    sender: NDArray[np.float64]
    receiver: NDArray[np.float64]
    step_s: float
    shift_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PulseFamily:
    """Two couplings that go linearly from knot to knot, and one shift of the receiver's frequency.

    A choice is 2 × knots + 1 numbers in [−1, 1]: the sender's knots, the receiver's, and the shift. For a coupling, −1 is off and 1
    the strongest; the shift goes from −`shift_per_s` to `shift_per_s`. One knot means that couplings are constant.

    Attributes:
        window_s: duration of both pulses.
        coupling_per_s: the strongest coupling, in radians per second.
        shift_per_s: the largest shift, in radians per second.
        knots: of each pulse, equally spaced from the beginning to the end.
        steps: of integration.
    """

    window_s: float
    coupling_per_s: float
    shift_per_s: float
    knots: int = 6
    steps: int = 120

    def __post_init__(self) -> None:
        for name in ("window_s", "coupling_per_s"):
            if not 0 < getattr(self, name) < np.inf:
                raise InvalidValueError(f"`{name}` must be positive and finite, but is {getattr(self, name)}")
        if not 0 <= self.shift_per_s < np.inf:
            raise InvalidValueError(f"`shift_per_s` must be finite and ≥ 0, but is {self.shift_per_s}")
        for name in ("knots", "steps"):
            if getattr(self, name) < 1:
                raise InvalidValueError(f"`{name}` must be at least 1, but is {getattr(self, name)}")

    @property
    def size(self) -> int:
        """How many numbers choose a pulse."""
        return 2 * self.knots + 1

    def pulses(self, choice: ArrayLike) -> Pulses:
        """The pulses of a choice, numbers outside [−1, 1] being taken as the nearest inside.

        Raises:
            InvalidValueError: if there are more or fewer numbers than `size`, or one is not a number.
        """
        numbers = np.asarray(choice, dtype=np.float64)
        if numbers.shape != (self.size,) or np.any(np.isnan(numbers)):
            raise InvalidValueError(f"a choice must be {self.size} numbers, but is {numbers.tolist()}")
        numbers = np.clip(numbers, -1, 1)
        times, knots = np.linspace(0, 1, self.steps + 1), np.linspace(0, 1, self.knots)
        couplings = self.coupling_per_s * (numbers[:-1] + 1) / 2
        sender = np.interp(times, knots, couplings[: self.knots])
        receiver = np.interp(times, knots, couplings[self.knots :])
        return Pulses(sender, receiver, self.window_s / self.steps, float(self.shift_per_s * numbers[-1]))

    def efficiency(self, passage: Passage, choice: ArrayLike) -> float:
        """Probability that a choice moves the excitation from the sender's data qubits into the receiver's."""
        pulses = self.pulses(choice)
        return shifted(passage, pulses).efficiency(pulses.sender, pulses.receiver, pulses.step_s)


def shifted(passage: Passage, pulses: Pulses) -> Passage:
    """The passage once the receiver's emitters are tuned as the pulses say."""
    return replace(passage, detuning_per_s=passage.detuning_per_s + pulses.shift_per_s)
