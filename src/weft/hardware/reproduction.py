"""An experiment, told by a model: which components it had, what was published, and what the model makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weft.hardware.link_model import LinkModel

MARKS = ("published", "remembered", "derived", "assumed", "fitted")
"""What a source may begin with, followed by a colon."""


@dataclass(frozen=True)
class Published:
    """What an experiment measured.

    Attributes:
        quantity: in words, with its unit.
        value: as published.
        error: one standard error; where none was published, half a unit of the last digit.
        source: paper.
        derive: gives the same quantity from a model.
    """

    quantity: str
    value: float
    error: float
    source: str
    derive: Callable[[LinkModel], float]

    def is_met_by(self, model: LinkModel) -> bool:
        """Whether what the model gives lies within one error of the published value."""
        return abs(self.derive(model) - self.value) <= self.error


@dataclass(frozen=True)
class Reproduction:
    """A published link, derived from components.

    Attributes:
        name: of the experiment.
        model: with the components that are thought to be those of the experiment.
        sources: component → its mark and where its value is from.
        published: what to compare with.
        fits: component marked `fitted` → the one published quantity that it was fitted to.
    """

    name: str
    model: LinkModel
    sources: Mapping[str, str]
    published: tuple[Published, ...]
    fits: Mapping[str, str]


def rate_hz(model: LinkModel) -> float:
    """Mean number of pairs per second, attempts being made without pause."""
    return model.success_probability / model.attempt_s


def success_probability(model: LinkModel) -> float:
    """Of one attempt."""
    return model.success_probability


def fidelity(model: LinkModel) -> float:
    """Of the pair that a success delivers, with Φ+."""
    return model.pair.fidelity
