"""A task and its outcome as one row of plain values, and rows as Parquet; the one place that knows PyArrow.

Files have the same columns whatever a sweep varies: what has no fixed columns is JSON in one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from weft.errors import InvalidValueError
from weft.study.outcome import Outcome
from weft.study.task import Task

_JSON = ("parameters", "notes", "counts")
_BUDGET = "error_budget."
_WHOLE = ("compile_seed", "shots", "seed", "ebits")
_TEXT = (
    "task",
    "version",
    "circuit",
    "network",
    "policy",
    "effort",
    "objective",
    "backend",
    "error",
    "definition",
    "backend_used",
)


def row_of(task: Task, outcome: Outcome) -> dict[str, Any]:
    """The row that a store keeps."""
    known = {name: value for name, value in task.columns.items() if name not in task.parameters}
    return {
        "task": task.id,
        "version": task.version,
        **known,
        "parameters": json.dumps(dict(task.parameters), ensure_ascii=False),
        **outcome.columns,
        "notes": json.dumps(outcome.notes, ensure_ascii=False),
        "counts": None if outcome.counts is None else json.dumps(dict(outcome.counts)),
    }


def outcome_of(row: Mapping[str, Any]) -> Outcome:
    """The outcome that a row holds."""
    plain = {
        name: row.get(name) for name in Outcome.__dataclass_fields__ if name not in ("error_budget", "notes", "counts")
    }
    counts = row.get("counts")
    return Outcome(
        **plain,  # type: ignore[arg-type]  # columns have the kinds of the fields
        error_budget={name.removeprefix(_BUDGET): loss for name, loss in row.items() if name.startswith(_BUDGET)},
        notes=tuple(json.loads(row.get("notes") or "[]")),
        counts=None if counts is None else json.loads(counts),
    )


def without_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for people: each parameter in a column of its own, after the network's."""
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name not in (*_JSON, "file"):
            shown[name] = value
        if name == "network":
            shown |= json.loads(row.get("parameters") or "{}")
    if row.get("counts") is not None:
        shown["counts"] = json.loads(row["counts"])
    return shown


def to_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as the content of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    kinds = dict.fromkeys((*_TEXT, *_JSON), pa.string()) | dict.fromkeys(_WHOLE, pa.int64())
    names = dict.fromkeys(name for row in rows for name in row if name != "file")
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in names])
    file = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), file, compression="zstd")
    content: bytes = file.getvalue().to_pybytes()
    return content


def from_parquet(content: bytes, path: Path) -> list[dict[str, Any]]:
    """The rows that the content of a Parquet file has.

    Args:
        content: of the file.
        path: of the file, for people.

    Raises:
        InvalidValueError: if it is no Parquet file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # Not `read_table`: even without `use_threads`, its scanner has a thread, and aborts Python if it still runs at the end.
        table = parquet.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        rows: list[dict[str, Any]] = table.to_pylist()
    except pa.ArrowException as error:
        raise InvalidValueError(f"`{path}` must be a Parquet file that Weft wrote, but is not: {error}") from None
    return rows
