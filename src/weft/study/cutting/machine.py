"""Runs circuits on the islands of a network: compiled and simulated as any other, or exactly on a perfect machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE
from weft.compiler import Effort, compile_circuit
from weft.errors import DoesNotFitError, SimulationError
from weft.network import Network
from weft.program import Program
from weft.protocols.cutting.dressed_programs import End, with_ends
from weft.protocols.cutting.pieces import Filling
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend, simulate
from weft.simulator.backends import BACKENDS
from weft.simulator.distinct_outcomes import distinct_rows
from weft.simulator.exact_outcomes import exact_outcomes
from weft.simulator.side_by_side import Ran, can_stand_side_by_side, simulate_side_by_side
from weft.simulator.statevector import StateVector
from weft.study.cutting.undisturbed import undisturbed

_SMALL = 16  # data qubits
_FEW_AMPLITUDES = 2**13  # of all shots: to see how they might share them costs more
_SHOTS_OF_BUNDLE = 64  # of programs that are simulated together
_MOST_PROGRAMS = 4096  # kept, of some 10 kB each


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What a circuit gave.

    Attributes:
        bits (uint8 array, shape (outcomes, num_clbits)): different outcomes.
        times (float64 array, shape (outcomes,)): how often each came; probabilities if they are exact.
        seconds: that all shots took, one after the other, on the machine that was simulated; 0 if they are exact.
        ebits: that all shots took.
    """

    bits: NDArray[np.uint8]
    times: NDArray[np.float64]
    seconds: float = 0.0
    ebits: int = 0

    def __add__(self, other: Outcomes) -> Outcomes:
        bits, index = np.unique(np.concatenate([self.bits, other.bits]), axis=0, return_inverse=True)
        both = np.concatenate([self.times, other.times])
        times = np.bincount(index.reshape(-1), both, minlength=len(bits)).astype(np.float64)
        return Outcomes(bits, times, self.seconds + other.seconds, self.ebits + other.ebits)


class Job(NamedTuple):
    """One circuit to run.

    Attributes:
        circuit: with one register.
        island: where.
        shots: how often.
        seed: of the simulation.
        filling: the piece that it is, with its slots; None if it is none.
    """

    circuit: Circuit
    island: int
    shots: int
    seed: int
    filling: Filling | None = None


class ProgramJob(NamedTuple):
    """A program to run.

    Attributes:
        program: with one register.
        shots: how often.
        seed: of the simulation.
    """

    program: Program
    shots: int
    seed: int


class Machine:
    """The islands of a network.

    Args:
        network: whose classical links are what separates islands.
        seed: of the compiler.
        effort: of the compiler.
        backend: of the simulator, as `weft.simulate` takes it; by default, the state vector where circuits are small.
        policy: of links within islands.
        workers: how many circuits run side by side.
        most_ebits: that a shot of what all islands run may take; any number by default.
    """

    def __init__(
        self,
        network: Network,
        *,
        seed: int = 0,
        effort: Effort = "default",
        backend: str | Backend = "auto",
        policy: Policy = AS_SOON_AS_POSSIBLE,
        workers: int = 1,
        most_ebits: int | None = None,
    ) -> None:
        self.network, self.seed, self.effort, self.policy = network, seed, effort, policy
        self._backend, self._workers = backend, workers
        self._most_ebits = most_ebits
        self._peaks: dict[int, int] = {}
        self._compiled = lru_cache(maxsize=_MOST_PROGRAMS)(self._compile)
        self._lock = threading.Lock()

    @cached_property
    def islands(self) -> tuple[Network, ...]:
        """Each a network of its own."""
        return tuple(self.network.island(position) for position in range(len(self.network.islands)))

    def program(self, circuit: Circuit, island: int) -> Program:
        """A circuit compiled for an island.

        Raises:
            DoesNotFitError: if it does not fit, or takes more pairs than it may.
        """
        return self._compiled(circuit, island)

    def _compile(self, circuit: Circuit, island: int) -> Program:
        program = compile_circuit(circuit, self.islands[island], seed=self.seed, effort=self.effort).program
        self._count(program.ebits, island)
        return program

    def _count(self, ebits: int, island: int) -> None:
        """A shot takes, at most, what every island takes at most."""
        with self._lock:
            self._peaks[island] = max(ebits, self._peaks.get(island, 0))
            needed = sum(self._peaks.values())
        check_ebits(needed, self._most_ebits)

    def program_of(self, job: Job) -> Program:
        """On one QPU a circuit is compiled as it is; on several, a search is for all ways to fill the slots of a piece at once."""
        if job.filling is None or len(self.islands[job.island].qpus) == 1:
            return self.program(job.circuit, job.island)
        piece, marked = job.filling.piece, job.filling.marked
        program = self.program(piece.filled(marked), job.island)
        measured = program.bits.tolist()
        slots = zip(marked, job.filling.operations, piece.first_bits, strict=True)
        return with_ends(program, [End(measured.index(bit), one, bit) for mark, one, bit in slots if mark is None])

    def run(self, jobs: Sequence[Job | ProgramJob], progress: Callable[[int], None] | None = None) -> list[Outcomes]:
        """What each job gives; an interruption stops those that have not begun."""
        bundles = _bundles(jobs)
        if self._workers == 1 or len(bundles) < 2:
            return _in_order(bundles, map(self._run_bundle, bundles), progress)
        with ThreadPoolExecutor(self._workers) as pool:
            try:
                return _in_order(bundles, pool.map(self._run_bundle, bundles), progress)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _run_bundle(self, bundle: _Bundle) -> list[Outcomes]:
        """What jobs of as many shots give: small ones that are alike are simulated together."""
        if len(bundle.jobs) == 1:
            return [self._run(bundle.jobs[0])]
        together = {place: program for place, job in enumerate(bundle.jobs) if (program := self._small(job))}
        if len(together) < 2:
            return [self._run(job) for job in bundle.jobs]
        first = bundle.jobs[0]
        ran = simulate_side_by_side(list(together.values()), first.shots, first.seed, self.policy)
        found = {place: _outcomes_of(one) for place, one in zip(together, ran, strict=True)}
        return [found[place] if place in found else self._run(job) for place, job in enumerate(bundle.jobs)]

    def _small(self, job: Job | ProgramJob) -> Program | None:
        """The program of a job that is run by state vectors and can stand beside others; None if it is not or cannot."""
        if self._backend != "auto" or _reads_nothing(job):
            return None
        program = job.program if isinstance(job, ProgramJob) else self.program_of(job)
        if not can_stand_side_by_side(program) or (
            isinstance(job, Job) and undisturbed(job.circuit, program, self.policy)
        ):
            return None
        return program if isinstance(_backend_of(program, job.shots), StateVector) else None

    def _run(self, job: Job | ProgramJob) -> Outcomes:
        if isinstance(job, Job) and _reads_nothing(job):
            return Outcomes(np.zeros((1, job.circuit.num_clbits), dtype=np.uint8), np.array([float(job.shots)]))
        program = job.program if isinstance(job, ProgramJob) else self.program_of(job)
        backend: str | Backend = self._backend
        if backend == "auto":
            found = isinstance(job, Job) and undisturbed(job.circuit, program, self.policy)
            if found:
                bits, times = found.drawn(job.shots, job.seed)
                return Outcomes(bits, times, found.shot_s * job.shots)
            backend = _backend_of(program, job.shots)
        result = simulate(program, shots=job.shots, seed=job.seed, backend=backend, policy=self.policy, workers=1)
        times = np.fromiter(result.counts.values(), np.float64, len(result.counts))
        if times.sum() != job.shots:
            raise SimulationError(
                f"`backend` must give an outcome for each of {job.shots} shots, but `{result.backend}` gave {times.sum():g}; "
                "`auto` chooses one that does"
            )
        text = "".join(key[::-1] for key in result.counts)
        bits = np.frombuffer(text.encode(), np.uint8).reshape(len(times), program.num_clbits) - ord("0")
        return Outcomes(bits, times, float(np.sum(result.makespans_s)), result.ebits * job.shots)


