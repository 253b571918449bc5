"""Shots to report on, each with something the others do not have."""

import numpy as np
import pytest

from weft.circuit import Circuit, CircuitBuilder
from weft.compiler import compile_circuit
from weft.network import QPU, Link, Network
from weft.scheduler import Timelines, schedule


def make_network(
    qpus: int, data: int, communication: int | None = 2, *, line: bool = False, channels: int = 1, **times: float
) -> Network:
    times = {"one_qubit_gate_s": 5e-6, "two_qubit_gate_s": 5e-5, "measurement_s": 2e-4, "reset_s": 5e-5} | times
    nodes = tuple(QPU(chr(65 + number), data, communication, **times) for number in range(qpus))
    pairs = [(a, b) for a in range(qpus) for b in range(a + 1, qpus) if b == a + 1 or not line]
    links = tuple(
        Link(nodes[a].name, nodes[b].name, 1e-6, 0.001, channels=channels, classical_latency_s=1e-5) for a, b in pairs
    )
    return Network("test", nodes, links)


def make_qft(qubits: int) -> Circuit:
    builder = CircuitBuilder(qubits, name="qft")
    for first in range(qubits):
        builder.gate("h", first)
        for second in range(first + 1, qubits):
            builder.gate("cp", second, first, angles=[np.pi / 2 ** (second - first)])
    return builder.build()


def make_feed_forward() -> Circuit:
    builder = CircuitBuilder(4, name="feed forward")
    builder.add_register("c", 4)
    builder.gate("h", 0)
    for qubit in range(3):
        builder.gate("cx", qubit, qubit + 1)
    builder.measure(0, 0)
    builder.gate("x", 3, condition=[(0, 1)])
    builder.reset(0)
    builder.gate("h", 0, condition=[(0, 1)])
    builder.gate("cx", 0, 3)
    builder.measure(1, 1)
    builder.gate("cz", 2, 3, condition=[(0, 1), (1, 0)])
    for qubit in (0, 2, 3):
        builder.measure(qubit, qubit)
    return builder.build()


def play(circuit: Circuit, network: Network, shots: int = 2) -> Timelines:
    return schedule(compile_circuit(circuit, network, effort="fast").program, shots, 1)


SHOTS = {
    "two QPUs that wait long": lambda: play(make_qft(2), make_network(2, 1, 1)),
    "conditions and resets": lambda: play(make_feed_forward(), make_network(2, 2)),
    "relays on a line": lambda: play(make_qft(4), make_network(4, 1, line=True)),
    "several channels": lambda: play(make_qft(6), make_network(2, 3, None, channels=3)),
    "28 qubits": lambda: play(make_qft(28), make_network(4, 7)),
    "one QPU": lambda: play(make_qft(3), make_network(1, 3)),
    "nothing takes time": lambda: play(
        make_qft(4),
        Network("ideal", (QPU("A", 2), QPU("B", 2)), (Link("A", "B", 0.0),)),
    ),
}


@pytest.fixture(scope="session", params=SHOTS)
def timelines(request: pytest.FixtureRequest) -> Timelines:
    return SHOTS[request.param]()


@pytest.fixture(scope="session")
def small() -> Timelines:
    return SHOTS["conditions and resets"]()


@pytest.fixture(scope="session")
def large() -> Timelines:
    """More instructions than are drawn one by one."""
    random = np.random.default_rng(0)
    builder = CircuitBuilder(40, name="large")
    for _ in range(12_000):
        first, second = random.choice(40, 2, replace=False).tolist()
        if random.random() < 0.6:
            builder.gate("h", first)
        else:
            builder.gate("cz", first, second)
    return play(builder.build(), make_network(4, 10), shots=1)
