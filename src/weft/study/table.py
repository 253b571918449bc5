"""What came of a whole sweep: its tasks in their order, each with its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from weft.study.outcome import Outcome
from weft.study.task import Task

_NAMES = ("circuit", "network")


@dataclass(frozen=True)
class Table:
    """Tasks and their outcomes.

    Attributes:
        name: of the sweep.
        tasks: in the order of the sweep; two of them may be equal.
        outcomes: by id of the task.
    """

    name: str
    tasks: tuple[Task, ...]
    outcomes: Mapping[str, Outcome]

    def __len__(self) -> int:
        """How many tasks."""
        return len(self.tasks)

    def __getitem__(self, position: int) -> Outcome:
        """The outcome of the task at a position."""
        return self.outcomes[self.tasks[position].id]

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """Values by name of column, one per task: names, parameters, options, and what came out; None where a task has no such."""
        rows = [{**task.columns, "task": task.id, **self.outcomes[task.id].columns} for task in self.tasks]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """Columns that say what differs between tasks; not names that follow from another, as `qft:8` from n = 8."""
        names = dict.fromkeys(name for task in self.tasks for name in task.columns)
        found = [name for name in names if len({repr(value) for value in self.columns[name]}) > 1]
        others = [name for name in found if name not in _NAMES]
        return tuple(name for name in found if name in others or not any(self.follows(name, other) for other in others))

    def follows(self, name: str, other: str) -> bool:
        """Whether the value in one column decides that in another."""
        both = {(repr(x), repr(y)) for x, y in zip(self.columns[other], self.columns[name], strict=True)}
        return len(both) == len({x for x, _ in both})

    @cached_property
    def failures(self) -> dict[str, str]:
        """Why tasks failed, by their ids."""
        found = {task.id: self.outcomes[task.id].error for task in self.tasks}
        return {task: error for task, error in found.items() if error is not None}

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Approximations that the reader must know of, each once."""
        return tuple(dict.fromkeys(note for task in self.tasks for note in self.outcomes[task.id].notes))
