"""Sweeps run to their end, whatever their tasks do."""

import os
import signal
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from weft.errors import EngineError, InvalidValueError
from weft.study import LocalEngine, Outcome, Store, Sweep, Task, run
from weft.study import local_engine as local
from weft.study.outcome import failure, measure

SWEEP = Sweep("ghz:4", "line:2x2", {"links.*.fidelity": [0.9, 0.95]}, seed=range(2), shots=100)
TOO_BIG = Sweep("ghz:40", "line:2x2")


class Here:
    """An engine on this very process, which counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Task] = []

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        for task in tasks:
            self.asked.append(task)
            yield measure(task)


def test_a_sweep_is_a_table_in_its_own_order(tmp_path: Path) -> None:
    steps = []
    found = run(SWEEP, store=tmp_path, engine=LocalEngine(1), progress=lambda *step: steps.append(step))
    assert steps == [(done, 4) for done in range(5)]
    assert found.columns["links.*.fidelity"] == [0.9, 0.9, 0.95, 0.95]
    assert found.columns["seed"] == [0, 1, 0, 1]
    assert found.varied == ("links.*.fidelity", "seed")
    assert found.columns["fidelity"][0] < found.columns["fidelity"][2]
    assert found.outcomes == run(SWEEP, engine=Here()).outcomes
    assert sorted(Store(tmp_path).table()["fidelity"]) == sorted(found.columns["fidelity"])


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    first, second, third = Here(), Here(), Here()
    run(SWEEP.tasks()[:3], store=tmp_path, engine=first)
    found = run(SWEEP, store=tmp_path, engine=second)
    assert (len(first.asked), len(second.asked)) == (3, 1)
    run(SWEEP, store=tmp_path, engine=third)
    assert not third.asked
    assert not found.failures


def test_equal_tasks_run_once() -> None:
    engine = Here()
    found = run([*SWEEP.tasks(), *SWEEP.tasks()], engine=engine)
    assert len(engine.asked) == 4
    assert len(found) == 8
    assert found[0] == found[4]


def test_a_failed_task_is_kept_and_runs_again_only_if_asked(tmp_path: Path) -> None:
    tasks = [*TOO_BIG.tasks(), *SWEEP.tasks()]
    assert list(run(tasks, store=tmp_path, engine=Here()).failures) == [tasks[0].id]
    silent, asked = Here(), Here()
    assert run(tasks, store=tmp_path, engine=silent).failures[tasks[0].id].startswith("DoesNotFitError")
    assert not silent.asked
    run(tasks, store=tmp_path, engine=asked, retry_failed=True)
    assert asked.asked == [tasks[0]]


def test_no_tasks_are_no_work(tmp_path: Path) -> None:
    assert len(run([], store=tmp_path)) == 0


def test_a_task_that_takes_its_process_along_fails_alone() -> None:
    """The first process that gets to work is killed, once."""
    engine, killed = LocalEngine(1), []
    ask = local._ask

    def murderous(process, task):
        if not killed:
            killed.append(task)
            os.kill(process.pid, signal.SIGKILL)
        return ask(process, task)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "_ask", murderous)
        found = run(SWEEP, engine=engine)
    assert list(found.failures) == [killed[0].id]
    assert "SIGKILL, as happens where memory runs out" in found.failures[killed[0].id]
    good = run(SWEEP.tasks()[1:], engine=Here())
    assert {task: found.outcomes[task] for task in good.outcomes} == good.outcomes


def test_a_run_that_is_given_up_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = local.subprocess.Popen
    monkeypatch.setattr(local.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1])
    outcomes = LocalEngine(2).run(SWEEP.tasks())
    next(outcomes)
    outcomes.close()
    assert all(process.poll() is not None for process in started)


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    class Interrupted(Here):
        def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
            yield from super().run(tasks[:2])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(SWEEP, store=tmp_path, engine=Interrupted())
    assert len(Store(tmp_path)) == 2


def test_workers_that_cannot_start_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="must start, but the worker process ended with exit code 1"):
        run(SWEEP, engine=LocalEngine(1))
    with pytest.raises(InvalidValueError, match="`workers` must lie in"):
        LocalEngine(0)


def test_failures_are_short() -> None:
    assert len(str(failure(SWEEP.tasks()[0], "x" * 10**6).error)) < 10_000
