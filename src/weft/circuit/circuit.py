"""A circuit: what to compute, as columns of instructions.

The columns are NumPy arrays, so that a million gates are a few arrays. A circuit never changes; a `CircuitBuilder`
makes one. Every gate acts on one or two qubits. Any instruction may carry a condition: all of some classical bits must
have the given values, otherwise nothing happens. The operator of a circuit is defined up to a global phase.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit.columns import frozen_column
from weft.circuit.gates import GATES, MEASURE, RESET, code_of
from weft.errors import InvalidCircuitError, InvalidValueError

Condition = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Register:
    """A named group of qubits or of classical bits; the first index is bit 0.

    Attributes:
        name: as in the source.
        bits: indices into the circuit's qubits or classical bits.
    """

    name: str
    bits: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Circuit:
    """A circuit in columns, one row per instruction.

    Attributes:
        name: for people; not part of its identity.
        num_qubits: qubits are 0 … num_qubits − 1 and start in |0⟩.
        num_clbits: classical bits are 0 … num_clbits − 1 and start at 0.
        qubit_registers: names for the qubits.
        registers: the classical registers, in the order of declaration; they decide how counts are printed.
        opcodes (uint8 array, shape (n,)): a gate's code, `MEASURE` or `RESET`.
        qubits (int32 array, shape (n, 2)): operands; −1 where there is none.
        angles (float64 array, shape (n, 3)): in radians; 0 where there is none.
        clbits (int32 array, shape (n,)): the bit that a measurement writes; −1 otherwise.
        condition_offsets (int64 array, shape (n + 1,)): row i's condition is entries offsets[i] to offsets[i + 1].
        condition_bits (int32 array): the bits that conditions read.
        condition_values (uint8 array): the values that those bits must have.
    """

    name: str
    num_qubits: int
    num_clbits: int
    qubit_registers: tuple[Register, ...]
    registers: tuple[Register, ...]
    opcodes: NDArray[np.uint8]
    qubits: NDArray[np.int32]
    angles: NDArray[np.float64]
    clbits: NDArray[np.int32]
    condition_offsets: NDArray[np.int64]
    condition_bits: NDArray[np.int32]
    condition_values: NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"<Circuit {self.name}: {self.num_qubits} qubits, {self.num_clbits} bits, {len(self)} instructions>"

    def __len__(self) -> int:
        return len(self.opcodes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Circuit) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def id(self) -> str:
        """SHA-256 of everything that determines what the circuit computes and how its counts are printed."""
        registers = [[register.name, list(register.bits)] for register in self.registers]
        header = json.dumps(["weft circuit 1", self.num_qubits, self.num_clbits, registers], separators=(",", ":"))
        digest = hashlib.sha256(header.encode())
        conditions = (self.condition_offsets, self.condition_bits, self.condition_values)
        for column in (self.opcodes, self.qubits, self.angles, self.clbits, *conditions):
            digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def two_qubit_gates(self) -> int:
        """How many two-qubit gates there are."""
        return int(np.count_nonzero(self.qubits[:, 1] >= 0))

    @property
    def has_measurements(self) -> bool:
        """Whether anything is measured."""
        return bool(np.any(self.opcodes == MEASURE))

    @property
    def printed_registers(self) -> tuple[Register, ...]:
        """How outcomes are printed: the registers; if there are none, all bits as one. Other bits are in no outcome."""
        return self.registers or (Register("bits", tuple(range(self.num_clbits))),)

    @property
    def printed_bits(self) -> NDArray[np.bool_]:
        """Whether each bit is printed, shape (num_clbits,)."""
        printed = np.zeros(self.num_clbits, dtype=np.bool_)
        for register in self.printed_registers:
            printed[list(register.bits)] = True
        return printed

    @property
    def measures_last(self) -> NDArray[np.bool_]:
        """Which rows measure a qubit, unconditionally and after all else on it, shape (n,)."""
        last = np.full(self.num_qubits, -1)
        for operand in (0, 1):
            used = np.flatnonzero(self.qubits[:, operand] >= 0)
            np.maximum.at(last, self.qubits[used, operand], used)
        always = np.diff(self.condition_offsets) == 0
        return np.asarray((self.opcodes == MEASURE) & always & (last[self.qubits[:, 0]] == np.arange(len(self))))

    def condition(self, row: int) -> tuple[tuple[int, int], ...]:
        """The (bit, value) pairs that must all hold for the instruction in `row` to happen; empty if it always does."""
        low, high = self.condition_offsets[row], self.condition_offsets[row + 1]
        bits, values = self.condition_bits[low:high].tolist(), self.condition_values[low:high].tolist()
        return tuple(zip(bits, values, strict=True))

    def renamed(self, name: str) -> Circuit:
        """The same circuit under another name."""
        return replace(self, name=name)

    def measured(self) -> Circuit:
        """This circuit if it measures anything; else with every qubit measured at the end, into register `meas`."""
        if self.has_measurements:
            return self
        builder = CircuitBuilder(self.num_qubits, name=self.name, qubit_registers=self.qubit_registers)
        builder.add_bits(self.num_clbits)
        for register in self.registers:
            builder.name_bits(register.name, register.bits)
        builder.extend(self)
        taken = {register.name for register in self.registers}
        name = next(name for name in ("meas", *(f"meas{i}" for i in range(len(taken) + 1))) if name not in taken)
        for qubit, bit in enumerate(builder.add_register(name, self.num_qubits).bits):
            builder.measure(qubit, bit)
        return builder.build()


class CircuitBuilder:
    """Collects instructions and makes a `Circuit` of them.

    Args:
        num_qubits: how many qubits the circuit has, unless more are added.
        name: for people.
        qubit_registers: names for the qubits; one register `q` by default.
    """

    def __init__(
        self, num_qubits: int, *, name: str = "circuit", qubit_registers: tuple[Register, ...] | None = None
    ) -> None:
        self.name = name
        self.num_qubits = num_qubits
        self.num_clbits = 0
        self._qubit_registers = list(qubit_registers or ())
        self._registers: list[Register] = []
        self._opcodes = array("B")
        self._qubits = array("i")
        self._angles = array("d")
        self._clbits = array("i")
        self._offsets = array("q", [0])
        self._condition_bits = array("i")
        self._condition_values = array("B")

    def __len__(self) -> int:
        return len(self._opcodes)

    def add_qubits(self, name: str, size: int) -> Register:
        """Adds a register of `size` new qubits and returns it."""
        register = Register(name, tuple(range(self.num_qubits, self.num_qubits + size)))
        self.num_qubits += size
        self._qubit_registers.append(register)
        return register

    def add_bits(self, size: int) -> tuple[int, ...]:
        """Adds classical bits outside any register and returns their indices."""
        bits = tuple(range(self.num_clbits, self.num_clbits + size))
        self.num_clbits += size
        return bits

    def add_register(self, name: str, size: int) -> Register:
        """Adds a classical register of `size` new bits and returns it."""
        return self.name_bits(name, self.add_bits(size))

    def name_bits(self, name: str, bits: tuple[int, ...]) -> Register:
        """Adds a classical register over bits that exist; registers may share bits, as Qiskit's may."""
        register = Register(name, bits)
        self._registers.append(register)
        return register

    def gate(self, name: str, *qubits: int, angles: Sequence[float] = (), condition: Condition = ()) -> None:
        """Appends a gate.

        Raises:
            InvalidValueError: for an unknown gate, or a wrong number of qubits or angles, or a repeated qubit.
        """
        code = code_of(name)
        gate = GATES[code]
        if len(qubits) != gate.qubits or len(angles) != gate.angles:
            raise InvalidValueError(
                f"`{name}` takes {gate.qubits} qubits and {gate.angles} angles, but got {len(qubits)} and {len(angles)}"
            )
        self.append(code, qubits, angles, -1, condition)

    def measure(self, qubit: int, clbit: int, *, condition: Condition = ()) -> None:
        """Appends a measurement of `qubit` in Z into `clbit`."""
        if not 0 <= clbit < self.num_clbits:
            raise InvalidValueError(f"a classical bit must lie in 0 … {self.num_clbits - 1}, but is {clbit}")
        self.append(MEASURE, (qubit,), (), clbit, condition)

    def reset(self, qubit: int, *, condition: Condition = ()) -> None:
        """Appends a reset of `qubit` to |0⟩."""
        self.append(RESET, (qubit,), (), -1, condition)

    def extend(self, circuit: Circuit) -> None:
        """Appends every instruction of a circuit over the same qubits, its classical bits being the first of ours."""
        self._opcodes.frombytes(circuit.opcodes.tobytes())
        self._qubits.frombytes(circuit.qubits.tobytes())
        self._angles.frombytes(circuit.angles.tobytes())
        self._clbits.frombytes(circuit.clbits.tobytes())
        self._offsets.frombytes((circuit.condition_offsets[1:] + self._offsets[-1]).tobytes())
        self._condition_bits.frombytes(circuit.condition_bits.tobytes())
        self._condition_values.frombytes(circuit.condition_values.tobytes())

    def append(
        self, code: int, qubits: Sequence[int], angles: Iterable[float], clbit: int, condition: Condition
    ) -> None:
        """Appends any instruction as the columns hold it; `gate`, `measure` and `reset` are for people.

        Raises:
            InvalidValueError: for qubits or bits that do not exist, or a repeated qubit.
        """
        first, second = (*qubits, -1)[:2]
        if not (0 <= first < self.num_qubits and -1 <= second < self.num_qubits) or first == second:
            raise InvalidValueError(
                f"operands must be distinct qubits in 0 … {self.num_qubits - 1}, but are {tuple(qubits)}"
            )
        for bit, value in condition:
            if not 0 <= bit < self.num_clbits:
                raise InvalidValueError(f"a condition must read bits in 0 … {self.num_clbits - 1}, but reads {bit}")
            if value not in {0, 1}:
                raise InvalidValueError(f"a condition must ask for 0 or 1, but asks bit {bit} for {value}")
        self._opcodes.append(code)
        self._qubits.extend((first, second))
        self._angles.extend((*angles, 0.0, 0.0, 0.0)[:3])
        self._clbits.append(clbit)
        for bit, value in condition:
            self._condition_bits.append(bit)
            self._condition_values.append(value)
        self._offsets.append(len(self._condition_bits))

    def build(self) -> Circuit:
        """The circuit so far.

        Raises:
            InvalidCircuitError: if there is no qubit, or an angle is not finite.
        """
        if self.num_qubits < 1:
            raise InvalidCircuitError(f"a circuit must have at least 1 qubit, but has {self.num_qubits}")
        angles = frozen_column(self._angles, np.float64).reshape(-1, 3)
        if not np.all(np.isfinite(angles)):
            row = int(np.flatnonzero(~np.isfinite(angles).all(axis=1))[0])
            raise InvalidCircuitError(f"every angle must be a finite number, but instruction {row} has {angles[row]}")
        return Circuit(
            name=self.name,
            num_qubits=self.num_qubits,
            num_clbits=self.num_clbits,
            qubit_registers=tuple(self._qubit_registers) or (Register("q", tuple(range(self.num_qubits))),),
            registers=tuple(self._registers),
            opcodes=frozen_column(self._opcodes, np.uint8),
            qubits=frozen_column(self._qubits, np.int32).reshape(-1, 2),
            angles=angles,
            clbits=frozen_column(self._clbits, np.int32),
            condition_offsets=frozen_column(self._offsets, np.int64),
            condition_bits=frozen_column(self._condition_bits, np.int32),
            condition_values=frozen_column(self._condition_values, np.uint8),
        )
