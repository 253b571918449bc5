"""What came out: a frozen value that adds up.

Two results of the same task, the same program on the same backend, merge into one with the shots of both. Everything a result
says is computed from sums over shots, so adding is exact; and it refuses to count the same shots twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Register
from weft.errors import InvalidValueError
from weft.scheduler import Supply
from weft.simulator.backend import STAGES, Batch
from weft.simulator.classical_fidelity import classical_fidelity
from weft.simulator.distinct_outcomes import distinct_rows
from weft.simulator.noise import CAUSES
from weft.simulator.tally import Tally

STATE_FIDELITY = "state fidelity ⟨ψ|ρ|ψ⟩ of the data qubits just before the final measurements, averaged over shots"
CLASSICAL_FIDELITY = (
    "classical fidelity (Σ√(p q))² of the distribution of outcomes with the ideal one, because the circuit measures or "
    "branches on its way"
)
TOO_FEW_SHOTS = (
    "not estimated: the circuit measures or branches on its way, and its outcomes are too many for so few shots to compare "
    "distributions"
)
_SHOTS_PER_OUTCOME = 10
_FEWEST_FOR_ERRORS = 2
_ROUNDING = 1e-14  # of a mean of products of numbers up to 1


@dataclass(frozen=True)
class Fidelity:
    """A fidelity with its definition.

    Attributes:
        value: in [0, 1]; None if it could not be estimated, and the definition says why.
        stderr: standard error; None with the value, and of a single shot.
        definition: what the value is.
    """

    value: float | None
    stderr: float | None
    definition: str


@dataclass(frozen=True)
class Makespan:
    """How long a shot lasts, in seconds.

    Attributes:
        mean: over shots.
        p50: the median.
        p95: 95 % of shots are done by then.
    """

    mean: float
    p50: float
    p95: float


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What a number of shots of a program gave.

    Attributes:
        program_id: which program.
        circuit_name: for people.
        network_name: for people.
        backend: which backend ran it.
        policy: of its links, in words.
        seeds: of the runs that are added up here.
        counts: how often each outcome came; keys as Qiskit prints them, bit 0 rightmost, the last register first.
        makespans_s (float array, shape (shots,)): how long each shot lasted.
        ebits: Bell pairs taken in each shot.
        exact: whether errors were followed as probabilities, or there are none; otherwise they were sampled.
        samples: how many sampled states, or timelines if each is followed exactly, the next two are of.
        overlap_sums (float array, shape (STAGES,)): sums over samples of what `Batch.overlaps` holds, per stage.
        overlap_products (float array, shape (STAGES, STAGES)): sums of their products.
        distributions: per stage, the weight of each outcome; None unless the circuit measures or branches on its way.
        supply: what became of every pair, and how busy links were, over all shots; `simulate` always says.
        strengths: for each cause, the infidelity to first order that each QPU or link (by name) contributes, as if every error
            did harm; it decides how the loss due to a cause is shared among them.
        notes: approximations that the reader must know of.
        definition: of the fidelity, if the backend has one of its own.
    """

    program_id: str
    circuit_name: str
    network_name: str
    backend: str
    policy: str
    seeds: tuple[int, ...]
    counts: Mapping[str, int]
    makespans_s: NDArray[np.float64]
    ebits: int
    exact: bool
    samples: int
    overlap_sums: NDArray[np.float64]
    overlap_products: NDArray[np.float64]
    distributions: tuple[Mapping[bytes, float], ...] | None
    supply: Supply | None = None
    strengths: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    definition: str | None = None

    def __repr__(self) -> str:
        where = f"{self.circuit_name} on {self.network_name}"
        fidelity = self.fidelity
        value = "not estimated" if fidelity.value is None else f"{fidelity.value:.4f}"
        if fidelity.stderr is not None:
            value += f" ± {fidelity.stderr:.4f}"
        return f"<Result {where}: {self.shots:,} shots ({self.backend}), fidelity {value}, {self.ebits} ebits>"

    @property
    def shots(self) -> int:
        """How many shots."""
        return len(self.makespans_s)

    @property
    def task(self) -> tuple[str, str, str]:
        """What two results must share to be added."""
        return self.program_id, self.backend, self.policy

    def __add__(self, other: Result) -> Result:
        """The shots of both.

        Raises:
            InvalidValueError: if they are of different tasks, or share a seed and so would count the same shots twice.
        """
        if not isinstance(other, Result):
            return NotImplemented
        if self.task != other.task:
            raise InvalidValueError(
                "results must be of the same program on the same backend, under the same policy, to be added, but one is of "
                f"`{self.circuit_name}` on `{self.network_name}` ({self.backend}, {self.program_id[:8]}, {self.policy}) and one "
                f"of `{other.circuit_name}` on `{other.network_name}` ({other.backend}, {other.program_id[:8]}, {other.policy})"
            )
        shared = set(self.seeds) & set(other.seeds)
        if shared:
            raise InvalidValueError(
                f"results must have different seeds to be added, but both have {min(shared)}: their shots are the same"
            )
        return self.merged_with(other)

    def __radd__(self, other: object) -> Result:
        """So that `sum(results)` works, which starts from 0."""
        return self if other == 0 else NotImplemented

    def merged_with(self, other: Result) -> Result:
        """Adds without asking; the parts of one run share a seed."""
        tally = Tally(self)
        tally.add(other)
        return tally.result()

    @property
    def makespan(self) -> Makespan:
        """How long a shot lasts."""
        p50, p95 = np.percentile(self.makespans_s, [50, 95])
        return Makespan(float(self.makespans_s.mean()), float(p50), float(p95))

    @cached_property
    def _stages(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Fidelity at each stage, and the covariance of these estimates; None if it cannot be estimated."""
        means = np.clip(self.overlap_sums / self.samples, 0, 1)
        spread = self.overlap_products / self.samples - np.outer(means, means)
        spread[np.abs(spread) < _ROUNDING] = 0
        covariance = spread / max(self.samples - 1, 1)
        if not self.exact:
            # An error that came in none of n shots, or in all, still has a probability known to about 1/n only.
            later = np.arange(1, STAGES)
            covariance[later, later] = np.maximum(covariance[later, later], 1 / (self.samples + 2) ** 2)
        if self.distributions is None:
            return means, covariance
        if len(self.distributions[-1]) * _SHOTS_PER_OUTCOME > self.shots and not self.exact:
            return None
        fidelity = np.array([classical_fidelity(weights, self.distributions[0]) for weights in self.distributions])
        return fidelity, 4 * np.sqrt(np.outer(fidelity, fidelity)) * covariance

    @property
    def fidelity(self) -> Fidelity:
        """How close the outcome is to the ideal one, with everything that spoils it."""
        if self._stages is None:
            return Fidelity(None, None, TOO_FEW_SHOTS)
        means, covariance = self._stages
        definition = self.definition or (STATE_FIDELITY if self.distributions is None else CLASSICAL_FIDELITY)
        error = None if self.shots < _FEWEST_FOR_ERRORS else float(np.sqrt(max(covariance[-1, -1], 0)))
        return Fidelity(float(means[-1]), error, definition)

    @property
    def error_budget(self) -> dict[str, float | None]:
        """What each cause costs: how far the fidelity falls when causes are switched on one after another.

        The order is that of `CAUSES`, and the contributions sum to 1 − fidelity.
        """
        if self._stages is None:
            return dict.fromkeys(CAUSES)
        falls = self._stages[0][:-1] - self._stages[0][1:]
        return dict(zip(CAUSES, falls.tolist(), strict=True))

    @property
    def error_budget_by_place(self) -> dict[str, dict[str, float | None]]:
        """What each cause costs by QPU or link, in the order of their share; those that cost nothing are left out.

        A cause's contribution to `error_budget` is shared in proportion to `strengths`, so shares sum to it.
        """
        shared: dict[str, dict[str, float | None]] = {}
        for cause, loss in self.error_budget.items():
            places = sorted(self.strengths.get(cause, {}).items(), key=lambda place: (-place[1], place[0]))
            total = sum(strength for _, strength in places)
            shared[cause] = {
                name: None if loss is None else loss * strength / total for name, strength in places if strength > 0
            }
        return shared

    @property
    def error_budget_stderr(self) -> dict[str, float | None]:
        """The standard error of each contribution."""
        if self._stages is None or self.shots < _FEWEST_FOR_ERRORS:
            return dict.fromkeys(CAUSES)
        covariance = self._stages[1]
        variances = [covariance[k, k] + covariance[k + 1, k + 1] - 2 * covariance[k, k + 1] for k in range(STAGES - 1)]
        return dict(zip(CAUSES, np.sqrt(np.maximum(variances, 0)).tolist(), strict=True))


def counts_of(batch: Batch, registers: tuple[Register, ...]) -> dict[str, int]:
    """Outcomes as Qiskit prints them: bit 0 rightmost, registers apart by a space, the last one first; none if there are none."""
    if batch.bits is None:
        return {}
    rows, _, times = distinct_rows(batch.bits)
    shown = registers or (Register("bits", tuple(range(batch.bits.shape[1]))),)
    counts: dict[str, int] = {}
    for row, count in zip(rows.tolist(), times.tolist(), strict=True):
        key = " ".join("".join(str(row[bit]) for bit in reversed(register.bits)) for register in reversed(shown))
        counts[key] = counts.get(key, 0) + count
    return dict(sorted(counts.items()))
