"""Cutoffs that are chosen, and chains that stand as one link."""

import math
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.link_model import link_of
from weft.hardware.links import FreeSpaceLink
from weft.hardware.models import link_models
from weft.hardware.physics.fibre import travel_time_s
from weft.hardware.repeaters import RepeaterChain, RepeaterLink, WaitingTime, best_cutoffs, mean_wait, waiting_time


def test_cutoffs_turn_a_useless_chain_into_a_working_one() -> None:
    chain = RepeaterChain.equal(8, 0.08, 0.99, coherence_attempts=50)
    assert waiting_time(chain).mean_fidelity < 0.5
    cutoffs = best_cutoffs(chain, 0.7)
    found = waiting_time(replace(chain, cutoffs=cutoffs))
    assert found.mean_fidelity >= 0.7
    assert 1 / found.mean_attempts > 1e-4


def test_no_cutoffs_nearby_are_better() -> None:
    """Against every pair of cutoffs on a grid, for four links, by whole distributions."""
    chain = RepeaterChain.equal(4, 0.1, 0.98, swap_success=0.8, coherence_attempts=60)
    grid = [waiting_time(replace(chain, cutoffs=cutoffs)) for cutoffs in product(range(0, 24, 2), range(0, 40, 2))]
    for target in (0.8, None):

        def value(found: WaitingTime, target: float | None = target) -> float:
            worth = found.secret_fraction if target is None else float(found.mean_fidelity >= target)
            return worth / found.mean_attempts

        best = max(map(value, grid))
        assert best > 0
        assert value(waiting_time(replace(chain, cutoffs=best_cutoffs(chain, target)))) >= 0.999 * best


@pytest.mark.parametrize(
    ("p", "coherence", "fidelity", "target", "known"),
    [
        (0.01423, 376.9, 0.99, 0.8, (20, 22, 30)),
        (0.0436, 258.0, 0.99, 0.8, (13, 17, 24)),
        (0.01423, 376.9, 0.99, 0.9, (3, 3, 3)),
        (0.0436, 258.0, 0.99, 0.9, (2, 2, 2)),
    ],
)
def test_the_search_beats_what_others_found(
    p: float, coherence: float, fidelity: float, target: float, known: tuple[int, ...]
) -> None:
    """Cutoffs that were once found by hand and reach the target; a search that ends too soon ends below them."""
    chain = RepeaterChain.equal(8, p, fidelity, coherence_attempts=coherence)
    by_hand, correlations = mean_wait(replace(chain, cutoffs=known))
    assert correlations.sum() / 4 >= target
    found, correlations = mean_wait(replace(chain, cutoffs=best_cutoffs(chain, target)))
    assert correlations.sum() / 4 >= target
    assert found <= by_hand


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([2, 4]),
    st.floats(1e-5, 0.5),
    st.floats(1.0, 1e4),
    st.floats(0.9, 1.0),
    st.floats(0.5, 1.0),
    st.floats(0.3, 0.95),
)
def test_what_is_found_reaches_the_target(
    links: int, p: float, coherence: float, fidelity: float, q: float, target: float
) -> None:
    """Pairs that never wait are the best: only what they miss is refused."""
    chain = RepeaterChain.equal(links, p, fidelity, swap_success=q, coherence_attempts=coherence)
    unwaited = (1 + 3 * ((4 * fidelity - 1) / 3) ** links) / 4
    if unwaited < target - 1e-3:
        with pytest.raises(InvalidValueError, match="some cutoffs"):
            best_cutoffs(chain, target)
    elif unwaited > target + 1e-3:
        chosen = replace(chain, cutoffs=best_cutoffs(chain, target))
        assert mean_wait(chosen)[1].sum() / 4 >= target


def test_cutoffs_far_below_the_wait_are_found() -> None:
    """Two links of 200 km: the closed form of the mean wait and of the Werner weight, for the best cutoff and the next one."""
    p, coherence, start = 4.5e-6, 1000.0, (4 * 0.98 - 1) / 3
    (cutoff,) = best_cutoffs(RepeaterChain.equal(2, p, 0.98, coherence_attempts=coherence), 0.9)
    assert cutoff is not None

    def fidelity(longest: int) -> float:
        came = [1.0, *[2 * (1 - p) ** lag for lag in range(1, longest + 1)]]
        kept = sum(weight * math.exp(-lag / coherence) for lag, weight in enumerate(came)) / sum(came)
        return (1 + 3 * start**2 * kept) / 4

    assert fidelity(cutoff) >= 0.9 > fidelity(cutoff + 2)


