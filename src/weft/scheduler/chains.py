"""End-to-end pairs over a chain of links: how long they take, and how long each memory holds its half.

Node k has a memory for link k − 1 and one for link k. Two orders of swapping:

* `nested`: the chain is halved again and again; both halves are made side by side, then joined by a swap in the middle. If it
  fails, both halves are made again from then on.
* `as_soon_as_possible`: two segments that meet at a node are joined at once. If a swap fails, both are lost, and their links
  attempt again from then on.

Swaps take no time. Under a cutoff, a segment of which one end has waited that long is lost, and its links attempt again. Without
failure and cutoff, both orders wait for the slowest link. Nested chains may also distil and have cutoffs of another kind, one for
each step: see `weft.scheduler.chain_steps`. Two equal links of success probability p, nested, take
(3 − 2p)/(p(2 − p))/q attempts on average if a swap succeeds with probability q (Briegel, Dür, Cirac, Zoller, Phys. Rev. Lett. 81,
5932 (1998); Sangouard et al., Rev. Mod. Phys. 83, 33 (2011), section II).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError, SchedulingError
from weft.network import BellPair
from weft.scheduler.chain_kernel import wait_for_all, wait_nested, wait_swapping_at_once
from weft.scheduler.chain_steps import Step, check_steps, sample_steps
from weft.scheduler.sampling import scale_of

Order = Literal["nested", "as_soon_as_possible"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Links in a row.

    Attributes:
        attempt_s: duration of one attempt on each link, in seconds, positive.
        success_probability: of one attempt on each link, in (0, 1].
        swap_success: probability that a swap succeeds, in (0, 1].
        cutoff_s: how long a memory may hold a half of a pair; None means as long as it takes.
        steps: of a nested chain: `swap`, `bbpssw`, `dejmps`, the first one first; None means swaps alone.
        step_cutoffs_s: for each step, how long the first of the two that it joins may wait for the second; None means no cutoff.
        pair: as every link delivers it, made Bell-diagonal by twirling; None means that states are not followed.
        coherence_s: T, if the state of a waiting pair depolarises as e^{−t/T}, both of its ends waiting.

    Raises:
        InvalidValueError: a value is outside what it may be, or links differ in number.
    """

    attempt_s: tuple[float, ...]
    success_probability: tuple[float, ...]
    swap_success: float = 1.0
    cutoff_s: float | None = None
    steps: tuple[Step, ...] | None = None
    step_cutoffs_s: tuple[float | None, ...] | None = None
    pair: BellPair | None = None
    coherence_s: float = math.inf

    def __post_init__(self) -> None:
        if not 0 < len(self.attempt_s) == len(self.success_probability):
            raise InvalidValueError(
                "a chain must have as many attempt durations as success probabilities, at least one, but has "
                f"{len(self.attempt_s)} and {len(self.success_probability)}"
            )
        if not all(0 < value < math.inf for value in self.attempt_s):
            raise InvalidValueError(f"each `attempt_s` must be positive and finite, but they are {self.attempt_s}")
        for value in (*self.success_probability, self.swap_success):
            if not 0 < value <= 1:
                raise InvalidValueError(f"each probability of success must lie in (0, 1], but one is {value}")
        if self.cutoff_s is not None and not 0 < self.cutoff_s < math.inf:
            raise InvalidValueError(f"`cutoff_s` must be positive and finite, or None, but is {self.cutoff_s}")
        if not self.coherence_s > 0:
            raise InvalidValueError(f"`coherence_s` must be positive, but is {self.coherence_s}")
        if self.goes_in_steps:
            if self.cutoff_s is not None:
                raise InvalidValueError(f"`cutoff_s` must be None where a chain goes in steps, but is {self.cutoff_s}")
            check_steps(self.all_steps, self.step_cutoffs_s, len(self.attempt_s))
        if self.pair is None and (self.coherence_s < math.inf or set(self.all_steps) - {"swap"}):
            raise InvalidValueError(
                "`pair` must be given where pairs are distilled or `coherence_s` is finite, but is None"
            )

    @property
    def goes_in_steps(self) -> bool:
        """Whether anything is asked for that only chains in steps have: distillation, cutoffs of steps, states."""
        return not (self.steps is None and self.step_cutoffs_s is None and self.pair is None)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps; swaps where none were given."""
        swap: Step = "swap"
        return (swap,) * (len(self.attempt_s).bit_length() - 1) if self.steps is None else self.steps


@dataclass(frozen=True, eq=False)
class ChainWaits:
    """What end-to-end pairs took, one per shot.

    Attributes:
        wait_s (float64 array, shape (shots,)): from the first attempts to the end-to-end pair.
        memory_s (float64 array, shape (links, 2, shots)): how long the left and the right half of each link's last pair were kept
            before they were swapped, or delivered at the ends. Where pairs were distilled, of the one that was kept.
        bell_weights (float64 array, shape (4, shots)): of the end-to-end pairs; None where `pair` is.
    """

    wait_s: NDArray[np.float64]
    memory_s: NDArray[np.float64]
    bell_weights: NDArray[np.float64] | None = None


def wait_for_chain(
    chain: Chain, shots: int, seed: int | np.random.SeedSequence = 0, *, order: Order = "nested"
) -> ChainWaits:
    """Samples end-to-end pairs.

    Args:
        chain: of links.
        shots: how many pairs, at least 1.
        seed: at least 0; the same seed gives the same waits.
        order: of swapping; `nested` needs a power of two of links.

    Raises:
        InvalidValueError: for arguments that cannot be.
        SchedulingError: if a cutoff leaves the chain no chance.
    """
    links = len(chain.attempt_s)
    if shots < 1:
        raise InvalidValueError(f"`shots` must be at least 1, but is {shots}")
    if order not in get_args(Order):
        raise InvalidValueError(f"`order` must be nested or as_soon_as_possible, but is {order!r}")
    if order == "nested" and links & (links - 1):
        raise InvalidValueError(f"a nested chain must have a power of two of links, but has {links}")
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    keys = sequence.generate_state(2, np.uint64)
    if chain.goes_in_steps:
        return _wait_in_steps(chain, shots, keys, order)
    waits = ChainWaits(np.empty(shots), np.empty((links, 2, shots)))
    attempt_s = np.array(chain.attempt_s)
    scales = np.array([scale_of(probability) for probability in chain.success_probability])
    cutoff_s = math.inf if chain.cutoff_s is None else chain.cutoff_s
    if chain.swap_success == 1 and chain.cutoff_s is None and order == "as_soon_as_possible":
        wait_for_all(keys, attempt_s, scales, waits.wait_s, waits.memory_s)
        return waits
    kernel = wait_nested if order == "nested" else wait_swapping_at_once
    if not kernel(keys, attempt_s, scales, chain.swap_success, cutoff_s, waits.wait_s, waits.memory_s):
        raise SchedulingError(
            f"`cutoff_s` must leave a chain a chance to be joined, but is {chain.cutoff_s}: a million segments were lost in a row"
        )
    return waits


def _wait_in_steps(chain: Chain, shots: int, keys: NDArray[np.unsignedinteger], order: Order) -> ChainWaits:
    if order != "nested":
        raise InvalidValueError(f"`order` must be nested where a chain goes in steps, but is {order}")
    wait_s, memory_s, weights = np.empty(shots), np.empty((len(chain.attempt_s), 2, shots)), np.empty((4, shots))
    if not sample_steps(chain, keys, wait_s, memory_s, weights):
        raise SchedulingError(
            f"`step_cutoffs_s` must leave a chain a chance to be joined, but are {chain.step_cutoffs_s}: "
            "a million segments were lost"
        )
    return ChainWaits(wait_s, memory_s, None if chain.pair is None else weights)
