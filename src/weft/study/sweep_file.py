"""YAML file → Sweep. `docs/sweeps.md` describes the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from weft.errors import InvalidNetworkError, InvalidValueError
from weft.network import preset_names
from weft.network.wording import quote
from weft.network.yaml_file import read_text
from weft.network.yaml_schema import validated
from weft.network.yaml_tree import Document, read_tree
from weft.network.yaml_tree import Path as Keys
from weft.ranges import is_range, range_values
from weft.scheduler import Policy
from weft.study.parameters import adjusted
from weft.study.sweep import MOST_TASKS, Sweep

_NUMBERS = ("approximation", "shots", "compile_seed", "seed")
_MOST_VALUES = MOST_TASKS


class SweepKeys(BaseModel):
    """The keys that a file may have; which values they may have, Sweep and Task say. A key that is not given is not set."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = ""
    circuit: Any
    network: Any
    parameters: dict[str, Any] = {}
    policy: Any = None
    effort: Any = None
    objective: Any = None
    approximation: Any = None
    backend: Any = None
    shots: Any = None
    compile_seed: Any = None
    seed: Any = None
    zip: list[list[str]] = []
    counts: bool = False


def load_sweep(path: str | Path) -> Sweep:
    """The sweep that a YAML file describes. Files that it names are looked for beside it.

    Raises:
        InvalidValueError: if it cannot be read, is malformed, or contradicts itself; the message names the place.
    """
    path = Path(path)
    try:
        text, where = read_text(path)
        if not text.strip():
            raise InvalidValueError(f"{where}: the file: must hold a sweep, but is empty")
        return parse_sweep(text, where, path.parent)
    except InvalidNetworkError as error:  # what reads YAML calls all errors so
        raise InvalidValueError(str(error)) from None


def parse_sweep(text: str, where: str = "sweep", folder: Path | None = None) -> Sweep:
    """The sweep that the text of a YAML file describes.

    Args:
        text: of the file.
        where: the file, as messages call it.
        folder: in which files that it names are looked for first.

    Raises:
        InvalidValueError: if it is malformed, or contradicts itself.
    """
    try:
        document = read_tree(text, where)
        if not isinstance(document.value, dict):
            raise document.error((), f"must be a mapping of keys, but is {quote(document.value)}")
        keys = validated(document, SweepKeys, _known)
        return _sweep(document, keys.model_dump(exclude_unset=True), folder or Path())
    except InvalidNetworkError as error:
        raise InvalidValueError(str(error)) from None


def _known(path: Keys) -> Sequence[str]:
    return () if path else tuple(SweepKeys.model_fields)


def _sweep(document: Document, given: dict[str, Any], folder: Path) -> Sweep:
    for name in ("circuit", "network"):
        given[name] = [_beside(text, folder) for text in _texts(document, (name,), given[name])]
    for name in _NUMBERS:
        if name in given:
            given[name] = _numbers(document, (name,), given[name])
    parameters = given.get("parameters", {})
    given["parameters"] = {name: _numbers(document, ("parameters", name), value) for name, value in parameters.items()}
    if "policy" in given:
        given["policy"] = _policies(document, given["policy"])
    given.setdefault("name", Path(document.where).stem)
    try:
        return Sweep(**given)
    except InvalidValueError as error:
        key = re.match(r"`(\w+)` (must .*)", str(error), flags=re.DOTALL)
        if key is None or (key[1],) not in document.lines:
            raise document.error((), str(error)) from None
        raise document.error((key[1],), key[2]) from None


def _texts(document: Document, path: Keys, given: Any) -> list[str]:
    values = given if isinstance(given, list) else [given]
    for value in values:
        if not isinstance(value, str):
            raise document.error(path, f"must be text, or a list of it, but is {quote(value)}")
    return values


def _beside(text: str, folder: Path) -> str:
    """The file of that name in the sweep's folder, if there is one."""
    there = folder / text
    return str(there) if text not in preset_names() and there.is_file() else text


def _numbers(document: Document, path: Keys, given: Any) -> list[Any]:
    """Values as they are, one or several; text of the form of a range is one."""
    if isinstance(given, str) and is_range(given):
        try:
            return [_whole_if_it_can(value) for value in range_values(given, str(path[-1]), _MOST_VALUES)]
        except InvalidValueError as error:
            raise document.error(path, str(error).removeprefix(f"`{path[-1]}` ")) from None
    values = given if isinstance(given, list) else [given]
    if not values:
        raise document.error(path, "must have a value, but has none")
    for value in values:
        if not isinstance(value, str | int | float):
            text = "must be numbers or words, one or a list of them, or a range LOW:HIGH:N, but"
            raise document.error(path, f"{text} one is {quote(value)}")
    return values


def _whole_if_it_can(value: float) -> int | float:
    """Ranges are of floats; a number of qubits must be whole."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _policies(document: Document, given: Any) -> list[Policy]:
    values, many = (given, True) if isinstance(given, list) else ([given], False)
    found = []
    for position, value in enumerate(values):
        path: Keys = ("policy", position) if many else ("policy",)
        parts = {"timing": value} if isinstance(value, str) else value
        if not isinstance(parts, dict):
            text = "must be a word such as prefetch, or a mapping of a policy's parts"
            raise document.error(path, f"{text}, but is {quote(value)}")
        try:
            found.append(adjusted(Policy(), parts))
        except InvalidValueError as error:
            raise document.error(path, str(error)) from None
    return found
