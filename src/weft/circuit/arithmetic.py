"""Arithmetic in OpenQASM 3, parsed by Python's own parser, for what no parser of Qiskit's evaluates.

Integers divide as in C. Names stand for numbers that are known when the text is read.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

Number = int | float

CONSTANTS: dict[str, Number] = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "euler": math.e}
"""The constants that OpenQASM 3 knows; `ℇ` is spelt `euler` before Python sees it."""
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "exp", "sqrt", "floor")},
    **{f"arc{name}": getattr(math, f"a{name}") for name in ("sin", "cos", "tan")},
    "log": math.log,
    "ceiling": math.ceil,
    "mod": math.fmod,
    "pow": math.pow,
}


def _divide(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int):
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    return a / b


def _power(a: Number, b: Number) -> Number:
    return int(a**b) if isinstance(a, int) and isinstance(b, int) and 0 <= b <= 64 else math.pow(a, b)


def _remainder(a: Number, b: Number) -> Number:
    return a - b * _divide(a, b) if isinstance(a, int) and isinstance(b, int) else math.fmod(a, b)


_OPERATORS: dict[type[ast.AST], Callable[..., Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.Mod: _remainder,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def parse(expressions: str) -> list[ast.expr]:
    """Expressions apart by commas as syntax trees.

    Raises:
        ValueError: if Python's parser does not take them, or takes them for something else.
    """
    try:
        tree = ast.parse(f"({expressions.strip().replace('ℇ', ' euler ')},)", mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(expressions) from error
    if not isinstance(tree, ast.Tuple):
        raise ValueError(expressions)  # noqa: TRY004  # the text is wrong, not its type
    return tree.elts


def evaluate(tree: ast.expr, names: Mapping[str, Number]) -> Number:
    """The value of a syntax tree.

    Raises:
        ValueError: if it has none, or holds what is no arithmetic.
        ArithmeticError: if it divides by zero or overflows.
    """
    result: Number
    match tree:
        case ast.Constant(value=int() | float() as result) if not isinstance(result, bool):
            pass
        case ast.Name(id=name) if name in names:
            result = names[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            result = _OPERATORS[type(op)](evaluate(left, names), evaluate(right, names))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            result = _OPERATORS[type(op)](evaluate(operand, names))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            try:
                result = _FUNCTIONS[name](*(evaluate(argument, names) for argument in arguments))
            except TypeError as error:
                raise ValueError(name) from error
        case _:
            raise ValueError(ast.unparse(tree))
    if not abs(result) <= (2**64 if isinstance(result, int) else 1e300):  # also if it is no number
        raise OverflowError
    return result


def whole(expression: str, names: Mapping[str, Number] = CONSTANTS) -> int:
    """The value of an expression that is an integer.

    Raises:
        ValueError: if it is none.
    """
    if expression.isdecimal() and expression.isascii():
        return int(expression)
    (tree,) = parse(expression)
    value = evaluate(tree, names)
    if not isinstance(value, int):
        raise ValueError(expression)  # noqa: TRY004  # the text is wrong, not its type
    return value
