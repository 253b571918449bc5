"""The rows of a comparison: one way each to run a circuit, and what it achieves and takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from weft.circuit import Circuit
from weft.compiler import Effort
from weft.errors import InvalidValueError, SimulationError, VerificationError, WeftError
from weft.network import Network
from weft.program import Program
from weft.simulator import Result, simulate
from weft.simulator.result import Fidelity
from weft.study.comparison.contenders import Contender, InPieces, Whole
from weft.study.comparison.means import Mean, Point
from weft.study.comparison.played import busy_times

Kind = Literal["one_qpu", "quantum_links", "classical_links"]
WORDS: dict[Kind, str] = {
    "one_qpu": "one big QPU",
    "quantum_links": "quantum links",
    "classical_links": "classical links (cut)",
}
PRECISION = 0.01
"""The standard error that shots and total times are given for, of the mean of a ±1 function of the outcomes."""
IN_PIECES = (
    "the probability that no error strikes in one shot of every piece, readings included, averaged over terms by the magnitude of "
    "their coefficients"
)


@dataclass(frozen=True)
class Way:
    """One way to run the circuit.

    Attributes:
        kind: `one_qpu`, `quantum_links` or `classical_links`.
        networks: whose hardware it is; several if it is the same for them.
        refusal: why it cannot be; None if it can. Then all that follows is None or empty.
        fidelity: as `weft.run` gives it; of pieces, by their probability that no error strikes.
        no_error: the probability that nothing goes wrong in a shot, readings included; it means the same for every way.
        shot_s: how long a shot lasts; pieces run side by side.
        sampling_overhead: γ²: so many times the shots of one machine are needed.
        runs: for each shot: pieces.
        ebits: for each shot.
        data_qubits: that each QPU uses.
        communication_qubits: that each QPU uses at once.
        data_utilisation: the share of a shot's time for which an instruction acts on a data qubit, averaged over those in use.
        link_utilisation: the share for which the channels of a link are busy, averaged over the links in use; None without any.
        budget: the share of each (cause, QPU or link) in what spoils the fidelity, the greatest first.
        notes: what the reader must know.
    """

    kind: Kind
    networks: tuple[str, ...]
    refusal: str | None = None
    fidelity: Fidelity | None = None
    no_error: Mean | None = None
    shot_s: Mean | None = None
    sampling_overhead: float | None = None
    runs: int | None = None
    ebits: int | None = None
    data_qubits: Mapping[str, int] = field(default_factory=dict)
    communication_qubits: Mapping[str, int] = field(default_factory=dict)
    data_utilisation: float | None = None
    link_utilisation: float | None = None
    budget: tuple[tuple[str, str, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shots(self) -> float | None:
        """γ²/precision², times the pieces: runs that a standard error of `PRECISION` takes, at most."""
        if self.sampling_overhead is None or self.runs is None:
            return None
        return math.ceil(round(self.sampling_overhead / PRECISION**2, 6)) * self.runs

    @property
    def total_s(self) -> float | None:
        """How long these take, pieces side by side."""
        if self.sampling_overhead is None or self.shot_s is None:
            return None
        return self.sampling_overhead / PRECISION**2 * self.shot_s.value

    @property
    def floor(self) -> float | None:
        """1 − no_error: the bias of a ±1 function of the outcomes whose mean is ±1 and to which any error gives the mean 0."""
        return None if self.no_error is None else 1 - self.no_error.value

    def error(self, shots: int) -> float | None:
        """The root of squared bias and variance with so many runs, pieces counted one by one."""
        if self.no_error is None or self.shot_s is None or self.sampling_overhead is None or self.runs is None:
            return None
        return Point(self.no_error, self.shot_s).error(shots / self.sampling_overhead / self.runs).value

    def shots_for(self, error: float) -> float | None:
        """Runs until the root of squared bias and variance is an error; None if the bias alone is as great, so that none suffice.

        Raises:
            InvalidValueError: unless the error is positive.
        """
        if not error > 0:
            raise InvalidValueError(f"`error` must be positive, but is {error!r}")
        if self.floor is None or self.sampling_overhead is None or self.runs is None or self.floor >= error:
            return None
        return math.ceil(self.sampling_overhead / (error**2 - self.floor**2)) * self.runs


def error_in_words(error: float | None) -> str:
    """Of a mean between −1 and 1: beyond 1, an estimate says nothing."""
    return "unknown" if error is None else f"{error:.2g}" if error <= 1 else "more than 1"


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
            communication_qubits={name: peak for name, peak in program.peak_communication_qubits.items() if peak},
            data_utilisation=_share(busy, makespans),
            link_utilisation=_busy_links(result),
            budget=_budget(result),
            notes=result.notes,
        )
        return way, whole

    return _unless_refused(kind, network, find)


def run_in_pieces(circuit: Circuit, network: Network, *, seed: int, effort: Effort, repetitions: int) -> Found:
    """The circuit cut."""

    def find() -> Found:
        pieces = InPieces.of(circuit, network, seed=seed, effort=effort)
        point = pieces.at("rate", 1.0, repetitions=repetitions, seed=seed)
        first = max(pieces.terms, key=lambda term: term.weight).programs
        used = [busy_times(program, seed) for program in first]
        slowest = max(float(makespans.mean()) for _, makespans in used)
        busy = np.concatenate([times for times, _ in used])
        way = Way(
            "classical_links",
            (network.name,),
            fidelity=Fidelity(point.no_error.value, point.no_error.stderr, IN_PIECES),
            no_error=point.no_error,
            shot_s=point.shot_s,
            sampling_overhead=pieces.overhead**2,
            runs=pieces.runs,
            ebits=0,
            data_qubits={program.network.qpus[0].name: sum(_data_qubits(program).values()) for program in first},
            data_utilisation=float(busy.mean() / slowest) if slowest else 0.0,
            notes=_notes(pieces),
        )
        return way, pieces

    return _unless_refused("classical_links", network, find)


def _notes(pieces: InPieces) -> tuple[str, ...]:
    if pieces.is_drawn:
        return (f"an average over {len(pieces.terms)} terms, drawn as shots would be",)
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


def _share(busy: np.ndarray, makespans: np.ndarray) -> float:
    total = float(makespans.mean())
    return float(busy.mean()) / total if total and len(busy) else 0.0


def _busy_links(result: Result) -> float | None:
    if result.supply is None or not result.supply.used.any():
        return None
    return float(result.supply.utilisation[result.supply.used > 0].mean())


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
