"""What a Pauli on half of a pair costs, from the circuit's own state and nothing sampled.

Once communication qubits are traced out (`simulator/tracing_out.py`), a Pauli on a half is one Pauli or a few on the wires of the
circuit: a Z is a Z on the qubit that is copied; an X turns over what the gates that use the copy see. With one place, where the
state is |ψ⟩, the fidelity left is ⟨ψ|P|ψ⟩²; with several, the state that is struck in all of them is followed from the first to
the last and overlapped there with the one that is not: |⟨ψ|E|ψ⟩|², where E is what the Paulis amount to. Clifford programs need
no state vector: `pauli_frames.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix
from weft.program import Pauli, Program
from weft.simulator.dense.data_circuit import DataCircuit, Insertion, Part
from weft.simulator.dense.lanes import LANE_BITS
from weft.simulator.dense.state import apply_gates, coefficients_of, overlap_and_weight, zero_state
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
Strikes = dict[int, list[tuple[int, Pauli]]]
"""Paulis on wires, X or Z each, by the part that they stand before."""


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
    losses[...] = 0.0
    faults: dict[tuple[int, int], Strikes] = {}
    for place, row in enumerate(pair_rows.tolist()):
        for kind, pauli in enumerate(PAULIS):
            variables = set(circuit.slots.of_fault(row, AFTER, int(program.qubits[row, 1]), pauli))
            if any(len(check & variables) % 2 for check in circuit.checks):
                losses[place, kind] = 1.0
            else:
                faults[place, kind] = _strikes(circuit, variables)
    steps = sum(1 + max(strikes) - min(strikes) for strikes in faults.values() if strikes)
    share = _MOST_AMPLITUDES / (steps * 2.0**circuit.wires + 1)
    followed = _spread(len(pair_rows), int(min(share, 1.0) * len(pair_rows)))
    losses[~followed] = np.nan
    keys = sorted((key for key in faults if followed[key[0]]), key=lambda key: min(faults[key], default=0))
    at_once = max(1, _MOST_STORED >> circuit.wires)
    for low in range(0, len(keys), at_once):
        some = {key: faults[key] for key in keys[low : low + at_once]}
        for key, kept in _overlaps(circuit, some).items():
            losses[key] = max(0.0, 1 - kept)
    return losses


def _spread(count: int, most: int) -> NDArray[np.bool_]:
    """Which of some pairs are chosen if at most so many may be, but at least one; evenly spread; shape (count,)."""
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[np.linspace(0, count - 1, min(max(most, 1), count)).round().astype(np.int64)] = True
    return chosen


def _strikes(circuit: DataCircuit, variables: Iterable[int]) -> Strikes:
    """What variables do; Paulis that cancel are gone."""
    insertions: set[Insertion] = set()
    for variable in variables:
        insertions ^= set(circuit.insertions.get(variable, ()))
    found: Strikes = defaultdict(list)
    for insertion in sorted(insertions):
        wire = circuit.parts[insertion.part].wires[insertion.operand]
        found[insertion.part].append((wire, insertion.pauli))
    return dict(found)


def _overlaps(circuit: DataCircuit, faults: dict[tuple[int, int], Strikes]) -> dict[tuple[int, int], float]:
    """|⟨ideal|struck⟩|² of each fault, at the last place where it strikes; 1 for those that strike nowhere."""
    kept = {key: 1.0 for key, strikes in faults.items() if not strikes}
    beginning: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, strikes in faults.items():
        if strikes:
            beginning[min(strikes)].append(key)
    gates = _Gates(circuit)
    ideal = zero_state(gates.width)
    struck: dict[tuple[int, int], State] = {}
    for number in range(len(circuit.parts)):
        struck |= {key: ideal.copy() for key in beginning.get(number, ())}
        for key, state in list(struck.items()):
            struck[key] = _with_paulis(state, faults[key].get(number, ()))
            if number == max(faults[key]):
                overlap, weight = overlap_and_weight(struck.pop(key), ideal)
                kept[key] = overlap / weight**2  # rounding has moved both weights from 1 alike
        for state in (ideal, *struck.values()):
            gates.apply(number, state)
    return kept


class _Gates:
    """The parts of a circuit as gates on two qubits of a dense state, wire k in bit k."""

    def __init__(self, circuit: DataCircuit) -> None:
        self.width = max(circuit.wires, LANE_BITS + 1)
        embedded = [_embedded(part) for part in circuit.parts]
        self._lower, self._higher = np.array([gate[:2] for gate in embedded], dtype=np.int64).reshape(-1, 2).T.copy()
        matrices = np.array([gate[2] for gate in embedded]).reshape(-1, 4, 4)
        self._coefficients = coefficients_of(matrices, self._lower, self._higher)

    def apply(self, part: int, state: State) -> None:
        """Applies a part, in place."""
        apply_gates(state, self._lower, self._higher, self._coefficients, part, part + 1)


def _embedded(part: Part) -> tuple[int, int, Matrix]:
    """Lower and higher qubit, and the matrix on |higher, lower⟩."""
    first, second = (*part.wires, 0 if part.wires[0] else 1)[:2]
    matrix: Matrix = part.matrix if len(part.wires) == 2 else np.kron(part.matrix, np.eye(2))  # type: ignore[assignment]
    if first > second:
        return second, first, matrix
    return first, second, matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


def _with_paulis(state: State, paulis: Iterable[tuple[int, Pauli]]) -> State:
    for wire, pauli in paulis:
        by_bit = state.reshape(2, -1, 2, 1 << wire)
        if pauli == Pauli.X:
            state = np.ascontiguousarray(by_bit[:, :, ::-1]).reshape(state.shape)
        else:
            by_bit[:, :, 1] *= -1
    return state
