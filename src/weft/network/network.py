"""A network: QPUs, and the links between them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.classical_link import ClassicalLink
from weft.network.derivation import Derivation
from weft.network.devices import QPU, Link, keys_of
from weft.network.wording import quote, shorten, suggest

if TYPE_CHECKING:
    import rustworkx

__all__ = ["QPU", "ClassicalLink", "Link", "Network"]

MAX_NAME_LENGTH = 200
# What identity is made of, in its order; other fields are named and follow where they are set.
_LINK_KEYS = ("a", "b", "attempt_s", "success_probability", "pair", "channels", "classical_latency_s", "length_m")


@dataclass(frozen=True)
class Network:
    """QPUs and links. Every QPU can be reached from every other, if only by classical links.

    Attributes:
        name: for people; not part of its identity; 1 to 200 printable characters.
        qpus: in the order that everything else uses.
        links: at most one between two QPUs.
        description: one line for people.
        sources: where each number comes from, by path of keys, such as `qpus.A.t2_s`; for people.
        platform: what the QPUs are, such as `trapped ions`; for people.
        derivations: what links were derived from, by their names, if they were; for people and for sweeps.
        classical_links: between islands, which are QPUs that can share entanglement; what crosses them has to be cut.

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
    classical_links: tuple[ClassicalLink, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "qpus", tuple(self.qpus))
        object.__setattr__(self, "links", tuple(self.links))
        object.__setattr__(self, "classical_links", tuple(self.classical_links))
        if not self.qpus:
            raise InvalidNetworkError("a network must have at least 1 QPU, but has none")
        self._check_names()
        self._check_ends()
        self._check_pairs()
        self._check_buses()
        self._check_connected()
        self._check_classical_links()

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
        classical = [[[link.a, link.b, link.classical_latency_s, link.real_time] for link in self.classical_links]]
        content = ["weft network 1", qpus, links, states, *(classical if self.classical_links else [])]
        text = json.dumps(content, separators=(",", ":"))
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

    @cached_property
    def islands(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the QPUs that can share entanglement, group by group; one group unless there are classical links."""
        left, groups = set(range(len(self.qpus))), []
        while left:
            group = self._reached(min(left), self.link_ends.tolist())
            groups.append(tuple(sorted(group)))
            left -= group
        return tuple(groups)

    def island(self, position: int) -> Network:
        """The network of one island, in the order of `islands`."""
        if not self.classical_links:
            return self
        qpus = tuple(self.qpus[place] for place in self.islands[position])
        names = {qpu.name for qpu in qpus}
        links = tuple(link for link in self.links if link.a in names)
        shown = sorted(names) if len(names) < 4 else [*sorted(names)[:3], "…"]
        name = f"{self.name}: {', '.join(shown)}"
        return Network(name[:MAX_NAME_LENGTH], qpus, links, platform=self.platform)

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
        classical = tuple(link for link in self.classical_links if link.a in names and link.b in names)
        try:
            return replace(self, qpus=left, links=links, classical_links=classical)
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
        both: tuple[Link | ClassicalLink, ...] = (*self.links, *self.classical_links)
        for link in both:
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
        ends = [(self.index[link.a], self.index[link.b]) for link in self.classical_links]
        reached = self._reached(0, self.link_ends.tolist() + ends)
        if len(reached) < len(self.qpus):
            lost = [f"`{qpu.name}`" for position, qpu in enumerate(self.qpus) if position not in reached]
            raise InvalidNetworkError(
                f"every QPU must be reachable from every other, but {', '.join(lost[:5])}"
                f"{' and others' if len(lost) > 5 else ''} cannot be reached from `{self.qpus[0].name}`"
            )

    def _reached(self, start: int, ends: Sequence[Sequence[int]]) -> set[int]:
        """The QPUs that can be reached from one.

        In plain Python, because it is linear, and small networks need not wait for rustworkx to load.
        """
        neighbours: list[list[int]] = [[] for _ in self.qpus]
        for a, b in ends:
            neighbours[a].append(b)
            neighbours[b].append(a)
        reached, waiting = {start}, [start]
        while waiting:
            new = [node for node in neighbours[waiting.pop()] if node not in reached]
            reached.update(new)
            waiting.extend(new)
        return reached

    def _check_classical_links(self) -> None:
        seen: set[frozenset[str]] = set()
        group_of = {place: group for group in self.islands for place in group} if self.classical_links else {}
        for link in self.classical_links:
            where, ends = f"link `{shorten(link.name)}`: ", (self.index[link.a], self.index[link.b])
            if group_of[ends[0]] == group_of[ends[1]]:
                raise InvalidNetworkError(
                    f"{where}a classical link must join QPUs that share no entanglement, but quantum links join these"
                )
            if frozenset((link.a, link.b)) in seen:
                raise InvalidNetworkError(f"{where}two QPUs must share at most one link, but these share several")
            seen.add(frozenset((link.a, link.b)))
            link.check_latency(min(self.qpus[end].coherence(False)[1] for end in ends))
