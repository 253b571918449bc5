"""Any program that is a circuit on data qubits gives the same on a dense state as on a sparse one, shot by shot."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from property.test_simulate import PAULI_NETWORK, programs, quick
from unit.simulator.noisy_cases import CLIFFORD, GENERAL, PAULI_NOISE, compiled, make_network, static_circuit
from weft.network import BellPair
from weft.scheduler import schedule
from weft.simulator.backend import STAGES, is_static
from weft.simulator.dense.shots import DensePlan, run_dense
from weft.simulator.dense.tracing_out import trace_out
from weft.simulator.faults import draw_faults
from weft.simulator.noise import noise_of
from weft.simulator.statevector import _Shots, _tables

SHOTS = 40
NOISY = {"pair": BellPair.bell_diagonal([0.8, 0.1, 0.07, 0.03]), "hardware": PAULI_NOISE, "attempt_s": 0.05}
NETWORKS = [
    make_network([(0, 1)], (2, 2), **NOISY),
    make_network([(0, 1)], (2, 2), communication=1, **NOISY),
    make_network([(0, 1), (1, 2)], (2, 1, 1), communication=2, **NOISY),
]


def assert_same_overlaps(program, circuit, seed):
    """With the same faults."""
    noise = noise_of(program)
    timelines = schedule(program, SHOTS, seed)
    faults = draw_faults(program, noise, timelines, np.random.default_rng(seed), twirl=False)
    dense = run_dense(program, DensePlan(circuit), faults, SHOTS, seed)
    sparse = _Shots(program, _tables(program, noise), faults, np.zeros((0, 0, 2)), seed, static=True).run_static(SHOTS)
    assert dense.overlaps.shape == (STAGES, SHOTS)
    np.testing.assert_allclose(dense.overlaps, sparse.overlaps, atol=3e-6)


@quick
@given(st.integers(0, 2**20), st.sampled_from(NETWORKS), st.sampled_from([CLIFFORD, GENERAL]))
def test_overlaps_of_compiled_circuits(seed, network, names):
    program = compiled(static_circuit(seed, 4, 10, names), network)
    circuit = trace_out(program, 4)
    if circuit is not None and is_static(program):
        assert_same_overlaps(program, circuit, seed)


@quick
@given(programs(static=True, most=30), st.integers(0, 2**20))
def test_overlaps_of_any_program(program, seed):
    """Many of these are no data circuits, because their corrections make no sense."""
    program = replace(program, network=PAULI_NETWORK)
    circuit = trace_out(program, 3)
    if circuit is not None:
        assert_same_overlaps(program, circuit, seed)
