"""One shot as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weft.report.lanes import count_lanes
from weft.report.picture_file import check_picture_path, save_picture
from weft.report.slices import slice_shot
from weft.scheduler import Timelines

_MOST_LANES = 40
_MOST_INSTRUCTIONS = 3_000


def plot_timeline(timelines: Timelines, path: str | Path, *, shot: int = 0) -> None:
    """Draws one shot: who does what when, who waits, and what the links are doing.

    Up to 40 lanes and 3,000 instructions, each qubit and each link channel has a lane, and every instruction is drawn,
    once to scale and once with time stretched so that short instructions can be told apart. Beyond that, each QPU and
    each link has a lane that shows which fraction of it is busy, waiting or holding a pair.

    Args:
        timelines: sampled by the scheduler.
        path: of the picture, ending in `.png`, `.svg` or `.pdf`; what was there is replaced.
        shot: which timeline.

    Raises:
        InvalidValueError: if there is no such shot, the ending is another, or the file cannot be written.
    """
    check_picture_path(path)
    slices = slice_shot(timelines, shot)
    figure: Any
    if count_lanes(slices) <= _MOST_LANES and len(slices.program) <= _MOST_INSTRUCTIONS:
        from weft.report.detailed_picture import draw_detailed

        figure = draw_detailed(slices)
    else:
        from weft.report.overview_picture import draw_overview

        figure = draw_overview(slices)
    save_picture(figure, path)
