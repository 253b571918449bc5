"""A tree of trajectories says the same as trajectories one by one."""

import numpy as np
import pytest
from dense_reference import played
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.simulator.noisy_cases import GENERAL, PAULI_NOISE, compiled, pair_of_qpus, static_circuit
from weft.program import Pauli
from weft.simulator.dense.data_circuit import Insertion
from weft.simulator.dense.fused_circuit import FusedCircuit
from weft.simulator.dense.tracing_out import trace_out
from weft.simulator.dense.trajectory_tree import Wanted, follow

CIRCUIT = trace_out(compiled(static_circuit(4, 4, 14, GENERAL), pair_of_qpus((2, 2), hardware=PAULI_NOISE)), 4)
FUSED = FusedCircuit(CIRCUIT)
INSERTIONS = sorted({insertion for insertions in CIRCUIT.insertions.values() for insertion in insertions})
DRAWS = (np.arange(7) + 0.5) / 7

histories = st.lists(st.lists(st.sampled_from(INSERTIONS[::5]), max_size=4), max_size=25).map(
    lambda faults: [(), *dict.fromkeys(history for history in map(FUSED.history, faults) if history)]
)


def one_by_one(history):
    """Overlap and weights, in double precision."""
    ideal, state = (played(FUSED, faults, 4) for faults in ((), history))
    return abs(np.vdot(ideal, state)) ** 2, np.abs(state) ** 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(histories, st.integers(0, 2**20), st.integers(1, 3))
def test_a_tree_equals_its_trajectories(wanted_histories, seed, cores):
    """Whatever histories share, whether they are sampled, and however many branches are followed side by side."""
    generator = np.random.default_rng(seed)
    reads = generator.random(len(wanted_histories)) < 0.6
    wanted = [
        Wanted(history, generator.permutation(DRAWS) if read else np.zeros(0))
        for history, read in zip(wanted_histories, reads, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: cores)
        found = follow(FUSED, wanted)
    for asked, answer in zip(wanted, found, strict=True):
        overlap, weights = one_by_one(asked.history)
        assert answer.overlap == pytest.approx(overlap, abs=1e-5)
        assert len(answer.indices) == len(asked.draws)
        edges = np.cumsum(index_order(weights))
        for index, draw in zip(answer.indices.tolist(), asked.draws.tolist(), strict=True):
            value = index >> FUSED.qubit(0)
            assert index == value << FUSED.qubit(0)
            assert edges[value] - index_order(weights)[value] - 1e-5 <= draw <= edges[value] + 1e-5


def index_order(weights):
    """Weights of shape (2, …, 2), wire by wire, in the order of basis states: wire 0 is the lowest bit."""
    return weights.transpose(*range(weights.ndim)[::-1]).reshape(-1)


def test_the_ideal_state_overlaps_with_itself_exactly():
    """So that shots without a fault count as exactly 1."""
    (found,) = follow(FUSED, [Wanted((), np.array([0.3]))])
    assert found.overlap == 1.0


def test_a_single_fault_needs_no_branch(monkeypatch):
    """Unless it is sampled."""
    history = FUSED.history([Insertion(3, 0, Pauli.X)])
    assert len(history) == 1
    _, sampled = follow(FUSED, [Wanted((), np.zeros(0)), Wanted(history, np.array([0.5]))])
    monkeypatch.setattr("weft.simulator.dense.trajectory_tree._Tree.descend", None)
    _, short = follow(FUSED, [Wanted((), np.zeros(0)), Wanted(history, np.zeros(0))])
    assert short.overlap == pytest.approx(sampled.overlap, abs=1e-6)
