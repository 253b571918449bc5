"""Messages between a process and its workers: pickled, each after its length."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

_LENGTH = struct.Struct(">Q")


def send(message: object, pipe: IO[bytes]) -> None:
    """Writes a message after its length."""
    data = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Waits for a message of the process at the other end, which is this one's parent or child.

    Raises:
        EOFError: if that has gone.
    """
    length = pipe.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        raise EOFError
    (wanted,) = _LENGTH.unpack(length)
    data = pipe.read(wanted)
    if len(data) < wanted:
        raise EOFError
    return pickle.loads(data)  # noqa: S301  # from a process of our own
