"""The models of links that network files may name, and links from their components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache, lru_cache
from typing import Any

from weft.errors import InvalidNetworkError, InvalidValueError
from weft.hardware.link_model import LinkModel
from weft.network import Derivation
from weft.network.wording import quote, suggest


@cache
def link_models() -> dict[str, type[LinkModel]]:
    """Every model of a link, by its kind."""
    from weft.hardware.chiral import ChiralWaveguideLink
    from weft.hardware.links import (
        FibreLink,
        FreeSpaceLink,
        MicrowaveLink,
        SatelliteLink,
        TransducerLink,
        TrappedIonLink,
    )
    from weft.hardware.repeaters import RepeaterLink

    models: tuple[type[LinkModel], ...] = (
        TrappedIonLink, ChiralWaveguideLink, MicrowaveLink, TransducerLink, FibreLink, FreeSpaceLink, SatelliteLink, RepeaterLink,
    )  # fmt: skip
    return {model.kind: model for model in models}


def component_names(kind: str) -> tuple[str, ...]:
    """The components that a model has.

    Raises:
        InvalidNetworkError: if there is no model of that kind.
    """
    return tuple(component.name for component in fields(_model_class(kind)))


def sources_of(kind: str) -> Mapping[str, str]:
    """Where a model's defaults come from, by component, as far as it says so."""
    if kind == "trapped-ions":  # its defaults are a published link
        from weft.hardware.links import OXFORD_2020

        return OXFORD_2020.sources
    return getattr(_model_class(kind), "sources", {})


def model_of(derivation: Derivation, overrides: Mapping[str, float | str] | None = None) -> LinkModel:
    """The model that a network file describes.

    Args:
        derivation: a kind of model and its components.
        overrides: components to put in place of its own, as far as the model has them.

    Raises:
        InvalidNetworkError: for an unknown kind or component, a missing one, or a value that cannot be.
    """
    kind, given = _model_class(derivation.model), dict(derivation.components)
    known = {component.name: component for component in fields(kind)}
    for name in given:
        if name not in known:
            raise InvalidNetworkError(
                f"`{name}` must be a component of model `{derivation.model}`, but is none{suggest(name, known)} "
                f"(known: {', '.join(known)})"
            )
    for name in derivation.place:
        if name in given or name in (overrides or {}):
            raise InvalidNetworkError(f"`{name}` follows from where modules are on their bus, and must not be given")
    given |= {name: value for name, value in (dict(derivation.place) | dict(overrides or {})).items() if name in known}
    for name, component in known.items():
        if name not in given and component.default is MISSING and component.default_factory is MISSING:
            raise InvalidNetworkError(f"`{name}` must be given for model `{derivation.model}`, but is missing")
    try:
        simple = all(isinstance(value, float | int | str) for value in given.values())
        return _built(kind, **given) if simple else kind(**given)
    except InvalidValueError as error:
        raise InvalidNetworkError(str(error)) from None


def unknown_component(name: str, network: str, kinds: Iterable[str]) -> InvalidNetworkError:
    """What to say of a component that no link of a network has, whose links are of some kinds."""
    known = sorted({known for kind in kinds for known in component_names(kind)})
    return InvalidNetworkError(
        f"`{name}` must be a component of a link of `{network}`, but is none{suggest(name, known)} (known: {', '.join(known)})"
    )


@lru_cache(maxsize=128, typed=True)
def _built(kind: Any, **components: float | str) -> LinkModel:
    """Models remember what they have computed, which may take seconds; so equal ones are one."""
    model: LinkModel = kind(**components)
    return model


def _model_class(kind: str) -> Any:
    models = link_models()
    if kind not in models:
        raise InvalidNetworkError(
            f"`model` must be one of {', '.join(models)}, but is {quote(kind)}{suggest(str(kind), models)}"
        )
    return models[kind]
