"""A Gaussian beam from telescope to telescope, and the air in its way."""

from __future__ import annotations

import math


def beam_radius_m(waist_m: float, wavelength_m: float, distance_m: float) -> float:
    """Radius at which a Gaussian beam's intensity has fallen to 1/e²: w(z) = w₀ √(1 + (z/z_R)²), z_R = πw₀²/λ.

    Args:
        waist_m: w₀, where the beam is narrowest: at the sender.
        wavelength_m: λ.
        distance_m: z.

    Source: Saleh, Teich, Fundamentals of Photonics, chapter on beam optics.
    """
    return waist_m * math.hypot(1, distance_m * wavelength_m / (math.pi * waist_m**2))


def collected_share(radius_m: float, aperture_m: float, pointing_error_m: float = 0.0) -> float:
    """Mean share of a Gaussian beam that a round aperture in its middle collects: 1 − exp(−2a²/(w² + 4σ²)).

    Pointing that wanders by a normal σ in each direction smears the mean intensity to a wider Gaussian: variances w²/4 and σ² add
    up.

    Args:
        radius_m: w, of the beam at the aperture.
        aperture_m: 2a, its diameter.
        pointing_error_m: σ, in the aperture's plane, in each of two directions.
    """
    spread = radius_m**2 + 4 * pointing_error_m**2
    return -math.expm1(-(aperture_m**2) / (2 * spread))


def airmass(elevation_rad: float) -> float:
    """How many times as much air is in the way as at the zenith.

    Args:
        elevation_rad: above the horizon, from 0 to π/2.

    Source: Kasten, Young, Applied Optics 28, 4735 (1989).
    """
    degrees = math.degrees(elevation_rad)
    return 1 / (math.sin(elevation_rad) + 0.50572 * (degrees + 6.07995) ** -1.6364)
