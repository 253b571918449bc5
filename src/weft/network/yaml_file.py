"""YAML file → Network. `docs/networks.md` describes the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from weft.errors import InvalidNetworkError, InvalidValueError
from weft.network import yaml_tree
from weft.network.bell_pair import BellPair
from weft.network.classical_link import ClassicalLink
from weft.network.derivation import Derivation, Derive
from weft.network.devices import QPU, Link
from weft.network.limits import check_size
from weft.network.network import Network
from weft.network.overrides import overridden
from weft.network.wording import quote, shorten
from weft.network.yaml_schema import DERIVED_KEYS, STATE_KEYS, SUCCESS_KEYS, NetworkKeys, check_keys
from weft.network.yaml_tree import MAX_BYTES, Document, read_tree

FIBRE_SPEED_M_PER_S = 2e8
"""Of light in glass: what the classical latency is derived from where only a length is given."""

_CLASSICAL_KEYS = ("between", "classical_latency_s", "length_m", "real_time")


def read_text(path: Path) -> tuple[str, str]:
    """The text of a YAML file, and what messages call it.

    Raises:
        InvalidNetworkError: the file cannot be read, is too long, or is no text.
    """
    where = shorten(str(path)) if len(str(path)) > 200 or not str(path).isprintable() else str(path)
    try:
        if path.is_dir():
            raise InvalidNetworkError(f"{where}: must be a YAML file, but is a directory")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidNetworkError):
            raise
        reason = getattr(error, "strerror", None) or "the path is not one"
        raise InvalidNetworkError(f"{where}: must be a YAML file that can be read, but: {reason}") from None
    if len(content) > MAX_BYTES:
        raise InvalidNetworkError(f"{where}: must be at most {MAX_BYTES // 2**20} MiB long, but is longer")
    try:
        return content.decode("utf-8"), where
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidNetworkError(f"{where}: must be text in UTF-8, but is not (line {line})") from None


def read_network(path: Path, derive: Derive | None = None, parameters: Mapping[str, Any] | None = None) -> Network:
    """The network that a YAML file describes; `parse_network` has the rest.

    Raises:
        InvalidNetworkError: the file cannot be read, is malformed, or contradicts itself.
    """
    return parse_network(*read_text(path), derive, parameters)


def parse_network(
    text: str, where: str, derive: Derive | None = None, parameters: Mapping[str, Any] | None = None
) -> Network:
    """The network that the text of a YAML file describes.

    Args:
        text: of the file.
        where: the file, as messages call it.
        derive: gives the numbers of links that say what they are made of; None if there must be no such links.
        parameters: values in place of those in the text, by path of keys (`overrides.py`).

    Raises:
        InvalidNetworkError: the text is malformed, or contradicts itself; or a parameter leads nowhere.
    """
    document = read_tree(text, where)
    if not isinstance(document.value, dict):
        raise document.error((), f"must be a mapping of keys, but is {quote(document.value)}")
    keys = check_keys(document)
    if parameters:
        document = overridden(document, parameters)
        keys = check_keys(document)
    return _Assembly(document, keys, derive).network()


class _Assembly:
    """Builds a network from keys that are of the right kind, and says where values contradict."""

    def __init__(self, document: Document, keys: NetworkKeys, derive: Derive | None) -> None:
        self._document = document
        self._keys = keys
        self._defaults = {
            "qpu": keys.defaults.qpu.model_dump(exclude_unset=True),
            "link": keys.defaults.link.model_dump(exclude_unset=True),
        }
        self._pairs: dict[tuple[float, ...], BellPair] = {}
        self._derive = derive
        self._derivations: dict[str, Derivation] = {}

    def network(self) -> Network:
        qpus = self._qpus()
        given = self._keys.links or []
        own: list[Link] = []
        classical: list[ClassicalLink] = []
        for place, keys in enumerate(given):
            values = keys.model_dump(exclude_unset=True)
            if self._is_classical(("links", place), values):
                classical.append(self._classical_link(("links", place), values))
            else:
                own.append(self._link(("links", place), values))
        links = (*own, *(link for place in range(len(self._keys.buses or [])) for link in self._bus(place)))
        try:
            check_size(len(qpus), sum(qpu.data_qubits for qpu in qpus), len(links) + len(classical))
            return Network(
                name=self._keys.name,
                qpus=qpus,
                links=links,
                description=" ".join(self._keys.description.split()),
                platform=" ".join(self._keys.platform.split()),
                sources=self._sources(),
                derivations=self._derivations,
                classical_links=tuple(classical),
            )
        except InvalidNetworkError as error:
            raise self._placed(self._find_link(str(error)), error) from None

    def _qpus(self) -> tuple[QPU, ...]:
        qpus = []
        for name, given in self._keys.qpus.items():
            own = given.model_dump(exclude_unset=True) if given is not None else {}
            merged = {**self._defaults["qpu"], **own}
            if "data_qubits" not in merged:
                raise self._document.error(("qpus", name, "data_qubits"), "must be given, but is missing")
            try:
                qpus.append(QPU(name=name, **merged))
            except InvalidNetworkError as error:
                raise self._placed(("qpus", name), error) from None
        return tuple(qpus)

    def _bus(self, position: int) -> Iterator[Link]:
        """A link between any two modules."""
        path: yaml_tree.Path = ("buses", position)
        assert self._keys.buses is not None
        keys = self._keys.buses[position].model_dump(exclude_unset=True)
        name, modules, positions_m = keys.pop("name"), keys.pop("modules"), keys.pop("positions_m", None)
        rising = positions_m is None or all(near < far for near, far in pairwise(positions_m))
        if positions_m is not None and (len(positions_m) != len(modules) or not rising):
            text = f"must hold a position for each of {len(modules)} modules, each beyond the last, but does not"
            raise self._document.error((*path, "positions_m"), text)
        if keys.get("channels", 1) not in {1, 2}:
            text = "must be 1, or 2 for one transfer in each direction"
            raise self._document.error((*path, "channels"), f"{text}, but is {keys['channels']}")
        for near, far in combinations(range(len(modules)), 2):
            place: dict[str, float] = {"modules_passed": far - near - 1}
            if positions_m is not None:
                place["length_m"] = positions_m[far] - positions_m[near]
            yield self._link(path, keys | {"between": [modules[near], modules[far]], "bus": name}, place)

    def _sources(self) -> dict[str, str]:
        """By the places of links in the network, which has classical links apart."""
        kinds = [keys.kind for keys in self._keys.links or []]
        if "classical" not in kinds:
            return dict(self._keys.sources)
        rooms = {"quantum": "links", "classical": "classical_links"}
        places = {f"links.{at}": f"{rooms[kind]}.{kinds[:at].count(kind)}" for at, kind in enumerate(kinds)}
        moved = {}
        for path, source in self._keys.sources.items():
            head, rest = ".".join(path.split(".")[:2]), path.split(".")[2:]
            moved[".".join([places.get(head, head), *rest])] = source
        return moved

    def _is_classical(self, path: yaml_tree.Path, own: dict[str, Any]) -> bool:
        kind = own.pop("kind", "quantum")
        if kind not in {"quantum", "classical"}:
            raise self._document.error((*path, "kind"), f"must be quantum or classical, but is {quote(kind)}")
        if kind == "quantum" and "real_time" in own:
            text = "must be given only where `kind` is classical (bits always cross a quantum link in real time)"
            raise self._document.error((*path, "real_time"), text)
        return bool(kind == "classical")

    def _classical_link(self, path: yaml_tree.Path, own: dict[str, Any]) -> ClassicalLink:
        """Of the defaults, only what is about bits counts."""
        for key in own:
            if key not in _CLASSICAL_KEYS:
                text = f"must not be given where `kind` is classical, where only {', '.join(_CLASSICAL_KEYS)} can be"
                raise self._document.error((*path, key), text)
        values = {key: self._defaults["link"][key] for key in _CLASSICAL_KEYS if key in self._defaults["link"]} | own
        length_m = values.pop("length_m", None)
        if length_m is not None:
            values.setdefault("classical_latency_s", length_m / FIBRE_SPEED_M_PER_S)
        a, b = values.pop("between")
        try:
            return ClassicalLink(a, b, **values)
        except InvalidNetworkError as error:
            raise self._placed(path, error) from None

    def _find_link(self, message: str) -> yaml_tree.Path:
        """The path of the link that a complaint of Network is about; the last of those that share the name."""
        for position, keys in reversed(list(enumerate(self._keys.links or []))):
            if message.startswith(f"link `{shorten('-'.join(keys.between))}`: "):
                return "links", position
        return ()

    def _link(self, path: yaml_tree.Path, own: dict[str, Any], place: Mapping[str, float] | None = None) -> Link:
        values = self._merge_link(path, own)
        a, b = values.pop("between")
        if "derived" in values:
            return self._derived_link(path, a, b, values, place or {})
        if place and "length_m" in place:
            values.setdefault("length_m", place["length_m"])
        pair = self._pair(path, values)
        if "attempt_s" not in values:
            raise self._document.error((*path, "attempt_s"), "must be given, but is missing")
        if "rate_hz" in values:
            values["success_probability"] = self._success(path, values["attempt_s"], values.pop("rate_hz"))
        if "length_m" in values:
            values.setdefault("classical_latency_s", values["length_m"] / FIBRE_SPEED_M_PER_S)
        try:
            return Link(a, b, pair=pair, **values)
        except InvalidNetworkError as error:
            raise self._placed(path, error) from None

    def _derived_link(
        self, path: yaml_tree.Path, a: str, b: str, values: dict[str, Any], place: Mapping[str, float]
    ) -> Link:
        components = dict(values.pop("derived"))
        path = (*path, "derived")
        model = components.pop("model", None)
        if not isinstance(model, str):
            raise self._document.error((*path, "model"), "must name a model of the device, but does not")
        if self._derive is None:
            raise self._document.error(path, "must be loaded by `weft.load_network`, which knows models of devices")
        derivation = Derivation(model, components, place)
        self._derivations[f"{a}-{b}"] = derivation
        try:
            return Link(a, b, **self._derive(derivation), **values)
        except (InvalidNetworkError, InvalidValueError) as error:
            raise self._placed(path, InvalidNetworkError(str(error))) from None

    def _merge_link(self, path: yaml_tree.Path, own: dict[str, Any]) -> dict[str, Any]:
        """A link's own keys over the defaults; of keys that exclude each other, its own one counts."""
        merged = dict(self._defaults["link"])
        if "derived" in own or ("derived" in merged and not any(key in own for key in DERIVED_KEYS)):
            return self._merge_derived(path, merged, own)
        merged.pop("derived", None)
        for group in (STATE_KEYS, SUCCESS_KEYS):
            if any(key in own for key in group):
                merged = {key: value for key, value in merged.items() if key not in group}
        merged |= own
        for group in (STATE_KEYS, SUCCESS_KEYS):
            found = [key for key in group if key in merged]
            if len(found) != 1:
                names = ", ".join(f"`{key}`" for key in group)
                text = " and ".join(f"`{key}`" for key in found) or "none"
                raise self._document.error(path, f"must have exactly one of {names}, but has {text}")
        return merged

    def _merge_derived(self, path: yaml_tree.Path, merged: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        """Of a link that says what it is made of; a default for what follows from that does not count."""
        both = [key for key in own if key in DERIVED_KEYS]
        if both:
            raise self._document.error((*path, both[0]), "must not be given beside `derived`, from which it follows")
        result = {key: value for key, value in merged.items() if key not in DERIVED_KEYS} | own
        if "derived" in merged and "model" not in result["derived"]:
            result["derived"] = merged["derived"] | result["derived"]
        return result

    def _success(self, path: yaml_tree.Path, attempt_s: float, rate_hz: float) -> float:
        probability = attempt_s * rate_hz
        if not 0 < probability <= 1:
            raise self._document.error(
                (*path, "rate_hz"),
                "`attempt_s` × `rate_hz` is the success probability of an attempt and must lie in (0, 1], "
                f"but is {probability:g}",
            )
        return probability

    def _pair(self, path: yaml_tree.Path, values: dict[str, Any]) -> BellPair:
        fidelity, weights, matrix = (values.pop(key, None) for key in STATE_KEYS)
        try:
            if matrix is not None:
                path = (*path, "density_matrix")
                return BellPair.from_density_matrix(self._matrix(path, matrix))
            path = (*path, "fidelity" if weights is None else "bell_weights")
            state = (fidelity,) if weights is None else tuple(weights)
            if state not in self._pairs:
                self._pairs[state] = BellPair.werner(fidelity) if weights is None else BellPair.bell_diagonal(weights)
            return self._pairs[state]
        except InvalidValueError as error:
            raise self._document.error(path, str(error)) from None

    def _matrix(self, path: yaml_tree.Path, parts: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.complex128]]:
        given = {key: np.array(part, dtype=np.float64) for key, part in parts.items() if part is not None}
        if set(given) not in ({"real", "imag"}, {"magnitude", "phase_pi"}):
            text = ", ".join(f"`{key}`" for key in given) or "none"
            raise self._document.error(
                path, f"must have `real` and `imag`, or `magnitude` and `phase_pi`, but has {text}"
            )
        if not all(np.all(np.isfinite(part)) for part in given.values()):
            raise self._document.error(path, "must hold finite numbers, but one is infinite")
        if "real" in given:
            return np.asarray(given["real"] + 1j * given["imag"], dtype=np.complex128)
        return np.asarray(given["magnitude"] * np.exp(1j * np.pi * given["phase_pi"]), dtype=np.complex128)

    def _placed(self, path: yaml_tree.Path, error: InvalidNetworkError) -> InvalidNetworkError:
        """A complaint of QPU, Link or Network, with the file, the path of keys and the line in front of it."""
        text = re.sub(r"^(QPU|link) `.*?`: ", "", str(error)) if path else str(error)
        key = re.match(r"`(\w+)` (must .*)", text, flags=re.DOTALL)
        if key is None or not path:
            return self._document.error(path, text)
        own, shared = (*path, key[1]), ("defaults", "qpu" if path[0] == "qpus" else "link", key[1])
        inherited = own not in self._document.lines and shared in self._document.lines
        return self._document.error(shared if inherited else own, key[2])
