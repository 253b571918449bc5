"""What a compilation tries to spend least of: strategy objects that put a price on a Bell pair of each link."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from weft.network import Link, Network
from weft.program import Program


class Objective(Protocol):
    """Puts a price on a Bell pair."""

    def price(self, link: Link) -> float:
        """What a pair of a link costs, at least 0, in any unit that is the same for all links."""
        ...


@dataclass(frozen=True)
class Pairs:
    """Every pair costs the same: the fewest ebits."""

    def price(self, link: Link) -> float:  # noqa: ARG002  # all links are alike
        """One."""
        return 1.0


@dataclass(frozen=True)
class Duration:
    """A pair costs the mean time until its link has made it, in seconds: the least time that links work, all of them together.

    Links work at the same time, so the makespan is shorter than the sum; which pairs wait for each other is not looked at.
    """

    def price(self, link: Link) -> float:
        """The mean wait for a pair, shared by the link's channels, plus the time that its news travels."""
        return link.mean_wait_s / link.channels + link.classical_latency_s


@dataclass(frozen=True)
class Infidelity:
    """A pair costs −ln F with F its fidelity with Φ+: the likeliest that no pair spoils anything, if their errors are independent.

    What qubits lose while they wait is not in it; `Duration` is nearer to that.
    """

    def price(self, link: Link) -> float:
        """The logarithm of the fidelity."""
        return -math.log(max(link.delivered_pair.fidelity, 1e-12))


OBJECTIVES: dict[str, Objective] = {"pairs": Pairs(), "duration": Duration(), "infidelity": Infidelity()}
"""The objectives by name."""


def prices_of(objective: Objective, network: Network) -> NDArray[np.float64]:
    """The price of a pair of each link, their mean being 1; a pair that is nearly free costs a thousandth of the dearest."""
    prices = np.array([objective.price(link) for link in network.links], dtype=np.float64)
    if not len(prices) or prices.max() <= 0:
        return np.ones(len(prices))
    prices = np.maximum(prices, 1e-3 * prices.max())
    return prices / prices.mean()


def cost_of_program(program: Program, prices: NDArray[np.float64]) -> float:
    """What the pairs of a program cost."""
    return float(prices[program.links[program.links >= 0]].sum())
