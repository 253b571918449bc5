"""Sampling from Clifford and conjugated Clifford circuits, against distributions by matrices."""

import math

import numpy as np
import pytest

import weft
from unit.protocols.clinr.clinr_cases import pieces_of, random_checks, ring, verified
from weft.circuit.gates import CODES, matrix_of
from weft.protocols.clinr import CliffordCircuit, Sampling, clinr_program, direct_program

SHOTS = 5_000
U = (0.7, 0.3, -1.1)


def exact_distribution(blocks: list[CliffordCircuit], angles: tuple[float, float, float] | None) -> np.ndarray:
    """Probabilities of U⊗ⁿ C U†⊗ⁿ on |0…0⟩, qubit 0 in the lowest bit, by matrices alone."""
    n = blocks[0].num_qubits
    local = np.eye(2) if angles is None else matrix_of(CODES["u"], angles)
    state = np.zeros((2,) * n, dtype=complex)
    state[(0,) * n] = 1
    for qubit in range(n):
        state = apply(state, local.conj().T, [qubit])
    for block in blocks:
        for code, operands in zip(block.opcodes.tolist(), block.qubits.tolist(), strict=True):
            state = apply(state, matrix_of(code), [qubit for qubit in operands if qubit >= 0])
    for qubit in range(n):
        state = apply(state, local, [qubit])
    return np.abs(state.transpose(range(n)[::-1]).reshape(-1)) ** 2


def apply(state: np.ndarray, matrix: np.ndarray, qubits: list[int]) -> np.ndarray:
    """Axis q of the state is qubit q; the first operand is the more significant one of the matrix."""
    tensor = matrix.reshape((2,) * (2 * len(qubits)))
    moved = np.tensordot(tensor, state, axes=(range(len(qubits), 2 * len(qubits)), qubits))
    return np.moveaxis(moved, range(len(qubits)), qubits)


def agrees(counts: dict[str, int], exact: np.ndarray) -> None:
    """Every outcome within 6 standard errors and 3 shots.

    For frequent outcomes that is a false alarm of 2·10⁻⁹, for those expected ten times or less, by the tail of Poisson, below 10⁻⁷.
    There are fewer than a hundred, few of them rare. An outcome whose exact probability is 0 never comes.
    """
    shots = sum(counts.values())
    for outcome, probability in enumerate(exact):
        found = counts.get(format(outcome, f"0{int(math.log2(len(exact)))}b"), 0)
        if probability < 1e-12:
            assert found == 0
        else:
            spread = math.sqrt(shots * probability * (1 - probability))
            assert abs(found - shots * probability) < 6 * spread + 3


@pytest.mark.parametrize("qpus", [1, 2, 3])
def test_samples_of_a_clifford_circuit_are_of_its_distribution(qpus: int) -> None:
    blocks = pieces_of(4, 5, 3, 21)
    checks = [random_checks(block, 2, 22) for block in blocks]
    result = weft.simulate(
        clinr_program(verified(blocks, checks), ring(qpus)), shots=SHOTS, seed=1, backend="stabilizer"
    )
    agrees(result.counts, exact_distribution(blocks, None))


@pytest.mark.parametrize(("qubits", "qpus"), [(2, 2), (3, 1)])
def test_samples_of_a_conjugated_clifford_circuit_are_of_its_distribution(qubits: int, qpus: int) -> None:
    """State vectors do not know checks, so that the Clifford core is distributed without; the next test has both."""
    blocks = pieces_of(qubits, 6, 2, 23)
    checks = [random_checks(block, 0, 24) for block in blocks]
    program = clinr_program(verified(blocks, checks), ring(qpus), boundary=Sampling(U), lanes=1)
    result = weft.simulate(program, shots=2_000, seed=2, backend="statevector")
    agrees(result.counts, exact_distribution(blocks, U))


def test_checks_may_stand_in_a_conjugated_clifford_circuit() -> None:
    blocks = pieces_of(2, 6, 2, 25)
    checks = [random_checks(block, 1, 26) for block in blocks]
    program = clinr_program(verified(blocks, checks), ring(2), boundary=Sampling(U), lanes=1)
    result = weft.simulate(program, shots=SHOTS, seed=3, backend="density")
    agrees(result.counts, exact_distribution(blocks, U))
    assert result.supply.block_runs.tolist() == [SHOTS, SHOTS]


def test_the_direct_circuit_has_the_same_distribution() -> None:
    blocks = pieces_of(3, 6, 1, 27)
    program = direct_program(blocks[0], ring(1), boundary=Sampling(U))
    agrees(weft.simulate(program, shots=SHOTS, seed=4, backend="statevector").counts, exact_distribution(blocks, U))
    assert exact_distribution(blocks, U).max() < 0.9  # or there would be little to see
