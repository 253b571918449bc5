"""Writes instructions under the conditions of the branches that enclose them.

A branch decides once, when it is entered; a condition of an instruction is read when the instruction happens. The two
agree unless the branch itself measures into a bit that it depends on. That is refused, except where nothing after the
measurement depends on the bit any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from weft.circuit.blocks import INSTRUCTION_LIMIT, Block, too_many
from weft.circuit.circuit import CircuitBuilder
from weft.circuit.conditions import ALWAYS, Guard, both
from weft.circuit.gates import MEASURE, RESET
from weft.errors import InvalidCircuitError


class Branch:
    """One if-else or switch: the bits that it reads, and which of them its own body has overwritten."""

    def __init__(self, bits: set[int]) -> None:
        self.bits = bits
        self.overwritten: int | None = None


class GuardedBuilder:
    """A `CircuitBuilder` with a stack of branches.

    Args:
        builder: collects the instructions.
    """

    def __init__(self, builder: CircuitBuilder) -> None:
        self.builder = builder
        self._guard = ALWAYS
        self._branches: list[Branch] = []

    @contextmanager
    def case(self, branch: Branch, guard: Guard) -> Iterator[None]:
        """Instructions written inside happen only if the guard holds; all cases of one branch share the branch."""
        outer = self._guard
        self._guard = both(outer, guard)
        self._branches.append(branch)
        try:
            yield
        finally:
            self._branches.pop()
            self._guard = outer

    def gate(self, code: int, qubits: Sequence[int], angles: Sequence[float] = ()) -> None:
        """Appends a gate by its opcode."""
        self._append(code, qubits, angles, -1)

    def block(self, block: Block, qubits: Sequence[int]) -> None:
        """Appends all gates of a block."""
        if len(self.builder) + block.count * len(self._guard) > INSTRUCTION_LIMIT:
            raise InvalidCircuitError(too_many(len(self.builder) + block.count * len(self._guard)))
        for code, operands, angles in block.ops(qubits):
            self._append(code, operands, angles, -1)

    def reset(self, qubit: int) -> None:
        """Appends a reset."""
        self._append(RESET, (qubit,), (), -1)

    def measure(self, qubit: int, clbit: int) -> None:
        """Appends a measurement."""
        self._append(MEASURE, (qubit,), (), clbit)

    def _append(self, code: int, qubits: Sequence[int], angles: Sequence[float], clbit: int) -> None:
        if len(self.builder) >= INSTRUCTION_LIMIT:
            raise InvalidCircuitError(too_many(len(self.builder) + 1))
        if not self._branches:
            self.builder.append(code, qubits, angles, clbit, ())
            return
        if self._guard:
            self._refuse_overwritten()
        for number, conjunction in enumerate(self._guard):
            self.builder.append(code, qubits, angles, clbit, conjunction)
            if clbit >= 0:
                self._overwrite(clbit)
                if number + 1 < len(self._guard):
                    self._refuse_overwritten()

    def _overwrite(self, clbit: int) -> None:
        for branch in self._branches:
            if clbit in branch.bits:
                branch.overwritten = clbit

    def _refuse_overwritten(self) -> None:
        for branch in self._branches:
            if branch.overwritten is not None:
                raise InvalidCircuitError(
                    "a branch must not measure into a bit of its own condition unless nothing after that depends on "
                    f"the old value, but one measures into classical bit {branch.overwritten}"
                )
