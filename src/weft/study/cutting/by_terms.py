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
from weft.study.cutting.drawn_cuts import DrawnCut, are_heard, in_order
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.machine import Job, Machine, Outcomes
from weft.study.cutting.plan_cuts import Cutting
from weft.study.cutting.subexperiments import filling_of, read_places

Floats = NDArray[np.float64]
_AT_ONCE = 1024
"""Circuits that are held in memory, of some 4 kB each and more; nearly every shot may have one of its own."""


class _Shots(NamedTuple):
    """What every shot of a piece read.

    Attributes:
        signs: ±1, or 0 where the message that the term is about did not come; shape (shots,).
        bits: of the circuit; shape (shots, clbits of the piece).
    """

    signs: Floats
    bits: NDArray[np.uint8]


def run_terms(
    cutting: Cutting,
    experiments: Sequence[Experiment],
    observables: list[tuple[str, dict[str, float]]] | None,
    machine: Machine,
    shots: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Knitted:
    """Runs drawn terms of each experiment, with equal shares of the shots.

    Args:
        cutting: of the circuit.
        experiments: one for each group of terms, or one for the outcomes.
        observables: name and terms of each; None for the outcomes.
        machine: to run on.
        shots: runs of pieces, all together.
        seed: of the draws and of the shots.
        progress: called with the shots done and those in all.

    Raises:
        InvalidValueError: if the shots are not enough for two draws of each experiment.
    """
    if shots < (least := fewest_shots(experiments)):
        raise InvalidValueError(f"`shots` must be at least {least}, two for each piece, but is {shots}")
    draws = 2 * shots // least
    tell = _Told(progress, draws * least // 2)
    rows = [_Drawn(experiment, machine, draws, seed, number, tell) for number, experiment in enumerate(experiments)]
    seconds = np.sum([row.seconds for row in rows], axis=0)
    return Knitted(
        cutting=cutting,
        expectations=() if observables is None else _expected(rows, observables),
        distribution=rows[0].distribution() if observables is None else None,
        shots=tell.total,
        seed=seed,
        circuits=sum(row.circuits for row in rows),
        ways=sum(row.circuits for row in rows),
        seconds=float(np.max(seconds)),
        ebits=sum(row.ebits for row in rows),
    )


def fewest_shots(experiments: Sequence[Experiment]) -> int:
    """Two draws of each experiment, which each take a shot of every piece."""
    return 2 * sum(len(experiment.pieces) for experiment in experiments)


class _Told:
    """Tells how many shots are done.

    Attributes:
        total: shots in all.
    """

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._done, self.total = progress, 0, total

    def __call__(self, more: int) -> None:
        self._done += more
        if self._progress is not None:
            self._progress(self._done, self.total)


def _expected(rows: Sequence[_Drawn], observables: list[tuple[str, dict[str, float]]]) -> tuple[Expected, ...]:
    answers = []
    for name, terms in observables:
        value, variance = math.fsum(c for label, c in terms.items() if not label.strip("I")), 0.0
        for row in rows:
            labels = row.experiment.group.labels if row.experiment.group is not None else ()
            per_shot = row.terms() @ np.array([terms.get(label, 0.0) for label in labels])
            value += float(per_shot.mean())
            variance += float(per_shot.var(ddof=1)) / len(per_shot)
        answers.append(Expected(name, value, math.sqrt(variance)))
    return tuple(answers)


class _Drawn:
    """One experiment with its draws done.

    Attributes:
        experiment: that was run.
        scales: what each draw counts apart from what pieces read: ±γ, shape (draws,).
        pieces: what each piece read in each draw.
        circuits: how many different ones ran.
        seconds: of each island.
        ebits: of all shots.
    """

    def __init__(
        self, experiment: Experiment, machine: Machine, draws: int, seed: int, number: int, tell: Callable[[int], None]
    ) -> None:
        self.experiment = experiment
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 0)))
        heard = are_heard(experiment.pieces, experiment.cuts)
        cuts = [
            DrawnCut(cut, draws, rng, is_heard=is_heard) for cut, is_heard in zip(experiment.cuts, heard, strict=True)
        ]
        self.circuits, self.ebits = 0, 0
        self.seconds = np.zeros(len(machine.islands))
        ran = {
            piece.number: self._run(piece, cuts, machine, draws, rng, tell)
            for piece in in_order(experiment.pieces, experiment.cuts)
        }
        self.pieces = [ran[piece.number] for piece in experiment.pieces]
        self.scales = np.prod([cut.scales for cut in cuts], axis=0) * np.ones(draws)

    def _run(
        self,
        piece: Piece,
        drawn: Sequence[DrawnCut],
        machine: Machine,
        draws: int,
        rng: np.random.Generator,
        tell: Callable[[int], None],
    ) -> _Shots:
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
        given = _outcomes(piece, cuts, asked, machine, tell)
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
        self.circuits += len(kinds)
        return _Shots(signs, bits)

    def _signed(self) -> Floats:
        return self.scales * np.prod([shots.signs for shots in self.pieces], axis=0)

    def terms(self) -> Floats:
        """What each draw says of each term, shape (draws, terms)."""
        values = self._signed()[:, None]
        for shots, support in zip(self.pieces, self.experiment.supports, strict=True):
            parity = shots.bits.astype(np.int64) @ support.T.astype(np.int64) & 1
            values = values * (1 - 2 * parity)
        return np.asarray(values)

    def distribution(self) -> QuasiDistribution:
        """The outcomes."""
        circuit = self.experiment.circuit
        bits = np.zeros((len(self.scales), circuit.num_clbits), dtype=np.uint8)
        for piece, shots in zip(self.experiment.pieces, self.pieces, strict=True):
            bits[:, list(piece.clbits)] = shots.bits
        outcomes, place = np.unique(bits, axis=0, return_inverse=True)
        signed, draws = self._signed(), len(self.scales)
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
