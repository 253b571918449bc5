"""Runs on several threads, runs that are interrupted, and runs that go on from a checkpoint."""

import itertools
import signal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy_cases import PAULI_NOISE, branching_probe, compiled, pair_of_qpus, unitary_probe

from weft.errors import InvalidValueError
from weft.network import BellPair
from weft.simulator import BACKENDS, Interrupted, simulate
from weft.simulator.batches import batches_of, in_order
from weft.simulator.result_bytes import from_bytes, to_bytes
from weft.simulator.tally import Tally

NOISY = pair_of_qpus((2, 1), pair=BellPair.werner(0.93), hardware=PAULI_NOISE)


class SmallBatches:
    """A backend that does as another, in batches of 16 shots."""

    def __init__(self, name):
        self.inner = BACKENDS[name]
        self.name, self.exact = name, self.inner.exact

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def batch_shots(self, _program):
        return 16


@pytest.fixture(scope="module", params=[unitary_probe, branching_probe], ids=["static", "dynamic"])
def program(request):
    return compiled(request.param(), NOISY)


def same(a, b):
    """Bit by bit, whatever the order of keys."""
    return to_bytes(a) == to_bytes(b)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(0, 10))
def test_batches_cover_every_shot_once(shots, size, first):
    batches = batches_of(shots, size, first)
    assert sum(batch.shots for batch in batches) == max(0, shots - first * size)
    assert [batch.index for batch in batches] == list(range(first, first + len(batches)))
    assert all(batch.is_full == (batch.shots == size) for batch in batches)
    assert all(batch.is_full for batch in batches[:-1])


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_outcomes_come_in_order_and_errors_come_through(workers):
    batches = batches_of(100, 7)
    assert [outcome for _, outcome in in_order(lambda batch: batch.index, batches, workers)] == list(range(15))
    assert list(in_order(lambda batch: batch.index, [], workers)) == []

    def fail_at_9(batch):
        if batch.index == 9:
            raise ZeroDivisionError
        return batch.index

    done = []
    with pytest.raises(ZeroDivisionError):
        done.extend(outcome for _, outcome in in_order(fail_at_9, batches, workers))
    done = list(itertools.takewhile(lambda index: index < 9, done))
    assert done == list(range(len(done)))


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
def test_any_number_of_workers_gives_the_same(program, backend):
    results = [
        simulate(program, shots=77, seed=5, backend=SmallBatches(backend), workers=workers) for workers in (1, 2, 5)
    ]
    assert results[0].shots == 77
    assert same(results[0], results[1])
    assert same(results[0], results[2])


def stop_after(batches):
    """A `progress` that interrupts as Ctrl-C does."""
    calls = itertools.count(1)

    def progress(_done):
        if next(calls) == batches:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
def test_an_interrupted_run_goes_on_where_it_was(program, backend, tmp_path):
    file = tmp_path / "run.npz"
    options = {"seed": 3, "backend": SmallBatches(backend), "checkpoint": file}
    with pytest.raises(Interrupted) as stopped:
        simulate(program, shots=100, progress=stop_after(3), **options)
    assert stopped.value.result.shots == 48
    told = []
    whole = simulate(program, shots=100, progress=told.append, **options)
    assert told == [64, 80, 96, 100]
    assert same(whole, simulate(program, shots=100, seed=3, backend=SmallBatches(backend)))
    # What is done is done: the same again runs only the batch that was not full, and a longer run goes on.
    told.clear()
    assert same(whole, simulate(program, shots=100, progress=told.append, **options))
    assert told == [100]
    longer = simulate(program, shots=130, **options)
    assert same(longer, simulate(program, shots=130, seed=3, backend=SmallBatches(backend)))
    with pytest.raises(
        InvalidValueError, match=r"`shots` must be at least the 128 that the checkpoint holds, but is 50"
    ):
        simulate(program, shots=50, **options)


def test_ctrl_c_while_a_batch_is_added_counts_it_once(program, tmp_path, monkeypatch):
    """A real signal, when the sums have the third batch and the number of batches does not."""
    options = {"seed": 3, "backend": SmallBatches("stabilizer"), "checkpoint": tmp_path / "run.npz"}
    add = Tally.add

    def interrupted(tally, part):
        add(tally, part)
        if tally.shots == 48:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Tally, "add", interrupted)
        with pytest.raises(Interrupted) as stopped:
            simulate(program, shots=100, **options)
    assert stopped.value.result.shots == 48
    whole = simulate(program, shots=100, **options)
    assert same(whole, simulate(program, shots=100, seed=3, backend=SmallBatches("stabilizer")))


def test_an_interrupted_run_without_a_checkpoint_still_has_its_result(program):
    with pytest.raises(KeyboardInterrupt) as stopped:
        simulate(program, shots=100, seed=3, backend=SmallBatches("stabilizer"), progress=stop_after(2))
    assert same(stopped.value.result, simulate(program, shots=32, seed=3, backend=SmallBatches("stabilizer")))


def test_a_checkpoint_of_another_run_is_refused(program, tmp_path):
    file = tmp_path / "run.npz"
    simulate(program, shots=32, seed=3, backend=SmallBatches("stabilizer"), checkpoint=file)
    other = compiled(unitary_probe(), pair_of_qpus((2, 1)))
    for changed in ({"seed": 4}, {"backend": SmallBatches("statevector")}):
        with pytest.raises(InvalidValueError, match="must hold a part of this very run"):
            simulate(
                program, shots=64, checkpoint=file, **({"seed": 3, "backend": SmallBatches("stabilizer")} | changed)
            )
    with pytest.raises(InvalidValueError, match="must hold a part of this very run"):
        simulate(other, shots=64, seed=3, backend=SmallBatches("stabilizer"), checkpoint=file)
    with pytest.raises(InvalidValueError, match="`seed` must be given"):
        simulate(program, shots=64, checkpoint=file)
    kept = file.read_bytes()
    for broken in (b"", b"nonsense", kept[:-40], kept[: len(kept) // 2]):
        file.write_bytes(broken)
        with pytest.raises(InvalidValueError, match="must be a checkpoint that Weft wrote, but is not"):
            simulate(program, shots=64, seed=3, backend=SmallBatches("stabilizer"), checkpoint=file)
    with pytest.raises(InvalidValueError, match="can be read, but is not"):
        simulate(program, shots=64, seed=3, checkpoint=tmp_path)


def test_results_survive_as_bytes(program):
    result = simulate(program, shots=40, seed=3, backend="density")
    again, remarks = from_bytes(to_bytes(result, why="kept"))
    assert remarks == {"why": "kept"}
    assert same(result, again)
    assert again.error_budget == result.error_budget
    np.testing.assert_array_equal(again.makespans_s, result.makespans_s)
    assert (again + simulate(program, shots=40, seed=4, backend="density")).shots == 80
