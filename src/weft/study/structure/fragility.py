"""Which moments are fragile when split: what a spoilt pair costs, pair by pair, predicted and simulated.

Fragility is the fidelity lost for each unit of infidelity of one pair, all else being perfect: 0 if nothing that happens to the
pair can harm, 1 if every X, Y and Z on it takes the state to an orthogonal one. To first order, the loss due to pairs of a whole
program is the sum over its pairs of fragility times infidelity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.program import Op, Program
from weft.simulator.backend import is_static
from weft.study.structure.injection import INFIDELITY, Injections
from weft.study.structure.moments import Moments
from weft.study.structure.places import places_of_pairs
from weft.study.structure.prediction import predicted_losses

_MOST_SIMULATED = 100  # pairs
_MOST_SECONDS = 10.0  # roughly
_SIGMAS = 5.0
_ROUNDING = 1e-5  # of states in single precision


@dataclass(frozen=True)
class FragilePair:
    """A pair of the program, and what it costs if it is spoilt.

    Attributes:
        row: of the program that takes it.
        link: that gives it.
        qubit: of the circuit, that the pair copies; None if it copies none.
        moment: of the circuit, after which the first gate comes that the pair serves.
        by_pauli: the fidelity that X, Y and Z on the pair would cost; None if not predicted.
        simulated: the fidelity lost for each unit of infidelity, by simulation; None if not simulated.
        stderr: the standard error that the prediction expects of the simulation, or that the shots show where nothing was
            predicted; 0 of an exact backend.
    """

    row: int
    link: str
    qubit: int | None
    moment: int
    by_pauli: tuple[float, float, float] | None
    simulated: float | None
    stderr: float | None

    @property
    def predicted(self) -> float | None:
        """The fidelity lost for each unit of infidelity of a Werner pair: the mean over X, Y and Z."""
        return None if self.by_pauli is None else sum(self.by_pauli) / 3

    @property
    def loss(self) -> float | None:
        """The prediction, or else what was simulated."""
        return self.simulated if self.by_pauli is None else self.predicted

    @property
    def deviation(self) -> float | None:
        """Simulated less predicted, in standard errors; None unless both are there."""
        if self.predicted is None or self.simulated is None or self.stderr is None:
            return None
        difference = self.simulated - self.predicted
        if abs(difference) < _ROUNDING:
            return 0.0
        return difference / self.stderr if self.stderr > 0 else float(np.copysign(np.inf, difference))


@dataclass(frozen=True)
class Fragility:
    """All pairs of a program.

    Attributes:
        pairs: in the order of the program.
        backend: that simulated; None if none could.
        shots: of each simulation; 1 of an exact backend.
        note: what is missing, and why; empty if nothing is.
    """

    pairs: tuple[FragilePair, ...]
    backend: str | None
    shots: int
    note: str

    @property
    def mean(self) -> float | None:
        """Over the pairs of which it is known; None if it is of none."""
        known = [pair.loss for pair in self.pairs if pair.loss is not None]
        return float(np.mean(known)) if known else None

    @property
    def compared(self) -> int:
        """How many pairs were both predicted and simulated."""
        return sum(pair.deviation is not None for pair in self.pairs)

    @property
    def agrees(self) -> bool | None:
        """Whether no simulation is further than five standard errors from its prediction; None if there is nothing to compare."""
        found = [abs(pair.deviation) for pair in self.pairs if pair.deviation is not None]
        return max(found) <= _SIGMAS if found else None


def fragility_of(program: Program, moments: Moments, seed: int) -> Fragility | str:
    """Predicts what every pair costs if it is spoilt, and simulates it for up to 100 of them, evenly spread.

    Args:
        program: of the circuit whose moments these are.
        moments: of the circuit.
        seed: of the shots.

    Returns:
        The fragility; why there is none if that is so.
    """
    if program.ebits == 0:
        return "no pair is used, so that nothing is split"
    if program.retries:
        return "swaps that may fail run again, so that a pair is not at one place"
    if not is_static(program):
        return "the circuit measures or branches on its way, so that there is no one ideal state to lose"
    injections = Injections(program, seed)
    predicted = predicted_losses(injections.program, injections.pair_rows)
    simulated, missing = _simulated(injections, predicted)
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    qubits, at = places_of_pairs(program, moments)
    pairs = []
    for pair, row in enumerate(rows.tolist()):
        costs = None if predicted is None or np.isnan(predicted[pair, 0]) else tuple(predicted[pair].tolist())
        mean, error = simulated.get(pair, (None, None))
        if costs is not None and mean is not None:
            error = 0.0 if injections.is_exact else _expected_error(np.array(costs), injections.shots)
        link = program.network.links[program.links[row]].name
        qubit = None if qubits[pair] < 0 else int(qubits[pair])
        pairs.append(FragilePair(row, link, qubit, int(at[pair]), costs, mean, error))
    known = sum(pair.by_pauli is not None for pair in pairs)
    notes = [] if known == len(pairs) else [f"predicted for {known:,} of {len(pairs):,} pairs"]
    notes += missing
    return Fragility(tuple(pairs), injections.backend if simulated else None, injections.shots, "; ".join(notes))


def _simulated(
    injections: Injections, predicted: NDArray[np.float64] | None
) -> tuple[dict[int, tuple[float, float]], list[str]]:
    """Means and standard errors by pair, and what to say of those that are missing."""
    count = len(injections.pair_rows)
    known = np.arange(count) if predicted is None else np.flatnonzero(~np.isnan(predicted[:, 0]))
    most = int(max(1, min(_MOST_SIMULATED, len(known), _MOST_SECONDS / injections.seconds)))
    chosen = known[np.linspace(0, len(known) - 1, most).round().astype(np.int64)]
    try:
        found = {pair: injections.loss(pair) for pair in chosen.tolist()}
    except SimulationError as error:
        return {}, [f"not simulated: {error}"]
    return found, [] if len(found) == count else [f"simulated for {len(found):,} of {count:,} pairs"]


def _expected_error(costs: NDArray[np.float64], shots: int) -> float:
    """The standard error of the simulated loss per unit of infidelity, if X, Y and Z cost as predicted."""
    first, second = INFIDELITY * costs.mean(), INFIDELITY * np.mean(costs**2)
    return float(np.sqrt(max(second - first**2, 0.0) / shots) / INFIDELITY)
