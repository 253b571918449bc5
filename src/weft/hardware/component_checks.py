"""What components of a model may be, in words."""

from __future__ import annotations

import math
from typing import Any

from weft.errors import InvalidValueError


def require_shares(model: Any, *names: str) -> None:
    """Raises InvalidValueError unless the components lie in [0, 1]."""
    _require(model, names, "lie in [0, 1]", lambda value: 0 <= value <= 1)


def require_positive(model: Any, *names: str) -> None:
    """Raises InvalidValueError unless the components are positive and finite."""
    _require(model, names, "be positive and finite", lambda value: 0 < value < math.inf)


def require_positive_or_infinite(model: Any, *names: str) -> None:
    """Raises InvalidValueError unless the components are positive."""
    _require(model, names, "be positive", lambda value: value > 0)


def require_not_negative(model: Any, *names: str) -> None:
    """Raises InvalidValueError unless the components are finite and ≥ 0."""
    _require(model, names, "be finite and ≥ 0", lambda value: 0 <= value < math.inf)


def require_choice(model: Any, name: str, choices: tuple[str, ...]) -> None:
    """Raises InvalidValueError unless the component is one of a few words."""
    if getattr(model, name) not in choices:
        raise InvalidValueError(f"`{name}` must be {' or '.join(choices)}, but is {getattr(model, name)!r}")


def require_fidelity(model: Any, *names: str) -> None:
    """Raises InvalidValueError unless the components are fidelities of Werner pairs, in [1/4, 1]."""
    _require(model, names, "lie in [0.25, 1]", lambda value: 0.25 <= value <= 1)


def _require(model: Any, names: tuple[str, ...], must: str, good: Any) -> None:
    for name in names:
        value = getattr(model, name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValueError(f"`{name}` must be a number, but is {value!r}")
        if not good(value):
            raise InvalidValueError(f"`{name}` must {must}, but is {value!r}")
