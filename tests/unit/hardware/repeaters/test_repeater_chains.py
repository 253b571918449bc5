"""Exact waiting times of repeater chains, against closed forms and slow, independent computations."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.repeaters import RepeaterChain, waiting_time
from weft.hardware.repeaters.nested import nested_sequences
from weft.hardware.repeaters.power_series import multiply, reciprocal
from weft.network import BellPair

probability = st.floats(0.05, 1.0)

ORDERS = ("nested", "as_soon_as_possible")


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
