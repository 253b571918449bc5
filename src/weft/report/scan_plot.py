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
    shown = [(value, n) for value, n in zip(scan.values, scan.numbers, strict=True) if n is not None]
    values = np.array([value for value, _ in shown])
    doubtful = np.array([bool(numbers.doubts) for _, numbers in shown], dtype=np.bool_)
    rates = np.array([numbers.rate_hz for _, numbers in shown])
    fidelities = np.array([np.nan if n.pair is None else n.pair.fidelity for _, n in shown])
    _draw(upper, values, rates, doubtful, palette.ENTANGLE, "pairs per second")
    if np.all(np.isfinite(rates)) and rates.max() > _LOGARITHMIC_FROM * rates.min() > 0:
        upper.set_yscale("log")
    _draw(lower, values, fidelities, doubtful, palette.TWO_QUBIT_GATE, "pair fidelity")
    for axes in (upper, lower):
        if values.min() <= scan.current <= values.max():
            axes.axvline(scan.current, color=palette.QUIET_INK, linewidth=0.8, linestyle=(0, (4, 3)), label="as it is")
    upper.legend(fontsize=8, frameon=False)
    if values.min() > 0 and values.max() > _LOGARITHMIC_FROM * values.min():
        lower.set_xscale("log")
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


def _draw(axes: Any, values: Any, heights: Any, doubtful: Any, colour: str, label: str) -> None:
    order = np.argsort(values, kind="stable")
    axes.plot(values[order], heights[order], color=colour, linewidth=1.5)
    axes.plot(values[~doubtful], heights[~doubtful], "o", color=colour, markersize=5)
    if np.any(doubtful):
        hollow = {"color": colour, "markersize": 5, "markerfacecolor": "white", "label": "in doubt"}
        axes.plot(values[doubtful], heights[doubtful], "o", **hollow)
    axes.set_ylabel(label, fontsize=9, color=palette.INK)
    axes.tick_params(labelsize=8, colors=palette.QUIET_INK)
    axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
