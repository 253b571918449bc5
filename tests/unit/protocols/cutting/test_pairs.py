"""Pairs that stand in for Φ+ add up to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import unitary_group

from weft.errors import InvalidValueError
from weft.network.bell_pair import BELL_STATES, BellPair
from weft.protocols.cutting.cancellation import cancellation_overhead, cancelled_pair
from weft.protocols.cutting.pairs import assisted_pair, entangled_fraction, pair_overhead, virtual_pair

PHI_PLUS = np.outer(BELL_STATES[0], BELL_STATES[0])


def random_pair(seed, rank):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, rank)) + 1j * rng.normal(size=(4, rank))
    state = root @ root.conj().T
    return BellPair.from_density_matrix(state / np.trace(state))


def non_maximally_entangled(k):
    vector = np.array([1, 0, 0, k]) / np.sqrt(1 + k * k)
    return BellPair.from_density_matrix(np.outer(vector, vector))


def locally_turned(pair, seed):
    both = np.kron(*unitary_group.rvs(2, size=2, random_state=seed))
    return BellPair.from_density_matrix(both @ pair.matrix @ both.conj().T)


def assert_perfect(decomposition, pair=None):
    np.testing.assert_allclose(decomposition.state(pair), PHI_PLUS, atol=1e-11)
    assert sum(term.coefficient for term in decomposition.terms) == pytest.approx(1, abs=1e-12)


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_an_assisted_pair_is_perfect_at_the_overhead_of_its_formula(seed, rank) -> None:
    pair = random_pair(seed, rank)
    assisted = assisted_pair(pair)
    assert_perfect(assisted, pair)
    assert assisted.overhead == pytest.approx(pair_overhead(pair), abs=1e-12)
    assert 1 <= pair_overhead(pair) <= 3


def test_a_virtual_pair_takes_no_pair() -> None:
    assert_perfect(virtual_pair())
    assert virtual_pair().overhead == pytest.approx(3)
    assert virtual_pair().real_share == 0


@pytest.mark.parametrize("k", [0.0, 0.01, 0.2, 0.5, 0.9, 1.0])
def test_pure_states_cost_what_the_literature_says(k) -> None:
    """Bechtold, Barzen, Leymann, Mandl, arXiv 2306.12084."""
    pair = non_maximally_entangled(k)
    assert pair_overhead(pair) == pytest.approx(4 * (k * k + 1) / (k + 1) ** 2 - 1, abs=1e-12)
    assert_perfect(assisted_pair(pair), pair)


def test_overhead_falls_continuously_from_that_of_a_cut_to_one() -> None:
    fidelities = np.linspace(0.25, 1, 301)
    overheads = np.array([pair_overhead(BellPair.werner(fidelity)) for fidelity in fidelities])
    assert overheads[0] == 3
    assert overheads[-1] == 1
    assert np.all(np.diff(overheads) <= 1e-12)
    assert np.abs(np.diff(overheads)).max() < 8 * 0.75 / 300 + 1e-12  # |d(2/f)/df| ≤ 8 for f ≥ ½
    np.testing.assert_allclose(overheads[100:], 2 / fidelities[100:] - 1, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_local_unitaries_change_nothing(seed) -> None:
    pair = random_pair(seed, 2)
    turned = locally_turned(pair, seed)
    assert entangled_fraction(turned) == pytest.approx(entangled_fraction(pair), abs=1e-12)
    assert_perfect(assisted_pair(turned), turned)


@pytest.mark.parametrize("seed", range(5))
def test_no_maximally_entangled_state_is_closer(seed) -> None:
    """Independent: unitaries are tried, none beats f, and turning the best of them back gives f."""
    pair = random_pair(seed, 3)
    tried = [
        np.kron(np.eye(2), unitary) @ BELL_STATES[0] for unitary in unitary_group.rvs(2, size=4000, random_state=seed)
    ]
    best = max(np.vdot(state, pair.matrix @ state).real for state in tried)
    assert best <= entangled_fraction(pair) + 1e-12
    assert best > entangled_fraction(pair) - 0.03


@pytest.mark.parametrize(
    ("pair", "terms"),
    [
        (BellPair.werner(1.0), 1),
        (BellPair.werner(0.8), 1 + 6),
        (BellPair.bell_diagonal((0.8, 0.1, 0.06, 0.04)), 3 + 6),
        (BellPair.werner(1.0).dephased(0.5), 3 + 6),
        (non_maximally_entangled(0.5), 12 + 6),
    ],
)
def test_symmetric_pairs_need_fewer_terms(pair, terms) -> None:
    assert len(assisted_pair(pair).terms) == terms


def test_the_better_the_pair_the_more_often_it_is_used() -> None:
    shares = [assisted_pair(BellPair.werner(fidelity)).real_share for fidelity in (0.4, 0.6, 0.8, 1.0)]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)


@pytest.mark.parametrize("fidelity", [0.6, 0.9, 0.99, 1.0])
def test_cancelling_costs_what_its_formulas_say(fidelity) -> None:
    werner, dephased = BellPair.werner(fidelity), BellPair.bell_diagonal((fidelity, 1 - fidelity, 0, 0))
    assert cancellation_overhead(werner) == pytest.approx((9 / (4 * fidelity - 1) - 1) / 2)
    assert cancellation_overhead(dephased) == pytest.approx(1 / (2 * fidelity - 1))
    for pair in (werner, dephased):
        assert_perfect(cancelled_pair(pair), pair)
        assert cancelled_pair(pair).real_share == 1


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_a_cancelled_pair_is_perfect_and_never_cheaper_than_an_assisted_one(seed, rank) -> None:
    pair = random_pair(seed, rank)
    try:
        cancelled = cancelled_pair(pair)
    except InvalidValueError:
        assert entangled_fraction(pair) <= 0.5 + 1e-9  # above, every λ is at least 2f − 1
        return
    assert all(term.real for term in cancelled.terms)
    np.testing.assert_allclose(cancelled.state(pair), PHI_PLUS, atol=1e-10 * cancelled.overhead)
    assert cancelled.overhead == pytest.approx(cancellation_overhead(pair))
    assert cancelled.overhead >= pair_overhead(pair) - 1e-9


def test_noise_that_leaves_nothing_cannot_be_cancelled() -> None:
    for pair in (BellPair.werner(0.25), BellPair.bell_diagonal((0.5, 0.5, 0, 0))):
        for refuse in (cancelled_pair, cancellation_overhead):
            with pytest.raises(InvalidValueError, match="must leave a part of every Pauli"):
                refuse(pair)
