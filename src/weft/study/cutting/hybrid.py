"""Hybrid links: gates between QPUs teleported with real pairs, cut, or teleported through pairs that sampling repairs.

Each is a sum over ordinary programs, so all of them together are, too:

decide which gates are cut → compile → a program for each term of the cuts and of its pairs → run → add up with signs

What is repaired is each link's pair as it is delivered. Pairs that wait decohere, and gates and measurements are imperfect; that
stays, and with it a bias.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from weft.circuit import Circuit
from weft.circuit.observables import Group, constant_of, grouped
from weft.errors import InvalidNetworkError, InvalidValueError, SimulationError
from weft.network import Network
from weft.study.cutting.hybrid_plan import Budget, HybridPlan, Pairs, plan_hybrid
from weft.study.cutting.hybrid_programs import HybridPrograms
from weft.study.cutting.hybrid_sampling import Draws, Everything, Progress
from weft.study.cutting.hybrid_sums import Observables, Question
from weft.study.cutting.knitted import Expected, QuasiDistribution
from weft.study.cutting.machine import Machine
from weft.study.cutting.precision import draws_enough, draws_surely, take_to_precision
from weft.study.cutting.saved_pairs import with_fewest_cuts

MOST_TERMS = 512
"""Where there are more, they are drawn: each program costs about as much to set up as a hundred shots."""
_PILOT = 0.1
_NOTHING = 1e-15
_ANY = 10**9  # pairs, more than any program takes


@dataclass(frozen=True, eq=False)
class Hybrid:
    """What a circuit gave on a network of quantum links whose pairs were repaired, or some of whose gates were cut.

    Attributes:
        plan: which gates were cut, and what the model said.
        expectations: of the observables, in their order; empty if none were asked for.
        distribution: of the circuit's bits; None if observables were asked for.
        sampling: `circuits` if every program was run, `terms` if shots drew theirs.
        overhead: γ of the program as it was compiled; γ² times as many shots are needed as with perfect pairs and without cuts. Of
            several groups of observables, that of the one with the greatest.
        programs: how many different ones ran.
        shots: of all programs together; 0 if the answer is exact.
        seed: of the random numbers.
        seconds: that the machine which was simulated took for all shots, one after the other.
        ebits: that all shots took.
        most_ebits: that any shot took.
        notes: what readers must know: where errors are so large that the answer says nothing.
    """

    plan: HybridPlan
    expectations: tuple[Expected, ...]
    distribution: QuasiDistribution | None
    sampling: Literal["circuits", "terms"]
    overhead: float
    programs: int
    shots: int
    seed: int
    seconds: float
    ebits: int
    most_ebits: int
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether nothing was sampled: everything is perfect but the pairs, and every outcome is followed."""
        return self.shots == 0


@dataclass(frozen=True)
class Request:
    """What is to be found out, and how well.

    Attributes:
        circuit: measured, if its outcomes are wanted.
        observables: None for the outcomes.
        shots: of all programs together; None if a precision or an exact answer is asked for.
        precision: standard error that no observable (no outcome) may exceed.
        most_shots: more are not taken for a precision.
        exact: whether all is perfect but the pairs, and every outcome followed.
        draws: whether terms are to be drawn even if they are few.
        seed: of everything.
    """

    circuit: Circuit
    observables: Observables | None
    shots: int | None
    precision: float | None
    most_shots: int
    exact: bool
    draws: bool
    seed: int


def run_hybrid(
    request: Request,
    network: Network,
    machine: Machine,
    pairs: Pairs,
    budget: Budget,
    progress: Progress | None = None,
) -> Hybrid:
    """Runs a circuit on a network of quantum links; `weft.cut` is the door.

    Args:
        request: what is wanted.
        network: of quantum links.
        machine: of that network.
        pairs: what is done about their imperfection.
        budget: to keep to.
        progress: called with the shots done and those in all.

    Raises:
        InvalidNetworkError: if links of the network are classical.
        InvalidValueError: as `weft.cut` and `plan_hybrid`.
        DoesNotFitError: if the circuit does not fit the network, or the budget does not suffice.
        SimulationError: if an exact answer has too many terms.
    """
    if network.classical_links:
        raise InvalidNetworkError(
            f"`{network.name}` must have quantum links only for pairs to be repaired, but "
            f"{network.classical_links[0].name} is classical"
        )
    groups: list[Group | None] = [None]
    if request.observables is not None:
        groups = list(grouped(label for _, terms in request.observables for label in terms))
    plan = _plan(request.circuit, network, machine, pairs, budget)
    if budget.most_ebits is not None and plan.cuts and groups:
        plan = _with_fewer_cuts(plan, groups[0], request.circuit, machine, budget.most_ebits)
    readings = [HybridPrograms(plan, group, machine, budget.most_ebits) for group in groups]
    terms = sum(reading.count for reading in readings)
    if request.exact and terms > MOST_TERMS:
        raise SimulationError(f"an exact answer must have at most {MOST_TERMS:,} terms, but has more; take shots")
    question = Question(readings, request.observables)
    if request.draws or terms > MOST_TERMS or (request.shots or math.inf) < 2 * terms:
        return _Course(request, plan, Draws(question, machine, request.seed, progress)).hybrid()
    everything = Everything(question, machine, request.seed, progress)
    if request.exact:
        everything.follow()
    return _Course(request, plan, everything).hybrid()


