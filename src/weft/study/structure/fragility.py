"""Which moments are fragile when split: what a spoilt pair costs, pair by pair, predicted and simulated.

Fragility is the fidelity lost for each unit of infidelity of one pair, all else being perfect: 0 if nothing that happens to the
pair can harm, 1 if every X, Y and Z on it takes the state to an orthogonal one. To first order, the loss due to pairs of a whole
program is the sum over its pairs of fragility times infidelity.

A circuit that measures or branches on its way has no one ideal state to lose. There, what is lost is the distribution of outcomes:
fragility is the total variation distance from the ideal one for each unit of infidelity (`outcome_loss.py`), and the distance
that a whole program goes is at most, to first order, the sum over its pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.program import Op, Program
from weft.simulator.backend import is_static
from weft.study.structure.injection import INFIDELITY, Injections
from weft.study.structure.moments import Moments
from weft.study.structure.outcome_loss import OutcomeLoss
from weft.study.structure.outcome_prediction import predicted_outcome_losses
from weft.study.structure.places import places_of_pairs
from weft.study.structure.prediction import predicted_losses

_MOST_SIMULATED = 100  # pairs
_MOST_SECONDS = 10.0  # roughly
_SIGMAS = 5.0
_ROUNDING = 1e-5  # of states in single precision
_DIGITS = 12  # of probabilities that are sums in double precision

Simulated = tuple[float, float]
"""A mean and its standard error."""


@dataclass(frozen=True)
class FragilePair:
    """A pair of the program, and what it costs if it is spoilt.

    Attributes:
        row: of the program that takes it.
        link: that gives it.
        qubit: of the circuit, that the pair copies; None if it copies none.
        moment: of the circuit, after which the first gate comes that the pair serves.
        by_pauli: what X, Y and Z on the pair would cost; None if not predicted.
        predicted: what is lost for each unit of infidelity of a Werner pair; None if not predicted. Of fidelity it is the mean over
            X, Y and Z; of the distance of outcomes it may be less, because what they do may cancel.
        simulated: the same by simulation; None if not simulated.
        stderr: the standard error that the prediction expects of the simulation, or that the shots show where nothing was
            predicted; 0 of an exact backend.
    """

    row: int
    link: str
    qubit: int | None
    moment: int
    by_pauli: tuple[float, float, float] | None
    predicted: float | None
    simulated: float | None
    stderr: float | None

    @property
    def loss(self) -> float | None:
        """The prediction, or else what was simulated."""
        return self.simulated if self.predicted is None else self.predicted

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
        of: what is lost: the fidelity of the `state`, or, of circuits that measure or branch on their way, the distribution of
            `outcomes`.
        backend: that simulated; None if none could.
        shots: of each simulation; 1 of an exact backend.
        note: what is missing, and why; empty if nothing is.
    """

    pairs: tuple[FragilePair, ...]
    of: Literal["state", "outcomes"]
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
    injections = Injections(program, seed)
    of: Literal["state", "outcomes"] = "state" if is_static(program) else "outcomes"
    costs, notes = _of_state(injections) if of == "state" else _of_outcomes(injections)
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE).tolist()
    known = sum(cost.predicted is not None for cost in costs)
    if known < len(rows):
        notes = [f"predicted for {known:,} of {len(rows):,} pairs", *notes]
    qubits, at = places_of_pairs(program, moments)
    pairs = []
    for row, qubit, moment, cost in zip(rows, qubits.tolist(), at.tolist(), costs, strict=True):
        link = program.network.links[program.links[row]].name
        copied = None if qubit < 0 else qubit
        pairs.append(FragilePair(row, link, copied, moment, cost.by_pauli, cost.predicted, cost.simulated, cost.stderr))
    backend = injections.backend if any(cost.simulated is not None for cost in costs) else None
    return Fragility(tuple(pairs), of, backend, injections.shots, "; ".join(notes))


