"""What runs tasks: an interface. Engines are values, and give the same outcomes for the same tasks."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from weft.study.outcome import Outcome
from weft.study.task import Task


class Engine(Protocol):
    """Runs tasks somewhere."""

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        """The outcome of every task, as they finish; closing the generator stops what still runs.

        A task that fails, even by ending the process that it runs in, gives an outcome with an error, and the rest go on.

        Raises:
            EngineError: if no worker can be started.
        """
        ...
