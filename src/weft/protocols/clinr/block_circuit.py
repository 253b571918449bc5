"""The circuits of CliNR, gate by gate: a block's preparation with its checks, and the injection of data into it."""

from __future__ import annotations

from weft.protocols.clinr.checks import Checks
from weft.protocols.clinr.clifford_circuit import CliffordCircuit
from weft.protocols.clinr.operations import MEASURE_X, MEASURE_Z, PAIR, PREPARE_Z, OperationList, Operations
from weft.protocols.clinr.verification import Verification, add_split_verification, add_verification


def block_operations(
    block: CliffordCircuit, checks: Checks, verification: Verification, *, first_stage: int = 0
) -> Operations:
    """Preparation of a block's resource state (the first stage) and its verification (a stage for each group of checks).

    Qubits 0 … n − 1 are A, n … 2n − 1 are B, and the ancillas follow. The reading of a measurement is the number of its check.

    Args:
        block: C, n qubits.
        checks: what is measured.
        verification: how.
        first_stage: the number of the first stage; those before it are empty.

    Source:
        Delfosse and Tham, arXiv 2407.06583.
    """
    n = block.num_qubits
    operations = OperationList(2 * n + verification.ancillas, first_stage)
    for a in range(n):
        operations.add(PREPARE_Z, a)
        operations.add(PREPARE_Z, n + a)
        operations.gate("h", a)
        operations.gate("cx", a, n + a)
    operations.circuit(block, range(n, 2 * n))
    add_verification(operations, checks, verification)
    return operations.build()


def split_block_operations(
    block: CliffordCircuit, checks: Checks, verification: Verification, pair_checks: Checks | None = None
) -> Operations:
    """As `block_operations`, but A is on the QPU before, so that AB are the link's own pairs, and checks see their faults.

    Each ancilla is a pair of the link as well: its half on the QPU before visits A, the other B. The halves on the QPU before are
    the qubits from 2 n on, the others follow.

    Args:
        block: C, n qubits.
        checks: what is measured after C.
        verification: how.
        pair_checks: stabilizers of the bare pairs that are measured before C, in stages of their own; their readings are numbered
            after those of `checks`.

    Raises:
        InvalidValueError: for checks by cat states of more than two.
    """
    n = block.num_qubits
    operations = OperationList(2 * n + 2 * verification.ancillas)
    for a in range(n):
        operations.add(PAIR, a, n + a)
    if pair_checks is not None and len(pair_checks):
        add_split_verification(operations, pair_checks, verification, first_reading=len(checks))
        operations.stage += 1
    operations.circuit(block, range(n, 2 * n))
    add_split_verification(operations, checks, verification)
    return operations.build()


def injection_operations(num_qubits: int) -> Operations:
    """Injection of data on the same QPU: a Bell measurement of each data qubit with its A.

    Qubits 0 … n − 1 hold the data and n … 2n − 1 are A. Reading j is of data qubit j, reading n + j of Aⱼ.
    """
    operations = OperationList(2 * num_qubits)
    for data in range(num_qubits):
        _add_bell_measurement(operations, data, num_qubits + data, data, num_qubits + data)
    return operations.build()


def hop_operations(num_qubits: int) -> Operations:
    """Injection of data on another QPU, through a Bell pair CD of a link: Bell measurements of the data with C and of D with A.

    Qubits 0 … n − 1 hold the data, n … 2n − 1 are C, then D, then A. Reading j is of data qubit j and of Dⱼ, reading n + j of Cⱼ
    and of Aⱼ.

    Source:
        Dobbs, Delfosse and Brodutch, arXiv 2512.10693.
    """
    n = num_qubits
    operations = OperationList(4 * n)
    for data in range(n):
        near, far, target = n + data, 2 * n + data, 3 * n + data
        operations.add(PAIR, near, far)
        _add_bell_measurement(operations, data, near, data, n + data, remote=True)
        _add_bell_measurement(operations, far, target, data, n + data, remote=True)
    return operations.build()


def direct_operations(circuit: CliffordCircuit) -> Operations:
    """The circuit itself, on n qubits that hold the data."""
    operations = OperationList(circuit.num_qubits)
    operations.circuit(circuit, range(circuit.num_qubits))
    return operations.build()


def _add_bell_measurement(
    operations: OperationList, control: int, target: int, in_x: int, in_z: int, *, remote: bool = False
) -> None:
    operations.gate("cx", control, target, remote=remote)
    operations.add(MEASURE_Z, target, reading=in_z)
    operations.add(MEASURE_X, control, reading=in_x)
