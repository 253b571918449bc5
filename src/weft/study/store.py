"""Where outcomes are kept: rows in Parquet files, and an index in SQLite that says in which file each task's row counts.

A file is written whole before the index names it, and the index changes in transactions, so that neither a crash nor another
process that appends meanwhile loses or spoils anything. Files are never changed. If one is lost or spoilt all the same, its tasks
count as not done; if the index is, it is made again from the files.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.study.outcome import Outcome
from weft.study.row_files import PACKED, DamagedStoreWarning, RowFiles, keep_aside
from weft.study.rows import outcome_of, row_of, without_json
from weft.study.task import Task

_FORMAT = 1
_WAIT_S = 60.0  # for another process that writes to the index
_LOOSE_FILES = 64
_TRIES = 5

_SCHEMA = "CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, file TEXT NOT NULL, failed INTEGER NOT NULL)"
_INSERT = (
    "INSERT INTO tasks VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
    "SET file = excluded.file, failed = excluded.failed WHERE failed"
)
"""What succeeded stays; what failed gives way."""


@dataclass(frozen=True)
class Loss:
    """Tasks whose rows are lost with a file. As a string, it says so.

    Attributes:
        file: that is missing or unreadable.
        tasks: their ids.
    """

    file: Path
    tasks: frozenset[str]

    def __str__(self) -> str:
        count = len(self.tasks)
        whose, they = ("1 task's row is", "it") if count == 1 else (f"{count:,} tasks' rows are", "they")
        return f"{whose} missing or unreadable: {self.file}; {they} will run again"


@dataclass(frozen=True)
class Store:
    """A directory of outcomes, which is made when it is not there.

    An index that is missing or unreadable is made again from the files, with a `DamagedStoreWarning`.

    Attributes:
        directory: with `index.sqlite` and `rows/*.parquet`.

    Raises:
        InvalidValueError: if it cannot be a store.
    """

    directory: str | Path

    def __post_init__(self) -> None:
        try:
            self._rows.directory.mkdir(parents=True, exist_ok=True)
            if self._rows.names and self._index_is_spoilt():
                keep_aside(self._index_path)
            with self._index() as index:
                if not _is_made(index):
                    self._make(index)
        except OSError as error:
            raise InvalidValueError(
                f"`store` must be a directory that can be written, but `{self.directory}` is not: {error.strerror}"
            ) from None

    def __len__(self) -> int:
        """How many tasks its index knows of, failed ones included."""
        with self._index() as index:
            [(count,)] = index.execute("SELECT count(*) FROM tasks")
        return int(count)

    def append(self, task: Task, outcome: Outcome) -> None:
        """Keeps what a task gave; the row of a task that succeeded before stays as it is."""
        self._append([row_of(task, outcome)])

    def statuses(self) -> dict[str, bool]:
        """Whether each task failed, by id."""
        with self._index() as index:
            return {task: bool(failed) for task, failed in index.execute("SELECT id, failed FROM tasks")}

    def outcomes(self, tasks: Iterable[Task]) -> dict[str, Outcome]:
        """What is known of some tasks, by id."""
        wanted = {task.id for task in tasks}
        return {row["task"]: outcome_of(row) for row in self.rows() if row["task"] in wanted}

    def rows(self) -> list[dict[str, Any]]:
        """All rows that can be read, as files have them."""
        return self._survey()[0]

    def losses(self) -> tuple[Loss, ...]:
        """Tasks that the index knows, but whose rows are gone; nothing is changed."""
        return self._survey()[1]

    def mend(self) -> tuple[Loss, ...]:
        """Forgets tasks whose rows are gone, so that they can run again, and keeps spoilt files aside as `….damaged`.

        A `DamagedStoreWarning` says so of each file.

        Returns:
            What was forgotten.
        """
        losses = self.losses()
        for loss in losses:
            name = loss.file.name
            if self._rows.read(name) is None:
                self._rows.keep_aside(name)
            with self._index() as index:
                index.executemany("DELETE FROM tasks WHERE id = ? AND file = ?", [(task, name) for task in loss.tasks])
        _warn(losses)
        return losses

    def table(self) -> dict[str, list[Any]]:
        """All rows as columns by name, of equal lengths; parameters have columns of their own, None where a task has no such.

        A `DamagedStoreWarning` says which rows are gone.
        """
        found, losses = self._survey()
        _warn(losses)
        rows = [without_json(row) for row in found]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}

    def merge(self, other: Store | str | Path) -> int:
        """Takes over what another store knows and this one does not; doing so again changes nothing.

        Rows that are gone here are taken over, too, if the other store has them. A `DamagedStoreWarning` says which are gone there.

        Returns:
            How many tasks were new, or failed here and succeeded there.

        Raises:
            InvalidValueError: if the other is no store.
        """
        if not isinstance(other, Store):
            if not (Path(other) / "index.sqlite").is_file() and not (Path(other) / "rows").is_dir():
                raise InvalidValueError(
                    f"`{other}` must be a store that Weft wrote, but is not: it has no index.sqlite and no rows"
                )
            other = Store(other)
        self.mend()
        here = self.statuses()
        there, losses = other._survey()
        _warn(losses, "; nothing of that was taken over")
        new = [row for row in there if here.get(row["task"], True) and not (row["task"] in here and row["error"])]
        self._append(new)
        return len(new)

    def pack(self) -> None:
        """Joins many small files into one, if there are many; what is read or appended meanwhile is not disturbed."""
        if sum(not name.startswith(PACKED) for name in set(self._file_of().values())) < _LOOSE_FILES:
            return
        rows = self.rows()
        before = {row["file"] for row in rows}
        packed = self._rows.write(rows, PACKED)
        with self._index() as index:
            moved = [(packed, row["task"], row["file"]) for row in rows]
            index.executemany("UPDATE tasks SET file = ? WHERE id = ? AND file = ?", moved)
            used = {file for (file,) in index.execute("SELECT DISTINCT file FROM tasks")}
        for name in before - used:
            self._rows.path(name).unlink(missing_ok=True)

    @property
    def _rows(self) -> RowFiles:
        return RowFiles(Path(self.directory) / "rows")

    @property
    def _index_path(self) -> Path:
        return Path(self.directory) / "index.sqlite"

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        file = self._rows.write(rows)
        with self._index() as index:
            index.executemany(_INSERT, [_entry(row, file) for row in rows])

    def _survey(self) -> tuple[list[dict[str, Any]], tuple[Loss, ...]]:
        """The rows that count, and those that are gone. Where another process has packed files meanwhile, it looks again."""
        for _ in range(_TRIES):
            file_of = self._file_of()
            read = {name: self._rows.read(name) for name in sorted(set(file_of.values()))}
            rows = [row for found in read.values() for row in found or () if file_of.get(row["task"]) == row["file"]]
            there = {row["task"] for row in rows}
            gone = {task: file for task, file in file_of.items() if task not in there}
            if not gone or gone.items() <= self._file_of().items():
                break
        by_file: dict[str, set[str]] = {}
        for task, file in gone.items():
            by_file.setdefault(file, set()).add(task)
        return rows, tuple(Loss(self._rows.path(file), frozenset(tasks)) for file, tasks in sorted(by_file.items()))

    def _file_of(self) -> dict[str, str]:
        with self._index() as index:
            return dict(index.execute("SELECT id, file FROM tasks"))

    def _index_is_spoilt(self) -> bool:
        try:
            with closing(sqlite3.connect(self._index_path, timeout=_WAIT_S)) as index:
                return bool(index.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        except sqlite3.OperationalError:
            return False  # it cannot be opened or is busy, which says nothing about what is in it
        except sqlite3.DatabaseError:
            return True

    def _make(self, index: sqlite3.Connection) -> None:
        """An index of the files that are there: of none, unless it was lost."""
        index.execute("BEGIN IMMEDIATE")
        if _is_made(index):
            return  # only who is first writes
        index.execute(_SCHEMA)
        names = self._rows.names
        for name in names:
            rows = self._rows.read(name)
            if rows is None:
                self._rows.keep_aside(name)
                text = f"{self._rows.path(name)} is unreadable; what it held will run again"
                warnings.warn(text, DamagedStoreWarning, stacklevel=5)
            index.executemany(_INSERT, [_entry(row, name) for row in rows or ()])
        index.execute(f"PRAGMA user_version = {_FORMAT}")
        if names:
            text = (
                f"the index of {self.directory} was missing or unreadable, and was made again from the files in rows/"
            )
            warnings.warn(text, DamagedStoreWarning, stacklevel=5)

    @contextmanager
    def _index(self) -> Iterator[sqlite3.Connection]:
        """The index, in one transaction."""
        try:
            with closing(sqlite3.connect(self._index_path, timeout=_WAIT_S)) as index, index:
                [(version,)] = index.execute("PRAGMA user_version")
                if version not in (0, _FORMAT):
                    raise InvalidValueError(f"`{self.directory}` must be a store of this Weft, but is of a newer one")
                yield index
        except sqlite3.DatabaseError as error:
            raise InvalidValueError(
                f"`{self.directory}` must be a store that Weft can use, but is not: {error}"
            ) from None


def _is_made(index: sqlite3.Connection) -> bool:
    return bool(index.execute("PRAGMA user_version").fetchone() == (_FORMAT,))


def _entry(row: dict[str, Any], file: str) -> tuple[str, str, bool]:
    return row["task"], file, row["error"] is not None


def _warn(losses: Iterable[Loss], then: str = "") -> None:
    for loss in losses:
        warnings.warn(f"{loss}{then}", DamagedStoreWarning, stacklevel=3)
