"""What every shot draws of each cut: what its left end does, and what its right end does, given what the left one measured.

Where the right end waits for a message, the piece with the left end runs first, and the message that came decides, as it would on a
machine with real-time communication. Where pieces wait for each other's messages, that cannot be for all cuts: then a term is
drawn with its message, and counts nothing if another one came.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.protocols.cutting.cuts import Cut
from weft.protocols.cutting.pieces import Piece

Floats = NDArray[np.float64]


def in_order(pieces: Sequence[Piece], cuts: Sequence[Cut]) -> list[Piece]:
    """Pieces in an order in which those that wait for messages come after those that send them, as far as that can be."""
    left, ordered = {piece.number: piece for piece in pieces}, []
    while left:
        waits = {number: len({cut.pieces[0] for cut in cuts if _tells(cut, number)} & set(left)) for number in left}
        ordered.append(left.pop(min(left, key=lambda number: (waits[number], number))))
    return ordered


def are_heard(pieces: Sequence[Piece], cuts: Sequence[Cut]) -> list[bool]:
    """Of each cut, whether its message is there before the right end needs it, if pieces run in that order."""
    place = {piece.number: place for place, piece in enumerate(in_order(pieces, cuts))}
    return [_tells(cut, cut.pieces[1]) and place[cut.pieces[0]] < place[cut.pieces[1]] for cut in cuts]


def _tells(cut: Cut, piece: int) -> bool:
    """Whether a cut sends a message to a piece from another."""
    return cut.pieces[1] == piece != cut.pieces[0] and any(message for _, message in cut.entries)


class DrawnCut:
    """What is drawn of a cut.

    Args:
        cut: to be drawn.
        draws: how often.
        rng: to draw with.
        is_heard: whether the right end is drawn once the left one has measured.

    Attributes:
        is_heard: as given.
        left (int64 array, shape (draws,)): entries of the left end, of which only the operation counts if messages are heard.
        right (int64 array, shape (draws,)): operations of the right end.
        scales (float64 array, shape (draws,)): what each draw counts.
    """

    def __init__(self, cut: Cut, draws: int, rng: np.random.Generator, *, is_heard: bool) -> None:
        self._cut, self.is_heard = cut, is_heard
        magnitudes = np.abs(cut.coefficients)
        self._operations = np.array([operation for operation, _ in cut.entries])
        if is_heard:
            # Of several messages only one comes, and all of them go on with the same weight but for what cancels.
            self._weights = np.zeros(len(cut.left))
            np.maximum.at(self._weights, self._operations, magnitudes.sum(axis=1))
            drawn = rng.choice(len(self._weights), size=draws, p=self._weights / self._weights.sum())
            first = np.array([int(np.argmax(self._operations == operation)) for operation in range(len(cut.left))])
            self.left, self.right = first[drawn], np.zeros(draws, dtype=np.int64)
            self.scales = np.zeros(draws)
            return
        flat = magnitudes.reshape(-1)
        cells = rng.choice(len(flat), size=draws, p=flat / flat.sum())
        self.left, self.right = np.unravel_index(cells, magnitudes.shape)
        self.scales = flat.sum() * np.sign(cut.coefficients.reshape(-1)[cells])

    def hear(self, entries: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Draws what the right end does.

        Args:
            entries: of the left end, with the messages that came, shape (draws,).
            rng: to draw with.
        """
        total = self._weights.sum()
        for entry in np.unique(entries).tolist():
            of, row = np.flatnonzero(entries == entry), self._cut.coefficients[entry]
            size = float(np.abs(row).sum())
            if size:
                self.right[of] = rng.choice(len(row), size=len(of), p=np.abs(row) / size)
                self.scales[of] = total * size / self._weights[self._operations[entry]] * np.sign(row[self.right[of]])


def draws_by_overhead(cut: Cut, *, is_heard: bool) -> float:
    """How often a term has to be drawn for each time that theory says, γ²: more often where draws may count nothing."""
    return 1.0 if is_heard else float(np.abs(cut.coefficients).sum()) / cut.overhead
