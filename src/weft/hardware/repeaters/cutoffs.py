"""Which cutoffs serve best: short ones keep fidelity, long ones keep rate.

For a target, the last step's cutoff follows from the others: the longest with which the pairs are good enough. What is free is
searched on a logarithmic scale, from a few scales of all cutoffs: one is made longer or shorter, or two are, in steps that become
finer. That cutoffs are worth optimising level by level is shown by Li, Coopmans, Elkouss, IEEE Trans. Quantum Eng. 2, 4103015
(2021), who use differential evolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

from weft.errors import InvalidValueError
from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import secret_fraction
from weft.hardware.repeaters.nested import Cutoffs, NestedMeans
from weft.hardware.repeaters.waiting_time import mean_wait

_FACTORS = (3.0, 1.5, 1.2, 1.07, 1.02)
_SCALE, _STARTS = 4.0, 2
_SEARCHED_CELLS = 1 << 11
_CLOSE = 2e-3
"""How near to the longest cutoff that will do the last one has to come."""
_Whole = tuple[int, ...]
_Score = tuple[bool, float]


def best_cutoffs(chain: RepeaterChain, target_fidelity: float | None = None) -> Cutoffs:
    """The cutoffs with which a chain delivers most.

    Args:
        chain: of order `nested`; cutoffs that it has are ignored.
        target_fidelity: the mean fidelity that pairs must have at least; rate is then maximised. None means that the rate of secret
            bits is: `secret_fraction` per attempt.

    Returns:
        One cutoff for each step, in attempts, or None for each if none are needed; for `dataclasses.replace(chain, cutoffs=...)`.
        The best that a local search finds. With them `mean_wait` gives the target or more.

    Raises:
        InvalidValueError: if the chain has no steps, or no cutoffs that were tried reach the target.
    """
    if chain.order != "nested" or not chain.all_steps:
        raise InvalidValueError("a chain must be nested and have a step to have cutoffs, but this one has none")
    if target_fidelity is not None and not 0.25 <= target_fidelity < 1:
        raise InvalidValueError(f"`target_fidelity` must lie in [0.25, 1), but is {target_fidelity}")
    if target_fidelity is not None and _fidelity(chain, None) >= target_fidelity:
        return (None,) * len(chain.all_steps)
    search = _Search(chain, target_fidelity)
    found = search.run()
    if not search.score(found)[0]:
        wanted = "secret bits" if target_fidelity is None else f"a fidelity of {target_fidelity}"
        raise InvalidValueError(
            f"a chain must be able to reach {wanted} under some cutoffs, but none that were tried do"
        )
    return found if target_fidelity is None else _tightened(chain, search.completed[found], target_fidelity)


def _fidelity(chain: RepeaterChain, cutoffs: Cutoffs | None) -> float:
    return float(mean_wait(replace(chain, cutoffs=cutoffs))[1].sum()) / 4


def _tightened(chain: RepeaterChain, cutoffs: _Whole, target_fidelity: float) -> _Whole:
    """Cutoffs that were found with few cells, the last one shortened until they do with many."""
    while _fidelity(chain, cutoffs) < target_fidelity:
        if cutoffs[-1] == 0:
            raise InvalidValueError(
                f"a chain must be able to reach a fidelity of {target_fidelity} under some cutoffs, but misses it by little "
                f"under {cutoffs}"
            )
        cutoffs = (*cutoffs[:-1], min(cutoffs[-1] - 1, math.floor((1 - _CLOSE) * cutoffs[-1])))
    return cutoffs


class _Search:
    """Cutoffs that are tried: for a target, all but the last, which `completed` has too."""

    def __init__(self, chain: RepeaterChain, target_fidelity: float | None) -> None:
        self.chain, self.target_fidelity = chain, target_fidelity
        self.free = len(chain.all_steps) - (target_fidelity is not None)
        self.means = NestedMeans(chain, _SEARCHED_CELLS)
        self.scores: dict[_Whole, _Score] = {}
        self.completed: dict[_Whole, _Whole] = {}

    def run(self) -> _Whole:
        """The best of what is found from the best starts."""
        starts = sorted(self._starts(), key=self.score, reverse=True)[:_STARTS]
        return max((self._climb(start) for start in starts), key=self.score)

    def score(self, cutoffs: _Whole) -> _Score:
        """Whether cutoffs do what they must, and if so the rate, else the fidelity; larger is better."""
        if cutoffs not in self.scores:
            try:
                self.scores[cutoffs] = self._secret(cutoffs) if self.target_fidelity is None else self._reach(cutoffs)
            except InvalidValueError:
                self.scores[cutoffs] = False, 0.0
        return self.scores[cutoffs]

    def _secret(self, cutoffs: _Whole) -> _Score:
        mean, correlations = self.means(cutoffs)
        secret = secret_fraction(correlations)
        return (True, float(secret) / mean) if secret > 0 else (False, float(correlations.sum()) / 4)

    def _reach(self, cutoffs: _Whole) -> _Score:
        """With the longest last cutoff that reaches the target, by bisection: longer ones leave worse pairs."""
        assert self.target_fidelity is not None
        mean, correlations = self.means((*cutoffs, 0))
        fidelity = float(correlations.sum()) / 4
        if fidelity < self.target_fidelity:
            return False, fidelity
        good, bad = 0, self.means.longest_wait(cutoffs)
        while bad - good > max(1.0, _CLOSE * good):
            middle = min(max(math.isqrt((good + 1) * (bad + 1)) - 1, good + 1), bad - 1)
            now, correlations = self.means((*cutoffs, middle))
            if correlations.sum() / 4 < self.target_fidelity:
                bad = middle
            else:
                good, mean = middle, now
        self.completed[cutoffs] = (*cutoffs, good)
        return True, 1 / mean

    def _starts(self) -> Iterator[_Whole]:
        """About as long as each step takes without cutoffs, and all of them shorter and shorter."""
        attempts, guess = 1 / min(self.chain.success_probability), []
        for step in self.chain.all_steps[: self.free]:
            attempts *= 1.5 / (self.chain.swap_success if step == "swap" else 0.75)
            guess.append(math.ceil(attempts))
        yield tuple(guess)
        while any(guess):
            guess = [math.floor(cutoff / _SCALE) for cutoff in guess]
            yield tuple(guess)

    def _climb(self, best: _Whole) -> _Whole:
        for factor in _FACTORS:
            better = max(self._neighbours(best, factor), key=self.score, default=best)
            while self.score(better) > self.score(best):
                best = better
                better = max(self._neighbours(best, factor), key=self.score)
        return best

    def _neighbours(self, cutoffs: _Whole, factor: float) -> Iterator[_Whole]:
        """One cutoff longer or shorter, or two."""
        for changed in (*combinations(range(self.free), 1), *combinations(range(self.free), 2)):
            for longer in product((True, False), repeat=len(changed)):
                near = list(cutoffs)
                for place, is_longer in zip(changed, longer, strict=True):
                    old = near[place]
                    near[place] = max(old + 1, math.ceil(old * factor)) if is_longer else math.floor(old / factor)
                yield tuple(near)
