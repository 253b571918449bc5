"""A chain of repeaters, in units of attempts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from weft.errors import InvalidValueError
from weft.hardware.repeaters.correlations import Step, check_steps
from weft.network import BellPair

Order = Literal["nested", "as_soon_as_possible"]
MOST_LINKS_AT_ONCE = 6
"""For `as_soon_as_possible`: the number of states grows by a factor of 2.4 with each link."""


@dataclass(frozen=True)
class RepeaterChain:
    """Links in a row whose attempts begin together; swaps and distillation take no time and have no errors but `swap_success`.

    Nested, a chain is made by `steps`: the first joins pairs of links, each further one joins two of what the one before it made. A
    swap joins neighbours, a round of distillation two pairs over the same links, which are made side by side. Whatever fails is
    made again from then on.

    Under a cutoff, two pairs to be joined must come within that many attempts of each other. If the second has not come by then,
    the first is lost, and everything that the second was to be made of too, and both are made again from then on (Li, Coopmans,
    Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021): a cutoff on the difference of waiting times).

    As soon as possible, segments that meet are joined at once, there is neither distillation nor cutoff, and a failed swap destroys
    just the two segments it was to join.

    Attributes:
        success_probability: of one attempt on each link, in (0, 1].
        pairs: as each link delivers them, one per link or one for all; what is not Bell-diagonal in them is twirled away.
        swap_success: probability that a swap succeeds, in (0, 1].
        coherence_attempts: T, if a waiting pair's correlations fall as e^{−t/T}, both of its ends waiting.
        dephasing_attempts: T, if waiting makes ⟨XX⟩ and ⟨YY⟩ fall by a further e^{−t/T}.
        order: `nested` or `as_soon_as_possible`.
        steps: for `nested`: `swap`, `bbpssw`, `dejmps`; None means swaps alone.
        cutoffs: for `nested`: in attempts, one for each step, None where there is none.

    Raises:
        InvalidValueError: a value is outside what it may be.
    """

    success_probability: tuple[float, ...]
    pairs: tuple[BellPair, ...] = (BellPair.werner(1.0),)
    swap_success: float = 1.0
    coherence_attempts: float = math.inf
    dephasing_attempts: float = math.inf
    order: Order = "nested"
    steps: tuple[Step, ...] | None = None
    cutoffs: tuple[int | None, ...] | None = None

    def __post_init__(self) -> None:
        for value in (*self.success_probability, self.swap_success):
            if not 0 < value <= 1:
                raise InvalidValueError(f"each probability of success must lie in (0, 1], but one is {value}")
        if not self.success_probability or len(self.pairs) not in {1, self.links}:
            raise InvalidValueError(
                f"a chain must have a link and as many `pairs` as links, or one, but has {len(self.pairs)} and {self.links} links"
            )
        for name in ("coherence_attempts", "dephasing_attempts"):
            if not getattr(self, name) > 0:
                raise InvalidValueError(f"`{name}` must be positive, but is {getattr(self, name)}")
        if self.order not in get_args(Order):
            raise InvalidValueError(f"`order` must be nested or as_soon_as_possible, but is {self.order!r}")
        if self.order == "nested":
            self._check_nested()
        else:
            self._check_at_once()

    @classmethod
    def equal(cls, links: int, success_probability: float, fidelity: float = 1.0, **others: Any) -> RepeaterChain:
        """A chain of equal links that deliver Werner pairs."""
        return cls((success_probability,) * links, (BellPair.werner(fidelity),), **others)

    @property
    def links(self) -> int:
        """How many there are."""
        return len(self.success_probability)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps of a nested chain; swaps where none were given."""
        swap: Step = "swap"
        return (swap,) * (self.links.bit_length() - 1) if self.steps is None else self.steps

    @property
    def all_cutoffs(self) -> tuple[int | None, ...]:
        """The cutoffs of a nested chain, one for each step."""
        return (None,) * len(self.all_steps) if self.cutoffs is None else self.cutoffs

    @property
    def decay(self) -> tuple[float, float, float, float]:
        """By which factors an attempt's time multiplies (1, ⟨XX⟩, −⟨YY⟩, ⟨ZZ⟩) of a waiting pair."""
        all_three = math.exp(-1 / self.coherence_attempts)
        phases = all_three * math.exp(-1 / self.dephasing_attempts)
        return 1.0, phases, phases, all_three

    def _check_nested(self) -> None:
        check_steps(self.all_steps)
        if 1 << self.all_steps.count("swap") != self.links:
            raise InvalidValueError(
                "a nested chain must have a power of two of links, one factor of 2 for each swap, but has "
                f"{self.links} and {self.all_steps.count('swap')} swaps"
            )
        if len(self.all_cutoffs) != len(self.all_steps):
            raise InvalidValueError(
                f"`cutoffs` must have one entry per step, but has {len(self.all_cutoffs)} for {len(self.all_steps)}"
            )
        for cutoff in self.all_cutoffs:
            if cutoff is not None and (not isinstance(cutoff, int) or cutoff < 0):
                raise InvalidValueError(f"each cutoff must be a whole number ≥ 0 or None, but one is {cutoff!r}")

    def _check_at_once(self) -> None:
        for name in ("steps", "cutoffs"):
            if getattr(self, name) is not None:
                raise InvalidValueError(f"`{name}` must be None unless `order` is nested, but is {getattr(self, name)}")
        if self.links > MOST_LINKS_AT_ONCE:
            raise InvalidValueError(
                f"a chain swapped as soon as possible must have at most {MOST_LINKS_AT_ONCE} links to be computed, "
                f"but has {self.links}"
            )
