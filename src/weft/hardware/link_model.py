"""What every model of a link answers: how long an attempt lasts, how often it succeeds, and what state it then delivers."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from weft.network import BellPair, Link


class LinkModel(Protocol):
    """A device that makes Bell pairs, described by its components.

    A model is a frozen dataclass whose fields are the components, each a number in SI units (dB for losses), so that
    `dataclasses.replace(model, detector_efficiency=0.9)` asks what a better component would buy.

    Attributes:
        kind: as network files name it, such as `trapped-ions`.
        caveats: what is left out whatever the components are, in words; `doubts` speak of given components alone.
    """

    kind: ClassVar[str]
    caveats: ClassVar[tuple[str, ...]] = ()

    @property
    def attempt_s(self) -> float:
        """Duration of one attempt, herald included."""
        ...

    @property
    def success_probability(self) -> float:
        """Of one attempt."""
        ...

    @property
    def pair(self) -> BellPair:
        """The state that a success delivers."""
        ...

    @property
    def classical_latency_s(self) -> float:
        """Travel time of a classical bit between the two ends."""
        ...

    @property
    def length_m(self) -> float:
        """Of the link."""
        ...

    def doubts(self) -> tuple[str, ...]:
        """Where the components lie outside what the model is valid for, in words; empty if nowhere."""
        ...


def link_of(model: LinkModel, a: str, b: str, **others: Any) -> Link:
    """The link that a model makes between two QPUs.

    Args:
        model: of the device.
        a: name of one QPU; the first qubit of `model.pair` is there.
        b: name of the other.
        others: further fields of the Link, such as `channels`.

    Raises:
        InvalidNetworkError: if what the model gives cannot be a link, such as one that never succeeds.
    """
    return Link(
        a,
        b,
        attempt_s=model.attempt_s,
        success_probability=model.success_probability,
        pair=model.pair,
        classical_latency_s=model.classical_latency_s,
        length_m=model.length_m,
        **others,
    )
