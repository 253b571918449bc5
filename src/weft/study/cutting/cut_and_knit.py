"""`weft.cut`: the main path of cutting, from a circuit to what it would have given uncut.

find where to cut → divide into pieces → fill slots → allot shots → run → knit
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit, load_circuit
from weft.circuit.observables import Group, grouped
from weft.compiler import Effort
from weft.errors import InvalidValueError
from weft.hardware import load_network
from weft.network import Network
from weft.protocols.cutting.expectation import Expectation
from weft.protocols.cutting.knitting import MOST_AXES, spread_of
from weft.protocols.cutting.plan import CutPlan
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend
from weft.study.cutting.allotment import allot, shots_needed
from weft.study.cutting.by_terms import run_terms
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.hybrid import Hybrid, Request, run_hybrid
from weft.study.cutting.hybrid_plan import Pairs, budget_of, is_hybrid
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.machine import Job, Machine, Outcomes, exactly
from weft.study.cutting.plan_cuts import Cutting, plan_cuts
from weft.study.cutting.subexperiments import MOST_SUBEXPERIMENTS, ways_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Observable = str | Mapping[str, float]
"""A Pauli string, whose last letter is that of qubit 0, or some with their coefficients."""
Sampling = Literal["auto", "circuits", "terms"]

DEFAULT_SHOTS = 100_000
MOST_SHOTS = 10**9
_PILOT = 0.1
"""The share of shots that tells how to allot the others."""
_LEAST_SHOTS = 64
"""For each way to fill slots; with fewer, terms are drawn instead."""
_SPARE = 1.05
"""More shots than are thought to be needed for a precision, because what is thought is itself estimated."""


def cut(
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    observables: Observable | Sequence[Observable] | None = None,
    shots: int | None = None,
    precision: float | None = None,
    most_shots: int | None = None,
    pairs: Pairs = "as they are",
    most_ebits: int | None = None,
    most_seconds: float | None = None,
    exact: bool = False,
    seed: int = 0,
    effort: Effort = "default",
    joint: bool = True,
    sampling: Sampling = "auto",
    plan: CutPlan | None = None,
    cutting: Cutting | None = None,
    backend: str | Backend = "auto",
    policy: Policy = AS_SOON_AS_POSSIBLE,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Knitted | Hybrid:
    """Runs a circuit in pieces on islands that share no entanglement, and knits the results.

    On a network of quantum links it can also repair pairs, and cut some gates between QPUs to stay within a budget: `hybrid.py`.

    Args:
        circuit: or what `load_circuit` takes. Without observables its outcomes are wanted; it is measured at the end in full if it
            measures nothing.
        network: or what `load_network` takes; classical links separate its islands.
        observables: to estimate, of all qubits at the end of the circuit.
        shots: runs of pieces, all together; 100,000 by default.
        precision: instead of shots, the standard error that no observable (no outcome) may exceed.
        most_shots: more are not taken for a precision, 10⁹ by default; what takes more is refused, once that is known. Given on a
            network of quantum links, gates between QPUs are cut, to save pairs, as far as these shots allow.
        pairs: of a network of quantum links: `cancelled`, dressed by Paulis so that their noise cancels; `assisted`, some replaced
            by products; or used as they are.
        most_ebits: Bell pairs that a shot may take; gates between QPUs are cut as far as that asks for.
        most_seconds: that all shots for the precision (.01 if none is given) may take; gates are cut where that saves time.
        exact: whether all is perfect, every outcome followed: no noise, no shots, no errors. Only pairs that are repaired or
            budgeted are as links deliver them.
        seed: of the search and of the shots.
        effort: of the search and of the compiler.
        joint: whether cuts are made together where they can be.
        sampling: `circuits` runs every circuit of every piece, with shots allotted so that the variance is least, after a tenth of
            them has told what counts; `terms` draws a term for every shot, as theory counts overheads, and runs what was drawn;
            `auto` does that where circuits would be too many.
        plan: where to cut the circuit as it is; looked for by default.
        cutting: that of a circuit which differs in its angles only, from `where_to_cut` or from an answer; it saves the search.
        backend: of the simulator.
        policy: of links within islands.
        workers: how many circuits run side by side.
        progress: called with the shots done and those in all.

    Raises:
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        InvalidValueError: for arguments that cannot be, or if a precision takes more than `most_shots`; the message says how many.
        DoesNotFitError: if no way to cut is found.
        SimulationError: if there are too many ways to fill slots, or too many outcomes.
    """
    budget = budget_of(most_ebits, most_seconds, most_shots, precision)
    most_shots = MOST_SHOTS if most_shots is None else most_shots
    _check(shots, precision, most_shots, exact=exact, sampling=sampling, workers=workers)
    loaded, where = load_circuit(circuit, seed=seed), load_network(network)
    wanted = _observables(observables, loaded.num_qubits)
    machine = Machine(where, seed=seed, effort=effort, backend=backend, policy=policy, workers=workers)
    if is_hybrid(where, pairs, budget):
        measured = loaded.measured() if wanted is None else loaded
        taken = None if exact or precision is not None else shots or DEFAULT_SHOTS
        request = Request(measured, wanted, taken, precision, most_shots, exact, sampling == "terms", seed)
        return run_hybrid(request, where, machine, pairs, budget, progress)
    if cutting is None:
        cutting = plan_cuts(loaded, where, measured=wanted is None, seed=seed, effort=effort, joint=joint, plan=plan)
    else:
        cutting = _reused(cutting, loaded, where, measured=wanted is None)
    run = Run(cutting, wanted, machine, seed, progress)
    if exact or not run.experiments:  # identities need no shots
        return run.exactly()
    if sampling == "terms" or (sampling == "auto" and run.is_vast(shots or DEFAULT_SHOTS)):
        return run.by_terms(shots, precision, most_shots)
    if precision is not None:
        return run.to_precision(precision, most_shots)
    return run.with_shots(shots or DEFAULT_SHOTS)


def where_to_cut(
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    measured: bool = True,
    seed: int = 0,
    effort: Effort = "default",
    joint: bool = True,
) -> Cutting:
    """Where `cut` would cut a circuit, and at what overhead; nothing runs.

    Args:
        circuit: or what `load_circuit` takes. Parameters of a Qiskit circuit may be without values: cuts are looked for with
            values of no special kind, and `cut(..., cutting=...)` makes the same cuts in the circuit with any others.
        network: or what `load_network` takes.
        measured: whether outcomes will be asked for; else observables.
        seed: of the search.
        effort: how long to search.
        joint: whether cuts are made together where they can be.

    Raises:
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        DoesNotFitError: if no way to cut is found.
    """
    free = list(getattr(circuit, "parameters", ()))
    if free:
        values = {one: 1 + 0.1 * place for place, one in enumerate(free)}
        circuit = circuit.assign_parameters(values)  # type: ignore[union-attr]  # only Qiskit's circuits have any
    loaded, where = load_circuit(circuit, seed=seed), load_network(network)
    return plan_cuts(loaded, where, measured=measured, seed=seed, effort=effort, joint=joint)


def _reused(cutting: Cutting, circuit: Circuit, network: Network, *, measured: bool) -> Cutting:
    if cutting.network.id != network.id:
        raise InvalidValueError("`cutting` must be for this network, but is for another")
    if cutting.measured != measured:
        kinds = {True: "outcomes", False: "observables"}
        raise InvalidValueError(f"`cutting` must be for {kinds[measured]}, but is for {kinds[cutting.measured]}")
    return cutting.refilled(circuit)


def _check(
    shots: int | None, precision: float | None, most_shots: int, *, exact: bool, sampling: str, workers: int
) -> None:
    if sum((shots is not None, precision is not None, exact)) > 1:
        raise InvalidValueError("only one of `shots`, `precision` and `exact` must be given, but several are")
    for name, value in (("shots", shots), ("most_shots", most_shots), ("workers", workers)):
        if value is not None and not (isinstance(value, int | np.integer) and value >= 1):
            raise InvalidValueError(f"`{name}` must be a whole number ≥ 1, but is {value!r}")
    if (shots or 0) > most_shots:
        raise InvalidValueError(f"`shots` must be at most {most_shots:,}, but is {shots:,}")
    if precision is not None and not 0 < precision < math.inf:
        raise InvalidValueError(f"`precision` must be positive, but is {precision!r}")
    if sampling not in get_args(Sampling):
        raise InvalidValueError(f"`sampling` must be one of {', '.join(get_args(Sampling))}, but is {sampling!r}")
    if sampling == "terms" and exact:
        raise InvalidValueError("`sampling='terms'` must not be given with `exact`, which draws nothing, but is")


def _observables(
    given: Observable | Sequence[Observable] | None, qubits: int
) -> list[tuple[str, dict[str, float]]] | None:
    """Name and terms of each; None if the outcomes are wanted."""
    if given is None:
        return None
    several = [given] if isinstance(given, str | Mapping) else list(given)
    if not several:
        raise InvalidValueError("`observables` must name at least one, but are none")
    found = []
    for one in several:
        terms = {one: 1.0} if isinstance(one, str) else {str(label): float(value) for label, value in one.items()}
        for label, value in terms.items():
            if len(label) != qubits or set(label) - set("IXYZ"):
                raise InvalidValueError(
                    f"an observable must be {qubits} letters of I, X, Y and Z, one for each qubit, but is {label!r}"
                )
            if not math.isfinite(value):
                raise InvalidValueError(f"a coefficient must be finite, but that of {label} is {value}")
        found.append((one if isinstance(one, str) else _name(terms), terms))
    return found


def _name(terms: Mapping[str, float]) -> str:
    return " ".join(f"{value:+g} {label}" for label, value in terms.items())


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

    def is_vast(self, shots: int) -> bool:
        """Whether there are too many ways to fill slots to run all of them with so many shots."""
        ways = sum(ways_of(piece, one.cuts) for one in self.experiments for piece in one.pieces)
        many = any(2 * len(one.cuts) + len(one.pieces) > MOST_AXES for one in self.experiments)
        return many or ways > min(MOST_SUBEXPERIMENTS, shots / _LEAST_SHOTS)

    def by_terms(self, shots: int | None, precision: float | None, most_shots: int) -> Knitted:
        """The answer from drawn terms.

        Raises:
            InvalidValueError: if a precision takes too many shots.
        """
        if precision is not None:
            # A term whose message does not come counts nothing, so that terms have to be drawn more often than γ² says.
            often = math.prod(float(np.abs(cut.coefficients).sum()) / cut.overhead for cut in self.cutting.cuts)
            needed = math.ceil(_SPARE * often * self._worst(precision)) + 1
            _refuse(needed, most_shots, precision)
            shots = needed
        return run_terms(
            self.cutting, self.experiments, self.observables, self.machine, shots or DEFAULT_SHOTS, self.seed
        )

    def _worst(self, precision: float) -> float:
        """Shots that are enough whatever the circuit: γ²/precision² draws of each group, each of a shot of every piece."""
        pieces = sum(len(experiment.pieces) for experiment in self.experiments)
        scale = 1.0
        if self.observables is not None:
            scale = max(sum(abs(value) for value in terms.values()) for _, terms in self.observables)
        return pieces * len(self.experiments) * (scale * self.cutting.overhead / precision) ** 2

    def _prepare(self) -> None:
        """Lists the circuits."""
        # Groups share circuits where they ask a piece for the same.
        self._keys: dict[tuple[str, int], int] = {}
        self._circuits: list[Circuit] = []
        self._places = [
            [self._place(run[0].circuit, run[0].piece) for run in experiment.runs] for experiment in self.experiments
        ]
        self._outcomes: list[Outcomes | None] = [None] * len(self._circuits)
        self._shots = np.zeros(len(self._circuits), dtype=np.int64)
        self._round = 0

    def _place(self, circuit: Circuit, piece: int) -> int:
        key = circuit.id, piece
        if key not in self._keys:
            self._keys[key] = len(self._circuits)
            self._circuits.append(circuit)
        return self._keys[key]

    def exactly(self) -> Knitted:
        """The answer on perfect machines."""
        self._prepare()
        self._outcomes = [exactly(circuit) for circuit in self._circuits]
        return self._knitted(exact=True)

    def with_shots(self, shots: int) -> Knitted:
        """The answer from so many shots."""
        self._prepare()
        pilot = max(int(_PILOT * shots), len(self._circuits))
        if not self.cutting.cuts or pilot >= shots:
            self._take(allot(shots, self._weights()), shots)
        else:
            self._take(allot(pilot, self._weights()), shots)
            self._take(allot(shots - pilot, self._spreads().max(axis=0), self._shots), shots)
        return self._knitted(exact=False)

    def to_precision(self, precision: float, most_shots: int) -> Knitted:
        """The answer with so small an error.

        Raises:
            InvalidValueError: if that takes too many shots; as far as is known before anything has run, or after a tenth has.
        """
        self._prepare()
        worst = self._worst(precision)
        pilot = int(min(max(len(self._circuits) * 16, _PILOT * worst), most_shots))
        _refuse(len(self._circuits), most_shots, precision)
        if worst * _PILOT > most_shots:
            _refuse(worst, most_shots, precision)
        self._take(allot(pilot, self._weights()), pilot)
        while True:
            spreads = self._spreads()
            needed = max(int(_SPARE * shots_needed(precision, row)) for row in spreads)
            taken = int(self._shots.sum())
            if self._worst_error() <= precision:
                return self._knitted(exact=False)
            more = max(needed - taken, taken // 20, 1)
            _refuse(taken + more, most_shots, precision)
            self._take(allot(more, spreads.max(axis=0), self._shots), taken + more)

    def _take(self, shots: NDArray[np.int64], total: int) -> None:
        """Runs circuits and keeps what they gave."""
        islands = [piece for _, piece in self._keys]
        chosen = np.flatnonzero(shots).tolist()
        seeds = np.random.SeedSequence(self.seed, spawn_key=(self._round,)).generate_state(len(shots)).tolist()
        jobs = [Job(self._circuits[place], islands[place], int(shots[place]), seeds[place]) for place in chosen]
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

    def _worst_error(self) -> float:
        knitted = self._knitted(exact=False)
        if knitted.distribution is not None:
            return float(knitted.distribution.stderrs.max(initial=0.0))
        return max(one.stderr for one in knitted.expectations)

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
        return QuasiDistribution(bits, values[kept], errors[kept], experiment.circuit.registers)


def _refuse(needed: float, most_shots: int, precision: float) -> None:
    if needed > most_shots:
        raise InvalidValueError(
            f"`most_shots` must be at least {math.ceil(needed):,} for a precision of {precision:g}, as far as is known, but is "
            f"{most_shots:,}"
        )
