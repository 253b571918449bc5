"""`weft.cut`: the main path of cutting, from a circuit to what it would have given uncut.

find where to cut → divide into pieces → fill slots → allot shots → run → knit
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np

from weft.circuit import Circuit, load_circuit
from weft.compiler import Effort
from weft.errors import InvalidValueError
from weft.hardware import load_network
from weft.network import Network
from weft.protocols.cutting.plan import CutPlan
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend
from weft.study.cutting.hybrid import Hybrid, Request, run_hybrid
from weft.study.cutting.hybrid_plan import Pairs, budget_of, is_hybrid
from weft.study.cutting.knitted import Knitted
from weft.study.cutting.machine import Machine
from weft.study.cutting.of_no_use import notes_on
from weft.study.cutting.plan_cuts import Cutting, plan_cuts
from weft.study.cutting.run_pieces import Run
from weft.study.cutting.within_islands import cut_within

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Observable = str | Mapping[str, float]
"""A Pauli string, whose last letter is that of qubit 0, or some with their coefficients."""
_Found = TypeVar("_Found", Knitted, Hybrid)
Sampling = Literal["auto", "circuits", "terms"]

DEFAULT_SHOTS = 100_000
MOST_SHOTS = 10**9


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
        shots: runs of pieces, all together; by default 100,000, or `most_shots` if that is less.
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
        plan: where to cut the circuit as it is; looked for by default. Gates on one pair of qubits that follow each other are cut
            as one unitary, those of a plan only if `joint`.
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
    if plan is not None and cutting is not None:
        raise InvalidValueError("only one of `plan` and `cutting` must be given, but both are")
    taken = shots or min(DEFAULT_SHOTS, most_shots)  # for want of a precision
    loaded, where = load_circuit(circuit, seed=seed), load_network(network)
    wanted = _observables(observables, loaded.num_qubits)

    def machine(most_ebits: int | None = None) -> Machine:
        return Machine(
            where, seed=seed, effort=effort, backend=backend, policy=policy, workers=workers, most_ebits=most_ebits
        )

    hybrid = is_hybrid(where, pairs, budget)
    if hybrid and (pairs != "as they are" or not where.classical_links):
        if plan is not None or cutting is not None:
            raise InvalidValueError(
                "`plan` and `cutting` must not be given where pairs are repaired or budgeted, which decides what is cut, but are"
            )
        measured = loaded.measured() if wanted is None else loaded
        asked = None if exact or precision is not None else taken
        request = Request(measured, wanted, asked, precision, most_shots, exact, sampling == "terms", seed)
        return _with_notes(run_hybrid(request, where, machine(), pairs, budget, progress), wanted)
    if cutting is None:
        cutting = plan_cuts(loaded, where, measured=wanted is None, seed=seed, effort=effort, joint=joint, plan=plan)
    else:
        cutting = _reused(cutting, loaded, where, measured=wanted is None)
    if hybrid:
        cutting = cut_within(cutting, machine(), budget)
    run = Run(cutting, wanted, machine(most_ebits), seed, progress)
    if exact or not run.experiments:  # identities need no shots
        return run.exactly()
    at_most = taken if precision is None else min(run.enough(precision), most_shots)
    if sampling == "terms" or (sampling == "auto" and run.is_vast(at_most)):
        return _with_notes(run.by_terms(taken, precision, most_shots), wanted)
    if precision is not None:
        return _with_notes(run.to_precision(precision, most_shots), wanted)
    return _with_notes(run.with_shots(taken), wanted)


def _with_notes(found: _Found, observables: list[tuple[str, dict[str, float]]] | None) -> _Found:
    return replace(found, notes=notes_on(found.expectations, found.distribution, observables, found.shots))


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
    several = list(given) if isinstance(given, Iterable) and not isinstance(given, str | Mapping) else [given]
    if not several:
        raise InvalidValueError("`observables` must name at least one, but are none")
    found = []
    for one in several:
        terms = {one: 1.0} if isinstance(one, str) else _terms(one)
        for label in terms:
            if len(label) != qubits or set(label) - set("IXYZ"):
                raise InvalidValueError(
                    f"an observable must be {qubits} letters of I, X, Y and Z, one for each qubit, but is {label!r}"
                )
        found.append((one if isinstance(one, str) else _name(terms), terms))
    return found


def _terms(given: object) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise InvalidValueError(f"an observable must be a Pauli string, or map some to coefficients, but is {given!r}")
    for label, value in given.items():
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise InvalidValueError(f"a coefficient must be real and finite, but that of {label} is {value}")
    return {str(label): float(value) for label, value in given.items()}


def _name(terms: Mapping[str, float]) -> str:
    return " ".join(f"{value:+g} {label}" for label, value in terms.items())
