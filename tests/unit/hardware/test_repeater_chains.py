"""Exact waiting times and states of repeater chains, against closed forms and slow, independent computations."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.repeaters import RepeaterChain, mean_wait, waiting_time
from weft.hardware.repeaters.correlations import correlations_of, joining, pair_of, secret_fraction
from weft.hardware.repeaters.nested import NestedMeans, nested_sequences
from weft.hardware.repeaters.power_series import multiply, reciprocal
from weft.network import BellPair

probability = st.floats(0.05, 1.0)
ORDERS = ("nested", "as_soon_as_possible")


def bbpssw(fidelity: float) -> float:
    """As physics.md and Bennett et al. (1996) write it, in fidelities."""
    rest = (1 - fidelity) / 3
    return (fidelity**2 + rest**2) / (fidelity**2 + 2 * fidelity * rest + 5 * rest**2)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("q", [0.3, 1.0])
def test_two_links_take_the_closed_form(order: str, p: float, q: float) -> None:
    found = waiting_time(RepeaterChain.equal(2, p, swap_success=q, order=order))
    assert found.mean_attempts == pytest.approx((3 - 2 * p) / (p * (2 - p)) / q, rel=1e-7)
    assert found.missing < 1e-9


def test_two_and_four_links_take_what_everyone_knows() -> None:
    means = [waiting_time(RepeaterChain.equal(n, 0.1, swap_success=0.5)).mean_attempts for n in (2, 4)]
    assert means == pytest.approx([29.474, 84.818], abs=5e-4)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("links", [1, 2, 4])
def test_without_failures_the_slowest_link_decides(order: str, links: int) -> None:
    """E max of n geometrics, by inclusion and exclusion, and P(T ≤ t) = (1 − (1 − p)^t)^n."""
    found = waiting_time(RepeaterChain.equal(links, 0.1, order=order))
    expected = sum((-1) ** (k + 1) * math.comb(links, k) / (1 - 0.9**k) for k in range(1, links + 1))
    assert found.mean_attempts == pytest.approx(expected, rel=1e-8)
    below = (1 - 0.9 ** np.arange(len(found.probability))) ** links
    assert np.abs(np.cumsum(found.probability) - below).max() < 1e-12


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


def naive_nested(chain: RepeaterChain, length: int) -> np.ndarray:
    """Double sums over both arrival times, and rounds added one by one: Werner weights only, in the plainest way."""
    start = (4 * chain.pairs[0].fidelity - 1) / 3
    p = chain.success_probability[0]
    prob = np.array([0.0] + [p * (1 - p) ** (t - 1) for t in range(1, length)])
    weight = prob * start
    for step, cutoff in zip(chain.all_steps, chain.all_cutoffs, strict=True):
        limit = math.inf if cutoff is None else cutoff
        good, heavy, bad = np.zeros(length), np.zeros(length), np.zeros(length)
        for a, b in product(range(1, length), repeat=2):
            both = prob[a] * prob[b]
            if abs(a - b) > limit:
                if min(a, b) + limit < length:
                    bad[int(min(a, b) + limit)] += both
                continue
            decay = math.exp(-abs(a - b) / chain.coherence_attempts)
            w_a, w_b = (weight[t] / prob[t] if prob[t] > 0 else 0.0 for t in (a, b))
            w_a, w_b = (w_a * decay, w_b) if a < b else (w_a, w_b * decay)
            success = chain.swap_success if step == "swap" else (1 + w_a * w_b) / 2
            out = w_a * w_b * success if step == "swap" else (w_a + w_b + 4 * w_a * w_b) / 6
            good[max(a, b)] += both * success
            heavy[max(a, b)] += both * out
            bad[max(a, b)] += both * (1 - success)
        # Those who wait beyond the arrays in vain.
        if limit < length:
            beyond = 1 - prob.sum()
            for a in range(1, length - int(limit)):
                bad[a + int(limit)] += 2 * prob[a] * beyond
        prob, weight = np.zeros(length), np.zeros(length)
        for t in range(length):
            prob[t] = good[t] + sum(bad[s] * prob[t - s] for s in range(1, t + 1))
            weight[t] = heavy[t] + sum(bad[s] * weight[t - s] for s in range(1, t + 1))
    return np.array([prob, weight])


@pytest.mark.parametrize(
    ("steps", "cutoffs"),
    [
        (("swap", "swap"), None),
        (("swap", "swap"), (2, 5)),
        (("swap", "bbpssw"), (None, 3)),
        (("swap", "swap", "bbpssw"), (4, 0, 9)),
    ],
)
def test_series_agree_with_double_sums(steps: tuple[str, ...], cutoffs: tuple[int | None, ...] | None) -> None:
    links = 1 << steps.count("swap")
    chain = RepeaterChain.equal(links, 0.4, 0.95, swap_success=0.7, coherence_attempts=20, steps=steps, cutoffs=cutoffs)
    found, expected = nested_sequences(chain, 48), naive_nested(chain, 48)
    assert found[0] == pytest.approx(expected[0], abs=1e-13)
    assert found[1:].mean(axis=0) == pytest.approx(expected[1], abs=1e-13)


def test_later_attempts_never_change_earlier_ones() -> None:
    chain = RepeaterChain.equal(4, 0.2, 0.9, swap_success=0.5, coherence_attempts=30, cutoffs=(5, 12))
    assert nested_sequences(chain, 64) == pytest.approx(nested_sequences(chain, 500)[:, :64], abs=1e-13)
    at_once = replace(chain, order="as_soon_as_possible", cutoffs=None)
    short, long = waiting_time(at_once, most_missing=0.5), waiting_time(at_once)
    assert short.probability == pytest.approx(long.probability[: len(short.probability)], abs=1e-13)


def means_of_the_distribution(chain: RepeaterChain) -> tuple[float, np.ndarray]:
    whole = waiting_time(chain)
    return whole.mean_attempts, np.array([1.0, *whole.mean_correlations])


@pytest.mark.parametrize("steps", [("swap", "swap"), ("bbpssw", "swap", "dejmps", "swap")])
def test_means_need_no_distribution(steps: tuple[str, ...]) -> None:
    """Wald's identity against the mean of the whole distribution, attempt by attempt."""
    chain = RepeaterChain.equal(
        4, 0.2, 0.9, swap_success=0.5, coherence_attempts=30, steps=steps, cutoffs=(9,) * len(steps)
    )
    (mean, correlations), (exact, exact_correlations) = mean_wait(chain), means_of_the_distribution(chain)
    assert mean == pytest.approx(exact, rel=1e-7)
    assert correlations == pytest.approx(exact_correlations, abs=1e-8)


