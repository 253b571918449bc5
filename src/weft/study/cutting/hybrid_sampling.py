"""Two ways to run the programs of a hybrid plan: all, with shots allotted for the least variance, or those that are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Literal

import numpy as np

from weft.program import Program
from weft.simulator.density import outcomes_with_pairs_only
from weft.study.cutting.allotment import allot, shots_needed
from weft.study.cutting.hybrid_sums import Floats, Question, Run, averaged, summed
from weft.study.cutting.machine import Machine, Outcomes, ProgramJob
from weft.study.cutting.precision import FEWEST_DRAWS

Progress = Callable[[int, int], None]
"""Called with the shots done and those in all."""
_PILOT_OF_PROGRAM = 16  # shots, before its spread is believed
_AT_ONCE = 256  # programs; many more are drawn than should be held at the same time


class Everything:
    """Every program is run.

    Args:
        question: what is asked of them.
        machine: to run on.
        seed: of the shots.
        progress: called as shots are done.

    Attributes:
        done: shots so far.
    """

    sampling: Literal["circuits", "terms"] = "circuits"
    learns = True
    """Whether first shots tell how to take the others."""

    def __init__(self, question: Question, machine: Machine, seed: int, progress: Progress | None = None) -> None:
        self.question, self._runner = question, _Runner(machine, seed, progress)
        self._summands = [reading.all() for reading in question.readings]
        self._every = [summand for some in self._summands for summand in some]
        self._outcomes: list[Outcomes | None] = [None] * len(self._every)
        self._shots = np.zeros(len(self._every), dtype=np.int64)

    @property
    def readings(self) -> int:
        """How many there are."""
        return len(self._summands)

    @property
    def done(self) -> int:
        """Shots so far."""
        return int(self._shots.sum())

    @property
    def fewest(self) -> int:
        """Shots that have to be taken at least: at first, one of each program."""
        return 1 if self.done else len(self._every)

    @property
    def pilot(self) -> int:
        """Shots that tell how much those of each program differ."""
        return _PILOT_OF_PROGRAM * len(self._every)

    @property
    def overhead(self) -> float:
        """γ of the reading that has the greatest."""
        return max((reading.overhead for reading in self.question.readings), default=1.0)

    least_overhead = 1.0
    """Nothing is known beforehand of what the best allotment takes."""

    def take(self, shots: int, total: int) -> None:
        """Runs some shots, of as many in all."""
        if not self._every:
            return
        spreads = np.array([summand.weight for summand in self._every])
        if self.done:
            # What few shots left open keeps programs from being starved.
            floor = spreads**2 / np.maximum(self._shots, 1)
            spreads = np.sqrt(self._all_variances() + floor)
        allotted = allot(shots, spreads, self._shots)
        chosen = np.flatnonzero(allotted).tolist()
        ran = self._runner.run([(self._every[place].program, int(allotted[place])) for place in chosen], total)
        for place, outcomes in zip(chosen, ran, strict=True):
            before = self._outcomes[place]
            self._outcomes[place] = outcomes if before is None else before + outcomes
        self._shots += allotted

    def at_best(self, precision: float) -> float:
        """Shots that a precision takes if they are allotted as what was measured says is best."""
        return float(shots_needed(precision, np.sqrt(self._all_variances())))

    def _all_variances(self) -> Floats:
        return np.concatenate([self._variances(number) for number in range(self.readings)])

    def _variances(self, reading: int) -> Floats:
        """Of one shot of each program of a reading: in the observable that varies most with it, or of all outcomes together."""
        moments = self.question.moments(reading, self.runs(reading))
        together = self.question.readings[reading].group is None
        return np.array([one.variances.sum() if together else one.variances.max(initial=0.0) for one in moments])

    def follow(self) -> None:
        """Runs everything exactly, imperfect in nothing but its pairs."""
        self._outcomes = [self._runner.followed(summand.program) for summand in self._every]

    def runs(self, reading: int) -> list[Run]:
        """What was run of a reading."""
        low = sum(len(some) for some in self._summands[:reading])
        some = zip(self._summands[reading], self._outcomes[low:], strict=False)
        return [Run.of(summand, outcomes) for summand, outcomes in some if outcomes is not None]

    def all_runs(self) -> list[Run]:
        """What was run of all readings."""
        return [run for reading in range(self.readings) for run in self.runs(reading)]

    def answers(self, reading: int) -> tuple[Floats, Floats]:
        """Of a reading, with their variances."""
        return summed(self.question.moments(reading, self.runs(reading)))


class Draws:
    """Each shot draws its term.

    Args:
        question: what is asked of the programs.
        machine: to run on.
        seed: of draws and shots.
        progress: called as shots are done.
    """

    sampling: Literal["circuits", "terms"] = "terms"
    learns = False

    def __init__(self, question: Question, machine: Machine, seed: int, progress: Progress | None = None) -> None:
        self.question, self._runner = question, _Runner(machine, seed, progress)
        self._rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, 0)))
        self._runs: list[list[Run]] = [[] for _ in question.readings]
        self.done = 0

    @property
    def readings(self) -> int:
        """How many there are."""
        return len(self._runs)

    @property
    def fewest(self) -> int:
        """Shots that have to be taken at least: at first, two of each reading, for there to be an error."""
        return self.readings if self.done else 2 * self.readings

    @property
    def pilot(self) -> int:
        """Shots that tell how far draws lie from each other."""
        return FEWEST_DRAWS * self.readings

    @property
    def overhead(self) -> float:
        """γ of the reading that has the greatest."""
        return max((reading.overhead for reading in self.question.readings), default=1.0)

    @property
    def least_overhead(self) -> float:
        """γ of the reading that has the least."""
        return min((reading.overhead for reading in self.question.readings), default=1.0)

    def at_best(self, precision: float) -> float:
        """There is nothing to choose."""
        del precision
        return math.inf

    def take(self, shots: int, total: int) -> None:
        """Draws, for each reading alike, and runs what was drawn."""
        shares = np.full(self.readings, shots // max(self.readings, 1))
        shares[: shots - int(shares.sum())] += 1
        for reading, share in enumerate(shares.tolist()):
            drawn = self.question.readings[reading].drawn(share, self._rng)
            while some := list(islice(drawn, _AT_ONCE)):
                ran = self._runner.run([(summand.program, times) for summand, times in some], total)
                self._runs[reading] += [Run.of(summand, one) for (summand, _), one in zip(some, ran, strict=True)]
        self.done += int(shares.sum())

    def runs(self, reading: int) -> list[Run]:
        """What was drawn of a reading."""
        return self._runs[reading]

    def all_runs(self) -> list[Run]:
        """What was drawn of all readings."""
        return [run for runs in self._runs for run in runs]

    def answers(self, reading: int) -> tuple[Floats, Floats]:
        """Of a reading, with their variances."""
        return averaged(self.question.moments(reading, self.runs(reading)))


class _Runner:
    """Runs programs, each time with seeds of their own."""

    def __init__(self, machine: Machine, seed: int, progress: Progress | None) -> None:
        self._machine, self._seed, self._progress = machine, seed, progress
        self._rounds = self._done = 0

    def run(self, wanted: Sequence[tuple[Program, int]], total: int) -> list[Outcomes]:
        """What programs give in so many shots each."""
        seeds = np.random.SeedSequence(self._seed, spawn_key=(1, self._rounds)).generate_state(len(wanted))
        self._rounds += 1
        jobs = [ProgramJob(*one, seed) for one, seed in zip(wanted, seeds.tolist(), strict=True)]
        return self._machine.run(jobs, lambda more: self._tell(more, total))

    def _tell(self, more: int, total: int) -> None:
        self._done += more
        if self._progress is not None:
            self._progress(self._done, total)

    def followed(self, program: Program) -> Outcomes:
        """What a program gives if nothing is imperfect but its pairs, as probabilities."""
        found = outcomes_with_pairs_only(program, self._machine.policy)
        columns = np.arange(found.table.shape[1])
        return Outcomes(found.rows(columns, program.num_clbits), found.table[0])
