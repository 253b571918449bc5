"""Tasks on a Ray cluster, started on this machine or joined; the one place that knows Ray."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from weft.errors import EngineError, InvalidValueError
from weft.interrupts import heard
from weft.study.outcome import Outcome, failure, measure
from weft.study.task import Task

_AHEAD = 2  # tasks per core that are handed to Ray at a time; it need not hold them all
_RETRIES = 3  # of a task whose worker or machine dies; one that kills its worker each time fails
_LOOK_AROUND_S = 0.5


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
        """As `Engine.run` says."""
        ray = _ray()
        joined = ray.is_initialized()
        if not joined:
            self._connect(ray)
        remote = ray.remote(num_cpus=1, max_retries=_RETRIES)(measure)
        waiting, running = list(reversed(tasks)), dict[Any, Task]()
        try:
            while waiting or running:
                room = _AHEAD * max(int(ray.cluster_resources().get("CPU", 1)), 1)
                while waiting and len(running) < room:
                    task = waiting.pop()
                    running[remote.remote(task)] = task
                done, _ = ray.wait(list(running), num_returns=1, timeout=_LOOK_AROUND_S)
                for reference in done:
                    yield _outcome(ray, reference, running.pop(reference))
        except KeyboardInterrupt:
            heard()
            raise
        finally:
            # Leaving ends what runs. A session of the caller's own goes on; there, tasks are asked to end, because Ray 2.60 aborts
            # the process at times if they are forced to.
            if not joined:
                ray.shutdown()
            else:
                for reference in running:
                    ray.cancel(reference)

    def _connect(self, ray: Any) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # without it, newer versions warn
        os.environ.setdefault("RAY_task_oom_retries", str(_RETRIES))
        options = {} if self.address else {"num_cpus": self.workers, "include_dashboard": False}
        try:
            ray.init(address=self.address or "local", log_to_driver=False, logging_level="ERROR", **options)
        except Exception as error:  # noqa: BLE001  # Ray raises many kinds
            where = f"the Ray cluster at `{self.address}` must answer" if self.address else "Ray must start"
            raise EngineError(f"{where}, but does not: {_first_line(error)}") from None


def _outcome(ray: Any, reference: Any, task: Task) -> Outcome:
    try:
        found: Outcome = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise EngineError(_first_line(error.cause if isinstance(error.cause, EngineError) else error)) from None
    except ray.exceptions.RayError as error:
        reason = f"its worker died {_RETRIES + 1} times ({type(error).__name__}: {_first_line(error)})"
        return failure(task, reason)
    return found


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
