"""The fast engine against Stim forwards, gate by gate, and against what is known in closed form.

Two sampled probabilities are compared within 5.5 standard errors of their difference: a false alarm of 4e-8 each, and there are
fewer than 25 in this file.
"""

import math

import numpy as np
import pytest

from unit.protocols.clinr.clinr_reference import sample_whole
from weft.errors import InvalidValueError
from weft.protocols.clinr.blocks import Scheme, direct_faults, make_blocks
from weft.protocols.clinr.checks import STRATEGIES
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.forms import compare, direct_error, measure_direct
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.verification import Verification

INTERLEAVED, CAT = Verification("interleaved", 2), Verification("cat", 3)
DEVIATIONS = 5.5


def agree(first, shots, second, more_shots):
    variance = first * (1 - first) / shots + second * (1 - second) / more_shots
    assert abs(first - second) <= DEVIATIONS * math.sqrt(variance)


@pytest.mark.parametrize(
    ("strategy", "verification"), [("uniform", Verification()), ("generators", INTERLEAVED), ("uniform", CAT)]
)
@pytest.mark.parametrize("distributed", [False, True])
def test_the_engine_agrees_with_a_simulation_forwards(strategy, verification, distributed) -> None:
    circuit = random_clifford_circuit(3, 12, seed=6)
    scheme = Scheme(blocks=2, checks=2, strategy=strategy, verification=verification)
    noise = Noise.uniform(0.01, one_qubit=0.004, preparation=0.02, measurement=0.015, pair=0.03, remote=0.012)
    comparison = compare(circuit, noise, scheme, shots=200_000, seed=0)
    passed, wrong = sample_whole(circuit, scheme, noise, distributed=distributed, shots=200_000, seed=1)
    measures = (comparison.distributed if distributed else comparison.one_qpu)[-1]
    assert measures.checks == 2
    for block, acceptance in enumerate(measures.acceptance):
        agree(acceptance.value, 200_000, passed[:, block].mean(), 200_000)
    accepted = passed.all(axis=1)
    agree(measures.logical_error.value, measures.residual_weights.sum(), wrong[accepted].mean(), accepted.sum())


@pytest.mark.parametrize(("verification", "pair_checks"), [(Verification(), 0), (Verification(), 2), (INTERLEAVED, 3)])
def test_split_blocks_agree_with_a_simulation_forwards(verification, pair_checks) -> None:
    circuit = random_clifford_circuit(3, 12, seed=6)
    scheme = Scheme(blocks=2, checks=2, verification=verification, pair_checks=pair_checks)
    ring = Ring(qpus=2, resources="split")
    noise = Noise.uniform(0.01, one_qubit=0.004, preparation=0.02, measurement=0.015, pair=0.03, remote=0.012)
    measures = compare(circuit, noise, scheme, ring, shots=200_000, seed=0).distributed[-1]
    passed, wrong = sample_whole(circuit, scheme, noise, distributed=True, split=True, shots=200_000, seed=1)
    agree(measures.acceptance[1].value, 200_000, passed[:, 1].mean(), 200_000)
    accepted = passed.all(axis=1)
    agree(measures.logical_error.value, measures.residual_weights.sum(), wrong[accepted].mean(), accepted.sum())


def test_checks_of_bare_pairs_save_work_that_would_be_lost() -> None:
    circuit, noise = random_clifford_circuit(10, 1200, seed=3), Noise.uniform(1e-5, pair=0.04)
    without, early = (
        compare(circuit, noise, Scheme(blocks=2, checks=4, pair_checks=number), Ring(qpus=2, resources="split"))
        for number in (0, 4)
    )
    assert [measures.checks for measures in early.distributed] == [0, 1, 2, 3, 4]
    assert early.distributed[-1].expected_gates < without.distributed[-1].expected_gates
    assert early.distributed[-1].depth["serial"].value < without.distributed[-1].depth["serial"].value
    assert early.distributed[-1].logical_error.value < without.distributed[-1].logical_error.value
    assert early.one_qpu[-1].expected_gates == pytest.approx(without.one_qpu[-1].expected_gates, rel=1e-9)


