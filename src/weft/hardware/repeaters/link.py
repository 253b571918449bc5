"""A chain of repeaters that stands as one link."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.component_checks import (
    require_fidelity,
    require_not_negative,
    require_positive,
    require_positive_or_infinite,
    require_shares,
)
from weft.hardware.physics.fibre import TELECOM_LOSS_DB_PER_KM, transmission, travel_time_s
from weft.hardware.repeaters.chain import Order, RepeaterChain
from weft.hardware.repeaters.correlations import Step, correlations_of, pair_of
from weft.hardware.repeaters.cutoffs import best_cutoffs
from weft.hardware.repeaters.waiting_time import WaitingTime, mean_wait, waiting_time
from weft.network import BellPair

_LATE = 0.05


@dataclass(frozen=True)
class RepeaterLink:
    """Equal links of fibre in a row, heralded midway by two clicks each, swapped into one.

    As one `Link`, a chain makes an attempt whenever its links do, and succeeds with 1/E[T]: the rate is right, and so is the mean
    state, but the true waiting time is not geometric. It cannot be short, for all links have to succeed, and what a pair is worth
    depends on how long it took; `waiting_time` has the whole distribution.

    A half waits from its emission on: for its own herald, whose photon and whose news travel half a link each, and then for what
    it is joined with. Swaps, though, are known everywhere at once.

    Attributes:
        length_m: of the whole chain.
        links: how many of them, a power of two where the order is nested.
        loss_db_per_km: of the fibre.
        arm_efficiency: probability that a photon is emitted, converted, and seen by its detector, but for the fibre's loss.
        pair_fidelity: of a pair of one link as emitted, a Werner pair, before it waits for its herald.
        swap_success: probability that a swap succeeds.
        coherence_s: T, if a waiting pair's Werner weight falls as e^{−t/T}.
        dephasing_s: T, if waiting makes a pair's coherence fall by a further e^{−t/T}; of memories with a T2 it is half of that.
        preparation_s: what a link's attempt takes beside the light's travel over its length.
        order: `nested` or `as_soon_as_possible`.
        steps: words `swap`, `bbpssw`, `dejmps`, with spaces, the first step first; empty means swaps alone.
        target_fidelity: that memory cutoffs are chosen for, which then maximise rate; 0 means no cutoffs.
    """

    kind: ClassVar[str] = "repeaters"
    caveats: ClassVar[tuple[str, ...]] = (
        "as one link, several are taken to wait geometrically; only their mean wait and their mean state are right",
        "swaps are taken to be known everywhere at once, though news travels up to the length of the chain",
    )
    sources: ClassVar[Mapping[str, str]] = {
        "loss_db_per_km": "published: ITU-T G.652.D fibre at 1550 nm, as vendors quote it",
        "arm_efficiency": "assumed: what a good memory, converter and detector might reach together",
        "pair_fidelity": "assumed",
        "swap_success": "assumed: memories whose Bell measurement by gates always gives a result",
        "coherence_s": "assumed: of the order of the best memories",
        "dephasing_s": "assumed: none beside the above",
        "preparation_s": "assumed: initialisation and excitation",
    }

    length_m: float
    links: int = 4
    loss_db_per_km: float = TELECOM_LOSS_DB_PER_KM
    arm_efficiency: float = 0.3
    pair_fidelity: float = 0.98
    swap_success: float = 1.0
    coherence_s: float = 1.0
    dephasing_s: float = math.inf
    preparation_s: float = 1e-5
    order: str = "nested"
    steps: str = ""
    target_fidelity: float = 0.0

    def __post_init__(self) -> None:
        require_not_negative(self, "length_m", "loss_db_per_km")
        require_positive(self, "preparation_s", "links", "arm_efficiency")
        require_positive_or_infinite(self, "coherence_s", "dephasing_s")
        require_shares(self, "arm_efficiency", "swap_success", "target_fidelity")
        require_fidelity(self, "pair_fidelity")
        # A scan gives whole numbers as floats.
        if self.links != int(self.links):
            raise InvalidValueError(f"`links` must be a whole number, but is {self.links}")
        object.__setattr__(self, "links", int(self.links))
        if not isinstance(self.steps, str):
            raise InvalidValueError(f"`steps` must be words such as `dejmps swap`, but is {self.steps!r}")
        self.chain  # noqa: B018 (refuses what cannot be a chain)

    @cached_property
    def chain(self) -> RepeaterChain:
        """The chain in units of attempts, without cutoffs."""
        p = (self.arm_efficiency * transmission(self.length_m / self.links / 2, self.loss_db_per_km)) ** 2 / 2
        return RepeaterChain(
            (p,) * self.links,
            (self.heralded_pair,),
            swap_success=self.swap_success,
            coherence_attempts=self.coherence_s / self.attempt_s,
            dephasing_attempts=self.dephasing_s / self.attempt_s,
            order=cast("Order", self.order),
            steps=cast("tuple[Step, ...]", tuple(self.steps.split())) or None,
        )

    @property
    def heralded_pair(self) -> BellPair:
        """Of one link, when both of its ends know of it: both halves have waited while light crossed half of it twice."""
        waited_s = travel_time_s(self.length_m / self.links)
        all_three = math.exp(-waited_s / self.coherence_s)
        phases = all_three * math.exp(-waited_s / self.dephasing_s)
        kept = np.array([1.0, phases, phases, all_three])
        return pair_of(kept * correlations_of(BellPair.werner(self.pair_fidelity)))

    @cached_property
    def chain_with_cutoffs(self) -> RepeaterChain:
        """The same with the cutoffs that the target asks for.

        Raises:
            InvalidValueError: if no cutoffs that were tried reach the target.
        """
        if self.target_fidelity == 0:
            return self.chain
        if self.order == "nested" and not self.chain.all_steps:
            return self._single_link_that_reaches_the_target()
        return replace(self.chain, cutoffs=best_cutoffs(self.chain, self.target_fidelity))

    def _single_link_that_reaches_the_target(self) -> RepeaterChain:
        """There is nothing to cut off."""
        fidelity = self.heralded_pair.fidelity
        if fidelity < self.target_fidelity:
            raise InvalidValueError(
                f"`target_fidelity` must be at most {fidelity:.6g}, which a single link has, but is {self.target_fidelity}"
            )
        return self.chain

    @property
    def waiting_time(self) -> WaitingTime:
        """The whole distribution, in units of `attempt_s`.

        Raises:
            InvalidValueError: if pairs take too long for it; means need less.
        """
        return waiting_time(self.chain_with_cutoffs)

    @cached_property
    def _means(self) -> tuple[float, NDArray[np.float64]]:
        """Of attempts and correlations."""
        return mean_wait(self.chain_with_cutoffs)

    @property
    def attempt_s(self) -> float:
        """Of each link: preparation, light's way to the middle, and the herald's way back."""
        return self.preparation_s + travel_time_s(self.length_m / self.links)

    @property
    def success_probability(self) -> float:
        """1/E[T]: what makes the rate right."""
        return 1 / max(1.0, self._means[0])

    @property
    def pair(self) -> BellPair:
        """Mean state of what is delivered."""
        return pair_of(self._means[1])

    @property
    def classical_latency_s(self) -> float:
        """From end to end."""
        return travel_time_s(self.length_m)

    def doubts(self) -> tuple[str, ...]:
        """Where news of swaps comes too late to be left out."""
        if self.links == 1:
            return ()
        brief = {
            "the memories' coherence": min(self.coherence_s, self.dephasing_s),
            "the mean wait for a pair": self._means[0] * self.attempt_s,
        }
        news = f"news of swaps travels for {self.classical_latency_s:.2g} s but is taken to be known at once"
        return tuple(
            f"{news}, which is more than a twentieth of {what}"
            for what, time_s in brief.items()
            if self.classical_latency_s > _LATE * time_s
        )
