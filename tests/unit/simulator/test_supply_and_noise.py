"""Policies where they meet noise: what a pair's age and state do to the outcome, in every backend alike."""

import math

import numpy as np
import pytest
from noisy_cases import PAULI_NOISE, compiled, make_network, pair_of_qpus, static_circuit, unitary_probe

from unit.simulator.test_long_runs import SmallBatches
from weft.circuit import CircuitBuilder
from weft.errors import InvalidValueError, SchedulingError
from weft.network import BellPair
from weft.scheduler import Distillation, Player, Policy, schedule
from weft.simulator import simulate
from weft.simulator.noise import noise_of
from weft.simulator.stabilizer import Stabilizer

POLICIES = [
    Policy(),
    Policy("just_in_time"),
    Policy(cutoff_s=5e-3),
    Policy("prefetch", buffer_pairs=2),
    Policy("prefetch", buffer_pairs=3, cutoff_s=8e-3, sharing="request"),
    Policy("just_in_time", distillation=Distillation("dejmps", 1)),
]
CLIFFORD_NAMES = ("h", "s", "cx", "cz")


def slow_links(**options):
    return make_network(
        [(0, 1), (1, 2)], (2, 1, 1), pair=BellPair.werner(0.9), hardware=PAULI_NOISE | {"t2_s": 0.02}, attempt_s=1e-3,
        success=0.3, **options,
    )  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_backends_agree_under_every_policy(policy):
    """Six standard errors each: a false alarm is rarer than 10⁻⁸."""
    program = compiled(static_circuit(3, 4, 8, CLIFFORD_NAMES), slow_links())
    exact = simulate(program, shots=1000, seed=1, backend="density", policy=policy)
    assert exact.fidelity.value < 0.9
    for backend in ("stabilizer", "statevector"):
        sampled = simulate(program, shots=6000, seed=2, backend=backend, policy=policy)
        spread = math.hypot(exact.fidelity.stderr, sampled.fidelity.stderr)
        assert abs(sampled.fidelity.value - exact.fidelity.value) < 6 * spread
        for cause, loss in exact.error_budget.items():
            error = math.hypot(exact.error_budget_stderr[cause], sampled.error_budget_stderr[cause])
            assert abs(sampled.error_budget[cause] - loss) < 6 * error + 1e-12


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_results_say_what_became_of_every_pair(policy):
    program = compiled(unitary_probe(), slow_links())
    for backend in ("stabilizer", "density"):
        result = simulate(program, shots=300, seed=1, backend=backend, policy=policy)
        supply = result.supply
        assert supply.shots == 300
        np.testing.assert_array_equal(supply.generated, supply.used + supply.expired + supply.discarded + supply.held)
        assert supply.used.sum() == 300 * program.ebits
        assert np.all((supply.utilisation >= 0) & (supply.utilisation <= 1))
        assert supply.makespan_s == pytest.approx(result.makespans_s.sum())
        assert str(policy) == result.policy


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_streamed_shots_are_those_of_stored_timelines(policy):
    """The same times, so that the same noise strikes; links fail often here."""
    program = compiled(static_circuit(5, 4, 8, CLIFFORD_NAMES), slow_links())
    noise, seeds = noise_of(program, policy), np.random.SeedSequence(7).spawn(2)
    streamed = Stabilizer().run_streamed(Player(program, policy, width=512), noise, 700, *seeds)
    timelines = schedule(program, 700, seeds[0], policy=policy)
    stored = Stabilizer().run(program, noise, timelines, seeds[1])
    np.testing.assert_array_equal(streamed.batch.bits, stored.bits)
    np.testing.assert_array_equal(streamed.batch.overlaps, stored.overlaps)
    np.testing.assert_allclose(streamed.makespans_s, timelines.makespan_s)


def test_a_pair_that_waited_in_a_buffer_has_aged():
    """Only pairs wait here, and nothing else is noisy: F = (1 + e^{−2t/T2})/2 for a CNOT on |+0⟩ with a pair of age t.

    The link makes a pair at once, and the gate is asked for after the local gates of 50 ms.
    """
    network = pair_of_qpus(
        (1, 1), hardware={"one_qubit_gate_s": 0.05, "communication_t2_s": 0.2}, attempt_s=1e-6, success=1.0
    )
    builder = CircuitBuilder(2)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    program = compiled(builder, network)
    kept = simulate(program, shots=10, seed=1, backend="density", policy=Policy("prefetch", buffer_pairs=1))
    fresh = simulate(program, shots=10, seed=1, backend="density", policy=Policy("just_in_time"))
    assert kept.supply.used[0] == 10
    assert fresh.fidelity.value == pytest.approx(1, abs=1e-9)
    assert kept.fidelity.value == pytest.approx((1 + math.exp(-2 * 0.05 / 0.2)) / 2, abs=1e-4)
    young = simulate(program, shots=10, seed=1, backend="density", policy=Policy("prefetch", cutoff_s=0.01))
    assert young.fidelity.value > kept.fidelity.value
    assert young.supply.expired[0] > 0


