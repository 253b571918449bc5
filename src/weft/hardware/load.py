"""One door for networks, with the models of links behind it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

from weft import network
from weft.errors import InvalidNetworkError
from weft.network import Derivation, Network


def load_network(
    source: Network | str | os.PathLike[str],
    *,
    components: Mapping[str, float | str] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Network:
    """The network that something stands for.

    Args:
        source: a Network, which is returned as it is; the name of a preset; a shorthand such as `ring:4x8`; or the path
            of a YAML file (`docs/networks.md`). They are tried in this order; `./oxford` is always a file.
        components: of the devices that links are derived from, such as `{"detector_efficiency": 0.9}`, in place of those that the
            file gives; they change every link whose model has such a component.
        parameters: values in place of those that the source has, by path of a file's keys, such as `{"qpus.A.t2_s": 1.0,
            "links.*.fidelity": 0.99}`: what a file may say. Links and buses go by their names, and `*` stands for all.

    Raises:
        InvalidNetworkError: the source is none of these, the file is malformed or contradicts itself, no link has such a
            component, or a parameter leads nowhere.
    """
    overrides = dict(components or {})
    if isinstance(source, Network) and not parameters and not overrides:
        return source
    if isinstance(source, Network) and (overrides or source.derivations):
        raise InvalidNetworkError(
            "`components` and `parameters` must come with a preset or a file, from which links can be derived again, but come with "
            "a Network"
        )
    loaded = network.load_network(source, derive=partial(_derive, overrides=overrides), parameters=parameters)
    _check_overrides(loaded, overrides)
    return loaded


def _derive(derivation: Derivation, overrides: Mapping[str, float | str]) -> dict[str, Any]:
    # Models are only needed, and loaded, where a link is derived.
    from weft.hardware.link_model import numbers_of
    from weft.hardware.models import model_of

    return numbers_of(model_of(derivation, overrides))


def _check_overrides(loaded: Network, overrides: Mapping[str, float | str]) -> None:
    if not overrides:
        return
    from weft.hardware.models import component_names, unknown_component

    kinds = {found.model for found in loaded.derivations.values()}
    if not kinds:
        raise InvalidNetworkError(f"the links of `{loaded.name}` must be derived to have components, but are not")
    for name in overrides:
        if not any(name in component_names(kind) for kind in kinds):
            raise unknown_component(name, loaded.name, kinds)