@pytest.mark.parametrize("links", [1, 2, 4])
def test_means_of_chains_swapped_as_soon_as_possible_need_no_distribution(links: int) -> None:
    pairs = (BellPair.bell_diagonal((0.9, 0.05, 0.03, 0.02)),) * links
    chain = RepeaterChain((0.3, 0.1, 0.2, 0.25)[:links], pairs, 0.6, 30.0, 50.0, order="as_soon_as_possible")
    (mean, correlations), (exact, exact_correlations) = mean_wait(chain), means_of_the_distribution(chain)
    assert mean == pytest.approx(exact, rel=1e-7)
    assert correlations == pytest.approx(exact_correlations, abs=1e-7)


@pytest.mark.parametrize(
    ("links", "p", "coherence", "steps", "cutoffs"),
    [
        (4, 0.01, 100, None, (20, 60)),
        (4, 0.01, 20, None, (3, None)),
        (8, 0.03, 60, None, (12, 15, 20)),
        (2, 0.02, 30, ("dejmps", "swap"), (9, 40)),
        (2, 0.02, 5, ("swap", "bbpssw"), (30, 0)),
        (4, 0.02, 200, None, None),
        (8, 0.0436, 258, None, (2, 2, 2)),
        (8, 0.05416, 149, None, (1, 1, 127)),
        (4, 0.01446, 3.3, ("swap", "swap", "dejmps"), (12, 11, 5)),
    ],
)
def test_wide_cells_are_nearly_right(links, p, coherence, steps, cutoffs) -> None:
    """Few cells, so that one is many attempts, against one attempt to a cell."""
    chain = RepeaterChain.equal(
        links, p, 0.98, swap_success=0.8, coherence_attempts=coherence, steps=steps, cutoffs=cutoffs
    )
    exact, exact_correlations = NestedMeans(chain, 1 << 17)(chain.all_cutoffs)
    for cells in (256, 1024, 4096):
        mean, correlations = NestedMeans(chain, cells)(chain.all_cutoffs)
        assert mean == pytest.approx(exact, rel=25 / cells)
        assert correlations.sum() / 4 == pytest.approx(exact_correlations.sum() / 4, abs=25 / cells / 50)


