"""Text of a YAML file → plain values, each with its line. Nothing in the text can make anything run or grow.

Weft reads the parser's events and builds only text, numbers, booleans, nulls, lists and mappings from them. Tags,
anchors and aliases are refused: the first can name code, the others can make a short file huge. Plain scalars follow
the core schema of YAML 1.2, so that `1e-6` is a number, and `NO` and `on` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from weft.errors import InvalidNetworkError
from weft.network.wording import shorten

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 20

Path = tuple[str | int, ...]
Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None

# The parser in C is ten times as fast, but not every platform has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}
_NOT_A_NUMBER = (".nan", ".NaN", ".NAN")
INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# Far beyond what a number in a network needs; Python would take quadratic time to read thousands of digits.
_MAX_DIGITS = 18
_MAX_FLOAT_LENGTH = 64


@dataclass(frozen=True)
class Document:
    """What a YAML file holds.

    Attributes:
        where: the file, as messages call it.
        value: of the top.
        lines: counted from 1, by path of keys; only some paths have one.
    """

    where: str
    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)

    def error(self, path: Path, what: str) -> InvalidNetworkError:
        """The error that says what must hold at a path of keys, with the line where it is known."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = f" (line {self.lines[known]})" if known in self.lines else ""
        keys = ".".join(shorten(str(key)) for key in path)
        place = f"{keys}{line}" if keys else f"the file{line}"
        return InvalidNetworkError(f"{self.where}: {place}: {what}")


def read_tree(text: str, where: str) -> Document:
    """Parse the text of one YAML document.

    Args:
        text: of the file.
        where: the file, as messages call it.

    Raises:
        InvalidNetworkError: the text is too long, not YAML, empty, more than one document, nested too deeply, or has a
            repeated key, a tag, an anchor or an alias.
    """
    builder = _Builder(text, where)
    try:
        return builder.read()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        raise InvalidNetworkError(f"{where}: the file{line}: must be YAML, but {shorten(str(problem))}") from None
    except (ValueError, RecursionError, OverflowError) as error:
        if isinstance(error, InvalidNetworkError):
            raise
        raise InvalidNetworkError(f"{where}: the file: must be YAML, but cannot be parsed") from None


class _Builder:
    """One pass over the events of one text."""

    def __init__(self, text: str, where: str) -> None:
        self._document = Document(where)
        self._text = text.removeprefix("\ufeff")

    def read(self) -> Document:
        self._refuse_bad_text()
        self._events: Iterator[yaml.Event] = iter(yaml.parse(self._text, Loader=_LOADER))
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self._document.error((), "must hold a network, but is empty")
        value = self._value(next(self._events), (), 0)
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            self._mark((), following)
            raise self._document.error((), "must hold one YAML document, but another begins")
        return Document(self._document.where, value, self._document.lines)

    def _refuse_bad_text(self) -> None:
        if len(self._text) > MAX_BYTES or len(self._text.encode("utf-8", "replace")) > MAX_BYTES:
            raise self._document.error((), f"must be at most {MAX_BYTES // 2**20} MiB long, but is longer")
        if "\0" in self._text:
            raise self._document.error((), "must be text, but holds a NUL character")

    def _mark(self, path: Path, event: yaml.Event) -> None:
        if event.start_mark is not None:
            self._document.lines[path] = event.start_mark.line + 1

    def _value(self, event: yaml.Event, path: Path, depth: int) -> Value:
        # List items that are scalars share the line of their list: a file may hold a million of them.
        if not (isinstance(event, yaml.ScalarEvent) and path and isinstance(path[-1], int)):
            self._mark(path, event)
        self._refuse_fancy(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if depth >= MAX_DEPTH:
            raise self._document.error(path[:5], f"must be nested at most {MAX_DEPTH} deep, but is nested deeper")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path, depth)
        return self._mapping(path, depth)

    def _refuse_fancy(self, event: yaml.Event, path: Path) -> None:
        found = None
        if isinstance(event, yaml.AliasEvent):
            found = f"the alias `*{shorten(str(event.anchor))}`"
        elif event.anchor is not None:  # type: ignore[attr-defined]  # every other node has one
            found = f"the anchor `&{shorten(event.anchor)}`"  # type: ignore[attr-defined]
        elif event.tag is not None:  # type: ignore[attr-defined]
            found = f"the tag `{shorten(event.tag)}`"  # type: ignore[attr-defined]
        if found:
            self._mark(path, event)
            raise self._document.error(path, f"must be without tags, anchors and aliases, but has {found}")

    def _list(self, path: Path, depth: int) -> Value:
        values: list[Value] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self._value(event, (*path, len(values)), depth + 1))
        return values

    def _mapping(self, path: Path, depth: int) -> Value:
        values: dict[str, Value] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            if key in values:
                self._mark((*path, key), event)
                raise self._document.error((*path, key), "must be given once, but is given again")
            values[key] = self._value(next(self._events), (*path, key), depth + 1)
            self._mark((*path, key), event)
        return values

    def _key(self, event: yaml.Event, path: Path) -> str:
        self._refuse_fancy(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._mark(path, event)
            raise self._document.error(path, "must have text as keys, but has a list or a mapping as a key")
        key = self._scalar(event, path)
        if not isinstance(key, str):
            self._mark(path, event)
            written = shorten(event.value)
            raise self._document.error(path, f'must have text as keys, but has {written}; write "{written}" in quotes')
        return key

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> str | int | float | bool | None:
        text: str = event.value
        if not event.implicit[0]:  # in quotes, or a block of text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text in _NOT_A_NUMBER:
            self._mark(path, event)
            raise self._document.error(path, f"must be a number or text, but is {text}")
        return self._number(event, path) if FLOAT.fullmatch(text) else text

    def _number(self, event: yaml.ScalarEvent, path: Path) -> int | float:
        text: str = event.value
        whole = INTEGER.fullmatch(text) is not None
        if len(text) <= (_MAX_DIGITS if whole else _MAX_FLOAT_LENGTH):
            number = int(text) if whole else float(text)
            if abs(number) != float("inf"):
                return number
        self._mark(path, event)
        raise self._document.error(path, f"must be a number of ordinary size, but is {shorten(text)}")
