"""Circuits come in from everywhere as the same columns, and cutting loses nothing."""

import numpy as np
import pytest
import stim

import weft
from weft.circuit import loads
from weft.errors import InvalidCircuitError, InvalidValueError
from weft.protocols.clinr.block_circuit import direct_operations
from weft.protocols.clinr.clifford_circuit import (
    clifford_from_circuit,
    clifford_from_stim,
    cut,
    matched_clifford_circuit,
    random_clifford_circuit,
)
from weft.protocols.clinr.depth import depth, least_depth

QASM = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\n'


def test_blocks_one_after_another_are_the_circuit() -> None:
    circuit = random_clifford_circuit(7, 30, seed=3)
    blocks = cut(circuit, 4)
    assert [block.two_qubit_gates for block in blocks] == [7, 8, 7, 8]
    assert np.array_equal(np.concatenate([block.opcodes for block in blocks]), circuit.opcodes)
    assert np.array_equal(np.concatenate([block.qubits for block in blocks]), circuit.qubits)


@pytest.mark.parametrize("blocks", [0, 31])
def test_a_circuit_is_not_cut_into_empty_blocks(blocks: int) -> None:
    with pytest.raises(InvalidValueError, match="`blocks` must lie in 1 … 30"):
        cut(random_clifford_circuit(7, 30), blocks)


def test_a_random_circuit_is_that_of_the_generator_and_has_two_one_qubit_gates_for_each_pair() -> None:
    circuit = random_clifford_circuit(6, 36, seed=5)
    assert circuit.circuit().id == weft.load_circuit("clifford:6x36", seed=5).id
    assert (circuit.two_qubit_gates, len(circuit)) == (36, 3 * 36)


def test_stims_own_random_cliffords_keep_what_they_do() -> None:
    for _ in range(5):
        tableau = stim.Tableau.random(4)
        circuit = clifford_from_stim(str(tableau.to_circuit()))
        for pauli in np.eye(4, dtype=np.uint8) * 3:
            image, negative = circuit.conjugation.forward(pauli)
            expected = tableau(stim.PauliString(pauli.tolist()))
            assert image.tolist() == list(expected)
            assert negative == (expected.sign == -1)
            back, again = circuit.conjugation.backward(image)
            assert back.tolist() == pauli.tolist()
            assert again == negative


def test_gates_that_only_stim_names_become_gates_that_do_the_same() -> None:
    text = "SQRT_XX 0 1\nC_XYZ 1\nCXSWAP 1 2\nTICK\nISWAP 0 2\nSQRT_Y_DAG 0\nXCZ 2 0"
    tableau = stim.Circuit(text).to_tableau()
    circuit = clifford_from_stim(text)
    for letter in (1, 2, 3):
        pauli = np.array([letter, 0, 4 - letter], dtype=np.uint8)
        image, negative = circuit.conjugation.forward(pauli)
        expected = tableau(stim.PauliString(pauli.tolist()))
        assert (image.tolist(), negative) == (list(expected), expected.sign == -1)


def test_angles_of_clifford_gates_are_understood_and_final_measurements_left_out() -> None:
    text = QASM + "rz(pi/2) q[0]; cx q[0],q[1]; rzz(pi/2) q[1],q[2]; u3(pi/2,0,pi) q[2]; measure q -> c;"
    circuit = clifford_from_circuit(loads(text))
    assert next(iter(circuit.steps)) == ("s", (0,))
    image, _ = circuit.conjugation.forward(np.array([1, 0, 0], dtype=np.uint8))
    assert image.tolist() == [2, 2, 1]  # X → Y by s, Y I → Y X by cx, X I → Y Z by rzz, and Z → X by the last h


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("t q[0];", "every gate must be Clifford, but instruction 0 is `t`"),
        ("measure q[0] -> c[0]; h q[0];", "must be unitary up to measurements at its end, but instruction 1 is not"),
        ("reset q[0];", "instruction 0 is not"),
    ],
)
def test_what_is_no_clifford_circuit_is_refused(body: str, message: str) -> None:
    with pytest.raises(InvalidCircuitError, match=message):
        clifford_from_circuit(loads(QASM + body))


@pytest.mark.parametrize("text", ["H 0\nM 0", "H 0\nDEPOLARIZE1(0.1) 0", "CX rec[-1] 0", "NONSENSE 3", ""])
def test_stim_circuits_that_are_no_unitary_are_refused(text: str) -> None:
    with pytest.raises(InvalidCircuitError):
        clifford_from_stim(text)


@pytest.mark.parametrize("qubits", [8, 9])
def test_no_circuit_of_its_size_is_shallower_than_one_of_perfect_matchings(qubits: int) -> None:
    circuit = matched_clifford_circuit(qubits, 50, seed=1)
    assert circuit.two_qubit_gates == 50
    assert depth(direct_operations(circuit), "layers") == least_depth(qubits, 50) == 13
    assert depth(direct_operations(random_clifford_circuit(qubits, 50, seed=1)), "layers") > 13


def test_a_rotation_that_is_only_near_a_clifford_gate_is_refused() -> None:
    """Stim alone would round it to one."""
    builder = weft.CircuitBuilder(1)
    builder.gate("rx", 0, angles=(1.2,))
    with pytest.raises(weft.WeftError, match="Clifford"):
        clifford_from_circuit(builder.build())
