"""The Program: one instruction set between everything that makes programs and everything that runs them."""

from weft.program.builder import ProgramBuilder
from weft.program.instructions import Op, Pauli, Role
from weft.program.program import Program
from weft.program.retries import Retry

__all__ = ["Op", "Pauli", "Program", "ProgramBuilder", "Retry", "Role"]
