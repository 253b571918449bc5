"""Whatever Bell state a device makes, Weft sees Φ+, and loses nothing else of the state."""

import math

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.network import BellPair

R = math.sqrt(0.5)
KETS = {"Φ+": [R, 0, 0, R], "Φ-": [R, 0, 0, -R], "Ψ+": [0, R, R, 0], "Ψ-": [0, R, -R, 0]}
OXFORD_MAGNITUDE = [
    [0.012, 0.014, 0.014, 0],
    [0.014, 0.508, 0.475, 0.008],
    [0.014, 0.475, 0.479, 0.009],
    [0, 0.008, 0.009, 0],
]
OXFORD_PHASE_PI = [
    [0, -1.85, -1.825, -0.985],
    [1.85, 0, -0.002, -0.902],
    [1.825, 0.002, 0, -0.931],
    [0.985, 0.902, 0.931, 0],
]


def projector(name: str) -> np.ndarray:
    return np.outer(KETS[name], KETS[name]).astype(complex)


@pytest.mark.parametrize("name", KETS)
def test_every_bell_state_becomes_phi_plus(name: str) -> None:
    pair = BellPair.from_density_matrix(projector(name))
    np.testing.assert_allclose(pair.matrix, projector("Φ+"), atol=1e-12)
    assert pair.fidelity == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", KETS)
def test_the_frame_keeps_the_spectrum_and_the_largest_overlap(name: str) -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    noise = noise @ noise.conj().T
    rho = 0.7 * projector(name) + 0.3 * noise / np.trace(noise)
    pair = BellPair.from_density_matrix(rho)
    np.testing.assert_allclose(np.linalg.eigvalsh(pair.matrix), np.linalg.eigvalsh(rho), atol=1e-12)
    overlaps = [np.real(np.array(ket) @ rho @ np.array(ket)) for ket in KETS.values()]
    assert pair.fidelity == pytest.approx(max(overlaps), abs=1e-12)
    assert sorted(pair.bell_weights) == pytest.approx(sorted(overlaps), abs=1e-12)
    assert not pair.is_bell_diagonal


@pytest.mark.parametrize("fidelity", [0.25, 0.5, 0.9, 0.97, 1])
def test_a_werner_pair_is_its_weighted_bell_states(fidelity: float) -> None:
    pair = BellPair.werner(fidelity)
    expected = fidelity * projector("Φ+") + (1 - fidelity) / 3 * (np.eye(4) - projector("Φ+"))
    np.testing.assert_allclose(pair.matrix, expected, atol=1e-12)
    assert pair.fidelity == pytest.approx(fidelity, abs=1e-12)
    assert pair.is_bell_diagonal


def test_bell_weights_come_back_as_they_went_in_when_phi_plus_weighs_most() -> None:
    pair = BellPair.bell_diagonal((0.8, 0.1, 0.07, 0.03))
    assert pair.bell_weights == pytest.approx((0.8, 0.1, 0.07, 0.03), abs=1e-15)


def test_the_heaviest_bell_weight_moves_to_phi_plus_and_its_phase_partner_with_it() -> None:
    """X on the second qubit exchanges Φ and Ψ and keeps the sign."""
    assert BellPair.bell_diagonal((0.1, 0.05, 0.8, 0.05)).bell_weights == pytest.approx((0.8, 0.05, 0.1, 0.05))


def test_published_tomography_is_renormalised_and_has_its_published_fidelity() -> None:
    rho = np.array(OXFORD_MAGNITUDE) * np.exp(1j * np.pi * np.array(OXFORD_PHASE_PI))
    pair = BellPair.from_density_matrix(rho)
    assert pair.fidelity == pytest.approx(0.9695, abs=5e-4)
    assert np.trace(pair.matrix).real == pytest.approx(1, abs=1e-12)
    assert np.linalg.eigvalsh(pair.matrix)[0] > -1e-12


def test_making_a_pair_of_a_pair_changes_no_bit() -> None:
    rho = np.array(OXFORD_MAGNITUDE) * np.exp(1j * np.pi * np.array(OXFORD_PHASE_PI))
    for pair in (BellPair.from_density_matrix(rho), BellPair.werner(0.25), BellPair.bell_diagonal((0.5, 0, 0.5, 0))):
        again = BellPair.from_density_matrix(pair.matrix)
        assert again.entries == pair.entries
        assert repr(again.entries) == repr(pair.entries)


@pytest.mark.parametrize("fidelity", [0.24, 1.01, math.nan, -math.inf])
def test_an_impossible_fidelity_is_refused(fidelity: float) -> None:
    with pytest.raises(InvalidValueError, match=r"must lie in \[0.25, 1\]"):
        BellPair.werner(fidelity)


@pytest.mark.parametrize(
    "weights", [(1, 0, 0), (0.5, 0.5, 0.5, 0), (1.1, -0.1, 0, 0), (math.nan, 0, 0, 1), "abcd", (1, 0, 0, "x")]
)
def test_bell_weights_that_are_no_probabilities_are_refused(weights: object) -> None:
    with pytest.raises(InvalidValueError, match="Bell weights must"):
        BellPair.bell_diagonal(weights)


@pytest.mark.parametrize(
    ("matrix", "text"),
    [
        (np.eye(2), "4×4"),
        (np.eye(4), "trace 1"),
        (np.diag([1.5, -0.5, 0, 0]), "positive"),
        (np.diag([np.nan, 1, 0, 0]), "finite"),
        (np.diag([0.5, 0, 0, 0.5]) + np.eye(4, k=1) * 0.1, "Hermitian"),
        ([["a"] * 4] * 4, "numbers"),
        ([[1, 2], [3]], "numbers"),
    ],
)
def test_a_matrix_that_is_no_state_is_refused_and_says_why(matrix: object, text: str) -> None:
    with pytest.raises(InvalidValueError, match=text):
        BellPair.from_density_matrix(matrix)


def test_the_constructor_itself_takes_only_states() -> None:
    with pytest.raises(InvalidValueError, match="trace"):
        BellPair(((0j,) * 4,) * 4)
