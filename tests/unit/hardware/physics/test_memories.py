"""Errors of two memories, on Bell pairs and on anything else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.hardware.physics.memories import dephase_relative, depolarise, flip_bits, flip_phases
from weft.network import BellPair
from weft.network.bell_pair import BELL_STATES

PHI_PLUS = BellPair.werner(1.0).matrix
share = st.floats(0.0, 1.0)


def weights(state):
    """Of Φ+, Φ−, Ψ+, Ψ−."""
    return [float((bell.conj() @ state @ bell).real) for bell in BELL_STATES]


@given(share)
def test_phase_flips_of_both_halves_undo_each_other(z):
    odd = 2 * z * (1 - z)
    assert weights(flip_phases(PHI_PLUS, z)) == pytest.approx([1 - odd, odd, 0, 0], abs=1e-14)


@given(share)
def test_bit_flips_come_without_a_phase(b):
    """One flip leaves Ψ+ or Ψ− alike; two leave Φ+ or Φ− alike."""
    even, odd = b * b / 2, b * (1 - b)
    assert weights(flip_bits(PHI_PLUS, b)) == pytest.approx([(1 - b) ** 2 + even, even, odd, odd], abs=1e-14)


@given(st.floats(0, 0.5), st.floats(0.25, 1))
def test_depolarising_both_halves_multiplies_the_werner_weight_twice(error, fidelity):
    """A qubit that is erased with probability q has the average fidelity 1 − q/2."""
    left = depolarise(BellPair.werner(fidelity).matrix, error)
    weight = (4 * fidelity - 1) / 3 * (1 - 2 * error) ** 2
    assert weights(left)[0] == pytest.approx((1 + 3 * weight) / 4, abs=1e-14)


def test_an_uncertain_phase_takes_coherence_between_the_halves_and_nothing_else():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    state = root @ root.conj().T
    state /= state.trace()
    left = dephase_relative(state, 0.4)
    first = np.array([0, 0, 1, 1])
    kept = np.where(first[:, None] == first[None, :], 1.0, 0.4)
    assert np.allclose(left, kept * state, atol=1e-15)


def test_the_mean_over_a_normal_phase_is_a_coherence():
    """e^{−σ²/2}, by quadrature over the phase."""
    sigma = 0.7
    phases = np.linspace(-10 * sigma, 10 * sigma, 4001)
    chances = np.exp(-((phases / sigma) ** 2) / 2)
    turned = [np.exp(1j * phase * np.array([0, 0, 1, 1])) for phase in phases]
    states = [chance * np.outer(t, t.conj()) * PHI_PLUS for chance, t in zip(chances, turned, strict=True)]
    mean = sum(states) / chances.sum()
    assert np.allclose(dephase_relative(PHI_PLUS, np.exp(-(sigma**2) / 2)), mean, atol=1e-12)