def test_cutoffs_that_are_not_needed_are_none() -> None:
    chain = RepeaterChain.equal(4, 0.1, 0.99, coherence_attempts=1e4)
    assert best_cutoffs(chain, 0.8) == (None, None)


@pytest.mark.parametrize(
    "chain",
    [
        RepeaterLink(800e3, 4, coherence_s=100.0, target_fidelity=0.85),
        RepeaterLink(300e3, 8, arm_efficiency=0.7, coherence_s=0.05, pair_fidelity=0.99, target_fidelity=0.8),
        RepeaterLink(100e3, 4, steps="dejmps swap swap", pair_fidelity=0.97, coherence_s=0.1, target_fidelity=0.88),
    ],
)
def test_a_target_is_reached_or_refused(chain: RepeaterLink) -> None:
    assert chain.pair.fidelity >= chain.target_fidelity - 1e-9
    assert replace(chain, target_fidelity=0.0).pair.fidelity < chain.target_fidelity
    assert all(cutoff is not None for cutoff in chain.chain_with_cutoffs.all_cutoffs)


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


def test_one_link_is_a_link() -> None:
    model = RepeaterLink(50e3, 1)
    assert model.success_probability == pytest.approx((0.3**2 * 0.1) / 2)
    assert model.pair.fidelity == pytest.approx((1 + (4 * 0.98 - 1) * math.exp(-travel_time_s(50e3))) / 4)
    assert model.doubts() == ()
    with pytest.raises(InvalidValueError, match=r"`target_fidelity` must be at most 0\.97982"):
        replace(model, target_fidelity=0.99).pair  # noqa: B018
    assert replace(model, target_fidelity=0.9).pair == model.pair


def test_halves_wait_for_their_herald_too() -> None:
    """Memories that forget at once leave nothing; those that dephase leave ⟨ZZ⟩."""
    forgetful = RepeaterLink(1e5, links=1, coherence_s=1e-9)
    assert forgetful.pair.fidelity == pytest.approx(0.25)
    dephased = RepeaterLink(1e5, links=1, coherence_s=math.inf, dephasing_s=1e-9, pair_fidelity=1.0)
    assert dephased.pair.bell_weights == pytest.approx((0.5, 0.5, 0, 0))
    chain = RepeaterLink(1e5, links=2, coherence_s=1e-9)
    assert chain.pair.fidelity == pytest.approx(0.25)


def test_doubts_are_about_given_components_and_caveats_about_the_model() -> None:
    near = RepeaterLink(100e3)
    assert near.doubts() == ()
    assert any("memories' coherence" in doubt for doubt in replace(near, coherence_s=5e-3).doubts())
    busy = RepeaterLink(10e3, 2, arm_efficiency=1.0, loss_db_per_km=0.0, preparation_s=1e-9)
    assert any("mean wait" in doubt for doubt in busy.doubts())
    assert {kind for kind, model in link_models().items() if model.caveats} == {"repeaters", "satellite", "free-space"}
    assert FreeSpaceLink(5e3).doubts() == ()


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
    with pytest.raises(InvalidValueError, match="`steps` must be words such as `dejmps swap`, but is 3"):
        RepeaterLink(100e3, 2, steps=3)
    with pytest.raises(InvalidValueError, match="`links` must be a whole number"):
        RepeaterLink(100e3, 2.5)
    assert RepeaterLink(100e3, 2.0).links == 2


def test_pairs_may_take_very_long() -> None:
    """Four rare links: the mean of the slowest, 25/12 of the mean of one."""
    for order in ("nested", "as_soon_as_possible"):
        model = RepeaterLink(1000e3, 4, arm_efficiency=0.1, order=order)
        p = model.chain.success_probability[0]
        assert 1 / model.success_probability == pytest.approx(25 / 12 / p, rel=1e-5)
