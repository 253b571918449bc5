"""Numbers and conditions in OpenQASM text, evaluated as they are read.

Version 3 divides integers as C does and writes powers `**`; in version 2 every division is real and `^` is a power.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from weft.circuit.conditions import Guard, complement, equality, tabulate
from weft.circuit.openqasm_tokens import Tokens, is_name
from weft.errors import InvalidCircuitError

Number = int | float
Bits = tuple[int, ...] | int
"""Classical bits by index: a register, or one bit."""

_INTEGER_LIMIT = 2**64
_CONSTANTS = dict.fromkeys(("pi", "π"), math.pi) | dict.fromkeys(("tau", "τ"), math.tau)
_CONSTANTS |= {"euler": math.e, "ℇ": math.e, "true": True, "false": False}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    name: getattr(math, name) for name in ("sin", "cos", "tan", "exp", "sqrt", "asin", "acos", "atan")
}
_FUNCTIONS |= {"arcsin": math.asin, "arccos": math.acos, "arctan": math.atan, "ln": math.log, "log": math.log}
_FUNCTIONS |= {"ceiling": math.ceil, "floor": math.floor, "mod": math.fmod, "abs": abs}


def _divide(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int):
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    return a / b


def _power(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int) and 0 <= b <= 64:
        return int(a**b)
    return math.pow(a, b)


def _shift(function: Callable[[int, int], int]) -> Callable[[Number, Number], Number]:
    def shift(a: Number, b: Number) -> int:
        if _whole(b) > 64:
            raise OverflowError
        return function(_whole(a), _whole(b))

    return shift


def _whole(value: Number) -> int:
    if not isinstance(value, int):
        raise InvalidCircuitError(f"an integer must come here, but {value} does")
    return value


_Binary = tuple[int, Callable[[Number, Number], Number]]
_BINARY: dict[str, _Binary] = {
    "||": (1, lambda a, b: bool(a) or bool(b)),
    "&&": (2, lambda a, b: bool(a) and bool(b)),
    "|": (3, lambda a, b: _whole(a) | _whole(b)),
    "^": (4, lambda a, b: _whole(a) ^ _whole(b)),
    "&": (5, lambda a, b: _whole(a) & _whole(b)),
    "==": (6, operator.eq),
    "!=": (6, operator.ne),
    "<": (7, operator.lt),
    "<=": (7, operator.le),
    ">": (7, operator.gt),
    ">=": (7, operator.ge),
    "<<": (8, _shift(operator.lshift)),
    ">>": (8, _shift(operator.rshift)),
    "+": (9, operator.add),
    "-": (9, operator.sub),
    "*": (10, operator.mul),
    "/": (10, _divide),
    "%": (10, math.fmod),
}
_IN_VERSION_2: dict[str, _Binary] = {name: _BINARY[name] for name in "+-*"} | {"/": (10, operator.truediv)}


class Expressions:
    """Evaluates what the cursor points at.

    Args:
        tokens: the cursor.
        version: of OpenQASM, 2 or 3.

    Attributes:
        values: numbers by name: constants, loop variables, and a gate's parameters while its body is read.
        bits: classical bits by name.
        tolerant: whether arithmetic that fails gives NaN, as in a gate body whose parameters are not known yet.
    """

    def __init__(self, tokens: Tokens, version: int) -> None:
        self._tokens = tokens
        self._operators = _BINARY if version == 3 else _IN_VERSION_2
        self._power = "**" if version == 3 else "^"
        self.values: dict[str, Number] = {}
        self.bits: dict[str, Bits] = {}
        self.tolerant = False
        self._assigned: Mapping[int, int] | None = None
        self._read: set[int] = set()

    def angle(self) -> float:
        """A number that is an angle."""
        tokens = self._tokens
        items, at = tokens.items, tokens.at
        if items[at + 1] in {",", ")"} and items[at][0].isdigit() and "." in items[at] and "_" not in items[at]:
            tokens.at += 1  # nearly every angle in a large file
            return float(items[at])
        start = tokens.at
        value = self.number()
        if isinstance(value, bool):
            tokens.fail("an angle must be a number, but is a truth value", start)
        if abs(value) > 1e300 or (math.isnan(value) and not self.tolerant):
            tokens.fail(f"an angle must be a finite number, but is {value}", start)
        return float(value)

    def integer(self) -> int:
        """A number that is an integer."""
        start = self._tokens.at
        value = self.number()
        if not isinstance(value, int) or isinstance(value, bool):
            self._tokens.fail(f"an integer must come here, but {value} does", start)
        return value

    def number(self) -> Number:
        """Any number."""
        return self._binary(0)

    def condition(self, closing: str = ")") -> Guard:
        """A condition on classical bits, up to a closing bracket, which is left."""
        tokens = self._tokens
        start = tokens.at
        guard = self._plain_condition(closing)
        if guard is not None:
            return guard
        tokens.at = start
        self._read = set()
        self._holds({})
        end = tokens.at

        def holds(assigned: Mapping[int, int]) -> bool:
            tokens.at = start
            return self._holds(assigned)

        try:
            guard = tabulate(self._read, holds)
        except InvalidCircuitError as error:
            if tokens.at == end:  # the table's own refusal, which knows no line
                tokens.fail(str(error), start)
            raise
        tokens.at = end
        return guard

    def _holds(self, assigned: Mapping[int, int]) -> bool:
        self._assigned = assigned
        try:
            return bool(self.number())
        finally:
            self._assigned = None

    def _plain_condition(self, closing: str) -> Guard | None:
        """The common forms `c`, `!c`, `c == 3` and `c != 3`, c a register or a bit; these may be of any width."""
        tokens = self._tokens
        bitwise = tokens.skip("~")
        negated = bitwise or tokens.skip("!")
        bits = self.bits.get(tokens.next)
        if bits is None:
            return None
        tokens.at += 1
        if not isinstance(bits, int) and tokens.next == "[":
            bits = self._indexed(bits)
        if bitwise and not isinstance(bits, int):
            return None
        value = None
        if not negated and tokens.next in {"==", "!="}:
            negated = tokens.take() == "!="
            value = self._literal()
            if value is None:
                return None
        if tokens.next != closing:
            return None
        if isinstance(bits, int):
            bits = (bits,)
        guard = complement(equality(bits, 0)) if value is None else equality(bits, value)
        return complement(guard) if negated else guard

    def _literal(self) -> int | None:
        word = self._tokens.take()
        if word[0].isdigit() and word.isdecimal():
            return int(word)
        if word[0] == '"':
            return self._bit_string(word)
        return {"true": 1, "false": 0}.get(word)

    def _bit_string(self, word: str) -> int:
        digits = word[1:-1].replace("_", "")
        if not digits or set(digits) - {"0", "1"}:
            self._tokens.fail(f"a bit string must be of 0 and 1, but is {word[:40]}", self._tokens.at - 1)
        return int(digits, 2)

    def _indexed(self, bits: tuple[int, ...]) -> int:
        tokens = self._tokens
        tokens.expect("[")
        start = tokens.at
        index = self.integer()
        tokens.expect("]")
        if not -len(bits) <= index < len(bits):
            tokens.fail(f"an index must lie in 0 … {len(bits) - 1}, but is {index}", start)
        return bits[index]

    def _binary(self, level: int) -> Number:
        tokens = self._tokens
        left = self._unary()
        while True:
            found = self._operators.get(tokens.items[tokens.at])
            if found is None or found[0] <= level:
                return left
            at = tokens.at
            tokens.at += 1
            right = self._binary(found[0])
            left = self._checked(found[1], at, left, right)

    def _unary(self) -> Number:
        tokens = self._tokens
        word = tokens.next
        if word in {"-", "+"}:
            tokens.at += 1
            value = self._unary()
            return -value if word == "-" else value
        if word in {"!", "~"}:
            tokens.at += 1
            value = self._unary()
            if word == "~" and not isinstance(value, bool):
                tokens.fail("`~` must stand before a single bit, but stands before a number")
            return not value
        base = self._primary()
        if tokens.next == self._power:
            at = tokens.at
            tokens.at += 1
            return self._checked(_power, at, base, self._unary())
        return base

    def _checked(self, function: Callable[..., Number], at: int, *values: Number) -> Number:
        try:
            result = function(*values)
        except (ArithmeticError, ValueError, TypeError):
            if self.tolerant:
                return math.nan
            self._tokens.fail(f"an expression must have a finite real value, but {values} give none here", at)
        if isinstance(result, int) and abs(result) > _INTEGER_LIMIT:
            self._tokens.fail("an integer must be at most 2^64, but this one is larger", at)
        return result

    def _primary(self) -> Number:
        tokens = self._tokens
        word = tokens.items[tokens.at]
        if word == "(":
            tokens.at += 1
            value = self._binary(0)
            tokens.expect(")")
            return value
        first = word[:1]
        if first.isdecimal() or (first == "." and len(word) > 1):
            tokens.at += 1
            return self._numeral(word)
        if first == '"' and self._assigned is not None:
            tokens.at += 1
            return self._bit_string(word)
        if is_name(word):
            return self._named(word)
        return tokens.fail(f"a number must come here, but {tokens.found()} does")

    def _numeral(self, word: str) -> Number:
        digits = word.replace("_", "")
        try:
            if digits[:2].lower() in {"0x", "0b", "0o"}:
                return int(digits, 0)
            return int(digits) if digits.isdecimal() else float(digits)
        except ValueError:
            self._tokens.fail(f"a numeral must be well formed, but is `{word[:40]}`", self._tokens.at - 1)

    def _named(self, word: str) -> Number:
        tokens = self._tokens
        tokens.at += 1
        if word in self.values:
            return self.values[word]
        if word in self.bits:
            return self._bit_value(self.bits[word], tokens.at - 1)
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        function = _FUNCTIONS.get(word) or {"pow": _power}.get(word)
        if function is None or tokens.next != "(":
            tokens.fail(f"`{word[:40]}` must be a number, but no number of that name is known here", tokens.at - 1)
        at = tokens.at
        tokens.expect("(")
        values = [self._binary(0)]
        while tokens.skip(","):
            values.append(self._binary(0))
        tokens.expect(")")
        return self._checked(function, at, *values)

    def _bit_value(self, bits: Bits, at: int) -> Number:
        if self._assigned is None:
            self._tokens.fail("a number must be known before the circuit runs, but this one is a classical bit", at)
        if not isinstance(bits, int) and self._tokens.next == "[":
            bits = self._indexed(bits)
        if isinstance(bits, int):
            self._read.add(bits)
            return bool(self._assigned.get(bits, 0))
        self._read.update(bits)
        return sum(self._assigned.get(bit, 0) << position for position, bit in enumerate(bits))
