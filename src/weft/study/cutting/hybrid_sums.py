"""Expectation values and distributions from what the programs of a hybrid plan gave: sums over programs, with signs.

If every program is run, the sum is over their means, and its variance the sum of theirs. If terms were drawn, it is one mean over
all draws. What a shot counts is the weight of its program times the sign that its bits say, times what is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit.observables import values_of
from weft.protocols.cutting.knitting import spread_of
from weft.study.cutting.hybrid_programs import HybridPrograms, Summand, Way
from weft.study.cutting.machine import Outcomes

Floats = NDArray[np.float64]
Observables = Sequence[tuple[str, Mapping[str, float]]]
"""Name and terms of each."""


class Run(NamedTuple):
    """What is kept of a summand that was run; of the program, which may be one of very many, no more than this.

    Attributes:
        ways: of counting its outcomes.
        outcomes: what it gave.
        program_id: which program.
        ebits: that a shot took.
    """

    ways: tuple[Way, ...]
    outcomes: Outcomes
    program_id: str
    ebits: int

    @classmethod
    def of(cls, summand: Summand, outcomes: Outcomes) -> Run:
        """Of a summand and what it gave."""
        return cls(tuple(summand.ways), outcomes, summand.program.id, summand.program.ebits)

    @property
    def shots(self) -> float:
        """How many there were, or 1 if outcomes have probabilities."""
        return float(self.outcomes.times.sum())

    @property
    def counted(self) -> Floats:
        """What each outcome counts, shape (outcomes,)."""
        total = np.zeros(len(self.outcomes.times))
        for weight, signs, _ in self.ways:
            total += weight * (1.0 - 2.0 * (self.outcomes.bits[:, list(signs)].sum(axis=1) & 1))
        return total


class Moments(NamedTuple):
    """Of what each shot of a run counts in some answers, shape (answers,) each.

    Attributes:
        shots: how many there were.
        means: over shots.
        squares: means of squares.
    """

    shots: float
    means: Floats
    squares: Floats

    @property
    def variances(self) -> Floats:
        """Of one shot."""
        return spread_of(self.means, self.squares, self.shots)


class Question:
    """What is asked of the programs of a plan.

    Args:
        readings: the ways to read the circuit, which are one for each group of terms, or a single one for the outcomes.
        observables: name and terms of each; None for the outcomes.
    """

    def __init__(self, readings: Sequence[HybridPrograms], observables: Observables | None) -> None:
        self.readings, self._observables = readings, observables

    def moments(self, reading: int, runs: Sequence[Run]) -> list[Moments]:
        """Of each run of a reading: for each observable, of the part that this reading has of it; or for each outcome."""
        asked = self.readings[reading]
        if asked.group is None or self._observables is None:
            return self._by_outcome(runs)
        found = []
        for run in runs:
            bits = run.outcomes.bits[:, list(asked.clbits)]
            values = np.array([values_of(asked.group, terms, bits) for _, terms in self._observables])
            per_shot, shares = values * run.counted, run.outcomes.times / run.shots
            found.append(Moments(run.shots, per_shot @ shares, per_shot**2 @ shares))
        return found

    def outcomes(self, runs: Sequence[Run]) -> NDArray[np.uint8]:
        """The different outcomes of the circuit's bits, shape (outcomes, num_clbits)."""
        return self._places(runs)[0]

    def _by_outcome(self, runs: Sequence[Run]) -> list[Moments]:
        bits, places = self._places(runs)
        found = []
        for run, place in zip(runs, places, strict=True):
            counted, shares = run.counted, run.outcomes.times / run.shots
            means: Floats = np.bincount(place, counted * shares, minlength=len(bits)).astype(np.float64)
            squares: Floats = np.bincount(place, counted**2 * shares, minlength=len(bits)).astype(np.float64)
            found.append(Moments(run.shots, means, squares))
        return found

    def _places(self, runs: Sequence[Run]) -> tuple[NDArray[np.uint8], list[NDArray[np.int64]]]:
        """The different outcomes, and which of them each outcome of each run is."""
        asked = self.readings[0]
        printed = asked.plan.circuit.printed_bits
        parts = [run.outcomes.bits[:, list(asked.clbits)] * printed for run in runs]
        bits, places = np.unique(np.concatenate(parts), axis=0, return_inverse=True)
        return bits, np.split(places.reshape(-1), np.cumsum([len(part) for part in parts])[:-1])


def summed(moments: Sequence[Moments]) -> tuple[Floats, Floats]:
    """The answers and their variances if every program was run."""
    return _sum(one.means for one in moments), _sum(one.variances / one.shots for one in moments)


def averaged(moments: Sequence[Moments]) -> tuple[Floats, Floats]:
    """The answers and their variances if terms were drawn."""
    draws = math.fsum(one.shots for one in moments)
    means = _sum(one.means * (one.shots / draws) for one in moments)
    squares = _sum(one.squares * (one.shots / draws) for one in moments)
    return means, spread_of(means, squares, draws) / draws


def _sum(arrays: Iterable[Floats]) -> Floats:
    return np.asarray(np.sum(list(arrays), axis=0))
