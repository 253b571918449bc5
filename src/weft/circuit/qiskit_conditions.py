"""Qiskit's conditions as guards: a bit, a register and a number, or an expression over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from weft.circuit.conditions import Guard, equality, tabulate
from weft.errors import InvalidCircuitError

Position = Mapping[Any, int]
"""From Qiskit's classical bits to Weft's."""


def guard_of(condition: Any, position: Position) -> Guard:
    """The guard for a condition of an if-else.

    Args:
        condition: a pair of a bit or register and a number, or an expression.
        position: of the bits.

    Raises:
        InvalidCircuitError: if it reads a variable, or too many bits.
    """
    if isinstance(condition, tuple):
        return equality(bits_read(condition[0], position), int(condition[1]))
    plain = _plain(condition)
    if plain is not None:
        return equality(bits_read(plain[0], position), plain[1])
    return tabulate(bits_read(condition, position), lambda values: bool(_value(condition, position, values)))


def cases_of(target: Any, label: int, position: Position) -> Guard:
    """The guard for one label of a switch."""
    if not _is_expression(target):
        return equality(bits_read(target, position), int(label))
    if _is_variable(target):
        return equality(bits_read(target.var, position), int(label))
    return tabulate(bits_read(target, position), lambda values: int(_value(target, position, values)) == int(label))


def bits_read(target: Any, position: Position) -> tuple[int, ...]:
    """The bits of a bit, a register or an expression; a register's in their order."""
    if _is_expression(target):
        found: set[int] = set()
        for node in _nodes(target):
            if _is_variable(node):
                found.update(bits_read(node.var, position))
        return tuple(sorted(found))
    if target in position:
        return (position[target],)
    try:
        return tuple(position[bit] for bit in target)
    except (TypeError, KeyError):
        raise InvalidCircuitError(
            "a condition must read classical bits of the circuit, but reads a run-time variable; Weft has none"
        ) from None


def _plain(condition: Any) -> tuple[Any, int] | None:
    """The bit or register and the number of an expression that is a plain equality."""
    if _kind(condition) == "Binary" and condition.op.name == "EQUAL":
        for variable, number in ((condition.left, condition.right), (condition.right, condition.left)):
            if _is_variable(variable) and _kind(number) == "Value":
                return variable.var, int(number.value)
    return None


def _is_expression(target: Any) -> bool:
    return "classical.expr" in type(target).__module__


def _kind(node: Any) -> str:
    return type(node).__name__


def _is_variable(node: Any) -> bool:
    return _kind(node) == "Var"


def _nodes(node: Any) -> list[Any]:
    children = [getattr(node, name) for name in ("operand", "left", "right", "target", "index") if hasattr(node, name)]
    return [node, *(inner for child in children if _is_expression(child) for inner in _nodes(child))]


_BINARY: dict[str, Callable[[int, int], int]] = {
    "BIT_AND": lambda a, b: a & b,
    "BIT_OR": lambda a, b: a | b,
    "BIT_XOR": lambda a, b: a ^ b,
    "LOGIC_AND": lambda a, b: bool(a) and bool(b),
    "LOGIC_OR": lambda a, b: bool(a) or bool(b),
    "EQUAL": lambda a, b: a == b,
    "NOT_EQUAL": lambda a, b: a != b,
    "LESS": lambda a, b: a < b,
    "LESS_EQUAL": lambda a, b: a <= b,
    "GREATER": lambda a, b: a > b,
    "GREATER_EQUAL": lambda a, b: a >= b,
    "SHIFT_LEFT": lambda a, b: a << min(b, 64),
    "SHIFT_RIGHT": lambda a, b: a >> min(b, 64),
    "ADD": lambda a, b: a + b,
    "SUB": lambda a, b: a - b,
    "MUL": lambda a, b: a * b,
}


def _value(node: Any, position: Position, values: Mapping[int, int]) -> int:
    """The value of an expression of unsigned integers and truth values."""
    kind = _kind(node)
    if kind == "Value":
        result = int(node.value)
    elif kind == "Var":
        result = sum(values[bit] << place for place, bit in enumerate(bits_read(node.var, position)))
    elif kind == "Cast":
        result = _value(node.operand, position, values)
    elif kind == "Unary":
        operand = _value(node.operand, position, values)
        result = int(not operand) if node.op.name == "LOGIC_NOT" or _is_bool(node.type) else ~operand
    elif kind == "Index":
        result = _value(node.target, position, values) >> _value(node.index, position, values) & 1
    elif kind == "Binary" and node.op.name in _BINARY:
        left, right = _value(node.left, position, values), _value(node.right, position, values)
        result = int(_BINARY[node.op.name](left, right))
    else:
        raise InvalidCircuitError(f"a condition must be of bits and unsigned integers, but has a `{kind}`")
    return _in_type(result, node.type)


def _is_bool(kind: Any) -> bool:
    return type(kind).__name__ == "Bool"


def _in_type(value: int, kind: Any) -> int:
    if _is_bool(kind):
        return int(bool(value))
    width = getattr(kind, "width", None)
    return value if width is None else value % 2**width
