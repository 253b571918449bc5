"""What timing jitter leaves of interference, and of the pair that it heralds."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

from weft.network import BellPair, Link
from weft.network.interference import interference_visibility


def test_the_value_in_the_table_of_formulas_is_the_visibility() -> None:
    """.92496 at s/τ = .1 is V; the fidelity of the pair is (1 + V)/2."""
    assert interference_visibility(0.1, 1.0) == pytest.approx(0.92496, abs=5e-6)
    link = Link("A", "B", 1.0, timing_jitter_s=0.1, photon_lifetime_s=1.0)
    assert link.delivered_pair.fidelity == pytest.approx((1 + 0.92496) / 2, abs=5e-6)
    assert link.pair.fidelity == 1


@pytest.mark.parametrize("ratio", [0.003, 0.1, 0.7, 2.0, 9.0])
def test_it_is_the_mean_squared_overlap_of_two_exponential_photons(ratio: float) -> None:
    """|⟨ψ₀|ψ_Δ⟩|² by quadrature, averaged by quadrature over a normal Δ."""

    def overlap(delay: float) -> float:
        return quad(lambda t: math.exp(-t / 2) * math.exp(-(t - delay) / 2), delay, delay + 80)[0]

    def weighted(delay: float) -> float:
        return math.exp(-((delay / ratio) ** 2) / 2) / (ratio * math.sqrt(2 * math.pi)) * overlap(delay) ** 2

    mean = 2 * quad(weighted, 0, min(12 * ratio, 60), limit=400)[0]
    assert interference_visibility(ratio, 1.0) == pytest.approx(mean, rel=1e-7)


def test_it_agrees_with_erfcx_over_all_magnitudes() -> None:
    ratios = np.concatenate(([0.0], np.logspace(-9, 9, 400), np.linspace(35.2, 35.5, 50)))
    found = [interference_visibility(ratio, 1.0) for ratio in ratios]
    assert found == pytest.approx(erfcx(ratios / math.sqrt(2)).tolist(), rel=1e-11)
    assert interference_visibility(1e300, 1e-300) == 0
    assert interference_visibility(1e-300, 1e300) == 1


def test_jitter_dephases_any_pair() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    state = BellPair.from_density_matrix(root @ root.conj().T / np.trace(root @ root.conj().T))
    link = Link("A", "B", 1.0, pair=state, timing_jitter_s=2.0, photon_lifetime_s=1.0)
    v, z = link.visibility, np.diag([1, 1, -1, -1])
    expected = (1 + v) / 2 * state.matrix + (1 - v) / 2 * z @ state.matrix @ z
    assert np.allclose(link.delivered_pair.matrix, expected, atol=1e-15)
    assert Link("A", "B", 1.0, pair=state, photon_lifetime_s=1.0).delivered_pair is state
