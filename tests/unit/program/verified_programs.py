"""Two verified programs to make mutants of, and what is said of a mutant.

What a mutant computes is found out by `interpreters.agrees`: random runs of the program against runs of the circuit.
"""

import numpy as np

from unit.compiler.presences import Unchanged
from unit.program.interpreters import agrees
from unit.program.mutants import Row, rebuilt
from unit.program.random_cases import network_of
from weft.circuit import Circuit, CircuitBuilder
from weft.compiler import Compilation, compile_circuit
from weft.compiler.partition import InOrder
from weft.errors import InvalidProgramError, VerificationError
from weft.program import Program
from weft.program.verify import verify

TRIALS = 24


def is_right(program: Program, circuit: Circuit) -> bool:
    return all(agrees(program, circuit, trial) for trial in range(TRIALS))


def refused(compilation: Compilation, rows: list[Row]) -> bool:
    try:
        verify(rebuilt(compilation.program, rows), compilation.circuit)
    except (InvalidProgramError, VerificationError):
        return True
    return False


def hop_and_relay() -> Compilation:
    """Random states on a line of three QPUs; gates over one link, and in the end one over two."""
    builder = CircuitBuilder(3)
    rng = np.random.default_rng(5)
    for qubit in range(3):
        builder.gate("u", qubit, angles=rng.uniform(-3, 3, 3).tolist())
    builder.gate("crx", 0, 2, angles=[0.7])
    builder.gate("cx", 1, 2)
    builder.gate("rzx", 2, 1, angles=[-0.4])
    builder.gate("ch", 2, 0)
    builder.gate("ry", 1, angles=[0.3])
    builder.gate("cx", 0, 1)
    for qubit in range(3):
        builder.gate("ry", qubit, angles=[0.9])
    return compile_circuit(builder.build(), network_of("line", [1, 1, 1]), partitioner=InOrder(), refiner=Unchanged())


def conditional() -> Compilation:
    """Measurements in the middle, and remote gates on condition of them."""
    builder = CircuitBuilder(2)
    builder.add_register("c", 2)
    builder.gate("ry", 0, angles=[1.1])
    builder.gate("ry", 1, angles=[0.6])
    builder.measure(0, 0)
    builder.gate("x", 1, condition=[(0, 0)])
    builder.gate("cry", 0, 1, angles=[0.8], condition=[(0, 1)])
    builder.measure(1, 1, condition=[(0, 1)])
    builder.gate("h", 0, condition=[(0, 1), (1, 0)])
    builder.measure(0, 0)
    return compile_circuit(builder.build(), network_of("line", [1, 1]))
