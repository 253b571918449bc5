"""A network: QPUs, and the links between them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.derivation import Derivation
from weft.network.devices import QPU, Link, keys_of
from weft.network.wording import quote, shorten, suggest

if TYPE_CHECKING:
    import rustworkx

__all__ = ["QPU", "Link", "Network"]

MAX_NAME_LENGTH = 200
# What identity is made of, in its order; other fields are named and follow where they are set.
_LINK_KEYS = ("a", "b", "attempt_s", "success_probability", "pair", "channels", "classical_latency_s", "length_m")


@dataclass(frozen=True)
class Network:
    """QPUs and links. Every QPU can be reached from every other.

    Attributes:
        name: for people; not part of its identity; 1 to 200 printable characters.
        qpus: in the order that everything else uses.
        links: at most one between two QPUs.
        description: one line for people.
        sources: where each number comes from, by path of keys, such as `qpus.A.t2_s`; for people.
        platform: what the QPUs are, such as `trapped ions`; for people.
        derivations: what links were derived from, by their names, if they were; for people and for sweeps.

    Raises:
        InvalidNetworkError: two QPUs or links share a name, a link ends nowhere, or a QPU cannot be reached.
    """

    name: str
    qpus: tuple[QPU, ...]
    links: tuple[Link, ...]
    description: str = ""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    derivations: Mapping[str, Derivation] = field(default_factory=dict, compare=False)
    platform: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "qpus", tuple(self.qpus))
        object.__setattr__(self, "links", tuple(self.links))
        if not self.qpus:
            raise InvalidNetworkError("a network must have at least 1 QPU, but has none")
        self._check_names()
        self._check_ends()
        self._check_pairs()
        self._check_buses()
        self._check_connected()

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each QPU by name."""
        return {qpu.name: position for position, qpu in enumerate(self.qpus)}

    @cached_property
    def id(self) -> str:
        """SHA-256 of every number that the network holds; names of QPUs count, because reports print them."""
        qpus = [keys_of(qpu) for qpu in self.qpus]
        # Most networks have few different pairs, so that each is written once and links refer to it.
        pairs: dict[BellPair, int] = {}
        links = []
        for link in self.links:
            keys = keys_of(link) | {"pair": pairs.setdefault(link.pair, len(pairs))}
            first = tuple(keys.pop(key) for key in _LINK_KEYS)
            links.append((*first, keys) if keys else first)
        states = [np.ascontiguousarray(pair.matrix).view(np.float64).tolist() for pair in pairs]
        text = json.dumps(["weft network 1", qpus, links, states], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def link_index(self) -> dict[tuple[int, int], int]:
        """Position of the link between two QPUs, for either order of the two."""
        answer = {}
        for position, (a, b) in enumerate(self.link_ends.tolist()):
            answer[a, b] = answer[b, a] = position
        return answer

    @cached_property
    def link_ends(self) -> NDArray[np.int64]:
        """Positions of the QPUs that each link joins, shape (links, 2), read-only."""
        ends = [(self.index[link.a], self.index[link.b]) for link in self.links]
        array = np.array(ends, dtype=np.int64).reshape(-1, 2)
        array.setflags(write=False)
        return array

    @cached_property
    def graph(self) -> rustworkx.PyGraph:
        """QPUs as nodes, links as edges that carry their position."""
        import rustworkx

        graph = rustworkx.PyGraph(multigraph=False)
        graph.add_nodes_from(range(len(self.qpus)))
        graph.add_edges_from([(a, b, position) for position, (a, b) in enumerate(self.link_ends.tolist())])
        return graph

    @cached_property
    def hops(self) -> NDArray[np.int32]:
        """Links on a shortest path, shape (QPUs, QPUs). A pair over h hops costs h ebits.

        Dense: 12 bytes per pair of QPUs while it is computed, so 1.2 GB for 10,000 QPUs.
        """
        import rustworkx

        return np.asarray(rustworkx.graph_distance_matrix(self.graph, null_value=-1.0)).astype(np.int32)

    @cached_property
    def classical_latency_s(self) -> NDArray[np.float64]:
        """Travel time of a bit along the fastest route, shape (QPUs, QPUs)."""
        import rustworkx

        count = len(self.qpus)
        latency = np.zeros((count, count))
        lengths = rustworkx.all_pairs_dijkstra_path_lengths(
            self.graph, lambda position: self.links[position].classical_latency_s
        )
        for source, targets in lengths.items():
            for target, length in targets.items():
                latency[source, target] = length
        return latency

    @property
    def data_qubits(self) -> int:
        """Data qubits of all QPUs together."""
        return sum(qpu.data_qubits for qpu in self.qpus)

    def without_trusted_nodes(self) -> Network:
        """The network that is left if trusted nodes must not be used.

        Raises:
            InvalidNetworkError: if QPUs can only reach each other through them.
        """
        left = tuple(qpu for qpu in self.qpus if not qpu.trusted)
        if len(left) == len(self.qpus):
            return self
        names = {qpu.name for qpu in left}
        links = tuple(link for link in self.links if link.a in names and link.b in names)
        try:
            return replace(self, qpus=left, links=links)
        except InvalidNetworkError as error:
            raise InvalidNetworkError(f"without trusted nodes, {error}") from None

    def _check_names(self) -> None:
        if not (isinstance(self.name, str) and 0 < len(self.name) <= MAX_NAME_LENGTH and self.name.isprintable()):
            text = f"the name of a network must be 1 to {MAX_NAME_LENGTH} printable characters"
            raise InvalidNetworkError(f"{text}, but is {quote(self.name)}")
        if len(self.index) < len(self.qpus):
            [(twice, _)] = Counter(qpu.name for qpu in self.qpus).most_common(1)
            raise InvalidNetworkError(f"QPU names must differ, but two are called `{twice}`")
        # Reports know links by name; only a hyphen in a QPU's name can make two links' names equal.
        if any("-" in name for name in self.index):
            names = [link.name for link in self.links]
            if len(set(names)) < len(names):
                raise InvalidNetworkError("names of links must differ, but the hyphens in QPU names make two equal")

    def _check_ends(self) -> None:
        for link in self.links:
            for end in (link.a, link.b):
                if end not in self.index:
                    raise InvalidNetworkError(
                        f"link `{shorten(link.name)}`: `between` must name QPUs of the network, "
                        f"but there is no `{shorten(end)}`{suggest(end, self.index)}"
                    )

    def _check_pairs(self) -> None:
        ends = np.sort(self.link_ends, axis=1)
        codes = ends[:, 0] * len(self.qpus) + ends[:, 1]
        order = np.argsort(codes, kind="stable")
        repeated = order[1:][codes[order][1:] == codes[order][:-1]]
        if len(repeated):
            name = self.links[int(repeated.min())].name
            text = "two QPUs must share at most one link, but these share several; use `channels`"
            raise InvalidNetworkError(f"link `{name}`: {text}")

    def _check_buses(self) -> None:
        channels: dict[str, int] = {}
        for link in self.links:
            if link.bus is not None and channels.setdefault(link.bus, link.channels) != link.channels:
                raise InvalidNetworkError(
                    f"link `{shorten(link.name)}`: `channels` must be the same on all links of bus `{shorten(link.bus)}`, but is "
                    f"{link.channels} and {channels[link.bus]}"
                )

    def _check_connected(self) -> None:
        # In plain Python, because it is linear, and small networks need not wait for rustworkx to load.
        neighbours: list[list[int]] = [[] for _ in self.qpus]
        for a, b in self.link_ends.tolist():
            neighbours[a].append(b)
            neighbours[b].append(a)
        reached, waiting = {0}, [0]
        while waiting:
            new = [node for node in neighbours[waiting.pop()] if node not in reached]
            reached.update(new)
            waiting.extend(new)
        if len(reached) < len(self.qpus):
            lost = [f"`{qpu.name}`" for position, qpu in enumerate(self.qpus) if position not in reached]
            raise InvalidNetworkError(
                f"every QPU must be reachable from every other, but {', '.join(lost[:5])}"
                f"{' and others' if len(lost) > 5 else ''} cannot be reached from `{self.qpus[0].name}`"
            )
