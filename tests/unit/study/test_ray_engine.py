"""Ray gives what local processes give, also when workers and machines die on the way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from weft.errors import EngineError, InvalidValueError
from weft.study import LocalEngine, RayEngine, Store, Sweep, load_sweep, run
from weft.study.ray_head import Head

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own
ray = pytest.importorskip("ray")


def sweep(tasks: int, shots: int) -> Sweep:
    return Sweep("ghz:4", "line:2x2", {"links.*.fidelity": [0.9, 0.95]}, seed=range(tasks // 2), shots=shots)


def test_ray_and_local_processes_give_the_same() -> None:
    small = sweep(4, 100)
    mixed = [*small.tasks(), *Sweep("ghz:40", "line:2x2").tasks()]
    found, expected = run(mixed, engine=RayEngine(workers=1)), run(mixed, engine=LocalEngine(1))
    assert found.outcomes == expected.outcomes
    assert "DoesNotFitError" in str(found[4].error)
    assert not ray.is_initialized()


def test_a_cluster_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="with an `address`"):
        RayEngine("auto", workers=2)
    with pytest.raises(EngineError, match="must answer, but does not"):
        run(sweep(2, 10), engine=RayEngine("auto"))


def test_an_address_that_nobody_answers_at_is_an_error_at_once() -> None:
    """Neither where nothing listens, nor where something does that says nothing, or is no cluster."""
    with socket.create_server(("127.0.0.1", 0)) as nothing:
        gone = nothing.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (gone, silent.getsockname()[1]):
            engine = RayEngine(f"127.0.0.1:{port}")
            with pytest.raises(EngineError, match=f"the Ray cluster at `127.0.0.1:{port}` must answer, but does not"):
                run(sweep(2, 10), engine=engine)
    assert not ray.is_initialized()


@pytest.mark.parametrize(
    ("greeting", "answers"), [(bytes([0, 0, 0, 4, 0]), True), (b"HTTP/1.1 400", False), (b"", False)]
)
def test_only_a_head_that_speaks_as_ray_does_answers(greeting: bytes, answers: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def greet() -> None:
            line, _ = server.accept()
            with line:
                line.recv(64)
                line.sendall(greeting)

        done = pool.submit(greet)
        assert Head(f"127.0.0.1:{server.getsockname()[1]}").answers() == answers
        done.result()


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two machines of one core each, as far as Ray can tell."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield made
    ray.shutdown()
    made.shutdown()


def working(node: Any) -> int:
    """Waits until a worker of a node is at a task, and gives its process."""
    import psutil

    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    for _ in range(600):
        for child in raylet.children():
            if "ray::measure" in " ".join(child.cmdline()):
                return int(child.pid)
        time.sleep(0.05)
    raise AssertionError("the node does nothing")


@pytest.mark.slow
def test_nothing_is_lost_when_a_worker_and_then_a_machine_are_killed(cluster: Any) -> None:
    tasks = sweep(12, 120_000).tasks()
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    outcomes = {}
    for outcome in RayEngine(cluster.address).run(tasks):
        assert outcome.task not in outcomes
        outcomes[outcome.task] = outcome
        if len(outcomes) == 1:
            os.kill(working(cluster.head_node), signal.SIGKILL)
        if len(outcomes) == 3:
            assert working(second)
            cluster.remove_node(second, allow_graceful=False)
    assert outcomes == run(tasks, engine=LocalEngine(2)).outcomes
    assert not any(outcome.failed for outcome in outcomes.values())


@pytest.mark.slow
def test_what_is_done_when_the_whole_cluster_goes_away_is_kept(cluster: Any, tmp_path: Path) -> None:
    """The command joins; then all of the head's processes are killed. Ray alone would end it, after a minute and without a word."""
    write(tmp_path, 1000, 2000, 3000, 4000, 200_000_000, 200_000_001)
    command = [sys.executable, "-m", "weft", "sweep", "long.yaml"]
    joining = subprocess.Popen(
        [*command, "--engine", "ray", "--address", cluster.address],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(1200):
        if (tmp_path / "long.results" / "index.sqlite").exists() and len(Store(tmp_path / "long.results")) == 4:
            break
        time.sleep(0.05)
    cluster.head_node.kill_all_processes(check_alive=False, allow_graceful=False)
    _, said = joining.communicate(timeout=60)
    kept = Store(tmp_path / "long.results")
    assert joining.returncode == 1
    assert "was lost after 4 of 6 tasks of this run; what is done is kept" in said
    assert "Traceback" not in said
    assert list(kept.statuses().values()) == [False] * 4
    before = {row["task"]: row["file"] for row in kept.rows()}
    write(tmp_path, 1000, 2000, 3000, 4000, 5000, 6000)
    again = subprocess.run([*command, "--workers", "2"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    after = {row["task"]: row["file"] for row in kept.rows()}
    assert before.items() <= after.items()
    assert after.keys() == {task.id for task in load_sweep(tmp_path / "long.yaml").tasks()}


def write(folder: Path, *shots: int) -> None:
    (folder / "long.yaml").write_text(f"circuit: ghz:4\nnetwork: line:2x2\nseed: 1\nshots: {list(shots)}\n")
