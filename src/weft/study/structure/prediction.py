"""What a Pauli on half of a pair costs, from the circuit's own state and nothing sampled.

Once communication qubits are traced out (`simulator/tracing_out.py`), a Pauli on a half is one Pauli or a few on the wires of the
circuit: a Z is a Z on the qubit that is copied; an X turns over what the gates that use the copy see. Where that makes one gate
another one, V for U, its two qubits tell the fidelity that is left, |Tr(ρ U†V)|²; where several, the struck state is followed from
the first to the last of them and overlapped there with the ideal one: |⟨ψ|E|ψ⟩|², where E is what the Paulis amount to. Gates
are those of `simulator/fused_circuit.py`, fewer by far than those of the program, and faults that amount to the same are followed
once. Clifford programs need no state vector: `pauli_frames.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from weft.program import Pauli, Program
from weft.simulator.dense.data_circuit import DataCircuit, Insertion
from weft.simulator.dense.fused_circuit import FusedCircuit, History
from weft.simulator.dense.state import (
    apply_gate,
    apply_gates,
    coefficients_of,
    overlap_and_weight,
    reduced_density,
    zero_state,
)
from weft.simulator.dense.tracing_out import trace_out
from weft.simulator.faults import AFTER
from weft.study.structure.pauli_frames import is_clifford_program, losses_of_frames

MOST_WIRES = 20
"""Of a state vector; Clifford programs may have any number of qubits."""

_MOST_CELLS = 2**28  # of Pauli frames, a byte each
_MOST_STORED = 2**25  # amplitudes; 256 MB
_MOST_AMPLITUDES = 3e10  # that gates pass over; about ten seconds

PAULIS = (Pauli.X, Pauli.Y, Pauli.Z)

State = NDArray[np.float32]


def predicted_losses(program: Program, pair_rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The fidelity lost if X, Y or Z strikes the second half of a pair as it is made, shape (pairs, 3).

    Args:
        program: perfect but for that, with one ideal state before its final measurements, and without blocks that run again.
        pair_rows: its rows that take the pairs asked about.

    Returns:
        The losses; None if the program is not Clifford, and either too large, or more than a circuit on data qubits and
        teleportations that `trace_out` can follow. If all would take too long, those of some pairs, evenly spread; NaN for the
        others.
    """
    losses = np.full((len(pair_rows), len(PAULIS)), np.nan)
    if is_clifford_program(program):
        cells = len(PAULIS) * (2 * program.num_qubits + program.num_bits)
        chosen = _spread(len(pair_rows), _MOST_CELLS // cells)
        losses[chosen] = losses_of_frames(program, pair_rows[chosen], PAULIS)
        return losses
    circuit = trace_out(program, MOST_WIRES)
    if circuit is None:
        return None
    fused = FusedCircuit(circuit)
    losses[...] = 0.0
    faults: dict[tuple[int, int], History] = {}
    for place, row in enumerate(pair_rows.tolist()):
        for kind, pauli in enumerate(PAULIS):
            variables = set(circuit.slots.of_fault(row, AFTER, int(program.qubits[row, 1]), pauli))
            if any(len(check & variables) % 2 for check in circuit.checks):
                losses[place, kind] = 1.0
            else:
                faults[place, kind] = fused.history(_insertions(circuit, variables))
    steps = sum(1 + history[-1][0] - history[0][0] for history in set(faults.values()) if history)
    share = _MOST_AMPLITUDES / (steps * 2.0**fused.qubits + 1)
    followed = _spread(len(pair_rows), int(min(share, 1.0) * len(pair_rows)))
    losses[~followed] = np.nan
    kept = _overlaps(fused, {history for (place, _), history in faults.items() if followed[place]})
    for (place, kind), history in faults.items():
        if followed[place]:
            losses[place, kind] = max(0.0, 1 - kept[history])
    return losses


def _spread(count: int, most: int) -> NDArray[np.bool_]:
    """Which of some pairs are chosen if at most so many may be, but at least one; evenly spread; shape (count,)."""
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[np.linspace(0, count - 1, min(max(most, 1), count)).round().astype(np.int64)] = True
    return chosen


def _insertions(circuit: DataCircuit, variables: Iterable[int]) -> set[Insertion]:
    """What variables do; Paulis that cancel are gone."""
    insertions: set[Insertion] = set()
    for variable in variables:
        insertions ^= set(circuit.insertions.get(variable, ()))
    return insertions


def _overlaps(fused: FusedCircuit, histories: set[History]) -> dict[History, float]:
    """|⟨ideal|struck⟩|² of each history, after the last gate that it changes; 1 of the one that changes none."""
    kept: dict[History, float] = {(): 1.0}
    ordered = sorted(histories - {()})
    at_once = max(1, _MOST_STORED >> fused.qubits)
    for low in range(0, len(ordered), at_once):
        kept |= _overlaps_of_some(fused, ordered[low : low + at_once])
    return kept


def _overlaps_of_some(fused: FusedCircuit, histories: list[History]) -> dict[History, float]:
    """The same of as many as may be stored. The ideal state stops where one of them begins or ends."""
    kept: dict[History, float] = {}
    beginning, ending = (defaultdict[int, list[History]](list) for _ in range(2))
    for history in histories:
        beginning[history[0][0]].append(history)
        ending[history[-1][0]].append(history)
    ideal, at = zero_state(fused.qubits), 0
    struck: dict[History, State] = {}
    for gate in sorted({*beginning, *ending}):
        _advance(fused, ideal, at, gate)
        for history in beginning[gate]:
            if len(history) == 1:
                kept[history] = _overlap_at(fused, ideal, *history[0])
            else:
                struck[history] = _struck(fused, ideal, history)
        _advance(fused, ideal, gate, gate + 1)
        at = gate + 1
        for history in ending[gate]:
            if history in struck:
                overlap, weight = overlap_and_weight(struck.pop(history), ideal)
                kept[history] = overlap / weight**2  # rounding has moved both weights from 1 alike
    return kept


def _advance(fused: FusedCircuit, state: State, low: int, high: int) -> None:
    apply_gates(state, fused.first, fused.second, fused.coefficients, low, high)


def _overlap_at(fused: FusedCircuit, ideal: State, gate: int, variant: int) -> float:
    """Where one gate only is another one, its two qubits tell: |Tr(ρ U†V)|²."""
    density = reduced_density(ideal, fused.first[gate], fused.second[gate])
    change = fused.matrices[gate].conj().T @ fused.variant(gate, variant)
    return float(abs(np.trace(density @ change) / np.trace(density)) ** 2)


def _struck(fused: FusedCircuit, ideal: State, history: History) -> State:
    """What becomes of the state before the first gate that is another one, until after the last one."""
    state, at = ideal.copy(), history[0][0]
    for gate, number in history:
        _advance(fused, state, at, gate)
        first, second = fused.first[gate], fused.second[gate]
        coefficients = coefficients_of(fused.variant(gate, number)[None], [first], [second])[0]
        apply_gate(state, state, first, second, coefficients)
        at = gate + 1
    return state
