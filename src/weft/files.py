"""Writes a report's file whole or not at all, and says so plainly when that cannot be done."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from weft.errors import InvalidValueError


def check_writable(path: str | Path) -> None:
    """Refuses, before any work is done, a path that could not be written to in the end.

    Raises:
        InvalidValueError: if it is a folder, or lies in one that does not exist.
    """
    folder = Path(path).absolute().parent
    if Path(path).is_dir():
        raise InvalidValueError(f"`path` must be a file that can be written, but `{path}` is not: it is a folder")
    if not folder.is_dir():
        raise InvalidValueError(f"`path` must be a file that can be written, but `{path}` is not: no folder {folder}")


def write_file(path: str | Path, content: bytes) -> None:
    """Writes a file, replacing what was there; if that fails, what was there stays.

    Raises:
        InvalidValueError: if it cannot be written.
    """
    partial = Path(f"{path}.{secrets.token_hex(4)}.part")  # others may write the same
    try:
        if Path(path).is_dir():
            raise IsADirectoryError(21, "Is a directory")
        partial.write_bytes(content)
        partial.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            partial.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidValueError(f"`path` must be a file that can be written, but `{path}` is not: {reason}") from None
