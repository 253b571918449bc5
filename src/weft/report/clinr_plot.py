"""Error and depth of the forms of a Clifford circuit over the time that a Bell pair takes, and over n, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from weft.protocols.clinr import Comparison, Measures
from weft.protocols.clinr.depth import Convention
from weft.protocols.clinr.measures import Estimate
from weft.report import palette
from weft.report.frame import new_figure
from weft.report.picture_file import check_picture_path, save_picture


def plot_clinr(
    found: Mapping[float, Comparison],
    convention: Convention,
    path: str | Path,
    *,
    sizes: Mapping[int, Comparison] | None = None,
) -> None:
    """Draws the forms with the most checks, and marks where the distributed one crosses another.

    Args:
        found: comparisons by τ_e.
        convention: under which depths are compared.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.
        sizes: comparisons by n, for a second row; None for no such row.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    rows: list[tuple[Mapping[Any, Comparison], str]] = [(found, "gate times for a Bell pair, τ")]
    if sizes:
        rows.append((sizes, "qubits, n"))
    figure = new_figure(9.0, 3.9 * len(rows) + 0.3)
    grid = figure.subplots(len(rows), 2, squeeze=False)
    for axes, (comparisons, label) in zip(grid, rows, strict=True):
        _draw_row(axes, comparisons, label, convention)
    grid[0, 0].legend(fontsize=8, frameon=False)
    figure.tight_layout()
    save_picture(figure, path)


def _draw_row(axes: Any, comparisons: Mapping[Any, Comparison], label: str, convention: Convention) -> None:
    places, every = np.array(list(comparisons), dtype=np.float64), list(comparisons.values())
    forms = (
        ("direct", [each.direct for each in every], palette.QUIET_INK),
        ("one QPU", [each.one_qpu[-1] for each in every], palette.ONE_QUBIT_GATE),
        ("distributed", [each.distributed[-1] for each in every], palette.MEASUREMENT),
    )
    for name, measures, colour in forms:
        words = name if name == "direct" else f"{name}, {measures[0].checks} checks"
        _draw_line(axes[0], places, [each.logical_error for each in measures], colour, words)
        _draw_line(axes[1], places, [each.depth[convention] for each in measures], colour, words)
    _mark_crossings(axes[0], places, [_errors(measures) for _, measures, _ in forms])
    _mark_crossings(axes[1], places, [_depths(measures, convention) for _, measures, _ in forms])
    for each, quantity in zip(axes, ("logical error", f"depth, {convention}"), strict=True):
        each.set_ylabel(quantity, fontsize=9, color=palette.INK)
        each.set_xlabel(label, fontsize=9, color=palette.INK)
        each.set_ylim(bottom=0)
        each.tick_params(labelsize=8, colors=palette.QUIET_INK)
        each.grid(visible=True, color=palette.WIRE, linewidth=0.5)


def _draw_line(axes: Any, places: Any, estimates: Sequence[Estimate], colour: str, label: str) -> None:
    values = np.array([each.value for each in estimates])
    spread = np.array([[each.value - each.low, each.high - each.value] for each in estimates]).T
    axes.errorbar(places, values, spread, fmt="o-", color=colour, markersize=4, linewidth=1.4, label=label)


def _errors(measures: Sequence[Measures]) -> list[float]:
    return [each.logical_error.value for each in measures]


def _depths(measures: Sequence[Measures], convention: Convention) -> list[float]:
    return [each.depth[convention].value for each in measures]


def _mark_crossings(axes: Any, places: Any, heights: Sequence[Sequence[float]]) -> None:
    """Where the distributed form, which comes last, meets another, between two places."""
    distributed = np.array(heights[-1])
    for other in heights[:-1]:
        ahead = distributed - np.array(other)
        for place in np.flatnonzero(ahead[:-1] * ahead[1:] < 0).tolist():
            share = ahead[place] / (ahead[place] - ahead[place + 1])
            at = places[place] + share * (places[place + 1] - places[place])
            axes.axvline(at, color=palette.CORRECTION, linewidth=0.9, linestyle=(0, (4, 3)))
            axes.text(
                at, 0.98, f" {at:.2g}", fontsize=8, color=palette.CORRECTION, va="top",
                transform=axes.get_xaxis_transform(),
            )  # fmt: skip
