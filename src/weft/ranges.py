"""Ranges of values as users write them: `LOW:HIGH:N`, or `LOW:HIGH:N:log`, whose steps are equal ratios."""

from __future__ import annotations

import math
import re

from weft.errors import InvalidValueError

_NUMBER = r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER}):(\s*[-+]?\d{{1,18}}\s*)(:log)?")


def is_range(text: str) -> bool:
    """Whether a text has the form of a range."""
    return _RANGE.fullmatch(text) is not None


def range_values(text: str, name: str, most: int) -> list[float]:
    """The values of a range.

    Args:
        text: of the form of a range.
        name: of what has these values, for messages.
        most: how many values there may be.

    Raises:
        InvalidValueError: if it has none, too many, or equal ratios that do not begin and end above 0.

    >>> range_values("1:100:3:log", "rate_hz", 10)
    [1.0, 10.0, 100.0]
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        raise InvalidValueError(f"`{name}` must be LOW:HIGH:N or LOW:HIGH:N:log, but is {text!r}")
    low, high, count = float(found[1]), float(found[2]), int(found[3])
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InvalidValueError(f"`{name}` must begin and end with numbers of ordinary size, but is {text!r}")
    if not 1 <= count <= most:
        raise InvalidValueError(f"`{name}` must have 1 to {most:,} values, but has {count}")
    if found[4] and not (low > 0 and high > 0):
        raise InvalidValueError(f"`{name}` in equal ratios must begin and end above 0, but is {text!r}")
    if count == 1:
        return [low]
    if found[4]:
        inner = [low * (high / low) ** (step / (count - 1)) for step in range(1, count - 1)]
    else:
        inner = [low + (high - low) * step / (count - 1) for step in range(1, count - 1)]
    return [low, *inner, high]
