"""A process that does one task after another: tasks come on standard input, outcomes go to standard output."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

from weft.study.messages import receive, send
from weft.study.outcome import measure
from weft.study.task import Task

READY = "ready"


def main() -> None:
    """Works until standard input ends, which it does when the process that started this one has gone, however it went."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches all processes of a terminal; the first of them decides
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints must not get between answers
    tasks: queue.SimpleQueue[Task | Exception] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, tasks), daemon=True).start()
    send(READY, answers)
    while True:
        task = tasks.get()
        try:
            send(task if isinstance(task, Exception) else measure(task), answers)
        except Exception as error:  # noqa: BLE001  # raised on the other side
            send(error, answers)


def _receive(source: BinaryIO, tasks: queue.SimpleQueue[Task | Exception]) -> None:
    while True:
        try:
            tasks.put(receive(source))
        except EOFError:
            os._exit(0)
        except Exception as error:  # noqa: BLE001  # a task that cannot be read
            tasks.put(error)


if __name__ == "__main__":
    main()
