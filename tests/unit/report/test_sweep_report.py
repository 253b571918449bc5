"""Tables and pictures of sweeps show what was measured, and leave out only what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from weft.errors import InvalidValueError
from weft.report.sweep_plot import _across, _lines, _points, plot_sweep
from weft.report.sweep_tables import sweep_summary, sweep_table
from weft.scheduler import Policy
from weft.study import Outcome, Sweep, Table, Task
from weft.study.outcome import failure


def measured(task: Task, position: int) -> Outcome:
    return Outcome(
        task.id, fidelity=0.5 + position / 1000, fidelity_stderr=0.03, makespan_s=2e-3, makespan_p95_s=3e-3,
        makespan_stderr_s=1e-4, ebits=position, notes=("twirled",),
    )  # fmt: skip


def table_of(sweep: Sweep, failed: int = 0) -> Table:
    tasks = sweep.tasks()
    outcomes = {
        task.id: failure(task, "no luck") if position < failed else measured(task, position)
        for position, task in enumerate(tasks)
    }
    return Table("a sweep", tasks, outcomes)


def printed(table: Table) -> list[str]:
    console = Console(width=140, record=True, quiet=True)
    console.print(sweep_table(table))
    with console.capture() as shown:
        console.quiet = False
        console.print(sweep_table(table))
    return [line.rstrip() for line in shown.get().splitlines()]


SWEEP = Sweep(
    "ghz:{n}",
    "line:2x4",
    {"n": [4, 6], "links.*.fidelity": [0.9, 0.95, 0.99]},
    policy=[Policy(), Policy("prefetch")],
    seed=[1, 2],
)


def test_a_table_has_what_differs_and_what_was_measured() -> None:
    lines = printed(table_of(SWEEP, failed=1))
    assert lines[0].split() == ["n", "links.*.fidelity", "policy", "seed", "fidelity", "makespan", "p95", "ebits"]
    assert "failed" in lines[1]
    assert (
        lines[2].split()[-9:] == ["0.5010", "±", "0.0300", "2", "ms", "3", "ms", "1"][-9:]
        or "0.5010 ± 0.0300" in lines[2]
    )
    assert "failed (1 task): no luck" in lines
    assert "note: twirled" in lines
    assert len(printed(table_of(Sweep("ghz:4", "line:2x2", seed=range(300))))) < 70


def test_a_summary_is_json_with_every_row() -> None:
    found = json.loads(json.dumps(sweep_summary(table_of(SWEEP, failed=2)), allow_nan=False))
    assert (found["tasks"], found["failed"], len(found["rows"])) == (24, 2, 24)
    assert found["rows"][0]["error"] == "no luck"
    assert found["rows"][5]["links.*.fidelity"] == 0.95


def test_a_picture_is_over_what_has_most_values_with_seeds_averaged() -> None:
    table = table_of(SWEEP)
    everything = range(len(table))
    assert _across(table, everything) == "links.*.fidelity"
    lines = _lines(table, everything, "links.*.fidelity")
    assert list(lines) == [
        f"n = {n}, policy = {policy}" for n in (4, 6) for policy in ("as soon as possible", "prefetch, up to 4 pairs")
    ]
    points = _points(table, next(iter(lines.values())), "links.*.fidelity", "fidelity")
    assert [point.x for point in points] == [0.9, 0.95, 0.99]
    assert points[0].y == pytest.approx(np.mean([0.5, 0.501]))
    assert points[0].error == pytest.approx(0.03 / np.sqrt(2))


def test_what_goes_together_makes_one_line() -> None:
    zipped = Sweep(
        "ghz:4",
        "line:2x2",
        {"qpus.*.t1_s": [10, 20, 30], "qpus.*.t2_s": [1, 2, 3]},
        zip=[["qpus.*.t1_s", "qpus.*.t2_s"]],
    )
    table = table_of(zipped)
    assert len(_lines(table, range(3), _across(table, range(3)))) == 1


def test_families_over_their_size_make_one_line_each() -> None:
    """Also where the size is beside a number like it, and beside circuits that have none."""
    table = table_of(Sweep(["qft:{n}", "ghz:{n}", "ghz:6"], ["line:2x{n}", "ring:4x4"], {"n": [2, 3, 4]}, shots=10))
    lines = _lines(table, range(len(table)), "n")
    assert {label: len(line) for label, line in lines.items()} == {
        f"circuit = {circuit}, network = {network}": 3
        for circuit in ("qft:{n}", "ghz:{n}", "ghz:6")
        for network in ("line:2x{n}", "ring:4x4")
    }


def test_pictures_are_drawn_or_refused(tmp_path: Path) -> None:
    words = Sweep(["ghz:4", "qft:4"], "line:2x2")
    for number, sweep in enumerate(
        (SWEEP, words, Sweep("ghz:4", "line:2x2"), Sweep("ghz:4", "line:2x2", seed=range(3)))
    ):
        path = tmp_path / f"{number}.svg"
        plot_sweep(table_of(sweep), path)
        assert path.read_text().startswith("<?xml")
    with pytest.raises(InvalidValueError, match="must have a task that succeeded"):
        plot_sweep(table_of(words, failed=2), tmp_path / "x.svg")
    many = Sweep(
        "ghz:4",
        "line:2x2",
        {"qpus.A.t2_s": list(range(1, 31)), "qpus.B.t2_s": list(range(1, 8)), "qpus.A.reset_s": list(range(9))},
    )
    with pytest.raises(InvalidValueError, match="at most 24 lines, but this sweep would need 63"):
        plot_sweep(table_of(many, failed=0), tmp_path / "x.svg")
