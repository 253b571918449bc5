"""The rules of the instruction set, checked once for every program that is built or read."""

from __future__ import annotations

import numpy as np

from weft.circuit.gates import GATES
from weft.errors import InvalidProgramError
from weft.program.couplings import positions
from weft.program.instructions import Op, Pauli, Role
from weft.program.occupancy import Misuse, follow
from weft.program.program import Program
from weft.program.retries import check_retries

_GATE_QUBITS = np.array([gate.qubits for gate in GATES])
_MOST_BITS = 2**31 - 1  # columns hold 32-bit numbers
_MISUSES = {
    Misuse.NOT_AT_THE_ENDS: "it must join communication qubits at the two ends of its link, in order",
    Misuse.NOT_EMPTY: "its communication qubits must be empty, but one holds something",
    Misuse.NOT_ENTANGLED: "a communication qubit must be reset or entangled before it is used",
    Misuse.RESET: "a communication qubit is emptied by measuring it, not by a reset",
}


def validate(program: Program) -> None:
    """Checks that a program can be executed as it stands.

    Rules: operands exist and differ; a gate's operands share a QPU; an `entangle` joins communication qubits at the two ends
    of its link, and both are empty; of all else only a reset acts on an empty communication qubit, which it
    fills with |0⟩; a measured communication qubit is empty, so it is never reset or measured under a condition; every bit exists;
    only corrections and retries read parities; no QPU is asked for more qubits than it has; on a QPU with a coupling map, each data
    qubit is named after a position of its own; blocks that may run again are nested or apart, and use qubits of their own
    (`retries.py`).

    Raises:
        InvalidProgramError: naming the rule, and the first row that breaks it.
    """
    _check_header(program)
    _check_columns(program)
    _check_operands(program)
    _check_bits(program)
    _check_capacities(program)
    positions(program)
    _check_communication_qubits(program)
    check_retries(program)


def _refuse(program: Program, broken: np.ndarray, rule: str) -> None:
    """Raises for the first row in which `broken` is true."""
    rows = np.flatnonzero(broken)
    if len(rows):
        row = int(rows[0])
        raise InvalidProgramError(f"instruction {row} ({Op(program.opcodes[row]).name.lower()}): {rule}")


def _check_header(program: Program) -> None:
    if program.network.classical_links:
        name = program.network.classical_links[0].name
        raise InvalidProgramError(f"a program must run on one island of a network, but link `{name}` is classical")
    if not 0 <= program.num_clbits <= program.num_bits <= _MOST_BITS:
        raise InvalidProgramError(
            f"the circuit's bits must be some of the program's, and those at most {_MOST_BITS}, but they are "
            f"{program.num_clbits} of {program.num_bits}"
        )
    for register in program.registers:
        if not all(0 <= bit < program.num_clbits for bit in register.bits):
            raise InvalidProgramError(
                f"register `{register.name}` must hold bits in 0 … {program.num_clbits - 1}, but holds others"
            )
    count = len(program.network.qpus)
    if np.any((program.qubit_qpus < 0) | (program.qubit_qpus >= count)):
        raise InvalidProgramError(f"every qubit must live on a QPU in 0 … {count - 1}, but one does not")


def _check_columns(program: Program) -> None:
    rows, reads = len(program), len(program.read_bits)
    shapes = {
        "qubit_qpus": (program.num_qubits,),
        "qubit_is_communication": (program.num_qubits,),
        "kinds": (rows,),
        "qubits": (rows, 2),
        "angles": (rows, 3),
        "bits": (rows,),
        "links": (rows,),
        "read_offsets": (rows + 1,),
        "read_roles": (reads,),
    }
    for name, shape in shapes.items():
        found = getattr(program, name).shape
        if found != shape:
            raise InvalidProgramError(f"column `{name}` must have shape {shape}, but has {found}")
    offsets = program.read_offsets
    if offsets[0] != 0 or offsets[-1] != reads or np.any(offsets[1:] < offsets[:-1]):
        raise InvalidProgramError(f"`read_offsets` must rise from 0 to {reads}, but does not")
    if np.any(program.opcodes > Op.RETRY):
        raise InvalidProgramError(f"opcodes must be at most {int(Op.RETRY)}, but one is {program.opcodes.max()}")
    if not np.all(np.isfinite(program.angles)):
        raise InvalidProgramError("angles must be finite, but one is not")


