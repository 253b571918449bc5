"""Shows that a program computes its circuit; shares no code with the compiler.

`replay` undoes every teleportation of the program. The logical circuit that is left is compared here with the original, wire
by wire, classical bits being wires too. A run of logical gates may stand for one gate of the circuit if the product of their
matrices is the same unitary up to a phase. Linear in the number of instructions.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

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
        for row, code in enumerate(opcodes):
            operands = tuple(qubit for qubit in qubits[row] if qubit >= 0)
            count = 0 if code in {MEASURE, RESET} else GATES[code].angles
            wanted = LogicalInstruction(
                code, operands, tuple(angles[row][:count]), clbits[row], tuple(sorted(circuit.condition(row)))
            )
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
            product = _embed(found, wanted.qubits) @ product
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
                return replace(instruction, condition=tuple(sorted(instruction.condition)))
        return None


def _embed(instruction: LogicalInstruction, qubits: tuple[int, ...]) -> Matrix:
    """The matrix of an instruction on one or two wires, in the given order of wires."""
    matrix = matrix_of(instruction.code, instruction.angles)
    if len(instruction.qubits) == len(qubits):
        if instruction.qubits == qubits:
            return matrix
        return matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
    if instruction.qubits[0] == qubits[0]:
        return np.kron(matrix, np.eye(2)).astype(np.complex128)
    return np.kron(np.eye(2), matrix).astype(np.complex128)


def _same_up_to_phase(first: Matrix, second: Matrix) -> bool:
    overlap = np.vdot(second, first)
    if abs(overlap) < 0.5:
        return False
    return bool(np.max(np.abs(first - second * (overlap / abs(overlap)))) < _TOLERANCE)
