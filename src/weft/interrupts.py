"""Ctrl-C, insistently: while kernels are compiled or loaded, a KeyboardInterrupt is swallowed or turned into another error."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_S = 0.5
_stopping = threading.Event()
_listening = False


def heard() -> None:
    """Whoever catches an interruption says so, and it is not repeated; does nothing where nobody listens."""
    if _listening and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def held_back() -> Iterator[None]:
    """Interruptions wait until what has to be done as a whole is done. On other threads than the first there are none."""
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))

    handlers = _handlers() if threading.current_thread() is threading.main_thread() else {}
    try:
        for number in handlers:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            number, frame = came[0]
            handlers[number](number, frame)


def _handlers() -> dict[int, Callable[[int, FrameType | None], Any]]:
    """What signals that interrupt do now; the one that repeats comes first, because the other is not to be missed."""
    numbers = [signal.SIGALRM, signal.SIGINT] if hasattr(signal, "SIGALRM") else [signal.SIGINT]
    found = {number: signal.getsignal(number) for number in numbers}
    return {number: handler for number, handler in found.items() if callable(handler)}


@contextmanager
def stopping() -> Iterator[None]:
    """Asks work on other threads to stop at the next opportunity."""
    _stopping.set()
    try:
        yield
    finally:
        _stopping.clear()


def stop_if_asked() -> None:
    """Long loops on other threads call this now and then.

    Raises:
        KeyboardInterrupt: if they are to stop.
    """
    if _stopping.is_set():
        raise KeyboardInterrupt


class Interrupts:
    """Raises KeyboardInterrupt when the user interrupts, and again until someone has heard it.

    Attributes:
        came: whether the user has interrupted.
    """

    def __init__(self) -> None:
        self.came = False

    def listen(self) -> None:
        """From here on, interruptions are remembered and repeated."""
        global _listening  # noqa: PLW0603  # signals belong to the whole process
        _listening = True
        signal.signal(signal.SIGINT, self._interrupt)
        sys.unraisablehook = self._unraisable

    def _interrupt(self, *_: int | FrameType | None) -> None:
        self.came = True
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        raise KeyboardInterrupt

    def _unraisable(self, what: UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(what)
