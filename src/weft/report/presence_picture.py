"""The picture of where logical qubits live: a lane each, with their copies below them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.program.whereabouts import Whereabouts
from weft.report import frame, palette
from weft.report.picture_file import DOTS_PER_INCH
from weft.report.presence import Cells, PresenceLanes, lay_presence
from weft.report.presence_frame import KEY_INCHES, WIDTH, add_key, add_numbers, label_axis, least_height

_LANE_INCHES = ((16, 0.36), (40, 0.26), (128, 0.19))  # up to so many lanes
_HOME = 0.46  # of a lane's height
_GAP = 0.06


def draw_presence(found: Whereabouts) -> Any:
    """A figure with a lane for each logical qubit."""
    lanes = lay_presence(found)
    count = max(found.num_logical, 1)
    lane = next((inches for most, inches in _LANE_INCHES if count <= most), _LANE_INCHES[-1][1])
    height = count * lane
    figure = frame.new_figure(WIDTH, frame.TOP + max(height, least_height(found)) + frame.BOTTOM)
    add_numbers(figure, found)
    axes = frame.add_panel(figure, frame.TOP, height, right=KEY_INCHES)
    axes.set_ylim(count, 0)
    crowded = found.program.ebits and not len(lanes.marks)
    label_axis(axes, found, "; too many Bell pairs to mark" if crowded else "")
    frame.add_bands(axes, lanes.bands, letters_per_lane=lane / 0.1)
    _draw_cells(axes, found, lanes, round(lane * DOTS_PER_INCH))
    _draw_marks(axes, lanes, lane)
    labels = [f"q{logical}" for logical in lanes.order]
    axes.set_yticks(np.arange(len(labels)) + 0.5, labels, fontsize=7.5 if lane > 0.2 else 6.5)
    frame.add_legend(figure, _legend(lanes))
    add_key(figure, found)
    return figure


def _draw_cells(axes: Any, found: Whereabouts, lanes: PresenceLanes, pixels: int) -> None:
    """One image, a pixel of it to a pixel of the picture, so that no copy falls between two."""
    colours = np.array(palette.qpu_colours(len(found.program.network.qpus)), dtype=np.uint8)
    homes, copies = _colour(lanes.homes, colours), _colour(lanes.copies, colours)
    count, columns = lanes.homes.qpus.shape
    if not count:
        return
    image = np.zeros((count, pixels, columns, 4), dtype=np.uint8)
    gap, home = max(round(_GAP * pixels), 1), round(_HOME * pixels)
    image[:, gap : gap + home] = homes[:, None]
    slot, between = _slot_pixels(pixels - 3 * gap - home, lanes.slots)
    for number in range(lanes.slots):
        top = 2 * gap + home + number * (slot + between)
        image[:, top : top + slot] = copies[number :: lanes.slots][:, None]
    axes.imshow(
        image.reshape(count * pixels, columns, 4), extent=(0, max(len(found.program), 1), count, 0),
        aspect="auto", interpolation="nearest", zorder=2,
    )  # fmt: skip


def _slot_pixels(room: int, slots: int) -> tuple[int, int]:
    """How high each slot is, and how far apart two are."""
    between = 1 if room >= 3 * slots - 1 else 0
    return max(min((room - between * (slots - 1)) // slots, 8), 1), between


def _colour(cells: Cells, colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = np.zeros((*cells.qpus.shape, 4), dtype=np.uint8)
    image[..., :3] = colours[cells.qpus]
    image[..., 3] = np.rint(255 * cells.strength)
    return image


def _draw_marks(axes: Any, lanes: PresenceLanes, lane_inches: float) -> None:
    rows, places = lanes.marks.T
    axes.plot(
        rows, places + _GAP + _HOME / 2, "o", color=palette.INK, markersize=max(9 * lane_inches, 2.4),
        markeredgewidth=1.4 * lane_inches, markeredgecolor="white", zorder=3, clip_on=False,
    )  # fmt: skip


def _legend(lanes: PresenceLanes) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    grey = palette.QUIET_INK
    mark: dict[str, Any] = {"color": "none", "marker": "o", "markerfacecolor": palette.INK, "markeredgecolor": "white"}
    shown = [
        (True, Patch(color=grey, label="data qubit, in the colour of its QPU")),
        (
            bool((lanes.copies.qpus >= 0).any()),
            Line2D([], [], color=grey, linewidth=2, label="copy elsewhere, likewise"),
        ),
        (len(lanes.marks) > 0, Line2D([], [], label="takes Bell pairs", **mark)),
    ]
    return [handle for is_there, handle in shown if is_there]
