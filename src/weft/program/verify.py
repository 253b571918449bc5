"""Shows that a program computes its circuit; shares no code with the compiler.

`replay` undoes every teleportation of the program. The logical circuit that is left and the original are brought into the same
canonical form, and the forms are compared. A million instructions take a second or two.
"""

from __future__ import annotations

from dataclasses import dataclass

from weft.circuit import Circuit
from weft.errors import VerificationError
from weft.program.canonical_form import form_of_circuit, form_of_program
from weft.program.comparison import compare
from weft.program.couplings import check_couplings
from weft.program.program import Program
from weft.program.replay import replay


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
    """Checks that a program computes a circuit, and that its gates keep to the coupling maps of the network.

    Raises:
        VerificationError: naming the first instruction where the two differ, or that acts on a pair that is not coupled.
    """
    if program.registers != circuit.registers or program.num_clbits != circuit.num_clbits:
        raise VerificationError("the program must have the classical registers of its circuit, but has others")
    check_couplings(program)
    word = replay(program, circuit.num_qubits)
    compare(circuit, form_of_circuit(circuit), form_of_program(program, word, circuit.num_qubits))
    return Verification("replay", passed=True)
