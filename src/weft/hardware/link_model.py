"""What every model of a link answers: how long an attempt lasts, how often it succeeds, and what state it then delivers."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np

from weft.errors import InvalidValueError
from weft.network import BellPair, Link

_NO_ENTANGLEMENT = 1e-3  # of the partial transpose; a perfect pair has 1/2


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


def all_doubts(model: LinkModel) -> tuple[str, ...]:
    """Where not to rely on a model: what it says itself, and a pair that holds no entanglement, whatever its fidelity.

    Raises:
        InvalidValueError: if its success probability is none, so that its components cannot be.
    """
    check_probability(model)
    found = model.doubts()
    if model.success_probability > 0 and not _is_entangled(model.pair):
        found += ("the pair is not entangled",)
    return found


def check_probability(model: LinkModel) -> None:
    """Refuses components that give no success probability.

    Raises:
        InvalidValueError: if it is not in [0, 1].
    """
    probability = model.success_probability
    if not 0 <= probability <= 1:
        raise InvalidValueError(
            f"the components of a link must give a success probability in [0, 1], but these of `{model.kind}` give "
            f"{probability:.3g}"
        )


def _is_entangled(pair: BellPair) -> bool:
    """Whether the partial transpose has a negative eigenvalue: Peres, Phys. Rev. Lett. 77, 1413 (1996)."""
    transposed = pair.matrix.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    return bool(np.linalg.eigvalsh(transposed)[0] < -_NO_ENTANGLEMENT)


def link_of(model: LinkModel, a: str, b: str, **others: Any) -> Link:
    """The link that a model makes between two QPUs.

    Args:
        model: of the device.
        a: name of one QPU; the first qubit of `model.pair` is there.
        b: name of the other.
        others: further fields of the Link, such as `channels`.

    Raises:
        InvalidNetworkError: if what the model gives cannot be a link, such as one that never succeeds.
        InvalidValueError: if it gives nothing, because its components contradict each other.
    """
    return Link(a, b, **numbers_of(model), **others)


def numbers_of(model: LinkModel) -> dict[str, Any]:
    """The fields of a Link that follow from a model.

    Raises:
        InvalidValueError: if the model gives no link, such as one whose detectors nothing can make click.
    """
    check_probability(model)
    names = ("attempt_s", "success_probability", "pair", "classical_latency_s", "length_m")
    return {name: getattr(model, name) for name in names}
