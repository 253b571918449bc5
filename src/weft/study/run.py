"""The one verb of this room: sweep → table, over a store that knows what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from weft.interrupts import heard, held_back
from weft.study.engine import Engine
from weft.study.local_engine import LocalEngine
from weft.study.outcome import Outcome
from weft.study.store import Store
from weft.study.sweep import Sweep
from weft.study.table import Table
from weft.study.task import Task

Progress = Callable[[int, int], None]


def run(
    sweep: Sweep | Iterable[Task],
    *,
    store: Store | str | Path | None = None,
    engine: Engine | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> Table:
    """Runs every task of a sweep that is not in the store yet.

    If it is interrupted, what is done is in the store, and the same call goes on from there. Tasks whose rows the store has lost
    run again, and a `DamagedStoreWarning` says so.

    Args:
        sweep: or tasks.
        store: keeps what is done, task by task, and knows what was done before; None keeps nothing.
        engine: runs tasks; `LocalEngine()` by default. Outcomes do not depend on it.
        retry_failed: run tasks again that are in the store as failed.
        progress: called with the number of tasks done, and of all tasks, at the beginning and after each.

    Raises:
        WeftError: if a circuit or network cannot be loaded, or no worker can be started. Tasks that fail do not raise; they are in
            `Table.failures`.
    """
    name, tasks = (sweep.name, sweep.tasks()) if isinstance(sweep, Sweep) else ("tasks", tuple(sweep))
    kept = store if store is None or isinstance(store, Store) else Store(store)
    if kept is not None:
        kept.mend()
    by_id = {task.id: task for task in tasks}
    done: dict[str, Outcome] = {} if kept is None else kept.outcomes(by_id.values())
    if retry_failed:
        done = {task: outcome for task, outcome in done.items() if not outcome.failed}
    tell = progress or (lambda *_: None)
    tell(len(done), len(by_id))
    todo = [task for task in by_id.values() if task.id not in done]
    with closing((engine or LocalEngine()).run(todo)) as outcomes:
        try:
            for outcome in outcomes:
                with held_back():
                    if kept is not None:
                        kept.append(by_id[outcome.task], outcome)
                    done[outcome.task] = outcome
                    tell(len(done), len(by_id))
        except KeyboardInterrupt:
            heard()  # it must not come again while workers are stopped
            raise
    if kept is not None:
        kept.pack()
    return Table(name, tasks, done)
