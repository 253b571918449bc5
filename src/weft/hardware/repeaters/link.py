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
from weft.hardware.fibre import TELECOM_LOSS_DB_PER_KM, transmission, travel_time_s
from weft.hardware.repeaters.chain import Order, RepeaterChain
from weft.hardware.repeaters.correlations import Step, pair_of
from weft.hardware.repeaters.cutoffs import best_cutoffs
from weft.hardware.repeaters.waiting_time import WaitingTime, coarsened, mean_wait, waiting_time
from weft.network import BellPair

_MANY_ATTEMPTS = 20_000


@dataclass(frozen=True)
class RepeaterLink:
    """Equal links of fibre in a row, heralded midway by two clicks each, swapped into one.

    As one `Link`, a chain makes an attempt whenever its links do, and succeeds with 1/E[T]: the rate is right, and so is the mean
    state, but the true waiting time is not geometric. It cannot be short, for all links have to succeed, and what a pair is worth
    depends on how long it took; `waiting_time` has the whole distribution.

    Attributes:
        length_m: of the whole chain.
        links: how many of them, a power of two where the order is nested.
        loss_db_per_km: of the fibre.
        arm_efficiency: probability that a photon is emitted, converted, and seen by its detector, but for the fibre's loss.
        pair_fidelity: of a fresh pair of one link, a Werner pair.
        swap_success: probability that a swap succeeds.
        coherence_s: T, if a waiting pair's Werner weight falls as e^{−t/T}.
        dephasing_s: T, if waiting makes a pair's coherence fall by a further e^{−t/T}; of memories with a T2 it is half of that.
        preparation_s: what a link's attempt takes beside the light's travel over its length.
        order: `nested` or `as_soon_as_possible`.
        steps: words `swap`, `bbpssw`, `dejmps`, with spaces, the first step first; empty means swaps alone.
        target_fidelity: that memory cutoffs are chosen for, which then maximise rate; 0 means no cutoffs.
    """

    kind: ClassVar[str] = "repeaters"
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
        self.chain  # noqa: B018 (refuses what cannot be a chain)

    @cached_property
    def chain(self) -> RepeaterChain:
        """The chain in units of attempts, without cutoffs."""
        p = (self.arm_efficiency * transmission(self.length_m / self.links / 2, self.loss_db_per_km)) ** 2 / 2
        return RepeaterChain.equal(
            self.links,
            p,
            self.pair_fidelity,
            swap_success=self.swap_success,
            coherence_attempts=self.coherence_s / self.attempt_s,
            dephasing_attempts=self.dephasing_s / self.attempt_s,
            order=cast("Order", self.order),
            steps=cast("tuple[Step, ...]", tuple(self.steps.split())) or None,
        )

    @cached_property
    def chain_with_cutoffs(self) -> RepeaterChain:
        """The same with the cutoffs that the target asks for."""
        if self.target_fidelity == 0 or self.links == 1:
            return self.chain
        return replace(self.chain, cutoffs=best_cutoffs(self.chain, self.target_fidelity))

    @property
    def waiting_time(self) -> WaitingTime:
        """The whole distribution, in units of `attempt_s`.

        Raises:
            InvalidValueError: if pairs take too long for it; means need less.
        """
        return waiting_time(self.chain_with_cutoffs)

    @cached_property
    def _means(self) -> tuple[float, NDArray[np.float64]]:
        """Of attempts and correlations; `grouped_attempts` of the chain's attempts are taken for one, where there are very many."""
        chain = coarsened(self.chain_with_cutoffs, self.grouped_attempts)
        if self.order == "nested" and chain.all_steps:
            mean, correlations = mean_wait(chain)
        else:
            found = waiting_time(chain)
            mean, correlations = found.mean_attempts, np.array([1.0, *found.mean_correlations])
        return mean * self.grouped_attempts, correlations

    @property
    def grouped_attempts(self) -> int:
        """How many attempts are taken for one to compute means: 1 unless links succeed very seldom."""
        expected = 1 / self.chain.success_probability[0]
        for step in self.chain.all_steps[:-1] if self.order == "nested" else ():
            expected *= 1.5 / (self.swap_success if step == "swap" else 1.0)
        return max(1, math.ceil(expected / _MANY_ATTEMPTS))

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
        """Where standing as one link, or the chain itself, is an approximation."""
        found = ["as one link, a chain is taken to wait geometrically; only its mean wait and its mean state are right"]
        if self.links > 1:
            found.append(
                "swaps are taken to be known everywhere at once, though news travels up to the length of the chain"
            )
        if self.grouped_attempts > 1:
            found.append(f"{self.grouped_attempts} attempts were taken for one, to compute the waiting time")
        return tuple(found)
