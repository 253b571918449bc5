"""What a gate call in OpenQASM text may name, and what the modifiers `ctrl @`, `inv @` and `pow @` do to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from weft.circuit.blocks import INSTRUCTION_LIMIT, Block, inverse, of_gate, too_many
from weft.circuit.gates import CODES, GATES
from weft.errors import InvalidCircuitError

CONTROLLED_SIZE_LIMIT = 10_000
"""The most gates in a definition that may be put under a control, or to a fractional power."""
_MEMO_LIMIT = 1_000


class AnyGate(Protocol):
    """What a gate call may name."""

    @property
    def num_qubits(self) -> int:
        """Operands."""

    @property
    def num_angles(self) -> int:
        """Angles."""

    @property
    def size(self) -> int:
        """How many gates it comes to."""

    @property
    def depth(self) -> int:
        """How deep its definition nests."""

    def block(self, angles: tuple[float, ...]) -> Block:
        """What the gate does, for given angles."""


@dataclass(slots=True)
class Primitive:
    """A gate that Weft has a code for."""

    code: int
    num_qubits: int
    num_angles: int
    size: int = 1
    depth: int = 0

    def block(self, angles: tuple[float, ...]) -> Block:
        """A block of one gate."""
        return of_gate(self.code, angles)


@dataclass(slots=True)
class GlobalPhase:
    """The gate on no qubits."""

    num_qubits: int = 0
    num_angles: int = 1
    size: int = 0
    depth: int = 0

    def block(self, angles: tuple[float, ...]) -> Block:
        """An empty block with a phase."""
        block = Block(0)
        block.phase = angles[0]
        return block


@dataclass(slots=True)
class Opaque:
    """A gate that was declared without a body."""

    name: str
    num_qubits: int
    num_angles: int
    size: int = 0
    depth: int = 0

    def block(self, angles: tuple[float, ...]) -> Block:
        """Refuses."""
        raise InvalidCircuitError(f"a gate must have a definition, but `{self.name}` is opaque; angles {angles}")


class Instantiator(Protocol):
    """Whoever can read a definition's body."""

    def instantiate(self, gate: Defined, angles: tuple[float, ...]) -> Block:
        """The body with these values for its parameters."""


@dataclass(slots=True)
class Defined:
    """A gate with a body in the text."""

    reader: Instantiator
    start: int
    parameters: list[str]
    operands: dict[str, int]
    callees: dict[str, AnyGate] = field(default_factory=dict)
    size: int = 0
    depth: int = 0
    _memo: dict[tuple[float, ...], Block] = field(default_factory=dict)

    @property
    def num_qubits(self) -> int:
        """Operands."""
        return len(self.operands)

    @property
    def num_angles(self) -> int:
        """Parameters."""
        return len(self.parameters)

    def block(self, angles: tuple[float, ...]) -> Block:
        """The body with these values for its parameters."""
        block = self._memo.get(angles)
        if block is None:
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            block = self._memo[angles] = self.reader.instantiate(self, angles)
        return block


@dataclass(slots=True)
class Call:
    """A gate with its modifiers and angles; the operands follow in the text."""

    name: str
    gate: AnyGate
    angles: tuple[float, ...]
    modifiers: list[tuple[str, float]]
    at: int

    @property
    def num_qubits(self) -> int:
        """Operands, controls included."""
        return self.gate.num_qubits + sum(int(value) for kind, value in self.modifiers if kind in CONTROLS)

    @property
    def size(self) -> int:
        """How many gates it comes to; a control counts as if it added none."""
        size = max(1, self.gate.size)
        for kind, value in self.modifiers:
            if kind == "pow" and not math.isnan(value) and value.is_integer():
                size *= max(1, int(abs(value)))
        return size

    def block(self) -> Block:
        """What it does."""
        block = self.gate.block(self.angles)
        for kind, value in reversed(self.modifiers):
            block = MODIFIERS[kind](block, value)
        return block


def _power(block: Block, exponent: float) -> Block:
    if not exponent.is_integer():
        return _by_qiskit("power", block, exponent)
    if block.count * abs(exponent) > INSTRUCTION_LIMIT:
        raise InvalidCircuitError(too_many(int(block.count * abs(exponent))))
    result = Block(block.num_qubits)
    factor = inverse(block) if exponent < 0 else block
    if factor.count:
        for _ in range(int(abs(exponent))):
            result.call(factor, tuple(range(block.num_qubits)))
    result.phase = block.phase * exponent
    return result


def _control(block: Block, controls: float, *, value: int = 1) -> Block:
    return _by_qiskit("control", block, int(controls), value)


def _by_qiskit(verb: str, block: Block, *arguments: float) -> Block:
    if block.count > CONTROLLED_SIZE_LIMIT:
        raise InvalidCircuitError(
            f"a gate under a modifier must come to at most {CONTROLLED_SIZE_LIMIT:,} gates, but has {block.count:,}"
        )
    from weft.circuit import modifiers

    modified: Block = getattr(modifiers, verb)(block, *arguments)
    return modified


CONTROLS = {"ctrl", "negctrl"}
MODIFIERS: dict[str, Callable[[Block, float], Block]] = {
    "inv": lambda block, _: inverse(block),
    "pow": _power,
    "ctrl": _control,
    "negctrl": lambda block, controls: _control(block, controls, value=0),
}


def modified(block: Block, kind: str, value: float) -> Block:
    """A block under one of the modifiers `inv`, `pow`, `ctrl` and `negctrl`."""
    return MODIFIERS[kind](block, value)


def primitive(name: str) -> Primitive:
    """A gate of Weft's by name."""
    gate = GATES[CODES[name]]
    return Primitive(CODES[name], gate.qubits, gate.angles)
