"""OpenQASM 3 that says no more than OpenQASM 2 could, respelt as OpenQASM 2, line by line.

Qiskit reads version 2 a hundred times faster than version 3. Whatever is not plainly one of the forms below makes the
whole text take the slow way, so nothing here has to be complete, only right. Barriers mean nothing to Weft and global
phases nothing to a circuit without controlled definitions; both are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from weft.circuit.arithmetic import CONSTANTS, Number, evaluate, parse, whole

_STATEMENT = re.compile(
    r"\s*(?:gate\b([^{};]*)\{([^{}]*)\}|if\s*\(([^{};]*?)\)\s*(?:\{([^{}]*)\}|([^{};]*);)|([^{};]*);)"
)
_CALL = re.compile(r"([^\W\d]\w*)\s*(?:\((.*)\))?\s*([^()]*)", re.DOTALL)
_OPERAND = re.compile(r"([^\W\d]\w*)\s*(?:\[([^\[\]:{}]*)\])?")
_HEADER = re.compile(r"\s*([^\W\d]\w*)\s*(?:\(([^()]*)\))?([^()]*)")
_DECLARATION = re.compile(r"(qubit|bit)\s*(?:\[([^\[\]]*)\])?\s*([^\W\d]\w*)\s*(?:=\s*(measure\b.*))?", re.DOTALL)
_ASSIGNMENT = re.compile(r"([^=]*)=\s*measure\b(.*)|measure\b(.*)->(.*)", re.DOTALL)
_CONDITION = re.compile(r"\s*(?:(!|~)\s*([^\W\d]\w*)|([^\W\d]\w*)\s*(?:(==|!=)\s*(\w+))?)\s*")
_PLAIN_NUMBER = re.compile(r"-?(?:\d{1,15}|\d+\.\d+(?:[eE][-+]?\d+)?)", re.ASCII)
_OLD_NAME = re.compile(r"[a-z]\w*", re.ASCII)
_OLD_WORDS = {"opaque", "ln"}
_NOT_NAMES = {
    "box",
    "delay",
    "nop",
    "return",
    "end",
    "else",
    "def",
    "extern",
    "input",
    "output",
    "include",
    "gate",
    "barrier",
    "measure",
    "reset",
    "if",
    "bit",
    "qubit",
    "let",
    "pragma",
    "qreg",
    "creg",
}
STANDARD: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "id"), (0, 1)),
    **dict.fromkeys(("cx", "cy", "cz", "ch", "swap"), (0, 2)),
    **dict.fromkeys(("ccx", "cswap"), (0, 3)),
    **dict.fromkeys(("p", "phase", "rx", "ry", "rz", "u1"), (1, 1)),
    **dict.fromkeys(("cp", "cphase", "crx", "cry", "crz"), (1, 2)),
    "u2": (2, 1),
    "u3": (3, 1),
    "cu": (4, 2),
}
"""The gates of stdgates.inc but CX: how many angles and qubits they take."""
_FUNCTIONS = {"sin": "sin", "cos": "cos", "tan": "tan", "exp": "exp", "sqrt": "sqrt", "log": "ln"}


class NotFlatError(Exception):
    """The text, or a part of it, is none of the forms that version 2 has."""


@dataclass(slots=True)
class Flat:
    """A program respelt as OpenQASM 2.

    Attributes:
        text: OpenQASM 2, on the lines of the original; it takes the gates of stdgates.inc for known.
        registers: from the names in the text to the user's; a bit alone is in no register and has None.
        gates: from the names in the text to the user's.
    """

    text: str = ""
    registers: dict[str, str | None] = field(default_factory=dict)
    gates: dict[str, str] = field(default_factory=dict)


def flatten(body: str) -> Flat | int:
    """Respells a program, or returns the position of the first statement that is not flat."""
    flattener = _Flattener(body)
    try:
        return flattener.flatten()
    except (NotFlatError, ValueError, ArithmeticError, RecursionError):
        return flattener.at


class _Flattener:
    def __init__(self, body: str) -> None:
        self._body = body
        self.at = 0
        self._flat = Flat()
        self._gates: dict[str, str] = {"U": "U"}
        self._sizes: dict[str, int | None] = {}  # None: a single bit
        self._bits: set[str] = set()
        self._names: dict[str, str] = {}
        self._operands: dict[str, str] = {}
        self._statements: dict[str, Callable[[str], str]] = {
            "OPENQASM": self._version,
            "include": self._include,
            "qubit": self._declaration,
            "bit": self._declaration,
            "barrier": lambda _: "",
            "gphase": self._phase,
            "measure": self._measurement,
            "reset": lambda statement: f"reset {self._operand(statement[5:])};",
        }

    def flatten(self) -> Flat:
        parts: list[str] = []
        while match := _STATEMENT.match(self._body, self.at):
            header, body, condition, block, single, simple = match.groups()
            if simple is not None:
                respelt = self._simple(simple)
            elif header is not None:
                respelt = self._definition(header, body)
            else:
                respelt = self._branch(condition, block.split(";") if single is None else [single, ""])
            whole_match = match.group()
            blank = len(whole_match) - len(whole_match.lstrip())
            parts += ("\n" * whole_match.count("\n", 0, blank), respelt, "\n" * whole_match.count("\n", blank))
            self.at = match.end()
        if self._body[self.at :].strip():
            raise NotFlatError
        self._flat.text = "".join(parts)
        return self._flat

    def _simple(self, statement: str) -> str:
        statement = statement.strip()
        if not statement:
            return ""
        word = _OPERAND.match(statement)
        handler = self._statements.get(word.group(1)) if word else None
        if handler is not None:
            return handler(statement)
        if "=" in statement:
            return self._measurement(statement)
        return self._call(statement, self._gates, self._operand, _angles)

    @staticmethod
    def _version(statement: str) -> str:
        if re.fullmatch(r"OPENQASM\s+3(?:\.\d+)?", statement, re.ASCII) is None:
            raise NotFlatError
        return "OPENQASM 2.0;"

    def _include(self, statement: str) -> str:
        if statement.split('"')[1:] != ["stdgates.inc", ""]:
            raise NotFlatError
        self._gates |= {name: name for name in STANDARD} | {"CX": "CX"}
        return ""

    def _phase(self, statement: str) -> str:
        match = _CALL.fullmatch(statement)
        if match is None or match.group(3) or len(parse(match.group(2) or "")) != 1:
            raise NotFlatError
        _angles(match.group(2))
        return ""

    def _new_name(self, name: str, prefix: str) -> str:
        if name in self._names or name in self._gates or name in _NOT_NAMES or name in CONSTANTS:
            raise NotFlatError
        taken = name in _OLD_WORDS or name in STANDARD or name in _FUNCTIONS or name.startswith("weft_")
        old = name if _OLD_NAME.fullmatch(name) and not taken else f"weft_{prefix}{len(self._names)}"
        self._names[name] = old
        return old

    # Registers

    def _declaration(self, statement: str) -> str:
        match = _DECLARATION.fullmatch(statement)
        if match is None or (match.group(4) and match.group(1) == "qubit"):
            raise NotFlatError
        kind, size, name, measured = match.groups()
        old = self._new_name(name, "r")
        self._sizes[name] = None if size is None else whole(size.strip())
        if kind == "bit":
            self._bits.add(name)
        self._flat.registers[old] = None if kind == "bit" and size is None else name
        declared = f"{'qreg' if kind == 'qubit' else 'creg'} {old}[{self._sizes[name] or 1}];"
        return declared + (self._measurement(f"{name} = {measured}") if measured else "")

    def _operand(self, operand: str, *, classical: bool = False) -> str:
        key = operand.strip()
        found = None if classical else self._operands.get(key)
        if found is None:
            match = _OPERAND.fullmatch(key)
            if match is None or match.group(1) not in self._sizes or (match.group(1) in self._bits) != classical:
                raise NotFlatError
            found = self._part(match.group(1), match.group(2))
            if not classical:
                self._operands[key] = found
        return found

    def _part(self, name: str, index: str | None) -> str:
        size, old = self._sizes[name], self._names[name]
        if size is None:
            if index is not None:
                raise NotFlatError
            return f"{old}[0]"
        if index is None:
            return old
        position = whole(index.strip())
        return f"{old}[{position + size if position < 0 else position}]"

    # Statements

    def _call(
        self,
        call: str,
        gates: Mapping[str, str],
        operand: Callable[[str], str],
        angles_of: Callable[[str], str],
    ) -> str:
        match = _CALL.fullmatch(call)
        if match is None or match.group(1) not in gates:
            raise NotFlatError
        name, angles, operands = match.groups()
        parameters = f"({angles_of(angles)})" if angles and not angles.isspace() else ""
        return f"{gates[name]}{parameters} {','.join([operand(each) for each in operands.split(',')])};"

    def _measurement(self, statement: str) -> str:
        match = _ASSIGNMENT.fullmatch(statement)
        if match is None:
            raise NotFlatError
        target, qubit, other_qubit, other_target = match.groups()
        bit = self._operand(target or other_target, classical=True)
        return f"measure {self._operand(qubit or other_qubit)} -> {bit};"

    def _definition(self, header: str, body: str) -> str:
        match = _HEADER.fullmatch(header)
        if match is None:
            raise NotFlatError
        name, parameters, operands = match.groups()
        angles = {each.strip(): f"p{k}" for k, each in enumerate((parameters or "").split(",")) if each.strip()}
        qubits = {each.strip(): f"q{k}" for k, each in enumerate(operands.split(","))}
        statements = [self._in_definition(each.strip(), angles, qubits) for each in body.split(";")]
        old = self._new_name(name, "g")
        self._gates[name] = old
        self._flat.gates[old] = name
        given = f"({','.join(angles.values())})" if angles else ""
        distinct = [*(parameters or "").split(","), *operands.split(",")]
        if len(angles | qubits) < len([each for each in distinct if each.strip()]) or body.rstrip()[-1:] not in {
            "",
            ";",
        }:
            raise NotFlatError
        return f"gate {old}{given} {','.join(qubits.values())} {{ {''.join(statements)} }}"

    def _in_definition(self, call: str, angles: dict[str, str], qubits: dict[str, str]) -> str:
        def operand(text: str) -> str:
            try:
                return qubits[text.strip()]
            except KeyError:
                raise NotFlatError from None

        word = _OPERAND.match(call)
        if not call or (word is not None and word.group(1) == "barrier"):
            return ""
        if word is not None and word.group(1) == "gphase":
            match = _CALL.fullmatch(call)
            if match is None or match.group(3).strip():
                raise NotFlatError
            _symbolic(match.group(2) or "", angles)
            return ""
        return self._call(call, self._gates, operand, lambda text: _symbolic(text, angles))

    def _branch(self, condition: str, statements: list[str]) -> str:
        match = _CONDITION.fullmatch(condition)
        if match is None or statements[-1].strip():
            raise NotFlatError
        negated, bit, name, comparison, value = match.groups()
        register = bit or name
        if register not in self._bits:
            raise NotFlatError
        size, number = self._sizes[register], {"true": "1", "false": "0"}.get(value, value or "1")
        if (size is not None and comparison is None) or not (number.isdecimal() and number.isascii()):
            raise NotFlatError
        if size is None:
            flipped = (comparison == "!=") != (negated is not None)
            number = str(1 - int(number)) if flipped and number in {"0", "1"} else number
            if number not in {"0", "1"}:
                raise NotFlatError
        elif comparison == "!=" or int(number) >= 2 ** min(size, 62):
            raise NotFlatError
        old = self._names[register]
        respelt = [self._simple(each) for each in statements if each.strip()]
        words = [each.split(None, 1)[0] if each else "" for each in respelt]
        if {"qreg", "creg", "OPENQASM"} & set(words) or any(
            each.startswith("measure") and re.search(rf"-> {old}\b", each) for each in respelt
        ):
            raise NotFlatError
        return "".join(f"if({old}=={int(number)}) {each}" for each in respelt if each)


@lru_cache(maxsize=65_536)
def _angles(text: str) -> str:
    """Numbers apart by commas, as version 2 reads them."""
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    return ",".join(_numeral(evaluate(tree, CONSTANTS)) for tree in parse(text))


def _numeral(value: Number) -> str:
    return repr(float(value))


def _symbolic(text: str, names: Mapping[str, str]) -> str:
    """Expressions in a gate's parameters, as version 2 reads them."""
    return ",".join(ast.unparse(_Symbols(names).visit(tree)) for tree in parse(text))


class _Symbols(ast.NodeTransformer):
    """Gives parameters their new names and everything else its value."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, ast.expr):
            return node
        if not any(isinstance(each, ast.Name) and each.id in self._names for each in ast.walk(node)):
            return ast.Constant(float(evaluate(node, CONSTANTS)))
        match node:
            case ast.Name(id=name):
                return ast.Name(self._names[name])
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as op, right=right):
                return ast.BinOp(_expression(self.visit(left)), op, _expression(self.visit(right)))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return ast.UnaryOp(sign, _expression(self.visit(operand)))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
                return ast.Call(ast.Name(_FUNCTIONS[name]), [_expression(self.visit(argument))], [])
        raise NotFlatError


def _expression(node: ast.AST) -> ast.expr:
    if not isinstance(node, ast.expr):
        raise NotFlatError
    return node
