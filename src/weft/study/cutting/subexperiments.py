"""The subexperiments of a piece: its slots filled in every way that counts, equal circuits once.

Filled in two ways, a piece may be the same circuit, where only the signs of outcomes differ; it is run once and read twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.errors import SimulationError
from weft.protocols.cutting.cuts import Cut
from weft.protocols.cutting.knitting import Readings
from weft.protocols.cutting.operations import Operation
from weft.protocols.cutting.pieces import Filling, Piece
from weft.study.cutting.machine import Job, Outcomes

MOST_SUBEXPERIMENTS = 100_000


@dataclass(frozen=True, eq=False)
class Subexperiment:
    """A piece with an operation in each slot.

    Attributes:
        choice: the number of the operation in each slot.
        filling: the piece with these operations.
        circuit: what runs.
        weight: how much it counts at most: the sum of the magnitudes of the coefficients of all terms that it is in.
    """

    choice: tuple[int, ...]
    filling: Filling
    circuit: Circuit
    weight: float

    @property
    def piece(self) -> int:
        """The number of the piece."""
        return self.filling.piece.number

    def job(self, shots: int, seed: int) -> Job:
        """To run so often."""
        return Job(self.circuit, self.piece, shots, seed, self.filling)


def subexperiments(piece: Piece, cuts: Sequence[Cut]) -> list[Subexperiment]:
    """All that a piece has to run, in the order of choices.

    Raises:
        SimulationError: if they are too many.
    """
    sizes = [len(cuts[slot.cut].operations(slot.end)) for slot in piece.slots]
    if ways_of(piece, cuts) > MOST_SUBEXPERIMENTS:
        raise SimulationError(
            f"a piece must be run in at most {MOST_SUBEXPERIMENTS:,} ways, but piece {piece.number + 1} has "
            f"{ways_of(piece, cuts):,.4g}, at {len(sizes)} cuts; drawing terms needs only those that are drawn"
        )
    found = []
    for choice in product(*map(range, sizes)):
        weight = weight_of(piece, cuts, choice)
        if weight > 0:
            filling = filling_of(piece, cuts, choice)
            found.append(Subexperiment(choice, filling, filling.circuit, weight))
    return found


def ways_of(piece: Piece, cuts: Sequence[Cut]) -> float:
    """How many ways there are to fill the slots of a piece."""
    return math.prod(float(len(cuts[slot.cut].operations(slot.end))) for slot in piece.slots)


def filling_of(piece: Piece, cuts: Sequence[Cut], choice: Sequence[int]) -> Filling:
    """The piece with the operations of a choice in its slots."""
    return Filling(piece, operations(piece, cuts, choice))


def operations(piece: Piece, cuts: Sequence[Cut], choice: Sequence[int]) -> tuple[Operation, ...]:
    """What a choice puts into each slot."""
    return tuple(cuts[slot.cut].operations(slot.end)[number] for slot, number in zip(piece.slots, choice, strict=True))


def weight_of(piece: Piece, cuts: Sequence[Cut], choice: Sequence[int]) -> float:
    """The sum of the magnitudes of all coefficients that go with a choice; 0 if it is in no term."""
    ends: dict[int, dict[int, int]] = {}
    for slot, number in zip(piece.slots, choice, strict=True):
        ends.setdefault(slot.cut, {})[slot.end] = number
    weight = 1.0
    for cut, numbers in ends.items():
        weight *= _weight(cuts[cut], numbers.get(0), numbers.get(1))
    return weight


def _weight(cut: Cut, left: int | None, right: int | None) -> float:
    rows = [entry for entry, (number, _) in enumerate(cut.entries) if left is None or number == left]
    columns = slice(None) if right is None else right
    # Of several messages only one comes, so the greatest counts where the left end is known, and all do where it is not.
    sums = np.abs(cut.coefficients[rows][:, columns])
    per_entry = sums.sum(axis=1) if right is None else sums
    return float(per_entry.max() if left is not None else per_entry.sum())


def shape_of(piece: Piece, cuts: Sequence[Cut]) -> tuple[int, ...]:
    """Of the tensor of a piece: the entries of each of its slots."""
    return tuple(cuts[slot.cut].coefficients.shape[slot.end] for slot in piece.slots)


def read(
    piece: Piece,
    cuts: Sequence[Cut],
    choices: Sequence[Sequence[int]],
    outcomes: Outcomes,
    bits: NDArray[np.uint8],
    *,
    exact: bool,
) -> Readings:
    """What the outcomes of a circuit say about its piece.

    Args:
        piece: whose circuit it was.
        cuts: all of them.
        choices: the ways to fill the slots that make this circuit.
        outcomes: of the circuit.
        bits (uint8 array, shape (outcomes, clbits of the piece)): of the outcomes, what is asked for; others are 0.
        exact: whether they are probabilities.
    """
    ways = [_way(piece, cuts, choice, outcomes) for choice in choices]
    total = outcomes.times.sum()
    return Readings(
        entries=np.column_stack([entries for entries, _ in ways]),
        signs=np.column_stack([signs for _, signs in ways]),
        weights=outcomes.times / total,
        bits=bits,
        shots=np.inf if exact else float(total),
    )


def _way(
    piece: Piece, cuts: Sequence[Cut], choice: Sequence[int], outcomes: Outcomes
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The entry and the sign of each outcome."""
    places, signs = read_places(piece, cuts, choice, outcomes)
    entries = np.zeros(len(outcomes.bits), dtype=np.int64)
    for place, size in zip(places, shape_of(piece, cuts), strict=True):
        entries = entries * size + place
    return entries, signs


def read_places(
    piece: Piece, cuts: Sequence[Cut], choice: Sequence[int], outcomes: Outcomes
) -> tuple[list[NDArray[np.int64]], NDArray[np.float64]]:
    """The entry of each slot, and the sign, for each outcome."""
    chosen = operations(piece, cuts, choice)
    places = [np.full(len(outcomes.bits), number, dtype=np.int64) for number in choice]
    for axis, slot in enumerate(piece.slots):
        if slot.end == 0:
            bits = outcomes.bits[:, list(piece.message_bits(chosen, axis))]
            places[axis] = _entries(cuts[slot.cut], choice[axis], bits)
    parity = outcomes.bits[:, piece.sign_bits(chosen)].sum(axis=1) & 1
    return places, 1.0 - 2.0 * parity


def _entries(cut: Cut, number: int, bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The entry of each outcome of the operation at a left end."""
    own = [(entry, message) for entry, (operation, message) in enumerate(cut.entries) if operation == number]
    told = len(own[0][1])
    place_of = np.zeros(2**told, dtype=np.int64)
    for entry, message in own:
        place_of[int("".join(map(str, message)) or "0", 2)] = entry
    codes = np.zeros(len(bits), dtype=np.int64)
    for bit in range(told):
        codes = 2 * codes + bits[:, bit]
    return place_of[codes]


def distinct_circuits(experiments: Sequence[Subexperiment]) -> Iterator[list[int]]:
    """Positions of those that run the same circuit on the same piece."""
    groups: dict[tuple[int, str], list[int]] = {}
    for position, one in enumerate(experiments):
        groups.setdefault((one.piece, one.circuit.id), []).append(position)
    yield from groups.values()
