"""Two memories joined by fibre: photons, perhaps converted to telecom wavelength, meet midway or at one end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from weft.hardware.component_checks import (
    require_choice,
    require_fidelity,
    require_not_negative,
    require_positive,
    require_shares,
)
from weft.hardware.physics.fibre import TELECOM_LOSS_DB_PER_KM, transmission, travel_time_s
from weft.hardware.physics.heralding import double_click_pair
from weft.hardware.physics.memories import depolarised
from weft.network import BellPair

_MUCH_NOISE = 0.03


@dataclass(frozen=True)
class FibreLink:
    """Heralded by two clicks; both memories alike.

    Attributes:
        length_m: of fibre between the memories.
        loss_db_per_km: of the fibre.
        station: where photons meet, `midway` or `end`, which is at B.
        source_efficiency: probability that a memory's photon gets into its converter, emission included.
        conversion_efficiency: of a photon into one at the fibre's wavelength, all optics included; 1 without conversion.
        conversion_noise: mean number of photons that a converter adds to one mode's window, at its output.
        detector_efficiency: with everything behind the fibre.
        dark_count_hz: of one detector.
        window_s: in which a click counts, for one mode; long enough for the whole photon.
        visibility: of two-photon interference.
        memory_fidelity: of a memory with its photon, as emitted.
        preparation_s: what an attempt takes beside the light's travel.
    """

    kind: ClassVar[str] = "fibre"
    caveats: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[Mapping[str, str]] = {
        "loss_db_per_km": "remembered: .2 dB/km, typical of standard fibre at 1550 nm as vendors quote it",
        "source_efficiency": "assumed: order of magnitude of a memory with a lens or cavity",
        "conversion_efficiency": "assumed: order of magnitude of difference-frequency converters with their optics",
        "conversion_noise": "assumed: well below the photons converted",
        "detector_efficiency": "assumed: superconducting nanowires reach .9 and more",
        "dark_count_hz": "assumed: superconducting nanowires, filtered",
        "window_s": "assumed: a few lifetimes of an emitter of some ten nanoseconds",
        "visibility": "assumed",
        "memory_fidelity": "assumed",
        "preparation_s": "assumed: initialisation and excitation",
    }

    length_m: float
    loss_db_per_km: float = TELECOM_LOSS_DB_PER_KM
    station: str = "midway"
    source_efficiency: float = 0.3
    conversion_efficiency: float = 0.5
    conversion_noise: float = 1e-5
    detector_efficiency: float = 0.9
    dark_count_hz: float = 10.0
    window_s: float = 1e-7
    visibility: float = 0.95
    memory_fidelity: float = 0.98
    preparation_s: float = 1e-5

    def __post_init__(self) -> None:
        require_not_negative(self, "length_m", "loss_db_per_km", "conversion_noise", "dark_count_hz")
        require_shares(self, "source_efficiency", "conversion_efficiency", "detector_efficiency", "visibility")
        require_fidelity(self, "memory_fidelity")
        require_positive(self, "preparation_s", "window_s")
        require_choice(self, "station", ("midway", "end"))

    @property
    def attempt_s(self) -> float:
        """Preparation, the longer way of a photon, and the herald's way back: the whole length midway, twice that at an end."""
        return self.preparation_s + travel_time_s(self.length_m) * (1 if self.station == "midway" else 2)

    @property
    def success_probability(self) -> float:
        """Of one attempt."""
        return self._herald[0]

    @property
    def pair(self) -> BellPair:
        """The state that a success delivers, neither memory having decayed meanwhile."""
        return depolarised(self._herald[1], self.memory_fidelity, self.memory_fidelity)

    @property
    def classical_latency_s(self) -> float:
        """Through the same length of fibre."""
        return travel_time_s(self.length_m)

    @cached_property
    def _herald(self) -> tuple[float, BellPair]:
        lengths = (self.length_m / 2,) * 2 if self.station == "midway" else (self.length_m, 0.0)
        arms = [transmission(length, self.loss_db_per_km) * self.detector_efficiency for length in lengths]
        emitted = self.source_efficiency * self.conversion_efficiency
        noise = sum(self.conversion_noise * arm for arm in arms) / 2 + self.dark_count_hz * self.window_s
        return double_click_pair(emitted * arms[0], emitted * arms[1], -math.expm1(-noise), self.visibility)

    def doubts(self) -> tuple[str, ...]:
        """What the model leaves out where it matters."""
        found = []
        if self.conversion_noise > _MUCH_NOISE:
            found.append(
                f"more than {_MUCH_NOISE} noise photons per window: that noise clicks add up independently is no longer true"
            )
        if self.station == "end" and self.length_m > 0:
            found.append("at an end station, losses differ between the arms; the visibility is taken to be the same")
        return tuple(found)
