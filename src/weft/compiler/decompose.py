"""Two-qubit gates in terms of gates that a teleported copy can serve: gates that have a diagonal form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES
from weft.compiler.forms import has_diagonal_form

Step = tuple[str, tuple[int, ...], tuple[float, ...]]


def decompose(name: str, angles: tuple[float, ...]) -> tuple[Step, ...]:
    """A gate as steps on operands 0 and 1, every two-qubit step having a diagonal form.

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
        case _:
            return ((name, (0, 1), angles),)


@dataclass(frozen=True, slots=True)
class Whole:
    """A gate that was taken apart, and may be put together again where both of its qubits are on one QPU.

    Attributes:
        code: its opcode.
        stop: one after the last row that stands for it.
    """

    code: int
    stop: int


def with_teleportable_gates(circuit: Circuit) -> tuple[Circuit, dict[int, Whole]]:
    """The circuit with gates taken apart that have no diagonal form, and those gates by the first row that stands for them.

    A SWAP stays apart: in a program, `swap` exchanges what two qubits hold, and hardware does it with three CX as well.
    """
    return _taken_apart(
        circuit, [code for code, gate in enumerate(GATES) if gate.qubits == 2 and not has_diagonal_form(code)]
    )


def with_swaps_apart(circuit: Circuit) -> Circuit:
    """The circuit with three CX for each SWAP, as programs have it."""
    return _taken_apart(circuit, [CODES["swap"]])[0]


def _taken_apart(circuit: Circuit, codes: Sequence[int]) -> tuple[Circuit, dict[int, Whole]]:
    apart = set(np.flatnonzero(np.isin(circuit.opcodes, codes)).tolist())
    if not apart:
        return circuit, {}
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_bits(circuit.num_clbits)
    for register in circuit.registers:
        builder.name_bits(register.name, register.bits)
    qubits, angles, clbits = circuit.qubits.tolist(), circuit.angles.tolist(), circuit.clbits.tolist()
    conditional = (np.diff(circuit.condition_offsets) > 0).tolist()
    whole: dict[int, Whole] = {}
    for row, code in enumerate(circuit.opcodes.tolist()):
        condition = circuit.condition(row) if conditional[row] else ()
        if row in apart:
            gate, first = GATES[code], len(builder)
            for name, positions, step_angles in decompose(gate.name, tuple(angles[row][: gate.angles])):
                operands = [qubits[row][position] for position in positions]
                builder.gate(name, *operands, angles=step_angles, condition=condition)
            if gate.name != "swap":
                whole[first] = Whole(code, len(builder))
        else:
            builder.append(code, qubits[row], angles[row], clbits[row], condition)
    return builder.build(), whole
