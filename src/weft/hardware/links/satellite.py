"""A satellite with a source of photon pairs that passes between two ground stations and sends one photon to each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from weft.errors import InvalidValueError
from weft.hardware.component_checks import (
    require_choice,
    require_fidelity,
    require_not_negative,
    require_positive,
    require_shares,
)
from weft.hardware.physics.beam import airmass, beam_radius_m, collected_share
from weft.hardware.physics.fibre import travel_time_s
from weft.hardware.physics.memories import depolarised
from weft.hardware.physics.satellite_pass import SatellitePass
from weft.network import BellPair

DAY_S = 86_400.0
_MICIUS = "Yin et al., Science 356, 1140 (2017)"
_TIMES_IN_PASS = 64


@dataclass(frozen=True)
class SatelliteLink:
    """The satellite crosses the line between the stations in its middle, at a right angle, so that both see it alike.

    An attempt is a window of time: a pair is delivered if both stations see a photon in it. `average` says what over: `pass`, a
    time at which the satellite is used, or `day`, any time of the day, clear or not.

    Attributes:
        length_m: between the stations, along the ground.
        altitude_m: of the orbit.
        lowest_elevation_deg: below which the satellite is not used.
        wavelength_m: of the photons.
        waist_m: radius (1/e² of intensity) of the beams at the satellite.
        aperture_m: diameter of the stations' telescopes.
        pointing_jitter_rad: standard deviation of the beams' direction, in each of two.
        zenith_transmission: of the air, straight up.
        receiver_efficiency: of everything else on one photon's way: optics on board and on the ground, and detector or memory.
        pair_rate_hz: of the source.
        background_hz: counts of a station that are no photon of the source.
        window_s: in which the two stations' photons must fall.
        source_fidelity: of emitted pairs.
        passes_per_day: that are used.
        clear_share: probability that the sky over both stations is clear.
        average: `pass` or `day`.
    """

    kind: ClassVar[str] = "satellite"
    caveats: ClassVar[tuple[str, ...]] = (
        "success is a mean over a pass or a day, but pairs come in passes, and most of them while the satellite is high",
        "turbulence and the turning of the Earth are left out",
    )
    sources: ClassVar[Mapping[str, str]] = {
        "length_m": f"published: 1203 km between Delingha and Lijiang, {_MICIUS}",
        "altitude_m": f"remembered: about 500 km, {_MICIUS}",
        "lowest_elevation_deg": "assumed",
        "wavelength_m": f"remembered: 810 nm, {_MICIUS}",
        "waist_m": f"derived: from a full far-field divergence of 10 µrad, 2λ/(πw₀), which is remembered, {_MICIUS}",
        "aperture_m": f"remembered: 1.2 m at Delingha; Lijiang has 1.8 m, {_MICIUS}",
        "pointing_jitter_rad": f"remembered: tracking of about .5 µrad, {_MICIUS}",
        "zenith_transmission": "assumed: clear air in the near infrared",
        "receiver_efficiency": "assumed",
        "pair_rate_hz": f"remembered: 5.9 million pairs per second, {_MICIUS}",
        "background_hz": "assumed: at night, with dark counts",
        "window_s": f"remembered: 2.5 ns, {_MICIUS}",
        "source_fidelity": f"remembered: about .91 on board, {_MICIUS}",
        "passes_per_day": "assumed: one, at night",
        "clear_share": "assumed",
    }

    length_m: float = 1.203e6
    altitude_m: float = 5e5
    lowest_elevation_deg: float = 10.0
    wavelength_m: float = 810e-9
    waist_m: float = 0.052
    aperture_m: float = 1.2
    pointing_jitter_rad: float = 0.5e-6
    zenith_transmission: float = 0.8
    receiver_efficiency: float = 0.03
    pair_rate_hz: float = 5.9e6
    background_hz: float = 1000.0
    window_s: float = 2.5e-9
    source_fidelity: float = 0.91
    passes_per_day: float = 1.0
    clear_share: float = 0.3
    average: str = "pass"

    def __post_init__(self) -> None:
        if not 0 <= self.lowest_elevation_deg < 90:
            raise InvalidValueError(f"`lowest_elevation_deg` must lie in [0, 90), but is {self.lowest_elevation_deg}")
        require_positive(self, "altitude_m", "wavelength_m", "waist_m", "aperture_m", "window_s", "pair_rate_hz")
        require_not_negative(self, "length_m", "pointing_jitter_rad", "background_hz", "passes_per_day")
        require_shares(self, "zenith_transmission", "receiver_efficiency", "clear_share")
        require_fidelity(self, "source_fidelity")
        require_choice(self, "average", ("pass", "day"))
        self.orbit  # noqa: B018 (refuses what cannot be seen)

    @cached_property
    def orbit(self) -> SatellitePass:
        """As either station sees it."""
        return SatellitePass(self.altitude_m, self.length_m / 2, math.radians(self.lowest_elevation_deg))

    def downlink_transmission(self, time_s: float) -> float:
        """Mean probability that a photon gets from the satellite into one telescope, so long after the highest point."""
        distance = self.orbit.range_m(time_s)
        radius = beam_radius_m(self.waist_m, self.wavelength_m, distance)
        air = self.zenith_transmission ** airmass(self.orbit.elevation_rad(time_s))
        return air * collected_share(radius, self.aperture_m, self.pointing_jitter_rad * distance)

    @property
    def attempt_s(self) -> float:
        """A window; there is nothing to wait for."""
        return self.window_s

    @property
    def success_probability(self) -> float:
        """Mean over a pass, or over a day."""
        true, accidental = self._coincidences
        return (true + accidental) * (1.0 if self.average == "pass" else self.availability)

    @property
    def availability(self) -> float:
        """Share of the day in which the satellite is used and the sky is clear."""
        return min(1.0, self.passes_per_day * self.orbit.duration_s / DAY_S) * self.clear_share

    @property
    def pairs_per_day(self) -> float:
        """On average, accidental ones included."""
        return sum(self._coincidences) / self.window_s * self.availability * DAY_S

    @property
    def pair(self) -> BellPair:
        """Mean state over a pass; two photons that have nothing to do with each other are maximally mixed."""
        true, accidental = self._coincidences
        kept = true / (true + accidental) if true + accidental > 0 else 1.0
        return depolarised(BellPair.werner(1.0), self.source_fidelity, (1 + 3 * kept) / 4)

    @property
    def classical_latency_s(self) -> float:
        """Through fibre on the ground."""
        return travel_time_s(self.length_m)

    @cached_property
    def _coincidences(self) -> tuple[float, float]:
        """Per window, mean over a pass: of the two photons of a pair, and of others.

        With μ pairs per window, of which a station sees a share η, and b background counts: μη², and (μη + b)² by chance.
        """
        nodes, weights = np.polynomial.legendre.leggauss(_TIMES_IN_PASS)
        half_s = self.orbit.duration_s / 2
        seen = np.array([self.receiver_efficiency * self.downlink_transmission(half_s * (1 + x) / 2) for x in nodes])
        pairs, background = self.pair_rate_hz * self.window_s, self.background_hz * self.window_s
        true, accidental = pairs * seen**2, (pairs * seen + background) ** 2
        return float(weights @ true) / 2, float(weights @ accidental) / 2

    def doubts(self) -> tuple[str, ...]:
        """Where windows with several pairs are not rare."""
        if self.pair_rate_hz * self.window_s <= 0.1:
            return ()
        return ("more than 0.1 pairs per window: coincidences are counted as if windows with several were rare",)
