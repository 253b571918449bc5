"""Shows that a program computes its circuit; shares no code with the compiler.

`replay` undoes every teleportation of the program. The logical circuit that is left is compared here with the original, wire
by wire, classical bits being wires too. A run of logical gates may stand for one gate of the circuit if the product of their
matrices is the same unitary up to a phase. Linear in the number of instructions.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET, Matrix, matrix_of
from weft.errors import VerificationError
from weft.program.program import Program
from weft.program.replay import LogicalInstruction, replay

_LONGEST_RUN = 40
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Verification:
    """How a program was verified.

    Attributes:
        method: `replay`.
        passed: always true for a program that a compiler returned.
    """

    method: str
    passed: bool


def verify(program: Program, circuit: Circuit) -> Verification:
    """Checks that a program computes a circuit.

    Raises:
        VerificationError: naming the first instruction where the two differ.
    """
    if program.registers != circuit.registers or program.num_clbits != circuit.num_clbits:
        raise VerificationError("the program must have the classical registers of its circuit, but has others")
    _Comparison(circuit, replay(program, circuit.num_qubits)).run()
    return Verification("replay", passed=True)


class _Comparison:
    """Consumes the logical instructions wire by wire while walking the circuit."""

    def __init__(self, circuit: Circuit, logical: list[LogicalInstruction]) -> None:
        self.circuit = circuit
        self.logical = logical
        wires = circuit.num_qubits + circuit.num_clbits
        self.queues: list[deque[int]] = [deque() for _ in range(wires)]
        for position, instruction in enumerate(logical):
            if max(instruction.qubits) >= circuit.num_qubits:
                raise VerificationError("the program must act on the circuit's qubits only, but acts on a spare one")
            for wire in self.wires(instruction):
                self.queues[wire].append(position)

    def wires(self, instruction: LogicalInstruction) -> set[int]:
        base = self.circuit.num_qubits
        bits = {base + bit for bit, _ in instruction.condition}
        if instruction.clbit >= 0:
            bits.add(base + instruction.clbit)
        return bits | set(instruction.qubits)

    def run(self) -> None:
        circuit = self.circuit
        opcodes, qubits = circuit.opcodes.tolist(), circuit.qubits.tolist()
        angles, clbits = circuit.angles.tolist(), circuit.clbits.tolist()
        conditional = (np.diff(circuit.condition_offsets) > 0).tolist()
        for row, code in enumerate(opcodes):
            operands = tuple(qubit for qubit in qubits[row] if qubit >= 0)
            count = 0 if code in {MEASURE, RESET} else GATES[code].angles
            condition = tuple(sorted(circuit.condition(row))) if conditional[row] else ()
            wanted = LogicalInstruction(code, operands, tuple(angles[row][:count]), clbits[row], condition)
            self.consume(row, wanted)
        for wire, queue in enumerate(self.queues):
            if queue:
                raise VerificationError(f"the program must end where its circuit does, but goes on on wire {wire}")

    def consume(self, row: int, wanted: LogicalInstruction) -> None:
        """Takes the logical instructions that stand for one instruction of the circuit."""
        product = np.eye(2 ** len(wanted.qubits), dtype=np.complex128)
        unitary = None if wanted.code in {MEASURE, RESET} else matrix_of(wanted.code, wanted.angles)
        for step in range(_LONGEST_RUN):
            found = self.next_within(wanted)
            if found is None:
                break
            if step == 0 and found == wanted:
                return
            if unitary is None or found.code in {MEASURE, RESET} or found.condition != wanted.condition:
                break
            places = tuple(wanted.qubits.index(qubit) for qubit in found.qubits)
            product = _embedded(found.code, found.angles, places, len(wanted.qubits)) @ product
            if _same_up_to_phase(product, unitary):
                return
        raise VerificationError(
            f"instruction {row} of the circuit must be computed by the program, but it computes something else there"
        )

    def next_within(self, wanted: LogicalInstruction) -> LogicalInstruction | None:
        """Takes the earliest logical instruction that is next on all of its wires and acts on the wanted one's only."""
        allowed = self.wires(wanted)
        for position in sorted(self.queues[qubit][0] for qubit in wanted.qubits if self.queues[qubit]):
            instruction = self.logical[position]
            wires = self.wires(instruction)
            if wires <= allowed and all(self.queues[wire][0] == position for wire in wires):
                for wire in wires:
                    self.queues[wire].popleft()
                return instruction
        return None


@lru_cache(maxsize=65_536)
def _embedded(code: int, angles: tuple[float, ...], places: tuple[int, ...], wires: int) -> Matrix:
    """The matrix of a gate on one or two wires, its operands being at the given places among them."""
    matrix = matrix_of(code, angles)
    if len(places) < wires:
        one = np.eye(2, dtype=np.complex128)
        return (np.kron(matrix, one) if places == (0,) else np.kron(one, matrix)).astype(np.complex128)
    if places == (1, 0):
        return matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
    return matrix


def _same_up_to_phase(first: Matrix, second: Matrix) -> bool:
    overlap = np.vdot(second, first)
    if abs(overlap) < 0.5:
        return False
    return bool(np.max(np.abs(first - second * (overlap / abs(overlap)))) < _TOLERANCE)
