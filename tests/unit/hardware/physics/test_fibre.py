"""Loss and travel time in fibre, against the figures that everyone quotes."""

import math

import pytest

from weft.hardware.physics.fibre import transmission, travel_time_s


def test_a_photon_survives_ten_times_less_often_every_fifty_kilometres() -> None:
    assert [transmission(50_000.0 * n) for n in range(4)] == pytest.approx([1, 1e-1, 1e-2, 1e-3])


def test_the_repeaterless_bound_has_its_published_values() -> None:
    """−log₂(1 − η): Pirandola, Laurenza, Ottaviani, Banchi, Nature Communications 8, 15043 (2017)."""
    assert -math.log2(1 - transmission(100_000)) == pytest.approx(1.450e-2, rel=1e-3)
    assert -math.log2(1 - transmission(200_000)) == pytest.approx(1.443e-4, rel=1e-3)


def test_light_takes_4_9_microseconds_for_a_kilometre() -> None:
    assert travel_time_s(1000) == pytest.approx(4.9e-6, rel=1e-3)
