"""Collects instructions and makes a `Program` of them; the only way to make one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from weft.circuit import Register
from weft.circuit.columns import frozen_column
from weft.circuit.gates import GATES, code_of
from weft.errors import InvalidValueError
from weft.network import Network
from weft.program.instructions import Op, Pauli, Role
from weft.program.program import Program

Condition = Sequence[tuple[int, int]]


class ProgramBuilder:
    """Collects instructions.

    Args:
        network: what the program runs on.
        circuit_name: of what it computes.
        registers: the circuit's classical registers.
        num_clbits: the circuit's classical bits; further bits come from `new_bit`.
    """

    def __init__(
        self,
        network: Network,
        *,
        circuit_name: str = "program",
        registers: tuple[Register, ...] = (),
        num_clbits: int = 0,
    ) -> None:
        self.network = network
        self.circuit_name = circuit_name
        self.registers = registers
        self.num_clbits = num_clbits
        self._num_bits = num_clbits
        self._names: list[str] = []
        self._owners = array("i")
        self._communication = array("B")
        self._opcodes = array("B")
        self._kinds = array("B")
        self._qubits = array("i")
        self._angles = array("d")
        self._bits = array("i")
        self._links = array("i")
        self._offsets = array("q", [0])
        self._read_bits = array("i")
        self._read_roles = array("B")

    def __len__(self) -> int:
        return len(self._opcodes)

    def add_qubit(self, name: str, qpu: int, *, communication: bool = False) -> int:
        """Adds a qubit to the QPU at position `qpu` and returns its index."""
        self._names.append(name)
        self._owners.append(qpu)
        self._communication.append(communication)
        return len(self._names) - 1

    def new_bit(self) -> int:
        """Adds a classical bit that is not the circuit's and returns its index."""
        self._num_bits += 1
        return self._num_bits - 1

    def gate(self, name: str, *qubits: int, angles: Sequence[float] = (), condition: Condition = ()) -> None:
        """Appends a local gate by name.

        Raises:
            InvalidValueError: for an unknown gate, or a wrong number of qubits or angles.
        """
        code = code_of(name)
        gate = GATES[code]
        if len(qubits) != gate.qubits or len(angles) != gate.angles:
            raise InvalidValueError(
                f"`{name}` takes {gate.qubits} qubits and {gate.angles} angles, but got {len(qubits)} and {len(angles)}"
            )
        self.gate_code(code, qubits, angles, condition)

    def gate_code(self, code: int, qubits: Sequence[int], angles: Sequence[float], condition: Condition = ()) -> None:
        """Appends a local gate by opcode, unchecked until `build`; `gate` is for people."""
        self._append(Op.GATE, code, qubits, angles=angles, reads=condition)

    def reset(self, qubit: int, *, condition: Condition = ()) -> None:
        """Appends a reset to |0⟩."""
        self._append(Op.RESET, 0, (qubit,), reads=condition)

    def entangle(self, link: int, first: int, second: int) -> None:
        """Appends taking a Bell pair from the link at position `link` into two communication qubits, one at each end.

        The two may come in any order; the row holds the one at the link's `a` first, as the link's pair does.

        Raises:
            InvalidValueError: if there is no such link.
        """
        if not 0 <= link < len(self.network.links):
            raise InvalidValueError(f"a link must lie in 0 … {len(self.network.links) - 1}, but is {link}")
        if self._owners[first] != self.network.index[self.network.links[link].a]:
            first, second = second, first
        self._append(Op.ENTANGLE, 0, (first, second), link=link)

    def measure(self, qubit: int, bit: int, *, basis: Pauli = Pauli.Z, condition: Condition = ()) -> None:
        """Appends a measurement of `qubit` into `bit`."""
        self._append(Op.MEASURE, basis, (qubit,), bit=bit, reads=condition)

    def correct(self, pauli: Pauli, qubit: int, parity: Iterable[int]) -> None:
        """Appends a Pauli on `qubit`, applied if the parity of the bits is 1."""
        self._append(Op.CORRECT, pauli, (qubit,), reads=[(bit, Role.PARITY) for bit in parity])

    def retry(
        self,
        qubit: int,
        start: int,
        parity: Iterable[int] = (),
        *,
        wanted: int = 0,
        odds: float = 1.0,
        most_runs: int = 0,
    ) -> None:
        """Closes a block of instructions, which runs again unless it succeeded.

        Args:
            qubit: on the QPU that decides, where the bits are needed and from where the others hear of it.
            start: the block's first row: what `len(builder)` was before it.
            parity: bits whose parity must be right.
            wanted: what it must be.
            odds: the probability that the block is heralded a success, whatever the bits are, such as that of a swap.
            most_runs: how often the block runs at most, before the program goes on regardless; 0 for without limit.
        """
        reads = [(bit, Role.PARITY) for bit in parity]
        angles = (odds, float(len(self) - start), float(most_runs))
        self._append(Op.RETRY, wanted, (qubit,), angles=angles, reads=reads)

    def _append(
        self,
        opcode: Op,
        kind: int,
        qubits: Sequence[int],
        *,
        angles: Sequence[float] = (),
        bit: int = -1,
        link: int = -1,
        reads: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._opcodes.append(opcode)
        self._kinds.append(kind)
        self._qubits.extend((*qubits, -1)[:2])
        self._angles.extend((*angles, 0.0, 0.0, 0.0)[:3])
        self._bits.append(bit)
        self._links.append(link)
        for read_bit, role in reads:
            self._read_bits.append(read_bit)
            self._read_roles.append(role)
        self._offsets.append(len(self._read_bits))

    def build(self) -> Program:
        """The program so far, checked against the rules of the instruction set.

        Raises:
            InvalidProgramError: if a rule is broken.
        """
        from weft.program.validate import validate

        program = Program(
            circuit_name=self.circuit_name,
            network=self.network,
            registers=self.registers,
            num_clbits=self.num_clbits,
            num_bits=self._num_bits,
            qubit_names=tuple(self._names),
            qubit_qpus=frozen_column(self._owners, np.int32),
            qubit_is_communication=frozen_column(self._communication, np.bool_),
            opcodes=frozen_column(self._opcodes, np.uint8),
            kinds=frozen_column(self._kinds, np.uint8),
            qubits=frozen_column(self._qubits, np.int32).reshape(-1, 2),
            angles=frozen_column(self._angles, np.float64).reshape(-1, 3),
            bits=frozen_column(self._bits, np.int32),
            links=frozen_column(self._links, np.int32),
            read_offsets=frozen_column(self._offsets, np.int64),
            read_bits=frozen_column(self._read_bits, np.int32),
            read_roles=frozen_column(self._read_roles, np.uint8),
        )
        validate(program)
        return program