def two_links_by_sums(p: float, cutoff: int, coherence: float) -> tuple[float, float]:
    """Mean attempts and Werner weight; a round takes until the first pair and then until the second or the cutoff."""
    lag = np.arange(1, cutoff + 1)
    comes = 2 * p / (2 - p) * (1 - p) ** lag
    success = p / (2 - p) + comes.sum()
    never = 2 * (1 - p) ** (cutoff + 1) / (2 - p)
    mean_round = 1 / (p * (2 - p)) + comes @ lag + cutoff * never
    return mean_round / success, (p / (2 - p) + comes @ np.exp(-lag / coherence)) / success


@pytest.mark.parametrize("cutoff", [0, 1, 150, 3000, 100_000])
def test_links_that_hardly_ever_succeed_take_the_closed_form(cutoff: int) -> None:
    """A cutoff and a coherence far shorter than a cell, as in a chain of two links over 400 km."""
    chain = RepeaterChain.equal(2, 4.5e-6, coherence_attempts=1000, cutoffs=(cutoff,))
    mean, correlations = mean_wait(chain)
    expected, weight = two_links_by_sums(4.5e-6, cutoff, 1000)
    assert mean == pytest.approx(expected, rel=1e-6)
    assert correlations[1:] == pytest.approx((weight,) * 3, abs=1e-6)


def test_each_step_may_take_a_million_times_longer_than_the_one_before() -> None:
    """Cutoffs of 0 and links that seldom succeed: each step waits for two rare things at once, r → r²."""
    mean, correlations = mean_wait(RepeaterChain.equal(8, 1e-5, 0.98, coherence_attempts=100, cutoffs=(0, 0, 0)))
    assert mean == pytest.approx(1e40, rel=1e-4)
    assert correlations[1] == pytest.approx(((4 * 0.98 - 1) / 3) ** 8)
    with pytest.raises(InvalidValueError, match="must deliver some day"):
        mean_wait(RepeaterChain.equal(16, 1e-5, cutoffs=(0, 0, 0, 0)))


def test_unequal_links_have_cells_in_common() -> None:
    """The slow link decides: two of them, of very different kinds, against the sum over both orders of arrival."""
    fast, slow, coherence = 0.3, 3e-4, 50.0
    mean, correlations = mean_wait(RepeaterChain((fast, slow), coherence_attempts=coherence))
    both = fast + slow - fast * slow
    assert mean == pytest.approx(1 / fast + 1 / slow - 1 / both, rel=1e-6)
    decay = math.exp(-1 / coherence)

    def waits(first: float, second: float) -> float:
        left = (1 - second) * decay
        return first * (1 - second) / both * second * decay / (1 - left)

    assert correlations[1] == pytest.approx(fast * slow / both + waits(fast, slow) + waits(slow, fast), rel=1e-5)
    with pytest.raises(InvalidValueError, match="must not differ so much in speed"):
        mean_wait(RepeaterChain((fast, 1e-6)))


