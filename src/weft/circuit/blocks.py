"""What a gate definition comes down to: a block of one- and two-qubit gates, up to a global phase.

A block may call other blocks, so that a definition that would explode when written out is counted before it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from weft.circuit.gates import CODES, GATES, Matrix, matrix_of
from weft.errors import InvalidCircuitError

Op = tuple[int, tuple[int, ...], tuple[float, ...]]
"""A gate's opcode, its operands (positions in the block), and its angles."""

INSTRUCTION_LIMIT = 10_000_000
"""The most instructions that a circuit may have once its gate definitions are written out."""
FLAT_LIMIT = 1_000
"""Blocks up to this size are written out where they are called; larger ones stay calls."""


class Block:
    """A list of gates and of calls of other blocks.

    Attributes:
        num_qubits: operands are 0 … num_qubits − 1.
        count: gates, once all calls are written out.
    """

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = num_qubits
        self.count = 0
        self._items: list[Op | tuple[Block, tuple[int, ...]]] = []

    def gate(self, code: int, qubits: tuple[int, ...], angles: tuple[float, ...] = ()) -> None:
        """Appends a gate."""
        self._items.append((code, qubits, angles))
        self.count += 1

    def named(self, name: str, *qubits: int, angles: tuple[float, ...] = ()) -> None:
        """Appends a gate by name."""
        self.gate(CODES[name], qubits, angles)

    def call(self, block: Block, qubits: tuple[int, ...]) -> None:
        """Appends a whole block on some of this block's qubits.

        Raises:
            InvalidCircuitError: if this block gets too large.
        """
        if self.count + block.count > INSTRUCTION_LIMIT:
            raise InvalidCircuitError(too_many(self.count + block.count))
        if block.count > FLAT_LIMIT:
            self._items.append((block, qubits))
        else:
            self._items.extend(block.ops(qubits))
        self.count += block.count

    def ops(self, qubits: Sequence[int]) -> Iterator[Op]:
        """The gates, all calls written out, on the given qubits."""
        for item in self._items:
            if isinstance(item[0], Block):
                yield from item[0].ops([qubits[operand] for operand in item[1]])
            else:
                yield item[0], tuple([qubits[operand] for operand in item[1]]), item[2]

    def matrix(self) -> Matrix:
        """The unitary up to a phase, the first operand the most significant; for at most a few qubits."""
        size = self.num_qubits
        state = np.eye(2**size, dtype=np.complex128).reshape((2,) * (2 * size))
        for code, qubits, angles in self.ops(range(size)):
            gate = matrix_of(code, angles).reshape((2,) * (2 * len(qubits)))
            state = np.tensordot(gate, state, (range(len(qubits), 2 * len(qubits)), qubits))
            state = np.moveaxis(state, range(len(qubits)), qubits)
        return state.reshape(2**size, 2**size)


def too_many(count: int) -> str:
    """The message for a circuit that is too large."""
    size = f"{count:,}" if count < 10**15 else "more than 10^15"
    return f"a circuit must have at most {INSTRUCTION_LIMIT:,} instructions once written out, but has {size}"


def of_gate(code: int, angles: tuple[float, ...]) -> Block:
    """A block of one gate."""
    block = Block(GATES[code].qubits)
    block.gate(code, tuple(range(block.num_qubits)), angles)
    return block


def toffoli() -> Block:
    """A doubly controlled NOT: Nielsen and Chuang, figure 4.9."""
    block = Block(3)
    for name, *qubits in (
        *(("h", 2), ("cx", 1, 2), ("tdg", 2), ("cx", 0, 2), ("t", 2), ("cx", 1, 2), ("tdg", 2), ("cx", 0, 2)),
        *(("t", 1), ("t", 2), ("h", 2), ("cx", 0, 1), ("t", 0), ("tdg", 1), ("cx", 0, 1)),
    ):
        block.named(name, *qubits)
    return block
