"""Links of trapped ions: what their components do to rate and state."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.link_model import link_of
from weft.hardware.links import TrappedIonLink
from weft.hardware.physics.fibre import travel_time_s
from weft.network import BellPair

OXFORD = TrappedIonLink()
IDEAL = TrappedIonLink(
    length_m=0.0,
    excitation_probability=1.0,
    branching_ratio=1.0,
    collection_efficiency=1.0,
    fibre_coupling=1.0,
    detector_efficiency=1.0,
    dark_count_hz=0.0,
    detection_window_s=1e-6,
    photon_lifetime_s=1e-8,
    mode_overlap=1.0,
    ion_photon_bit_error=0.0,
    ion_photon_phase_error=0.0,
    emission_cycle_s=1e-6,
    state_preparation_s=0.0,
    recooling_s=0.0,
    memory_t2_s=math.inf,
)
"""Nothing is lost, nothing clicks by itself, and the window is open for a hundred lifetimes."""

LOSSY_SINGLE = replace(IDEAL, herald="single-click", collection_efficiency=1e-6, bright_population=0.1)

component = st.sampled_from(
    ["excitation_probability", "branching_ratio", "collection_efficiency", "fibre_coupling", "detector_efficiency"]
)
herald = st.sampled_from(["double-click", "single-click"])
between = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted)


def test_an_ideal_link_succeeds_half_the_time_and_leaves_a_bell_pair():
    assert IDEAL.success_probability == pytest.approx(0.5, abs=1e-14)
    assert np.allclose(IDEAL.pair.matrix, BellPair.werner(1.0).matrix, atol=1e-14)
    assert IDEAL.attempt_s == IDEAL.bare_attempt_s == 1e-6
    assert IDEAL.rate_hz == pytest.approx(5e5)
    assert IDEAL.doubts() == ()


def test_every_step_on_the_way_multiplies_the_efficiency():
    """The two arms of 3 km and 1 km at 2 dB/km lose 6 dB and 2 dB."""
    model = replace(
        IDEAL,
        length_m=4000.0,
        analyser_position=0.75,
        loss_db_per_km=2.0,
        excitation_probability=0.9,
        branching_ratio=0.8,
        collection_efficiency=0.7,
        fibre_coupling=0.6,
        detector_efficiency=0.5,
        detection_window_s=2e-8,
    )
    common = 0.9 * 0.8 * 0.7 * 0.6 * 0.5 * (1 - math.exp(-2))
    expected = (common * 10**-0.6, common * 10**-0.2)
    assert model.efficiencies == pytest.approx(expected)
    assert model.success_probability == pytest.approx(expected[0] * expected[1] / 2)


def test_better_detectors_count_twice_for_two_photons_and_once_for_one():
    better = {"detector_efficiency": 0.9}
    quiet = replace(OXFORD, dark_count_hz=0.0)
    assert replace(quiet, **better).rate_hz / quiet.rate_hz == pytest.approx((0.9 / 0.7) ** 2, rel=1e-9)
    single = replace(quiet, herald="single-click", bright_population=0.01)
    assert replace(single, **better).rate_hz / single.rate_hz == pytest.approx(0.9 / 0.7, rel=1e-3)


@given(component, herald, between)
def test_no_component_that_loses_less_makes_a_link_slower(name, kind, values):
    model = replace(OXFORD, herald=kind)
    worse, better = (replace(model, **{name: value}).rate_hz for value in values)
    assert worse <= better * (1 + 1e-12)


@given(herald, between)
def test_better_interference_never_costs_fidelity(kind, values):
    model = replace(OXFORD, herald=kind)
    worse, better = (replace(model, mode_overlap=value).pair.fidelity for value in values)
    assert worse <= better + 1e-12


@given(herald, st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)).map(sorted))
def test_dark_counts_cost_fidelity_and_their_share_of_heralds_grows(kind, rates):
    model = replace(OXFORD, herald=kind)
    darker, lighter = (replace(model, dark_count_hz=rate) for rate in rates)
    assert lighter.pair.fidelity <= darker.pair.fidelity + 1e-12
    assert darker.false_share <= lighter.false_share + 1e-12


@given(herald, st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)).map(sorted))
def test_a_longer_fibre_is_slower_and_never_better(kind, lengths):
    near, far = (
        replace(OXFORD, herald=kind, length_m=length, dark_count_hz=0.0, loss_db_per_km=0.2) for length in lengths
    )
    assert far.rate_hz <= near.rate_hz * (1 + 1e-12)
    assert far.classical_latency_s >= near.classical_latency_s
    if kind == "double-click":
        assert far.pair.fidelity <= near.pair.fidelity + 1e-12


def test_jitter_leaves_the_visibility_of_the_table_of_formulas():
    model = replace(IDEAL, timing_jitter_s=1e-9)
    assert model.visibility == pytest.approx(0.92496, abs=5e-6)
    assert model.pair.fidelity == pytest.approx((1 + 0.92496) / 2, abs=5e-6)


def test_one_photon_feels_jitter_as_overlap_and_two_as_its_square():
    """A single click has the mean of e^{−|Δ|/2τ} for coherence, by quadrature over the normal Δ."""
    ratio = 0.5
    model = replace(LOSSY_SINGLE, timing_jitter_s=ratio * 1e-8)
    delays = np.linspace(0, 12 * ratio, 200_001)
    chances = np.exp(-((delays / ratio) ** 2) / 2)
    mean = np.trapezoid(chances * np.exp(-delays / 2), delays) / np.trapezoid(chances, delays)
    assert model.overlap == pytest.approx(mean, rel=1e-8)
    assert model.pair.fidelity == pytest.approx((1 - 0.1) * (1 + mean) / 2, abs=1e-6)


def test_modes_that_overlap_by_their_square_leave_one_photon_its_root():
    assert replace(IDEAL, mode_overlap=0.81).pair.fidelity == pytest.approx((1 + 0.81) / 2, abs=1e-14)
    assert replace(LOSSY_SINGLE, mode_overlap=0.81).pair.fidelity == pytest.approx((1 - 0.1) * (1 + 0.9) / 2, abs=1e-6)


def test_detuning_by_the_linewidth_halves_the_visibility():
    model = replace(IDEAL, detuning_hz=1 / (2 * math.pi * 1e-8))
    assert model.visibility == pytest.approx(0.5, abs=1e-12)
    assert model.pair.fidelity == pytest.approx(0.75, abs=1e-12)
    narrow = replace(model, detection_window_s=1e-9)
    assert narrow.pair.fidelity > 0.99
    assert narrow.success_probability == pytest.approx((1 - math.exp(-0.1)) ** 2 / 2)


def test_a_single_click_trades_fidelity_for_rate_and_lives_on_a_stable_phase():
    assert LOSSY_SINGLE.success_probability == pytest.approx(2 * 0.1 * 1e-6, rel=1e-5)
    assert LOSSY_SINGLE.pair.fidelity == pytest.approx(0.9, abs=1e-6)
    noisy = replace(LOSSY_SINGLE, phase_noise_rad=0.8)
    assert noisy.pair.fidelity == pytest.approx(0.9 * (1 + math.exp(-0.32)) / 2, abs=1e-6)
    assert replace(IDEAL, phase_noise_rad=0.8).pair == IDEAL.pair


def test_a_link_in_the_dark_heralds_noise():
    model = replace(OXFORD, collection_efficiency=1e-9)
    assert model.pair.fidelity == pytest.approx(0.25, abs=1e-3)
    assert model.false_share == pytest.approx(1, abs=1e-3)
    assert replace(OXFORD, collection_efficiency=0.0).false_share == 1
    assert replace(OXFORD, dark_count_hz=0.0).false_share == 0


def test_errors_of_ion_and_photon_add_up_over_both_ends():
    b, z = 0.02, 0.05
    model = replace(IDEAL, ion_photon_bit_error=b, ion_photon_phase_error=z)
    same_bit = (1 - b) ** 2
    expected = same_bit * ((1 - z) ** 2 + z**2) + b**2 / 2
    assert model.pair.fidelity == pytest.approx(expected, abs=1e-14)
    assert model.ion_photon_fidelity == pytest.approx((1 - b) * (1 - z))


def test_an_attempt_waits_for_its_herald():
    """Over 50 km a photon takes 123 µs to the middle, and the herald as long back."""
    model = replace(IDEAL, length_m=50_000.0)
    assert model.attempt_s == pytest.approx(1e-6 + travel_time_s(50_000), rel=1e-12)
    at_one_end = replace(model, analyser_position=1.0)
    assert at_one_end.attempt_s == pytest.approx(1e-6 + 2 * travel_time_s(50_000), rel=1e-12)
    assert replace(model, analyser_position=0.0).attempt_s == at_one_end.attempt_s
    # Nearby, the cycle of emission is what takes longer.
    assert replace(IDEAL, detection_window_s=1e-7, length_m=10.0).attempt_s == 1e-6


def test_ions_lose_their_phase_while_the_herald_travels():
    """Both wait, together for twice the way through the fibre, wherever the analyser stands."""
    t2_s = 1e-3
    for position in (0.5, 0.2):
        model = replace(IDEAL, length_m=50_000.0, loss_db_per_km=0.2, memory_t2_s=t2_s, analyser_position=position)
        coherence = math.exp(-2 * travel_time_s(50_000) / t2_s)
        assert model.pair.fidelity == pytest.approx((1 + coherence) / 2, abs=1e-12)


def test_cooling_takes_its_share_of_time():
    model = replace(IDEAL, burst_s=1e-3, recooling_s=3e-3)
    assert model.attempt_s == pytest.approx(4 * IDEAL.attempt_s)
    assert replace(model, burst_s=math.inf).attempt_s == IDEAL.attempt_s


def test_a_transfer_takes_its_time_once_per_pair_and_its_toll_on_both_halves():
    model = replace(OXFORD, transfer_s=1e-3)
    assert 1 / model.rate_hz == pytest.approx(1 / OXFORD.rate_hz + 1e-3)
    assert model.pair == OXFORD.pair
    error = 0.02
    moved = replace(IDEAL, transfer_error=error)
    assert moved.pair.fidelity == pytest.approx((1 + 3 * (1 - 2 * error) ** 2) / 4, abs=1e-14)


def test_a_model_makes_a_link():
    link = link_of(replace(OXFORD, length_m=100.0), "A", "B", channels=2)
    assert link.mean_wait_s == pytest.approx(1 / replace(OXFORD, length_m=100.0).rate_hz)
    assert link.length_m == 100
    assert link.classical_latency_s == pytest.approx(travel_time_s(100))
    assert link.channels == 2
    with pytest.raises(InvalidValueError, match="must let the detectors click"):
        link_of(replace(IDEAL, collection_efficiency=0.0), "A", "B")


@given(
    herald,
    st.floats(0.001, 1),
    st.floats(0, 1e6),
    st.floats(0, 1),
    st.floats(0, 1e9),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0.001, 0.999),
)
def test_any_components_give_a_probability_and_a_state(kind, eta, dark, overlap, detuning, bit, phase, transfer, alpha):
    model = replace(
        OXFORD,
        herald=kind,
        collection_efficiency=eta,
        dark_count_hz=dark,
        mode_overlap=overlap,
        detuning_hz=detuning,
        ion_photon_bit_error=bit,
        ion_photon_phase_error=phase,
        transfer_error=transfer,
        bright_population=alpha,
    )
    assert 0 < model.success_probability <= 1
    assert 0 <= model.pair.fidelity <= 1  # and BellPair checks that it is a state
    assert 0 <= model.false_share <= 1
    assert all(isinstance(text, str) for text in model.doubts())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dark_count_hz": 1e5}, "dark counts alone account for"),
        ({"detection_window_s": 4e-9}, "0.54 lifetimes of the photon and keeps 42% of it"),
        ({"timing_jitter_s": 1e-10}, "the visibility under jitter is that of whole photons"),
        ({"length_m": 2000.0}, "loses 50 dB; conversion to a wavelength"),
        ({"mode_overlap": 0.0}, "may hold no entanglement"),
        ({"emission_cycle_s": 1e-8}, "1.4 lifetimes after excitation"),
        ({"burst_s": 5e-7}, "longer than `burst_s`"),
        ({"herald": "single-click"}, "perfectly stable"),
        ({"herald": "single-click", "phase_noise_rad": 2.0}, "hardly known"),
        ({"herald": "single-click", "phase_noise_rad": 0.1, "bright_population": 0.4}, "about α of fidelity"),
    ],
)
def test_a_model_says_where_it_is_in_doubt(changes, words):
    assert OXFORD.doubts() == ()
    assert any(words in text for text in replace(OXFORD, **changes).doubts())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("detector_efficiency", 1.2, r"`detector_efficiency` must lie in \[0, 1\], but is 1.2"),
        ("mode_overlap", math.nan, r"`mode_overlap` must lie in \[0, 1\], but is nan"),
        ("dark_count_hz", -1, "`dark_count_hz` must be finite and ≥ 0, but is -1"),
        ("length_m", math.inf, "`length_m` must be finite and ≥ 0, but is inf"),
        ("photon_lifetime_s", 0, "`photon_lifetime_s` must be positive and finite, but is 0"),
        ("detection_window_s", math.inf, "`detection_window_s` must be positive and finite, but is inf"),
        ("memory_t2_s", math.nan, "`memory_t2_s` must be positive, but is nan"),
        ("transfer_error", 0.6, "`transfer_error` must be at most 0.5"),
        ("fibre_coupling", "half", "`fibre_coupling` must be a number, but is 'half'"),
        ("fibre_coupling", True, "`fibre_coupling` must be a number, but is True"),
        ("herald", "triple-click", "`herald` must be double-click or single-click, but is 'triple-click'"),
    ],
)
def test_a_component_that_cannot_be_is_refused_by_name(name, value, words):
    with pytest.raises(InvalidValueError, match=words):
        replace(OXFORD, **{name: value})


def test_every_component_is_a_number_or_a_word_and_equal_models_are_equal():
    assert all(isinstance(getattr(OXFORD, field.name), (float, str)) for field in fields(OXFORD))
    assert replace(OXFORD, length_m=4) == OXFORD == TrappedIonLink()
    assert hash(replace(OXFORD, length_m=4)) == hash(OXFORD)
