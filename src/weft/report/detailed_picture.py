"""The picture of a small shot: a lane for each qubit and each link channel, and every instruction drawn."""

from __future__ import annotations

from typing import Any

from weft.report import frame, palette
from weft.report.lanes import Lanes, lay_lanes
from weft.report.legend import detailed_legend
from weft.report.panel import Panel
from weft.report.slices import Slices
from weft.report.time_axis import TimeAxis, stretched, to_scale

_INCHES_PER_INSTRUCTION = 0.3
_INCHES_BETWEEN_TICKS = 0.75
_WIDTHS_PER_DECADE = (1.3, 0.6, 0.25)  # the first with which the figure is not too wide
_NARROWEST, _WIDEST = 13.3, 30.0
_LEAST_INCHES = 0.03
_SPACE_BETWEEN_PANELS = 0.7


def draw_detailed(slices: Slices) -> Any:
    """A figure with two panels: the shot to scale, and the shot with time stretched so that everything shows."""
    lanes = lay_lanes(slices)
    sides = frame.LEFT + frame.RIGHT
    axis = stretched(slices, _INCHES_BETWEEN_TICKS / _INCHES_PER_INSTRUCTION, _WIDTHS_PER_DECADE[0])
    for width_per_decade in _WIDTHS_PER_DECADE[1:]:
        if axis.length * _INCHES_PER_INSTRUCTION + sides <= _WIDEST:
            break
        axis = stretched(slices, _INCHES_BETWEEN_TICKS * axis.length / (_WIDEST - sides), width_per_decade)
    width = min(max(axis.length * _INCHES_PER_INSTRUCTION + sides, _NARROWEST), _WIDEST)
    inches_per_unit = (width - sides) / max(axis.length, 1.0)
    low_lane, high_lane = (0.2, 0.34) if len(lanes.labels) <= 16 else (0.15, 0.26)
    top_height, bottom_height = lanes.height * low_lane, lanes.height * high_lane
    has_times = slices.makespan_s > 0
    above = top_height + _SPACE_BETWEEN_PANELS if has_times else 0.0
    figure = frame.new_figure(width, frame.TOP + above + bottom_height + frame.BOTTOM)
    frame.add_title(figure, slices)
    if has_times:
        true_axis = to_scale(slices, _LEAST_INCHES / (width - sides))
        axes = _panel(figure, frame.TOP, top_height, lanes, true_axis)
        Panel(axes, slices, lanes, true_axis, inches_per_unit=0.0).draw()
    axes = _panel(figure, frame.TOP + above, bottom_height, lanes, axis)
    Panel(axes, slices, lanes, axis, inches_per_unit=inches_per_unit).draw()
    frame.add_legend(figure, detailed_legend(slices))
    return figure


def _panel(figure: Any, top: float, height: float, lanes: Lanes, axis: TimeAxis) -> Any:
    axes = frame.add_panel(figure, top, height)
    margin = max(axis.length * 0.006, 1e-9)
    axes.set_xlim(-margin, axis.length + margin if axis.length else 1.0)
    axes.set_ylim(lanes.height + 0.1, -0.1)
    axes.set_xlabel(axis.label, fontsize=8, color=palette.QUIET_INK, loc="left")
    if axis.ticks is not None:
        axes.set_xticks([x for x, _ in axis.ticks], [text for _, text in axis.ticks])
    axes.set_yticks([y for y, _, _ in lanes.labels], [text for _, text, _ in lanes.labels], parse_math=False)
    for label, (_, _, is_link) in zip(axes.get_yticklabels(), lanes.labels, strict=True):
        label.set_color("#8A5F00" if is_link else palette.INK)
        label.set_fontsize(7.5 if height / lanes.height > 0.16 else 6.5)
    frame.add_bands(axes, lanes.bands)
    return axes
