"""Shots on a dense state: from faults to histories, and from final states to bits and overlaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.program import Program
from weft.simulator.backend import STAGES, Batch, is_static
from weft.simulator.classical_fidelity import sampled_batch
from weft.simulator.dense.data_circuit import DataCircuit, Insertion
from weft.simulator.dense.fused_circuit import FusedCircuit, History
from weft.simulator.dense.trajectory_tree import Wanted, follow
from weft.simulator.faults import Faults


class DensePlan:
    """What is the same for every batch of a program.

    Attributes:
        circuit: on data qubits.
        fused: the same as gates on two qubits.
    """

    def __init__(self, circuit: DataCircuit) -> None:
        self.circuit = circuit
        self.fused = FusedCircuit(circuit)
        self._flips: dict[int, list[int]] = {}
        for number, output in enumerate(circuit.outputs):
            for variable in output.variables:
                self._flips.setdefault(variable, []).append(number)

    def history(self, variables: set[int]) -> History:
        """What variables make of the state."""
        insertions: set[Insertion] = set()
        for variable in variables:
            insertions ^= set(self.circuit.insertions.get(variable, ()))
        return self.fused.history(insertions)

    def is_orthogonal(self, variables: set[int]) -> bool:
        """Whether variables make the state orthogonal to the ideal one, whatever the history."""
        return any(len(check & variables) % 2 for check in self.circuit.checks)

    def flip(self, variables: set[int], outputs: NDArray[np.uint8]) -> None:
        """Turns over the outputs that variables turn over."""
        for variable in variables:
            for number in self._flips.get(variable, ()):
                outputs[number] ^= 1

    def readings(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The outputs in basis states of the dense state, shape (…, outputs)."""
        readings = np.empty((*indices.shape, len(self.circuit.outputs)), dtype=np.uint8)
        for number, output in enumerate(self.circuit.outputs):
            mask = sum(1 << self.fused.qubit(wire) for wire in output.wires)
            readings[..., number] = (np.bitwise_count(indices & mask) & 1) ^ output.flipped
        return readings


def run_dense(program: Program, plan: DensePlan, faults: Faults, shots: int, key: int) -> Batch:
    """Runs a batch of shots.

    Args:
        program: that is executed.
        plan: of the program.
        faults: of the batch.
        shots: how many.
        key: of random numbers.
    """
    static = is_static(program)
    tellings = _Tellings(plan, faults, shots)
    draws = np.random.default_rng(key).random(shots)
    is_read = np.zeros((STAGES, shots), dtype=np.bool_)
    is_read[STAGES - 1 if static else 0 :] = True
    overlaps, indices = _followed(plan, tellings, draws, is_read)
    outputs = plan.readings(indices) ^ tellings.flips
    bits = np.zeros((STAGES, shots, program.num_clbits), dtype=np.uint8)
    bits[..., program.bits[[output.row for output in plan.circuit.outputs]]] = outputs
    if static:
        return Batch(bits[-1], np.where(tellings.orthogonal, 0.0, overlaps), None)
    return sampled_batch(list(bits))


class _Tellings:
    """What the faults of each shot do at each stage of the error budget.

    Attributes:
        histories: all that occur; the first is that of the ideal state.
        history (int64 array, shape (STAGES, shots)): which one.
        orthogonal (bool array, shape (STAGES, shots)): whether the state is orthogonal to the ideal one besides.
        flips (uint8 array, shape (STAGES, shots, outputs)): the outputs that are turned over besides.
    """

    def __init__(self, plan: DensePlan, faults: Faults, shots: int) -> None:
        self._plan = plan
        self._numbers: dict[History, int] = {(): 0}
        self.history = np.zeros((STAGES, shots), dtype=np.int64)
        self.orthogonal = np.zeros((STAGES, shots), dtype=np.bool_)
        self.flips = np.zeros((STAGES, shots, len(plan.circuit.outputs)), dtype=np.uint8)
        columns = zip(*(getattr(faults, name).tolist() for name in ("row", "when", "qubit", "pauli")), strict=True)
        of_fault = plan.circuit.slots.of_fault
        set_by = [of_fault(*columns_of_one) for columns_of_one in columns]
        stages = (faults.cause.astype(np.int64) + 1).tolist()
        for shot in np.flatnonzero(np.diff(faults.offsets)).tolist():
            span = range(faults.offsets[shot], faults.offsets[shot + 1])
            self._tell(shot, [(stages[fault], set_by[fault]) for fault in span])
        self.histories = list(self._numbers)

    def _tell(self, shot: int, faults: list[tuple[int, list[int]]]) -> None:
        variables: set[int] = set()
        for stage in sorted({stage for stage, _ in faults}):
            for first_stage, of_fault in faults:
                if first_stage == stage:
                    variables ^= set(of_fault)
            history = self._plan.history(variables)
            self.history[stage:, shot] = self._numbers.setdefault(history, len(self._numbers))
            self.orthogonal[stage:, shot] = self._plan.is_orthogonal(variables)
            self.flips[stage:, shot] = 0
            self._plan.flip(variables, self.flips[stage, shot])
            self.flips[stage:, shot] = self.flips[stage, shot]


def _followed(
    plan: DensePlan, tellings: _Tellings, draws: NDArray[np.float64], is_read: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The overlap of each state, and the basis state that it was found in where `is_read`; both of shape (STAGES, shots)."""
    stages, shots = np.nonzero(is_read)
    order = np.argsort(tellings.history[stages, shots], kind="stable")
    stages, shots = stages[order], shots[order]
    edges = np.searchsorted(tellings.history[stages, shots], np.arange(len(tellings.histories) + 1))
    wanted = [
        Wanted(history, draws[shots[edges[number] : edges[number + 1]]])
        for number, history in enumerate(tellings.histories)
    ]
    found = follow(plan.fused, wanted)
    indices = np.zeros(is_read.shape, dtype=np.int64)
    indices[stages, shots] = np.concatenate([state.indices for state in found])
    return np.array([state.overlap for state in found])[tellings.history], indices
