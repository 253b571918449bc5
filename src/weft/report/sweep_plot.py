"""A sweep as a picture: a panel for each measured quantity, over what has most values, a line for each combination of the rest."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from weft.errors import InvalidValueError
from weft.report import palette
from weft.report.frame import new_figure
from weft.report.names import shorten
from weft.report.picture_file import check_picture_path, save_picture
from weft.study import Table

_NAMES = ("circuit", "network")
_SEEDS = ("seed", "compile_seed")
_LOGARITHMIC_FROM = 20.0
_MOST_LINES = 24
_PANELS = (("fidelity", "fidelity"), ("makespan_s", "makespan, mean / s"), ("ebits", "ebits per shot"))
_ERRORS = {"fidelity": "fidelity_stderr", "makespan_s": "makespan_stderr_s"}
_WIDTH, _PANEL_HEIGHT = 7.4, 2.3
_MARKS = "osD^vPX*"


@dataclass(frozen=True)
class _Point:
    """Tasks that differ in their seeds alone, as one: the mean of what they gave."""

    x: Any
    y: float
    error: float | None


def plot_sweep(found: Table, path: str | Path) -> None:
    """Draws what a sweep measured; tasks that differ in their seeds alone are one point, their mean, with its standard error.

    Args:
        found: of which failed tasks are left out.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if no task succeeded, there would be more than 24 lines, the ending is another, or the file cannot be
            written.
    """
    check_picture_path(path)
    good = [position for position in range(len(found)) if found[position].error is None]
    if not good:
        raise InvalidValueError("a sweep must have a task that succeeded to be drawn, but none did")
    across = _across(found, good)
    lines = _lines(found, good, across)
    if len(lines) > _MOST_LINES:
        raise InvalidValueError(
            f"a picture must have at most {_MOST_LINES} lines, but this sweep would need {len(lines):,}"
        )
    panels = [panel for panel in _PANELS if any(found.columns[panel[0]][position] is not None for position in good)]
    _draw(found, across, lines, panels, path)


def _across(found: Table, good: Sequence[int]) -> str | None:
    """What has most values, numbers before words; None if nothing varies."""
    names = [name for name in found.varied if name not in _SEEDS] or list(found.varied)
    distinct = {name: {found.columns[name][position] for position in good} for name in names}
    return max(names, key=lambda name: (all(map(_is_number, distinct[name])), len(distinct[name])), default=None)


def _lines(found: Table, good: Sequence[int], across: str | None) -> dict[str, list[int]]:
    """Positions by what they have in common; what goes together with the axis is told by it."""
    rest = [name for name in found.varied if name not in _SEEDS and (across is None or not found.follows(name, across))]
    shown = {name: [_shown(value) for value in found.columns[name]] for name in rest}
    if across is not None:
        shown |= {name: _families(shown[name], across, found.columns[across]) for name in rest if name in _NAMES}
    lines: dict[str, list[int]] = {}
    for position in good:
        label = ", ".join(f"{name} = {shown[name][position]}" for name in rest)
        lines.setdefault(label, []).append(position)
    return lines


def _families(texts: Sequence[str], across: str, values: Sequence[Any]) -> list[str]:
    """Names with the axis's value left open where that makes most points one line: `qft:4` and `qft:6` are `qft:{n}`."""
    open_names = [_open_names(text, across, value) for text, value in zip(texts, values, strict=True)]
    where: dict[str, set[Any]] = {}
    for names, value in zip(open_names, values, strict=True):
        for name in names:
            where.setdefault(name, set()).add(value)
    return [max(names, key=lambda name: len(where[name])) for names in open_names]


def _open_names(text: str, across: str, value: Any) -> list[str]:
    """The name as it is, with all numbers open that equal the value, and with one of them."""
    number, field = re.compile(rf"(?<!\d){re.escape(str(value))}(?!\d)"), f"{{{across}}}"
    places = [found.span() for found in number.finditer(text)]
    return [text, number.sub(field, text), *(text[:start] + field + text[end:] for start, end in places)]


