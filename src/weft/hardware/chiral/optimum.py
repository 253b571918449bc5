"""The best pulses of a family, found by following the gradient of the model: what a learner is measured against."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weft.hardware.chiral.passage import Passage
from weft.hardware.chiral.photon_shapes import catching_pulse, emitting_pulse
from weft.hardware.chiral.pulse_family import PulseFamily

_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Optimum:
    """What was found.

    Attributes:
        choice: of the family, numbers in [−1, 1].
        efficiency: of the transfer with it.
    """

    choice: NDArray[np.float64]
    efficiency: float


def find_optimum(passage: Passage, family: PulseFamily, *, starts: int = 8, seed: int = 0) -> Optimum:
    """The best choice of a family, by L-BFGS-B with finite differences from several beginnings.

    The first is the secant photon of `secant_choice`, the others are random. The optimum is local, and the best of several; more
    `starts` can only improve it.

    Args:
        passage: the model, which a learner does not see.
        family: of pulses.
        starts: beginnings.
        seed: of the random ones.
    """
    from scipy.optimize import minimize

    random = np.random.default_rng(seed)
    best = Optimum(np.zeros(family.size), 0.0)
    for start in range(starts):
        found = minimize(
            lambda choice: -family.efficiency(passage, choice),
            random.uniform(-1, 1, family.size) if start else secant_choice(passage, family),
            method="L-BFGS-B",
            bounds=[(-1, 1)] * family.size,
            options={"ftol": _TOLERANCE, "maxiter": 2000, "maxfun": 200_000},
        )
        if -found.fun > best.efficiency:
            best = Optimum(np.asarray(found.x), float(-found.fun))
    return best


def secant_choice(passage: Passage, family: PulseFamily) -> NDArray[np.float64]:
    """The choice closest to the closed form for a lossless, tuned link: the photon is a secant in the middle of the window."""
    times_s = family.window_s * (np.linspace(0, 1, family.knots) - 0.5)
    band = min(passage.sender_decay_per_s, passage.receiver_decay_per_s)
    sender = emitting_pulse(times_s, band, passage.sender_decay_per_s)
    receiver = catching_pulse(times_s, band, passage.receiver_decay_per_s)
    shift = -passage.detuning_per_s / family.shift_per_s if family.shift_per_s > 0 else 0.0
    couplings = 2 * np.concatenate((sender, receiver)) / family.coupling_per_s - 1
    return np.clip(np.append(couplings, shift), -1, 1)


def find_constant(passage: Passage, family: PulseFamily) -> Optimum:
    """The best constant couplings, on from the beginning of the family's window to its end; the choice is of one knot."""
    return find_optimum(passage, replace(family, knots=1))


def find_square(passage: Passage, family: PulseFamily, *, windows: int = 40) -> tuple[Optimum, float]:
    """The best constant couplings that may also be switched off before the family's window ends.

    Returns:
        The choice, of one knot, and how long the couplings are on, in seconds.
    """
    lengths = family.window_s * np.arange(1, windows + 1) / windows
    found = [find_optimum(passage, replace(family, knots=1, window_s=length), starts=4) for length in lengths]
    best = int(np.argmax([optimum.efficiency for optimum in found]))
    return found[best], float(lengths[best])
