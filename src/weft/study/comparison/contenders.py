"""Ways to run a circuit, compiled once, whose hardware can be scaled again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler import Compilation, Effort, compile_circuit
from weft.errors import DoesNotFitError
from weft.network import Network
from weft.program import Program
from weft.protocols.cutting.cuts import Cut
from weft.study.comparison.means import Mean, Point
from weft.study.comparison.played import has_one_state, played, right_signs
from weft.study.comparison.scaling import scaled
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.machine import Job, Machine
from weft.study.cutting.plan_cuts import Cutting, plan_cuts
from weft.study.cutting.subexperiments import filling_of

_MOST_TERMS = 64
"""Where there are more, as many are drawn."""
_MOST_OVERHEAD = 1e140
"""γ beyond which numbers of shots may be too great for floating point."""


class Contender(Protocol):
    """A way to run a circuit."""

    @property
    def runs(self) -> int:
        """Of pieces, for each shot."""
        ...

    def at(self, quantity: str, factor: float, *, repetitions: int, seed: int) -> Point:
        """What it achieves on hardware that is scaled."""
        ...


@dataclass(frozen=True, eq=False)
class Whole:
    """The circuit in one piece, on one QPU or over quantum links.

    Attributes:
        compilation: for the hardware as it is; the program stays, whatever is scaled.
    """

    compilation: Compilation
    runs: int = 1
    _points: dict[tuple[str, float, int, int], Point] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, circuit: Circuit, network: Network, *, seed: int, effort: Effort) -> Whole:
        """Compiles it.

        Raises:
            DoesNotFitError, InvalidNetworkError: if it cannot be.
        """
        return cls(compile_circuit(circuit, network, seed=seed, effort=effort))

    def at(self, quantity: str, factor: float, *, repetitions: int, seed: int) -> Point:
        """What it achieves on hardware that is scaled."""
        key = *_seen(self.compilation.program.network, quantity, factor), repetitions, seed
        if key not in self._points:
            program = _scaled(self.compilation.program, *key[:2])
            self._points[key] = played(program, repetitions=repetitions, seed=seed)
        return self._points[key]


class Term(NamedTuple):
    """One term of a decomposition: what each piece runs.

    Attributes:
        weight: how much it counts in the time that shots take: its share of Σ|coefficients|, by which shots are drawn.
        share: how much it counts in the fidelity: its share of the process, as `process_shares` has it.
        programs: one for each piece.
        sign_bits: of each program, those whose parity is the sign of an outcome.
    """

    weight: float
    share: float
    programs: tuple[Program, ...]
    sign_bits: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class InPieces:
    """The circuit cut, its pieces on QPUs of their own, or on islands of several.

    Attributes:
        cutting: where.
        terms: all of them; or some that were drawn as shots would be, which count in the time, and as many that were drawn by
            share, which count in the fidelity.
        is_drawn: whether they were drawn.
        final_bits: how many bits of each piece, from the first on, are final readings of the circuit, and not of its cuts.
    """

    cutting: Cutting
    terms: tuple[Term, ...]
    is_drawn: bool
    final_bits: tuple[int, ...]
    _points: dict[tuple[str, float, int, int], Point] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, circuit: Circuit, network: Network, *, seed: int, effort: Effort) -> InPieces:
        """Cuts it, and compiles what pieces run.

        Raises:
            DoesNotFitError, SimulationError: if it cannot be.
        """
        cutting = plan_cuts(circuit, network, measured=True, seed=seed, effort=effort)
        if cutting.overhead > _MOST_OVERHEAD:
            raise DoesNotFitError(
                f"`{network.name}` must have larger islands: with {len(cutting.cuts):,} cuts, γ² is more than a number can say"
            )
        experiment = Experiment(cutting)
        machine = Machine(network, seed=seed, effort="fast")
        cells, is_drawn = _cells(experiment.cuts, seed)
        terms = tuple(_term(experiment, machine, *cell) for cell in cells)
        one_state = has_one_state(circuit.measured())
        final_bits = tuple(len(piece.clbits) if one_state else 0 for piece in experiment.pieces)
        return cls(cutting, terms, is_drawn, final_bits)

    @property
    def runs(self) -> int:
        """Pieces."""
        return len(self.terms[0].programs)

    def at(self, quantity: str, factor: float, *, repetitions: int, seed: int) -> Point:
        """A shot of every piece: nothing goes wrong in any. Pieces have their shots side by side, so the slowest counts.

        A wrong sign counts twice, as `right_signs` has it.
        """
        # Links within islands, if there are any.
        place = max((program.network for program in self.terms[0].programs), key=lambda network: len(network.links))
        key = *_seen(place, quantity, factor), repetitions, seed
        if key not in self._points:
            self._points[key] = self._at(*key)
        return self._points[key]

    def _at(self, quantity: str, factor: float, repetitions: int, seed: int) -> Point:
        points = self._points_of_terms(quantity, factor, repetitions, seed)
        weights, shares = np.array([(term.weight, term.share) for term in self.terms]).T
        lasts = np.array([[point.shot_s.value for point in row] for row in points])
        slowest = int(np.argmax(weights @ lasts))
        return Point(
            self._mean(shares, [_in_all([point.fidelity for point in row]) for row in points]),
            self._mean(shares, [_in_all([point.no_error for point in row]) for row in points]),
            self._mean(weights, [row[slowest].shot_s for row in points]),
            self.cutting.overhead,
        )

    def _points_of_terms(self, quantity: str, factor: float, repetitions: int, seed: int) -> list[list[Point]]:
        """Of every piece in every term; terms share programs, and may read one for different signs."""
        rows = [[*zip(term.programs, self.final_bits, term.sign_bits, strict=True)] for term in self.terms]
        different = {(program.id, bits): program for row in rows for program, bits, _ in row}
        there = {key: _scaled(program, quantity, factor) for key, program in different.items()}
        found = {
            key: played(program, repetitions=repetitions, seed=seed, final_bits=key[1])
            for key, program in there.items()
        }
        signed = {(program.id, bits, signs) for row in rows for program, bits, signs in row}
        points = {key: found[key[:2]].times(right_signs(there[key[:2]], key[2])) for key in signed}
        return [[points[program.id, bits, signs] for program, bits, signs in row] for row in rows]

    def _mean(self, weights: np.ndarray, means: list[Mean]) -> Mean:
        """With the standard error of drawing terms, and that of timelines, which are alike in all terms."""
        values, errors = np.array(means).T
        drawing = float(np.std(values[weights > 0], ddof=1)) / math.sqrt(_MOST_TERMS) if self.is_drawn else 0.0
        return Mean(float(weights @ values), math.hypot(drawing, float(weights @ errors)))


def _in_all(means: list[Mean]) -> Mean:
    """That nothing goes wrong in any piece. Timelines of pieces may be alike, so that their errors add up at worst."""
    fine = math.prod(mean.value for mean in means)
    return Mean(fine, sum(fine / mean.value * mean.stderr for mean in means if mean.stderr))


def _seen(network: Network, quantity: str, factor: float) -> tuple[str, float]:
    """What a network sees of a change: none of its links, if it has none."""
    return ("rate", 1.0) if quantity in ("rate", "fidelity") and not network.links else (quantity, factor)


def _scaled(program: Program, quantity: str, factor: float) -> Program:
    return program if factor == 1 else replace(program, network=scaled(program.network, quantity, factor))


Cell = tuple[float, float, tuple[int, ...]]
"""The weight and the share of a term, and the place of its coefficient in each cut."""


def _cells(cuts: tuple[Cut, ...], seed: int) -> tuple[list[Cell], bool]:
    """All terms; or some, drawn once by weight and once by share."""
    weights = [np.abs(cut.coefficients).reshape(-1) / np.abs(cut.coefficients).sum() for cut in cuts]
    shares = [np.maximum(cut.shares.reshape(-1), 0.0) for cut in cuts]  # below 0 by rounding only
    if math.prod(float(np.count_nonzero(weight)) for weight in weights) <= _MOST_TERMS:
        cells = product(*(np.flatnonzero(weight).tolist() for weight in weights))
        return [(_of_all(weights, cell), _of_all(shares, cell), cell) for cell in cells], False
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8,)))
    by_weight, by_share = ([_drawn(parts, rng) for parts in of_cuts] for of_cuts in (weights, shares))
    each = 1 / _MOST_TERMS
    found = [(each, 0.0, cell) for cell in zip(*by_weight, strict=True)]
    return found + [(0.0, each, cell) for cell in zip(*by_share, strict=True)], True


def _of_all(parts: list[NDArray[np.float64]], cell: tuple[int, ...]) -> float:
    """Where cuts multiply, so do weights, and shares."""
    return math.prod(float(one[place]) for one, place in zip(parts, cell, strict=True))


def _drawn(parts: NDArray[np.float64], rng: np.random.Generator) -> list[int]:
    places: list[int] = rng.choice(len(parts), size=_MOST_TERMS, p=parts / parts.sum()).tolist()
    return places


def _term(experiment: Experiment, machine: Machine, weight: float, share: float, cell: tuple[int, ...]) -> Term:
    """What each piece runs in the term that has these cells."""
    ends = [divmod(place, cut.coefficients.shape[1]) for cut, place in zip(experiment.cuts, cell, strict=True)]
    programs, sign_bits = [], []
    for piece in experiment.pieces:
        choice = [
            experiment.cuts[slot.cut].entries[ends[slot.cut][0]][0] if slot.end == 0 else ends[slot.cut][1]
            for slot in piece.slots
        ]
        filling = filling_of(piece, experiment.cuts, choice)
        programs.append(machine.program_of(Job(filling.circuit, piece.number, shots=1, seed=0, filling=filling)))
        sign_bits.append(tuple(piece.sign_bits(filling.operations)))
    return Term(weight, share, tuple(programs), tuple(sign_bits))
