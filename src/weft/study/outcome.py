"""What came of a task, and the one function that every engine calls to find out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from weft._version import __version__
from weft.compiler import OBJECTIVES, compile_circuit
from weft.errors import EngineError, WeftError
from weft.program import Program
from weft.simulator import CAUSES, Result, simulate
from weft.study.task import Task

_MOST_PROGRAMS = 4
_LONGEST_ERROR = 2000


@dataclass(frozen=True)
class Outcome:
    """What a task gave, or why it gave nothing.

    Attributes:
        task: its id.
        error: why it failed; None if it did not. Then all else is None or empty.
        fidelity: in [0, 1]; None if it could not be estimated.
        fidelity_stderr: its standard error.
        definition: of the fidelity.
        makespan_s: mean duration of a shot.
        makespan_stderr_s: standard error of that mean; None for a single shot.
        makespan_p50_s: the median.
        makespan_p95_s: 95 % of shots are done by then.
        ebits: Bell pairs taken in each shot.
        error_budget: what each cause costs; see `weft.Result.error_budget`.
        backend_used: which backend ran it.
        notes: approximations that the reader must know of.
        counts: how often each outcome came, if that was to be kept.
        cpu_seconds: of compiling, if the program was not there yet, and simulating. Two outcomes are equal without them.
    """

    task: str
    error: str | None = None
    fidelity: float | None = None
    fidelity_stderr: float | None = None
    definition: str | None = None
    makespan_s: float | None = None
    makespan_stderr_s: float | None = None
    makespan_p50_s: float | None = None
    makespan_p95_s: float | None = None
    ebits: int | None = None
    error_budget: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(CAUSES))
    backend_used: str | None = None
    notes: tuple[str, ...] = ()
    counts: Mapping[str, int] | None = None
    cpu_seconds: float | None = field(default=None, compare=False)

    @property
    def failed(self) -> bool:
        """Whether the task gave nothing."""
        return self.error is not None

    @property
    def columns(self) -> dict[str, Any]:
        """What a table of outcomes shows; the error budget by cause."""
        kept = {
            name: value for name, value in vars(self).items() if name not in ("task", "error_budget", "notes", "counts")
        }
        return {**kept, **{f"error_budget.{cause}": loss for cause, loss in self.error_budget.items()}}


def failure(task: Task, reason: str) -> Outcome:
    """The outcome of a task that gave nothing."""
    return Outcome(task.id, error=reason[:_LONGEST_ERROR])


def measure(task: Task) -> Outcome:
    """Compiles and simulates a task, on one thread; whatever goes wrong is in the outcome.

    Raises:
        EngineError: if the task is of another version of Weft.
    """
    if task.version != __version__:
        raise EngineError(
            f"all machines must have the same Weft, but the task is of {task.version} and this is {__version__}"
        )
    started = time.process_time()
    try:
        result = simulate(
            _program(task), shots=task.shots, seed=task.seed, backend=task.backend, policy=task.policy, workers=1
        )
        found = _outcome(task, result)
    except WeftError as error:
        found = failure(task, f"{type(error).__name__}: {error}")
    except MemoryError:
        found = failure(task, "this needs more memory than there is; fewer qubits or shots need less")
    except Exception as error:  # noqa: BLE001  # the rest of the sweep goes on
        found = failure(task, f"internal error, please report it ({type(error).__name__}: {error})")
    return replace(found, cpu_seconds=time.process_time() - started)


_programs: dict[tuple[str | int | float, ...], Program] = {}
"""The last few of this process, because many tasks differ in their seed or policy only."""


def _program(task: Task) -> Program:
    key = task.compiled_from
    if key not in _programs:
        network = task.network.without_trusted_nodes() if task.policy.trusted_nodes == "forbid" else task.network
        compiled = compile_circuit(
            task.circuit,
            network,
            seed=task.compile_seed,
            effort=task.effort,
            objective=OBJECTIVES[task.objective],
            approximation=task.approximation,
        )
        while len(_programs) >= _MOST_PROGRAMS:
            del _programs[next(iter(_programs))]
        _programs[key] = compiled.program
    return _programs[key]


def _outcome(task: Task, result: Result) -> Outcome:
    fidelity, makespan, shots = result.fidelity, result.makespan, result.shots
    spread = float(np.std(result.makespans_s, ddof=1)) if shots > 1 else None
    return Outcome(
        task.id,
        fidelity=fidelity.value,
        fidelity_stderr=fidelity.stderr,
        definition=fidelity.definition,
        makespan_s=makespan.mean,
        makespan_stderr_s=None if spread is None else spread / shots**0.5,
        makespan_p50_s=makespan.p50,
        makespan_p95_s=makespan.p95,
        ebits=result.ebits,
        error_budget=result.error_budget,
        backend_used=result.backend,
        notes=result.notes,
        counts=dict(result.counts) if task.counts else None,
    )
