"""Where outcomes are kept: rows in Parquet files, and an index in SQLite that says in which file each task's row counts.

A file is written whole before the index names it, and the index changes in transactions, so that neither a crash nor another
process that appends meanwhile loses or spoils anything. Files are never changed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.files import write_file
from weft.study.outcome import Outcome
from weft.study.rows import from_parquet, outcome_of, row_of, to_parquet, without_json
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
class Store:
    """A directory of outcomes, which is made when it is not there.

    Attributes:
        directory: with `index.sqlite` and `rows/*.parquet`.

    Raises:
        InvalidValueError: if it cannot be a store.
    """

    directory: str | Path

    def __post_init__(self) -> None:
        try:
            self._rows.mkdir(parents=True, exist_ok=True)
            with self._index() as index:
                if index.execute("PRAGMA user_version").fetchone() != (_FORMAT,):  # only who is first writes
                    index.execute(_SCHEMA)
                    index.execute(f"PRAGMA user_version = {_FORMAT}")
        except OSError as error:
            raise InvalidValueError(
                f"`store` must be a directory that can be written, but `{self.directory}` is not: {error.strerror}"
            ) from None

    def __len__(self) -> int:
        """How many tasks it knows of, failed ones included."""
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
        """All rows, as files have them."""
        for _ in range(_TRIES):
            file_of = self._file_of()
            try:
                return [row for row in self._read(set(file_of.values())) if file_of.get(row["task"]) == row["file"]]
            except FileNotFoundError:  # another process has packed files meanwhile
                continue
        raise InvalidValueError(f"`{self.directory}` must hold the files that its index names, but one is missing")

    def table(self) -> dict[str, list[Any]]:
        """All rows as columns by name, of equal lengths; parameters have columns of their own, None where a task has no such."""
        rows = [without_json(row) for row in self.rows()]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}

    def merge(self, other: Store | str | Path) -> int:
        """Takes over what another store knows and this one does not; doing so again changes nothing.

        Returns:
            How many tasks were new, or failed here and succeeded there.

        Raises:
            InvalidValueError: if the other is no store.
        """
        if not isinstance(other, Store):
            if not (Path(other) / "index.sqlite").is_file():
                raise InvalidValueError(
                    f"`{other}` must be a store that Weft wrote, but is not: it has no index.sqlite"
                )
            other = Store(other)
        here = self.statuses()
        new = [
            row for row in other.rows() if here.get(row["task"], True) and not (row["task"] in here and row["error"])
        ]
        self._append(new)
        return len(new)

    def pack(self) -> None:
        """Joins many small files into one, if there are many; what is read or appended meanwhile is not disturbed."""
        loose = [path for path in self._rows.glob("*.parquet") if not path.name.startswith("packed")]
        if len(loose) < _LOOSE_FILES:
            return
        rows = self.rows()
        before = {path.name for path in self._rows.glob("*.parquet")} & {row["file"] for row in rows}
        packed = self._write(rows, "packed-")
        with self._index() as index:
            moved = [(packed, row["task"], row["file"]) for row in rows]
            index.executemany("UPDATE tasks SET file = ? WHERE id = ? AND file = ?", moved)
            used = {file for (file,) in index.execute("SELECT DISTINCT file FROM tasks")}
        for name in before - used:
            (self._rows / name).unlink(missing_ok=True)

    @property
    def _rows(self) -> Path:
        return Path(self.directory) / "rows"

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        file = self._write(rows)
        with self._index() as index:
            index.executemany(_INSERT, [(row["task"], file, row["error"] is not None) for row in rows])

    def _write(self, rows: list[dict[str, Any]], prefix: str = "") -> str:
        """Writes a file that is called by what it holds, so that two processes never mean different things by one name."""
        content = to_parquet(rows)
        name = f"{prefix}{hashlib.sha256(content).hexdigest()[:24]}.parquet"
        write_file(self._rows / name, content)
        return name

    def _read(self, files: Iterable[str]) -> Iterator[dict[str, Any]]:
        for name in sorted(files):
            for row in from_parquet(self._rows / name):
                yield {**row, "file": name}

    def _file_of(self) -> dict[str, str]:
        with self._index() as index:
            return dict(index.execute("SELECT id, file FROM tasks"))

    @contextmanager
    def _index(self) -> Iterator[sqlite3.Connection]:
        """The index, in one transaction."""
        try:
            with closing(sqlite3.connect(Path(self.directory) / "index.sqlite", timeout=_WAIT_S)) as index, index:
                [(version,)] = index.execute("PRAGMA user_version")
                if version not in (0, _FORMAT):
                    raise InvalidValueError(f"`{self.directory}` must be a store of this Weft, but is of a newer one")
                yield index
        except sqlite3.DatabaseError as error:
            raise InvalidValueError(
                f"`{self.directory}` must be a store that Weft can use, but is not: {error}"
            ) from None
