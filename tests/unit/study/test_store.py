"""A store loses nothing: not to a second process, nor to another machine, nor to a second look."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.study import Outcome, Store, Sweep
from weft.study.outcome import failure
from weft.study.store import _LOOSE_FILES

TASKS = Sweep("ghz:4", "line:2x2", {"links.*.fidelity": [0.9, 0.95]}, seed=range(40)).tasks()


def good(position: int) -> Outcome:
    return Outcome(
        TASKS[position].id,
        fidelity=position / 100,
        fidelity_stderr=None,
        makespan_s=0.1 + position,
        ebits=position,
        error_budget={"waiting": 0.25, "local_gates": None},
        notes=("ψ is twirled",),
        counts={"00": 3, "11": 4} if position % 2 else None,
    )


def bad(position: int) -> Outcome:
    return failure(TASKS[position], "DoesNotFitError: “too big”")


def known(store: Store) -> Mapping[str, Outcome]:
    return store.outcomes(TASKS)


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "store")
    assert len(store) == 0
    assert store.table() == {}
    for position in range(3):
        store.append(TASKS[position], good(position))
    store.append(TASKS[3], bad(3))
    again = Store(tmp_path / "new" / "store")
    assert len(again) == 4
    for position in range(3):
        found = again.outcomes(TASKS)[TASKS[position].id]
        budget = {cause: loss for cause, loss in found.error_budget.items() if cause in good(position).error_budget}
        assert budget == good(position).error_budget
        assert (found.counts, found.notes, found.makespan_s) == (
            good(position).counts, good(position).notes, good(position).makespan_s,
        )  # fmt: skip
    assert again.outcomes(TASKS)[TASKS[3].id].error == bad(3).error
    table = again.table()
    assert sorted(table["links.*.fidelity"]) == [0.9] * 4
    assert {len(column) for column in table.values()} == {4}
    assert sorted(table["seed"]) == [0, 1, 2, 3]


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12),
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=6),
)
def test_merging_is_idempotent_and_success_is_never_lost(tmp_path_factory: Any, ours: Any, theirs: Any) -> None:
    folder = tmp_path_factory.mktemp("stores")
    one, other = Store(folder / "one"), Store(folder / "other")
    for store, events in ((one, ours), (other, theirs)):
        for position, succeeds in events:
            store.append(TASKS[position], good(position) if succeeds else bad(position))
    fresh = one.merge(other)
    merged = known(one)
    everything = [*ours, *theirs]
    assert set(merged) == {TASKS[position].id for position, _ in everything}
    assert {task for task, outcome in merged.items() if not outcome.failed} == {
        TASKS[position].id for position, succeeds in everything if succeeds
    }
    assert fresh <= len(theirs)
    assert one.merge(folder / "other") == one.merge(one) == 0
    assert known(one) == merged


def test_a_failure_gives_way_to_a_success_and_never_the_other_way(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for outcome in (bad(0), good(0), bad(0)):
        store.append(TASKS[0], outcome)
    assert not known(store)[TASKS[0].id].failed
    assert len(store.rows()) == 1


def test_many_small_files_become_one_and_mean_the_same(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for position in range(_LOOSE_FILES):
        store.append(TASKS[position], good(position))
    before = known(store)
    store.pack()
    assert len(list((tmp_path / "rows").iterdir())) == 1
    store.append(TASKS[70], bad(70))
    store.pack()
    assert {**before, TASKS[70].id: bad(70)}.keys() == known(store).keys()
    assert all(known(store)[task] == outcome for task, outcome in before.items())


APPENDING = """
import sys
sys.path.insert(0, sys.argv[1])
from test_store import TASKS, good
from weft.study import Store
store = Store(sys.argv[2])
for position in range(int(sys.argv[3]), int(sys.argv[4])):
    store.append(TASKS[position], good(position))
"""


READING = """
import sys
from weft.study import Store
assert Store(sys.argv[1]).table()
assert "pyarrow.dataset" not in sys.modules
"""


def test_nothing_is_left_running_by_what_reads(tmp_path: Path) -> None:
    """Arrow's data sets read on a thread of their own, which aborts Python now and then if it still runs at the end."""
    Store(tmp_path).append(TASKS[0], good(0))
    subprocess.run([sys.executable, "-c", READING, str(tmp_path)], check=True)


def test_processes_append_to_one_store_at_the_same_time(tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    spans = [(0, 40), (20, 60), (40, 80)]
    processes = [
        subprocess.Popen([sys.executable, "-c", APPENDING, here, str(tmp_path), str(low), str(high)])
        for low, high in spans
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    store = Store(tmp_path)
    assert known(store).keys() == {task.id for task in TASKS}
    assert len(store.rows()) == len(TASKS)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidValueError, match="must be a directory that can be written"):
        Store(tmp_path / "file")
    with pytest.raises(InvalidValueError, match="has no index"):
        Store(tmp_path / "store").merge(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "index.sqlite").write_text(
        "this is no database, but a text that is long enough to look at" * 20
    )
    with pytest.raises(InvalidValueError, match="must be a store that Weft can use"):
        Store(tmp_path / "odd")