@settings(max_examples=40, deadline=None)
@given(probability, probability, st.floats(2.0, 200.0), st.integers(0, 20), st.floats(0.7, 1.0))
def test_cutoffs_trade_rate_for_fidelity(p: float, q: float, coherence: float, cutoff: int, fidelity: float) -> None:
    """Along a chain of two: the shorter the cutoff, the better the pair and the longer the wait."""
    chain = RepeaterChain.equal(2, p, fidelity, swap_success=q, coherence_attempts=coherence)
    short, longer, none = (waiting_time(replace(chain, cutoffs=(c,))) for c in (cutoff, cutoff + 3, None))
    slack = 1e-9
    assert short.mean_fidelity >= longer.mean_fidelity - slack >= none.mean_fidelity - 2 * slack
    assert short.mean_attempts >= longer.mean_attempts - 1e-6 >= none.mean_attempts - 2e-6


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ORDERS), probability, probability, st.floats(0.5, 100.0), st.floats(0.25, 1.0))
@example("nested", 0.05, 0.111328125, 1.0, 1.0)  # its tail is rounded to nothing
def test_a_chain_delivers_once_and_never_better_than_its_links(
    order: str, p: float, q: float, coherence: float, fidelity: float
) -> None:
    chain = RepeaterChain.equal(4, p, fidelity, swap_success=q, coherence_attempts=coherence, order=order)
    found = waiting_time(chain)
    assert found.probability.sum() + found.missing == pytest.approx(1, abs=1e-9)
    assert 0.25 - 1e-9 <= found.mean_fidelity <= fidelity + 1e-9
    weight = found.werner_weight
    assert np.nanmax(weight[found.probability > 1e-9]) <= ((4 * fidelity - 1) / 3) ** 4 + 1e-6


def arrivals_by_hand(chain: RepeaterChain, longest: int) -> tuple[float, float]:
    """Without failures: all arrival times of three links summed over; every half waits for its partner or the end."""
    mean = weight = 0.0
    births = [(4 * pair.fidelity - 1) / 3 for pair in chain.pairs]
    for times in product(range(1, longest), repeat=3):
        chance = math.prod(p * (1 - p) ** (t - 1) for p, t in zip(chain.success_probability, times, strict=True))
        last = max(times)
        halves = last - times[0] + abs(times[0] - times[1]) + abs(times[1] - times[2]) + last - times[2]
        mean += chance * last
        weight += chance * math.prod(births) * math.exp(-halves / 2 / chain.coherence_attempts)
    return mean, weight


def test_unequal_links_joined_as_soon_as_possible() -> None:
    pairs = tuple(BellPair.werner(f) for f in (0.9, 0.95, 0.99))
    chain = RepeaterChain((0.5, 0.7, 0.4), pairs, coherence_attempts=7, order="as_soon_as_possible")
    found = waiting_time(chain)
    mean, weight = arrivals_by_hand(chain, 45)
    assert found.mean_attempts == pytest.approx(mean, rel=1e-6)
    assert found.mean_correlations == pytest.approx((weight,) * 3, rel=1e-6)


def test_dephasing_leaves_zz_alone() -> None:
    """Two links: the first waits D attempts, P(D = 0) = p/(2 − p), else 2p(1 − p)^d/(2 − p)."""
    p, chain = 0.2, RepeaterChain.equal(2, 0.2, dephasing_attempts=11.0)
    waits = sum(2 * p * (0.8 * math.exp(-1 / 11)) ** d / (2 - p) for d in range(1, 500)) + p / (2 - p)
    for order in ORDERS:
        x, y, z = waiting_time(replace(chain, order=order)).mean_correlations
        assert (x, y, z) == pytest.approx((waits, waits, 1.0), abs=1e-8)


