"""A small policy-gradient learner, for environments whose episodes are one action long.

It knows nothing of waveguides: it draws actions, is told a reward for each, and moves its policy. The policy is a normal
distribution with a full covariance; its gradient is the score-function estimate of REINFORCE, taken in the geometry of the policy
itself (the natural gradient) and in exponential coordinates, in which it needs no matrix to be inverted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError


class Environment(Protocol):
    """What the learner asks of an environment: the part of Gymnasium's interface that it uses."""

    action_space: Any
    """Has a `shape` (size,); actions are numbers in [−1, 1]."""

    def reset(self, *, seed: int | None = None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode."""
        ...

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Takes an action; the reward comes second."""
        ...


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned.

    Attributes:
        action (float array, shape (size,)): mean of the policy over the last quarter of the updates, in [−1, 1].
        rewards (float array, shape (updates,)): mean reward of the actions drawn before each update.
        actions (float array, shape (updates, size)): mean of the policy before each update.
        episodes: how often the environment was asked.
    """

    action: NDArray[np.float64]
    rewards: NDArray[np.float64]
    actions: NDArray[np.float64]
    episodes: int


def learn(
    environment: Environment,
    *,
    updates: int = 120,
    population: int = 60,
    spread: float = 0.4,
    seed: int = 0,
) -> Learned:
    """Learns one good action from rewards alone.

    Args:
        environment: whose episodes end after one action.
        updates: of the policy.
        population: episodes per update.
        spread: standard deviation of the first policy, whose mean is 0.
        seed: of the actions drawn and of the environment; the same seed gives the same result.

    Raises:
        InvalidValueError: if there are no updates, fewer than two episodes in each, or no spread.

    Returns:
        The mean of the policies' means over the last quarter of the updates, in which shot noise averages out, and how it came.

    Source:
        Williams, Machine Learning 8, 229 (1992), for the gradient; Wierstra, Schaul, Glasmachers, Sun, Peters, Schmidhuber, Journal
        of Machine Learning Research 15, 949 (2014), for the natural gradient in exponential coordinates ("xNES"), the weights by
        rank, and the rates.
    """
    if updates < 1 or population < 2 or spread <= 0:
        raise InvalidValueError(
            f"learning must have 1 or more updates of 2 or more episodes and a positive spread, but has {updates}, "
            f"{population} and {spread}"
        )
    size = int(environment.action_space.shape[0])
    random = np.random.default_rng(seed)
    environment.reset(seed=seed)
    mean, scale, weights = np.zeros(size), spread * np.eye(size), rank_weights(population)
    rewards, means = np.empty(updates), np.empty((updates, size))
    for update in range(updates):
        drawn = random.standard_normal((population, size))
        gained = np.array([_play(environment, mean + scale @ direction) for direction in drawn])
        rewards[update], means[update] = gained.mean(), np.clip(mean, -1, 1)
        mean, scale = _follow_gradient(mean, scale, drawn[np.argsort(-gained, kind="stable")], weights)
    return Learned(means[-max(1, updates // 4) :].mean(axis=0), rewards, means, updates * population)


def rank_weights(population: int) -> NDArray[np.float64]:
    """What the best, the second best, … action counts for in the gradient; they sum to 0, so that a common reward drops out.

    Source:
        Wierstra et al., Journal of Machine Learning Research 15, 949 (2014), "fitness shaping".
    """
    gain = np.maximum(0, math.log(population / 2 + 1) - np.log(np.arange(1, population + 1)))
    return np.asarray(gain / gain.sum() - 1 / population)


def _play(environment: Environment, action: NDArray[np.float64]) -> float:
    environment.reset()
    _, reward, *_ = environment.step(np.clip(action, -1, 1).astype(np.float32))
    return float(reward)


def _follow_gradient(
    mean: NDArray[np.float64], scale: NDArray[np.float64], drawn: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One step; `drawn` are the standard normal directions, best first, and scale is a square root of the covariance."""
    size = len(mean)
    rate = (9 + 3 * math.log(size)) / (5 * size * math.sqrt(size))
    along = weights @ drawn
    stretch = (drawn * weights[:, None]).T @ drawn  # the weights sum to 0, so that the identity drops out
    return mean + scale @ along, scale @ _exponential(rate / 2 * stretch)


def _exponential(symmetric: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(symmetric)
    return np.asarray((vectors * np.exp(values)) @ vectors.T)
