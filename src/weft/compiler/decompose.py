"""Two-qubit gates in terms of gates that a teleported copy can serve: gates that are diagonal on one operand."""

from __future__ import annotations

import math

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import GATES, MEASURE, RESET, diagonal_operands

Step = tuple[str, tuple[int, ...], tuple[float, ...]]

_QUARTER = math.pi / 2


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
    opcodes = circuit.opcodes.tolist()
    candidates = {code for code in set(opcodes) - {MEASURE, RESET} if GATES[code].qubits == 2}
    hard = {code for code in candidates if GATES[code].angles or needs_decomposition(code, ())}
    if not hard:
        return circuit
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_bits(circuit.num_clbits)
    for register in circuit.registers:
        builder.name_bits(register.name, register.bits)
    qubits, angles, clbits = circuit.qubits.tolist(), circuit.angles.tolist(), circuit.clbits.tolist()
    for row, code in enumerate(opcodes):
        first, second = qubits[row]
        condition = circuit.condition(row)
        if code == MEASURE:
            builder.measure(first, clbits[row], condition=condition)
        elif code == RESET:
            builder.reset(first, condition=condition)
        else:
            gate = GATES[code]
            values = tuple(angles[row][: gate.angles])
            apart = code in hard and (homes is None or homes[first] != homes[second])
            if apart and needs_decomposition(code, values):
                for name, positions, step_angles in decompose(gate.name, values):
                    operands = [(first, second)[position] for position in positions]
                    builder.gate(name, *operands, angles=step_angles, condition=condition)
            else:
                builder.gate(gate.name, *((first, second)[: gate.qubits]), angles=values, condition=condition)
    return builder.build()
