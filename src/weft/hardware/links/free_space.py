"""Two memories joined by a beam between telescopes near the ground; photons meet at B."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from weft.hardware.component_checks import require_fidelity, require_not_negative, require_positive, require_shares
from weft.hardware.physics.beam import beam_radius_m, collected_share
from weft.hardware.physics.fibre import SPEED_OF_LIGHT_M_PER_S, transmission
from weft.hardware.physics.heralding import double_click_pair
from weft.hardware.physics.memories import depolarised
from weft.network import BellPair


@dataclass(frozen=True)
class FreeSpaceLink:
    """Heralded by two clicks at B, whose own photon does not travel; both memories alike.

    Attributes:
        length_m: between the telescopes.
        wavelength_m: of the photons.
        waist_m: radius (1/e² of intensity) of the beam at A's telescope.
        aperture_m: diameter of B's telescope.
        pointing_jitter_rad: standard deviation of the beam's direction, in each of two.
        air_loss_db_per_km: by absorption and scattering.
        source_efficiency: probability that a memory's photon is emitted and gets to its telescope, or at B to the detectors'
            optics.
        detector_efficiency: with everything behind B's telescope.
        background_hz: stray light and dark counts of one detector.
        window_s: in which a click counts, for one mode.
        visibility: of two-photon interference.
        memory_fidelity: of a memory with its photon, as emitted.
        preparation_s: what an attempt takes beside the light's travel.
        clear_share: share of time in which the air is clear; `success_probability` is an average over all time.
    """

    kind: ClassVar[str] = "free-space"
    caveats: ClassVar[tuple[str, ...]] = ("turbulence is left out: neither does it widen the beam nor does light fade",)
    sources: ClassVar[Mapping[str, str]] = {
        "wavelength_m": "assumed: a window of the atmosphere for which silicon detectors are good",
        "waist_m": "assumed",
        "aperture_m": "assumed",
        "pointing_jitter_rad": "assumed: of the order of good tracking",
        "air_loss_db_per_km": "assumed: clear air",
        "source_efficiency": "assumed: order of magnitude of a memory with a lens or cavity",
        "detector_efficiency": "assumed",
        "background_hz": "assumed: at night, filtered",
        "window_s": "assumed: a few lifetimes of an emitter of some ten nanoseconds",
        "visibility": "assumed: turbulence makes single-mode interference hard",
        "memory_fidelity": "assumed",
        "preparation_s": "assumed: initialisation and excitation",
        "clear_share": "assumed",
    }

    length_m: float
    wavelength_m: float = 780e-9
    waist_m: float = 0.05
    aperture_m: float = 0.3
    pointing_jitter_rad: float = 2e-6
    air_loss_db_per_km: float = 0.2
    source_efficiency: float = 0.3
    detector_efficiency: float = 0.5
    background_hz: float = 500.0
    window_s: float = 1e-7
    visibility: float = 0.9
    memory_fidelity: float = 0.98
    preparation_s: float = 1e-5
    clear_share: float = 1.0

    def __post_init__(self) -> None:
        require_not_negative(self, "length_m", "pointing_jitter_rad", "air_loss_db_per_km", "background_hz", "window_s")
        require_positive(self, "wavelength_m", "waist_m", "aperture_m", "preparation_s")
        require_shares(self, "source_efficiency", "detector_efficiency", "visibility", "clear_share")
        require_fidelity(self, "memory_fidelity")

    @property
    def channel_transmission(self) -> float:
        """Mean probability that a photon gets from A's telescope into B's: diffraction, pointing and air."""
        radius = beam_radius_m(self.waist_m, self.wavelength_m, self.length_m)
        beam = collected_share(radius, self.aperture_m, self.pointing_jitter_rad * self.length_m)
        return beam * transmission(self.length_m, self.air_loss_db_per_km)

    @property
    def attempt_s(self) -> float:
        """Preparation, the photon's way to B, and the herald's way back."""
        return self.preparation_s + 2 * self.classical_latency_s

    @property
    def success_probability(self) -> float:
        """Of one attempt, at any time, clear or not."""
        return self.clear_share * self._herald[0]

    @property
    def pair(self) -> BellPair:
        """The state that a success delivers."""
        return depolarised(self._herald[1], self.memory_fidelity, self.memory_fidelity)

    @property
    def classical_latency_s(self) -> float:
        """Of light in air."""
        return self.length_m / SPEED_OF_LIGHT_M_PER_S

    @cached_property
    def _herald(self) -> tuple[float, BellPair]:
        near = self.source_efficiency * self.detector_efficiency
        noise = -math.expm1(-self.background_hz * self.window_s)
        return double_click_pair(near * self.channel_transmission, near, noise, self.visibility)

    def doubts(self) -> tuple[str, ...]:
        """Where success is an average over good and bad air."""
        if self.clear_share == 1:
            return ()
        return ("success is averaged over clear and bad air, though pairs come in clear air only, faster",)
