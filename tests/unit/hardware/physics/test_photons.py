"""Exponential photons, by quadrature."""

import math

import pytest
from scipy.integrate import quad

from weft.hardware.physics.photons import captured_fraction, detuned_overlap


def seen_overlap(phase, window):
    """|∫ψ*ψ′| over the window, in units of the lifetime, of photons normalised within it."""
    real = quad(lambda t: math.exp(-t) * math.cos(phase * t), 0, window, limit=200)[0]
    imaginary = quad(lambda t: math.exp(-t) * math.sin(phase * t), 0, window, limit=200)[0]
    return abs(complex(real, imaginary)) / quad(lambda t: math.exp(-t), 0, window)[0]


@pytest.mark.parametrize("phase", [0.0, 0.1, 1.0, 7.0])
@pytest.mark.parametrize("window", [0.01, 0.5, 4.0, 60.0])
def test_detuned_photons_overlap_as_their_integral_says(phase, window):
    lifetime_s = 7.39e-9
    detuning_hz = phase / (2 * math.pi * lifetime_s)
    found = detuned_overlap(detuning_hz, lifetime_s, window * lifetime_s)
    assert found == pytest.approx(seen_overlap(phase, window), rel=1e-8)


def test_whole_photons_interfere_with_a_lorentzian():
    for phase in (0.0, 0.3, 1.0, 12.0):
        assert detuned_overlap(phase / (2 * math.pi), 1.0) ** 2 == pytest.approx(1 / (1 + phase**2), rel=1e-14)


def test_a_short_window_cannot_tell_frequencies_apart():
    overlaps = [detuned_overlap(0.5, 1.0, window) for window in (1e-9, 1e-3, 0.1, 1.0, 10.0)]
    assert overlaps[0] == pytest.approx(1, abs=1e-12)
    assert overlaps == sorted(overlaps, reverse=True)


def test_a_window_keeps_what_an_exponential_leaves():
    assert captured_fraction(math.inf, 1.0) == 1
    assert captured_fraction(2.0, 1.0) == pytest.approx(1 - math.exp(-2))
    assert captured_fraction(1e-12, 1.0) == pytest.approx(1e-12, rel=1e-11)
