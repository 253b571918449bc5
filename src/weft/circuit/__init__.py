"""What to compute: circuits as columns of gates."""

from weft.circuit.circuit import Circuit, CircuitBuilder, Register

__all__ = ["Circuit", "CircuitBuilder", "Register"]
