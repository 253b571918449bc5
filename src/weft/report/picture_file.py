"""Pictures as files."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.files import check_writable, write_file

_FORMATS: dict[str, dict[str, None]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
DOTS_PER_INCH = 150


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


def save_picture(figure: Any, path: str | Path) -> None:
    """Writes a figure; the path's ending decides how.

    Raises:
        InvalidValueError: if the ending is another, or the file cannot be written.
    """
    suffix = check_picture_path(path)
    picture = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph"
        )  # a name in a script that the font lacks is no reason to complain
        figure.savefig(picture, format=suffix[1:], dpi=DOTS_PER_INCH, metadata=_FORMATS[suffix])
    write_file(path, picture.getvalue())
