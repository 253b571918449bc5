"""The picture of a large shot: a lane for each QPU and each link, showing fractions rather than instructions."""

from __future__ import annotations

from typing import Any

import numpy as np

from weft.report import frame, palette
from weft.report.names import time_unit
from weft.report.overview_lanes import Overview, lay_overview
from weft.report.slices import Slices

_WIDTH = 14.0
_LANE_INCHES = 0.32
_NOTES = 3.3  # inches at the right, for the notes
_FILLED = 0.84  # of a lane's height, at a fraction of 1


def draw_overview(slices: Slices) -> Any:
    """A figure with one panel of stacked fractions."""
    overview = lay_overview(slices)
    height = len(overview.lanes) * _LANE_INCHES
    figure = frame.new_figure(_WIDTH, frame.TOP + height + frame.BOTTOM)
    frame.add_title(figure, slices)
    axes = frame.add_panel(figure, frame.TOP, height, right=_NOTES)
    unit, symbol = time_unit(slices.makespan_s or 1.0)
    axes.set_xlim(0, overview.edges_s[-1] / unit)
    axes.set_ylim(len(overview.lanes), 0)
    bins = f"{len(overview.edges_s) - 1} bins"
    axes.set_xlabel(
        f"time ({symbol}), to scale; full height of a lane is all of its qubits or channels; means over {bins}",
        fontsize=8, color=palette.QUIET_INK, loc="left",
    )  # fmt: skip
    _draw_lanes(axes, overview, unit)
    frame.add_legend(figure, _legend(overview))
    return figure


def _draw_lanes(axes: Any, overview: Overview, unit: float) -> None:
    edges = overview.edges_s / unit
    for number, lane in enumerate(overview.lanes):
        axes.axhspan(number, number + 1, color=palette.BANDS[lane.band % 2], zorder=0, linewidth=0)
        base = number + (1 + _FILLED) / 2
        axes.hlines(base, edges[0], edges[-1], colors=palette.WIRE, linewidths=0.6, zorder=1)
        below = np.zeros(len(edges) - 1)
        for colour, fraction in lane.layers:
            above = below + fraction
            low, high = (base - _FILLED * np.append(level, level[-1]) for level in (below, above))
            axes.fill_between(edges, low, high, step="post", color=colour, linewidth=0, zorder=2)
            below = above
        axes.text(
            1.01, number + 0.5, lane.note, transform=axes.get_yaxis_transform(), fontsize=7.5,
            color=palette.QUIET_INK, va="center", ha="left",
        )  # fmt: skip
    centres = np.arange(len(overview.lanes)) + 0.5
    axes.set_yticks(centres, [lane.label for lane in overview.lanes], parse_math=False)


def _legend(overview: Overview) -> list[Any]:
    from matplotlib.patches import Patch

    meaning = {
        palette.ONE_QUBIT_GATE: "busy: gate, measurement, reset",
        palette.WAIT: "data qubit waits",
        palette.HOLD: "communication qubit holds a pair",
        palette.ENTANGLE_LIGHT: "communication qubit awaits a pair",
        palette.ENTANGLE: "attempts on a link",
    }
    shown = {colour for lane in overview.lanes for colour, _ in lane.layers}
    return [Patch(color=colour, label=label) for colour, label in meaning.items() if colour in shown]
