"""Gates on two wires that stand for runs of parts, and what becomes of one when Paulis strike between its parts.

A shot with faults is the ideal circuit with a few of its gates replaced by *variants*: the same parts with Paulis between them. Two
variants with the same matrix are the same, however they came about; one that equals the gate itself is no fault.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import PAULIS, Matrix
from weft.simulator.dense.data_circuit import DataCircuit, Insertion, Part
from weft.simulator.dense.lanes import LANE_BITS
from weft.simulator.dense.state import coefficients_of

_IDENTITY = np.eye(2, dtype=np.complex128)
_SMALL_STATE = 12  # qubits; up to here no gate should have to shuffle lanes
_DIGITS = 6  # to which matrices are compared: that of single precision

History = tuple[tuple[int, int], ...]
"""What makes a state differ from the ideal one: gates, ascending, and the number of the variant that took the place of each."""


class FusedCircuit:
    """A data circuit as gates on two qubits of a dense state.

    Attributes:
        qubits: of the state. Some low ones may be in |0⟩ for ever, so that small states fill the lanes of the processor.
        first (int64 array, shape (gates,)): the lower qubit of each gate.
        second (int64 array, shape (gates,)): the higher.
        matrices (complex array, shape (gates, 4, 4)): on |second, first⟩.
        coefficients (float32 array, shape (gates, 4, 4, 2, 16)): what the kernels read.
    """

    def __init__(self, circuit: DataCircuit) -> None:
        self._parts = circuit.parts
        self.qubits = max(circuit.wires, min(circuit.wires + LANE_BITS, _SMALL_STATE))
        self._idle = self.qubits - circuit.wires
        self._members = _fused(circuit.parts, circuit.wires)
        self._gate_of = {part: gate for gate, members in enumerate(self._members) for part in members}
        places = [self._qubits_of(members) for members in self._members]
        self.first, self.second = np.array(places, dtype=np.int64).reshape(-1, 2).T.copy()
        products = [self._product(gate, ()) for gate in range(len(places))]
        self.matrices = np.array(products, dtype=np.complex128).reshape(-1, 4, 4)
        self.coefficients = coefficients_of(self.matrices, self.first, self.second)
        self._numbers: list[dict[bytes, int]] = [{_fingerprint(matrix): 0} for matrix in self.matrices]
        self._variants: list[list[Matrix]] = [[matrix] for matrix in self.matrices]
        self._known: dict[tuple[Insertion, ...], int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.first)

    def qubit(self, wire: int) -> int:
        """Where a wire is in the state."""
        return wire + self._idle

    def variant(self, gate: int, number: int) -> Matrix:
        """The matrix of a variant, shape (4, 4), on |second, first⟩."""
        return self._variants[gate][number]

    def history(self, insertions: Iterable[Insertion]) -> History:
        """What Paulis make of the circuit, up to a phase."""
        by_gate: dict[int, list[Insertion]] = {}
        for insertion in sorted(insertions):
            by_gate.setdefault(self._gate_of[insertion.part], []).append(insertion)
        found = ((gate, self._number(gate, tuple(by_gate[gate]))) for gate in sorted(by_gate))
        return tuple((gate, number) for gate, number in found if number)

    def _number(self, gate: int, insertions: tuple[Insertion, ...]) -> int:
        known = self._known.get(insertions)
        if known is not None:
            return known
        matrix = self._product(gate, insertions)
        with self._lock:  # batches on several threads share the circuit
            numbers = self._numbers[gate]
            number = numbers.setdefault(_fingerprint(matrix), len(numbers))
            if number == len(self._variants[gate]):
                self._variants[gate].append(matrix)
            self._known[insertions] = number
        return number

    def _qubits_of(self, members: Sequence[int]) -> tuple[int, int]:
        qubits = sorted({self.qubit(wire) for member in members for wire in self._parts[member].wires})
        if len(qubits) == 1:
            qubits = sorted((*qubits, 0 if qubits[0] else 1))
        return qubits[0], qubits[1]

    def _product(self, gate: int, insertions: Sequence[Insertion]) -> Matrix:
        product = np.eye(4, dtype=np.complex128)
        for member in self._members[gate]:
            wires = self._parts[member].wires
            for insertion in insertions:
                if insertion.part == member:
                    product = self._embedded(gate, Part((wires[insertion.operand],), PAULIS[insertion.pauli])) @ product
            product = self._embedded(gate, self._parts[member]) @ product
        return product

    def _embedded(self, gate: int, part: Part) -> Matrix:
        """The matrix of a part on |second, first⟩ of its gate."""
        _, second = self._qubits_of(self._members[gate])
        at_second = self.qubit(part.wires[0]) == second
        if len(part.wires) == 1:
            factors = (part.matrix, _IDENTITY) if at_second else (_IDENTITY, part.matrix)
            # What `np.kron` gives, in a tenth of its time.
            product = factors[0][:, None, :, None] * factors[1][None, :, None, :]
            return np.asarray(product.reshape(4, 4), dtype=np.complex128)
        return part.matrix if at_second else part.matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


def _fused(parts: Sequence[Part], wires: int) -> list[list[int]]:
    """The parts of each gate: a part joins the gate before it, if that is the last one on all of its wires."""
    gates: list[list[int]] = []
    last = [-1] * wires
    waiting: list[list[int]] = [[] for _ in range(wires)]  # before the first gate of a wire
    for number, part in enumerate(parts):
        before = {last[wire] for wire in part.wires}
        if before == {-1} and len(part.wires) == 1:
            waiting[part.wires[0]].append(number)
        elif len(before) == 1 and before != {-1}:
            gates[before.pop()].append(number)
        else:
            gates.append([*(early for wire in part.wires for early in waiting[wire]), number])
            for wire in part.wires:
                waiting[wire].clear()
                last[wire] = len(gates) - 1
    return gates + [early for early in waiting if early]


def _fingerprint(matrix: Matrix) -> bytes:
    """Equal for matrices that differ by a phase only, but for rounding."""
    flat = matrix.reshape(-1)
    pivot = flat[np.argmax(np.abs(flat) > 0.25)]  # a unitary has an entry of 1/2 at least
    rounded: NDArray[np.complex128] = np.round(matrix * (abs(pivot) / pivot), _DIGITS) + 0
    return rounded.tobytes()
