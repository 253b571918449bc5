"""Two modules on one waveguide, as rates."""

from __future__ import annotations

from dataclasses import dataclass

from weft.errors import InvalidValueError
from weft.hardware.chiral.emitters import DIRECTIONS
from weft.hardware.chiral.passage import Passage


@dataclass(frozen=True, slots=True)
class TwoModules:
    """Two modules of two emitters and two data qubits each, the first on the left.

    Rates are in radians per second. The travel time is absorbed in the receiver's clock, which is exact as long as nothing comes
    back: for emitters a quarter wavelength apart.

    Attributes:
        left_decay_per_s: γ of the left module's emitters into the waveguide.
        right_decay_per_s: of the right module's.
        transmission: probability that a photon survives the way between the modules.
        detuning_per_s: of the right module's emitters from the left module's; a sender's photon has its emitters' frequency.
        emitter_loss_per_s: of every emitter, into anything but the waveguide.
        data_loss_per_s: 1/T1 of every data qubit.
        data_dephasing_per_s: 1/T2 − 1/(2 T1) of every data qubit.
        spacing_error: of the emitters' distance, as a fraction of a quarter wavelength.
        coupler_error: share of the waveguide's exchange that the coupler between the emitters leaves uncancelled.
    """

    left_decay_per_s: float
    right_decay_per_s: float
    transmission: float = 1.0
    detuning_per_s: float = 0.0
    emitter_loss_per_s: float = 0.0
    data_loss_per_s: float = 0.0
    data_dephasing_per_s: float = 0.0
    spacing_error: float = 0.0
    coupler_error: float = 0.0

    @property
    def fastest_per_s(self) -> float:
        """The highest rate at which anything happens without pulses; steps of integration must be shorter than its inverse."""
        return max(
            self.left_decay_per_s,
            self.right_decay_per_s,
            abs(self.detuning_per_s),
            self.emitter_loss_per_s,
            self.data_loss_per_s,
            2 * self.data_dephasing_per_s,
        )

    def passage(self, direction: str) -> Passage:
        """The equations of one excitation that travels `right` or `left`, spacing and coupler being exact and nothing dephasing.

        Raises:
            InvalidValueError: if the direction is another, or a value is outside what it may be.
        """
        check_direction(direction)
        decays = (self.left_decay_per_s, self.right_decay_per_s)
        sender, receiver = decays if direction == "right" else decays[::-1]
        return Passage(
            sender_decay_per_s=sender,
            receiver_decay_per_s=receiver,
            transmission=self.transmission,
            detuning_per_s=self.detuning_per_s if direction == "right" else -self.detuning_per_s,
            emitter_loss_per_s=self.emitter_loss_per_s,
            data_loss_per_s=self.data_loss_per_s,
        )


def check_direction(direction: str) -> None:
    """Raises InvalidValueError unless a direction is `right` or `left`."""
    if direction not in DIRECTIONS:
        raise InvalidValueError(f"`direction` must be right or left, but is `{direction}`")
