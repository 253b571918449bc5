"""Exact distributions and sampled pairs check each other; they share no code.

Every comparison is within 5.5 standard errors (4·10⁻⁸) or at a chi-squared tail of 10⁻⁸, fewer than 30 of them; seeds are fixed.
"""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from weft.errors import InvalidValueError, SchedulingError
from weft.hardware.repeaters import RepeaterChain, WaitingTime, waiting_time
from weft.network import BellPair
from weft.scheduler.chains import Chain, ChainWaits, wait_for_chain

SHOTS = 40_000
START = BellPair.bell_diagonal((0.93, 0.03, 0.03, 0.01))
NESTED = {
    "swaps": (("swap", "swap"), None),
    "cutoffs": (("swap", "swap"), (4, 15)),
    "distilled links": (("bbpssw", "swap", "swap"), (None, 20, None)),
    "distilled in the middle": (("swap", "dejmps", "swap"), (3, 30, 40)),
    "distilled often": (("dejmps", "dejmps", "swap", "bbpssw"), (0, 6, None, 30)),
}


def both(steps, cutoffs, p=0.3, q=0.6, coherence=60.0) -> tuple[WaitingTime, ChainWaits]:
    links = 1 << steps.count("swap")
    exact = RepeaterChain((p,) * links, (START,), q, coherence, steps=steps, cutoffs=cutoffs)
    seconds = None if cutoffs is None else tuple(None if cutoff is None else float(cutoff) for cutoff in cutoffs)
    sampled = Chain((1.0,) * links, (p,) * links, q, None, steps, seconds, START, coherence)
    return waiting_time(exact), wait_for_chain(sampled, SHOTS, 1)


def agrees(samples: np.ndarray, expected: float) -> bool:
    return abs(samples.mean() - expected) < 5.5 * samples.std() / math.sqrt(len(samples))


def distribution_agrees(waits: np.ndarray, exact: WaitingTime) -> bool:
    """Chi-squared over about 40 bins of equal probability."""
    edges = np.unique([exact.quantile(k / 40) for k in range(1, 40)])
    below = np.concatenate(([0.0], np.cumsum(exact.probability)[edges], [1.0]))
    expected = np.diff(below) * len(waits)
    counts = np.bincount(np.searchsorted(edges, waits), minlength=len(expected))
    full = expected > 10
    statistic = ((counts - expected)[full] ** 2 / expected[full]).sum()
    return statistic < chi2.isf(1e-8, full.sum() - 1)


@pytest.mark.parametrize("name", NESTED)
def test_nested_chains(name: str) -> None:
    exact, sampled = both(*NESTED[name])
    assert agrees(sampled.wait_s, exact.mean_attempts)
    assert distribution_agrees(sampled.wait_s, exact)
    phi_plus, phi_minus, psi_plus, psi_minus = sampled.bell_weights
    x, y, z = exact.mean_correlations
    assert agrees(phi_plus, exact.mean_fidelity)
    assert agrees(phi_plus - phi_minus + psi_plus - psi_minus, x)
    assert agrees(phi_plus - phi_minus - psi_plus + psi_minus, y)
    assert agrees(phi_plus + phi_minus - psi_plus - psi_minus, z)


@pytest.mark.parametrize("cutoffs", [None, (4, 15)])
def test_memories_that_waited_explain_the_fidelity(cutoffs) -> None:
    """Each half depolarises at half the rate of a pair: w = w₀⁴ e^{−Σ memory/2T}, computed from memory times alone."""
    exact, sampled = both(("swap", "swap"), cutoffs)
    kept = np.exp(-sampled.memory_s.sum(axis=(0, 1)) / 2 / 60.0)
    x = sum(w * s for w, s in zip(START.bell_weights, (1, -1, 1, -1), strict=True)) ** 4 * kept
    assert agrees(x, exact.mean_correlations[0])
    assert np.allclose(sampled.bell_weights[::2].sum(axis=0) - sampled.bell_weights[1::2].sum(axis=0), x)
    assert sampled.memory_s.min() >= 0


