"""What each fault of a circuit does to its checks and to the Pauli that is left on the output of the whole computation.

The observables are the 2 n Paulis Zⱼ and Xⱼ on the output, pulled back to wherever a block stands; that Zⱼ is flipped means an
X is left on output qubit j, that Xⱼ is flipped a Z. So the faults of all blocks add up bit by bit, and cancel where they do in
truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.clinr.fault_kernel import pull_back
from weft.protocols.clinr.noise import fault_ways
from weft.protocols.clinr.operations import Operations
from weft.protocols.clinr.tableaus import pauli_actions

Planes = NDArray[np.uint64]
"""What X and Z on each of n qubits flip; shape (n, 2, words), where word 0 is for checks and the rest for observables."""

_MOST_CHECKS = 64


@dataclass(frozen=True, eq=False)
class FaultEffects:
    """A circuit, and what its faults flip.

    Attributes:
        operations: the circuit.
        ways (int64 array, shape (operations,)): how many Paulis each fault may be.
        effects (uint64 array, shape (operations, 4, words)): what X and Z on the first and on the second operand flip; see
            `pull_back`.
        stage_checks (uint64 array, shape (stages,)): the checks that each stage measures, as bits of word 0.
        before (uint64 array, shape (qubits, 2, words)): what X and Z on each qubit flip before the circuit begins.
    """

    operations: Operations
    ways: NDArray[np.int64]
    effects: NDArray[np.uint64]
    stage_checks: NDArray[np.uint64]
    before: Planes


def output_planes(num_qubits: int) -> Planes:
    """The planes at the end of the whole computation: X on qubit j flips observable 2 j, Z flips observable 2 j + 1."""
    planes = np.zeros((num_qubits, 2, 1 + -(-2 * num_qubits // 64)), dtype=np.uint64)
    observables = np.arange(2 * num_qubits)
    bits = np.uint64(1) << (observables % 64).astype(np.uint64)
    planes[observables // 2, observables % 2, 1 + observables // 64] = bits
    return planes


def circuit_effects(operations: Operations, after: Planes) -> FaultEffects:
    """Faults of a circuit that acts on the data itself, given the planes after it."""
    return _effects(operations, after.copy(), np.zeros((1, after.shape[2]), dtype=np.uint64), _no_checks(operations))


def block_effects(operations: Operations, checks: int, before_block: Planes, after: Planes) -> FaultEffects:
    """Faults of the preparation and verification of a block.

    A Pauli on A is as its transpose on the data before the block, one on B as itself on the data after it.

    Args:
        operations: of `block_operations`, with waits or without.
        checks: how many are measured, at most 64.
        before_block: the planes of the data before the block.
        after: the planes of the data after it.

    Raises:
        InvalidValueError: for more checks.
    """
    if checks > _MOST_CHECKS:
        raise InvalidValueError(f"a block must have at most {_MOST_CHECKS} checks, but has {checks}")
    n = len(after)
    flipped = np.zeros((max(checks, 1), after.shape[2]), dtype=np.uint64)
    flipped[:, 0] = np.uint64(1) << np.arange(max(checks, 1), dtype=np.uint64)
    planes = np.zeros((operations.num_qubits, 2, after.shape[2]), dtype=np.uint64)
    planes[:n], planes[n : 2 * n] = before_block, after
    stage_checks = np.zeros(operations.num_stages, dtype=np.uint64)
    measured = operations.readings >= 0
    np.bitwise_or.at(stage_checks, operations.stages[measured], flipped[operations.readings[measured], 0])
    return _effects(operations, planes, flipped, stage_checks)


def injection_effects(operations: Operations, before_block: Planes) -> FaultEffects:
    """Faults of the injection of data into a block.

    A wrong bit that says Z is as a Z on the data before the block, one that says X as an X.

    Args:
        operations: of `injection_operations` or `hop_operations`.
        before_block: the planes of the data before the block.
    """
    words = before_block.shape[2]
    flipped = np.concatenate((before_block[:, 1], before_block[:, 0]))
    planes = np.zeros((operations.num_qubits, 2, words), dtype=np.uint64)
    return _effects(operations, planes, flipped, _no_checks(operations))


def _no_checks(operations: Operations) -> NDArray[np.uint64]:
    return np.zeros(operations.num_stages, dtype=np.uint64)


def _effects(
    operations: Operations, planes: Planes, flipped: NDArray[np.uint64], stage_checks: NDArray[np.uint64]
) -> FaultEffects:
    """Goes back from the end; `planes` becomes what is true at the beginning."""
    effects = np.zeros((len(operations), 4, planes.shape[2]), dtype=np.uint64)
    columns = (operations.kinds, operations.qubits, operations.readings)
    pull_back(*columns, pauli_actions(), flipped, planes, effects)
    return FaultEffects(operations, fault_ways(operations), effects, stage_checks, planes)