def test_checks_of_split_blocks_find_the_faults_of_pairs() -> None:
    """Only pairs fail. Whole blocks are never refused, and nothing finds those faults.

    Of split blocks, r checks leave about 2⁻ʳ of them, and of X on an ancilla's pair what later checks do not see, ε/3 Σ 2⁻ⁱ.
    """
    circuit, noise = random_clifford_circuit(10, 100, seed=3), Noise(pair=0.01)
    whole, split = (
        compare(circuit, noise, Scheme(blocks=2, checks=6), Ring(qpus=2, resources=resources)).distributed[-1]
        for resources in ("whole", "split")
    )
    fault = 1 - 0.99**10
    assert (whole.acceptance[1].value, whole.bell_pairs) == (1, 10)
    assert whole.logical_error.value == pytest.approx(fault, rel=0.05)
    assert split.acceptance[1].value < 1 - fault
    assert split.logical_error.value < fault / 64 + 2 / 3 * 0.01 + 0.004
    assert split.bell_pairs > 10 + 6


def test_waits_agree_with_a_simulation_forwards() -> None:
    """Without checks nothing restarts, so that every wait is known: blocks of 6 + 3 gates, injections of 3."""
    circuit = random_clifford_circuit(3, 12, seed=6)
    scheme, noise = Scheme(blocks=2, checks=0), Noise.uniform(0.003, idle=0.004)
    block = 9
    waits = {
        0: block + 1.5,  # the data, to the middle of the first injection
        1: 1.5,  # A of the first block
        2: 3 + block + 1.5,  # its B, through an injection, the next preparation and half an injection
        3: 1.5,
        4: 3,
    }
    measures = compare(circuit, noise, scheme, shots=200_000, seed=0).one_qpu[0]
    assert measures.depth["serial"].value == 2 * (block + 3)
    _, wrong = sample_whole(circuit, scheme, noise, distributed=False, shots=200_000, seed=3, waits=waits)
    agree(measures.logical_error.value, 200_000, wrong.mean(), 200_000)
    silent = compare(circuit, Noise.uniform(0.003), scheme, shots=200_000, seed=0).one_qpu[0]
    assert measures.logical_error.value > 2 * silent.logical_error.value


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("verification", [Verification(), INTERLEAVED, CAT])
def test_without_noise_all_is_accepted_and_nothing_is_wrong(strategy, verification) -> None:
    circuit = random_clifford_circuit(5, 25, seed=1)
    scheme = Scheme(blocks=3, checks=4, strategy=strategy, verification=verification)
    comparison = compare(circuit, Noise(), scheme, shots=500, seed=0)
    for measures in (comparison.direct, *comparison.one_qpu, *comparison.distributed):
        assert measures.logical_error.value == 0
        assert all(acceptance.value == 1 for acceptance in measures.acceptance)
        assert measures.residual_weights[0] == 500
    assert comparison.distributed[-1].bell_pairs == 5 * 2


def test_the_direct_circuit_has_its_closed_form() -> None:
    """Faults cancel at random in about 4⁻²⁰ of the cases, next to never; 5.5 standard errors."""
    circuit, noise, shots = random_clifford_circuit(20, 400, seed=2), Noise.uniform(1e-3), 400_000
    known = 1 - (1 - 1e-3) ** 400 * (1 - 1e-4) ** 800
    assert direct_error(circuit, noise) == pytest.approx(known)
    found = measure_direct(circuit, noise, shots=shots).logical_error.value
    assert known - 2e-3 - DEVIATIONS * math.sqrt(known / shots) < found < known + DEVIATIONS * math.sqrt(known / shots)


