"""The program of a circuit on a single QPU: the circuit's own rows, for there is nothing to choose."""

from __future__ import annotations

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET
from weft.compiler.decompose import with_swaps_apart
from weft.compiler.placement import check_room
from weft.network import Network
from weft.program import Op, Pauli, Program, Role
from weft.program.validate import validate


def program_on_one_qpu(circuit: Circuit, network: Network) -> Program:
    """The program that computes a circuit on the only QPU of a network, not yet routed on its coupling map.

    Args:
        circuit: measured.
        network: of one QPU.

    Raises:
        DoesNotFitError: if the QPU has too few data qubits.
    """
    (qpu,) = network.qpus
    check_room(circuit, network)
    circuit = with_swaps_apart(circuit)
    measures, resets = circuit.opcodes == MEASURE, circuit.opcodes == RESET
    program = Program(
        circuit_name=circuit.name,
        network=network,
        registers=circuit.registers,
        num_clbits=circuit.num_clbits,
        num_bits=circuit.num_clbits,
        qubit_names=tuple(f"{qpu.name}.d{number}" for number in range(circuit.num_qubits)),
        qubit_qpus=_frozen(np.zeros(circuit.num_qubits, dtype=np.int32)),
        qubit_is_communication=_frozen(np.zeros(circuit.num_qubits, dtype=np.bool_)),
        opcodes=_frozen(np.select([measures, resets], [Op.MEASURE, Op.RESET], Op.GATE).astype(np.uint8)),
        kinds=_frozen(np.select([measures, resets], [Pauli.Z, 0], circuit.opcodes).astype(np.uint8)),
        qubits=circuit.qubits,
        angles=circuit.angles,
        bits=circuit.clbits,
        links=_frozen(np.full(len(circuit), -1, dtype=np.int32)),
        read_offsets=circuit.condition_offsets,
        read_bits=circuit.condition_bits,
        read_roles=_frozen(np.where(circuit.condition_values, Role.IF_ONE, Role.IF_ZERO).astype(np.uint8)),
    )
    validate(program)
    return program


def _frozen(column: np.ndarray) -> np.ndarray:
    column.setflags(write=False)
    return column
