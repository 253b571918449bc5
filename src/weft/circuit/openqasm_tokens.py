"""OpenQASM text as a list of tokens, and a cursor over it that knows its line when something is wrong.

The scan is one linear pass. It refuses what no circuit needs and what would make a reader slow or deep: text that is
too long, brackets nested too far, numerals without end, strings and comments that never close.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NoReturn

from weft.errors import InvalidCircuitError

TEXT_LIMIT = 64 * 2**20
"""The longest text that is read, in characters."""
NESTING_LIMIT = 100
"""How deep brackets and braces may nest."""
NUMERAL_LIMIT = 400
"""The longest numeral."""

_TOKEN = re.compile(
    r"""
    (?: \s+ | //[^\n]* | /\*(?s:.*?)\*/ )
    | ( [^\W\d]\w*
      | 0[xXbBoO][0-9a-fA-F_]+
      | (?: \d[\d_]*(?:\.\d*)? | \.\d+ ) (?: [eE][+-]?\d+ )?
      | \$\d+
      | -> | == | != | <= | >= | && | \|\| | \*\* | << | >> | \+\+ | [+\-*/]=
      | "[^"\n]*"? | /\*(?s:.*) | . )
    """,
    re.VERBOSE,
)


class Tokens:
    """A cursor over the tokens of a text.

    Args:
        text: OpenQASM.
        source: what messages call the text, usually a file's name.

    Attributes:
        items: the tokens, with empty strings at the end.
        at: the position of the next word.
    """

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self.items: list[str] = []
        self.at = 0
        if len(text) > TEXT_LIMIT:
            self.fail(f"the text must have at most {TEXT_LIMIT:,} characters, but has {len(text):,}")
        self.items = [word for word in _TOKEN.findall(text) if word]
        self.items += ["", ""]
        self._check()

    def _check(self) -> None:
        depth = 0
        for at, word in enumerate(self.items):
            first = word[:1]
            if first in "([{" and first:
                depth += 1
                if depth > NESTING_LIMIT:
                    self.fail(f"brackets must nest at most {NESTING_LIMIT} deep, but nest deeper", at)
            elif first in ")]}" and first:
                depth -= 1
            elif word.startswith("/*"):
                self.fail("a comment must end with `*/`, but the text ends first", at)
            elif first == '"' and (len(word) == 1 or word[-1] != '"'):
                self.fail("a string must end on its line, but does not", at)
            elif len(word) > NUMERAL_LIMIT and (first.isdigit() or first == "."):
                self.fail(f"a numeral must have at most {NUMERAL_LIMIT} characters, but has {len(word)}", at)

    @property
    def next(self) -> str:
        """The next word; an empty string at the end."""
        return self.items[self.at]

    def take(self) -> str:
        """Moves past the next word and returns it."""
        word = self.items[self.at]
        if not word:
            self.fail("a statement must end before the text does, but the text ends inside one")
        self.at += 1
        return word

    def skip(self, word: str) -> bool:
        """Moves past the next word if it is this one."""
        if self.items[self.at] != word:
            return False
        self.at += 1
        return True

    def expect(self, word: str) -> None:
        """Moves past the next word, which must be this one."""
        if self.items[self.at] != word:
            self.fail(f"`{word}` must come here, but {self.found()} does")
        self.at += 1

    def name(self) -> str:
        """Moves past a name and returns it."""
        word = self.items[self.at]
        if not is_name(word):
            self.fail(f"a name must come here, but {self.found()} does")
        self.at += 1
        return word

    def skip_past(self, closing: str) -> None:
        """Moves past everything up to the bracket that closes the one before the cursor."""
        opening = {")": "(", "]": "[", "}": "{"}[closing]
        depth = 1
        while depth:
            word = self.take()
            depth += (word == opening) - (word == closing)

    def found(self) -> str:
        """The next word as messages name it."""
        word = self.next
        if not word:
            return "the end of the text"
        shown = word if len(word) <= 40 else word[:37] + "..."
        return f"`{shown}`" if shown.isprintable() else ascii(shown)

    def line(self, at: int | None = None) -> int:
        """The line of a word, the next one by default; counted only when asked for."""
        wanted = self.at if at is None else at
        matches = (match for match in _TOKEN.finditer(self._text) if match.group(1))
        match = next(islice(matches, wanted, None), None)
        end = len(self._text.rstrip()) if match is None else match.start(1)
        return self._text.count("\n", 0, end) + 1

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raises an `InvalidCircuitError` that names the place of a word, the next one by default."""
        raise InvalidCircuitError(f"{self._source}:{self.line(at)}: {message}") from None


def is_name(word: str) -> bool:
    """Whether a word can be the name of something."""
    return word[:1].isidentifier()