def test_idle_noise_of_the_direct_circuit_has_its_closed_form() -> None:
    """One gate at a time on 4 qubits: each gate leaves two waiting; a wait is over when a gate or the end comes."""
    circuit, noise = random_clifford_circuit(4, 16, seed=2), Noise(idle=0.01)
    faults = direct_faults(circuit, waits="serial")
    waits = faults.operations.waits
    assert waits.sum() == 16 * 2
    right = np.prod(1 - noise.after_waiting(waits))
    found = measure_direct(circuit, noise, shots=200_000).logical_error.value
    assert found < 1 - right + DEVIATIONS * math.sqrt(right / 200_000)
    assert found > (1 - right) * 0.9  # a few faults cancel


def test_fewer_checks_in_the_same_pass_are_the_same_as_fewer_checks() -> None:
    circuit, noise, shots = random_clifford_circuit(8, 64, seed=4), Noise.uniform(4e-3), 100_000
    long = compare(circuit, noise, Scheme(blocks=2, checks=3), shots=shots, seed=5).one_qpu
    short = compare(circuit, noise, Scheme(blocks=2, checks=1), shots=shots, seed=5).one_qpu
    assert [measures.checks for measures in long] == [0, 1, 2, 3]
    agree(long[1].logical_error.value, 60_000, short[1].logical_error.value, 60_000)
    for first, second in zip(long[1].acceptance, short[1].acceptance, strict=True):
        agree(first.value, shots, second.value, shots)


def test_a_hop_costs_a_pair_a_gate_and_two_measurements_for_each_qubit() -> None:
    """A cx before both are measured has 12 of its 15 Paulis matter; all else always does. n = 10, two hops."""
    circuit, shots = random_clifford_circuit(10, 30, seed=3), 400_000
    noise = Noise(pair=2e-3, remote=1e-3, measurement=5e-4)
    comparison = compare(circuit, noise, Scheme(blocks=3, checks=0), shots=shots)
    local = 10 * 2 * 5e-4
    hop = 10 * (2e-3 + 2 * 0.8e-3 + 4 * 5e-4)
    for measures, rate in ((comparison.one_qpu[0], 3 * local), (comparison.distributed[0], local + 2 * hop)):
        expected = 1 - math.exp(-rate)
        error = measures.logical_error.value
        assert abs(error - expected) < DEVIATIONS * math.sqrt(expected / shots) + 1e-3 * rate + rate**2 / 100


def test_expected_gates_and_depth_without_failures_are_counted() -> None:
    """n = 6: blocks of 6 + 12 gates and checks of known weight; injection takes n gates, a hop 2 n."""
    circuit, scheme = random_clifford_circuit(6, 36, seed=3), Scheme(blocks=3, checks=2)
    blocks = make_blocks(circuit, scheme)
    gates = [block.operations.is_two_qubit_gate.sum() for block in blocks]
    comparison = compare(circuit, Noise(), scheme, Ring(qpus=3, pair_time=0), shots=10)
    assert comparison.one_qpu[-1].expected_gates == pytest.approx((sum(gates) + 18) / 36)
    assert comparison.distributed[-1].expected_gates == pytest.approx((sum(gates) + 6 + 24) / 36)
    assert comparison.one_qpu[-1].depth["serial"].value == sum(gates) + 18
    first, second, third = gates
    in_order = max(max(max(first, 0) + 6, second) + 6, third) + 6
    assert comparison.distributed[-1].depth["serial"].value == in_order
    assert (comparison.direct.qubits_per_qpu, comparison.one_qpu[0].qubits_per_qpu) == (6, 3 * 6 + 1)


def test_a_block_that_is_never_accepted_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="a block must be accepted now and then"):
        compare(random_clifford_circuit(2, 4), Noise(measurement=1.0), Scheme(blocks=1, checks=1), shots=100)


def test_the_same_seed_gives_the_same_numbers() -> None:
    circuit, noise = random_clifford_circuit(5, 25, seed=1), Noise.uniform(0.01, idle=1e-4)
    first, second, other = (compare(circuit, noise, shots=2000, seed=seed).distributed[-1] for seed in (7, 7, 8))
    assert first.logical_error == second.logical_error
    assert first.depth == second.depth
    assert first.depth != other.depth
