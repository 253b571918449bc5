"""Geometry of a satellite on a circular orbit that passes over a place on a round Earth which does not turn meanwhile."""

from __future__ import annotations

import math
from dataclasses import dataclass

from weft.errors import InvalidValueError

EARTH_RADIUS_M = 6.371e6
"""Mean radius."""

EARTH_GM_M3_PER_S2 = 3.986004418e14
"""Gravitational constant times the Earth's mass (WGS 84)."""


@dataclass(frozen=True)
class SatellitePass:
    """One pass.

    Attributes:
        altitude_m: of the orbit.
        offset_m: least distance on the ground between the place and the point under the satellite.
        lowest_elevation_rad: below which the satellite is not used.

    Raises:
        InvalidValueError: if the satellite never rises that high.
    """

    altitude_m: float
    offset_m: float
    lowest_elevation_rad: float

    def __post_init__(self) -> None:
        if not self.altitude_m > 0:
            raise InvalidValueError(f"`altitude_m` must be positive, but is {self.altitude_m}")
        if not 0 <= self.lowest_elevation_rad < math.pi / 2:
            raise InvalidValueError(f"`lowest_elevation_rad` must lie in [0, π/2), but is {self.lowest_elevation_rad}")
        if self.offset_m < 0 or self.offset_m / EARTH_RADIUS_M >= self._widest_angle:
            highest = math.degrees(self._elevation(self.offset_m / EARTH_RADIUS_M))
            raise InvalidValueError(
                f"a satellite must rise above {math.degrees(self.lowest_elevation_rad):.3g}° to be used, but at "
                f"{self.altitude_m / 1e3:g} km, {self.offset_m / 1e3:g} km aside, it rises to {highest:.3g}°"
            )

    @property
    def angular_velocity_rad_per_s(self) -> float:
        """Of the orbit: √(GM/r³)."""
        return math.sqrt(EARTH_GM_M3_PER_S2 / (EARTH_RADIUS_M + self.altitude_m) ** 3)

    @property
    def duration_s(self) -> float:
        """How long the satellite is above the lowest elevation: cos ψ = cos ψ₀ cos ωt, with ψ the angle at the Earth's centre."""
        least = self.offset_m / EARTH_RADIUS_M
        return 2 * math.acos(math.cos(self._widest_angle) / math.cos(least)) / self.angular_velocity_rad_per_s

    def elevation_rad(self, time_s: float) -> float:
        """Above the horizon, so long after the highest point."""
        return self._elevation(self._angle(time_s))

    def range_m(self, time_s: float) -> float:
        """Distance of the satellite, so long after the highest point, by the law of cosines."""
        return self._range(self._angle(time_s))

    @property
    def _widest_angle(self) -> float:
        """At the Earth's centre, at the lowest elevation, by the law of sines."""
        lowest = self.lowest_elevation_rad
        return math.acos(EARTH_RADIUS_M * math.cos(lowest) / (EARTH_RADIUS_M + self.altitude_m)) - lowest

    def _angle(self, time_s: float) -> float:
        cosine = math.cos(self.offset_m / EARTH_RADIUS_M) * math.cos(self.angular_velocity_rad_per_s * time_s)
        return math.acos(min(1.0, cosine))

    def _range(self, angle: float) -> float:
        orbit = EARTH_RADIUS_M + self.altitude_m
        # The law of cosines without its cancellation.
        return math.sqrt(self.altitude_m**2 + 4 * EARTH_RADIUS_M * orbit * math.sin(angle / 2) ** 2)

    def _elevation(self, angle: float) -> float:
        orbit = EARTH_RADIUS_M + self.altitude_m
        return math.atan2(orbit * math.cos(angle) - EARTH_RADIUS_M, orbit * math.sin(angle))