@pytest.mark.parametrize(("links", "q"), [(3, 0.5), (4, 0.7), (5, 1.0)])
def test_chains_that_swap_as_soon_as_possible(links: int, q: float) -> None:
    """Unequal links; the fidelity of samples comes from their memory times."""
    p, coherence = (0.5, 0.2, 0.4, 0.3, 0.6)[:links], 40.0
    exact = waiting_time(RepeaterChain(p, (BellPair.werner(0.95),), q, coherence, order="as_soon_as_possible"))
    sampled = wait_for_chain(Chain((1.0,) * links, p, q), SHOTS, 1, order="as_soon_as_possible")
    assert agrees(sampled.wait_s, exact.mean_attempts)
    assert distribution_agrees(sampled.wait_s, exact)
    weight = ((4 * 0.95 - 1) / 3) ** links * np.exp(-sampled.memory_s.sum(axis=(0, 1)) / 2 / coherence)
    assert agrees((1 + 3 * weight) / 4, exact.mean_fidelity)


def test_fidelity_given_the_waiting_time() -> None:
    """Late pairs are worse: the mean Werner weight of those that come by the median and after it."""
    exact, sampled = both(("swap", "swap"), None)
    median = exact.quantile(0.5)
    early = sampled.wait_s <= median
    fidelity = sampled.bell_weights[0]
    weighted = exact.weighted.sum(axis=0)
    total = exact.probability[: median + 1].sum()
    assert agrees(fidelity[early], (1 + weighted[: median + 1].sum() / total) / 4)
    assert agrees(fidelity[~early], (1 + weighted[median + 1 :].sum() / (1 - total)) / 4)


def test_steps_without_distillation_and_cutoffs_are_a_plain_chain() -> None:
    """The general kernel against the plain one: 5.5 standard errors of the difference of two means."""
    plain = wait_for_chain(Chain((1.0,) * 4, (0.2,) * 4, 0.5), SHOTS, 1).wait_s
    general = wait_for_chain(Chain((1.0,) * 4, (0.2,) * 4, 0.5, pair=START), SHOTS, 2).wait_s
    assert abs(plain.mean() - general.mean()) < 5.5 * math.sqrt((plain.var() + general.var()) / SHOTS)


def test_memory_of_distilled_pairs_is_that_of_the_kept_one() -> None:
    """Links that always succeed wait for nothing; one of two attempts at a time waits for the slower link."""
    waits = wait_for_chain(Chain((1.0, 3.0), (1.0, 1.0), pair=BellPair.werner(1.0), steps=("dejmps", "swap")), 10)
    assert waits.memory_s[:, :, 0].tolist() == [[2.0, 2.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"steps": ("swap", "swap")}, "one swap for each factor of 2"),
        ({"steps": ("magic",)}, "`steps` must be swap"),
        ({"step_cutoffs_s": (1.0, 1.0)}, "one entry per step"),
        ({"step_cutoffs_s": (-1.0,)}, "must be finite and ≥ 0"),
        ({"step_cutoffs_s": (1.0,), "cutoff_s": 1.0}, "`cutoff_s` must be None"),
        ({"steps": ("bbpssw", "swap")}, "`pair` must be given"),
        ({"coherence_s": 1.0}, "`pair` must be given"),
        ({"coherence_s": 0.0}, "`coherence_s` must be positive"),
    ],
)
def test_steps_that_cannot_be_are_refused(arguments, text) -> None:
    with pytest.raises(InvalidValueError, match=text):
        Chain((1.0, 1.0), (0.5, 0.5), **arguments)


def test_steps_are_for_nested_chains_and_must_leave_a_chance() -> None:
    chain = Chain((1.0, 1.5), (1.0, 1.0), step_cutoffs_s=(0.1,))
    with pytest.raises(InvalidValueError, match="`order` must be nested"):
        wait_for_chain(chain, 1, order="as_soon_as_possible")
    with pytest.raises(SchedulingError, match="a million segments"):
        wait_for_chain(chain, 1)
