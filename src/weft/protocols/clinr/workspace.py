"""The qubits that a CliNR program works with: registers on QPUs that are used again, ancillas, and both ends of links."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from weft.circuit import Register
from weft.errors import DoesNotFitError, InvalidNetworkError
from weft.network import Network
from weft.program import ProgramBuilder


@dataclass(frozen=True, slots=True)
class Wires:
    """Qubits on one QPU that together hold the data, or half of a resource state.

    Attributes:
        qpu: where they are.
        qubits: in the order of the circuit's.
        reusable: whether other data may be put there afterwards; halves of Bell pairs from a link are not.
    """

    qpu: int
    qubits: tuple[int, ...]
    reusable: bool = True


class Workspace:
    """A program builder that knows which qubits are free.

    Args:
        network: what the program runs on; on its QPUs all data qubits must be able to interact.
        size: qubits of a register.
        name: of the circuit that the program computes.
        outcomes: how many bits the program reports, as register `c`.

    Attributes:
        kept_aside: qubits that what went in is entangled with, if any.

    Raises:
        InvalidNetworkError: if a QPU has a coupling map.
    """

    def __init__(self, network: Network, size: int, *, name: str, outcomes: int) -> None:
        for qpu in network.qpus:
            if qpu.coupling is not None:
                raise InvalidNetworkError(
                    f"QPU `{qpu.name}`: for CliNR `coupling` must be left out, so that all data qubits can interact, but is given"
                )
        self.network = network
        self.size = size
        registers = (Register("c", tuple(range(outcomes))),) if outcomes else ()
        self.builder = ProgramBuilder(network, circuit_name=name, registers=registers, num_clbits=outcomes)
        self.kept_aside: list[int] = []
        self._free: dict[int, list[Wires]] = defaultdict(list)
        self._ancillas: dict[int, list[int]] = defaultdict(list)
        self._named: Counter[tuple[int, bool]] = Counter()

    def take(self, qpu: int) -> Wires:
        """A register of data qubits that nothing uses: one that was given back, or else a new one."""
        if self._free[qpu]:
            return self._free[qpu].pop()
        return Wires(qpu, tuple(self.qubit(qpu) for _ in range(self.size)))

    def give_back(self, wires: Wires) -> None:
        """Says that a register holds nothing any more."""
        if wires.reusable:
            self._free[wires.qpu].append(wires)

    def ancillas(self, qpu: int, count: int) -> list[int]:
        """Data qubits beside the registers, the same ones each time."""
        here = self._ancillas[qpu]
        here += [self.qubit(qpu) for _ in range(count - len(here))]
        return here[:count]

    def qubit(self, qpu: int, *, communication: bool = False) -> int:
        """A new qubit."""
        number = self._named[qpu, communication]
        self._named[qpu, communication] += 1
        name = f"{self.network.qpus[qpu].name}.{'c' if communication else 'd'}{number}"
        return self.builder.add_qubit(name, qpu, communication=communication)

    def link(self, here: int, there: int) -> int:
        """The link between two QPUs.

        Raises:
            InvalidNetworkError: if there is none.
        """
        found = self.network.link_index.get((here, there))
        if found is None:
            names = [self.network.qpus[qpu].name for qpu in (here, there)]
            raise InvalidNetworkError(
                f"QPUs of successive parts must be joined by a link, but `{names[0]}` and `{names[1]}` are not"
            )
        return found

    def lanes(self, route: Sequence[int], wanted: int | None) -> dict[int, list[tuple[int, int]]]:
        """Communication qubits for the links of a route, which share those that a QPU has.

        Args:
            route: QPUs in the order of the hops.
            wanted: Bell pairs of a link that are held at the same time; None for as many as there is room for, up to one for each
                qubit of the register.

        Returns:
            For each link, pairs of qubits, the one at the link's `a` first.

        Raises:
            InvalidNetworkError: if there is no link from one QPU to the next.
            DoesNotFitError: if a QPU has too few communication qubits.
        """
        hops = [(here, there) for here, there in pairwise(route) if here != there]
        links = sorted({self.link(*hop) for hop in hops})
        ends = {link: self.network.link_ends[link].tolist() for link in links}
        used = Counter(qpu for pair in ends.values() for qpu in pair)
        rooms = {qpu: self._lanes_at(qpu, used[qpu], wanted) for qpu in used}
        return {
            link: [
                (self.qubit(a, communication=True), self.qubit(b, communication=True))
                for _ in range(min(rooms[a], rooms[b]))
            ]
            for link, (a, b) in ends.items()
        }

    def _lanes_at(self, qpu: int, links: int, wanted: int | None) -> int:
        """How many pairs of each of its links a QPU can hold."""
        limit, most = self.network.qpus[qpu].communication_qubits, self.size if wanted is None else wanted
        if limit is None:
            return most
        room = (limit - self._named[qpu, True]) // links
        if room < (1 if wanted is None else wanted):
            raise DoesNotFitError(
                f"QPU `{self.network.qpus[qpu].name}` must have at least {links * (wanted or 1)} communication qubits for its "
                f"{links} links, but has {limit - self._named[qpu, True]}"
            )
        return min(room, most)
