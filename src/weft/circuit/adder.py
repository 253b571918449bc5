"""A ripple-carry adder with one ancilla.

Source:
    Cuccaro, Draper, Kutin, Moulton, arXiv:quant-ph/0410184 (2004), figures 1, 2 and 4: MAJ and UMA in two-cx form.
"""

from __future__ import annotations

from weft.circuit.blocks import toffoli
from weft.circuit.circuit import Circuit, CircuitBuilder, Register
from weft.errors import InvalidCircuitError

Step = tuple[str, tuple[int, ...]]
"""`x`, `cx` or `ccx`, and its qubits."""


def adder_inputs(bits: int) -> tuple[int, int]:
    """The two numbers that `adder` adds: 1010… and 1101101…, whose sum has carries of every length."""
    return int(("10" * bits)[:bits], 2), int(("110" * bits)[:bits], 2)


def adder_steps(bits: int) -> list[Step]:
    """The adder in x, cx and ccx; qubits are the carry in, the bits of a, the bits of b, and the carry out."""
    a, b = adder_inputs(bits)
    first, second, carry = range(1, bits + 1), range(bits + 1, 2 * bits + 1), 2 * bits + 1
    steps: list[Step] = [("x", (first[k],)) for k in range(bits) if a >> k & 1]
    steps += [("x", (second[k],)) for k in range(bits) if b >> k & 1]
    rounds = [(0 if k == 0 else first[k - 1], second[k], first[k]) for k in range(bits)]
    for c, y, x in rounds:
        steps += [("cx", (x, y)), ("cx", (x, c)), ("ccx", (c, y, x))]
    steps.append(("cx", (first[-1], carry)))
    for c, y, x in reversed(rounds):
        steps += [("ccx", (c, y, x)), ("cx", (x, c)), ("cx", (c, y))]
    return steps


def adder(qubits: int) -> Circuit:
    """Adds two numbers in place: b becomes the low bits of a + b, and the carry out its highest.

    Args:
        qubits: even, at least 4; registers cin[1], a[n], b[n], cout[1] with n = (qubits − 2)/2. The inputs are those of
            `adder_inputs`, prepared by x gates.
    """
    if qubits < 4 or qubits % 2:
        raise InvalidCircuitError(f"`adder` must have an even number of qubits ≥ 4, but has {qubits}")
    bits = (qubits - 2) // 2
    registers = (
        Register("cin", (0,)),
        Register("a", tuple(range(1, bits + 1))),
        Register("b", tuple(range(bits + 1, 2 * bits + 1))),
        Register("cout", (2 * bits + 1,)),
    )
    builder = CircuitBuilder(qubits, qubit_registers=registers)
    doubly_controlled = toffoli()
    for name, operands in adder_steps(bits):
        if name == "ccx":
            for code, targets, angles in doubly_controlled.ops(operands):
                builder.append(code, targets, angles, -1, ())
        else:
            builder.gate(name, *operands)
    return builder.build()
