"""What Qiskit's complete importer of OpenQASM 3 gets wrong or refuses though it knows it, respelt around.

It binds the parameters of a gate in the order of their names, so they get names in that order. It refuses to compare a
bit with a number and to concatenate single bits, and loses slices that run down to 0 or end at a negative index.
"""

from __future__ import annotations

import re

from weft.circuit.openqasm_tokens import Text

_DEFINITION = re.compile(r"(\bgate\s+\w+\s*)\(([^(){};]*)\)([^{};]*\{[^{}]*\})")
_BIT_TEST = re.compile(r"\bif(\s*)\(\s*(\w+\s*\[\s*\d+\s*\]|\w+)\s*(==|!=)\s*([01]|true|false)\s*\)")
_SLICE = re.compile(r"\b([^\W\d]\w*)\s*\[([^\[\]{};,:]*:[^\[\]{};,]*)\]")
_NAME = re.compile(r"[^\W\d]\w*")
_ALIAS = re.compile(r"\blet\b[^;]*;")
_INDEX = re.compile(r"(\w\s*)\[\s*(\d+)\s*\]")
_LONE_BIT = re.compile(r"\bbit\s+([^\W\d]\w*)")
_REGISTER = re.compile(r"\b(?:qubit|bit)\s*\[\s*(\d+)\s*\]\s*([^\W\d]\w*)")
_ESCAPED = re.compile(r"\b(?:(?:qubit|bit)\s*\[[^\[\]]*\]|let)\s*([^\W\d]\w*)")


def respell(text: Text) -> None:
    """Respells a text, line by line.

    Raises:
        InvalidCircuitError: naming the line, for a slice that Qiskit would read as another one.
    """
    text.body = _DEFINITION.sub(_with_ordered_parameters, text.body)
    alone = set(_LONE_BIT.findall(text.body))

    def bit_test(match: re.Match[str]) -> str:
        blank, bit, comparison, value = match.groups()
        if "[" not in bit and bit not in alone:
            return match.group()
        negated = (comparison == "!=") == (value in {"1", "true"})
        return f"if{blank}({'!' if negated else ''}{bit})" + "\n" * (match.group().count("\n") - blank.count("\n"))

    text.body = _BIT_TEST.sub(bit_test, text.body)
    text.body = _ALIAS.sub(lambda match: _INDEX.sub(r"\1[{\2}]", match.group()), text.body)
    _check_slices(text)


def _with_ordered_parameters(match: re.Match[str]) -> str:
    start, parameters, rest = match.groups()
    names = [name.strip() for name in parameters.split(",")]
    if len(set(names)) < len(names):
        return match.group()
    order = {name: f"p{position:03}_{name}" for position, name in enumerate(names) if name}
    respelt = ", ".join(order.get(name, name) for name in names) + "\n" * parameters.count("\n")
    return f"{start}({respelt}){_NAME.sub(lambda word: order.get(word.group(), word.group()), rest)}"


def _check_slices(text: Text) -> None:
    sizes = {name: int(size) for size, name in _REGISTER.findall(text.body)}
    for match in _SLICE.finditer(text.body):
        name, bounds = match.group(1), [bound.strip() for bound in match.group(2).split(":")]
        if name == "in":
            continue
        step = bounds[1] if len(bounds) == 3 else "1"
        first, last = bounds[0], bounds[-1]
        falls = step.lstrip("(").startswith("-")
        limit = sizes.get(name)
        for bound in filter(None, (first, last)):
            if not bound.isdecimal() or (limit is not None and int(bound) >= limit):
                most = "its last index" if limit is None else str(limit - 1)
                text.fail(f"the ends of `{name}[…]` must lie in 0 … {most}, but one is {bound[:40]}", match.start())
        if falls and last in {"", "0"}:
            text.fail(f"a slice must not run down to 0, since Qiskit loses it, but `{name}[…]` does", match.start())


def escaped_names(body: str) -> dict[str, str]:
    """The user's names of registers by those that Qiskit's complete importer gives them."""
    names = _ESCAPED.findall(body)
    return {
        name if re.fullmatch(r"[a-z]\w*", name, re.ASCII) else "esc_" + re.sub(r"\W", "_", name): name for name in names
    }
