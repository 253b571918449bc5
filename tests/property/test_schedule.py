"""Any program on any network is scheduled as a slow scheduler does it, given how long its pairs take."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.program.random_cases import dynamic_circuit, random_network
from unit.scheduler.slow_schedule import check_rules, slow_schedule
from weft.compiler import compile_circuit
from weft.network import Network
from weft.program import Op
from weft.scheduler import schedule


def with_random_times(network: Network, rng: np.random.Generator) -> Network:
    names = ("one_qubit_gate_s", "two_qubit_gate_s", "measurement_s", "reset_s")
    qpus = tuple(
        dataclasses.replace(qpu, **dict(zip(names, rng.random(4).tolist(), strict=True))) for qpu in network.qpus
    )
    links = tuple(
        dataclasses.replace(
            link,
            attempt_s=float(rng.random()),
            success_probability=float(rng.uniform(0.05, 1)),
            channels=int(rng.integers(1, 4)),
            classical_latency_s=float(rng.choice([0.0, rng.random()])),
        )
        for link in network.links
    )
    return dataclasses.replace(network, qpus=qpus, links=links)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 7), st.integers(0, 25))
def test_schedules_are_those_of_a_slow_scheduler(seed: int, qubits: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    network = with_random_times(random_network(rng, qubits), rng)
    program = compile_circuit(dynamic_circuit(rng, qubits, size), network, effort="fast").program
    timelines = schedule(program, 3, seed=seed)
    pairs = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    for shot in range(3):
        start_s, end_s = timelines.start_s[:, shot], timelines.end_s[:, shot]
        waits_s = {int(row): float(end_s[row] - start_s[row]) for row in pairs}
        for row, wait_s in waits_s.items():
            attempts = wait_s / network.links[program.links[row]].attempt_s
            assert abs(attempts - round(attempts)) < 1e-6
            assert round(attempts) >= 1
        starts, ends = slow_schedule(program, waits_s)
        assert np.allclose(starts, start_s, rtol=1e-12, atol=1e-12)
        assert np.allclose(ends, end_s, rtol=1e-12, atol=1e-12)
        check_rules(program, start_s, end_s)
        assert timelines.makespan_s[shot] == max(end_s)
