"""Tasks on processes of this machine.

Each worker is a Python process of its own (`worker.py`) with a thread here that feeds it. Pools of the standard library break with
the first process that dies; here only the task that it was at fails, and says why.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from weft.errors import EngineError, InvalidValueError
from weft.interrupts import heard
from weft.study.messages import receive, send
from weft.study.outcome import Outcome, failure
from weft.study.task import Task

_LOOK_AROUND_S = 0.5  # on some systems, waiting for a queue does not hear Ctrl-C


@dataclass(frozen=True)
class LocalEngine:
    """Runs tasks on processes of this machine.

    Attributes:
        workers: how many processes; one per core by default.

    Raises:
        InvalidValueError: if that is none.
    """

    workers: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and not 1 <= self.workers <= 4096:
            raise InvalidValueError(f"`workers` must lie in 1 … 4,096, but is {self.workers}")

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        """As `Engine.run` says."""
        count = min(self.workers or os.cpu_count() or 1, len(tasks))
        crew = _Crew(tasks)
        try:
            crew.start(count)
            for _ in tasks:
                yield crew.next_outcome()
        except KeyboardInterrupt:
            heard()
            raise
        finally:
            crew.stop()


class _Crew:
    """The processes of one run, and what they still have to do."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            self._tasks.put(task)
        self._finished: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []
        self._lock, self._stopped = threading.Lock(), False

    def start(self, count: int) -> None:
        for _ in range(count):
            self._threads.append(threading.Thread(target=self._feed, daemon=True))
            self._threads[-1].start()

    def next_outcome(self) -> Outcome:
        while True:
            try:
                found = self._finished.get(timeout=_LOOK_AROUND_S)
            except queue.Empty:
                continue
            if isinstance(found, Exception):
                raise found
            return found

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            processes, self._processes = self._processes, []
        for process in processes:
            process.kill()
        for thread in self._threads:
            thread.join()
        for process in processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # a task may be half written
                    pipe.close()  # type: ignore[union-attr]  # both are there

    def _feed(self) -> None:
        """One worker's thread: hands over task after task, and replaces the process if it dies."""
        process: subprocess.Popen[bytes] | None = None
        try:
            while not self._stopped:
                task = self._tasks.get_nowait()
                process = process or self._new_process()
                outcome = _ask(process, task)
                if outcome is None:
                    outcome, process = failure(task, _cause_of_death(process)), None
                if not self._stopped:
                    self._finished.put(outcome)
        except queue.Empty:
            pass
        except Exception as error:  # noqa: BLE001  # raised where the outcomes are taken
            self._finished.put(error)

    def _new_process(self) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109  # as text
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        with self._lock:
            if self._stopped:
                raise EngineError("workers must not be started after the end, but one was asked for")
            process = subprocess.Popen(
                [sys.executable, "-m", "weft.study.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
            self._processes.append(process)
        if _answer(process) is None:
            raise EngineError(f"a worker process must start, but {_cause_of_death(process)} before its first task")
        return process


def _ask(process: subprocess.Popen[bytes], task: Task) -> Outcome | None:
    """What a worker finds; None if it dies."""
    assert process.stdin is not None
    try:
        send(task, process.stdin)
    except OSError:
        return None
    found = _answer(process)
    if isinstance(found, Exception):
        raise found
    return found if isinstance(found, Outcome) else None


def _answer(process: subprocess.Popen[bytes]) -> Any:
    assert process.stdout is not None
    try:
        return receive(process.stdout)
    except (OSError, EOFError):
        return None


def _cause_of_death(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    if code >= 0:
        return f"the worker process ended with exit code {code}"
    hint = ", as happens where memory runs out" if -code == signal.SIGKILL else ""
    return f"the worker process was ended by {signal.Signals(-code).name}{hint}"
