"""Which cutoffs serve best: short ones keep fidelity, long ones keep rate.

A pattern search on the logarithms of the cutoffs: one is made longer or shorter, all are, or one at the cost of another, in steps
that become finer. The rate and the fidelity of every candidate are exact. That cutoffs are worth optimising level by level is
shown by Li, Coopmans, Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021), who use differential evolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from weft.errors import InvalidValueError
from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import secret_fraction
from weft.hardware.repeaters.waiting_time import coarsened, mean_wait

_FACTORS = (4.0, 2.0, 1.4, 1.15, 1.05)
_COARSE_SUCCESS = 0.02
"""Links that succeed less often than this have several attempts taken for one while searching."""
_SEARCHED_ATTEMPTS, _MOST_MISSING = 1 << 18, 1e-3
"""While searching: of what the last step joins."""
_Score = tuple[bool, float]


def best_cutoffs(chain: RepeaterChain, target_fidelity: float | None = None) -> tuple[int | None, ...]:
    """The cutoffs with which a chain delivers most.

    Args:
        chain: of order `nested`; cutoffs that it has are ignored.
        target_fidelity: the mean fidelity that pairs must have at least; rate is then maximised. None means that the rate of secret
            bits is: `secret_fraction` per attempt.

    Returns:
        One cutoff for each step, in attempts; for `dataclasses.replace(chain, cutoffs=...)`. The best that a local search finds.

    Raises:
        InvalidValueError: if the chain has no steps, or no cutoffs that were tried reach the target.
    """
    if chain.order != "nested" or not chain.all_steps:
        raise InvalidValueError("a chain must be nested and have a step to have cutoffs, but this one has none")
    if target_fidelity is not None and not 0.25 <= target_fidelity < 1:
        raise InvalidValueError(f"`target_fidelity` must lie in [0.25, 1), but is {target_fidelity}")
    times = max(1, int(_COARSE_SUCCESS / min(chain.success_probability)))
    search = _Search(coarsened(replace(chain, cutoffs=None), times), target_fidelity)
    found = tuple(times * cutoff for cutoff in search.run())
    if not search.score(search.best)[0]:
        wanted = "secret bits" if target_fidelity is None else f"a fidelity of {target_fidelity}"
        raise InvalidValueError(
            f"a chain must be able to reach {wanted} under some cutoffs, but none that were tried do"
        )
    return found if target_fidelity is None else _tightened(chain, found, target_fidelity)


def _tightened(chain: RepeaterChain, cutoffs: tuple[int, ...], target_fidelity: float) -> tuple[int, ...]:
    """Cutoffs found roughly, shortened until they do exactly."""
    while any(cutoffs) and mean_wait(replace(chain, cutoffs=cutoffs))[1].sum() / 4 < target_fidelity:
        cutoffs = tuple(math.floor(0.98 * cutoff) for cutoff in cutoffs)
    return cutoffs


class _Search:
    """Cutoffs of a chain that are tried, and what they give."""

    def __init__(self, chain: RepeaterChain, target_fidelity: float | None) -> None:
        self.chain, self.target_fidelity = chain, target_fidelity
        self.scores: dict[tuple[int, ...], _Score] = {}
        self.best = self._first_guess()

    def run(self) -> tuple[int, ...]:
        """The best cutoffs that are found."""
        for factor in _FACTORS:
            while self._improve(factor):
                pass
        return self.best

    def score(self, cutoffs: tuple[int, ...]) -> _Score:
        """Whether cutoffs do what they must, and if so the rate, else the fidelity; larger is better."""
        if cutoffs not in self.scores:
            self.scores[cutoffs] = self._score(cutoffs)
        return self.scores[cutoffs]

    def _score(self, cutoffs: tuple[int, ...]) -> _Score:
        chain = replace(self.chain, cutoffs=cutoffs)
        try:
            mean, correlations = mean_wait(chain, most_missing=_MOST_MISSING, most_attempts=_SEARCHED_ATTEMPTS)
        except InvalidValueError:
            return False, 0.0
        fidelity = float(correlations.sum()) / 4
        if self.target_fidelity is None:
            secret = secret_fraction(correlations)
            return (True, secret / mean) if secret > 0 else (False, fidelity)
        return (True, 1 / mean) if fidelity >= self.target_fidelity else (False, fidelity)

    def _first_guess(self) -> tuple[int, ...]:
        """About as long as each step takes without cutoffs."""
        attempts, guess = 1 / min(self.chain.success_probability), []
        for step in self.chain.all_steps:
            attempts *= 1.5 / (self.chain.swap_success if step == "swap" else 0.75)
            guess.append(math.ceil(attempts))
        return tuple(guess)

    def _improve(self, factor: float) -> bool:
        before = self.score(self.best)
        self.best = max([self.best, *self._neighbours(factor)], key=self.score)
        return self.score(self.best) > before

    def _neighbours(self, factor: float) -> Iterator[tuple[int, ...]]:
        count = len(self.best)
        everything, none = frozenset(range(count)), frozenset[int]()
        singles = [frozenset({k}) for k in range(count)]
        moves = [
            (everything, none),
            (none, everything),
            *[(one, none) for one in singles],
            *[(none, one) for one in singles],
        ]
        for longer, shorter in (*moves, *permutations(singles, 2)):
            yield tuple(
                math.ceil(cutoff * factor) if k in longer else math.floor(cutoff / factor) if k in shorter else cutoff
                for k, cutoff in enumerate(self.best)
            )
