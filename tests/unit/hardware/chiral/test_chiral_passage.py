"""One excitation between two modules, against closed forms and another integrator."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.chiral import Passage
from weft.hardware.chiral.photon_shapes import catching_pulse, emitting_pulse, secant_photon


def matrix_of(passage: Passage, g1: float, g2: float) -> np.ndarray:
    """The same four equations written as a matrix."""
    feed = math.sqrt(passage.transmission * passage.sender_decay_per_s * passage.receiver_decay_per_s)
    lost1 = (passage.sender_decay_per_s + passage.emitter_loss_per_s) / 2
    lost2 = (passage.receiver_decay_per_s + passage.emitter_loss_per_s) / 2 + 1j * passage.detuning_per_s
    data = passage.data_loss_per_s / 2
    return np.array(
        [[-data, -1j * g1, 0, 0], [-1j * g1, -lost1, 0, 0], [0, -feed, -lost2, -1j * g2], [0, 0, -1j * g2, -data]]
    )


def test_constant_couplings_follow_the_matrix_exponential() -> None:
    from scipy.linalg import expm

    passage = Passage(1.0, 1.7, 0.6, 0.3, 0.05, 0.02)
    amplitudes = passage.amplitudes(np.full(1001, 0.4), np.full(1001, 0.7), 0.01)
    assert amplitudes[-1] == pytest.approx(expm(10 * matrix_of(passage, 0.4, 0.7))[:, 0], abs=1e-9)


def test_varying_couplings_follow_another_integrator() -> None:
    from scipy.integrate import solve_ivp

    passage = Passage(1.0, 0.8, 0.7, -0.2, 0.01, 0.03)
    times = np.linspace(0, 12, 2401)
    sender, receiver = np.sin(times) ** 2, np.cos(times / 3)
    found = solve_ivp(
        lambda t, y: matrix_of(passage, math.sin(t) ** 2, math.cos(t / 3)) @ y,
        (0, 12), np.array([1, 0, 0, 0], dtype=complex), rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    # The pulses are linear between samples, which costs a few millionths here.
    assert passage.amplitudes(sender, receiver, times[1])[-1] == pytest.approx(found.y[:, -1], abs=2e-5)


def test_a_static_emitter_absorbs_4_over_e_squared_of_an_exponential_photon() -> None:
    """A short strong pulse puts the excitation into the sender's emitters, which then decay on their own."""
    step, length = 1e-4, 10
    sender = np.zeros(40_001)
    sender[1 : length + 1] = math.pi / 2 / (length * step)
    amplitudes = Passage(1.0, 1.0).amplitudes(sender, np.zeros_like(sender), step)
    absorbed = np.abs(amplitudes[:, 2]) ** 2
    assert absorbed.max() == pytest.approx(4 / math.e**2, abs=1e-3)
    assert step * absorbed.argmax() == pytest.approx(2, abs=1e-2)


def test_a_secant_photon_of_the_full_linewidth_needs_a_secant_pulse() -> None:
    times = np.linspace(-15, 15, 301)
    assert emitting_pulse(times, 2.0, 2.0) == pytest.approx(1 / np.cosh(times), rel=1e-9)


@given(
    st.floats(min_value=0.3, max_value=1.0),
    st.floats(min_value=1.0, max_value=4.0),
    st.floats(min_value=0.05, max_value=1),
)
def test_modules_of_unequal_linewidths_exchange_a_secant_photon(band: float, decay: float, share: float) -> None:
    """Any share of the excitation, through a window that leaves e^{−bT/2} of it outside."""
    times = np.linspace(-15 / band, 15 / band, 1201)
    step, passage = times[1] - times[0], Passage(1.0, decay)
    amplitudes = passage.amplitudes(emitting_pulse(times, band, 1.0, share), catching_pulse(times, band, decay), step)
    assert np.abs(amplitudes[-1]) ** 2 == pytest.approx([1 - share, 0, 0, share], abs=1e-4)
    photon = np.sqrt(share) * secant_photon(times, band)
    assert np.abs(amplitudes[:, 1]) == pytest.approx(photon, abs=2e-3)


@given(st.integers(0, 2**32 - 1))
def test_excitations_are_lost_and_never_made(seed: int) -> None:
    random = np.random.default_rng(seed)
    passage = Passage(*random.uniform(0.1, 2, 2), random.uniform(), random.uniform(-1, 1), *random.uniform(0, 0.2, 2))
    amplitudes = passage.amplitudes(*random.uniform(0, 1.5, (2, 201)), 0.05)
    total = np.sum(np.abs(amplitudes) ** 2, axis=1)
    assert np.all(np.diff(total) <= 1e-7)


def test_what_is_received_is_proportional_to_what_survives_the_way() -> None:
    random = np.random.default_rng(3)
    sender, receiver = random.uniform(0, 1, (2, 101))
    whole = Passage(1.0, 1.3).efficiency(sender, receiver, 0.1)
    assert Passage(1.0, 1.3, 0.37).efficiency(sender, receiver, 0.1) == pytest.approx(0.37 * whole, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sender_decay_per_s": 0.0}, "must be positive, but is 0"),
        ({"transmission": 1.1}, r"must lie in \[0, 1\], but is 1.1"),
        ({"data_loss_per_s": -1.0}, "must be at least 0, but is -1"),
        ({"detuning_per_s": math.nan}, "must be finite, but is nan"),
    ],
)
def test_impossible_rates_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Passage(**({"sender_decay_per_s": 1.0, "receiver_decay_per_s": 1.0} | change))


def test_pulses_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="same two or more times"):
        Passage(1.0, 1.0).amplitudes(np.zeros(3), np.zeros(4), 0.1)
    with pytest.raises(InvalidValueError, match="`step_s` must be positive"):
        Passage(1.0, 1.0).amplitudes(np.zeros(3), np.zeros(3), 0.0)


def test_a_photon_faster_than_its_emitters_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`bandwidth_per_s` must lie in"):
        emitting_pulse(np.zeros(2), 1.1, 1.0)
    with pytest.raises(InvalidValueError, match="`share` must lie in"):
        emitting_pulse(np.zeros(2), 1.0, 1.0, 0.0)
