"""Exact waiting times and states of short chains that swap as soon as possible, as a Markov chain.

Which links have pairs is all there is to know about the future: neighbours that both have one have been joined. The state of the
end-to-end pair, though, is a product over what became of it, and what a failed swap destroys is to be forgotten. So each pair is
followed twice from its birth, as one that will be lost (untracked) and as one that will be delivered (tracked, with its
correlation): a tracked segment that is lost counts for nothing, and tracked and untracked ones never join. That is the sum over all
histories, sorted by which pairs survive, and it is exact for any number of failures.

Without failures it is the sum over orders of arrival of Kamin, Shchukin, Schmidt, van Loock, Phys. Rev. Research 5, 023086 (2023).
Links that succeed in the same attempt are joined from left to right, as `weft.scheduler.chains` does.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import correlations_of

_ABSENT, _UNTRACKED, _TRACKED = 0, 1, 2
_LEAST_SUCCESS = 1e-10
"""Means are off by rounding, 10⁻¹⁶, over this."""
_State = tuple[int, ...]


def at_once_sequences(chain: RepeaterChain, length: int) -> NDArray[np.float64]:
    """P(t) and P(t) times mean correlations of the end-to-end pair.

    Args:
        chain: of order `as_soon_as_possible`.
        length: attempts 0 … length − 1; what is computed does not depend on it.

    Returns:
        Float array, shape (4, length).
    """
    return np.array([_sequence(*_transitions(chain, births, decay), length) for births, decay in _followed(chain)])


def at_once_means(chain: RepeaterChain) -> tuple[float, NDArray[np.float64]]:
    """Means alone, exactly, from the Markov chain itself: with M its moves and a its arrivals, Σ Mᵗ a and Σ (t + 1) Mᵗ a.

    Args:
        chain: of order `as_soon_as_possible`.

    Returns:
        The mean number of attempts, and the mean of (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) as a float array of shape (4,).

    Raises:
        InvalidValueError: if a link succeeds so seldom that rounding would show.
    """
    if min(chain.success_probability) < _LEAST_SUCCESS:
        raise InvalidValueError(
            f"each link must succeed with a probability of at least {_LEAST_SUCCESS} in a chain swapped as soon as possible, "
            f"but one has {min(chain.success_probability):.3g}"
        )
    mean, correlations = math.nan, list[float]()
    for births, decay in _followed(chain):
        moves, arrivals = _transitions(chain, births, decay)
        stays = np.eye(len(moves)) - moves
        ever = np.linalg.solve(stays, arrivals)
        if not correlations:
            mean = float(np.linalg.solve(stays, ever)[0])
        correlations.append(float(ever[0]))
    return mean, np.array(correlations) / correlations[0]


def _followed(chain: RepeaterChain) -> list[tuple[NDArray[np.float64], float]]:
    """For 1 and each of the three correlations: those of fresh pairs, shape (links,), and what an attempt leaves of them."""
    births = np.array([correlations_of(pair) for pair in chain.pairs * (chain.links // len(chain.pairs))])
    return list(zip(births.T, chain.decay, strict=True))


def _sequence(moves: NDArray[np.float64], arrivals: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """One of the four: the weight with which the tracked end-to-end pair arrives at t."""
    # Many steps at once: t = 1 + width · giant + baby.
    width = math.isqrt(length) + 1
    babies = np.empty((width, len(arrivals)))
    babies[0] = arrivals
    for step in range(1, width):
        babies[step] = moves @ babies[step - 1]
    stride = np.linalg.matrix_power(moves, width)
    giants = np.zeros((-(-length // width), len(arrivals)))
    giants[0, 0] = 1
    for step in range(1, len(giants)):
        giants[step] = giants[step - 1] @ stride
    return np.concatenate(([0.0], (giants @ babies.T).ravel()))[:length]


def _transitions(
    chain: RepeaterChain, births: NDArray[np.float64], decay: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of one attempt between states, the empty one first, and from each state to the tracked end-to-end pair."""
    indices: dict[_State, int] = {(_ABSENT,) * chain.links: 0}
    todo = list(indices)
    found: list[tuple[_State, _State, float]] = []
    delivered, lost = (_TRACKED,) * chain.links, (_UNTRACKED,) * chain.links
    while todo:
        state = todo.pop()
        for after, weight in _attempt(chain, births, state).items():
            if after not in indices and after not in (delivered, lost):
                indices[after] = len(indices)
                todo.append(after)
            found.append((state, after, weight * decay ** _tracked_segments(state)))
    moves, arrivals = np.zeros((len(indices), len(indices))), np.zeros(len(indices))
    for state, after, weight in found:
        if after == delivered:
            arrivals[indices[state]] += weight
        elif after != lost:
            moves[indices[state], indices[after]] += weight
    return moves, arrivals


def _tracked_segments(state: _State) -> int:
    before = (_ABSENT, *state)
    return sum(now == _TRACKED != then for then, now in zip(before, state, strict=False))


def _attempt(chain: RepeaterChain, births: NDArray[np.float64], state: _State) -> dict[_State, float]:
    """Where one attempt on every link without a pair may lead, and with which weight; links are looked at from left to right."""
    ways: dict[_State, float] = {state: 1.0}
    for link, had in enumerate(state):
        if had != _ABSENT:
            continue
        p, after = chain.success_probability[link], defaultdict[_State, float](float)
        for now, weight in ways.items():
            after[now] += weight * (1 - p)
            for label, birth in ((_UNTRACKED, 1.0), (_TRACKED, float(births[link]))):
                for then, factor in _arrive(now, link, label, chain.swap_success):
                    after[then] += weight * p * birth * factor
        ways = {now: weight for now, weight in after.items() if weight != 0}
    return ways


def _arrive(state: _State, link: int, label: int, swap_success: float) -> list[tuple[_State, float]]:
    """A link gets its pair, which is swapped with what is to its left, then with what is to its right."""
    joined = (*state[:link], label, *state[link + 1 :])
    found: list[tuple[_State, float]] = []
    weight = 1.0
    for neighbour in (link - 1, link + 1):
        if not 0 <= neighbour < len(state) or state[neighbour] == _ABSENT:
            continue
        if state[neighbour] != label:
            return found
        if label == _UNTRACKED and swap_success < 1:
            kept_right = neighbour < link
            found.append((_lose(joined, link, kept_right), weight * (1 - swap_success)))
        weight *= swap_success
    return [*found, (joined, weight)]


def _lose(state: _State, link: int, kept_right: bool) -> _State:
    """Without the segment around a link; if the swap to its left failed, the one to its right had not been joined yet."""
    first, last = link, link + 1
    while first > 0 and state[first - 1] != _ABSENT:
        first -= 1
    while not kept_right and last < len(state) and state[last] != _ABSENT:
        last += 1
    return (*state[:first], *[_ABSENT] * (last - first), *state[last:])
