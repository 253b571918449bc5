"""A link at several values of one component, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from weft.hardware.scan import Scan
from weft.report import palette
from weft.report.frame import new_figure
from weft.report.picture_file import check_picture_path, save_picture

_LOGARITHMIC_FROM = 20.0  # highest over lowest rate


def plot_scan(scan: Scan, path: str | Path) -> None:
    """Draws rate and fidelity over a component; hollow where the model is in doubt.

    Args:
        scan: of a link.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    figure = new_figure(7.0, 5.2)
    upper, lower = figure.subplots(2, 1, sharex=True)
    rates = np.array([numbers.rate_hz for numbers in scan.numbers])
    fidelities = np.array([numbers.pair.fidelity for numbers in scan.numbers])
    _draw(upper, scan, rates, palette.ENTANGLE, "pairs per second")
    if np.all(np.isfinite(rates)) and rates.max() > _LOGARITHMIC_FROM * rates.min() > 0:
        upper.set_yscale("log")
    _draw(lower, scan, fidelities, palette.TWO_QUBIT_GATE, "pair fidelity")
    lower.set_xlabel(scan.component, fontsize=9, color=palette.INK)
    figure.suptitle(
        f"{scan.link} of {scan.network} ({scan.model})",
        fontsize=11,
        fontweight="bold",
        x=0.02,
        ha="left",
        parse_math=False,
    )
    figure.subplots_adjust(left=0.13, right=0.97, top=0.9, bottom=0.11, hspace=0.12)
    save_picture(figure, path)


def _draw(axes: Any, scan: Scan, heights: Any, colour: str, label: str) -> None:
    values = np.array(scan.values)
    order = np.argsort(values, kind="stable")
    axes.plot(values[order], heights[order], color=colour, linewidth=1.5)
    sure = np.array([not numbers.doubts for numbers in scan.numbers], dtype=np.bool_)
    axes.plot(values[sure], heights[sure], "o", color=colour, markersize=5)
    if not np.all(sure):
        doubtful = {"color": colour, "markersize": 5, "markerfacecolor": "white", "label": "in doubt"}
        axes.plot(values[~sure], heights[~sure], "o", **doubtful)
    axes.axvline(scan.current, color=palette.QUIET_INK, linewidth=0.8, linestyle=(0, (4, 3)), label="as it is")
    axes.set_ylabel(label, fontsize=9, color=palette.INK)
    axes.tick_params(labelsize=8, colors=palette.QUIET_INK)
    axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_subplotspec().is_first_row():
        axes.legend(fontsize=8, frameon=False)