@dataclass(frozen=True)
class _Cost:
    """What is known of one pair; see `FragilePair`."""

    by_pauli: tuple[float, float, float] | None = None
    predicted: float | None = None
    simulated: float | None = None
    stderr: float | None = None


def _of_state(injections: Injections) -> tuple[list[_Cost], list[str]]:
    """By pair the fidelity lost, and what to say of what is missing."""
    count = len(injections.pair_rows)
    predicted = predicted_losses(injections.program, injections.pair_rows)
    known = range(count) if predicted is None else np.flatnonzero(~np.isnan(predicted[:, 0])).tolist()
    simulated, notes = _simulated(injections, known, injections.loss)
    costs = []
    for pair in range(count):
        mean, error = simulated.get(pair, (None, None))
        if predicted is None or np.isnan(predicted[pair, 0]):
            costs.append(_Cost(simulated=mean, stderr=error))
            continue
        x, y, z = predicted[pair].tolist()
        if mean is not None:
            error = 0.0 if injections.is_exact else _expected_error(predicted[pair], injections.shots)
        costs.append(_Cost((x, y, z), (x + y + z) / 3, mean, error))
    return costs, notes


def _of_outcomes(injections: Injections) -> tuple[list[_Cost], list[str]]:
    """By pair the total variation distance that outcomes go, and what to say of what is missing.

    An exact backend gives the distance. A few hundred shots do not, since they differ from any distribution by more; but they
    tell how often that event comes which a spoilt pair, as predicted, makes more likely by just the distance.
    """
    count = len(injections.pair_rows)
    predicted = predicted_outcome_losses(injections.program, injections.pair_rows)

    def simulate(pair: int) -> Simulated:
        if injections.is_exact:
            return injections.distance(pair), 0.0
        loss = predicted[pair]
        likely = round(loss.told + INFIDELITY * loss.predicted, _DIGITS)
        error = np.sqrt(max(likely * (1 - likely), 0.0) / injections.shots)
        return (injections.frequency(pair, loss.is_usual) - loss.told) / INFIDELITY, float(error) / INFIDELITY

    known = range(count) if injections.is_exact and not predicted else sorted(predicted)
    simulated, notes = _simulated(injections, known, simulate) if known else ({}, [])
    if not predicted:
        notes = ["measurements can go too many ways, or states are too large, to follow them all", *notes]
    return [_cost_of(predicted.get(pair), simulated.get(pair)) for pair in range(count)], notes


def _cost_of(predicted: OutcomeLoss | None, simulated: Simulated | None) -> _Cost:
    mean, error = simulated or (None, None)
    return (
        _Cost(simulated=mean, stderr=error)
        if predicted is None
        else _Cost(predicted.by_pauli, predicted.predicted, mean, error)
    )


def _simulated(
    injections: Injections, known: Sequence[int], simulate: Callable[[int], Simulated]
) -> tuple[dict[int, Simulated], list[str]]:
    """By pair, what simulations of some of the known pairs give, evenly spread; and what to say of the others."""
    most = int(max(1, min(_MOST_SIMULATED, len(known), _MOST_SECONDS / injections.seconds)))
    chosen = [known[place] for place in np.linspace(0, len(known) - 1, most).round().astype(np.int64)]
    try:
        found = {pair: simulate(pair) for pair in chosen}
    except SimulationError as error:
        return {}, [f"not simulated: {error}"]
    count = len(injections.pair_rows)
    return found, [] if len(found) == count else [f"simulated for {len(found):,} of {count:,} pairs"]


def _expected_error(costs: NDArray[np.float64], shots: int) -> float:
    """The standard error of the simulated loss per unit of infidelity, if X, Y and Z cost as predicted."""
    first, second = INFIDELITY * costs.mean(), INFIDELITY * np.mean(costs**2)
    return float(np.sqrt(max(second - first**2, 0.0) / shots) / INFIDELITY)
