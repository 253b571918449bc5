"""Where a circuit is cut so that it runs on a network whose islands share no entanglement, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import rustworkx
from numpy.typing import NDArray

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.observables import TURNS, Group
from weft.compiler import Effort
from weft.compiler.cutting import FoundCuts, find_cuts
from weft.errors import DoesNotFitError, InvalidValueError
from weft.network import Network
from weft.protocols.cutting.cuts import Cut, gate_cut_at, wire_cut_at
from weft.protocols.cutting.joint import cut_runs, joint_gates, joint_wires
from weft.protocols.cutting.pieces import Piece, divide
from weft.protocols.cutting.plan import CutPlan, occurrences
from weft.protocols.cutting.preparation import rebuilt, with_short_lives, without_empty_conditions, without_swaps
from weft.protocols.cutting.runs import Run, contiguous_runs

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Cutting:
    """A circuit, where it is cut, and where its pieces run: piece p on island p of the network.

    Attributes:
        circuit: what was asked for.
        network: to run on.
        bare: the circuit without SWAPs and, where observables are asked for, not measured at its end.
        ends: for each qubit of the circuit, the qubit of `bare` that ends with its state.
        plan: the piece of every operand of `bare`.
        found: what the search said of this circuit; None if the plan was given, or found for a circuit with other angles.
        as_given: whether the plan is one of the circuit as it is, not of one that was made ready.
        measured: whether the circuit's outcomes are wanted; else observables.
        joint: whether cuts are made together where they can be.
        ancillas: whether cuts may use ancillas where that makes them cheaper.
    """

    circuit: Circuit
    network: Network
    bare: Circuit
    ends: np.ndarray
    plan: CutPlan
    found: FoundCuts | None
    as_given: bool = False
    measured: bool = True
    joint: bool = True
    ancillas: bool = True
    _talking: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)

    def refilled(self, circuit: Circuit) -> Cutting:
        """The same cuts in a circuit that differs in its angles only; what they cost may differ with them.

        Raises:
            InvalidValueError: if it differs in more.
        """
        if not _same_shape(circuit, self.circuit):
            raise InvalidValueError(
                "`cutting` must be of a circuit that differs from this one in its angles only, but is not"
            )
        as_it_is = circuit.measured() if self.measured else circuit
        bare = as_it_is if self.as_given else _ready(circuit, measured=self.measured).bare
        return replace(self, circuit=circuit, bare=bare, found=None)

    def with_plan(self, plan: CutPlan) -> Cutting:
        """The circuit cut by another plan of `bare`; whatever was proven is about all plans that cut between islands only."""
        found = None if self.found is None else replace(self.found, proven_optimal=False)
        return replace(self, plan=plan, found=found)

    @property
    def lower_bound(self) -> float | None:
        """No plan that makes its cuts one by one has a smaller γ; None where no bound is known."""
        if self.found is None or self.found.lower_bound_log_overhead is None:
            return None
        bound = math.exp(self.found.lower_bound_log_overhead)
        # Sums of logarithms and products round differently, and no bound may lie above what it bounds.
        return min(bound, self.overhead) if math.isclose(bound, self.overhead, rel_tol=_ROUNDING) else bound

    @property
    def is_proven_optimal(self) -> bool:
        """Whether no plan that makes its cuts one by one is better."""
        return self.found is not None and self.found.proven_optimal

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """All cuts of `bare`."""
        return self.cuts_of(self.bare, self.plan)

    @cached_property
    def overhead(self) -> float:
        """γ: γ² times as many shots are needed as on one machine that is large enough."""
        return math.prod(cut.overhead for cut in self.cuts)

    def cuts_of(self, circuit: Circuit, plan: CutPlan) -> tuple[Cut, ...]:
        """The cuts that a plan makes in a circuit."""
        most_gates, most_wires = (2, 3) if self.joint else (1, 1)
        wires = plan.wire_cuts(circuit)
        talking = any(self._can_talk(circuit, plan, wire) for wire in wires)
        wire_groups = joint_wires(circuit, plan, most=most_wires if talking else 1, scattered=self._scattered)
        # Cuts one by one of a plan that was given are what that says; else a run is a gate like others.
        runs = cut_runs(circuit, plan) if self.joint or not self.as_given else []
        gate_groups = joint_gates(
            circuit, plan, most=most_gates, runs=runs, wires=wire_groups, scattered=self._scattered
        )
        run_at = {run[0]: run for run in runs}
        found = [self._gate_cut(circuit, plan, group, run_at) for group in gate_groups]
        for group in wire_groups:
            places = [(int(wires[position, 0]), int(wires[position, 1])) for position in group]
            ends = _ends_of(circuit, plan, wires[group[0]])
            found.append(wire_cut_at(places, ends, communication=ends in self._talking))
        return tuple(sorted(found, key=lambda cut: (cut.rows, cut.is_wire)))

    def _can_talk(self, circuit: Circuit, plan: CutPlan, wire: np.ndarray) -> bool:
        return _ends_of(circuit, plan, wire) in self._talking

    def _gate_cut(self, circuit: Circuit, plan: CutPlan, rows: Sequence[int], runs: Mapping[int, Run]) -> Cut:
        left, right = sorted(plan.pieces[rows[0]].tolist())
        qubits = tuple(int(circuit.qubits[row, int(plan.pieces[row, 0] != left)]) for row in rows)
        ancillas = self.ancillas and not {left, right} & self._scattered
        return gate_cut_at(circuit, [runs.get(row, (row,)) for row in rows], qubits, (left, right), ancillas=ancillas)

    def pieces(self, circuit: Circuit, plan: CutPlan, cuts: Sequence[Cut]) -> tuple[Piece, ...]:
        """The pieces of a circuit that was cut so.

        Raises:
            DoesNotFitError: if one needs more qubits than its island has.
        """
        wires = plan.wires(circuit)
        pieces = divide(circuit, wires, cuts, max(plan.num_pieces, 1))
        for piece in pieces:
            ancillas = max((o.ancillas for s in piece.slots for o in cuts[s.cut].operations(s.end)), default=0)
            room = sum(self.network.qpus[place].data_qubits for place in self.network.islands[piece.number])
            if piece.width + ancillas > room:
                raise DoesNotFitError(
                    f"piece {piece.number + 1} must fit in {room} data qubits, but needs {piece.width} and {ancillas} ancillas"
                )
        return pieces

    def read_along(self, group: Group) -> tuple[Circuit, CutPlan]:
        """The circuit with the qubits of a group measured along their axes as soon as they are done, and where all of it is.

        Bit k is that of the k-th axis. A qubit that nothing acts on is measured in the piece with the most room.
        """
        axes = {int(self.ends[qubit]): (bit, axis) for bit, (qubit, axis) in enumerate(group.axes.items())}
        return _measured(self.bare, self.plan, axes, self._roomiest)

    @cached_property
    def _scattered(self) -> frozenset[int]:
        """Pieces on several QPUs: an end of a cut that acts on more than one qubit would take pairs there."""
        return frozenset(piece for piece, island in enumerate(self.network.islands) if len(island) > 1)

    @cached_property
    def _roomiest(self) -> int:
        return int(np.argmax(capacities_of(self.network)))


def _ends_of(circuit: Circuit, plan: CutPlan, wire: np.ndarray) -> tuple[int, int]:
    """The pieces that a wire cut is from and to."""
    qubit, before, after = wire.tolist()
    sides = [int(plan.pieces[row, circuit.qubits[row].tolist().index(qubit)]) for row in (before, after)]
    return sides[0], sides[1]


def _measured(
    circuit: Circuit, plan: CutPlan, axes: Mapping[int, tuple[int, str]], roomiest: int
) -> tuple[Circuit, CutPlan]:
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name)
    bits = builder.add_register("axes", len(axes)).bits
    own = builder.add_bits(circuit.num_clbits)
    last = {int(qubit): row for row, qubits in enumerate(circuit.qubits) for qubit in qubits if qubit >= 0}
    pieces: list[tuple[int, int]] = []
    places: list[int] = []  # of the circuit's own rows

    def read(qubit: int, piece: int) -> None:
        bit, axis = axes[qubit]
        for name in TURNS[axis]:
            builder.gate(name, qubit)
            pieces.append((piece, -1))
        builder.measure(qubit, bits[bit])
        pieces.append((piece, -1))

    for row in range(len(circuit)):
        operands = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        clbit = int(circuit.clbits[row])
        condition = [(own[bit], value) for bit, value in circuit.condition(row)]
        written = own[clbit] if clbit >= 0 else -1
        builder.append(int(circuit.opcodes[row]), operands, circuit.angles[row].tolist(), written, condition)
        places.append(len(pieces))
        pieces.append((int(plan.pieces[row, 0]), int(plan.pieces[row, 1])))
        for operand, qubit in enumerate(operands):
            if qubit in axes and last[qubit] == row:
                read(qubit, int(plan.pieces[row, operand]))
    for qubit in axes:
        if qubit not in last:
            read(qubit, roomiest)
    within = np.zeros(len(pieces), dtype=np.bool_)
    within[places] = plan.within
    return builder.build(), CutPlan(np.array(pieces, dtype=np.int32).reshape(-1, 2), within)


def capacities_of(network: Network) -> list[int]:
    """Data qubits of each island."""
    return [sum(network.qpus[place].data_qubits for place in island) for island in network.islands]


def talking_islands(network: Network) -> frozenset[tuple[int, int]]:
    """Pairs of islands, in either order, between which bits arrive in real time."""
    island_of = {place: number for number, island in enumerate(network.islands) for place in island}
    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(len(network.islands)))
    for link in network.classical_links:
        if link.real_time:
            graph.add_edge(island_of[network.index[link.a]], island_of[network.index[link.b]], None)
    groups = rustworkx.connected_components(graph)
    return frozenset((a, b) for group in groups for a in group for b in group if a != b)


def plan_cuts(
    circuit: Circuit,
    network: Network,
    *,
    measured: bool,
    seed: int = 0,
    effort: Effort = "default",
    joint: bool = True,
    plan: CutPlan | None = None,
) -> Cutting:
    """Finds where to cut a circuit so that each piece fits on an island.

    Args:
        circuit: to cut.
        network: to run on.
        measured: whether the outcomes of the circuit are wanted; else observables are, of all of its qubits at the end.
        seed: of the search.
        effort: how long to search.
        joint: whether cuts are made together where they can be.
        plan: of the circuit as it is, to be kept to; by default one is looked for, of the circuit with SWAPs relabelled away and
            rows moved so that qubits begin late and end early.

    Raises:
        DoesNotFitError: if no way is found, with what would be needed.
        InvalidValueError: if a plan is given that is not one for this circuit.
    """
    if plan is not None:
        return _as_given(circuit, network, plan, measured=measured, joint=joint)
    talking = talking_islands(network)
    count = len(network.islands)
    ready = _ready(circuit, measured=measured)
    everywhere = len(talking) == count * (count - 1)
    found = _found(ready.searched, network, everywhere=everywhere, seed=seed, effort=effort)
    plan_of_bare = CutPlan(found.plan.pieces[ready.kept])
    cutting = Cutting(
        circuit, network, ready.bare, ready.ends, plan_of_bare, found, measured=measured, _talking=talking
    )
    return _cheapest_that_fits(cutting, ready.searched, found.plan, joint=joint)


class _Ready(NamedTuple):
    """A circuit made ready to be cut.

    Attributes:
        searched: what the search sees: every qubit is measured when it is done.
        kept: rows of it that are the circuit's own.
        bare: these.
        ends: for each qubit of the circuit, the qubit of `bare` that ends with its state.
    """

    searched: Circuit
    kept: NDArray[np.int64]
    bare: Circuit
    ends: NDArray[np.int32]


def _ready(circuit: Circuit, *, measured: bool) -> _Ready:
    """Depends on the shape of the circuit alone, but for its angles."""
    whole = circuit.measured() if measured else circuit
    renamed, ends = without_swaps(without_empty_conditions(whole))
    together = rebuilt(renamed, contiguous_runs(renamed), renamed.qubits)
    searched = with_short_lives(together if measured else _all_read(together))
    kept = np.flatnonzero(searched.clbits < renamed.num_clbits)  # not the readings of whatever will be asked for
    return _Ready(searched, kept, _with_bits(rebuilt(searched, kept, searched.qubits), renamed), ends)


def _same_shape(first: Circuit, second: Circuit) -> bool:
    """Whether two circuits differ in their angles only."""
    columns = ("opcodes", "qubits", "clbits", "condition_offsets", "condition_bits", "condition_values")
    same = all(np.array_equal(getattr(first, name), getattr(second, name)) for name in columns)
    return same and first.num_qubits == second.num_qubits and first.registers == second.registers


def _found(circuit: Circuit, network: Network, *, everywhere: bool, seed: int, effort: Effort) -> FoundCuts:
    """Where to cut; bits that are read stay in the piece that measured them, also where bits could travel in time.

    Args:
        circuit: to cut.
        network: to run on.
        everywhere: whether bits travel in time between any two islands, so that wires are cheaper to cut.
        seed: of the search.
        effort: how long to search.
    """
    capacities = capacities_of(network)
    roomy = [island for island, room in enumerate(capacities) if room]
    if not roomy:
        raise DoesNotFitError(f"`{network.name}` must have data qubits for the pieces of a circuit, but has none")
    bits_travel = everywhere and not len(circuit.condition_bits)
    rooms = [capacities[island] for island in roomy]
    found = find_cuts(circuit, rooms, communication=bits_travel, seed=seed, effort=effort)
    pieces = np.where(found.plan.pieces >= 0, np.array(roomy)[found.plan.pieces], -1)
    found = replace(found, plan=CutPlan(pieces))
    if bits_travel == everywhere:
        return found
    # Its bound is about dearer wires than those that will be cut.
    return replace(found, lower_bound_log_overhead=None, proven_optimal=False)


def _as_given(circuit: Circuit, network: Network, plan: CutPlan, *, measured: bool, joint: bool) -> Cutting:
    """A plan for a circuit as it is; what measures it at the end is where its qubits are."""
    plan.check(circuit)
    if plan.num_pieces > len(network.islands):
        raise DoesNotFitError(
            f"`plan` must have at most {len(network.islands)} pieces, one for each island, but has {plan.num_pieces}"
        )
    last = np.zeros(circuit.num_qubits, dtype=np.int32)
    rows, operands = occurrences(circuit)
    for row, operand in zip(rows.tolist(), operands.tolist(), strict=True):
        last[circuit.qubits[row, operand]] = plan.pieces[row, operand]
    whole = circuit.measured() if measured else _all_read(circuit)
    added = whole.qubits[len(circuit) :, 0]
    read = np.column_stack([last[added], np.full(len(added), -1, dtype=np.int32)])
    extended = CutPlan(
        np.concatenate([plan.pieces, read]), np.append(plan.within, np.zeros(len(added), dtype=np.bool_))
    )
    bare, kept = (whole, extended) if measured else (circuit, plan)
    ends = np.arange(circuit.num_qubits)
    talking = talking_islands(network)
    cutting = Cutting(circuit, network, bare, ends, kept, None, as_given=True, measured=measured, _talking=talking)
    return _cheapest_that_fits(cutting, whole, extended, joint=joint)


def _cheapest_that_fits(cutting: Cutting, searched: Circuit, plan: CutPlan, *, joint: bool) -> Cutting:
    """Cuts that are made together may keep qubits for longer, and some want ancillas: where there is no room, they do without.

    Raises:
        DoesNotFitError: if there is none even for cuts one by one, without ancillas.
    """
    ways = [replace(cutting, joint=a, ancillas=b) for a in dict.fromkeys((joint, False)) for b in (True, False)]
    refusal: DoesNotFitError | None = None
    for way in sorted(ways, key=lambda way: way.overhead):
        try:
            way.pieces(searched, plan, way.cuts_of(searched, plan))
        except DoesNotFitError as error:
            refusal = error
        else:
            return way
    assert refusal is not None
    raise refusal


def _all_read(circuit: Circuit) -> Circuit:
    """Every qubit that is used is measured at the end, whatever the observables will be."""
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name)
    builder.add_bits(circuit.num_clbits)
    builder.extend(circuit)
    for qubit in np.unique(circuit.qubits[circuit.qubits >= 0]).tolist():
        builder.measure(qubit, builder.add_bits(1)[0])
    return builder.build()


def _with_bits(circuit: Circuit, of: Circuit) -> Circuit:
    """A circuit with the classical bits of another, which are its first."""
    return replace(circuit, num_clbits=of.num_clbits, registers=of.registers)
