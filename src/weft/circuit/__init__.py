"""What to compute: circuits as columns of gates."""

from weft.circuit.circuit import Circuit, CircuitBuilder, Register
from weft.circuit.generators import GENERATORS
from weft.circuit.load import load_circuit, loads
from weft.circuit.openqasm_export import to_openqasm
from weft.circuit.qiskit_export import to_qiskit
from weft.circuit.qiskit_import import from_qiskit

__all__ = [
    "GENERATORS",
    "Circuit",
    "CircuitBuilder",
    "Register",
    "from_qiskit",
    "load_circuit",
    "loads",
    "to_openqasm",
    "to_qiskit",
]
