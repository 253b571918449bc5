"""What a long run keeps in a file, so that it can be interrupted and go on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from weft.errors import InvalidValueError
from weft.files import write_file
from weft.simulator.result import Result
from weft.simulator.result_bytes import from_bytes, to_bytes

_SAVE_EVERY_S = 20.0


@dataclass
class Checkpoint:
    """A file that holds the full batches done so far.

    Attributes:
        path: of the file.
        task: everything that decides what the batches hold; a file of another task is refused.
    """

    path: Path
    task: str

    def __post_init__(self) -> None:
        self._saved_at = time.monotonic()

    def load(self) -> tuple[Result | None, int]:
        """What is in the file and how many batches that is; nothing if there is no file.

        Raises:
            InvalidValueError: if the file is of another task, or no checkpoint at all.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None, 0
        except OSError as error:
            raise InvalidValueError(
                f"`{self.path}` must be a file that can be read, but is not: {error.strerror}"
            ) from None
        try:
            result, remarks = from_bytes(data)
        except InvalidValueError:
            raise InvalidValueError(f"`{self.path}` must be a checkpoint that Weft wrote, but is not") from None
        if remarks.get("task") != self.task:
            raise InvalidValueError(
                f"`{self.path}` must hold a part of this very run, but holds one of `{result.circuit_name}` on "
                f"`{result.network_name}` with another program, backend, policy, seed or version"
            )
        return result, int(remarks["batches"])

    def is_due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved_at > _SAVE_EVERY_S

    def save(self, result: Result, batches: int) -> None:
        """Replaces the file as a whole.

        Raises:
            InvalidValueError: if it cannot be written.
        """
        write_file(self.path, to_bytes(result, task=self.task, batches=batches))
        self._saved_at = time.monotonic()
