"""What the name of a parameter means: a size in a circuit's name, a path into the network, a component, or a part of the policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from weft.errors import InvalidValueError
from weft.network.wording import suggest
from weft.scheduler import Distillation, Policy
from weft.study.outcome import Outcome
from weft.study.task import OPTIONS, Value

_FIELD = re.compile(r"\{(\w*)\}")
_COMPONENT, _POLICY = "components.", "policy."


@dataclass(frozen=True)
class Parameters:
    """Values sorted by what they are of.

    Attributes:
        sizes: of fields in names of circuits and networks, such as `n` of `qft:{n}`.
        network: by path of a network file's keys.
        components: of the devices that links are derived from.
        policy: of parts of the policy.
    """

    sizes: Mapping[str, Value] = field(default_factory=dict)
    network: Mapping[str, Value] = field(default_factory=dict)
    components: Mapping[str, Value] = field(default_factory=dict)
    policy: Mapping[str, Value] = field(default_factory=dict)


def sorted_out(values: Mapping[str, Value]) -> Parameters:
    """Parameters by what they are of."""
    found = Parameters({}, {}, {}, {})
    for name, value in values.items():
        room: Any = found.network
        if "." not in name:
            room = found.sizes
        elif name.startswith(_COMPONENT):
            room, name = found.components, name.removeprefix(_COMPONENT)  # noqa: PLW2901  # the rest of it
        elif name.startswith(_POLICY):
            room, name = found.policy, name.removeprefix(_POLICY)  # noqa: PLW2901
        room[name] = value
    return found


def fill_in(text: str, sizes: Mapping[str, Value]) -> str:
    """The name of a circuit or network, with values for its fields: `qft:{n}` → `qft:8`.

    Raises:
        InvalidValueError: if a field has no value.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in sizes:
            raise InvalidValueError(
                f"`{match[0]}` in {text!r} must be a parameter, but is none{suggest(match[1], sizes)}"
            )
        return str(sizes[match[1]])

    return _FIELD.sub(value, text)


def check_names(names: Iterable[str], texts: Iterable[str]) -> None:
    """Refuses parameters that would change nothing: without a dot, they must be fields of one of the texts.

    Raises:
        InvalidValueError: if one is none.
    """
    there = {name for text in texts for name in _FIELD.findall(text)}
    for name in names:
        if name in OPTIONS or name in ("circuit", "network"):
            raise InvalidValueError(f"`{name}` must be given as a key of its own, but is given as a parameter")
        if name in Outcome.__dataclass_fields__ or name == "version":
            raise InvalidValueError(
                f"the parameter `{name}` must have another name, because tables have a column of this one"
            )
        if "." not in name and name not in there:
            raise InvalidValueError(
                f"the parameter `{name}` must be a field of the circuit or network, such as qft:{{{name}}}, or a path such as "
                f"links.*.fidelity, qpus.A.t2_s, components.detector_efficiency or policy.cutoff_s, but is neither"
                f"{suggest(name, there)}"
            )


def adjusted(policy: Policy, parts: Mapping[str, Value]) -> Policy:
    """A policy with some parts replaced.

    Raises:
        InvalidValueError: if it has no such part, or that cannot have the value.
    """
    known = [part.name for part in fields(Policy)]
    for name in parts:
        if name not in known:
            raise InvalidValueError(
                f"`policy.{name}` must be a part of a policy ({', '.join(known)}), but is none{suggest(name, known)}"
            )
    return replace(policy, **{name: _part(name, value) for name, value in parts.items()}) if parts else policy


def _part(name: str, value: Value) -> Any:
    if name == "distillation":
        return distillation_of(value)
    return value.replace("-", "_") if name == "timing" and isinstance(value, str) else value


def distillation_of(value: object) -> Distillation | None:
    """What `dejmps:1` stands for, or `none`.

    Raises:
        InvalidValueError: if the text is of another form.
    """
    if value is None or value == "none":
        return None
    protocol, _, rounds = str(value).partition(":")
    if not rounds.isdecimal():
        raise InvalidValueError(
            f"`distillation` must be a protocol and its rounds, such as dejmps:1, or none, but is {value!r}"
        )
    return Distillation(cast("Any", protocol), int(rounds))
