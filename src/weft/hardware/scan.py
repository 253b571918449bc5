"""What one component of a link would buy: the link at several values of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from weft.errors import InvalidNetworkError, WeftError
from weft.hardware.link_model import all_doubts
from weft.hardware.load import load_network
from weft.hardware.models import component_names, model_of, unknown_component
from weft.network import BellPair, Derivation, Network


@dataclass(frozen=True, slots=True)
class LinkNumbers:
    """What a link does.

    Attributes:
        attempt_s: duration of an attempt.
        success_probability: of one.
        rate_hz: mean number of pairs per second, attempts being made without pause; infinite if they take no time.
        pair: the state that a success delivers; None if there is none.
        doubts: where its model is not to be relied on.
    """

    attempt_s: float
    success_probability: float
    rate_hz: float
    pair: BellPair | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """A link at several values of one component.

    Attributes:
        network: name of the network.
        link: name of the link.
        model: of the device that makes it.
        component: which component.
        values: of it.
        numbers: what the link then does, one per value; None for values that the component may not have.
        refusals: why not, one per such value.
        current: the value that the network has.
    """

    network: str
    link: str
    model: str
    component: str
    values: tuple[float, ...]
    numbers: tuple[LinkNumbers | None, ...]
    refusals: tuple[str, ...]
    current: float


def scan_link(
    source: Network | str | os.PathLike[str], component: str, values: Iterable[float], *, link: str | None = None
) -> Scan:
    """A derived link of a network at several values of one component.

    Args:
        source: what `load_network` takes.
        component: of the link's model.
        values: of the component.
        link: name of the link; by default the first whose model has the component.

    Raises:
        InvalidNetworkError: if no link is derived, none has the component, or it may have none of the values.
    """
    network = load_network(source)
    name, derivation = _find(network, component, link)
    current = getattr(model_of(derivation), component)
    if isinstance(current, str):
        raise InvalidNetworkError(f"`{component}` must be a number to be swept, but is {current!r}")
    wanted = tuple(values)
    numbers: list[LinkNumbers | None] = []
    refusals = []
    for value in wanted:
        try:
            is_count = isinstance(current, int) and float(value).is_integer()
            numbers.append(_numbers_at(derivation, component, int(value) if is_count else value))
        except WeftError as error:
            numbers.append(None)
            refusals.append(str(error))
    if refusals and not any(numbers):
        raise InvalidNetworkError(refusals[0])
    return Scan(network.name, name, derivation.model, component, wanted, tuple(numbers), tuple(refusals), current)


def _numbers_at(derivation: Derivation, component: str, value: float) -> LinkNumbers:
    model = model_of(derivation, {component: value})
    doubts = all_doubts(model)
    attempt_s, probability = model.attempt_s, model.success_probability
    rate_hz = probability / attempt_s if attempt_s > 0 else float("inf")
    return LinkNumbers(attempt_s, probability, rate_hz, model.pair if probability > 0 else None, doubts)


def _find(network: Network, component: str, link: str | None) -> tuple[str, Derivation]:
    derived = network.derivations
    if not derived:
        raise InvalidNetworkError(
            f"the links of `{network.name}` must be derived from components to be swept, but are given as measured"
        )
    if link is not None and link not in derived:
        raise InvalidNetworkError(
            f"`{link}` must be a derived link of `{network.name}` ({', '.join(derived)}), but is not"
        )
    chosen = {link: derived[link]} if link is not None else derived
    for name, derivation in chosen.items():
        if component in component_names(derivation.model):
            return name, derivation
    raise unknown_component(component, network.name, (derivation.model for derivation in chosen.values()))
