"""How long a chain takes to deliver a pair, and what state it then has: the whole distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.repeaters.at_once import at_once_means, at_once_sequences
from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.correlations import correlations_of, pair_of, secret_fraction
from weft.hardware.repeaters.nested import NestedMeans, nested_sequences
from weft.network import BellPair

MOST_ATTEMPTS = 1 << 22
_MOST_MISSING = 0.1
_CELLS = 1 << 16
# Below this, what is missing is rounding, and has no ratio.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class WaitingTime:
    """The distribution of the attempt T in which a pair is delivered, and the mean state given T.

    Means include the tail beyond the last entry, which is continued geometrically; `missing` says how much that is.

    Attributes:
        probability (float64 array, shape (attempts,)): that T = t; entry 0 is 0.
        weighted (float64 array, shape (3, attempts)): the same times the mean of ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩ given T = t.
    """

    probability: NDArray[np.float64]
    weighted: NDArray[np.float64]

    @cached_property
    def missing(self) -> float:
        """Probability that T is larger than the last entry."""
        return max(0.0, 1 - math.fsum(self.probability))

    @cached_property
    def tail_ratio(self) -> float:
        """P(T = t + 1)/P(T = t) at the end, from the last two eighths; 0 if there is no tail.

        What is missing does not enter, because it may be rounding.
        """
        back = max(1, len(self.probability) // 8)
        last, before = float(self.probability[-back:].sum()), float(self.probability[-2 * back : -back].sum())
        has_tail = self.missing > _ROUNDING and 0 < last < before
        return (last / before) ** (1 / back) if has_tail else 0.0

    @cached_property
    def mean_attempts(self) -> float:
        """E[T]."""
        last = len(self.probability) - 1
        within = float(self.probability @ np.arange(last + 1))
        return within + (self.missing * (last + 1 / (1 - self.tail_ratio)) if self.tail_ratio > 0 else 0.0)

    @cached_property
    def mean_correlations(self) -> tuple[float, float, float]:
        """Means of ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩ over all deliveries."""
        back = max(1, len(self.probability) // 64)
        total = self.weighted.sum(axis=1)
        last = self.probability[-back:].sum()
        if self.tail_ratio > 0 and last > _ROUNDING:
            total = total + self.missing * self.weighted[:, -back:].sum(axis=1) / last
        one, two, three = (float(value) for value in total)
        return one, two, three

    @property
    def mean_pair(self) -> BellPair:
        """The state of a delivered pair, if one does not look at T."""
        return pair_of(np.array([1.0, *self.mean_correlations]))

    @property
    def mean_fidelity(self) -> float:
        """With Φ+, over all deliveries: (1 + ⟨XX⟩ − ⟨YY⟩ + ⟨ZZ⟩)/4."""
        return (1 + sum(self.mean_correlations)) / 4

    @property
    def secret_fraction(self) -> float:
        """Secret bits that a delivered pair is worth; see `correlations.secret_fraction`."""
        return secret_fraction(np.array([1.0, *self.mean_correlations]))

    @property
    def werner_weight(self) -> NDArray[np.float64]:
        """(4F − 1)/3 of the mean state given T = t; float64 array, shape (attempts,), NaN where T = t does not happen."""
        possible = self.probability > 0
        weight = np.full(len(self.probability), np.nan)
        weight[possible] = self.weighted.mean(axis=0)[possible] / self.probability[possible]
        return weight

    def quantile(self, share: float) -> int:
        """The least t with P(T ≤ t) ≥ share.

        Args:
            share: in (0, 1).
        """
        if not 0 < share < 1:
            raise InvalidValueError(f"`share` must lie in (0, 1), but is {share}")
        found = int(np.searchsorted(np.cumsum(self.probability), share * (1 - 1e-15)))
        if found < len(self.probability):
            return found
        return found - 1 + math.ceil(math.log((1 - share) / self.missing) / math.log(self.tail_ratio))


def waiting_time(
    chain: RepeaterChain, *, most_missing: float = 1e-9, most_attempts: int = MOST_ATTEMPTS
) -> WaitingTime:
    """Computes the distribution exactly, for as many attempts as it takes.

    Args:
        chain: of repeaters.
        most_missing: probability beyond the last entry.
        most_attempts: where the last entry is at the latest, even if more is missing.

    Raises:
        InvalidValueError: if more than a tenth of all pairs takes longer than `most_attempts`.
    """
    compute = nested_sequences if chain.order == "nested" else at_once_sequences
    length = min(most_attempts, _next_power_of_two(-math.log(most_missing) * _first_guess(chain)))
    while True:
        sequences = compute(chain, length)
        found = WaitingTime(np.clip(sequences[0], 0, None), sequences[1:])
        if found.missing <= most_missing:
            return found
        if length >= most_attempts:
            break
        length = min(most_attempts, max(2 * length, _next_power_of_two(length + _attempts_to_go(found, most_missing))))
    if found.missing > _MOST_MISSING:
        raise InvalidValueError(
            f"a chain must deliver most of its pairs within {most_attempts} attempts to be computed exactly, "
            f"but {found.missing:.1%} of them take longer; `mean_wait` needs no distribution"
        )
    return found


def mean_wait(chain: RepeaterChain) -> tuple[float, NDArray[np.float64]]:
    """Means alone, which need no distribution and are found however seldom links succeed.

    Args:
        chain: of repeaters.

    Returns:
        The mean number of attempts, and the mean of (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) as a float array of shape (4,). For nested chains the
        former is off by less than 4·10⁻⁴ of it and the fidelity by less than 10⁻⁵, whatever their cutoffs and coherence, and by
        nothing but rounding where waits are short: see `NestedMeans`. For chains swapped as soon as possible both are exact.

    Raises:
        InvalidValueError: if a nested chain would need more than 10⁶⁰ attempts, or has links of very different speeds, or a link
            of one swapped as soon as possible succeeds less often than 10⁻¹⁰.
    """
    if chain.order == "as_soon_as_possible":
        return at_once_means(chain)
    if not chain.all_steps:
        return 1 / chain.success_probability[0], correlations_of(chain.pairs[0])
    return NestedMeans(chain, _CELLS)(chain.all_cutoffs)


def _first_guess(chain: RepeaterChain) -> float:
    """About the mean, if nothing is lost to cutoffs: joining two equals takes 3/2 as long as one."""
    guess = 1 / min(chain.success_probability)
    if chain.order == "as_soon_as_possible":
        return guess
    for step in chain.all_steps:
        guess *= 1.5 / (chain.swap_success if step == "swap" else 1)
    return guess


def _attempts_to_go(found: WaitingTime, most_missing: float) -> float:
    """Until no more is missing than that, if the tail goes on as it ends."""
    if not 0 < found.tail_ratio < 1:
        return 0.0
    return max(0.0, math.log(most_missing / found.missing) / math.log(found.tail_ratio))


def _next_power_of_two(value: float) -> int:
    return 1 << max(6, math.ceil(math.log2(min(value, 2.0**62))))
