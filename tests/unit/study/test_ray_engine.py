"""Ray gives what local processes give, also when workers and machines die on the way."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from weft.errors import EngineError, InvalidValueError
from weft.study import LocalEngine, RayEngine, Sweep, run

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
    tasks = sweep(12, 40_000).tasks()
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
