"""The rows of a comparison: one way each to run a circuit, what it achieves and takes, and which is the best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from weft.errors import InvalidValueError
from weft.simulator.result import Fidelity
from weft.study.comparison.means import Mean, error_of

Kind = Literal["one_qpu", "quantum_links", "hybrid", "classical_links"]
WORDS: dict[Kind, str] = {
    "one_qpu": "one big QPU",
    "quantum_links": "quantum links",
    "hybrid": "hybrid links",
    "classical_links": "classical links (cut)",
}
PRECISION = 0.01
"""The standard error that shots and total times are given for, of the mean of a ±1 function of the outcomes."""


@dataclass(frozen=True)
class Way:
    """One way to run the circuit.

    Attributes:
        kind: `one_qpu`, `quantum_links`, `hybrid` or `classical_links`.
        networks: whose hardware it is; several if it is the same for them.
        refusal: why it cannot be; None if it can. Then all that follows is None or empty.
        fidelity: as `weft.run` gives it; of sums over terms, the probability that no error strikes before the circuit's final
            readings, averaged by shares of the process, wrong signs counted twice. Of circuits that measure or branch on their way,
            both are with readings.
        no_error: the probability that nothing goes wrong in a shot, readings included; of sums over terms, a wrong sign counts
            twice, because it takes away what a right one adds. 1 − no_error means the same for every way.
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
        if self.no_error is None or self.sampling_overhead is None or self.runs is None:
            return None
        return error_of(self.no_error, self.sampling_overhead * self.runs / shots).value

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

    def reaches(self, target: float) -> bool:
        """Whether it can be run and its fidelity is at least as great."""
        return self.fidelity is not None and self.fidelity.value is not None and self.fidelity.value >= target


def best_of(ways: Sequence[Way], target: float | None, shots: int) -> Way:
    """The least error with so many shots; or the quickest of those that reach a target, or else the nearest to it.

    Args:
        ways: at least one, none of them refused.
        target: the fidelity to reach; None if there is none.
        shots: that there are.
    """
    if target is None:
        return min(ways, key=lambda way: math.inf if (error := way.error(shots)) is None else error)
    good = [way for way in ways if way.reaches(target)]
    if good:
        return min(good, key=lambda way: way.total_s or 0.0)
    return max(ways, key=lambda way: 0.0 if way.fidelity is None else way.fidelity.value or 0.0)


def error_in_words(error: float | None) -> str:
    """Of a mean between −1 and 1: beyond 1, an estimate says nothing."""
    return "unknown" if error is None else f"{error:.2g}" if error <= 1 else "more than 1"
