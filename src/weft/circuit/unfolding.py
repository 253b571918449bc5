"""Constants, sizes and `for` loops over known numbers in OpenQASM 3, written out in the text.

Qiskit's importer knows no constants, and does not let a loop's variable be an index. Lines keep their numbers: copies
of a body stand on the line where the loop begins, and its line breaks follow them.
"""

from __future__ import annotations

import re

from weft.circuit.arithmetic import CONSTANTS, Number, evaluate, parse, whole
from weft.circuit.openqasm_tokens import TEXT_LIMIT, Text
from weft.circuit.qiskit_import import ITERATION_LIMIT

_CONSTANT = re.compile(r"\bconst\s+(int|uint|float|angle)\s*(?:\[\s*\w+\s*\])?\s*([^\W\d]\w*)\s*=([^;{}]*);")
_LOOP = re.compile(
    r"\bfor\s+(?:int|uint)\s*(?:\[\s*\d+\s*\])?\s*([^\W\d]\w*)\s+in\s*(?:\[([^\]{};]*)\]|\{([^{};]*)\})\s*"
)
_SIZE = re.compile(r"\b(qubit|bit)\s*\[([^\[\]]*)\]")
_STRING_OR_NAME = re.compile(r'"[^"\n]*"|[^\W\d]\w*')


def unfold(text: Text) -> None:
    """Writes out the constants and the loops of a text where their numbers are known; leaves the rest as it is.

    Raises:
        InvalidCircuitError: naming the line, if a constant is declared twice or the loops run too often.
    """
    if "const" in text.body:
        _write_constants(text)
    if "for" in text.body:
        _Loops(text).write()
    text.body = _SIZE.sub(_with_plain_size, text.body)


def _with_plain_size(match: re.Match[str]) -> str:
    kind, size = match.groups()
    try:
        return f"{kind}[{whole(size.strip())}]" + "\n" * match.group().count("\n")
    except (ValueError, ArithmeticError):
        return match.group()


def _write_constants(text: Text) -> None:
    values: dict[str, Number] = {}
    for match in _CONSTANT.finditer(text.body):
        kind, name, expression = match.groups()
        if name in values or name in CONSTANTS:
            text.fail(f"a name must be declared once, but `{name[:40]}` already is", match.start(2))
        try:
            names = {**CONSTANTS, **values}
            if kind in {"int", "uint"}:
                values[name] = whole(expression.strip(), names)
            else:
                (tree,) = parse(expression)
                values[name] = float(evaluate(tree, names))
        except (ValueError, ArithmeticError):
            text.fail(f"`{name[:40]}` must have a finite value of its type, but has none", match.start(2))
    body = _CONSTANT.sub(lambda match: "\n" * match.group().count("\n"), text.body)
    text.body = _put_in(body, {name: _numeral(value) for name, value in values.items()})


def _numeral(value: Number) -> str:
    return repr(value) if value >= 0 else f"({value!r})"


def _put_in(body: str, values: dict[str, str]) -> str:
    return _STRING_OR_NAME.sub(lambda match: values.get(match.group(), match.group()), body)


class _Loops:
    def __init__(self, text: Text) -> None:
        self._text = text
        self._iterations = 0
        self._written = 0

    def write(self) -> None:
        self._text.body = self._unfolded(self._text.body, None)

    def _unfolded(self, body: str, line: int | None) -> str:
        """A body with its loops written out; `line` is a position to name in errors, None if the body is the text."""
        parts: list[str] = []
        done, last = 0, ""
        while match := _LOOP.search(body, done):
            at = match.start() if line is None else line
            end = self._end(body, match.end())
            numbers = self._numbers(match, at)
            if end is None or numbers is None or re.search(r"\b(?:break|continue)\b", body[match.end() : end]):
                parts.append(body[done : match.end()])
                done, last = match.end(), "]"
                continue
            inner = body[match.end() : end].strip()
            inner = " ".join((inner[1:-1] if inner.startswith("{") else inner).split("\n"))
            copies = "".join(self._copy(inner, match.group(1), number, at) for number in numbers)
            before = body[done : match.start()]
            alone = (before.rstrip()[-1:] or last) in {"", ";", "{", "}"}
            parts += (before, copies if alone else f"{{ {copies} }}", "\n" * body.count("\n", match.start(), end))
            done, last = end, "}"
        return "".join((*parts, body[done:]))

    def _copy(self, inner: str, name: str, number: int, at: int) -> str:
        copy = self._unfolded(_put_in(inner, {name: _numeral(number)}), at)
        self._written += len(copy)
        if self._written > TEXT_LIMIT:
            self._text.fail(f"loops must write out to at most {TEXT_LIMIT:,} characters, but come to more", at)
        return copy

    def _numbers(self, match: re.Match[str], at: int) -> list[int] | range | None:
        try:
            if match.group(3) is not None:
                numbers: list[int] | range = [whole(item.strip()) for item in match.group(3).split(",")]
            else:
                first, *step, last = (whole(item.strip()) for item in match.group(2).split(":"))
                stride = step[0] if step else 1
                numbers = range(first, last + (1 if stride > 0 else -1), stride)
        except (ValueError, ArithmeticError):
            return None
        self._iterations += len(numbers)
        if self._iterations > ITERATION_LIMIT:
            self._text.fail(
                f"loops must run at most {ITERATION_LIMIT:,} times in all, but run {self._iterations:,}", at
            )
        return numbers

    @staticmethod
    def _end(body: str, start: int) -> int | None:
        """Where the statement or the block that begins at a position ends, or None if that is not plain."""
        if body[start : start + 1] != "{":
            end = re.compile(r"[;{}]").search(body, start)
            plain = end is not None and end.group() == ";" and not _LOOP.match(body, start)
            return end.end() if plain and end is not None else None
        depth = 0
        for bracket in re.compile(r"[{}]").finditer(body, start):
            depth += 1 if bracket.group() == "{" else -1
            if not depth:
                return bracket.end()
        return None
