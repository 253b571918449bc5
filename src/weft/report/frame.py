"""What all pictures have around them: a figure measured in inches, a title, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.report import palette
from weft.report.names import duration, shorten
from weft.report.slices import Slices

LEFT, RIGHT, TOP, BOTTOM = 1.35, 0.35, 0.95, 0.55


def new_figure(width: float, height: float) -> Any:
    """An empty figure of that many inches, on a canvas of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def add_panel(figure: Any, top: float, height: float, right: float = RIGHT) -> Any:
    """Axes that begin `top` inches below the figure's upper edge, without a frame."""
    width, total = figure.get_size_inches()
    axes = figure.add_axes((LEFT / width, 1 - (top + height) / total, (width - LEFT - right) / width, height / total))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(palette.QUIET_INK)
    axes.tick_params(axis="x", labelsize=7.5, colors=palette.QUIET_INK)
    axes.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=palette.INK)
    return axes


def add_title(figure: Any, slices: Slices) -> None:
    """The circuit, the network, and what the shot cost."""
    program = slices.program
    width, height = figure.get_size_inches()
    ebits = f"{program.ebits:,} ebit{'' if program.ebits == 1 else 's'}"
    figure.text(
        LEFT / width, 1 - 0.3 / height, f"{shorten(program.circuit_name, 60)} on {shorten(program.network.name, 40)}",
        fontsize=12, fontweight="bold", color=palette.INK, va="center", parse_math=False,
    )  # fmt: skip
    figure.text(
        LEFT / width, 1 - 0.53 / height,
        f"makespan {duration(slices.makespan_s)}  ·  {ebits}  ·  {len(program):,} instructions  ·  shot {slices.shot}",
        fontsize=9, color=palette.QUIET_INK, va="center",
    )  # fmt: skip


def add_legend(figure: Any, handles: Sequence[Any]) -> None:
    """In one line under the title, or more if the figure is narrow."""
    if not handles:
        return
    width, height = figure.get_size_inches()
    legend = figure.legend(
        handles=handles, loc="center left", bbox_to_anchor=(LEFT / width, 1 - 0.77 / height), borderaxespad=0,
        borderpad=0, ncols=len(handles), frameon=False, fontsize=7.5, handlelength=1.4, columnspacing=1.3,
        handletextpad=0.5, labelcolor=palette.INK,
    )  # fmt: skip
    legend.set_in_layout(False)
