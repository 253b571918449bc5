"""The learner sees rewards and nothing else: on a landscape of its own, and on the link."""

from types import SimpleNamespace

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.hardware.chiral import MIT_PULSES, MIT_UNTUNED, find_constant, find_optimum, find_square, learn
from weft.hardware.chiral.environment import PulseEnvironment
from weft.hardware.chiral.learner import rank_weights

HIDDEN = MIT_UNTUNED.passage()
SEEDS = range(8)


class NoisyHill:
    """An environment without Gymnasium: a steep valley turned against the axes, and noise."""

    def __init__(self, top: np.ndarray, noise: float) -> None:
        self.action_space = SimpleNamespace(shape=top.shape)
        self._top, self._noise, self._random = top, noise, np.random.default_rng(0)

    def reset(self, *, seed: int | None = None):
        if seed is not None:
            self._random = np.random.default_rng(seed)
        return None, {}

    def step(self, action):
        away = np.cumsum(action - self._top)
        return None, float(self._noise * self._random.standard_normal() - away @ away), True, False, {}


def test_a_hill_is_climbed() -> None:
    top = np.array([0.5, -0.3, 0.1, -0.7])
    found = learn(NoisyHill(top, 0.0), updates=150, population=20, seed=1)
    assert found.action == pytest.approx(top, abs=0.01)
    assert found.episodes == 3000


def test_noise_is_averaged_out() -> None:
    top = np.array([0.5, -0.3, 0.1, -0.7])
    found = learn(NoisyHill(top, 0.3), updates=150, population=40, seed=1)
    assert found.action == pytest.approx(top, abs=0.25)


def test_a_top_beyond_the_box_is_met_at_its_wall() -> None:
    found = learn(NoisyHill(np.array([3.0]), 0.0), updates=60, population=10, seed=2)
    assert found.action == pytest.approx([1.0], abs=1e-6)
    assert np.all(np.abs(found.actions) <= 1)


def test_the_same_seed_learns_the_same() -> None:
    first, again, other = (
        learn(PulseEnvironment(HIDDEN, MIT_PULSES), updates=5, population=10, seed=seed) for seed in (3, 3, 4)
    )
    assert np.array_equal(first.actions, again.actions)
    assert np.array_equal(first.rewards, again.rewards)
    assert not np.array_equal(first.actions, other.actions)


@pytest.fixture(scope="module")
def learned() -> np.ndarray:
    """Efficiencies of what eight seeds learned, 100 shots an episode."""
    found = [learn(PulseEnvironment(HIDDEN, MIT_PULSES, shots=100), seed=seed) for seed in SEEDS]
    return np.array([MIT_PULSES.efficiency(HIDDEN, one.action) for one in found])


def test_every_seed_lifts_absorption_above_sixty_percent(learned: np.ndarray) -> None:
    assert MIT_PULSES.efficiency(HIDDEN, np.zeros(MIT_PULSES.size)) < 0.1
    assert learned.min() > 0.60


def test_every_seed_comes_within_five_percent_of_the_optimum_on_the_model(learned: np.ndarray) -> None:
    optimum = find_optimum(HIDDEN, MIT_PULSES).efficiency
    assert learned.min() >= 0.95 * optimum
    assert learned.max() <= optimum


def test_every_seed_beats_pulses_that_are_not_shaped(learned: np.ndarray) -> None:
    assert learned.min() > 1.1 * find_constant(HIDDEN, MIT_PULSES).efficiency
    assert learned.min() > 1.04 * find_square(HIDDEN, MIT_PULSES, windows=12)[0].efficiency


@pytest.mark.parametrize("population", [2, 3, 10, 61])
def test_weights_fall_with_rank_and_sum_to_zero(population: int) -> None:
    weights = rank_weights(population)
    assert weights.sum() == pytest.approx(0, abs=1e-12)
    assert np.all(np.diff(weights) <= 0)
    assert weights[0] > 0


@pytest.mark.parametrize("wrong", [{"updates": 0}, {"population": 1}, {"spread": 0.0}])
def test_learning_without_trials_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidValueError, match="learning must have"):
        learn(NoisyHill(np.zeros(2), 0.0), **wrong)
