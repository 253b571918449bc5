"""Files of rows, each called by the hash of what it holds: written whole, never changed, and known for spoilt when they are.

A file that is not what its name says is never overwritten or deleted, but kept aside under another name.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.files import write_file
from weft.study.rows import from_parquet, to_parquet

PACKED = "packed-"
_DIGITS = 24
_ASIDE = ".damaged"


class DamagedStoreWarning(UserWarning):
    """A store has lost rows or its index, and says which tasks run again."""


@dataclass(frozen=True)
class RowFiles:
    """A directory of files of rows.

    Attributes:
        directory: where they are.
    """

    directory: Path

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self.directory / name

    @property
    def names(self) -> list[str]:
        """Of all files, sound or not, in order."""
        return sorted(path.name for path in self.directory.glob("*.parquet"))

    def write(self, rows: list[dict[str, Any]], prefix: str = "") -> str:
        """Writes a file that is called by what it holds, so that two processes never mean different things by one name.

        Raises:
            InvalidValueError: if it cannot be written; then there is none.
        """
        content = to_parquet(rows)
        name = f"{prefix}{_digits(content)}.parquet"
        with suppress(FileNotFoundError):
            if self._content(name) != content:
                self.keep_aside(name)
        write_file(self.path(name), content)
        return name

    def read(self, name: str) -> list[dict[str, Any]] | None:
        """The rows of a file, with the name in `file`; None if it is not there, or is not what was written.

        Raises:
            InvalidValueError: if it is there, but must not be read.
        """
        try:
            content = self._content(name)
            if name.removeprefix(PACKED) != f"{_digits(content)}.parquet":
                return None
            return [{**row, "file": name} for row in from_parquet(content, self.path(name))]
        except FileNotFoundError:
            return None

    def keep_aside(self, name: str) -> None:
        """Gives a damaged file another name, if it is there."""
        keep_aside(self.path(name))

    def _content(self, name: str) -> bytes:
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise InvalidValueError(
                f"`{self.path(name)}` must be a file that can be read, but is not: {error.strerror}"
            ) from None


def keep_aside(path: Path) -> None:
    """Gives a file a name of its own that ends with `.damaged`; another process may have done so meanwhile."""
    for number in count(1):
        aside = Path(f"{path}{_ASIDE}{'' if number == 1 else number}")
        if not aside.exists():
            with suppress(FileNotFoundError):
                path.rename(aside)
            return


def _digits(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
