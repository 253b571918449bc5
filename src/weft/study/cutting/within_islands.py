"""Which gates within islands are cut as well, where islands have several QPUs and a budget of pairs or of time has to be kept.

What crosses a classical link is cut anyway. Other gates between QPUs can be teleported or cut, and all pieces share one budget. The
model is that of `hybrid_plan.py`, for the gates of all pieces together, with what is cut anyway as one more factor of γ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from weft.compiler.cutting.mixture import Mixture, Option, choose_mixture
from weft.program import Program
from weft.protocols.cutting.pieces import Piece
from weft.protocols.cutting.plan import CutPlan
from weft.study.cutting.hybrid_plan import (
    Budget,
    HybridPlan,
    homes_of,
    mean_seconds,
    options,
    rows_between,
    seconds_without_pairs,
)
from weft.study.cutting.machine import Machine
from weft.study.cutting.plan_cuts import Cutting
from weft.study.cutting.saved_pairs import with_fewest_cuts
from weft.study.cutting.subexperiments import filling_of


def cut_within(cutting: Cutting, machine: Machine, budget: Budget) -> Cutting:
    """The same cuts, and those within islands that a budget asks for.

    Args:
        cutting: of gates and wires between islands.
        machine: to compile on.
        budget: that decides.

    Raises:
        DoesNotFitError: if the budget is too small; the message says how much it takes.
    """
    choice = _Choice(cutting, machine)
    if choice.keeps(budget):
        return cutting
    planned, model = choice.made(budget)
    if budget.most_seconds is not None:
        return cutting if choice.seconds(budget.precision) <= model.seconds else planned
    assert budget.most_ebits is not None
    return with_fewest_cuts(
        planned,
        lambda saved: choice.made(replace(budget, saved_ebits=saved))[0],
        lambda candidate: (_Choice(candidate, machine).ebits, candidate.overhead),
        budget.most_ebits,
        most_saved=choice.most_ebits - budget.most_ebits,
    )


class _Part(NamedTuple):
    """A piece.

    Attributes:
        program: of the piece, with marks in its slots.
        rows: of the circuit, the gates between QPUs of its island.
        ways: to do each.
    """

    program: Program
    rows: tuple[int, ...]
    ways: tuple[list[Option], ...]


class _Choice:
    """All gates that a budget decides on.

    Args:
        cutting: of what crosses classical links.
        machine: to compile on.
    """

    def __init__(self, cutting: Cutting, machine: Machine) -> None:
        self._cutting = cutting
        self._parts: list[_Part] = []
        for piece in cutting.pieces(cutting.bare, cutting.plan, cutting.cuts):
            if piece.events:
                self._add(piece, machine)

    def _add(self, piece: Piece, machine: Machine) -> None:
        marked = filling_of(piece, self._cutting.cuts, (0,) * len(piece.slots)).marked
        circuit = piece.filled(marked)
        program = machine.program(circuit, piece.number)
        of = dict(piece.rows(marked))
        plan = HybridPlan(
            circuit, np.arange(circuit.num_qubits, dtype=np.int32), program.network, "as they are", machine.policy
        )
        homes = homes_of(program, circuit.num_qubits)
        rows = [row for row in rows_between(circuit, homes) if row in of]
        ways = options(plan, rows, homes)
        self._parts.append(_Part(program, tuple(of[row] for row in rows), tuple(ways)))

    @property
    def ebits(self) -> int:
        """Of a shot of all pieces, as they were compiled."""
        return sum(part.program.ebits for part in self._parts)

    @property
    def most_ebits(self) -> int:
        """Of a shot in which no pair is shared between gates."""
        return sum(max(option.ebits for option in way) for way in self._ways())

    def seconds(self, precision: float) -> float:
        """That all shots for a precision take if nothing more is cut; pieces run side by side."""
        return (self._cutting.overhead / precision) ** 2 * self._longest(mean_seconds)

    def keeps(self, budget: Budget) -> bool:
        """Whether a budget of pairs is kept if nothing more is cut."""
        return budget.most_ebits is not None and self.ebits <= budget.most_ebits

    def _longest(self, seconds: Callable[[Program], float]) -> float:
        return max((seconds(part.program) for part in self._parts), default=0.0)

    def _ways(self) -> Iterator[list[Option]]:
        for part in self._parts:
            yield from part.ways

    def made(self, budget: Budget) -> tuple[Cutting, Mixture]:
        """The cuts of a budget, and what the model says of them."""
        rows = [row for part in self._parts for row in part.rows]
        ways = list(self._ways())
        model = choose_mixture(
            [*ways, [Option(math.log(max(self._cutting.overhead, 1.0)))]],
            most_ebits=None if budget.most_ebits is None else budget.most_ebits + budget.saved_ebits,
            most_seconds=budget.most_seconds,
            precision=budget.precision,
            shot_s=self._longest(seconds_without_pairs),
        )
        within = self._cutting.plan.within.copy()
        for row, choice, some in zip(rows, model.choices[:-1], ways, strict=True):
            within[row] = some[choice].ebits == 0
        return self._cutting.with_plan(CutPlan(self._cutting.plan.pieces, within)), model