def test_distilled_pairs_are_better_and_dearer():
    program = compiled(unitary_probe(), pair_of_qpus((2, 1), pair=BellPair.werner(0.85), attempt_s=1e-4, success=0.2))
    raw, distilled = (
        simulate(program, shots=200, seed=1, backend="density", policy=Policy(distillation=how))
        for how in (None, Distillation("dejmps", 2))
    )
    assert distilled.fidelity.value > raw.fidelity.value + 0.02
    assert distilled.supply.generated[0] >= 4 * raw.supply.generated[0]
    assert distilled.makespan.mean > raw.makespan.mean


def test_a_network_without_room_to_distil_is_refused():
    program = compiled(unitary_probe(), slow_links(communication=1))
    for backend in ("stabilizer", "density"):
        with pytest.raises(SchedulingError, match="distil"):
            simulate(program, shots=5, seed=1, backend=backend, policy=Policy(distillation=Distillation("bbpssw", 3)))


def test_links_far_slower_than_memories_leave_the_dephased_state():
    """|+⟩ waits for its first pair much longer than T2, so that nothing is left of its phase: F = 1/2 for a GHZ-like state."""
    network = pair_of_qpus((1, 1), hardware={"t2_s": 1e-3, "one_qubit_gate_s": 1e-6}, attempt_s=1.0, success=0.5)
    builder = CircuitBuilder(2)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    for backend in ("density", "statevector", "stabilizer"):
        result = simulate(compiled(builder, network), shots=4000, seed=1, backend=backend)
        # √(ln(2/10⁻⁷)/2n) = .046 (Hoeffding)
        assert result.fidelity.value == pytest.approx(0.5, abs=0.047 if backend != "density" else 1e-6)


def test_crosstalk_is_refused_where_attempts_are_not_followed():
    program = compiled(unitary_probe(), pair_of_qpus((2, 1), crosstalk_flip_probability=1e-3))
    for policy in (Policy("prefetch"), Policy(cutoff_s=0.1), Policy(distillation=Distillation())):
        with pytest.raises(InvalidValueError, match="`crosstalk_flip_probability` must be 0 under a policy"):
            simulate(program, shots=5, seed=1, policy=policy)
    assert simulate(program, shots=5, seed=1, policy=Policy("just_in_time")).shots == 5


def test_what_is_no_policy_is_refused_by_name():
    program = compiled(unitary_probe(), pair_of_qpus((2, 1)))
    with pytest.raises(InvalidValueError, match=r"`policy` must be a weft\.Policy"):
        simulate(program, shots=5, seed=1, policy="prefetch")
    with pytest.raises(InvalidValueError, match="`backend` must be a name or a Backend, but is 3"):
        simulate(program, shots=5, seed=1, backend=3)


def test_one_shot_says_that_its_error_is_unknown():
    program = compiled(unitary_probe(), slow_links())
    result = simulate(program, shots=1, seed=1, backend="density")
    assert result.fidelity.stderr is None
    assert set(result.error_budget_stderr.values()) == {None}
    assert "±" not in repr(result)
    assert simulate(program, shots=2, seed=1, backend="density").fidelity.stderr > 0


def test_attempts_beyond_counting_do_not_wrap_around():
    network = pair_of_qpus((2, 1), attempt_s=1e-9, success=1e-20)
    result = simulate(compiled(unitary_probe(), network), shots=3, seed=1, backend="density")
    assert result.supply.attempts[0] > 10**18


def test_strengths_of_sums_are_means_whatever_the_order():
    program = compiled(unitary_probe(), slow_links())
    a, b = (simulate(program, shots=shots, seed=shots, backend="density") for shots in (10, 30))
    first, second = (a + b).strengths, (b + a).strengths
    for cause, places in first.items():
        for place, strength in places.items():
            assert strength == pytest.approx(second[cause][place])
            assert strength == pytest.approx((a.strengths[cause][place] + 3 * b.strengths[cause][place]) / 4)


def test_seeds_that_differ_by_a_word_share_nothing():
    program = compiled(unitary_probe(), slow_links())
    few = SmallBatches("density")
    makespans = [simulate(program, shots=64, seed=seed, backend=few).makespans_s for seed in (5, 5 + 2**32)]
    for one in range(0, 64, 16):
        for other in range(0, 64, 16):
            assert not np.array_equal(makespans[0][one : one + 16], makespans[1][other : other + 16])
