"""End-to-end pairs over chains of links, against closed forms and a slow player."""

import numpy as np
import pytest

from weft.errors import InvalidValueError, SchedulingError
from weft.scheduler.chains import Chain, wait_for_chain


def chain_of(links: int, p: float = 0.1, swap: float = 1.0, cutoff_s: float | None = None) -> Chain:
    return Chain((1.0,) * links, (p,) * links, swap, cutoff_s)


def is_close(found: np.ndarray, expected: float) -> bool:
    """Within 5.5 standard errors: 4·10⁻⁸ for each of fewer than 20 comparisons; seeds are fixed."""
    return abs(found.mean() - expected) < 5.5 * found.std() / np.sqrt(len(found))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("order", ["nested", "as_soon_as_possible"])
def test_two_links_take_the_closed_form(p: float, order: str) -> None:
    """(3 − 2p)/(p(2 − p))/q attempts; 29.474 at p = .1 and q = .5. For two links both orders are the same."""
    expected = (3 - 2 * p) / (p * (2 - p)) / 0.5
    assert is_close(wait_for_chain(chain_of(2, p, 0.5), 400_000, 1, order=order).wait_s, expected)
    if p == 0.1:
        assert expected == pytest.approx(29.474, abs=1e-3)


def test_four_nested_links_take_84_818_attempts() -> None:
    assert is_close(wait_for_chain(chain_of(4, 0.1, 0.5), 400_000, 1).wait_s, 84.818)


@pytest.mark.parametrize("links", [1, 2, 4, 8])
def test_if_swaps_never_fail_both_orders_wait_for_the_slowest_link(links: int) -> None:
    """E max of n geometrics, by inclusion and exclusion; the fast way without failures agrees with the general one exactly."""
    from math import comb

    expected = sum((-1) ** (k + 1) * comb(links, k) / (1 - 0.9**k) for k in range(1, links + 1))
    nested = wait_for_chain(chain_of(links), 100_000, 2)
    at_once = wait_for_chain(chain_of(links), 100_000, 2, order="as_soon_as_possible")
    general = wait_for_chain(chain_of(links, cutoff_s=1e9), 100_000, 2, order="as_soon_as_possible")
    assert is_close(nested.wait_s, expected)
    assert np.array_equal(nested.wait_s, at_once.wait_s)
    assert np.array_equal(general.wait_s, at_once.wait_s)
    assert np.array_equal(general.memory_s, at_once.memory_s)


@pytest.mark.parametrize("order", ["nested", "as_soon_as_possible"])
def test_memories_meet_where_they_are_swapped(order: str) -> None:
    """The two halves at a node end together: what one waited more, its link's pair was earlier. And no memory waits for nothing."""
    waits = wait_for_chain(chain_of(4, 0.2, 0.5), 5000, 3, order=order)
    memory, wait = waits.memory_s, waits.wait_s
    assert memory.min() >= 0
    made = wait - memory[3, 1]
    for link in (2, 1, 0):
        made = made + memory[link + 1, 0] - memory[link, 1]
    assert np.allclose(made, wait - memory[0, 0])


@pytest.mark.parametrize("order", ["nested", "as_soon_as_possible"])
def test_under_a_cutoff_no_memory_waits_longer(order: str) -> None:
    waits = wait_for_chain(chain_of(4, 0.1, 0.8, cutoff_s=12.0), 20_000, 1, order=order)
    assert waits.memory_s.max() <= 12
    assert waits.wait_s.mean() > wait_for_chain(chain_of(4, 0.1, 0.8), 20_000, 1, order=order).wait_s.mean()


def slow_chain(chain: Chain, rng: np.random.Generator) -> float:
    """Swapping as soon as possible, step by step: every link attempts in every step in which it has no pair."""
    count, time = len(chain.attempt_s), 0
    segments: list[tuple[int, int]] = []
    while True:
        time += 1
        taken = {link for a, b in segments for link in range(a, b)}
        new = [k for k in range(count) if k not in taken and rng.random() < chain.success_probability[k]]
        for link in new:
            segments.append((link, link + 1))
            for _ in range(2):
                for one in list(segments):
                    other = next((s for s in segments if s[0] == one[1]), None)
                    if other and link in {one[1] - 1, other[0]}:
                        segments.remove(one)
                        segments.remove(other)
                        if rng.random() < chain.swap_success:
                            segments.append((one[0], other[1]))
                        break
        if (0, count) in segments:
            return time


def test_swapping_at_once_agrees_with_a_player_that_goes_step_by_step() -> None:
    """Two means, within 6 standard errors of their difference (2·10⁻⁹); seeds are fixed."""
    chain = chain_of(3, 0.3, 0.6)
    rng = np.random.default_rng(5)
    slow = np.array([slow_chain(chain, rng) for _ in range(6000)])
    fast = wait_for_chain(chain, 200_000, 1, order="as_soon_as_possible").wait_s
    assert abs(slow.mean() - fast.mean()) < 6 * np.sqrt(slow.var() / len(slow) + fast.var() / len(fast))


def test_links_may_differ() -> None:
    waits = wait_for_chain(Chain((1.0, 10.0), (1.0, 1.0)), 10, order="nested")
    assert waits.wait_s.tolist() == [10.0] * 10
    assert waits.memory_s[:, :, 0].tolist() == [[9.0, 9.0], [0.0, 0.0]]


def test_a_cutoff_that_leaves_no_chance_is_an_error() -> None:
    chain = Chain((1.0, 1.0 + 1e-7), (1.0, 1.0), cutoff_s=1e-9)
    for order in ("nested", "as_soon_as_possible"):
        with pytest.raises(SchedulingError, match="a million segments"):
            wait_for_chain(chain, 1, order=order)


def test_the_same_seed_gives_the_same_waits() -> None:
    first, again, other = (wait_for_chain(chain_of(4, swap=0.5), 100, seed).wait_s for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "arguments",
    [
        ((), ()),
        ((1.0,), (0.1, 0.1)),
        ((0.0,), (0.1,)),
        ((1.0,), (0.0,)),
        ((1.0,), (0.5,), 0.0),
        ((1.0,), (0.5,), 1.0, -1.0),
    ],
)
def test_chains_that_cannot_be_are_refused(arguments) -> None:
    with pytest.raises(InvalidValueError):
        Chain(*arguments)


@pytest.mark.parametrize("arguments", [{"shots": 0}, {"order": "random"}])
def test_impossible_requests_are_refused(arguments) -> None:
    with pytest.raises(InvalidValueError, match=f"`{next(iter(arguments))}` must"):
        wait_for_chain(chain_of(2), **({"shots": 1} | arguments))
    with pytest.raises(InvalidValueError, match="power of two"):
        wait_for_chain(chain_of(3), 1)
