"""Refiners improve a choice of presence: strategy objects with one method. This one anneals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from weft.compiler.presence import Layout, Presence

_LEAST_SWEEPS, _MOST_SWEEPS = 3, 20_000
_FULL_SIZE = 350


class Refiner(Protocol):
    """Improves a choice of presence."""

    def refine(self, layout: Layout, presence: Presence, seed: int) -> Presence:
        """A choice that fits and costs no more than `presence`, which fits; the same for the same seed."""
        ...


@dataclass(frozen=True)
class Annealing:
    """Simulated annealing that draws one qubit's whole life at a time; see `anneal_kernel`.

    Attributes:
        work: how long to anneal, in units of about a nanosecond; counted, not timed, so that the result is always the same. A
            circuit of fewer than 320 two-qubit gates gets less.
        work_per_gate: how much longer for each two-qubit gate.
        betas: inverse temperatures at the beginning and at the end, by pairs.
        penalties: of a home without room, at the beginning and at the end, in pairs.
        active: the most QPUs on which a qubit's sets vary in one draw.
    """

    work: float
    work_per_gate: float = 0.0
    betas: tuple[float, float] = (4.0, 6.5)
    penalties: tuple[float, float] = (2.0, 6.0)
    active: int = 4

    def refine(self, layout: Layout, presence: Presence, seed: int) -> Presence:
        """A choice that fits and costs no more than `presence`, which fits."""
        from weft.compiler.anneal_kernel import anneal

        active = min(self.active, len(layout.capacities))
        gates = len(layout.neighbours) / 2
        work = self.work * min(1.0, (gates + 30) / _FULL_SIZE) + self.work_per_gate * gates
        sweeps = int(min(max(work / _sweep_work(layout, active), _LEAST_SWEEPS), _MOST_SWEEPS))
        sets, homes, kept = presence.sets.copy(), presence.homes.copy(), presence.kept.copy()
        anneal(layout, sets, homes, kept, active, sweeps, self.betas, self.penalties, seed % 2**32)
        return Presence(sets, homes, kept)


def _sweep_work(layout: Layout, active: int) -> float:
    """About how many nanoseconds it takes to draw every qubit once; fitted to measurements."""
    qubits, segments, gates = len(layout.chains) - 1, len(layout.starts), len(layout.neighbours)
    states = 1 << active
    work = segments * (300.0 + 30.0 * states) + 60.0 * gates + qubits * (1000.0 + 0.9 * layout.steps * (1 + active))
    return work if layout.uniform else work + 0.5 * segments * states * states


def cost_of(layout: Layout, presence: Presence) -> float:
    """The cost of a choice of presence, in units of the layout's lengths."""
    from weft.compiler.presence_kernel import total_cost

    return float(total_cost(layout, presence.sets, np.ascontiguousarray(presence.kept)))
