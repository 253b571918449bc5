"""Knitting by drawn terms: every shot draws a term of the whole decomposition, and all pieces run that term once.

An estimate is the mean of γ × signs × what was read, so its variance is at most γ²/n: the overhead as theory counts it. It is for
circuits with so many cuts that not every circuit of every piece can run; where all can, allotting shots to them has less variance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.cutting.cuts import Cut
from weft.protocols.cutting.pieces import Piece
from weft.study.cutting.drawn_cuts import DrawnCut, are_heard, draws_by_overhead, in_order
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.machine import Job, Machine, Outcomes
from weft.study.cutting.plan_cuts import Cutting
from weft.study.cutting.precision import FEWEST_DRAWS, draws_enough, draws_surely
from weft.study.cutting.subexperiments import filling_of, read_places

Floats = NDArray[np.float64]
_AT_ONCE = 1024
"""Circuits that are held in memory, of some 4 kB each and more; nearly every shot may have one of its own."""


class _Round(NamedTuple):
    """Draws of an experiment that were done together.

    Attributes:
        signed: what each counts apart from what is asked for: ±γ, or 0 where the message that the term is about did not come; shape
            (draws,).
        bits: what each piece read of the circuit's bits, shape (draws, clbits of the piece).
    """

    signed: Floats
    bits: tuple[NDArray[np.uint8], ...]


class Terms:
    """Drawn terms of each experiment, with equal shares of the shots.

    Args:
        cutting: of the circuit.
        experiments: one for each group of terms, or one for the outcomes.
        observables: name and terms of each; None for the outcomes.
        machine: to run on.
        seed: of the draws and of the shots.
        progress: called with the shots done and those in all.

    Attributes:
        done: shots of pieces so far, all together.
    """

    def __init__(
        self,
        cutting: Cutting,
        experiments: Sequence[Experiment],
        observables: list[tuple[str, dict[str, float]]] | None,
        machine: Machine,
        seed: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._cutting, self._observables, self._seed = cutting, observables, seed
        self._rows = [_Drawn(one, machine, seed, number) for number, one in enumerate(experiments)]
        self._each = sum(len(one.pieces) for one in experiments)
        self._progress = progress
        self.done = 0

    @property
    def fewest(self) -> int:
        """Two draws of each experiment at first, then one; each takes a shot of every piece."""
        return self._each if self.done else 2 * self._each

    @property
    def pilot(self) -> int:
        """Shots that tell how far draws lie from each other."""
        return FEWEST_DRAWS * self._each

    def enough(self, precision: float) -> float:
        """Shots that are enough whatever the circuit: more than γ² says where messages come too late."""
        often = max(row.draws_by_overhead for row in self._rows)
        return self._each * often * draws_enough(self._observables, self._cutting.overhead, precision)

    def surely(self, precision: float) -> float:
        """Shots that it takes whatever the circuit; nothing is known of them where messages decide what a draw counts."""
        if any(row.tells for row in self._rows):
            return 0.0
        return self._each * draws_surely(self._observables, self._cutting.overhead, precision)

    def at_best(self, precision: float) -> float:
        """There is nothing to choose."""
        del precision
        return math.inf

    def take(self, shots: int, total: int) -> None:
        """Draws and runs.

        Raises:
            InvalidValueError: if the shots are not enough for two draws of each experiment.
        """
        if shots < self.fewest:
            raise InvalidValueError(f"`shots` must be at least {self.fewest}, two for each piece, but is {shots}")
        before, draws = self.done, shots // self._each

        def tell(more: int) -> None:
            self.done += more
            if self._progress is not None:
                self._progress(self.done, max(before + draws * self._each, total - total % self._each))

        for row in self._rows:
            row.draw(draws, tell)

    def worst_error(self) -> float:
        """The largest standard error of an observable, or of an outcome."""
        if self._observables is None:
            return float(self._rows[0].distribution().stderrs.max(initial=0.0))
        return max((one.stderr for one in self._expected(self._observables)), default=0.0)

    def knitted(self) -> Knitted:
        """The answer."""
        return Knitted(
            cutting=self._cutting,
            expectations=() if self._observables is None else self._expected(self._observables),
            distribution=self._rows[0].distribution() if self._observables is None else None,
            shots=self.done,
            seed=self._seed,
            circuits=sum(len(row.ran) for row in self._rows),
            ways=sum(len(row.ran) for row in self._rows),
            seconds=float(np.max(np.sum([row.seconds for row in self._rows], axis=0))),
            ebits=sum(row.ebits for row in self._rows),
        )

    def _expected(self, observables: list[tuple[str, dict[str, float]]]) -> tuple[Expected, ...]:
        answers = []
        said = [row.terms() for row in self._rows]
        for name, terms in observables:
            value, variance = math.fsum(c for label, c in terms.items() if not label.strip("I")), 0.0
            for row, per_term in zip(self._rows, said, strict=True):
                labels = row.experiment.group.labels if row.experiment.group is not None else ()
                per_shot = per_term @ np.array([terms.get(label, 0.0) for label in labels])
                value += float(per_shot.mean())
                variance += float(per_shot.var(ddof=1)) / len(per_shot)
            answers.append(Expected(name, value, math.sqrt(variance)))
        return tuple(answers)


class _Drawn:
    """One experiment, drawn in some rounds.

    Attributes:
        experiment: that is run.
        ran: what was put into the slots of which piece, each way once.
        seconds: of each island.
        ebits: of all shots.
    """

    def __init__(self, experiment: Experiment, machine: Machine, seed: int, number: int) -> None:
        self.experiment = experiment
        self._machine, self._key = machine, (seed, number)
        self._heard = are_heard(experiment.pieces, experiment.cuts)
        self._rounds: list[_Round] = []
        self.ran: set[tuple[int, bytes]] = set()
        self.ebits = 0
        self.seconds = np.zeros(len(machine.islands))

    @property
    def draws_by_overhead(self) -> float:
        """How often terms have to be drawn for each time that γ² says."""
        heard = zip(self.experiment.cuts, self._heard, strict=True)
        return math.prod(draws_by_overhead(cut, is_heard=is_heard) for cut, is_heard in heard)

    @property
    def tells(self) -> bool:
        """Whether any cut sends messages."""
        return any(message for cut in self.experiment.cuts for _, message in cut.entries)

    def draw(self, draws: int, tell: Callable[[int], None]) -> None:
        """Draws and runs some terms more."""
        seed, number = self._key
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, len(self._rounds))))
        pieces, cuts = self.experiment.pieces, self.experiment.cuts
        drawn = [DrawnCut(cut, draws, rng, is_heard=heard) for cut, heard in zip(cuts, self._heard, strict=True)]
        found = {piece.number: self._run(piece, drawn, draws, rng, tell) for piece in in_order(pieces, cuts)}
        signed = np.prod([signs for signs, _ in found.values()], axis=0) * np.ones(draws)
        for cut in drawn:
            signed = signed * cut.scales
        self._rounds.append(_Round(signed, tuple(found[piece.number][1] for piece in pieces)))

    def _run(
        self,
        piece: Piece,
        drawn: Sequence[DrawnCut],
        draws: int,
        rng: np.random.Generator,
        tell: Callable[[int], None],
    ) -> tuple[Floats, NDArray[np.uint8]]:
        """The sign of each draw of a piece, or 0 where another message came; and what it read."""
        cuts = self.experiment.cuts
        columns = [drawn[slot.cut].right if slot.end else drawn[slot.cut].left for slot in piece.slots]
        wanted = np.column_stack(columns) if columns else np.zeros((draws, 0), dtype=np.int64)
        kinds, kind, counts = np.unique(wanted, axis=0, return_inverse=True, return_counts=True)
        draws_of = np.split(np.argsort(kind.reshape(-1), kind="stable"), np.cumsum(counts)[:-1])
        choices = [_choice(piece, cuts, entries) for entries in kinds.tolist()]
        seeds = rng.integers(2**31, size=len(kinds)).tolist()
        asked = list(zip(choices, counts.tolist(), seeds, strict=True))
        signs, bits = np.zeros(draws), np.zeros((draws, len(piece.clbits)), dtype=np.uint8)
        waited_for = np.array([slot.end == 0 and drawn[slot.cut].is_heard for slot in piece.slots], dtype=np.bool_)
        came = np.zeros((draws, len(piece.slots)), dtype=np.int64)
        given = _outcomes(piece, cuts, asked, self._machine, tell)
        for outcomes, choice, entries, of in zip(given, choices, kinds, draws_of, strict=True):
            places, sign = read_places(piece, cuts, choice, outcomes)
            # Shots are independent, so any order is as likely as any other.
            shot = rng.permutation(np.repeat(np.arange(len(outcomes.times)), outcomes.times.astype(np.int64)))
            found = np.array(places, dtype=np.int64).reshape(len(places), len(outcomes.times)).T[shot]
            told = np.all((found == entries) | waited_for, axis=1)
            signs[of], came[of] = sign[shot] * told, found
            bits[of] = self.experiment.printed(piece, outcomes.bits)[shot]
            self.seconds[piece.number] += outcomes.seconds
            self.ebits += outcomes.ebits
        for axis, slot in enumerate(piece.slots):
            if waited_for[axis]:
                drawn[slot.cut].hear(came[:, axis], rng)
        self.ran.update((piece.number, entries.astype(np.int16).tobytes()) for entries in kinds)
        return signs, bits

    def _signed(self) -> Floats:
        return np.concatenate([one.signed for one in self._rounds])

    def _bits(self) -> list[NDArray[np.uint8]]:
        """What each piece read, in all rounds."""
        return [np.concatenate(parts) for parts in zip(*(one.bits for one in self._rounds), strict=True)]

    def terms(self) -> Floats:
        """What each draw says of each term, shape (draws, terms)."""
        values = self._signed()[:, None]
        for bits, support in zip(self._bits(), self.experiment.supports, strict=True):
            parity = bits.astype(np.int64) @ support.T.astype(np.int64) & 1
            values = values * (1 - 2 * parity)
        return np.asarray(values)

    def distribution(self) -> QuasiDistribution:
        """The outcomes."""
        circuit, signed = self.experiment.circuit, self._signed()
        draws = len(signed)
        bits = np.zeros((draws, circuit.num_clbits), dtype=np.uint8)
        for piece, of_piece in zip(self.experiment.pieces, self._bits(), strict=True):
            bits[:, list(piece.clbits)] = of_piece
        outcomes, place = np.unique(bits, axis=0, return_inverse=True)
        values = np.bincount(place.reshape(-1), signed, minlength=len(outcomes)) / draws
        squares = np.bincount(place.reshape(-1), signed**2, minlength=len(outcomes)) / draws
        errors = np.sqrt(np.maximum(squares - values**2, 0.0) / (draws - 1))
        return QuasiDistribution(outcomes, values, errors, circuit.printed_registers)


def _outcomes(
    piece: Piece,
    cuts: Sequence[Cut],
    asked: Sequence[tuple[tuple[int, ...], int, int]],
    machine: Machine,
    tell: Callable[[int], None],
) -> Iterator[Outcomes]:
    """What a piece gives in each way to fill its slots, with so many shots and such a seed; some ways at a time."""
    for start in range(0, len(asked), _AT_ONCE):
        jobs = []
        for choice, shots, seed in asked[start : start + _AT_ONCE]:
            filling = filling_of(piece, cuts, choice)
            jobs.append(Job(filling.circuit, piece.number, shots, seed, filling))
        yield from machine.run(jobs, tell)


def _choice(piece: Piece, cuts: Sequence[Cut], entries: Sequence[int]) -> tuple[int, ...]:
    """The operations that entries belong to."""
    return tuple(
        cuts[slot.cut].entries[entry][0] if slot.end == 0 else entry
        for slot, entry in zip(piece.slots, entries, strict=True)
    )
