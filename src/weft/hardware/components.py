"""What the components of a model may be, said in one way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real

from weft.errors import InvalidValueError


def check_probabilities(model: object, names: Iterable[str]) -> None:
    """Turns components into floats.

    Raises:
        InvalidValueError: one of them is not in [0, 1].
    """
    for name in names:
        value = _make_float(model, name)
        _require(0 <= value <= 1, name, "must lie in [0, 1]", value)


def check_amounts(model: object, names: Iterable[str]) -> None:
    """Turns components into floats.

    Raises:
        InvalidValueError: one of them is negative or not finite.
    """
    for name in names:
        value = _make_float(model, name)
        _require(0 <= value < math.inf, name, "must be finite and ≥ 0", value)


def check_positive(model: object, names: Iterable[str], *, finite: bool = True) -> None:
    """Turns components into floats.

    Raises:
        InvalidValueError: one of them is not positive, or infinite where it must be finite.
    """
    for name in names:
        value = _make_float(model, name)
        _require(value > 0, name, "must be positive", value)
        _require(not finite or math.isfinite(value), name, "must be finite", value)


def _make_float(model: object, name: str) -> float:
    value = getattr(model, name)
    good = isinstance(value, Real) and not isinstance(value, bool)
    _require(good, name, "must be a number", repr(value))
    number = float(value) + 0.0  # + 0.0 turns −0.0 into 0.0, so that equal models are written equally
    object.__setattr__(model, name, number)
    return number


def _require(condition: bool, name: str, what: str, found: object) -> None:
    if not condition:
        raise InvalidValueError(f"`{name}` {what}, but is {found}")
