"""Fibre, transducers, cold waveguides, beams and satellites: closed forms, limits, and published figures."""

import math
from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware import LinkModel
from weft.hardware.link_model import link_of
from weft.hardware.links import FibreLink, FreeSpaceLink, MicrowaveLink, SatelliteLink, TransducerLink
from weft.hardware.links.microwave import thermal_photons
from weft.hardware.physics.beam import airmass, beam_radius_m, collected_share
from weft.hardware.physics.fibre import transmission, travel_time_s
from weft.hardware.physics.heralding import double_click_pair
from weft.hardware.physics.memories import depolarised
from weft.hardware.physics.satellite_pass import EARTH_RADIUS_M, SatellitePass
from weft.hardware.repeaters import RepeaterLink
from weft.network import BellPair

MODELS: dict[str, LinkModel] = {
    model.kind: model
    for model in (
        FibreLink(20e3),
        TransducerLink(),
        MicrowaveLink(),
        FreeSpaceLink(5e3),
        SatelliteLink(),
        RepeaterLink(100e3),
    )
}
share = st.floats(0, 1)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_makes_a_link(name: str) -> None:
    model = MODELS[name]
    link = link_of(model, "A", "B")
    assert 0 < link.success_probability <= 1
    assert 0.25 < link.pair.fidelity <= 1
    assert link.length_m == model.length_m
    assert all(isinstance(text, str) and text for text in (*model.doubts(), *model.caveats))


@pytest.mark.parametrize("name", MODELS)
def test_every_default_that_is_physics_has_a_source_and_a_mark(name: str) -> None:
    """Lengths, choices and counts are questions, not facts."""
    model = type(MODELS[name])
    asked = {"length_m", "station", "herald", "average", "links", "order", "steps", "target_fidelity"}
    components = {field.name for field in fields(model)}
    assert components - asked <= set(model.sources) <= components
    marks = {text.split(":")[0] for text in model.sources.values()}
    assert marks <= {"published", "remembered", "derived", "assumed", "fitted"}


@pytest.mark.parametrize("name", MODELS)
def test_components_that_cannot_be_are_refused_by_name(name: str) -> None:
    model = MODELS[name]
    for field in fields(model):
        if field.name not in {"station", "herald", "average", "order", "steps"}:
            with pytest.raises(InvalidValueError, match=f"`{field.name}` must"):
                replace(model, **{field.name: -1.0})


@pytest.mark.parametrize(
    ("name", "component"), [("fibre", "station"), ("microwave", "herald"), ("satellite", "average")]
)
def test_choices_are_refused_by_name(name: str, component: str) -> None:
    with pytest.raises(InvalidValueError, match=f"`{component}` must be .* or .*, but is 'other'"):
        replace(MODELS[name], **{component: "other"})


# Heralding by two photons


