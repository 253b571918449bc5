"""Runs a circuit in each of the ways that are compared, and fills their rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from weft.circuit import Circuit
from weft.compiler import Effort
from weft.errors import DoesNotFitError, InvalidNetworkError, SimulationError, VerificationError, WeftError
from weft.network import Network
from weft.program import Program
from weft.simulator import Result, simulate
from weft.simulator.result import Fidelity
from weft.study.comparison.contenders import Contender, InPieces, Whole
from weft.study.comparison.means import Mean, Point
from weft.study.comparison.mixed import MOST_OVERHEAD, Mixed, mixes, shares
from weft.study.comparison.played import TIMELINES, busy_times, has_one_state
from weft.study.comparison.ways import Kind, Way, best_of
from weft.study.cutting.hybrid_plan import HybridPlan
from weft.study.cutting.hybrid_programs import HybridPrograms
from weft.study.cutting.machine import Machine

_OVER_TERMS = (
    "averaged over terms by their shares of the process; a wrong sign counts twice, because it takes away what a right one adds; "
    "what sampling repairs is no error"
)
BEFORE_READINGS = (
    f"the probability that no error strikes in a shot of all pieces before the final measurements, {_OVER_TERMS}"
)
WITH_READINGS = f"the probability that no error strikes in a shot of all pieces, readings included, {_OVER_TERMS}"
_MOST_GATES = 1000  # between QPUs, for mixes to be looked for
_DRAFTS, _FINALISTS = 4, 3  # repetitions of what is compared at first, and how many are compared again, well compiled

Found = tuple[Way, Contender | None]


def run_whole(
    kind: Kind, circuit: Circuit, network: Network, *, shots: int, seed: int, effort: Effort, repetitions: int
) -> Found:
    """The circuit in one piece."""

    def find() -> Found:
        whole = Whole.of(circuit, network, seed=seed, effort=effort)
        program = whole.compilation.program
        result = _simulated(program, shots, seed)
        busy, makespans = busy_times(program, seed)
        point = whole.at("rate", 1.0, repetitions=repetitions, seed=seed)
        spread = float(np.std(result.makespans_s, ddof=1)) if result.shots > 1 else 0.0
        way = Way(
            kind,
            (network.name,),
            fidelity=result.fidelity,
            no_error=point.no_error,
            shot_s=Mean(result.makespan.mean, spread / math.sqrt(result.shots)),
            sampling_overhead=1.0,
            runs=1,
            ebits=program.ebits,
            data_qubits=_data_qubits(program),
            communication_qubits=_communication_qubits(program),
            data_utilisation=_share(busy, makespans),
            link_utilisation=_busy_links([result]),
            budget=_budget(result),
            notes=result.notes,
        )
        return way, whole

    return _unless_refused(kind, network, find)


def run_in_pieces(
    circuit: Circuit,
    network: Network,
    *,
    seed: int,
    effort: Effort,
    repetitions: int,
    kind: Kind = "classical_links",
) -> Found:
    """The circuit cut between the islands of a network; it is a hybrid one if these have quantum links within."""

    def find() -> Found:
        pieces = InPieces.of(circuit, network, seed=seed, effort=effort)
        point = pieces.at("rate", 1.0, repetitions=repetitions, seed=seed)
        first = max(pieces.terms, key=lambda term: term.weight).programs
        used = [busy_times(program, seed) for program in first]
        # What links do is the same whatever goes wrong.
        linked = [_estimated(program, seed) for program in first if program.ebits]
        slowest = max(float(makespans.mean()) for _, makespans in used)
        busy = np.concatenate([times for times, _ in used])
        way = Way(
            kind,
            (network.name,),
            fidelity=_fidelity_of_terms(point, one_state=has_one_state(circuit.measured())),
            no_error=point.no_error,
            shot_s=point.shot_s,
            sampling_overhead=point.sampling_overhead,
            runs=pieces.runs,
            ebits=sum(program.ebits for program in first),
            data_qubits={name: count for program in first for name, count in _data_qubits(program).items()},
            communication_qubits={
                name: peak for program in first for name, peak in _communication_qubits(program).items()
            },
            data_utilisation=float(busy.mean() / slowest) if slowest else 0.0,
            link_utilisation=_busy_links(linked),
            notes=(*_within_islands(kind), *_notes(pieces)),
        )
        return way, pieces

    return _unless_refused(kind, network, find)


def run_mixed(
    circuit: Circuit,
    links: Found,
    network: Network,
    *,
    shots: int,
    target: float | None,
    seed: int,
    effort: Effort,
    repetitions: int,
) -> Found:
    """The circuit over quantum links of which some gates are cut, or whose pairs are repaired: the best mix that was found.

    Args:
        circuit: to run.
        links: what came of it over quantum links as they are.
        network: of these links.
        shots: that there are, for mixes to be compared.
        target: that was named, for the same.
        seed: of everything.
        effort: of the compiler.
        repetitions: of 64 timelines each.
    """

    def find() -> Found:
        _check_mixable(*links, network)
        machine = Machine(network, seed=seed, effort=effort)
        one_state = has_one_state(circuit.measured())
        drafts = Machine(network, seed=seed, effort="default") if effort == "best" else machine
        plans = list(mixes(circuit.measured(), network, seed=seed, effort=effort))
        _check_left(plans, network)
        tried = _tried(plans, drafts, _DRAFTS, seed, one_state)
        finalists = [mixed.plan for mixed in _ranked(tried, target, shots)[:_FINALISTS]]
        finals = _tried(finalists, machine, repetitions, seed, one_state)
        if not finals:
            raise DoesNotFitError(
                f"`{network.name}` must have pairs to repair, or gates to cut while others take pairs, at γ of at most "
                f"{MOST_OVERHEAD:,.0f}, but no such mix was found"
            )
        mixed = _ranked(finals, target, shots)[0]
        point = mixed.at("rate", 1.0, repetitions=repetitions, seed=seed)
        return _filled(mixed, point, len(tried), seed), mixed

    return _unless_refused("hybrid", network, find)


def _check_mixable(way: Way, whole: Contender | None, network: Network) -> None:
    if way.refusal is not None or not isinstance(whole, Whole):
        raise InvalidNetworkError(way.refusal or "")
    gates = whole.compilation.nonlocal_gates
    if not way.ebits:
        raise DoesNotFitError(
            "the circuit must have gates between QPUs for some to be cut, but needs no Bell pair here"
        )
    if gates > _MOST_GATES:
        raise DoesNotFitError(
            f"the circuit must have at most {_MOST_GATES:,} gates between QPUs for mixes to be looked for, but has {gates:,} on "
            f"`{network.name}`"
        )


def _check_left(plans: list[HybridPlan], network: Network) -> None:
    if not any(plan.rows for plan in plans):
        raise DoesNotFitError(
            f"the circuit must have gates between QPUs besides SWAPs for mixes, but on `{network.name}` has none: there, SWAPs "
            "only rename qubits, and nothing is left to repair"
        )


Tried = tuple[Way, Mixed]


def _tried(plans: Iterable[HybridPlan], machine: Machine, repetitions: int, seed: int, one_state: bool) -> list[Tried]:
    """What plans come to; without those that do not fit, or do nothing."""
    tried = []
    for plan in plans:
        if plan.cut_overhead > MOST_OVERHEAD:
            continue
        try:
            mixed = Mixed(HybridPrograms(plan, None, machine), one_state)
            if mixed.does_something and mixed.programs.overhead <= MOST_OVERHEAD:
                tried.append((_outline(mixed, mixed.at("rate", 1.0, repetitions=repetitions, seed=seed)), mixed))
        except VerificationError:
            raise
        except WeftError:
            continue  # such as noise that cannot be cancelled
    return tried


def _ranked(tried: list[Tried], target: float | None, shots: int) -> list[Mixed]:
    """The best first."""
    left, ranked = list(tried), []
    while left:
        best = best_of([way for way, _ in left], target, shots)
        place = next(place for place, (way, _) in enumerate(left) if way is best)
        ranked.append(left.pop(place)[1])
    return ranked


def _fidelity_of_terms(point: Point, *, one_state: bool) -> Fidelity:
    """Of a sum over terms, which has no state."""
    return Fidelity(*point.fidelity, BEFORE_READINGS if one_state else WITH_READINGS)


def _outline(mixed: Mixed, point: Point) -> Way:
    """What mixes are compared by."""
    return Way(
        "hybrid",
        (mixed.plan.network.name,),
        fidelity=_fidelity_of_terms(point, one_state=mixed.one_state),
        no_error=point.no_error,
        shot_s=point.shot_s,
        sampling_overhead=point.sampling_overhead,
        runs=mixed.runs,
    )


def _filled(mixed: Mixed, point: Point, tried: int, seed: int) -> Way:
    terms, _ = shares(mixed.programs, TIMELINES, seed)
    often = max(terms, key=lambda term: term.share).program
    busy, makespans = busy_times(often, seed)
    program = mixed.programs.program
    return replace(
        _outline(mixed, point),
        ebits=mixed.ebits,
        data_qubits=_data_qubits(program),
        communication_qubits=_communication_qubits(program),
        data_utilisation=_share(busy, makespans),
        link_utilisation=_busy_links([_estimated(often, seed)]),
        notes=_mixture_in_words(mixed, tried),
    )


def _mixture_in_words(mixed: Mixed, tried: int) -> tuple[str, ...]:
    plan = mixed.plan
    gates = f"{len(plan.cuts)} of {len(plan.rows)} gates between QPUs cut" if plan.cuts else "no gate cut"
    pairs = "pairs used as they are" if plan.pairs == "as they are" else "noise of pairs cancelled by sampling"
    best = "the only mix that was tried" if tried == 1 else f"the best of {tried} mixes that were tried"
    return (f"{gates}, {pairs}, γ = {mixed.programs.overhead:.3g} in all: {best}",)


def _within_islands(kind: Kind) -> tuple[str, ...]:
    return ("cut between islands that classical links join, teleported within them",) if kind == "hybrid" else ()


def _notes(pieces: InPieces) -> tuple[str, ...]:
    if pieces.is_drawn:
        return (
            f"averages over {len(pieces.terms) // 2} terms each, drawn by share of the process, and for the time as shots would be",
        )
    if pieces.runs == 1:
        return ("nothing is cut: one QPU holds the circuit, using again qubits that are done where that is needed",)
    return () if pieces.cutting.cuts else ("nothing is cut: the circuit has parts that share no gate",)


def _unless_refused(kind: Kind, network: Network, find: Callable[[], Found]) -> Found:
    try:
        return find()
    except VerificationError:
        raise  # a fault of Weft, not of the way
    except WeftError as error:
        return Way(kind, (network.name,), refusal=str(error)), None


def _simulated(program: Program, shots: int, seed: int) -> Result:
    """As `weft.run` would, or without a state if no backend can hold one."""
    try:
        return simulate(program, shots=shots, seed=seed)
    except SimulationError:
        return simulate(program, shots=shots, seed=seed, backend="estimate")


def _data_qubits(program: Program) -> dict[str, int]:
    used = np.unique(program.qubits[program.qubits >= 0])
    owners = program.qubit_qpus[used[~program.qubit_is_communication[used]]]
    counts = np.bincount(owners, minlength=len(program.network.qpus)).tolist()
    return {qpu.name: count for qpu, count in zip(program.network.qpus, counts, strict=True) if count}


def _communication_qubits(program: Program) -> dict[str, int]:
    return {name: peak for name, peak in program.peak_communication_qubits.items() if peak}


def _share(busy: np.ndarray, makespans: np.ndarray) -> float:
    total = float(makespans.mean())
    return float(busy.mean()) / total if total and len(busy) else 0.0


def _estimated(program: Program, seed: int) -> Result:
    return simulate(program, shots=TIMELINES, seed=seed, backend="estimate", workers=1)


def _busy_links(results: Iterable[Result]) -> float | None:
    """Averaged over the links in use; None without any."""
    supplies = [result.supply for result in results if result.supply is not None]
    busy = [float(share) for supply in supplies for share in supply.utilisation[supply.used > 0]]
    return float(np.mean(busy)) if busy else None


def _budget(result: Result) -> tuple[tuple[str, str, float], ...]:
    """Shares of the infidelity; none if it is 0 or unknown."""
    losses = [
        (cause, place, loss)
        for cause, places in result.error_budget_by_place.items()
        for place, loss in places.items()
        if loss is not None and loss > 0
    ]
    total = sum(loss for _, _, loss in losses)
    return tuple(sorted(((cause, place, loss / total) for cause, place, loss in losses), key=lambda row: -row[2]))
