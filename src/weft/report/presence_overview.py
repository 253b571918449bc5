"""The picture of where very many logical qubits live: a lane for each QPU, with how many are at home and how many are guests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.program.whereabouts import Whereabouts
from weft.report import frame, palette
from weft.report.coverage import coverage
from weft.report.names import shorten
from weft.report.overview_lanes import weightiest
from weft.report.presence import count_columns, guest_intervals
from weft.report.presence_frame import KEY_INCHES, WIDTH, add_key, add_numbers, label_axis, least_height

_LANE_INCHES = 0.42
_MOST_QPUS = 40
_FILLED = 0.84  # of a lane's height, where most logical qubits are there
_FAINT = 0.4


def draw_presence_overview(found: Whereabouts) -> Any:
    """A figure with a lane for each QPU."""
    edges = np.linspace(0.0, max(len(found.program), 1), min(count_columns(found), 800) + 1)
    guests = guest_intervals(found)
    names = [qpu.name for qpu in found.program.network.qpus]
    busy = np.bincount(found.program.qubit_qpus[found.holdings[:, 1]], minlength=len(names))
    groups = weightiest(busy, names, _MOST_QPUS, "QPUs")
    height = max(len(groups), 1) * _LANE_INCHES
    figure = frame.new_figure(WIDTH, frame.TOP + max(height, least_height(found)) + frame.BOTTOM)
    add_numbers(figure, found)
    axes = frame.add_panel(figure, frame.TOP, height, right=KEY_INCHES + 0.9)
    axes.set_ylim(max(len(groups), 1), 0)
    label_axis(axes, found, "; each lane has a scale of its own")
    colours = palette.qpu_colours(len(names))
    for number, (_, qpus) in enumerate(groups):
        here = [intervals[np.isin(intervals[:, 1], qpus)] for intervals in (found.homes, guests)]
        colour = tuple(part / 255 for part in colours[qpus[0]]) if len(qpus) == 1 else palette.WAIT
        _draw_lane(axes, number, edges, here, colour)
    labels = [shorten(name, 18) for name, _ in groups]
    axes.set_yticks(np.arange(len(groups)) + 0.5, labels, parse_math=False)
    frame.add_legend(figure, _legend())
    add_key(figure, found)
    return figure


def _count(intervals: NDArray[np.int64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many intervals are open, by bin; their last two columns are start and end."""
    return coverage(intervals[:, 2].astype(np.float64), intervals[:, 3].astype(np.float64), edges)


def _most_at_once(intervals: NDArray[np.int64]) -> int:
    """How many intervals are open at most; one that ends makes room for one that starts there."""
    events = np.concatenate((2 * intervals[:, 2] + 1, 2 * intervals[:, 3]))
    steps = np.repeat([1, -1], len(intervals))
    return int(np.cumsum(steps[np.argsort(events, kind="stable")]).max(initial=0))


def _draw_lane(axes: Any, number: int, edges: NDArray[np.float64], here: list[NDArray[np.int64]], colour: Any) -> None:
    """Homes, and guests upon them."""
    homes, guests = (_count(intervals, edges) for intervals in here)
    scale = _FILLED / max(float((homes + guests).max(initial=0.0)), 1e-9)
    axes.axhspan(number, number + 1, color=palette.BANDS[number % 2], zorder=0, linewidth=0)
    base = number + (1 + _FILLED) / 2
    levels = [base - scale * np.append(level, level[-1]) for level in (np.zeros_like(homes), homes, homes + guests)]
    for low, high, strength in ((levels[0], levels[1], 1.0), (levels[1], levels[2], _FAINT)):
        axes.fill_between(edges, low, high, step="post", color=colour, alpha=strength, linewidth=0, zorder=2)
    axes.text(
        1.01, number + 0.5, " + ".join(f"{_most_at_once(intervals):,}" for intervals in here),
        transform=axes.get_yaxis_transform(), fontsize=7.5, color=palette.QUIET_INK, va="center", ha="left",
    )  # fmt: skip


def _legend() -> list[Any]:
    from matplotlib.patches import Patch

    return [
        Patch(color=palette.QUIET_INK, label="qubits at home; first number: at most at once"),
        Patch(color=palette.QUIET_INK, alpha=_FAINT, label="copies of qubits from elsewhere; second number"),
    ]
