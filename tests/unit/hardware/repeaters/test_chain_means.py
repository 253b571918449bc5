"""Mean waits of repeater chains, without a distribution, also where pairs hardly ever come."""

import math

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.hardware.repeaters import RepeaterChain, mean_wait, waiting_time
from weft.hardware.repeaters.nested import NestedMeans
from weft.network import BellPair


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


def test_links_that_never_succeed_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="must succeed some day"):
        mean_wait(RepeaterChain.equal(2, 1e-100))
    with pytest.raises(InvalidValueError, match="at least 1e-10"):
        mean_wait(RepeaterChain.equal(2, 1e-12, order="as_soon_as_possible"))
