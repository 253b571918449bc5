"""What all pictures have around them: a figure measured in inches, a title, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.program import Program
from weft.report import palette
from weft.report.lanes import Band
from weft.report.names import counted, duration, shorten
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
    ebits = counted(program.ebits, "ebit")
    add_heading(
        figure, program,
        f"makespan {duration(slices.makespan_s)}  ·  {ebits}  ·  {len(program):,} instructions  ·  shot {slices.shot}",
    )  # fmt: skip


def add_heading(figure: Any, program: Program, numbers: str) -> None:
    """The circuit and the network, and below them some numbers."""
    width, height = figure.get_size_inches()
    figure.text(
        LEFT / width, 1 - 0.3 / height, f"{shorten(program.circuit_name, 60)} on {shorten(program.network.name, 40)}",
        fontsize=12, fontweight="bold", color=palette.INK, va="center", parse_math=False,
    )  # fmt: skip
    figure.text(
        LEFT / width, 1 - 0.53 / height, numbers, fontsize=9, color=palette.QUIET_INK, va="center",
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


def add_bands(axes: Any, bands: Sequence[Band], letters_per_lane: float = 3.0) -> None:
    """Shades the lanes of each QPU and of what is between, and writes the QPUs' names at the left."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    beside = blended_transform_factory(axes.transAxes, axes.transData)
    shift = ScaledTranslation(-1.12, 0, axes.figure.dpi_scale_trans)
    qpus = [band for band in bands if band.label]
    for number, band in enumerate(qpus):
        axes.axhspan(band.low, band.high, color=palette.BANDS[number % 2], zorder=0, linewidth=0)
        axes.text(
            0, (band.low + band.high) / 2, _band_label(band, letters_per_lane),
            transform=beside + shift, rotation=90, fontsize=8, fontweight="bold", color=palette.INK,
            ha="center", va="center", parse_math=False,
        )  # fmt: skip


def _band_label(band: Band, letters_per_lane: float) -> str:
    """`QPU A` where there is room, then `A`, then as much of it as fits."""
    room = int(letters_per_lane * (band.high - band.low)) + 1
    return shorten(f"QPU {band.label}" if len(band.label) + 4 <= room else band.label, room)
