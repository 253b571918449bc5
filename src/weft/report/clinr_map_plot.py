"""Maps of where distributed noise reduction wins, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.report import palette
from weft.report.frame import new_figure
from weft.report.picture_file import check_picture_path, save_picture

_MOST_BESIDE = 4
_COLOURS = {
    "B": palette.TWO_QUBIT_GATE,
    "DQ": palette.ENTANGLE,
    "Q": palette.ENTANGLE,
    "D": palette.MESSAGE,
    "": "white",
}
_WORDS = {"D": "beats direct", "Q": "beats one QPU", "B": "beats both at once", "": "neither"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A map over two parameters.

    Attributes:
        title: of the map.
        rows_name: the parameter that grows from row to row.
        rows: its values.
        columns_name: the parameter that grows from column to column.
        columns: its values.
        cells: by row and column, which of the letters D, Q and B hold: the distributed form beats the direct one, one QPU, both.
    """

    title: str
    rows_name: str
    rows: tuple[str, ...]
    columns_name: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def plot_clinr_map(panels: Sequence[Panel], path: str | Path) -> None:
    """Draws maps side by side, at most four in a row.

    Args:
        panels: at least 1, all of equally many rows and columns.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if there is no panel, the ending is another, or the file cannot be written.
    """
    if not panels:
        raise InvalidValueError("`panels` must hold at least 1 map, but is empty")
    check_picture_path(path)
    beside = min(len(panels), _MOST_BESIDE)
    below = -(-len(panels) // beside)
    figure = new_figure(1.2 + 2.4 * beside, 0.7 + (0.95 + 0.3 * len(panels[0].rows)) * below)
    axes = figure.subplots(below, beside, squeeze=False)
    for place, each in enumerate(axes.flat):
        if place < len(panels):
            _draw(each, panels[place], first=place % beside == 0)
        else:
            each.set_axis_off()
    _add_legend(figure)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / figure.get_size_inches()[1]))
    save_picture(figure, path)


def _draw(axes: Any, panel: Panel, *, first: bool) -> None:
    from matplotlib.patches import Rectangle

    for row, held in enumerate(panel.cells):
        for column, letters in enumerate(held):
            square = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=_colour(letters), edgecolor=palette.WIRE)
            axes.add_patch(square)
            axes.text(
                column, row, "B" if "B" in letters else letters, fontsize=7, color=palette.INK, ha="center", va="center"
            )
    axes.set_xlim(-0.5, len(panel.columns) - 0.5)
    axes.set_ylim(-0.5, len(panel.rows) - 0.5)
    axes.set_xticks(range(len(panel.columns)), panel.columns)
    axes.set_yticks(range(len(panel.rows)), panel.rows if first else [""] * len(panel.rows))
    axes.tick_params(labelsize=7, colors=palette.QUIET_INK, length=0)
    axes.set_title(panel.title, fontsize=8, color=palette.INK)
    axes.set_xlabel(panel.columns_name, fontsize=8, color=palette.INK)
    if first:
        axes.set_ylabel(panel.rows_name, fontsize=8, color=palette.INK)


def _colour(letters: str) -> str:
    """That of the strongest statement."""
    return _COLOURS["B"] if "B" in letters else _COLOURS[letters]


def _add_legend(figure: Any) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=_COLOURS[letter], edgecolor=palette.WIRE, label=words) for letter, words in _WORDS.items()
    ]
    figure.legend(handles=handles, loc="upper center", ncols=len(handles), fontsize=8, frameon=False)
