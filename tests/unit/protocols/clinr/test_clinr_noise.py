"""Rates of faults, waits between operations, and confidence intervals."""

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.protocols.clinr.block_circuit import (
    block_operations,
    direct_operations,
    hop_operations,
    split_block_operations,
)
from weft.protocols.clinr.checks import choose_checks
from weft.protocols.clinr.clifford_circuit import clifford_from_stim, random_clifford_circuit
from weft.protocols.clinr.depth import CONVENTIONS, depth, stage_ends, start_times
from weft.protocols.clinr.measures import mean, proportion, residual_weights
from weft.protocols.clinr.noise import Noise, fault_ways
from weft.protocols.clinr.operations import IDLE
from weft.protocols.clinr.verification import Verification
from weft.protocols.clinr.waiting import with_waits


def test_each_kind_of_operation_has_its_own_rate() -> None:
    noise = Noise(0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
    rates = noise.probabilities(hop_operations(1))
    assert rates.tolist() == [0.05, 0.06, 0.04, 0.04, 0.06, 0.04, 0.04]
    assert fault_ways(hop_operations(1)).tolist() == [3, 15, 1, 1, 15, 1, 1]
    block = clifford_from_stim("H 0")
    checks = choose_checks(block, 1, "generators")
    rates = noise.probabilities(block_operations(block, checks, Verification()))
    assert rates.tolist() == [0.03, 0.03, 0.02, 0.01, 0.02, 0.03, 0.01, 0.01, 0.04]


def test_waiting_twice_is_waiting_twice_as_long() -> None:
    """Two depolarizing faults combine to one of 4 Paulis: wrong unless neither or both happen and agree."""
    noise = Noise(idle=0.1)
    assert noise.after_waiting(np.array([1.0])) == pytest.approx(0.1)
    assert noise.after_waiting(np.array([2.0])) == pytest.approx(2 * 0.1 * 0.9 + 0.1**2 * 2 / 3)
    assert noise.after_waiting(np.array([1e6])) == pytest.approx(0.75)


@pytest.mark.parametrize("values", [{"two_qubit": 1.5}, {"idle": 0.8}, {"pair": -0.1}])
def test_impossible_rates_are_refused(values) -> None:
    with pytest.raises(InvalidValueError, match=f"`{next(iter(values))}` must lie in"):
        Noise(**values)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_data_is_busy_or_waits_all_the_time(convention) -> None:
    operations = direct_operations(random_clifford_circuit(5, 20, seed=3))
    waits = with_waits(operations, convention, hold_data=True).waits
    assert waits.sum() + 2 * 20 == 5 * depth(operations, convention)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("make", [block_operations, split_block_operations])
@pytest.mark.parametrize("verification", [Verification(), Verification("interleaved", 2)])
def test_qubits_of_a_block_wait_until_it_is_accepted_whatever_the_number_of_checks(
    convention, make, verification
) -> None:
    """From its preparation on, until the end of the stage, each of A and B is in a gate or waits."""
    block = random_clifford_circuit(4, 12, seed=3)
    operations = make(block, choose_checks(block, 4, seed=1), verification)
    waiting = with_waits(operations, convention)
    assert np.all(np.diff(waiting.stages) >= 0)
    assert np.array_equal(waiting.kinds[waiting.kinds != IDLE], operations.kinds)
    starts, ends = start_times(operations, convention), stage_ends(operations, convention)
    for qubit in range(8):
        mine = np.any(operations.qubits == qubit, axis=1)
        begin = starts[mine][0]
        gates = np.count_nonzero(mine & operations.is_two_qubit_gate)
        waits = waiting.waits[waiting.qubits[:, 0] == qubit].sum()
        assert begin + gates + waits == ends[-1]


def test_overlapped_checks_are_never_later() -> None:
    block = random_clifford_circuit(20, 100, seed=3)
    operations = block_operations(block, choose_checks(block, 3, seed=1), Verification())
    assert np.all(stage_ends(operations, "overlapped") <= stage_ends(operations, "layers"))
    assert np.all(stage_ends(operations, "layers") <= stage_ends(operations, "serial"))


def test_an_interval_holds_the_truth_in_95_of_100_cases() -> None:
    """2,000 experiments of 200 shots with p = .03: at most 8 % miss, where 5 % are expected (6 standard errors, 1e-9)."""
    rng = np.random.default_rng(0)
    intervals = [proportion(int(successes), 200) for successes in rng.binomial(200, 0.03, size=2000)]
    assert 0.92 < np.mean([interval.low <= 0.03 <= interval.high for interval in intervals]) < 0.98
    assert (proportion(0, 50).low, proportion(50, 50).high) == (0, 1)
    assert (proportion(0, 0).low, proportion(0, 0).high) == (0, 1)
    assert mean(np.array([1.0, 3.0])).value == 2


def test_weights_of_residuals_are_counted() -> None:
    """Two words for 40 qubits: nothing; Y on qubit 0; X on 31 and Z on 32."""
    residuals = np.array([[0, 0], [3, 0], [1 << 62, 2]], dtype=np.uint64)
    counts = residual_weights(residuals, 40)
    assert counts.tolist() == [1, 1, 1, *[0] * 38]
