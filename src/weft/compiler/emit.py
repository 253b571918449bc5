"""Writes the program: walks the circuit in its own order and opens and closes packets as gates need them.

A copy is made just before the first gate that needs it and dropped just after the last, so it occupies a communication qubit no
longer than it must. Where communication qubits are scarce, the open copy whose next use is furthest away is closed early and
made again later, which costs a further pair (Belady's rule). The order of the circuit's own instructions never changes.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET
from weft.compiler.packets import Packets
from weft.compiler.routes import Routes
from weft.network import Network
from weft.program import Pauli, Program, ProgramBuilder, Role


@dataclass(slots=True)
class _Copy:
    """An open packet: a communication qubit on the target QPU that holds a copy of a data qubit."""

    packet: int
    qubit: int
    source: int  # the data qubit


class _Slots:
    """The communication qubits of one QPU; added to the program when first needed, lowest free one first."""

    def __init__(self, builder: ProgramBuilder, network: Network, qpu: int) -> None:
        self._builder = builder
        self._qpu = qpu
        self._name = network.qpus[qpu].name
        self._limit = network.qpus[qpu].communication_qubits
        self._free: list[int] = []
        self._made = 0

    def available(self) -> float:
        unmade = float("inf") if self._limit is None else self._limit - self._made
        return len(self._free) + unmade

    def take(self) -> int:
        if self._free:
            return heapq.heappop(self._free)
        self._made += 1
        return self._builder.add_qubit(f"{self._name}.c{self._made - 1}", self._qpu, communication=True)

    def give(self, qubit: int) -> None:
        heapq.heappush(self._free, qubit)


def emit(circuit: Circuit, network: Network, homes: NDArray[np.int64], packets: Packets) -> Program:
    """The program that computes a circuit with its qubits at `homes` and its packets as given.

    Raises:
        DoesNotFitError: if a QPU has too few communication qubits to be reached at all.
    """
    return _Emitter(circuit, network, homes, packets).run()


class _Emitter:
    def __init__(self, circuit: Circuit, network: Network, homes: NDArray[np.int64], packets: Packets) -> None:
        self.circuit = circuit
        self.network = network
        self.homes = homes.tolist()
        self.builder = ProgramBuilder(
            network, circuit_name=circuit.name, registers=circuit.registers, num_clbits=circuit.num_clbits
        )
        seen = [0] * len(network.qpus)
        for home in self.homes:
            self.builder.add_qubit(f"{network.qpus[home].name}.d{seen[home]}", home)
            seen[home] += 1
        self.slots = [_Slots(self.builder, network, qpu) for qpu in range(len(network.qpus))]
        self.sources, self.targets = packets.sources.tolist(), packets.targets.tolist()
        self.served = dict(
            zip(packets.rows.tolist(), zip(packets.of.tolist(), packets.operand.tolist(), strict=True), strict=True)
        )
        self.uses: list[deque[int]] = [deque() for _ in range(len(packets))]
        for row, packet in zip(packets.rows.tolist(), packets.of.tolist(), strict=True):
            self.uses[packet].append(row)
        self.open: dict[int, _Copy] = {}
        self.open_at: list[set[int]] = [set() for _ in network.qpus]
        self.routes = Routes(network)

    def run(self) -> Program:
        circuit, builder = self.circuit, self.builder
        qubits, angles, clbits = circuit.qubits.tolist(), circuit.angles.tolist(), circuit.clbits.tolist()
        conditional = (np.diff(circuit.condition_offsets) > 0).tolist()
        for row, code in enumerate(circuit.opcodes.tolist()):
            first, second = qubits[row]
            condition = self.condition(row) if conditional[row] else ()
            if code == MEASURE:
                builder.measure(first, clbits[row], condition=condition)
            elif code == RESET:
                builder.reset(first, condition=condition)
            elif second < 0:
                builder.gate_code(code, (first,), angles[row], condition)
            elif row in self.served:
                self.remote_gate(row, code, (first, second), angles[row], condition)
            else:
                builder.gate_code(code, (first, second), angles[row], condition)
        return builder.build()

    def condition(self, row: int) -> list[tuple[int, int]]:
        return [(bit, Role.IF_ONE if value else Role.IF_ZERO) for bit, value in self.circuit.condition(row)]

    def remote_gate(
        self,
        row: int,
        code: int,
        operands: tuple[int, int],
        angles: list[float],
        condition: list[tuple[int, int]] | tuple[()],
    ) -> None:
        packet, operand = self.served[row]
        copy = self.open.get(packet) or self.open_packet(packet, operands[operand])
        places = [*operands]
        places[operand] = copy.qubit
        self.builder.gate_code(code, places, angles, condition)
        self.uses[packet].popleft()
        if not self.uses[packet]:
            self.close_packet(packet)

    def open_packet(self, packet: int, source: int) -> _Copy:
        """Copies a data qubit to the packet's target with one pair per link on the way."""
        route = self.routes.between(self.sources[packet], self.targets[packet])
        for position, qpu in enumerate(route):
            self.make_room(qpu, 1 if position in {0, len(route) - 1} else 2)
        near, far, x_bits, z_bits = self.long_pair(route)
        builder = self.builder
        builder.gate("cx", source, near)
        bit = builder.new_bit()
        builder.measure(near, bit)
        self.slots[route[0]].give(near)
        builder.correct(Pauli.X, far, (bit, *x_bits))
        if z_bits:
            builder.correct(Pauli.Z, far, z_bits)
        copy = _Copy(packet, far, source)
        self.open[packet] = copy
        self.open_at[route[-1]].add(packet)
        return copy

    def long_pair(self, route: list[int]) -> tuple[int, int, list[int], list[int]]:
        """Pairs along a route, joined by swapping: the two end qubits and the bits that an X and a Z on the far one await."""
        builder, links = self.builder, self.network.link_index
        halves = []
        for left, right in pairwise(route):
            pair = (self.slots[left].take(), self.slots[right].take())
            builder.entangle(links[left, right], *pair)
            halves.append(pair)
        x_bits, z_bits = [], []
        for position, qpu in enumerate(route[1:-1]):
            left, right = halves[position][1], halves[position + 1][0]
            builder.gate("cx", left, right)
            x_bits.append(builder.new_bit())
            z_bits.append(builder.new_bit())
            builder.measure(left, z_bits[-1], basis=Pauli.X)
            builder.measure(right, x_bits[-1])
            self.slots[qpu].give(left)
            self.slots[qpu].give(right)
        return halves[0][0], halves[-1][1], x_bits, z_bits

    def close_packet(self, packet: int) -> None:
        """Removes a copy: measured in X, its outcome becomes a Z on the original."""
        copy = self.open.pop(packet)
        target = self.targets[packet]
        self.open_at[target].remove(packet)
        bit = self.builder.new_bit()
        self.builder.measure(copy.qubit, bit, basis=Pauli.X)
        self.builder.correct(Pauli.Z, copy.source, (bit,))
        self.slots[target].give(copy.qubit)

    def make_room(self, qpu: int, wanted: int) -> None:
        """Closes copies on a QPU, the one needed latest first, until `wanted` communication qubits are free."""
        while self.slots[qpu].available() < wanted:
            latest = max(self.open_at[qpu], key=lambda packet: (self.uses[packet][0], packet))
            self.close_packet(latest)
