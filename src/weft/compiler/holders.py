"""Which physical qubits hold each logical qubit, and the instructions that change it.

A logical qubit is held by one physical qubit or, as copies of its value in the Z basis, by several on different QPUs. A copy is
made with one pair for each link on the way; any copy but the last can be dropped. So a home moves by making a copy and dropping
the original. Where communication qubits are scarce, the copy whose next use is furthest away gives way (Belady's rule).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from weft.compiler.routes import Routes
from weft.errors import DoesNotFitError
from weft.program import Pauli, ProgramBuilder


class _Qubits:
    """The data or the communication qubits of one QPU; added to the program when first needed, the longest free one first."""

    def __init__(self, builder: ProgramBuilder, name: str, qpu: int, limit: int | None, *, communication: bool) -> None:
        self._builder = builder
        self._name = f"{name}.{'c' if communication else 'd'}"
        self._qpu = qpu
        self._limit = limit
        self._communication = communication
        self._free: deque[int] = deque()
        self._made = 0

    def available(self) -> float:
        return len(self._free) + (float("inf") if self._limit is None else self._limit - self._made)

    def take(self) -> int:
        # With a limit, qubits not used before come first: then the next pair can be made while the last is still in use.
        if self._free and (self._limit is None or self._made == self._limit):
            return self._free.popleft()
        self._made += 1
        return self._builder.add_qubit(f"{self._name}{self._made - 1}", self._qpu, communication=self._communication)

    def give(self, qubit: int) -> None:
        self._free.append(qubit)


class Holders:
    """Holders of all logical qubits.

    Args:
        builder: to which instructions go.
        routes: between the QPUs of the network that they run on.
        homes: the QPU where each logical qubit begins.
        next_use: the next gate of a logical qubit on a QPU; a large number if there is none.

    Attributes:
        at: for each logical qubit, its physical qubits by QPU.
        resident: for each logical qubit, the QPU where it should be in a data qubit.
        protected: logical qubits with QPUs, for copies that must not give way now.
    """

    def __init__(
        self,
        builder: ProgramBuilder,
        routes: Routes,
        homes: Sequence[int],
        next_use: Callable[[int, int], int],
    ) -> None:
        network = routes.network
        self._builder, self._network, self._routes, self._next_use = builder, network, routes, next_use
        qpus = list(enumerate(network.qpus))
        self._data = [_Qubits(builder, qpu.name, at, qpu.data_qubits, communication=False) for at, qpu in qpus]
        self._communication = [
            _Qubits(builder, qpu.name, at, qpu.communication_qubits, communication=True) for at, qpu in qpus
        ]
        self.at: list[dict[int, int]] = [{home: self._data[home].take()} for home in homes]
        self.resident = list(homes)
        self.protected: set[tuple[int, int]] = set()
        self._is_data = [{home} for home in homes]  # for each logical qubit, the QPUs where a data qubit holds it
        self._visitors: list[set[int]] = [set() for _ in qpus]  # for each QPU, those that its communication qubits hold
        self._waiting: dict[int, deque[int]] = defaultdict(deque)  # for each QPU, those that wait for a data qubit

    def one(self, logical: int) -> int:
        """Any physical qubit that holds a logical one: where it resides, if it is there."""
        places = self.at[logical]
        return places[self.resident[logical]] if self.resident[logical] in places else next(iter(places.values()))

    def copy(self, logical: int, route: Sequence[int], stops: Iterable[int] = ()) -> None:
        """Copies a logical qubit along a route that begins where it is held; copies stay at its end and at `stops`.

        Through a trusted node it goes by way of a copy, which does not stay.
        """
        start, passed = 0, []
        for end in range(1, len(route)):
            is_trusted = self._network.qpus[route[end]].trusted
            if end == len(route) - 1 or route[end] in stops or is_trusted:
                self._copy(logical, route[start : end + 1])
                start = end
                if is_trusted and end < len(route) - 1 and route[end] not in stops:
                    passed.append(route[end])
        for qpu in passed:
            self.drop(logical, qpu)

    def _copy(self, logical: int, route: Sequence[int]) -> None:
        for position, qpu in enumerate(route):
            self._make_room(qpu, 1 if position in {0, len(route) - 1} else 2, (logical, route[0]))
        near, far, x_bits, z_bits = self._long_pair(route)
        builder = self._builder
        builder.gate("cx", self.at[logical][route[0]], near)
        bit = builder.new_bit()
        builder.measure(near, bit)
        self._communication[route[0]].give(near)
        builder.correct(Pauli.X, far, (bit, *x_bits))
        if z_bits:
            builder.correct(Pauli.Z, far, z_bits)
        self.at[logical][route[-1]] = far
        self._visitors[route[-1]].add(logical)

    def _long_pair(self, route: Sequence[int]) -> tuple[int, int, list[int], list[int]]:
        """Pairs along a route, joined by swapping: the two end qubits and the bits that an X and a Z on the far one await."""
        pools = self._communication
        halves = [(pools[left].take(), pools[right].take()) for left, right in pairwise(route)]
        bits: list[tuple[int, int]] = []
        if any(self._network.qpus[qpu].swap_success_probability < 1 for qpu in route[1:-1]):
            self._join_in_blocks(route, halves, bits)
        else:
            for position in range(len(halves)):
                self._entangle(route, halves, position)
            for position in range(1, len(halves)):
                self._swap(halves, position, bits)
        for position, qpu in enumerate(route[1:-1]):
            pools[qpu].give(halves[position][1])
            pools[qpu].give(halves[position + 1][0])
        return halves[0][0], halves[-1][1], [x for x, _ in bits], [z for _, z in bits]

    def _join_in_blocks(
        self, route: Sequence[int], halves: Sequence[tuple[int, int]], bits: list[tuple[int, int]]
    ) -> None:
        """Joins pairs whose swaps may fail: both halves of the route by themselves, then these by a swap that is tried again."""
        if len(halves) == 1:
            self._entangle(route, halves, 0)
            return
        start, middle = len(self._builder), len(halves) // 2
        self._join_in_blocks(route[: middle + 1], halves[:middle], bits)
        self._join_in_blocks(route[middle:], halves[middle:], bits)
        self._swap(halves, middle, bits)
        odds = self._network.qpus[route[middle]].swap_success_probability
        if odds < 1:
            self._builder.retry(halves[middle][0], start, odds=odds)

    def _entangle(self, route: Sequence[int], halves: Sequence[tuple[int, int]], position: int) -> None:
        link = self._network.link_index[route[position], route[position + 1]]
        self._builder.entangle(link, *halves[position])

    def _swap(self, halves: Sequence[tuple[int, int]], position: int, bits: list[tuple[int, int]]) -> None:
        """Joins the pairs before and after a position on a route."""
        builder, left, right = self._builder, halves[position - 1][1], halves[position][0]
        builder.gate("cx", left, right)
        x_bit, z_bit = builder.new_bit(), builder.new_bit()
        builder.measure(left, z_bit, basis=Pauli.X)
        builder.measure(right, x_bit)
        bits.append((x_bit, z_bit))

    def drop(self, logical: int, qpu: int) -> None:
        """Removes a copy that is not the last: measured in X, its outcome becomes a Z on another."""
        qubit = self.at[logical].pop(qpu)
        self._measure_out(qubit, logical)
        if qpu not in self._is_data[logical]:
            self._visitors[qpu].discard(logical)
            self._communication[qpu].give(qubit)
            return
        self._is_data[logical].discard(qpu)
        self._builder.reset(qubit)
        self._data[qpu].give(qubit)
        self._admit(qpu)

    def _measure_out(self, qubit: int, logical: int) -> None:
        bit = self._builder.new_bit()
        self._builder.measure(qubit, bit, basis=Pauli.X)
        self._builder.correct(Pauli.Z, self.one(logical), (bit,))

    def settle(self, logical: int) -> bool:
        """Brings a logical qubit into a data qubit where it resides; it waits for one if there is none. True if it is done."""
        qpu = self.resident[logical]
        if qpu in self._is_data[logical]:
            return True
        if qpu not in self.at[logical]:
            return False
        if self._data[qpu].available() < 1:
            if logical not in self._waiting[qpu]:
                self._waiting[qpu].append(logical)
            return False
        visitor, qubit = self.at[logical][qpu], self._data[qpu].take()
        self._builder.gate("cx", visitor, qubit)
        self.at[logical][qpu] = qubit
        self._is_data[logical].add(qpu)
        self._visitors[qpu].discard(logical)
        self._measure_out(visitor, logical)
        self._communication[qpu].give(visitor)
        return True

    def house(self, logical: int) -> None:
        """Brings a logical qubit into a data qubit now, where it resides if possible, else as near as there is room.

        Raises:
            DoesNotFitError: if there is no room anywhere.
        """
        qpu = self.resident[logical]
        while not self.settle(logical):
            stale = [
                other
                for other, places in enumerate(self._is_data)
                if qpu in places and self.resident[other] != qpu and len(self.at[other]) > 1
            ]
            if not stale:
                break
            # What copies of others still occupy there gives way.
            self.drop(max(stale, key=lambda other: (self._next_use(other, qpu), other)), qpu)
        else:
            return
        here = next(iter(self.at[logical]))
        open_qpus = [qpu for qpu, data in enumerate(self._data) if data.available() >= 1]
        if not open_qpus:
            raise DoesNotFitError(
                f"network `{self._network.name}` must have more data qubits to carry out this plan, but has "
                f"{self._network.data_qubits}"
            )
        nearest = min(open_qpus, key=lambda qpu: (self._routes.length(here, qpu), qpu))
        if nearest not in self.at[logical]:
            self.copy(logical, self._routes.between(here, nearest))
        self.resident[logical] = nearest
        self.settle(logical)
        for qpu in [place for place in self.at[logical] if place != nearest]:
            self.drop(logical, qpu)

    def _admit(self, qpu: int) -> None:
        """Gives a data qubit that has become free to the first that still waits for it."""
        waiting = self._waiting[qpu]
        while waiting and self._data[qpu].available() >= 1:
            logical = waiting.popleft()
            if self.resident[logical] == qpu:
                self.settle(logical)

    def _make_room(self, qpu: int, wanted: int, source: tuple[int, int]) -> None:
        """Drops copies on a QPU, the one needed latest first, until `wanted` communication qubits are free."""
        while self._communication[qpu].available() < wanted:
            candidates = [
                logical
                for logical in self._visitors[qpu]
                if len(self.at[logical]) > 1 and (logical, qpu) not in self.protected and (logical, qpu) != source
            ]
            if not candidates:
                name, limit = self._network.qpus[qpu].name, self._network.qpus[qpu].communication_qubits
                raise DoesNotFitError(
                    f"QPU `{name}` must have more communication qubits to carry out this plan, but has {limit}"
                )
            self.drop(max(candidates, key=lambda logical: (self._next_use(logical, qpu), logical)), qpu)
