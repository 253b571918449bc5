"""Ways to run a circuit as a picture: how good and how long, and the curves whose crossings were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from weft.report import palette
from weft.report.frame import new_figure
from weft.report.names import shorten
from weft.report.picture_file import check_picture_path, save_picture
from weft.study.comparison import Comparison, Crossover, Mean
from weft.study.comparison.crossover import MEASURES
from weft.study.comparison.ways import WORDS

_WIDTH, _PANEL, _MARGIN = 10.0, 2.6, 0.75
_MOST_ROWS = 6
_MARKS = "osD^vPX*"
_COLOURS = {
    "one_qpu": palette.RESET,
    "quantum_links": palette.ENTANGLE,
    "hybrid": palette.TWO_QUBIT_GATE,
    "classical_links": palette.ONE_QUBIT_GATE,
    "target": palette.MEASUREMENT,
}
_LABELS_OF: dict[str, str] = {**{str(kind): words for kind, words in WORDS.items()}, "target": "target"}
_LABELS = {"fidelity": "fidelity by estimate", "error": "error of a mean", "total_s": "time for γ² shots / s"}
_ACROSS = {
    "rate": "times faster links",
    "fidelity": "times the infidelity of pairs",
    "t2": "times T1 and T2",
    "gate-error": "times the errors of gates",
    "size": "qubits",
}


def plot_comparison(found: Comparison, path: str | Path) -> None:
    """Draws how likely nothing goes wrong over total time, and below a row of panels for each crossover.

    Args:
        found: of which ways that cannot be run are left out. Of crossovers, the first 6 are drawn.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    groups: dict[tuple[str, str], list[Crossover]] = {}
    for one in found.crossovers:
        groups.setdefault((one.network, one.quantity), []).append(one)
    shown = list(groups.values())[:_MOST_ROWS]
    rows = 1 + len(shown)
    height = _MARGIN + _PANEL * rows
    figure = new_figure(_WIDTH, height)
    grid = figure.add_gridspec(
        rows, len(MEASURES), left=0.07, right=0.98, top=1 - 0.5 / height, bottom=0.5 / height, hspace=0.5, wspace=0.3
    )
    _draw_ways(figure.add_subplot(grid[0, :]), found)
    for row, group in enumerate(shown, 1):
        for column, measure in enumerate(MEASURES):
            _draw_crossover(figure.add_subplot(grid[row, column]), [one for one in group if one.measure == measure])
    figure.suptitle(
        shorten(f"{found.circuit}: ways to run it", 70),
        fontsize=11,
        fontweight="bold",
        x=0.02,
        y=1 - 0.1 / height,
        ha="left",
        va="top",
        parse_math=False,
    )
    save_picture(figure, path)


def _draw_ways(axes: Any, found: Comparison) -> None:
    ways = [way for way in found.ways if way.no_error is not None and way.total_s is not None]
    networks = [verdict.network for verdict in found.verdicts]
    for way in ways:
        assert way.no_error is not None
        names = shorten(", ".join(way.networks), 30)
        axes.plot(
            [way.total_s],
            [way.no_error.value],
            _MARKS[networks.index(way.networks[0]) % len(_MARKS)],
            color=_COLOURS[way.kind],
            markersize=7,
            label=f"{WORDS[way.kind]}: {names}",
        )
    times = [way.total_s or 0.0 for way in ways]
    if times and min(times) > 0:
        axes.set_xscale("log")
        axes.set_xlim(min(times) / 2, max(times) * 12)  # room for the legend
    elif times and max(times) > 0:
        axes.set_xlim(-max(times) / 20, max(times) * 1.4)  # the same
    _finish(axes, "total time for a standard error of 0.01 / s", "no error in a shot")
    if ways:
        axes.legend(fontsize=7.5, frameon=False, loc="center right")


def _draw_crossover(axes: Any, group: list[Crossover]) -> None:
    first = group[0]
    _line(axes, first, first.ours, "quantum_links", "quantum links")
    for one in group:
        _line(axes, one, one.theirs, one.rival, _LABELS_OF[one.rival])
        if one.root is not None:
            axes.axvspan(one.root.low, one.root.high, color=_COLOURS[one.rival], alpha=0.25, linewidth=0)
            axes.axvline(one.root.value, color=_COLOURS[one.rival], linewidth=0.8, linestyle=(0, (4, 3)))
    if first.quantity == "size":
        axes.xaxis.get_major_locator().set_params(integer=True)
    else:
        axes.set_xscale("log")
    axes.axvline(first.now if first.quantity == "size" else 1.0, color=palette.QUIET_INK, linewidth=0.8, linestyle=":")
    heights = [mean.value for one in group for mean in (*one.ours, *one.theirs)]
    if first.measure != "fidelity" and min(heights) > 0:
        axes.set_yscale("log")
    _finish(axes, _ACROSS[first.quantity], _LABELS[first.measure])
    axes.set_title(shorten(first.network, 36), fontsize=8, color=palette.QUIET_INK, loc="left", parse_math=False)
    if first.measure == "fidelity":
        axes.legend(fontsize=6.5, frameon=False)


def _line(axes: Any, one: Crossover, means: tuple[Mean, ...], kind: str, label: str) -> None:
    """A curve with a band of three standard errors."""
    values = np.array([mean.value for mean in means])
    errors = 3 * np.array([mean.stderr for mean in means])
    endless = ~np.isfinite(values)  # such as the time for γ² shots where that is beyond all numbers
    values[endless] = errors[endless] = np.nan
    mark = "o" if one.quantity == "size" else ""
    axes.plot(one.grid, values, color=_COLOURS[kind], linewidth=1.5, marker=mark, markersize=4, label=label)
    axes.fill_between(one.grid, values - errors, values + errors, color=_COLOURS[kind], alpha=0.25, linewidth=0)


def _finish(axes: Any, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=8.5, color=palette.INK)
    axes.set_ylabel(up, fontsize=8.5, color=palette.INK)
    axes.tick_params(which="both", labelsize=7, colors=palette.QUIET_INK)
    axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
