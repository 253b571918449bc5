"""Checks are stabilizers of the resource state, with the sign that a measurement finds, however they are measured."""

import numpy as np
import pytest
import stim

from unit.protocols.clinr.clinr_reference import StimText, single_paulis
from weft.errors import InvalidValueError
from weft.protocols.clinr.block_circuit import block_operations
from weft.protocols.clinr.checks import STRATEGIES, choose_checks, stabilizer_of_input, stabilizer_of_output
from weft.protocols.clinr.clifford_circuit import clifford_from_stim, random_clifford_circuit
from weft.protocols.clinr.depth import stage_ends
from weft.protocols.clinr.verification import Verification

LAYOUTS = [Verification(), Verification("interleaved", 3), Verification("cat", 4), Verification("cat", 1)]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("verification", LAYOUTS)
@pytest.mark.parametrize("qubits", [1, 2, 5])
def test_without_noise_every_check_has_its_sign_and_leaves_the_state_as_it_is(strategy, verification, qubits) -> None:
    for seed in range(4):
        block = clifford_from_stim(str(stim.Tableau.random(qubits).to_circuit()) + f"\nI {qubits - 1}")
        checks = choose_checks(block, 7, strategy, seed)
        operations = block_operations(block, checks, verification)
        text = StimText()
        readings = text.operations(operations, range(operations.num_qubits))
        simulator = stim.TableauSimulator(seed=seed)
        simulator.do(text.circuit)
        record = np.array(simulator.current_measurement_record())
        for check, sign in enumerate(checks.signs):
            assert np.bitwise_xor.reduce(record[readings[check]]) == sign
        for pauli in single_paulis(qubits):
            for stabilizer, sign in (stabilizer_of_input(block, pauli), stabilizer_of_output(block, pauli)):
                expectation = simulator.peek_observable_expectation(stim.PauliString(stabilizer.tolist()))
                assert expectation == (-1 if sign else 1)


def test_uniform_checks_have_weight_three_halves_n_and_generators_half_of_it() -> None:
    """Each qubit's Pauli is uniform: 3/4 of 2 n = 80; over 400 checks the mean is within 6 standard errors (2e-9)."""
    block = random_clifford_circuit(40, 800, seed=2)
    weights = choose_checks(block, 400, "uniform", 1).weights
    assert abs(weights.mean() - 60) < 6 * np.sqrt(80 * 3 / 16 / 400)
    generators = choose_checks(block, 160, "generators", 1)
    assert abs(generators.weights.mean() - 31) < 1.5  # 1 and 3/4 of 40; 160 of them are every generator once
    assert np.all(np.count_nonzero(generators.paulis[0::2, :40], axis=1) == 1)
    assert np.all(np.count_nonzero(generators.paulis[1::2, 40:], axis=1) == 1)
    assert len(np.unique(generators.paulis[0::2], axis=0)) == len(np.unique(generators.paulis[1::2], axis=0)) == 80


def test_no_check_is_the_identity() -> None:
    checks = choose_checks(clifford_from_stim("H 0"), 200, "uniform", 0)
    assert checks.weights.min() == 2


def test_interleaved_checks_take_about_as_many_layers_as_the_heaviest() -> None:
    block = random_clifford_circuit(60, 900, seed=4)
    checks = choose_checks(block, 8, "generators", 4)
    ends = stage_ends(block_operations(block, checks, Verification("interleaved", 8)), "layers")
    assert checks.weights.max() <= ends[1] - ends[0] <= checks.weights.max() + 16
    sequence = stage_ends(block_operations(block, checks, Verification()), "layers")
    assert np.array_equal(np.diff(sequence), checks.weights)


def test_a_cat_state_shares_out_a_check() -> None:
    """Eight ancillas: three layers to spread, then an eighth of the weight each."""
    block = random_clifford_circuit(60, 900, seed=4)
    checks = choose_checks(block, 2, "uniform", 4)
    ends = stage_ends(block_operations(block, checks, Verification("cat", 8)), "layers")
    assert np.all(np.diff(ends) <= -(-checks.weights // 8) + 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: choose_checks(clifford_from_stim("H 0"), 1, "best"), "`strategy` must be one of uniform, generators"),
        (lambda: choose_checks(clifford_from_stim("H 0"), -1), "`count` must be at least 0, but is -1"),
        (lambda: Verification("parallel", 2), "`layout` must be one of"),
        (lambda: Verification("sequence", 2), "must use 1 ancilla, but `ancillas` is 2"),
        (lambda: Verification("cat", 0), "`ancillas` must be at least 1, but is 0"),
    ],
)
def test_impossible_checks_are_refused(make, message) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()
