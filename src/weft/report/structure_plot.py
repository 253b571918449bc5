"""Entropies over the moments of a circuit, with fragile moments beneath, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.report import palette
from weft.report.frame import new_figure
from weft.report.names import shorten
from weft.report.picture_file import check_picture_path, save_picture
from weft.study.structure import CutEntropy, Fragility, Structure

_MOST_CUTS = 8
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.75, 2.1, 0.75, 0.55  # inches


def plot_structure(found: Structure, path: str | Path) -> None:
    """Draws the entropy across each cut as a line and its bound dashed, and beneath it what pairs cost that are used then.

    Args:
        found: what was inspected. Of many cuts, the eight highest are drawn.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    has_bars = found.fragility is not None and found.fragility.mean is not None
    width, height = 9.0, 5.4 if has_bars else 3.6
    figure = new_figure(width, height)
    upper = _axes(figure, _TOP, 2.3)
    _draw_entropies(upper, found)
    if has_bars and found.fragility is not None:
        upper.tick_params(labelbottom=False)
        lower = _axes(figure, _TOP + 2.3 + 0.25, height - _TOP - 2.3 - 0.25 - _BOTTOM, sharex=upper)
        _draw_fragility(lower, found.fragility)
        upper = lower
    upper.set_xlabel("moment: layers of two-qubit gates done", fontsize=9, color=palette.INK)
    _heading(figure, found)
    save_picture(figure, path)


def _axes(figure: Any, top: float, tall: float, sharex: Any = None) -> Any:
    width, height = figure.get_size_inches()
    place = (_LEFT / width, 1 - (top + tall) / height, (width - _LEFT - _RIGHT) / width, tall / height)
    axes = figure.add_axes(place, sharex=sharex)
    axes.tick_params(labelsize=8, colors=palette.QUIET_INK)
    axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def _draw_entropies(axes: Any, found: Structure) -> None:
    from matplotlib.ticker import MaxNLocator

    def height(each: CutEntropy) -> float:
        return float(each.bound_bits[-1]) if each.peak is None else each.peak[1]

    cuts = sorted(found.entropies.cuts, key=height, reverse=True)[:_MOST_CUTS]
    drawn = [each for each in found.entropies.cuts if each in cuts]
    moments = np.arange(found.entropies.moments + 1)
    # Entropies are often equal: the first lines are the widest, so that those drawn over them leave an edge to be seen.
    widths = np.linspace(1.6 + min(4.0, 0.8 * (len(drawn) - 1)), 1.6, len(drawn))
    for each, colour, line in zip(drawn, palette.QPUS, widths.tolist(), strict=False):
        name = shorten(each.cut.name, 24)
        axes.step(
            *_held(moments, each.bound_bits), where="post", color=colour, linewidth=1.0, linestyle=(0, (4, 3)), alpha=0.8,
            label=f"{name} (bound)" if each.peak is None else None,
        )  # fmt: skip
        known = np.flatnonzero(~np.isnan(each.bits))
        if len(known):
            axes.step(*_held(known, each.bits[known]), where="post", color=colour, linewidth=line, label=name)
            gaps = len(known) < len(moments)
            axes.plot(known, each.bits[known], "o", color=colour, markersize=2.5 if gaps else 0)
    axes.set_ylabel("entropy across the cut, bits", fontsize=9, color=palette.INK)
    axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])
    axes.set_xlim(-0.5, max(found.entropies.moments, 1) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if drawn:
        title = "dashed: the most that\ngates and sizes allow"
        _legend(axes, title)


def _held(moments: NDArray[np.int64], bits: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The last value goes on for half a moment, so that it is seen."""
    return np.append(moments, moments[-1] + 0.5), np.append(bits, bits[-1])


def _draw_fragility(axes: Any, fragility: Fragility) -> None:
    """A bar for each moment, stacked link by link, of the pairs that are used after it; simulated sums as dots with errors."""
    links = sorted({pair.link for pair in fragility.pairs})
    low = np.zeros(1 + max(pair.moment for pair in fragility.pairs))
    for place, link in enumerate(links):
        sums = np.zeros_like(low)
        for pair in fragility.pairs:
            if pair.link == link and pair.loss is not None:
                sums[pair.moment] += pair.loss
        at = np.flatnonzero(sums)
        label = f"pairs on {shorten(link, 20)}" if place < _MOST_CUTS else None
        colour = palette.QPUS[place % len(palette.QPUS)]
        axes.bar(
            at, sums[at], 0.8, bottom=low[at], color=colour, alpha=0.75, edgecolor="white", linewidth=0.6, label=label
        )
        low += sums
    _draw_simulated(axes, fragility)
    lost = {"state": "fidelity lost", "outcomes": "distance of outcomes"}[fragility.of]
    axes.set_ylabel(f"{lost} per unit\nof infidelity, pairs added", fontsize=9, color=palette.INK)
    axes.set_ylim(bottom=0)
    _legend(axes, None)


def _draw_simulated(axes: Any, fragility: Fragility) -> None:
    """Only where all pairs of a moment were simulated, so that sums stand for the same."""
    sums: dict[int, list[float]] = {}
    for pair in fragility.pairs:
        mean = np.nan if pair.simulated is None else pair.simulated
        entry = sums.setdefault(pair.moment, [0.0, 0.0])
        entry[0] += mean
        entry[1] += (pair.stderr or 0.0) ** 2
    at = [moment for moment, (mean, _) in sums.items() if not np.isnan(mean)]
    if at:
        axes.errorbar(
            at, [sums[moment][0] for moment in at], [sums[moment][1] ** 0.5 for moment in at], fmt="o", markersize=3,
            color=palette.INK, elinewidth=0.9, label="simulated",
        )  # fmt: skip


def _legend(axes: Any, title: str | None) -> None:
    legend = axes.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5, frameon=False, borderaxespad=0, title=title,
        title_fontsize=7.5, alignment="left", labelcolor=palette.INK,
    )  # fmt: skip
    legend.get_title().set_color(palette.QUIET_INK)
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_parse_math(False)


def _heading(figure: Any, found: Structure) -> None:
    width, height = figure.get_size_inches()
    where = "" if found.network is None else f" on {shorten(found.network.name, 40)}"
    words = {"stabilizer": "exact (stabilizers)", "state vector": "exact (state vector)", "bounds": "bounds only"}
    numbers = f"{len(found.blocks.names)} blocks  ·  {found.entropies.moments:,} moments"
    below = f"entropies {words[found.entropies.method]}  ·  {numbers}"
    figure.text(
        _LEFT / width, 1 - 0.27 / height, f"{shorten(found.circuit.name, 60)}{where}", fontsize=12, fontweight="bold",
        color=palette.INK, va="center", parse_math=False,
    )  # fmt: skip
    figure.text(_LEFT / width, 1 - 0.5 / height, below, fontsize=9, color=palette.QUIET_INK, va="center")
