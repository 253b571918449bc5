"""Whether the head of a Ray cluster answers. Ray itself waits for minutes, and then ends the process.

The head speaks HTTP/2, as gRPC does, where a server's first words are its settings (RFC 9113, section 3.4).
"""

from __future__ import annotations

import os
import socket
import time

_ANSWER_S = 5.0
_PATIENCE_S = 15.0
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS = 4
_KIND = 3
"""Where the kind of a frame stands."""


class Head:
    """The head of a cluster.

    Args:
        address: such as `10.0.0.1:6379` or `ray://10.0.0.1:10001`; others, such as `auto`, are left to Ray.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._heard_s = time.monotonic()

    def answers(self) -> bool:
        """Whether it answers now, within a few seconds; true if it is not known where it is."""
        host, _, port = self.address.rpartition("://")[2].rpartition(":")
        if not host or not port.isdecimal():
            return True
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S) as line:
                return "RAY_USE_TLS" in os.environ or _greets(line)
        except (OSError, OverflowError):
            return False

    def is_lost(self) -> bool:
        """Whether it has not answered for a while, being asked again and again."""
        if self.answers():
            self._heard_s = time.monotonic()
        return time.monotonic() - self._heard_s > _PATIENCE_S


def _greets(line: socket.socket) -> bool:
    line.sendall(_GREETING)
    said = b""
    while len(said) <= _KIND:
        more = line.recv(64)
        if not more:
            return False
        said += more
    return said[_KIND] == _SETTINGS
