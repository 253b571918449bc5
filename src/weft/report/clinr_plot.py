"""Error and depth of the forms of a Clifford circuit over the time that a Bell pair takes, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from weft.protocols.clinr import Comparison
from weft.protocols.clinr.depth import Convention
from weft.report import palette
from weft.report.frame import new_figure
from weft.report.picture_file import check_picture_path, save_picture


def plot_clinr(found: Mapping[float, Comparison], convention: Convention, path: str | Path) -> None:
    """Draws the forms with the most checks, and marks where depths cross.

    Args:
        found: comparisons by τ_e.
        convention: under which depths are compared.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    figure = new_figure(9.0, 4.2)
    left, right = figure.subplots(1, 2)
    times = np.array(list(found))
    forms = {
        "direct": ([each.direct for each in found.values()], palette.QUIET_INK),
        "one QPU": ([each.one_qpu[-1] for each in found.values()], palette.ONE_QUBIT_GATE),
        "distributed": ([each.distributed[-1] for each in found.values()], palette.MEASUREMENT),
    }
    for name, (measures, colour) in forms.items():
        checks = "" if name == "direct" else f", {measures[0].checks} checks"
        for axes, estimates in (
            (left, [each.logical_error for each in measures]),
            (right, [each.depth[convention] for each in measures]),
        ):
            values = np.array([each.value for each in estimates])
            spread = np.array([[each.value - each.low, each.high - each.value] for each in estimates]).T
            axes.errorbar(
                times, values, spread, fmt="o-", color=colour, markersize=4, linewidth=1.4, label=name + checks
            )
    _mark_crossings(right, times, [[each.depth[convention].value for each in m] for m, _ in forms.values()])
    for axes, label in ((left, "logical error"), (right, f"depth, {convention}")):
        axes.set_ylabel(label, fontsize=9, color=palette.INK)
        axes.set_xlabel("gate times for a Bell pair, τ", fontsize=9, color=palette.INK)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=8, colors=palette.QUIET_INK)
        axes.grid(visible=True, color=palette.WIRE, linewidth=0.5)
    left.legend(fontsize=8, frameon=False)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.96, bottom=0.13, wspace=0.25)
    save_picture(figure, path)


def _mark_crossings(axes: Any, times: Any, depths: list[list[float]]) -> None:
    """Where the distributed form becomes as deep as another, between two times."""
    distributed = np.array(depths[2])
    for other in (np.array(depths[0]), np.array(depths[1])):
        ahead = distributed - other
        for place in np.flatnonzero(ahead[:-1] * ahead[1:] < 0).tolist():
            share = ahead[place] / (ahead[place] - ahead[place + 1])
            at = times[place] + share * (times[place + 1] - times[place])
            axes.axvline(at, color=palette.CORRECTION, linewidth=0.9, linestyle=(0, (4, 3)))
            axes.text(at, axes.get_ylim()[1], f" {at:.2g}", fontsize=8, color=palette.CORRECTION, va="top")
