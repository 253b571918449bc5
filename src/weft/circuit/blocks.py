"""What a gate definition comes down to: a block of one- and two-qubit gates, and an exact phase.

A block may call other blocks, so that a definition that would explode when written out is counted before it is. The
phase does not matter to a circuit, but it does to `ctrl @`, which turns it into a gate on the control.
"""

from __future__ import annotations

import cmath
import math
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
        phase: of the whole, in radians.
        count: gates, once all calls are written out.
    """

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = num_qubits
        self.phase = 0.0
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
        self.phase += block.phase
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
        """The unitary with its phase, the first operand the most significant; for at most a few qubits."""
        size = self.num_qubits
        state = np.eye(2**size, dtype=np.complex128).reshape((2,) * (2 * size))
        for code, qubits, angles in self.ops(range(size)):
            gate = matrix_of(code, angles).reshape((2,) * (2 * len(qubits)))
            state = np.tensordot(gate, state, (range(len(qubits), 2 * len(qubits)), qubits))
            state = np.moveaxis(state, range(len(qubits)), qubits)
        unitary: Matrix = cmath.exp(1j * self.phase) * state.reshape(2**size, 2**size)
        return unitary


def too_many(count: int) -> str:
    """The message for a circuit that is too large."""
    size = f"{count:,}" if count < 10**15 else "more than 10^15"
    return f"a circuit must have at most {INSTRUCTION_LIMIT:,} instructions once written out, but has {size}"


def of_gate(code: int, angles: tuple[float, ...]) -> Block:
    """A block of one gate."""
    block = Block(GATES[code].qubits)
    block.gate(code, tuple(range(block.num_qubits)), angles)
    return block


_SELF_INVERSE = {CODES[name] for name in ("id", "x", "y", "z", "h", "cx", "cy", "cz", "ch", "swap", "ecr")}
_PAIRS = [("s", "sdg"), ("t", "tdg"), ("sx", "sxdg"), ("cs", "csdg")]
_PARTNER = {CODES[a]: CODES[b] for pair in _PAIRS for a, b in (pair, pair[::-1])}
_IN_THREE_ANGLES = {CODES["u"], CODES["cu3"]}


def inverse(block: Block) -> Block:
    """The block that undoes a block."""
    result = Block(block.num_qubits)
    result.phase = -block.phase
    for code, qubits, angles in reversed(list(block.ops(range(block.num_qubits)))):
        _undo(result, code, qubits, angles)
    return result


def _undo(result: Block, code: int, qubits: tuple[int, ...], angles: tuple[float, ...]) -> None:
    if code in _SELF_INVERSE:
        result.gate(code, qubits)
    elif code in _PARTNER:
        result.gate(_PARTNER[code], qubits)
    elif code in _IN_THREE_ANGLES:
        theta, phi, lam = angles
        result.gate(code, qubits, (-theta, -lam, -phi))
    elif angles:  # every gate of one angle is a rotation
        result.gate(code, qubits, (-angles[0],))
    elif code == CODES["dcx"]:
        result.gate(code, qubits[::-1])
    elif code == CODES["iswap"]:  # its square is Z on both
        result.gate(code, qubits)
        result.named("z", qubits[0])
        result.named("z", qubits[1])
    else:  # csx: a root of cx, diagonal between Hadamards
        result.named("h", qubits[1])
        result.named("csdg", *qubits)
        result.named("h", qubits[1])


_CONTROLLED = {"x": "cx", "y": "cy", "z": "cz", "h": "ch", "s": "cs", "sdg": "csdg", "sx": "csx", "p": "cp"}
_CONTROLLED |= {"rx": "crx", "ry": "cry", "rz": "crz", "u": "cu3"}
_CONTROLLED_CODES = {CODES[name]: CODES[controlled] for name, controlled in _CONTROLLED.items()}
_CONTROLLED_PHASES = {CODES["t"]: math.pi / 4, CODES["tdg"]: -math.pi / 4}


def controlled(block: Block) -> Block | None:
    """The block under one control, its first operand, or None if some gate has no controlled form in the table."""
    result = Block(block.num_qubits + 1)
    for code, qubits, angles in block.ops(range(1, block.num_qubits + 1)):
        if code in _CONTROLLED_CODES:
            result.gate(_CONTROLLED_CODES[code], (0, *qubits), angles)
        elif code in _CONTROLLED_PHASES:
            result.named("cp", 0, *qubits, angles=(_CONTROLLED_PHASES[code],))
        elif code != CODES["id"]:
            return None
    if block.phase:
        result.named("p", 0, angles=(block.phase,))
    return result