def test_for_two_links_both_orders_are_the_same() -> None:
    chain = RepeaterChain((0.3, 0.1), (BellPair.bell_diagonal((0.8, 0.1, 0.07, 0.03)),), 0.6, 25.0, 40.0)
    one, other = (waiting_time(replace(chain, order=order)) for order in ORDERS)
    length = min(len(one.probability), len(other.probability))
    assert one.probability[:length] == pytest.approx(other.probability[:length], abs=1e-13)
    assert one.weighted[:, :length] == pytest.approx(other.weighted[:, :length], abs=1e-13)


def test_a_tail_that_is_cut_off_is_continued() -> None:
    chain = RepeaterChain.equal(4, 0.05, 0.95, swap_success=0.5, coherence_attempts=100)
    whole, part = waiting_time(chain), waiting_time(chain, most_missing=0.05)
    assert part.missing > 1e-3
    assert part.mean_attempts == pytest.approx(whole.mean_attempts, rel=1e-6)
    assert part.mean_fidelity == pytest.approx(whole.mean_fidelity, abs=1e-6)
    assert [part.quantile(s) for s in (0.1, 0.5, 0.9)] == [whole.quantile(s) for s in (0.1, 0.5, 0.9)]
    assert part.quantile(1 - 1e-7) == pytest.approx(whole.quantile(1 - 1e-7), abs=2)


def test_quantiles_of_one_link_are_those_of_a_geometric_number() -> None:
    found = waiting_time(RepeaterChain.equal(1, 0.1))
    for share in (0.05, 0.5, 0.95, 1 - 1e-12):
        assert found.quantile(share) == math.ceil(math.log(1 - share) / math.log(0.9))


def test_power_series() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 37))
    assert multiply(a, b) == pytest.approx(np.convolve(a, b)[:37], abs=1e-12)
    b[0], b[1:] = 0.7, b[1:] / 10
    assert multiply(b, reciprocal(b)) == pytest.approx(np.eye(37)[0], abs=1e-12)


def test_secret_bits_end_at_an_error_rate_of_eleven_percent() -> None:
    """Shor and Preskill: 1 − 2h(e) = 0 at e = .1100."""

    def werner(error: float) -> np.ndarray:
        return np.array([1, *[1 - 2 * error] * 3])

    assert secret_fraction(werner(0.0)) == 1
    assert 0 < secret_fraction(werner(0.1099)) < 2e-3
    assert secret_fraction(werner(0.1101)) == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"success_probability": ()}, "must have a link"),
        ({"success_probability": (0.0,)}, r"must lie in \(0, 1\]"),
        ({"pairs": (BellPair.werner(1.0),) * 3}, "as many `pairs` as links"),
        ({"swap_success": 1.5}, r"must lie in \(0, 1\]"),
        ({"coherence_attempts": 0.0}, "`coherence_attempts` must be positive"),
        ({"order": "random"}, "`order` must be"),
        ({"success_probability": (0.1,) * 3}, "power of two"),
        ({"steps": ("swap", "swap")}, "power of two"),
        ({"steps": ("swap", "magic")}, "`steps` must be swap"),
        ({"cutoffs": (1, 2)}, "`cutoffs` must have one entry per step"),
        ({"cutoffs": (-1,)}, "each cutoff must be"),
        ({"order": "as_soon_as_possible", "cutoffs": (1,)}, "`cutoffs` must be None"),
        ({"order": "as_soon_as_possible", "success_probability": (0.1,) * 7}, "at most 6 links"),
    ],
)
def test_chains_that_cannot_be_are_refused(arguments, text) -> None:
    with pytest.raises(InvalidValueError, match=text):
        RepeaterChain(**({"success_probability": (0.1, 0.1)} | arguments))


def test_a_chain_that_takes_too_long_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="most of its pairs within 1000 attempts"):
        waiting_time(RepeaterChain.equal(2, 1e-3, cutoffs=(0,)), most_attempts=1000)


def test_links_that_never_succeed_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="must succeed some day"):
        mean_wait(RepeaterChain.equal(2, 1e-100))
    with pytest.raises(InvalidValueError, match="at least 1e-10"):
        mean_wait(RepeaterChain.equal(2, 1e-12, order="as_soon_as_possible"))
