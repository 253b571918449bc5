"""What came of a sweep, as a table and as a dictionary for JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Group
from rich.text import Text

from weft.report.names import counted, duration
from weft.report.plain_table import plain_table
from weft.study import Table

_MOST_ROWS = 60
_MOST_ERRORS = 5


def sweep_table(found: Table) -> Group:
    """What differs between tasks, and what each gave; only some rows in the middle are left out if there are many."""
    table = plain_table()
    for name in found.varied:
        table.add_column(name, header_style="dim", overflow="fold")
    for name in ("fidelity", "makespan", "p95", "ebits"):
        table.add_column(name, header_style="dim", no_wrap=True, justify="right")
    for position in _shown(len(found)):
        if position is None:
            table.add_row("…")
        else:
            varied = [_value(found.columns[name][position]) for name in found.varied]
            table.add_row(*varied, *_measured(found, position))
    failed = Counter(found.failures.values())
    lines = [f"failed ({counted(count, 'task')}): {error}" for error, count in failed.most_common(_MOST_ERRORS)]
    if len(failed) > _MOST_ERRORS:
        lines.append(f"and {len(failed) - _MOST_ERRORS:,} other reasons to fail")
    lines += [f"note: {note}" for note in found.notes]
    return Group(table, *([Text()] if lines else []), *(Text(line, style="dim") for line in lines))


def _shown(count: int) -> list[int | None]:
    """The positions of rows to print; None where some are left out."""
    if count <= _MOST_ROWS:
        return list(range(count))
    half = _MOST_ROWS // 2
    return [*range(half), None, *range(count - half, count)]


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _measured(found: Table, position: int) -> tuple[str, ...]:
    outcome = found[position]
    if outcome.error is not None:
        return ("failed",)
    fidelity = "not estimated" if outcome.fidelity is None else f"{outcome.fidelity:.4f}"
    if outcome.fidelity_stderr is not None and outcome.fidelity is not None:
        fidelity += f" ± {outcome.fidelity_stderr:.4f}"
    times = (outcome.makespan_s, outcome.makespan_p95_s)
    return fidelity, *("" if time is None else duration(time) for time in times), str(outcome.ebits)


def sweep_summary(found: Table) -> dict[str, Any]:
    """The same in full, ready for JSON."""
    rows = []
    for position, task in enumerate(found.tasks):
        outcome = found[position]
        row = {name: values[position] for name, values in found.columns.items() if not name.startswith("error_budget.")}
        row["error_budget"] = dict(outcome.error_budget)
        if task.counts:
            row["counts"] = None if outcome.counts is None else dict(outcome.counts)
        rows.append(row)
    return {
        "sweep": found.name,
        "tasks": len(found),
        "failed": len(found.failures),
        "varied": list(found.varied),
        "notes": list(found.notes),
        "rows": rows,
    }
