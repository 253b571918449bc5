"""Timelines played once more are the scheduler's own, and their critical paths account for every second."""

from dataclasses import replace

import numpy as np
import pytest

from weft import compile as compile_for
from weft.hardware import load_network
from weft.network import Network
from weft.program import Op, ProgramBuilder
from weft.scheduler import schedule
from weft.study.structure.critical_path import LATENCY, critical_path
from weft.study.structure.replay import replay

CASES = [
    ("qft:8", "all:2x4"),
    ("ghz:8", "line:4x2+2"),
    ("clifford:12x80", "ring:4x3+3"),
    ("qaoa:8x2", "grid:2x2x2"),
    ("ghz:9", "chiral-bus"),
]


def with_channels(network: Network, channels: int) -> Network:
    if network.name == "chiral-bus":
        return network
    return replace(network, links=tuple(replace(link, channels=channels) for link in network.links))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("name", "network"), CASES)
def test_a_replay_is_the_timeline(name: str, network: str, channels: int) -> None:
    program = compile_for(name, with_channels(load_network(network), channels), seed=1, effort="fast")
    played = replay(program, 7)
    timelines = schedule(program, played.end_s.shape[1], 7)
    assert np.allclose(played.start_s, timelines.start_s, rtol=1e-12, atol=0)
    assert np.allclose(played.end_s, timelines.end_s, rtol=1e-12, atol=0)


@pytest.mark.parametrize("one_at_a_time", [False, True])
@pytest.mark.parametrize(("name", "network"), CASES)
def test_shares_add_up_to_the_makespan(name: str, network: str, one_at_a_time: bool) -> None:
    played = replay(compile_for(name, network, seed=1, effort="fast"), 3, one_at_a_time=one_at_a_time)
    path = critical_path(played)
    assert sum(share.seconds for share in path.shares) == pytest.approx(path.makespan_s, rel=1e-9)
    assert sum(share.share for share in path.shares) == pytest.approx(1)
    assert path.makespan_s == pytest.approx(played.makespan_s.mean())
    assert all(0 < step.frequency <= 1 for step in path.longest)


def test_one_at_a_time_no_two_gates_of_a_qpu_overlap_and_nothing_is_earlier() -> None:
    program = compile_for("qft:8", "all:2x4", seed=1)
    free, busy = (replay(program, 3, one_at_a_time=wanted) for wanted in (False, True))
    assert np.all(busy.start_s >= free.start_s - 1e-15)
    two = (program.opcodes == Op.GATE) & (program.qubits[:, 1] >= 0)
    for qpu in (0, 1):
        rows = np.flatnonzero(two & (program.qpus == qpu))
        assert np.all(busy.start_s[rows[1:]] >= busy.end_s[rows[:-1]])


def test_a_teleported_bit_by_hand() -> None:
    """A pair of 2 ms, a measurement of 100 µs, a bit that travels for 1 ms, a gate of 10 µs: in this order, and nothing else."""
    network = load_network("line:2x1")
    link = replace(network.links[0], attempt_s=2e-3, success_probability=1.0, classical_latency_s=1e-3)
    builder = ProgramBuilder(replace(network, links=(link,)))
    builder.add_qubit("A.d0", 0)
    data = builder.add_qubit("B.d0", 1)
    near, far = builder.add_qubit("A.c0", 0, communication=True), builder.add_qubit("B.c0", 1, communication=True)
    builder.entangle(0, near, far)
    bits = [builder.new_bit(), builder.new_bit()]
    builder.measure(near, bits[0])
    builder.measure(far, bits[1])
    builder.correct(1, data, [bits[0]])
    builder.gate("h", data)
    path = critical_path(replay(builder.build(), 0))
    shares = {share.resource: share.seconds for share in path.shares}
    assert shares == pytest.approx({"pairs on A-B": 2e-3, LATENCY: 1e-3, "measurements": 1e-4, "one-qubit gates": 1e-5})
    assert path.steps == 4
    assert path.longest[0].what == "pair on A-B"
    assert path.stderr_s == 0


def test_an_empty_program_has_an_empty_path() -> None:
    path = critical_path(replay(ProgramBuilder(load_network("line:2x1")).build(), 0))
    assert (path.makespan_s, path.shares, path.longest) == (0, (), ())
