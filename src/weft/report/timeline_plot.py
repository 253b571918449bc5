"""One shot as a picture."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.report.files import check_writable, write_file
from weft.report.lanes import count_lanes
from weft.report.slices import slice_shot
from weft.scheduler import Timelines

_FORMATS: dict[str, dict[str, None]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
_MOST_LANES = 40
_MOST_INSTRUCTIONS = 3_000
_DOTS_PER_INCH = 150


def check_picture_path(path: str | Path) -> str:
    """The ending of a picture's path, in lower case.

    Raises:
        InvalidValueError: if no picture of that kind can be drawn, or its folder does not exist.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise InvalidValueError(f"`path` must end in one of {', '.join(_FORMATS)}, but is `{path}`")
    check_writable(path)
    return suffix


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
    suffix = check_picture_path(path)
    slices = slice_shot(timelines, shot)
    figure: Any
    if count_lanes(slices) <= _MOST_LANES and len(slices.program) <= _MOST_INSTRUCTIONS:
        from weft.report.detailed_picture import draw_detailed

        figure = draw_detailed(slices)
    else:
        from weft.report.overview_picture import draw_overview

        figure = draw_overview(slices)
    picture = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph"
        )  # a name in a script that the font lacks is no reason to complain
        figure.savefig(picture, format=suffix[1:], dpi=_DOTS_PER_INCH, metadata=_FORMATS[suffix])
    write_file(path, picture.getvalue())
