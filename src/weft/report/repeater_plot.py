"""What a chain of repeaters gives over distance, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from weft.report.palette import ENTANGLE, INK, MEASUREMENT, ONE_QUBIT_GATE, QUIET_INK, TWO_QUBIT_GATE, WIRE
from weft.report.picture_file import check_picture_path, save_picture

_COLOURS = (MEASUREMENT, ONE_QUBIT_GATE, TWO_QUBIT_GATE, ENTANGLE)


@dataclass(frozen=True, eq=False)
class DistanceCurve:
    """One way to connect two places.

    Attributes:
        label: of it.
        distance_m (float array, shape (points,)): between the places.
        secret_bits (float array, shape (points,)): per attempt; zeros are left out of the picture.
        fidelity (float array, shape (points,)): mean, of delivered pairs; None where there are no pairs.
        is_bound: whether it is drawn as a limit.
    """

    label: str
    distance_m: NDArray[np.float64]
    secret_bits: NDArray[np.float64]
    fidelity: NDArray[np.float64] | None = None
    is_bound: bool = False


def plot_over_distance(curves: Sequence[DistanceCurve], path: str | Path, *, title: str) -> None:
    """Draws secret bits per attempt on the left, mean fidelity on the right.

    Args:
        curves: at most four that are no bounds.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.
        title: above both.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_picture_path(path)
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    figure.suptitle(title, color=INK, fontsize=11)
    colours = iter(_COLOURS)
    for curve in curves:
        style = {"color": QUIET_INK, "linestyle": "--"} if curve.is_bound else {"color": next(colours), "marker": "o"}
        distance_km, some = curve.distance_m / 1e3, curve.secret_bits > 0
        left.semilogy(distance_km[some], curve.secret_bits[some], label=curve.label, markersize=3, **style)
        if curve.fidelity is not None:
            right.plot(distance_km, curve.fidelity, label=curve.label, markersize=3, **style)
    right.axhline(0.5, color=QUIET_INK, linewidth=0.8, linestyle=":")
    right.text(0.01, 0.49, "not entangled below", va="top", fontsize=8, color=QUIET_INK, transform=_across(right))
    left.set_ylabel("secret bits per attempt")
    right.set_ylabel("mean fidelity")
    right.set_ylim(0.2, 1.0)
    for axes in (left, right):
        axes.set_xlabel("distance (km)")
        axes.grid(color=WIRE, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False, fontsize=8)
    save_picture(figure, path)


def _across(axes: object) -> object:
    """Horizontally in shares of the axes, vertically in data."""
    return axes.get_yaxis_transform()  # type: ignore[attr-defined]
