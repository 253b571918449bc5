"""Controls and fractional powers of blocks, which Qiskit works out."""

from __future__ import annotations

from weft.circuit.blocks import Block, controlled
from weft.circuit.qiskit_gates import lower, raise_gate, refusing_qiskit_errors
from weft.errors import InvalidCircuitError

POWER_LIMIT = 6
"""The most qubits of a gate that may be raised to a power that is no integer; its matrix is needed."""


def power(block: Block, exponent: float) -> Block:
    """The principal power of a block."""
    if block.num_qubits > POWER_LIMIT:
        raise InvalidCircuitError(
            f"a gate to a fractional power must act on at most {POWER_LIMIT} qubits, but acts on {block.num_qubits}"
        )
    if block.num_qubits == 0:
        result = Block(0)
        result.phase = block.phase * exponent
        return result
    with refusing_qiskit_errors():
        return lower(raise_gate(block).power(exponent))


def control(block: Block, controls: int, value: int = 1) -> Block:
    """A block under controls, which become its first operands, that must all have the value."""
    under = _native(block, controls)
    if under is None:
        with refusing_qiskit_errors():
            under = lower(raise_gate(block).control(controls, annotated=False))
    if value:
        return under
    result = Block(under.num_qubits)
    everything = tuple(range(under.num_qubits))
    for qubit in range(controls):
        result.named("x", qubit)
    result.call(under, everything)
    for qubit in range(controls):
        result.named("x", qubit)
    return result


def _native(block: Block, controls: int) -> Block | None:
    under: Block | None = block
    for _ in range(controls):
        under = None if under is None else controlled(under)
    return under
