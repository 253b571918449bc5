"""A distributed program in columns, one row per instruction.

A Program never changes. It knows its network, so that whatever runs it needs nothing else. Its canonical serial form is a
JSON header and the raw columns; its `id` is the SHA-256 of that form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Register
from weft.network import Network
from weft.program.instructions import Op, Role

if TYPE_CHECKING:
    from weft.program.retries import Retry


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """Instructions over named qubits that live on QPUs.

    Rows are in an order in which they may be executed. The classical bits 0 … num_clbits − 1 are the circuit's own; the rest
    belong to teleportation. Bits start at 0 and may be written again.

    Attributes:
        circuit_name: of the circuit that this program computes.
        network: what it runs on.
        registers: the circuit's classical registers, which decide how counts are printed.
        num_clbits: the circuit's classical bits.
        num_bits: all classical bits.
        qubit_names: such as `A.d0` for a data qubit and `A.c0` for a communication qubit. On a QPU with a coupling map, the number
            of a data qubit is its position in that map (`weft.program.couplings`). Names say where qubits stand; the order of the
            qubits says what they hold at the start: the first data qubits hold the logical qubits, the others |0⟩.
        qubit_qpus (int32 array, shape (qubits,)): position of the QPU that owns each qubit.
        qubit_is_communication (bool array, shape (qubits,)).
        opcodes (uint8 array, shape (n,)): an `Op`.
        kinds (uint8 array, shape (n,)): the gate's code, the basis of a measurement, the Pauli of a correction, or the parity that
            a `retry` wants.
        qubits (int32 array, shape (n, 2)): operands; −1 where there is none.
        angles (float64 array, shape (n, 3)): of a gate, in radians; of a `retry`, see `retries.py`.
        bits (int32 array, shape (n,)): the bit that a measurement writes; −1 otherwise.
        links (int32 array, shape (n,)): the link that an `entangle` takes its pair from; −1 otherwise.
        read_offsets (int64 array, shape (n + 1,)): row i reads entries offsets[i] to offsets[i + 1] of the next two.
        read_bits (int32 array): the bits that instructions read.
        read_roles (uint8 array): a `Role` each.
    """

    circuit_name: str
    network: Network
    registers: tuple[Register, ...]
    num_clbits: int
    num_bits: int
    qubit_names: tuple[str, ...]
    qubit_qpus: NDArray[np.int32]
    qubit_is_communication: NDArray[np.bool_]
    opcodes: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    qubits: NDArray[np.int32]
    angles: NDArray[np.float64]
    bits: NDArray[np.int32]
    links: NDArray[np.int32]
    read_offsets: NDArray[np.int64]
    read_bits: NDArray[np.int32]
    read_roles: NDArray[np.uint8]

    def __repr__(self) -> str:
        where = f"{self.circuit_name} on {self.network.name}"
        return f"<Program {where}: {len(self)} instructions, {self.ebits} ebits, id {self.id[:8]}>"

    def __len__(self) -> int:
        return len(self.opcodes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical serial form."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The canonical serial form; `Program.from_bytes` reads it."""
        from weft.program.serial import to_bytes

        return to_bytes(self)

    @staticmethod
    def from_bytes(data: bytes) -> Program:
        """Reads the canonical serial form.

        Raises:
            InvalidProgramError: if the bytes are not a program, or break a rule of the instruction set.
        """
        from weft.program.serial import from_bytes

        return from_bytes(data)

    @property
    def num_qubits(self) -> int:
        """Data and communication qubits together."""
        return len(self.qubit_names)

    @property
    def qpus(self) -> NDArray[np.int32]:
        """The QPU that each instruction runs on, shape (n,); for `entangle` that of its first qubit."""
        return self.qubit_qpus[self.qubits[:, 0]]

    @property
    def ebits(self) -> int:
        """How many Bell pairs the program takes."""
        return int(np.count_nonzero(self.opcodes == Op.ENTANGLE))

    @cached_property
    def ebits_by_link(self) -> dict[str, int]:
        """How many Bell pairs each link gives, by name; links that give none are left out."""
        counts = np.bincount(self.links[self.links >= 0], minlength=len(self.network.links))
        return {link.name: int(count) for link, count in zip(self.network.links, counts, strict=True) if count}

    @cached_property
    def peak_communication_qubits(self) -> dict[str, int]:
        """The most communication qubits that hold something at once, by QPU, in program order."""
        from weft.program.occupancy import peaks

        count = len(self.network.qpus)
        found = peaks(self.opcodes, self.qubits, self.qubit_qpus, self.qubit_is_communication, count).tolist()
        return {qpu.name: peak for qpu, peak in zip(self.network.qpus, found, strict=True)}

    def reads(self, row: int) -> list[tuple[int, int]]:
        """The (bit, role) pairs that the instruction in `row` reads."""
        low, high = self.read_offsets[row], self.read_offsets[row + 1]
        return list(zip(self.read_bits[low:high].tolist(), self.read_roles[low:high].tolist(), strict=True))

    @cached_property
    def retries(self) -> tuple[Retry, ...]:
        """The blocks that may run again, in the order of the rows that close them."""
        from weft.program.retries import retries_of

        return retries_of(self)

    @cached_property
    def is_conditional(self) -> NDArray[np.bool_]:
        """Whether each instruction carries a condition, shape (n,); a parity is none."""
        is_condition = np.concatenate(([0], np.cumsum(self.read_roles != Role.PARITY)))
        return is_condition[self.read_offsets[1:]] > is_condition[self.read_offsets[:-1]]
