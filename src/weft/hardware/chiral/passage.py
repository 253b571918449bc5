"""One photon's passage from one module into the other: the equations of a single excitation, in one direction."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.chiral.amplitude_kernel import follow_amplitudes


@dataclass(frozen=True, slots=True)
class Passage:
    """What a photon meets between the data qubits of a sender and those of a receiver.

    The two emitters of a module act as one in each direction, and so do its two data qubits. What leaves the receiver does not come
    back, so the travel time only sets the receiver's clock later: times are counted from when the photon reaches each module.
    Rates are in radians per second, so that an emitter of linewidth 1 MHz decays at 2π·10⁶.

    Attributes:
        sender_decay_per_s: γ₁, of the sender's emitters into the waveguide.
        receiver_decay_per_s: γ₂, of the receiver's.
        transmission: η, probability that the photon survives the way.
        detuning_per_s: Δ, of the receiver's emitters from the photon.
        emitter_loss_per_s: κ of the emitters, into anything but the waveguide.
        data_loss_per_s: κ of the data qubits.
    """

    sender_decay_per_s: float
    receiver_decay_per_s: float
    transmission: float = 1.0
    detuning_per_s: float = 0.0
    emitter_loss_per_s: float = 0.0
    data_loss_per_s: float = 0.0

    def __post_init__(self) -> None:
        for key in fields(self):
            if not math.isfinite(getattr(self, key.name)):
                raise InvalidValueError(f"`{key.name}` must be finite, but is {getattr(self, key.name)}")
        for name in ("sender_decay_per_s", "receiver_decay_per_s"):
            if getattr(self, name) <= 0:
                raise InvalidValueError(f"`{name}` must be positive, but is {getattr(self, name)}")
        for name in ("emitter_loss_per_s", "data_loss_per_s"):
            if getattr(self, name) < 0:
                raise InvalidValueError(f"`{name}` must be at least 0, but is {getattr(self, name)}")
        if not 0 <= self.transmission <= 1:
            raise InvalidValueError(f"`transmission` must lie in [0, 1], but is {self.transmission}")

    def amplitudes(
        self, sender: NDArray[np.float64], receiver: NDArray[np.float64], step_s: float
    ) -> NDArray[np.complex128]:
        """Amplitudes of one excitation that starts in the sender's data qubits.

        ḋ₁ = −i g₁ e₁ − (κ_d/2) d₁;  ė₁ = −i g₁ d₁ − (γ₁ + κ_e)/2 e₁;
        ė₂ = −i g₂ d₂ − ((γ₂ + κ_e)/2 + iΔ) e₂ − √(η γ₁ γ₂) e₁;  ḋ₂ = −i g₂ e₂ − (κ_d/2) d₂.

        Args:
            sender (float array, shape (steps + 1,)): g₁, coupling of its data qubits to its emitters, in radians per second, at
                equally spaced times, linear between them.
            receiver (float array, shape (steps + 1,)): g₂, the same for the receiver.
            step_s: between two of these times; well below 1/γ, because a Runge–Kutta step of fourth order is taken for each.

        Returns:
            complex array, shape (steps + 1, 4): d₁, e₁, e₂, d₂ at each time.

        Raises:
            InvalidValueError: if the two couplings are not given at the same two or more times, or the step is not positive.

        Source:
            The cascade of Gardiner, Phys. Rev. Lett. 70, 2269 (1993), and Carmichael, ibid. 2273, for one excitation; the transfer
            between two nodes by Cirac, Zoller, Kimble, Mabuchi, Phys. Rev. Lett. 78, 3221 (1997).
        """
        check_pulses(sender, receiver, step_s)
        return np.asarray(
            follow_amplitudes(
                np.ascontiguousarray(sender, dtype=np.float64),
                np.ascontiguousarray(receiver, dtype=np.float64),
                float(step_s),
                float(self.sender_decay_per_s),
                float(self.receiver_decay_per_s),
                float(self.transmission),
                float(self.detuning_per_s),
                float(self.emitter_loss_per_s),
                float(self.data_loss_per_s),
            )
        )

    def efficiency(self, sender: NDArray[np.float64], receiver: NDArray[np.float64], step_s: float) -> float:
        """Probability |d₂|² that the excitation ends in the receiver's data qubits; arguments as for `amplitudes`."""
        return float(abs(self.amplitudes(sender, receiver, step_s)[-1, 3]) ** 2)


def check_pulses(sender: NDArray[np.float64], receiver: NDArray[np.float64], step_s: float) -> None:
    """Raises InvalidValueError unless two pulses are given at the same two or more times."""
    if sender.shape != receiver.shape or sender.ndim != 1 or sender.size < 2:
        raise InvalidValueError(
            f"pulses must be given at the same two or more times, but have the shapes {sender.shape} and {receiver.shape}"
        )
    if not 0 < step_s < math.inf:
        raise InvalidValueError(f"`step_s` must be positive and finite, but is {step_s}")
