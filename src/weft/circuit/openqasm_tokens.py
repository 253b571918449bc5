"""One linear look at OpenQASM text before any parser sees it.

It takes the comments out and refuses what would make a parser hang, overflow or panic: text that is too long, brackets
nested too far, numerals without end, registers of billions, definitions that explode when they are written out. What it
lets through is left to the parser to judge.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NoReturn

from weft.circuit.blocks import INSTRUCTION_LIMIT, too_many
from weft.errors import InvalidCircuitError

TEXT_LIMIT = 64 * 2**20
"""The longest text that is read, in characters."""
NESTING_LIMIT = 100
"""How deep brackets and braces may nest, and how many signs or powers may follow each other."""
NUMERAL_LIMIT = 400
"""The longest numeral."""
BIT_LIMIT = 100_000
"""The most qubits, and the most classical bits, that a text may declare."""
DEPTH_LIMIT = 64
"""How deep gate definitions may call each other, and how many modifiers a gate may have."""
CONTROL_LIMIT = 12
"""The most controls that `ctrl @` and `negctrl @` may add to one gate."""
MODIFIED_SIZE_LIMIT = 1_000
"""The most gates in a definition that may be put under a control."""
POWER_LIMIT = 6
"""The most operands of a gate under `pow @`; its matrix is needed."""
_OPERATOR_LIMIT = 1_000

_HIDDEN = re.compile(r'"[^"\n]*"|//[^\n]*|/\*(?s:.*?)\*/|/\*|"')
_DEFINITION = re.compile(r"\bgate\s+(\w+)[^{};]*\{([^{}]*)(\}|\{)")
_SIZES = re.compile(r"\b(?:(?:qreg|creg)\s+(\w+)\s*\[([^\]]*)\]|(?:qubit|bit)\s*\[([^\]]*)\]\s*(\w+)?)")
_NAME = re.compile(r"[^\W\d]\w*")
_CONTROL = re.compile(r"\b(?:neg)?ctrl\b(?:\s*\(\s*(\d+)\s*\))?")
_POWER = re.compile(r"\bpow\s*\(([^()]*)\)")
_NUMERAL = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)\s*")
_WHOLE_OPERAND = re.compile(r"([^\W\d]\w*)\s*(?=[,;]|->)")
_REFUSED = {
    re.compile(rf"\d[\d_]{{{NUMERAL_LIMIT}}}"): f"a numeral must have at most {NUMERAL_LIMIT} digits, but one has more",
    re.compile(r"(?:[\[:]|==)\s*-?\d{19}"): "an integer must have at most 18 digits here, but this one has more",
    re.compile(r"\$\d{6}"): f"a circuit must have at most {BIT_LIMIT:,} qubits, but uses more here",
    re.compile(rf"(?:[-+~!]\s*){{{NESTING_LIMIT}}}"): "a statement must not nest this deep",
    re.compile(rf"(?:\bif\s*\([^()]*\)\s*){{{NESTING_LIMIT}}}"): "a statement must not nest this deep",
}


class Text:
    """OpenQASM text without its comments, line for line.

    Args:
        text: as it was read.
        source: what messages call it, usually a file's name.

    Attributes:
        body: the text; whoever rewrites it keeps its lines.
        sizes: how many gates each gate definition comes to; after `check_sizes`.

    Raises:
        InvalidCircuitError: if the text is too long or cannot be taken apart into statements.
    """

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.body = text
        self.sizes: dict[str, int] = {}
        self._depths: dict[str, int] = {}
        if len(text) > TEXT_LIMIT:
            self.fail(f"the text must have at most {TEXT_LIMIT:,} characters, but has {len(text):,}", 0)
        self.body = _HIDDEN.sub(self._without_comment, text)
        for pattern, message in _REFUSED.items():
            found = pattern.search(self.body)
            if found:
                self.fail(message, found.end() - 1)
        self._check_nesting()
        if not self.body.strip():
            self.fail("a circuit must have statements, but the text has none", len(self.body.rstrip()))

    def fail(self, message: str, position: int) -> NoReturn:
        """Raises an `InvalidCircuitError` that names the line of a position in the body."""
        raise InvalidCircuitError(f"{self.source}:{self.body.count(chr(10), 0, position) + 1}: {message}") from None

    def _without_comment(self, match: re.Match[str]) -> str:
        hidden = match.group()
        if hidden == "/*":
            self.fail("a comment must end with `*/`, but the text ends first", match.start())
        if hidden == '"':
            self.fail("a string must end on its line, but does not", match.start())
        return hidden if hidden[0] == '"' else " " + "\n" * hidden.count("\n")

    def _check_nesting(self) -> None:
        depth = 0
        for match in re.finditer(r"[()\[\]{}]", self.body):
            depth += 1 if match.group() in "([{" else -1
            if depth > NESTING_LIMIT:
                self.fail(f"brackets must nest at most {NESTING_LIMIT} deep, but nest deeper", match.start())
        position = 0
        for statement in self.body.split(";"):
            if len(statement) > _OPERATOR_LIMIT and len(re.findall(r"[-+*/^%]", statement)) > _OPERATOR_LIMIT:
                self.fail(f"a statement must have at most {_OPERATOR_LIMIT:,} operators, but has more", position + 1)
            position += len(statement) + 1

    def check_sizes(self) -> None:
        """Counts what the text comes to once registers and gate definitions are written out.

        Raises:
            InvalidCircuitError: if that is too much.
        """
        registers = self._check_registers()
        for match in _DEFINITION.finditer(self.body):
            self._check_definition(match)
        outside = _DEFINITION.sub(";", self.body)
        whole = Counter(_WHOLE_OPERAND.findall(outside)) if max(registers.values(), default=0) > 1 else Counter()
        if sum(count * registers.get(name, 0) for name, count in whole.items()) > INSTRUCTION_LIMIT:
            position = total = 0
            for match in _WHOLE_OPERAND.finditer(self.body):
                total += registers.get(match.group(1), 0)
                if total > INSTRUCTION_LIMIT:
                    position = match.start()
                    break
            self.fail(too_many(sum(count * registers.get(name, 0) for name, count in whole.items())), position)

    def _check_registers(self) -> dict[str, int]:
        registers: dict[str, int] = {}
        totals = {"qubit": 0, "bit": 0}
        for match in _SIZES.finditer(self.body):
            what = "qubit" if match.group()[0] == "q" else "bit"
            size = (match.group(2) or match.group(3) or "").strip()
            if not re.fullmatch(r"[0-9]+", size):
                self.fail(f"a register's size must be a whole number, but is `{size[:40]}`", match.start())
            if int(size) < 1:
                self.fail(f"a register must have at least 1 {what}, but has {size}", match.start())
            totals[what] += int(size)
            if totals[what] > BIT_LIMIT:
                self.fail(
                    f"a circuit must have at most {BIT_LIMIT:,} {what}s, but has {totals[what]:,} here", match.start()
                )
            registers[match.group(1) or match.group(4) or ""] = int(size)
        return registers

    def _check_definition(self, match: re.Match[str]) -> None:
        name, body, end = match.groups()
        if end == "{":
            self.fail(f"a gate's body must consist of gates, but `{name}` has a block in it", match.start())
        size, depth = 0, 0
        for statement in body.split(";"):
            if statement.strip():
                called, gates = self._gates_in(statement, match.start(2))
                size += gates
                depth = max(depth, self._depths.get(called, 0) + 1)
        if size > INSTRUCTION_LIMIT:
            self.fail(too_many(size), match.start())
        if depth > DEPTH_LIMIT:
            self.fail(f"gate definitions must nest at most {DEPTH_LIMIT} deep, but nest deeper", match.start())
        self.sizes[name], self._depths[name] = size, depth

    def _gates_in(self, statement: str, position: int) -> tuple[str, int]:
        """The gate that a statement calls, and how many gates that comes to."""
        modifiers, _, call = statement.rpartition("@")
        called = _NAME.search(call)
        name = called.group() if called else ""
        size = max(1, self.sizes.get(name, 1))
        if modifiers:
            size *= self._factor(modifiers, call, size, position)
        return name, size

    def _factor(self, modifiers: str, call: str, size: int, position: int) -> int:
        """How many times over a modified gate counts."""
        controls = [int(number or 1) for number in _CONTROL.findall(modifiers)]
        if sum(controls) > CONTROL_LIMIT:
            self.fail(f"a gate must get at most {CONTROL_LIMIT} controls, but gets {sum(controls)}", position)
        if modifiers.count("@") >= DEPTH_LIMIT:
            self.fail(f"a gate must have at most {DEPTH_LIMIT} modifiers, but has more", position)
        if (controls or "pow" in modifiers) and size > MODIFIED_SIZE_LIMIT:
            self.fail(
                f"a gate under a modifier must come to at most {MODIFIED_SIZE_LIMIT:,} gates, but has {size:,}",
                position,
            )
        factor = 1
        for exponent in _POWER.findall(modifiers):
            if not _NUMERAL.fullmatch(exponent) or abs(float(exponent)) > INSTRUCTION_LIMIT:
                self.fail(
                    f"an exponent must be a number of at most {INSTRUCTION_LIMIT:,}, but is `{exponent[:40]}`", position
                )
            factor *= max(1, int(abs(float(exponent))))
            if call.count(",") >= POWER_LIMIT + sum(controls):
                self.fail(f"a gate under `pow` must act on at most {POWER_LIMIT} qubits, but acts on more", position)
        return factor

    def work(self) -> int:
        """How many instructions the statements outside gate definitions come to, registers not written out."""
        total = position = 0
        for statement in _DEFINITION.sub(lambda match: "\n" * match.group().count("\n"), self.body).split(";"):
            blank = len(statement) - len(statement.lstrip())
            total += self._gates_in(statement, position + blank)[1]
            position += len(statement) + 1
        return total
