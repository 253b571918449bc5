"""Hybrid links: some gates between QPUs cut and the others teleported, or pairs repaired by sampling, ready to be scaled.

Each is a sum over programs (`docs/hybrid_links.md`), of which a shot runs one. How long it lasts is an average over them by the
magnitude of their coefficients. What errors leave is one by their shares of the process, in which a wrong sign counts twice: shares
of the terms of cuts; those that repair a pair go wrong nearly alike, and count by their coefficients.

Where pairs are repaired, programs are played as if links delivered Φ+: that is what the sum makes of the pairs, whatever their
state. Waiting, dressing, gates and readings go wrong as they do. Pairs are only cancelled, never assisted: products that stand in
for pairs do not wait for them, so that an average over terms would say too little.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler import Effort
from weft.errors import DoesNotFitError
from weft.network import BellPair, Network
from weft.program import Program
from weft.study.comparison.means import Mean, Point
from weft.study.comparison.played import played, right_signs
from weft.study.comparison.scaling import scaled
from weft.study.cutting.hybrid_plan import Budget, HybridPlan, plan_hybrid
from weft.study.cutting.hybrid_programs import HybridPrograms, Way

MOST_OVERHEAD = 1e6
"""γ beyond which no mix is looked at: its 10¹² times as many shots are never run."""
_MOST_CUTTING = 6  # mixes that cut gates
_ANY = 10**9  # pairs, more than any program takes
_ROUNDING = 1e-12


class Share(NamedTuple):
    """A program that some of the shots run.

    Attributes:
        program: with its terms in place.
        share: of the shots.
        times: how often it is played.
        ways: of counting its outcomes.
    """

    program: Program
    share: float
    times: int
    ways: list[Way]

    @property
    def gives(self) -> float:
        """How much of the process it is; where programs were drawn, up to a factor that all have in common."""
        return self.share * sum(map(_part, self.ways)) / sum(abs(way.weight) for way in self.ways)


def _part(way: Way) -> float:
    return abs(way.weight) * way.gain


@dataclass(frozen=True, eq=False)
class Mixed:
    """A circuit over quantum links of which a plan cuts some gates, or repairs the pairs.

    Attributes:
        programs: of the plan; while hardware is scaled, what is cut stays, and pairs are repaired as they then are.
        one_state: whether the circuit is a unitary followed by its final readings, which then do not count in the fidelity.
    """

    programs: HybridPrograms
    one_state: bool
    runs: int = 1
    _points: dict[tuple[str, float, int, int], Point] = field(default_factory=dict, repr=False)

    @property
    def plan(self) -> HybridPlan:
        """What is cut, and what is done about pairs."""
        return self.programs.plan

    @property
    def ebits(self) -> int:
        """Of every shot."""
        return self.programs.program.ebits

    @property
    def does_something(self) -> bool:
        """Whether gates are cut or pairs repaired, and pairs are still taken; if not, other ways are the same."""
        repaired = self.plan.pairs != "as they are"
        idle = repaired and self.programs.overhead <= self.plan.cut_overhead * (1 + _ROUNDING)
        return (bool(self.plan.cuts) or repaired) and not idle and self.ebits > 0

    def at(self, quantity: str, factor: float, *, repetitions: int, seed: int) -> Point:
        """What it achieves on hardware that is scaled."""
        key = quantity, factor, repetitions, seed
        if key not in self._points:
            self._points[key] = self._at(*key)
        return self._points[key]

    def _at(self, quantity: str, factor: float, repetitions: int, seed: int) -> Point:
        programs = self.programs
        if factor != 1:
            programs = programs.on(scaled(self.plan.network, quantity, factor))
        network = programs.plan.network
        if self.plan.pairs != "as they are":
            network = _with_perfect_pairs(network)
        terms, is_drawn = shares(programs, repetitions, seed)
        final_bits = self.plan.circuit.num_clbits if self.one_state else 0
        points = []
        for term in terms:
            program = replace(term.program, network=network)
            point = played(program, repetitions=term.times, seed=seed, final_bits=final_bits)
            points.append(point.times(_right_signs(program, term.ways)))
            seed += term.times  # timelines of its own
        by_time, by_part = [np.array(one) for one in zip(*((term.share, term.gives) for term in terms), strict=True)]
        times = np.array([term.times for term in terms]) if is_drawn else None
        return Point(
            _average(by_part, [point.fidelity for point in points], times),
            _average(by_part, [point.no_error for point in points], times),
            _average(by_time, [point.shot_s for point in points], times),
            programs.overhead,
        )


def shares(programs: HybridPrograms, repetitions: int, seed: int) -> tuple[list[Share], bool]:
    """All programs, or as many as repetitions, drawn as shots would draw them; and whether they were drawn."""
    if programs.count <= repetitions:
        every = programs.all()
        total = math.fsum(one.weight for one in every)
        return [
            Share(one.program, one.weight / total, max(1, round(repetitions * one.weight / total)), one.ways)
            for one in every
        ], False
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8,)))
    drawn = programs.drawn(repetitions, rng)
    return [Share(one.program, times / repetitions, times, one.ways) for one, times in drawn], True


def _right_signs(program: Program, ways: list[Way]) -> float:
    """On average over ways of counting outcomes, by how much of the process they are."""
    left = {signs: right_signs(program, signs) for signs in {way.signs for way in ways}}
    parts = [_part(way) for way in ways]
    return math.fsum(part * left[way.signs] for part, way in zip(parts, ways, strict=True)) / math.fsum(parts)


def _average(weights: NDArray[np.float64], means: list[Mean], times: NDArray[np.int64] | None) -> Mean:
    """With the standard error of timelines, and that of drawing terms so many times each, if they were drawn."""
    weights = weights / weights.sum()
    values, errors = np.array(means).T
    mean = float(weights @ values)
    variance = float(weights**2 @ errors**2)
    if times is not None and times.sum() > 1:
        draws = int(times.sum())
        variance += float((weights**2 / times) @ (values - mean) ** 2) * draws / (draws - 1)
    return Mean(mean, math.sqrt(variance))


def _with_perfect_pairs(network: Network) -> Network:
    return replace(
        network,
        links=tuple(replace(link, pair=BellPair.werner(1.0), timing_jitter_s=0.0) for link in network.links),
    )


def mixes(circuit: Circuit, network: Network, *, seed: int, effort: Effort) -> Iterator[HybridPlan]:
    """Plans worth trying: choices that no other beats in the model, from no cuts to many; and the same with repaired pairs.

    The model is that of `plan_hybrid`, and what is beaten is so in both pairs and shots.

    Args:
        circuit: measured.
        network: of quantum links.
        seed: of the compiler.
        effort: of the compiler.
    """
    planned = partial(plan_hybrid, circuit, network, seed=seed, effort=effort)
    uncut = planned(budget=Budget(most_ebits=_ANY))
    yield repaired(uncut)
    most = 0 if uncut.model is None else uncut.model.ebits
    seen: set[tuple[int, ...]] = set()
    for saved in _savings(most):
        try:
            plan = planned(budget=Budget(most_ebits=0, saved_ebits=most - saved))
        except DoesNotFitError:
            return  # gates under conditions are left, and cannot be cut
        rows = tuple(cut.row for cut in plan.cuts)
        if rows and rows not in seen:
            seen.add(rows)
            yield from (plan, repaired(plan))


def repaired(plan: HybridPlan) -> HybridPlan:
    """The same cuts, and the noise of pairs cancelled."""
    return replace(plan, pairs="cancelled")


def _savings(most: int) -> list[int]:
    """How many pairs cuts may save: any number, or some numbers evenly spread in proportion."""
    if most <= _MOST_CUTTING:
        return list(range(1, most + 1))
    return np.unique(np.geomspace(1, most, _MOST_CUTTING).round().astype(int)).tolist()
