"""One door for networks: a preset's name, a YAML file, or a shorthand.

What reads YAML and checks it is imported only where a file is read, because that takes longer than all the rest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weft.errors import InvalidNetworkError
from weft.network.derivation import Derive
from weft.network.network import Network
from weft.network.presets import preset_names, read_preset
from weft.network.shorthand import FORMS, is_shorthand, parse_shorthand
from weft.network.wording import quote, suggest

__all__ = ["dump_network", "load_network", "preset_names"]


def load_network(
    source: Network | str | os.PathLike[str],
    *,
    derive: Derive | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Network:
    """The network that something stands for; `weft.load_network` is this one with all models of links.

    Args:
        source: a Network, which is returned as it is; the name of a preset; a shorthand such as `ring:4x8`; or the path
            of a YAML file (`docs/networks.md`). They are tried in this order; `./oxford` is always a file.
        derive: gives the numbers of links that say what they are made of; None if there must be no such links.
        parameters: values in place of those that the source has, by path of a file's keys, such as `qpus.*.t2_s`.

    Raises:
        InvalidNetworkError: the source is none of these, the file is malformed or contradicts itself, or a parameter leads nowhere.
    """
    if isinstance(source, Network):
        return _read_text(dump_network(source), f"network {source.name}", derive, parameters) if parameters else source
    if isinstance(source, str):
        if source in preset_names():
            return _read_text(read_preset(source), f"preset {source}", derive, parameters)
        if is_shorthand(source):
            network = parse_shorthand(source)
            return _read_text(dump_network(network), source, derive, parameters) if parameters else network
        if not _looks_like_a_path(source):
            raise _unknown(source)
    elif not isinstance(source, os.PathLike):
        raise InvalidNetworkError(f"a network must be a preset, a shorthand or a YAML file, but is {quote(source)}")
    return _read_file(source, derive, parameters)


def dump_network(network: Network) -> str:
    """The network as the text of a YAML file; loading that gives a network with the same `id`.

    Raises:
        InvalidNetworkError: a Bell pair is not in the frame in which Φ+ weighs most, or the text would be longer than a
            network file may be (from about 190,000 links on).
    """
    from weft.network.yaml_dump import dump_yaml

    return dump_yaml(network)


def _read_text(text: str, where: str, derive: Derive | None, parameters: Mapping[str, Any] | None) -> Network:
    from weft.network.yaml_file import parse_network

    return parse_network(text, where, derive, parameters)


def _read_file(path: str | os.PathLike[str], derive: Derive | None, parameters: Mapping[str, Any] | None) -> Network:
    from weft.network.yaml_file import read_network

    return read_network(Path(path), derive, parameters)


def _looks_like_a_path(text: str) -> bool:
    if text.endswith((".yaml", ".yml")) or "/" in text or os.sep in text:
        return True
    try:
        return Path(text).exists()
    except (OSError, ValueError):  # too long, or with NUL
        return False


def _unknown(text: str) -> InvalidNetworkError:
    presets = preset_names()
    names, forms = (", ".join(f"`{word}`" for word in words) for words in (presets, FORMS.values()))
    return InvalidNetworkError(
        f"a network must be a preset ({names}), a shorthand ({forms}, each with an optional `+M`) or a YAML file that "
        f"exists, but is {quote(text)}{suggest(text, [*presets, *FORMS.values()])}"
    )
