"""Two-qubit gates in terms of gates that a teleported copy can serve: gates that are diagonal on one operand."""

from __future__ import annotations

import math

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import GATES, MEASURE, RESET, diagonal_operands

Step = tuple[str, tuple[int, ...], tuple[float, ...]]

_QUARTER = math.pi / 2
_GENERIC = (0.1, 0.2, 0.3)
"""Angles at which a gate has no zero that it does not have at all angles."""


def decompose(name: str, angles: tuple[float, ...]) -> tuple[Step, ...]:
    """A gate as steps on operands 0 and 1, every two-qubit step being diagonal on one of them.

    The fewest such steps: SWAP takes 3, iSWAP and DCX 2, the rest 1 (Main et al., Nature 638, 383 (2025), for the first two).

    Args:
        name: of a two-qubit gate.
        angles: of the gate, in radians.
    """
    h0, h1 = ("h", (0,), ()), ("h", (1,), ())
    forward, backward = ("cx", (0, 1), ()), ("cx", (1, 0), ())
    match name:
        case "swap":
            return forward, backward, forward
        case "iswap":
            return ("s", (0,), ()), ("s", (1,), ()), h0, forward, backward, h1
        case "dcx":
            return forward, backward
        case "ecr":
            return ("s", (0,), ()), ("sx", (1,), ()), forward, ("x", (0,), ())
        case "rxx":
            return h0, h1, ("rzz", (0, 1), angles), h0, h1
        case "ryy":
            turn = tuple(("rx", (qubit,), (_QUARTER,)) for qubit in (0, 1))
            back = tuple(("rx", (qubit,), (-_QUARTER,)) for qubit in (0, 1))
            return (*turn, ("rzz", (0, 1), angles), *back)
        case _:
            return ((name, (0, 1), angles),)


def needs_decomposition(code: int, angles: tuple[float, ...]) -> bool:
    """Whether a two-qubit gate is diagonal on neither operand."""
    return GATES[code].qubits == 2 and not any(diagonal_operands(code, angles[: GATES[code].angles]))


def with_teleportable_gates(circuit: Circuit, homes: np.ndarray | None = None) -> Circuit:
    """The circuit with gates taken apart where a teleportation could not serve them as they are.

    Args:
        circuit: to rewrite.
        homes (int array, shape (qubits,)): the QPU of each qubit; gates within one stay whole. None takes all apart.
    """
    apart = _rows_to_take_apart(circuit, homes)
    if not apart:
        return circuit
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_bits(circuit.num_clbits)
    for register in circuit.registers:
        builder.name_bits(register.name, register.bits)
    qubits, angles, clbits = circuit.qubits.tolist(), circuit.angles.tolist(), circuit.clbits.tolist()
    conditional = (np.diff(circuit.condition_offsets) > 0).tolist()
    for row, code in enumerate(circuit.opcodes.tolist()):
        condition = circuit.condition(row) if conditional[row] else ()
        if row in apart:
            gate = GATES[code]
            for name, positions, step_angles in decompose(gate.name, tuple(angles[row][: gate.angles])):
                operands = [qubits[row][position] for position in positions]
                builder.gate(name, *operands, angles=step_angles, condition=condition)
        else:
            builder.append(code, qubits[row], angles[row], clbits[row], condition)
    return builder.build()


def _rows_to_take_apart(circuit: Circuit, homes: np.ndarray | None) -> set[int]:
    codes = [code for code in set(circuit.opcodes.tolist()) - {MEASURE, RESET} if needs_decomposition(code, _GENERIC)]
    wanted = np.isin(circuit.opcodes, codes)
    if homes is not None:
        owners = homes[circuit.qubits]
        wanted &= owners[:, 0] != owners[:, 1]
    rows = np.flatnonzero(wanted)
    found = zip(rows.tolist(), circuit.opcodes[rows].tolist(), circuit.angles[rows].tolist(), strict=True)
    return {row for row, code, angles in found if needs_decomposition(code, tuple(angles))}
