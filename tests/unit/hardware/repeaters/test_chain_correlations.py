"""What a swap or a distillation makes of two pairs, against density matrices and published values."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.hardware.repeaters import RepeaterChain, waiting_time
from weft.hardware.repeaters.correlations import correlations_of, joining, pair_of, secret_fraction
from weft.network import BellPair


def bbpssw(fidelity: float) -> float:
    """As physics.md and Bennett et al. (1996) write it, in fidelities."""
    rest = (1 - fidelity) / 3
    return (fidelity**2 + rest**2) / (fidelity**2 + 2 * fidelity * rest + 5 * rest**2)


def test_swaps_and_distillation_of_fresh_pairs_have_the_published_values() -> None:
    """F = .79 from w .9 and .8; BBPSSW .75 → .78846 → .82701. Links that always succeed leave nothing to wait."""
    pairs = (BellPair.werner((1 + 3 * 0.9) / 4), BellPair.werner((1 + 3 * 0.8) / 4))
    assert waiting_time(RepeaterChain((1.0, 1.0), pairs)).mean_fidelity == pytest.approx(0.79, abs=1e-12)
    once, twice = (waiting_time(RepeaterChain.equal(1, 1.0, 0.75, steps=("bbpssw",) * n)).mean_fidelity for n in (1, 2))
    assert (once, twice) == pytest.approx((0.78846, 0.82701), abs=5e-6)
    assert once == pytest.approx(bbpssw(0.75), abs=1e-12)


def two_qubit_pairs_distilled(one: BellPair, other: BellPair, protocol: str) -> tuple[float, np.ndarray]:
    """Bilateral CNOTs and measurements on 16 × 16 density matrices: qubits A1, B1, A2, B2; no formula shared with the code."""
    states = []
    for pair in (one, other):
        is_twirled = protocol == "bbpssw"
        weights = [pair.fidelity, *[(1 - pair.fidelity) / 3] * 3] if is_twirled else pair.bell_weights
        rho = BellPair.bell_diagonal(weights).matrix
        if protocol == "dejmps":
            # exp(∓iπX/4) on A and B, as Deutsch et al. rotate.
            both = np.kron(*[np.array([[1, sign * 1j], [sign * 1j, 1]]) / math.sqrt(2) for sign in (-1, 1)])
            rho = both @ rho @ both.conj().T
        states.append(rho)
    rho = np.kron(*states)
    cnots = np.zeros((16, 16))
    for a1, b1, a2, b2 in product((0, 1), repeat=4):
        cnots[8 * a1 + 4 * b1 + 2 * (a2 ^ a1) + (b2 ^ b1), 8 * a1 + 4 * b1 + 2 * a2 + b2] = 1
    rho = (cnots @ rho @ cnots.T).reshape(4, 4, 4, 4)
    kept = rho[:, 0, :, 0] + rho[:, 3, :, 3]
    return kept.trace().real, kept / kept.trace()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.sampled_from(["bbpssw", "dejmps"]))
def test_distillation_matches_density_matrices(numbers: list[float], protocol: str) -> None:
    pairs = []
    for rest in (numbers[:3], numbers[3:]):
        share = 0.5 / max(1.0, sum(rest))
        weights = [value * share for value in rest]
        pairs.append(BellPair.bell_diagonal([1 - sum(weights), *weights]))
    made = np.einsum("kij,i,j->k", joining(protocol, 1.0), *[correlations_of(pair) for pair in pairs])
    success, rho = two_qubit_pairs_distilled(*pairs, protocol)
    assert made[0] == pytest.approx(success, abs=1e-12)
    found = BellPair.from_density_matrix(rho)
    assert sorted(pair_of(made / made[0]).bell_weights) == pytest.approx(sorted(found.bell_weights), abs=1e-9)


def test_swap_of_bell_diagonal_pairs_matches_density_matrices() -> None:
    """A Bell measurement that finds Φ+ between two pairs, on four qubits."""
    one, other = BellPair.bell_diagonal((0.7, 0.15, 0.1, 0.05)), BellPair.bell_diagonal((0.8, 0.02, 0.08, 0.1))
    rho = np.kron(one.matrix, other.matrix).reshape((2,) * 8)
    bell = np.array([[1, 0], [0, 1]]) / math.sqrt(2)
    left = np.einsum("abcdefgh,bc,fg->adeh", rho, bell, bell).reshape(4, 4)
    found = BellPair.from_density_matrix(left / left.trace())
    made = np.einsum("kij,i,j->k", joining("swap", 1.0), correlations_of(one), correlations_of(other))
    assert pair_of(made).bell_weights == pytest.approx(found.bell_weights, abs=1e-12)


def test_secret_bits_end_at_an_error_rate_of_eleven_percent() -> None:
    """Shor and Preskill: 1 − 2h(e) = 0 at e = .1100."""

    def werner(error: float) -> np.ndarray:
        return np.array([1, *[1 - 2 * error] * 3])

    assert secret_fraction(werner(0.0)) == 1
    assert 0 < secret_fraction(werner(0.1099)) < 2e-3
    assert secret_fraction(werner(0.1101)) == 0
