"""Every fault, one by one, does in a simulation forwards what the pass backwards says."""

import numpy as np
import pytest
import stim

from unit.protocols.clinr.clinr_reference import StimText, single_paulis
from weft.errors import InvalidValueError
from weft.protocols.clinr.block_circuit import block_operations, direct_operations
from weft.protocols.clinr.checks import choose_checks, stabilizer_of_output
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.fault_effects import block_effects, circuit_effects, output_planes
from weft.protocols.clinr.verification import Verification

_PAULIS = (
    (0, 0),
    (1, 0),
    (3, 0),
    (2, 0),
    (0, 1),
    (1, 1),
    (3, 1),
    (2, 1),
    (0, 3),
    (1, 3),
    (3, 3),
    (2, 3),
    (0, 2),
    (1, 2),
    (3, 2),
    (2, 2),
)
"""Of a fault's number: bits are x and z of the first, then of the second operand."""


@pytest.mark.parametrize("verification", [Verification(), Verification("interleaved", 3), Verification("cat", 3)])
def test_every_single_fault_flips_what_the_effects_say(verification) -> None:
    qubits, count = 3, 3
    block = random_clifford_circuit(qubits, 6, seed=8)
    checks = choose_checks(block, count, "uniform", 2)
    operations = block_operations(block, checks, verification)
    after = output_planes(qubits)
    effects = block_effects(operations, count, circuit_effects(direct_operations(block), after).before, after)
    stabilizers = [stabilizer_of_output(block, pauli) for pauli in single_paulis(qubits)]
    seen = 0
    for row in range(len(operations)):
        for number in range(1, int(effects.ways[row]) + 1):
            text = StimText()
            readings = text.operations(operations, range(operations.num_qubits), fault=(row, _PAULIS[number]))
            simulator = stim.TableauSimulator(seed=0)
            simulator.do(text.circuit)
            record = np.array(simulator.current_measurement_record())
            flips = [np.bitwise_xor.reduce(record[readings[check]]) ^ checks.signs[check] for check in range(count)]
            # That Z is flipped says X and that X is flipped says Z, so pairs change places.
            wrong = [
                simulator.peek_observable_expectation(stim.PauliString(pauli.tolist())) == (1 if sign else -1)
                for pauli, sign in stabilizers
            ]
            expected = np.bitwise_xor.reduce([effects.effects[row, bit] for bit in range(4) if number >> bit & 1])
            assert [bool(int(expected[0]) >> bit & 1) for bit in range(count)] == flips
            swapped = np.array(wrong).reshape(-1, 2)[:, ::-1].reshape(-1)
            assert [bool(int(expected[1]) >> bit & 1) for bit in range(2 * qubits)] == swapped.tolist()
            seen += 1
    assert seen == effects.ways.sum() > 400


def test_checks_must_fit_into_one_word() -> None:
    block = random_clifford_circuit(2, 4)
    checks = choose_checks(block, 65)
    planes = output_planes(2)
    with pytest.raises(InvalidValueError, match="at most 64 checks, but has 65"):
        block_effects(block_operations(block, checks, Verification()), 65, planes, planes)
