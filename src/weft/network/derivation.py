"""Links whose numbers come from a model of the device that makes them.

A network file may say what a link is made of instead of what it does. Which models there are is not known here: who loads a file
hands over somebody who derives (`weft.hardware` does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Derivation:
    """What a link was derived from.

    Attributes:
        model: the kind of device, such as `trapped-ions`.
        components: of the device, by name; numbers in SI units, or words.
        place: where the link is on a bus: `length_m` between its modules, and `modules_passed` on the way. They take the place of
            the model's own components of these names, if it has such.
    """

    model: str
    components: Mapping[str, float | str]
    place: Mapping[str, float] = field(default_factory=dict)


Derive = Callable[[Derivation], Mapping[str, Any]]
"""Gives the fields of a Link that follow: `attempt_s`, `success_probability`, `pair`, `classical_latency_s`, `length_m`."""