def _points(found: Table, positions: Sequence[int], across: str | None, measured: str) -> list[_Point]:
    at: dict[Any, list[int]] = {}
    for position in positions:
        if found.columns[measured][position] is not None:
            at.setdefault(None if across is None else found.columns[across][position], []).append(position)
    points = []
    for x, group in at.items():
        values = [found.columns[measured][position] for position in group]
        errors = [found.columns[_ERRORS[measured]][position] if measured in _ERRORS else None for position in group]
        known = [error for error in errors if error is not None]
        error = math.hypot(*known) / len(group) if len(known) == len(group) else None
        points.append(_Point(x, float(np.mean(values)), error))
    return sorted(points, key=lambda point: point.x) if all(_is_number(point.x) for point in points) else points


def _draw(
    found: Table, across: str | None, lines: dict[str, list[int]], panels: Sequence[tuple[str, str]], path: str | Path
) -> None:
    legend_height = 0.19 * len(lines) + 0.15 if len(lines) > 1 else 0.0
    height = 0.95 + _PANEL_HEIGHT * len(panels) + legend_height
    figure = new_figure(_WIDTH, height)
    all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (measured, label) in zip(all_axes, panels, strict=True):
        heights = [
            _draw_line(axes, _points(found, group, across, measured), place)
            for place, group in enumerate(lines.values())
        ]
        _finish(axes, label, [height for line in heights for height in line])
        if measured == "ebits" and axes.get_yscale() == "linear":
            axes.yaxis.get_major_locator().set_params(integer=True)
    handles = [_handle(place, label) for place, label in enumerate(lines)]
    last = all_axes[-1]
    last.set_xlabel(across or "", fontsize=9, color=palette.INK, parse_math=False)
    values = (
        [] if across is None else [found.columns[across][position] for group in lines.values() for position in group]
    )
    if values and all(map(_is_number, values)) and min(values) > 0 and max(values) > _LOGARITHMIC_FROM * min(values):
        last.set_xscale("log")
    elif values and all(isinstance(value, int) and _is_number(value) for value in values):
        last.xaxis.get_major_locator().set_params(integer=True)
    figure.suptitle(
        shorten(found.name, 70),
        fontsize=11,
        fontweight="bold",
        x=0.02,
        y=1 - 0.12 / height,
        ha="left",
        va="top",
        parse_math=False,
    )
    figure.subplots_adjust(
        left=0.13, right=0.97, top=1 - 0.42 / height, bottom=(0.53 + legend_height) / height, hspace=0.1
    )
    if len(lines) > 1:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.12, 0.0),
            fontsize=8,
            frameon=False,
            labelcolor=palette.INK,
        )
    save_picture(figure, path)


def _style(place: int) -> dict[str, Any]:
    colours = [tuple(part / 255 for part in colour) for colour in palette.qpu_colours(_MOST_LINES)]
    return {"color": colours[place], "marker": _MARKS[place % len(_MARKS)], "markersize": 4.5, "linewidth": 1.4}


def _handle(place: int, label: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=shorten(label, 110).replace("$", r"\$"), **_style(place))


def _draw_line(axes: Any, points: Sequence[_Point], place: int) -> list[float]:
    """Draws the points with their errors, and says how high they are."""
    x = [point.x if _is_number(point.x) else _shown(point.x) for point in points]
    y = [point.y for point in points]
    errors = [point.error or 0.0 for point in points]
    axes.errorbar(x, y, yerr=errors if any(errors) else None, capsize=2.5, elinewidth=0.9, **_style(place))
    return y


def _finish(axes: Any, label: str, heights: Sequence[float]) -> None:
    positive = [height for height in heights if height > 0]
    if len(positive) == len(heights) and heights and max(heights) > _LOGARITHMIC_FROM * min(heights):
        axes.set_yscale("log")
    axes.set_ylabel(label, fontsize=9, color=palette.INK)
    axes.tick_params(labelsize=8, colors=palette.QUIET_INK)
    axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)
