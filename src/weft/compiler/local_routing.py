"""Routing inside QPUs: swaps between coupled data qubits, so that every gate acts on a coupled pair.

Communication qubits reach every data qubit, so only gates on two data qubits need it, and no Bell pair is spent. One region after
the other is routed, each in the program that the last one left, because the order that one region's swaps impose binds the next:

regions (`local_regions.py`) → what may change places (`local_ties.py`, `local_order.py`) → swaps (`sabre.py`) → one order again
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.compiler.local_order import Touches, gates_and_barriers, merged
from weft.compiler.local_regions import Region, regions_to_route
from weft.compiler.local_ties import Ties
from weft.compiler.sabre import Routing, routing
from weft.program import Op, Program
from weft.program.validate import validate


def route_locally(program: Program, num_logical: int) -> Program:
    """The program with its data qubits placed on the coupling maps of their QPUs, and swaps where they are needed.

    Which qubits hold which logical ones at the start does not change, only where they stand: their names. Positions that only swaps
    use are added after all other qubits. If every gate acts on a coupled pair already, the program is returned as it is.

    Args:
        program: of a compiler, not yet routed.
        num_logical: how many logical qubits there are; the first data qubits hold them at the start.

    Raises:
        DoesNotFitError: if the data qubits that gates join cannot share connected parts of a coupling map.
    """
    regions = regions_to_route(program)
    for region in regions:
        program = _with_region_routed(program, region, num_logical)
    if regions:
        validate(program)
    return program


def _with_region_routed(program: Program, region: Region, num_logical: int) -> Program:
    touches = Touches.of(program, Ties.of(program, num_logical))
    events = gates_and_barriers(program, touches, region.qubits)
    found = routing(len(region.positions), region.edges, len(region.qubits), events)
    named = _named(program, region, found.start)
    if not any(row < 0 for row, _, _ in found.steps):
        return named
    order = merged(program, touches, found.steps, _last_measurements(program, touches, region))
    return _rewritten(named, region, found, order)


def _named(program: Program, region: Region, start: Sequence[int]) -> Program:
    """The program with the qubits of a region named after where they start."""
    names = list(program.qubit_names)
    for qubit, place in zip(region.qubits, start, strict=True):
        names[qubit] = _name(program, region, place)
    return replace(program, qubit_names=tuple(names))


def _name(program: Program, region: Region, place: int) -> str:
    return f"{program.network.qpus[region.qpu].name}.d{region.positions[place]}"


def _last_measurements(program: Program, touches: Touches, region: Region) -> set[int]:
    """Rows that measure a qubit of a region for good; they wait for swaps, so that measuring stays the last that happens to it."""
    measures = (program.opcodes == Op.MEASURE) & np.isin(program.qubits[:, 0], region.qubits) & ~program.is_conditional
    return set(np.flatnonzero(measures & touches.rows_that_end()).tolist())


@dataclass
class _Walk:
    """Where the states of a region are while its swaps are done.

    Attributes:
        holder: the qubit at each place; −1 for a place that is not in the program yet.
        state: at each place, the qubit that it was on at the start.
        place: of each state.
        added: places that were added to the program.
    """

    holder: list[int]
    state: list[int]
    place: dict[int, int]
    added: list[int]

    @staticmethod
    def of(region: Region, start: Sequence[int]) -> _Walk:
        holder = [-1] * len(region.positions)
        for qubit, place in zip(region.qubits, start, strict=True):
            holder[place] = qubit
        return _Walk(holder, list(holder), dict(zip(region.qubits, start, strict=True)), [])

    def qubit_of(self, state: int) -> int:
        """Where a state is; qubits outside the region stay where they are."""
        return self.holder[self.place[state]] if state in self.place else state

    def swap(self, first: int, second: int, fresh: int) -> list[int]:
        """Exchanges two places; returns their qubits. `fresh` is the first number that a new qubit may have."""
        for place in (first, second):
            if self.holder[place] < 0:
                self.holder[place] = self.state[place] = fresh + len(self.added)
                self.added.append(place)
        self.state[first], self.state[second] = self.state[second], self.state[first]
        for place in (first, second):
            self.place[self.state[place]] = place
        return [self.holder[first], self.holder[second]]


def _rewritten(program: Program, region: Region, found: Routing, order: list[int]) -> Program:
    """The program in another order, with swaps, and its operands where the swaps have brought them."""
    count = len(program)
    swaps = [(first, second) for row, first, second in found.steps if row < 0]
    walk = _Walk.of(region, found.start)
    operands = program.qubits.tolist()
    qubits = [
        [walk.qubit_of(qubit) for qubit in operands[node]]
        if node < count
        else walk.swap(*swaps[node - count], program.num_qubits)
        for node in order
    ]
    more = len(walk.added)
    return replace(
        program,
        qubit_names=(*program.qubit_names, *(_name(program, region, place) for place in walk.added)),
        qubit_qpus=_frozen(np.append(program.qubit_qpus, np.full(more, region.qpu, dtype=np.int32))),
        qubit_is_communication=_frozen(np.append(program.qubit_is_communication, np.zeros(more, dtype=np.bool_))),
        qubits=_frozen(np.array(qubits, dtype=np.int32).reshape(-1, 2)),
        **_columns(program, np.minimum(order, count)),
    )


def _columns(program: Program, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The columns of some rows, in their order, apart from operands; a row after the last one is a swap."""
    swap = {"opcodes": Op.GATE, "kinds": CODES["swap"], "angles": 0.0, "bits": -1, "links": -1}
    columns: dict[str, Any] = {}
    for name, value in swap.items():
        column = getattr(program, name)
        columns[name] = _frozen(
            np.concatenate((column, np.full_like(column, value, shape=(1, *column.shape[1:]))))[rows]
        )
    lengths = np.append(np.diff(program.read_offsets), 0)[rows]
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    entries = np.arange(offsets[-1]) + np.repeat(program.read_offsets[rows] - offsets[:-1], lengths)
    columns["read_offsets"] = _frozen(offsets)
    columns["read_bits"] = _frozen(program.read_bits[entries])
    columns["read_roles"] = _frozen(program.read_roles[entries])
    return columns


def _frozen(column: NDArray[Any]) -> NDArray[Any]:
    column.setflags(write=False)
    return column
