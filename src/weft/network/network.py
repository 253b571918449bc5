"""A network: QPUs and the links between them, as numbers that everything else reads.

Times are in seconds, lengths in metres. Gate errors are average gate infidelities, 1 − F_avg, as experiments quote them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np
import rustworkx
from numpy.typing import NDArray

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair


def _require(condition: bool, what: str, found: object) -> None:
    if not condition:
        raise InvalidNetworkError(f"{what}, but is {found}")


@dataclass(frozen=True, slots=True)
class QPU:
    """A quantum processor.

    Attributes:
        name: unique in the network.
        data_qubits: qubits that hold the computation.
        communication_qubits: qubits that hold halves of Bell pairs; None means as many as the program wants.
        coupling: pairs of data qubits that can interact; None means that all can. Communication qubits reach every data qubit.
        one_qubit_gate_s: duration of a one-qubit gate.
        two_qubit_gate_s: duration of a two-qubit gate.
        measurement_s: duration of a measurement.
        reset_s: duration of a reset.
        one_qubit_gate_error: average gate infidelity of a one-qubit gate.
        two_qubit_gate_error: average gate infidelity of a two-qubit gate.
        measurement_error: probability that a measured bit is wrong.
        reset_error: probability that a reset leaves |1⟩.
        t1_s: relaxation time of a data qubit; infinite by default.
        t2_s: coherence time of a data qubit, at most 2 T1; infinite by default.
        communication_t1_s: the same for communication qubits; None means as data qubits.
        communication_t2_s: the same for communication qubits; None means as data qubits.
    """

    name: str
    data_qubits: int
    communication_qubits: int | None = None
    coupling: tuple[tuple[int, int], ...] | None = None
    one_qubit_gate_s: float = 0.0
    two_qubit_gate_s: float = 0.0
    measurement_s: float = 0.0
    reset_s: float = 0.0
    one_qubit_gate_error: float = 0.0
    two_qubit_gate_error: float = 0.0
    measurement_error: float = 0.0
    reset_error: float = 0.0
    t1_s: float = math.inf
    t2_s: float = math.inf
    communication_t1_s: float | None = None
    communication_t2_s: float | None = None

    def __post_init__(self) -> None:
        where = f"QPU `{self.name}`: "
        _require(self.data_qubits >= 0, where + "`data_qubits` must be at least 0", self.data_qubits)
        if self.communication_qubits is not None:
            found = self.communication_qubits
            _require(found >= 0, where + "`communication_qubits` must be at least 0", found)
        for key in ("one_qubit_gate_s", "two_qubit_gate_s", "measurement_s", "reset_s"):
            found = getattr(self, key)
            _require(0 <= found < math.inf, where + f"`{key}` must be a finite number of seconds ≥ 0", found)
        # A completely depolarising channel has infidelity 1/2 on one qubit and 3/4 on two.
        limits = {"one_qubit_gate_error": 0.5, "two_qubit_gate_error": 0.75}
        for key in ("one_qubit_gate_error", "two_qubit_gate_error", "measurement_error", "reset_error"):
            limit, found = limits.get(key, 1.0), getattr(self, key)
            _require(0 <= found <= limit, where + f"`{key}` must lie in [0, {limit}]", found)
        for kind, (t1, t2) in (("", self.coherence(False)), ("communication_", self.coherence(True))):
            _require(t1 > 0, where + f"`{kind}t1_s` must be positive", t1)
            _require(t2 > 0, where + f"`{kind}t2_s` must be positive", t2)
            _require(t2 <= 2 * t1, where + f"`{kind}t2_s` must be at most twice `{kind}t1_s` = {t1}", t2)
        for a, b in self.coupling or ():
            inside = 0 <= a < self.data_qubits and 0 <= b < self.data_qubits and a != b
            _require(inside, where + f"`coupling` must join two of its {self.data_qubits} data qubits", [a, b])

    def coherence(self, communication: bool) -> tuple[float, float]:
        """(T1, T2) of a communication qubit or of a data qubit, in seconds."""
        if not communication:
            return self.t1_s, self.t2_s
        t1 = self.t1_s if self.communication_t1_s is None else self.communication_t1_s
        t2 = self.t2_s if self.communication_t2_s is None else self.communication_t2_s
        return t1, t2


@dataclass(frozen=True, slots=True)
class Link:
    """A heralded source of Bell pairs between two QPUs, with a classical channel beside it.

    Attributes:
        a: name of one QPU.
        b: name of the other.
        attempt_s: duration of one attempt, which includes waiting for its herald.
        success_probability: of one attempt, in (0, 1].
        pair: the state that a success delivers; its first qubit is at `a`.
        channels: how many pairs can be attempted at the same time.
        classical_latency_s: travel time of a classical bit.
        length_m: for people and presets; the latency above is what counts.
    """

    a: str
    b: str
    attempt_s: float
    success_probability: float = 1.0
    pair: BellPair = field(default_factory=lambda: BellPair.werner(1.0))
    channels: int = 1
    classical_latency_s: float = 0.0
    length_m: float = 0.0

    def __post_init__(self) -> None:
        where = f"link `{self.name}`: "
        _require(self.a != self.b, where + "a link must join two different QPUs", f"{self.a} to {self.b}")
        for key in ("attempt_s", "classical_latency_s", "length_m"):
            found = getattr(self, key)
            _require(0 <= found < math.inf, where + f"`{key}` must be finite and ≥ 0", found)
        found = self.success_probability
        text = "`success_probability` must lie in (0, 1] (a link that never succeeds cannot be part of a network)"
        _require(0 < found <= 1, where + text, found)
        _require(self.channels >= 1, where + "`channels` must be at least 1", self.channels)

    @property
    def name(self) -> str:
        """As reports print it: `A-B`."""
        return f"{self.a}-{self.b}"

    @property
    def mean_wait_s(self) -> float:
        """Mean time until a pair is there, attempts being made back to back: attempt_s / success_probability."""
        return self.attempt_s / self.success_probability


@dataclass(frozen=True)
class Network:
    """QPUs and links. Every QPU can be reached from every other.

    Attributes:
        name: for people; not part of its identity.
        qpus: in the order that everything else uses.
        links: at most one between two QPUs.
        description: one line for people.
        sources: where each number comes from, by path of keys, such as `qpus.A.t2_s`; for people.
    """

    name: str
    qpus: tuple[QPU, ...]
    links: tuple[Link, ...]
    description: str = ""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        names = [qpu.name for qpu in self.qpus]
        _require(len(names) >= 1, "a network must have at least 1 QPU", 0)
        _require(len(set(names)) == len(names), "QPU names must differ", names)
        seen: set[frozenset[str]] = set()
        for link in self.links:
            for end in (link.a, link.b):
                _require(end in self.index, f"link `{link.name}`: its ends must be QPUs of the network", f"`{end}`")
            pair = frozenset((link.a, link.b))
            if pair in seen:
                raise InvalidNetworkError(
                    f"link `{link.name}`: two QPUs must share at most one link, but these share several; use `channels`"
                )
            seen.add(pair)
        unreachable = [qpu.name for qpu, hops in zip(self.qpus, self.hops[0], strict=True) if hops < 0]
        if unreachable:
            raise InvalidNetworkError(
                f"every QPU must be reachable from every other, but {', '.join(f'`{q}`' for q in unreachable[:5])} "
                f"cannot be reached from `{names[0]}`"
            )

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each QPU by name."""
        return {qpu.name: position for position, qpu in enumerate(self.qpus)}

    @cached_property
    def id(self) -> str:
        """SHA-256 of every number that the network holds; names of QPUs count, because reports print them."""
        qpus = [asdict(qpu) for qpu in self.qpus]
        links = [[asdict(link) | {"pair": link.pair.matrix.view(np.float64).tolist()}] for link in self.links]
        text = json.dumps(["weft network 1", qpus, links], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def link_index(self) -> dict[tuple[int, int], int]:
        """Position of the link between two QPUs, for either order of the two."""
        answer = {}
        for position, link in enumerate(self.links):
            a, b = self.index[link.a], self.index[link.b]
            answer[a, b] = answer[b, a] = position
        return answer

    @cached_property
    def graph(self) -> rustworkx.PyGraph:
        """QPUs as nodes, links as edges that carry their position."""
        graph = rustworkx.PyGraph(multigraph=False)
        graph.add_nodes_from(range(len(self.qpus)))
        for position, link in enumerate(self.links):
            graph.add_edge(self.index[link.a], self.index[link.b], position)
        return graph

    @cached_property
    def hops(self) -> NDArray[np.int32]:
        """Links on a shortest path, shape (QPUs, QPUs); −1 where there is none. A pair over h hops costs h ebits."""
        return rustworkx.graph_distance_matrix(self.graph, null_value=-1.0).astype(np.int32)

    @cached_property
    def classical_latency_s(self) -> NDArray[np.float64]:
        """Travel time of a bit along the fastest route, shape (QPUs, QPUs)."""
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
