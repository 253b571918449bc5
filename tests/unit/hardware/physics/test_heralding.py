"""What clicks say about two memories: against Fock space, against closed forms, and in the limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.hardware.physics.fock_space import double_click_by_hand, single_click_by_hand
from weft.errors import InvalidValueError
from weft.hardware.physics.heralding import double_click, single_click

PHI_PLUS = np.array([[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1]]) / 2

share = st.floats(0.0, 1.0)
some = st.floats(0.01, 1.0)
dark = st.floats(0.0, 0.5)


def fidelity(herald):
    return float((PHI_PLUS @ herald.state).trace().real)


def by_hand(total):
    return float(total.trace()), total / total.trace()


@given(some, some, share, dark)
def test_double_click_is_what_fock_space_says(a, b, overlap, dark_probability):
    herald = double_click(a, b, dark_probability=dark_probability, visibility=overlap**2)
    probability, state = by_hand(double_click_by_hand((a, b), overlap, dark_probability))
    assert herald.probability == pytest.approx(probability, rel=1e-12)
    assert np.allclose(herald.state, state, atol=1e-12)


@given(some, some, share, dark, st.floats(0.01, 1.0))
def test_single_click_is_what_fock_space_says(a, b, overlap, dark_probability, bright):
    keys = {"bright_population": bright, "dark_probability": dark_probability}
    herald = single_click(a, b, **keys, overlap=overlap, visibility=overlap**2)
    probability, state = by_hand(single_click_by_hand((a, b), overlap, dark_probability, bright))
    assert herald.probability == pytest.approx(probability, rel=1e-11)
    assert np.allclose(herald.state, state, atol=1e-11)


def test_photons_that_overlap_now_more_and_now_less_count_by_their_mean():
    """Overlap and squared overlap are averaged apart: a mixture of two overlaps, photon by photon."""
    overlaps, efficiencies, bright = (0.3, 0.9), (0.7, 0.4), 0.3
    square = sum(x * x for x in overlaps) / 2
    _, double = by_hand(sum(double_click_by_hand(efficiencies, x, 0.02) for x in overlaps))
    _, single = by_hand(sum(single_click_by_hand(efficiencies, x, 0.02, bright) for x in overlaps))
    keys = {"dark_probability": 0.02, "visibility": square}
    assert np.allclose(double_click(*efficiencies, **keys).state, double, atol=1e-12)
    found = single_click(*efficiencies, **keys, bright_population=bright, overlap=0.6)
    assert np.allclose(found.state, single, atol=1e-12)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.3, 0.9), (1e-6, 2e-3)])
def test_perfect_detectors_double_click_half_the_time_and_leave_a_bell_pair(a, b):
    herald = double_click(a, b)
    assert herald.probability == pytest.approx(a * b / 2, rel=1e-14)
    assert np.allclose(herald.state, PHI_PLUS, atol=1e-15)


@given(share)
def test_interference_that_is_not_perfect_leaves_half_of_its_visibility(visibility):
    assert fidelity(double_click(0.4, 0.2, visibility=visibility)) == pytest.approx((1 + visibility) / 2, abs=1e-14)


@given(some, some, share, dark)
def test_double_clicks_count_every_way_to_be_wrong(a, b, v, d):
    """The sum over cases: both photons in different modes, both in one, one photon, none."""
    both = a * b * (1 / 2 + d * (1 + v) / 2)
    one = 2 * d * (a * (1 - b) + b * (1 - a))
    none = 4 * d * d * (1 - a) * (1 - b)
    expected = (1 - d) ** 2 * (both + one + none)
    herald = double_click(a, b, dark_probability=d, visibility=v)
    assert herald.probability == pytest.approx(expected, rel=1e-12)
    assert herald.state[0, 3].real == pytest.approx((1 - d) ** 2 * a * b * v / 4 / expected, abs=1e-12)


@pytest.mark.parametrize("efficiency", [1e-3, 1e-6, 1e-9])
def test_heralds_that_almost_never_come_keep_their_digits(efficiency):
    d = efficiency / 100
    n, x = efficiency, 1 - d
    expected = x * x * (n * n * (1 / 2 + d) + 4 * d * n * (1 - n) + 4 * d * d * (1 - n) ** 2)
    assert double_click(n, n, dark_probability=d).probability == pytest.approx(expected, rel=1e-13)


def test_dark_counts_alone_herald_two_memories_that_know_nothing_of_each_other():
    herald = double_click(1e-9, 1e-9, dark_probability=1e-3)
    assert np.allclose(herald.state, np.eye(4) / 4, atol=1e-5)
    bright = 0.2
    herald = single_click(1e-9, 1e-9, bright_population=bright, dark_probability=1e-3)
    assert fidelity(herald) == pytest.approx(bright * (1 - bright), abs=1e-5)


@pytest.mark.parametrize("bright", [0.01, 0.1, 0.5])
def test_a_lossy_single_click_costs_the_fidelity_that_it_pays_for_rate(bright):
    efficiency = 1e-6
    herald = single_click(efficiency, efficiency, bright_population=bright)
    assert herald.probability == pytest.approx(2 * bright * efficiency, rel=1e-5)
    assert fidelity(herald) == pytest.approx(1 - bright, abs=1e-5)


def test_two_photons_that_nobody_loses_stay_two_for_a_detector_that_does_not_count():
    """Both emitted: they leave by one port, one detector clicks, and |11⟩ is taken for a pair."""
    bright = 0.3
    herald = single_click(1.0, 1.0, bright_population=bright)
    both = bright**2 / (bright**2 + 2 * bright * (1 - bright))
    assert herald.state[2, 2].real == pytest.approx(both, rel=1e-12)
    # Photons that do not interfere take different ports half of the time, and two clicks are no herald.
    herald = single_click(1.0, 1.0, bright_population=bright, visibility=0.0, overlap=0.0)
    both = bright**2 / 2 / (bright**2 / 2 + 2 * bright * (1 - bright))
    assert herald.state[2, 2].real == pytest.approx(both, rel=1e-12)


@given(some, some, share, st.floats(0, 0.4), st.floats(0.01, 0.99))
def test_what_is_left_is_a_state(a, b, visibility, d, bright):
    for herald in (
        double_click(a, b, dark_probability=d, visibility=visibility),
        single_click(a, b, bright_population=bright, dark_probability=d, overlap=visibility, visibility=visibility),
    ):
        assert 0 < herald.probability <= 1
        assert herald.state.trace().real == pytest.approx(1, abs=1e-12)
        assert np.array_equal(herald.state, herald.state.conj().T)
        assert np.linalg.eigvalsh(herald.state)[0] > -1e-12


@given(some, some, share, dark)
def test_exchanging_the_ends_exchanges_the_memories(a, b, visibility, d):
    there = single_click(a, b, bright_population=0.3, dark_probability=d, overlap=visibility, visibility=visibility)
    back = single_click(b, a, bright_population=0.3, dark_probability=d, overlap=visibility, visibility=visibility)
    assert there.probability == pytest.approx(back.probability, rel=1e-12)
    # The frame flips the second memory, so an exchange of |01⟩ and |10⟩ there is one of |00⟩ and |11⟩ here.
    exchange = [3, 1, 2, 0]
    assert np.allclose(there.state, back.state[np.ix_(exchange, exchange)], atol=1e-12)


@pytest.mark.parametrize("d", [0.0, 1.0])
def test_a_herald_that_cannot_come_is_refused(d):
    """Nothing arrives and nothing clicks, or every detector clicks in every window and the pattern says nothing."""
    with pytest.raises(InvalidValueError, match="must let the detectors click as a herald needs"):
        double_click(0.0, 0.0, dark_probability=d)
    with pytest.raises(InvalidValueError, match="must let the detectors click as a herald needs"):
        single_click(0.5, 0.5, bright_population=0.0, dark_probability=d)


def test_a_lost_photon_leaves_its_memory_mixed():
    """Only A's photon can arrive: half of a pair, and a memory that knows nothing."""
    herald = double_click(1.0, 0.0, dark_probability=0.01)
    assert np.allclose(herald.state, np.eye(4) / 4, atol=1e-15)
    herald = single_click(0.5, 0.0, bright_population=0.25)
    assert np.allclose(np.diag(herald.state), [0, 0, 0.25, 0.75], atol=1e-15)
    assert math.isclose(herald.probability, 0.125)
