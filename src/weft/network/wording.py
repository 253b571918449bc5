"""How error messages show what was found: short, printable, on one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 60


def quote(value: object) -> str:
    """What was found, as people would say it: text in quotes, containers by kind, never longer than a line."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{shorten(value)}"'
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list) and not _is_short(value):
        return f"a list of {len(value)}" if value else "an empty list"
    return shorten(str(value))


def shorten(text: str) -> str:
    """The text without anything that a terminal would act on, cut to a readable length."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in cut)


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the closest known word, or nothing."""
    # difflib is quadratic, and nobody mistypes a key into something long.
    close = difflib.get_close_matches(word[:_LONGEST], list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _is_short(values: list[object]) -> bool:
    return 0 < len(values) <= 4 and all(isinstance(value, (int, float, str)) for value in values)
