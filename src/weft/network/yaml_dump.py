"""Network → YAML text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import yaml

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.classical_link import ClassicalLink
from weft.network.devices import QPU, Link, keys_of
from weft.network.network import Network
from weft.network.yaml_tree import FLOAT, MAX_BYTES

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]  # which of the two classes it is depends on the platform
    """Without aliases, and with text that looks like a number in quotes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True


# PyYAML takes `1e6` for text, so that it would write the text without quotes.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def dump_yaml(network: Network) -> str:
    """The text of a YAML file that `load_network` turns into the same network; values that most share are defaults.

    Raises:
        InvalidNetworkError: a Bell pair is not in the frame in which Φ+ weighs most, or the text would be too long.
    """
    qpus = _with_keys_of_others([_qpu(qpu) for qpu in network.qpus], QPU)
    states: dict[BellPair, dict[str, Any]] = {}
    links = _with_keys_of_others([_link(link, states) for link in network.links], Link)
    # Where single QPUs or links have sources, the paths of their keys have to stay.
    stay = any(path.startswith(("qpus.", "links.", "classical_links.")) for path in network.sources)
    shared_qpu, shared_link = ({}, {}) if stay else (_shared(qpus), _shared(links))
    head: dict[str, Any] = {"name": network.name}
    if network.description:
        head["description"] = network.description
    if network.platform:
        head["platform"] = network.platform
    if shared_qpu or shared_link:
        head["defaults"] = {"qpu": shared_qpu, "link": shared_link}
    rows = {
        "qpus": {qpu.name: _rest(keys, shared_qpu) for qpu, keys in zip(network.qpus, qpus, strict=True)},
        "links": [*(_rest(keys, shared_link) for keys in links), *map(_classical, network.classical_links)],
    }
    text = _dump(head) + _dump(rows, short=True)
    if network.sources:
        text += _dump({"sources": _sources(network)})
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidNetworkError(
            f"a network file must be at most {MAX_BYTES // 2**20} MiB long, but `{network.name}` would be longer"
        )
    return text


def _dump(data: dict[str, Any], *, short: bool = False) -> str:
    """YAML of some keys; `short` writes the innermost lists and mappings on one line."""
    style = None if short else False
    return str(
        yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=style, width=999)
    )


def _qpu(qpu: QPU) -> dict[str, Any]:
    keys = keys_of(qpu)
    del keys["name"]
    return keys | {"coupling": qpu.coupling and [list(pair) for pair in qpu.coupling]}


def _link(link: Link, states: dict[BellPair, dict[str, Any]]) -> dict[str, Any]:
    if link.pair not in states:
        states[link.pair] = _state(link)
    keys = keys_of(link)
    del keys["a"], keys["b"]
    written: dict[str, Any] = {"between": [link.a, link.b]}
    for key, value in keys.items():
        written |= states[link.pair] if key == "pair" else {key: value}
    return written


def _sources(network: Network) -> dict[str, str]:
    """By places in the file, where classical links come after the others."""
    places = {f"classical_links.{at}": f"links.{len(network.links) + at}" for at in range(len(network.classical_links))}
    moved = {}
    for path, source in network.sources.items():
        head, rest = ".".join(path.split(".")[:2]), path.split(".")[2:]
        moved[".".join([places.get(head, head), *rest])] = source
    return moved


def _classical(link: ClassicalLink) -> dict[str, Any]:
    keys = {"classical_latency_s": link.classical_latency_s, "real_time": link.real_time}
    return {"between": [link.a, link.b], "kind": "classical", **keys}


def _with_keys_of_others(rows: list[dict[str, Any]], device: type[QPU | Link]) -> list[dict[str, Any]]:
    """A device that leaves a key out must say so where others have it, or it would take a shared value."""
    own = {column.name: column.default for column in fields(device)}
    some: dict[str, Any] = {key: {} if own[key] == () else own[key] for row in rows for key in row if key in own}
    return [row | {key: some[key] for key in some if key not in row} for row in rows]


def _state(link: Link) -> dict[str, Any]:
    """The shortest of the three ways to write a state that gives it back to the last bit."""
    pair = link.pair
    fidelity, weights = round(pair.fidelity, 12), [round(weight, 12) for weight in pair.bell_weights]
    if 0.25 <= fidelity <= 1 and BellPair.werner(fidelity) == pair:
        return {"fidelity": fidelity}
    if abs(sum(weights) - 1) < 1e-9 and BellPair.bell_diagonal(weights) == pair:
        return {"bell_weights": weights}
    if BellPair.from_density_matrix(pair.matrix) != pair:
        raise InvalidNetworkError(
            f"link `{link.name}`: its pair must be in the frame in which Φ+ weighs most, but is not; "
            "make it with `BellPair.from_density_matrix`"
        )
    return {"density_matrix": {"real": pair.matrix.real.tolist(), "imag": pair.matrix.imag.tolist()}}


def _shared(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Values that at least two rows, and most of them, have."""
    shared = {}
    for key in dict.fromkeys(key for row in rows for key in row if key != "between"):
        counts = Counter(repr(row[key]) for row in rows if key in row)
        [(text, count)] = counts.most_common(1)
        if count >= 2 and 2 * count > len(rows):
            shared[key] = next(row[key] for row in rows if key in row and repr(row[key]) == text)
    return shared


def _rest(row: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in shared or shared[key] != value}
