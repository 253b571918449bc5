"""Values in place of those that a network file holds, by path of keys, as if the file said so.

A path is that of a file's keys, such as `qpus.A.t2_s` or `defaults.link.fidelity`; links and buses go by their names
(`links.A-B.fidelity`, in either order), and `*` stands for all (`qpus.*.t2_s`; `links.*` are also those of buses). Sources of such
values say that they were given.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weft.errors import InvalidNetworkError
from weft.network.wording import shorten, suggest
from weft.network.yaml_schema import DERIVED_KEYS, STATE_KEYS, SUCCESS_KEYS, DefaultKeys
from weft.network.yaml_tree import Document, Path

SOURCE = "assumed: given in place of what the network says"
ALL = "*"


def overridden(document: Document, parameters: Mapping[str, Any]) -> Document:
    """The document of a network with some values in place of its own.

    Args:
        document: whose keys have been checked.
        parameters: values by path of keys.

    Raises:
        InvalidNetworkError: a path leads nowhere, or to what follows from something else.
    """
    tree: Any = copy.deepcopy(document.value)
    for path, value in parameters.items():
        for place, keys in _places(tree, path):
            _put(tree, place, keys, value, path)
    return Document(document.where, tree, document.lines)


def _places(tree: Any, path: str) -> Iterator[tuple[Path, list[str]]]:
    """Where the devices are that a path is about, and the path of keys within each."""
    room, _, rest = path.partition(".")
    if room not in ("qpus", "links", "buses", "defaults") or not rest:
        known = ("qpus.NAME.KEY", "links.NAME.KEY", "buses.NAME.KEY", "defaults.qpu.KEY", "defaults.link.KEY")
        raise InvalidNetworkError(
            f"`{shorten(path)}` must be a path such as {', '.join(known)}, where NAME may be *, but is not"
        )
    named = _named(tree, room)
    name, key = _split(rest, [*named, ALL] if room != "defaults" else named)
    if name is None or not key:
        raise _unknown(path, room, rest.rpartition(".")[0] or rest, named)
    wanted = dict.fromkeys(named.values()) if name == ALL else [named[name]]
    if room == "links" and name == ALL:
        wanted = [*wanted, *dict.fromkeys(_named(tree, "buses").values())]
    if not wanted:
        raise InvalidNetworkError(f"`{shorten(path)}` must be about something that is there, but the network has none")
    for place in wanted:
        yield place, key.split(".")


def _named(tree: Any, room: str) -> dict[str, Path]:
    """Where each device of a kind is; a link has two names, one from either end."""
    given = tree.get(room)
    if room == "defaults":
        return {name: (room, name) for name in DefaultKeys.model_fields}
    if room == "qpus":
        return {name: (room, name) for name in given}
    if room == "buses":
        return {bus["name"]: (room, position) for position, bus in enumerate(given or [])}
    ends = [link["between"] for link in given or []]
    backward: dict[str, Path] = {f"{b}-{a}": (room, position) for position, (a, b) in enumerate(ends)}
    return backward | {f"{a}-{b}": (room, position) for position, (a, b) in enumerate(ends)}


def _split(rest: str, names: Iterable[str]) -> tuple[str | None, str]:
    """The name at the beginning, which may hold dots itself, and what follows."""
    found = [name for name in names if rest.startswith(f"{name}.")]
    name = max(found, key=len, default=None)
    return name, "" if name is None else rest[len(name) + 1 :]


def _unknown(path: str, room: str, name: str, named: Mapping[str, Path]) -> InvalidNetworkError:
    known = ", ".join(list(named)[:8]) or "none"
    hint = "" if name in named else suggest(name, named)
    return InvalidNetworkError(
        f"`{shorten(path)}` must name one of the {room} and a key of it, but does not{hint} "
        f"(known: {known}{', …' if len(named) > 8 else ''}, or * for all)"
    )


def _put(tree: Any, place: Path, keys: Sequence[str], value: Any, path: str) -> None:
    room, name = place
    if room == "defaults" or tree[room][name] is None:
        tree.setdefault(room, {}).setdefault(name, {})
        tree[room][name] = tree[room][name] or {}
    device = tree[room][name]
    if room in ("links", "buses") or place == ("defaults", "link"):
        _make_room(tree, device, keys[0], path)
    inherited = ((tree.get("defaults") or {}).get("qpu" if room == "qpus" else "link")) or {}
    for depth, key in enumerate(keys[:-1]):
        # A mapping takes the place of the shared one as a whole, except `derived`, which is merged with it.
        shared = inherited.get(key) if depth == 0 and key != "derived" else None
        device = device.setdefault(key, copy.deepcopy(shared) if isinstance(shared, dict) else {})
        if not isinstance(device, dict):
            raise InvalidNetworkError(f"`{shorten(path)}` must lead through mappings, but `{key}` is none")
    device[keys[-1]] = value
    tree.setdefault("sources", {})[".".join(map(str, (*place, *keys)))] = SOURCE


def _make_room(tree: Any, device: dict[str, Any], key: str, path: str) -> None:
    """Of keys that exclude each other, the given one counts; what follows from components cannot be given."""
    shared = (tree.get("defaults") or {}).get("link") or {}
    is_derived = "derived" in device or ("derived" in shared and not any(other in device for other in DERIVED_KEYS))
    if key in DERIVED_KEYS and is_derived:
        raise InvalidNetworkError(
            f"`{shorten(path)}` must not be given, because it follows from what the link is made of; give a component, such as "
            f"{path.removesuffix(key)}derived.COMPONENT"
        )
    for group in (STATE_KEYS, SUCCESS_KEYS):
        if key in group:
            for other in group:
                device.pop(other, None)
