"""Gates in OpenQASM text: what a name stands for, `gate` definitions, and the modifiers `ctrl @`, `inv @` and `pow @`.

A definition is checked and its gates are counted when it is read, with its parameters unknown; its body is read again,
as numbers, when the gate is called. A gate may call only what was defined before it, so nothing here can go in circles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from weft.circuit.blocks import INSTRUCTION_LIMIT, Block, too_many
from weft.circuit.gate_calls import (
    CONTROLS,
    MODIFIERS,
    AnyGate,
    Call,
    Defined,
    GlobalPhase,
    Opaque,
    Primitive,
    primitive,
)
from weft.circuit.gate_library import LIBRARY
from weft.circuit.gates import CODES
from weft.circuit.openqasm_expressions import Expressions, Number
from weft.circuit.openqasm_tokens import Tokens, is_name
from weft.errors import WeftError

DEPTH_LIMIT = 64
"""How deep gate definitions may call each other."""
CONTROL_LIMIT = 12
"""The most controls that `ctrl @` and `negctrl @` may add to one gate."""


class GateReader:
    """Reads gate calls and definitions.

    Args:
        tokens: the cursor.
        expressions: over the same cursor.
        version: of OpenQASM, 2 or 3.
        recognises: whether a definition that comes to a gate of the library is taken for it.

    Attributes:
        gates: by name; a definition in the text replaces the library's gate of that name.
    """

    def __init__(self, tokens: Tokens, expressions: Expressions, version: int, *, recognises: bool = True) -> None:
        self._tokens = tokens
        self._expressions = expressions
        self._version = version
        self._recognises = recognises
        self._written: set[str] = set()
        self.gates: dict[str, AnyGate] = {"U": primitive("u")}
        if version == 2:
            self.gates["CX"] = primitive("cx")
        else:
            self.gates["gphase"] = GlobalPhase()

    def include(self) -> None:
        """Adds the standard library."""
        self.gates = library() | self.gates

    def call(self) -> Call:
        """Reads modifiers, a gate's name and its angles."""
        tokens = self._tokens
        at = tokens.at
        modifiers = self._modifiers() if tokens.items[at] in MODIFIERS else []
        name = tokens.name()
        gate = self.gates.get(name)
        if gate is None:
            tokens.fail(f"a gate must be defined before it is used, but `{name[:40]}` is not", tokens.at - 1)
        angles: list[float] = []
        if tokens.items[tokens.at] == "(":
            tokens.at += 1
            while tokens.items[tokens.at] != ")":
                angles.append(self._expressions.angle())
                if not tokens.skip(","):
                    break
            tokens.expect(")")
        if len(angles) != gate.num_angles:
            tokens.fail(f"`{name}` must have {gate.num_angles} angles, but has {len(angles)}", at)
        if modifiers and self._version == 2:
            tokens.fail("a gate must have no modifiers in OpenQASM 2, but has one", at)
        return Call(name, gate, tuple(angles), modifiers, at)

    def _modifiers(self) -> list[tuple[str, float]]:
        tokens = self._tokens
        result: list[tuple[str, float]] = []
        while tokens.next in MODIFIERS:
            at = tokens.at
            kind, value = tokens.take(), 1.0
            if kind != "inv" and (kind == "pow" or tokens.next == "("):
                tokens.expect("(")
                value = self._expressions.angle() if kind == "pow" else float(self._expressions.integer())
                tokens.expect(")")
            tokens.expect("@")
            result.append((kind, value))
            if kind in CONTROLS and not 1 <= value <= CONTROL_LIMIT:
                tokens.fail(f"`{kind} @` must add 1 … {CONTROL_LIMIT} controls, but adds {value:g}", at)
            if kind == "pow" and abs(value) > INSTRUCTION_LIMIT:
                tokens.fail(f"an exponent must be at most {INSTRUCTION_LIMIT:,}, but is {value:g}", at)
        controls = sum(value for kind, value in result if kind in CONTROLS)
        if controls > CONTROL_LIMIT:
            tokens.fail(f"a gate must get at most {CONTROL_LIMIT} controls, but gets {controls:g}")
        if len(result) > DEPTH_LIMIT:
            tokens.fail(f"a gate must have at most {DEPTH_LIMIT} modifiers, but has {len(result)}")
        return result

    def define(self, *, opaque: bool = False) -> None:
        """Reads a definition, after the word `gate` or `opaque`."""
        tokens = self._tokens
        at = tokens.at
        name = tokens.name()
        if name in self._written or name in {"U", "gphase"}:
            tokens.fail(f"a gate must be defined once, but `{name}` already is", at)
        parameters: list[str] = []
        if tokens.skip("("):
            parameters = [] if tokens.next == ")" else self._names()
            tokens.expect(")")
        operands = {operand: index for index, operand in enumerate(self._names())}
        self._written.add(name)
        if opaque:
            tokens.expect(";")
            self.gates[name] = Opaque(name, len(operands), len(parameters))
            return
        tokens.expect("{")
        gate = Defined(self, tokens.at, parameters, operands)
        self._measure(gate)
        if gate.size > INSTRUCTION_LIMIT:
            tokens.fail(too_many(gate.size), at)
        if gate.depth > DEPTH_LIMIT:
            tokens.fail(f"gate definitions must nest at most {DEPTH_LIMIT} deep, but nest deeper", at)
        self.gates[name] = self._recognised(name, gate)

    def _names(self) -> list[str]:
        names = [self._tokens.name()]
        while self._tokens.skip(","):
            names.append(self._tokens.name())
        if len(set(names)) != len(names):
            self._tokens.fail(f"names must differ, but some of these are the same: {', '.join(names)[:80]}")
        return names

    def _measure(self, gate: Defined) -> None:
        """Reads a body with its parameters unknown, to see that it is well formed and how large it is."""
        tokens = self._tokens

        def count(call: Call, _: tuple[int, ...]) -> None:
            gate.size += call.size
            gate.depth = max(gate.depth, call.gate.depth + 1)

        self._expressions.tolerant = True
        try:
            self._body(gate, (math.nan,) * gate.num_angles, count)
        finally:
            self._expressions.tolerant = False
        tokens.expect("}")

    def instantiate(self, gate: Defined, angles: tuple[float, ...]) -> Block:
        """A gate's body with these values for its parameters, read from the text once more."""
        block = Block(gate.num_qubits)
        at, gates, tolerant = self._tokens.at, self.gates, self._expressions.tolerant
        self._tokens.at, self.gates, self._expressions.tolerant = gate.start, gate.callees, False
        try:
            self._body(gate, angles, lambda call, qubits: _add(block, call, qubits))
        finally:
            self._tokens.at, self.gates, self._expressions.tolerant = at, gates, tolerant
        return block

    def _body(self, gate: Defined, angles: Sequence[float], visit: Callable[[Call, tuple[int, ...]], None]) -> None:
        tokens, outer = self._tokens, self._expressions.values
        values: dict[str, Number] = dict(zip(gate.parameters, angles, strict=True))
        self._expressions.values = outer | values if outer else values
        try:
            while tokens.next != "}":
                if tokens.next == "barrier":
                    while tokens.take() != ";":
                        pass
                    continue
                if not is_name(tokens.next):
                    tokens.fail(f"a gate's body must consist of gates, but {tokens.found()} comes here")
                call = self.call()
                if self.gates is not gate.callees:
                    gate.callees[call.name] = call.gate  # the text may give the name to another gate later
                visit(call, self._operands(gate, call))
        finally:
            self._expressions.values = outer

    def _operands(self, gate: Defined, call: Call) -> tuple[int, ...]:
        tokens = self._tokens
        qubits: list[int] = []
        while tokens.next != ";":
            operand = tokens.name()
            if operand not in gate.operands:
                tokens.fail(f"a gate's body must act on the gate's own qubits, but acts on `{operand}`", tokens.at - 1)
            qubits.append(gate.operands[operand])
            if not tokens.skip(","):
                break
        tokens.expect(";")
        if len(qubits) != call.num_qubits or len(set(qubits)) != len(qubits):
            tokens.fail(f"`{call.name}` must act on {call.num_qubits} distinct qubits, but does not", call.at)
        return tuple(qubits)

    def _recognised(self, name: str, gate: Defined) -> AnyGate:
        """The library's gate of that name if that is what a definition comes to, else the definition.

        Exporters write out definitions of rzz, cu1 and others; taking those at their word would double their cost.
        """
        known = library().get(name) if self._recognises else None
        if (
            known is None
            or gate.size > 100
            or (known.num_qubits, known.num_angles) != (gate.num_qubits, gate.num_angles)
        ):
            return gate
        for angles in ((0.7, 1.9, -0.4, 0.9), (-2.3, 0.3, 4.1, -1.2)):
            try:
                written, meant = (each.block(angles[: gate.num_angles]).matrix() for each in (gate, known))
            except WeftError:
                return gate
            overlap = np.vdot(meant, written) / len(written)
            difference = abs(overlap - 1) if self._version == 3 else abs(abs(overlap) - 1)  # ctrl @ tells phases apart
            if difference > 1e-12:
                return gate
        return known


def _add(block: Block, call: Call, qubits: tuple[int, ...]) -> None:
    if isinstance(call.gate, Primitive) and not call.modifiers:
        block.gate(call.gate.code, qubits, call.angles)
    else:
        block.call(call.block(), qubits)


@lru_cache(maxsize=1)
def library() -> dict[str, AnyGate]:
    """The gates that the standard include files add, by name."""
    tokens = Tokens(LIBRARY, "library")
    reader = GateReader(tokens, Expressions(tokens, 2), 2, recognises=False)
    reader.gates |= {name: primitive(name) for name in CODES}
    while tokens.skip("gate"):
        reader.define()
    return {name: gate for name, gate in reader.gates.items() if name != "U"}
