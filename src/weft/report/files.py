"""Writes a report's file, and says so plainly when that cannot be done."""

from __future__ import annotations

from pathlib import Path

from weft.errors import InvalidValueError


def write_file(path: str | Path, content: bytes) -> None:
    """Writes a file, replacing what was there.

    Raises:
        InvalidValueError: if it cannot be written.
    """
    try:
        Path(path).write_bytes(content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidValueError(f"`path` must be a file that can be written, but `{path}` is not: {reason}") from None
