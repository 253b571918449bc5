"""Dense trajectories of many shots as one tree, in which shots share what they have in common.

The trunk is the ideal state. Where a history has its first fault, the state branches off; branches part again where histories
do, depth first, so that few states are there at a time. Equal histories are one leaf. The overlap of a history with a single fault
needs no branch: it is the mean of the fault in the ideal state just before it, |Tr(ρ U†V)|², with ρ the reduced state of the two
qubits of gate U, and V what took its place.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.simulator.dense.fused_circuit import FusedCircuit, History
from weft.simulator.dense.state import (
    apply_gate,
    apply_gates,
    coefficients_of,
    overlap_and_weight,
    reduced_density,
    sample,
    zero_state,
)
from weft.simulator.threads import threads_here

State = NDArray[np.float32]

_AMPLITUDES_AT_ONCE = 2**28  # of all branches that are followed side by side
_SMALL = 13  # qubits, up to which to hand a branch to another thread takes longer than to follow it


@dataclass(frozen=True)
class Wanted:
    """A state that is asked for, and what of it.

    Attributes:
        history: what makes it differ from the ideal state.
        draws (float array): numbers in [0, 1), one for each time that all its qubits are to be measured.
    """

    history: History
    draws: NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What was asked of a state.

    Attributes:
        overlap: |⟨ideal|state⟩|².
        indices (int64 array): the basis states that measurements gave, one for each draw.
    """

    overlap: float
    indices: NDArray[np.int64]


def follow(circuit: FusedCircuit, wanted: Sequence[Wanted]) -> list[Found]:
    """Follows all histories, which must differ from each other, and answers in their order.

    Memory: 8 bytes per amplitude, for the ideal state twice and for each branch; a branch takes more states only where histories
    part that have a fault in common.
    """
    return _Tree(circuit, wanted).run()


class _Tree:
    def __init__(self, circuit: FusedCircuit, wanted: Sequence[Wanted]) -> None:
        self.circuit = circuit
        self.wanted = wanted
        self.found: list[Found | None] = [None] * len(wanted)
        self.ideal = zero_state(circuit.qubits)
        self.advance(self.ideal, 0, len(circuit))
        self.ideal_weight = overlap_and_weight(self.ideal, self.ideal)[1]

    def run(self) -> list[Found]:
        side_by_side = max(min(threads_here(), _AMPLITUDES_AT_ONCE >> self.circuit.qubits), 1)
        if side_by_side == 1 or self.circuit.qubits <= _SMALL:
            self.grow_trunk(None, 1)
            return [found for found in self.found if found is not None]
        with ThreadPoolExecutor(max_workers=side_by_side) as pool:
            try:
                self.grow_trunk(pool, side_by_side)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return [found for found in self.found if found is not None]

    def advance(self, state: State, low: int, high: int) -> None:
        circuit = self.circuit
        apply_gates(state, circuit.first, circuit.second, circuit.coefficients, low, high)

    def grow_trunk(self, pool: ThreadPoolExecutor | None, side_by_side: int) -> None:
        """Walks the ideal state from fault to fault and sends off the branches; follows them itself where there is no pool."""
        branching: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for index, wanted in enumerate(self.wanted):
            if wanted.history:
                gate, variant = wanted.history[0]
                branching[gate][variant].append(index)
            else:
                self.arrive(index, self.ideal)
        trunk, at = zero_state(self.circuit.qubits), 0
        running: deque[Future[None]] = deque()
        for gate in sorted(branching):
            self.advance(trunk, at, gate)
            at = gate
            short = [index for variant in branching[gate].values() for index in variant if self.is_short(index)]
            self.answer_short(trunk, gate, short)
            for variant, members in branching[gate].items():
                longer = [index for index in members if not self.is_short(index)]
                if not longer:
                    continue
                while len(running) >= side_by_side:
                    running.popleft().result()
                branch = self.branched(trunk, gate, variant)
                if pool is None:
                    self.descend(branch, gate + 1, longer, 1)
                else:
                    running.append(pool.submit(self.descend, branch, gate + 1, longer, 1))
        for future in running:
            future.result()

    def is_short(self, index: int) -> bool:
        """Whether a history has one fault, and only its overlap is asked for."""
        return len(self.wanted[index].history) == 1 and not len(self.wanted[index].draws)

    def answer_short(self, trunk: State, gate: int, indices: Sequence[int]) -> None:
        if not indices:
            return
        circuit = self.circuit
        density = reduced_density(trunk, circuit.first[gate], circuit.second[gate])
        undone = density @ circuit.matrices[gate].conj().T / np.trace(density).real
        for index in indices:
            ((_, number),) = self.wanted[index].history
            overlap = abs(np.trace(undone @ circuit.variant(gate, number))) ** 2
            self.found[index] = Found(float(overlap), np.zeros(0, dtype=np.int64))

    def branched(self, state: State, gate: int, variant: int, *, in_place: bool = False) -> State:
        """The state after a variant of a gate."""
        circuit = self.circuit
        first, second = circuit.first[gate], circuit.second[gate]
        coefficients = coefficients_of(circuit.variant(gate, variant)[None], [first], [second])[0]
        new = state if in_place else np.empty_like(state)
        apply_gate(state, new, first, second, coefficients)
        return new

    def descend(self, state: State, at: int, members: list[int], depth: int) -> None:
        """Follows histories that share their first `depth` faults, from a state before gate `at` that has them."""
        while True:
            going_on = [index for index in members if len(self.wanted[index].history) > depth]
            if not going_on:
                break
            gate = min(self.wanted[index].history[depth][0] for index in going_on)
            self.advance(state, at, gate)
            branches: dict[int, list[int]] = defaultdict(list)
            for index in going_on:
                if self.wanted[index].history[depth][0] == gate:
                    branches[self.wanted[index].history[depth][1]].append(index)
            parted = {index for branch in branches.values() for index in branch}
            members = [index for index in members if index not in parted]
            for number, (variant, branch) in enumerate(branches.items()):
                last = not members and number == len(branches) - 1
                self.descend(self.branched(state, gate, variant, in_place=last), gate + 1, branch, depth + 1)
            if not members:
                return
            at = gate
        self.advance(state, at, len(self.circuit))
        self.arrive(members[0], state)

    def arrive(self, index: int, state: State) -> None:
        """Answers what is asked of a final state."""
        draws = self.wanted[index].draws
        order = np.argsort(draws)
        indices = np.empty(len(draws), dtype=np.int64)
        indices[order] = sample(state, draws[order])
        overlap, weight = overlap_and_weight(state, self.ideal)
        self.found[index] = Found(overlap / (weight * self.ideal_weight), indices)