def _check_operands(program: Program) -> None:
    first, second = program.qubits[:, 0], program.qubits[:, 1]
    opcodes, kinds = program.opcodes, program.kinds
    count = program.num_qubits
    inside = (first >= 0) & (first < count) & (second >= -1) & (second < count) & (first != second)
    _refuse(program, ~inside, f"operands must be distinct qubits in 0 … {count - 1}")
    is_gate = opcodes == Op.GATE
    _refuse(program, is_gate & (kinds >= len(GATES)), "there must be a gate of that code")
    expected = np.ones(len(program), dtype=np.int64)
    expected[is_gate] = _GATE_QUBITS[kinds[is_gate]]
    expected[opcodes == Op.ENTANGLE] = 2
    _refuse(program, expected != 1 + (second >= 0), "it must have as many operands as its kind takes")
    owners = program.qubit_qpus
    _refuse(program, is_gate & (second >= 0) & (owners[first] != owners[second]), "a gate must stay on one QPU")
    needs_pauli = (opcodes == Op.MEASURE) | (opcodes == Op.CORRECT)
    _refuse(program, needs_pauli & ((kinds < Pauli.X) | (kinds > Pauli.Z)), "it must name X, Y or Z")
    _refuse(program, (opcodes != Op.ENTANGLE) & (program.links != -1), "only an `entangle` may name a link")


def _check_bits(program: Program) -> None:
    writes = program.bits
    measures = program.opcodes == Op.MEASURE
    broken = np.where(measures, (writes < 0) | (writes >= program.num_bits), writes != -1)
    _refuse(program, broken, f"a measurement, and nothing else, must write a bit in 0 … {program.num_bits - 1}")
    reads = program.read_bits
    if np.any((reads < 0) | (reads >= program.num_bits)):
        raise InvalidProgramError(f"every bit that is read must lie in 0 … {program.num_bits - 1}, but one does not")
    is_parity = program.read_roles == Role.PARITY
    reader = np.repeat(program.opcodes, np.diff(program.read_offsets))
    if np.any(program.read_roles > Role.PARITY) or np.any(is_parity != ((reader == Op.CORRECT) | (reader == Op.RETRY))):
        raise InvalidProgramError("corrections and retries, and nothing else, must read parities, but one differs")
    if np.any(reader == Op.ENTANGLE):
        raise InvalidProgramError("an `entangle` must not be conditioned, but one is")
    of_communication = program.qubit_is_communication[program.qubits[:, 0]]
    conditional = of_communication & program.is_conditional
    _refuse(program, measures & conditional, "it must always empty its communication qubit")
    _refuse(program, (program.opcodes == Op.RESET) & conditional, "it must always fill its communication qubit")


def _check_capacities(program: Program) -> None:
    for position, qpu in enumerate(program.network.qpus):
        here = program.qubit_qpus == position
        communication = int(np.count_nonzero(here & program.qubit_is_communication))
        data = int(np.count_nonzero(here)) - communication
        for found, limit, what in (
            (data, qpu.data_qubits, "data"),
            (communication, qpu.communication_qubits, "communication"),
        ):
            if limit is not None and found > limit:
                raise InvalidProgramError(
                    f"QPU `{qpu.name}` must hold at most {limit} {what} qubits, but holds {found}"
                )


def _check_communication_qubits(program: Program) -> None:
    """Walks the life of every communication qubit; see `occupancy.py`."""
    index = program.network.index
    ends = np.array([(index[link.a], index[link.b]) for link in program.network.links], dtype=np.int64).reshape(-1, 2)
    full = np.zeros(program.num_qubits, dtype=np.bool_)
    misuse, row = follow(
        program.opcodes, program.qubits, program.links, ends, program.qubit_qpus, program.qubit_is_communication, full
    )
    if misuse != Misuse.NONE:
        where = f"instruction {row} ({Op(program.opcodes[row]).name.lower()})"
        raise InvalidProgramError(f"{where}: {_MISUSES[Misuse(misuse)]}")
    left = [program.qubit_names[qubit] for qubit in np.flatnonzero(full)[:5].tolist()]
    if left:
        raise InvalidProgramError(f"every communication qubit must end empty, but {', '.join(left)} do not")