def herald_by_enumeration(a: float, b: float, noise: float, visibility: float) -> np.ndarray:
    """Unnormalised Bell weights, from all photon numbers, ports and noise clicks of the four detectors, one by one."""
    weights = np.zeros(4)
    for sent_a, sent_b, mode_a, mode_b in product((0, 1), repeat=4):
        chance = (a if sent_a else 1 - a) * (b if sent_b else 1 - b) / 4
        # Ports that photons leave by, with probabilities; detectors are (mode, port).
        ports = list(product((0, 1), repeat=sent_a + sent_b))
        for way in ports:
            together = sent_a and sent_b and mode_a == mode_b
            odds = 1 / len(ports)
            if together:
                odds = (1 + visibility) / 4 if way[0] == way[1] else (1 - visibility) / 4
            modes = [mode for mode, sent in ((mode_a, sent_a), (mode_b, sent_b)) if sent]
            photons = set(zip(modes, way, strict=True))
            for clicks in product((0, 1), repeat=4):
                lit = photons | {(n // 2, n % 2) for n in range(4) if clicks[n]}
                if sorted(mode for mode, _ in lit) != [0, 1]:
                    continue
                weight = chance * odds * math.prod(noise if click else 1 - noise for click in clicks)
                if not (sent_a and sent_b):
                    weights += weight / 4
                elif mode_a == mode_b:
                    weights[2:] += weight / 2
                else:
                    weights[:2] += weight * np.array([1 + visibility, 1 - visibility]) / 2
    return weights


@settings(max_examples=40, deadline=None)
@given(share, share, st.floats(0, 0.3), share)
def test_heralds_agree_with_all_ways_in_which_detectors_may_click(a: float, b: float, noise: float, v: float) -> None:
    expected = herald_by_enumeration(a, b, noise, v)
    assume(expected.sum() > 0)
    probability, pair = double_click_pair(a, b, noise, v)
    assert probability == pytest.approx(expected.sum(), abs=1e-12)
    if probability > 1e-6:
        assert sorted(pair.bell_weights) == pytest.approx(sorted(expected / expected.sum()), abs=1e-9)


def test_without_noise_half_of_all_coincidences_herald() -> None:
    probability, pair = double_click_pair(0.3, 0.2, 0.0, 0.9)
    assert probability == pytest.approx(0.3 * 0.2 / 2)
    assert pair.bell_weights == pytest.approx((0.95, 0.05, 0, 0))


def test_noise_alone_heralds_nothing_of_worth() -> None:
    probability, pair = double_click_pair(0.0, 0.0, 0.01)
    assert probability == pytest.approx(4 * 0.01**2 * 0.99**2)
    assert pair.fidelity == pytest.approx(0.25)


def test_depolarising_twice_multiplies_werner_weights() -> None:
    assert depolarised(BellPair.werner(1.0), 0.925, 0.85).fidelity == pytest.approx(0.79)


# Fibre


def test_a_fibre_link_succeeds_with_half_the_product_of_its_arms() -> None:
    link = FibreLink(50e3, conversion_noise=0, dark_count_hz=0, visibility=1, memory_fidelity=1)
    arm = 0.3 * 0.5 * 0.9 * math.sqrt(transmission(50e3))
    assert link.success_probability == pytest.approx(arm**2 / 2)
    assert link.pair.fidelity == pytest.approx(1)
    assert link.attempt_s == pytest.approx(1e-5 + travel_time_s(50e3))
    end = replace(link, station="end")
    assert end.success_probability == pytest.approx(link.success_probability)
    assert end.attempt_s == pytest.approx(1e-5 + 2 * travel_time_s(50e3))
    assert end.doubts()


def test_distance_hurts_fidelity_only_where_detectors_are_dark() -> None:
    """Converters' noise is lost on the way as photons are; dark counts are not."""
    silent, dark = FibreLink(0.0, dark_count_hz=0.0), FibreLink(0.0, dark_count_hz=100.0)
    for length_m in (100e3, 300e3):
        assert replace(silent, length_m=length_m).pair.fidelity == pytest.approx(silent.pair.fidelity, abs=1e-3)
    assert replace(dark, length_m=300e3).pair.fidelity < dark.pair.fidelity - 0.1
    assert replace(dark, length_m=2000e3).pair.fidelity == pytest.approx(0.25, abs=1e-6)


# Transducers


def test_noise_is_referred_to_the_input() -> None:
    assert TransducerLink().noise_photons == pytest.approx(0.087 * 0.16)
    assert TransducerLink(transducer_efficiency=0.0).noise_photons == 0


def test_the_published_transducer_is_limited_by_its_noise() -> None:
    """8.7 % with .16 beats 15 % with .41; false heralds scale with the noise, not with the efficiency."""
    quiet, strong = TransducerLink(), TransducerLink(transducer_efficiency=0.15, added_noise=0.41)
    assert strong.pair.fidelity < quiet.pair.fidelity < 0.55
    assert strong.success_probability > quiet.success_probability
    assert replace(quiet, added_noise=0.0).pair.fidelity > 0.93


def test_false_heralds_by_first_order() -> None:
    """η ≪ 1, n ≪ 1: true η²/2, one photon and noise 2η · 2 · ηn = 4η²n, of which a quarter is right, so F = (1 + 2n)/(1 + 8n)."""
    link = TransducerLink(
        0.0,
        transducer_efficiency=1e-3,
        added_noise=1e-3,
        microwave_efficiency=1,
        filter_transmission=1,
        detector_efficiency=1,
        dark_count_hz=0,
        visibility=1,
        module_fidelity=1,
    )
    assert link.pair.fidelity == pytest.approx((1 + 2e-3) / (1 + 8e-3), abs=5e-5)
    assert TransducerLink(transducer_efficiency=0.9, added_noise=0.4).doubts()
    assert not link.doubts()


# Waveguides


def test_photons_of_bose_and_einstein() -> None:
    """n = 1 where hf = kT ln 2; kT/hf − 1/2 when hot; e^{−hf/kT} when cold."""
    temperature = 6.62607015e-34 * 5e9 / (1.380649e-23 * math.log(2))
    assert thermal_photons(5e9, temperature) == pytest.approx(1)
    assert thermal_photons(5e9, 300) == pytest.approx(1.380649e-23 * 300 / (6.62607015e-34 * 5e9) - 0.5, rel=1e-4)
    assert thermal_photons(5e9, 0.0) == thermal_photons(5e9, 1e-6) == 0


def test_a_cold_waveguide_damps_amplitudes() -> None:
    """F = (1 + η + 2√η)/4; in dual rail a pair that is there is perfect."""
    link = MicrowaveLink(length_m=1e3, loss_db_per_km=3.0, temperature_k=0.0, module_fidelity=1.0)
    eta = 0.95**2 * 10**-0.3
    assert link.efficiency == pytest.approx(eta)
    assert link.pair.fidelity == pytest.approx((1 + eta + 2 * math.sqrt(eta)) / 4)
    assert link.success_probability == 1
    rails = replace(link, herald="dual-rail")
    assert rails.success_probability == pytest.approx(eta)
    assert rails.pair.fidelity == pytest.approx(1)
    assert rails.attempt_s > link.attempt_s


def evolved(link: MicrowaveLink) -> np.ndarray:
    """A pair with one half in a thermal waveguide, by the matrix exponential of its master equation."""
    from scipy.linalg import expm

    photons = thermal_photons(link.frequency_hz, link.temperature_k)
    rate = -math.log(transmission(link.length_m, link.loss_db_per_km))
    lower = np.kron(np.eye(2), [[0, 1], [0, 0]])
    generator = np.zeros((16, 16))
    for jump, weight in ((lower, rate * (1 + photons)), (lower.T, rate * photons)):
        square, one = jump.T @ jump, np.eye(4)
        generator += weight * (np.kron(jump, jump) - (np.kron(square, one) + np.kron(one, square)) / 2)
    return (expm(generator) @ np.array(BellPair.werner(1.0).matrix.real).ravel()).reshape(4, 4)


@pytest.mark.parametrize("temperature_k", [0.01, 0.2, 1.0])
def test_a_warm_waveguide_agrees_with_its_master_equation(temperature_k: float) -> None:
    link = MicrowaveLink(
        500.0, temperature_k=temperature_k, emission_efficiency=1, absorption_efficiency=1, module_fidelity=1
    )
    assert np.allclose(link.pair.matrix, evolved(link), atol=1e-9)


def test_heat_is_noticed_in_proportion_to_loss() -> None:
    hot = MicrowaveLink(temperature_k=4.0)
    assert hot.doubts()
    assert not MicrowaveLink().doubts()
    assert hot.pair.fidelity < MicrowaveLink().pair.fidelity
    assert replace(hot, length_m=0.0).pair.fidelity == pytest.approx(MicrowaveLink(length_m=0.0).pair.fidelity)
    hot_rails = replace(hot, herald="dual-rail", length_m=100.0)
    assert hot_rails.pair.fidelity < replace(hot_rails, temperature_k=0.01).pair.fidelity - 1e-3


# Beams


def test_beams_spread_as_light_does() -> None:
    """√2 w₀ after a Rayleigh length; λ/(πw₀) per metre far away."""
    waist, wavelength = 0.05, 800e-9
    rayleigh = math.pi * waist**2 / wavelength
    assert beam_radius_m(waist, wavelength, 0.0) == waist
    assert beam_radius_m(waist, wavelength, rayleigh) == pytest.approx(math.sqrt(2) * waist)
    assert beam_radius_m(waist, wavelength, 1e9) == pytest.approx(wavelength / (math.pi * waist) * 1e9, rel=1e-6)


@pytest.mark.parametrize("sigma", [0.0, 0.2, 1.0])
def test_collected_share_by_integration(sigma: float) -> None:
    """Gaussian beams at Gaussian places, summed on a grid over a round aperture of 0.8 m."""
    radius = 0.7
    x = np.linspace(-0.4, 0.4, 801)
    inside = x[:, None] ** 2 + x[None, :] ** 2 <= 0.4**2
    nodes, weights = np.polynomial.hermite.hermgauss(60)
    line = sum(
        w * np.exp(-2 * (x - math.sqrt(2) * sigma * n) ** 2 / radius**2) for n, w in zip(nodes, weights, strict=True)
    ) / math.sqrt(math.pi)
    density = 2 / (math.pi * radius**2) * line[:, None] * line[None, :]
    assert collected_share(radius, 0.8, sigma) == pytest.approx((density * inside).sum() * 1e-6, rel=3e-3)


def test_air_has_its_tabulated_mass() -> None:
    """Kasten and Young (1989): 1 at the zenith, about 1.99 at 30°, 5.58 at 10°, 38 at the horizon."""
    found = [airmass(math.radians(elevation)) for elevation in (90, 30, 10, 0)]
    assert found == pytest.approx([1.0, 1.99, 5.58, 38], rel=5e-3)


def test_a_beam_near_the_ground_loses_by_diffraction_pointing_and_air() -> None:
    link = FreeSpaceLink(1e3, pointing_jitter_rad=0.0, air_loss_db_per_km=0.0, aperture_m=10.0)
    assert link.channel_transmission == pytest.approx(1)
    assert replace(link, air_loss_db_per_km=3.0).channel_transmission == pytest.approx(10**-0.3)
    assert replace(link, aperture_m=0.1, pointing_jitter_rad=1e-4).channel_transmission < 0.2
    half = replace(link, clear_share=0.5)
    assert half.success_probability == pytest.approx(link.success_probability / 2)
    assert len(half.doubts()) == len(link.doubts()) + 1


# Satellites


def test_geometry_of_a_pass() -> None:
    """Overhead: distance is the altitude. At the horizon: √(r² − R²). And distances agree with coordinates at any time."""
    orbit = SatellitePass(500e3, 0.0, 0.0)
    radius = EARTH_RADIUS_M + 500e3
    assert orbit.range_m(0.0) == pytest.approx(500e3)
    assert orbit.elevation_rad(0.0) == pytest.approx(math.pi / 2)
    assert orbit.range_m(orbit.duration_s / 2) == pytest.approx(math.sqrt(radius**2 - EARTH_RADIUS_M**2))
    aside = SatellitePass(500e3, 400e3, math.radians(10))
    for time_s in (0.0, 30.0, 150.0):
        angle, tilt = aside.angular_velocity_rad_per_s * time_s, 400e3 / EARTH_RADIUS_M
        there = radius * np.array([math.cos(angle), math.sin(angle), 0])
        here = EARTH_RADIUS_M * np.array([math.cos(tilt), 0, math.sin(tilt)])
        way = there - here
        assert aside.range_m(time_s) == pytest.approx(np.linalg.norm(way), rel=1e-9)
        assert math.sin(aside.elevation_rad(time_s)) == pytest.approx(way @ here / np.linalg.norm(way) / EARTH_RADIUS_M)
    assert aside.elevation_rad(aside.duration_s / 2) == pytest.approx(math.radians(10))


def test_a_low_orbit_takes_an_hour_and_a_half() -> None:
    """And a satellite at 500 km is above 10° for about seven minutes and a half when it passes overhead."""
    orbit = SatellitePass(500e3, 0.0, math.radians(10))
    assert 2 * math.pi / orbit.angular_velocity_rad_per_s == pytest.approx(94.5 * 60, rel=5e-3)
    assert 420 < orbit.duration_s < 480


def test_a_satellite_below_the_horizon_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must rise above 10°"):
        SatelliteLink(length_m=4e6)


def test_one_downlink_of_micius_loses_seven_decibels_more_at_1000_km_than_at_530() -> None:
    """Published: 29 dB at 530 km, 36 dB at 1000 km (Yin et al., Phys. Rev. Lett. 119, 200501 (2017), abstract).

    The difference depends on neither receiver nor detector; nothing is fitted. The model gives 6.5 dB: diffraction and air.
    """
    link = SatelliteLink(length_m=2 * 170e3)
    times = np.linspace(0, link.orbit.duration_s / 2, 4000)
    ranges = np.array([link.orbit.range_m(time) for time in times])
    losses = [-10 * math.log10(link.downlink_transmission(times[np.argmin(abs(ranges - r))])) for r in (530e3, 1000e3)]
    assert losses[1] - losses[0] == pytest.approx(7, abs=1)


def test_a_pass_is_averaged_over() -> None:
    link = SatelliteLink(length_m=800e3)
    half = link.orbit.duration_s / 2
    times = (np.arange(20_000) + 0.5) / 20_000 * half
    seen = np.array([link.receiver_efficiency * link.downlink_transmission(time) for time in times])
    pairs, noise = link.pair_rate_hz * link.window_s, link.background_hz * link.window_s
    expected = (pairs * seen**2 + (pairs * seen + noise) ** 2).mean()
    assert link.success_probability == pytest.approx(expected, rel=1e-6)
    day = replace(link, average="day")
    assert day.success_probability / day.attempt_s * 86_400 == pytest.approx(link.pairs_per_day)
    assert day.availability == pytest.approx(0.3 * 2 * half / 86_400)


def test_stray_light_spoils_pairs_from_space() -> None:
    link = SatelliteLink()
    assert replace(link, background_hz=0.0).pair.fidelity > link.pair.fidelity
    assert replace(link, background_hz=1e6).pair.fidelity < 0.3
    assert link.doubts() == ()
    assert "several" in replace(link, pair_rate_hz=1e8).doubts()[0]
