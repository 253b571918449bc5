"""Two ways to put a shot on a horizontal axis: to scale, and stretched so that every event can be seen.

The stretched axis keeps the order of all events and what is simultaneous, but the width between two neighbouring events
grows only with the logarithm of the time between them. What takes no time gets a narrow column: its order shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.report.names import time_unit
from weft.report.slices import Slices

_INSTANT_WIDTH = 0.8
_NARROWEST = 0.4
_MOST_DECADES = 4.6


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """Where on a horizontal axis everything lies.

    Attributes:
        start (float64 array, shape (n,)): of each instruction.
        end (float64 array, shape (n,)): of each instruction.
        length: of the axis.
        ticks: (where, text).
        label: of the axis.
        least_width: instructions are drawn at least this wide.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    length: float
    ticks: list[tuple[float, str]] | None
    label: str
    least_width: float


def to_scale(slices: Slices, least_fraction: float) -> TimeAxis:
    """Time, with instructions drawn at least `least_fraction` of the axis wide."""
    makespan = slices.makespan_s
    unit, symbol = time_unit(makespan)
    least = least_fraction * makespan / unit
    label = f"time ({symbol}), to scale"
    shown = (slices.end_s > slices.start_s) & (slices.end_s - slices.start_s < least * unit)
    if shown.any():
        label += f"; instructions shorter than {least:.2g} {symbol} are drawn that wide"
    return TimeAxis(slices.start_s / unit, slices.end_s / unit, makespan / unit, None, label, least)


def stretched(slices: Slices, tick_distance: float, width_per_decade: float) -> TimeAxis:
    """Time, with the distance between events compressed.

    Args:
        slices: what happens.
        tick_distance: between ticks, at least; the shortest instruction is 1 wide.
        width_per_decade: how much wider a stretch is drawn that lasts ten times as long.
    """
    resolution = max(slices.makespan_s * 1e-12, 1e-18)
    start, end = (np.rint(times / resolution).astype(np.int64) for times in (slices.start_s, slices.end_s))
    start_level, end_level = _levels(slices, start, end)
    keys = np.concatenate((np.stack((start, start_level), axis=1), np.stack((end, end_level), axis=1)))
    points, places = np.unique(keys, axis=0, return_inverse=True)
    places = places.reshape(-1)
    times_s: NDArray[np.float64] = points[:, 0] * np.float64(resolution)
    shortest_s = _shortest(end - start) * resolution
    x = np.concatenate(([0.0], np.cumsum(_widths(np.diff(times_s), shortest_s, width_per_decade))))[: len(points)]
    where = x[places]
    unit, symbol = time_unit(slices.makespan_s)
    ticks = _ticks(x, times_s, tick_distance, unit, shortest_s)
    label = f"time ({symbol}), not to scale: stretched so that every event shows; order and simultaneity are kept"
    if slices.makespan_s == 0:
        ticks, label = [], "order of instructions; none of them takes any time"
    return TimeAxis(where[: len(start)], where[len(start) :], float(x[-1]) if len(x) else 0.0, ticks, label, 0.0)


def _levels(
    slices: Slices, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Orders events at the same time by what depends on what: how many instructions that take no time come before."""
    program = slices.program
    free: dict[tuple[str, int, int], tuple[int, int]] = {}
    levels = np.zeros((2, len(start)), dtype=np.int64)
    offsets, reads = program.read_offsets.tolist(), program.read_bits.tolist()
    for row, (begin, finish) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        writes = [("qubit", qubit, 0) for qubit in program.qubits[row].tolist() if qubit >= 0]
        if slices.channels[row] >= 0:
            writes.append(("channel", int(program.links[row]), int(slices.channels[row])))
        needs = writes + [("bit", bit, 0) for bit in reads[offsets[row] : offsets[row + 1]]]
        level = max((free[key][1] for key in needs if free.get(key, (-1, 0))[0] == begin), default=0)
        levels[:, row] = level, level + 1 if finish == begin else 0
        if program.bits[row] >= 0:
            writes.append(("bit", int(program.bits[row]), 0))
        for key in writes:
            free[key] = (finish, int(levels[1, row]))
    return levels[0], levels[1]


def _shortest(durations: NDArray[np.int64]) -> int:
    return int(durations[durations > 0].min(initial=np.iinfo(np.int64).max)) if (durations > 0).any() else 1


def _widths(steps_s: NDArray[np.float64], shortest_s: float, width_per_decade: float) -> NDArray[np.float64]:
    decades = np.log10(np.maximum(steps_s, 1e-300) / shortest_s)
    widths = np.maximum(1 + width_per_decade * np.minimum(decades, _MOST_DECADES), _NARROWEST)
    return np.where(steps_s > 0, widths, _INSTANT_WIDTH)


def _ticks(
    x: NDArray[np.float64], times_s: NDArray[np.float64], distance: float, unit: float, shortest_s: float
) -> list[tuple[float, str]]:
    """At both ends, and then beside the longest stretches first, because that is where time passes."""
    if not len(x):
        return []
    steps = np.diff(times_s, prepend=times_s[0])
    importance = np.maximum(steps, np.append(steps[1:], 0.0))
    importance[[0, -1]] = np.inf
    importance[1:-1][steps[1:-1] == 0] = -1.0  # of several points at the same time, the first gets the tick
    chosen: list[int] = []
    for point in np.argsort(-importance, kind="stable").tolist():
        if importance[point] >= 0 and all(abs(x[point] - x[other]) >= distance for other in chosen):
            chosen.append(point)
    decimals = min(max(math.ceil(-math.log10(shortest_s / unit)), 0), 6)
    return [(float(x[point]), f"{times_s[point] / unit:,.{decimals}f}") for point in sorted(chosen)]