def _plan(circuit: Circuit, network: Network, machine: Machine, pairs: Pairs, budget: Budget) -> HybridPlan:
    return plan_hybrid(circuit, network, pairs, budget, policy=machine.policy, seed=machine.seed, effort=machine.effort)


def _with_fewer_cuts(
    plan: HybridPlan, group: Group | None, circuit: Circuit, machine: Machine, most_ebits: int
) -> HybridPlan:
    """A plan that the model thinks to take more pairs, if the compiler shares them so well that it does not: found by bisection."""

    def planned(saved: int) -> HybridPlan:
        return _plan(circuit, plan.network, machine, plan.pairs, Budget(most_ebits=most_ebits, saved_ebits=saved))

    def measured(candidate: HybridPlan) -> tuple[int, float]:
        program = HybridPrograms(candidate, group, machine).program
        return program.ebits, candidate.overhead(program)

    return with_fewest_cuts(plan, planned, measured, most_ebits, most_saved=_ebits(planned(_ANY)) - most_ebits)


def _ebits(plan: HybridPlan) -> int:
    return 0 if plan.model is None else plan.model.ebits


class _Course:
    """A request on its way through the machine."""

    def __init__(self, request: Request, plan: HybridPlan, source: Everything | Draws) -> None:
        self.request, self.plan, self.source = request, plan, source

    def hybrid(self) -> Hybrid:
        """The answer."""
        if self.request.precision is not None:
            take_to_precision(self, self.request.precision, self.request.most_shots)
        elif self.request.shots is not None:
            self._with_shots(self.request.shots)
        runs = self.source.all_runs()
        return Hybrid(
            plan=self.plan,
            expectations=() if self.request.observables is None else self._expectations(),
            distribution=self._distribution() if self.request.observables is None else None,
            sampling=self.source.sampling,
            overhead=self.source.overhead,
            programs=len({run.program_id for run in runs}),
            shots=0 if self.request.exact else self.source.done,
            seed=self.request.seed,
            seconds=math.fsum(run.outcomes.seconds for run in runs),
            ebits=sum(run.outcomes.ebits for run in runs),
            most_ebits=max((run.ebits for run in runs), default=0),
        )

    def _with_shots(self, shots: int) -> None:
        if shots < self.source.fewest:
            raise InvalidValueError(f"`shots` must be at least {self.source.fewest:,} here, but is {shots:,}")
        pilot = max(int(_PILOT * shots), self.source.fewest)
        if self.source.learns and pilot < shots:
            self.source.take(pilot, shots)
        self.source.take(shots - self.source.done, shots)

    @property
    def done(self) -> int:
        """Shots so far."""
        return self.source.done

    @property
    def fewest(self) -> int:
        """Shots that have to be taken at least."""
        return self.source.fewest

    @property
    def pilot(self) -> int:
        """Shots that have to be taken before errors can be believed."""
        return self.source.pilot

    def take(self, shots: int, total: int) -> None:
        """Takes some, of as many in all."""
        self.source.take(shots, total)

    def enough(self, precision: float) -> float:
        """Shots that are enough whatever the circuit."""
        return self.source.readings * draws_enough(self.request.observables, self.source.overhead, precision)

    def surely(self, precision: float) -> float:
        """Shots that it takes whatever the circuit."""
        return self.source.readings * draws_surely(self.request.observables, self.source.least_overhead, precision)

    def at_best(self, precision: float) -> float:
        """Shots that it takes if all are taken as what was measured says is best."""
        return self.source.at_best(precision)

    def worst_error(self) -> float:
        """The largest standard error of an observable, or of an outcome."""
        if self.request.observables is None:
            return float(self._distribution().stderrs.max(initial=0.0))
        return max((one.stderr for one in self._expectations()), default=0.0)

    def _expectations(self) -> tuple[Expected, ...]:
        observables = self.request.observables or ()
        values = np.array([constant_of(terms) for _, terms in observables])
        variances = np.zeros(len(values))
        for reading in range(self.source.readings):
            more, spread = self.source.answers(reading)
            values, variances = values + more, variances + spread
        errors = np.zeros(len(values)) if self.request.exact else np.sqrt(variances)
        return tuple(map(Expected, (name for name, _ in observables), values.tolist(), errors.tolist()))

    def _distribution(self) -> QuasiDistribution:
        bits = self.source.question.outcomes(self.source.runs(0))
        values, variances = self.source.answers(0)
        errors = np.zeros(len(values)) if self.request.exact else np.sqrt(variances)
        kept = (np.abs(values) > _NOTHING) | (errors > 0)
        return QuasiDistribution(bits[kept], values[kept], errors[kept], self.request.circuit.printed_registers)
