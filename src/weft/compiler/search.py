"""The search for the cheapest program, attempt by attempt: homes → packets → presence → plan → program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES
from weft.compiler.anneal import Refiner, cost_of
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.emit import emit
from weft.compiler.forms import diagonal_form
from weft.compiler.objective import Objective, cost_of_program, prices_of
from weft.compiler.packets import choose_packets
from weft.compiler.partition import Partitioner, hypergraph_of
from weft.compiler.placement import place
from weft.compiler.plan import Plan, plan_packets, plan_presence
from weft.compiler.presence import Presence, layout_of
from weft.compiler.qpu_sets import MOST_QPUS
from weft.compiler.routes import Routes
from weft.compiler.segments import find_segments
from weft.errors import DoesNotFitError
from weft.network import Network
from weft.program import Program


class Search:
    """The search for the cheapest program, attempt by attempt."""

    def __init__(
        self, circuit: Circuit, network: Network, objective: Objective, partitioners: Sequence[Partitioner], seed: int
    ) -> None:
        self.circuit, self.whole = with_teleportable_gates(circuit)
        self.segments = find_segments(self.circuit)
        self.hypergraph = hypergraph_of(self.circuit, self.segments)
        self.prices = prices_of(objective, network)
        self.routes = Routes(network, self.prices)
        self.partitioners = partitioners
        self.seed = seed
        self.rows = np.flatnonzero(self.circuit.qubits[:, 1] >= 0)
        self.copyable = _copyable(self.circuit, self.rows)
        self.capacities = np.array([qpu.data_qubits for qpu in network.qpus])
        # What a plan costs is known beforehand only where copies never have to give way.
        self.is_scarce = any(qpu.communication_qubits is not None for qpu in network.qpus)
        self._homes: dict[tuple[int, int], NDArray[np.int64]] = {}
        self.best: Program | None = None
        self.plan: Plan | None = None  # of the best
        self.cost = np.inf

    def run(self, attempts: Sequence[Refiner]) -> Program:
        """The cheapest program that any attempt finds.

        Raises:
            DoesNotFitError: if none can be carried out.
        """
        layout = None
        if len(self.capacities) <= MOST_QPUS:
            layout = layout_of(self.segments, self.capacities, self.routes.lengths)
        for attempt, refiner in enumerate(attempts):
            homes = self.homes(attempt)
            packets = choose_packets(self.circuit.qubits, self.segments, homes)
            if layout is not None:
                # The best packets are where annealing gets stuck soonest: only the first attempt begins there.
                start = (
                    Presence.at(homes, self.segments) if attempt else Presence.of_packets(homes, self.segments, packets)
                )
                presence = refiner.refine(layout, start, self.seed + attempt)
                if self.is_scarce or cost_of(layout, presence) < self.cost:
                    self.consider(plan_presence(self.segments, presence, len(self.capacities), self.copyable))
            if layout is None or self.is_scarce:
                self.consider(plan_packets(self.segments, homes, packets, self.rows))
            if self.cost == 0:
                break
        if self.best is None:
            # Raises the reason.
            return emit(
                self.circuit, self.routes, self.segments, plan_packets(self.segments, homes, packets, self.rows)
            )
        return self.best

    def homes(self, attempt: int) -> NDArray[np.int64]:
        """Where qubits begin: as the partitioners say, in turn."""
        turn, seed = attempt % len(self.partitioners), self.seed + attempt // 4
        if (turn, seed) not in self._homes:
            self._homes[turn, seed] = place(
                self.circuit, self.segments, self.hypergraph, self.routes, self.partitioners[turn], seed=seed
            )
        return self._homes[turn, seed]

    def consider(self, plan: Plan) -> None:
        """Keeps the program of a plan if it can be carried out and is cheaper than the best."""
        try:
            program = emit(self.circuit, self.routes, self.segments, plan, self.whole)
        except DoesNotFitError:
            return
        cost = cost_of_program(program, self.prices)
        if cost < self.cost:
            self.best, self.cost, self.plan = program, cost, plan


def _copyable(circuit: Circuit, rows: np.ndarray) -> np.ndarray:
    """For each two-qubit gate, which operands it is diagonal on as it stands."""
    codes, angles = circuit.opcodes[rows].tolist(), circuit.angles[rows].tolist()
    forms = [diagonal_form(code, tuple(turns[: GATES[code].angles])) for code, turns in zip(codes, angles, strict=True)]
    return np.array([[basis is None for basis in form.before] for form in forms], dtype=np.bool_).reshape(-1, 2)
