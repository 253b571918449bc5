"""What numbers and names of devices must be, said in one way."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from numbers import Real

from weft.errors import InvalidNetworkError
from weft.network.wording import quote

MAX_NAME_LENGTH = 64
PauliErrors = tuple[tuple[str, float], ...]
"""Paulis and their probabilities, such as (("ZZ", 0.01),), sorted by name."""


def require(condition: bool, where: str, what: str, found: object) -> None:
    """Raises InvalidNetworkError unless a condition holds."""
    if not condition:
        raise InvalidNetworkError(f"{where}{what}, but is {found}")


def require_name(name: object) -> None:
    """Raises InvalidNetworkError unless this can be the name of a QPU."""
    good = isinstance(name, str) and 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable() and name == name.strip()
    text = f"the name of a QPU must be 1 to {MAX_NAME_LENGTH} printable characters without spaces around them"
    require(good, "", text, quote(name))


def require_between(device: object, where: str, key: str, least: float, most: float) -> None:
    """Raises InvalidNetworkError unless a number lies in [least, most]."""
    value = getattr(device, key)
    require(least <= value <= most, where, f"`{key}` must lie in [{least}, {most}]", value)


def make_whole(device: object, where: str, key: str, least: int) -> None:
    """Turns NumPy integers into Python's, so that equal devices serialise equally."""
    value = getattr(device, key)
    if type(value) is not int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise InvalidNetworkError(f"{where}`{key}` must be a whole number, but is {quote(value)}")
        object.__setattr__(device, key, operator.index(value))
    require(value >= least, where, f"`{key}` must be at least {least}", value)


def make_numbers(device: object, where: str, keys: Iterable[str]) -> None:
    """Turns integers and NumPy floats into Python floats, so that equal devices serialise equally."""
    for key in keys:
        value = getattr(device, key)
        if type(value) is float and value > 0:
            continue
        object.__setattr__(device, key, _number(where, key, value))


def make_pauli_errors(device: object, where: str, key: str, qubits: int) -> None:
    """Turns a mapping such as `{"ZZ": 0.01, "XI": 0.002}`, or its pairs, into sorted pairs without zeros."""
    given = getattr(device, key)
    try:
        entries = dict(given)
    except (TypeError, ValueError):
        raise InvalidNetworkError(f"{where}`{key}` must be a mapping of Paulis, but is {quote(given)}") from None
    sign = "XYZ" if qubits == 1 else "two of IXYZ but not II"
    for label in entries:
        known = isinstance(label, str) and len(label) == qubits and not set(label) - set("IXYZ") and set(label) != {"I"}
        require(known, where, f"`{key}` must name Paulis ({sign}, the gate's first operand first)", quote(label))
    numbers = {label: _number(where, key, value) for label, value in entries.items()}
    good = all(value >= 0 for value in numbers.values()) and math.fsum(numbers.values()) <= 1
    text = f"`{key}` must hold probabilities ≥ 0 that sum to at most 1"
    require(good, where, text, ", ".join(f"{value:g}" for value in numbers.values()))
    object.__setattr__(device, key, tuple(sorted((label, value) for label, value in numbers.items() if value)))


def _number(where: str, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidNetworkError(f"{where}`{key}` must be a number, but is {quote(value)}")
    try:
        return float(value) + 0.0  # + 0.0 turns −0.0 into 0.0
    except OverflowError:
        raise InvalidNetworkError(f"{where}`{key}` must be a number of ordinary size, but is huge") from None


PauliErrorsGiven = Mapping[str, float] | PauliErrors
"""What may be handed to a QPU."""
