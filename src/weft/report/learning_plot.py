"""How pulses were learned, and the photon before and after, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.report.palette import ENTANGLE, INK, MEASUREMENT, ONE_QUBIT_GATE, QUIET_INK, TWO_QUBIT_GATE, WAIT
from weft.report.picture_file import check_picture_path, save_picture

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One photon sent, at equally spaced times.

    Attributes:
        times_s (float array, shape (n,)): of the samples.
        photon_per_s (float array, shape (n,)): probability per second that the photon leaves the sender.
        received (float array, shape (n,)): probability that the receiver's data qubits have it.
        sender_hz (float array, shape (n,)): coupling g₁/2π.
        receiver_hz (float array, shape (n,)): coupling g₂/2π.
    """

    times_s: Array
    photon_per_s: Array
    received: Array
    sender_hz: Array
    receiver_hz: Array


def plot_learning(
    path: str | Path,
    *,
    rewards: Array,
    efficiencies: Array,
    levels: Mapping[str, float],
    transfers: Mapping[str, Transfer],
) -> None:
    """Draws the learning curves of several seeds, and the photon and the couplings before and after.

    Args:
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.
        rewards (float array, shape (updates,)): what one learner saw, mean over the episodes of each update.
        efficiencies (float array, shape (seeds, updates)): of each learner's policy, if its mean were played.
        levels: efficiencies to compare with, by name, drawn as lines.
        transfers: by name, before first.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.2), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=(1.25, 1))
    _draw_curves(figure.add_subplot(grid[:, 0]), rewards, efficiencies, levels)
    rows = [figure.add_subplot(grid[row, 1]) for row in range(3)]
    _draw_transfers(rows, transfers)
    save_picture(figure, path)


def _draw_curves(axes: Any, rewards: Array, efficiencies: Array, levels: Mapping[str, float]) -> None:
    updates = np.arange(1, efficiencies.shape[1] + 1)
    axes.plot(updates, rewards, ".", color=ENTANGLE, markersize=4, label="what one learner saw: mean of the shots")
    axes.plot(updates, efficiencies.T, color=WAIT, linewidth=0.8)
    median = np.median(efficiencies, axis=0)
    label = f"mean of its policy, median of {len(efficiencies)} seeds (grey: each)"
    axes.plot(updates, median, color=ONE_QUBIT_GATE, linewidth=2, label=label)
    for name, level in levels.items():
        axes.axhline(level, color=QUIET_INK, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{name}: {level:.3f}", (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom",
            fontsize=8, color=INK,
        )  # fmt: skip
    axes.set(xlabel="update of the policy", ylabel="probability of absorption", xlim=(1, updates[-1]), ylim=(0, None))
    axes.set_title("Learning from absorption alone", loc="left", fontsize=11, color=INK)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    _quieten(axes)


def _draw_transfers(rows: list[Any], transfers: Mapping[str, Transfer]) -> None:
    colours = (MEASUREMENT, TWO_QUBIT_GATE, ONE_QUBIT_GATE)
    for (name, transfer), colour in zip(transfers.items(), colours, strict=False):
        times = transfer.times_s * 1e9
        rows[0].plot(times, transfer.photon_per_s / 1e6, color=colour, label=name)
        rows[0].fill_between(times, transfer.photon_per_s / 1e6, color=colour, alpha=0.12, linewidth=0)
        rows[1].plot(times, transfer.received, color=colour)
        rows[2].plot(times, transfer.sender_hz / 1e6, color=colour)
        rows[2].plot(times, transfer.receiver_hz / 1e6, color=colour, linestyle=(0, (4, 2)))
    rows[0].set_title("The photon", loc="left", fontsize=11, color=INK)
    rows[0].set_ylabel("leaves, per µs")
    rows[0].legend(frameon=False, fontsize=8)
    rows[1].set_ylabel("in the receiver")
    rows[2].set(xlabel="time in ns", ylabel="g/2π in MHz")
    rows[2].set_title("sender solid, receiver dashed", loc="right", fontsize=8, color=QUIET_INK)
    for axes in rows:
        axes.set_ylim(0, None)
        _quieten(axes)
    for axes in rows[:-1]:
        axes.tick_params(labelbottom=False)


def _quieten(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=QUIET_INK, labelsize=8)
    axes.margins(x=0)
