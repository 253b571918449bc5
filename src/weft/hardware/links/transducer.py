"""Superconducting modules joined by fibre: microwave photons are transduced to light, which heralds pairs midway."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from weft.hardware.component_checks import require_fidelity, require_not_negative, require_positive, require_shares
from weft.hardware.physics.fibre import TELECOM_LOSS_DB_PER_KM, transmission, travel_time_s
from weft.hardware.physics.heralding import double_click_pair
from weft.hardware.physics.memories import depolarised
from weft.network import BellPair

_MUCH_NOISE = 0.1
_SAHU = "Sahu et al., Nature Communications 13, 1276 (2022), abstract"


@dataclass(frozen=True)
class TransducerLink:
    """Heralded by two clicks midway; both modules alike.

    Attributes:
        length_m: of fibre between the modules.
        loss_db_per_km: of the fibre.
        microwave_efficiency: probability that a module's microwave photon reaches its transducer.
        transducer_efficiency: total, from microwaves at its input to light in a fibre at its output.
        added_noise: mean number of noise photons per mode, *referred to the microwave input*: what a perfect transducer of the same
            efficiency would have to be given to show as much noise. At the optical output there are `transducer_efficiency` times
            as many.
        filter_transmission: of what keeps the pump's light from the detectors.
        detector_efficiency: of one detector.
        dark_count_hz: of one detector.
        window_s: in which a click counts, for one mode; long enough for the whole photon.
        visibility: of two-photon interference.
        module_fidelity: of a qubit with its microwave photon, as emitted.
        preparation_s: what an attempt takes beside the light's travel; pumps are pulsed to keep transducers cold.
    """

    kind: ClassVar[str] = "transducers"
    caveats: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[Mapping[str, str]] = {
        "loss_db_per_km": "remembered: .2 dB/km, typical of standard fibre at 1550 nm as vendors quote it",
        "microwave_efficiency": "assumed",
        "transducer_efficiency": f"published: 8.7 % in total with .16 noise photons, or up to 15 % with .41, {_SAHU}",
        "added_noise": f"published: .16(+.02 −.01) input noise photons at an efficiency of 8.7 %, {_SAHU}",
        "filter_transmission": "assumed",
        "detector_efficiency": "assumed: superconducting nanowires reach .9 and more",
        "dark_count_hz": "assumed: superconducting nanowires, filtered",
        "window_s": "assumed: of the order of the pulses of pulsed electro-optic transducers",
        "visibility": "assumed",
        "module_fidelity": "assumed",
        "preparation_s": "assumed: a pulsed pump",
    }

    length_m: float = 10.0
    loss_db_per_km: float = TELECOM_LOSS_DB_PER_KM
    microwave_efficiency: float = 0.9
    transducer_efficiency: float = 0.087
    added_noise: float = 0.16
    filter_transmission: float = 0.5
    detector_efficiency: float = 0.9
    dark_count_hz: float = 10.0
    window_s: float = 3e-7
    visibility: float = 0.95
    module_fidelity: float = 0.98
    preparation_s: float = 1e-3

    def __post_init__(self) -> None:
        require_not_negative(self, "length_m", "loss_db_per_km", "added_noise", "dark_count_hz")
        require_shares(
            self, "microwave_efficiency", "transducer_efficiency", "filter_transmission", "detector_efficiency"
        )
        require_shares(self, "visibility")
        require_fidelity(self, "module_fidelity")
        require_positive(self, "preparation_s", "window_s")

    @property
    def noise_photons(self) -> float:
        """Mean number per mode at a transducer's optical output."""
        return self.transducer_efficiency * self.added_noise

    @property
    def attempt_s(self) -> float:
        """Preparation, a photon's way to the middle, and the herald's way back."""
        return self.preparation_s + travel_time_s(self.length_m)

    @property
    def success_probability(self) -> float:
        """Of one attempt, false heralds included."""
        return self._herald[0]

    @property
    def pair(self) -> BellPair:
        """The state that a herald announces, whatever made it click."""
        return depolarised(self._herald[1], self.module_fidelity, self.module_fidelity)

    @property
    def classical_latency_s(self) -> float:
        """Through the same length of fibre."""
        return travel_time_s(self.length_m)

    @cached_property
    def _herald(self) -> tuple[float, BellPair]:
        """Thermal light of m photons per mode leaves a detector of efficiency η silent with probability 1/(1 + ηm).

        Half of each transducer's noise goes to each of a mode's two detectors.
        """
        path = (
            transmission(self.length_m / 2, self.loss_db_per_km) * self.filter_transmission * self.detector_efficiency
        )
        arm = self.microwave_efficiency * self.transducer_efficiency * path
        silent = math.exp(-self.dark_count_hz * self.window_s) / (1 + path * self.noise_photons / 2) ** 2
        return double_click_pair(arm, arm, 1 - silent, self.visibility)

    def doubts(self) -> tuple[str, ...]:
        """Where noise is so strong that counting it apart from the signal is wrong."""
        if self.noise_photons <= _MUCH_NOISE:
            return ()
        return (
            f"{self.noise_photons:.2g} noise photons per mode at the output: above {_MUCH_NOISE}, multiples matter",
        )
