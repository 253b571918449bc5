"""A store that has lost a file says so, runs again what was in it, and loses nothing else."""

import shutil
import sqlite3
import warnings
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unit.study.test_store import TASKS, bad, good, known
from weft import files
from weft.cli.main import app
from weft.errors import InvalidValueError
from weft.study import DamagedStoreWarning, Outcome, Store, Task, run
from weft.study.store import _LOOSE_FILES

GONE = r"1 task's row is missing or unreadable: .*\.parquet; it will run again"


class Asked:
    """An engine that makes its outcomes up, and keeps what it was asked."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        for task in tasks:
            self.tasks.append(task)
            yield good(TASKS.index(task))


def store_of(folder: Path, count: int = 5) -> Store:
    store = Store(folder)
    for position in range(count):
        store.append(TASKS[position], good(position))
    return store


def file_of(store: Store, position: int) -> Path:
    [name] = [row["file"] for row in store.rows() if row["task"] == TASKS[position].id]
    return Path(store.directory) / "rows" / name


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def write_another_table(file: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"task": [1, 2], "something": ["else", "entirely"]}), file)


def take_from_another_store(file: Path) -> None:
    other = store_of(file.parents[2] / "other", 1)
    other.append(TASKS[60], good(60))
    file_of(other, 60).replace(file)


DAMAGES = [
    cut_short,
    flip_a_bit,
    write_another_table,
    take_from_another_store,
    lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(b"PAR1 is not enough"),
]


@pytest.mark.parametrize("damage", [*DAMAGES, Path.unlink])
def test_what_is_lost_runs_again_and_nothing_else(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    store = store_of(tmp_path / "store")
    file = file_of(store, 2)
    damage(file)
    spoilt = file.read_bytes() if file.exists() else None
    [loss] = store.losses()
    assert (loss.file, loss.tasks) == (file, {TASKS[2].id})
    with pytest.warns(DamagedStoreWarning, match=GONE):
        assert sorted(store.table()["seed"]) == [0, 1, 3, 4]
    assert known(store).keys() == {TASKS[position].id for position in (0, 1, 3, 4)}
    assert (file.read_bytes() if file.exists() else None) == spoilt  # who only looks changes nothing

    engine = Asked()
    with pytest.warns(DamagedStoreWarning, match=GONE):
        found = run(TASKS[:5], store=store, engine=engine)
    assert engine.tasks == [TASKS[2]]
    assert [found[position] for position in range(5)] == [known(store)[TASKS[position].id] for position in range(5)]
    aside = Path(f"{file}.damaged")
    assert (aside.read_bytes() if aside.exists() else None) == spoilt
    silent = Asked()
    run(TASKS[:5], store=store, engine=silent)
    assert not silent.tasks
    assert store.losses() == ()


def test_spoilt_files_of_one_name_are_all_kept(tmp_path: Path) -> None:
    """The same outcome is the same file, which may be spoilt twice."""
    store = store_of(tmp_path)
    file = file_of(store, 0)
    for content in (b"once", b"twice"):
        file.write_bytes(content)
        with pytest.warns(DamagedStoreWarning):
            run(TASKS[:5], store=store, engine=Asked())
    assert [Path(f"{file}.damaged{number}").read_bytes() for number in ("", "2")] == [b"once", b"twice"]
    assert not store.losses()


def test_whoever_appends_what_a_spoilt_file_held_keeps_it_aside(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    file = file_of(store, 0)
    file.write_bytes(b"spoilt")
    store.append(TASKS[0], good(0))
    assert Path(f"{file}.damaged").read_bytes() == b"spoilt"
    assert len(known(store)) == 5


def test_packing_leaves_spoilt_files_where_they_are(tmp_path: Path) -> None:
    store = store_of(tmp_path, _LOOSE_FILES + 1)
    file = file_of(store, 7)
    cut_short(file)
    store.pack()
    assert file.exists()
    assert [loss.tasks for loss in store.losses()] == [{TASKS[7].id}]
    assert len(known(store)) == _LOOSE_FILES
    packed = file_of(store, 0)
    packed.unlink()
    with pytest.warns(DamagedStoreWarning) as said:
        assert {len(loss.tasks) for loss in store.mend()} == {1, _LOOSE_FILES}
    assert f"64 tasks' rows are missing or unreadable: {packed}; they will run again" in [str(x.message) for x in said]


@pytest.mark.parametrize("content", [None, b"", b"this is no database, but it is long enough to be looked at" * 40])
def test_a_lost_index_is_made_again_from_the_files(tmp_path: Path, content: bytes | None) -> None:
    store = store_of(tmp_path)
    store.append(TASKS[70], bad(70))
    before = known(store)
    index = tmp_path / "index.sqlite"
    index.unlink()
    if content is not None:
        index.write_bytes(content)
    with pytest.warns(DamagedStoreWarning, match="was made again from the files"):
        again = Store(tmp_path)
    assert known(again) == before
    assert again.statuses()[TASKS[70].id]
    assert (tmp_path / "index.sqlite.damaged").exists() == bool(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Store(tmp_path)) == 6


def test_an_index_with_spoilt_pages_is_made_again(tmp_path: Path) -> None:
    before = known(store_of(tmp_path, 60))
    index = tmp_path / "index.sqlite"
    content = bytearray(index.read_bytes())
    content[4096:-4096] = b"\xff" * (len(content) - 8192)
    index.write_bytes(content)
    with pytest.warns(DamagedStoreWarning, match="was made again from the files"):
        again = Store(tmp_path)
    assert known(again) == before
    assert (tmp_path / "index.sqlite.damaged").read_bytes() == content


def test_where_both_are_spoilt_the_rest_is_found(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    file = file_of(store, 3)
    cut_short(file)
    (tmp_path / "index.sqlite").unlink()
    with pytest.warns(DamagedStoreWarning) as said:
        again = Store(tmp_path)
    assert any(f"{file} is unreadable" in str(one.message) for one in said)
    assert len(known(again)) == 4
    engine = Asked()
    run(TASKS[:5], store=again, engine=engine)
    assert engine.tasks == [TASKS[3]]


def test_an_index_without_a_failure_that_a_success_replaced(tmp_path: Path) -> None:
    """Files of both are there; whichever is read first, the success counts."""
    store = Store(tmp_path)
    for position in range(8):
        store.append(TASKS[position], bad(position))
        store.append(TASKS[position], good(position))
    (tmp_path / "index.sqlite").unlink()
    with pytest.warns(DamagedStoreWarning):
        assert not any(Store(tmp_path).statuses().values())


def test_merging_takes_what_is_sound_and_heals_what_is_lost(tmp_path: Path) -> None:
    one, other = store_of(tmp_path / "one"), store_of(tmp_path / "other", 8)
    file_of(one, 1).unlink()
    spoilt = file_of(other, 6)
    cut_short(spoilt)
    with pytest.warns(DamagedStoreWarning) as said:
        assert one.merge(tmp_path / "other") == 3  # 1, 5 and 7
    assert "nothing of that was taken over" in str(said[-1].message)
    assert known(one).keys() == {TASKS[position].id for position in (0, 1, 2, 3, 4, 5, 7)}
    assert spoilt.exists()  # the other store is only looked at
    with pytest.warns(DamagedStoreWarning):
        assert one.merge(other) == 0


def test_a_full_disk_leaves_no_half_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path)
    write_bytes = Path.write_bytes

    def fill_up(path: Path, content: bytes) -> int:
        write_bytes(path, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.Path, "write_bytes", fill_up)
        with pytest.raises(InvalidValueError, match="No space left on device"):
            run(TASKS[:8], store=store, engine=Asked())
    assert len(store) == 5
    assert len(list((tmp_path / "rows").iterdir())) == 5
    engine = Asked()
    run(TASKS[:8], store=store, engine=engine)
    assert engine.tasks == list(TASKS[5:8])


def test_a_disk_that_is_full_for_the_index_only_loses_nothing(tmp_path: Path) -> None:
    """The row's file is there, the index does not name it: the task is not done, and done again."""
    store = store_of(tmp_path)
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as index:
        index.execute("CREATE TRIGGER full BEFORE INSERT ON tasks BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        with pytest.raises(InvalidValueError, match="disk is full"):
            run(TASKS[:6], store=store, engine=Asked())
        index.execute("DROP TRIGGER full")
    assert len(store) == 5
    engine = Asked()
    run(TASKS[:6], store=store, engine=engine)
    assert engine.tasks == [TASKS[5]]


@pytest.mark.filterwarnings("ignore::weft.study.DamagedStoreWarning")
def test_two_that_mend_at_the_same_time_agree(tmp_path: Path) -> None:
    store = store_of(tmp_path, 20)
    for position in range(0, 20, 2):
        cut_short(file_of(store, position)) if position % 4 else file_of(store, position).unlink()

    def again(_: int) -> int:
        return len(run(TASKS[:20], store=Store(tmp_path), engine=Asked()))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(again, range(4))) == [20] * 4
    assert len(known(store)) == 20
    assert len(list((tmp_path / "rows").glob("*.damaged*"))) == 5