class _Bundle(NamedTuple):
    """Jobs that are run together.

    Attributes:
        places: among all jobs.
        jobs: of one island, of as many shots each.
    """

    places: list[int]
    jobs: list[Job | ProgramJob]


def _bundles(jobs: Sequence[Job | ProgramJob]) -> list[_Bundle]:
    """Jobs of few shots in bundles, others alone; in the order of the first of each."""
    found: list[_Bundle] = []
    growing: dict[tuple[int, int], _Bundle] = {}
    for place, job in enumerate(jobs):
        key = (job.island if isinstance(job, Job) else 0, job.shots)
        bundle = growing.get(key)
        if bundle is None or len(bundle.jobs) * job.shots >= _SHOTS_OF_BUNDLE:
            bundle = growing[key] = _Bundle([], [])
            found.append(bundle)
        bundle.places.append(place)
        bundle.jobs.append(job)
    return found


def _reads_nothing(job: Job | ProgramJob) -> bool:
    """Whether nothing can be read from a circuit, so that nobody would run it."""
    return isinstance(job, Job) and not np.any(job.circuit.opcodes == MEASURE)


def _outcomes_of(ran: Ran) -> Outcomes:
    bits, _, times = distinct_rows(ran.bits)
    return Outcomes(bits, times.astype(np.float64), float(ran.makespans_s.sum()))


def check_ebits(needed: int, most_ebits: int | None) -> None:
    """Refuses what takes more pairs than it may.

    Raises:
        DoesNotFitError: if it does.
    """
    if most_ebits is not None and needed > most_ebits:
        raise DoesNotFitError(
            f"`most_ebits` must be at least {needed} for what the compiler found, more than the model thought, but is "
            f"{most_ebits}"
        )


def _backend_of(program: Program, shots: int) -> str | Backend:
    """State vectors while they are small, because pieces are many and have few shots each; else as `weft.simulate` chooses."""
    qubits = int(np.count_nonzero(~program.qubit_is_communication))
    if qubits > _SMALL or BACKENDS["statevector"].refusal(program):
        return "auto"
    return StateVector(dense=shots << qubits > _FEW_AMPLITUDES)


def exactly(circuit: Circuit) -> Outcomes:
    """What a perfect machine gives, as probabilities."""
    found = exact_outcomes(circuit)
    return Outcomes(found.bits, found.probabilities)


def _in_order(
    bundles: Sequence[_Bundle], found: Iterable[list[Outcomes]], progress: Callable[[int], None] | None
) -> list[Outcomes]:
    """What bundles gave, in the order of jobs."""
    answers: dict[int, Outcomes] = {}
    for bundle, outcomes in zip(bundles, found, strict=True):
        answers |= zip(bundle.places, outcomes, strict=True)
        if progress is not None:
            for job in bundle.jobs:
                progress(job.shots)
    return [answers[place] for place in range(len(answers))]
