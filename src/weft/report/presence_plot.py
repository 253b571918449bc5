"""Where logical qubits live and are shared, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weft.program import Program
from weft.program.whereabouts import find_whereabouts
from weft.report.picture_file import check_picture_path, save_picture

_MOST_LOGICAL = 128


def plot_presence(program: Program, path: str | Path, *, num_logical: int) -> None:
    """Draws where each logical qubit is over the course of a program.

    Up to 128 logical qubits, each has a lane: a thick band where its data qubit is, in the colour of that QPU, and thin
    ones for copies elsewhere, in the colours of theirs. Beyond that, each QPU has a lane that shows how many logical
    qubits are at home there, and how many copies of others are.

    Args:
        program: one that verifies.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.
        num_logical: how many logical qubits there are; the first data qubits hold them at the start.

    Raises:
        InvalidValueError: if there are fewer data qubits than that, the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    found = find_whereabouts(program, num_logical)
    figure: Any
    if num_logical <= _MOST_LOGICAL:
        from weft.report.presence_picture import draw_presence

        figure = draw_presence(found)
    else:
        from weft.report.presence_overview import draw_presence_overview

        figure = draw_presence_overview(found)
    save_picture(figure, path)
