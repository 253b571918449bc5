"""Cutoffs that are chosen, and chains that stand as one link."""

from dataclasses import replace
from itertools import product

import pytest

from weft.errors import InvalidValueError
from weft.hardware.link_model import link_of
from weft.hardware.repeaters import RepeaterChain, RepeaterLink, best_cutoffs, waiting_time


def test_cutoffs_turn_a_useless_chain_into_a_working_one() -> None:
    chain = RepeaterChain.equal(8, 0.08, 0.99, coherence_attempts=50)
    assert waiting_time(chain).mean_fidelity < 0.5
    cutoffs = best_cutoffs(chain, 0.7)
    found = waiting_time(replace(chain, cutoffs=cutoffs))
    assert found.mean_fidelity >= 0.7
    assert 1 / found.mean_attempts > 1e-4


@pytest.mark.parametrize("target", [0.8, None])
def test_no_cutoffs_nearby_are_better(target: float | None) -> None:
    """Against every pair of cutoffs on a grid, for four links: within 3 % of the best rate."""
    chain = RepeaterChain.equal(4, 0.1, 0.98, swap_success=0.8, coherence_attempts=60)

    def value(cutoffs: tuple[int | None, ...]) -> float:
        found = waiting_time(replace(chain, cutoffs=cutoffs))
        worth = found.secret_fraction if target is None else float(found.mean_fidelity >= target)
        return worth / found.mean_attempts

    best = max(value(cutoffs) for cutoffs in product(range(24), range(40)))
    assert best > 0
    assert value(best_cutoffs(chain, target)) >= 0.97 * best


def test_links_that_seldom_succeed_are_searched_coarsely_and_checked_exactly() -> None:
    chain = RepeaterChain.equal(4, 0.002, 0.99, coherence_attempts=2000)
    assert waiting_time(chain).mean_fidelity < 0.7
    assert waiting_time(replace(chain, cutoffs=best_cutoffs(chain, 0.7))).mean_fidelity >= 0.7


@pytest.mark.parametrize(
    ("chain", "target", "text"),
    [
        (RepeaterChain.equal(2, 0.5, 0.9), 0.95, "a fidelity of 0.95"),
        (RepeaterChain.equal(2, 0.5, 0.8), None, "secret bits"),
        (RepeaterChain.equal(1, 0.5), 0.8, "have a step"),
        (RepeaterChain.equal(2, 0.5, order="as_soon_as_possible"), 0.8, "must be nested"),
        (RepeaterChain.equal(2, 0.5), 1.0, "`target_fidelity` must"),
    ],
)
def test_what_no_cutoff_can_do_is_refused(chain: RepeaterChain, target: float | None, text: str) -> None:
    with pytest.raises(InvalidValueError, match=text):
        best_cutoffs(chain, target)


def test_a_chain_as_one_link_has_its_rate_and_its_mean_state() -> None:
    model = RepeaterLink(100e3, 4, coherence_s=0.05)
    link, exact = link_of(model, "A", "B"), waiting_time(model.chain)
    assert link.mean_wait_s == pytest.approx(exact.mean_attempts * model.attempt_s)
    assert link.pair.fidelity == pytest.approx(exact.mean_fidelity)
    assert any("geometric" in doubt for doubt in model.doubts())


def test_one_link_is_a_link() -> None:
    model = RepeaterLink(50e3, 1)
    assert model.success_probability == pytest.approx((0.3**2 * 0.1) / 2)
    assert model.pair.fidelity == pytest.approx(0.98)


def test_a_target_sets_cutoffs() -> None:
    model = RepeaterLink(200e3, 4, arm_efficiency=0.7, coherence_s=0.02)
    better = replace(model, target_fidelity=0.85)
    assert model.pair.fidelity < 0.85 <= better.pair.fidelity
    assert better.success_probability < model.success_probability


def test_steps_are_words() -> None:
    model = RepeaterLink(100e3, 2, steps="dejmps swap")
    assert model.chain.steps == ("dejmps", "swap")
    with pytest.raises(InvalidValueError, match="`steps` must be swap"):
        RepeaterLink(100e3, 2, steps="magic swap")
    with pytest.raises(InvalidValueError, match="`links` must be a whole number"):
        RepeaterLink(100e3, 2.5)
    assert RepeaterLink(100e3, 2.0).links == 2


def test_pairs_that_take_very_long_are_computed_in_groups_of_attempts() -> None:
    model = RepeaterLink(1000e3, 4, arm_efficiency=0.1)
    assert model.grouped_attempts > 1
    assert any("taken for one" in doubt for doubt in model.doubts())
    p = model.chain.success_probability[0]
    # Four rare links: the mean of the slowest, 25/12 of the mean of one.
    assert 1 / model.success_probability == pytest.approx(25 / 12 / p, rel=1e-3)
