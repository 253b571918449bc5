"""Tasks on a Ray cluster, started on this machine or joined; the one place that knows Ray."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from weft.errors import EngineError, InvalidValueError
from weft.interrupts import heard
from weft.study.outcome import Outcome, failure, measure
from weft.study.ray_head import Head
from weft.study.task import Task

_AHEAD = 2  # tasks per core that are handed to Ray at a time; it need not hold them all
_RETRIES = 3  # of a task whose worker or machine dies; one that kills its worker each time fails
_LOOK_AROUND_S = 0.5
_LEAVING_S = 10.0


@dataclass(frozen=True)
class RayEngine:
    """Runs tasks on Ray, each on one core. If a worker or its machine dies, its tasks run again elsewhere, three times at most.

    Attributes:
        address: of a running cluster, such as `10.0.0.1:6379`, or `auto`; None starts Ray on this machine, for this run alone.
            All machines must have the same Weft.
        workers: how many cores to give to a Ray that is started; all by default. A cluster that is joined has as many as it has.

    Raises:
        InvalidValueError: if Ray is not installed, or `workers` cannot be.
    """

    address: str | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        _ray()
        if self.address is not None and self.workers is not None:
            raise InvalidValueError("`workers` must not be given with an `address`: a cluster has as many as it has")
        if self.workers is not None and not 1 <= self.workers <= 4096:
            raise InvalidValueError(f"`workers` must lie in 1 … 4,096, but is {self.workers}")

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        """As `Engine.run` says.

        Raises:
            EngineError: if the cluster does not answer, or no longer; outcomes that were given before stand. Ray 2.60 itself ends
                the whole process about a minute after it has lost its cluster; shutting Ray down before does not change that.
        """
        ray = _ray()
        joined = ray.is_initialized()
        if not joined:
            self._connect(ray)
        crew = _Crew(ray, tasks)
        try:
            for done in range(len(tasks)):
                yield crew.next_outcome(done)
        except KeyboardInterrupt:
            heard()
            raise
        finally:
            crew.leave(shut_down=not joined)

    def _connect(self, ray: Any) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # without it, newer versions warn
        os.environ.setdefault("RAY_task_oom_retries", str(_RETRIES))
        if self.address and not Head(_found(self.address)).answers():
            raise EngineError(f"the Ray cluster at `{self.address}` must answer, but does not")
        options = {} if self.address else {"num_cpus": self.workers, "include_dashboard": False}
        try:
            ray.init(address=self.address or "local", log_to_driver=False, logging_level="ERROR", **options)
        except Exception as error:  # noqa: BLE001  # Ray raises many kinds
            where = f"the Ray cluster at `{self.address}` must answer" if self.address else "Ray must start"
            raise EngineError(f"{where}, but does not: {_first_line(error)}") from None


def _found(address: str) -> str:
    """What `auto` stands for, which may be a cluster of yesterday; Ray says if there is none."""
    if address == "auto":
        with suppress(Exception):
            from ray._private.services import canonicalize_bootstrap_address

            return str(canonicalize_bootstrap_address(address))
    return address


class _Crew:
    """The tasks of one run on a cluster. A thread talks to Ray, because Ray's calls wait for a cluster that is lost."""

    def __init__(self, ray: Any, tasks: Sequence[Task]) -> None:
        self._ray, self._waiting, self._count = ray, list(reversed(tasks)), len(tasks)
        self._running: dict[Any, Task] = {}
        self._finished: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
        self._stopped = threading.Event()
        head = Head(ray.get_runtime_context().gcs_address)
        self._head = head if head.answers() else Head("")  # what could not be asked from the start is left to Ray
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def next_outcome(self, done: int) -> Outcome:
        found: Outcome | Exception | None
        while True:
            try:
                found = self._finished.get(timeout=_LOOK_AROUND_S)
            except queue.Empty:
                found = _Lost() if self._head.is_lost() else None
            if isinstance(found, _Lost):
                raise EngineError(
                    f"the Ray cluster at `{self._head.address}` must answer until all is done, but was lost after {done:,} of "
                    f"{self._count:,} tasks of this run; what is done is kept, and the same command goes on from there"
                )
            if isinstance(found, Exception):
                raise found
            if found is not None:
                return found

    def leave(self, *, shut_down: bool) -> None:
        """Leaving ends what runs; from a cluster that is lost, Ray may never get away by itself."""
        self._stopped.set()
        if self._head.answers():
            self._thread.join(_LEAVING_S)
            self._leave(shut_down)
        else:
            leaving = threading.Thread(target=self._leave, args=(shut_down,), daemon=True)
            leaving.start()
            leaving.join(_LEAVING_S)

    def _leave(self, shut_down: bool) -> None:
        # A session of the caller's own goes on; there, tasks are asked to end, because Ray 2.60 aborts the process at times if they
        # are forced to.
        if shut_down:
            self._ray.shutdown()
        else:
            for reference in self._running:
                self._ray.cancel(reference)

    def _feed(self) -> None:
        try:
            remote = self._ray.remote(num_cpus=1, max_retries=_RETRIES)(measure)
            while (self._waiting or self._running) and not self._stopped.is_set():
                self._hand_over(remote)
                done, _ = self._ray.wait(list(self._running), num_returns=1, timeout=_LOOK_AROUND_S)
                for reference in done:
                    self._finished.put(self._outcome(reference, self._running.pop(reference)))
        except Exception as error:  # noqa: BLE001  # raised where the outcomes are taken
            self._finished.put(error if self._head.answers() else _Lost())

    def _hand_over(self, remote: Any) -> None:
        room = _AHEAD * max(int(self._ray.cluster_resources().get("CPU", 1)), 1)
        while self._waiting and len(self._running) < room:
            task = self._waiting.pop()
            self._running[remote.remote(task)] = task

    def _outcome(self, reference: Any, task: Task) -> Outcome:
        try:
            found: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise EngineError(_first_line(error.cause if isinstance(error.cause, EngineError) else error)) from None
        except self._ray.exceptions.RayError as error:
            self._stopped.wait(_LOOK_AROUND_S)  # a cluster that goes away does not end all at once
            if not self._head.answers():
                raise _Lost from None
            reason = f"its worker died {_RETRIES + 1} times ({type(error).__name__}: {_first_line(error)})"
            return failure(task, reason)
        return found


class _Lost(Exception):  # noqa: N818  # never leaves this file
    """The cluster does not answer any more."""


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise InvalidValueError(
            "Ray must be installed to run on a cluster, but is not: pip install 'weft[cluster]'"
        ) from None
    return ray