def test_a_file_that_must_not_be_read_is_an_error_and_stays(tmp_path: Path) -> None:
    """It may be readable again tomorrow."""
    store = store_of(tmp_path)
    file = file_of(store, 0)
    file.unlink()
    file.mkdir()
    with pytest.raises(InvalidValueError, match="must be a file that can be read, but is not"):
        store.mend()
    assert file.exists()


def test_the_command_says_it_in_a_note(tmp_path: Path) -> None:
    sweep = tmp_path / "small.yaml"
    sweep.write_text("circuit: ghz:4\nnetwork: line:2x2\nshots: 20\nseed: 0:4:5\nbackend: estimate")
    first = CliRunner().invoke(app, ["sweep", str(sweep), "--workers", "1", "--json"])
    assert first.exit_code == 0, first.output
    store = tmp_path / "small.results"
    shutil.rmtree(store / "rows")
    again = CliRunner().invoke(app, ["sweep", str(sweep), "--workers", "1", "--json"])
    assert again.exit_code == 0, again.output
    assert again.stderr.count("note: 1 task's row is missing") == 5
    assert "Warning" not in again.stderr
    assert again.stdout.split('"cpu_seconds"')[0] == first.stdout.split('"cpu_seconds"')[0]
    third = CliRunner().invoke(app, ["sweep", str(sweep), "--workers", "1"])
    assert "note: " not in third.stderr
