"""A cut circuit on its way through the machine: which circuits run, how often, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.circuit.observables import Group, grouped
from weft.protocols.cutting.expectation import Expectation
from weft.protocols.cutting.knitting import MOST_AXES, spread_of
from weft.study.cutting.allotment import allot, shots_needed
from weft.study.cutting.by_terms import Terms
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.machine import Machine, Outcomes, exactly
from weft.study.cutting.plan_cuts import Cutting
from weft.study.cutting.precision import draws_enough, take_to_precision
from weft.study.cutting.subexperiments import MOST_SUBEXPERIMENTS, Subexperiment, ways_of

_PILOT = 0.1
"""The share of shots that tells how to allot the others."""
_LEAST_SHOTS = 64
"""For each way to fill slots; with fewer, terms are drawn instead."""
_PILOT_OF_CIRCUIT = 16
"""Shots of each circuit before its spread is believed."""


class Run:
    """A cut circuit on its way through the machine.

    Args:
        cutting: of the circuit.
        observables: name and terms of each; None for the outcomes.
        machine: to run on.
        seed: of the shots.
        progress: called with the shots done and those in all.
    """

    def __init__(
        self,
        cutting: Cutting,
        observables: list[tuple[str, dict[str, float]]] | None,
        machine: Machine,
        seed: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.cutting, self.observables, self.machine, self.seed = cutting, observables, machine, seed
        self.groups: list[Group | None] = [None]
        if observables is not None:
            self.groups = list(grouped(label for _, terms in observables for label in terms))
        self.experiments = [Experiment(cutting, group) for group in self.groups]
        self._progress = progress

    def is_vast(self, shots: float) -> bool:
        """Whether there are too many ways to fill slots to run all of them with so many shots."""
        ways = sum(ways_of(piece, one.cuts) for one in self.experiments for piece in one.pieces)
        many = any(2 * len(one.cuts) + len(one.pieces) > MOST_AXES for one in self.experiments)
        return many or ways > min(MOST_SUBEXPERIMENTS, shots / _LEAST_SHOTS)

    def by_terms(self, shots: int, precision: float | None, most_shots: int) -> Knitted:
        """The answer from drawn terms: from so many shots, or with so small an error instead.

        Raises:
            InvalidValueError: if a precision takes too many shots.
        """
        terms = Terms(self.cutting, self.experiments, self.observables, self.machine, self.seed, self._progress)
        if precision is None:
            terms.take(shots, shots)
        else:
            take_to_precision(terms, precision, most_shots)
        return terms.knitted()

    def enough(self, precision: float) -> float:
        """Shots that are enough whatever the circuit: γ²/precision² draws of each group, each of a shot of every piece."""
        pieces = sum(len(experiment.pieces) for experiment in self.experiments)
        draws = draws_enough(self.observables, self.cutting.overhead, precision)
        return pieces * len(self.experiments) * draws

    def _prepare(self) -> None:
        """Lists the circuits."""
        # Groups share circuits where they ask a piece for the same.
        self._keys: dict[tuple[str, int], int] = {}
        self._circuits: list[Subexperiment] = []
        self._places = [[self._place(run[0]) for run in experiment.runs] for experiment in self.experiments]
        self._outcomes: list[Outcomes | None] = [None] * len(self._circuits)
        self._shots = np.zeros(len(self._circuits), dtype=np.int64)
        self._round = 0

    def _place(self, one: Subexperiment) -> int:
        key = one.circuit.id, one.piece
        if key not in self._keys:
            self._keys[key] = len(self._circuits)
            self._circuits.append(one)
        return self._keys[key]

    def exactly(self) -> Knitted:
        """The answer on perfect machines."""
        self._prepare()
        self._outcomes = [exactly(one.circuit) for one in self._circuits]
        return self._knitted(exact=True)

    def with_shots(self, shots: int) -> Knitted:
        """The answer from so many shots."""
        self._prepare()
        pilot = max(int(_PILOT * shots), len(self._circuits))
        if not self.cutting.cuts or pilot >= shots:
            self.take(shots, shots)
        else:
            self.take(pilot, shots)
            self.take(shots - pilot, shots)
        return self._knitted(exact=False)

    def to_precision(self, precision: float, most_shots: int) -> Knitted:
        """The answer with so small an error.

        Raises:
            InvalidValueError: if that takes too many shots, as far as is known.
        """
        self._prepare()
        take_to_precision(self, precision, most_shots)
        return self._knitted(exact=False)

    @property
    def done(self) -> int:
        """Shots so far."""
        return int(self._shots.sum())

    @property
    def fewest(self) -> int:
        """One of each circuit has to be run at first."""
        return 1 if self.done else len(self._circuits)

    @property
    def pilot(self) -> int:
        """Shots that tell how much those of each circuit differ."""
        return _PILOT_OF_CIRCUIT * len(self._circuits)

    def take(self, shots: int, total: int) -> None:
        """Allots shots by what is known, and takes them."""
        spreads = self._spreads().max(axis=0) if self.done else self._weights()
        self._take(allot(shots, spreads, self._shots), total)

    def worst_error(self) -> float:
        """The largest standard error of an observable, or of an outcome."""
        return self._knitted(exact=False).worst_error

    def surely(self, precision: float) -> float:
        """Nothing is known beforehand."""
        del precision
        return 0.0

    def at_best(self, precision: float) -> float:
        """Shots that it takes if they are allotted as what was measured says is best."""
        return float(max(shots_needed(precision, row) for row in np.sqrt(self._variances())))

    def _take(self, shots: NDArray[np.int64], total: int) -> None:
        """Runs circuits and keeps what they gave."""
        chosen = np.flatnonzero(shots).tolist()
        seeds = np.random.SeedSequence(self.seed, spawn_key=(self._round,)).generate_state(len(shots)).tolist()
        jobs = [self._circuits[place].job(int(shots[place]), seeds[place]) for place in chosen]
        done = int(self._shots.sum())

        def tell(more: int) -> None:
            nonlocal done
            done += more
            if self._progress is not None:
                self._progress(done, total)

        for place, outcomes in zip(chosen, self.machine.run(jobs, tell), strict=True):
            before = self._outcomes[place]
            self._outcomes[place] = outcomes if before is None else before + outcomes
        self._shots += shots
        self._round += 1

    def _given(self, experiment: int) -> list[Outcomes]:
        return [outcomes for place in self._places[experiment] if (outcomes := self._outcomes[place]) is not None]

    def _weights(self) -> NDArray[np.float64]:
        """How much each circuit counts at most, before anything is known."""
        weights = np.zeros(len(self._circuits))
        for experiment, places in zip(self.experiments, self._places, strict=True):
            np.maximum.at(weights, places, experiment.weights)
        return weights

    def _coefficients(self, group: int) -> list[NDArray[np.float64]]:
        """Of each observable, for the terms of a group."""
        assert self.observables is not None
        labels = self.experiments[group].group.labels  # type: ignore[union-attr]  # there are groups
        return [np.array([terms.get(label, 0.0) for label in labels]) for _, terms in self.observables]

    def _spreads(self) -> NDArray[np.float64]:
        """What one shot of each circuit leaves in each answer, as a standard deviation: shape (answers, circuits)."""
        variances = self._variances()
        # Few shots may all have agreed; what they would have left open keeps circuits from being starved.
        floor = self._weights() ** 2 / np.maximum(self._shots, 1)
        return np.sqrt(variances + floor * (variances.max(axis=1, keepdims=True) > 0))

    def _variances(self) -> NDArray[np.float64]:
        """What one shot of each circuit leaves in each answer, as a variance: shape (answers, circuits)."""
        if self.observables is None:
            [experiment], [places] = self.experiments, self._places
            variances = np.zeros((1, len(self._circuits)))
            variances[0, places] = np.concatenate(experiment.distribution(self._given(0), exact=False).spreads())
            return variances
        return self._variances_of(self._expectations(exact=False))

    def _expectations(self, *, exact: bool) -> list[Expectation]:
        return [one.expectation(self._given(number), exact=exact) for number, one in enumerate(self.experiments)]

    def _variances_of(self, knitted: Sequence[Expectation]) -> NDArray[np.float64]:
        return np.array([[self._spread(*both) for both in enumerate(row)] for row in self._per_shot(knitted)])

    def _spread(self, circuit: int, per_shot: NDArray[np.float64]) -> float:
        outcomes = self._outcomes[circuit]
        assert outcomes is not None  # every circuit has had a shot
        shots = outcomes.times.sum()
        shares = outcomes.times / shots
        return float(spread_of(shares @ per_shot, shares @ per_shot**2, shots))

    def _per_shot(self, knitted: Sequence[Expectation]) -> list[list[NDArray[np.float64]]]:
        """For each observable and each circuit, how much its outcomes count; groups that share a circuit share its shots."""
        assert self.observables is not None
        found = [[np.zeros(1)] * len(self._circuits) for _ in self.observables]
        for number, (group, places) in enumerate(zip(knitted, self._places, strict=True)):
            for row, coefficients in zip(found, self._coefficients(number), strict=True):
                for place, values in zip(places, group.per_shot(coefficients), strict=True):
                    row[place] = row[place] + values
        return found

    def _knitted(self, *, exact: bool) -> Knitted:
        seconds = np.zeros(len(self.machine.islands))
        for (_, piece), outcomes in zip(self._keys, self._outcomes, strict=True):
            seconds[piece] += outcomes.seconds if outcomes is not None else 0.0
        return Knitted(
            cutting=self.cutting,
            expectations=() if self.observables is None else self._expected(exact=exact),
            distribution=self._distribution(exact=exact) if self.observables is None else None,
            shots=0 if exact else int(self._shots.sum()),
            seed=self.seed,
            circuits=len(self._circuits),
            ways=sum(len(run) for experiment in self.experiments for run in experiment.runs),
            seconds=float(seconds.max()),
            ebits=sum(outcomes.ebits for outcomes in self._outcomes if outcomes is not None),
        )

    def _expected(self, *, exact: bool) -> tuple[Expected, ...]:
        assert self.observables is not None
        values = [terms.get("I" * self.cutting.circuit.num_qubits, 0.0) for _, terms in self.observables]
        knitted = self._expectations(exact=exact)
        for number, group in enumerate(knitted):
            for answer, coefficients in enumerate(self._coefficients(number)):
                values[answer] += group.value(coefficients)
        errors = np.zeros(len(values)) if exact else np.sqrt((self._variances_of(knitted) / self._shots).sum(axis=1))
        names = [name for name, _ in self.observables]
        return tuple(map(Expected, names, values, errors.tolist()))

    def _distribution(self, *, exact: bool) -> QuasiDistribution:
        experiment = self.experiments[0]
        knitted = experiment.distribution(self._given(0), exact=exact)
        values = knitted.quasi.reshape(-1)
        errors = np.zeros(len(values)) if exact else np.sqrt(knitted.variance().reshape(-1))
        kept = np.flatnonzero((np.abs(values) > 1e-15) | (errors > 0))
        places = np.unravel_index(kept, knitted.quasi.shape)
        bits = np.zeros((len(kept), experiment.circuit.num_clbits), dtype=np.uint8)
        for piece, outcomes, place in zip(experiment.pieces, knitted.outcomes, places, strict=True):
            bits[:, list(piece.clbits)] = outcomes[place]
        return QuasiDistribution(bits, values[kept], errors[kept], experiment.circuit.printed_registers)
